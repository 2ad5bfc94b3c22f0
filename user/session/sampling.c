// SPDX-License-Identifier: GPL-2.0-or-later
#include "session/sampling.h"

#include <errno.h>
#include <sys/random.h>

int drvmem_sampling__check(uint64_t bytes, struct drvmem_err *err)
{
	if (!bytes || (bytes >= DRVMEM_RATE_MIN && bytes <= DRVMEM_RATE_MAX))
		return 0;
	drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE,
			"--sample is from %u to %u bytes between two sample points",
			DRVMEM_RATE_MIN, DRVMEM_RATE_MAX);
	drvmem_err__remedy(err, "512K suits a busy host; leave it out to take every object");
	return -EINVAL;
}

bool drvmem_sampling__fits(uint32_t nr_cpus)
{
	return nr_cpus <= DRVMEM_SAMPLER_CPUS;
}

int drvmem_sampling__seed(struct drvmem_sampler *samplers, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		if (getrandom(&samplers[i].random, sizeof(samplers[i].random), 0) !=
		    (ssize_t)sizeof(samplers[i].random))
			return errno ? -errno : -EIO;
	return 0;
}

void drvmem_sampling__gate(volatile struct drvmem_ctl *ctl, const struct drvmem_session_info *info)
{
	uint32_t gate = 0;

	if (info->active && (info->only || DRVMEM_IS_SAMPLED(info->now_epoch)))
		gate = info->now_epoch | (info->exact_left ? DRVMEM_GATE_EXACT_LEFT : 0) |
		       (info->only ? DRVMEM_GATE_ONLY : 0);
	__atomic_store_n(&ctl->gate, gate, __ATOMIC_RELEASE);
}

static void begin(volatile struct drvmem_ctl *ctl, struct drvmem_session_info *info, uint32_t no,
		  uint64_t bytes, uint64_t now_ns)
{
	info->epoch[no] = (struct drvmem_epoch){ now_ns, bytes };
	info->now_epoch = no;
	/* in this order: an event that sees the new epoch sees its rate, one past the gate an epoch */
	ctl->rate[no] = (uint32_t)bytes;
	__atomic_store_n(&ctl->epoch, no, __ATOMIC_RELEASE);
	drvmem_sampling__gate(ctl, info);
}

void drvmem_sampling__start(volatile struct drvmem_ctl *ctl, struct drvmem_session_info *info,
			    uint64_t bytes, uint64_t now_ns)
{
	begin(ctl, info, bytes ? 1 : 0, bytes, now_ns);
}

int drvmem_sampling__next(volatile struct drvmem_ctl *ctl, struct drvmem_session_info *info,
			  uint64_t bytes, uint64_t now_ns)
{
	uint32_t no = info->now_epoch + 1;

	if (drvmem_sampling__check(bytes, NULL))
		return -EINVAL;
	if (DRVMEM_IS_SAMPLED(no) != !!bytes)
		no++;
	if (no >= DRVMEM_EPOCHS)
		return -ENOSPC;
	/* those of some owners only are all counted in dm_present */
	info->exact_left |= !DRVMEM_IS_SAMPLED(info->now_epoch) && !info->only;
	begin(ctl, info, no, bytes, now_ns);
	return 0;
}

bool drvmem_sampling__exact_left(const volatile struct drvmem_bucket *table, uint32_t nr_buckets)
{
	uint32_t i, j;

	for (i = 0; i < nr_buckets; i++)
		for (j = 0; j < DRVMEM_BUCKET_SLOTS; j++)
			if (table[i].key[j] && !DRVMEM_IS_SAMPLED(DRVMEM_W2_EPOCH(table[i].e[j].w2)))
				return true;
	return false;
}
