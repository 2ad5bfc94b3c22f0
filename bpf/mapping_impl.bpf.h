/* SPDX-License-Identifier: GPL-2.0 */
/* The global functions of mappings (mapping.bpf.h), for the one object of each table form. */
#ifndef DRVMEM_MAPPING_IMPL_BPF_H
#define DRVMEM_MAPPING_IMPL_BPF_H

#include "mapping.bpf.h"

__noinline __u64 DM_G(drvmem_map_place)(__u64 hash)
{
	struct dm_slot old = {};
	__u64 addr;
	__u32 i;

#pragma clang loop unroll(disable)
	for (i = 0; i < DRVMEM_MAPPED_TIMES; i++) {
		addr = DRVMEM_ADDR_MAPPED(hash, (__u64)i);
		/* nothing is changed: is it there? */
		if (dm_mark(addr, 0, &old) != DM_FOUND)
			return addr;
	}
	return 0;
}

__noinline int DM_G(drvmem_unmap_at)(__u64 addr, __u32 asked)
{
	struct drvmem_site_cpu *c;
	struct dm_slot old = {};

	if (dm_is_untracked(dm_gate(), addr) || dm_remove_shared(addr, &old) != DM_FOUND)
		return 0;
	dm_present_end(addr, old.w2);
	if (asked && asked != DRVMEM_W1_ASKED(old.w1)) {
		c = dm_site_cpu_get(DRVMEM_W1_SITE(old.w1), DRVMEM_W2_EPOCH(old.w2));
		if (c)
			dm_add(&c->mismatched, 1);
	}
	dm_end(old.w1, old.w2, DM_END_AREA);
	return 1;
}

__noinline int DM_G(drvmem_unmap)(__u64 hash, __u64 size)
{
	__u32 i, asked = size > 0xffffffffULL ? 0xffffffffU : size;

#pragma clang loop unroll(disable)
	for (i = 0; i < DRVMEM_MAPPED_TIMES; i++)
		if (DM_G(drvmem_unmap_at)(DRVMEM_ADDR_MAPPED(hash, (__u64)i), asked))
			return 1;
	return 0;
}

/* A module's slot; DRVMEM_MOD_KERNEL: it is none, or it is not known. */
static __always_inline __u16 dm_module_of_text(__u64 text)
{
	__u32 r = drvmem_range_at(text);

	return dm_is_module(r) ? DM_RANGE_MODULE(r) : DRVMEM_MOD_KERNEL;
}

static __always_inline __u16 dm_driver_of(struct device *dev)
{
	struct device_driver *driver = NULL;
	struct module *mod = NULL;
	void *text = NULL;

	bpf_probe_read_kernel(&driver, sizeof(driver), &dev->driver);
	if (driver)
		bpf_probe_read_kernel(&mod, sizeof(mod), &driver->owner);
	if (!mod)
		return DRVMEM_MOD_KERNEL;
	if (bpf_core_field_exists(mod->mem)) {
		bpf_probe_read_kernel(&text, sizeof(text), &mod->mem[MOD_TEXT].base);
	} else {
		struct module___layout *old = (struct module___layout *)mod;

		bpf_probe_read_kernel(&text, sizeof(text), &old->core_layout.base);
	}
	return text ? dm_module_of_text((__u64)(long)text) : DRVMEM_MOD_KERNEL;
}

__noinline __u64 DM_G(drvmem_map_mods)(__u64 dev, __u64 call_site)
{
	__u16 direct, driver, inner;

	if (!dm_ctl_get()->nr_modules)
		return 0;
	direct = call_site ? dm_module_of_text(call_site - 1) : DRVMEM_MOD_KERNEL;
	if (direct != DRVMEM_MOD_KERNEL && !dm_is_library(direct))
		return DM_MODS(direct, direct, direct, direct);
	driver = dm_driver_of((struct device *)(long)dev);
	if (driver == DRVMEM_MOD_KERNEL)
		driver = direct;
	inner = direct == DRVMEM_MOD_KERNEL ? driver : direct;
	return DM_MODS(direct, inner, driver, driver);
}

/* A place in a scatterlist. */
struct dm_sg {
	__u64 at, bytes;
};

/* Adds the entry there; 1: at is the next, as include/linux/scatterlist.h:sg_next() tells. */
static __always_inline int dm_sg_step(struct dm_sg *c)
{
	struct {
		__u64 link;
		__u32 offset, length;
	} e;

	if (bpf_probe_read_kernel(&e, sizeof(e), (void *)(long)c->at))
		return 0;
	c->bytes += e.length;
	if (e.link & 2)
		return 0;
	c->at += bpf_core_type_size(struct scatterlist);
	if (bpf_probe_read_kernel(&e, sizeof(e), (void *)(long)c->at))
		return 0;
	if (e.link & 1)
		c->at = e.link & ~3ULL;
	return 1;
}

#if DM_CAS
/* A function of its own: looked at once, not for each entry. */
__noinline int drvmem_sg_step(struct dm_sg *c)
{
	return c && dm_sg_step(c);
}
#else
#define drvmem_sg_step dm_sg_step	/* 5.10 hands no pointers over */
#endif

__noinline __u64 DM_G(drvmem_sg_bytes)(__u64 sg, __u32 nents)
{
	struct dm_sg c = { .at = sg };
	__u32 i;

#pragma clang loop unroll(disable)
	for (i = 0; i < DM_SG_MAX; i++) {
		if (i >= nents || !drvmem_sg_step(&c))
			return c.bytes;
	}
	if (i < nents)
		dm_stat(DRVMEM_STAT_SG_CUT);
	return c.bytes;
}

#endif /* DRVMEM_MAPPING_IMPL_BPF_H */
