// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/dmapools.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "base/vec.h"
#include "source/devowner.h"

#define MAX_ROWS 4096u	/* the kernel cuts the text at one page: less than 128 lines of 4096 bytes */

/* "name active total size pages": from the right, since names hold spaces ("prp list page"). */
static int parse_row(struct drvmem_span line, struct drvmem_dmarow *ret)
{
	struct drvmem_dmarow row = {0};
	uint64_t *const field[] = { &row.pages, &row.size, &row.total, &row.active };
	struct drvmem_span word;
	int err;

	for (size_t i = 0; i < sizeof(field) / sizeof(field[0]); i++) {
		if (!drvmem_span__last_word(&line, &word))
			return -EINVAL;
		err = drvmem_span__u64(word, field[i]);
		if (err)
			return err;
	}
	err = drvmem_span__copy(drvmem_span__trim(line), row.name, sizeof(row.name));
	if (!err && !row.size)
		err = -EINVAL;
	if (!err)
		*ret = row;
	return err;
}

int drvmem_dmapools__parse(const char *text, size_t len, struct drvmem_dmarows *ret)
{
	struct drvmem_span rest = { text, len }, line;
	struct drvmem_dmarows rows = {0};
	struct drvmem_dmarow row;
	int err = 0;

	if (!drvmem_span__line(&rest, &line) || !drvmem_span__is(line, "poolinfo - 0.1"))
		return -ENOTSUP;
	while (!err && drvmem_span__line(&rest, &line)) {
		if (!drvmem_span__trim(line).n)
			continue;
		if (rows.n >= MAX_ROWS || parse_row(line, &row))
			rows.skipped++;
		else
			err = drvmem_vec__push(&rows, row);
	}
	if (err)
		drvmem_dmapools__free_rows(&rows);
	else
		*ret = rows;
	return err;
}

void drvmem_dmapools__free_rows(struct drvmem_dmarows *r)
{
	free(r->v);
	*r = (struct drvmem_dmarows){0};
}

static struct drvmem_u64 times(uint64_t a, uint64_t b)
{
	struct drvmem_u64 r = { 0, DRVMEM_ABSENT };

	if (!__builtin_mul_overflow(a, b, &r.v))
		r.st = DRVMEM_OK;
	return r;
}

/* mm/dmapool.c:dma_pool_create(): one allocation is of max(size, PAGE_SIZE) bytes. */
void drvmem_dmapools__fill(struct drvmem_pool *k, const struct drvmem_dmarow *row, uint32_t page_size)
{
	k->size = drvmem_some(row->size);
	k->capacity = drvmem_some(row->total);
	k->in_use = drvmem_some(row->active);
	k->pages = drvmem_some(row->pages);
	k->held_bytes = times(row->pages, row->size > page_size ? row->size : page_size);
	k->used_bytes = times(row->active, row->size);
	if (k->held_bytes.st == DRVMEM_OK && k->used_bytes.st == DRVMEM_OK &&
	    k->held_bytes.v >= k->used_bytes.v)
		k->waste_bytes = drvmem_some(k->held_bytes.v - k->used_bytes.v);
	k->peak = k->in_use;
	k->peak_bytes = k->used_bytes;
	k->peak_sampled = true;
}

/* ---- the walk */

struct walk {
	struct drvmem_pools *p;
	uint32_t page_size;
	uint32_t left;		/* directories that may still be looked at */
	bool out;		/* there were more */
	bool denied;
	int err;
	char path[PATH_MAX];	/* of the directory at hand, for notes and bus ids */
};

static void add_rows(struct walk *w, int dirfd, const struct drvmem_dmarows *rows)
{
	const char *slash = strrchr(w->path, '/'), *device, *driver = NULL, *owner = NULL;
	struct drvmem_devowner by;
	struct drvmem_pool *k;

	drvmem_devowner__read(dirfd, &by);
	device = drvmem_pools__str(w->p, slash ? slash + 1 : w->path);
	if (by.driver[0])
		driver = drvmem_pools__str(w->p, by.driver);
	if (by.module[0])
		owner = drvmem_pools__str(w->p, by.module);
	for (size_t i = 0; i < rows->n && !w->err; i++) {
		k = drvmem_pools__add(w->p, DRVMEM_POOL_DMA);
		if (!k) {
			w->err = w->p->source[DRVMEM_POOL_DMA].overflow ? 0 : -ENOMEM;
			continue;
		}
		drvmem_dmapools__fill(k, &rows->v[i], w->page_size);
		k->name = drvmem_pools__str(w->p, rows->v[i].name);
		k->device = device;
		k->driver = driver;
		k->owner = owner;
		k->owner_by = owner ? "driver bound to the device" : NULL;
		if (!k->name)
			w->err = -ENOMEM;
	}
}

static void read_pools(struct walk *w, int dirfd)
{
	_cleanup_free_ char *text = NULL;
	struct drvmem_dmarows rows;
	size_t len;
	int err;

	err = drvmem_file__read_at(dirfd, "pools", DRVMEM_FILE_SMALL, &text, &len);
	if (!err)
		err = drvmem_dmapools__parse(text, len, &rows);
	if (err == -ENOMEM) {
		w->err = err;
	} else if (err == -ENOENT || err == -ENODEV) {
		drvmem_pools__note(w->p, "%s/pools vanished while it was read", w->path);
	} else if (err == -ENOTSUP) {
		drvmem_pools__note(w->p, "%s/pools is not in the format poolinfo 0.1", w->path);
	} else if (err) {
		w->denied |= err == -EACCES || err == -EPERM;
		drvmem_pools__note(w->p, "%s/pools cannot be read (%s)", w->path, drvmem_errno_name(err));
	}
	if (err)
		return;
	add_rows(w, dirfd, &rows);
	if (rows.skipped)
		drvmem_pools__note(w->p, "%s/pools: %zu lines are malformed", w->path, rows.skipped);
	drvmem_dmapools__free_rows(&rows);
}

/* Attribute groups and CPUs: many directories, none of them a device that does DMA. */
static bool is_dull(const char *name, unsigned int depth)
{
	return !strcmp(name, "power") || !strcmp(name, "msi_irqs") ||
	       !strcmp(name, "statistics") || (!depth && !strcmp(name, "system"));
}

static void walk_dir(struct walk *w, int parent, const char *name, unsigned int depth);

static void walk_entry(struct walk *w, int fd, const struct dirent *e, unsigned int depth)
{
	size_t len = strlen(w->path);

	/* links are not followed: a device has one directory and many links to it */
	if (e->d_name[0] == '.' || (e->d_type != DT_DIR && e->d_type != DT_UNKNOWN) ||
	    is_dull(e->d_name, depth))
		return;
	if (!w->left || depth >= DRVMEM_WALK_DEPTH || len + strlen(e->d_name) + 2 > sizeof(w->path)) {
		w->out = true;
		return;
	}
	w->left--;
	w->path[len] = '/';
	strcpy(w->path + len + 1, e->d_name);
	walk_dir(w, fd, e->d_name, depth + 1);
	w->path[len] = '\0';
}

static void walk_dir(struct walk *w, int parent, const char *name, unsigned int depth)
{
	_cleanup_closedir_ DIR *d = NULL;
	struct dirent *e = NULL;
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0) {
		/* a file that d_type did not tell from a directory */
		if (errno == ENOTDIR || errno == ELOOP)
			return;
		w->denied |= errno == EACCES || errno == EPERM;
		drvmem_pools__note(w->p, errno == ENOENT ? "%s vanished while it was looked at (%s)" :
				   "%s cannot be looked at (%s)", w->path, drvmem_errno_name(errno));
		return;
	}
	d = fdopendir(fd);
	if (!d) {
		close(fd);
		w->err = -ENOMEM;
		return;
	}
	while (!w->err && (errno = 0, e = readdir(d))) {
		if (!strcmp(e->d_name, "pools") && e->d_type != DT_DIR)
			read_pools(w, fd);
		else
			walk_entry(w, fd, e, depth);
	}
	if (!w->err && !e && errno && depth)
		drvmem_pools__note(w->p, "%s vanished while it was looked at (%s)", w->path,
				   drvmem_errno_name(errno));
}

int drvmem_dmapools__read(struct drvmem_pools *p, const char *dir, uint32_t page_size,
			  uint32_t max_dirs)
{
	struct drvmem_pool_source *src = &p->source[DRVMEM_POOL_DMA];
	struct walk w = { .p = p, .page_size = page_size, .left = max_dirs };
	uint32_t before = p->n;

	src->from = "/sys/devices/**/pools";
	if (access(dir, R_OK | X_OK)) {
		src->st = drvmem_avail_of(-errno);
		src->why = src->st == DRVMEM_DENIED ? "/sys/devices may not be read" :
						      "there is no /sys/devices";
		return 0;
	}
	snprintf(w.path, sizeof(w.path), "%s", dir);
	walk_dir(&w, AT_FDCWD, dir, 0);
	src->st = w.denied && p->n == before ? DRVMEM_DENIED : DRVMEM_OK;
	src->why = src->st == DRVMEM_OK ? "" : "the files may not be read";
	if (w.out)
		drvmem_pools__note(p, "devices below %s were left out: more than %u directories, or "
				      "deeper than %u", dir, max_dirs, DRVMEM_WALK_DEPTH);
	return w.err;
}
