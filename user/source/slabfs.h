/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /sys/kernel/slab: which cache names are merged into one kmem_cache (links to the
 * same ":0000200"-style directory), and the layout of a cache. A merged cache's own
 * kmem_cache->name is only the first of its names; the others are its aliases.
 */
#ifndef DRVMEM_SOURCE_SLABFS_H
#define DRVMEM_SOURCE_SLABFS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/err.h"
#include "model/avail.h"

#define DRVMEM_SLABFS_DIR "/sys/kernel/slab"

struct drvmem_slabfs;

/* The pure part: an empty directory, to which entries are added. NULL on ENOMEM. */
struct drvmem_slabfs *drvmem_slabfs__new(void);
void drvmem_slabfs__free(struct drvmem_slabfs *fs);
/*
 * Entry name; target: text of the link (its last path component counts), NULL for a
 * directory. -EINVAL: empty or too long a name, -E2BIG: more entries than any kernel has.
 */
DRVMEM_MUST_CHECK int drvmem_slabfs__add(struct drvmem_slabfs *fs, const char *name,
					 const char *target);
/* Call once after the last entry, before the look-ups. */
void drvmem_slabfs__seal(struct drvmem_slabfs *fs);
/* new + add + seal of a directory of that form (DRVMEM_SLABFS_DIR). */
DRVMEM_MUST_CHECK int drvmem_slabfs__load(const char *dir, struct drvmem_slabfs **ret);

/* Directory that cache name stands for: ":0000200", the name itself, NULL = no such cache. */
const char *drvmem_slabfs__target(const struct drvmem_slabfs *fs, const char *name);
/*
 * Other names of the cache called name, sorted, comma separated; NULL in *ret_aliases
 * when there are none. The caller frees it. -ENOENT: no such cache.
 */
DRVMEM_MUST_CHECK int drvmem_slabfs__aliases(const struct drvmem_slabfs *fs, const char *name,
					     char **ret_aliases);

/* Bytes, page order and counts; a file that cannot be read is absent or denied, not 0. */
struct drvmem_slabattr {
	struct drvmem_u64 object_size;	/* as asked of kmem_cache_create() */
	struct drvmem_u64 slab_size;	/* what one object takes */
	struct drvmem_u64 order;	/* of a slab's pages */
	struct drvmem_u64 objs_per_slab;
	struct drvmem_u64 objects;	/* in use, and free ones of CPU slabs and sheaves */
	struct drvmem_u64 total_objects, slabs;
	struct drvmem_u64 partial;	/* slabs on the nodes' partial lists */
	struct drvmem_u64 cpu_slabs;	/* slabs that CPUs keep, partial ones too */
	struct drvmem_u64 cpu_partial;	/* limit of objects in a CPU's partial slabs */
	struct drvmem_u64 sheaf_capacity;	/* 6.18 on; 0 = the cache has no sheaves */
	struct drvmem_u64 alloc_slab;	/* slabs made since boot; only with CONFIG_SLUB_STATS */
	struct drvmem_u64 align;	/* as the kernel chose it */
	struct drvmem_u64 by_rcu;	/* 1: SLAB_TYPESAFE_BY_RCU; 0 */
	bool has_ctor;
	char ctor_module[64];		/* module of the constructor, "kernel", "" = has none */
};

/*
 * Whether the cache called name is SLAB_ACCOUNT: 1 or 0, by the id of a cache that may be merged (mm/slub.c:
 * create_unique_id()). Absent: it has no such id, or there is no such cache.
 */
struct drvmem_u64 drvmem_slabfs__accounted(const struct drvmem_slabfs *fs, const char *name);
/* Reads the layout of a cache under dir. -ENOENT: no such cache. */
DRVMEM_MUST_CHECK int drvmem_slabfs__read_attr(const char *dir, const char *name,
					       struct drvmem_slabattr *ret);
/*
 * The next directory (a cache, whatever names it has) after *pos, which begins at 0; NULL at
 * the end.
 */
const char *drvmem_slabfs__next_dir(const struct drvmem_slabfs *fs, size_t *pos);
/* "init_once+0x0/0x10 [ext4]" gives "ext4", without brackets "kernel", "" without a function. */
void drvmem_slabfs__parse_ctor(const char *text, size_t len, char *buf, size_t size);
/* One attribute file's text: a number, perhaps followed by per-node detail. */
DRVMEM_MUST_CHECK int drvmem_slabfs__parse_number(const char *text, size_t len, uint64_t *ret);
/* The number in one attribute file, path as of openat(2). */
struct drvmem_u64 drvmem_slabfs__read_number(int dirfd, const char *path);

#endif /* DRVMEM_SOURCE_SLABFS_H */
