/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads the pools of the machine from time to time and remembers the highest figures: at its
 * start, and whenever a snapshot wants them. Command layer.
 */
#ifndef DRVMEM_POOLWATCH_H
#define DRVMEM_POOLWATCH_H

#include "base/err.h"
#include "common.h"
#include "model/pools.h"

struct drvmem_poolwatch {
	struct drvmem_pools *last;	/* whole, sorted */
	struct drvmem_pools shown;	/* of it, what the filter wants; borrowed */
};

/* The first reading, before tracing. 0 or -ENOMEM with err filled. */
DRVMEM_MUST_CHECK int drvmem_poolwatch__start(struct drvmem_poolwatch *w, struct drvmem_err *err);
/* Reads again, beside a snapshot. 0 or -ENOMEM with err filled. */
DRVMEM_MUST_CHECK int drvmem_poolwatch__read(struct drvmem_poolwatch *w, const struct drvmem_snapshot *s,
					     struct drvmem_err *err);
/*
 * Reads again (of a recorded session, c->file: shows last as it was put there) and gives v the pools as c's filter cuts them; they are valid until the next
 * call. What cannot be read is told in them and is no error. On the last snapshot a pattern
 * that fits neither a pool nor anything of the session is one (exit 2). 0 or -errno with err
 * filled.
 */
DRVMEM_MUST_CHECK int drvmem_poolwatch__show(struct drvmem_poolwatch *w, const struct drvmem_common *c,
					     bool last, struct drvmem_scope *v, struct drvmem_err *err);
void drvmem_poolwatch__deinit(struct drvmem_poolwatch *w);

#endif /* DRVMEM_POOLWATCH_H */
