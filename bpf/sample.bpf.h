/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Byte sampling: sample points lie on the stream of allocated bytes of a program and CPU with
 * exponential gaps of mean `rate` bytes (a Poisson process), and an object is kept when a point
 * falls into it: with probability p = 1 - e^(-size/rate), independently of all others. Each
 * kept object stands for w = 1/p, so that sums of w, and of w times anything, are unbiased
 * (Horvitz, Thompson 1952), with variance estimated by the sum of w (w - 1) value^2. Integer
 * arithmetic only, errors below 10^-5 of the weight (tests/unit/test_sample.c). Sizes and rates
 * in bytes; rate: DRVMEM_RATE_MIN .. DRVMEM_RATE_MAX.
 */
#ifndef DRVMEM_SAMPLE_BPF_H
#define DRVMEM_SAMPLE_BPF_H

#include "stats.bpf.h"

#define DM_Q30	(1LL << 30)

/* What an object adds to sums. An exact one is 1 and its bytes; units are those of the row. */
struct dm_share {
	__u64 count;		/* DRVMEM_COUNT_ONE of a sampled row, or 1 */
	__u64 bytes;		/* DRVMEM_BYTES_ONE of a sampled row, or 1 */
	__u64 count_var;	/* 1 */
	__u64 bytes_var;	/* DRVMEM_VAR_BYTES bytes^2 */
};

/* Position of the highest set bit of a number that is not 0. */
static __always_inline __u32 dm_log2(__u64 v)
{
	__u32 hi = v >> 32;

	return hi ? dm_fls(hi) + 31 : dm_fls((__u32)v) - 1;
}

#define DM_WEIGHT_ONE	(1ULL << 28)

/* 1/(1 - e^-x) for x = size/rate in (0, 1], in 2^-28: 1/x + 1/2 + x/12 - x^3/720 + ... */
static __always_inline __u64 dm_weight_series(__u64 size, __u64 rate)
{
	__u64 x = (size << 30) / rate, x2 = x * x >> 30, x3 = x2 * x >> 30, x5 = x3 * x2 >> 30;
	__u64 x7 = x5 * x2 >> 30;

	return ((rate << 32) / size + (1ULL << 31) + (x << 2) / 12 + (x5 << 2) / 30240 -
		(x3 << 2) / 720 - (x7 << 2) / 1209600) >> 4;
}

/* The weight of a kept object in 1/DM_WEIGHT_ONE. size > 0. */
static __always_inline __u64 dm_weight(__u64 size, __u64 rate)
{
	__u32 i, halved = 0;
	__u64 w;

	if (!size || !rate || size >= 20 * rate)
		return DM_WEIGHT_ONE;
	/* the series serves up to x = 1; 1 - e^-2x = p (2 - p) leads back */
	for (i = 0; i < 5; i++) {
		if (size > rate) {
			rate <<= 1;
			halved++;
		}
	}
	w = dm_weight_series(size, rate);
	for (i = 0; i < 5; i++)
		if (i < halved)
			w = w * w / (2 * w - DM_WEIGHT_ONE);
	return w;
}

static __always_inline void dm_share_sampled(__u64 size, __u64 rate, struct dm_share *ret)
{
	__u64 w = dm_weight(size, rate), more = w - DM_WEIGHT_ONE;

	/* w size and (w - 1) size are below 2^34, their product at most rate^2, 2^52 */
	ret->count = (w + (1 << 11)) >> 12;
	ret->bytes = (w * size + (1 << 19)) >> 20;
	ret->count_var = w >> 44 ? (w >> 28) * (more >> 28) : (w >> 12) * (more >> 12) >> 32;
	ret->bytes_var = (w * size >> 24) * ((more * size + (1 << 20)) >> 21) / (2048 * DRVMEM_VAR_BYTES);
}

/* -ln(u) of a random number u in (0, 1], in 2^-30; v: u * 2^64. */
static __always_inline __u64 dm_exponential(__u64 v)
{
	/* 2/n of the series of ln((1+y)/(1-y)) = 2 (y + y^3/3 + ...), in 2^-30 */
	__u64 m, y, y2, sum;
	__u32 top;

	if (!v)
		v = 1;
	top = dm_log2(v);
	m = v << (63 - top) >> 33;	/* 1 <= m < 2 in 2^-30 */
	y = ((m - DM_Q30) << 30) / (m + DM_Q30);
	y2 = y * y >> 30;
	sum = 2 * DM_Q30 / 13;
	sum = (sum * y2 >> 30) + 2 * DM_Q30 / 11;
	sum = (sum * y2 >> 30) + 2 * DM_Q30 / 9;
	sum = (sum * y2 >> 30) + 2 * DM_Q30 / 7;
	sum = (sum * y2 >> 30) + 2 * DM_Q30 / 5;
	sum = (sum * y2 >> 30) + 2 * DM_Q30 / 3;
	sum = (sum * y2 >> 30) + 2 * DM_Q30;
	return (64 - top) * 744261118ULL /* ln 2 */ - (sum * y >> 30);
}

/*
 * Bytes up to and including the one that the next point hits, from 1 on: of a gap between g
 * and g + 1 bytes, g + 1. state: of the generator (splitmix64).
 */
static __always_inline __u64 dm_gap(__u64 *state, __u64 rate)
{
	__u64 v = *state + 0x9e3779b97f4a7c15ULL, e;

	*state = v;
	e = dm_exponential(dm_mix(v));
	return (e * rate >> 30) + 1;
}

/* Goes on by size bytes. 1: no point was hit, the object is not kept. */
static __always_inline int dm_sample_pass(struct drvmem_sampler *s, __u64 size)
{
	if (s->gap <= size)
		return 0;
	s->gap -= size;
	return 1;
}

/* What dm_sample_pass() could not decide, and the first object of an epoch. 1: it is kept. */
static __always_inline int dm_sample_take(struct drvmem_sampler *s, __u64 size, __u32 epoch, __u64 rate)
{
	/* a gap has no memory, so that what is left of one serves as well as a new one */
	if (s->epoch != epoch) {
		s->epoch = epoch;
		s->gap = dm_gap(&s->random, rate);
		if (dm_sample_pass(s, size))
			return 0;
	}
	s->gap = dm_gap(&s->random, rate);
	return 1;
}

static __always_inline int dm_is_sampled(__u32 epoch)
{
	return cfg.sampling && DRVMEM_IS_SAMPLED(epoch);
}

/* Entries that dm_present counts. */
static __always_inline int dm_is_counted(__u32 epoch)
{
	return cfg.only || dm_is_sampled(epoch);
}

static __always_inline __u32 *dm_present_of(__u64 addr)
{
	__u64 block = (addr >> DRVMEM_BLOCK_SHIFT) * 0x9e3779b97f4a7c15ULL >> 53;

	return &dm_present[dm_bounded(block << 5 | (addr >> 10 & 31), DRVMEM_PRESENT)];
}

/* Before an object is put into the table; by: 1, or -1 when it found no room. */
static __always_inline void dm_present_add(__u64 addr, __u32 epoch, __s32 by)
{
	if (dm_is_counted(epoch))
		dm_add(dm_present_of(addr), by);
}

/* After an entry with this second word left the table. */
static __always_inline void dm_present_end(__u64 addr, __u64 w2)
{
	dm_present_add(addr, DRVMEM_W2_EPOCH(w2), -1);
}

/* gate: of ctl. 1: this address cannot be in the table. */
static __always_inline int dm_is_untracked(__u32 gate, __u64 addr)
{
	return gate && !(gate & DRVMEM_GATE_EXACT_LEFT) && !*dm_present_of(addr);
}

#endif /* DRVMEM_SAMPLE_BPF_H */
