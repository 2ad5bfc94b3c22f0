// SPDX-License-Identifier: GPL-2.0-or-later
/* Comparing two snapshots: what goes together, and that changes add up, of snapshots made at random. */
#include "fixture.h"

#include "analysis/compare.h"

static struct drvmem_compare *compare(const struct drvmem_snapshot *a, const struct drvmem_snapshot *b,
				      enum drvmem_compare_by by)
{
	struct drvmem_scope *va = fix_scope(NULL, a, NULL), *vb = fix_scope(NULL, b, NULL);
	const struct drvmem_compare_side sa = { a, va->by_owner, va->nr_kept }, sb = { b, vb->by_owner, vb->nr_kept };
	struct drvmem_compare *c = NULL;

	assert_int_equal(drvmem_compare__new(&sa, &sb, by, &c), 0);
	drvmem_scope__free(va);
	drvmem_scope__free(vb);
	return c;
}

static const struct drvmem_compare_row *row(const struct drvmem_compare *c, const char *name, uint64_t offset)
{
	uint32_t i;

	for (i = 0; i < c->nr_rows; i++)
		if (!strcmp(c->rows[i].key.name, name) && c->rows[i].key.offset == offset)
			return &c->rows[i];
	fail_msg("no row %s+%llx", name, (unsigned long long)offset);
	return NULL;
}

/* One driver whose functions and offsets are given; build "" = not known. */
static struct drvmem_snapshot *driver(const char *build, uint32_t n, const char *const *sites, const uint64_t *live)
{
	struct drvmem_snapshot *s = fix_new();
	uint32_t k64 = fix_cache(s, "kmalloc-64", 64, false), m = fix_module(s, "drv", 3, 0), i, t;

	strcpy(s->instances[m].build_id, build);
	for (i = 0; i < n; i++) {
		t = fix_site(s, m, k64, sites[i], live[i], 0, 64);
		s->sites[t].module = drvmem_snapshot__str(s, "drv");
	}
	return s;
}

static void one_build_goes_by_offset(void **state)
{
	static const char *const sa[] = { "f+0x10", "f+0x40" }, *const sb[] = { "f+0x40", "f+0x80", "g+0x1" };
	static const uint64_t la[] = { 1, 2 }, lb[] = { 5, 7, 1 };
	struct drvmem_snapshot *a = driver("aa", 2, sa, la), *b = driver("aa", 3, sb, lb);
	struct drvmem_compare *c = compare(a, b, DRVMEM_COMPARE_SITE);

	(void)state;
	assert_int_equal(c->nr_rows, 4);
	assert_int_equal(row(c, "f", 0x10)->a.live_bytes, 64);
	assert_false(row(c, "f", 0x10)->in_b);
	assert_int_equal(row(c, "f", 0x40)->a.live_bytes, 128);
	assert_int_equal(row(c, "f", 0x40)->b.live_bytes, 320);
	assert_int_equal(row(c, "f", 0x40)->match, DRVMEM_MATCH_OFFSET);
	assert_false(row(c, "f", 0x80)->in_a);
	assert_false(row(c, "g", 0x1)->in_a);
	drvmem_compare__free(c);
	drvmem_snapshot__free(a);
	drvmem_snapshot__free(b);
}

static void other_builds_go_by_order(void **state)
{
	/* as hex, not as text: 0x9 comes before 0x10 */
	static const char *const sa[] = { "f+0x9", "f+0x10", "g+0x1" }, *const sb[] = { "f+0x11", "f+0x100", "g+0x2", "g+0x3" };
	static const uint64_t la[] = { 1, 2, 3 }, lb[] = { 5, 7, 1, 1 };
	struct drvmem_snapshot *a = driver("aa", 3, sa, la), *b = driver("bb", 4, sb, lb);
	struct drvmem_compare *c = compare(a, b, DRVMEM_COMPARE_SITE);

	(void)state;
	assert_int_equal(c->nr_rows, 3);
	assert_int_equal(row(c, "f", 0x9)->b.live_objects, 5);
	assert_int_equal(row(c, "f", 0x9)->offset_b, 0x11);
	assert_int_equal(row(c, "f", 0x9)->match, DRVMEM_MATCH_ORDER);
	assert_int_equal(row(c, "f", 0x10)->b.live_objects, 7);
	assert_int_equal(row(c, "g", 0x1)->match, DRVMEM_MATCH_MERGED);
	assert_int_equal(row(c, "g", 0x1)->nr_a, 1);
	assert_int_equal(row(c, "g", 0x1)->nr_b, 2);
	assert_int_equal(row(c, "g", 0x1)->b.live_objects, 2);
	drvmem_compare__free(c);
	drvmem_snapshot__free(a);
	drvmem_snapshot__free(b);
}

/* A build that is not known is not taken to be the same. */
static void an_unknown_build_is_another(void **state)
{
	static const char *const sa[] = { "f+0x10", "f+0x20" }, *const sb[] = { "f+0x20", "f+0x30" };
	static const uint64_t la[] = { 1, 2 }, lb[] = { 5, 7 };
	struct drvmem_snapshot *a = driver("", 2, sa, la), *b = driver("", 2, sb, lb);
	struct drvmem_compare *c = compare(a, b, DRVMEM_COMPARE_SITE);

	(void)state;
	assert_int_equal(c->nr_rows, 2);
	assert_int_equal(row(c, "f", 0x10)->match, DRVMEM_MATCH_ORDER);
	drvmem_compare__free(c);
	/* but a snapshot is of one build with itself */
	c = compare(a, a, DRVMEM_COMPARE_SITE);
	assert_int_equal(row(c, "f", 0x10)->match, DRVMEM_MATCH_OFFSET);
	drvmem_compare__free(c);
	drvmem_snapshot__free(a);
	drvmem_snapshot__free(b);
}

static void owners_go_by_name(void **state)
{
	struct drvmem_snapshot *a = fix_machine(), *b = fix_new();
	struct drvmem_compare *c;

	(void)state;
	/* another load of it, and a module called as the kernel is */
	fix_site(b, fix_module(b, "e1000e", 4, 0), fix_cache(b, "kmalloc-64", 64, false), "f+0x1", 1000, 0, 64);
	fix_site(b, fix_module(b, "kernel", 5, 0), 0, "f+0x1", 1, 0, 64);
	c = compare(a, b, DRVMEM_COMPARE_OWNER);
	assert_int_equal(row(c, "e1000e", 0)->a.live_bytes, 43000 + 264);
	assert_int_equal(row(c, "e1000e", 0)->b.live_bytes, 64000);
	assert_int_equal(row(c, "kernel", 0)->key.type, DRVMEM_OWNER_KERNEL);
	assert_false(row(c, "kernel", 0)->in_b);
	assert_true(row(c, "kernel", 0)->a.upper_bound);
	assert_int_equal(c->nr_rows, 5);
	drvmem_compare__free(c);
	drvmem_snapshot__free(a);
	drvmem_snapshot__free(b);
}

/* Mappings are told beside memory, and are in none of its figures. */
static void mappings_are_no_memory(void **state)
{
	struct drvmem_snapshot *a = fix_machine(), *b = fix_machine();
	struct drvmem_compare *c;
	uint32_t t = fix_site(b, 3, 0, "map+0x1", 10, 4, 4096);

	(void)state;
	b->sites[t].allocator = DRVMEM_MAP_DMA;
	c = compare(a, b, DRVMEM_COMPARE_OWNER);
	assert_int_equal(c->a.live_bytes, c->b.live_bytes);
	assert_int_equal(c->a.allocs, c->b.allocs);
	assert_int_equal(c->b.maps - c->a.maps, b->sites[t].c.live_objects);
	assert_int_equal(c->b.mapped_bytes - c->a.mapped_bytes, b->sites[t].c.live_bytes);
	assert_int_equal(c->b.nr_maps, 1);
	drvmem_compare__free(c);
	c = compare(a, b, DRVMEM_COMPARE_SITE);
	for (t = 0; t < c->nr_rows; t++)
		assert_true(!c->rows[t].b.nr_maps || !c->rows[t].b.nr_sites);
	drvmem_compare__free(c);
	drvmem_snapshot__free(a);
	drvmem_snapshot__free(b);
}

/* ---- at random */

static uint64_t next(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

/* Few names, so that much of it goes together. */
static struct drvmem_snapshot *random_snapshot(uint64_t *seed)
{
	static const char *const owners[] = { "e1000e", "nvme", "drv", "e1000e" };
	static const char *const caches[] = { "kmalloc-64", "kmalloc-256", "own_cache" };
	struct drvmem_snapshot *s = fix_new();
	uint32_t i, n = (uint32_t)(next(seed) % 40), t;
	char site[32];
	uint64_t allocs;

	s->meta.sampled = next(seed) % 2;
	for (i = 0; i < UNIT_NR(owners); i++) {
		t = fix_module(s, owners[i], i + 1, 0);
		strcpy(s->instances[t].build_id, next(seed) % 2 ? "aa" : "bb");
	}
	for (i = 0; i < UNIT_NR(caches); i++)
		fix_cache(s, caches[i], 64, next(seed) % 4 == 0);
	for (i = 0; i < n; i++) {
		snprintf(site, sizeof(site), next(seed) % 9 ? "f%u+0x%x" : "f%u", (uint32_t)(next(seed) % 3),
			 (uint32_t)(next(seed) % 6 * 16 + 1));
		allocs = next(seed) % 1000;
		t = fix_site(s, (uint32_t)(next(seed) % s->nr_instances), (uint32_t)(next(seed) % UNIT_NR(caches)), site,
			     allocs, next(seed) % (allocs + 2), 1 + next(seed) % 5000);
		s->sites[t].allocator = (uint16_t)(next(seed) % DRVMEM_NR_USES);
		s->sites[t].module = next(seed) % 2 ? drvmem_snapshot__str(s, "drv") : NULL;
		if (s->meta.sampled)
			s->sites[t].c.alloc_bytes_var = (double)(next(seed) % 1000000);
	}
	return s;
}

static void expect_same(const struct drvmem_compare_figures *x, const struct drvmem_compare_figures *y, int64_t sign)
{
	assert_int_equal(x->live_bytes, sign * y->live_bytes);
	assert_int_equal(x->live_objects, sign * y->live_objects);
	assert_int_equal(x->allocs, sign * y->allocs);
	assert_int_equal(x->alloc_bytes, sign * y->alloc_bytes);
}

/* Sides and changes of all rows are those of the totals, which are the scopes'. */
static void expect_sums(const struct drvmem_snapshot *a, const struct drvmem_snapshot *b, const struct drvmem_compare *c)
{
	const struct drvmem_snapshot *s[2] = { a, b };
	struct drvmem_compare_figures sum[3] = { 0 }, d, total = drvmem_compare__change(&c->a, &c->b);
	uint32_t i;

	for (i = 0; i < c->nr_rows; i++) {
		assert_true(c->rows[i].in_a || c->rows[i].in_b);
		d = drvmem_compare__change(&c->rows[i].a, &c->rows[i].b);
		drvmem_compare_figures__add(&sum[0], &c->rows[i].a);
		drvmem_compare_figures__add(&sum[1], &c->rows[i].b);
		drvmem_compare_figures__add(&sum[2], &d);
	}
	expect_same(&sum[0], &c->a, 1);
	expect_same(&sum[1], &c->b, 1);
	expect_same(&sum[2], &total, 1);
	for (i = 0; i < 2; i++) {
		struct drvmem_scope *v = fix_scope(NULL, s[i], NULL);
		struct drvmem_sum all;

		drvmem_scope__sum(v, v->by_owner, v->nr_kept, &all);
		assert_int_equal(all.c.live_bytes, i ? c->b.live_bytes : c->a.live_bytes);
		assert_int_equal(all.c.allocs, i ? c->b.allocs : c->a.allocs);
		drvmem_scope__free(v);
	}
}

static void changes_add_up(void **state)
{
	uint64_t seed = 88172645463325252ull;
	struct drvmem_snapshot *a, *b;
	struct drvmem_compare *c;
	uint32_t round;
	int by;

	(void)state;
	for (round = 0; round < 400; round++) {
		a = random_snapshot(&seed);
		b = random_snapshot(&seed);
		for (by = DRVMEM_COMPARE_OWNER; by <= DRVMEM_COMPARE_CACHE; by++) {
			c = compare(a, b, (enum drvmem_compare_by)by);
			expect_sums(a, b, c);
			drvmem_compare__free(c);
		}
		drvmem_snapshot__free(a);
		drvmem_snapshot__free(b);
	}
}

static void with_itself_nothing_differs(void **state)
{
	uint64_t seed = 2463534242ull;
	struct drvmem_snapshot *a;
	struct drvmem_compare *c;
	uint32_t round, i;
	int by;

	(void)state;
	for (round = 0; round < 200; round++) {
		a = random_snapshot(&seed);
		for (by = DRVMEM_COMPARE_OWNER; by <= DRVMEM_COMPARE_CACHE; by++) {
			c = compare(a, a, (enum drvmem_compare_by)by);
			for (i = 0; i < c->nr_rows; i++)
				assert_true(drvmem_compare__is_same(&c->rows[i]));
			drvmem_compare__free(c);
		}
		drvmem_snapshot__free(a);
	}
}

/* Every row of one has its row in the other, with the sides changed over. */
static void the_other_way_round_it_is_the_opposite(void **state)
{
	uint64_t seed = 362436069ull;
	struct drvmem_compare *c, *r;
	struct drvmem_snapshot *a, *b;
	uint32_t round, i;
	int by;

	(void)state;
	for (round = 0; round < 300; round++) {
		a = random_snapshot(&seed);
		b = random_snapshot(&seed);
		for (by = DRVMEM_COMPARE_OWNER; by <= DRVMEM_COMPARE_CACHE; by++) {
			c = compare(a, b, (enum drvmem_compare_by)by);
			r = compare(b, a, (enum drvmem_compare_by)by);
			assert_int_equal(c->nr_rows, r->nr_rows);
			for (i = 0; i < c->nr_rows; i++) {
				struct drvmem_compare_figures d = drvmem_compare__change(&c->rows[i].a, &c->rows[i].b);
				struct drvmem_compare_figures e = drvmem_compare__change(&r->rows[i].a, &r->rows[i].b);

				assert_string_equal(c->rows[i].key.name, r->rows[i].key.name);
				expect_same(&d, &e, -1);
				assert_int_equal(c->rows[i].match, r->rows[i].match);
			}
			drvmem_compare__free(c);
			drvmem_compare__free(r);
		}
		drvmem_snapshot__free(a);
		drvmem_snapshot__free(b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_build_goes_by_offset),
		cmocka_unit_test(other_builds_go_by_order),
		cmocka_unit_test(an_unknown_build_is_another),
		cmocka_unit_test(owners_go_by_name),
		cmocka_unit_test(mappings_are_no_memory),
		cmocka_unit_test(changes_add_up),
		cmocka_unit_test(with_itself_nothing_differs),
		cmocka_unit_test(the_other_way_round_it_is_the_opposite),
	};

	return cmocka_run_group_tests_name("compare", tests, NULL, NULL);
}
