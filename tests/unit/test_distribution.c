// SPDX-License-Identifier: GPL-2.0-or-later
#include "fixture.h"

#include "render/simulate.h"
#include "source/distribution.h"

#define HEAD	"drvmem distribution 1\ntraced 10s\nhz 250\npage_size 4096\nword 8\ncache_line 64\nmin_order 0\n" \
		"max_order 3\nmin_objects 12\nkmalloc_min 8\nby_fraction 1\n"	/* 11 lines */
#define SITE	"site f+0x1\nowner drv\nallocator slab\ncache kmalloc-64\nallocs 10\n"	/* lines 12 to 16 */

static struct drvmem_distribution *parse(const char *s, size_t n)
{
	struct drvmem_distribution_fault fault;
	struct drvmem_distribution *d = NULL;
	char *text = unit_exact(s, n);
	int err = drvmem_distribution__parse(text, n, &d, &fault);

	free(text);
	if (err)
		fail_msg("line %u: %s", fault.line, fault.what);
	return d;
}

static void a_file_made_by_hand(void **state)
{
	struct drvmem_distribution *d;
	const struct drvmem_distribution_site *t;
	size_t len;
	char *text = unit_data("distribution.txt", &len);

	(void)state;
	d = parse(text, len);
	free(text);
	assert_int_equal(d->nr_sites, 5);
	assert_int_equal(d->nr_sizes, 7);
	assert_int_equal(d->traced_ns, 30 * FIX_S);
	assert_int_equal(d->hz, 250);
	assert_int_equal(d->slub.min_objects, 12);
	assert_true(d->slub.by_fraction);
	assert_string_equal(d->kernel, "6.12.95+deb12-amd64");
	t = &d->sites[1];
	assert_string_equal(t->site, "mydrv_rx+0x88");
	assert_string_equal(t->owner, "mydrv");
	assert_string_equal(t->cache, "kmalloc-1k");
	assert_int_equal(t->allocator, DRVMEM_ALLOC_SLAB);
	assert_int_equal(t->allocs, 20000);
	assert_int_equal(t->frees, 19500);
	assert_int_equal(t->live, 500);
	assert_int_equal(t->peak, 900);
	assert_int_equal(t->life[4], 7000);
	assert_int_equal(t->life[6], 0);
	assert_int_equal(t->first_size, 1);
	assert_int_equal(t->nr_sizes, 3);
	assert_int_equal(d->sizes[2].bytes, 544);
	assert_int_equal(d->sizes[2].allocs, 6000);
	assert_int_equal(d->sizes[2].live, 130);
	assert_int_equal(d->sizes[2].peak, 310);
	assert_int_equal(d->sites[2].allocator, DRVMEM_ALLOC_DMA);
	drvmem_distribution__free(d);
	drvmem_distribution__free(NULL);
}

static const struct fault {
	const char *text;
	uint32_t line;
	const char *says;
	int err;
} faults[] = {
	{ "", 1, "first line", -ENOTSUP },
	{ "{\"schema_version\":1}", 1, "first line", -ENOTSUP },
	{ "drvmem distribution 2\n", 1, "another version", -ENOTSUP },
	{ "drvmem distribution \n", 1, "another version", -ENOTSUP },
	{ HEAD, 11, "there is no 'site'", -EINVAL },
	{ "drvmem distribution 1\nhz 250\n\n# no more\nsite x\n", 5, "'page_size' is missing", -EINVAL },
	{ "drvmem distribution 1\nhz 250\nhz 250\n", 3, "'hz' is given twice", -EINVAL },
	{ "drvmem distribution 1\nhz 0\n", 2, "'hz' is a number from 1", -EINVAL },
	{ "drvmem distribution 1\nhz -1\n", 2, "'hz': '-1' is not a number", -EINVAL },
	{ "drvmem distribution 1\nhz\n", 2, "'hz': '' is not a number", -EINVAL },
	{ "drvmem distribution 1\nhz 250 250\n", 2, "'hz': '250 250' is not a number", -EINVAL },
	{ "drvmem distribution 1\npage_size 5000\n", 2, "'page_size' is a power of two", -EINVAL },
	{ "drvmem distribution 1\npage_size 131072\n", 2, "'page_size' is more than 65536", -EINVAL },
	{ "drvmem distribution 1\ntraced 0\n", 2, "'traced' is a time", -EINVAL },
	{ "drvmem distribution 1\ntraced long\n", 2, "'traced' is a time", -EINVAL },
	{ "drvmem distribution 1\ncolour red\n", 2, "'colour' is not known here", -EINVAL },
	{ "drvmem distribution 1\nallocs 5\n", 2, "before the first 'site'", -EINVAL },
	{ "drvmem distribution 1\nkernel \x1b[2J\n", 2, "printable", -EINVAL },
	{ HEAD "site \n", 12, "'site' needs a name", -EINVAL },
	{ HEAD "site x\n", 12, "'owner' of this site is missing", -EINVAL },
	{ HEAD "site x\nowner a\nallocs 5\nsite y\n", 12, "'allocator' of this site is missing", -EINVAL },
	{ HEAD "site x\nowner a\nallocator page\n", 12, "'allocs' of this site is missing", -EINVAL },
	{ HEAD "site x\nowner a\nallocator slab\nallocs 5\n", 12, "'cache' of this site is missing", -EINVAL },
	{ HEAD "site x\nowner a\nallocator slob\n", 14, "'allocator' is slab, page", -EINVAL },
	{ HEAD "site x\nowner a\nowner b\n", 14, "'owner' is given twice", -EINVAL },
	{ HEAD SITE "frees 5\n", 12, "'life' of this site is missing: 5 objects", -EINVAL },
	{ HEAD SITE "frees 11\nlife 11\n", 12, "more objects of this site", -EINVAL },
	{ HEAD SITE "live 11\n", 12, "more objects of this site", -EINVAL },
	{ HEAD SITE "life\n", 17, "'life' has no number", -EINVAL },
	{ HEAD SITE "life 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29\n", 17,
	  "more than 28 numbers", -EINVAL },
	{ HEAD SITE "life 1 two\n", 17, "'two' is not a number", -EINVAL },
	{ HEAD SITE "size 5 5 5\n", 17, "four numbers", -EINVAL },
	{ HEAD SITE "size 5 5 5 5 5\n", 17, "four numbers", -EINVAL },
	{ HEAD SITE "size 0 5 5 5\n", 17, "0 bytes", -EINVAL },
	{ HEAD SITE "size 5 5 6 5\n", 17, "more objects of 5 bytes are live", -EINVAL },
	{ HEAD SITE "size 4294967296 5 5 5\n", 17, "more than 4294967295", -EINVAL },
	{ HEAD SITE "size 5 1000000000001 5 5\n", 17, "more than 1000000000000", -EINVAL },
	{ HEAD SITE "size 5 99999999999999999999 5 5\n", 17, "more than", -EINVAL },
	{ HEAD SITE "hz 250\n", 17, "'hz' is not known here, in a site", -EINVAL },
};

static void faults_are_told_with_their_line(void **state)
{
	struct drvmem_distribution_fault fault;
	struct drvmem_distribution *d = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < UNIT_NR(faults); i++) {
		size_t n = strlen(faults[i].text);
		char *text = unit_exact(faults[i].text, n);
		int err = drvmem_distribution__parse(text, n, &d, &fault);

		free(text);
		if (err != faults[i].err || fault.line != faults[i].line || !strstr(fault.what, faults[i].says))
			fail_msg("%s\n%d, line %u: '%s', not '%s'", faults[i].text, err, fault.line, fault.what,
				 faults[i].says);
		assert_null(d);
	}
}

static void orders_that_contradict(void **state)
{
	static const char text[] = "drvmem distribution 1\ntraced 10s\nhz 250\npage_size 4096\nword 8\ncache_line 64\n"
				   "min_order 4\nmax_order 3\nmin_objects 12\nkmalloc_min 8\nby_fraction 1\n" SITE;
	struct drvmem_distribution_fault fault;
	struct drvmem_distribution *d;

	(void)state;
	assert_int_equal(drvmem_distribution__parse(text, sizeof(text) - 1, &d, &fault), -EINVAL);
	assert_non_null(strstr(fault.what, "'min_order' is more than 'max_order'"));
}

static void a_file_that_was_cut(void **state)
{
	struct drvmem_distribution_fault fault;
	struct drvmem_distribution *d;
	size_t len, n;
	char *text = unit_data("distribution.txt", &len), *part;

	(void)state;
	for (n = 0; n < len; n++) {
		part = unit_exact(text, n);
		if (!drvmem_distribution__parse(part, n, &d, &fault))
			drvmem_distribution__free(d);
		else
			assert_true(fault.line && fault.what[0]);
		free(part);
	}
	free(text);
}

static void written_as_it_is_read(void **state)
{
	struct drvmem_distribution *d, *again;
	size_t len, len2;
	char *text = unit_data("distribution.txt", &len), *first, *second;

	(void)state;
	d = parse(text, len);
	free(text);
	first = fix_text(&len, drvmem_text__distribution(d, out));
	again = parse(first, len);
	second = fix_text(&len2, drvmem_text__distribution(again, out));
	assert_int_equal(len, len2);
	assert_memory_equal(first, second, len);
	assert_int_equal(again->nr_sites, d->nr_sites);
	assert_memory_equal(again->sizes, d->sizes, d->nr_sizes * sizeof(*d->sizes));
	assert_memory_equal(again->sites[0].life, d->sites[0].life, sizeof(d->sites[0].life));
	assert_memory_equal(&again->slub, &d->slub, sizeof(d->slub));
	free(first);
	free(second);
	drvmem_distribution__free(d);
	drvmem_distribution__free(again);
}

/* A session with figures that were read while events ran, and names that no file can hold. */
static struct drvmem_snapshot *session(void)
{
	struct drvmem_snapshot *s = fix_new();
	uint32_t drv = fix_module(s, "mydrv", 7, 0), cache = fix_cache(s, "kmalloc-64", 64, false), map;
	struct drvmem_usage *u = calloc(1, sizeof(*u));

	fix_site(s, drv, cache, "first\n+0x1", 100, 40, 60);
	fix_site(s, drv, cache, "unsized+0x1", 5, 5, 60);
	fix_site(s, 0, cache, "core+0x1", 9, 0, 60);
	fix_component(s, 2, "net/core", false);
	map = fix_site(s, drv, cache, "map+0x1", 9, 0, 60);
	s->sites[map].allocator = DRVMEM_MAP_DMA;
	fix_site(s, drv, cache, "none+0x1", 0, 0, 60);
	s->sites[0].c.life_hist[3] = 40;
	s->sites[1].c.frees = 6;
	s->sites[1].c.live_objects = -1;
	s->sites[1].c.life_hist[0] = 6;
	assert_non_null(u);
	u->site = calloc(s->nr_sites, sizeof(*u->site));
	u->sizes = calloc(3, sizeof(*u->sizes));
	assert_true(u->site && u->sizes);
	u->site[0] = (struct drvmem_usage_site){ .live = 60, .peak = 70, .first_size = 0, .nr_sizes = 2 };
	u->sizes[0] = (struct drvmem_usage_size){ 0, 50, 60, 50, 70 };
	u->sizes[1] = (struct drvmem_usage_size){ 0, 60, 40, -3, 30 };
	u->nr_sizes = 2;
	s->usage = u;
	return s;
}

static void a_session_can_be_read_back(void **state)
{
	struct drvmem_slub_rules r = { 4096, 8, 64, 0, 3, 12, 8, true };
	struct drvmem_snapshot *s = session();
	struct drvmem_scope *v = fix_scope(NULL, s, NULL);
	struct drvmem_distribution *d = NULL, *again;
	const struct drvmem_distribution_site *t;
	uint32_t i, seen = 0;
	size_t len;
	char *text;

	(void)state;
	assert_int_equal(drvmem_distributed(v, &r, &d), 0);
	text = fix_text(&len, drvmem_text__distribution(d, out));
	again = parse(text, len);
	free(text);
	assert_int_equal(again->nr_sites, 3);
	assert_int_equal(again->traced_ns, 10 * FIX_S);
	for (i = 0; i < again->nr_sites; i++) {
		t = &again->sites[i];
		if (!strcmp(t->site, "first?+0x1")) {
			seen |= 1;
			assert_int_equal(t->nr_sizes, 2);
			assert_int_equal(again->sizes[t->first_size].live, 50);	/* not more than allocated */
			assert_int_equal(again->sizes[t->first_size + 1].live, 0);
			assert_int_equal(t->life[3], 40);
		} else if (!strcmp(t->site, "unsized+0x1")) {
			seen |= 2;
			assert_int_equal(t->nr_sizes, 0);
			assert_int_equal(t->frees, 5);
			assert_int_equal(t->live, 0);
		} else if (!strcmp(t->site, "core+0x1")) {
			seen |= 4;
			assert_string_equal(t->owner, "kernel:net/core");
		}
	}
	assert_int_equal(seen, 7);
	drvmem_distribution__free(again);
	drvmem_distribution__free(d);
	drvmem_usage__free(s->usage);
	s->usage = NULL;
	assert_int_equal(drvmem_distributed(v, &r, &d), -ENODATA);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_made_by_hand),
		cmocka_unit_test(faults_are_told_with_their_line),
		cmocka_unit_test(orders_that_contradict),
		cmocka_unit_test(a_file_that_was_cut),
		cmocka_unit_test(written_as_it_is_read),
		cmocka_unit_test(a_session_can_be_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
