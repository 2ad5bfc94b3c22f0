// SPDX-License-Identifier: GPL-2.0-or-later
/* What a session keeps beside its snapshots. */
#include "storefixture.h"

static void same_fields(const struct drvmem_field *f, const void *a, const void *b)
{
	uint64_t x[64], y[64];

	assert_true(drvmem_fields__width(f) <= 64);
	drvmem_fields__gather(f, a, false, x);
	drvmem_fields__gather(f, b, false, y);
	assert_memory_equal(x, y, drvmem_fields__width(f) * sizeof(*x));
}

static void add_usage(struct drvmem_snapshot *s)
{
	uint32_t i, j;

	s->usage = calloc(1, sizeof(*s->usage));
	s->usage->site = calloc(s->nr_sites, sizeof(*s->usage->site));
	for (i = 0; i < s->nr_sites; i++) {
		s->usage->site[i] = (struct drvmem_usage_site){ .live = -(int64_t)i, .atomic = i, .remaps_cut = i & 1,
								.first_size = s->usage->nr_sizes, .nr_sizes = i % 3 };
		for (j = 0; j < i % 3; j++)
			fix_push(s->usage->sizes, s->usage->nr_sizes, (struct drvmem_usage_size){ i, 100 + j, 5 * i, -1, j });
	}
	fix_push(s->usage->pairs, s->usage->nr_pairs, (struct drvmem_usage_pair){ 1, 2, false, 10 });
	fix_push(s->usage->pairs, s->usage->nr_pairs, (struct drvmem_usage_pair){ 1, 2, true, 20 });
}

static void check_pools(struct drvmem_stored *r)
{
	struct drvmem_pools *pools_back;
	struct drvmem_err err = { 0 };

	assert_int_equal(drvmem_stored__pools(r, 2, &pools_back, &err), 0);
	assert_int_equal(pools_back->n, 1);
	assert_string_equal(pools_back->v[0].device, "0000:00:04.0");
	assert_int_equal(pools_back->v[0].in_use.st, DRVMEM_DENIED);
	assert_int_equal(pools_back->source[DRVMEM_POOL_DMA].overflow, 2);
	assert_int_equal(pools_back->readings, 3);
	assert_int_equal(pools_back->nr_notes, 1);
	assert_string_equal(pools_back->notes[0], "the pools were read 1 s before this interval");
	drvmem_pools__free(pools_back);
	assert_int_equal(drvmem_stored__pools(r, 1, &pools_back, &err), 0);
	assert_int_equal(pools_back->nr_notes, 0);
	drvmem_pools__free(pools_back);
	assert_int_equal(drvmem_stored__pools(r, 0, &pools_back, &err), 0);
	assert_int_equal(pools_back->n, 0);
	drvmem_pools__free(pools_back);
}

/* What advice goes by: usage of sites, laps, phases, rules of slabs, pools; of the last interval that had them. */
static void habits(void **state)
{
	struct drvmem_laps laps = { 0 }, back = { 0 };
	struct drvmem_phases *phases = calloc(1, sizeof(*phases)), *phases_back = calloc(1, sizeof(*phases));
	struct drvmem_slub_rules slub = { 4096, 8, 64, 0, 3, 8, 8, true }, slub_back = { 0 };
	struct drvmem_pools *pools = drvmem_pools__new();
	const struct drvmem_store_more more = { .pools = pools, .laps = &laps, .phases = phases, .slub = &slub };
	struct drvmem_snapshot *s = machine(3), *got;
	struct drvmem_err err = { 0 };
	struct drvmem_store *st;
	struct drvmem_stored *r;
	struct drvmem_pool *p;
	uint32_t i, j;

	(void)state;
	for (i = 0; i < 300; i++) {
		for (j = 0; j < 5; j++)
			assert_int_equal(drvmem_laps__add(&laps, 10 + j, (i * j) % 17), 0);
		drvmem_laps__close(&laps);
	}
	phases->v[3] = (struct drvmem_phase){ true, 5, 6, drvmem_some(7), { 0, DRVMEM_ABSENT }, drvmem_some(8), 9, 10.5 };
	p = drvmem_pools__add(pools, DRVMEM_POOL_DMA);
	p->name = drvmem_pools__str(pools, "prp list");
	p->device = drvmem_pools__str(pools, "0000:00:04.0");
	p->size = drvmem_some(4096);
	p->in_use = (struct drvmem_u64){ 0, DRVMEM_DENIED };
	pools->source[DRVMEM_POOL_DMA] = (struct drvmem_pool_source){ DRVMEM_OK, "/sys/devices", NULL, 2 };
	pools->readings = 3;
	add_usage(s);
	st = create((struct drvmem_store_opts){ 0 });
	add(st, 1, true);
	assert_int_equal(drvmem_store__add(st, s, true, &more, &err), 0);
	add(st, 4, false);	/* pools stay */
	assert_int_equal(drvmem_store__close(st, NULL), 0);

	r = open_it();
	assert_int_equal(drvmem_stored__habits(r, &back, phases_back, &slub_back, &err), 0);
	assert_int_equal(back.nr, laps.nr);
	assert_int_equal(back.nr_laps, laps.nr_laps);
	for (i = 0; i < laps.nr; i++)
		assert_int_equal(drvmem_laps__quantile(&back, 10 + i, 99), drvmem_laps__quantile(&laps, 10 + i, 99));
	for (i = 0; i < DRVMEM_MAX_MODULES; i++)
		same_fields(drvmem_phase_fields, &phases->v[i], &phases_back->v[i]);
	same_fields(drvmem_slub_fields, &slub, &slub_back);
	assert_int_equal(drvmem_stored__snapshot(r, 1, &got, &err), 0);
	for (i = 0; i < s->nr_sites; i++) {
		same_fields(drvmem_usage_fields, &got->usage->site[i], &s->usage->site[i]);
		assert_int_equal(got->usage->site[i].nr_sizes, i % 3);
		if (i % 3)
			assert_int_equal(got->usage->site[i].first_size, s->usage->site[i].first_size);
	}
	assert_int_equal(got->usage->nr_sizes, s->usage->nr_sizes);
	for (i = 0; i < s->usage->nr_sizes; i++) {
		assert_int_equal(got->usage->sizes[i].site, s->usage->sizes[i].site);
		assert_int_equal(got->usage->sizes[i].bytes, s->usage->sizes[i].bytes);
		assert_int_equal(got->usage->sizes[i].live, s->usage->sizes[i].live);
	}
	assert_int_equal(got->usage->nr_pairs, 2);
	assert_int_equal(got->usage->pairs[1].before, 1);
	assert_int_equal(got->usage->pairs[1].site, 2);
	assert_true(got->usage->pairs[1].ends);
	assert_int_equal(got->usage->pairs[1].count, 20);
	drvmem_snapshot__free(got);
	check_pools(r);
	drvmem_stored__free(r);
	drvmem_laps__fini(&back);
	drvmem_laps__fini(&laps);
	drvmem_pools__free(pools);
	drvmem_snapshot__free(s);
	free(phases);
	free(phases_back);
	clean();
}

/* Verdicts on the objects come back on the same objects, in whatever order these do; without addresses too. */
static void verdicts(void **state)
{
	struct drvmem_reach_verdict v[4] = {
		{ .class = DRVMEM_REACH_DEFINITELY_LOST, .dead = 3 },
		{ .class = DRVMEM_REACH_INDIRECTLY_LOST, .holder = { .kind = DRVMEM_HOLDER_OBJECT, .object = 0 } },
		{ .class = DRVMEM_REACH_REACHABLE, .holder = { .kind = DRVMEM_HOLDER_STACK, .pid = 77, .offset = 8 } },
		{ .class = DRVMEM_REACH_POSSIBLY_LOST, .changed = true, .cut = true },
	};
	const char *name[4] = { NULL, "an object of x", "the stack of sh (77)", NULL };
	uint32_t object[4], asked[64], i, redact, k;
	struct drvmem_verdicts d = { .v = v, .asked = asked, .object = object, .name = name, .nr = 4, .not_asked = 9,
				     .reader = "BPF", .bytes = 1u << 30, .tasks_whole = true };
	const struct drvmem_store_more more = { .verdicts = &d };
	struct drvmem_stored_verdicts back = { 0 };
	struct drvmem_snapshot *s = machine(3), *got;
	struct drvmem_err err = { 0 };
	struct drvmem_store *st;
	struct drvmem_stored *r;

	(void)state;
	assert_in_range(s->nr_objects, 4, UNIT_NR(asked));
	for (i = 0; i < 4; i++)
		object[i] = s->nr_objects - 1 - i;
	for (redact = 0; redact < 2; redact++) {
		st = create((struct drvmem_store_opts){ .redact = redact });
		assert_int_equal(drvmem_store__add(st, s, true, &more, &err), 0);
		assert_int_equal(drvmem_store__close(st, NULL), 0);
		r = open_it();
		assert_int_equal(drvmem_stored__snapshot(r, 0, &got, &err), 0);
		assert_int_equal(drvmem_stored__verdicts(r, got, &back, &err), 0);
		assert_int_equal(back.verdicts.nr, 4);
		assert_int_equal(back.verdicts.not_asked, 9);
		assert_string_equal(back.verdicts.reader, "BPF");
		assert_true(back.verdicts.tasks_whole && !back.verdicts.cut);
		for (i = 0; i < got->nr_objects; i++) {
			k = back.verdicts.asked[i];
			if (k == UINT32_MAX)
				continue;
			assert_int_equal(back.verdicts.object[k], i);
			if (!redact)
				assert_int_equal(got->objects[i].inverted, s->objects[object[back.v[k].class ==
						 DRVMEM_REACH_DEFINITELY_LOST ? 0 : back.v[k].class == DRVMEM_REACH_INDIRECTLY_LOST ? 1 :
						 back.v[k].class == DRVMEM_REACH_REACHABLE ? 2 : 3]].inverted);
			if (back.v[k].class == DRVMEM_REACH_INDIRECTLY_LOST)
				assert_int_equal(back.v[back.v[k].holder.object].class, DRVMEM_REACH_DEFINITELY_LOST);
			if (back.v[k].class == DRVMEM_REACH_REACHABLE)
				assert_string_equal(back.verdicts.name[k], "the stack of sh (77)");
			if (back.v[k].class == DRVMEM_REACH_POSSIBLY_LOST)
				assert_true(back.v[k].changed && back.v[k].cut && !back.v[k].maybe_free && !back.verdicts.name[k]);
		}
		drvmem_stored_verdicts__deinit(&back);
		drvmem_snapshot__free(got);
		drvmem_stored__free(r);
		clean();
	}
	drvmem_snapshot__free(s);
}

/* A cache and an owner that came after those were read: they have no name yet, and the rest is there. */
static void came_late(void **state)
{
	struct drvmem_snapshot *s = machine(3), *got;
	struct drvmem_err err = { 0 };
	struct drvmem_store *st;
	struct drvmem_stored *r;
	struct drvmem_scope *v;
	uint32_t i;

	(void)state;
	s->sites[1].cache = (uint16_t)s->nr_caches + 7;
	s->sites[1].direct = (uint16_t)s->nr_instances + 3;
	for (i = 0; i < s->nr_objects; i++)
		if (s->objects[i].site == 1)
			s->objects[i].cache = (uint16_t)s->nr_caches + 9;
	st = create((struct drvmem_store_opts){ 0 });
	assert_int_equal(drvmem_store__add(st, s, true, NULL, &err), 0);
	assert_int_equal(drvmem_store__close(st, NULL), 0);
	r = open_it();
	if (drvmem_stored__snapshot(r, 0, &got, &err))
		fail_msg("%s", err.what);
	assert_int_equal(got->nr_sites, s->nr_sites);
	assert_int_equal(got->sites[1].c.live_bytes, s->sites[1].c.live_bytes);
	assert_string_equal(got->caches[got->sites[1].cache].name, "(new)");
	assert_int_equal(drvmem_scope__new(NULL, got, NULL, &v), 0);
	drvmem_scope__free(v);
	drvmem_snapshot__free(got);
	drvmem_snapshot__free(s);
	drvmem_stored__free(r);
	clean();
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(habits), cmocka_unit_test(verdicts),
					    cmocka_unit_test(came_late) };

	return cmocka_run_group_tests(tests, setup, teardown);
}
