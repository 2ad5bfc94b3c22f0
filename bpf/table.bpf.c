// SPDX-License-Identifier: GPL-2.0
/* Look-ups in one bucket of the live table. */
#define DM_CAS 1
#include "table.bpf.h"

__noinline __u32 drvmem_scan(__u32 bucket, __u64 key)
{
	struct drvmem_bucket *b = bpf_map_lookup_elem(&dm_table, &bucket);
	__u64 empty = 0;
	int i;

	if (!b)
		return DRVMEM_BUCKET_SLOTS;
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
	return DRVMEM_BUCKET_SLOTS | empty << 8;
}

__noinline __u32 drvmem_match(__u32 bucket, __u64 key)
{
	struct drvmem_bucket *b = bpf_map_lookup_elem(&dm_table, &bucket);
	int i;

	if (!b)
		return DRVMEM_BUCKET_SLOTS;
#pragma unroll
	for (i = 0; i < DRVMEM_BUCKET_SLOTS; i++) {
		if (b->key[i] == key)
			return i;
	}
	return DRVMEM_BUCKET_SLOTS;
}
