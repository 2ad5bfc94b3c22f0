/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whole files in and out. Files of /proc and /sys have no size before they are
 * read, and may be huge: every read has a limit. Results appear whole or not at all.
 */
#ifndef DRVMEM_BASE_FILE_H
#define DRVMEM_BASE_FILE_H

#include <stddef.h>

#include "base/err.h"

/* Limits in bytes for the texts drvmem reads. */
#define DRVMEM_FILE_SMALL (64u << 10)	/* one value, a status file */
#define DRVMEM_FILE_TEXT (8u << 20)	/* slabinfo, modules, a kernel configuration */
#define DRVMEM_FILE_HUGE (256u << 20)	/* kallsyms */

/*
 * Reads path to its end. The buffer is the caller's to free() and has a NUL
 * behind its ret_len bytes (ret_len may be NULL). -EFBIG: longer than limit.
 */
DRVMEM_MUST_CHECK int drvmem_file__read(const char *path, size_t limit, char **ret_buf,
					size_t *ret_len);
/* The same relative to a directory, as openat(2). */
DRVMEM_MUST_CHECK int drvmem_file__read_at(int dirfd, const char *path, size_t limit,
					   char **ret_buf, size_t *ret_len);
/*
 * Replaces path by the text: temporary file beside it, fsync, rename, mode 0644; a
 * reader sees the old or the new content. Follows a symbolic link to its target.
 * A device or pipe is written in place. On failure path is untouched. Temporary files of the same path
 * that a killed run left a minute ago or more are removed.
 */
DRVMEM_MUST_CHECK int drvmem_file__write_atomic(const char *path, const void *data, size_t len);

#endif /* DRVMEM_BASE_FILE_H */
