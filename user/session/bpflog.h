/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What libbpf says while the programs are loaded: kept, so that a failure can be explained. */
#ifndef DRVMEM_SESSION_BPFLOG_H
#define DRVMEM_SESSION_BPFLOG_H

#include <stdbool.h>
#include <stddef.h>

/* Forgets what was said so far. verbose: to stderr as well. */
void drvmem_bpflog__start(bool verbose);
/* The last line that tells why: the verifier's, or libbpf's own; "" when there is none. */
const char *drvmem_bpflog__tail(char *buf, size_t size);

#endif /* DRVMEM_SESSION_BPFLOG_H */
