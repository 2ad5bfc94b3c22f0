/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What this kernel and this process can do, found by trying. Four states; a
 * failed probe is never cached as "missing". No policy: session/plan decides.
 */
#ifndef DRVMEM_PROBE_PROBE_H
#define DRVMEM_PROBE_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "drvmem/abi.h"

enum drvmem_feat_state { DRVMEM_FEAT_YES, DRVMEM_FEAT_NO, DRVMEM_FEAT_DENIED, DRVMEM_FEAT_UNKNOWN };

enum drvmem_feat {
	DRVMEM_FEAT_BTF,		/* /sys/kernel/btf/vmlinux */
	DRVMEM_FEAT_BPF,		/* bpf(2) may create a map and load a program */
	DRVMEM_FEAT_RAW_TP,		/* raw tracepoint programs attach */
	DRVMEM_FEAT_FENTRY,		/* fentry programs load and attach */
	DRVMEM_FEAT_JIT,
	DRVMEM_FEAT_CMPXCHG,		/* BPF atomics with fetch (5.12) */
	DRVMEM_FEAT_RDONLY_CAST,	/* bpf_rdonly_cast (6.2) */
	DRVMEM_FEAT_MODULES,		/* kernel has loadable modules */
	DRVMEM_FEAT_MODULE_EVENTS,	/* module_load / module_free tracepoints */
	DRVMEM_FEAT_MODULE_LIST,	/* symbol `modules` is visible */
	DRVMEM_FEAT_KALLSYMS,		/* addresses are shown */
	DRVMEM_FEAT_SLAB_SYSFS,		/* /sys/kernel/slab */
	DRVMEM_FEAT_RCU_FREES,		/* fentry kvfree_call_rcu */
	DRVMEM_FEAT_BULK_FREES,		/* fentry kmem_cache_free_bulk */
	DRVMEM_FEAT_CACHE_DESTROY,	/* fentry kmem_cache_destroy */
	DRVMEM_FEAT_BULK_ALLOCS,	/* fexit kmem_cache_alloc_bulk, under the name that it has here */
	DRVMEM_FEAT_KREALLOC,		/* fentry krealloc, the same */
	DRVMEM_FEAT_VREALLOC,		/* fentry vm_area_free_pages: vrealloc gives pages back (7.2) */
	DRVMEM_FEAT_PAGES_BULK,		/* fentry and fexit alloc_pages_bulk, the same */
	DRVMEM_FEAT_PERCPU,		/* percpu tracepoints, in the form of the slab ones' kernel */
	DRVMEM_FEAT_VMALLOC,		/* tracepoints of vmalloc areas (6.2) */
	DRVMEM_FEAT_VMALLOC_HOOKS,	/* else fexit alloc_vmap_area and fentry remove_vm_area */
	DRVMEM_FEAT_PAGES,		/* tracepoints of the page allocator, and what is needed to read them */
	DRVMEM_FEAT_DMA,		/* tracepoints of DMA buffers (6.12) */
	DRVMEM_FEAT_DMA_MAPS,		/* tracepoints of DMA mappings (6.12) */
	DRVMEM_FEAT_DMA_HOOKS,		/* else the functions of both, by fexit and fentry */
	DRVMEM_FEAT_DMA_IOVA,		/* fexit dma_iova_link and its kin (6.16), in any case */
	DRVMEM_FEAT_MOVES,		/* fexit zs_page_migrate, or of what it is called by */
	DRVMEM_FEAT_MOVES_TOO,		/* fexit balloon_page_migrate, beside the former */
	DRVMEM_FEAT_MEMPOOLS,		/* fexit and fentry of mempool_alloc and its kin */
	DRVMEM_FEAT_UNDISTURBED,	/* programs are not preempted, or can see to that */
	DRVMEM_FEAT_RECURSION_COUNT,	/* bpf_prog_info.recursion_misses (5.12) */
	DRVMEM_FEAT_ORC,		/* ORC unwind tables of a known form */
	DRVMEM_FEAT_FAULTS,		/* failslab or fail_page_alloc, limited to a range of code */
	DRVMEM_FEAT_KFENCE,		/* it is on */
	DRVMEM_FEAT_KASAN,
	DRVMEM_FEAT_SLUB_DEBUG,		/* SLUB checks some cache */
	DRVMEM_NR_FEATS,
};

/* Which form the slab tracepoints have: decided by the BTF of btf_trace_*. */
enum drvmem_slab_form {
	DRVMEM_SLAB_UNKNOWN = 0,	/* a form no test kernel has: refused */
	DRVMEM_SLAB_5_10,		/* kmalloc 5 args, *_node events, kmem_cache_free(site, ptr) */
	DRVMEM_SLAB_6_1,		/* kmalloc 6 args, kmem_cache_alloc(site, ptr, s, gfp, node) */
};

struct drvmem_feat_result {
	enum drvmem_feat_state st;
	int error;		/* -errno of the try, 0 */
	char why[160];		/* one sentence when not YES */
};

struct drvmem_probe {
	struct drvmem_feat_result f[DRVMEM_NR_FEATS];
	enum drvmem_slab_form form;
	enum drvmem_orc_form orc_form;
	uint32_t gfp_movable, gfp_hardwall, gfp_fs, gfp_nomemalloc, gfp_comp, gfp_reclaim, gfp_account;	/* with DRVMEM_FEAT_PAGES */
	bool slab_of_cpu;	/* kmem_cache.cpu_slab: each CPU has a slab, perhaps a list of partial ones */
	bool partial_in_slabs;	/* kmem_cache.cpu_partial_slabs: the list is limited in slabs (5.16) */
	bool need_unmap;	/* drivers may ask whether their mappings need an end: most do not then */
	bool map_phys;		/* dma_map_phys is the event of a mapping (6.18), not dma_map_page */
	const char *func[DRVMEM_NR_FEATS];	/* of features whose function has several names: the one here */
	bool bulk_bool;		/* kmem_cache_alloc_bulk returns a bool */
	uint8_t pages_bulk_args;	/* of the function that alloc_pages_bulk is */
	bool mempool_noprof;	/* the functions of mempools end in _noprof (6.10) */
	bool mempool_bulk;	/* and there is mempool_alloc_bulk (6.19) */
	bool dma_iova;		/* DMA mappings by ranges of addresses (6.16) */
	bool nolock;		/* kmalloc_nolock is there (6.18): BPF's objects, without an event */
	bool preempt_off;	/* programs must and can switch preemption off themselves */
	char kernel[96], arch[32];
	uint32_t nr_cpus;	/* possible */
	bool in_container, in_userns;
	int seccomp;		/* /proc/self/status Seccomp: 0 1 2 */
	int lockdown;		/* 0 none/absent 1 integrity 2 confidentiality */
	int kptr_restrict;	/* -1 = cannot be read */
	int64_t kfence_ms;	/* between two samples; 0 = off, below = not there (probe/checkers.h) */
	uint32_t slub_caches;	/* that SLUB checks */
	uint64_t caps_effective;
};

struct drvmem_feat_desc {
	const char *name;	/* "fentry" */
	const char *what;	/* "see objects freed by kfree_rcu" */
	const char *cost;	/* figure that suffers without it */
	const char *remedy;
};
extern const struct drvmem_feat_desc drvmem_feat_descs[DRVMEM_NR_FEATS];

/* What the caller has already read of /proc/kallsyms: it takes a second under emulation. */
enum drvmem_seen { DRVMEM_NOT_READ = 0, DRVMEM_SEEN_THERE, DRVMEM_SEEN_MISSING };

/* Fills ret; always succeeds (states say what could not be found out). */
void drvmem_probe__run(enum drvmem_seen module_list, struct drvmem_probe *ret);
/* 0, or -EPERM/-ENOTSUP with err naming cause and remedy: can a session run at all? */
DRVMEM_MUST_CHECK int drvmem_probe__can_trace(const struct drvmem_probe *p, struct drvmem_err *err);

#endif /* DRVMEM_PROBE_PROBE_H */
