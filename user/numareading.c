// SPDX-License-Identifier: GPL-2.0-or-later
#include "numareading.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/log.h"
#include "reachrun.h"
#include "source/devbind.h"
#include "source/kmem.h"
#include "source/numa.h"

/* The kernel's memory, as the reachability scan reads it. */
struct memory {
	const struct drvmem_kmem *k;
	struct drvmem_kmem_port *port;
};

static bool find_address(void *arg, uint64_t va, uint64_t *ret_pa)
{
	const struct memory *m = arg;

	if (drvmem_kmem__is_direct(m->k, va)) {
		*ret_pa = va - m->k->page_offset;
		return true;
	}
	return drvmem_kmem_port__pa(m->port, va, ret_pa);
}

static bool find_page(void *arg, uint64_t page, uint64_t *ret_pa)
{
	const struct memory *m = arg;
	uint64_t pfn;

	if (!drvmem_kmem__page_of(m->k, page, &pfn))
		return false;
	*ret_pa = pfn << DRVMEM_KPAGE_SHIFT;
	return true;
}

static int read_through(const struct drvmem_snapshot *s, const struct drvmem_nodes *nodes, const struct drvmem_kmem *k,
			struct drvmem_numa **ret)
{
	struct memory from = { .k = k };
	const struct drvmem_numa_reader r = { find_address, find_page, &from };
	int e = drvmem_kmem_port__new(k, &from.port);

	if (e)
		return e;
	e = drvmem_numa__read(s, nodes, &r, DRVMEM_SYSFS_DIR, ret);
	drvmem_kmem_port__free(from.port);
	return e;
}

/* Where the kernel's memory cannot be read, err says why. */
static int read_memory(const struct drvmem_snapshot *s, const struct drvmem_nodes *nodes, struct drvmem_numa **ret,
		       struct drvmem_err *err)
{
	_cleanup_free_ char *kallsyms = NULL;
	struct drvmem_kmem_syms syms = { 0 };
	struct drvmem_kmem *k = NULL;
	size_t len;
	int e = drvmem_file__read("/proc/kallsyms", DRVMEM_FILE_HUGE, &kallsyms, &len);

	if (e)
		return drvmem_err__set(err, e, DRVMEM_EXIT_INTERNAL, "cannot read /proc/kallsyms (%s)", drvmem_errno_name(e));
	drvmem_reachrun__symbols(kallsyms, len, &syms);
	e = drvmem_kmem__new(&syms, &k, err);
	if (e)
		return e;
	e = read_through(s, nodes, k, ret);
	drvmem_kmem__free(k);
	return e ? drvmem_err__set(err, e, DRVMEM_EXIT_INTERNAL, "out of memory") : 0;
}

struct drvmem_numa *drvmem_numareading(const struct drvmem_snapshot *s)
{
	struct drvmem_nodes *nodes = malloc(sizeof(*nodes));
	struct drvmem_numa *n = NULL;
	struct drvmem_err err = { 0 };
	int e = nodes ? drvmem_nodes__read(DRVMEM_SYSFS_DIR, nodes) : -ENOMEM;

	if (!e) {
		if (read_memory(s, nodes, &n, &err))
			drvmem_log_warn("on which NUMA nodes memory lies is not judged: %s", err.what);
		drvmem_nodes__deinit(nodes);
	} else if (e != -ENODATA && e != -ENOENT) {
		drvmem_log_warn("on which NUMA nodes memory lies is not judged: cannot read %s/devices/system/node (%s)",
				DRVMEM_SYSFS_DIR, drvmem_errno_name(e));
	}
	free(nodes);
	return n;
}
