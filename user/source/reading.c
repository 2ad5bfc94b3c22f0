// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/reading.h"

#include <dirent.h>
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
#include "base/text.h"
#include "base/vec.h"
#include "source/slabfs.h"
#include "source/slabinfo.h"

#define MAX_AREAS (1u << 22)

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

static enum drvmem_avail avail_of(int err)
{
	if (!err)
		return DRVMEM_OK;
	return err == -EACCES || err == -EPERM ? DRVMEM_DENIED : DRVMEM_ABSENT;
}

struct drvmem_u64 drvmem_reading__value(const char *text, size_t len, const char *key)
{
	struct drvmem_span rest = { text, len }, line, word;
	struct drvmem_u64 v = { .st = DRVMEM_ABSENT };
	size_t n = strlen(key);

	while (drvmem_span__line(&rest, &line)) {
		if (!drvmem_span__word(&line, &word) || word.n < n || memcmp(word.s, key, n) ||
		    (word.n != n && (word.n != n + 1 || word.s[n] != ':')))
			continue;
		if (!drvmem_span__word(&line, &word) || drvmem_span__u64(word, &v.v))
			return v;
		if (drvmem_span__word(&line, &word) &&
		    (!drvmem_span__is(word, "kB") || __builtin_mul_overflow(v.v, 1024u, &v.v)))
			return v;
		v.st = DRVMEM_OK;
		return v;
	}
	return v;
}

static struct drvmem_u64 value_of(const struct drvmem_kernel_texts *t, unsigned int file, const char *key)
{
	if (t->err[file])
		return (struct drvmem_u64){ .st = avail_of(t->err[file]) };
	return drvmem_reading__value(t->text[file], t->len[file], key);
}

/*
 * vmalloc_info_show() (mm/vmalloc.c): "0xLO-0xHI SIZE CALLER [pages=N] [phys=0x...] KIND... [N0=N]".
 * The word "vmalloc" is VM_ALLOC: memory of its own.
 */
static void parse_area(struct drvmem_span line, struct drvmem_area *area, uint64_t *ret_size, bool *ret_own)
{
	struct drvmem_span word, rest = line;
	unsigned int i;

	*area = (struct drvmem_area){ .id = DRVMEM_FNV_INIT };
	*ret_size = 0;
	*ret_own = false;
	for (i = 0; drvmem_span__word(&rest, &word); i++) {
		if (i < 3)
			area->id = drvmem_fnv1a_more(area->id, word.s, word.n);
		if (i == 1 && drvmem_span__u64(word, ret_size))
			*ret_size = 0;
		if (drvmem_span__starts(word, "pages=") &&
		    drvmem_span__u64((struct drvmem_span){ word.s + 6, word.n - 6 }, &area->pages))
			area->pages = 0;
		/* "unpurged vm_area": freed, only its addresses are not given back yet */
		if (i == 2 && drvmem_span__is(word, "unpurged"))
			*ret_size = 0;
		*ret_own |= i > 2 && drvmem_span__is(word, "vmalloc");
	}
}

int drvmem_reading__parse_areas(const char *text, size_t len, struct drvmem_reading *r)
{
	struct drvmem_span rest = { text, len }, line;
	DRVMEM_VEC(struct drvmem_area) areas = {0};
	struct drvmem_area area;
	uint64_t size;
	bool own;
	int err = 0;

	while (!err && drvmem_span__line(&rest, &line)) {
		parse_area(line, &area, &size, &own);
		if (!own) {
			r->mapping_bytes += size;
			continue;
		}
		/* no pages: a percpu chunk, or an area that is being filled */
		if (!area.pages || areas.n >= MAX_AREAS)
			continue;
		r->area_pages += area.pages;
		err = drvmem_vec__push(&areas, area);
	}
	r->areas = areas.v;
	r->nr_areas = (uint32_t)areas.n;
	return err;
}

static struct drvmem_u64 read_attr(int dirfd, const char *cache, const char *file)
{
	_cleanup_free_ char *text = NULL;
	struct drvmem_u64 v = { .st = DRVMEM_ABSENT };
	char path[128];
	size_t len;
	int err;

	if (dirfd < 0 || cache[0] == '.' || strchr(cache, '/') ||
	    snprintf(path, sizeof(path), "%s/%s", cache, file) >= (int)sizeof(path))
		return v;
	err = drvmem_file__read_at(dirfd, path, DRVMEM_FILE_SMALL, &text, &len);
	if (!err && !drvmem_slabfs__parse_number(text, len, &v.v))
		v.st = DRVMEM_OK;
	else if (err)
		v.st = avail_of(err);
	return v;
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

	r->slabs_st = avail_of(t->err[DRVMEM_TEXT_SLABINFO]);
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

static uint32_t count_nodes(void)
{
	_cleanup_closedir_ DIR *d = opendir("/sys/devices/system/node");
	struct dirent *e;
	uint32_t n = 0;

	while (d && (e = readdir(d)))
		n += !strncmp(e->d_name, "node", 4) && e->d_name[4] >= '0' && e->d_name[4] <= '9';
	return n ? n : 1;
}

static uint64_t kfence_interval(void)
{
	_cleanup_free_ char *text = NULL;
	uint64_t ms = 0;
	size_t len;

	if (drvmem_file__read("/sys/module/kfence/parameters/sample_interval", DRVMEM_FILE_SMALL, &text,
			      &len) ||
	    drvmem_slabfs__parse_number(text, len, &ms))
		return 0;
	return ms;
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
	r->nr_nodes = count_nodes();
	r->kfence_ms = kfence_interval();
	r->mem = (struct drvmem_meminfo){
		.percpu = value_of(t, DRVMEM_TEXT_MEMINFO, "Percpu"),
		.vmalloc_used = value_of(t, DRVMEM_TEXT_MEMINFO, "VmallocUsed"),
		.sreclaimable = value_of(t, DRVMEM_TEXT_MEMINFO, "SReclaimable"),
		.sunreclaim = value_of(t, DRVMEM_TEXT_MEMINFO, "SUnreclaim"),
		.kreclaimable = value_of(t, DRVMEM_TEXT_MEMINFO, "KReclaimable"),
		.free_pages = value_of(t, DRVMEM_TEXT_VMSTAT, "nr_free_pages"),
	};
	err = parse_slabs(t, slab_dir, like, r);
	r->areas_st = avail_of(t->err[DRVMEM_TEXT_VMALLOC]);
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
