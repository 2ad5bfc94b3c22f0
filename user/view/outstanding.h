/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Outstanding objects: live at the end of the question and older than a given age, or than what
 * is usual for their site, by site; and what a site's look like (analysis/growth.h). Objects given
 * up through kfree_rcu are neither live nor leak: they are counted apart.
 */
#ifndef DRVMEM_VIEW_OUTSTANDING_H
#define DRVMEM_VIEW_OUTSTANDING_H

#include "analysis/growth.h"
#include "analysis/reach.h"
#include "model/verdicts.h"
#include "model/places.h"
#include "view/grid.h"
#include "view/listed.h"
#include "view/marked.h"
#include "view/scope.h"

struct drvmem_outstanding_site {
	uint32_t site;			/* index into sites[] */
	uint64_t objects, bytes;	/* asked bytes */
	uint64_t oldest_ns, age_p50_ns;	/* of those objects */
	uint64_t rcu_pending;		/* objects older than the limit that wait for RCU */
	bool upper_bound;
	bool mapping;			/* of memory that is counted elsewhere */
	struct drvmem_growth growth;
	char *why;			/* one sentence */
	uint32_t reach[DRVMEM_NR_REACH];	/* objects of each class, where the scan was made */
	uint64_t lost_bytes;		/* of the definitely and the indirectly lost */
	const char *holder;		/* what holds most of those that are held, or NULL */
	uint32_t holder_objects;	/* so many */
	uint32_t changed, maybe_free;	/* possibly lost for it was written to, or may have been freed unseen */
	uint32_t by_number;		/* possibly lost for its holders may know it by number alone */
	uint32_t dead;			/* lost, though words in freed objects point there */
	struct drvmem_listed *listed;	/* the oldest of them, where asked for; else NULL */
	uint32_t nr_listed;
};

struct drvmem_outstanding_opts {
	uint64_t older_ns;		/* what is old; not with learn */
	/* from each site's lifetimes; 10 s, or a third of a short session, where too few were freed */
	bool learn;
	const struct drvmem_series *series;	/* of the session, its end included; NULL = none was kept */
	const struct drvmem_verdicts *verdicts;	/* NULL = nobody looked who holds them */
	bool by_reach;			/* what is surely held is no finding, unless it surely grows */
	uint32_t mark;			/* only objects of this generation; 0 = of all */
	uint32_t list;			/* at most so many objects of each site with their addresses */
};

struct drvmem_outstanding {
	uint64_t older_ns;		/* with learn: of the sites whose freed objects tell nothing */
	bool learn;
	struct drvmem_outstanding_site *site;	/* growing ones, the sure ones first, then others; most bytes first; objects > 0 */
	uint32_t nr_sites;
	/*
	 * Behind these in site[]: what is mapped (DMA, vmap, ioremap) and was not unmapped. Memory that is
	 * counted elsewhere: in no sum, not looked for by the scan, and a finding only where it surely grows.
	 */
	uint32_t nr_mappings, mappings_growing;
	uint32_t growing;		/* sites that grow with high confidence, of memory */
	const struct drvmem_verdicts *verdicts;	/* as given */
	uint32_t mark;			/* as given */
	bool by_reach;			/* as given, and there was a scan */
	uint32_t findings;		/* sites that are one */
	uint64_t reach[DRVMEM_NR_REACH];
	uint64_t lost_bytes;
	uint64_t objects, bytes, rcu_pending;	/* of all sites the scope kept; those that were freed meanwhile are out */
	bool listed;			/* objects are */
	const struct drvmem_marked *marked;	/* what was done between the marks; NULL = there are none; not owned */
	const struct drvmem_places *places;	/* of call sites and stacks, if they were looked up; not owned */
	bool upper_bound;			/* of any of them */
};

/* Objects that are definitely or indirectly lost. */
uint32_t drvmem_outstanding__lost(const struct drvmem_outstanding_site *k);
bool drvmem_outstanding__is_finding(const struct drvmem_outstanding *o, const struct drvmem_outstanding_site *k);
/* The snapshot must hold objects[]. 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_outstanding__new(struct drvmem_scope *v,
					      const struct drvmem_outstanding_opts *opts,
					      struct drvmem_outstanding **ret);
void drvmem_outstanding__free(struct drvmem_outstanding *o);
/* Only what the objects of one site look like, whether any is outstanding or not; opts as above. */
void drvmem_outstanding__judge(struct drvmem_scope *v, uint32_t site, const struct drvmem_outstanding_opts *opts,
			       struct drvmem_growth *ret);
/*
 * Columns: name (site), owner, cache, objects, bytes, verdict, confidence, reach (where there was a
 * scan), oldest_ns, age_p50_ns, rcu_pending. At most top rows (0 = all), the rest in "other (N)", then TOTAL.
 */
DRVMEM_MUST_CHECK int drvmem_outstanding__grid(const struct drvmem_scope *v,
					       const struct drvmem_outstanding *o, uint32_t top,
					       struct drvmem_grid **ret);
/* Of the mappings: name (site), owner, kind, device, mappings, bytes, verdict, confidence, oldest_ns, age_p50_ns. */
DRVMEM_MUST_CHECK int drvmem_outstanding__map_grid(const struct drvmem_scope *v,
						   const struct drvmem_outstanding *o, uint32_t top,
						   struct drvmem_grid **ret);

#endif /* DRVMEM_VIEW_OUTSTANDING_H */
