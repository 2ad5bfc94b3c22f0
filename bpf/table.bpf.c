// SPDX-License-Identifier: GPL-2.0
/* Look-ups in one bucket of the live table, and the rare ways of an insert. */
#define DM_CAS 1
#include "table.bpf.h"

__noinline __u32 drvmem_scan(__u32 bucket, __u64 key)
{
	struct drvmem_bucket *b = bpf_map_lookup_elem(&dm_table, &bucket);
	__u32 slot, empty = 0;

	if (!b)
		return DRVMEM_BUCKET_SLOTS;
	slot = dm_scan(b, key, &empty);
	return slot < DRVMEM_BUCKET_SLOTS ? slot : slot | empty << 8;
}

__noinline __u32 drvmem_scan_away(__u32 bucket, __u64 key)
{
	__u32 none = dm_is_zero(bucket ^ dm_home_no(~key)) | dm_is_zero(bucket ^ dm_near_no(~key));
	struct drvmem_bucket *b = bpf_map_lookup_elem(&dm_table, &bucket);
	__u32 slot, empty = 0;

	if (!b)
		return DRVMEM_BUCKET_SLOTS;
	slot = dm_scan(b, key, &empty);
	return slot < DRVMEM_BUCKET_SLOTS ? slot : slot | (empty & (none - 1)) << 8;
}

__noinline __u32 drvmem_match(__u32 bucket, __u64 key)
{
	struct drvmem_bucket *b = bpf_map_lookup_elem(&dm_table, &bucket);

	return b ? dm_find(b, key) : DRVMEM_BUCKET_SLOTS;
}

__noinline __u32 drvmem_near_look(__u64 addr)
{
	return dm_near_look(addr);
}

__noinline int drvmem_put_home(__u64 addr, __u32 homes)
{
	__u64 *spill = dm_spill_of(dm_home_no(addr));

	if (spill)
		dm_put_home(spill, homes);
	return 0;
}

__noinline int drvmem_evict(__u32 no, __u64 key, __u64 w1, __u64 w2, struct dm_slot *old)
{
	return old ? dm_evict(no, key, w1, w2, old) : DM_NO_ROOM;
}

__noinline int drvmem_put_beyond_at(__u64 key, __u64 w1, __u64 w2, __u32 i)
{
	return dm_put_beyond_at(key, w1, w2, i);
}

__noinline int drvmem_replace_away(__u64 key, __u64 w1, __u64 w2, struct dm_slot *old)
{
	struct dm_places p;

	dm_places(key, &p);
	return old ? dm_replace_away(&p, key, w1, w2, old) : DM_NOT_FOUND;
}
