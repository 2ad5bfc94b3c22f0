/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What user space and the program that reads the kernel's memory for the reachability scan share
 * (bpf/scan.bpf.c). It is run by BPF_PROG_TEST_RUN; nothing is attached.
 */
#ifndef DRVMEM_SCAN_H
#define DRVMEM_SCAN_H

#ifdef __bpf__
#include "vmlinux.h"
#else
#include <linux/types.h>
#endif

#define DRVMEM_SCAN_PAGES	256u	/* of 4 KiB, in one run */
#define DRVMEM_SCAN_SHIFT	12u

struct drvmem_scan_run {
	__u64 addr;		/* in: where the first page begins */
	__u32 nr_pages;		/* in: at most DRVMEM_SCAN_PAGES */
	__u32 nr_failed;	/* out: pages that could not be read, zeros in the buffer */
	__u64 failed[DRVMEM_SCAN_PAGES / 64];	/* out: bit for each of them */
	__u64 task;		/* out: the address of the caller's task_struct */
};

#endif /* DRVMEM_SCAN_H */
