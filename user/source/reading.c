// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/reading.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/fnv.h"
#include "source/meminfo.h"
#include "source/slabfs.h"
#include "source/slabinfo.h"
#include "source/slabpools.h"
#include "source/vmallocinfo.h"
#include "source/vmstat.h"

static const char *const files[DRVMEM_NR_TEXTS] = {
	[DRVMEM_TEXT_SLABINFO] = "/proc/slabinfo",
	[DRVMEM_TEXT_VMALLOC] = "/proc/vmallocinfo",
	[DRVMEM_TEXT_MEMINFO] = "/proc/meminfo",
	[DRVMEM_TEXT_VMSTAT] = "/proc/vmstat",
};

void drvmem_kernel_texts__take(struct drvmem_kernel_texts *t)
{
	unsigned int i;

	for (i = 0; i < DRVMEM_NR_TEXTS; i++)
		t->err[i] = drvmem_file__read(files[i], DRVMEM_FILE_HUGE, &t->text[i], &t->len[i]);
}

void drvmem_kernel_texts__deinit(struct drvmem_kernel_texts *t)
{
	unsigned int i;

	for (i = 0; i < DRVMEM_NR_TEXTS; i++)
		free(t->text[i]);
	*t = (struct drvmem_kernel_texts){ 0 };
}

/* meminfo or vmstat; what is not in the text, or makes no sense, is absent. */
static void take_numbers(const struct drvmem_kernel_texts *t, unsigned int file,
			 int (*parse)(const char *, size_t, struct drvmem_u64 *, uint64_t *),
			 struct drvmem_u64 *ret, size_t n)
{
	uint64_t skipped = 0;

	drvmem_u64__set_missing(ret, n, t->err[file] ? drvmem_avail_of(t->err[file]) : DRVMEM_ABSENT);
	if (!t->err[file])
		(void)!parse(t->text[file], t->len[file], ret, &skipped);
}

int drvmem_reading__parse_areas(const char *text, size_t len, struct drvmem_reading *r)
{
	struct drvmem_vmallocinfo *v;
	struct drvmem_vmsum sum;
	size_t i;
	int err = drvmem_vmallocinfo__parse(text, len, &v);

	if (err)
		return err;
	drvmem_vmallocinfo__sum(v, &sum);
	r->area_pages = sum.pages;
	r->mapping_bytes = sum.mapping_bytes;
	r->areas = calloc(v->n ? v->n : 1, sizeof(*r->areas));
	for (i = 0; i < v->n && r->areas; i++) {
		const struct drvmem_vmarea *a = &v->v[i];

		/* no pages: a percpu chunk, or an area that is being filled */
		if (a->kind == DRVMEM_VM_ALLOC && a->pages)
			r->areas[r->nr_areas++] = (struct drvmem_area_reading){
				drvmem_fnv1a_more(DRVMEM_FNV_INIT, a->head.s, a->head.n), a->pages,
			};
	}
	drvmem_vmallocinfo__free(v);
	return r->areas ? 0 : -ENOMEM;
}

static struct drvmem_u64 read_attr(int dirfd, const char *cache, const char *file)
{
	char path[128];

	if (dirfd < 0 || cache[0] == '.' || strchr(cache, '/') ||
	    snprintf(path, sizeof(path), "%s/%s", cache, file) >= (int)sizeof(path))
		return (struct drvmem_u64){ .st = DRVMEM_ABSENT };
	return drvmem_slabfs__read_number(dirfd, path);
}

static const struct drvmem_slab_reading *find_slab(const struct drvmem_reading *r, const char *name)
{
	uint32_t lo = 0, hi = r->nr_slabs, mid;
	int c;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		c = strcmp(r->slabs[mid].name, name);
		if (!c)
			return &r->slabs[mid];
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

/* Limits of a cache do not change in practice; those of one that was seen before are kept. */
static void add_layout(int dirfd, const struct drvmem_reading *like, struct drvmem_slab_reading *s)
{
	const struct drvmem_slab_reading *old = like ? find_slab(like, s->name) : NULL;

	if (old && old->objs_per_slab == s->objs_per_slab) {
		s->cpu_partial = old->cpu_partial;
		s->sheaf_capacity = old->sheaf_capacity;
		return;
	}
	s->cpu_partial = read_attr(dirfd, s->name, "cpu_partial");
	s->sheaf_capacity = read_attr(dirfd, s->name, "sheaf_capacity");
}

static int parse_slabs(const struct drvmem_kernel_texts *t, const char *slab_dir,
		       const struct drvmem_reading *like, struct drvmem_reading *r)
{
	_cleanup_close_ int dirfd = -1;
	struct drvmem_slabinfo *si;
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	size_t i;
	int err;

	r->slabs_st = drvmem_avail_of(t->err[DRVMEM_TEXT_SLABINFO]);
	if (r->slabs_st != DRVMEM_OK)
		return 0;
	err = drvmem_slabinfo__parse(t->text[DRVMEM_TEXT_SLABINFO], t->len[DRVMEM_TEXT_SLABINFO], &si);
	if (err) {
		r->slabs_st = DRVMEM_ABSENT;
		return err == -ENOMEM ? err : 0;
	}
	r->slabs = calloc(si->n ? si->n : 1, sizeof(*r->slabs));
	dirfd = open(slab_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	for (i = 0; i < si->n && r->slabs; i++) {
		const struct drvmem_slabrow *row = &si->v[i];
		struct drvmem_slab_reading *s = &r->slabs[r->nr_slabs++];

		snprintf(s->name, sizeof(s->name), "%s", row->name);
		s->active = row->active_objs;
		s->total = row->num_objs;
		s->objs_per_slab = row->objs_per_slab;
		if (__builtin_mul_overflow(row->num_slabs, row->pages_per_slab * page, &s->slab_bytes))
			s->slab_bytes = 0;
		add_layout(dirfd, like, s);
	}
	drvmem_slabinfo__free(si);
	return r->slabs ? 0 : -ENOMEM;
}

static uint64_t kfence_interval(void)
{
	struct drvmem_u64 ms = drvmem_slabfs__read_number(
		AT_FDCWD, "/sys/module/kfence/parameters/sample_interval");

	return ms.st == DRVMEM_OK ? ms.v : 0;
}

int drvmem_reading__parse(const struct drvmem_kernel_texts *t, const char *slab_dir,
			  const struct drvmem_reading *like, struct drvmem_reading **ret)
{
	struct drvmem_reading *r = drvmem_reading__new();
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	int err;

	if (!r)
		return -ENOMEM;
	r->nr_cpus = cpus > 0 ? (uint32_t)cpus : 1;
	r->nr_nodes = drvmem_slabpools__count_nodes(DRVMEM_NODE_DIR);
	r->kfence_ms = kfence_interval();
	take_numbers(t, DRVMEM_TEXT_MEMINFO, drvmem_meminfo__parse, r->mem, DRVMEM_NR_MEM);
	take_numbers(t, DRVMEM_TEXT_VMSTAT, drvmem_vmstat__parse, r->vm, DRVMEM_NR_VM);
	err = parse_slabs(t, slab_dir, like, r);
	r->areas_st = drvmem_avail_of(t->err[DRVMEM_TEXT_VMALLOC]);
	if (!err && r->areas_st == DRVMEM_OK)
		err = drvmem_reading__parse_areas(t->text[DRVMEM_TEXT_VMALLOC],
						  t->len[DRVMEM_TEXT_VMALLOC], r);
	if (err) {
		drvmem_reading__unref(r);
		return err;
	}
	drvmem_reading__seal(r);
	*ret = r;
	return 0;
}
