// SPDX-License-Identifier: GPL-2.0-or-later
#include "analysis/pools.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/mempools.h"
#include "base/glob.h"

#define NAME_LEN	256

/* What the session says of one pool, while its sites are gone through. */
struct seen {
	uint64_t failures;
	int64_t live, live_bytes;
	uint16_t owner;		/* the first one that used it */
	uint32_t users;
	bool any;
};

/* The next of the comma separated names; false at the end. */
static bool next_name(const char **text, char *buf, size_t size)
{
	size_t n;

	if (!*text || !**text)
		return false;
	n = strcspn(*text, ",");
	snprintf(buf, size, "%.*s", (int)n, *text);
	*text += n;
	*text += **text == ',';
	return true;
}

static bool has_name(const struct drvmem_pool *k, const char *name)
{
	const char *rest = k->aliases;
	char one[NAME_LEN];

	if (!strcmp(k->name, name))
		return true;
	while (next_name(&rest, one, sizeof(one)))
		if (!strcmp(one, name))
			return true;
	return false;
}

static const struct drvmem_pool *find_cache(const struct drvmem_pools *p, const char *name)
{
	for (uint32_t i = 0; i < p->n; i++)
		if (p->v[i].kind == DRVMEM_POOL_CACHE && p->v[i].name && has_name(&p->v[i], name))
			return &p->v[i];
	return NULL;
}

/*
 * Tracing knows a kmalloc by its size class, not by its type: where kmalloc-cg-64 has objects
 * beside kmalloc-64, neither has figures of its own.
 */
static bool is_one_of_several(const struct drvmem_pools *p, const char *class_name)
{
	const char *size = strrchr(class_name, '-');
	size_t n, len = size ? strlen(size) : 0;

	for (uint32_t i = 0; size && i < p->n; i++) {
		const struct drvmem_u64 *room = &p->v[i].capacity;
		const char *name = p->v[i].name;

		if (p->v[i].kind != DRVMEM_POOL_CACHE || (room->st == DRVMEM_OK && !room->v))
			continue;
		n = strlen(name);
		if (!strncmp(name, "kmalloc-", 8) && n > len &&
		    !strcmp(name + n - len, size) && strcmp(name, class_name))
			return true;
	}
	return false;
}

const struct drvmem_pool *drvmem_pools__of(const struct drvmem_pools *p, const struct drvmem_cache *c)
{
	if (!c->name || (c->kind != DRVMEM_CLASS_CACHE && c->kind != DRVMEM_CLASS_KMALLOC))
		return NULL;
	if (c->kind == DRVMEM_CLASS_KMALLOC && is_one_of_several(p, c->name))
		return NULL;
	return find_cache(p, c->name);
}

/* Owners that used the pool, each once: bit per (pool, owner). */
static void count_user(struct seen *seen, uint8_t *bits, const struct drvmem_snapshot *s,
		       uint32_t pool, uint16_t owner)
{
	size_t at = (size_t)pool * s->nr_instances + owner;

	if (bits[at / 8] & (1u << at % 8))
		return;
	bits[at / 8] |= (uint8_t)(1u << at % 8);
	if (!seen->users++)
		seen->owner = owner;
}

static void add_site(struct seen *seen, const struct drvmem_sitesnap *t)
{
	seen->any = true;
	seen->live += t->c.live_objects;
	seen->live_bytes += t->c.live_bytes;
	seen->failures += t->c.failures;
}

static struct drvmem_u64 count(int64_t v)
{
	return drvmem_some(v > 0 ? (uint64_t)v : 0);
}

/* Every object that is in use for sure is one the session saw allocated. */
static bool is_all_tracked(const struct drvmem_pool *k)
{
	return k->tracked.v && k->in_use.st == DRVMEM_OK && k->over_max.st == DRVMEM_OK &&
	       (k->in_use.v <= k->over_max.v || k->tracked.v >= k->in_use.v - k->over_max.v);
}

static int apply_seen(struct drvmem_pools *p, struct drvmem_pool *k, const struct seen *seen,
		      const struct drvmem_snapshot *s)
{
	if (!seen->any)
		return 0;
	k->tracked = count(seen->live);
	k->tracked_bytes = count(seen->live_bytes);
	k->failures = drvmem_some(seen->failures);
	k->users = seen->users;
	if (k->owner || seen->users != 1 || !s->instances[seen->owner].name)
		return 0;
	k->owner = drvmem_pools__str(p, s->instances[seen->owner].name);
	k->owner_by = "the only one that used it in the session";
	k->owner_guess = !is_all_tracked(k);
	return k->owner ? 0 : -ENOMEM;
}

static int join_caches(struct drvmem_pools *p, const struct drvmem_snapshot *s)
{
	size_t bits_len = (size_t)p->n * s->nr_instances / 8 + 1;
	struct seen *seen = calloc(p->n + 1, sizeof(*seen));
	uint32_t *of = calloc(s->nr_caches + 1, sizeof(*of));	/* pool + 1, 0 = none */
	uint8_t *bits = calloc(1, bits_len);
	int err = seen && of && bits ? 0 : -ENOMEM;
	uint32_t i;

	for (i = 0; !err && i < s->nr_caches; i++) {
		const struct drvmem_pool *k = drvmem_pools__of(p, &s->caches[i]);

		of[i] = k ? (uint32_t)(k - p->v) + 1 : 0;
	}
	for (i = 0; !err && i < s->nr_sites; i++) {
		const struct drvmem_sitesnap *t = &s->sites[i];

		if (t->cache >= s->nr_caches || !of[t->cache] || t->owner >= s->nr_instances)
			continue;
		add_site(&seen[of[t->cache] - 1], t);
		/* drvmem's own use says nothing of whose the cache is */
		if ((t->c.allocs || t->c.failures) &&
		    s->instances[t->owner].type != DRVMEM_OWNER_SELF)
			count_user(&seen[of[t->cache] - 1], bits, s, of[t->cache] - 1, t->owner);
	}
	for (i = 0; !err && i < p->n; i++)
		err = apply_seen(p, &p->v[i], &seen[i], s);
	free(seen);
	free(of);
	free(bits);
	return err;
}

int drvmem_pools__join(struct drvmem_pools *p, const struct drvmem_snapshot *s)
{
	int err = join_caches(p, s);

	return err ? err : drvmem_mempools__add(p, s);
}

static void raise(struct drvmem_u64 *to, const struct drvmem_u64 *from)
{
	if (from->st == DRVMEM_OK && (to->st != DRVMEM_OK || from->v > to->v))
		*to = *from;
}

void drvmem_pools__carry(const struct drvmem_pools *prev, struct drvmem_pools *cur)
{
	const struct drvmem_pool *was;

	cur->readings = (prev ? prev->readings : 0) + 1;
	for (uint32_t i = 0; prev && i < cur->n; i++) {
		if (!cur->v[i].peak_sampled)
			continue;
		was = drvmem_pools__find(prev, &cur->v[i]);
		if (!was)
			continue;
		raise(&cur->v[i].peak, &was->peak);
		raise(&cur->v[i].peak_bytes, &was->peak_bytes);
	}
}

static bool owner_wanted(const struct drvmem_pool *k, const struct drvmem_strlist *l)
{
	for (size_t i = 0; l && i < l->n; i++)
		if (k->owner && drvmem_glob__match_module(l->v[i], k->owner))
			return true;
	return !l || !l->n;
}

static bool cache_wanted(const struct drvmem_pool *k, const struct drvmem_strlist *l)
{
	char one[NAME_LEN];
	const char *rest;

	for (size_t i = 0; l && i < l->n && k->kind == DRVMEM_POOL_CACHE; i++) {
		if (drvmem_glob__match(l->v[i], k->name))
			return true;
		rest = k->aliases;
		while (next_name(&rest, one, sizeof(one)))
			if (drvmem_glob__match(l->v[i], one))
				return true;
	}
	return !l || !l->n;
}

void drvmem_pools__select(struct drvmem_pools *p, const struct drvmem_strlist *owners,
			  const struct drvmem_strlist *caches)
{
	uint32_t i, n = 0;

	for (i = 0; i < p->n; i++)
		if (owner_wanted(&p->v[i], owners) && cache_wanted(&p->v[i], caches))
			p->v[n++] = p->v[i];
	p->n = n;
}
