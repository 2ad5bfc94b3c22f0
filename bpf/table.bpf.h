/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The table of live objects: buckets of 8. An object's home bucket follows from its address:
 * those of one block of memory have neighbouring homes, so that objects handed out or given
 * back together lie on few cache lines and pages of the table. Homes fill unevenly; they are
 * filled up to ctl.home_room free slots, what does not fit goes to the emptier of two random
 * buckets (Azar et al. 1999; Mitzenmacher 2001), at last to one of DM_BEYOND more: so the table
 * takes --track-max objects of any size (tests/unit/test_livetable.c). While few objects live
 * their homes are in the near regions, the first of the table, and later in all of it: who
 * was put into a near home stays there. A further place is looked at only while dm_spill counts
 * an object there that this one may be. An address belongs to one event stream at a time (its
 * alloc event comes after the allocation, its free event before the free), so only claiming a
 * free slot needs compare-and-swap, and a slot emptied leaves no tombstone.
 * DM_CAS 0 (5.10): a preallocated hash behind the same functions, table_hash.bpf.h.
 */
#ifndef DRVMEM_TABLE_BPF_H
#define DRVMEM_TABLE_BPF_H

#include "sample.bpf.h"

#define DM_BEYOND 22

struct dm_slot {
	__u64 w1, w2;
};

/* What an insert or a removal found. */
enum dm_found { DM_NOT_FOUND = 0, DM_FOUND = 1, DM_NO_ROOM = -1, DM_RACED = -2 };

#define DM_W1_RESIZED(w1, asked_)	(((w1) & ~0xffffffffULL) | (__u32)(asked_))

static __always_inline int dm_may_resize(const struct dm_slot *old)
{
	return old->w1 && !(DRVMEM_W2_FLAGS(old->w2) & DRVMEM_F_RCU_PENDING) &&
	       !dm_is_sampled(DRVMEM_W2_EPOCH(old->w2));
}

#if DM_CAS

#include "home.bpf.h"

struct dm_where {
	struct drvmem_bucket *b;
	__u32 slot;		/* of the key, or DRVMEM_BUCKET_SLOTS */
	__u32 empty;		/* bit mask of free slots; not filled by dm_match */
};

/*
 * table.bpf.c. Global functions: verified once and not inlined, so that the callers
 * see an unknown slot instead of one path for each. scan: the slot of the key, or
 * DRVMEM_BUCKET_SLOTS | mask of free slots << 8; away: with none free in its homes. match: the slot of the key or
 * DRVMEM_BUCKET_SLOTS.
 */
__u32 drvmem_scan(__u32 bucket, __u64 key);
__u32 drvmem_scan_away(__u32 bucket, __u64 key);
__u32 drvmem_match(__u32 bucket, __u64 key);

/* The rare ways of an insert, dm_evict(), dm_put_beyond_at() and dm_replace_away(), for the same reason. */
int drvmem_evict(__u32 no, __u64 key, __u64 w1, __u64 w2, struct dm_slot *old);
int drvmem_put_beyond_at(__u64 key, __u64 w1, __u64 w2, __u32 i);
int drvmem_replace_away(__u64 key, __u64 w1, __u64 w2, struct dm_slot *old);

/* Slot of a key, or DRVMEM_BUCKET_SLOTS. */
static __always_inline __u32 dm_find(const struct drvmem_bucket *b, __u64 key)
{
	__u32 i;

#pragma unroll
	for (i = 0; i < DRVMEM_BUCKET_SLOTS; i++) {
		if (b->key[i] == key)
			return i;
	}
	return DRVMEM_BUCKET_SLOTS;
}

/* The same, and where it is not there, in *ret_empty the bit mask of free slots. */
static __always_inline __u32 dm_scan(const struct drvmem_bucket *b, __u64 key, __u32 *ret_empty)
{
	__u64 empty = 0;
	__u32 i;

#pragma unroll
	for (i = 0; i < DRVMEM_BUCKET_SLOTS; i++) {
		__u64 k = b->key[i];

		if (k == key)
			return i;
		/*
		 * Which slots are free is not predictable: no branch. The top bit of all addresses
		 * is set, and clear in keys, which are inverted: only 0 - 1 has it set.
		 */
		empty |= (k - 1) >> (63 - i) & 1u << i;
	}
	*ret_empty = empty;
	return DRVMEM_BUCKET_SLOTS;
}

static __always_inline __u32 dm_away_no(__u64 hash)
{
	return ((hash & 0xffffffffu) * cfg.nr_buckets) >> 32;
}

static __always_inline void dm_look(__u32 no, __u64 key, struct dm_where *w)
{
	__u32 r = drvmem_scan(no, key);

	w->slot = r & 0xff;
	w->empty = r >> 8 & 0xff;
	w->b = bpf_map_lookup_elem(&dm_table, &no);
}

/* The same, with no free slots in a home: there an object would not be taken for one that is away. */
static __always_inline void dm_look_away(__u32 no, __u64 key, struct dm_where *w)
{
	__u32 r = drvmem_scan_away(no, key);

	w->slot = r & 0xff;
	w->empty = r >> 8 & 0xff;
	w->b = bpf_map_lookup_elem(&dm_table, &no);
}

static __always_inline void dm_match(__u32 no, __u64 key, struct dm_where *w)
{
	w->slot = drvmem_match(no, key);
	w->b = bpf_map_lookup_elem(&dm_table, &no);
}

/* 1 for 0, else 0, without a branch. */
static __always_inline __u64 dm_is_zero(__u64 x)
{
	__u64 n = -x;

	asm volatile("" : "+r"(n));	/* clang would make it a comparison again */
	return ((n | x) >> 63) ^ 1;
}

/* Bits set in a mask of 8. */
static __always_inline __u32 dm_popcount(__u32 m)
{
	m -= m >> 1 & 0x55;
	m = (m & 0x33) + (m >> 2 & 0x33);
	return (m + (m >> 4)) & 0xf;
}

/* Bucket i of those beyond an object's two. */
static __always_inline __u32 dm_beyond_no(__u64 key, __u32 i)
{
	__u64 h = dm_mix(key + (i / 2 + 1) * 0x9e3779b97f4a7c15ULL);

	return dm_away_no(i & 1 ? h >> 32 : h);
}

/* Index of the lowest bit of a mask of 8. */
static __always_inline __u32 dm_lowest(__u32 mask)
{
	__u64 bit = mask & -mask;

	return (dm_is_zero(bit & 0xaa) ^ 1) | (dm_is_zero(bit & 0xcc) ^ 1) << 1 |
	       (dm_is_zero(bit & 0xf0) ^ 1) << 2;
}

static __always_inline int dm_put(const struct dm_where *w, __u64 key, __u64 w1, __u64 w2)
{
	__u32 i = dm_bounded(dm_lowest(w->empty), DRVMEM_BUCKET_SLOTS);

	if (!w->b || !w->empty)
		return DM_NO_ROOM;
	if (__sync_val_compare_and_swap(&w->b->key[i], 0, key))
		return DM_RACED;
	*(volatile __u64 *)&w->b->e[i].w2 = w2;
	*(volatile __u64 *)&w->b->e[i].w1 = w1;
	return DM_NOT_FOUND;
}

/* The address was live: hands the old words out and takes the slot over. */
static __always_inline int dm_replace(const struct dm_where *w, __u64 w1, __u64 w2,
				      struct dm_slot *old)
{
	__u32 i = dm_bounded(w->slot, DRVMEM_BUCKET_SLOTS);

	if (!w->b || w->slot >= DRVMEM_BUCKET_SLOTS)
		return DM_NOT_FOUND;
	old->w1 = w->b->e[i].w1;
	old->w2 = w->b->e[i].w2;
	*(volatile __u64 *)&w->b->e[i].w2 = w2;
	*(volatile __u64 *)&w->b->e[i].w1 = w1;
	return DM_FOUND;
}

/* Objects beyond their two random buckets, of the whole table: there are none unless it is full. */
static __always_inline int dm_any_beyond(void)
{
	struct drvmem_ctl *ctl = dm_ctl_get();

	return ctl && ctl->beyond > 0;
}

static __always_inline void dm_beyond_add(__s64 by)
{
	struct drvmem_ctl *ctl = dm_ctl_get();

	if (ctl)
		dm_add(&ctl->beyond, by);
}

/* What stands in bucket no goes out of the counters. */
static __always_inline void dm_uncount(__u64 key, __u32 no)
{
	__u32 home = dm_home_no(~key);
	__u64 h = dm_mix(key), *spill = dm_spill_of(home);

	if (!spill || no == home || no == dm_near_no(~key))
		return;
	dm_spill_give(spill, ~key);
	dm_near_away(-1);
	if (no != dm_away_no(h) && no != dm_away_no(h >> 32))
		dm_beyond_add(-1);
}

/* Entries freed by RCU but not seen reused hold no memory: the first one found makes room. */
static __always_inline int dm_evict(__u32 no, __u64 key, __u64 w1, __u64 w2, struct dm_slot *old)
{
	struct drvmem_bucket *b = bpf_map_lookup_elem(&dm_table, &no);
	int i;

	if (!b)
		return DM_NO_ROOM;
	for (i = 0; i < DRVMEM_BUCKET_SLOTS; i++) {
		__u64 k = b->key[i];

		if (!k || !(b->e[i].w2 & DRVMEM_F_RCU_PENDING))
			continue;
		old->w1 = b->e[i].w1;
		old->w2 = b->e[i].w2;
		if (__sync_val_compare_and_swap(&b->key[i], k, key) != k)
			continue;
		*(volatile __u64 *)&b->e[i].w2 = w2;
		*(volatile __u64 *)&b->e[i].w1 = w1;
		dm_uncount(k, no);
		dm_present_end(~k, old->w2);
		dm_stat(DRVMEM_STAT_PENDING_EVICTED);
		return DM_FOUND;
	}
	return DM_NO_ROOM;
}

/* An object's places, in the order in which they are looked at. */
struct dm_places {
	__u32 home, away[2];	/* home: in the whole table */
};

static __always_inline void dm_places(__u64 key, struct dm_places *p)
{
	__u64 h = dm_mix(key);

	p->home = dm_home_no(~key);
	p->away[0] = dm_away_no(h);
	p->away[1] = dm_away_no(h >> 32);
}

/* Into bucket i of those beyond. */
static __always_inline int dm_put_beyond_at(__u64 key, __u64 w1, __u64 w2, __u32 i)
{
	struct dm_places p;
	struct dm_where a;
	__u32 no = dm_beyond_no(key, i);

	dm_places(key, &p);
	dm_look_away(no, key, &a);
	/* in one of those it would be taken for another kind */
	a.empty &= (__u32)(dm_is_zero(no ^ p.away[0]) | dm_is_zero(no ^ p.away[1])) - 1;
	return dm_put(&a, key, w1, w2);
}

static __always_inline int dm_put_beyond(__u64 key, __u64 w1, __u64 w2)
{
	int r = DM_NO_ROOM;
	__u32 i;

	dm_beyond_add(1);
#pragma clang loop unroll(disable)
	for (i = 0; i < DM_BEYOND && r; i++)
		r = drvmem_put_beyond_at(key, w1, w2, i);
	if (r)
		dm_beyond_add(-1);
	return r;
}

static __always_inline int dm_replace_beyond(__u64 key, __u64 w1, __u64 w2, struct dm_slot *old)
{
	struct dm_where a;
	__u32 i;

#pragma clang loop unroll(disable)
	for (i = 0; i < DM_BEYOND; i++) {
		dm_match(dm_beyond_no(key, i), key, &a);
		if (dm_replace(&a, w1, w2, old))
			return DM_FOUND;
	}
	return DM_NOT_FOUND;
}

/* The address was live, not where its home is now. */
static __always_inline int dm_replace_away(const struct dm_places *p, __u64 key, __u64 w1, __u64 w2,
					   struct dm_slot *old)
{
	struct dm_where a;

	dm_match(drvmem_near_look(~key), key, &a);
	if (dm_replace(&a, w1, w2, old))
		return DM_FOUND;
	dm_match(p->away[0], key, &a);
	if (dm_replace(&a, w1, w2, old))
		return DM_FOUND;
	dm_match(p->away[1], key, &a);
	if (dm_replace(&a, w1, w2, old))
		return DM_FOUND;
	return dm_any_beyond() ? dm_replace_beyond(key, w1, w2, old) : DM_NOT_FOUND;
}

/*
 * Into the first random bucket while it has room, else into the emptier of the two.
 */
static __always_inline int dm_put_away(const struct dm_places *p, __u64 key, __u64 w1, __u64 w2)
{
	struct dm_where a, b;

	dm_look_away(p->away[0], key, &a);
	if (dm_popcount(a.empty) <= DRVMEM_HOME_ROOM) {
		dm_look_away(p->away[1], key, &b);
		if (dm_popcount(b.empty) > dm_popcount(a.empty))
			a = b;
	}
	return dm_put(&a, key, w1, w2);
}

/*
 * Not at home: counted before it is there, since a free must look. No room anywhere: an entry
 * that holds no memory any more makes some.
 */
static __always_inline int dm_put_elsewhere(__u64 *spill, const struct dm_places *p, __u64 key,
					    __u64 w1, __u64 w2, struct dm_slot *old)
{
	int r;

	if (!dm_spill_take(spill, ~key))
		return DM_NO_ROOM;
	dm_near_away(1);
	r = dm_put_away(p, key, w1, w2);
	if (r < 0)
		r = dm_put_beyond(key, w1, w2);
	if (r < 0)
		r = drvmem_evict(p->away[0], key, w1, w2, old);
	if (r < 0)
		r = drvmem_evict(p->away[1], key, w1, w2, old);
	if (r < 0) {
		dm_spill_give(spill, ~key);
		dm_near_away(-1);
	}
	return r;
}

/*
 * Adds an object. DM_FOUND: it took the place of an entry, *old has that entry's words:
 * the address was live already, or a pending one made room. DM_NO_ROOM: nothing stored.
 */
static __always_inline int dm_insert(__u64 addr, __u64 w1, __u64 w2, struct dm_slot *old)
{
	struct drvmem_ctl *ctl = dm_ctl_get();
	__u32 homes = dm_homes();
	__u64 key = ~addr, *spill;
	struct dm_places p;
	struct dm_where w;
	int r;

	dm_places(key, &p);
	spill = dm_spill_of(p.home);
	if (!spill || !ctl)
		return DM_NO_ROOM;
	dm_look(dm_home_by(addr, homes), key, &w);
	if (dm_replace(&w, w1, w2, old) ||
	    (dm_is_elsewhere(spill, addr, homes) && drvmem_replace_away(key, w1, w2, old)))
		return DM_FOUND;
	if (dm_popcount(w.empty) > ctl->home_room && !dm_put(&w, key, w1, w2)) {
		drvmem_put_home(addr, homes);
		return DM_NOT_FOUND;
	}
	r = dm_put_elsewhere(spill, &p, key, w1, w2, old);
	if (r >= 0)
		return r;
	r = dm_put(&w, key, w1, w2);
	if (r < 0)
		r = drvmem_evict(dm_home_now(addr), key, w1, w2, old);
	drvmem_put_home(addr, homes);
	return r;
}

/*
 * The usual case of dm_insert without its branches: a new address, room at home, nobody of
 * the neighbourhood elsewhere. 1 = stored, 0 = nothing was done, dm_insert() must look.
 */
static __always_inline int dm_insert_fast(const struct drvmem_ctl *ctl, __u64 addr, __u64 w1,
					  __u64 w2)
{
	__u32 home = dm_home_no(addr), homes = dm_homes();
	__u32 now = dm_home_by(addr, homes);
	__u64 *spill = dm_spill_of(home);
	struct dm_where w = { .slot = DRVMEM_BUCKET_SLOTS };

	if (!spill || dm_is_elsewhere(spill, addr, homes))
		return 0;
	w.b = bpf_map_lookup_elem(&dm_table, &now);
	if (!w.b || dm_scan(w.b, ~addr, &w.empty) < DRVMEM_BUCKET_SLOTS)
		return 0;
	if (dm_popcount(w.empty) <= ctl->home_room || dm_put(&w, ~addr, w1, w2))
		return 0;
	if (dm_homes() != homes)
		drvmem_put_home(addr, homes);
	return 1;
}

/* shared: known when compiled: others may take it at the same time. */
static __always_inline int dm_take(const struct dm_where *w, struct dm_slot *old, int shared)
{
	__u32 i = dm_bounded(w->slot, DRVMEM_BUCKET_SLOTS);

	if (!w->b || w->slot >= DRVMEM_BUCKET_SLOTS)
		return DM_NOT_FOUND;
	/*
	 * Copy before delete. No exchange (4-6 ns): two frees of one object at once on two CPUs,
	 * a bug that corrupts the allocator too, would both count.
	 */
	old->w2 = w->b->e[i].w2;
	old->w1 = w->b->e[i].w1;
	if (!old->w1)
		return DM_NOT_FOUND;
	if (!shared)
		*(volatile __u64 *)&w->b->e[i].w1 = 0;
	else if (__sync_val_compare_and_swap(&w->b->e[i].w1, old->w1, 0) != old->w1)
		return DM_NOT_FOUND;
	*(volatile __u64 *)&w->b->key[i] = 0;
	return DM_FOUND;
}

static __always_inline int dm_remove_beyond(__u64 key, struct dm_slot *old, int shared)
{
	struct dm_where a;
	__u32 i;

#pragma clang loop unroll(disable)
	for (i = 0; i < DM_BEYOND; i++) {
		dm_match(dm_beyond_no(key, i), key, &a);
		if (dm_take(&a, old, shared))
			return DM_FOUND;
	}
	return DM_NOT_FOUND;
}

static __always_inline int dm_remove_away(__u64 *spill, __u64 key, struct dm_slot *old, int shared)
{
	__u64 h = dm_mix(key);
	struct dm_where a;

	dm_match(dm_away_no(h), key, &a);
	if (!dm_take(&a, old, shared)) {
		dm_match(dm_away_no(h >> 32), key, &a);
		if (!dm_take(&a, old, shared)) {
			if (!dm_any_beyond() || !dm_remove_beyond(key, old, shared))
				return DM_NOT_FOUND;
			dm_beyond_add(-1);
		}
	}
	dm_spill_give(spill, ~key);
	dm_near_away(-1);
	return DM_FOUND;
}

static __always_inline int dm_remove_of(__u64 addr, struct dm_slot *old, int shared)
{
	struct dm_where w;
	__u64 *spill;

	dm_match(dm_home_now(addr), ~addr, &w);
	if (dm_take(&w, old, shared))
		return DM_FOUND;
	dm_match(drvmem_near_look(addr), ~addr, &w);
	if (dm_take(&w, old, shared))
		return DM_FOUND;
	spill = dm_spill_of(dm_home_no(addr));
	if (!spill || !dm_spilled(spill, addr))
		return DM_NOT_FOUND;
	return dm_remove_away(spill, ~addr, old, shared);
}

/* The usual case of dm_remove without its calls: an object at home. Else dm_remove() must look. */
static __always_inline int dm_remove_fast(__u64 addr, struct dm_slot *old)
{
	__u32 home = dm_home_now(addr);
	struct dm_where w = { .b = bpf_map_lookup_elem(&dm_table, &home) };

	if (!w.b)
		return DM_NOT_FOUND;
	w.slot = dm_find(w.b, ~addr);
	return dm_take(&w, old, 0);
}

/* Ends an object: DM_FOUND with its words, or DM_NOT_FOUND. */
static __always_inline int dm_remove(__u64 addr, struct dm_slot *old)
{
	return dm_remove_of(addr, old, 0);
}

/* The same of one that is not one CPU's: of several that end it at once one finds it. */
static __always_inline int dm_remove_shared(__u64 addr, struct dm_slot *old)
{
	return dm_remove_of(addr, old, 1);
}

/* Sets flags and the time of an entry that stays; *old has its words before. */
static __always_inline int dm_mark_at(const struct dm_where *w, __u64 flags, struct dm_slot *old)
{
	__u32 i = dm_bounded(w->slot, DRVMEM_BUCKET_SLOTS);

	if (!w->b || w->slot >= DRVMEM_BUCKET_SLOTS)
		return DM_NOT_FOUND;
	old->w1 = w->b->e[i].w1;
	old->w2 = w->b->e[i].w2;
	*(volatile __u64 *)&w->b->e[i].w2 = old->w2 | flags;
	return DM_FOUND;
}

#define DM_SHRINK_TRIES 16

/* Takes bytes away of what an entry has. Not found also if that would leave nothing. */
static __always_inline int dm_shrink_at(const struct dm_where *w, __u32 bytes, struct dm_slot *old)
{
	__u32 i = dm_bounded(w->slot, DRVMEM_BUCKET_SLOTS), n;

	if (!w->b || w->slot >= DRVMEM_BUCKET_SLOTS)
		return DM_NOT_FOUND;
	old->w2 = w->b->e[i].w2;
#pragma clang loop unroll(disable)
	for (n = 0; n < DM_SHRINK_TRIES; n++) {
		__u64 w1 = *(volatile __u64 *)&w->b->e[i].w1;

		if (DRVMEM_W1_ASKED(w1) <= bytes)
			return DM_NOT_FOUND;
		old->w1 = w1;
		if (__sync_val_compare_and_swap(&w->b->e[i].w1, w1, w1 - bytes) == w1)
			return DM_FOUND;
	}
	return DM_NOT_FOUND;
}

/* Gives an entry another size. Sampled ones keep theirs, which their weight goes by. */
static __always_inline int dm_resize_at(const struct dm_where *w, __u32 asked, struct dm_slot *old)
{
	__u32 i = dm_bounded(w->slot, DRVMEM_BUCKET_SLOTS);

	if (!w->b || w->slot >= DRVMEM_BUCKET_SLOTS)
		return DM_NOT_FOUND;
	old->w1 = w->b->e[i].w1;
	old->w2 = w->b->e[i].w2;
	if (!dm_may_resize(old))
		return DM_NOT_FOUND;
	*(volatile __u64 *)&w->b->e[i].w1 = DM_W1_RESIZED(old->w1, asked);
	return DM_FOUND;
}

#define DM_CHANGE_SIZE (1ULL << 63)	/* in place of flags */

/* Resizes an entry to bytes, shrinks it by them, or, where that is 0, marks it. */
static __always_inline int dm_change_at(const struct dm_where *w, __u64 flags, __u32 bytes,
					struct dm_slot *old)
{
	if (flags == DM_CHANGE_SIZE)
		return dm_resize_at(w, bytes, old);
	return bytes ? dm_shrink_at(w, bytes, old) : dm_mark_at(w, flags, old);
}

static __always_inline int dm_change(__u64 addr, __u64 flags, __u32 bytes, struct dm_slot *old)
{
	__u64 key = ~addr, *spill;
	struct dm_places p;
	struct dm_where a;
	__u32 i;

	dm_places(key, &p);
	dm_match(dm_home_now(addr), key, &a);
	if (dm_change_at(&a, flags, bytes, old))
		return DM_FOUND;
	dm_match(drvmem_near_look(addr), key, &a);
	if (dm_change_at(&a, flags, bytes, old))
		return DM_FOUND;
	spill = dm_spill_of(p.home);
	if (!spill || !dm_spilled(spill, addr))
		return DM_NOT_FOUND;
	dm_match(p.away[0], key, &a);
	if (dm_change_at(&a, flags, bytes, old))
		return DM_FOUND;
	dm_match(p.away[1], key, &a);
	if (dm_change_at(&a, flags, bytes, old))
		return DM_FOUND;
#pragma clang loop unroll(disable)
	for (i = 0; i < DM_BEYOND && dm_any_beyond(); i++) {
		dm_match(dm_beyond_no(key, i), key, &a);
		if (dm_change_at(&a, flags, bytes, old))
			return DM_FOUND;
	}
	return DM_NOT_FOUND;
}

static __always_inline int dm_mark(__u64 addr, __u64 flags, struct dm_slot *old)
{
	return dm_change(addr, flags, 0, old);
}

/*
 * An object gives back a part of its bytes, more than 0: *old has its words before. Not found:
 * it is not there, or the part is all that it has, so that it must be removed.
 */
static __always_inline int dm_shrink(__u64 addr, __u32 bytes, struct dm_slot *old)
{
	return dm_change(addr, 0, bytes, old);
}

/* An object was asked for again, with another size, and stays where it is: *old has its words before. */
static __always_inline int dm_resize(__u64 addr, __u32 asked, struct dm_slot *old)
{
	return dm_change(addr, DM_CHANGE_SIZE, asked, old);
}

#else
#include "table_hash.bpf.h"
#endif

#endif /* DRVMEM_TABLE_BPF_H */
