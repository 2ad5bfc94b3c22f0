/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which allocators a session is asked for: the programs of the others are neither loaded nor attached, and the
 * session sees them no more than a kernel would that has not their hooks. Pure.
 */
#ifndef DRVMEM_SESSION_ASKED_H
#define DRVMEM_SESSION_ASKED_H

#include <stdbool.h>
#include <stdint.h>

#include "probe/probe.h"
#include "session/plan.h"

#define DRVMEM_ASKED_ALL	((1u << DRVMEM_NR_ALLOCATORS) - 1)

/* Whether bits (1 << enum drvmem_allocator; 0 = all) has an allocator. DMA mappings go with DMA buffers. */
static inline bool drvmem_asked__has(uint32_t bits, enum drvmem_allocator a)
{
	return !bits || bits & 1u << a;
}

/* What the plan is told of it. */
static inline unsigned int drvmem_asked__form(uint32_t bits)
{
	return drvmem_asked__has(bits, DRVMEM_ALLOC_SLAB) ? 0 : DRVMEM_PLAN_NO_SLAB;
}

/*
 * Takes from p the hooks of allocators that are not asked for, with the reason. What cannot hold an object of at
 * most max_size bytes (0 = no limit) is none either: blocks of pages have page_size at least.
 */
void drvmem_asked__apply(uint32_t bits, uint64_t max_size, uint64_t page_size, struct drvmem_probe *p);
/* A program of slab objects alone. */
bool drvmem_asked__is_slab(const struct drvmem_plan_prog *prog);

#endif /* DRVMEM_SESSION_ASKED_H */
