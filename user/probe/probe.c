// SPDX-License-Identifier: GPL-2.0-or-later
#include "probe/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "base/cleanup.h"
#include "probe/system.h"
#include "probe/types.h"

#define NO_RIGHTS "cannot be tried without CAP_BPF and CAP_PERFMON"

static void set(struct drvmem_probe *p, enum drvmem_feat f, enum drvmem_feat_state st, int error,
		const char *why)
{
	p->f[f].st = st;
	p->f[f].error = error;
	snprintf(p->f[f].why, sizeof(p->f[f].why), "%s", why ? why : "");
}

/* A try that failed: refused, missing for the reason we expect, or something else. */
static void set_try(struct drvmem_probe *p, enum drvmem_feat f, int r, int expected, const char *what)
{
	char why[160];

	if (r >= 0) {
		set(p, f, DRVMEM_FEAT_YES, 0, "");
		return;
	}
	snprintf(why, sizeof(why), "%s (%s)", what, drvmem_errno_name(r));
	if ((r == -EPERM || r == -EACCES) && f != DRVMEM_FEAT_BPF && f != DRVMEM_FEAT_BTF &&
	    p->f[DRVMEM_FEAT_BPF].st == DRVMEM_FEAT_DENIED)
		set(p, f, DRVMEM_FEAT_UNKNOWN, r, NO_RIGHTS);	/* not this feature is what is refused */
	else if (r == -EPERM || r == -EACCES)
		set(p, f, DRVMEM_FEAT_DENIED, r, why);
	else
		set(p, f, r == expected ? DRVMEM_FEAT_NO : DRVMEM_FEAT_UNKNOWN, r, why);
}

static int load_insns(enum bpf_prog_type type, const struct bpf_insn *insns, size_t n,
		      const char *tp, uint32_t attach_btf_id)
{
	LIBBPF_OPTS(bpf_prog_load_opts, o, .attach_btf_id = attach_btf_id);
	int fd;

	if (type == BPF_PROG_TYPE_TRACING)
		o.expected_attach_type = BPF_TRACE_FENTRY;
	(void)tp;
	fd = bpf_prog_load(type, "drvmem_probe", "GPL", insns, n, &o);
	return fd < 0 ? -errno : fd;
}

static const struct bpf_insn ret0[] = {
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
	{ .code = BPF_JMP | BPF_EXIT },
};

static void probe_raw_tp(struct drvmem_probe *p)
{
	_cleanup_close_ int prog = load_insns(BPF_PROG_TYPE_RAW_TRACEPOINT, ret0, 2, NULL, 0);
	_cleanup_close_ int link = -1;
	int r = prog;

	set_try(p, DRVMEM_FEAT_BPF, r, 0, "a BPF program does not load");
	if (prog >= 0) {
		link = bpf_raw_tracepoint_open("kfree", prog);
		r = link < 0 ? -errno : link;
	}
	set_try(p, DRVMEM_FEAT_RAW_TP, r, -ENOENT, "raw tracepoint kfree does not attach");
}

/* *(u64 *)(r10 - 8) = 0; r0 = 0; r1 = 0; r0 = cmpxchg(r10 - 8, r0, r1) */
static void probe_cmpxchg(struct drvmem_probe *p)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_ST | BPF_MEM | BPF_DW, .dst_reg = BPF_REG_10, .off = -8 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_1 },
		{ .code = BPF_STX | BPF_ATOMIC | BPF_DW, .dst_reg = BPF_REG_10,
		  .src_reg = BPF_REG_1, .off = -8, .imm = BPF_CMPXCHG },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	_cleanup_close_ int fd = load_insns(BPF_PROG_TYPE_RAW_TRACEPOINT, insns,
					    sizeof(insns) / sizeof(insns[0]), NULL, 0);

	set_try(p, DRVMEM_FEAT_CMPXCHG, fd, -EINVAL, "BPF has no compare-and-swap");
}

/* Loads and attaches an empty fentry program on func. */
static int try_fentry(const struct btf *btf, const char *func)
{
	_cleanup_close_ int prog = -1, link = -1;
	int id = btf__find_by_name_kind(btf, func, BTF_KIND_FUNC);

	if (id < 0)
		return -ENOENT;
	prog = load_insns(BPF_PROG_TYPE_TRACING, ret0, 2, NULL, (uint32_t)id);
	if (prog < 0)
		return prog;
	link = bpf_raw_tracepoint_open(NULL, prog);
	return link < 0 ? -errno : 0;
}

static void probe_fentry(struct drvmem_probe *p, const struct btf *btf)
{
	static const struct { enum drvmem_feat f; const char *func; } hooks[] = {
		{ DRVMEM_FEAT_RCU_FREES, "kvfree_call_rcu" },
		{ DRVMEM_FEAT_BULK_FREES, "kmem_cache_free_bulk" },
		{ DRVMEM_FEAT_CACHE_DESTROY, "kmem_cache_destroy" },
	};
	char what[96];
	size_t i;

	set_try(p, DRVMEM_FEAT_FENTRY, try_fentry(btf, "kfree"), -ENOENT,
		"an fentry program on kfree is refused");
	for (i = 0; i < sizeof(hooks) / sizeof(hooks[0]); i++) {
		snprintf(what, sizeof(what), "an fentry program on %s is refused", hooks[i].func);
		set_try(p, hooks[i].f, try_fentry(btf, hooks[i].func), -ENOENT, what);
	}
}

static void probe_kfuncs(struct drvmem_probe *p, const struct btf *btf)
{
	static const struct { enum drvmem_feat f; const char *func; } kfuncs[] = {
		{ DRVMEM_FEAT_RDONLY_CAST, "bpf_rdonly_cast" },
	};
	char why[96];
	size_t i;

	for (i = 0; i < sizeof(kfuncs) / sizeof(kfuncs[0]); i++) {
		snprintf(why, sizeof(why), "this kernel has no kfunc %s", kfuncs[i].func);
		set(p, kfuncs[i].f, drvmem_types__has_func(btf, kfuncs[i].func) ? DRVMEM_FEAT_YES : DRVMEM_FEAT_NO, 0,
		    drvmem_types__has_func(btf, kfuncs[i].func) ? "" : why);
	}
}

/* kernel-facts: the forms of the kmem tracepoints. Anything else is refused, not guessed. */
static enum drvmem_slab_form slab_form(const struct btf *btf)
{
	const char *third;
	int kmalloc = drvmem_types__event(btf, "kmalloc", &third);
	bool cache_third_kmalloc = !strcmp(third, "kmem_cache");
	int cache = drvmem_types__event(btf, "kmem_cache_alloc", &third);
	bool cache_third = !strcmp(third, "kmem_cache");
	int kfree = drvmem_types__event(btf, "kfree", &third);
	int cfree = drvmem_types__event(btf, "kmem_cache_free", &third);
	int node = drvmem_types__event(btf, "kmalloc_node", &third);

	/* kfree got no third argument up to 7.2; a later one does not disturb us */
	if (kfree < 2 || cfree < 2)
		return DRVMEM_SLAB_UNKNOWN;
	if (kmalloc == 5 && cache == 5 && cfree == 2 && node == 6)
		return DRVMEM_SLAB_5_10;
	if (kmalloc == 6 && !cache_third_kmalloc && cache == 5 && cache_third && cfree == 3 && node < 0)
		return DRVMEM_SLAB_6_1;
	return DRVMEM_SLAB_UNKNOWN;
}

/* From 5.19 on the event tells its caller; where slab has the form of 5.10 so has percpu. */
static void probe_percpu(struct drvmem_probe *p, const struct btf *btf)
{
	const char *third;
	int want = p->form == DRVMEM_SLAB_5_10 ? 7 : 10;
	bool there = drvmem_types__event(btf, "percpu_alloc_percpu", &third) == want &&
		     drvmem_types__event(btf, "percpu_free_percpu", &third) == 3 &&
		     drvmem_types__event(btf, "percpu_alloc_percpu_fail", &third) == 4;

	set(p, DRVMEM_FEAT_PERCPU, there ? DRVMEM_FEAT_YES : DRVMEM_FEAT_NO, 0,
	    there ? "" : "the percpu tracepoints are not there, or in a form that is not known");
}

/*
 * 7bd230a26648 "mm/slab: enable slab allocation tagging for kmalloc and friends", 6.10: _noprof;
 * 2cd8231796b5 "mm/slub: allow to set node and align in k[v]realloc", 6.18;
 * c8b979530f27 "mm: alloc_pages_bulk_noprof: drop page_list argument", 6.14.
 */
static const struct {
	enum drvmem_feat feat;
	const char *name;
	int args;
} func_names[] = {
	{ DRVMEM_FEAT_BULK_ALLOCS, "kmem_cache_alloc_bulk_noprof", 4 },
	{ DRVMEM_FEAT_BULK_ALLOCS, "kmem_cache_alloc_bulk", 4 },
	{ DRVMEM_FEAT_KREALLOC, "krealloc_node_align_noprof", 5 },
	{ DRVMEM_FEAT_KREALLOC, "krealloc_noprof", 3 },
	{ DRVMEM_FEAT_KREALLOC, "krealloc", 3 },
	{ DRVMEM_FEAT_PAGES_BULK, "alloc_pages_bulk_noprof", 5 },
	{ DRVMEM_FEAT_PAGES_BULK, "alloc_pages_bulk_noprof", 6 },
	{ DRVMEM_FEAT_PAGES_BULK, "__alloc_pages_bulk", 6 },
};

static void find_functions(struct drvmem_probe *p, const struct btf *btf)
{
	size_t i;

	for (i = 0; i < sizeof(func_names) / sizeof(func_names[0]); i++) {
		if (p->func[func_names[i].feat] || drvmem_types__args(btf, func_names[i].name) != func_names[i].args)
			continue;
		p->func[func_names[i].feat] = func_names[i].name;
		if (func_names[i].feat == DRVMEM_FEAT_PAGES_BULK)
			p->pages_bulk_args = (uint8_t)func_names[i].args;
		else if (func_names[i].feat == DRVMEM_FEAT_BULK_ALLOCS)
			p->bulk_bool = drvmem_types__returns_bool(btf, func_names[i].name);
	}
}

/* Pages are told apart by symbols, like those that have an event. */
static void probe_pages_bulk(struct drvmem_probe *p, const struct btf *btf)
{
	const char *func = p->func[DRVMEM_FEAT_PAGES_BULK];

	if (!func)
		set(p, DRVMEM_FEAT_PAGES_BULK, DRVMEM_FEAT_NO, 0,
		    "this kernel has no alloc_pages_bulk of a known form");
	else if (p->f[DRVMEM_FEAT_PAGES].st != DRVMEM_FEAT_YES)
		set(p, DRVMEM_FEAT_PAGES_BULK, p->f[DRVMEM_FEAT_PAGES].st, 0, p->f[DRVMEM_FEAT_PAGES].why);
	else
		set_try(p, DRVMEM_FEAT_PAGES_BULK, try_fentry(btf, func), -ENOENT,
			"an fentry program on alloc_pages_bulk is refused");
}

/* What slab does without an event. Who asked for objects in bulk is found by symbols. */
static void probe_unseen(struct drvmem_probe *p, const struct btf *btf)
{
	const char *bulk, *re;

	find_functions(p, btf);
	p->nolock = drvmem_types__has_func(btf, "kmalloc_nolock_noprof") ||
		    drvmem_types__has_func(btf, "_kmalloc_nolock_noprof");
	bulk = p->func[DRVMEM_FEAT_BULK_ALLOCS];
	re = p->func[DRVMEM_FEAT_KREALLOC];
	if (bulk && p->f[DRVMEM_FEAT_KALLSYMS].st != DRVMEM_FEAT_YES)
		set(p, DRVMEM_FEAT_BULK_ALLOCS, DRVMEM_FEAT_DENIED, 0,
		    "kernel symbols are hidden: who asked is not found");
	else
		set_try(p, DRVMEM_FEAT_BULK_ALLOCS, bulk ? try_fentry(btf, bulk) : -ENOENT, -ENOENT,
			"an fentry program on kmem_cache_alloc_bulk is refused");
	set_try(p, DRVMEM_FEAT_KREALLOC, re ? try_fentry(btf, re) : -ENOENT, -ENOENT,
		"an fentry program on krealloc is refused");
	probe_pages_bulk(p, btf);
}

/* Of functions with so many arguments; not tried: where the first fentry program is taken, so are these. */
static void set_funcs(struct drvmem_probe *p, enum drvmem_feat f, bool there, const char *why)
{
	const struct drvmem_feat_result *fentry = &p->f[DRVMEM_FEAT_FENTRY];

	set(p, f, there ? fentry->st : DRVMEM_FEAT_NO, there ? fentry->error : 0, there ? fentry->why : why);
}

/* What changes an area or a mapping that stays. */
static void probe_changes(struct drvmem_probe *p, const struct btf *btf)
{
	p->dma_iova = drvmem_types__has_func(btf, "dma_iova_link");
	set_funcs(p, DRVMEM_FEAT_VREALLOC, drvmem_types__args(btf, "vm_area_free_pages") == 3,
		  "this kernel has no vm_area_free_pages: areas that shrink keep their pages");
	set_funcs(p, DRVMEM_FEAT_DMA_IOVA, drvmem_types__args(btf, "dma_iova_link") == 7 &&
					   drvmem_types__args(btf, "dma_iova_unlink") == 6 &&
					   drvmem_types__args(btf, "dma_iova_destroy") == 5 &&
					   drvmem_types__args(btf, "dma_iova_free") == 2,
		  p->dma_iova ? "this kernel's dma_iova_link has another form" : "this kernel has no dma_iova_link");
}

/*
 * What moves a page that a driver has (mm/migrate.c). migrate_movable_ops_page (6.17, and in late 6.12.y) took
 * these out of move_to_new_folio: then by the owners' functions, unless they are in a module.
 */
static void probe_moves(struct drvmem_probe *p, const struct btf *btf)
{
	static const char *const names[] = { "zs_page_migrate", "move_to_new_folio", "move_to_new_page" };
	bool pages = p->f[DRVMEM_FEAT_PAGES].st == DRVMEM_FEAT_YES;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]) && !p->func[DRVMEM_FEAT_MOVES]; i++)
		if (drvmem_types__args(btf, names[i]) == 3)
			p->func[DRVMEM_FEAT_MOVES] = names[i];
	set_funcs(p, DRVMEM_FEAT_MOVES, p->func[DRVMEM_FEAT_MOVES] && pages,
		  pages ? "this kernel has no function of a known form that moves a page" : p->f[DRVMEM_FEAT_PAGES].why);
	set_funcs(p, DRVMEM_FEAT_MOVES_TOO, pages && drvmem_types__args(btf, "balloon_page_migrate") == 3,
		  pages ? "this kernel has no balloon_page_migrate of a known form" : p->f[DRVMEM_FEAT_PAGES].why);
}

/* mm/mempool.c, up to 6.9 and from then on; mempool_create is a macro then. */
static const struct {
	const char *name;
	int args, noprof;	/* noprof: of the newer ones, or -1: of both */
} mempool_funcs[] = {
	{ "mempool_free", 2, -1 }, { "mempool_exit", 1, -1 }, { "mempool_destroy", 1, -1 },
	{ "mempool_alloc", 2, 0 }, { "mempool_create", 4, 0 }, { "mempool_create_node", 6, 0 },
	{ "mempool_init", 5, 0 }, { "mempool_alloc_noprof", 2, 1 }, { "mempool_create_node_noprof", 6, 1 },
	{ "mempool_init_noprof", 5, 1 },
};

/* Not tried one by one: where the first fentry program is taken, so are these. */
static void probe_mempools(struct drvmem_probe *p, const struct btf *btf)
{
	const struct drvmem_feat_result *fentry = &p->f[DRVMEM_FEAT_FENTRY];
	bool all = true;
	size_t i;

	p->mempool_bulk = drvmem_types__has_func(btf, "mempool_alloc_bulk_noprof");
	p->mempool_noprof = drvmem_types__has_func(btf, "mempool_alloc_noprof");
	for (i = 0; i < sizeof(mempool_funcs) / sizeof(mempool_funcs[0]); i++)
		if (mempool_funcs[i].noprof < 0 || mempool_funcs[i].noprof == p->mempool_noprof)
			all &= drvmem_types__args(btf, mempool_funcs[i].name) == mempool_funcs[i].args;
	if (all)
		set(p, DRVMEM_FEAT_MEMPOOLS, fentry->st, fentry->error, fentry->why);
	else
		set(p, DRVMEM_FEAT_MEMPOOLS, DRVMEM_FEAT_NO, 0,
		    "this kernel's mempools have functions of another form");
}

/* By tracepoints, else by functions. What only maps is told apart by symbols. */
static void probe_vmalloc(struct drvmem_probe *p, const struct btf *btf)
{
	const char *third;
	bool there = drvmem_types__event(btf, "alloc_vmap_area", &third) == 6 &&
		     drvmem_types__event(btf, "free_vmap_area_noflush", &third) == 3;
	static const char hidden[] = "kernel symbols are hidden: a vmalloc is not told from what only maps";
	int r;

	if (p->f[DRVMEM_FEAT_KALLSYMS].st != DRVMEM_FEAT_YES) {
		set(p, DRVMEM_FEAT_VMALLOC, DRVMEM_FEAT_DENIED, 0, hidden);
		set(p, DRVMEM_FEAT_VMALLOC_HOOKS, DRVMEM_FEAT_DENIED, 0, hidden);
		return;
	}
	set(p, DRVMEM_FEAT_VMALLOC, there ? DRVMEM_FEAT_YES : DRVMEM_FEAT_NO, 0,
	    there ? "" : "this kernel has no tracepoint alloc_vmap_area of a known form");
	if (there) {
		set(p, DRVMEM_FEAT_VMALLOC_HOOKS, DRVMEM_FEAT_NO, 0, "not needed: the tracepoints are there");
		return;
	}
	r = drvmem_types__args(btf, "alloc_vmap_area") == 6 ? try_fentry(btf, "alloc_vmap_area") : -ENOENT;
	if (!r)
		r = try_fentry(btf, "remove_vm_area");
	set_try(p, DRVMEM_FEAT_VMALLOC_HOOKS, r, -ENOENT, "fentry programs on alloc_vmap_area are refused");
}

/* 772dd0342727 "mm: enumerate all gfp flags", 6.9; before they are macros, of these values since 5.4. */
static void read_gfp(struct drvmem_probe *p, const struct btf *btf)
{
	const struct {
		const char *name;
		uint32_t bit, *ret;
	} flag[] = {
		{ "___GFP_MOVABLE_BIT", 3, &p->gfp_movable },
		{ "___GFP_FS_BIT", 7, &p->gfp_fs },
		{ "___GFP_DIRECT_RECLAIM_BIT", 10, &p->gfp_reclaim },
		{ "___GFP_ACCOUNT_BIT", 22, &p->gfp_account },
		{ "___GFP_COMP_BIT", 18, &p->gfp_comp },
		{ "___GFP_NOMEMALLOC_BIT", 19, &p->gfp_nomemalloc },
		{ "___GFP_HARDWALL_BIT", 20, &p->gfp_hardwall },
	};
	uint32_t id, n = btf__type_cnt(btf);
	size_t f;

	for (f = 0; f < sizeof(flag) / sizeof(flag[0]); f++)
		*flag[f].ret = 1u << flag[f].bit;
	for (id = 1; id < n; id++) {
		const struct btf_type *t = btf__type_by_id(btf, id);
		uint16_t i, nr = btf_is_enum(t) ? btf_vlen(t) : 0;

		for (i = 0; i < nr; i++) {
			const char *name = btf__name_by_offset(btf, btf_enum(t)[i].name_off);

			if (strncmp(name, "___GFP_", 7))
				continue;
			for (f = 0; f < sizeof(flag) / sizeof(flag[0]); f++)
				if (!strcmp(name, flag[f].name))
					*flag[f].ret = 1u << btf_enum(t)[i].val;
		}
	}
}

/* Who asked is told apart from the allocators above by symbols. */
static void probe_pages(struct drvmem_probe *p, const struct btf *btf)
{
	const char *third;
	bool there = drvmem_types__event(btf, "mm_page_alloc", &third) == 4 &&
		     drvmem_types__event(btf, "mm_page_free", &third) == 2;
	int id = btf__find_by_name_kind(btf, "page", BTF_KIND_STRUCT);
	bool fits = id > 0 && btf__type_by_id(btf, (uint32_t)id)->size == DRVMEM_PAGE_STRUCT;

	read_gfp(p, btf);
	if (!there)
		set(p, DRVMEM_FEAT_PAGES, DRVMEM_FEAT_NO, 0,
		    "the page tracepoints are not there, or in a form that is not known");
	else if (!fits)
		set(p, DRVMEM_FEAT_PAGES, DRVMEM_FEAT_NO, 0, "struct page is not 64 bytes here");
	else if (p->f[DRVMEM_FEAT_KALLSYMS].st != DRVMEM_FEAT_YES)
		set(p, DRVMEM_FEAT_PAGES, DRVMEM_FEAT_DENIED, 0,
		    "kernel symbols are hidden: pages of slabs are not told from others");
	else
		set(p, DRVMEM_FEAT_PAGES, DRVMEM_FEAT_YES, 0, "");
}

/* What needs the events of pages and their symbols beside its own. */
static void set_seen(struct drvmem_probe *p, enum drvmem_feat f, bool there, const char *why)
{
	if (!there)
		set(p, f, DRVMEM_FEAT_NO, 0, why);
	else if (p->f[DRVMEM_FEAT_PAGES].st != DRVMEM_FEAT_YES)
		set(p, f, p->f[DRVMEM_FEAT_PAGES].st, 0, p->f[DRVMEM_FEAT_PAGES].why);
	else
		set(p, f, DRVMEM_FEAT_YES, 0, "");
}

/* The first form of dma_alloc, early in 6.12, had no direction. Who asked is found by symbols. */
static void probe_dma(struct drvmem_probe *p, const struct btf *btf)
{
	const char *third;
	bool there = drvmem_types__event(btf, "dma_alloc", &third) == 7 &&
		     drvmem_types__event(btf, "dma_alloc_pages", &third) == 7 &&
		     drvmem_types__event(btf, "dma_alloc_sgt", &third) == 6 &&
		     drvmem_types__event(btf, "dma_free", &third) == 6 &&
		     drvmem_types__event(btf, "dma_free_pages", &third) == 6 &&
		     drvmem_types__event(btf, "dma_free_sgt", &third) == 4;

	set_seen(p, DRVMEM_FEAT_DMA, there, "this kernel has no tracepoints of DMA buffers of a known form");
}

static void probe_dma_maps(struct drvmem_probe *p, const struct btf *btf)
{
	const char *third;
	bool page = drvmem_types__event(btf, "dma_map_page", &third) == 6 &&
		    drvmem_types__event(btf, "dma_unmap_page", &third) == 5 &&
		    drvmem_types__event(btf, "dma_map_resource", &third) == 6 &&
		    drvmem_types__event(btf, "dma_unmap_resource", &third) == 5;
	bool sg = drvmem_types__event(btf, "dma_map_sg", &third) == 6 &&
		  drvmem_types__event(btf, "dma_unmap_sg", &third) == 5;

	p->need_unmap = drvmem_types__has_func(btf, "dma_need_unmap");
	p->map_phys = drvmem_types__event(btf, "dma_map_phys", &third) == 6 &&
		      drvmem_types__event(btf, "dma_unmap_phys", &third) == 5;
	set_seen(p, DRVMEM_FEAT_DMA_MAPS, sg && (page || p->map_phys),
		 "this kernel has no tracepoints of DMA mappings of a known form");
}

/* The functions of both, where neither has events. */
static void probe_dma_hooks(struct drvmem_probe *p, const struct btf *btf)
{
	static const struct { const char *func; int args; } hooks[] = {
		{ "dma_alloc_attrs", 5 }, { "dma_alloc_pages", 5 }, { "dma_free_attrs", 5 },
		{ "dma_free_pages", 5 }, { "dma_map_page_attrs", 6 }, { "dma_map_resource", 5 },
		{ "dma_map_sg_attrs", 5 }, { "dma_unmap_page_attrs", 5 }, { "dma_unmap_resource", 5 },
		{ "dma_unmap_sg_attrs", 5 },
	};
	bool known = true;
	int r = -ENOENT;
	size_t i;

	if (p->f[DRVMEM_FEAT_DMA].st == DRVMEM_FEAT_YES || p->f[DRVMEM_FEAT_DMA_MAPS].st == DRVMEM_FEAT_YES) {
		set(p, DRVMEM_FEAT_DMA_HOOKS, DRVMEM_FEAT_NO, 0, "not needed: the tracepoints are there");
		return;
	}
	for (i = 0; i < sizeof(hooks) / sizeof(hooks[0]); i++)
		known &= drvmem_types__args(btf, hooks[i].func) == hooks[i].args;
	if (known)
		r = try_fentry(btf, "dma_alloc_attrs");
	if (!r && p->f[DRVMEM_FEAT_PAGES].st != DRVMEM_FEAT_YES)
		set_seen(p, DRVMEM_FEAT_DMA_HOOKS, true, "");
	else
		set_try(p, DRVMEM_FEAT_DMA_HOOKS, r, -ENOENT, "fentry programs on dma_alloc_attrs are refused");
}

/*
 * The least preemption count that a program on kfree sees, of events of ours: 0 where raw tracepoints
 * run with preemption on. 0xffffffff: it cannot be seen.
 */
static uint32_t preempt_count_seen(int var)
{
	_cleanup_close_ int map = bpf_map_create(BPF_MAP_TYPE_ARRAY, "drvmem_probe", 4, 8, 1, NULL);
	_cleanup_close_ int prog = -1, link = -1;
	const struct bpf_insn insns[] = {
		/* r1 = &__preempt_count; r0 = bpf_this_cpu_ptr(r1); r0 = *(u32 *)r0 & 0xff */
		{ .code = BPF_LD | BPF_DW | BPF_IMM, .dst_reg = BPF_REG_1, .src_reg = BPF_PSEUDO_BTF_ID,
		  .imm = var },
		{ 0 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_this_cpu_ptr },
		{ .code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = BPF_REG_0, .src_reg = BPF_REG_0 },
		{ .code = BPF_ALU64 | BPF_AND | BPF_K, .dst_reg = BPF_REG_0, .imm = 0xff },
		/* r1 = map value; if (r0 < *(u32 *)r1) *(u32 *)r1 = r0 */
		{ .code = BPF_LD | BPF_DW | BPF_IMM, .dst_reg = BPF_REG_1, .src_reg = BPF_PSEUDO_MAP_VALUE,
		  .imm = map },
		{ 0 },
		{ .code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = BPF_REG_2, .src_reg = BPF_REG_1 },
		{ .code = BPF_JMP | BPF_JGE | BPF_X, .dst_reg = BPF_REG_0, .src_reg = BPF_REG_2, .off = 1 },
		{ .code = BPF_STX | BPF_MEM | BPF_W, .dst_reg = BPF_REG_1, .src_reg = BPF_REG_0 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	uint32_t key = 0, value[2] = { UINT32_MAX, 0 };
	int i;

	if (map < 0 || bpf_map_update_elem(map, &key, value, BPF_ANY))
		return UINT32_MAX;
	prog = load_insns(BPF_PROG_TYPE_RAW_TRACEPOINT, insns, sizeof(insns) / sizeof(insns[0]), NULL, 0);
	if (prog >= 0)
		link = bpf_raw_tracepoint_open("kfree", prog);
	if (link < 0)
		return UINT32_MAX;
	/* each closes a seq_file, whose buffers are freed */
	for (i = 0; i < 16; i++) {
		_cleanup_close_ int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
		char c;

		if (fd < 0 || read(fd, &c, 1) < 0)
			break;
	}
	close(link);
	link = -1;
	return bpf_map_lookup_elem(map, &key, value) ? UINT32_MAX : value[0];
}

static void probe_preemption(struct drvmem_probe *p, const struct btf *btf)
{
	int var = btf__find_by_name_kind(btf, "__preempt_count", BTF_KIND_VAR);
	uint32_t seen = var > 0 ? preempt_count_seen(var) : UINT32_MAX;

	p->preempt_off = !seen && drvmem_types__has_func(btf, "bpf_preempt_disable") &&
			 drvmem_types__has_func(btf, "bpf_preempt_enable") &&
			 drvmem_types__has_func(btf, "bpf_local_irq_save") && drvmem_types__has_func(btf, "bpf_local_irq_restore");
	if (!seen && !p->preempt_off)
		set(p, DRVMEM_FEAT_UNDISTURBED, DRVMEM_FEAT_NO, 0, "this kernel preempts programs");
	else if (seen == UINT32_MAX)
		set(p, DRVMEM_FEAT_UNDISTURBED, DRVMEM_FEAT_UNKNOWN, 0, "the preemption count cannot be seen");
	else
		set(p, DRVMEM_FEAT_UNDISTURBED, DRVMEM_FEAT_YES, 0,
		    p->preempt_off ? "they switch preemption off" : "the kernel sees to it");
}

/* Where SLUB keeps free objects that it counts as in use. */
static void probe_slub(struct drvmem_probe *p, const struct btf *btf)
{
	p->slab_of_cpu = drvmem_types__has_member(btf, "kmem_cache", "cpu_slab");
	p->partial_in_slabs = drvmem_types__has_member(btf, "kmem_cache", "cpu_partial_slabs");
}

/* Whether the tables are there and in order is seen when a session reads them. */
static void probe_orc(struct drvmem_probe *p, const struct btf *btf)
{
	p->orc_form = strcmp(p->arch, "x86_64") ? DRVMEM_ORC_NONE : drvmem_types__orc(btf);
	if (p->orc_form == DRVMEM_ORC_NONE)
		set(p, DRVMEM_FEAT_ORC, DRVMEM_FEAT_NO, 0, "this kernel has no ORC tables");
	else if (p->f[DRVMEM_FEAT_CMPXCHG].st != DRVMEM_FEAT_YES || p->form != DRVMEM_SLAB_6_1)
		set(p, DRVMEM_FEAT_ORC, DRVMEM_FEAT_NO, 0, "BPF of this kernel cannot walk them");
	else if (p->f[DRVMEM_FEAT_JIT].st != DRVMEM_FEAT_YES)
		set(p, DRVMEM_FEAT_ORC, DRVMEM_FEAT_NO, 0, "interpreted programs have no frame to start from");
	else if (p->f[DRVMEM_FEAT_KALLSYMS].st != DRVMEM_FEAT_YES)
		set(p, DRVMEM_FEAT_ORC, DRVMEM_FEAT_DENIED, 0, "kernel symbols are hidden");
	else
		set(p, DRVMEM_FEAT_ORC, DRVMEM_FEAT_YES, 0, "");
}

static void probe_modules(struct drvmem_probe *p, const struct btf *btf, enum drvmem_seen list)
{
	const char *unused;
	bool have = !access("/proc/modules", F_OK);
	bool events = drvmem_types__event(btf, "module_load", &unused) >= 1 &&
		      drvmem_types__event(btf, "module_free", &unused) >= 1;

	set(p, DRVMEM_FEAT_MODULES, have ? DRVMEM_FEAT_YES : DRVMEM_FEAT_NO, 0,
	    have ? "" : "this kernel has no loadable modules");
	set(p, DRVMEM_FEAT_MODULE_EVENTS, events ? DRVMEM_FEAT_YES : DRVMEM_FEAT_NO, 0,
	    events ? "" : "no tracepoints module_load and module_free");
	if (!have)
		set(p, DRVMEM_FEAT_MODULE_LIST, DRVMEM_FEAT_NO, 0, "this kernel has no loadable modules");
	else if (p->f[DRVMEM_FEAT_KALLSYMS].st != DRVMEM_FEAT_YES)
		set(p, DRVMEM_FEAT_MODULE_LIST, DRVMEM_FEAT_DENIED, 0, "kernel symbols are hidden");
	else
		drvmem_system__module_list(list, &p->f[DRVMEM_FEAT_MODULE_LIST]);
}

/* mm/kasan/report.c: kasan_report() is a function only where there is KASAN. */
static void probe_kasan(struct drvmem_probe *p, const struct btf *btf)
{
	bool have = drvmem_types__has_func(btf, "kasan_report");

	set(p, DRVMEM_FEAT_KASAN, have ? DRVMEM_FEAT_YES : DRVMEM_FEAT_NO, 0, have ? "" : "this kernel has no KASAN");
}

static void without_btf(struct drvmem_probe *p, int error)
{
	int i;

	set_try(p, DRVMEM_FEAT_BTF, error, -ENOENT, "/sys/kernel/btf/vmlinux cannot be read");
	for (i = 0; i < DRVMEM_NR_FEATS; i++)
		if (i != DRVMEM_FEAT_BTF && !p->f[i].why[0] && p->f[i].st == DRVMEM_FEAT_UNKNOWN)
			set(p, i, DRVMEM_FEAT_UNKNOWN, 0, "cannot be found out without BTF");
}

static int quiet(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	(void)level;
	(void)fmt;
	(void)ap;
	return 0;
}

void drvmem_probe__run(enum drvmem_seen module_list, struct drvmem_probe *ret)
{
	libbpf_print_fn_t old = libbpf_set_print(quiet);
	struct drvmem_probe p = {};
	struct btf *btf;
	int i, n;

	for (i = 0; i < DRVMEM_NR_FEATS; i++)
		p.f[i].st = DRVMEM_FEAT_UNKNOWN;
	drvmem_system__read(&p);
	n = libbpf_num_possible_cpus();
	p.nr_cpus = n > 0 ? (uint32_t)n : 0;
	probe_raw_tp(&p);
	probe_cmpxchg(&p);
	errno = 0;
	btf = btf__load_vmlinux_btf();
	if (!btf) {
		without_btf(&p, errno && errno != ESRCH ? -errno : -ENOENT);	/* ESRCH: none of libbpf's paths */
	} else {
		set(&p, DRVMEM_FEAT_BTF, DRVMEM_FEAT_YES, 0, "");
		p.form = slab_form(btf);
		probe_percpu(&p, btf);
		probe_vmalloc(&p, btf);
		probe_pages(&p, btf);
		probe_dma(&p, btf);
		probe_dma_maps(&p, btf);
		probe_dma_hooks(&p, btf);
		probe_slub(&p, btf);
		probe_fentry(&p, btf);
		probe_unseen(&p, btf);
		probe_changes(&p, btf);
		probe_moves(&p, btf);
		probe_mempools(&p, btf);
		probe_kfuncs(&p, btf);
		probe_preemption(&p, btf);
		probe_modules(&p, btf, module_list);
		probe_orc(&p, btf);
		probe_kasan(&p, btf);
	}
	/* bpf_prog_info.recursion_misses came with the guard itself, 5.12 like the atomics */
	p.f[DRVMEM_FEAT_RECURSION_COUNT].st = p.f[DRVMEM_FEAT_CMPXCHG].st;
	if (p.f[DRVMEM_FEAT_CMPXCHG].st != DRVMEM_FEAT_YES)
		set(&p, DRVMEM_FEAT_RECURSION_COUNT, p.f[DRVMEM_FEAT_CMPXCHG].st, 0,
		    p.f[DRVMEM_FEAT_CMPXCHG].st == DRVMEM_FEAT_UNKNOWN ?
			    p.f[DRVMEM_FEAT_CMPXCHG].why : "the kernel keeps no such counter");
	btf__free(btf);
	libbpf_set_print(old);
	*ret = p;
}
