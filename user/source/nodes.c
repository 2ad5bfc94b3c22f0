// SPDX-License-Identifier: GPL-2.0-or-later
#ifndef _GNU_SOURCE
#define _GNU_SOURCE	/* realpath() */
#endif
#include "source/nodes.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"

#define MAX_BLOCKS	(1u << 22)	/* of 128 MiB: 512 TiB */

/* A number behind a prefix: "node12". False: the name is another. */
static bool numbered(const char *name, const char *prefix, uint64_t *ret)
{
	size_t n = strlen(prefix);
	const struct drvmem_span rest = { name + n, strlen(name) - (strlen(name) < n ? strlen(name) : n) };

	return !strncmp(name, prefix, n) && rest.n && !drvmem_span__u64(rest, ret);
}

/* "0-3,8" */
static int add_cpus(struct drvmem_nodes *n, const char *text, int16_t node)
{
	struct drvmem_span rest = drvmem_span__trim((struct drvmem_span){ text, strcspn(text, "\n") }), part, lo;
	uint64_t from, to, i;

	while (rest.n) {
		part = drvmem_span__take(&rest, ',');
		lo = drvmem_span__take(&part, '-');
		if (drvmem_span__u64(lo, &from))
			return -EINVAL;
		to = from;
		if (part.n && drvmem_span__u64(part, &to))
			return -EINVAL;
		for (i = from; i <= to && i < DRVMEM_NODES_CPUS; i++)
			n->cpu[i] = node;
	}
	return 0;
}

static int add_block(struct drvmem_nodes *n, uint64_t no, int16_t node)
{
	int16_t *grown;

	if (no >= MAX_BLOCKS)
		return 0;
	if (no >= n->nr_blocks) {
		grown = realloc(n->block, (no + 1) * sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		n->block = grown;
		while (n->nr_blocks <= no)
			n->block[n->nr_blocks++] = DRVMEM_NUMA_NO_NODE;
		n->block[no] = node;
	} else {
		/* none had it before: else it is of several */
		n->block[no] = n->block[no] == DRVMEM_NUMA_NO_NODE ? node : (int16_t)(n->block[no] == node ? node : -2);
	}
	return 0;
}

/* "Node 0 MemFree:        503016 kB" */
static void read_free(struct drvmem_u64 *ret, int node_fd)
{
	_cleanup_free_ char *text = NULL;
	struct drvmem_span rest, line, word;
	uint64_t kb;
	size_t len;

	if (drvmem_file__read_at(node_fd, "meminfo", DRVMEM_FILE_SMALL, &text, &len))
		return;
	rest = (struct drvmem_span){ text, len };
	while (drvmem_span__line(&rest, &line)) {
		if (!drvmem_span__word(&line, &word) || !drvmem_span__word(&line, &word) ||
		    !drvmem_span__word(&line, &word) || !drvmem_span__is(word, "MemFree:") ||
		    !drvmem_span__word(&line, &word) || drvmem_span__u64(word, &kb))
			continue;
		*ret = drvmem_some(kb * 1024);
		return;
	}
}

static int read_node(struct drvmem_nodes *n, const char *path, int16_t node)
{
	_cleanup_closedir_ DIR *d = opendir(path);
	_cleanup_free_ char *cpus = NULL;
	const struct dirent *e;
	uint64_t no;
	int err;

	if (!d)
		return -errno;
	err = drvmem_file__read_at(dirfd(d), "cpulist", DRVMEM_FILE_SMALL, &cpus, NULL);
	if (!err)
		err = add_cpus(n, cpus, node);
	while (!err && (e = readdir(d)))
		if (numbered(e->d_name, "memory", &no))
			err = add_block(n, no, node);
	read_free(&n->free_bytes[node], dirfd(d));
	return err;
}

static int read_block_bytes(const char *sysfs, uint64_t *ret)
{
	_cleanup_free_ char *text = NULL;
	char path[PATH_MAX];
	size_t len;
	int e;

	snprintf(path, sizeof(path), "%s/devices/system/memory/block_size_bytes", sysfs);
	e = drvmem_file__read(path, DRVMEM_FILE_SMALL, &text, &len);
	if (!e)
		e = drvmem_span__hex(drvmem_span__trim((struct drvmem_span){ text, strcspn(text, "\n") }), ret);
	return e ? e : *ret ? 0 : -EINVAL;
}

int drvmem_nodes__read(const char *sysfs, struct drvmem_nodes *ret)
{
	_cleanup_closedir_ DIR *d = NULL;
	char path[PATH_MAX], node[PATH_MAX + NAME_MAX + 2];
	const struct dirent *e;
	uint32_t i, nr = 0;
	uint64_t no;
	int err = 0;

	memset(ret, 0, sizeof(*ret));
	drvmem_u64__set_missing(ret->free_bytes, DRVMEM_NUMA_NODES, DRVMEM_ABSENT);
	for (i = 0; i < DRVMEM_NODES_CPUS; i++)
		ret->cpu[i] = DRVMEM_NUMA_NO_NODE;
	snprintf(path, sizeof(path), "%s/devices/system/node", sysfs);
	d = opendir(path);
	if (!d)
		return -errno;
	while (!err && (e = readdir(d))) {
		if (!numbered(e->d_name, "node", &no))
			continue;
		nr++;
		if (no >= DRVMEM_NUMA_NODES) {
			err = -ENODATA;
			break;
		}
		ret->nr = ret->nr > no ? ret->nr : (uint32_t)no + 1;
		snprintf(node, sizeof(node), "%s/%s", path, e->d_name);
		err = read_node(ret, node, (int16_t)no);
	}
	if (!err && nr < 2)
		err = -ENODATA;
	if (!err)
		err = read_block_bytes(sysfs, &ret->block_bytes);
	if (err)
		drvmem_nodes__deinit(ret);
	return err;
}

void drvmem_nodes__deinit(struct drvmem_nodes *n)
{
	free(n->block);
	n->block = NULL;
	n->nr_blocks = 0;
}

int drvmem_nodes__of_memory(const struct drvmem_nodes *n, uint64_t pa)
{
	uint64_t no = pa / n->block_bytes;

	return no < n->nr_blocks && n->block[no] >= 0 ? n->block[no] : DRVMEM_NUMA_NO_NODE;
}

/* Its own, or that of what it is plugged into. DRVMEM_NUMA_NO_NODE: none says. */
static int node_of_device(const char *sysfs, const char *link)
{
	_cleanup_free_ char *top = realpath(sysfs, NULL), *path = realpath(link, NULL);
	char file[PATH_MAX + 16], *slash;
	int node;

	while (top && path && !strncmp(path, top, strlen(top)) && strlen(path) > strlen(top)) {
		_cleanup_free_ char *text = NULL;

		snprintf(file, sizeof(file), "%s/numa_node", path);
		if (!drvmem_file__read(file, DRVMEM_FILE_SMALL, &text, NULL)) {
			node = atoi(text);
			return node >= 0 ? node : DRVMEM_NUMA_NO_NODE;
		}
		slash = strrchr(path, '/');
		*slash = '\0';
	}
	return DRVMEM_NUMA_NO_NODE;
}

/* In a driver's directory each of its devices has a link, beside that to its module. False: they differ. */
static bool add_devices(const char *sysfs, const char *driver, int *node)
{
	_cleanup_closedir_ DIR *d = opendir(driver);
	char link[2 * PATH_MAX];
	const struct dirent *e;
	struct stat st;
	int at;

	while (d && (e = readdir(d))) {
		snprintf(link, sizeof(link), "%s/%s", driver, e->d_name);
		if (!strcmp(e->d_name, "module") || lstat(link, &st) || !S_ISLNK(st.st_mode))
			continue;
		at = node_of_device(sysfs, link);
		if (at < 0 || (*node >= 0 && at != *node))
			return false;
		*node = at;
	}
	return true;
}

int drvmem_nodes__of_module(const char *sysfs, const char *module)
{
	_cleanup_closedir_ DIR *d = NULL;
	char path[PATH_MAX], driver[PATH_MAX + NAME_MAX + 2];
	int node = DRVMEM_NUMA_NO_NODE;
	const struct dirent *e;

	snprintf(path, sizeof(path), "%s/module/%s/drivers", sysfs, module);
	d = opendir(path);
	while (d && (e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(driver, sizeof(driver), "%s/%s", path, e->d_name);
		if (!add_devices(sysfs, driver, &node))
			return DRVMEM_NUMA_NO_NODE;
	}
	return node;
}
