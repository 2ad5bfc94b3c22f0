/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers for people: short, of bounded width, the same in every locale. JSON and
 * metrics print raw numbers and do not come here. Every function returns buf,
 * always NUL-terminated; DRVMEM_UNIT_LEN bytes are enough for any value.
 */
#ifndef DRVMEM_BASE_UNITS_H
#define DRVMEM_BASE_UNITS_H

#include <stddef.h>
#include <stdint.h>

#define DRVMEM_UNIT_LEN 24

/* Bytes in powers of 1024, at most 7 columns: 812 5.1Ki 212.4Mi 1.92Gi 1023Gi. */
const char *drvmem_fmt_bytes(uint64_t bytes, char *buf, size_t size);
/* The same with a sign, for differences, at most 8 columns: +3.1Mi -812 0. */
const char *drvmem_fmt_bytes_delta(int64_t bytes, char *buf, size_t size);
/* Counts in powers of 1000, at most 5 columns: 812 9999 12.3k 182k 1.2M 18.4E. */
const char *drvmem_fmt_count(uint64_t n, char *buf, size_t size);
/* The same with a sign: +12.3k -812 0. */
const char *drvmem_fmt_count_delta(int64_t n, char *buf, size_t size);
/* Nanoseconds as a duration, at most 5 columns: 812ns 2.1us 38ms 2.1s 38m 2.1h 3.4d 800d. */
const char *drvmem_fmt_duration(uint64_t ns, char *buf, size_t size);
/* The exact value in the form drvmem_parse_size() / _duration() read back: 64K 1536 500ms. */
const char *drvmem_fmt_size_exact(uint64_t bytes, char *buf, size_t size);
const char *drvmem_fmt_duration_exact(uint64_t ns, char *buf, size_t size);

#endif /* DRVMEM_BASE_UNITS_H */
