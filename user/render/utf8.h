/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads text of unknown origin as UTF-8: names of modules and caches are bytes
 * that the kernel never checked. Pure, no locale.
 */
#ifndef DRVMEM_RENDER_UTF8_H
#define DRVMEM_RENDER_UTF8_H

#include <stddef.h>
#include <stdint.h>

#define DRVMEM_UTF8_INVALID 0xffffffffu

/*
 * First code point of s[0..len), len > 0. Returns the bytes it takes; a byte that
 * begins no valid, shortest-form sequence counts as one and gives _INVALID.
 */
size_t drvmem_utf8__next(const char *s, size_t len, uint32_t *ret_cp);

#endif /* DRVMEM_RENDER_UTF8_H */
