// SPDX-License-Identifier: GPL-2.0-or-later
#include "rotating.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/store.h"

#define SUFFIX ".drvmem"
#define STAMP "[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]T[0-9][0-9][0-9][0-9][0-9][0-9]Z" SUFFIX

bool drvmem_rotating__on(const struct drvmem_rotating_opts *o)
{
	return o->every_ns || o->size_bytes;
}

/* Of NAME or NAME.drvmem, what the names of all its files begin with. */
static int stem_len(const char *name)
{
	size_t n = strlen(name), s = strlen(SUFFIX);

	return (int)(n > s && !strcmp(name + n - s, SUFFIX) ? n - s : n);
}

static int path_at(const char *name, time_t when, char *to, size_t n)
{
	char stamp[32];
	struct tm tm;
	int len;

	if (!gmtime_r(&when, &tm) || !strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &tm))
		return -ERANGE;
	len = snprintf(to, n, "%.*s-%s" SUFFIX, stem_len(name), name, stamp);
	return len < 0 || (size_t)len >= n ? -ENAMETOOLONG : 0;
}

int drvmem_rotating__next(struct drvmem_rotating *r, struct drvmem_err *err)
{
	time_t now = time(NULL);
	int e = path_at(r->name, now, r->path, sizeof(r->path));

	if (e)
		return drvmem_err__set(err, e, DRVMEM_EXIT_USAGE, "cannot name a file after '%.64s' and the time (%s)", r->name,
				       drvmem_errno_name(e));
	r->began_unix = (uint64_t)now;
	r->due_ns = drvmem_now_ns() + r->o->every_ns;
	return 0;
}

bool drvmem_rotating__due(const struct drvmem_rotating *r, uint64_t bytes)
{
	time_t now = time(NULL);
	char path[sizeof(r->path)];

	if (!(r->o->every_ns && drvmem_now_ns() >= r->due_ns) && !(r->o->size_bytes && bytes >= r->o->size_bytes))
		return false;
	/* a clock that was set back must not lead to an old file */
	return (uint64_t)now != r->began_unix && !path_at(r->name, now, path, sizeof(path)) && access(path, F_OK);
}

static int is_ours(const struct dirent *d, const char *stem, size_t len)
{
	return !strncmp(d->d_name, stem, len) && d->d_name[len] == '-' && !fnmatch(STAMP, d->d_name + len + 1, 0);
}

static void delete_one(const char *dir, int dir_len, const char *name)
{
	char path[4096];
	int n = snprintf(path, sizeof(path), "%.*s%s", dir_len, dir, name), e;

	e = n < 0 || (size_t)n >= sizeof(path) ? -ENAMETOOLONG : drvmem_store__remove(path);
	if (e && e != -ENOENT)
		drvmem_log_warn("the old file '%s' stays: it cannot be deleted (%s)", name, drvmem_errno_name(e));
}

void drvmem_rotating__tidy(const struct drvmem_rotating *r)
{
	const char *slash = strrchr(r->name, '/'), *stem = slash ? slash + 1 : r->name;
	int dir_len = (int)(stem - r->name), n, i, ours = 0;
	size_t len = (size_t)(stem_len(r->name) - dir_len);
	struct dirent **list;
	char dir[4096];

	if (!r->o->keep)
		return;
	snprintf(dir, sizeof(dir), "%.*s", dir_len ? dir_len : 1, dir_len ? r->name : ".");
	n = scandir(dir, &list, NULL, alphasort);
	if (n < 0) {
		drvmem_log_warn("the directory of the files cannot be read: none is deleted (%s)", drvmem_errno_name(errno));
		return;
	}
	for (i = n; i-- > 0; free(list[i]))
		if (is_ours(list[i], stem, len) && (uint64_t)++ours > r->o->keep)
			delete_one(r->name, dir_len, list[i]->d_name);
	free(list);
}
