// SPDX-License-Identifier: GPL-2.0-or-later
#ifndef _GNU_SOURCE
#define _GNU_SOURCE	/* asprintf, O_CLOEXEC */
#endif
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"

#define TEMP_MARK	".drvmem-"
#define TEMP_RANDOM	6u	/* mkstemp's X */
#define TEMP_STALE_S	60	/* no write takes so long without a byte */

/* Fills buf[*len..cap). 0 = end of file, 1 = buffer full, -errno. */
static int fill(int fd, char *buf, size_t *len, size_t cap)
{
	while (*len < cap) {
		ssize_t n = read(fd, buf + *len, cap - *len);

		if (n < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		if (n == 0)
			return 0;
		*len += (size_t)n;
	}
	return 1;
}

static int read_fd(int fd, size_t limit, char **ret_buf, size_t *ret_len)
{
	_cleanup_free_ char *buf = NULL;
	size_t len = 0, cap = 0;
	int ret;

	if (limit >= SIZE_MAX / 2)
		return -EINVAL;
	do {
		char *p;

		/* one byte more than the limit tells "exactly the limit" from "more" */
		if (cap > limit)
			return -EFBIG;
		cap = cap ? cap * 2 : 4096;
		if (cap > limit + 1)
			cap = limit + 1;
		p = realloc(buf, cap + 1);
		if (!p)
			return -ENOMEM;
		buf = p;
		ret = fill(fd, buf, &len, cap);
	} while (ret > 0);
	if (ret < 0)
		return ret;
	buf[len] = '\0';
	*ret_buf = drvmem_steal_ptr(&buf);
	if (ret_len)
		*ret_len = len;
	return 0;
}

int drvmem_file__read_at(int dirfd, const char *path, size_t limit, char **ret_buf, size_t *ret_len)
{
	_cleanup_close_ int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	return read_fd(fd, limit, ret_buf, ret_len);
}

int drvmem_file__read(const char *path, size_t limit, char **ret_buf, size_t *ret_len)
{
	return drvmem_file__read_at(AT_FDCWD, path, limit, ret_buf, ret_len);
}

static int write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

static int write_in_place(const char *path, const void *data, size_t len)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	return write_all(fd, data, len);
}

/* Makes the rename durable. A file system that cannot sync a directory is no reason to fail. */
static void sync_parent(const char *path)
{
	_cleanup_free_ char *dir = strdup(path);
	_cleanup_close_ int fd = -1;
	char *slash;

	if (!dir)
		return;
	slash = strrchr(dir, '/');
	if (slash)
		slash[slash == dir] = '\0';
	fd = open(slash ? dir : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		fsync(fd);
}

static int write_temp(int temp_fd, const void *data, size_t len)
{
	_cleanup_close_ int fd = temp_fd;
	int ret;

	ret = write_all(fd, data, len);
	if (!ret && fchmod(fd, 0644))
		ret = -errno;
	if (!ret && fsync(fd))
		ret = -errno;
	/* NFS and quota report a failed write at close */
	if (close(drvmem_steal_fd(&fd)) && !ret)
		ret = -errno;
	return ret;
}

/* What a run that was killed left of path: only names that drvmem gives, and none that may still be written. */
static void clean_temps(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	_cleanup_free_ char *dir = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
	const size_t len = strlen(name), mark = strlen(TEMP_MARK);
	const time_t now = time(NULL);
	struct dirent *e;
	struct stat st;
	DIR *d = dir ? opendir(dir) : NULL;

	while (d && (e = readdir(d))) {
		if (strncmp(e->d_name, name, len) || strncmp(e->d_name + len, TEMP_MARK, mark) ||
		    strlen(e->d_name + len) != mark + TEMP_RANDOM)
			continue;
		if (!fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) && S_ISREG(st.st_mode) &&
		    now - st.st_mtime > TEMP_STALE_S)
			unlinkat(dirfd(d), e->d_name, 0);
	}
	if (d)
		closedir(d);
}

static int replace(const char *path, const void *data, size_t len)
{
	_cleanup_free_ char *temp = NULL;
	int fd, ret;

	clean_temps(path);
	if (asprintf(&temp, "%s" TEMP_MARK "XXXXXX", path) < 0) {
		temp = NULL;
		return -ENOMEM;
	}
	fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = write_temp(fd, data, len);
	if (!ret && rename(temp, path))
		ret = -errno;
	if (ret)
		unlink(temp);
	else
		sync_parent(path);
	return ret;
}

int drvmem_file__write_atomic(const char *path, const void *data, size_t len)
{
	_cleanup_free_ char *real = NULL;
	struct stat st;

	if (!stat(path, &st)) {
		/* renaming over /dev/null would destroy the device */
		if (!S_ISREG(st.st_mode))
			return write_in_place(path, data, len);
		real = realpath(path, NULL);
		if (!real)
			return -errno;
		return replace(real, data, len);
	}
	if (errno != ENOENT)
		return -errno;
	return replace(path, data, len);
}
