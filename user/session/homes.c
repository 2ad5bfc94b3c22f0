// SPDX-License-Identifier: GPL-2.0-or-later
#include "session/homes.h"

#define LOAD_SAMPLES 256u	/* buckets looked at: 2,048 slots, two percent off at most */
#define NEAR_PART 8u

uint32_t drvmem_homes__room(const volatile struct drvmem_bucket *table, uint32_t nr_buckets)
{
	uint32_t i, j, used = 0, step = nr_buckets / LOAD_SAMPLES;

	if (!step)
		return DRVMEM_HOME_ROOM;
	for (i = 0; i < LOAD_SAMPLES; i++)
		for (j = 0; j < DRVMEM_BUCKET_SLOTS; j++)
			used += table[i * step].key[j] != 0;
	return used * 2 < LOAD_SAMPLES * DRVMEM_BUCKET_SLOTS ? 0 : DRVMEM_HOME_ROOM;
}

static uint32_t in_all(const struct drvmem_homes *h)
{
	return DRVMEM_HOMES(h->nr_regions, DRVMEM_BLOCK_SHIFT);
}

void drvmem_homes__start(struct drvmem_homes *h)
{
	bool near = h->nr_regions >= NEAR_PART * DRVMEM_NEAR_REGIONS;

	h->ctl->near_regions = near ? DRVMEM_NEAR_REGIONS : 0;
	h->ctl->homes = near ? DRVMEM_HOMES(DRVMEM_NEAR_REGIONS, DRVMEM_NEAR_SHIFT) : in_all(h);
	h->ctl->home_room = near ? 0 : DRVMEM_HOME_ROOM;
	h->ctl->near_away = 0;
	h->marked = !near;
}

/* One that is freed meanwhile is marked all the same: then it is looked for in vain. */
static void mark_near(const struct drvmem_homes *h)
{
	uint32_t i, j, near = h->ctl->near_regions, home;

	for (i = 0; i < near * DRVMEM_REGION_BUCKETS; i++) {
		for (j = 0; j < DRVMEM_BUCKET_SLOTS; j++) {
			uint64_t key = h->table[i].key[j];

			if (!key || drvmem_home_near(~key, near) != i)
				continue;
			home = drvmem_home_far(~key, h->nr_regions);
			__atomic_fetch_or(&h->spill[home], DRVMEM_SPILL_NEAR, __ATOMIC_SEQ_CST);
		}
	}
}

void drvmem_homes__poll(struct drvmem_homes *h)
{
	volatile struct drvmem_ctl *ctl = h->ctl;
	uint32_t room, near = ctl->near_regions;

	if (near && ctl->homes == DRVMEM_HOMES(near, DRVMEM_NEAR_SHIFT)) {
		if (!drvmem_homes__room(h->table, near * DRVMEM_REGION_BUCKETS))
			return;
		ctl->homes = in_all(h) | DRVMEM_HOMES_LOOK;
	}
	room = drvmem_homes__room(h->table, h->nr_regions * DRVMEM_REGION_BUCKETS);
	/* each event reads these: not written for nothing */
	if (ctl->home_room != room)
		ctl->home_room = room;
	if (h->marked) {
		if (ctl->homes != in_all(h))
			ctl->homes = in_all(h);
		return;
	}
	/* who stores an object in a near home now sees that they have moved, or is seen here */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	mark_near(h);
	h->marked = true;
}
