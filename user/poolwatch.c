// SPDX-License-Identifier: GPL-2.0-or-later
#include "poolwatch.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "analysis/pools.h"
#include "source/dmapools.h"
#include "source/pagepools.h"
#include "source/slabpools.h"

static int out_of_memory(struct drvmem_err *err)
{
	return drvmem_err__set(err, -ENOMEM, DRVMEM_EXIT_INTERNAL, "out of memory");
}

/* s may be NULL: before the session. */
static int read_pools(const struct drvmem_snapshot *s, struct drvmem_pools **ret)
{
	const uint32_t page = (uint32_t)sysconf(_SC_PAGESIZE);
	const struct drvmem_slabpools_opts o = {
		.page_size = page, .nr_cpus = (uint32_t)sysconf(_SC_NPROCESSORS_CONF),
		.nr_nodes = drvmem_slabpools__count_nodes(DRVMEM_NODE_DIR),
	};
	struct drvmem_pools *p = drvmem_pools__new();
	int err = p ? drvmem_slabpools__read(p, DRVMEM_SLABFS_DIR, &o) : -ENOMEM;

	if (!err)
		err = drvmem_dmapools__read(p, DRVMEM_DEVICES_DIR, page, DRVMEM_WALK_DIRS);
	if (!err)
		err = drvmem_pagepools__read(p);
	if (!err && s)
		err = drvmem_pools__join(p, s);
	if (err) {
		drvmem_pools__free(p);
		return err;
	}
	drvmem_pools__sort(p);
	*ret = p;
	return 0;
}

int drvmem_poolwatch__start(struct drvmem_poolwatch *w, struct drvmem_err *err)
{
	if (read_pools(NULL, &w->last))
		return out_of_memory(err);
	drvmem_pools__carry(NULL, w->last);
	return 0;
}

int drvmem_poolwatch__read(struct drvmem_poolwatch *w, const struct drvmem_snapshot *s, struct drvmem_err *err)
{
	struct drvmem_pools *p;

	if (read_pools(s, &p))
		return out_of_memory(err);
	drvmem_pools__carry(w->last, p);
	drvmem_poolwatch__deinit(w);
	w->last = p;
	return 0;
}

int drvmem_poolwatch__show(struct drvmem_poolwatch *w, const struct drvmem_common *c,
			   bool last, struct drvmem_scope *v, struct drvmem_err *err)
{
	struct drvmem_filter f = drvmem_common__filter(c);
	int e = c->file ? 0 : drvmem_poolwatch__read(w, v->s, err);

	if (e)
		return e;
	if (drvmem_pools__borrow(w->last, &w->shown))
		return out_of_memory(err);
	drvmem_pools__select(&w->shown, &c->owners, &c->caches);
	v->pools = &w->shown;
	return last && !w->shown.n ? drvmem_filter__check(&f, v->s, err) : 0;
}

void drvmem_poolwatch__deinit(struct drvmem_poolwatch *w)
{
	free(w->shown.v);
	drvmem_pools__free(w->last);
	*w = (struct drvmem_poolwatch){ 0 };
}
