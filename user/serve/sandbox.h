/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a process gives up. The web process: every right, and every system call that a server of documents in memory
 * does not make. The tracing process: the capabilities it does not need any more.
 */
#ifndef DRVMEM_SERVE_SANDBOX_H
#define DRVMEM_SERVE_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Of the calling process, for good: becomes nobody where it was root, no capabilities, none to
 * be had by exec, no core dumps, not to be traced. -errno with err (exit 5).
 */
DRVMEM_MUST_CHECK int drvmem_sandbox__no_rights(struct drvmem_err *err);
/* The filter of system calls: what is not on the list fails with EPERM; exec, ptrace and the like end the process. */
DRVMEM_MUST_CHECK int drvmem_sandbox__filter(struct drvmem_err *err);

/* Capabilities as bits, CAP_BPF = 1ull << 39. */
uint64_t drvmem_sandbox__capabilities(void);	/* permitted */
/* Keeps only those of mask that are permitted; the others are gone for good. -errno. */
DRVMEM_MUST_CHECK int drvmem_sandbox__keep(uint64_t mask);
/* "CAP_BPF, CAP_SYSLOG", "none"; returns buf. */
const char *drvmem_sandbox__names(uint64_t mask, char *buf, uint32_t size);

#endif /* DRVMEM_SERVE_SANDBOX_H */
