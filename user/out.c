// SPDX-License-Identifier: GPL-2.0-or-later
#include "out.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"

static int fail(const struct drvmem_out *o, int code, struct drvmem_err *err)
{
	if (o->path)
		drvmem_err__set(err, code, DRVMEM_EXIT_INTERNAL, "cannot write '%s' (%s)", o->path,
				drvmem_errno_name(code));
	else
		drvmem_err__set(err, code, DRVMEM_EXIT_INTERNAL, "cannot write to standard output (%s)",
				drvmem_errno_name(code));
	if (code == -ENOSPC)
		drvmem_err__remedy(err, "the disk is full: free some space or write elsewhere");
	else if (code == -EPIPE)
		drvmem_err__remedy(err, "the reader ended before the output did; -o FILE keeps it whole");
	else if (o->path)
		drvmem_err__remedy(err, "name a file in a directory you may write with -o FILE");
	return code;
}

/* Directory of a path, to be freed; NULL on ENOMEM. */
static char *directory_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return strdup(".");
	return strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

static int check_target(const struct drvmem_out *o, struct drvmem_err *err)
{
	_cleanup_free_ char *dir = NULL;
	struct stat st;

	if (!stat(o->path, &st)) {
		if (S_ISDIR(st.st_mode))
			return fail(o, -EISDIR, err);
		if (!S_ISREG(st.st_mode))
			return access(o->path, W_OK) ? fail(o, -errno, err) : 0;
	} else if (errno != ENOENT) {
		return fail(o, -errno, err);
	}
	dir = directory_of(o->path);
	if (!dir)
		return fail(o, -ENOMEM, err);
	return access(dir, W_OK | X_OK) ? fail(o, -errno, err) : 0;
}

static int open_buffer(struct drvmem_out *o, struct drvmem_err *err)
{
	o->buf = NULL;
	o->len = 0;
	o->f = open_memstream(&o->buf, &o->len);
	return o->f ? 0 : fail(o, -ENOMEM, err);
}

int drvmem_out__open(struct drvmem_out *o, const char *path, struct drvmem_err *err)
{
	int ret;

	*o = (struct drvmem_out){ .path = path };
	ret = path ? check_target(o, err) : 0;
	return ret ? ret : open_buffer(o, err);
}

static int write_stdout(const char *text, size_t len)
{
	ssize_t n;

	while (len) {
		n = write(STDOUT_FILENO, text, len);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			text += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

void drvmem_out__discard(struct drvmem_out *o)
{
	if (o->f)
		fclose(o->f);
	free(o->buf);
	o->f = NULL;
	o->buf = NULL;
}

int drvmem_out__close(struct drvmem_out *o, struct drvmem_err *err)
{
	int ret;

	if (!o->f)
		return 0;
	ret = ferror(o->f) ? -ENOMEM : 0;
	if (fclose(o->f))
		ret = -ENOMEM;
	o->f = NULL;
	if (!ret)
		ret = o->path ? drvmem_file__write_atomic(o->path, o->buf, o->len) :
				write_stdout(o->buf, o->len);
	drvmem_out__discard(o);
	return ret ? fail(o, ret, err) : 0;
}

int drvmem_out__flush(struct drvmem_out *o, struct drvmem_err *err)
{
	int ret;

	if (o->path)
		return 0;
	ret = drvmem_out__close(o, err);
	return ret ? ret : open_buffer(o, err);
}

static uint32_t terminal_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize w;
	unsigned long n;

	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) && w.ws_col)
		return w.ws_col;
	n = columns ? strtoul(columns, NULL, 10) : 0;
	return n > 0 && n < 10000 ? (uint32_t)n : 80;
}

void drvmem_out__text_opts(const struct drvmem_out *o, struct drvmem_text_opts *ret)
{
	bool tty = !o->path && isatty(STDOUT_FILENO);
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	setlocale(LC_CTYPE, "");
	ret->utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	ret->width = tty ? terminal_width() : 0;
	ret->colour = tty && !(no_color && no_color[0]) && term && strcmp(term, "dumb");
}
