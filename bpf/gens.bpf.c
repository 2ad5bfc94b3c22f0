// SPDX-License-Identifier: GPL-2.0
#include "gens.bpf.h"

/* Of 0 objects there is nothing to add: clang would make an atomic or of it, which 5.10 does not know. */
static __always_inline void dm_gen_add(struct drvmem_gen *g, __u32 objects, __u32 bytes)
{
	if (objects)
		dm_add(&g->objects, objects);
	dm_add(&g->bytes, bytes);
}

__noinline int drvmem_gen_made(__u64 w1, __u64 w2, __u32 objects, __u32 bytes)
{
	__u32 site = DRVMEM_W1_SITE(w1), born = DRVMEM_W2_MARK(w2);
	struct drvmem_gens *g = bpf_map_lookup_elem(&dm_gens, &site);

	if (g && *(volatile __u32 *)&dm_ctl_get()->mark - born < DRVMEM_GENS_KEPT)
		dm_gen_add(&g->made[born % DRVMEM_GENS], objects, bytes);
	return 0;
}

__noinline int drvmem_gen_end(__u64 w1, __u64 w2, __u32 objects, __u32 bytes)
{
	__u32 site = DRVMEM_W1_SITE(w1), born = DRVMEM_W2_MARK(w2), now;
	struct drvmem_gens *g = bpf_map_lookup_elem(&dm_gens, &site);

	if (!g)
		return 0;
	now = *(volatile __u32 *)&dm_ctl_get()->mark;
	dm_gen_add(&g->died[now % DRVMEM_GENS], objects, bytes);
	if (now - born < DRVMEM_GENS_KEPT)
		dm_gen_add(&g->born[born % DRVMEM_GENS], objects, bytes);
	if (now == born)
		dm_gen_add(&g->own[born % DRVMEM_GENS], objects, bytes);
	return 0;
}
