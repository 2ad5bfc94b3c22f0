/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads any of the kernel's memory by a BPF program (bpf/scan.bpf.c), for kernels without
 * /proc/kcore. One reader for each thread that reads; what it reads is in a buffer of the kernel,
 * which it shares, so that nothing is copied twice. Needs bpf_loop (5.17).
 */
#ifndef DRVMEM_SESSION_KREAD_H
#define DRVMEM_SESSION_KREAD_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "drvmem/scan.h"

struct drvmem_kread;

/* -errno of the load: -EPERM without rights, -ENOTSUP where this kernel refuses it. */
DRVMEM_MUST_CHECK int drvmem_kread__new(struct drvmem_kread **ret);
void drvmem_kread__free(struct drvmem_kread *r);
/*
 * nr pages of 4 KiB from a kernel address on, at most DRVMEM_SCAN_PAGES. *ret_data is the reader's,
 * until it reads again; pages that cannot be read are zeros. The number of these, or -errno.
 */
DRVMEM_MUST_CHECK int drvmem_kread__pages(struct drvmem_kread *r, uint64_t addr, uint32_t nr,
					  const void **ret_data);
/* The calling thread's task_struct; after a read. */
uint64_t drvmem_kread__task(const struct drvmem_kread *r);
/* The buffer that *ret_data lies in, to leave it out of a scan: bytes. */
const void *drvmem_kread__buffer(const struct drvmem_kread *r, size_t *ret_len);

#endif /* DRVMEM_SESSION_KREAD_H */
