/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where an object of the live table has its home: in the near regions first, in the whole table
 * once homes have moved; and dm_spill, which tells of objects that are not in a home of now.
 */
#ifndef DRVMEM_HOME_BPF_H
#define DRVMEM_HOME_BPF_H

#include "stats.bpf.h"

/* The home in the whole table, by which dm_spill counts. */
static __always_inline __u32 dm_home_no(__u64 addr)
{
	return drvmem_home(addr, cfg.nr_regions);
}

/* The home of an object that comes now. */
static __always_inline __u32 dm_home_now(__u64 addr)
{
	struct drvmem_ctl *ctl = dm_ctl_get();

	return drvmem_home(addr, ctl ? ctl->homes & ~DRVMEM_HOMES_LOOK : cfg.nr_regions);
}

/* The word of four homes, by their numbers in the whole table: who is elsewhere. */
static __always_inline __u64 *dm_spill_of(__u32 home)
{
	__u32 i = home / DRVMEM_SPILL_BUCKETS;

	return bpf_map_lookup_elem(&dm_spill, &i);
}

/* The number of objects of a home that are in none, and DRVMEM_SPILL_NEAR. */
static __always_inline __u32 dm_elsewhere(const __u64 *spill, __u32 home)
{
	return *(const volatile __u64 *)spill >> DRVMEM_SPILL_BITS * (home % DRVMEM_SPILL_BUCKETS) & 0xffff;
}

static __always_inline __u32 dm_spilled(const __u64 *spill, __u32 home)
{
	return dm_elsewhere(spill, home) & ~DRVMEM_SPILL_NEAR;
}

static __always_inline void dm_spill_add(__u64 *spill, __u32 home, __s64 by)
{
	dm_add(spill, (__u64)by << DRVMEM_SPILL_BITS * (home % DRVMEM_SPILL_BUCKETS));
}

/* The home while homes are near; the home in the whole table where they never were. */
static __always_inline __u32 dm_near_no(__u64 addr)
{
	struct drvmem_ctl *ctl = dm_ctl_get();

	return drvmem_home(addr, ctl && ctl->near_regions ? ctl->near_regions : cfg.nr_regions);
}

/* ctl->homes, read once: what it says belongs together. */
static __always_inline __u32 dm_homes(void)
{
	struct drvmem_ctl *ctl = dm_ctl_get();

	return ctl ? *(volatile __u32 *)&ctl->homes : cfg.nr_regions;
}

/* Some object of this home in the whole table may be in a near home, or in none. */
static __always_inline int dm_is_elsewhere(const __u64 *spill, __u32 home, __u32 homes)
{
	return homes & DRVMEM_HOMES_LOOK || dm_elsewhere(spill, home);
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

	if (near == drvmem_home(addr, homes & ~DRVMEM_HOMES_LOOK))
		return DM_NOWHERE;
	if (homes & DRVMEM_HOMES_LOOK)
		return near;
	spill = dm_spill_of(home);
	return spill && dm_elsewhere(spill, home) & DRVMEM_SPILL_NEAR ? near : DM_NOWHERE;
}

/*
 * Stored in a home. Did homes move meanwhile, then user space may have looked for those in near
 * homes before it was there: it is marked here.
 */
static __always_inline void dm_put_home(__u64 *spill, __u32 home, __u32 homes)
{
	if ((dm_homes() ^ homes) & ~DRVMEM_HOMES_LOOK)
		__sync_fetch_and_or(spill, (__u64)DRVMEM_SPILL_NEAR <<
						   DRVMEM_SPILL_BITS * (home % DRVMEM_SPILL_BUCKETS));
}

/*
 * While homes are near: one that is not at home comes (1) or goes (-1). Too many, and the homes
 * of new objects are in the whole table from now on.
 */
static __always_inline void dm_near_away(__s64 by)
{
	struct drvmem_ctl *ctl = dm_ctl_get();
	__u32 homes = dm_homes();

	if (!ctl || homes != ctl->near_regions)
		return;
	dm_add(&ctl->near_away, by);
	if (ctl->near_away <= (__s64)homes * DRVMEM_NEAR_AWAY)
		return;
	ctl->home_room = DRVMEM_HOME_ROOM;
	__sync_val_compare_and_swap(&ctl->homes, homes, cfg.nr_regions | DRVMEM_HOMES_LOOK);
}

#endif /* DRVMEM_HOME_BPF_H */
