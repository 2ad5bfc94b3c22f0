// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/laps.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Where the site is, or would be. */
static uint32_t place_of(const struct drvmem_laps *l, uint32_t site)
{
	uint32_t lo = 0, hi = l->nr, mid;

	while (lo < hi) {
		mid = (lo + hi) / 2;
		if (l->v[mid].site < site)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static int insert(struct drvmem_laps *l, uint32_t at, uint32_t site)
{
	uint32_t *most = calloc(DRVMEM_LAPS_MAX, sizeof(*most)), cap = l->cap ? l->cap * 2 : 256;
	struct drvmem_laps_site *v = l->v;

	if (most && l->nr == l->cap) {
		v = reallocarray(l->v, cap, sizeof(*v));
		if (v) {
			l->v = v;
			l->cap = cap;
		}
	}
	if (!most || !v) {
		free(most);
		return -ENOMEM;
	}
	memmove(v + at + 1, v + at, (l->nr - at) * sizeof(*v));
	v[at] = (struct drvmem_laps_site){ site, l->nr_laps, most };
	l->nr++;
	return 0;
}

int drvmem_laps__add(struct drvmem_laps *l, uint32_t site, uint64_t most)
{
	uint32_t at = place_of(l, site), *now;
	int e = 0;

	if (at == l->nr || l->v[at].site != site) {
		if (!most)
			return 0;
		e = insert(l, at, site);
	}
	if (e)
		return e;
	now = &l->v[at].most[l->nr_laps];
	if (most > *now)
		*now = most > UINT32_MAX ? UINT32_MAX : (uint32_t)most;
	return 0;
}

static void merge_two(struct drvmem_laps_site *s)
{
	uint32_t i;

	for (i = 0; i < DRVMEM_LAPS_MAX / 2; i++)
		s->most[i] = s->most[2 * i] > s->most[2 * i + 1] ? s->most[2 * i] : s->most[2 * i + 1];
	memset(s->most + DRVMEM_LAPS_MAX / 2, 0, DRVMEM_LAPS_MAX / 2 * sizeof(*s->most));
	s->first /= 2;
}

void drvmem_laps__close(struct drvmem_laps *l)
{
	uint32_t i;

	if (!l->merged)
		l->merged = 1;
	if (++l->pending < l->merged)
		return;
	l->pending = 0;
	if (++l->nr_laps < DRVMEM_LAPS_MAX)
		return;
	for (i = 0; i < l->nr; i++)
		merge_two(&l->v[i]);
	l->nr_laps /= 2;
	l->merged *= 2;
}

void drvmem_laps__fini(struct drvmem_laps *l)
{
	uint32_t i;

	for (i = 0; i < l->nr; i++)
		free(l->v[i].most);
	free(l->v);
	*l = (struct drvmem_laps){ 0 };
}

uint32_t drvmem_laps__rises(const struct drvmem_laps *l, uint32_t site)
{
	uint32_t at = place_of(l, site), i, most = 0, n = 0;

	if (at == l->nr || l->v[at].site != site)
		return 0;
	for (i = 0; i < l->nr_laps; i++) {
		if (l->v[at].most[i] <= most)
			continue;
		most = l->v[at].most[i];
		n++;
	}
	return n;
}

static int cmp_u32(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

uint32_t drvmem_laps__quantile(const struct drvmem_laps *l, uint32_t site, double percent)
{
	uint32_t at = place_of(l, site), sorted[DRVMEM_LAPS_MAX], rank;

	if (at == l->nr || l->v[at].site != site || !l->nr_laps)
		return 0;
	memcpy(sorted, l->v[at].most, l->nr_laps * sizeof(*sorted));
	qsort(sorted, l->nr_laps, sizeof(*sorted), cmp_u32);
	/* not percent / 100 first: 0.14 * 50 is more than 7 */
	rank = (uint32_t)(percent * l->nr_laps / 100);
	if (rank < percent * l->nr_laps / 100)
		rank++;
	return sorted[rank ? rank - 1 : 0];
}
