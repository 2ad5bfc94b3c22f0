/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between kernels, one block per change. Presence is decided by BTF
 * (CO-RE, or a knob that user/session sets after a look at BTF), never by version.
 */
#ifndef DRVMEM_COMPAT_BPF_H
#define DRVMEM_COMPAT_BPF_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include "config.bpf.h"

/*
 * fd264ca02094 "bpf: Add a kfunc to type cast from bpf uapi ctx to kernel ctx" and its
 * sibling bpf_rdonly_cast, 6.2: a load that faults to 0 without a helper call.
 * fc7566ad0a82 "bpf: Introduce bpf_preempt_[disable,enable] kfuncs", 6.10.
 * c8e2ee1f3df0 "bpf: Introduce support for bpf_local_irq_{save,restore}", 6.14.
 */
extern void *bpf_rdonly_cast(const void *obj, __u32 btf_id) __ksym __weak;
extern void bpf_preempt_disable(void) __ksym __weak;
extern void bpf_preempt_enable(void) __ksym __weak;
extern void bpf_local_irq_save(unsigned long *flags) __ksym __weak;
extern void bpf_local_irq_restore(unsigned long *flags) __ksym __weak;

struct dm_cache_sizes {
	__u32 size, object_size;
};

/*
 * DM_KFUNCS: only in slab.bpf.c. A kernel without kfuncs (5.10) refuses even a dead call,
 * and libbpf 1.1's linker cannot merge the same kfunc from two objects.
 */
static __always_inline struct dm_cache_sizes dm_cache_read(struct kmem_cache *s)
{
	struct dm_cache_sizes r = {};

#ifdef DM_KFUNCS
	if (cfg.use_rdonly_cast) {
		struct kmem_cache *t = bpf_rdonly_cast(s, bpf_core_type_id_kernel(struct kmem_cache));

		r.size = t->size;
		r.object_size = t->object_size;
		return r;
	}
#endif
	bpf_probe_read_kernel(&r.size, sizeof(r.size), &s->size);
	bpf_probe_read_kernel(&r.object_size, sizeof(r.object_size), &s->object_size);
	return r;
}

/*
 * Argument n of a traced function. The verifier lets a program load only arguments
 * of types it knows (up to 6.12 not even `const void *`); the array itself is
 * ordinary kernel memory.
 */
static __always_inline __u64 dm_arg(void *ctx, int n)
{
	__u64 v = 0;

	bpf_probe_read_kernel(&v, sizeof(v), (char *)ctx + n * sizeof(v));
	return v;
}

#endif /* DRVMEM_COMPAT_BPF_H */
