/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's memory as the reachability scan reads it: by physical address, so that everything
 * is there once (slab, per-CPU areas, stacks, vmalloc and the kernel's data are all pages of RAM),
 * and by kernel address through the kernel's page tables. From /proc/kcore, or through a BPF
 * program where there is none. x86-64 only. Reads may meet memory that changes: what is read is
 * a guess that the caller checks, never a reason to fail.
 */
#ifndef DRVMEM_SOURCE_KMEM_H
#define DRVMEM_SOURCE_KMEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "session/klayout.h"

#define DRVMEM_KPAGE		4096u
#define DRVMEM_KPAGE_SHIFT	12u
#define DRVMEM_KMEM_CHUNK	256u	/* pages of one read */
#define DRVMEM_KMEM_TABLE	1u
#define DRVMEM_KMEM_TOP		0xffffffff80000000ull	/* the kernel's image, and modules above it */

/* Addresses from kallsyms; 0 = hidden, or this kernel has none such. */
struct drvmem_kmem_syms {
	uint64_t init_top_pgt, init_task, vmemmap_base, per_cpu_offset, nr_cpu_ids;
	uint64_t vmap_area_cachep, napi_alloc_cache, entry_stack_storage;
	uint64_t per_cpu_start, per_cpu_end;
	uint64_t sme_me_mask;		/* AMD: the bit that says that a page is encrypted */
	uint64_t nr_node_ids;		/* 0 = also of a kernel for one node */
	uint64_t init_on_alloc;		/* a static key: its first word is above 0 when it is on */
	/* mm/kmemleak.c: a function, and the ends of what it knows of; ends without the function are others' */
	uint64_t kmemleak_alloc, kmemleak_end[4];
};

struct drvmem_kmem_seg {
	uint64_t pa, bytes;
	uint64_t off;			/* in /proc/kcore */
};

struct drvmem_kmem {
	struct drvmem_klayout l;
	struct drvmem_kmem_syms syms;
	bool bpf;			/* read by BPF, not /proc/kcore */
	uint64_t page_offset;		/* kernel address of physical address 0 */
	uint64_t vmemmap;		/* of struct page 0; 0 = unknown */
	uint64_t image_va, image_pa, image_bytes;	/* the kernel's image; bytes 0 = by page tables only */
	uint64_t pgd_pa;
	uint64_t task;			/* some task_struct, all others are found from it */
	int levels;
	uint64_t pte_addr;		/* bits of a page table's entry that are its physical address */
	uint64_t nr_pfn;		/* the highest page frame of RAM, and one */
	struct drvmem_kmem_seg *seg;	/* RAM, by address; none lies in another */
	uint32_t nr_seg;
	uint64_t *cpu_offset;		/* per-CPU offsets */
	uint32_t nr_cpus;		/* 0 = they are not known */
	/* by page frame: its address outside the direct map, 0 = none; of several, not the kernel image's */
	uint64_t *alias;		/* or DRVMEM_KMEM_TABLE: a page table of the kernel's; sparse */
};

/* One thread's way to read. */
struct drvmem_kmem_port;

/* Opens what this kernel offers, and finds its way about. err says what is missing, with a remedy. */
DRVMEM_MUST_CHECK int drvmem_kmem__new(const struct drvmem_kmem_syms *syms, struct drvmem_kmem **ret,
				       struct drvmem_err *err);
void drvmem_kmem__free(struct drvmem_kmem *k);
/*
 * RAM is where it was when k was opened. False: some was added or taken away, or it cannot be told. What was
 * added is not read; what was taken away counts as unreadable.
 */
bool drvmem_kmem__same_ram(const struct drvmem_kmem *k);
/* Reads the page tables: alias[] as of now. 0 or -errno. */
DRVMEM_MUST_CHECK int drvmem_kmem__walk(struct drvmem_kmem *k);

DRVMEM_MUST_CHECK int drvmem_kmem_port__new(const struct drvmem_kmem *k, struct drvmem_kmem_port **ret);
/* Page tables may have changed: what was found in them is not kept. */
void drvmem_kmem_port__forget(struct drvmem_kmem_port *p);
void drvmem_kmem_port__free(struct drvmem_kmem_port *p);
/*
 * n <= DRVMEM_KMEM_CHUNK whole pages by number; *ret is the port's until it reads again, and zeros
 * where nothing can be read. The number of pages of which that is so, or -errno.
 */
DRVMEM_MUST_CHECK int drvmem_kmem_port__pages(struct drvmem_kmem_port *p, uint64_t pfn, uint32_t n,
					      const uint64_t **ret);
/* Any bytes by kernel address. False: some cannot be read; buf is undefined. */
bool drvmem_kmem_port__read(struct drvmem_kmem_port *p, uint64_t va, void *buf, size_t n);
/* A word; 0 where nothing can be read. */
uint64_t drvmem_kmem_port__u64(struct drvmem_kmem_port *p, uint64_t va);
uint32_t drvmem_kmem_port__u32(struct drvmem_kmem_port *p, uint64_t va);
/* The physical address of a kernel address; false: not mapped, or no RAM. */
bool drvmem_kmem_port__pa(struct drvmem_kmem_port *p, uint64_t va, uint64_t *ret);
/* The same by page tables alone, where they are needed or not. */
bool drvmem_kmem_port__by_tables(struct drvmem_kmem_port *p, uint64_t va, uint64_t *ret);
/* What the port reads into, where that is the kernel's memory too; NULL = it is not. */
const void *drvmem_kmem_port__buffer(const struct drvmem_kmem_port *p, size_t *ret_len);

/* The whole pages of a piece of RAM: [*ret_from, the result). */
static inline uint64_t drvmem_kmem_seg__pages(const struct drvmem_kmem_seg *s, uint64_t *ret_from)
{
	uint64_t end = (s->pa + s->bytes) >> DRVMEM_KPAGE_SHIFT;

	*ret_from = (s->pa + DRVMEM_KPAGE - 1) >> DRVMEM_KPAGE_SHIFT;
	if (*ret_from > end)
		*ret_from = end;
	return end;
}

/* Page frames that are RAM. */
static inline uint64_t drvmem_kmem__nr_ram(const struct drvmem_kmem *k)
{
	uint64_t n = 0, from;
	uint32_t i;

	for (i = 0; i < k->nr_seg; i++) {
		n += drvmem_kmem_seg__pages(&k->seg[i], &from);
		n -= from;
	}
	return n;
}

/* The first page frame from pfn on that is RAM, or nr_pfn. */
static inline uint64_t drvmem_kmem__next_ram(const struct drvmem_kmem *k, uint64_t pfn)
{
	uint64_t from, end;
	uint32_t i;

	for (i = 0; i < k->nr_seg; i++) {
		end = drvmem_kmem_seg__pages(&k->seg[i], &from);
		if (pfn < end && from < end)
			return pfn > from ? pfn : from;
	}
	return k->nr_pfn;
}

static inline bool drvmem_kmem__is_direct(const struct drvmem_kmem *k, uint64_t va)
{
	return va - k->page_offset < k->nr_pfn << DRVMEM_KPAGE_SHIFT;
}

/* The struct page that an address lies in. False: it lies in none. */
static inline bool drvmem_kmem__page_of(const struct drvmem_kmem *k, uint64_t va, uint64_t *ret_pfn)
{
	if (!k->vmemmap || va - k->vmemmap >= k->nr_pfn * (uint64_t)k->l.page_size)
		return false;
	*ret_pfn = (va - k->vmemmap) / (uint64_t)k->l.page_size;
	return true;
}

#endif /* DRVMEM_SOURCE_KMEM_H */
