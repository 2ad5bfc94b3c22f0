// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "analysis/simulate.h"
#include "fuzz.h"
#include "source/distribution.h"

/* What is read can be played: every figure of it is sound. */
static void play(const struct drvmem_distribution *d)
{
	uint32_t site[4] = { 0, 1, 2, 3 };
	struct drvmem_simulate_in in = {
		.d = d, .site = site, .nr_sites = d->nr_sites < 4 ? d->nr_sites : 4, .seed = 1, .max_events = 2000,
		.c = { .size = { 100, 3000 }, .nr_sizes = 2, .depth = 2, .limit = 50, .reserve = 3 },
	};
	struct drvmem_simulation s;

	if (!drvmem_simulate(&in, &s)) {
		const struct drvmem_simulated *r = &s.proposed;

		FUZZ_ASSERT(r->allocs == r->frees + r->failures + r->level[DRVMEM_SIMULATED_OBJECTS].end);
		FUZZ_ASSERT(r->level[DRVMEM_SIMULATED_HELD].end >= r->level[DRVMEM_SIMULATED_ASKED].end);
	}
	drvmem_simulation__deinit(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct drvmem_distribution_fault fault;
	struct drvmem_distribution *d;
	uint32_t i;
	int err = drvmem_distribution__parse((const char *)data, size, &d, &fault);

	if (err) {
		FUZZ_ASSERT(fault.line && memchr(fault.what, 0, sizeof(fault.what)) && fault.what[0]);
		return 0;
	}
	FUZZ_ASSERT(d->nr_sites && d->traced_ns && d->hz);
	for (i = 0; i < d->nr_sites; i++) {
		const struct drvmem_distribution_site *t = &d->sites[i];

		FUZZ_ASSERT(t->site && t->owner && t->cache && t->live <= t->allocs);
		FUZZ_ASSERT(t->first_size + t->nr_sizes <= d->nr_sizes);
	}
	play(d);
	drvmem_distribution__free(d);
	return 0;
}
