/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DMA buffers and mappings by the functions of kernel/dma/mapping.c, where there are no
 * tracepoints yet (before 6.12): fexit for what is made, fentry for what ends.
 */
#ifndef DRVMEM_MAPPING61_BPF_H
#define DRVMEM_MAPPING61_BPF_H

#include "dma.bpf.h"
#include "mapping.bpf.h"

/*
 * Who called the traced function. Its trampoline's frame is where the arguments lie, which end
 * at the saved value (arch/x86/net/bpf_jit_comp.c:arch_prepare_bpf_trampoline): the saved frame
 * pointer, the return into the function, the return out of it. The unwinder is only asked where
 * the caller is a function of the DMA API too.
 */
static __always_inline __u64 dm_exit_asker(__u64 *ctx, __u32 nr_args)
{
	__u64 site = 0;
	long bytes;
#ifdef __TARGET_ARCH_x86
	__u64 ip = 0;

	bpf_probe_read_kernel(&ip, sizeof(ip), (char *)ctx + (nr_args + 3) * sizeof(ip));
	if (ip >> 31 == 0x1ffffffffULL)
		site = dm_asker_at(ip, DRVMEM_ALLOC_DMA);
	if (site)
		return site;
#endif
	{
#if DM_CAS
		struct drvmem_scratch *s = dm_scratch_get();

		if (s) {
			bytes = bpf_get_stack(ctx, s->ip, sizeof(s->ip), 0);
			site = drvmem_asker_in(s->no, bytes > 0 ? (__u32)bytes / sizeof(__u64) : 0,
					       DRVMEM_ALLOC_DMA);
			dm_scratch_put(s);
		}
#else
		__u64 ips[DM_ASKER_DEPTH] = {};

		bytes = bpf_get_stack(ctx, ips, sizeof(ips), 0);
		site = dm_asker_in(ips, bytes > 0 ? (__u32)bytes / sizeof(__u64) : 0, DRVMEM_ALLOC_DMA);
#endif
	}
	if (site == DM_ASKED_BY_UNKNOWN)
		dm_stat(DRVMEM_STAT_STACK_MISSING);
	return site;
}

/* A buffer of a function with five arguments, the device the first of them. addr 0: it failed. */
static __always_inline int dm_exit_buffer(__u64 *ctx, __u64 addr, __u64 size)
{
	struct dm_alloc a = {
		.addr = addr,
		.cache = dm_arg(ctx, 0),
		.asked = size > 0xffffffffULL ? 0xffffffffU : size,
		.kind = DRVMEM_CLASS_DMA,
		.allocator = DRVMEM_ALLOC_DMA,
		.gated = 1,
		.owned = 1,
		.stackless = 1,
	};

	if (cfg.sampling || cfg.only) {
		__u32 gate = dm_gate();

		if (dm_pass_alloc(gate, DRVMEM_SAMPLER_DMA, addr, a.asked))
			return 0;
		a.epoch = dm_epoch(gate);
	}
	a.held = dm_dma_held(size, dm_is_sampled(a.epoch));
	a.call_site = dm_exit_asker(ctx, 5);
	a.mods = DM_G(drvmem_map_mods)(a.cache, a.call_site);
	a.object_size = dm_device_mark(a.cache);
	dm_track_alloc(NULL, dm_ctl_get(), &a);
	return 0;
}

/* dma_alloc_attrs(dev, size, dma_handle, gfp, attrs), dma_alloc_pages(dev, size, dma_handle, dir, gfp) */
static __always_inline int dm_exit_alloc(__u64 *ctx)
{
	__u64 virt = dm_arg(ctx, 5);

	if (!dm_ctl_get()->active)
		return 0;
	return dm_exit_buffer(ctx, virt ? DRVMEM_ADDR_DMA(virt) : 0, dm_arg(ctx, 1));
}

/* dma_alloc_noncontiguous(dev, size, dir, gfp, attrs) */
static __always_inline int dm_exit_alloc_sgt(__u64 *ctx)
{
	__u64 sgt = dm_arg(ctx, 5);

	if (!dm_ctl_get()->active)
		return 0;
	return dm_exit_buffer(ctx, sgt ? DRVMEM_ADDR_SGT(sgt) : 0, dm_arg(ctx, 1));
}

/* (dev, size, what it is known by, ...) */
static __always_inline int dm_entry_free(__u64 *ctx)
{
	__u64 virt = dm_arg(ctx, 2);

	return virt ? dm_dma_end(DRVMEM_ADDR_DMA(virt)) : 0;
}

static __always_inline int dm_exit_map(__u64 *ctx, __u32 nr_args, __u64 hash, int sg, __u64 size)
{
	__u64 call_site;
	__u32 epoch = 0;

	if ((cfg.sampling || cfg.only) &&
	    dm_map_is_let_pass(sg ? DRVMEM_SAMPLER_MAP_SG : DRVMEM_SAMPLER_MAP, hash, size, &epoch))
		return 0;
	call_site = dm_exit_asker(ctx, nr_args);
	return dm_map_track(NULL, call_site, dm_arg(ctx, 0), hash, sg, size, epoch);
}

/* dma_map_page_attrs(dev, page, offset, size, dir, attrs) */
static __always_inline int dm_exit_map_page(__u64 *ctx)
{
	__u64 dma = dm_arg(ctx, 6);

	if (!dm_ctl_get()->active)
		return 0;
	return dm_exit_map(ctx, 6, dma == ~0ULL ? 0 : dm_map_hash(dm_arg(ctx, 0), dma), 0, dm_arg(ctx, 3));
}

/* dma_map_resource(dev, phys, size, dir, attrs) */
static __always_inline int dm_exit_map_resource(__u64 *ctx)
{
	__u64 dma = dm_arg(ctx, 5);

	if (!dm_ctl_get()->active)
		return 0;
	return dm_exit_map(ctx, 5, dma == ~0ULL ? 0 : dm_map_hash(dm_arg(ctx, 0), dma), 0, dm_arg(ctx, 2));
}

/* dma_map_sg_attrs(dev, sg, nents, dir, attrs): entries mapped, 0 or less: it failed */
static __always_inline int dm_exit_map_sg(__u64 *ctx)
{
	__u64 sg = dm_arg(ctx, 1);

	if (!dm_ctl_get()->active)
		return 0;
	return dm_exit_map(ctx, 5, (__s32)dm_arg(ctx, 5) > 0 ? dm_map_hash(dm_arg(ctx, 0), sg) : 0, 1,
			   DM_G(drvmem_sg_bytes)(sg, dm_arg(ctx, 2)));
}

/* dma_map_sgtable(dev, sgt, dir, attrs): 0 or an error */
static __always_inline int dm_exit_map_sgtable(__u64 *ctx)
{
	struct sg_table *sgt = (struct sg_table *)(long)dm_arg(ctx, 1);
	struct scatterlist *sg = NULL;
	__u32 nents = 0;

	if (!dm_ctl_get()->active)
		return 0;
	bpf_probe_read_kernel(&sg, sizeof(sg), &sgt->sgl);
	bpf_probe_read_kernel(&nents, sizeof(nents), &sgt->orig_nents);
	return dm_exit_map(ctx, 4, (__s32)dm_arg(ctx, 4) ? 0 : dm_map_hash(dm_arg(ctx, 0), (__u64)(long)sg), 1,
			   DM_G(drvmem_sg_bytes)((__u64)(long)sg, nents));
}

/* dma_unmap_page_attrs, dma_unmap_resource(dev, addr, size, dir, attrs) */
static __always_inline int dm_entry_unmap(__u64 *ctx)
{
	return dm_map_end(dm_arg(ctx, 0), dm_arg(ctx, 1), dm_arg(ctx, 2));
}

/* dma_unmap_sg_attrs(dev, sg, nents, dir, attrs) */
static __always_inline int dm_entry_unmap_sg(__u64 *ctx)
{
	return dm_map_sg_end(dm_arg(ctx, 0), dm_arg(ctx, 1));
}

#define DM_MAPPING61(prefix_)								\
	SEC("fexit/dma_alloc_attrs")							\
	int prefix_##_dma_x_alloc(__u64 *ctx) { return dm_exit_alloc(ctx); }		\
	SEC("fexit/dma_alloc_pages")							\
	int prefix_##_dma_x_pages(__u64 *ctx) { return dm_exit_alloc(ctx); }		\
	SEC("fentry/dma_free_attrs")							\
	int prefix_##_dma_x_free(__u64 *ctx) { return dm_entry_free(ctx); }		\
	SEC("fentry/dma_free_pages")							\
	int prefix_##_dma_x_pgfree(__u64 *ctx) { return dm_entry_free(ctx); }		\
	SEC("fexit/dma_map_page_attrs")							\
	int prefix_##_map_x(__u64 *ctx) { return dm_exit_map_page(ctx); }		\
	SEC("fexit/dma_map_resource")							\
	int prefix_##_map_x_res(__u64 *ctx) { return dm_exit_map_resource(ctx); }	\
	SEC("fexit/dma_map_sg_attrs")							\
	int prefix_##_map_x_sg(__u64 *ctx) { return dm_exit_map_sg(ctx); }		\
	SEC("fentry/dma_unmap_page_attrs")						\
	int prefix_##_unmap_x(__u64 *ctx) { return dm_entry_unmap(ctx); }		\
	SEC("fentry/dma_unmap_resource")						\
	int prefix_##_unmap_x_res(__u64 *ctx) { return dm_entry_unmap(ctx); }		\
	SEC("fentry/dma_unmap_sg_attrs")						\
	int prefix_##_unmap_x_sg(__u64 *ctx) { return dm_entry_unmap_sg(ctx); }		\
	SEC("fentry/dma_sync_single_for_cpu")						\
	int prefix_##_sync_x_cpu(__u64 *ctx) { return dm_sync(dm_arg(ctx, 0), 0); }	\
	SEC("fentry/dma_sync_sg_for_cpu")						\
	int prefix_##_sync_x_cpusg(__u64 *ctx) { return dm_sync(dm_arg(ctx, 0), 0); }	\
	SEC("fentry/dma_sync_single_for_device")					\
	int prefix_##_sync_x_dev(__u64 *ctx) { return dm_sync(dm_arg(ctx, 0), 1); }	\
	SEC("fentry/dma_sync_sg_for_device")						\
	int prefix_##_sync_x_devsg(__u64 *ctx) { return dm_sync(dm_arg(ctx, 0), 1); }

#endif /* DRVMEM_MAPPING61_BPF_H */
