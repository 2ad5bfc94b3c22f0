/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the rules of advice.h share. Not for others. */
#ifndef DRVMEM_ANALYSIS_ADVICE_PARTS_H
#define DRVMEM_ANALYSIS_ADVICE_PARTS_H

#include "analysis/advice.h"

/*
 * A call site of an owner: what its objects were served from makes several sites of it, of one
 * allocator.
 */
struct drvmem_advice_group {
	const uint32_t *site;		/* indices into sites[], most live bytes first */
	uint32_t nr;
	uint64_t allocs, ends;		/* objects */
	uint64_t live, peak;		/* objects; the peak of one site is exact, of several a bound */
	bool peak_exact;
	uint64_t life_p50_ns;		/* upper edge, of those that ended; UINT64_MAX: too few did */
};

struct drvmem_advice_ctx {
	const struct drvmem_advice_in *in;
	struct drvmem_advice *out;
	const struct drvmem_advice_rule *rule;
	struct drvmem_advice_group *group;
	uint32_t nr_groups;
	uint32_t cap;
	double seconds;
	bool oom;
};

/* The next finding, of the rule that is evaluated; NULL: no memory. */
struct drvmem_advice_finding *drvmem_advice_add(struct drvmem_advice_ctx *c, enum drvmem_advice_subject subject,
						uint32_t index);
void drvmem_advice_value(struct drvmem_advice_finding *f, const char *name, enum drvmem_advice_unit unit, double v);
void drvmem_advice_threshold(struct drvmem_advice_finding *f, const char *name, enum drvmem_advice_unit unit, double v);
/*
 * Confidence from how many there were, for how long, and what was lost; the reason for less than high
 * goes to doubt.
 */
void drvmem_advice_judge(const struct drvmem_advice_ctx *c, struct drvmem_advice_finding *f, uint64_t samples);
/* The most objects of a site at once: exact, or the most of the laps that are over, or what is live. */
uint64_t drvmem_advice_peak(const struct drvmem_advice_ctx *c, uint32_t site);
/* One reason more for less confidence, and a level less. */
void drvmem_advice_doubt(struct drvmem_advice_finding *f, const char *text);
/* Is it a mempool that asks at this site, by the stacks that were seen of it? */
bool drvmem_advice_is_of_mempool(const struct drvmem_advice_ctx *c, uint32_t site);
/* Is this pool a driver's, or one of the kernel's that are asked about? */
bool drvmem_advice_asks_pool(const struct drvmem_advice_in *in, const struct drvmem_pool *p);
/* Is a change from so many bytes to so many worth it? */
bool drvmem_advice_worth(const struct drvmem_advice_ctx *c, uint64_t held, uint64_t then);
/* Severity by bytes saved: from 1 MiB medium, from 16 MiB or from a quarter of a large part high. */
enum drvmem_level drvmem_advice_severity(uint64_t saved);

/* Bytes of the slabs that n objects fill, and the most that they may take with what CPUs hold back. */
uint64_t drvmem_advice_slabs(const struct drvmem_advice_ctx *c, const struct drvmem_slub_layout *l, uint64_t n);
struct drvmem_advice_bytes drvmem_advice_cache(const struct drvmem_advice_ctx *c, const struct drvmem_slub_layout *l,
					       uint64_t n);
/* Layout of a cache for objects of so many bytes, aligned as kmalloc would at least. False: none. */
bool drvmem_advice_layout(const struct drvmem_advice_ctx *c, uint32_t bytes, struct drvmem_slub_layout *ret);
/* What n kmallocs of so many bytes take: slabs of the size class, or pages. */
uint64_t drvmem_advice_kmallocs(const struct drvmem_advice_ctx *c, uint32_t bytes, uint64_t n);

/* The size that most objects of a site have, now or, where few are live, of all that were allocated. */
struct drvmem_advice_size {
	uint32_t bytes;
	double share;			/* of the objects, 0 to 1 */
	uint32_t distinct;		/* sizes that occurred */
};
bool drvmem_advice_main_size(const struct drvmem_advice_ctx *c, uint32_t site, struct drvmem_advice_size *ret);

static inline const struct drvmem_sitesnap *drvmem_advice_site(const struct drvmem_advice_ctx *c, uint32_t site)
{
	return &c->in->s->sites[site];
}

static inline const struct drvmem_cache *drvmem_advice_cache_of(const struct drvmem_advice_ctx *c, uint32_t site)
{
	return &c->in->s->caches[c->in->s->sites[site].cache];
}

/* The rules, by file. */
void drvmem_advice_size_fit(struct drvmem_advice_ctx *c);
void drvmem_advice_buffer_sizes(struct drvmem_advice_ctx *c);
void drvmem_advice_size_spread(struct drvmem_advice_ctx *c);
void drvmem_advice_bundle(struct drvmem_advice_ctx *c);
void drvmem_advice_page_multiple(struct drvmem_advice_ctx *c);
void drvmem_advice_large_block(struct drvmem_advice_ctx *c);
void drvmem_advice_init_block(struct drvmem_advice_ctx *c);
void drvmem_advice_dma_pool(struct drvmem_advice_ctx *c);
void drvmem_advice_map_churn(struct drvmem_advice_ctx *c);
void drvmem_advice_churn(struct drvmem_advice_ctx *c);
void drvmem_advice_atomic_fail(struct drvmem_advice_ctx *c);
void drvmem_advice_unaccounted(struct drvmem_advice_ctx *c);
void drvmem_advice_reserve(struct drvmem_advice_ctx *c);
void drvmem_advice_merged_cache(struct drvmem_advice_ctx *c);
void drvmem_advice_alignment(struct drvmem_advice_ctx *c);
void drvmem_advice_numa_remote(struct drvmem_advice_ctx *c);
void drvmem_advice_occupancy(struct drvmem_advice_ctx *c);

#endif /* DRVMEM_ANALYSIS_ADVICE_PARTS_H */
