// SPDX-License-Identifier: GPL-2.0
/* Look-ups in one bucket of the live table. */
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

__noinline __u32 drvmem_match(__u32 bucket, __u64 key)
{
	struct drvmem_bucket *b = bpf_map_lookup_elem(&dm_table, &bucket);

	return b ? dm_find(b, key) : DRVMEM_BUCKET_SLOTS;
}
