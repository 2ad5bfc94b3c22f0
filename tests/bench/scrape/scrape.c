// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What one scrape costs: 500 modules, 50,000 sites; the scope, the exposition, the machine's own figures and the
 * text. Usage: tests/bench/scrape/run [ROUNDS]. Prints medians and 99th percentiles.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "base/clock.h"
#include "metering.h"
#include "render/prom.h"
#include "view/scope.h"

#define MODULES	500u
#define SITES	50000u

static int cmp(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

DRVMEM_PRINTF(2, 3)
static const char *str(struct drvmem_snapshot *s, const char *fmt, ...)
{
	char text[64];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return drvmem_snapshot__str(s, text);
}

static struct drvmem_snapshot *make(void)
{
	struct drvmem_snapshot *s = drvmem_snapshot__new();
	uint32_t i;

	if (!s)
		return NULL;
	s->instances = calloc(MODULES, sizeof(*s->instances));
	s->caches = calloc(200, sizeof(*s->caches));
	s->sites = calloc(SITES, sizeof(*s->sites));
	if (!s->instances || !s->caches || !s->sites)
		return NULL;
	for (i = 0; i < MODULES; i++)
		s->instances[i] = (struct drvmem_instance){ .name = str(s, "driver_module_%03u", i), .load_seq = i + 1,
			.type = DRVMEM_OWNER_MODULE, .used = true, .peak_bytes = { 1000000 + i, DRVMEM_OK } };
	s->nr_instances = MODULES;
	for (i = 0; i < 200; i++)
		s->caches[i] = (struct drvmem_cache){ .name = str(s, "cache_%u", i), .held = 64, .kind = DRVMEM_CLASS_KMALLOC };
	s->nr_caches = 200;
	for (i = 0; i < SITES; i++)
		s->sites[i] = (struct drvmem_sitesnap){ .owner = (uint16_t)(i % MODULES), .cache = (uint16_t)(i % 200),
			.allocator = (uint16_t)(i / MODULES % DRVMEM_NR_USES), .site = str(s, "function_%u+0x12", i),
			.c = { .allocs = 9 + i, .frees = 4, .alloc_bytes = 900 + i, .free_bytes = 100, .live_objects = 5,
			       .live_bytes = 800 + i, .held_bytes = 900 + i } };
	s->nr_sites = SITES;
	s->meta.hz = 250;
	s->meta.arch = "";
	return s;
}

/* CPU time of this process, ns: on a machine with other work the time of day says little. */
static uint64_t cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* One scrape; the length of its text, 0 on failure. */
static size_t scrape(struct drvmem_metering *m, struct drvmem_snapshot *s, uint32_t *ret_series, uint64_t *ret_scope_ns)
{
	struct drvmem_err err = { 0 };
	struct drvmem_exposition *x;
	struct drvmem_scope *v;
	char *text = NULL;
	size_t len = 0;
	FILE *f;

	s->meta.taken_ns += 15000000000u;
	*ret_scope_ns = cpu_ns();
	if (drvmem_scope__new(NULL, s, NULL, &v))
		return 0;
	*ret_scope_ns = cpu_ns() - *ret_scope_ns;
	if (!drvmem_metering__expose(m, v, &x, &err)) {
		*ret_series = drvmem_exposition__count(x);
		f = open_memstream(&text, &len);
		if (f) {
			drvmem_prom__render(x, DRVMEM_PROM_TEXT, f);
			fclose(f);
		}
		drvmem_exposition__free(x);
	}
	free(text);
	drvmem_scope__free(v);
	return len;
}

static void tell(const char *what, uint64_t *ns, uint32_t n)
{
	qsort(ns, n, sizeof(*ns), cmp);
	printf("%-30s %6.1f ms (median) %6.1f ms (99 %%)\n", what, (double)ns[n / 2] / 1e6, (double)ns[n * 99 / 100] / 1e6);
}

int main(int argc, char **argv)
{
	const struct drvmem_metrics_opts o = DRVMEM_METRICS_OPTS_INIT;
	uint32_t rounds = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 200, i, series = 0;
	uint64_t *wall = calloc(rounds + 1, sizeof(*wall)), *cpu = calloc(rounds + 1, sizeof(*cpu)),
		 *scope = calloc(rounds + 1, sizeof(*scope));
	struct drvmem_snapshot *s = make();
	struct drvmem_metering m;
	struct drvmem_err err = { 0 };
	size_t len = 0;

	if (!s || !wall || !cpu || !scope || !rounds || drvmem_metering__init(&m, &o, &err))
		return 5;
	for (i = 0; i < rounds; i++) {
		wall[i] = drvmem_now_ns();
		cpu[i] = cpu_ns();
		len = scrape(&m, s, &series, &scope[i]);
		cpu[i] = cpu_ns() - cpu[i];
		wall[i] = drvmem_now_ns() - wall[i];
		if (!len)
			return 5;
	}
	printf("%u modules, %u sites: %u series, %zu bytes, %u scrapes\n", MODULES, SITES, series, len, rounds);
	tell("time", wall, rounds);
	tell("CPU time", cpu, rounds);
	tell("of it, the snapshot's scope", scope, rounds);
	drvmem_metering__deinit(&m);
	drvmem_snapshot__free(s);
	free(wall);
	free(cpu);
	free(scope);
	return 0;
}
