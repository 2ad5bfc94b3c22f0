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

/*
 * The snapshot that "FILE" or "FILE@TIME" names: its last, or the one at TIME (user/when.h). Caller frees *ret.
 * -errno with err filled.
 */
DRVMEM_MUST_CHECK int drvmem_replay__one(const char *name, struct drvmem_snapshot **ret, struct drvmem_err *err);

#endif /* DRVMEM_REPLAY_H */
