/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel's memory of one megabyte for tests of the reachability scan: pages of RAM that are written
 * to by hand, read through the scan's own sources, which are part of the test. One test file includes it.
 */
#ifndef DRVMEM_TESTS_REACHMEM_H
#define DRVMEM_TESTS_REACHMEM_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "drvmem/abi.h"
#include "source/scan_parts.h"

#define FM_PAGES	256u
#define FM_BASE		0xffff888000000000ull
#define FM_VMEMMAP	0xffffea0000000000ull
#define FM_VMEMMAP_PFN	248u		/* 4 pages of struct pages */
#define FM_VMALLOC	0xffffc90000000000ull
#define FM_CACHES	200u		/* page of struct kmem_cache, of 64 bytes each */
#define FM_NAMES	201u

/* Offsets of the fields, as this kernel has them. */
enum { FM_PAGE_LRU = 8, FM_PAGE_CACHE = 8, FM_PAGE_FREELIST = 32, FM_PAGE_COUNT = 52 };
enum { FM_C_SIZE = 0, FM_C_OBJECT = 4, FM_C_OFFSET = 8, FM_C_PAD = 12, FM_C_RANDOM = 16, FM_C_CTOR = 24,
       FM_C_NAME = 32, FM_C_FLAGS = 40, FM_C_SHEAVES = 48, FM_C_NODE = 56 };

#define FM_UNZEROED	0x80000u

struct fm {
	uint64_t ram[FM_PAGES][DRVMEM_KPAGE / 8] __attribute__((aligned(4096)));
	uint64_t alias[FM_PAGES];
	uint8_t kind[FM_PAGES];		/* what the kernel's flags would say */
	uint32_t nr_caches;
	struct drvmem_kmem k;
	struct drvmem_kmem_seg seg;
	void (*before)(void);		/* called as a pass begins */
	void (*meanwhile)(void);	/* called after every read of pages */
	bool other_ram;			/* memory was added */
	uint64_t missing;		/* pages of which the kernel says nothing */
};

static struct fm fm;

struct drvmem_kmem_port {
	const struct drvmem_kmem *k;
	uint64_t buf[DRVMEM_KMEM_CHUNK][DRVMEM_KPAGE / 8];
};

static uint64_t *fm_at(uint64_t pa)
{
	return &fm.ram[pa >> 12][pa % 4096 / 8];
}

static void fm_put(uint32_t pfn, uint32_t word, uint64_t v)
{
	fm.ram[pfn][word] = v;
}

static uint64_t fm_va(uint32_t pfn, uint32_t word)
{
	return FM_BASE + pfn * 4096ull + word * 8ull;
}

static void fm_u32(uint64_t pa, uint32_t v)
{
	memcpy((char *)fm.ram + pa, &v, 4);
}

static inline void fm_field(uint64_t cache, uint32_t field, uint32_t v)
{
	fm_u32(cache - FM_BASE + field, v);
}

/* A struct page's word. */
static uint64_t *fm_page(uint32_t pfn, uint32_t off)
{
	return fm_at(FM_VMEMMAP_PFN * 4096ull + pfn * 64ull + off);
}

/* A cache of cells of so many bytes: its address. The free pointer is in the middle. */
static uint64_t fm_cache(const char *name, uint32_t size, uint64_t random)
{
	uint64_t pa = FM_CACHES * 4096ull + 64ull * fm.nr_caches, text = FM_NAMES * 4096ull + 32ull * fm.nr_caches;

	fm.nr_caches++;
	strcpy((char *)fm.ram + text, name);
	fm_u32(pa + FM_C_SIZE, size);
	fm_u32(pa + FM_C_OBJECT, size);
	fm_u32(pa + FM_C_OFFSET, size / 16 * 8);
	*fm_at(pa + FM_C_RANDOM) = random;
	*fm_at(pa + FM_C_NAME) = FM_BASE + text;
	return FM_BASE + pa;
}

static void fm_slab(uint32_t pfn, uint64_t cache)
{
	fm.kind[pfn] = DRVMEM_KPAGE_SLAB;
	*fm_page(pfn, FM_PAGE_CACHE) = cache;
}

/* As mm/slub.c leaves a free object: next is an address or 0. */
static inline void fm_free(uint64_t va, uint64_t cache, uint64_t next)
{
	uint64_t c = cache - FM_BASE, at;
	uint32_t offset;

	memcpy(&offset, (char *)fm.ram + c + FM_C_OFFSET, 4);
	at = va + offset;

	*fm_at(at - FM_BASE) = next ^ *fm_at(c + FM_C_RANDOM) ^ __builtin_bswap64(at);
}

enum { FM_S_LIST = 0, FM_S_CACHE = 16, FM_S_SIZE = 24, FM_S_OBJECTS = 32 };	/* struct slab_sheaf */
enum { FM_P_MAIN = 8, FM_P_SPARE = 16, FM_P_RCU_FREE = 24 };	/* struct slub_percpu_sheaves */
enum { FM_B_FULL = 8, FM_B_EMPTY = 24 };			/* struct node_barn */

#define FM_SHEAVES	110u		/* per-CPU memory, a page for each of two CPUs */
#define FM_BARNS	112u		/* of 64 bytes, one for each cache */
#define FM_KMALLOC	113u		/* a slab in which arrays are, of 512 bytes each */

static inline uint64_t *fm_cpu(uint32_t cpu, uint32_t field)
{
	return fm_at((FM_SHEAVES + cpu) * 4096ull + 256 + field);
}

/* One cache whose free objects are in arrays: two CPUs, one node. */
static inline void fm_sheaves(uint64_t cache)
{
	static uint64_t offset[2];
	struct drvmem_klayout *l = &fm.k.l;
	uint64_t barn = FM_BASE + FM_BARNS * 4096ull;

	l->sheaf_list = FM_S_LIST;
	l->sheaf_cache = FM_S_CACHE;
	l->sheaf_size = FM_S_SIZE;
	l->sheaf_objects = FM_S_OBJECTS;
	l->cache_sheaves = FM_C_SHEAVES;
	l->sheaves_main = FM_P_MAIN;
	l->sheaves_spare = FM_P_SPARE;
	l->cache_barns = FM_C_NODE;
	l->barn_stride = 16;
	l->sheaves_rcu = FM_P_RCU_FREE;
	l->barn_full = FM_B_FULL;
	l->barn_empty = FM_B_EMPTY;
	for (uint32_t i = 0; i < 2; i++)
		offset[i] = fm_va(FM_SHEAVES + i, 0);
	fm.k.cpu_offset = offset;
	fm.k.nr_cpus = 2;
	*fm_at(cache - FM_BASE + FM_C_SHEAVES) = 256;
	*fm_at(cache - FM_BASE + FM_C_NODE) = barn;
	*fm_at(barn - FM_BASE + FM_B_FULL) = *fm_at(barn - FM_BASE + FM_B_FULL + 8) = barn + FM_B_FULL;
	*fm_at(barn - FM_BASE + FM_B_EMPTY) = *fm_at(barn - FM_BASE + FM_B_EMPTY + 8) = barn + FM_B_EMPTY;
	fm_slab(FM_KMALLOC, fm_cache("kmalloc-512", 512, 0x5678));
}

/* An array of the cache's with so many objects, of which the last is the one given: its address. */
static inline uint64_t fm_sheaf(uint32_t nr, uint64_t cache, uint32_t count, uint64_t last)
{
	uint64_t pa = FM_KMALLOC * 4096ull + nr * 512ull;

	*fm_at(pa + FM_S_CACHE) = cache;
	fm_u32(pa + FM_S_SIZE, count);
	if (count)
		*fm_at(pa + FM_S_OBJECTS + (count - 1) * 8ull) = last;
	return FM_BASE + pa;
}

/* At the end of a list, as list_add_tail() does. */
static inline void fm_list_add(uint64_t node, uint64_t head)
{
	uint64_t last = *fm_at(head - FM_BASE + 8);

	*fm_at(node - FM_BASE) = head;
	*fm_at(node - FM_BASE + 8) = last;
	*fm_at(last - FM_BASE) = *fm_at(head - FM_BASE + 8) = node;
}

static void fm_reset(void)
{
	memset(&fm, 0, sizeof(fm));
	memset(fm.kind, DRVMEM_KPAGE_OTHER, sizeof(fm.kind));
	for (uint32_t i = 0; i < 4; i++)
		fm.alias[FM_VMEMMAP_PFN + i] = FM_VMEMMAP + i * 4096ull;
	fm.seg = (struct drvmem_kmem_seg){ .bytes = sizeof(fm.ram) };
	fm.k = (struct drvmem_kmem){
		.page_offset = FM_BASE, .vmemmap = FM_VMEMMAP, .nr_pfn = FM_PAGES, .alias = fm.alias,
		.levels = 4, .seg = &fm.seg, .nr_seg = 1,
	};
	memset(&fm.k.l, 0xff, sizeof(fm.k.l));
	fm.k.l.page_size = 64;
	fm.k.l.page_lru = FM_PAGE_LRU;
	fm.k.l.page_refcount = FM_PAGE_COUNT;
	fm.k.l.slab_cache = FM_PAGE_CACHE;
	fm.k.l.slab_freelist = FM_PAGE_FREELIST;
	fm.k.l.cache_size = FM_C_SIZE;
	fm.k.l.cache_object_size = FM_C_OBJECT;
	fm.k.l.cache_offset = FM_C_OFFSET;
	fm.k.l.cache_random = FM_C_RANDOM;
	fm.k.l.cache_ctor = FM_C_CTOR;
	fm.k.l.cache_name = FM_C_NAME;
	fm.k.l.cache_flags = FM_C_FLAGS;
	fm.k.l.cache_red_left_pad = FM_C_PAD;
	fm.k.l.unzeroed_flags = FM_UNZEROED;
}

enum { FM_T_STACK = 0, FM_T_SP = 8, FM_T_PID = 16, FM_T_TGID = 20, FM_T_COMM = 24, FM_T_ON_CPU = 40,
       FM_T_AREA = 48, FM_T_TASKS = 56 };
enum { FM_A_ADDR = 8, FM_A_SIZE = 16, FM_A_FLAGS = 24, FM_A_PAGES = 32, FM_A_NR_PAGES = 40, FM_A_CALLER = 56 };

/* The kernel's only task, at the beginning of a page. Its stack: pages from first on, mapped at FM_VMALLOC. */
static inline void fm_task(uint32_t pfn, uint32_t first, uint32_t nr, uint64_t sp, uint32_t tgid)
{
	struct drvmem_klayout *l = &fm.k.l;
	uint64_t pa = pfn * 4096ull, area = pa + 1024;

	l->task_stack = FM_T_STACK;
	l->task_sp = FM_T_SP;
	l->task_pid = FM_T_PID;
	l->task_tgid = FM_T_TGID;
	l->task_comm = FM_T_COMM;
	l->task_on_cpu = FM_T_ON_CPU;
	l->task_vm_area = FM_T_AREA;
	l->task_tasks = FM_T_TASKS;
	l->area_addr = FM_A_ADDR;
	l->area_size = FM_A_SIZE;
	l->area_flags = FM_A_FLAGS;
	l->area_pages = FM_A_PAGES;
	l->area_nr_pages = FM_A_NR_PAGES;
	l->area_caller = FM_A_CALLER;
	fm.k.task = FM_BASE + pa;
	*fm_at(pa + FM_T_STACK) = FM_VMALLOC;
	*fm_at(pa + FM_T_SP) = FM_VMALLOC + sp;
	fm_u32(pa + FM_T_PID, tgid);
	fm_u32(pa + FM_T_TGID, tgid);
	strcpy((char *)fm.ram + pa + FM_T_COMM, "worker");
	*fm_at(pa + FM_T_AREA) = FM_BASE + area;
	*fm_at(pa + FM_T_TASKS) = fm.k.task + FM_T_TASKS;
	*fm_at(area + FM_A_ADDR) = FM_VMALLOC;
	fm_u32(area + FM_A_NR_PAGES, nr);
	for (uint32_t i = 0; i < nr; i++)
		fm.alias[first + i] = FM_VMALLOC + i * 4096ull;
}

/* ---- what kmem.c and kpages_read.c do on a real one */

int drvmem_kmem__new(const struct drvmem_kmem_syms *syms, struct drvmem_kmem **ret, struct drvmem_err *err)
{
	(void)err;
	fm.k.syms = *syms;
	*ret = &fm.k;
	return 0;
}

void drvmem_kmem__free(struct drvmem_kmem *k)
{
	(void)k;
}

int drvmem_kmem__walk(struct drvmem_kmem *k)
{
	(void)k;
	if (fm.before)
		fm.before();
	return 0;
}

int drvmem_kmem_port__new(const struct drvmem_kmem *k, struct drvmem_kmem_port **ret)
{
	struct drvmem_kmem_port *p = calloc(1, sizeof(*p));

	if (!p)
		return -ENOMEM;
	p->k = k;
	*ret = p;
	return 0;
}

void drvmem_kmem_port__forget(struct drvmem_kmem_port *p)
{
	(void)p;
}

void drvmem_kmem_port__free(struct drvmem_kmem_port *p)
{
	free(p);
}

const void *drvmem_kmem_port__buffer(const struct drvmem_kmem_port *p, size_t *ret_len)
{
	(void)p;
	(void)ret_len;
	return NULL;
}

int drvmem_kmem_port__pages(struct drvmem_kmem_port *p, uint64_t pfn, uint32_t n, const uint64_t **ret)
{
	assert_true(pfn + n <= FM_PAGES);
	memcpy(p->buf, fm.ram[pfn], n * 4096ull);
	*ret = p->buf[0];
	if (fm.meanwhile)
		fm.meanwhile();
	return 0;
}

bool drvmem_kmem_port__pa(struct drvmem_kmem_port *p, uint64_t va, uint64_t *ret)
{
	(void)p;
	if (va - FM_BASE < FM_PAGES * 4096ull) {
		*ret = va - FM_BASE;
		return true;
	}
	for (uint32_t i = 0; i < FM_PAGES; i++)
		if (fm.alias[i] > DRVMEM_KMEM_TABLE && va - fm.alias[i] < 4096) {
			*ret = i * 4096ull + (va - fm.alias[i]);
			return true;
		}
	return false;
}

bool drvmem_kmem_port__read(struct drvmem_kmem_port *p, uint64_t va, void *buf, size_t n)
{
	uint64_t pa;

	for (size_t i = 0; i < n; i++) {
		if (!drvmem_kmem_port__pa(p, va + i, &pa))
			return false;
		((char *)buf)[i] = ((const char *)fm.ram)[pa];
	}
	return true;
}

uint64_t drvmem_kmem_port__u64(struct drvmem_kmem_port *p, uint64_t va)
{
	uint64_t v;

	return drvmem_kmem_port__read(p, va, &v, sizeof(v)) ? v : 0;
}

uint32_t drvmem_kmem_port__u32(struct drvmem_kmem_port *p, uint64_t va)
{
	uint32_t v;

	return drvmem_kmem_port__read(p, va, &v, sizeof(v)) ? v : 0;
}

int drvmem_kpages__read(const struct drvmem_kmem *k, struct drvmem_kmem_port *p, uint8_t *kind,
			uint64_t *sums, uint64_t *ret_missing)
{
	(void)k;
	(void)p;
	(void)sums;
	memcpy(kind, fm.kind, FM_PAGES);
	*ret_missing = fm.missing;
	return 0;
}

int drvmem_kpages__read_changed(const struct drvmem_kmem *k, struct drvmem_kmem_port *p, const uint64_t *sums,
				uint8_t *kind)
{
	(void)k;
	(void)p;
	(void)sums;
	memcpy(kind, fm.kind, FM_PAGES);
	return 0;
}

bool drvmem_kmem__same_ram(const struct drvmem_kmem *k)
{
	(void)k;
	return !fm.other_ram;
}

#endif /* DRVMEM_TESTS_REACHMEM_H */
