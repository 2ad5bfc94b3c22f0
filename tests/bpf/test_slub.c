// SPDX-License-Identifier: GPL-2.0-or-later
/* SLUB's arithmetic (analysis/slub.h) against every cache that this kernel has. Needs no tracing. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analysis/slub.h"
#include "base/cleanup.h"
#include "harness.h"
#include "slubrules.h"
#include "source/slabfs.h"

#define MIN_CACHES 50u

struct seen {
	uint32_t caches, kmallocs, inside;
};

static uint64_t number(int dir, const char *cache, const char *file)
{
	struct drvmem_u64 v;
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", cache, file);
	v = drvmem_slabfs__read_number(dir, path);
	return v.st == DRVMEM_OK ? v.v : 0;
}

/* Debugging adds to an object what the arithmetic does not know of. */
static bool is_debugged(int dir, const char *cache)
{
	return number(dir, cache, "red_zone") || number(dir, cache, "poison") || number(dir, cache, "store_user");
}

static enum bt_result judge(const struct drvmem_slub_rules *r, int dir, const char *name, struct seen *seen)
{
	uint32_t size = (uint32_t)number(dir, name, "slab_size"), order = (uint32_t)number(dir, name, "order");
	uint32_t objects = (uint32_t)number(dir, name, "objs_per_slab");
	bool rcu = number(dir, name, "destroy_by_rcu");
	struct drvmem_slub_cache c = { .object_size = (uint32_t)number(dir, name, "object_size"),
				       .align = (uint32_t)number(dir, name, "align"), .pointer_outside = rcu };
	struct drvmem_slub_layout l;
	struct drvmem_slabattr a;

	BT_CHECK(!drvmem_slabfs__read_attr(DRVMEM_SLABFS_DIR, name, &a), "%s cannot be read", name);
	c.pointer_outside |= a.ctor_module[0] != '\0';
	BT_CHECK(drvmem_slub(r, &c, &l), "%s: no slab of %u bytes", name, c.object_size);
	/* one that keeps its free pointer in a place of its own (use_freeptr_offset, 6.12 on) cannot be told apart */
	if (rcu && l.size != size) {
		c.pointer_outside = false;
		BT_CHECK(drvmem_slub(r, &c, &l), "%s: no slab of %u bytes", name, c.object_size);
		seen->inside++;
	}
	BT_CHECK(l.size == size && l.order == order && l.objects == objects,
		 "%s, %u bytes aligned to %u: an object of %u, %u in order %u; the kernel has %u, %u in order %u", name,
		 c.object_size, c.align, l.size, l.objects, l.order, size, objects, order);
	seen->caches++;
	return BT_PASS;
}

/* "kmalloc-96": what asks for as much gets it, and a byte more the next. */
static enum bt_result judge_class(const struct drvmem_slub_rules *r, const char *name, uint32_t size, struct seen *seen)
{
	bool pages;

	BT_CHECK(drvmem_slub__kmalloc(r, size, &pages) == size && !pages, "%s: a kmalloc of %u takes %u", name, size,
		 drvmem_slub__kmalloc(r, size, &pages));
	seen->kmallocs++;
	return BT_PASS;
}

static enum bt_result every_cache(void *arg)
{
	_cleanup_closedir_ DIR *d = opendir(DRVMEM_SLABFS_DIR);
	struct drvmem_slub_rules r;
	struct seen seen = {};
	const struct dirent *e;
	uint32_t class[DRVMEM_SLUB_CLASSES];
	struct stat st;

	(void)arg;
	if (!d)
		return bt_skip("this kernel has no " DRVMEM_SLABFS_DIR);
	BT_CHECK(drvmem_slubrules__read(&r), "release or CPUs cannot be read");
	while ((e = readdir(d))) {
		if (e->d_name[0] == '.' || fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) || !S_ISDIR(st.st_mode) ||
		    is_debugged(dirfd(d), e->d_name))
			continue;
		BT_TRY(judge(&r, dirfd(d), e->d_name, &seen));
		if (!strncmp(e->d_name, "kmalloc-", 8) && e->d_name[8] >= '0' && e->d_name[8] <= '9')
			BT_TRY(judge_class(&r, e->d_name, (uint32_t)number(dirfd(d), e->d_name, "object_size"), &seen));
	}
	bt_note("%u caches, %u of them size classes, %u with a free pointer inside", seen.caches, seen.kmallocs, seen.inside);
	BT_CHECK(seen.caches >= MIN_CACHES, "only %u caches were compared", seen.caches);
	BT_CHECK(seen.kmallocs == drvmem_slub__classes(&r, class), "%u size classes, not %u", seen.kmallocs,
		 drvmem_slub__classes(&r, class));
	return BT_PASS;
}

int main(void)
{
	bt_case("every_cache_is_as_predicted", every_cache, NULL);
	return bt_exit();
}
