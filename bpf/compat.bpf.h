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
 * a35b9af4ec2c "bpf: Add a kfunc for generic type cast", 6.2: bpf_rdonly_cast, a load that
 * faults to 0 without a helper call.
 */
extern void *bpf_rdonly_cast(const void *obj, __u32 btf_id) __ksym __weak;

/*
 * 4c1f4ca7d2b4 "bpf: Introduce bpf_preempt_[disable,enable] kfuncs", 6.10. Where raw tracepoints
 * run with preemption on (7.x), a program that has to wait for its CPU loses all its events
 * there meanwhile: the kernel takes them for recursion. Before, they run with it off. Whoever
 * else wants the CPU by then would get it from bpf_preempt_enable, still inside the program; not
 * with interrupts off (kernel/sched/core.c:preempt_schedule), but soon after the program's end.
 * Off all the time they make it worse: the softirq that waited runs at their return, inside.
 */
extern void bpf_preempt_disable(void) __ksym __weak;
extern void bpf_preempt_enable(void) __ksym __weak;
/* c8e2ee1f3df0 "bpf: Introduce support for bpf_local_irq_{save,restore}", 6.14 */
extern void bpf_local_irq_save(unsigned long *flags) __ksym __weak;
extern void bpf_local_irq_restore(unsigned long *flags) __ksym __weak;

#ifdef DM_KFUNCS
static __always_inline void dm_preempt_enable(void)
{
	unsigned long flags;

	bpf_local_irq_save(&flags);
	bpf_preempt_enable();
	bpf_local_irq_restore(&flags);
}

#define DM_UNDISTURBED(expr_) ({		\
	int r_;					\
						\
	if (cfg.preempt_off)			\
		bpf_preempt_disable();		\
	r_ = (expr_);				\
	if (cfg.preempt_off)			\
		dm_preempt_enable();		\
	r_;					\
})
#else
#define DM_UNDISTURBED(expr_) (expr_)
#endif

/*
 * Argument n of a raw tracepoint: one load at a constant offset from ctx. clang may compute
 * ctx + offset first when an argument is read twice, which verifiers up to 6.12 refuse.
 */
#define DM_CTX(ctx_, n_) ({							\
	__u64 v_;								\
	asm volatile("%0 = *(u64 *)(%1 + %2)" : "=r"(v_) : "r"(ctx_), "i"((n_) * 8));	\
	v_;									\
})

struct dm_cache_sizes {
	__u32 size, object_size;
};

/*
 * DM_KFUNCS: only in hooks.bpf.c. A kernel without kfuncs (5.10) refuses even a dead call,
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

static __always_inline __u32 dm_cache_object_size(struct kmem_cache *s)
{
	__u32 r = 0;

#ifdef DM_KFUNCS
	if (cfg.use_rdonly_cast) {
		struct kmem_cache *t = bpf_rdonly_cast(s, bpf_core_type_id_kernel(struct kmem_cache));

		return t->object_size;
	}
#endif
	bpf_probe_read_kernel(&r, sizeof(r), &s->object_size);
	return r;
}

/* 8 bytes of kernel memory; 0 where there is none. */
static __always_inline __u64 dm_word(__u64 addr)
{
	__u64 v = 0;

#ifdef DM_KFUNCS
	if (cfg.use_rdonly_cast) {
		struct timespec64 *t = bpf_rdonly_cast((void *)(long)addr,
						       bpf_core_type_id_kernel(struct timespec64));

		return t->tv_sec;
	}
#endif
	bpf_probe_read_kernel(&v, sizeof(v), (void *)(long)addr);
	return v;
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
