// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/series.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void drvmem_series__init(struct drvmem_series *s, uint64_t started_ns, uint64_t step_ns)
{
	*s = (struct drvmem_series){ .step_ns = step_ns, .next_ns = started_ns + step_ns };
}

void drvmem_series__fini(struct drvmem_series *s)
{
	uint32_t i;

	for (i = 0; i < s->nr; i++)
		free(s->point[i].count);
	s->nr = 0;
}

static int cmp_site(const void *a, const void *b)
{
	const struct drvmem_series_count *x = a, *y = b;

	return (x->site > y->site) - (x->site < y->site);
}

/* Keeps the second, the fourth, ...: then the step is twice as long. */
static void thin_out(struct drvmem_series *s)
{
	uint32_t i;

	for (i = 0; i < s->nr; i++) {
		if (i % 2)
			s->point[i / 2] = s->point[i];
		else
			free(s->point[i].count);
	}
	s->nr /= 2;
	s->step_ns *= 2;
	s->next_ns = s->point[s->nr - 1].taken_ns + s->step_ns;
}

int drvmem_series__add(struct drvmem_series *s, const struct drvmem_snapshot *snap, bool last)
{
	struct drvmem_series_point p = { .taken_ns = snap->meta.taken_ns };
	uint32_t i;

	if (s->nr == DRVMEM_SERIES_POINTS)
		thin_out(s);
	if (!last && p.taken_ns < s->next_ns)
		return 0;
	p.count = calloc(snap->nr_sites ? snap->nr_sites : 1, sizeof(*p.count));
	if (!p.count)
		return -ENOMEM;
	for (i = 0; i < snap->nr_sites; i++) {
		const struct drvmem_sitesnap *t = &snap->sites[i];

		if (t->c.allocs)
			p.count[p.nr++] = (struct drvmem_series_count){ t->id, t->c.allocs,
									t->c.live_objects };
	}
	qsort(p.count, p.nr, sizeof(*p.count), cmp_site);
	s->point[s->nr++] = p;
	s->next_ns = p.taken_ns + s->step_ns;
	return 0;
}

int drvmem_series__until(const struct drvmem_series *s, const struct drvmem_snapshot *snap,
			 struct drvmem_series *ret)
{
	struct drvmem_series c = { .step_ns = s->step_ns, .next_ns = s->next_ns };
	uint32_t i, nr = s->nr;
	int err = 0;

	/* the snapshot may be the last point already */
	if (nr && s->point[nr - 1].taken_ns >= snap->meta.taken_ns)
		nr--;
	for (i = 0; i < nr && !err; i++) {
		c.point[i] = s->point[i];
		c.point[i].count = malloc((s->point[i].nr + 1) * sizeof(*c.point[i].count));
		if (c.point[i].count)
			memcpy(c.point[i].count, s->point[i].count, s->point[i].nr * sizeof(*c.point[i].count));
		else
			err = -ENOMEM;
		c.nr++;
	}
	if (!err)
		err = drvmem_series__add(&c, snap, true);
	if (err)
		drvmem_series__fini(&c);
	else
		*ret = c;
	return err;
}

struct drvmem_series_count drvmem_series__at(const struct drvmem_series *s, uint32_t i, uint32_t site)
{
	const struct drvmem_series_count key = { .site = site }, *found = NULL;

	if (i < s->nr && s->point[i].nr)
		found = bsearch(&key, s->point[i].count, s->point[i].nr, sizeof(key), cmp_site);
	return found ? *found : key;
}
