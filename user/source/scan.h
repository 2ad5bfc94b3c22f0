/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reachability scan: reads all of the kernel's memory once, page by page, and tells which words
 * hold which of the objects asked about, and what these words are (model/reach.h). What follows
 * from that is analysis/reach.h's. Words that allocators and lists of free memory keep hold nothing.
 * Several threads read at once. Changes nothing in the kernel.
 */
#ifndef DRVMEM_SOURCE_SCAN_H
#define DRVMEM_SOURCE_SCAN_H

#include "model/reach.h"
#include "source/kmem.h"

struct drvmem_scan_opts {
	struct drvmem_kmem_syms syms;
	const struct drvmem_reach_object *object;
	uint32_t nr;
	uint32_t threads;		/* 0 = one for each CPU, at most 16 */
	/* called now and then from the calling thread; may be NULL */
	void (*progress)(void *arg, uint64_t done_bytes, uint64_t all_bytes);
	bool (*stop)(void *arg);	/* true: end the pass with -EINTR; may be NULL */
	void *arg;
};

struct drvmem_scan;

/* opts and the objects must outlive the scan. -errno with err filled: this kernel cannot be read. */
DRVMEM_MUST_CHECK int drvmem_scan__new(const struct drvmem_scan_opts *opts, struct drvmem_scan **ret,
				       struct drvmem_err *err);
void drvmem_scan__free(struct drvmem_scan *s);
/* One pass over everything, as of now. 0 or -errno; *ret is filled only on success. */
DRVMEM_MUST_CHECK int drvmem_scan__pass(struct drvmem_scan *s, struct drvmem_reach_pass *ret);
void drvmem_reach_pass__deinit(struct drvmem_reach_pass *p);
/* The kernel zeroes what it allocates: free slots are told for sure. False where that is hidden. */
bool drvmem_scan__is_zeroed(const struct drvmem_scan *s);
/* The memory it is read through, for messages: "/proc/kcore" or "BPF". */
const char *drvmem_scan__reader(const struct drvmem_scan *s);
/*
 * Bytes that the scan takes at most, after its passes: 11 for each page of RAM (8 of them only where a page is
 * mapped elsewhere than in the direct map), 1 MiB for each thread and one more, and what the objects need,
 * which is bounded: 2^20 ranges of 40 bytes, 2^20 pieces of memory of 24, 2^21 words between objects of 8 in
 * each of two passes; and 2^19 free objects in arrays of 16, of the caches that holders are in.
 */
uint64_t drvmem_scan__own_bytes(const struct drvmem_scan *s);

#endif /* DRVMEM_SOURCE_SCAN_H */
