// SPDX-License-Identifier: GPL-2.0-or-later
#include "symbol/debugsearch.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "base/vec.h"
#include "symbol/debuginfod.h"

#define MAX_DEPTH 24u		/* below the user's directory */
#define MAX_ENTRIES 1000000u	/* of it: a kernel's build tree has 150 000 */

struct drvmem_debugsearch {
	struct drvmem_debugsearch_opts o;
	DRVMEM_VEC(char *) files;	/* modules and kernels in the user's directory */
	uint32_t seen;			/* entries of it */
	char *dep;			/* modules.dep; NULL = not read, or not there */
	size_t dep_len;
};

/* One search: what it found, or why not. */
struct search {
	struct drvmem_debugsearch *d;
	const char *image, *build_id;
	struct drvmem_debugfile *file;
	struct drvmem_strbuf *path, *why;
	bool refused;			/* why is of a file that was there */
	bool stripped;			/* the right build was there, without lines */
};

static const char *const suffixes[] = { "", ".debug", ".xz", ".zst", ".gz" };

/* Does the last component of path, len bytes, name the image: "snd-hda.ko.xz" for snd_hda? */
static bool names_image(const char *path, size_t len, const char *image)
{
	size_t n = strlen(image), i, start = len;

	while (start && path[start - 1] != '/')
		start--;
	path += start;
	len -= start;
	if (len < n)
		return false;
	for (i = 0; i < n; i++)
		if ((path[i] == '-' ? '_' : path[i]) != (image[i] == '-' ? '_' : image[i]))
			return false;
	path += n;
	len -= n;
	if (!strcmp(image, DRVMEM_DEBUG_KERNEL))
		return !len || *path == '-' || (len == 6 && !memcmp(path, ".debug", 6));
	if (len < 3 || memcmp(path, ".ko", 3))
		return false;
	for (i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (strlen(suffixes[i]) == len - 3 && !memcmp(path + 3, suffixes[i], len - 3))
			return true;
	return false;
}

/* Worth keeping: some module, or a kernel. */
static bool is_image(const char *name)
{
	size_t len = strlen(name), n, i;

	if (names_image(name, len, DRVMEM_DEBUG_KERNEL))
		return true;
	for (i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		n = strlen(suffixes[i]);
		if (len > n + 3 && !strcmp(name + len - n, suffixes[i]) && !memcmp(name + len - n - 3, ".ko", 3))
			return true;
	}
	return false;
}

static int keep_file(struct drvmem_debugsearch *d, const char *path)
{
	char *copy = strdup(path);

	if (copy && !drvmem_vec__push(&d->files, copy))
		return 0;
	free(copy);
	return -ENOMEM;
}

/* What cannot be read below the directory is passed over, and links to directories are. */
static int walk(struct drvmem_debugsearch *d, const char *dir, uint32_t depth)
{
	_cleanup_closedir_ DIR *h = opendir(dir);
	char path[PATH_MAX];
	struct dirent *e;
	struct stat st;
	int r = 0, n;

	if (!h)
		return depth ? 0 : -errno;
	while (!r && d->seen < MAX_ENTRIES && (e = readdir(h))) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		d->seen++;
		n = snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		if (n < 0 || (size_t)n >= sizeof(path))
			continue;
		if (e->d_type == DT_UNKNOWN && !lstat(path, &st))
			e->d_type = S_ISDIR(st.st_mode) ? DT_DIR : DT_REG;
		if (e->d_type == DT_DIR && depth < MAX_DEPTH)
			r = walk(d, path, depth + 1);
		else if (e->d_type != DT_DIR && is_image(e->d_name))
			r = keep_file(d, path);
	}
	return r;
}

static int read_dir(struct drvmem_debugsearch *d)
{
	struct stat st;

	if (!d->o.dir)
		return 0;
	if (stat(d->o.dir, &st))
		return -errno;
	return S_ISDIR(st.st_mode) ? walk(d, d->o.dir, 0) : keep_file(d, d->o.dir);
}

int drvmem_debugsearch__new(const struct drvmem_debugsearch_opts *opts, struct drvmem_debugsearch **ret)
{
	struct drvmem_debugsearch *d = calloc(1, sizeof(*d));
	char path[PATH_MAX];
	int r;

	if (!d)
		return -ENOMEM;
	d->o = *opts;
	r = read_dir(d);
	snprintf(path, sizeof(path), "%s/lib/modules/%s/modules.dep", d->o.root, d->o.release);
	if (!r && drvmem_file__read(path, DRVMEM_FILE_TEXT, &d->dep, &d->dep_len))
		d->dep = NULL;
	if (r) {
		drvmem_debugsearch__free(d);
		return r;
	}
	*ret = d;
	return 0;
}

void drvmem_debugsearch__free(struct drvmem_debugsearch *d)
{
	size_t i;

	if (!d)
		return;
	for (i = 0; i < d->files.n; i++)
		free(d->files.v[i]);
	drvmem_vec__deinit(&d->files);
	free(d->dep);
	free(d);
}

/* Takes path if it is of the build and has lines. Else 0 too, unless memory ran out. */
static int try_file(struct search *s, const char *path, char **ret_link)
{
	_cleanup_strbuf_ struct drvmem_strbuf why = {};
	struct drvmem_debugfile *f = NULL;
	int r = drvmem_debugfile__open(path, s->build_id, &f, &why);

	if (r == -ENOMEM)
		return r;
	if (r && r != -ENOENT && !s->refused) {
		s->refused = true;
		drvmem_strbuf__reset(s->why);
		drvmem_strbuf__append(s->why, drvmem_strbuf__str(&why));
	}
	if (r)
		return 0;
	if (!drvmem_debugfile__has_lines(f)) {
		s->stripped = true;
		if (ret_link && drvmem_debugfile__link(f)) {
			*ret_link = strdup(drvmem_debugfile__link(f));
			r = *ret_link ? 0 : -ENOMEM;
		}
		drvmem_debugfile__free(f);
		return r;
	}
	s->file = f;
	drvmem_strbuf__reset(s->path);
	drvmem_strbuf__append(s->path, path);
	return drvmem_strbuf__error(s->path);
}

static int try_named(struct search *s, const char *fmt, ...) DRVMEM_PRINTF(2, 3);

static int try_named(struct search *s, const char *fmt, ...)
{
	_cleanup_strbuf_ struct drvmem_strbuf path = {};
	va_list ap;

	if (s->file)
		return 0;
	va_start(ap, fmt);
	drvmem_strbuf__vprintf(&path, fmt, ap);
	va_end(ap);
	return drvmem_strbuf__error(&path) ? -ENOMEM : try_file(s, drvmem_strbuf__str(&path), NULL);
}

/* The build id as a path below dir; of the user's directory also files by their names. */
static int try_build_id(struct search *s, const char *root, const char *dir)
{
	if (s->file || strlen(s->build_id) < 3)
		return 0;
	return try_named(s, "%s%s/.build-id/%.2s/%s.debug", root, dir, s->build_id, s->build_id + 2);
}

static int try_users(struct search *s)
{
	struct drvmem_debugsearch *d = s->d;
	size_t i;
	int r;

	if (!d->o.dir)
		return 0;
	r = try_build_id(s, "", d->o.dir);
	for (i = 0; i < d->files.n && !s->file && !r; i++)
		if (names_image(d->files.v[i], strlen(d->files.v[i]), s->image))
			r = try_file(s, d->files.v[i], NULL);
	return r;
}

/* Path of the module below /lib/modules/RELEASE, or a whole one; false when depmod knows none. */
static bool find_module(const struct drvmem_debugsearch *d, const char *image, char *ret, size_t size)
{
	struct drvmem_span rest = { d->dep, d->dep ? d->dep_len : 0 }, line;
	const char *colon;
	int n;

	while (drvmem_span__line(&rest, &line)) {
		colon = memchr(line.s, ':', line.n);
		if (!colon || !names_image(line.s, (size_t)(colon - line.s), image))
			continue;
		if (*line.s == '/')
			n = snprintf(ret, size, "%.*s", (int)(colon - line.s), line.s);
		else
			n = snprintf(ret, size, "/lib/modules/%s/%.*s", d->o.release,
				     (int)(colon - line.s), line.s);
		return n > 0 && (size_t)n < size;
	}
	return false;
}

/* What was split off path (below root) is beside it, or in the tree of debug files. */
static int try_link(struct search *s, const char *path, const char *link)
{
	const char *root = s->d->o.root, *slash = strrchr(path, '/');
	int len = slash ? (int)(slash - path) : 0, r;

	if (!link[0] || strchr(link, '/'))
		return 0;
	r = try_named(s, "%s%.*s/%s", root, len, path, link);
	if (!r)
		r = try_named(s, "%s%.*s/.debug/%s", root, len, path, link);
	return r ? r : try_named(s, "%s/usr/lib/debug%.*s/%s", root, len, path, link);
}

static int try_module(struct search *s)
{
	_cleanup_free_ char *link = NULL;
	char path[PATH_MAX], whole[PATH_MAX];
	int r, n;

	if (s->file || !find_module(s->d, s->image, path, sizeof(path)))
		return 0;
	n = snprintf(whole, sizeof(whole), "%s%s", s->d->o.root, path);
	if (n < 0 || (size_t)n >= sizeof(whole))
		return 0;
	r = try_file(s, whole, &link);
	if (!r && link)
		r = try_link(s, path, link);
	return r ? r : try_named(s, "%s/usr/lib/debug%s", s->d->o.root, path);
}

static int try_kernel(struct search *s)
{
	const char *root = s->d->o.root, *release = s->d->o.release;
	int r = try_named(s, "%s/usr/lib/debug/boot/vmlinux-%s", root, release);

	if (!r)
		r = try_named(s, "%s/usr/lib/debug/lib/modules/%s/vmlinux", root, release);
	if (!r)
		r = try_named(s, "%s/lib/modules/%s/vmlinux", root, release);
	if (!r)
		r = try_named(s, "%s/lib/modules/%s/build/vmlinux", root, release);
	return r ? r : try_named(s, "%s/boot/vmlinux-%s", root, release);
}

/* Its words are the ones to show: it was asked for, and the last to be asked. */
static int try_servers(struct search *s)
{
	_cleanup_free_ char *path = NULL;
	_cleanup_strbuf_ struct drvmem_strbuf why = {};
	int r;

	if (s->file || !s->d->o.debuginfod)
		return 0;
	r = drvmem_debuginfod__find(s->build_id, &path, &why);
	if (r == -ENOMEM)
		return r;
	if (!r)
		return try_file(s, path, NULL);
	if (s->refused)
		drvmem_strbuf__append(s->why, "; ");
	drvmem_strbuf__append(s->why, drvmem_strbuf__str(&why));
	s->refused = true;
	return 0;
}

int drvmem_debugsearch__find(struct drvmem_debugsearch *d, const char *image, const char *build_id,
			     struct drvmem_debugfile **ret, struct drvmem_strbuf *ret_path,
			     struct drvmem_strbuf *why)
{
	struct search s = { .d = d, .image = image, .build_id = build_id, .path = ret_path, .why = why };
	int r;

	drvmem_strbuf__reset(why);
	r = try_users(&s);
	if (!r && d->o.vmlinux && !strcmp(image, DRVMEM_DEBUG_KERNEL))
		r = try_named(&s, "%s", d->o.vmlinux);
	if (!r)
		r = try_build_id(&s, d->o.root, "/usr/lib/debug");
	if (!r)
		r = strcmp(image, DRVMEM_DEBUG_KERNEL) ? try_module(&s) : try_kernel(&s);
	if (!r)
		r = try_servers(&s);
	if (r)
		return -ENOMEM;
	if (s.file) {
		*ret = s.file;
		return 0;
	}
	if (!s.refused)
		drvmem_strbuf__printf(why, s.stripped ? "%s was stripped, and no debug file of build %s was found" :
				      "no debug file of %s (build %s) was found", image, build_id);
	return drvmem_strbuf__error(why) ? -ENOMEM : -ENOENT;
}
