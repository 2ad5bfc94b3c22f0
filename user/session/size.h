/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How large each table is made, and what that costs. Pure but for one look at MemAvailable. */
#ifndef DRVMEM_SESSION_SIZE_H
#define DRVMEM_SESSION_SIZE_H

#include "session/session.h"

struct drvmem_size {
	uint32_t nr_buckets;		/* of 8 slots; one region with the hash */
	uint32_t nr_spill;		/* counters of objects that are not at home */
	uint32_t nr_regions;		/* of DRVMEM_REGION_BUCKETS */
	uint32_t nr_hash;		/* 1 with the buckets */
	uint32_t nr_sites, nr_stacks;	/* powers of two */
	uint32_t nr_claims, nr_cpus, nr_mempools;
	uint32_t nr_gens;		/* sites that are counted by generation: 1 without marks */
	uint32_t nr_uses, nr_sizes, nr_pairs, nr_remaps;	/* of drvmem/use.h: 1 each where it is not asked for */
	uint32_t nr_site_rows;		/* CPUs, twice where sampled objects have sums of their own */
	uint64_t table_bytes, bytes;	/* of the live table, of all maps */
};

/* -EINVAL (option out of range) or -ENOMEM (more than half of what is available), err filled. */
DRVMEM_MUST_CHECK int drvmem_size__make(const struct drvmem_session_opts *o, uint32_t nr_cpus,
					uint32_t window_pages, bool hash, struct drvmem_size *ret,
					struct drvmem_err *err);

/* Library modules (kernel-facts: usbcore, scsi_mod, ...): NULL-terminated, prefixes end in '*'. */
const char *const *drvmem_library_default(void);
/* FNV-1a of a name or prefix pattern, as bpf/module.bpf.c computes it; '-' counts as '_'. */
uint64_t drvmem_library_hash(const char *name);

#endif /* DRVMEM_SESSION_SIZE_H */
