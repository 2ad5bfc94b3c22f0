// SPDX-License-Identifier: GPL-2.0-or-later
#include "analysis/exact.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int64_t drvmem_exact_row__difference(const struct drvmem_exact_row *r)
{
	return (int64_t)((uint64_t)r->traced_bytes - (uint64_t)r->since_bytes);
}

static int64_t traced(const struct drvmem_snapshot *s, const char *owner)
{
	int64_t sum = 0;
	uint32_t i;

	for (i = 0; i < s->nr_sites; i++) {
		const struct drvmem_sitesnap *t = &s->sites[i];

		if (t->direct < s->nr_instances && !DRVMEM_IS_MAPPING(t->allocator) &&
		    s->instances[t->direct].type == DRVMEM_OWNER_MODULE &&
		    !strcmp(s->instances[t->direct].name, owner))
			sum += t->c.held_bytes;
	}
	return sum;
}

static int cmp_rows(const void *a, const void *b)
{
	const struct drvmem_exact_row *x = a, *y = b;
	int64_t dx = drvmem_exact_row__difference(x), dy = drvmem_exact_row__difference(y);
	uint64_t ux = dx < 0 ? -(uint64_t)dx : (uint64_t)dx, uy = dy < 0 ? -(uint64_t)dy : (uint64_t)dy;

	if (ux != uy)
		return (ux < uy) - (ux > uy);
	return strcmp(x->owner, y->owner);
}

int drvmem_exact__compare(const struct drvmem_snapshot *s, struct drvmem_exact_row **ret,
			  uint32_t *ret_n)
{
	struct drvmem_exact_row *rows = NULL, one;
	uint32_t i, n = 0;

	if (s->nr_exact) {
		rows = calloc(s->nr_exact, sizeof(*rows));
		if (!rows)
			return -ENOMEM;
	}
	for (i = 0; i < s->nr_exact; i++) {
		one = (struct drvmem_exact_row){
			.owner = s->exact[i].owner,
			.since_bytes = (int64_t)(s->exact[i].now_bytes - s->exact[i].then_bytes),
			.traced_bytes = traced(s, s->exact[i].owner),
		};
		if (one.since_bytes || one.traced_bytes)
			rows[n++] = one;
	}
	if (n)
		qsort(rows, n, sizeof(*rows), cmp_rows);
	*ret = rows;
	*ret_n = n;
	return 0;
}
