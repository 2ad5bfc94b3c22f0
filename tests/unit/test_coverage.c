// SPDX-License-Identifier: GPL-2.0-or-later
#include "fixture.h"
#include "jsoncheck.h"

#include "analysis/coverage.h"
#include "render/coverage.h"
#include "view/coverage.h"

/* 4 objects to a slab, 2 CPUs without partial lists: the kernel may count 8 free ones as in use. */
#define SLACK 8


static void add_slab(struct drvmem_snapshot *s, unsigned int from, unsigned int to, const char *name,
		     uint64_t active)
{
	unsigned int when;

	for (when = from; when <= to; when++) {
		struct drvmem_reading *r = s->kernel[when];
		struct drvmem_slab_reading row = { .active = active, .total = active, .objs_per_slab = 4,
						   .cpu_partial = { 0, DRVMEM_OK },
						   .sheaf_capacity = { 0, DRVMEM_ABSENT } };

		snprintf(row.name, sizeof(row.name), "%s", name);
		fix_push(r->slabs, r->nr_slabs, row);
		drvmem_reading__seal(r);
	}
}

/* active at the start, and now */
static void kernel_has(struct drvmem_snapshot *s, const char *name, uint64_t start, uint64_t now)
{
	add_slab(s, DRVMEM_AT_START, DRVMEM_AFTER_START, name, start);
	add_slab(s, DRVMEM_AT_SNAPSHOT, DRVMEM_AFTER_SNAPSHOT, name, now);
}

static struct drvmem_snapshot *world(void)
{
	struct drvmem_snapshot *s = fix_new();
	unsigned int when;

	for (when = 0; when < DRVMEM_NR_WHEN; when++) {
		s->kernel[when] = drvmem_reading__new();
		assert_non_null(s->kernel[when]);
		s->kernel[when]->nr_cpus = 2;
		s->kernel[when]->nr_nodes = 1;
		s->kernel[when]->cpu_slabs = true;
		s->kernel[when]->mem[DRVMEM_MEM_PERCPU] = (struct drvmem_u64){ 2 << 20, DRVMEM_OK };
	}
	s->meta.traced = 1u << DRVMEM_ALLOC_SLAB | 1u << DRVMEM_ALLOC_VMALLOC | 1u << DRVMEM_ALLOC_PERCPU;
	return s;
}

static uint32_t traced(struct drvmem_snapshot *s, const char *cache, enum drvmem_class_kind kind,
		       uint64_t allocs, uint64_t frees)
{
	uint32_t c = fix_cache(s, cache, 128, false);

	s->caches[c].kind = kind;
	return fix_site(s, 0, c, "f+0x1", allocs, frees, 100);
}

static const struct drvmem_coverage_row *row_of(const struct drvmem_coverage *c, const char *name)
{
	uint32_t i;

	for (i = 0; i < c->nr_rows; i++)
		if (!strcmp(c->rows[i].name, name))
			return &c->rows[i];
	fail_msg("no row %s", name);
	return NULL;
}

static struct drvmem_coverage *judged(const struct drvmem_snapshot *s)
{
	struct drvmem_coverage *c = NULL;

	assert_int_equal(drvmem_coverage__new(s, &c), 0);
	assert_non_null(c);
	return c;
}

static void done(struct drvmem_coverage *c, struct drvmem_snapshot *s)
{
	drvmem_coverage__free(c);
	drvmem_snapshot__free(s);
}

/* Verdict of a cache with so much traced, of which the kernel says start and now. */
static struct drvmem_coverage_row verdict(uint64_t live, uint64_t start, uint64_t now, uint64_t unmatched,
					  uint64_t lost)
{
	struct drvmem_snapshot *s = world();
	struct drvmem_coverage_row row;
	struct drvmem_coverage *c;

	traced(s, "own", DRVMEM_CLASS_CACHE, live + 5, 5);
	kernel_has(s, "own", start, now);
	s->loss.unmatched_frees = unmatched;
	s->loss.table_full = lost;
	c = judged(s);
	row = *row_of(c, "own");
	done(c, s);
	return row;
}

static void within_what_cpus_keep(void **state)
{
	struct drvmem_coverage_row r = verdict(100, 1000, 1100 + SLACK, 0, 0);

	(void)state;
	assert_int_equal(r.verdict, DRVMEM_EXPLAINED);
	assert_int_equal(r.difference, SLACK);
	assert_int_equal(r.slack.v, SLACK);
	assert_int_equal(verdict(100, 1000, 1100 - SLACK, 0, 0).verdict, DRVMEM_EXPLAINED);
	r = verdict(100, 1000, 1100 + SLACK + 1, 0, 0);
	assert_int_equal(r.verdict, DRVMEM_UNEXPLAINED);
	assert_int_equal(r.unexplained, 1);
	r = verdict(100, 1000, 1100 - SLACK - 3, 0, 0);
	assert_int_equal(r.verdict, DRVMEM_UNEXPLAINED);
	assert_int_equal(r.unexplained, 3);
}

/* No more can have been kept than there was. */
static void a_cache_that_was_empty_kept_nothing(void **state)
{
	(void)state;
	assert_int_equal(verdict(100, 0, 100, 0, 0).verdict, DRVMEM_EXPLAINED);
	assert_int_equal(verdict(100, 0, 99, 0, 0).verdict, DRVMEM_UNEXPLAINED);
	assert_int_equal(verdict(100, 2, 100, 0, 0).verdict, DRVMEM_EXPLAINED);
	assert_int_equal(verdict(100, 2, 99, 0, 0).verdict, DRVMEM_UNEXPLAINED);
	assert_int_equal(verdict(0, 1000, 0, 1000, 0).verdict, DRVMEM_EXPLAINED);
}

static void frees_of_older_objects_explain_what_went_only(void **state)
{
	struct drvmem_coverage_row r = verdict(0, 1000, 500, 500 - SLACK, 0);

	(void)state;
	assert_int_equal(r.verdict, DRVMEM_EXPLAINED);
	assert_int_equal(r.older_needed, 500 - SLACK);
	r = verdict(0, 1000, 500, 400, 0);
	assert_int_equal(r.verdict, DRVMEM_UNEXPLAINED);
	assert_int_equal(r.unexplained, 100 - SLACK);
	assert_int_equal(verdict(0, 1000, 1500, 5000, 0).verdict, DRVMEM_UNEXPLAINED);
}

static void losses_explain_both_ways(void **state)
{
	(void)state;
	assert_int_equal(verdict(0, 1000, 1500, 0, 492).verdict, DRVMEM_EXPLAINED);
	assert_int_equal(verdict(0, 1000, 1500, 0, 491).verdict, DRVMEM_UNEXPLAINED);
	assert_int_equal(verdict(0, 1000, 500, 0, 492).verdict, DRVMEM_EXPLAINED);
}

/* Each of two rows may take the 100 counted, but not both. */
static void all_rows_together_are_held_against_the_count(void **state)
{
	_cleanup_strbuf_ struct drvmem_strbuf line = {0};
	struct drvmem_snapshot *s = world();
	struct drvmem_coverage *c;

	(void)state;
	kernel_has(s, "a", 1000, 892);
	kernel_has(s, "b", 1000, 892);
	s->loss.unmatched_frees = 100;
	c = judged(s);
	assert_int_equal(c->nr_caches, 2);
	assert_int_equal(c->nr_explained, 2);
	assert_int_equal(c->older_needed, 200);
	drvmem_coverage__summary(c, &line);
	assert_non_null(strstr(drvmem_strbuf__str(&line), "200 needed by all caches, 100 counted"));
	done(c, s);
}

static void rcu_and_the_moment_widen_the_bounds(void **state)
{
	struct drvmem_snapshot *s = world();
	uint32_t site = traced(s, "own", DRVMEM_CLASS_CACHE, 50, 50);
	struct drvmem_coverage *c;

	(void)state;
	kernel_has(s, "own", 1000, 1000 + SLACK + 50 + 7);
	s->sites[site].c.rcu_pending = 50;
	c = judged(s);
	assert_int_equal(row_of(c, "own")->unexplained, 7);
	drvmem_coverage__free(c);
	s->kernel[DRVMEM_AT_START]->slabs[0].active -= 4;
	s->kernel[DRVMEM_AFTER_SNAPSHOT]->slabs[0].active += 3;
	c = judged(s);
	assert_int_equal(row_of(c, "own")->moment, 7);
	assert_int_equal(row_of(c, "own")->verdict, DRVMEM_EXPLAINED);
	done(c, s);
}

/* The kernel lists a merged cache under one name; a tracked one may have another of its names. */
static void merged_caches_are_one_row(void **state)
{
	struct drvmem_snapshot *s = world();
	struct drvmem_coverage *c;

	(void)state;
	traced(s, "ours", DRVMEM_CLASS_CACHE, 60, 0);
	s->caches[0].aliases = drvmem_snapshot__str(s, "other,first,more");
	traced(s, "first", DRVMEM_CLASS_CACHE, 40, 0);
	kernel_has(s, "first", 10, 110);
	c = judged(s);
	assert_int_equal(c->nr_caches, 1);
	assert_int_equal(row_of(c, "first")->tracked, 100);
	assert_int_equal(row_of(c, "first")->difference, 0);
	done(c, s);
}

static void kmalloc_types_are_one_row(void **state)
{
	struct drvmem_snapshot *s = world();
	struct drvmem_coverage *c;

	(void)state;
	traced(s, "kmalloc-64", DRVMEM_CLASS_KMALLOC, 100, 0);
	traced(s, "kmalloc-cg-64", DRVMEM_CLASS_CACHE, 5, 0);	/* a cache merged with it */
	kernel_has(s, "kmalloc-64", 10, 20);
	kernel_has(s, "kmalloc-cg-64", 10, 50);
	kernel_has(s, "kmalloc-rnd-07-64", 10, 55);
	kernel_has(s, "msg_msg-64", 0, 10);
	kernel_has(s, "kmalloc-1k", 0, 0);
	c = judged(s);
	assert_int_equal(c->nr_caches, 2);
	assert_int_equal(row_of(c, "kmalloc-64")->tracked, 105);
	assert_int_equal(row_of(c, "kmalloc-64")->difference, 0);
	assert_int_equal(row_of(c, "kmalloc-64")->slack.v, 4 * SLACK);
	assert_int_equal(drvmem_kmalloc_size("dma-kmalloc-8k"), 8192);
	assert_int_equal(drvmem_kmalloc_size("kmalloc-rcl-96"), 96);
	assert_int_equal(drvmem_kmalloc_size("kmalloc-"), 0);
	assert_int_equal(drvmem_kmalloc_size("kmalloc-64x"), 0);
	assert_int_equal(drvmem_kmalloc_size("bio-64"), 0);
	done(c, s);
}

static void caches_come_and_go(void **state)
{
	struct drvmem_snapshot *s = world();
	struct drvmem_coverage *c;

	(void)state;
	traced(s, "new", DRVMEM_CLASS_CACHE, 20, 0);
	add_slab(s, DRVMEM_AT_SNAPSHOT, DRVMEM_AFTER_SNAPSHOT, "new", 24);
	add_slab(s, DRVMEM_AT_START, DRVMEM_AFTER_START, "gone", 30);
	traced(s, "short", DRVMEM_CLASS_CACHE, 20, 20);
	traced(s, "lost", DRVMEM_CLASS_CACHE, 20, 13);
	s->loss.unmatched_frees = 30;
	c = judged(s);
	assert_int_equal(c->nr_caches, 4);
	assert_int_equal(row_of(c, "new")->verdict, DRVMEM_EXPLAINED);
	assert_int_equal(row_of(c, "gone")->difference, -30);
	assert_int_equal(row_of(c, "gone")->verdict, DRVMEM_EXPLAINED);
	assert_int_equal(row_of(c, "short")->verdict, DRVMEM_EXPLAINED);
	/* live by the trace, but its cache is not there any more: only older frees may cover it */
	assert_int_equal(row_of(c, "lost")->older_needed, 7);
	drvmem_coverage__free(c);
	s->loss.unmatched_frees = 0;
	c = judged(s);
	assert_int_equal(row_of(c, "lost")->unexplained, 7);
	done(c, s);
}

static void long_names_meet(void **state)
{
	struct drvmem_snapshot *s = world();
	struct drvmem_coverage *c;

	(void)state;
	/* what was traced has 39 characters of it */
	traced(s, "a_cache_with_a_very_long_name_that_is_cu", DRVMEM_CLASS_CACHE, 20, 0);
	kernel_has(s, "a_cache_with_a_very_long_name_that_is_cut_off", 0, 20);
	c = judged(s);
	assert_int_equal(c->nr_caches, 1);
	assert_int_equal(c->nr_explained, 1);
	done(c, s);
}

static void missing_counts_are_not_zero(void **state)
{
	struct drvmem_snapshot *s = world();
	struct drvmem_coverage *c;
	unsigned int when;

	(void)state;
	traced(s, "own", DRVMEM_CLASS_CACHE, 20, 0);
	for (when = 0; when < DRVMEM_NR_WHEN; when++)
		s->kernel[when]->slabs_st = DRVMEM_DENIED;
	for (when = 0; when < DRVMEM_NR_WHEN; when++)
		s->kernel[when]->areas_st = DRVMEM_DENIED;
	for (when = 0; when < DRVMEM_NR_WHEN; when++)
		s->kernel[when]->mem[DRVMEM_MEM_VMALLOC_USED].st = DRVMEM_ABSENT;
	s->kernel[DRVMEM_AT_SNAPSHOT]->mem[DRVMEM_MEM_PERCPU].st = DRVMEM_ABSENT;
	c = judged(s);
	assert_int_equal(row_of(c, "own")->verdict, DRVMEM_NOT_ALLOWED);
	assert_int_equal(row_of(c, "kmalloc-large")->verdict, DRVMEM_NOT_ALLOWED);
	assert_int_equal(row_of(c, "vmalloc")->verdict, DRVMEM_NOT_THERE);
	assert_int_equal(row_of(c, "percpu")->verdict, DRVMEM_NOT_THERE);
	assert_int_equal(c->nr_explained, 0);
	assert_string_equal(row_of(c, "page")->why, "pages are not traced");
	assert_int_equal(row_of(c, "page")->verdict, DRVMEM_NOT_THERE);
	assert_int_equal(row_of(c, "dma")->verdict, DRVMEM_NOT_THERE);
	done(c, s);
}

static void without_its_layout_a_cache_has_no_slack(void **state)
{
	struct drvmem_snapshot *s = world();
	struct drvmem_coverage *c;

	(void)state;
	kernel_has(s, "own", 100, 101);
	s->kernel[DRVMEM_AT_SNAPSHOT]->slabs[0].cpu_partial.st = DRVMEM_DENIED;
	c = judged(s);
	assert_int_equal(row_of(c, "own")->verdict, DRVMEM_UNEXPLAINED);
	assert_int_equal(row_of(c, "own")->slack.st, DRVMEM_DENIED);
	done(c, s);
}

static void filtered_and_sampled_sessions_are_not_comparable(void **state)
{
	struct drvmem_snapshot *s = world();
	struct drvmem_coverage *c;
	unsigned int i;

	(void)state;
	traced(s, "own", DRVMEM_CLASS_CACHE, 20, 0);
	kernel_has(s, "own", 0, 20);
	for (i = 0; i < 3; i++) {
		s->meta.min_size = i == 0 ? 100 : 0;
		s->meta.only = i == 1;
		s->meta.sampled = i == 2;
		c = judged(s);
		assert_int_equal(row_of(c, "own")->verdict, DRVMEM_NOT_COMPARABLE);
		assert_int_equal(row_of(c, "vmalloc")->verdict, DRVMEM_NOT_COMPARABLE);
		assert_true(row_of(c, "own")->why[0]);
		assert_int_equal(c->nr_explained, 0);
		assert_int_equal(c->older.st, i ? DRVMEM_ABSENT : DRVMEM_OK);
		drvmem_coverage__free(c);
	}
	drvmem_snapshot__free(s);
}

static void unknown_caches_spoil_named_ones(void **state)
{
	struct drvmem_snapshot *s = world();
	struct drvmem_coverage *c;

	(void)state;
	traced(s, "(unknown cache)", DRVMEM_CLASS_NONE, 20, 0);
	traced(s, "kmalloc-64", DRVMEM_CLASS_KMALLOC, 20, 0);
	kernel_has(s, "own", 0, 20);
	kernel_has(s, "kmalloc-64", 0, 20);
	c = judged(s);
	assert_int_equal(row_of(c, "own")->verdict, DRVMEM_NOT_COMPARABLE);
	assert_int_equal(row_of(c, "kmalloc-64")->verdict, DRVMEM_EXPLAINED);
	done(c, s);
}

static void set_areas(struct drvmem_snapshot *s, unsigned int from, unsigned int to, uint64_t id,
		      uint64_t pages)
{
	unsigned int when;

	for (when = from; when <= to; when++) {
		fix_push(s->kernel[when]->areas, s->kernel[when]->nr_areas,
			 (struct drvmem_area_reading){ id, pages });
		s->kernel[when]->area_pages += pages;
	}
}

static void vmalloc_is_exact(void **state)
{
	struct drvmem_snapshot *s = world();
	uint32_t site = traced(s, "vmalloc", DRVMEM_CLASS_VMALLOC, 3, 1);
	struct drvmem_coverage *c;

	(void)state;
	s->sites[site].allocator = DRVMEM_ALLOC_VMALLOC;
	s->sites[site].c.held_bytes = 10 * 4096;
	set_areas(s, DRVMEM_AT_START, DRVMEM_AFTER_SNAPSHOT, 1, 100);
	set_areas(s, DRVMEM_AT_START, DRVMEM_AFTER_START, 2, 7);	/* older, freed meanwhile */
	set_areas(s, DRVMEM_AT_SNAPSHOT, DRVMEM_AFTER_SNAPSHOT, 3, 10);
	c = judged(s);
	assert_int_equal(row_of(c, "vmalloc")->verdict, DRVMEM_EXPLAINED);
	assert_int_equal(row_of(c, "vmalloc")->older_gone, 7 * 4096);
	assert_int_equal(row_of(c, "vmalloc")->difference, -7 * 4096);
	drvmem_coverage__free(c);
	s->sites[site].c.held_bytes += 4096;	/* one page that the kernel does not know */
	c = judged(s);
	assert_int_equal(row_of(c, "vmalloc")->verdict, DRVMEM_UNEXPLAINED);
	assert_int_equal(row_of(c, "vmalloc")->unexplained, 4096);
	drvmem_coverage__free(c);
	s->meta.traced = 1u << DRVMEM_ALLOC_SLAB;
	c = judged(s);
	assert_string_equal(row_of(c, "vmalloc")->why, "vmalloc is not traced");
	done(c, s);
}

static void large_blocks_are_what_meminfo_has_beyond_the_caches(void **state)
{
	struct drvmem_snapshot *s = world();
	uint32_t site = traced(s, "kmalloc-large-16k", DRVMEM_CLASS_LARGE, 300, 0);
	const uint64_t lag = 4 * 125 * 2 * 4096, taken = 300 * 16384;
	struct drvmem_coverage *c;
	unsigned int when;

	(void)state;
	s->sites[site].c.held_bytes = 300 * 16384;
	kernel_has(s, "own", 4, 8);
	for (when = 0; when < DRVMEM_NR_WHEN; when++) {
		s->kernel[when]->slabs[0].slab_bytes = when < DRVMEM_AT_SNAPSHOT ? 4096 : 8192;
		s->kernel[when]->mem[DRVMEM_MEM_SUNRECLAIM] = (struct drvmem_u64){
			1 << 20, DRVMEM_OK };
		s->kernel[when]->mem[DRVMEM_MEM_SRECLAIMABLE] = (struct drvmem_u64){
			when < DRVMEM_AT_SNAPSHOT ? 4096 : 8192 + taken + lag, DRVMEM_OK };
	}
	c = judged(s);
	assert_int_equal(row_of(c, "kmalloc-large")->start.v, 1 << 20);
	assert_int_equal(row_of(c, "kmalloc-large")->difference, lag);
	assert_int_equal(row_of(c, "kmalloc-large")->verdict, DRVMEM_EXPLAINED);
	drvmem_coverage__free(c);
	s->kernel[DRVMEM_AT_SNAPSHOT]->mem[DRVMEM_MEM_SRECLAIMABLE].v += 4096;
	s->kernel[DRVMEM_AFTER_SNAPSHOT]->mem[DRVMEM_MEM_SRECLAIMABLE].v += 4096;
	c = judged(s);
	assert_int_equal(row_of(c, "kmalloc-large")->unexplained, 4096);
	done(c, s);
}

static void percpu_memory_is_tested_weakly(void **state)
{
	struct drvmem_snapshot *s = world();
	struct drvmem_coverage *c;

	(void)state;
	/* nothing was allocated: more than the few empty pages cannot have come */
	s->kernel[DRVMEM_AT_SNAPSHOT]->mem[DRVMEM_MEM_PERCPU].v += 4 * 2 * 4096;
	s->kernel[DRVMEM_AFTER_SNAPSHOT]->mem[DRVMEM_MEM_PERCPU].v += 4 * 2 * 4096;
	c = judged(s);
	assert_int_equal(row_of(c, "percpu")->verdict, DRVMEM_EXPLAINED);
	drvmem_coverage__free(c);
	s->kernel[DRVMEM_AT_SNAPSHOT]->mem[DRVMEM_MEM_PERCPU].v += 8192;
	s->kernel[DRVMEM_AFTER_SNAPSHOT]->mem[DRVMEM_MEM_PERCPU].v += 8192;
	c = judged(s);
	assert_int_equal(row_of(c, "percpu")->unexplained, 8192);
	done(c, s);
}

static void kfence_takes_one_in_each_interval(void **state)
{
	struct drvmem_snapshot *s = world();
	struct drvmem_coverage *c;

	(void)state;
	traced(s, "own", DRVMEM_CLASS_CACHE, 150, 0);
	kernel_has(s, "own", 0, 50);
	s->kernel[DRVMEM_AT_SNAPSHOT]->kfence_ms = 100;	/* 10 s: 101 objects */
	c = judged(s);
	assert_int_equal(row_of(c, "own")->verdict, DRVMEM_EXPLAINED);
	drvmem_coverage__free(c);
	s->kernel[DRVMEM_AT_SNAPSHOT]->kfence_ms = 200;
	c = judged(s);
	assert_int_equal(row_of(c, "own")->verdict, DRVMEM_UNEXPLAINED);
	done(c, s);
}

static void nothing_without_readings(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_coverage *c = (void *)1;

	(void)state;
	assert_int_equal(drvmem_coverage__new(s, &c), 0);
	assert_null(c);
	drvmem_snapshot__free(s);
}

/* Worst first; what is not explained is not cut; what did not move is not shown. */
static void the_table(void **state)
{
	_cleanup_strbuf_ struct drvmem_strbuf line = {0};
	struct drvmem_snapshot *s = world();
	struct drvmem_coverage *c;
	struct drvmem_grid *g;

	(void)state;
	kernel_has(s, "still", 500, 500);
	kernel_has(s, "little", 500, 502);
	kernel_has(s, "bad", 500, 600);
	kernel_has(s, "worse", 500, 700);
	c = judged(s);
	assert_int_equal(drvmem_coverage__grid(c, true, 1, &g), 0);
	assert_int_equal(g->nr_rows, 3);
	assert_string_equal(drvmem_grid__cell(g, 0, "name")->s, "worse");
	assert_string_equal(drvmem_grid__cell(g, 1, "name")->s, "bad");
	assert_string_equal(drvmem_grid__cell(g, 2, "name")->s, "other (1)");
	assert_int_equal(strncmp(drvmem_grid__cell(g, 0, "verdict")->s, "unexplained 192: ", 17), 0);
	drvmem_grid__free(g);
	drvmem_coverage__summary(c, &line);
	assert_int_equal(strncmp(drvmem_strbuf__str(&line), "2 of 4 caches explained, ", 25), 0);
	done(c, s);
}

static void put_json(const struct drvmem_coverage *c, FILE *out)
{
	struct drvmem_json w;

	drvmem_json__init(&w, out);
	drvmem_json__begin_object(&w);
	drvmem_json__coverage(&w, c);
	drvmem_json__end_object(&w);
}

static void rendered(void **state)
{
	const struct drvmem_text_opts o = { .width = 200 };
	struct drvmem_snapshot *s = world();
	struct drvmem_coverage *c;
	char *text;
	size_t len;

	(void)state;
	kernel_has(s, "still", 500, 500);
	kernel_has(s, "bad", 500, 600);
	c = judged(s);
	text = fix_text(&len, put_json(c, out));
	assert_true(json_is_valid(text, len));
	assert_non_null(strstr(text, "\"unexplained\":92"));
	assert_non_null(strstr(text, "\"tracked\":null,\"tracked_reason\":\"pages are not traced\""));
	assert_null(strstr(text, "\"still\""));
	free(text);
	text = fix_text(&len, assert_int_equal(drvmem_text__coverage(c, 0, &o, out), 0));
	assert_non_null(strstr(text, "unexplained 92"));
	assert_non_null(strstr(text, "absent: pages are not traced"));
	free(text);
	text = fix_text(&len, drvmem_text__coverage_line(c, &o, out));
	assert_int_equal(strncmp(text, "coverage: 1 of 2 caches explained, ", 35), 0);
	free(text);
	done(c, s);
	text = fix_text(&len, put_json(NULL, out));
	assert_string_equal(text, "{\"coverage\":null,\"coverage_reason\":\"the kernel's counts were not read\"}");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(within_what_cpus_keep),
		cmocka_unit_test(a_cache_that_was_empty_kept_nothing),
		cmocka_unit_test(frees_of_older_objects_explain_what_went_only),
		cmocka_unit_test(losses_explain_both_ways),
		cmocka_unit_test(all_rows_together_are_held_against_the_count),
		cmocka_unit_test(rcu_and_the_moment_widen_the_bounds),
		cmocka_unit_test(merged_caches_are_one_row),
		cmocka_unit_test(kmalloc_types_are_one_row),
		cmocka_unit_test(caches_come_and_go),
		cmocka_unit_test(long_names_meet),
		cmocka_unit_test(missing_counts_are_not_zero),
		cmocka_unit_test(without_its_layout_a_cache_has_no_slack),
		cmocka_unit_test(filtered_and_sampled_sessions_are_not_comparable),
		cmocka_unit_test(unknown_caches_spoil_named_ones),
		cmocka_unit_test(vmalloc_is_exact),
		cmocka_unit_test(large_blocks_are_what_meminfo_has_beyond_the_caches),
		cmocka_unit_test(percpu_memory_is_tested_weakly),
		cmocka_unit_test(kfence_takes_one_in_each_interval),
		cmocka_unit_test(nothing_without_readings),
		cmocka_unit_test(the_table),
		cmocka_unit_test(rendered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
