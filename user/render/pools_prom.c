// SPDX-License-Identifier: GPL-2.0-or-later
#include "render/pools.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "render/prom_label.h"

#define OTHER "other"

/* Pools of one kind, name and owner: a series has no device, so they share it. */
struct series {
	const char *name, *module;
	enum drvmem_pool_kind kind;
	struct drvmem_u64 held, used, peak;
};

static void add(struct drvmem_u64 *to, const struct drvmem_u64 *v)
{
	if (v->st != DRVMEM_OK)
		to->st = v->st;
	else if (__builtin_add_overflow(to->v, v->v, &to->v))
		to->st = DRVMEM_ABSENT;
}

/* Never a sum of peaks (definitions.md). */
static void merge(struct series *to, const struct series *from)
{
	add(&to->held, &from->held);
	add(&to->used, &from->used);
	to->peak.st = DRVMEM_ABSENT;
}

static int compare_labels(const void *a, const void *b)
{
	const struct series *x = a, *y = b;
	int c;

	if (x->kind != y->kind)
		return (x->kind > y->kind) - (x->kind < y->kind);
	c = strcmp(x->name, y->name);
	return c ? c : strcmp(x->module, y->module);
}

static double weight(const struct series *s)
{
	if (!strcmp(s->name, OTHER))
		return -1;	/* the name is taken: folded first */
	return s->held.st == DRVMEM_OK ? (double)s->held.v :
	       s->used.st == DRVMEM_OK ? (double)s->used.v : 0;
}

static int compare_weight(const void *a, const void *b)
{
	const struct series *x = a, *y = b;

	if (x->kind != y->kind)
		return (x->kind > y->kind) - (x->kind < y->kind);
	if (weight(x) != weight(y))
		return weight(x) < weight(y) ? 1 : -1;
	return compare_labels(a, b);
}

static uint32_t merge_equal(struct series *v, uint32_t n)
{
	uint32_t i, kept = 0;

	if (n)
		qsort(v, n, sizeof(*v), compare_labels);
	for (i = 0; i < n; i++) {
		if (kept && !compare_labels(&v[kept - 1], &v[i]))
			merge(&v[kept - 1], &v[i]);
		else
			v[kept++] = v[i];
	}
	return kept;
}

/* What a kind has beyond the limit is summed. Returns the series left, *ret_folded those that went. */
static uint32_t fold(struct series *v, uint32_t n, uint32_t *ret_folded)
{
	uint32_t i, of_kind = 0, kept = 0;

	*ret_folded = 0;
	if (n)
		qsort(v, n, sizeof(*v), compare_weight);
	for (i = 0; i < n; i++) {
		if (!i || v[i].kind != v[i - 1].kind)
			of_kind = 0;
		of_kind++;
		if (of_kind <= DRVMEM_PROM_MAX_POOLS) {
			v[kept++] = v[i];
			continue;
		}
		(*ret_folded)++;
		if (of_kind > DRVMEM_PROM_MAX_POOLS + 1) {
			merge(&v[kept - 1], &v[i]);
			continue;
		}
		v[kept] = v[i];
		v[kept].name = OTHER;
		v[kept].module = "";
		v[kept++].peak.st = DRVMEM_ABSENT;
	}
	return kept;
}

static void put_family(const char *name, const char *help, const struct series *v, uint32_t n,
		       size_t field, FILE *out)
{
	const struct drvmem_u64 *u;
	bool head = false;
	uint32_t i;

	for (i = 0; i < n; i++) {
		u = (const struct drvmem_u64 *)((const char *)&v[i] + field);
		if (u->st != DRVMEM_OK)
			continue;
		if (!head)
			fprintf(out, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
		head = true;
		fprintf(out, "%s{pool=\"", name);
		drvmem_prom__label(v[i].name, out);
		fprintf(out, "\",kind=\"%s\",module=\"", drvmem_pool_kind_name(v[i].kind));
		drvmem_prom__label(v[i].module, out);
		fprintf(out, "\"} %" PRIu64 "\n", u->v);
	}
}

int drvmem_prom__pools(const struct drvmem_pools *p, uint32_t *ret_folded, FILE *out)
{
	struct series *v = calloc(p->n + 1, sizeof(*v));
	uint32_t i, n;

	if (!v)
		return -ENOMEM;
	for (i = 0; i < p->n; i++) {
		const struct drvmem_pool *k = &p->v[i];

		/* a guess would make series come and go */
		v[i] = (struct series){ k->name, k->owner && !k->owner_guess ? k->owner : "", k->kind,
					k->held_bytes, k->used_bytes, k->peak_bytes };
	}
	n = fold(v, merge_equal(v, p->n), ret_folded);
	put_family("drvmem_pool_held_bytes", "Memory behind the pool.", v, n,
		   offsetof(struct series, held), out);
	put_family("drvmem_pool_used_bytes", "Bytes of the pool's objects in use, by the kernel's count.",
		   v, n, offsetof(struct series, used), out);
	put_family("drvmem_pool_peak_bytes", "Highest value of used bytes that was read.", v, n,
		   offsetof(struct series, peak), out);
	free(v);
	return 0;
}
