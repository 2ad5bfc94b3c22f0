// SPDX-License-Identifier: GPL-2.0-or-later
#include "analysis/peaks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct live {
	int64_t objects, bytes;
};

bool drvmem_site_is_of(const struct drvmem_snapshot *s, const struct drvmem_sitesnap *t, const char *device)
{
	const struct drvmem_cache *c = &s->caches[t->cache];

	return (c->kind == DRVMEM_CLASS_DMA || c->kind == DRVMEM_CLASS_DEVICE) && c->name &&
	       !strncmp(c->name, device, DRVMEM_CACHE_NAME_LEN - 1);
}

static int make_room(struct drvmem_peaks *p, uint32_t nr)
{
	void *v;

	if (nr <= p->nr)
		return 0;
	v = realloc(p->of_owner, (size_t)nr * sizeof(*p->of_owner));
	if (!v)
		return -ENOMEM;
	p->of_owner = v;
	memset(p->of_owner + p->nr, 0, (size_t)(nr - p->nr) * sizeof(*p->of_owner));
	p->nr = nr;
	return 0;
}

static void raise_peak(struct drvmem_peak *p, const struct live *now)
{
	if (now->objects > 0 && (uint64_t)now->objects > p->objects)
		p->objects = (uint64_t)now->objects;
	if (now->bytes > 0 && (uint64_t)now->bytes > p->bytes)
		p->bytes = (uint64_t)now->bytes;
}

int drvmem_peaks__add(struct drvmem_peaks *p, const struct drvmem_snapshot *s)
{
	struct live (*now)[DRVMEM_NR_USES] = calloc((size_t)s->nr_instances + 1, sizeof(*now));
	struct live *device;
	uint32_t i, kind;

	if (!now || make_room(p, s->nr_instances)) {
		free(now);
		return -ENOMEM;
	}
	device = now[s->nr_instances];
	for (i = 0; i < s->nr_sites; i++) {
		const struct drvmem_sitesnap *t = &s->sites[i];

		if (t->owner >= s->nr_instances || t->allocator >= DRVMEM_NR_USES)
			continue;
		now[t->owner][t->allocator].objects += t->c.live_objects;
		now[t->owner][t->allocator].bytes += t->c.live_bytes;
		if (!p->device || !drvmem_site_is_of(s, t, p->device))
			continue;
		device[t->allocator].objects += t->c.live_objects;
		device[t->allocator].bytes += t->c.live_bytes;
	}
	for (kind = 0; kind < DRVMEM_NR_USES; kind++) {
		for (i = 0; i < s->nr_instances; i++)
			raise_peak(&p->of_owner[i][kind], &now[i][kind]);
		raise_peak(&p->of_device[kind], &device[kind]);
	}
	free(now);
	return 0;
}

void drvmem_peaks__fini(struct drvmem_peaks *p)
{
	free(p->of_owner);
	*p = (struct drvmem_peaks){ 0 };
}
