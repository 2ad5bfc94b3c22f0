/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the fields lie that the reachability scan reads in the kernel's memory: offsets in bytes,
 * from the kernel's own BTF. -1 = this kernel's structure has no such field.
 */
#ifndef DRVMEM_SESSION_KLAYOUT_H
#define DRVMEM_SESSION_KLAYOUT_H

#include <stdint.h>

#include "base/err.h"

struct drvmem_klayout {
	int32_t page_size;		/* of struct page */
	int32_t page_lru, page_refcount;
	int32_t slab_cache, slab_freelist;	/* struct slab, struct page before 5.17 */
	int32_t cache_size, cache_object_size, cache_offset, cache_random, cache_ctor, cache_name;
	int32_t cache_flags, cache_red_left_pad;
	uint64_t unzeroed_flags;	/* of a cache whose objects are not zeroed when they are taken */
	int32_t sheaf_cache, sheaf_objects, sheaf_size, sheaf_list;	/* struct slab_sheaf, 6.18 and later */
	int32_t cache_sheaves, sheaves_main, sheaves_spare, sheaves_rcu;	/* of each CPU: struct slub_percpu_sheaves */
	int32_t cache_barns, barn_stride;	/* of each node: struct node_barn, from 7.0 on from the cache, */
	int32_t cache_nodes, node_barn;		/* before from its struct kmem_cache_node */
	int32_t barn_full, barn_empty;
	int32_t task_size, task_tasks, task_stack, task_sp, task_pid, task_tgid, task_comm, task_on_cpu;
	int32_t task_fpregs;		/* user space's vector registers, to the end of its slab cell */
	int32_t task_vm_area;		/* that of the stack */
	int32_t area_addr, area_size, area_flags, area_pages, area_nr_pages, area_caller;	/* struct vm_struct */
	int32_t vmap_vm, vmap_list;	/* struct vmap_area */
	int32_t chunk_base, chunk_data;	/* struct pcpu_chunk */
	int32_t task_signal, task_thread_node, signal_thread_head;
	int32_t task_mm, task_active_mm, mm_pgd;
	int32_t tramp_image_tr, tramp_image_name;	/* struct bpf_tramp_image: the trampoline, its symbol's name */
	int32_t napi_cache_size, napi_count, napi_heads;	/* struct napi_alloc_cache */
};

/* -ENOENT: the kernel has no BTF; -ENODATA: it lacks what no scan can do without. */
DRVMEM_MUST_CHECK int drvmem_klayout__read(struct drvmem_klayout *ret);

#endif /* DRVMEM_SESSION_KLAYOUT_H */
