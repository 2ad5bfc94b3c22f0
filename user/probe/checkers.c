// SPDX-License-Identifier: GPL-2.0-or-later
#include "probe/checkers.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"

#define SLAB_DIR "/sys/kernel/slab"

static bool is_there(const char *root, const char *rest)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s" DRVMEM_DEBUGFS "/%s", root, rest);
	return !access(path, F_OK);
}

/* Where debugfs is not mounted there is an empty directory. */
static int look_at_debugfs(const char *root)
{
	_cleanup_closedir_ DIR *d = NULL;
	const struct dirent *e;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s" DRVMEM_DEBUGFS, root);
	d = opendir(path);
	if (!d)
		return errno == EACCES || errno == EPERM ? -EACCES : -ENOENT;
	while ((e = readdir(d)))
		if (e->d_name[0] != '.')
			return 0;
	return -ENOENT;
}

static int64_t read_kfence(const char *root)
{
	_cleanup_free_ char *text = NULL;
	char path[PATH_MAX];
	int e;

	snprintf(path, sizeof(path), "%s" DRVMEM_KFENCE_PARAM, root);
	e = drvmem_file__read(path, DRVMEM_FILE_SMALL, &text, NULL);
	if (e)
		return e == -ENOENT || e == -ENOTDIR ? -1 : -2;
	return strtol(text, NULL, 10);
}

static bool is_set(int dir, const char *cache, const char *flag)
{
	char path[PATH_MAX], value = '0';
	_cleanup_close_ int fd = -1;

	snprintf(path, sizeof(path), "%s/%s", cache, flag);
	fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && read(fd, &value, 1) == 1 && value == '1';
}

/* mm/slub.c: an attribute for each of SLAB_DEBUG_FLAGS; links are other names of the same. */
static uint32_t count_checked_caches(const char *root)
{
	_cleanup_closedir_ DIR *d = NULL;
	const struct dirent *e;
	char path[PATH_MAX];
	uint32_t n = 0;

	snprintf(path, sizeof(path), "%s" SLAB_DIR, root);
	d = opendir(path);
	while (d && (e = readdir(d)))
		n += e->d_type == DT_DIR && e->d_name[0] != '.' &&
		     (is_set(dirfd(d), e->d_name, "sanity_checks") || is_set(dirfd(d), e->d_name, "red_zone") ||
		      is_set(dirfd(d), e->d_name, "poison"));
	return n;
}

void drvmem_checkers__read(const char *root, struct drvmem_checkers *ret)
{
	*ret = (struct drvmem_checkers){
		.debugfs = look_at_debugfs(root),
		.failslab = is_there(root, "failslab/probability"),
		.slab_filter = is_there(root, "failslab/require-start"),
		.fail_page_alloc = is_there(root, "fail_page_alloc/probability"),
		.page_filter = is_there(root, "fail_page_alloc/require-start"),
		.kfence_ms = read_kfence(root),
		.slub_caches = count_checked_caches(root),
	};
}

void drvmem_checkers__missing(const struct drvmem_checkers *c, bool slab, bool page, char *ret, size_t size)
{
	bool no_slab = slab && !c->failslab, no_page = page && !c->fail_page_alloc;

	ret[0] = '\0';
	if (c->debugfs == -EACCES)
		snprintf(ret, size, DRVMEM_DEBUGFS " cannot be read: fault injection is switched there");
	else if (c->debugfs)
		snprintf(ret, size, "debugfs is not mounted: fault injection is switched there");
	else if (!c->failslab && !c->fail_page_alloc)
		snprintf(ret, size, "this kernel has no fault injection: neither failslab nor fail_page_alloc is in " DRVMEM_DEBUGFS);
	else if (no_slab || no_page)
		snprintf(ret, size, "this kernel cannot have %s fail: %s is not in " DRVMEM_DEBUGFS,
			 no_slab ? "slab allocations" : "page allocations", no_slab ? "failslab" : "fail_page_alloc");
	else if ((slab && !c->slab_filter) || (page && !c->page_filter))
		snprintf(ret, size, "this kernel cannot limit failures to a module: require-start is missing");
}

static void set(struct drvmem_feat_result *r, enum drvmem_feat_state st, const char *why)
{
	r->st = st;
	if (why != r->why)
		snprintf(r->why, sizeof(r->why), "%s", why);
}

void drvmem_checkers__probe(const struct drvmem_checkers *c, struct drvmem_probe *p)
{
	struct drvmem_feat_result *r = &p->f[DRVMEM_FEAT_FAULTS];

	/* either kind will do */
	drvmem_checkers__missing(c, c->failslab, !c->failslab, r->why, sizeof(r->why));
	set(r, !r->why[0] ? DRVMEM_FEAT_YES : c->debugfs == -EACCES ? DRVMEM_FEAT_DENIED :
	    c->debugfs ? DRVMEM_FEAT_UNKNOWN : DRVMEM_FEAT_NO, r->why);
	r = &p->f[DRVMEM_FEAT_KFENCE];
	if (c->kfence_ms == -2)
		set(r, DRVMEM_FEAT_DENIED, DRVMEM_KFENCE_PARAM " cannot be read");
	else if (c->kfence_ms < 0)
		set(r, DRVMEM_FEAT_NO, "this kernel has no KFENCE");
	else if (!c->kfence_ms)
		set(r, DRVMEM_FEAT_NO, "it is off: its sample interval is 0");
	else
		set(r, DRVMEM_FEAT_YES, "");
	r = &p->f[DRVMEM_FEAT_SLUB_DEBUG];
	if (c->slub_caches)
		set(r, DRVMEM_FEAT_YES, "");
	else if (p->f[DRVMEM_FEAT_SLAB_SYSFS].st == DRVMEM_FEAT_YES)
		set(r, DRVMEM_FEAT_NO, "no cache is checked");
	else
		set(r, DRVMEM_FEAT_UNKNOWN, SLAB_DIR " cannot be read");
	p->kfence_ms = c->kfence_ms;
	p->slub_caches = c->slub_caches;
}
