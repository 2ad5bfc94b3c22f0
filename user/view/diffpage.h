/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the page of a comparison shows beside its tables (view/diffed.h): cards, and the stacks of both sides by their
 * texts, with what each side has. Refers to what it was built from.
 */
#ifndef DRVMEM_VIEW_DIFFPAGE_H
#define DRVMEM_VIEW_DIFFPAGE_H

#include "view/diffed.h"
#include "view/htmlreport.h"
#include "view/profile.h"

#define DRVMEM_DIFFPAGE_CARDS	7u
#define DRVMEM_DIFFPAGE_NONE	"[callers are not in this file]"

enum drvmem_diffpage_value { DRVMEM_DIFFPAGE_INUSE = 0, DRVMEM_DIFFPAGE_ALLOC, DRVMEM_NR_DIFFPAGE_VALUES };

/* Bytes of A and of B that came through the same frames. */
struct drvmem_diffpage_stack {
	const char **frame;	/* [nr], the owner first, then what must be said of the callers, then from the outermost on */
	uint32_t nr;
	uint32_t first;		/* frame behind the owner and what must be said */
	int64_t v[2][DRVMEM_NR_DIFFPAGE_VALUES];
	bool has[2];		/* the side has it */
	bool exact;		/* every allocation was walked */
};

/* The same two scopes, by owner, by site, by cache. */
struct drvmem_diffpage_in {
	const struct drvmem_diffed *owners, *sites, *caches;
};

struct drvmem_diffpage {
	struct drvmem_diffpage_in in;
	struct drvmem_html_card cards[DRVMEM_DIFFPAGE_CARDS];
	uint32_t nr_cards;
	struct drvmem_diffpage_stack *stacks;	/* by their frames */
	uint32_t nr_stacks;
	uint32_t stacks_without;	/* that have no room: in sums of their owners, without callers */
	const char **frame;		/* of all stacks, each text once, sorted */
	uint32_t nr_frames;
	/* private from here on */
	struct drvmem_profile *profile[2];
	const char **path;
	struct drvmem_arena *arena;
};

/* 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_diffpage__new(const struct drvmem_diffpage_in *in, struct drvmem_diffpage **ret);
void drvmem_diffpage__free(struct drvmem_diffpage *p);
/* Cards, of a page that has all else. 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_diffpage__make_cards(struct drvmem_diffpage *p);

#endif /* DRVMEM_VIEW_DIFFPAGE_H */
