// SPDX-License-Identifier: GPL-2.0-or-later
#ifndef _GNU_SOURCE
#define _GNU_SOURCE	/* DT_LNK, O_PATH */
#endif
#include "source/slabfs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "base/vec.h"

#define MAX_ENTRIES 65536u

struct entry {
	char *name;
	char *target;	/* own name for a directory */
};

struct drvmem_slabfs {
	DRVMEM_VEC(struct entry) by_name;	/* sorted by name once sealed */
	DRVMEM_VEC(const struct entry *) by_target;	/* the same by (target, name) */
};

struct drvmem_slabfs *drvmem_slabfs__new(void)
{
	return calloc(1, sizeof(struct drvmem_slabfs));
}

void drvmem_slabfs__free(struct drvmem_slabfs *fs)
{
	if (!fs)
		return;
	for (size_t i = 0; i < fs->by_name.n; i++) {
		free(fs->by_name.v[i].name);
		free(fs->by_name.v[i].target);
	}
	drvmem_vec__deinit(&fs->by_name);
	drvmem_vec__deinit(&fs->by_target);
	free(fs);
}

static const char *last_component(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

int drvmem_slabfs__add(struct drvmem_slabfs *fs, const char *name, const char *target)
{
	struct entry e = {0};
	int err = -ENOMEM;

	target = target ? last_component(target) : name;
	if (!*name || !*target || strlen(name) > NAME_MAX || strlen(target) > NAME_MAX)
		return -EINVAL;
	if (fs->by_name.n >= MAX_ENTRIES)
		return -E2BIG;
	e.name = strdup(name);
	e.target = strdup(target);
	/* room for the second index now, so that sealing cannot fail */
	if (e.name && e.target && !drvmem_vec__reserve(&fs->by_target, fs->by_name.n + 1))
		err = drvmem_vec__push(&fs->by_name, e);
	if (err) {
		free(e.name);
		free(e.target);
	}
	return err;
}

static int compare_name(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static int compare_target(const void *a, const void *b)
{
	const struct entry *x = *(const struct entry *const *)a;
	const struct entry *y = *(const struct entry *const *)b;
	int c = strcmp(x->target, y->target);

	return c ? c : strcmp(x->name, y->name);
}

void drvmem_slabfs__seal(struct drvmem_slabfs *fs)
{
	if (!fs->by_name.n)
		return;
	qsort(fs->by_name.v, fs->by_name.n, sizeof(fs->by_name.v[0]), compare_name);
	for (size_t i = 0; i < fs->by_name.n; i++)
		fs->by_target.v[i] = &fs->by_name.v[i];
	fs->by_target.n = fs->by_name.n;
	qsort(fs->by_target.v, fs->by_target.n, sizeof(fs->by_target.v[0]), compare_target);
}

const char *drvmem_slabfs__target(const struct drvmem_slabfs *fs, const char *name)
{
	const struct entry key = { .name = (char *)name };
	const struct entry *e;

	if (!fs->by_name.n)
		return NULL;
	e = bsearch(&key, fs->by_name.v, fs->by_name.n, sizeof(key), compare_name);
	return e ? e->target : NULL;
}

/* Index of the first entry whose target is not below the one given. */
static size_t first_of_target(const struct drvmem_slabfs *fs, const char *target)
{
	size_t lo = 0, hi = fs->by_target.n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (strcmp(fs->by_target.v[mid]->target, target) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

int drvmem_slabfs__aliases(const struct drvmem_slabfs *fs, const char *name, char **ret_aliases)
{
	const char *target = drvmem_slabfs__target(fs, name);
	_cleanup_strbuf_ struct drvmem_strbuf out = {0};
	char *text;

	if (!target)
		return -ENOENT;
	for (size_t i = first_of_target(fs, target); i < fs->by_target.n; i++) {
		const struct entry *e = fs->by_target.v[i];

		if (strcmp(e->target, target))
			break;
		/* the directory's own ":0000200" is an id, not a name anybody gave */
		if (!strcmp(e->name, name) || !strcmp(e->name, target))
			continue;
		if (out.len)
			drvmem_strbuf__putc(&out, ',');
		drvmem_strbuf__append(&out, e->name);
	}
	if (!out.len && !out.oom) {
		*ret_aliases = NULL;
		return 0;
	}
	text = drvmem_strbuf__steal(&out);
	if (!text)
		return -ENOMEM;
	*ret_aliases = text;
	return 0;
}

/* ":A-0000192": between colon and dash a letter for each of the flags that caches must share. */
struct drvmem_u64 drvmem_slabfs__accounted(const struct drvmem_slabfs *fs, const char *name)
{
	const char *target = drvmem_slabfs__target(fs, name), *dash;

	if (!target || target[0] != ':')
		return (struct drvmem_u64){ .st = DRVMEM_ABSENT };
	dash = strchr(target, '-');
	return drvmem_some(dash && memchr(target, 'A', (size_t)(dash - target)));
}

const char *drvmem_slabfs__next_dir(const struct drvmem_slabfs *fs, size_t *pos)
{
	while (*pos < fs->by_name.n) {
		const struct entry *e = &fs->by_name.v[(*pos)++];

		if (!strcmp(e->name, e->target))
			return e->name;
	}
	return NULL;
}

static int add_dirent(struct drvmem_slabfs *fs, int fd, const struct dirent *d)
{
	char target[PATH_MAX];
	ssize_t n;

	if (d->d_name[0] == '.')
		return 0;
	n = readlinkat(fd, d->d_name, target, sizeof(target) - 1);
	if (n >= 0) {
		target[n] = '\0';
		return drvmem_slabfs__add(fs, d->d_name, target);
	}
	/* EINVAL: no link; ENOENT: the cache was destroyed since it was listed */
	if (errno == EINVAL)
		return drvmem_slabfs__add(fs, d->d_name, NULL);
	return errno == ENOENT ? 0 : -errno;
}

int drvmem_slabfs__load(const char *dir, struct drvmem_slabfs **ret)
{
	_cleanup_closedir_ DIR *d = opendir(dir);
	struct drvmem_slabfs *fs;
	struct dirent *e;
	int err = 0;

	if (!d)
		return -errno;
	fs = drvmem_slabfs__new();
	if (!fs)
		return -ENOMEM;
	while (!err && (errno = 0, e = readdir(d)))
		err = add_dirent(fs, dirfd(d), e);
	if (!err && errno)
		err = -errno;
	if (err) {
		drvmem_slabfs__free(fs);
		return err;
	}
	drvmem_slabfs__seal(fs);
	*ret = fs;
	return 0;
}

int drvmem_slabfs__parse_number(const char *text, size_t len, uint64_t *ret)
{
	struct drvmem_span rest = { text, len }, line, word;

	if (!drvmem_span__line(&rest, &line) || !drvmem_span__word(&line, &word))
		return -EINVAL;
	return drvmem_span__u64(word, ret);
}

struct drvmem_u64 drvmem_slabfs__read_number(int dirfd, const char *file)
{
	_cleanup_free_ char *text = NULL;
	struct drvmem_u64 v = { .st = DRVMEM_ABSENT };
	size_t len;
	int err;

	err = drvmem_file__read_at(dirfd, file, DRVMEM_FILE_SMALL, &text, &len);
	if (err)
		v.st = drvmem_avail_of(err);
	else if (!drvmem_slabfs__parse_number(text, len, &v.v))
		v.st = DRVMEM_OK;
	return v;
}

void drvmem_slabfs__parse_ctor(const char *text, size_t len, char *buf, size_t size)
{
	struct drvmem_span rest = { text, len }, line, func, mod;

	buf[0] = '\0';
	/* an address without a symbol proves nothing */
	if (!drvmem_span__line(&rest, &line) || !drvmem_span__word(&line, &func) ||
	    !memchr(func.s, '+', func.n))
		return;
	if (!drvmem_span__word(&line, &mod)) {
		snprintf(buf, size, "kernel");
		return;
	}
	if (mod.n < 3 || mod.s[0] != '[' || mod.s[mod.n - 1] != ']')
		return;
	mod = (struct drvmem_span){ mod.s + 1, mod.n - 2 };
	if (drvmem_span__copy(mod, buf, size))
		buf[0] = '\0';
}

static void read_ctor(int dirfd, struct drvmem_slabattr *a)
{
	_cleanup_free_ char *text = NULL;
	size_t len;

	if (drvmem_file__read_at(dirfd, "ctor", DRVMEM_FILE_SMALL, &text, &len))
		return;
	a->has_ctor = len && text[0] != '\n';
	drvmem_slabfs__parse_ctor(text, len, a->ctor_module, sizeof(a->ctor_module));
}

int drvmem_slabfs__read_attr(const char *dir, const char *name, struct drvmem_slabattr *ret)
{
	_cleanup_close_ int base = -1, fd = -1;

	if (!*name || name[0] == '.' || strchr(name, '/'))
		return -EINVAL;
	base = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (base < 0)
		return -errno;
	fd = openat(base, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	*ret = (struct drvmem_slabattr){
		.object_size = drvmem_slabfs__read_number(fd, "object_size"),
		.slab_size = drvmem_slabfs__read_number(fd, "slab_size"),
		.order = drvmem_slabfs__read_number(fd, "order"),
		.objs_per_slab = drvmem_slabfs__read_number(fd, "objs_per_slab"),
		.objects = drvmem_slabfs__read_number(fd, "objects"),
		.total_objects = drvmem_slabfs__read_number(fd, "total_objects"),
		.slabs = drvmem_slabfs__read_number(fd, "slabs"),
		.partial = drvmem_slabfs__read_number(fd, "partial"),
		.cpu_slabs = drvmem_slabfs__read_number(fd, "cpu_slabs"),
		.cpu_partial = drvmem_slabfs__read_number(fd, "cpu_partial"),
		.sheaf_capacity = drvmem_slabfs__read_number(fd, "sheaf_capacity"),
		.align = drvmem_slabfs__read_number(fd, "align"),
		.by_rcu = drvmem_slabfs__read_number(fd, "destroy_by_rcu"),
		.alloc_slab = drvmem_slabfs__read_number(fd, "alloc_slab"),
	};
	read_ctor(fd, ret);
	return 0;
}
