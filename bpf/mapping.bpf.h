/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DMA mappings (kernel/dma/mapping.c): memory that is counted elsewhere, and that a device may
 * reach. An object is one call, of a page, of a stretch of physical memory or of a scatterlist,
 * until it is unmapped; its device stands where others have their cache. The owner is the module
 * of the call site; where that is the kernel or a library, the driver of the device: what is
 * mapped is the device's business, whoever's queue it came from.
 */
#ifndef DRVMEM_MAPPING_BPF_H
#define DRVMEM_MAPPING_BPF_H

#include "track.bpf.h"

/* mapping_impl.bpf.h. A free place for one more mapping of this hash, or 0: it has too many. */
__u64 DM_G(drvmem_map_place)(__u64 hash);
/* Ends a mapping of `size` bytes (0: not told), in one of its places, in any; 1, or 0: there is none. */
int DM_G(drvmem_unmap_at)(__u64 addr, __u32 asked);
int DM_G(drvmem_unmap)(__u64 hash, __u64 size);
/* Modules of a mapping by a device, see above; packed by DM_MODS. */
__u64 DM_G(drvmem_map_mods)(__u64 dev, __u64 call_site);
/* Bytes of a scatterlist; of a longer one than DM_SG_MAX of its first entries. */
__u64 DM_G(drvmem_sg_bytes)(__u64 sg, __u32 nents);

#define DM_SG_MAX 256

static __always_inline __u64 dm_map_hash(__u64 dev, __u64 addr)
{
	return dm_mix(addr ^ dm_mix(dev));
}

/* hash 0: it failed. ctx NULL: it cannot show a stack. */
static __always_inline int dm_map_track(struct bpf_raw_tracepoint_args *ctx, __u64 call_site, __u64 dev,
					__u64 hash, int sg, __u64 size, __u32 epoch)
{
	struct dm_alloc a = {
		.call_site = call_site,
		.cache = dev,
		.object_size = dm_device_mark(dev),
		.asked = size > 0xffffffffULL ? 0xffffffffU : size,
		.kind = DRVMEM_CLASS_DEVICE,
		.allocator = DRVMEM_MAP_DMA,
		.gated = 1,
		.epoch = epoch,
		.owned = 1,
		.stackless = !ctx,
	};

	a.mods = DM_G(drvmem_map_mods)(dev, call_site);
	if (hash && sg) {
		a.addr = DRVMEM_ADDR_MAPPED_SG(hash);
	} else if (hash) {
		a.addr = DM_G(drvmem_map_place)(hash);
		if (!a.addr) {
			dm_stat(DRVMEM_STAT_MAPS_FULL);
			return 0;
		}
	}
	dm_track_alloc(ctx, dm_ctl_get(), &a);
	return 0;
}

/* The gate of a session that samples or has some owners only: 1 = let it pass. */
static __always_inline int dm_map_is_let_pass(__u32 sampler, __u64 hash, __u64 size, __u32 *epoch)
{
	__u32 gate = dm_gate();

	if (dm_is_let_pass(gate, sampler, hash, size))
		return 1;
	*epoch = dm_epoch(gate);
	return 0;
}

static __always_inline int dm_map_end(__u64 dev, __u64 addr, __u64 size)
{
	if (dm_ctl_get()->active)
		DM_G(drvmem_unmap)(dm_map_hash(dev, addr), size);
	return 0;
}

/* One place for each: a scatterlist is not mapped twice. */
static __always_inline int dm_map_sg_end(__u64 dev, __u64 sg)
{
	struct drvmem_ctl *ctl = dm_ctl_get();

	if (ctl->active)
		dm_track_free(ctl, DRVMEM_ADDR_MAPPED_SG(dm_map_hash(dev, sg)), DM_END_AREA);
	return 0;
}

/* A mapping is handed to the CPU, or back to the device: counted by device, whose it is. */
static __always_inline int dm_sync(__u64 dev, int for_device)
{
	__u64 key = dm_map_hash(dev, dm_device_mark(dev));
	struct drvmem_dma_sync *s;

	if (!dm_ctl_get()->active)
		return 0;
	s = bpf_map_lookup_elem(&dm_syncs, &key);
	if (!s) {
		struct drvmem_dma_sync first = {};

		dm_device_name((struct device *)(long)dev, first.name);
		bpf_map_update_elem(&dm_syncs, &key, &first, BPF_NOEXIST);
		s = bpf_map_lookup_elem(&dm_syncs, &key);
	}
	if (s)
		dm_add(for_device ? &s->for_device : &s->for_cpu, 1);
	else
		dm_stat(DRVMEM_STAT_DEVICES_FULL);
	return 0;
}

#endif /* DRVMEM_MAPPING_BPF_H */
