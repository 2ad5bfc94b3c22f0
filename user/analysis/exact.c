// SPDX-License-Identifier: GPL-2.0-or-later
#include "analysis/exact.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int64_t drvmem_exact_row__difference(const struct drvmem_exact_row *r)
{
	return (int64_t)((uint64_t)r->traced_bytes - (uint64_t)r->since_bytes);
}

/* Whose a site is, as what the kernel says is told: an index into instances[]. */
static uint16_t taker(const struct drvmem_snapshot *s, const struct drvmem_sitesnap *t, bool pages)
{
	/* the stack is not walked then, and the innermost module not known */
	return !pages || s->meta.owner_policy == DRVMEM_OWNER_DIRECT ? t->direct : t->innermost;
}

static bool counts(const struct drvmem_sitesnap *t, bool pages)
{
	return pages ? t->allocator == DRVMEM_ALLOC_PAGE : !DRVMEM_IS_MAPPING(t->allocator);
}

static int64_t traced(const struct drvmem_snapshot *s, const char *owner, bool pages)
{
	int64_t sum = 0;
	uint32_t i;

	for (i = 0; i < s->nr_sites; i++) {
		const struct drvmem_sitesnap *t = &s->sites[i];
		uint16_t m = taker(s, t, pages);

		if (m < s->nr_instances && counts(t, pages) &&
		    s->instances[m].type == DRVMEM_OWNER_MODULE && !strcmp(s->instances[m].name, owner))
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

static bool has(const struct drvmem_exact_row *rows, uint32_t n, const char *owner)
{
	while (n--)
		if (!strcmp(rows[n].owner, owner))
			return true;
	return false;
}

static void add_row(const struct drvmem_snapshot *s, struct drvmem_exact_row one, bool pages,
		    struct drvmem_exact_row *rows, uint32_t *n)
{
	one.traced_bytes = traced(s, one.owner, pages);
	if ((one.since_bytes || one.traced_bytes) && !has(rows, *n, one.owner))
		rows[(*n)++] = one;
}

static int compare(const struct drvmem_snapshot *s, const struct drvmem_exact *v, uint32_t nr, bool pages,
		   struct drvmem_exact_row **ret, uint32_t *ret_n)
{
	uint32_t more = pages && v ? s->nr_instances : 0, i, n = 0;
	struct drvmem_exact_row *rows = NULL;

	if (nr + more) {
		rows = calloc(nr + more, sizeof(*rows));
		if (!rows)
			return -ENOMEM;
	}
	for (i = 0; i < nr; i++)
		add_row(s, (struct drvmem_exact_row){ .owner = v[i].owner,
				.since_bytes = (int64_t)(v[i].now_bytes - v[i].then_bytes) }, pages, rows, &n);
	for (i = 0; i < more; i++)
		if (s->instances[i].type == DRVMEM_OWNER_MODULE)
			add_row(s, (struct drvmem_exact_row){ .owner = s->instances[i].name }, pages, rows, &n);
	if (n)
		qsort(rows, n, sizeof(*rows), cmp_rows);
	*ret = rows;
	*ret_n = n;
	return 0;
}

int drvmem_exact__compare(const struct drvmem_snapshot *s, struct drvmem_exact_row **ret, uint32_t *ret_n)
{
	return compare(s, s->exact, s->nr_exact, false, ret, ret_n);
}

int drvmem_exact__compare_pages(const struct drvmem_snapshot *s, struct drvmem_exact_row **ret,
				uint32_t *ret_n)
{
	return compare(s, s->pages, s->nr_pages, true, ret, ret_n);
}
