/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The table of live objects. Two-choice buckets of 8 (Azar et al. 1999; Mitzenmacher
 * 2001) with six more buckets to overflow to when both are full, which are looked at
 * only while something is there (simulated: at 75 % load under churn 1 of 150 objects is
 * there, and with two more buckets instead of six 1 of 14,000 had no place at all). The
 * second bucket, too, is looked at only while any object is in one. An address belongs to
 * one event stream at a time (its alloc event comes after the allocation, its free event
 * before the free), so only claiming a free slot needs compare-and-swap, and a slot
 * emptied leaves no tombstone.
 * DM_CAS 0 (5.10): a preallocated hash behind the same four functions.
 */
#ifndef DRVMEM_TABLE_BPF_H
#define DRVMEM_TABLE_BPF_H

#include "stats.bpf.h"

#define DM_OVERFLOW 6

struct dm_slot {
	__u64 w1, w2;
};

/* What an insert or a removal found. */
enum dm_found { DM_NOT_FOUND = 0, DM_FOUND = 1, DM_NO_ROOM = -1, DM_RACED = -2 };

#if DM_CAS

struct dm_where {
	struct drvmem_bucket *b;
	__u32 slot;		/* of the key, or DRVMEM_BUCKET_SLOTS */
	__u32 empty;		/* bit mask of free slots; not filled by dm_match */
};

/*
 * table.bpf.c. Global functions: verified once and not inlined, so that the callers
 * see an unknown slot instead of one path for each. scan: the slot of the key, or
 * DRVMEM_BUCKET_SLOTS | mask of free slots << 8. match: the slot of the key or
 * DRVMEM_BUCKET_SLOTS.
 */
__u32 drvmem_scan(__u32 bucket, __u64 key);
__u32 drvmem_match(__u32 bucket, __u64 key);

static __always_inline __u32 dm_bucket_no(__u64 hash)
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

/*
 * A slot number the verifier believes: masked after clang has lost sight of its range
 * (it drops a mask that it can prove needless, the verifier of 6.1 cannot).
 */
static __always_inline __u32 dm_slot_no(__u32 i)
{
	asm volatile("" : "+r"(i));
	return i & (DRVMEM_BUCKET_SLOTS - 1);
}

/* Bits set in a mask of 8. */
static __always_inline __u32 dm_popcount(__u32 m)
{
	m -= m >> 1 & 0x55;
	m = (m & 0x33) + (m >> 2 & 0x33);
	return (m + (m >> 4)) & 0xf;
}

/* Hash of the i-th bucket that an object may overflow to. */
static __always_inline __u64 dm_overflow_hash(__u64 key, __u32 i)
{
	__u64 h = dm_mix(key + (i / 2 + 1) * 0x9e3779b97f4a7c15ULL);

	return i & 1 ? h >> 32 : h;
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
	__u32 i = dm_slot_no(dm_lowest(w->empty));

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
	__u32 i = dm_slot_no(w->slot);

	if (!w->b || w->slot >= DRVMEM_BUCKET_SLOTS)
		return DM_NOT_FOUND;
	old->w1 = w->b->e[i].w1;
	old->w2 = w->b->e[i].w2;
	*(volatile __u64 *)&w->b->e[i].w2 = w2;
	*(volatile __u64 *)&w->b->e[i].w1 = w1;
	return DM_FOUND;
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
		dm_stat(DRVMEM_STAT_PENDING_EVICTED);
		return DM_FOUND;
	}
	return DM_NO_ROOM;
}

static __always_inline int dm_insert_overflow(__u64 key, __u64 w1, __u64 w2)
{
	struct drvmem_ctl *ctl = dm_ctl_get();
	struct dm_where a;
	int r = DM_NO_ROOM;
	__u32 i;

	if (!ctl)
		return DM_NO_ROOM;
	dm_add(&ctl->overflow, 1);	/* before the entry is there: a free must look */
#pragma clang loop unroll(disable)
	for (i = 0; i < DM_OVERFLOW && r; i++) {
		dm_look(dm_bucket_no(dm_overflow_hash(key, i)), key, &a);
		r = dm_put(&a, key, w1, w2);
	}
	if (r)
		dm_add(&ctl->overflow, -1);
	return r;
}

static __always_inline int dm_replace_overflow(__u64 key, __u64 w1, __u64 w2, struct dm_slot *old)
{
	struct dm_where a;
	__u32 i;

#pragma clang loop unroll(disable)
	for (i = 0; i < DM_OVERFLOW; i++) {
		dm_match(dm_bucket_no(dm_overflow_hash(key, i)), key, &a);
		if (dm_replace(&a, w1, w2, old))
			return DM_FOUND;
	}
	return DM_NOT_FOUND;
}

/* Puts the object into its second bucket. Counted before it is there: a free must look. */
static __always_inline int dm_put_second(struct drvmem_ctl *ctl, const struct dm_where *b, __u64 key,
					 __u64 w1, __u64 w2)
{
	int r;

	dm_add(&ctl->second, 1);
	r = dm_put(b, key, w1, w2);
	if (r)
		dm_add(&ctl->second, -1);
	return r;
}

static __always_inline int dm_insert_slow(struct drvmem_ctl *ctl, __u64 key, __u64 w1, __u64 w2,
					  struct dm_slot *old)
{
	__u64 h = dm_mix(key);
	struct dm_where a;
	int r;

	/* the other bucket may have room, or a race took the slot */
	dm_look(dm_bucket_no(h), key, &a);
	r = dm_put(&a, key, w1, w2);
	if (r < 0) {
		dm_look(dm_bucket_no(h >> 32), key, &a);
		r = dm_put_second(ctl, &a, key, w1, w2);
	}
	if (r < 0)
		r = dm_insert_overflow(key, w1, w2);
	if (r < 0)
		r = dm_evict(dm_bucket_no(h), key, w1, w2, old);
	if (r < 0) {
		/* what is displaced may leave its own count too high: a look too many, no more */
		dm_add(&ctl->second, 1);
		r = dm_evict(dm_bucket_no(h >> 32), key, w1, w2, old);
	}
	return r;
}

/*
 * Adds an object. DM_FOUND: it took the place of an entry, *old has that entry's words:
 * the address was live already, or a pending one made room. DM_NO_ROOM: nothing stored.
 */
static __always_inline int dm_insert(struct drvmem_ctl *ctl, __u64 addr, __u64 w1, __u64 w2,
				     struct dm_slot *old)
{
	__u64 key = ~addr, h = dm_mix(key);
	struct dm_where a, b;

	dm_look(dm_bucket_no(h), key, &a);
	if (dm_replace(&a, w1, w2, old))
		return DM_FOUND;
	dm_look(dm_bucket_no(h >> 32), key, &b);
	if (dm_replace(&b, w1, w2, old))
		return DM_FOUND;
	if (ctl->overflow > 0 && dm_replace_overflow(key, w1, w2, old))
		return DM_FOUND;
	/* the first bucket, so that a free finds it at once, until it is half full */
	if (dm_popcount(a.empty) < DRVMEM_BUCKET_SLOTS / 2 &&
	    dm_popcount(b.empty) > dm_popcount(a.empty)) {
		if (!dm_put_second(ctl, &b, key, w1, w2))
			return DM_NOT_FOUND;
	} else if (!dm_put(&a, key, w1, w2)) {
		return DM_NOT_FOUND;
	}
	return dm_insert_slow(ctl, key, w1, w2, old);
}

/*
 * The usual case of dm_insert without its branches: a new address, room in its first bucket,
 * nothing in overflow. 1 = stored, 0 = nothing was done, dm_insert() must look.
 */
static __always_inline int dm_insert_fast(const struct drvmem_ctl *ctl, __u64 addr, __u64 w1,
					  __u64 w2)
{
	__u64 key = ~addr, h = dm_mix(key);
	struct dm_where a, b;

	dm_look(dm_bucket_no(h), key, &a);
	if (a.slot < DRVMEM_BUCKET_SLOTS || dm_popcount(a.empty) < DRVMEM_BUCKET_SLOTS / 2 ||
	    ctl->overflow > 0)
		return 0;
	if (ctl->second > 0) {
		dm_match(dm_bucket_no(h >> 32), key, &b);
		if (b.slot < DRVMEM_BUCKET_SLOTS)
			return 0;
	}
	return !dm_put(&a, key, w1, w2);
}

static __always_inline int dm_take(const struct dm_where *w, struct dm_slot *old)
{
	__u32 i = dm_slot_no(w->slot);

	if (!w->b || w->slot >= DRVMEM_BUCKET_SLOTS)
		return DM_NOT_FOUND;
	/* copy before delete; the exchange makes a double free count once */
	old->w2 = w->b->e[i].w2;
	old->w1 = __sync_lock_test_and_set(&w->b->e[i].w1, 0);
	if (!old->w1)
		return DM_NOT_FOUND;
	*(volatile __u64 *)&w->b->key[i] = 0;
	return DM_FOUND;
}

static __always_inline int dm_remove_overflow(__u64 key, struct dm_slot *old)
{
	struct drvmem_ctl *ctl = dm_ctl_get();
	struct dm_where a;
	__u32 i;

#pragma clang loop unroll(disable)
	for (i = 0; i < DM_OVERFLOW; i++) {
		dm_match(dm_bucket_no(dm_overflow_hash(key, i)), key, &a);
		if (!dm_take(&a, old))
			continue;
		if (ctl)
			dm_add(&ctl->overflow, -1);
		return DM_FOUND;
	}
	return DM_NOT_FOUND;
}

/* Ends an object: DM_FOUND with its words, or DM_NOT_FOUND. */
static __always_inline int dm_remove(struct drvmem_ctl *ctl, __u64 addr, struct dm_slot *old)
{
	__u64 key = ~addr, h = dm_mix(key);
	struct dm_where a;

	dm_match(dm_bucket_no(h), key, &a);
	if (dm_take(&a, old))
		return DM_FOUND;
	if (ctl->second > 0) {
		dm_match(dm_bucket_no(h >> 32), key, &a);
		if (dm_take(&a, old)) {
			dm_add(&ctl->second, -1);
			return DM_FOUND;
		}
	}
	return ctl->overflow > 0 ? dm_remove_overflow(key, old) : DM_NOT_FOUND;
}

/* Sets flags and the time of an entry that stays; *old has its words before. */
static __always_inline int dm_mark_at(const struct dm_where *w, __u64 flags, struct dm_slot *old)
{
	__u32 i = dm_slot_no(w->slot);

	if (!w->b || w->slot >= DRVMEM_BUCKET_SLOTS)
		return DM_NOT_FOUND;
	old->w1 = w->b->e[i].w1;
	old->w2 = w->b->e[i].w2;
	*(volatile __u64 *)&w->b->e[i].w2 = old->w2 | flags;
	return DM_FOUND;
}

static __always_inline int dm_mark(const struct drvmem_ctl *ctl, __u64 addr, __u64 flags,
				   struct dm_slot *old)
{
	__u64 key = ~addr, h = dm_mix(key);
	struct dm_where a;
	__u32 i;

	dm_match(dm_bucket_no(h), key, &a);
	if (dm_mark_at(&a, flags, old))
		return DM_FOUND;
	dm_match(dm_bucket_no(h >> 32), key, &a);
	if (dm_mark_at(&a, flags, old))
		return DM_FOUND;
#pragma clang loop unroll(disable)
	for (i = 0; i < DM_OVERFLOW && ctl->overflow > 0; i++) {
		dm_match(dm_bucket_no(dm_overflow_hash(key, i)), key, &a);
		if (dm_mark_at(&a, flags, old))
			return DM_FOUND;
	}
	return DM_NOT_FOUND;
}

#else /* !DM_CAS */

static __always_inline int dm_insert_fast(const struct drvmem_ctl *ctl, __u64 addr, __u64 w1,
					  __u64 w2)
{
	return 0;
}

static __always_inline int dm_insert(struct drvmem_ctl *ctl, __u64 addr, __u64 w1, __u64 w2,
				     struct dm_slot *old)
{
	struct drvmem_entry e = { .w1 = w1, .w2 = w2 }, *was;
	__u64 key = ~addr;
	int found = DM_NOT_FOUND;

	was = bpf_map_lookup_elem(&dm_table_hash, &key);
	if (was) {
		old->w1 = was->w1;
		old->w2 = was->w2;
		found = DM_FOUND;
	}
	if (bpf_map_update_elem(&dm_table_hash, &key, &e, BPF_ANY))
		return found == DM_FOUND ? DM_RACED : DM_NO_ROOM;
	return found;
}

static __always_inline int dm_remove(struct drvmem_ctl *ctl, __u64 addr, struct dm_slot *old)
{
	__u64 key = ~addr;
	struct drvmem_entry *was = bpf_map_lookup_elem(&dm_table_hash, &key);

	if (!was)
		return DM_NOT_FOUND;
	old->w1 = was->w1;	/* copy before delete */
	old->w2 = was->w2;
	return bpf_map_delete_elem(&dm_table_hash, &key) ? DM_NOT_FOUND : DM_FOUND;
}

static __always_inline int dm_mark(const struct drvmem_ctl *ctl, __u64 addr, __u64 flags,
				   struct dm_slot *old)
{
	__u64 key = ~addr;
	struct drvmem_entry *was = bpf_map_lookup_elem(&dm_table_hash, &key);

	if (!was)
		return DM_NOT_FOUND;
	old->w1 = was->w1;
	old->w2 = was->w2;
	was->w2 = old->w2 | flags;
	return DM_FOUND;
}

#endif /* DM_CAS */
#endif /* DRVMEM_TABLE_BPF_H */
