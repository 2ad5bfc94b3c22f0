/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Snapshots of any number of owners for the tests of `drvmem top`, and a view that is fed with them. */
#ifndef DRVMEM_TESTS_TOPFIXTURE_H
#define DRVMEM_TESTS_TOPFIXTURE_H

#include "fixture.h"

#include "view/top.h"

/* Room for n, the first of which is there: growing one by one takes n * n time here. */
#define top_room(array, n)							\
	({									\
		(array) = realloc((array), (n) * sizeof(*(array)));		\
		assert_non_null(array);						\
	})

static inline void top_owner(struct drvmem_snapshot *s, uint32_t i)
{
	struct drvmem_instance *o = &s->instances[3 + i];
	struct drvmem_sitesnap *t = &s->sites[i];
	char name[64];

	*o = s->instances[3];
	*t = s->sites[0];
	s->objects[i] = s->objects[0];
	s->stacks[i] = s->stacks[0];
	snprintf(name, sizeof(name), "mod%05u", i);
	o->name = drvmem_snapshot__str(s, name);
	o->load_seq = i + 1;
	o->peak_bytes.v = 5000 + i * 1000;
	snprintf(name, sizeof(name), "mod%05u_alloc+0x1c", i);
	t->site = s->stacks[i].frame[0] = drvmem_snapshot__str(s, name);
	t->id += i;
	t->owner = t->direct = t->innermost = t->driver = (uint16_t)(3 + i);
	t->call_site += i * 16;
	t->first_object = i;
	s->objects[i].site = s->stacks[i].site = i;
	t->c.allocs += 10 * i;
	t->c.alloc_bytes += 1000 * i;
	t->c.live_objects += 10 * i;
	t->c.live_bytes += 1000 * i;
	t->c.held_bytes += 1280 * i;
}

/* Owners mod00000, mod00001, ... with one site each that has 10 more objects of 100 bytes than the one before. */
static inline struct drvmem_snapshot *top_owners(uint32_t n, uint64_t taken_s)
{
	struct drvmem_snapshot *s = fix_new();
	uint32_t cache = fix_cache(s, "kmalloc-128", 128, false), t;

	s->meta.taken_ns = s->meta.started_ns + taken_s * FIX_S;
	if (!n)
		return s;
	t = fix_site(s, fix_module(s, "mod00000", 1, 5000), cache, "mod00000_alloc+0x1c", 20, 10, 100);
	fix_object(s, 3 * FIX_S, 100, 0);
	fix_stack(s, t, "mod00000_alloc+0x1c", 7);
	top_room(s->instances, 3 + n);
	top_room(s->sites, n);
	top_room(s->objects, n);
	top_room(s->stacks, n);
	for (uint32_t i = 1; i < n; i++)
		top_owner(s, i);
	s->nr_instances = 3 + n;
	s->nr_sites = s->nr_objects = s->nr_stacks = n;
	return s;
}

/* One site has so many objects more. */
static inline void top_grow(struct drvmem_snapshot *s, uint32_t site, int64_t objects)
{
	s->sites[site].c.live_objects += objects;
	s->sites[site].c.live_bytes += objects * 100;
	s->sites[site].c.held_bytes += objects * 128;
	s->sites[site].c.allocs += (uint64_t)objects;
	s->sites[site].c.alloc_bytes += (uint64_t)objects * 100;
}

/* Shows a snapshot; prev may be NULL. The view keeps nothing of either. */
static inline void top_feed(struct drvmem_top *t, const struct drvmem_snapshot *prev,
			    const struct drvmem_snapshot *s, bool fresh)
{
	struct drvmem_scope *v = fix_scope(prev, s, NULL);
	const struct drvmem_top_feed f = { .scope = v, .fresh = fresh };

	assert_int_equal(drvmem_top__build(t, &f), 0);
	drvmem_scope__free(v);
}

/* Types a key and does what it asks for. */
static inline unsigned int top_type(struct drvmem_top *t, const struct drvmem_snapshot *s, uint32_t key)
{
	unsigned int what = drvmem_top__key(t, key);

	if (what & DRVMEM_TOP_DO_BUILD)
		top_feed(t, NULL, s, false);
	return what;
}

static inline void top_text(struct drvmem_top *t, const struct drvmem_snapshot *s, const char *keys)
{
	for (; *keys; keys++)	/* \n is Enter */
		top_type(t, s, *keys == '\n' ? (uint32_t)DRVMEM_KEY_ENTER : (unsigned char)*keys);
}

/* Name of the row at a place of the order; NULL. */
static inline const char *top_name(const struct drvmem_top *t, uint32_t at)
{
	return at < t->nr_order ? drvmem_top_table__text(&t->table, t->order[at], "name") : NULL;
}

/* Name of the row under the cursor. */
static inline const char *top_cursor(struct drvmem_top *t)
{
	return top_name(t, drvmem_top__look(t)->at);
}

/* A view that has one snapshot, and room for 5 rows. */
static inline struct drvmem_top *top_fed(const struct drvmem_snapshot *s)
{
	struct drvmem_top *t = drvmem_top__new();

	assert_non_null(t);
	top_feed(t, NULL, s, true);
	drvmem_top__set_room(t, 5);
	return t;
}

/* Cell of the row with a name. */
static inline const struct drvmem_cell *top_cell(const struct drvmem_top *t, const char *name, const char *key)
{
	for (uint32_t i = 0; i < t->table.g->nr_rows; i++)
		if (!strcmp(drvmem_top_table__text(&t->table, i, "name"), name))
			return drvmem_grid__cell(t->table.g, i, key);
	fail_msg("no row %s", name);
	return NULL;
}

#endif /* DRVMEM_TESTS_TOPFIXTURE_H */
