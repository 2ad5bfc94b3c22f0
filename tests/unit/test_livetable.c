// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of live objects, bpf/table.bpf.h itself, compiled for user space and against a model. */
#include "unit.h"

#include "drvmem/abi.h"
#include "drvmem/config.h"
#include "session/homes.h"

/* What the BPF headers take from libbpf and from the maps. */
#define DRVMEM_MAPS_BPF_H
#define DRVMEM_CONFIG_BPF_H
#define __noinline __attribute__((noinline, unused))
#undef __always_inline
#define __always_inline inline __attribute__((unused))

struct bpf_map {
	char *v;
	size_t size;
	uint32_t n;
};

static struct bpf_map dm_table, dm_spill, dm_stats;
static struct drvmem_ctl dm_ctl;
static uint32_t dm_present[DRVMEM_PRESENT];
static struct drvmem_module dm_modules[DRVMEM_MAX_MODULES];
static struct drvmem_config cfg;

static void *shim_lookup(const struct bpf_map *m, uint32_t i)
{
	return i < m->n ? m->v + i * m->size : NULL;
}

#define bpf_map_lookup_elem(map_, key_) shim_lookup(map_, *(key_))
#define bpf_get_smp_processor_id() 0u

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmissing-prototypes"
#pragma GCC diagnostic ignored "-Wunknown-pragmas"
#pragma GCC diagnostic ignored "-Wsign-compare"
#include "../../bpf/table.bpf.c"
#pragma GCC diagnostic pop

#define NEAR(regions_) DRVMEM_HOMES(regions_, DRVMEM_NEAR_SHIFT)
#define FAR(regions_) DRVMEM_HOMES(regions_, DRVMEM_BLOCK_SHIFT)

static struct drvmem_stats counted;

static void make_map(struct bpf_map *m, size_t size, uint32_t n)
{
	m->v = calloc(n, size);
	assert_non_null(m->v);
	m->size = size;
	m->n = n;
}

static void table_make(uint32_t regions)
{
	cfg.nr_regions = regions;
	cfg.nr_buckets = regions * DRVMEM_REGION_BUCKETS;
	make_map(&dm_table, sizeof(struct drvmem_bucket), cfg.nr_buckets);
	make_map(&dm_spill, sizeof(uint64_t), cfg.nr_buckets);
	dm_ctl = (struct drvmem_ctl){ .home_room = DRVMEM_HOME_ROOM, .homes = FAR(regions) };
	counted = (struct drvmem_stats){};
	dm_stats = (struct bpf_map){ (char *)&counted, sizeof(counted), 1 };
}

static void table_free(void)
{
	free(dm_table.v);
	free(dm_spill.v);
}

static uint32_t spilled(void)
{
	uint32_t i, k, sum = 0;

	for (i = 0; i < cfg.nr_buckets; i++)
		for (k = 0; k < DRVMEM_SPILL_COUNTERS; k++)
			sum += *dm_spill_of(i) >> DRVMEM_SPILL_BITS * k & DRVMEM_SPILL_MAX;
	return sum;
}

static uint32_t keys_left(void)
{
	uint32_t i, j, n = 0;

	for (i = 0; i < cfg.nr_buckets; i++)
		for (j = 0; j < DRVMEM_BUCKET_SLOTS; j++)
			n += ((struct drvmem_bucket *)dm_table.v)[i].key[j] != 0;
	return n;
}

static uint64_t seed;

static uint32_t draw(uint32_t n)	/* xorshift64 */
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(((seed & 0xffffffffu) * n) >> 32);
}

static uint64_t second_word(uint64_t w1)	/* without flags */
{
	return ~w1 << 6;
}

static int insert(uint64_t addr, uint64_t w1, struct dm_slot *old)
{
	*old = (struct dm_slot){};
	return dm_insert_fast(&dm_ctl, addr, w1, second_word(w1)) ?
		       DM_NOT_FOUND : dm_insert(addr, w1, second_word(w1), old);
}

/* As a free does it. */
static int end(uint64_t addr, struct dm_slot *old)
{
	return dm_remove_fast(addr, old) == DM_FOUND ? DM_FOUND : dm_remove(addr, old);
}

#define BASE 0xffff888100000000ULL
#define MODEL 6000u

/* Objects of both key spaces that are used, in the same buckets. */
static uint64_t model_addr(uint32_t i)
{
	uint64_t addr = BASE + (uint64_t)i / 2 * 64;

	return i % 2 ? DRVMEM_ADDR_PERCPU(addr) : addr;
}

/* One step on the address of model[i] = its word, 0 = not in the table. */
static void step(uint64_t *model, uint32_t i, uint64_t word)
{
	uint64_t addr = model_addr(i);
	struct dm_slot old = {};
	int found;

	switch (draw(4)) {
	case 0:
	case 1:
		found = insert(addr, word, &old);
		assert_int_equal(found, model[i] ? DM_FOUND : DM_NOT_FOUND);
		assert_true(old.w1 == model[i]);
		model[i] = word;
		break;
	case 2:
		found = dm_mark(addr, 0, &old);
		assert_int_equal(found, model[i] ? DM_FOUND : DM_NOT_FOUND);
		assert_true(old.w1 == model[i]);
		break;
	default:
		found = draw(2) ? end(addr, &old) : dm_remove(addr, &old);
		assert_int_equal(found, model[i] ? DM_FOUND : DM_NOT_FOUND);
		assert_true(old.w1 == model[i] && (!old.w1 || old.w2 == second_word(old.w1)));
		model[i] = 0;
	}
}

/* Up to 78 % full, so that every kind of place is used: nothing is lost, confused or left. */
static void test_random_steps_against_a_model(void **state)
{
	static uint64_t model[MODEL];
	struct dm_slot old;
	uint32_t i;

	(void)state;
	seed = 88172645463325252ULL;
	memset(model, 0, sizeof(model));
	table_make(10);
	for (i = 0; i < 400000; i++)
		step(model, draw(MODEL), i + 1);
	assert_true(spilled() > 0);
	for (i = 0; i < MODEL; i++)
		assert_int_equal(dm_remove(model_addr(i), &old),
				 model[i] ? DM_FOUND : DM_NOT_FOUND);
	assert_int_equal(keys_left(), 0);
	table_free();
}

static struct drvmem_homes homes(void)
{
	return (struct drvmem_homes){ &dm_ctl, (void *)dm_table.v, (void *)dm_spill.v, cfg.nr_regions, false };
}

/* The same while homes are near, move and have moved: in ten rounds, each step of it between two. */
static void test_homes_that_move_against_a_model(void **state)
{
	static uint64_t model[MODEL];
	struct drvmem_homes h;
	struct dm_slot old;
	uint32_t i, round, polls;

	(void)state;
	seed = 6364136223846793005ULL;
	for (round = 0; round < 10; round++) {
		memset(model, 0, sizeof(model));
		table_make(10);
		dm_ctl.near_regions = 1 + round % 2;
		dm_ctl.homes = NEAR(dm_ctl.near_regions);
		dm_ctl.home_room = 0;
		h = homes();
		for (i = 0, polls = 0; i < 60000; i++) {
			if (i > 5000 * round && !draw(1000)) {
				drvmem_homes__poll(&h);
				polls++;
			}
			/* without a poll when too many are away */
			if (!polls && dm_ctl.homes == NEAR(dm_ctl.near_regions))
				assert_true(dm_ctl.near_away <= dm_ctl.near_regions * DRVMEM_NEAR_AWAY);
			else
				assert_int_equal(dm_ctl.homes, polls < 2 ? FAR(10) | DRVMEM_HOMES_LOOK : FAR(10));
			step(model, draw(MODEL), i + 1);
		}
		assert_true(polls > 3);
		for (i = 0; i < MODEL; i++)
			assert_int_equal(end(model_addr(i), &old), model[i] ? DM_FOUND : DM_NOT_FOUND);
		assert_int_equal(keys_left(), 0);
		assert_int_equal(spilled(), 0);
		assert_int_equal(dm_ctl.beyond, 0);
		table_free();
	}
}

/* Stored in a near home by an event that began before homes moved, after those were counted. */
static void test_a_late_near_home_is_found(void **state)
{
	struct dm_where w = { .empty = 0xff };
	struct drvmem_homes h;
	struct dm_slot old = {};
	uint32_t near;

	(void)state;
	table_make(10);
	dm_ctl.near_regions = 2;
	dm_ctl.homes = NEAR(2);
	h = homes();
	drvmem_homes__poll(&h);
	drvmem_homes__poll(&h);
	assert_int_equal(dm_ctl.homes, FAR(10));
	near = drvmem_home_near(BASE, 2);
	w.b = bpf_map_lookup_elem(&dm_table, &near);
	assert_int_equal(dm_put(&w, ~BASE, 1, second_word(1)), 0);
	assert_int_equal(dm_remove(BASE, &old), DM_NOT_FOUND);
	dm_put_home(dm_spill_of(dm_home_no(BASE)), NEAR(2));
	assert_int_equal(dm_mark(BASE, 0, &old), DM_FOUND);
	assert_int_equal(insert(BASE, 2, &old), DM_FOUND);
	assert_int_equal(old.w1, 1);
	assert_int_equal(end(BASE, &old), DM_FOUND);
	assert_int_equal(old.w1, 2);
	assert_int_equal(keys_left(), 0);
	table_free();
}

/* Nobody polls: --track-max objects have their places all the same. */
static void test_near_homes_alone(void **state)
{
	uint32_t i, regions = 40, n = regions * DRVMEM_REGION_BUCKETS * 8 / 1000 * 781;
	struct dm_slot old;

	(void)state;
	table_make(regions);
	dm_ctl.near_regions = regions / 8;
	dm_ctl.homes = NEAR(regions / 8);
	dm_ctl.home_room = 0;
	for (i = 0; i < n; i++)
		assert_int_equal(insert(BASE + i * 192ULL, i + 1, &old), DM_NOT_FOUND);
	for (i = 0; i < n; i++) {
		assert_int_equal(end(BASE + i * 192ULL, &old), DM_FOUND);
		assert_int_equal(old.w1, i + 1);
	}
	assert_int_equal(spilled(), 0);
	table_free();
}

#define PART 4096u

/* Objects that give back parts, wherever they stand: each part once, the last one by removal. */
static void test_parts_are_given_back(void **state)
{
	enum { OBJECTS = 4000, PARTS = 8 };
	static uint32_t left[OBJECTS];
	struct dm_slot old;
	uint32_t i, n, gone = 0;

	(void)state;
	seed = 1442695040888963407ULL;
	table_make(10);
	for (i = 0; i < OBJECTS; i++) {
		left[i] = PARTS;
		assert_int_equal(insert(model_addr(i), DRVMEM_W1(2, 1, PARTS * PART), &old), DM_NOT_FOUND);
	}
	for (n = 0; gone < OBJECTS; n++) {
		i = draw(OBJECTS);
		old = (struct dm_slot){};
		if (left[i] > 1) {
			assert_int_equal(dm_shrink(model_addr(i), PART, &old), DM_FOUND);
			assert_int_equal(DRVMEM_W1_ASKED(old.w1), left[i]-- * PART);
			continue;
		}
		/* nothing would be left, or there is nothing */
		assert_int_equal(dm_shrink(model_addr(i), PART, &old), DM_NOT_FOUND);
		assert_int_equal(dm_remove(model_addr(i), &old), left[i] ? DM_FOUND : DM_NOT_FOUND);
		assert_int_equal(DRVMEM_W1_ASKED(old.w1), left[i] * PART);
		gone += left[i];
		left[i] = 0;
	}
	assert_int_equal(keys_left(), 0);
	assert_int_equal(spilled(), 0);
	table_free();
}

/* Another size, wherever an object stands; not of what RCU has, nor of a sampled one. */
static void test_sizes_change(void **state)
{
	enum { OBJECTS = 4000 };
	uint32_t i, size[OBJECTS];
	struct dm_slot old;

	(void)state;
	table_make(10);
	for (i = 0; i < OBJECTS; i++) {
		size[i] = i + 1;
		assert_int_equal(insert(model_addr(i), DRVMEM_W1(2, 1, size[i]), &old), DM_NOT_FOUND);
	}
	for (i = 0; i < 4 * OBJECTS; i++) {
		uint32_t no = draw(OBJECTS), to = draw(UINT32_MAX);

		assert_int_equal(dm_resize(model_addr(no), to, &old), DM_FOUND);
		assert_int_equal(old.w1, DRVMEM_W1(2, 1, size[no]));
		size[no] = to;
	}
	assert_int_equal(dm_resize(model_addr(OBJECTS), 1, &old), DM_NOT_FOUND);
	for (i = 0; i < OBJECTS; i++) {
		assert_int_equal(dm_remove(model_addr(i), &old), DM_FOUND);
		assert_int_equal(old.w1, DRVMEM_W1(2, 1, size[i]));
	}
	assert_int_equal(dm_insert(BASE, DRVMEM_W1(2, 1, 8), DRVMEM_W2(0, 0, 0, 1, 0), &old), DM_NOT_FOUND);
	cfg.sampling = 1;
	assert_int_equal(dm_resize(BASE, 16, &old), DM_NOT_FOUND);
	cfg.sampling = 0;
	assert_int_equal(dm_resize(BASE, 16, &old), DM_FOUND);
	assert_int_equal(dm_mark(BASE, DRVMEM_F_RCU_PENDING, &old), DM_FOUND);
	assert_int_equal(dm_resize(BASE, 24, &old), DM_NOT_FOUND);
	assert_int_equal(dm_remove(BASE, &old), DM_FOUND);
	assert_int_equal(DRVMEM_W1_ASKED(old.w1), 16);
	table_free();
}

/* --track-max objects, each size alone: all have a place, and go. */
static void fill(uint32_t size, uint32_t track)
{
	uint32_t i, n = track;
	struct dm_slot old;

	for (i = 0; i < n; i++)
		assert_int_equal(insert(BASE + (uint64_t)i * size, i + 1, &old), DM_NOT_FOUND);
	for (i = 0; i < n; i++) {
		assert_int_equal(dm_remove(BASE + (uint64_t)i * size, &old), DM_FOUND);
		assert_int_equal(old.w1, i + 1);
	}
}

static void test_definition_track_max_is_kept_for_every_size(void **state)
{
	static const uint32_t sizes[] = { 8, 16, 32, 64, 96, 128, 192, 256, 704, 1024, 4096, 8192 };
	uint32_t regions = 200, track = regions * DRVMEM_REGION_BUCKETS * 8 / 1000 * 781;
	uint32_t i;

	(void)state;
	for (i = 0; i < UNIT_NR(sizes); i++) {
		table_make(regions);
		fill(sizes[i], track);
		assert_int_equal(spilled(), 0);
		assert_int_equal(dm_ctl.beyond, 0);
		table_free();
	}
}

/* Homes are filled whole while the table is emptier: what is set on the way loses nothing, of any size. */
static void test_room_that_changes(void **state)
{
	static const uint32_t sizes[] = { 8, 16, 32, 64, 96, 128, 192, 256, 704, 1024, 4096, 8192 };
	uint32_t i, k, regions = 200, n = regions * DRVMEM_REGION_BUCKETS * 8 / 1000 * 781;
	struct dm_slot old;

	(void)state;
	for (k = 0; k < UNIT_NR(sizes); k++) {
		table_make(regions);
		for (i = 0; i < n; i++) {
			dm_ctl.home_room = i < n / 100 * 75 ? 0 : DRVMEM_HOME_ROOM;
			assert_int_equal(insert(BASE + (uint64_t)i * sizes[k], i + 1, &old), DM_NOT_FOUND);
		}
		for (i = 0; i < n; i++) {
			assert_int_equal(dm_remove(BASE + (uint64_t)i * sizes[k], &old), DM_FOUND);
			assert_int_equal(old.w1, i + 1);
		}
		assert_int_equal(spilled(), 0);
		table_free();
	}
}

/* A counter of those elsewhere that is at its end: its objects stay at home, while they have room there. */
static void test_a_full_counter_takes_no_more(void **state)
{
	uint32_t i, n = 0;
	struct dm_slot old;
	__u64 *spill;

	(void)state;
	table_make(10);
	dm_ctl.home_room = DRVMEM_BUCKET_SLOTS;	/* none is to stay at home */
	spill = dm_spill_of(dm_home_no(BASE));
	while (dm_spill_take(spill, BASE))
		n++;
	assert_int_equal(n, DRVMEM_SPILL_MAX);
	assert_int_equal(dm_spilled(spill, BASE), DRVMEM_SPILL_MAX);
	assert_int_equal(spilled(), n);
	assert_int_equal(insert(BASE, 1, &old), DM_NOT_FOUND);
	assert_int_equal(spilled(), n);
	assert_int_equal(dm_remove_fast(BASE, &old), DM_FOUND);
	/* one of another counter goes elsewhere, and touches no other's */
	for (i = 8; dm_spill_shift(BASE + i) == dm_spill_shift(BASE); i += 8)
		;
	assert_int_equal(insert(BASE + i, 2, &old), DM_NOT_FOUND);
	assert_int_equal(dm_spilled(spill, BASE + i), 1);
	assert_int_equal(spilled(), n + 1);
	assert_int_equal(dm_remove(BASE + i, &old), DM_FOUND);
	for (i = 0; i < n; i++)
		dm_spill_give(spill, BASE);
	assert_true(*spill == 0);
	table_free();
}

static void test_a_full_table_refuses_and_keeps_what_it_has(void **state)
{
	uint32_t i, stored = 0, slots = 2 * DRVMEM_REGION_BUCKETS * DRVMEM_BUCKET_SLOTS;
	static uint8_t in[4096];
	struct dm_slot old;

	(void)state;
	table_make(2);
	assert_true(slots < UNIT_NR(in));
	for (i = 0; i < UNIT_NR(in); i++) {
		in[i] = insert(BASE + i * 128ULL, i + 1, &old) == DM_NOT_FOUND;
		stored += in[i];
	}
	assert_in_range(stored, slots * 9 / 10, slots);
	for (i = 0; i < UNIT_NR(in); i++) {
		assert_int_equal(dm_remove(BASE + i * 128ULL, &old), in[i] ? DM_FOUND : DM_NOT_FOUND);
		assert_true(!in[i] || old.w1 == i + 1);
	}
	assert_int_equal(counted.v[DRVMEM_STAT_PENDING_EVICTED], 0);
	table_free();
}

/* Objects that RCU has given back make room when there is none, and only then. */
static void test_pending_entries_make_room(void **state)
{
	uint32_t i, n = 3000, gone = 0, refused = 0;
	struct dm_slot old;
	int r;

	(void)state;
	table_make(2);
	for (i = 0; i < 900; i++) {
		assert_int_equal(insert(BASE + i * 128ULL, i + 1, &old), DM_NOT_FOUND);
		assert_int_equal(dm_mark(BASE + i * 128ULL, DRVMEM_F_RCU_PENDING, &old), DM_FOUND);
	}
	for (i = 900; i < n; i++) {
		r = insert(BASE + i * 128ULL, i + 1, &old);
		gone += r == DM_FOUND;
		refused += r == DM_NO_ROOM;
		assert_true(r != DM_FOUND || (old.w1 && old.w1 <= 900));
	}
	assert_true(gone > 500 && refused > 0);
	assert_int_equal(counted.v[DRVMEM_STAT_PENDING_EVICTED], gone);
	/* what was not refused is there, and the counters did not go below zero on the way */
	for (i = 900; i < n; i++)
		refused -= dm_remove(BASE + i * 128ULL, &old) != DM_FOUND;
	assert_int_equal(refused, 0);
	for (i = 0; i < 900; i++)
		gone += dm_remove(BASE + i * 128ULL, &old) == DM_FOUND;
	assert_int_equal(gone, 900);
	table_free();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_steps_against_a_model),
		cmocka_unit_test(test_homes_that_move_against_a_model),
		cmocka_unit_test(test_a_late_near_home_is_found),
		cmocka_unit_test(test_near_homes_alone),
		cmocka_unit_test(test_parts_are_given_back),
		cmocka_unit_test(test_sizes_change),
		cmocka_unit_test(test_definition_track_max_is_kept_for_every_size),
		cmocka_unit_test(test_room_that_changes),
		cmocka_unit_test(test_a_full_counter_takes_no_more),
		cmocka_unit_test(test_a_full_table_refuses_and_keeps_what_it_has),
		cmocka_unit_test(test_pending_entries_make_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
