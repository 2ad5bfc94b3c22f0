// SPDX-License-Identifier: GPL-2.0-or-later
#include "view/advised.h"

void drvmem_advised_init(struct drvmem_advised *d, const struct drvmem_scope *v, const struct drvmem_advice *a,
			 const struct drvmem_advice_opts *o, const struct drvmem_pools *pools,
			 const struct drvmem_phases *phases)
{
	uint32_t i;

	*d = (struct drvmem_advised){ .v = v, .a = a, .o = o, .pools = pools, .phases = phases };
	for (i = 0; i < a->n; i++)
		d->saved += drvmem_advice__saved(&a->v[i]);
}

static const struct drvmem_sitesnap *site_of(const struct drvmem_advised *d, const struct drvmem_advice_finding *f)
{
	return f->subject == DRVMEM_ADVICE_SITE ? &d->v->s->sites[f->index] : NULL;
}

const char *drvmem_advised__owner(const struct drvmem_advised *d, const struct drvmem_advice_finding *f)
{
	const struct drvmem_sitesnap *t = site_of(d, f);
	const char *pool = t ? NULL : d->pools->v[f->index].owner;

	return t ? d->v->owner_name[t->owner] : pool ? pool : "?";
}

const char *drvmem_advised__subject(const struct drvmem_advised *d, const struct drvmem_advice_finding *f)
{
	const struct drvmem_sitesnap *t = site_of(d, f);
	const struct drvmem_pool *p = t ? NULL : &d->pools->v[f->index];

	if (t)
		return t->site;
	/* a mempool has no name of its own, only that of what its elements are */
	if (p->kind == DRVMEM_POOL_MEMPOOL && p->site)
		return p->site;
	return p->name ? p->name : p->site ? p->site : "?";
}

bool drvmem_advised__place(const struct drvmem_advised *d, const struct drvmem_advice_finding *f, char *buf, size_t size)
{
	const struct drvmem_sitesnap *t = site_of(d, f);

	return t && drvmem_scope__place(d->v, t->call_site, buf, size);
}

const char *drvmem_advised__second(const struct drvmem_advised *d, const struct drvmem_advice_finding *f)
{
	return f->second < 0 ? NULL : d->v->s->sites[f->second].site;
}

const char *drvmem_advised__kind(const struct drvmem_advised *d, const struct drvmem_advice_finding *f)
{
	const struct drvmem_sitesnap *t = site_of(d, f);

	return t ? drvmem_allocator_name(t->allocator) : drvmem_pool_kind_name(d->pools->v[f->index].kind);
}

const char *drvmem_level_name(enum drvmem_level level)
{
	static const char *const names[DRVMEM_NR_LEVELS] = { "low", "medium", "high" };

	return names[level];
}

const char *drvmem_advice_unit_name(enum drvmem_advice_unit unit)
{
	static const char *const names[] = {
		[DRVMEM_ADVICE_COUNT] = "count", [DRVMEM_ADVICE_BYTES] = "bytes", [DRVMEM_ADVICE_NS] = "ns",
		[DRVMEM_ADVICE_PERCENT] = "percent", [DRVMEM_ADVICE_PER_SECOND] = "per_second",
	};

	return names[unit];
}
