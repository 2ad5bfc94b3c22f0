// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/pageowner.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/stop.h"
#include "base/text.h"

#define PIECE (64u << 10)
#define MAX_FAILED 16u	/* tries of one record that the kernel had no memory for */

/*
 * The kernel gives one record at a time. One that does not fit into a page (mm/page_owner.c:
 * print_page_owner()) is -ENOMEM each time, as a page that there is not is once or twice.
 */
static int feed_all(int fd, struct drvmem_po_parser *p)
{
	_cleanup_free_ char *buf = malloc(PIECE);
	/* the reading at the end of a session that was asked to stop is to be whole */
	const int before = drvmem_stop__signal();
	uint32_t failed = 0;
	ssize_t n = 1;
	int err = buf ? 0 : -ENOMEM;

	while (!err && n) {
		n = read(fd, buf, PIECE);
		if (n > 0) {
			failed = 0;
			if (drvmem_po_parser__feed(p, buf, (size_t)n))
				return -ENOMEM;
		} else if (n < 0 && errno == ENOMEM && ++failed < MAX_FAILED) {
			continue;
		} else if (n < 0 && errno != EINTR) {
			return errno == ENOMEM ? -EMSGSIZE : -errno;
		}
		if (n && drvmem_stop__signal() != before)
			err = -EINTR;
	}
	return err;
}

static const char *why_of(const char *debugfs, int err)
{
	struct statfs fs;

	switch (err) {
	case -EACCES:
	case -EPERM:
		return "permission denied";
	case -ENOENT:
		if (!strcmp(debugfs, DRVMEM_DEBUGFS) && (statfs(debugfs, &fs) || fs.f_type != DEBUGFS_MAGIC))
			return "debugfs is not mounted at " DRVMEM_DEBUGFS;
		return "the kernel was not started with page_owner=on, or is built without CONFIG_PAGE_OWNER";
	case -EINVAL:
		return "page_owner is off on this kernel";
	case -EMSGSIZE:
		return "the kernel cannot tell one of its records: a stack does not fit into a page";
	case -EINTR:
		return "its reading was interrupted";
	default:
		return "the file cannot be read";
	}
}

/* What the file at path says; *ret->err when it cannot be read. 0 or -ENOMEM. */
static int read_file(const char *debugfs, const char *path, const struct drvmem_po_how *how,
		     struct drvmem_pageowner **ret)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct drvmem_po_parser *p;
	int err = fd < 0 ? -errno : 0;

	p = drvmem_po_parser__new(how);
	if (!p)
		return -ENOMEM;
	if (!err)
		err = feed_all(fd, p);
	if (err == -ENOMEM) {
		drvmem_po_parser__free(p);
		return err;
	}
	drvmem_po_parser__finish(p, ret);
	if (err) {
		(*ret)->err = err;
		(*ret)->why = why_of(debugfs, err);
	}
	return 0;
}

/* Stacks with fewer pages than this are not shown (6.9+); 0 where it is not told. */
static uint64_t threshold_of(const char *debugfs)
{
	_cleanup_free_ char *text = NULL;
	char path[256];
	uint64_t v = 0;
	size_t len;

	snprintf(path, sizeof(path), "%s/page_owner_stacks/count_threshold", debugfs);
	if (!drvmem_file__read(path, DRVMEM_FILE_SMALL, &text, &len) &&
	    drvmem_span__u64(drvmem_span__take(&(struct drvmem_span){ text, len }, '\n'), &v))
		v = 0;
	return v;
}

int drvmem_pageowner__read(const char *debugfs, const struct drvmem_po_how *how,
			   struct drvmem_pageowner **ret)
{
	struct drvmem_pageowner *o = NULL;
	char path[256];
	int err;

	if (threshold_of(debugfs) <= 1) {
		snprintf(path, sizeof(path), "%s/page_owner_stacks/show_stacks", debugfs);
		err = read_file(debugfs, path, how, &o);
		if (err)
			return err;
		if (o->err != -ENOENT && o->err != -ENOTSUP) {
			*ret = o;
			return 0;
		}
		drvmem_pageowner__free(o);
	}
	snprintf(path, sizeof(path), "%s/page_owner", debugfs);
	return read_file(debugfs, path, how, ret);
}
