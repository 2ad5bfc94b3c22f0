// SPDX-License-Identifier: GPL-2.0-or-later
#include "analysis/compare.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

void drvmem_compare_figures__add(struct drvmem_compare_figures *dst, const struct drvmem_compare_figures *src)
{
	dst->live_bytes += src->live_bytes;
	dst->live_objects += src->live_objects;
	dst->allocs += src->allocs;
	dst->alloc_bytes += src->alloc_bytes;
	dst->live_bytes_var += src->live_bytes_var;
	dst->live_objects_var += src->live_objects_var;
	dst->allocs_var += src->allocs_var;
	dst->upper_bound |= src->upper_bound;
	dst->maps += src->maps;
	dst->mapped_bytes += src->mapped_bytes;
	dst->maps_var += src->maps_var;
	dst->mapped_bytes_var += src->mapped_bytes_var;
	dst->maps_upper |= src->maps_upper;
	dst->nr_sites += src->nr_sites;
	dst->nr_maps += src->nr_maps;
}

struct drvmem_compare_figures drvmem_compare__change(const struct drvmem_compare_figures *a,
						     const struct drvmem_compare_figures *b)
{
	return (struct drvmem_compare_figures){
		.live_bytes = b->live_bytes - a->live_bytes,
		.live_objects = b->live_objects - a->live_objects,
		.allocs = b->allocs - a->allocs,
		.alloc_bytes = b->alloc_bytes - a->alloc_bytes,
		.live_bytes_var = a->live_bytes_var + b->live_bytes_var,
		.live_objects_var = a->live_objects_var + b->live_objects_var,
		.allocs_var = a->allocs_var + b->allocs_var,
		.upper_bound = a->upper_bound || b->upper_bound,
		.maps = b->maps - a->maps,
		.mapped_bytes = b->mapped_bytes - a->mapped_bytes,
		.maps_var = a->maps_var + b->maps_var,
		.mapped_bytes_var = a->mapped_bytes_var + b->mapped_bytes_var,
		.maps_upper = a->maps_upper || b->maps_upper,
	};
}

bool drvmem_compare__is_same(const struct drvmem_compare_row *r)
{
	struct drvmem_compare_figures d = drvmem_compare__change(&r->a, &r->b);

	return !d.live_bytes && !d.live_objects && !d.allocs && !d.alloc_bytes && !d.maps && !d.mapped_bytes;
}

static int cmp_text(const char *a, const char *b)
{
	if (!a || !b)
		return !!a - !!b;
	return strcmp(a, b);
}

/* All of a key but the place in the function. */
static int cmp_group(const struct drvmem_compare_item *x, const struct drvmem_compare_item *y)
{
	int c;

	if (x->type != y->type)
		return x->type < y->type ? -1 : 1;
	c = cmp_text(x->owner, y->owner);
	if (!c)
		c = cmp_text(x->module, y->module);
	if (!c)
		c = cmp_text(x->name, y->name);
	if (!c)
		c = (x->allocator > y->allocator) - (x->allocator < y->allocator);
	return c ? c : cmp_text(x->cache, y->cache);
}

static int cmp_items(const void *a, const void *b)
{
	const struct drvmem_compare_item *x = a, *y = b;
	int c = cmp_group(x, y);

	return c ? c : (x->offset > y->offset) - (x->offset < y->offset);
}

/* Sorts, and adds up what is the same; how many are left. */
static uint32_t merge_equal(struct drvmem_compare_item *v, uint32_t n)
{
	uint32_t i, out = 0;

	if (!n)
		return 0;
	qsort(v, n, sizeof(*v), cmp_items);
	for (i = 1; i < n; i++) {
		if (cmp_items(&v[out], &v[i]))
			v[++out] = v[i];
		else
			drvmem_compare_figures__add(&v[out].f, &v[i].f);
	}
	return out + 1;
}

static uint32_t group_len(const struct drvmem_compare_item *v, uint32_t n)
{
	uint32_t i = n ? 1 : 0;

	while (i < n && !cmp_group(v, &v[i]))
		i++;
	return i;
}

/* Build id of what a function is in; "" = not known, or of several loads not the same. */
static const char *build_of(const struct drvmem_snapshot *s, const char *module)
{
	const char *id = NULL;
	uint32_t i;

	if (!module)
		return s->meta.build_id;
	for (i = 0; i < s->nr_instances; i++) {
		const struct drvmem_instance *in = &s->instances[i];

		if (in->type != DRVMEM_OWNER_MODULE || cmp_text(in->name, module))
			continue;
		if (id && strcmp(id, in->build_id))
			return "";
		id = in->build_id;
	}
	return id ? id : "";
}

struct join {
	const struct drvmem_snapshot *sa, *sb;
	struct drvmem_compare *c;
};

static bool same_build(const struct join *j, const char *module)
{
	const char *a = j->sa ? build_of(j->sa, module) : "", *b = j->sb ? build_of(j->sb, module) : "";

	return j->sa == j->sb || (a[0] && !strcmp(a, b));
}

static struct drvmem_compare_row *new_row(struct join *j, const struct drvmem_compare_item *key,
					  enum drvmem_compare_match match)
{
	struct drvmem_compare_row *r = &j->c->rows[j->c->nr_rows++];

	*r = (struct drvmem_compare_row){ .key = *key, .match = match };
	return r;
}

static void put_a(struct drvmem_compare_row *r, const struct drvmem_compare_item *a)
{
	r->ip_a = r->in_a ? 0 : a->ip;
	r->in_a = true;
	r->nr_a++;
	drvmem_compare_figures__add(&r->a, &a->f);
}

static void put_b(struct drvmem_compare_row *r, const struct drvmem_compare_item *b)
{
	r->ip_b = r->in_b ? 0 : b->ip;
	r->in_b = true;
	r->nr_b++;
	r->offset_b = b->offset;
	drvmem_compare_figures__add(&r->b, &b->f);
}

static void join_by_offset(struct join *j, const struct drvmem_compare_item *a, uint32_t na,
			   const struct drvmem_compare_item *b, uint32_t nb, enum drvmem_compare_match match)
{
	uint32_t i = 0, k = 0;

	while (i < na || k < nb) {
		bool take_a = i < na && (k == nb || a[i].offset <= b[k].offset);
		bool take_b = k < nb && (i == na || b[k].offset <= a[i].offset);
		struct drvmem_compare_row *r = new_row(j, take_a ? &a[i] : &b[k], match);

		if (take_a)
			put_a(r, &a[i++]);
		if (take_b)
			put_b(r, &b[k++]);
	}
}

static void join_by_order(struct join *j, const struct drvmem_compare_item *a, const struct drvmem_compare_item *b,
			  uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++) {
		struct drvmem_compare_row *r = new_row(j, &a[i], DRVMEM_MATCH_ORDER);

		put_a(r, &a[i]);
		put_b(r, &b[i]);
	}
}

static void join_merged(struct join *j, const struct drvmem_compare_item *a, uint32_t na,
			const struct drvmem_compare_item *b, uint32_t nb)
{
	struct drvmem_compare_row *r = new_row(j, a, DRVMEM_MATCH_MERGED);
	uint32_t i;

	for (i = 0; i < na; i++)
		put_a(r, &a[i]);
	for (i = 0; i < nb; i++)
		put_b(r, &b[i]);
}

/* One group: things that differ in their places only; one side may have none. */
static void join_group(struct join *j, const struct drvmem_compare_item *a, uint32_t na,
		       const struct drvmem_compare_item *b, uint32_t nb)
{
	const struct drvmem_compare_item *any = na ? a : b;
	bool placed = (na && a[na - 1].offset) || (nb && b[nb - 1].offset);	/* they are in order */

	if (!placed && na <= 1 && nb <= 1)
		join_by_offset(j, a, na, b, nb, DRVMEM_MATCH_NAME);
	else if (!na || !nb || same_build(j, any->module))
		join_by_offset(j, a, na, b, nb, DRVMEM_MATCH_OFFSET);
	else if (na == nb)
		join_by_order(j, a, b, na);
	else
		join_merged(j, a, na, b, nb);
}

int drvmem_compare__join(struct drvmem_compare_item *a, uint32_t na, struct drvmem_compare_item *b, uint32_t nb,
			 const struct drvmem_snapshot *sa, const struct drvmem_snapshot *sb,
			 struct drvmem_compare **ret)
{
	struct join j = { sa, sb, calloc(1, sizeof(*j.c)) };
	uint32_t i, la, lb;
	int c;

	if (j.c)
		j.c->rows = calloc((size_t)na + nb + 1, sizeof(*j.c->rows));
	if (!j.c || !j.c->rows) {
		free(j.c);
		return -ENOMEM;
	}
	na = merge_equal(a, na);
	nb = merge_equal(b, nb);
	for (i = 0; i < na; i++)
		drvmem_compare_figures__add(&j.c->a, &a[i].f);
	for (i = 0; i < nb; i++)
		drvmem_compare_figures__add(&j.c->b, &b[i].f);
	while (na || nb) {
		c = !na ? 1 : !nb ? -1 : cmp_group(a, b);
		la = c <= 0 ? group_len(a, na) : 0;
		lb = c >= 0 ? group_len(b, nb) : 0;
		join_group(&j, a, la, b, lb);
		a += la, na -= la;
		b += lb, nb -= lb;
	}
	*ret = j.c;
	return 0;
}

struct drvmem_compare_figures drvmem_compare_figures__of(const struct drvmem_snapshot *s, const struct drvmem_sitesnap *t)
{
	if (DRVMEM_IS_MAPPING(t->allocator))
		return (struct drvmem_compare_figures){
			.maps = t->c.live_objects,
			.mapped_bytes = t->c.live_bytes,
			.maps_var = drvmem_counts__live_var(&t->c),
			.mapped_bytes_var = drvmem_counts__live_bytes_var(&t->c),
			.maps_upper = s->meta.maps_upper && t->allocator == DRVMEM_MAP_DMA,
			.nr_maps = 1,
		};
	return (struct drvmem_compare_figures){
		.live_bytes = t->c.live_bytes,
		.live_objects = t->c.live_objects,
		.allocs = (int64_t)t->c.allocs,
		.alloc_bytes = (int64_t)t->c.alloc_bytes,
		.live_bytes_var = drvmem_counts__live_bytes_var(&t->c),
		.live_objects_var = drvmem_counts__live_var(&t->c),
		.allocs_var = t->c.allocs_var,
		.upper_bound = s->caches[t->cache].upper_bound,
		.nr_sites = 1,
	};
}

/* "func+0x1f" is a function and a place in it; an address that no symbol covers is a name. */
static int split_site(struct drvmem_arena *arena, const char *site, struct drvmem_compare_item *ret)
{
	const char *plus = site ? strstr(site, "+0x") : NULL;

	ret->name = site && site[0] ? site : "?";
	if (!plus || plus == site)
		return 0;
	ret->name = drvmem_arena__printf(arena, "%.*s", (int)(plus - site), site);
	ret->offset = strtoull(plus + 1, NULL, 16);
	return ret->name ? 0 : -ENOMEM;
}

static int make_item(struct drvmem_arena *arena, const struct drvmem_snapshot *s, const struct drvmem_sitesnap *t,
		     enum drvmem_compare_by by, struct drvmem_compare_item *ret)
{
	const struct drvmem_instance *in = &s->instances[t->owner];

	*ret = (struct drvmem_compare_item){ .allocator = DRVMEM_NR_USES, .f = drvmem_compare_figures__of(s, t) };
	if (by != DRVMEM_COMPARE_CACHE) {
		ret->type = in->type;
		ret->owner = in->name ? in->name : "?";
		ret->name = ret->owner;
	}
	if (by == DRVMEM_COMPARE_OWNER)
		return 0;
	ret->allocator = t->allocator;
	ret->cache = s->caches[t->cache].name;
	if (by == DRVMEM_COMPARE_CACHE) {
		ret->name = ret->cache ? ret->cache : "?";
		return 0;
	}
	ret->module = t->module;
	ret->ip = t->call_site;
	return split_site(arena, t->site, ret);
}

static int make_items(struct drvmem_arena *arena, const struct drvmem_compare_side *side, enum drvmem_compare_by by,
		      struct drvmem_compare_item **ret, uint32_t *ret_n)
{
	struct drvmem_compare_item *v = calloc(side->nr ? side->nr : 1, sizeof(*v));
	uint32_t i;
	int err = v ? 0 : -ENOMEM;

	for (i = 0; i < side->nr && !err; i++)
		err = make_item(arena, side->s, &side->s->sites[side->sites[i]], by, &v[i]);
	*ret = v;
	*ret_n = side->nr;
	return err;
}

int drvmem_compare__new(const struct drvmem_compare_side *a, const struct drvmem_compare_side *b,
			enum drvmem_compare_by by, struct drvmem_compare **ret)
{
	_cleanup_free_ struct drvmem_compare_item *ia = NULL, *ib = NULL;
	struct drvmem_arena *arena = drvmem_arena__new();
	uint32_t na = 0, nb = 0;
	int err;

	if (!arena)
		return -ENOMEM;
	err = make_items(arena, a, by, &ia, &na);
	if (!err)
		err = make_items(arena, b, by, &ib, &nb);
	if (!err)
		err = drvmem_compare__join(ia, na, ib, nb, a->s, b->s, ret);
	if (err)
		drvmem_arena__free(arena);
	else
		(*ret)->arena = arena;
	return err;
}

void drvmem_compare__free(struct drvmem_compare *c)
{
	if (!c)
		return;
	drvmem_arena__free(c->arena);
	free(c->rows);
	free(c);
}
