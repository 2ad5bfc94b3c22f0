// SPDX-License-Identifier: GPL-2.0-or-later
/* The text window, the table sizes and the library list of a session. */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "session/homes.h"
#include "session/sampling.h"
#include "session/size.h"
#include "session/window.h"
#include "symbol/ranges.h"

#define BASE 0xffffffff80000000ull

/* The look-up of bpf/owner.bpf.h, for checking. */
static uint16_t kind_at(const struct drvmem_window *w, const struct drvmem_range *ranges,
			const struct drvmem_pages *pages, uint64_t ip)
{
	uint64_t page = (ip - w->base) >> w->page_shift;
	uint16_t id = pages[page / DRVMEM_PAGES_CHUNK].range[page % DRVMEM_PAGES_CHUNK];
	unsigned int i;

	for (i = 0; i < DRVMEM_RANGE_CHAIN && id; i++) {
		const struct drvmem_range *r = &ranges[id];

		if (r->kind && ip >= r->lo && ip < r->hi)
			return r->kind;
		id = (r->lo >> w->page_shift) == (ip >> w->page_shift) ? r->next_lo : r->next_hi;
	}
	return 0;
}

static void test_ranges_that_share_pages(void **state)
{
	static const struct drvmem_range in[] = {
		{ .lo = BASE + 0x100, .hi = BASE + 0x200, .kind = DRVMEM_RANGE_BARRIER },
		{ .lo = BASE + 0x300, .hi = BASE + 0x340, .kind = DRVMEM_RANGE_OVERHEAD },
		/* begins on the first page, covers two whole ones, ends on the fourth */
		{ .lo = BASE + 0xf00, .hi = BASE + 0x3080, .kind = DRVMEM_RANGE_RETRY },
		{ .lo = BASE + 0x3080, .hi = BASE + 0x3090, .kind = DRVMEM_RANGE_BARRIER },
		{ .lo = BASE + 0x30a0, .hi = BASE + 0x30b0, .kind = DRVMEM_RANGE_KMALLOC },
	};
	struct drvmem_range *ranges = calloc(DRVMEM_MAX_RANGES, sizeof(*ranges));
	struct drvmem_window w;
	struct drvmem_pages *pages;

	(void)state;
	assert_int_equal(drvmem_window__make("x86_64", 0, &w), 0);
	pages = calloc(w.pages / DRVMEM_PAGES_CHUNK, sizeof(*pages));
	drvmem_window__fill(&w, in, 5, ranges, pages);
	assert_int_equal(kind_at(&w, ranges, pages, BASE + 0xff), 0);
	assert_int_equal(kind_at(&w, ranges, pages, BASE + 0x100), DRVMEM_RANGE_BARRIER);
	assert_int_equal(kind_at(&w, ranges, pages, BASE + 0x1ff), DRVMEM_RANGE_BARRIER);
	assert_int_equal(kind_at(&w, ranges, pages, BASE + 0x200), 0);
	assert_int_equal(kind_at(&w, ranges, pages, BASE + 0x320), DRVMEM_RANGE_OVERHEAD);
	assert_int_equal(kind_at(&w, ranges, pages, BASE + 0xf00), DRVMEM_RANGE_RETRY);
	assert_int_equal(kind_at(&w, ranges, pages, BASE + 0x1000), DRVMEM_RANGE_RETRY);
	assert_int_equal(kind_at(&w, ranges, pages, BASE + 0x2fff), DRVMEM_RANGE_RETRY);
	assert_int_equal(kind_at(&w, ranges, pages, BASE + 0x307f), DRVMEM_RANGE_RETRY);
	assert_int_equal(kind_at(&w, ranges, pages, BASE + 0x3080), DRVMEM_RANGE_BARRIER);
	assert_int_equal(kind_at(&w, ranges, pages, BASE + 0x3095), 0);
	assert_int_equal(kind_at(&w, ranges, pages, BASE + 0x30af), DRVMEM_RANGE_KMALLOC);
	assert_int_equal(kind_at(&w, ranges, pages, BASE + 0x4000), 0);
	free(ranges);
	free(pages);
}

static void test_other_architecture_needs_stext(void **state)
{
	struct drvmem_window w;

	(void)state;
	assert_int_equal(drvmem_window__make("aarch64", 0, &w), -EACCES);
	assert_int_equal(drvmem_window__make("aarch64", 0xffff800080010000ull, &w), 0);
	assert_true(w.base < 0xffff800080010000ull);
	assert_true(w.base + ((uint64_t)w.pages << w.page_shift) > 0xffff800080010000ull);
	assert_int_equal(w.pages % DRVMEM_PAGES_CHUNK, 0);
}

static void test_definition_table_bytes_per_object(void **state)
{
	struct drvmem_session_opts o = { .track_max = 1000000 };
	struct drvmem_size z;

	(void)state;
	assert_int_equal(drvmem_size__make(&o, 2, DRVMEM_WINDOW_PAGES, false, &z, NULL), 0);
	/* a live object costs at most 32 bytes (and one region of rounding), at 78.1 % load */
	assert_true(z.table_bytes <=
		    o.track_max * 32 + DRVMEM_REGION_BUCKETS * sizeof(struct drvmem_bucket));
	assert_true((uint64_t)z.nr_buckets * DRVMEM_BUCKET_SLOTS * 782 / 1000 >= o.track_max);
}

static void test_homes_are_filled_while_the_table_is_empty(void **state)
{
	uint32_t nr = 1000, i;
	struct drvmem_bucket *t = calloc(nr, sizeof(*t));

	(void)state;
	assert_non_null(t);
	assert_int_equal(drvmem_homes__room(t, nr), 0);
	for (i = 0; i < nr * 3; i++)	/* 37.5 % */
		t[i % nr].key[i / nr] = 1;
	assert_int_equal(drvmem_homes__room(t, nr), 0);
	for (; i < nr * 4; i++)
		t[i % nr].key[i / nr] = 1;
	assert_int_equal(drvmem_homes__room(t, nr), DRVMEM_HOME_ROOM);
	/* too small to be sampled: the safe choice */
	assert_int_equal(drvmem_homes__room(t, 10), DRVMEM_HOME_ROOM);
	free(t);
}

static void test_options_out_of_range(void **state)
{
	struct drvmem_session_opts many = { .track_max = 1ull << 40 };
	struct drvmem_session_opts order = { .min_size = 100, .max_size = 10 };
	struct drvmem_session_opts huge = { .track_max = 100000000, .max_sites = 1u << 19 };
	struct drvmem_session_opts none = { .track_max = 0 };
	struct drvmem_err err = {};
	struct drvmem_size z;

	(void)state;
	assert_int_equal(drvmem_size__make(&many, 2, 1, false, &z, &err), -EINVAL);
	assert_int_equal(err.exit, DRVMEM_EXIT_USAGE);
	assert_int_equal(drvmem_size__make(&order, 2, 1, false, &z, NULL), -EINVAL);
	/* half a million sites on 4096 CPUs: a terabyte */
	memset(&err, 0, sizeof(err));
	assert_int_equal(drvmem_size__make(&huge, 4096, 1, false, &z, &err), -ENOMEM);
	assert_true(strlen(err.remedy) > 0);
	assert_int_equal(drvmem_size__make(&none, 5000, 1, false, &z, NULL), -EINVAL);
	assert_int_equal(drvmem_size__make(&none, 2, 1, true, &z, NULL), 0);
	assert_int_equal(z.nr_buckets, DRVMEM_REGION_BUCKETS);
	assert_true(z.nr_hash >= 1000000);
}

/* Exact sessions count on more CPUs than sampled ones. */
static void test_sampling_has_a_limit_of_cpus(void **state)
{
	static const struct drvmem_session_opts sampled[] = { { .may_sample = true }, { .sample_bytes = 512u << 10 } };
	struct drvmem_session_opts exact = { .track_max = 0 };
	struct drvmem_size z;
	uint32_t i;

	(void)state;
	assert_true(drvmem_sampling__fits(DRVMEM_SAMPLER_CPUS));
	assert_false(drvmem_sampling__fits(DRVMEM_SAMPLER_CPUS + 1));
	for (i = 0; i < 2; i++) {
		struct drvmem_err err = {};

		assert_int_equal(drvmem_size__make(&sampled[i], 512, 1, false, &z, NULL), 0);
		assert_int_equal(z.nr_site_rows, 1024);
		assert_int_equal(drvmem_size__make(&sampled[i], 513, 1, false, &z, &err), -EINVAL);
		assert_int_equal(err.exit, DRVMEM_EXIT_CANNOT_RUN);
		assert_string_equal(err.what, "513 possible CPUs: sampling counts on up to 512");
		assert_non_null(strstr(err.remedy, "take every object"));
	}
	assert_int_equal(drvmem_size__make(&exact, 513, 1, false, &z, NULL), 0);
	assert_int_equal(z.nr_site_rows, 513);
	assert_int_equal(drvmem_size__make(&exact, 4096, 1, false, &z, NULL), 0);
	assert_int_equal(drvmem_size__make(&exact, 4097, 1, false, &z, NULL), -EINVAL);
}

static void test_library_hash(void **state)
{
	(void)state;
	assert_true(drvmem_library_hash("snd-pcm") == drvmem_library_hash("snd_pcm"));
	assert_true(drvmem_library_hash("snd_pcm") != drvmem_library_hash("snd_pcn"));
	assert_non_null(drvmem_library_default()[0]);
}

static void test_range_kinds(void **state)
{
	(void)state;
	assert_int_equal(drvmem_ranges__kind("asm_exc_page_fault"), DRVMEM_RANGE_BARRIER);
	assert_int_equal(drvmem_ranges__kind("handle_softirqs"), DRVMEM_RANGE_BARRIER);
	assert_int_equal(drvmem_ranges__kind("handle_softirqs.isra.0"), DRVMEM_RANGE_BARRIER);
	assert_int_equal(drvmem_ranges__kind("__alloc_empty_sheaf"), DRVMEM_RANGE_OVERHEAD);
	assert_int_equal(drvmem_ranges__kind("__kvmalloc_node_noprof"), DRVMEM_RANGE_RETRY);
	assert_int_equal(drvmem_ranges__kind("__kmalloc_noprof"), DRVMEM_RANGE_KMALLOC);
	assert_int_equal(drvmem_ranges__kind("__kmalloc_index"), DRVMEM_RANGE_NONE);
	/* ends every system call: not a barrier, drvmem's own memory is behind it */
	assert_int_equal(drvmem_ranges__kind("entry_SYSCALL_64_after_hwframe"), DRVMEM_RANGE_NONE);
	assert_int_equal(drvmem_ranges__kind(""), DRVMEM_RANGE_NONE);
}

static void test_ranges_of_a_symbol_table(void **state)
{
	static const char text[] =
		"ffffffff81000000 T _stext\n"
		"ffffffff81000100 t asm_exc_page_fault\n"
		"ffffffff81000140 t asm_exc_debug\n"
		"ffffffff81000180 T ordinary\n"
		"ffffffff81000200 T allocate_slab\n"
		"ffffffff81000300 T after\n"
		"ffffffffc0000000 t allocate_slab\t[other]\n"
		"ffffffffc0000100 t end\t[other]\n";
	struct drvmem_symtab *t;
	struct drvmem_range *r;
	uint32_t n;

	(void)state;
	assert_int_equal(drvmem_symtab__parse(text, sizeof(text) - 1, &t), 0);
	assert_int_equal(drvmem_ranges__make(t, &r, &n), 0);
	assert_int_equal(n, 2);		/* neighbours are one; a module's namesake is not meant */
	assert_true(r[0].lo == 0xffffffff81000100ull && r[0].hi == 0xffffffff81000180ull);
	assert_int_equal(r[0].kind, DRVMEM_RANGE_BARRIER);
	assert_true(r[1].lo == 0xffffffff81000200ull && r[1].hi == 0xffffffff81000300ull);
	free(r);
	drvmem_symtab__free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ranges_that_share_pages),
		cmocka_unit_test(test_other_architecture_needs_stext),
		cmocka_unit_test(test_definition_table_bytes_per_object),
		cmocka_unit_test(test_homes_are_filled_while_the_table_is_empty),
		cmocka_unit_test(test_options_out_of_range),
		cmocka_unit_test(test_sampling_has_a_limit_of_cpus),
		cmocka_unit_test(test_library_hash),
		cmocka_unit_test(test_range_kinds),
		cmocka_unit_test(test_ranges_of_a_symbol_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
