/* SPDX-License-Identifier: GPL-2.0 */
/* The functions of table.bpf.h where BPF has no compare-and-swap (5.10): a preallocated hash. */
#ifndef DRVMEM_TABLE_HASH_BPF_H
#define DRVMEM_TABLE_HASH_BPF_H

static __always_inline int dm_insert_fast(const struct drvmem_ctl *ctl, __u64 addr, __u64 w1,
					  __u64 w2)
{
	return 0;
}

static __always_inline int dm_insert(__u64 addr, __u64 w1, __u64 w2, struct dm_slot *old)
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

static __always_inline int dm_remove_fast(__u64 addr, struct dm_slot *old)
{
	return DM_NOT_FOUND;
}

static __always_inline int dm_remove(__u64 addr, struct dm_slot *old)
{
	__u64 key = ~addr;
	struct drvmem_entry *was = bpf_map_lookup_elem(&dm_table_hash, &key);

	if (!was)
		return DM_NOT_FOUND;
	old->w1 = was->w1;	/* copy before delete */
	old->w2 = was->w2;
	return bpf_map_delete_elem(&dm_table_hash, &key) ? DM_NOT_FOUND : DM_FOUND;
}

static __always_inline int dm_remove_shared(__u64 addr, struct dm_slot *old)
{
	return dm_remove(addr, old);	/* the deletion tells */
}

static __always_inline int dm_mark(__u64 addr, __u64 flags, struct dm_slot *old)
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

/* Without compare-and-swap: of two CPUs that give back the last parts at once both may shrink it. */
static __always_inline int dm_shrink(__u64 addr, __u32 bytes, struct dm_slot *old)
{
	__u64 key = ~addr;
	struct drvmem_entry *was = bpf_map_lookup_elem(&dm_table_hash, &key);

	if (!was || DRVMEM_W1_ASKED(was->w1) <= bytes)
		return DM_NOT_FOUND;
	old->w1 = was->w1;
	old->w2 = was->w2;
	dm_add(&was->w1, -(__u64)bytes);
	return DM_FOUND;
}

static __always_inline int dm_resize(__u64 addr, __u32 asked, struct dm_slot *old)
{
	__u64 key = ~addr;
	struct drvmem_entry *was = bpf_map_lookup_elem(&dm_table_hash, &key);

	if (!was)
		return DM_NOT_FOUND;
	old->w1 = was->w1;
	old->w2 = was->w2;
	if (!dm_may_resize(old))
		return DM_NOT_FOUND;
	was->w1 = DM_W1_RESIZED(old->w1, asked);
	return DM_FOUND;
}

#endif /* DRVMEM_TABLE_HASH_BPF_H */
