// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/baseline.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "source/slabfs.h"

static int read_ctor(void *arg, const char *cache, char *buf, size_t size)
{
	_cleanup_free_ char *text = NULL;
	char path[320];
	int err;

	(void)arg;
	if (strchr(cache, '/') || cache[0] == '.')
		return -EINVAL;
	snprintf(path, sizeof(path), "%s/%s/ctor", DRVMEM_SLABFS_DIR, cache);
	err = drvmem_file__read(path, DRVMEM_FILE_SMALL, &text, NULL);
	if (!err && strlen(text) >= size)
		err = -ENAMETOOLONG;
	if (!err)
		strcpy(buf, text);
	return err;
}

static void read_text(const char *path, char **buf, struct drvmem_baseline_text *t)
{
	t->err = drvmem_file__read(path, DRVMEM_FILE_HUGE, buf, &t->n);
	t->s = *buf;
}

static int read_pages(drvmem_po_kind kind, uint64_t since_ns, struct drvmem_pageowner **ret)
{
	const struct drvmem_po_how how = { kind, (uint32_t)sysconf(_SC_PAGESIZE), since_ns };

	return drvmem_pageowner__read(DRVMEM_DEBUGFS, &how, ret);
}

int drvmem_baseline__read(const struct drvmem_bpfmaps *bpf, int bpf_err,
			  drvmem_devres_reader devres, const struct drvmem_devres_syms *syms,
			  drvmem_po_kind kind, struct drvmem_baseline **ret)
{
	_cleanup_free_ char *meminfo = NULL, *vmallocinfo = NULL, *modules = NULL, *slabinfo = NULL,
			    *allocinfo = NULL;
	struct drvmem_baseline_in in = { .ctor = read_ctor, .bpf = *bpf, .bpf_err = bpf_err,
					 .page_size = (uint32_t)sysconf(_SC_PAGESIZE) };
	struct drvmem_devres lists = {0};
	int r = 0;

	read_text("/proc/vmallocinfo", &vmallocinfo, &in.vmallocinfo);
	read_text("/proc/allocinfo", &allocinfo, &in.allocinfo);
	read_text("/proc/slabinfo", &slabinfo, &in.slabinfo);
	read_text("/proc/meminfo", &meminfo, &in.meminfo);
	read_text("/proc/modules", &modules, &in.modules);
	if (devres) {
		devres(syms, &lists);
		in.devres = &lists;
	}
	if (kind)
		r = read_pages(kind, UINT64_MAX, &in.pages);
	if (!r)
		r = drvmem_baseline__make(&in, ret);
	if (r)
		drvmem_pageowner__free(in.pages);
	free(lists.dev);
	return r;
}

int drvmem_baseline__read_exact(const struct drvmem_baseline *b, struct drvmem_snapshot *s)
{
	_cleanup_free_ char *text = NULL;
	size_t len;

	if (b->allocinfo_bytes.st != DRVMEM_OK ||
	    drvmem_file__read("/proc/allocinfo", DRVMEM_FILE_HUGE, &text, &len))
		return 0;
	return drvmem_baseline__exact(b, text, len, s);
}

int drvmem_baseline__read_pages(const struct drvmem_baseline *b, drvmem_po_kind kind,
				struct drvmem_snapshot *s)
{
	struct drvmem_pageowner *now;
	int err;

	if (!b->pages)
		return 0;
	if (b->pages->err) {
		/* a kernel without it needs no line */
		s->pages_why = b->pages->err == -ENOENT ? NULL : b->pages->why;
		return 0;
	}
	err = read_pages(kind, b->pages->newest_ns, &now);
	if (err)
		return err;
	err = drvmem_baseline__pages(b, now, s);
	drvmem_pageowner__free(now);
	return err;
}
