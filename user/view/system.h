/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The whole machine beside the session: RAM by class, fragmentation, pageblocks,
 * failures, faults, pressure, commit. Refers to the readings and to the scope, which
 * must outlive it.
 */
#ifndef DRVMEM_VIEW_SYSTEM_H
#define DRVMEM_VIEW_SYSTEM_H

#include "analysis/extfrag.h"
#include "analysis/pressure.h"
#include "analysis/reconcile.h"
#include "view/grid.h"
#include "view/scope.h"

struct drvmem_failing {
	uint16_t owner;			/* index into instances[] */
	uint64_t failures;
};

struct drvmem_system {
	const struct drvmem_sysmem *now;
	const struct drvmem_scope *v;
	struct drvmem_ram_result ram;
	struct drvmem_pressure_result pressure;
	uint64_t period_ns;		/* between the readings */
	uint64_t age_ns;		/* of the later one at the moment of the scope; 0 = of that moment */
	struct drvmem_u64 events[DRVMEM_NR_VM_EVENTS];	/* in that time */
	struct drvmem_extfrag *frag;	/* [now->nr_zones] */
	struct drvmem_failing *failing;	/* owners the scope kept that had any, most first */
	uint32_t nr_failing;
	uint64_t failures;
	bool over_commit;		/* promised more than the limit, both known */
};

/* 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_system__new(const struct drvmem_sysmem *start,
					 const struct drvmem_sysmem *now, struct drvmem_scope *v,
					 struct drvmem_system **ret);
void drvmem_system__free(struct drvmem_system *y);

/* Tables. 0 or -ENOMEM. Columns: memory, bytes, share, of_which, note. */
DRVMEM_MUST_CHECK int drvmem_system__ram(const struct drvmem_system *y, struct drvmem_grid **ret);
/* zone, free_bytes, order_0 ... : percent of the free memory that the order cannot use. */
DRVMEM_MUST_CHECK int drvmem_system__frag(const struct drvmem_system *y, struct drvmem_grid **ret);
/* zone and the kinds of pageblocks. */
DRVMEM_MUST_CHECK int drvmem_system__blocks(const struct drvmem_system *y, struct drvmem_grid **ret);
/* event, count, per_s. */
DRVMEM_MUST_CHECK int drvmem_system__events(const struct drvmem_system *y, struct drvmem_grid **ret);
/* owner, failures. */
DRVMEM_MUST_CHECK int drvmem_system__failing(const struct drvmem_system *y, struct drvmem_grid **ret);

/* Why failures are not told by order. */
const char *drvmem_system__no_orders(const struct drvmem_system *y);
/* "heuristic", "always", "never"; "?" */
const char *drvmem_overcommit_name(uint64_t mode);

#endif /* DRVMEM_VIEW_SYSTEM_H */
