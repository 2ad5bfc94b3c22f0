/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is different in B, compared with A: two scopes, which may be of different sessions, boots
 * and kernels, and must outlive this. What grew beyond the tolerance is a finding. Bounds and errors
 * of either side are those of the changes; what else makes the two hard to compare is in notes.
 */
#ifndef DRVMEM_VIEW_DIFFED_H
#define DRVMEM_VIEW_DIFFED_H

#include "analysis/compare.h"
#include "view/grid.h"
#include "view/scope.h"

#define DRVMEM_DIFFED_NOTES 32u
#define DRVMEM_DIFFED_SIDES 2u	/* notes that say what A and B are: the first */

struct drvmem_diffed_opts {
	enum drvmem_compare_by by;
	uint64_t tolerance_bytes;
	double tolerance_percent;	/* of what A has */
	bool windows;			/* both sides are windows: what became more in them, not what was live */
};

struct drvmem_diffed {
	const struct drvmem_scope *a, *b;
	struct drvmem_diffed_opts opts;
	struct drvmem_compare *c;
	uint32_t *changed;		/* indices into c->rows, the largest change of bytes first */
	uint32_t nr_changed;
	uint32_t nr_findings;
	bool maps;			/* a side has mappings, and the rows do too */
	const char *notes[DRVMEM_DIFFED_NOTES];	/* sentences; the first DRVMEM_DIFFED_SIDES say what A and B are */
	uint32_t nr_notes;
	struct drvmem_arena *arena;
};

extern const char *const drvmem_compare_by_names[];	/* "owner", "site", "cache", "stack"; NULL-terminated */

/* 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_diffed__new(const struct drvmem_scope *a, const struct drvmem_scope *b,
					 const struct drvmem_diffed_opts *o, struct drvmem_diffed **ret);
void drvmem_diffed__free(struct drvmem_diffed *d);
/*
 * It grew by more than both tolerances, in bytes and in percent of what A has; of estimates, so
 * surely: by more than the 95 % interval and the tolerance.
 */
bool drvmem_diffed__is_finding(const struct drvmem_diffed *d, const struct drvmem_compare_row *r);
/*
 * Columns: name, of sites and stacks owner, of all but owners allocator, of sites and stacks cache, what (new, gone,
 * grew, shrank, events: only how often it allocated differs, mappings: only these do), finding ("over" the tolerance), a_bytes, b_bytes,
 * change_bytes, then so objects and allocs, a_allocs_per_s, b_allocs_per_s, of sites match (offset, order,
 * merged, name: how the sides were found to be the same), where a side has mappings a_mappings, a_mapped_bytes and
 * so on. Rows that changed, at most top (0 = all), of stacks each with its callers as frames below it,
 * "other (N)", "unchanged (N)", TOTAL. What is of mappings alone has no other figures, and these are in no sum of
 * memory; they are no finding. 0 or -ENOMEM.
 */
DRVMEM_MUST_CHECK int drvmem_diffed__grid(const struct drvmem_diffed *d, uint32_t top, struct drvmem_grid **ret);

#endif /* DRVMEM_VIEW_DIFFED_H */
