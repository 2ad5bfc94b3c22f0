// SPDX-License-Identifier: GPL-2.0-or-later
#include "fixture.h"

#include "view/report.h"

static struct drvmem_grid *report(struct drvmem_scope *v, enum drvmem_by by, enum drvmem_sort sort,
				  uint32_t top)
{
	struct drvmem_report_opts o = { by, sort, top };
	struct drvmem_grid *g = NULL;

	assert_int_equal(drvmem_report__build(v, &o, &g), 0);
	return g;
}

static const struct drvmem_cell *cell(const struct drvmem_grid *g, uint32_t row, const char *key)
{
	const struct drvmem_cell *c = drvmem_grid__cell(g, row, key);

	assert_non_null(c);
	return c;
}

/* Row by depth and name. */
static uint32_t find(const struct drvmem_grid *g, uint16_t depth, const char *name)
{
	uint32_t i;

	for (i = 0; i < g->nr_rows; i++)
		if (g->rows[i].depth == depth && !strcmp(cell(g, i, "name")->s, name))
			return i;
	fail_msg("no row %s", name);
	return 0;
}

/* The rows "depth:name" in order. */
static void expect_rows(const struct drvmem_grid *g, const char *want)
{
	char *text = fix_text(NULL, ({
		for (uint32_t i = 0; i < g->nr_rows; i++)
			fprintf(out, "%u:%s ", g->rows[i].depth, cell(g, i, "name")->s);
	}));

	assert_string_equal(text, want);
	free(text);
}

static int64_t number(const struct drvmem_cell *c)
{
	return c->type == DRVMEM_CELL_I64 ? c->i : (int64_t)c->u;
}

/* Every level adds up to its parent, and the first level to the total. */
static void expect_sums(const struct drvmem_grid *g, const char *key)
{
	int64_t sum[8] = { 0 }, total = 0, children;
	uint32_t i, k;

	for (i = 0; i < g->nr_rows; i++) {
		if (g->rows[i].kind == DRVMEM_ROW_TOTAL)
			total = number(cell(g, i, key));
		else if (!g->rows[i].depth && g->rows[i].kind != DRVMEM_ROW_FRAME)
			sum[0] += number(cell(g, i, key));
		if (g->rows[i].kind == DRVMEM_ROW_TOTAL || i + 1 == g->nr_rows ||
		    g->rows[i + 1].depth <= g->rows[i].depth)
			continue;
		for (children = 0, k = i + 1; k < g->nr_rows && g->rows[k].depth > g->rows[i].depth; k++)
			if (g->rows[k].depth == g->rows[i].depth + 1)
				children += number(cell(g, k, key));
		assert_int_equal(children, number(cell(g, i, key)));
	}
	assert_int_equal(sum[0], total);
}

static void expect_all_sums(const struct drvmem_grid *g)
{
	expect_sums(g, "live_bytes");
	expect_sums(g, "delta_bytes");
	expect_sums(g, "live_objects");
	expect_sums(g, "allocs");
	expect_sums(g, "frees");
	expect_sums(g, "waste_bytes");
	expect_sums(g, "failures");
}

static void owners_and_what_is_below_them(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_scope *v = fix_scope(NULL, s, NULL);
	struct drvmem_grid *g = report(v, DRVMEM_BY_OWNER, DRVMEM_SORT_LIVE, 0);

	(void)state;
	expect_rows(g, "0:kernel 1:net/core 2:__alloc_skb 3:skbuff_head_cache 3:kmalloc-64 "
		       "1:fs 2:getname_flags "
		       "0:e1000e#1 1:e1000_open+0x1f 1:usb_alloc_urb+0x2a [usbcore] "
		       "0:nvme 1:nvme_setup_cmd+0x4c 0:e1000e#7 1:e1000_probe+0x10 "
		       "0:drvmem 1:bpf_map_alloc+0x1 0:TOTAL ");
	expect_all_sums(g);
	assert_int_equal(cell(g, find(g, 1, "net/core"), "name")->flags, DRVMEM_CELL_GUESS);
	assert_int_equal(cell(g, find(g, 1, "fs"), "name")->flags, 0);
	drvmem_grid__free(g);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

static void figures_of_a_row(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_scope *v = fix_scope(NULL, s, NULL);
	struct drvmem_grid *g = report(v, DRVMEM_BY_OWNER, DRVMEM_SORT_LIVE, 0);
	uint32_t r = find(g, 0, "e1000e#1");

	(void)state;
	assert_string_equal(cell(g, r, "allocator")->s, "slab");
	assert_int_equal(cell(g, r, "cache")->type, DRVMEM_CELL_BLANK);
	assert_string_equal(cell(g, r + 1, "cache")->s, "kmalloc-256");
	assert_int_equal(cell(g, r, "live_bytes")->i, 43000);
	assert_int_equal(cell(g, r, "delta_bytes")->i, 43000);
	assert_int_equal(cell(g, r, "live_objects")->i, 250);
	assert_int_equal(cell(g, r, "allocs")->u, 350);
	assert_true(cell(g, r, "allocs_per_s")->d == 35.0);
	assert_int_equal(cell(g, r, "frees")->u, 100);
	assert_true(cell(g, r, "frees_per_s")->d == 10.0);
	assert_int_equal(cell(g, r, "peak_bytes")->u, 70000);
	assert_int_equal(cell(g, r, "bytes_per_alloc")->u, (300 * 200 + 50 * 60) / 350);
	assert_int_equal(cell(g, r, "waste_bytes")->i, 11400);
	assert_int_equal(cell(g, r, "failures")->u, 0);
	assert_int_equal(cell(g, r, "age_p50_ns")->u, 6 * FIX_S);
	r = find(g, 0, "nvme");
	assert_int_equal(cell(g, r, "age_p50_ns")->st, DRVMEM_ABSENT);
	drvmem_grid__free(g);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

/* What was cut is one row, and it still adds up; its peak would be a sum of peaks. */
static void cut_rows_are_summed(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_scope *v = fix_scope(NULL, s, NULL);
	struct drvmem_grid *g = report(v, DRVMEM_BY_OWNER, DRVMEM_SORT_LIVE, 2);
	uint32_t r = find(g, 0, "other (3)");

	(void)state;
	expect_all_sums(g);
	assert_int_equal(g->rows[r].kind, DRVMEM_ROW_OTHER);
	assert_int_equal(cell(g, r, "allocs")->u, 5000 + 10 + 2);
	assert_int_equal(cell(g, r, "peak_bytes")->st, DRVMEM_ABSENT);
	drvmem_grid__free(g);
	/* one row is never replaced by "other (1)" */
	g = report(v, DRVMEM_BY_OWNER, DRVMEM_SORT_LIVE, 4);
	find(g, 0, "drvmem");
	drvmem_grid__free(g);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

static void no_peak_where_no_counter_is(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_scope *v = fix_scope(NULL, s, NULL);
	struct drvmem_grid *g = report(v, DRVMEM_BY_OWNER, DRVMEM_SORT_LIVE, 0);

	(void)state;
	assert_int_equal(cell(g, find(g, 0, "kernel"), "peak_bytes")->u, 9000);
	assert_int_equal(cell(g, find(g, 1, "net/core"), "peak_bytes")->st, DRVMEM_ABSENT);
	assert_int_equal(cell(g, find(g, 2, "__alloc_skb"), "peak_bytes")->st, DRVMEM_ABSENT);
	assert_int_equal(cell(g, find(g, 3, "kmalloc-64"), "peak_bytes")->u, 900 * 64);
	assert_int_equal(cell(g, find(g, 0, "TOTAL"), "peak_bytes")->st, DRVMEM_ABSENT);
	drvmem_grid__free(g);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

/* (call site, owner, cache ...): the same function in two caches is two sites. */
static void test_definition_site(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_scope *v = fix_scope(NULL, s, NULL);
	struct drvmem_grid *g = report(v, DRVMEM_BY_SITE, DRVMEM_SORT_NAME, 0);

	(void)state;
	expect_rows(g, "0:__alloc_skb+0x8c 0:__alloc_skb+0xd0 0:bpf_map_alloc+0x1 "
		       "0:e1000_open+0x1f 0:e1000_probe+0x10 0:getname_flags+0x4e "
		       "0:nvme_setup_cmd+0x4c 0:usb_alloc_urb+0x2a [usbcore] 0:TOTAL ");
	assert_string_equal(cell(g, 4, "owner")->s, "e1000e#7");
	assert_string_equal(cell(g, 0, "owner")->s, "kernel");
	expect_all_sums(g);
	drvmem_grid__free(g);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

static void by_cache(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_scope *v = fix_scope(NULL, s, NULL);
	struct drvmem_grid *g = report(v, DRVMEM_BY_CACHE, DRVMEM_SORT_LIVE, 0);

	(void)state;
	expect_rows(g, "0:skbuff_head_cache 1:kernel 0:kmalloc-256 1:e1000e#1 1:nvme "
		       "0:kmalloc-64 1:e1000e#1 1:kernel 1:e1000e#7 1:drvmem 0:TOTAL ");
	expect_all_sums(g);
	/* all of nvme is in this cache, only a part of e1000e#1 */
	assert_int_equal(cell(g, find(g, 1, "nvme"), "peak_bytes")->u, 4000);
	assert_int_equal(cell(g, 3, "peak_bytes")->u, 300 * 200);	/* one site: its own peak */
	drvmem_grid__free(g);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

static void by_stack(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_scope *v = fix_scope(NULL, s, NULL);
	struct drvmem_grid *g = report(v, DRVMEM_BY_STACK, DRVMEM_SORT_LIVE, 2);

	(void)state;
	expect_rows(g, "0:__alloc_skb+0x8c 1:stack, 8 samples 2:__alloc_skb+0x8c 2:vfs_write+0xc4 "
		       "2:entry_SYSCALL_64_after_hwframe+0x76 "
		       "0:e1000_open+0x1f 1:stack, 9 samples 2:e1000_open+0x1f [e1000e] "
		       "2:vfs_write+0xc4 2:entry_SYSCALL_64_after_hwframe+0x76 1:stack, 3 samples "
		       "2:e1000_open+0x1f [e1000e] 2:vfs_write+0xc4 "
		       "2:entry_SYSCALL_64_after_hwframe+0x76 0:other (6) 0:TOTAL ");
	drvmem_grid__free(g);
	drvmem_scope__free(v);
	for (uint64_t i = 1; i <= 9; i++)
		fix_stack(s, fix_find(s, "nvme_setup_cmd+0x4c"), "x", i);
	v = fix_scope(NULL, s, NULL);
	for (uint32_t top = 0; top <= 20; top += 20) {
		uint32_t frames = 0;

		g = report(v, DRVMEM_BY_STACK, DRVMEM_SORT_LIVE, top);
		for (uint32_t i = 0; i < g->nr_rows; i++)
			frames += g->rows[i].kind == DRVMEM_ROW_FRAME;
		/* of each site the three sampled most, or all; a stack has 3 frames and a head */
		assert_int_equal(frames, top ? (1 + 2 + 3) * 4 : (1 + 2 + 9) * 4);
		drvmem_grid__free(g);
	}
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

static void sort_keys(void **state)
{
	static const struct {
		enum drvmem_sort sort;
		const char *first;
	} c[] = {
		{ DRVMEM_SORT_LIVE, "kernel" }, { DRVMEM_SORT_GROWTH, "kernel" },
		{ DRVMEM_SORT_RATE, "nvme" }, { DRVMEM_SORT_PEAK, "e1000e#1" },
		{ DRVMEM_SORT_ALLOCS, "nvme" }, { DRVMEM_SORT_FREES, "nvme" },
		{ DRVMEM_SORT_OBJECTS, "kernel" }, { DRVMEM_SORT_WASTE, "kernel" },
		{ DRVMEM_SORT_FAILURES, "e1000e#7" }, { DRVMEM_SORT_AGE, "kernel" },
		{ DRVMEM_SORT_MAPPED, "drvmem" }, { DRVMEM_SORT_NAME, "drvmem" },
	};
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_scope *v = fix_scope(NULL, s, NULL);
	struct drvmem_grid *g;

	(void)state;
	assert_int_equal(UNIT_NR(c), DRVMEM_NR_SORTS);
	for (size_t i = 0; i < UNIT_NR(c); i++) {
		g = report(v, DRVMEM_BY_OWNER, c[i].sort, 0);
		assert_string_equal(cell(g, 0, "name")->s, c[i].first);
		drvmem_grid__free(g);
	}
	for (size_t i = 0; i < DRVMEM_NR_SORTS; i++)
		assert_non_null(drvmem_sort_names[i]);
	assert_null(drvmem_sort_names[DRVMEM_NR_SORTS]);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

/* What is mapped has columns of its own, and a row of mappings alone no figures of memory. */
static void mappings_are_apart(void **state)
{
	struct drvmem_snapshot *s = fix_new();
	struct drvmem_scope *v;
	struct drvmem_grid *g;
	uint32_t m, t;

	(void)state;
	fix_cache(s, "kmalloc-64", 64, false);
	fix_cache(s, "0000:00:04.0", 0, false);
	m = fix_module(s, "drv", 1, 5000);
	fix_site(s, m, 0, "alloc+0x1", 10, 0, 50);
	v = fix_scope(NULL, s, NULL);
	g = report(v, DRVMEM_BY_OWNER, DRVMEM_SORT_LIVE, 0);
	assert_null(drvmem_grid__cell(g, 0, "mapped_bytes"));
	drvmem_grid__free(g);
	drvmem_scope__free(v);

	t = fix_site(s, m, 1, "map+0x1", 5, 1, 3000);
	s->sites[t].allocator = DRVMEM_MAP_DMA;
	v = fix_scope(NULL, s, NULL);
	g = report(v, DRVMEM_BY_OWNER, DRVMEM_SORT_LIVE, 0);
	assert_int_equal(cell(g, 0, "live_bytes")->i, 500);
	assert_int_equal(cell(g, 0, "allocs")->u, 10);
	assert_int_equal(cell(g, 0, "mappings")->i, 4);
	assert_int_equal(cell(g, 0, "mapped_bytes")->i, 12000);
	assert_string_equal(cell(g, 0, "allocator")->s, "slab,dma_map");
	assert_string_equal(cell(g, 2, "name")->s, "map+0x1");
	assert_int_equal(cell(g, 2, "live_bytes")->type, DRVMEM_CELL_BLANK);
	assert_int_equal(cell(g, 2, "allocs")->u, 5);
	assert_int_equal(cell(g, 2, "mapped_bytes")->i, 12000);
	assert_int_equal(cell(g, 1, "mapped_bytes")->type, DRVMEM_CELL_BLANK);
	drvmem_grid__free(g);

	s->syncs = calloc(1, sizeof(*s->syncs));
	assert_non_null(s->syncs);
	s->syncs[s->nr_syncs++] = (struct drvmem_device_syncs){ "0000:00:04.0", 5, 6 };
	s->meta.traced |= 1u << DRVMEM_MAP_DMA;
	g = report(v, DRVMEM_BY_DEVICE, DRVMEM_SORT_LIVE, 0);
	assert_int_equal(cell(g, 0, "syncs")->u, 11);
	assert_string_equal(cell(g, 0, "name")->s, "0000:00:04.0");
	assert_int_equal(cell(g, 0, "mapped_bytes")->i, 12000);
	drvmem_grid__free(g);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

/* Rows of equal rank come by name, then as the snapshot has them: always the same table. */
static void equal_rows_have_an_order(void **state)
{
	static const char *const names[] = { "d", "b", "b", "c", "a", "b" };
	struct drvmem_snapshot *s = fix_new();
	struct drvmem_scope *v;
	struct drvmem_grid *g;

	(void)state;
	fix_cache(s, "c", 64, false);
	for (size_t i = 0; i < UNIT_NR(names); i++) {
		fix_site(s, 0, 0, names[i], 10, 0, 64);
		s->sites[i].peak_bytes.v = i;
	}
	v = fix_scope(NULL, s, NULL);
	g = report(v, DRVMEM_BY_SITE, DRVMEM_SORT_LIVE, 0);
	expect_rows(g, "0:a 0:b 0:b 0:b 0:c 0:d 0:TOTAL ");
	assert_int_equal(cell(g, 1, "peak_bytes")->u, 1);
	assert_int_equal(cell(g, 2, "peak_bytes")->u, 2);
	assert_int_equal(cell(g, 3, "peak_bytes")->u, 5);
	drvmem_grid__free(g);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

static void several_allocators_are_named(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_scope *v;
	struct drvmem_grid *g;

	(void)state;
	s->sites[0].allocator = DRVMEM_ALLOC_PAGE;
	s->sites[3].allocator = DRVMEM_ALLOC_DMA;
	v = fix_scope(NULL, s, NULL);
	g = report(v, DRVMEM_BY_OWNER, DRVMEM_SORT_LIVE, 0);
	assert_string_equal(cell(g, find(g, 0, "e1000e#1"), "allocator")->s, "slab,page");
	assert_string_equal(cell(g, find(g, 0, "TOTAL"), "allocator")->s, "slab,page,dma");
	drvmem_grid__free(g);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

/* A device's buffers of two sizes are one row; what is no buffer is in none, nor in the total. */
static void by_device(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_scope *v;
	struct drvmem_grid *g;
	int64_t bytes;

	(void)state;
	s->caches[s->sites[0].cache].name = s->caches[s->sites[3].cache].name =
		drvmem_snapshot__str(s, "0000:00:1f.6");
	s->sites[0].allocator = s->sites[3].allocator = DRVMEM_ALLOC_DMA;
	bytes = s->sites[0].c.live_bytes + s->sites[3].c.live_bytes;
	v = fix_scope(NULL, s, NULL);
	g = report(v, DRVMEM_BY_DEVICE, DRVMEM_SORT_LIVE, 0);
	assert_int_equal(cell(g, find(g, 0, "0000:00:1f.6"), "live_bytes")->i, bytes);
	assert_int_equal(cell(g, find(g, 0, "TOTAL"), "live_bytes")->i, bytes);
	assert_string_equal(cell(g, find(g, 0, "TOTAL"), "allocator")->s, "dma");
	drvmem_grid__free(g);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

static void losses_mark_totals_as_lower_bounds(void **state)
{
	static const char *const keys[] = { "live_bytes", "live_objects", "allocs", "frees",
					    "allocs_per_s", "failures", "waste_bytes" };
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_scope *v;
	struct drvmem_grid *g;

	(void)state;
	s->loss.table_full = 1;
	v = fix_scope(NULL, s, NULL);
	g = report(v, DRVMEM_BY_OWNER, DRVMEM_SORT_LIVE, 0);
	for (size_t i = 0; i < UNIT_NR(keys); i++) {
		assert_true(cell(g, find(g, 0, "TOTAL"), keys[i])->flags & DRVMEM_CELL_LOWER);
		assert_true(cell(g, find(g, 0, "nvme"), keys[i])->flags & DRVMEM_CELL_LOWER);
	}
	assert_int_equal(cell(g, find(g, 1, "nvme_setup_cmd+0x4c"), "allocs")->flags, 0);
	drvmem_grid__free(g);
	drvmem_scope__free(v);
	s->loss.table_full = 0;
	v = fix_scope(NULL, s, NULL);
	g = report(v, DRVMEM_BY_OWNER, DRVMEM_SORT_LIVE, 0);
	for (uint32_t i = 0; i < g->nr_rows; i++)
		assert_int_equal(cell(g, i, "allocs")->flags, 0);
	drvmem_grid__free(g);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

static void unseen_frees_mark_upper_bounds(void **state)
{
	struct drvmem_snapshot *prev = fix_machine(), *s = fix_machine();
	struct drvmem_scope *v = fix_scope(NULL, s, NULL);
	struct drvmem_grid *g = report(v, DRVMEM_BY_OWNER, DRVMEM_SORT_LIVE, 0);
	uint32_t r = find(g, 3, "skbuff_head_cache");

	(void)state;
	assert_int_equal(cell(g, r, "live_bytes")->flags, DRVMEM_CELL_UPPER);
	assert_int_equal(cell(g, r, "delta_bytes")->flags, DRVMEM_CELL_UPPER);
	assert_int_equal(cell(g, r, "allocs")->flags, 0);
	assert_int_equal(cell(g, r + 1, "live_bytes")->flags, 0);
	drvmem_grid__free(g);
	drvmem_scope__free(v);
	/* the difference of two upper bounds bounds nothing */
	v = fix_scope(prev, s, NULL);
	g = report(v, DRVMEM_BY_OWNER, DRVMEM_SORT_LIVE, 0);
	assert_int_equal(cell(g, r, "delta_bytes")->flags, DRVMEM_CELL_GUESS);
	drvmem_grid__free(g);
	drvmem_scope__free(v);
	/* nothing is less than nothing */
	s->sites[fix_find(s, "__alloc_skb+0x8c")].c.live_bytes = 0;
	v = fix_scope(NULL, s, NULL);
	g = report(v, DRVMEM_BY_SITE, DRVMEM_SORT_NAME, 0);
	assert_int_equal(cell(g, 0, "live_bytes")->flags, 0);
	drvmem_grid__free(g);
	drvmem_scope__free(v);
	drvmem_snapshot__free(prev);
	drvmem_snapshot__free(s);
}

static void a_negative_sum_is_shown_and_marked(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_scope *v = fix_scope(NULL, s, NULL);
	struct drvmem_grid *g;
	uint32_t r;

	(void)state;
	s->sites[fix_find(s, "nvme_setup_cmd+0x4c")].c.live_bytes = -250;
	s->sites[fix_find(s, "nvme_setup_cmd+0x4c")].c.live_objects = -1;
	g = report(v, DRVMEM_BY_OWNER, DRVMEM_SORT_LIVE, 0);
	r = find(g, 0, "nvme");
	assert_int_equal(cell(g, r, "live_bytes")->i, -250);
	assert_int_equal(cell(g, r, "live_bytes")->flags, DRVMEM_CELL_GUESS);
	assert_int_equal(cell(g, r, "live_objects")->flags, DRVMEM_CELL_GUESS);
	drvmem_grid__free(g);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

/* A missing number is not zero. */
static void missing_numbers_stay_missing(void **state)
{
	struct drvmem_snapshot *s = fix_new();
	struct drvmem_scope *v;
	struct drvmem_grid *g;
	uint32_t t;

	(void)state;
	fix_cache(s, "", 0, false);
	s->caches[0].kind = DRVMEM_CLASS_NONE;
	t = fix_site(s, 0, 0, "f+0x1", 0, 0, 8);
	s->sites[t].c.live_objects = 1;
	s->sites[t].c.live_bytes = 8;
	s->sites[t].peak_bytes.st = DRVMEM_ABSENT;
	s->instances[0].peak_bytes.st = DRVMEM_ABSENT;
	s->meta.taken_ns = s->meta.started_ns;
	v = fix_scope(NULL, s, NULL);
	g = report(v, DRVMEM_BY_OWNER, DRVMEM_SORT_LIVE, 0);
	assert_int_equal(cell(g, 0, "waste_bytes")->st, DRVMEM_ABSENT);
	assert_int_equal(cell(g, 0, "peak_bytes")->st, DRVMEM_ABSENT);
	assert_int_equal(cell(g, 0, "bytes_per_alloc")->st, DRVMEM_ABSENT);
	assert_int_equal(cell(g, 0, "allocs_per_s")->st, DRVMEM_ABSENT);
	assert_int_equal(cell(g, 0, "age_p50_ns")->st, DRVMEM_ABSENT);
	assert_int_equal(cell(g, 0, "failures")->st, DRVMEM_OK);
	assert_string_equal(cell(g, 1, "name")->s, "vmlinux");	/* a component that is not known */
	drvmem_grid__free(g);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

static void no_owner_at_all(void **state)
{
	struct drvmem_snapshot *s = fix_new();
	struct drvmem_scope *v = fix_scope(NULL, s, NULL);

	(void)state;
	for (int by = DRVMEM_BY_OWNER; by <= DRVMEM_BY_STACK; by++) {
		struct drvmem_grid *g = report(v, (enum drvmem_by)by, DRVMEM_SORT_LIVE, 10);

		expect_rows(g, "0:TOTAL ");
		assert_int_equal(cell(g, 0, "live_bytes")->i, 0);
		drvmem_grid__free(g);
	}
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

static void five_thousand_owners(void **state)
{
	struct drvmem_snapshot *s = fix_new();
	struct drvmem_scope *v;
	struct drvmem_grid *g;
	char name[32];

	(void)state;
	fix_cache(s, "kmalloc-64", 64, false);
	for (uint32_t i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "mod%04u", i);
		fix_site(s, fix_module(s, name, i + 1, 1), 0, "f+0x1", i + 1, 1, 60);
	}
	v = fix_scope(NULL, s, NULL);
	g = report(v, DRVMEM_BY_OWNER, DRVMEM_SORT_LIVE, 10);
	assert_string_equal(cell(g, 0, "name")->s, "mod4999");
	find(g, 0, "other (4990)");
	expect_all_sums(g);
	drvmem_grid__free(g);
	g = report(v, DRVMEM_BY_OWNER, DRVMEM_SORT_NAME, 0);
	assert_int_equal(g->nr_rows, 10001);
	expect_all_sums(g);
	drvmem_grid__free(g);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(owners_and_what_is_below_them),
		cmocka_unit_test(figures_of_a_row),
		cmocka_unit_test(cut_rows_are_summed),
		cmocka_unit_test(no_peak_where_no_counter_is),
		cmocka_unit_test(test_definition_site),
		cmocka_unit_test(by_cache),
		cmocka_unit_test(by_stack),
		cmocka_unit_test(by_device),
		cmocka_unit_test(sort_keys),
		cmocka_unit_test(mappings_are_apart),
		cmocka_unit_test(equal_rows_have_an_order),
		cmocka_unit_test(several_allocators_are_named),
		cmocka_unit_test(losses_mark_totals_as_lower_bounds),
		cmocka_unit_test(unseen_frees_mark_upper_bounds),
		cmocka_unit_test(a_negative_sum_is_shown_and_marked),
		cmocka_unit_test(missing_numbers_stay_missing),
		cmocka_unit_test(no_owner_at_all),
		cmocka_unit_test(five_thousand_owners),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
