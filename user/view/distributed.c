// SPDX-License-Identifier: GPL-2.0-or-later
#include "view/distributed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Sums are read while events run: a figure can be off by a few, what is kept is in itself sound. */
static uint64_t at_most(int64_t v, uint64_t max)
{
	return v < 0 ? 0 : (uint64_t)v < max ? (uint64_t)v : max;
}

static const char *owner_of(const struct drvmem_scope *v, const struct drvmem_sitesnap *t, struct drvmem_arena *a)
{
	if (t->component)
		return drvmem_arena__printf(a, "%s:%s", v->owner_name[t->owner], t->component);
	return drvmem_arena__str(a, v->owner_name[t->owner]);
}

static int add_site(const struct drvmem_scope *v, uint32_t site, struct drvmem_distribution *d)
{
	const struct drvmem_sitesnap *t = &v->s->sites[site];
	const struct drvmem_usage_site *u = &v->s->usage->site[site];
	struct drvmem_distribution_site *to = &d->sites[d->nr_sites++];
	uint32_t i;

	*to = (struct drvmem_distribution_site){
		.site = drvmem_arena__str(d->arena, t->site), .owner = owner_of(v, t, d->arena),
		.cache = drvmem_arena__str(d->arena, v->s->caches[t->cache].name), .allocator = t->allocator,
		.allocs = t->c.allocs, .frees = at_most((int64_t)t->c.frees, t->c.allocs),
		.live = at_most(t->c.live_objects, t->c.allocs), .peak = u->peak, .first_size = d->nr_sizes,
	};
	memcpy(to->life, t->c.life_hist, sizeof(to->life));
	for (i = 0; i < u->nr_sizes; i++) {
		const struct drvmem_usage_size *z = &v->s->usage->sizes[u->first_size + i];

		if (!z->bytes)
			continue;
		to->nr_sizes++;
		d->sizes[d->nr_sizes++] = (struct drvmem_distribution_size){ z->bytes, z->allocs,
									     at_most(z->live, z->allocs), z->peak };
	}
	return to->site && to->owner && to->cache ? 0 : -ENOMEM;
}

int drvmem_distributed(const struct drvmem_scope *v, const struct drvmem_slub_rules *r,
		       struct drvmem_distribution **ret)
{
	const struct drvmem_snapshot *s = v->s;
	struct drvmem_distribution *d;
	uint32_t i;
	int err = 0;

	if (!s->usage)
		return -ENODATA;
	d = drvmem_distribution__new();
	if (!d)
		return -ENOMEM;
	d->slub = *r;
	d->hz = s->meta.hz;
	d->traced_ns = s->meta.taken_ns > s->meta.started_ns ? s->meta.taken_ns - s->meta.started_ns : 1;
	d->kernel = drvmem_arena__str(d->arena, s->meta.kernel ? s->meta.kernel : "");
	d->sites = calloc(v->nr_kept ? v->nr_kept : 1, sizeof(*d->sites));
	d->sizes = calloc(s->usage->nr_sizes ? s->usage->nr_sizes : 1, sizeof(*d->sizes));
	if (!d->kernel || !d->sites || !d->sizes)
		err = -ENOMEM;
	for (i = 0; !err && i < v->nr_kept; i++) {
		const struct drvmem_sitesnap *t = &s->sites[v->by_owner[i]];

		if (t->c.allocs && !DRVMEM_IS_MAPPING(t->allocator))
			err = add_site(v, v->by_owner[i], d);
	}
	if (err) {
		drvmem_distribution__free(d);
		return err;
	}
	*ret = d;
	return 0;
}
