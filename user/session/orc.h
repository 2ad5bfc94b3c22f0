/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the kernel's ORC tables are and how to read them, for the stack walk in BPF
 * (bpf/walk.bpf.h). Pure: kernel memory is read through a callback.
 */
#ifndef DRVMEM_SESSION_ORC_H
#define DRVMEM_SESSION_ORC_H

#include <stdint.h>

#include "base/err.h"
#include "drvmem/abi.h"
#include "session/session.h"

/* The 8 bytes at a kernel address; -errno. */
typedef int (*drvmem_orc_read_fn)(void *arg, uint64_t addr, uint64_t *ret);

/*
 * Fills ret, checking what is found: the tables must lie in order and their registers be
 * numbered in one of the two ways known (arch/x86/include/asm/orc_types.h, changed in 7.1).
 * 0; -ENOENT: this kernel has no such tables, or hides them; -ENOTSUP: they have a form that
 * is not known; -errno of read. *ret_why: one sentence, when not 0.
 */
DRVMEM_MUST_CHECK int drvmem_orc__make(const struct drvmem_ksyms *k, enum drvmem_orc_form form,
				       drvmem_orc_read_fn read, void *arg, struct drvmem_orc *ret,
				       const char **ret_why);

/*
 * -ENOTSUP with err (exit 3): whoever wants our walk compared where there is none, for the reason why,
 * must not take silence for a comparison.
 */
int drvmem_orc__cannot_verify(const char *why, struct drvmem_err *err);

#endif /* DRVMEM_SESSION_ORC_H */
