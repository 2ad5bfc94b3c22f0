/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A tree of the files that fault injection and KFENCE are switched by, below a directory of its own. */
#ifndef DRVMEM_TESTS_FAKETREE_H
#define DRVMEM_TESTS_FAKETREE_H

#include "unit.h"

#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

struct faketree {
	char root[64];
};

static inline void tree_path(const struct faketree *t, const char *name, char *ret)
{
	assert_true(snprintf(ret, PATH_MAX, "%s/%s", t->root, name) < PATH_MAX);
}

static inline void tree_dir(const struct faketree *t, const char *name)
{
	char path[PATH_MAX], *at;

	tree_path(t, name, path);
	for (at = path + strlen(t->root) + 1; (at = strchr(at, '/')); at++) {
		*at = '\0';
		assert_true(!mkdir(path, 0755) || errno == EEXIST);
		*at = '/';
	}
	assert_true(!mkdir(path, 0755) || errno == EEXIST);
}

static inline void tree_write(const struct faketree *t, const char *name, const char *text)
{
	char path[PATH_MAX];
	FILE *f;

	tree_path(t, name, path);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

/* The file's first line is so. */
static inline bool tree_is(const struct faketree *t, const char *name, const char *text)
{
	char path[PATH_MAX], line[256] = "";
	FILE *f;

	tree_path(t, name, path);
	f = fopen(path, "r");
	if (!f)
		return false;
	if (!fgets(line, sizeof(line), f))
		line[0] = '\0';
	fclose(f);
	line[strcspn(line, "\n")] = '\0';
	return !strcmp(line, text);
}

static inline void tree_expect(const struct faketree *t, const char *name, const char *text)
{
	if (!tree_is(t, name, text))
		fail_msg("%s is not '%s'", name, text);
}

#define SLAB_FILES "sys/kernel/debug/failslab/"
#define PAGE_FILES "sys/kernel/debug/fail_page_alloc/"
#define KFENCE_FILE "sys/module/kfence/parameters/sample_interval"

/* What the kernel has at boot, but for the values of mixed sorts that are there to be restored. */
static const char *const tree_files[][2] = {
	{ "probability", "3\n" }, { "interval", "7\n" }, { "times", "-1\n" }, { "space", "0\n" },
	{ "verbose", "1\n" }, { "verbose_ratelimit_interval_ms", "5000\n" }, { "task-filter", "Y\n" },
	{ "stacktrace-depth", "16\n" }, { "require-start", "0x0\n" }, { "require-end", "0xffffffffffffffff\n" },
	{ "reject-start", "0x10\n" }, { "reject-end", "0x20\n" }, { "ignore-gfp-wait", "Y\n" },
	{ "cache-filter", "Y\n" }, { "ignore-gfp-highmem", "Y\n" }, { "min-order", "1\n" },
};

static inline bool tree_has(bool slab, size_t i)
{
	return slab ? i < 14 : i != 13;
}

static inline void tree_kind(const struct faketree *t, bool slab)
{
	char name[128];
	size_t i;

	tree_dir(t, slab ? SLAB_FILES : PAGE_FILES);
	for (i = 0; i < UNIT_NR(tree_files); i++) {
		if (!tree_has(slab, i))
			continue;
		snprintf(name, sizeof(name), "%s%s", slab ? SLAB_FILES : PAGE_FILES, tree_files[i][0]);
		tree_write(t, name, tree_files[i][1]);
	}
}

/* Is every file as it was made? */
static inline bool tree_is_untouched(const struct faketree *t)
{
	char name[128], value[64];
	size_t i, slab;

	for (slab = 0; slab < 2; slab++)
		for (i = 0; i < UNIT_NR(tree_files); i++) {
			if (!tree_has(slab, i))
				continue;
			snprintf(name, sizeof(name), "%s%s", slab ? SLAB_FILES : PAGE_FILES, tree_files[i][0]);
			snprintf(value, sizeof(value), "%s", tree_files[i][1]);
			value[strcspn(value, "\n")] = '\0';
			if (!tree_is(t, name, value))
				return false;
		}
	return tree_is(t, KFENCE_FILE, "0");
}

static inline void tree_init(struct faketree *t)
{
	strcpy(t->root, "/tmp/drvmem-settings.XXXXXX");
	assert_non_null(mkdtemp(t->root));
	tree_kind(t, true);
	tree_kind(t, false);
	tree_dir(t, "sys/module/kfence/parameters");
	tree_write(t, KFENCE_FILE, "0\n");
	tree_dir(t, "run");
}

static inline int tree_remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline void tree_remove(const struct faketree *t)
{
	assert_int_equal(nftw(t->root, tree_remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

#endif /* DRVMEM_TESTS_FAKETREE_H */
