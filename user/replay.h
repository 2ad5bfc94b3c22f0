/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A recorded session in place of a live run: the same callback gets the same snapshots. Command layer.
 */
#ifndef DRVMEM_REPLAY_H
#define DRVMEM_REPLAY_H

#include "common.h"

/*
 * c->file at c->at, of c->window, or at its end: fn is called once. Of live only what a recording can give is
 * used: midway, series; an objects list where with_objects and no time is asked for (the last one that was kept).
 */
DRVMEM_MUST_CHECK int drvmem_replay__run(const struct drvmem_common *c, const struct drvmem_live_opts *live,
					 drvmem_live_fn fn, void *arg, struct drvmem_err *err);

/* What is compared with something else. */
struct drvmem_replay_side {
	struct drvmem_snapshot *s;
	struct drvmem_pools *pools;	/* NULL = were not asked for */
	bool window;			/* counts of s are what became more in a window, its time is the window's */
};

/*
 * What "FILE" (its last interval), "FILE@TIME" or "FILE@A..B" (user/when.h) names; a text that a mark has is that
 * mark. -errno with err filled.
 */
DRVMEM_MUST_CHECK int drvmem_replay__side(const char *name, bool pools, struct drvmem_replay_side *ret,
					  struct drvmem_err *err);
void drvmem_replay_side__deinit(struct drvmem_replay_side *side);

#endif /* DRVMEM_REPLAY_H */
