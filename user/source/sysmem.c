// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/sysmem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "source/bootlog.h"
#include "source/buddyinfo.h"
#include "source/kconfig.h"
#include "source/meminfo.h"
#include "source/modules.h"
#include "source/pagetypeinfo.h"
#include "source/psi.h"
#include "source/vmallocinfo.h"
#include "source/vmstat.h"

#define SYSLOG_READ_ALL		3	/* syslog(2): SYSLOG_ACTION_READ_ALL, _SIZE_BUFFER */
#define SYSLOG_SIZE_BUFFER	10

typedef int (*parse_fn)(struct drvmem_sysmem *m, const char *text, size_t len);

static int take_meminfo(struct drvmem_sysmem *m, const char *text, size_t len)
{
	return drvmem_meminfo__parse(text, len, m->mem, &m->skipped);
}

static int take_vmstat(struct drvmem_sysmem *m, const char *text, size_t len)
{
	return drvmem_vmstat__parse(text, len, m->vm, &m->skipped);
}

static int take_psi(struct drvmem_sysmem *m, const char *text, size_t len)
{
	return drvmem_psi__parse(text, len, &m->psi);
}

static int take_zoneinfo(struct drvmem_sysmem *m, const char *text, size_t len)
{
	uint64_t pages;
	int err = drvmem_zoneinfo__parse_pcp(text, len, &pages, &m->skipped);

	if (!err)
		m->pcp = (struct drvmem_u64){ pages * m->page_size, DRVMEM_OK };
	return err;
}

static int take_buddyinfo(struct drvmem_sysmem *m, const char *text, size_t len)
{
	return drvmem_buddyinfo__parse(text, len, &m->zones, &m->nr_zones, &m->skipped);
}

static int take_pagetypeinfo(struct drvmem_sysmem *m, const char *text, size_t len)
{
	return drvmem_pagetypeinfo__parse(text, len, &m->blocks, &m->nr_blocks, &m->skipped);
}

static int take_areas(struct drvmem_sysmem *m, const char *text, size_t len)
{
	struct drvmem_vmallocinfo *v;
	struct drvmem_vmsum sum;
	int err = drvmem_vmallocinfo__parse(text, len, &v);

	if (err)
		return err;
	if (!v->n && !v->unpurged)
		err = -EINVAL;
	drvmem_vmallocinfo__sum(v, &sum);
	m->area_pages = sum.pages;
	m->stack_pages = sum.stack_pages;
	m->skipped += v->skipped;
	drvmem_vmallocinfo__free(v);
	return err;
}

static int take_overcommit(struct drvmem_sysmem *m, const char *text, size_t len)
{
	struct drvmem_span rest = { text, len }, line;
	int err = -EINVAL;

	if (drvmem_span__line(&rest, &line))
		err = drvmem_span__u64(line, &m->overcommit.v);
	if (!err)
		m->overcommit.st = DRVMEM_OK;
	return err;
}

/* The size of a module is what its parts take, each rounded to pages (move_module). */
static int take_modules(struct drvmem_sysmem *m, const char *text, size_t len)
{
	struct drvmem_procmods *mods;
	uint64_t sum = 0;
	size_t i;
	int err = drvmem_procmods__parse(text, len, &mods);

	if (err)
		return err;
	for (i = 0; i < mods->n; i++)
		if (mods->v[i].size <= UINT32_MAX)
			sum += (mods->v[i].size + m->page_size - 1) / m->page_size * m->page_size;
	m->skipped += mods->skipped;
	drvmem_procmods__free(mods);
	m->modules = (struct drvmem_u64){ sum, DRVMEM_OK };
	return 0;
}

static const struct {
	enum drvmem_sysfile file;
	parse_fn fn;
	bool at_start;		/* two moments are compared */
} files[] = {
	{ DRVMEM_SYSFILE_VMSTAT, take_vmstat, true },
	{ DRVMEM_SYSFILE_PSI, take_psi, true },
	{ DRVMEM_SYSFILE_BUDDYINFO, take_buddyinfo, false },
	{ DRVMEM_SYSFILE_PAGETYPEINFO, take_pagetypeinfo, false },
	{ DRVMEM_SYSFILE_VMALLOCINFO, take_areas, false },
	{ DRVMEM_SYSFILE_MODULES, take_modules, false },
	{ DRVMEM_SYSFILE_OVERCOMMIT, take_overcommit, false },
	/* last, side by side: they are added up */
	{ DRVMEM_SYSFILE_ZONEINFO, take_zoneinfo, false },
	{ DRVMEM_SYSFILE_MEMINFO, take_meminfo, true },
};

int drvmem_sysmem__take(struct drvmem_sysmem *m, enum drvmem_sysfile file, const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (files[i].file == file)
			return m->err[file] = files[i].fn(m, text, len);
	return -EINVAL;
}

static int read_file(struct drvmem_sysmem *m, enum drvmem_sysfile file)
{
	_cleanup_free_ char *text = NULL;
	size_t len;

	m->err[file] = drvmem_file__read(drvmem_sysfile_names[file], DRVMEM_FILE_HUGE, &text, &len);
	return m->err[file] ? m->err[file] : drvmem_sysmem__take(m, file, text, len);
}

static int read_bootlog(struct drvmem_sysmem *m)
{
	_cleanup_free_ char *text = NULL;
	uint64_t pages;
	int size = klogctl(SYSLOG_SIZE_BUFFER, NULL, 0), err;
	long cpus = sysconf(_SC_NPROCESSORS_CONF);

	if (size <= 0 || cpus <= 0)
		return size < 0 ? -errno : -EINVAL;
	text = malloc((size_t)size);
	if (!text)
		return -ENOMEM;
	size = klogctl(SYSLOG_READ_ALL, text, size);
	if (size < 0)
		return -errno;
	err = drvmem_bootlog__percpu(text, (size_t)size, &pages);
	if (!err)
		m->percpu_boot = (struct drvmem_u64){ pages * m->page_size * (uint64_t)cpus, DRVMEM_OK };
	return err;
}

/* Where the configuration is not to be had, stacks among the areas of vmalloc tell as much. */
static enum drvmem_vmap_stack find_vmap_stack(const struct drvmem_sysmem *m)
{
	_cleanup_free_ char *text = NULL;
	char value[8];
	size_t len;
	int err;

	if (!m->err[DRVMEM_SYSFILE_VMALLOCINFO] && m->stack_pages)
		return DRVMEM_VMAP_STACK_YES;
	if (drvmem_kconfig__load(&text, &len))
		return DRVMEM_VMAP_STACK_UNKNOWN;
	err = drvmem_kconfig__get(text, len, "CONFIG_VMAP_STACK", value, sizeof(value));
	if (err && err != -ENOENT)
		return DRVMEM_VMAP_STACK_UNKNOWN;
	return !err && !strcmp(value, "y") ? DRVMEM_VMAP_STACK_YES : DRVMEM_VMAP_STACK_NO;
}

static void mark(struct drvmem_u64 *v, uint32_t n, int err)
{
	while (err && n--)
		if (v[n].st != DRVMEM_OK)
			v[n].st = drvmem_avail_of(err);
}

static void mark_missing(struct drvmem_sysmem *m)
{
	mark(m->mem, DRVMEM_NR_MEM, m->err[DRVMEM_SYSFILE_MEMINFO]);
	mark(m->vm, DRVMEM_NR_VM, m->err[DRVMEM_SYSFILE_VMSTAT]);
	mark(&m->psi.some_us, 1, m->err[DRVMEM_SYSFILE_PSI]);
	mark(&m->psi.full_us, 1, m->err[DRVMEM_SYSFILE_PSI]);
	mark(&m->pcp, 1, m->err[DRVMEM_SYSFILE_ZONEINFO]);
	mark(&m->modules, 1, m->err[DRVMEM_SYSFILE_MODULES]);
	mark(&m->percpu_boot, 1, m->err[DRVMEM_SYSFILE_BOOTLOG]);
	mark(&m->overcommit, 1, m->err[DRVMEM_SYSFILE_OVERCOMMIT]);
}

static int load(bool start, struct drvmem_sysmem **ret)
{
	struct drvmem_sysmem *m = drvmem_sysmem__new();
	struct timespec t;
	size_t i;
	int err = 0;

	if (!m)
		return -ENOMEM;
	m->page_size = (uint32_t)sysconf(_SC_PAGESIZE);
	if (!start)
		m->err[DRVMEM_SYSFILE_BOOTLOG] = read_bootlog(m);
	for (i = 0; i < sizeof(files) / sizeof(files[0]) && err != -ENOMEM; i++)
		if (!start || files[i].at_start)
			err = read_file(m, files[i].file);
	clock_gettime(CLOCK_MONOTONIC, &t);
	m->taken_ns = (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
	if (err == -ENOMEM || m->err[DRVMEM_SYSFILE_BOOTLOG] == -ENOMEM) {
		drvmem_sysmem__free(m);
		return -ENOMEM;
	}
	if (!start)
		m->vmap_stack = find_vmap_stack(m);
	mark_missing(m);
	*ret = m;
	return 0;
}

int drvmem_sysmem__load(struct drvmem_sysmem **ret)
{
	return load(false, ret);
}

int drvmem_sysmem__load_start(struct drvmem_sysmem **ret)
{
	return load(true, ret);
}
