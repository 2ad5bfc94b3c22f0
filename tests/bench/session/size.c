// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How large a session file becomes: a day of 10 s intervals of a machine whose every site allocates and frees in
 * every interval, with stacks, slabs and counters of the kernel that change too. Prints a line each hour.
 *	size FILE [SITES [INTERVALS [ACTIVE]]]
 * ACTIVE: of 100 sites so many do something in an interval (default 100).
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/err.h"
#include "store/store.h"

#define OWNERS	30u
#define CACHES	60u
#define SLABS	200u
#define STACKS	4u	/* of a site */
#define AREAS	400u

static uint64_t state = 42;

static uint32_t rnd(uint32_t n)
{
	state = state * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(state >> 33) % n;
}

DRVMEM_PRINTF(2, 3)
static const char *text(struct drvmem_snapshot *s, const char *fmt, ...)
{
	char buf[64];
	va_list args;

	va_start(args, fmt);
	vsnprintf(buf, sizeof(buf), fmt, args);
	va_end(args);
	return drvmem_snapshot__str(s, buf);
}

static struct drvmem_snapshot *machine(uint32_t sites)
{
	struct drvmem_snapshot *s = drvmem_snapshot__new();
	uint32_t i, j;

	s->meta.kernel = s->meta.arch = s->meta.hostname = s->meta.version = s->meta.table_kind = text(s, "bench%u", 0);
	s->meta.page_size = 4096;
	s->meta.hz = 250;
	s->meta.started_ns = 1;
	s->walks.why = s->cost.why = text(s, "%s", "");
	s->instances = calloc(s->nr_instances = OWNERS, sizeof(*s->instances));
	s->caches = calloc(s->nr_caches = CACHES, sizeof(*s->caches));
	s->sites = calloc(s->nr_sites = sites, sizeof(*s->sites));
	s->stacks = calloc(s->nr_stacks = sites * STACKS, sizeof(*s->stacks));
	for (i = 0; i < OWNERS; i++)
		s->instances[i] = (struct drvmem_instance){ .name = text(s, "driver_%u", i), .used = true };
	for (i = 0; i < CACHES; i++)
		s->caches[i] = (struct drvmem_cache){ .name = text(s, "kmalloc-%u", i * 32), .held = i * 32 };
	for (i = 0; i < sites; i++)
		s->sites[i] = (struct drvmem_sitesnap){ .id = i + 2, .cache = (uint16_t)rnd(CACHES), .owner = (uint16_t)rnd(OWNERS),
			.site = text(s, "some_function_name_%u+0x1f0", i), .call_site = 0xffffffffc0000000ull + i * 64,
			.peak_bytes.st = DRVMEM_OK };
	for (i = 0; i < s->nr_stacks; i++) {
		s->stacks[i] = (struct drvmem_stacksnap){ .site = i / STACKS, .nr = 12 };
		for (j = 0; j < 12; j++) {
			s->stacks[i].ip[j] = 0xffffffff81000000ull + rnd(1u << 24);
			s->stacks[i].frame[j] = text(s, "caller_function_%u+0x30", rnd(2000));
		}
	}
	return s;
}

static struct drvmem_reading *reading(uint64_t step)
{
	struct drvmem_reading *r = drvmem_reading__new();
	uint32_t i;

	r->slabs = calloc(r->nr_slabs = SLABS, sizeof(*r->slabs));
	r->areas = calloc(r->nr_areas = AREAS, sizeof(*r->areas));
	for (i = 0; i < SLABS; i++) {
		snprintf(r->slabs[i].name, sizeof(r->slabs[i].name), "cache_%03u", i);
		r->slabs[i].total = 1000 * (i + 1);
		r->slabs[i].active = 900 * (i + 1) + (i % 3 ? 0 : rnd(100));
		r->slabs[i].slab_bytes = r->slabs[i].total * 128;
	}
	for (i = 0; i < AREAS; i++)
		r->areas[i] = (struct drvmem_area_reading){ (i + (i < 5 ? step : 0)) * 0x9e3779b97f4a7c15ull, 1 + i % 8 };
	for (i = 0; i < DRVMEM_NR_MEM; i++)
		r->mem[i] = drvmem_some(i % 2 ? 4096ull * i : 1000000ull * i + 4096ull * rnd(1000));
	for (i = 0; i < DRVMEM_NR_VM; i++)
		r->vm[i] = drvmem_some(step * 1000 + rnd(500));
	drvmem_reading__seal(r);
	return r;
}

static void advance(struct drvmem_snapshot *s, uint32_t active)
{
	struct drvmem_counts *c;
	uint32_t i, n, f, size;

	for (i = 0; i < s->nr_sites; i++) {
		if (rnd(100) >= active)
			continue;
		c = &s->sites[i].c;
		n = rnd(2000);
		f = rnd(2000);
		f = c->live_objects + n < f ? (uint32_t)c->live_objects + n : f;
		size = 64 + i % 400;
		c->allocs += n;
		c->frees += f;
		c->alloc_bytes += (uint64_t)n * size;
		c->free_bytes += (uint64_t)f * size;
		c->live_objects += (int64_t)n - f;
		c->live_bytes += ((int64_t)n - f) * size;
		c->held_bytes += ((int64_t)n - f) * 512;
		c->size_hist[7 + i % 3] += n;
		c->life_hist[1 + i % 5] += f / 2;
		c->life_hist[2 + i % 5] += f - f / 2;
		s->stacks[i * STACKS + rnd(STACKS)].count++;
		if ((uint64_t)c->live_bytes > s->sites[i].peak_bytes.v)
			s->sites[i].peak_bytes.v = (uint64_t)c->live_bytes;
	}
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	uint32_t sites = argc > 2 ? (uint32_t)atoi(argv[2]) : 500, n = argc > 3 ? (uint32_t)atoi(argv[3]) : 8640, i, w;
	uint32_t active = argc > 4 ? (uint32_t)atoi(argv[4]) : 100;
	struct drvmem_store_opts o = { .path = argv[1], .replace = true, .unsynced = true };
	struct drvmem_err err = { 0 };
	struct drvmem_snapshot *s;
	struct drvmem_store *st;
	double begin, used = 0;
	struct stat file;

	st = argc > 1 ? drvmem_store__create(&o, &err) : NULL;
	if (!st) {
		fprintf(stderr, "%s\n", argc > 1 ? err.what : "usage: size FILE [SITES [INTERVALS [ACTIVE]]]");
		return 2;
	}
	s = machine(sites);
	for (i = 0; i < n; i++) {
		advance(s, active);
		s->meta.taken_ns = 1 + (i + 1ull) * 10000000000ull;
		s->meta.taken_unix = 1700000000 + i * 10;
		s->loss.events += sites * 2000;
		for (w = DRVMEM_AT_SNAPSHOT; w < DRVMEM_NR_WHEN; w++) {
			drvmem_reading__unref(s->kernel[w]);
			s->kernel[w] = reading(i);
		}
		begin = now();
		if (drvmem_store__add(st, s, false, NULL, &err)) {
			fprintf(stderr, "%s\n", err.what);
			return 5;
		}
		used += now() - begin;
		if (i % 360 == 359 || i + 1 == n) {
			stat(argv[1], &file);
			printf("%u intervals of %u sites: %.1f MB, %.0f bytes an interval, %.2f ms of CPU time each\n", i + 1, sites,
			       (double)file.st_size / 1e6, (double)file.st_size / (i + 1), used / (i + 1) * 1e3);
		}
	}
	drvmem_snapshot__free(s);
	return drvmem_store__close(st, &err) ? 5 : 0;
}
