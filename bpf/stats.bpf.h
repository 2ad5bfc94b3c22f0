/* SPDX-License-Identifier: GPL-2.0 */
/* Per-CPU loss and event counters (enum drvmem_stat), and small arithmetic. */
#ifndef DRVMEM_STATS_BPF_H
#define DRVMEM_STATS_BPF_H

#include "maps.bpf.h"
#include "config.bpf.h"

/*
 * A program may be interrupted by another one on its CPU (and preempted from
 * 7.1 on), so even per-CPU sums need an atomic add to stay exact.
 */
#define dm_add(ptr_, val_) ((void)__sync_fetch_and_add((ptr_), (val_)))

static __always_inline void dm_stat(enum drvmem_stat which)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct drvmem_stats *s = bpf_map_lookup_elem(&dm_stats, &cpu);

	if (s)
		dm_add(&s->v[which], 1);
}

/*
 * The same for a counter that one program alone writes, which the recursion guard lets run
 * once on a CPU (not on 5.10); how often before.
 */
static __always_inline __u64 dm_stat_own(enum drvmem_stat which)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct drvmem_stats *s = bpf_map_lookup_elem(&dm_stats, &cpu);

	return s ? s->v[which]++ : 0;
}

/* The same for one that several programs write: the number may be another's. */
static __always_inline __u64 dm_stat_shared(enum drvmem_stat which)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct drvmem_stats *s = bpf_map_lookup_elem(&dm_stats, &cpu);

	if (!s)
		return 0;
	dm_add(&s->v[which], 1);
	return s->v[which] - 1;
}

static __always_inline void dm_stat_n(enum drvmem_stat which, __u64 n)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct drvmem_stats *s = bpf_map_lookup_elem(&dm_stats, &cpu);

	if (s)
		dm_add(&s->v[which], n);
}

/*
 * The same number, of which the verifier knows nothing any more (the difference of two pointers, 0, is
 * any number to it): so what follows is looked at once, not once for each value that it could tell
 * apart. What it walks of each program: doc/programs.md.
 */
static __always_inline __u64 dm_untold(__u64 x)
{
#ifdef __bpf__
	__u64 zero;

	asm volatile("%1 = r10; %1 -= r10; %0 |= %1" : "+r"(x), "=&r"(zero));
#endif
	return x;
}

/* Position of the highest set bit, 1-based; 0 for 0. BPF has no count-leading-zeros. */
static __always_inline __u64 dm_fls(__u32 v)
{
	__u32 r = 0;

	if (v >= 1u << 16) {
		v >>= 16;
		r += 16;
	}
	if (v >= 1u << 8) {
		v >>= 8;
		r += 8;
	}
	if (v >= 1u << 4) {
		v >>= 4;
		r += 4;
	}
	if (v >= 1u << 2) {
		v >>= 2;
		r += 2;
	}
	if (v >= 1u << 1) {
		v >>= 1;
		r += 1;
	}
	return dm_untold(r + v);
}

/* The place of a number in a row of n by its highest bit; in 64 bits, as 5.10's verifier follows only those. */
static __always_inline __u64 dm_bucket_of(__u32 v, __u64 n)
{
	__u64 at = dm_fls(v);

	return at < n ? at : n - 1;
}

/* Place of a size in size[]. */
static __always_inline __u64 dm_size_bucket(__u32 asked)
{
	return dm_bucket_of(asked, DRVMEM_SIZE_BUCKETS);
}

/*
 * An index below n, a power of two, that the verifier believes: masked after clang has lost sight
 * of its range (it drops a mask that it can prove needless, the verifier of 6.1 cannot).
 */
static __always_inline __u32 dm_bounded(__u32 i, __u32 n)
{
	asm volatile("" : "+r"(i));
	return i & (n - 1);
}

/* Finaliser of splitmix64 (Steele, Lea, Flood 2014): every input bit reaches every output bit. */
static __always_inline __u64 dm_mix(__u64 x)
{
	x ^= x >> 30;
	x *= 0xbf58476d1ce4e5b9ULL;
	x ^= x >> 27;
	x *= 0x94d049bb133111ebULL;
	return x ^ (x >> 31);
}

/* slot: below DRVMEM_MAX_MODULES. */
static __always_inline struct drvmem_module *dm_module(__u32 slot)
{
	return &dm_modules[dm_bounded(slot, DRVMEM_MAX_MODULES)];
}

static __always_inline struct drvmem_ctl *dm_ctl_get(void)
{
	return &dm_ctl;
}

#endif /* DRVMEM_STATS_BPF_H */
