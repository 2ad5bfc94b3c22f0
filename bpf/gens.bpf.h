/* SPDX-License-Identifier: GPL-2.0 */
/* Objects made and ended by generation (struct drvmem_gens), in a session with marks. */
#ifndef DRVMEM_GENS_BPF_H
#define DRVMEM_GENS_BPF_H

#include "sample.bpf.h"

static __always_inline void dm_gen_add(struct drvmem_gen *g, __u64 objects, __u64 bytes)
{
	dm_add(&g->objects, objects);
	dm_add(&g->bytes, bytes);
}

static __always_inline struct drvmem_gens *dm_gens_get(__u32 site)
{
	__u32 at = site & cfg.site_mask;

	return cfg.marks ? bpf_map_lookup_elem(&dm_gens, &at) : NULL;
}

/* What counts as struct drvmem_site_cpu has it: exact objects in units, sampled ones by weight. */
static __always_inline __u64 dm_gen_unit(__u64 w2, __u64 unit)
{
	return dm_is_sampled(DRVMEM_W2_EPOCH(w2)) ? 1 : unit;
}

/* An object of a site was made, or, with objects 0, was given more bytes. */
static __always_inline void dm_gens_made(__u32 site, __u64 w2, __u64 objects, __u64 bytes)
{
	struct drvmem_gens *g = dm_gens_get(site);

	if (g)
		dm_gen_add(&g->made[DRVMEM_W2_MARK(w2) % DRVMEM_GENS], objects * dm_gen_unit(w2, DRVMEM_COUNT_ONE),
			   bytes * dm_gen_unit(w2, DRVMEM_BYTES_ONE));
}

/* One ended, or, with objects 0, gave bytes back. */
static __always_inline void dm_gens_end(__u32 site, __u64 w2, __u64 objects, __u64 bytes)
{
	struct drvmem_gens *g = dm_gens_get(site);
	__u32 now, born = DRVMEM_W2_MARK(w2);

	if (!g)
		return;
	objects *= dm_gen_unit(w2, DRVMEM_COUNT_ONE);
	bytes *= dm_gen_unit(w2, DRVMEM_BYTES_ONE);
	now = *(volatile __u32 *)&dm_ctl_get()->mark;
	dm_gen_add(&g->died[now % DRVMEM_GENS], objects, bytes);
	if (now - born < DRVMEM_GENS_KEPT)
		dm_gen_add(&g->born[born % DRVMEM_GENS], objects, bytes);
	if (now == born)
		dm_gen_add(&g->own[born % DRVMEM_GENS], objects, bytes);
}

#endif /* DRVMEM_GENS_BPF_H */
