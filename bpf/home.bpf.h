/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where an object of the live table has its home: in the near regions first, in the whole table
 * once homes have moved; and dm_spill, which tells of objects that are not in a home of now.
 */
#ifndef DRVMEM_HOME_BPF_H
#define DRVMEM_HOME_BPF_H

#include "stats.bpf.h"

#define DM_SPILL_TRIES 16

/* The home in the whole table, by which dm_spill counts. */
static __always_inline __u32 dm_home_no(__u64 addr)
{
	return drvmem_home_far(addr, cfg.nr_regions);
}

/* ctl->homes, read once: what it says belongs together. */
static __always_inline __u32 dm_homes(void)
{
	struct drvmem_ctl *ctl = dm_ctl_get();

	return ctl ? *(volatile __u32 *)&ctl->homes : DRVMEM_HOMES(cfg.nr_regions, DRVMEM_BLOCK_SHIFT);
}

static __always_inline __u32 dm_home_by(__u64 addr, __u32 homes)
{
	return drvmem_home(addr, DRVMEM_HOMES_REGIONS(homes), DRVMEM_HOMES_SHIFT(homes));
}

/* The home of an object that comes now. */
static __always_inline __u32 dm_home_now(__u64 addr)
{
	return dm_home_by(addr, dm_homes());
}

/* The word of a home, by its number in the whole table: who is elsewhere. */
static __always_inline __u64 *dm_spill_of(__u32 home)
{
	return bpf_map_lookup_elem(&dm_spill, &home);
}

/* Where in it the counter is that an object of the home is counted by. */
static __always_inline __u32 dm_spill_shift(__u64 addr)
{
	__u64 hash = (addr >> 3) * 0x9e3779b97f4a7c15ULL;

	return DRVMEM_SPILL_BITS * (__u32)((hash >> 32) * DRVMEM_SPILL_COUNTERS >> 32);
}

/* How many objects there are in no home that are counted where this one would be. */
static __always_inline __u32 dm_spilled(const __u64 *spill, __u64 addr)
{
	return *(const volatile __u64 *)spill >> dm_spill_shift(addr) & DRVMEM_SPILL_MAX;
}

/* One more; 0: no more can be counted, or others were faster each time. */
static __always_inline int dm_spill_take(__u64 *spill, __u64 addr)
{
	__u64 was, one = 1ULL << dm_spill_shift(addr);
	int i;

#pragma clang loop unroll(disable)
	for (i = 0; i < DM_SPILL_TRIES; i++) {
		was = *(volatile __u64 *)spill;
		if ((was & one * DRVMEM_SPILL_MAX) == one * DRVMEM_SPILL_MAX)
			return 0;
		if (__sync_val_compare_and_swap(spill, was, was + one) == was)
			return 1;
	}
	return 0;
}

static __always_inline void dm_spill_give(__u64 *spill, __u64 addr)
{
	dm_add(spill, -(1ULL << dm_spill_shift(addr)));
}

/* The home while homes are near; the home in the whole table where they never were. */
static __always_inline __u32 dm_near_no(__u64 addr)
{
	struct drvmem_ctl *ctl = dm_ctl_get();

	return ctl && ctl->near_regions ? drvmem_home_near(addr, ctl->near_regions) : dm_home_no(addr);
}

/* The object with this home in the whole table may be in a near home, or in none. */
static __always_inline int dm_is_elsewhere(const __u64 *spill, __u64 addr, __u32 homes)
{
	__u64 mine = (__u64)DRVMEM_SPILL_MAX << dm_spill_shift(addr) | DRVMEM_SPILL_NEAR;

	return homes & DRVMEM_HOMES_LOOK || *(const volatile __u64 *)spill & mine;
}

/*
 * table.bpf.c, global functions for the stack of 6.1. near_look: the near home of an object that
 * may be there though it would not come there now, else DM_NOWHERE. put_home: dm_put_home().
 */
#define DM_NOWHERE 0xffffffffu
__u32 drvmem_near_look(__u64 addr);
int drvmem_put_home(__u64 addr, __u32 homes);

static __always_inline __u32 dm_near_look(__u64 addr)
{
	__u32 homes = dm_homes(), home = dm_home_no(addr), near = dm_near_no(addr);
	__u64 *spill;

	if (near == dm_home_by(addr, homes))
		return DM_NOWHERE;
	if (homes & DRVMEM_HOMES_LOOK)
		return near;
	spill = dm_spill_of(home);
	return spill && *(volatile __u64 *)spill & DRVMEM_SPILL_NEAR ? near : DM_NOWHERE;
}

/*
 * Stored in a home. Did homes move meanwhile, then user space may have looked for those in near
 * homes before it was there: it is marked here.
 */
static __always_inline void dm_put_home(__u64 *spill, __u32 homes)
{
	if ((dm_homes() ^ homes) & ~DRVMEM_HOMES_LOOK)
		__sync_fetch_and_or(spill, DRVMEM_SPILL_NEAR);
}

/*
 * While homes are near: one that is not at home comes (1) or goes (-1). Too many, and the homes
 * of new objects are in the whole table from now on, which has room.
 */
static __always_inline void dm_near_away(__s64 by)
{
	struct drvmem_ctl *ctl = dm_ctl_get();
	__u32 homes = dm_homes();

	if (!ctl || homes != DRVMEM_HOMES(ctl->near_regions, DRVMEM_NEAR_SHIFT))
		return;
	dm_add(&ctl->near_away, by);
	if (ctl->near_away <= (__s64)ctl->near_regions * DRVMEM_NEAR_AWAY)
		return;
	ctl->home_room = 0;
	__sync_val_compare_and_swap(&ctl->homes, homes, DRVMEM_HOMES(cfg.nr_regions, DRVMEM_BLOCK_SHIFT) |
								DRVMEM_HOMES_LOOK);
}

#endif /* DRVMEM_HOME_BPF_H */
