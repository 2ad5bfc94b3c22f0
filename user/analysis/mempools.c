// SPDX-License-Identifier: GPL-2.0-or-later
#include "analysis/mempools.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_LEN	128
#define INNER_FRAMES	4u	/* mempool_alloc_slab < mempool_init_node < mempool_create_node */

bool drvmem_mempools__is_maker(const char *symbol)
{
	static const char *const starts[] = { "mempool_create", "mempool_init", "mempool_resize" };

	for (unsigned int i = 0; symbol && i < sizeof(starts) / sizeof(starts[0]); i++)
		if (!strncmp(symbol, starts[i], strlen(starts[i])))
			return true;
	return false;
}

static struct drvmem_u64 count(int64_t v)
{
	return drvmem_some(v > 0 ? (uint64_t)v : 0);
}

static const char *owner_name(const struct drvmem_snapshot *s, uint32_t owner)
{
	return owner < s->nr_instances ? s->instances[owner].name : NULL;
}

/* ---- by the sites that filled a reserve */

static void mark_makers(const struct drvmem_snapshot *s, bool *is)
{
	uint32_t i, j;

	for (i = 0; i < s->nr_sites; i++)
		is[i] = drvmem_mempools__is_maker(s->sites[i].site);
	for (i = 0; i < s->nr_stacks; i++) {
		const struct drvmem_stacksnap *k = &s->stacks[i];

		/* what the allocators take for themselves meanwhile has sites of theirs */
		if (k->site >= s->nr_sites || !s->sites[k->site].site ||
		    strncmp(s->sites[k->site].site, "mempool_", 8) != 0)
			continue;
		for (j = 0; j < k->nr && j < INNER_FRAMES; j++)
			is[k->site] |= drvmem_mempools__is_maker(k->frame[j]);
	}
}

/* The reserve is what was allocated while the pool was made and is not given back. */
static int add_site(struct drvmem_pools *p, const struct drvmem_snapshot *s,
		    const struct drvmem_sitesnap *t)
{
	struct drvmem_pool *k = drvmem_pools__add(p, DRVMEM_POOL_MEMPOOL);

	if (!k)
		return p->source[DRVMEM_POOL_MEMPOOL].overflow ? 0 : -ENOMEM;
	k->id = t->id;
	k->name = drvmem_pools__str(p, t->site ? t->site : "?");
	if (owner_name(s, t->owner)) {
		k->owner = drvmem_pools__str(p, owner_name(s, t->owner));
		k->owner_by = "owner of the site that made it";
		k->users = 1;
	}
	if (t->c.live_objects > 0 && t->c.live_bytes % t->c.live_objects == 0)
		k->size = drvmem_some((uint64_t)(t->c.live_bytes / t->c.live_objects));
	k->capacity = k->tracked = count(t->c.live_objects);
	k->tracked_bytes = count(t->c.live_bytes);
	k->held_bytes = count(t->c.held_bytes);
	k->peak_bytes = t->peak_bytes;
	k->peak_sampled = t->peak_sampled;
	k->failures = drvmem_some(t->c.failures);
	return k->name ? 0 : -ENOMEM;
}

static int add_sites(struct drvmem_pools *p, const struct drvmem_snapshot *s)
{
	bool *is = calloc(s->nr_sites + 1, sizeof(*is));
	int err = is ? 0 : -ENOMEM;
	uint32_t i;

	if (!err)
		mark_makers(s, is);
	for (i = 0; !err && i < s->nr_sites; i++)
		if (is[i])
			err = add_site(p, s, &s->sites[i]);
	free(is);
	return err;
}

/* ---- by what was seen of their functions */

/* Whether the pool gets its elements by this function of the kernel. */
static bool is_by(const struct drvmem_mempoolsnap *m, const char *function)
{
	size_t n = strlen(function);

	return m->function && !strncmp(m->function, function, n) &&
	       (m->function[n] == '+' || m->function[n] == '.');
}

static bool has_name(const char *list, const char *name)
{
	size_t n = strlen(name), k;

	for (; list && *list; list += k + (list[k] == ',')) {
		k = strcspn(list, ",");
		if (k == n && !strncmp(list, name, n))
			return true;
	}
	return false;
}

/* What an object of a kmem_cache takes; absent: there is none of that name, or several sizes. */
static struct drvmem_u64 cache_size(const struct drvmem_pools *p, const char *name)
{
	struct drvmem_u64 r = { 0, DRVMEM_ABSENT };
	uint32_t i;

	for (i = 0; i < p->n; i++) {
		const struct drvmem_pool *k = &p->v[i];

		if (k->kind != DRVMEM_POOL_CACHE || !k->name ||
		    (strcmp(k->name, name) != 0 && !has_name(k->aliases, name)))
			continue;
		if (r.st == DRVMEM_OK && r.v != k->size.v)
			return (struct drvmem_u64){ 0, DRVMEM_ABSENT };
		r = k->size;
	}
	return r;
}

/* What the elements are, mm/mempool.c: of a cache, of a size, of an order, or the driver's own. */
static void describe(const struct drvmem_pools *p, const struct drvmem_snapshot *s,
		     const struct drvmem_mempoolsnap *m, struct drvmem_pool *k, char *name, size_t size)
{
	if (is_by(m, "mempool_alloc_slab")) {
		snprintf(name, size, "%s", m->cache && m->cache[0] ? m->cache : "(unknown cache)");
		k->size = cache_size(p, name);
	} else if (is_by(m, "mempool_kmalloc")) {
		snprintf(name, size, "kmalloc %" PRIu64, m->data);
		k->size = drvmem_some(m->data);
	} else if (is_by(m, "mempool_alloc_pages") && m->data < 32) {
		snprintf(name, size, "pages, order %" PRIu64, m->data);
		k->size = drvmem_some((uint64_t)s->meta.page_size << m->data);
	} else {
		snprintf(name, size, "%.*s", (int)strcspn(m->function, "+"), m->function);
	}
}

/* Not of a mempool, nor of what watches it. */
static bool is_caller(const char *frame)
{
	static const char *const not[] = { "mempool_", "bpf_", "0x", "__bpf_", "ftrace_" };

	for (size_t i = 0; i < sizeof(not) / sizeof(not[0]); i++)
		if (!strncmp(frame, not[i], strlen(not[i])))
			return false;
	return true;
}

static const char *caller(const struct drvmem_mempoolsnap *m)
{
	for (uint32_t i = 0; i < DRVMEM_MEMPOOL_FRAMES && m->frame[i]; i++)
		if (is_caller(m->frame[i]))
			return m->frame[i];
	return NULL;
}

static struct drvmem_u64 times(struct drvmem_u64 n, struct drvmem_u64 size)
{
	struct drvmem_u64 r = { 0, n.st != DRVMEM_OK ? n.st : size.st };

	if (r.st == DRVMEM_OK && __builtin_mul_overflow(n.v, size.v, &r.v))
		r.st = DRVMEM_ABSENT;
	return r;
}

static int add_seen(struct drvmem_pools *p, const struct drvmem_snapshot *s,
		    const struct drvmem_mempoolsnap *m)
{
	struct drvmem_pool *k = drvmem_pools__add(p, DRVMEM_POOL_MEMPOOL);
	char name[NAME_LEN];

	if (!k)
		return p->source[DRVMEM_POOL_MEMPOOL].overflow ? 0 : -ENOMEM;
	describe(p, s, m, k, name, sizeof(name));
	k->id = (uint32_t)(m->key ^ m->key >> 32);
	k->name = drvmem_pools__str(p, name);
	if (owner_name(s, m->owner)) {
		k->owner = drvmem_pools__str(p, owner_name(s, m->owner));
		k->owner_by = m->made ? "stack of its creation" : "stack of its first use in the session";
		k->owner_guess = !m->made;
		k->users = 1;
	}
	k->site = drvmem_pools__str(p, caller(m));
	k->capacity = drvmem_some(m->reserve);
	k->low_water = drvmem_some(m->low_water);
	k->requests = drvmem_some(m->allocs + m->failures);
	k->dips = drvmem_some(m->dips);
	k->longest_dip_ns = drvmem_some(m->longest_dip_ns);
	k->failures = drvmem_some(m->failures);
	if (m->made) {
		k->in_use = count(m->in_use);
		k->peak = m->peak;
	}
	k->held_bytes = times(k->capacity, k->size);
	k->used_bytes = times(k->in_use, k->size);
	k->peak_bytes = times(k->peak, k->size);
	return k->name ? 0 : -ENOMEM;
}

int drvmem_mempools__add(struct drvmem_pools *p, const struct drvmem_snapshot *s)
{
	struct drvmem_pool_source *src = &p->source[DRVMEM_POOL_MEMPOOL];
	int err = s->mempools_traced ? 0 : add_sites(p, s);
	uint32_t i;

	for (i = 0; !err && s->mempools_traced && i < s->nr_mempools; i++)
		err = add_seen(p, s, &s->mempools[i]);
	*src = (struct drvmem_pool_source){ DRVMEM_OK, s->mempools_traced ?
		"mempool_alloc and mempool_free, traced" : "sites of mempool_create and mempool_init", "",
		src->overflow };
	return err;
}
