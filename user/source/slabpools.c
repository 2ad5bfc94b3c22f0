// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/slabpools.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/* mm/slub.c: main, spare and rcu_free of struct slub_percpu_sheaves; MAX_FULL_SHEAVES of a barn */
#define SHEAVES_PER_CPU		3u
#define SHEAVES_PER_NODE	10u

static bool known(struct drvmem_u64 a, struct drvmem_u64 b)
{
	return a.st == DRVMEM_OK && b.st == DRVMEM_OK;
}

/* The state of what is computed from both. */
static enum drvmem_avail worst(struct drvmem_u64 a, struct drvmem_u64 b)
{
	return a.st == DRVMEM_DENIED || b.st == DRVMEM_DENIED ? DRVMEM_DENIED : DRVMEM_ABSENT;
}

static struct drvmem_u64 product(struct drvmem_u64 a, struct drvmem_u64 b)
{
	struct drvmem_u64 r = { 0, worst(a, b) };

	if (known(a, b))
		r.st = __builtin_mul_overflow(a.v, b.v, &r.v) ? DRVMEM_ABSENT : DRVMEM_OK;
	return r;
}

/* A reading of two files is of two moments: a difference below 0 is none. */
static struct drvmem_u64 difference(struct drvmem_u64 a, struct drvmem_u64 b)
{
	struct drvmem_u64 r = { 0, worst(a, b) };

	if (known(a, b) && a.v >= b.v)
		r = drvmem_some(a.v - b.v);
	else if (known(a, b))
		r.st = DRVMEM_ABSENT;
	return r;
}

static struct drvmem_u64 slab_bytes(struct drvmem_u64 order, uint32_t page_size)
{
	if (order.st != DRVMEM_OK)
		return order;
	if (order.v > 20)	/* no kernel has such blocks: the text was not a page order */
		return (struct drvmem_u64){ 0, DRVMEM_ABSENT };
	return drvmem_some((uint64_t)page_size << order.v);
}

/*
 * mm/slub.c:show_slab_objects() subtracts the free objects of the nodes' partial lists only:
 * those of the slabs that CPUs keep (cpu_slabs), and all objects in sheaves, count as used.
 * Sheaves on their way through RCU come on top: no file has their number.
 */
static struct drvmem_u64 over_max(const struct drvmem_slabattr *a,
				  const struct drvmem_slabpools_opts *o)
{
	struct drvmem_u64 cpu = product(a->cpu_slabs, a->objs_per_slab), r = cpu;
	uint64_t sheaves = (uint64_t)SHEAVES_PER_CPU * o->nr_cpus +
			   (uint64_t)SHEAVES_PER_NODE * o->nr_nodes, objects;

	if (a->sheaf_capacity.st == DRVMEM_DENIED)
		return a->sheaf_capacity;
	if (cpu.st != DRVMEM_OK || a->sheaf_capacity.st != DRVMEM_OK)
		return r;	/* absent before 6.18: there are no sheaves */
	if (__builtin_mul_overflow(a->sheaf_capacity.v, sheaves, &objects) ||
	    __builtin_add_overflow(cpu.v, objects, &r.v))
		r.st = DRVMEM_ABSENT;
	return r;
}

/* What both sources give: size, capacity, in_use and the slabs, of order `order`. */
static void derive(struct drvmem_pool *k, struct drvmem_u64 slabs, struct drvmem_u64 bytes)
{
	k->slabs = slabs;
	k->held_bytes = product(slabs, bytes);
	k->used_bytes = product(k->in_use, k->size);
	k->waste_bytes = difference(k->held_bytes, k->used_bytes);
	k->peak = k->in_use;
	k->peak_bytes = k->used_bytes;
	k->peak_sampled = true;
}

void drvmem_slabpools__fill(struct drvmem_pool *k, const struct drvmem_slabattr *a,
			    const struct drvmem_slabpools_opts *o)
{
	k->size = a->slab_size;
	k->object_size = a->object_size;
	k->capacity = a->total_objects;
	k->in_use = a->objects;
	k->over_max = over_max(a, o);
	k->order = a->order;
	k->per_slab = a->objs_per_slab;
	k->partial = a->partial;
	k->cpu_slabs = a->cpu_slabs;
	k->cpu_partial = a->cpu_partial;
	k->sheaf_capacity = a->sheaf_capacity;
	k->refills = a->alloc_slab;
	k->align = a->align;
	k->outside = a->by_rcu;
	if (a->has_ctor)
		k->outside = drvmem_some(1);
	derive(k, a->slabs, slab_bytes(a->order, o->page_size));
}

static struct drvmem_u64 order_of(uint64_t pages)
{
	struct drvmem_u64 r = { 0, DRVMEM_ABSENT };

	if (pages && !(pages & (pages - 1)))
		r = drvmem_some((uint64_t)__builtin_ctzll(pages));
	return r;
}

int drvmem_slabpools__from_slabinfo(struct drvmem_pools *p, const struct drvmem_slabinfo *s,
				    const struct drvmem_slabpools_opts *o)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct drvmem_slabrow *row = &s->v[i];
		struct drvmem_pool *k = drvmem_pools__add(p, DRVMEM_POOL_CACHE);

		if (!k && p->source[DRVMEM_POOL_CACHE].overflow)
			continue;
		if (!k)
			return -ENOMEM;
		k->name = drvmem_pools__str(p, row->name);
		if (!k->name)
			return -ENOMEM;
		k->size = drvmem_some(row->objsize);
		k->capacity = drvmem_some(row->num_objs);
		k->in_use = drvmem_some(row->active_objs);
		k->per_slab = drvmem_some(row->objs_per_slab);
		k->order = order_of(row->pages_per_slab);
		derive(k, drvmem_some(row->num_slabs),
		       product(drvmem_some(row->pages_per_slab), drvmem_some(o->page_size)));
	}
	if (s->skipped)
		drvmem_pools__note(p, "/proc/slabinfo: %zu lines are malformed", s->skipped);
	return 0;
}

/*
 * A cache that may be merged has a directory named by its layout. Its kmem_cache->name is the
 * one that slabinfo shows; without slabinfo, the first of its names.
 */
static const char *name_of(const struct drvmem_slabfs *fs, const struct drvmem_slabinfo *si,
			   const char *dir)
{
	const char *target;

	for (size_t i = 0; dir[0] == ':' && si && i < si->n; i++) {
		target = drvmem_slabfs__target(fs, si->v[i].name);
		if (target && !strcmp(target, dir))
			return si->v[i].name;
	}
	return dir;
}

/* Without a name of its own the directory's first alias is its name: cut off the list. */
static int set_names(struct drvmem_pools *p, struct drvmem_pool *k, const struct drvmem_slabfs *fs,
		     const char *name)
{
	_cleanup_free_ char *aliases = NULL;
	char *rest = NULL;

	if (drvmem_slabfs__aliases(fs, name, &aliases) == -ENOMEM)
		return -ENOMEM;
	rest = aliases;
	if (name[0] == ':' && aliases) {
		name = aliases;
		rest = strchr(aliases, ',');
		if (rest)
			*rest++ = '\0';
	}
	k->name = drvmem_pools__str(p, name);
	k->aliases = rest && rest[0] ? drvmem_pools__str(p, rest) : NULL;
	return k->name ? 0 : -ENOMEM;
}

static int add_cache(struct drvmem_pools *p, const char *dir, const char *entry,
		     const struct drvmem_slabfs *fs, const struct drvmem_slabinfo *si,
		     const struct drvmem_slabpools_opts *o)
{
	struct drvmem_slabattr a;
	struct drvmem_pool *k;
	int err;

	err = drvmem_slabfs__read_attr(dir, entry, &a);
	if (err == -ENOENT) {
		drvmem_pools__note(p, "kmem_cache %s vanished while it was read", entry);
		return 0;
	}
	if (err) {
		drvmem_pools__note(p, "kmem_cache %s cannot be read (%s)", entry, drvmem_errno_name(err));
		return 0;
	}
	k = drvmem_pools__add(p, DRVMEM_POOL_CACHE);
	if (!k)
		return p->source[DRVMEM_POOL_CACHE].overflow ? 0 : -ENOMEM;
	drvmem_slabpools__fill(k, &a, o);
	if (a.ctor_module[0]) {
		k->owner = drvmem_pools__str(p, a.ctor_module);
		k->owner_by = "module of the cache's constructor";
	}
	return set_names(p, k, fs, name_of(fs, si, entry));
}

static int read_dirs(struct drvmem_pools *p, const char *dir, const struct drvmem_slabfs *fs,
		     const struct drvmem_slabpools_opts *o)
{
	struct drvmem_slabinfo *si = NULL;
	const char *entry;
	size_t pos = 0;
	int err = 0;

	if (drvmem_slabinfo__load(&si))
		si = NULL;	/* only the names of merged caches are poorer */
	while (!err && (entry = drvmem_slabfs__next_dir(fs, &pos)))
		err = add_cache(p, dir, entry, fs, si, o);
	drvmem_slabinfo__free(si);
	return err;
}

/* The directory can be listed, and yet its files be closed to us: then all is denied. */
static bool all_denied(const struct drvmem_pools *p)
{
	bool any = false;

	for (uint32_t i = 0; i < p->n; i++) {
		if (p->v[i].kind != DRVMEM_POOL_CACHE)
			continue;
		if (p->v[i].in_use.st != DRVMEM_DENIED)
			return false;
		any = true;
	}
	return any;
}

static int read_slabinfo(struct drvmem_pools *p, int first, const struct drvmem_slabpools_opts *o)
{
	struct drvmem_pool_source *src = &p->source[DRVMEM_POOL_CACHE];
	struct drvmem_slabinfo *si;
	int err = drvmem_slabinfo__load(&si);

	if (err) {
		src->st = drvmem_avail_of(first == -EACCES ? first : err);
		src->why = src->st == DRVMEM_DENIED ?
			"neither /sys/kernel/slab nor /proc/slabinfo may be read" :
			"neither /sys/kernel/slab nor /proc/slabinfo can be read";
		return err == -ENOMEM ? err : 0;
	}
	src->st = DRVMEM_OK;
	src->from = "/proc/slabinfo";
	src->why = "";
	err = drvmem_slabpools__from_slabinfo(p, si, o);
	drvmem_slabinfo__free(si);
	return err;
}

int drvmem_slabpools__read(struct drvmem_pools *p, const char *dir,
			   const struct drvmem_slabpools_opts *o)
{
	struct drvmem_pool_source *src = &p->source[DRVMEM_POOL_CACHE];
	struct drvmem_slabfs *fs;
	int err = drvmem_slabfs__load(dir, &fs);

	if (err == -ENOMEM)
		return err;
	if (err)
		return read_slabinfo(p, err, o);
	*src = (struct drvmem_pool_source){ DRVMEM_OK, DRVMEM_SLABFS_DIR, "", src->overflow };
	err = read_dirs(p, dir, fs, o);
	drvmem_slabfs__free(fs);
	if (!err && all_denied(p)) {
		src->st = DRVMEM_DENIED;
		src->why = "the files of /sys/kernel/slab may not be read";
	}
	return err;
}

uint32_t drvmem_slabpools__count_nodes(const char *dir)
{
	_cleanup_closedir_ DIR *d = opendir(dir);
	struct dirent *e;
	uint32_t n = 0;

	while (d && (e = readdir(d)))
		n += !strncmp(e->d_name, "node", 4) && isdigit((unsigned char)e->d_name[4]);
	return n ? n : 1;
}
