/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sessions in a directory of their own, for the tests of store/: path is the file of the moment, machine() a
 * snapshot with everything that a session keeps.
 */
#ifndef DRVMEM_TESTS_STOREFIXTURE_H
#define DRVMEM_TESTS_STOREFIXTURE_H

#include "fixture.h"

#include <unistd.h>

#include "store/store.h"

static char dir[] = "/tmp/drvmem-store-XXXXXX";
static char path[64];

static uint64_t rnd_state = 1;
static inline uint32_t rnd(uint32_t n)
{
	rnd_state = rnd_state * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(rnd_state >> 33) % n;
}

static inline int setup(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/s", dir);
	return 0;
}

static inline void clean(void)
{
	static const char *const suffix[] = { "", "-wal", "-shm", "-journal" };
	char name[80];
	size_t i;

	for (i = 0; i < UNIT_NR(suffix); i++) {
		snprintf(name, sizeof(name), "%s%s", path, suffix[i]);
		unlink(name);
	}
}

static inline int teardown(void **state)
{
	(void)state;
	clean();
	return rmdir(dir);
}

static inline struct drvmem_reading *reading(uint32_t step)
{
	struct drvmem_reading *r = drvmem_reading__new();
	uint32_t i, n = 0;

	assert_non_null(r);
	for (i = 0; i < DRVMEM_NR_MEM; i++)
		r->mem[i] = i % 7 ? drvmem_some(i * 4096 + step) : (struct drvmem_u64){ 0, (enum drvmem_avail)(1 + i % 3) };
	for (i = 0; i < DRVMEM_NR_VM; i++)
		r->vm[i] = drvmem_some(i + step * 3);
	for (i = 0; i < 5; i++) {
		struct drvmem_slab_reading s = { .active = i + step, .total = 2 * i + step, .objs_per_slab = 16, .slab_bytes = 4096 };

		snprintf(s.name, sizeof(s.name), "cache-%u", i);
		s.cpu_partial = drvmem_some(30);
		s.sheaf_capacity.st = DRVMEM_ABSENT;
		fix_push(r->slabs, r->nr_slabs, s);
	}
	for (i = 0; i < 20; i++)
		if ((i + step) % 4) {
			fix_push(r->areas, r->nr_areas, (struct drvmem_area_reading){ 1000003ull * i * i + 5, i + 1 });
			n += i + 1;
		}
	r->area_pages = n;
	r->nr_cpus = 2;
	r->nr_nodes = 1;
	drvmem_reading__seal(r);
	return r;
}

/* The machine of the other tests, later, with everything that a session keeps. */
static inline struct drvmem_snapshot *machine(uint32_t step)
{
	struct drvmem_snapshot *s = fix_machine();
	uint32_t i, n;

	rnd_state = 77;		/* the same things each time */
	s->meta.taken_ns += step * FIX_S;
	s->meta.taken_unix += step;
	s->meta.table_live += step;
	s->meta.notes[0] = drvmem_snapshot__str(s, "one thing could not be seen");
	s->meta.nr_notes = 1;
	s->meta.epoch[0] = (struct drvmem_epoch_meta){ 5 * FIX_S, 0 };
	s->loss.nest_refused += step / 3;
	s->loss.events += step * 1000;
	s->walks = (struct drvmem_walks){ .n = 100 + step, .rare = 3 + step, .own = true, .why = drvmem_snapshot__str(s, "") };
	s->cost = (struct drvmem_own_cost){ 10 + step, 1000 + step, 8 + step, 500 + step, drvmem_snapshot__str(s, "") };
	for (i = 0; i < s->nr_sites; i++) {
		n = step * rnd(5);
		s->sites[i].c.allocs += n;
		s->sites[i].c.alloc_bytes += n * 100;
		s->sites[i].c.live_objects += n;
		s->sites[i].c.live_bytes += n * 100;
		s->sites[i].c.held_bytes += n * 128;
		s->sites[i].c.size_hist[7] += n;
		s->sites[i].c.allocs_var += 0.5 * n;
	}
	if (step > 4)
		s->instances[s->nr_instances - 1].unloaded_ns = s->meta.taken_ns - 1;
	for (i = 0; i < s->nr_objects; i++)
		s->objects[i].inverted = ~(0xffff888000000000ull + i * 64 + (uint64_t)i % 3 * 4096);
	for (i = 0; i < s->nr_stacks; i++)	/* the last is equal to one before */
		for (n = 0; n < s->stacks[i].nr; n++)
			s->stacks[i].ip[n] = 0xffffffff81000000ull + (i == 2 ? 0 : i) * 256 + n;
	s->gens = calloc(s->nr_sites, sizeof(*s->gens));
	for (i = 0; i < s->nr_sites; i++)
		s->gens[i].made[step % DRVMEM_GENS] = (struct drvmem_gen){ i + step, 7 };
	fix_push(s->syncs, s->nr_syncs, (struct drvmem_device_syncs){ drvmem_snapshot__str(s, "0000:00:02.0"), step, 2 * step });
	fix_push(s->exact, s->nr_exact, (struct drvmem_exact){ drvmem_snapshot__str(s, "e1000e"), 5, 5 + step });
	fix_push(s->mempools, s->nr_mempools, (struct drvmem_mempoolsnap){ .key = 1, .alloc_fn = 0xffffffff81000123ull,
		.function = drvmem_snapshot__str(s, "mempool_kmalloc+0x0"), .owner = 0, .made = true, .reserve = 16,
		.ip = { 0xffffffff81000200ull }, .frame = { drvmem_snapshot__str(s, "0xffffffff81000200") },
		.low_water = 16 - step % 3, .allocs = step, .in_use = step % 4, .peak = drvmem_some(4) });
	for (i = 0; i < DRVMEM_NR_WHEN; i++)
		s->kernel[i] = reading(i < 2 ? 0 : step);
	return s;
}

static inline struct drvmem_store *create(struct drvmem_store_opts o)
{
	struct drvmem_err err = { 0 };
	struct drvmem_store *st;

	o.path = path;
	st = drvmem_store__create(&o, &err);
	if (!st)
		fail_msg("%s", err.what);
	return st;
}

static inline void add(struct drvmem_store *st, uint32_t step, bool objects)
{
	struct drvmem_snapshot *s = machine(step);
	struct drvmem_err err = { 0 };

	if (drvmem_store__add(st, s, objects, NULL, &err))
		fail_msg("%s", err.what);
	drvmem_snapshot__free(s);
}

static inline struct drvmem_stored *open_it(void)
{
	struct drvmem_err err = { 0 };
	struct drvmem_stored *r = drvmem_stored__open(path, &err);

	if (!r)
		fail_msg("%s", err.what);
	return r;
}

#endif /* DRVMEM_TESTS_STOREFIXTURE_H */
