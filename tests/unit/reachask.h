/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asks the reachability scan about objects in the memory of reachmem.h: two passes, then the verdicts.
 * The scan's own sources are part of the test, and read through what reachmem.h has instead of kmem.c.
 * One test file includes it.
 */
#ifndef DRVMEM_TESTS_REACHASK_H
#define DRVMEM_TESTS_REACHASK_H

#include "reachmem.h"

#include "analysis/reach.h"

#include "../../user/source/kslab.c"
#include "../../user/source/ksheaf.c"
#include "../../user/source/ktasks.c"
#include "../../user/source/targets.c"
#include "../../user/source/hits.c"
#include "../../user/source/scan.c"

#define NR 8

static struct drvmem_reach_object objects[NR];
static struct drvmem_reach_verdict verdicts[NR];
static uint32_t nr_objects;
static struct drvmem_kmem_syms syms;

static inline void begin(void)
{
	fm_reset();
	memset(objects, 0, sizeof(objects));
	memset(verdicts, 0, sizeof(verdicts));
	nr_objects = 0;
	syms = (struct drvmem_kmem_syms){ 0 };
}

static inline uint32_t ask(uint64_t key, uint64_t held, uint16_t allocator)
{
	assert_true(nr_objects < NR);
	objects[nr_objects] = (struct drvmem_reach_object){ .inv_key = ~key, .held = held, .allocator = allocator };
	return nr_objects++;
}

/* A block of 1 << order pages, all of it, and so many of its bytes. */
static inline uint32_t ask_pages(uint32_t pfn, uint32_t order, uint64_t held)
{
	return ask((FM_VMEMMAP + pfn * 64ull) | order, held, DRVMEM_ALLOC_PAGE);
}

static inline void judge(void)
{
	const struct drvmem_scan_opts o = { .syms = syms, .object = objects, .nr = nr_objects, .threads = 1 };
	struct drvmem_reach_pass a, b;
	struct drvmem_scan *s;

	assert_int_equal(drvmem_scan__new(&o, &s, NULL), 0);
	assert_int_equal(drvmem_scan__pass(s, &a), 0);
	assert_int_equal(drvmem_scan__pass(s, &b), 0);
	assert_int_equal(drvmem_reach__judge(&a, &b, verdicts), 0);
	drvmem_reach_pass__deinit(&a);
	drvmem_reach_pass__deinit(&b);
	drvmem_scan__free(s);
}

#define assert_class(i, c) assert_int_equal(verdicts[i].class, DRVMEM_REACH_##c)

/* The key by which the kernel tells that it zeroes what is allocated. */
static inline void zeroes(void)
{
	syms.init_on_alloc = fm_va(60, 0);
	fm_u32(60 * 4096, 1);
}

#endif /* DRVMEM_TESTS_REACHASK_H */
