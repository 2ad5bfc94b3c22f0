// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/devbind.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

static void close_dir(DIR **d)
{
	if (*d)
		closedir(*d);
}

static DIR *open_dir_at(int dirfd, const char *name)
{
	int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;

	if (!d && fd >= 0)
		close(fd);
	return d;
}

static bool fits(int n, size_t size)
{
	return n > 0 && (size_t)n < size;
}

int drvmem_devbind__find(const char *sysfs, const char *busid, char *ret_path, size_t size)
{
	char bus[PATH_MAX], path[PATH_MAX];
	DRVMEM_CLEANUP(close_dir) DIR *d = NULL;
	const struct dirent *e;
	bool found = false;

	if (!busid[0] || busid[0] == '.' || strchr(busid, '/'))
		return -EINVAL;
	if (!fits(snprintf(bus, sizeof(bus), "%s/bus", sysfs), sizeof(bus)))
		return -ENAMETOOLONG;
	d = open_dir_at(AT_FDCWD, bus);
	if (!d)
		return -errno;
	while ((e = readdir(d))) {
		if (e->d_name[0] == '.' ||
		    !fits(snprintf(path, sizeof(path), "%s/%s/devices/%s", bus, e->d_name, busid), sizeof(path)) ||
		    access(path, F_OK))
			continue;
		if (found)
			return -ENOTUNIQ;
		found = true;
		if (!fits(snprintf(ret_path, size, "%s", path), size))
			return -ENAMETOOLONG;
	}
	return found ? 0 : -ENOENT;
}

/* In a driver's directory each device that it drives has a link of its name. */
static bool drives_another(int drivers, const char *driver, const char *busid)
{
	DRVMEM_CLEANUP(close_dir) DIR *d = open_dir_at(drivers, driver);
	const struct dirent *e;
	struct stat st;

	while (d && (e = readdir(d))) {
		if (!strcmp(e->d_name, "module") || !strcmp(e->d_name, busid) ||
		    fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) || !S_ISLNK(st.st_mode))
			continue;
		return true;
	}
	return false;
}

/* A module may have several drivers: "driver/module/drivers" has a link for each. */
static bool module_drives_another(int device, const char *busid)
{
	DRVMEM_CLEANUP(close_dir) DIR *d = open_dir_at(device, "driver/module/drivers");
	const struct dirent *e;

	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.' && drives_another(dirfd(d), e->d_name, busid))
			return true;
	return false;
}

void drvmem_devbind__read(const char *path, bool with_others, struct drvmem_devbind *ret)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const char *busid = strrchr(path, '/');
	struct stat st;

	memset(ret, 0, sizeof(*ret));
	/* a link made anew has a number of its own: fs/kernfs/dir.c, __kernfs_new_node() */
	if (fd < 0 || fstatat(fd, "driver", &st, AT_SYMLINK_NOFOLLOW))
		return;
	ret->id = st.st_ino;
	drvmem_devowner__read(fd, &ret->owner);
	ret->others = with_others && module_drives_another(fd, busid ? busid + 1 : path);
}
