// SPDX-License-Identifier: GPL-2.0-or-later
/* A comparison as a table: sums, bounds, findings, what is told of the sides, and its forms. */
#include "jsoncheck.h"
#include "profilefixture.h"

#include "diffing.h"
#include "render/diffed.h"
#include "render/folded.h"
#include "view/diffed_pools.h"

struct pair {
	struct drvmem_snapshot *a, *b;
	struct drvmem_scope *va, *vb;
	struct drvmem_diffed *d;
};

static struct pair pair(struct drvmem_snapshot *a, struct drvmem_snapshot *b, struct drvmem_diffed_opts o)
{
	struct pair p = { .a = a, .b = b };

	p.va = fix_scope(NULL, a, NULL);
	p.vb = fix_scope(NULL, b, NULL);
	assert_int_equal(drvmem_diffed__new(p.va, p.vb, &o, &p.d), 0);
	return p;
}

static void unpair(struct pair *p)
{
	drvmem_diffed__free(p->d);
	drvmem_scope__free(p->va);
	drvmem_scope__free(p->vb);
	drvmem_snapshot__free(p->a);
	if (p->b != p->a)
		drvmem_snapshot__free(p->b);
}

/* The machine after an update of e1000e: another build, a leak, and a longer look at it. */
static struct drvmem_snapshot *updated(void)
{
	struct drvmem_snapshot *s = fix_machine();
	uint32_t t = fix_find(s, "e1000_open+0x1f");

	s->meta.taken_ns += 20 * FIX_S;
	s->meta.kernel = drvmem_snapshot__str(s, "6.13.0-test");
	strcpy(s->meta.build_id, "bb");
	s->sites[t].site = drvmem_snapshot__str(s, "e1000_open+0x2b");
	s->sites[t].c.allocs += 700;
	s->sites[t].c.alloc_bytes += 700 * 200;
	s->sites[t].c.live_objects += 700;
	s->sites[t].c.live_bytes += 700 * 200;
	t = fix_find(s, "nvme_setup_cmd+0x4c");
	s->sites[t].c.live_objects -= 10;
	s->sites[t].c.live_bytes -= 2500;
	s->sites[t].c.frees += 10;
	fix_site(s, fix_module(s, "igc", 9, 0), 0, "igc_probe+0x7", 3, 1, 1000);
	return s;
}

static int64_t number(const struct drvmem_grid *g, uint32_t row, const char *key)
{
	const struct drvmem_cell *c = drvmem_grid__cell(g, row, key);

	assert_non_null(c);
	assert_int_equal(c->type, DRVMEM_CELL_I64);
	return c->i;
}

static const char *const sums[] = { "a_bytes", "b_bytes", "change_bytes", "a_objects", "b_objects", "change_objects",
				    "a_allocs", "b_allocs", "change_allocs" };

static void rows_add_up_to_the_total(void **state)
{
	uint32_t top, by, row, i;

	(void)state;
	for (by = DRVMEM_COMPARE_OWNER; by <= DRVMEM_COMPARE_STACK; by++) {
		for (top = 0; top < 12; top++) {
			struct pair p = pair(fix_profiled(), updated(), (struct drvmem_diffed_opts){ .by = by });
			struct drvmem_grid *g = NULL;

			assert_int_equal(drvmem_diffed__grid(p.d, top, &g), 0);
			for (i = 0; i < UNIT_NR(sums); i++) {
				int64_t sum = 0;

				for (row = 0; row + 1 < g->nr_rows; row++)
					if (drvmem_grid__cell(g, row, sums[i])->type != DRVMEM_CELL_BLANK)
						sum += number(g, row, sums[i]);
				assert_int_equal(g->rows[row].kind, DRVMEM_ROW_TOTAL);
				assert_int_equal(sum, number(g, row, sums[i]));
			}
			drvmem_grid__free(g);
			unpair(&p);
		}
	}
}

static void nothing_differs_from_itself(void **state)
{
	struct drvmem_snapshot *s = fix_profiled();
	struct pair p = pair(s, s, (struct drvmem_diffed_opts){ .by = DRVMEM_COMPARE_SITE });
	struct drvmem_grid *g = NULL;
	uint32_t i;

	(void)state;
	assert_int_equal(p.d->nr_changed, 0);
	assert_int_equal(p.d->nr_findings, 0);
	assert_int_equal(p.d->nr_notes, 2);
	assert_int_equal(drvmem_diffed__grid(p.d, 0, &g), 0);
	for (i = 0; i < g->nr_rows; i++) {
		assert_int_not_equal(g->rows[i].kind, DRVMEM_ROW_DATA);
		assert_int_equal(number(g, i, "change_bytes"), 0);
	}
	drvmem_grid__free(g);
	unpair(&p);
}

static uint32_t find(const struct drvmem_grid *g, const char *name)
{
	uint32_t i;

	for (i = 0; i < g->nr_rows; i++)
		if (!strcmp(drvmem_grid__cell(g, i, "name")->s, name))
			return i;
	fail_msg("no row %s", name);
	return 0;
}

static void what_became_of_rows(void **state)
{
	static const struct {
		const char *name, *what, *match;
	} want[] = {
		{ "e1000_open+0x1f (in B +0x2b)", "grew", "order" }, { "nvme_setup_cmd+0x4c", "shrank", "order" },
		{ "igc_probe+0x7", "new", "offset" },
	};
	struct pair p = pair(fix_machine(), updated(), (struct drvmem_diffed_opts){ .by = DRVMEM_COMPARE_SITE });
	struct drvmem_grid *g = NULL;
	uint32_t i, r;

	(void)state;
	assert_int_equal(drvmem_diffed__grid(p.d, 0, &g), 0);
	for (i = 0; i < UNIT_NR(want); i++) {
		r = find(g, want[i].name);
		assert_string_equal(drvmem_grid__cell(g, r, "what")->s, want[i].what);
		assert_string_equal(drvmem_grid__cell(g, r, "match")->s, want[i].match);
	}
	assert_int_equal(g->rows[4].kind, DRVMEM_ROW_TOTAL);
	drvmem_grid__free(g);
	unpair(&p);
	p = pair(updated(), fix_machine(), (struct drvmem_diffed_opts){ .by = DRVMEM_COMPARE_SITE });
	assert_int_equal(drvmem_diffed__grid(p.d, 0, &g), 0);
	assert_string_equal(drvmem_grid__cell(g, find(g, "igc_probe+0x7"), "what")->s, "gone");
	drvmem_grid__free(g);
	unpair(&p);
}

static bool says(const struct drvmem_diffed *d, const char *text)
{
	uint32_t i;

	for (i = 0; i < d->nr_notes; i++)
		if (strstr(d->notes[i], text))
			return true;
	return false;
}

/* Rows of mappings alone have no memory, and are told beside those that have. */
static void mappings_stand_beside(void **state)
{
	struct drvmem_snapshot *a = fix_profiled(), *b = fix_profiled();
	uint32_t t = fix_find(b, "e1000_tx_map+0x5");
	struct drvmem_grid *g = NULL;
	struct pair p;

	(void)state;
	b->sites[t].c.live_objects += 8;
	b->sites[t].c.live_bytes += 8 * 1500;
	p = pair(a, b, (struct drvmem_diffed_opts){ .by = DRVMEM_COMPARE_SITE });
	assert_int_equal(p.d->nr_findings, 0);
	assert_int_equal(drvmem_diffed__grid(p.d, 0, &g), 0);
	assert_string_equal(drvmem_grid__cell(g, 0, "name")->s, "e1000_tx_map+0x5");
	assert_string_equal(drvmem_grid__cell(g, 0, "what")->s, "grew");
	assert_int_equal(drvmem_grid__cell(g, 0, "a_bytes")->type, DRVMEM_CELL_BLANK);
	assert_int_equal(number(g, 0, "change_mappings"), 8);
	assert_int_equal(number(g, 0, "change_mapped_bytes"), 8 * 1500);
	assert_int_equal(g->rows[1].kind, DRVMEM_ROW_OTHER);
	assert_int_equal(number(g, 2, "change_bytes"), 0);
	assert_int_equal(number(g, 2, "change_mapped_bytes"), 8 * 1500);
	drvmem_grid__free(g);
	drvmem_diffed__free(p.d);
	assert_int_equal(drvmem_diffed__new(p.va, p.vb, &(struct drvmem_diffed_opts){ .by = DRVMEM_COMPARE_OWNER }, &p.d), 0);
	assert_int_equal(drvmem_diffed__grid(p.d, 0, &g), 0);
	assert_string_equal(drvmem_grid__cell(g, 0, "what")->s, "mappings");
	assert_int_equal(number(g, 0, "change_bytes"), 0);
	drvmem_grid__free(g);
	unpair(&p);
}

static void lines_of_sites(void **state)
{
	struct pair p = { .a = fix_profiled(), .b = fix_profiled() };
	struct drvmem_grid *g = NULL;

	(void)state;
	p.b->sites[fix_find(p.b, "e1000_probe+0x10")].c.live_bytes += 4096;
	p.va = fix_scope(NULL, p.a, NULL);
	p.vb = fix_scope(NULL, p.b, NULL);
	fix_places(p.va);	/* B's were not found: the same place in A */
	assert_int_equal(drvmem_diffed__new(p.va, p.vb, &(struct drvmem_diffed_opts){ .by = DRVMEM_COMPARE_SITE }, &p.d), 0);
	assert_int_equal(drvmem_diffed__grid(p.d, 0, &g), 0);
	assert_string_equal(drvmem_grid__cell(g, 0, "name")->s, "e1000_probe+0x10");
	assert_string_equal(drvmem_grid__cell(g, 0, "place")->s, "drivers/net/netdev.c:7301");
	assert_int_equal(drvmem_grid__cell(g, g->nr_rows - 1, "place")->type, DRVMEM_CELL_BLANK);
	drvmem_grid__free(g);
	unpair(&p);
}

/* A machine whose site allocates by way of one caller or another. */
static struct drvmem_snapshot *by_way_of(bool full, const char *caller, const char *other, uint64_t allocs)
{
	const char *const one[] = { "f+0x1", "mid+0x2", caller }, *const two[] = { "f+0x1", "mid+0x2", other };
	const uint64_t ip[] = { 0, 0, 0 };
	struct drvmem_snapshot *s = fix_new();
	uint32_t cache = fix_cache(s, "c", 64, false), t = fix_site(s, 0, cache, "f+0x1", allocs, 0, 64);

	s->meta.full_stacks = full;
	fix_frames(s, t, 1, 3, one, ip);
	if (!other)
		return s;
	if (full)
		t = fix_site(s, 0, cache, "f+0x1", 2, 0, 64);
	fix_frames(s, t, 1, 3, two, ip);
	return s;
}

static void stacks_that_were_sampled_are_not_told_apart(void **state)
{
	struct drvmem_grid *g = NULL;
	struct pair p;

	(void)state;
	/* A happened to see one caller, B the other: nothing is new or gone for that */
	p = pair(by_way_of(false, "left+0x9", NULL, 5), by_way_of(false, "right+0x9", NULL, 9),
		 (struct drvmem_diffed_opts){ .by = DRVMEM_COMPARE_STACK });
	assert_int_equal(drvmem_diffed__grid(p.d, 0, &g), 0);
	assert_int_equal(g->nr_rows, 4);
	assert_string_equal(drvmem_grid__cell(g, 0, "name")->s, "f");
	assert_string_equal(drvmem_grid__cell(g, 0, "what")->s, "grew");
	assert_int_equal(number(g, 0, "change_bytes"), 4 * 64);
	assert_int_equal(g->rows[1].kind, DRVMEM_ROW_FRAME);
	assert_string_equal(drvmem_grid__cell(g, 1, "name")->s, "mid");
	assert_string_equal(drvmem_grid__cell(g, 2, "name")->s, "[callers differ]");
	assert_true(says(p.d, "stacks were sampled"));
	drvmem_grid__free(g);
	unpair(&p);
	/* where each was counted, each is told */
	p = pair(by_way_of(true, "left+0x9", NULL, 5), by_way_of(true, "left+0x8", "right+0x9", 9),
		 (struct drvmem_diffed_opts){ .by = DRVMEM_COMPARE_STACK });
	assert_int_equal(drvmem_diffed__grid(p.d, 0, &g), 0);
	assert_string_equal(drvmem_grid__cell(g, 0, "what")->s, "grew");
	assert_int_equal(number(g, 0, "change_bytes"), 4 * 64);
	assert_string_equal(drvmem_grid__cell(g, 2, "name")->s, "left");
	assert_string_equal(drvmem_grid__cell(g, 3, "what")->s, "new");
	assert_int_equal(number(g, 3, "change_bytes"), 2 * 64);
	assert_string_equal(drvmem_grid__cell(g, 5, "name")->s, "right");
	assert_false(says(p.d, "stacks were sampled"));
	drvmem_grid__free(g);
	unpair(&p);
}

/* Values of B less those of A, whose samples are marked. */
static void profile_of_the_difference(void **state)
{
	struct drvmem_snapshot *a = fix_profiled(), *b = updated();
	struct drvmem_scope *va = fix_scope(NULL, a, NULL), *vb = fix_scope(NULL, b, NULL);
	struct drvmem_profile *pa = fix_profile(va, DRVMEM_CALLERS_KNOWN), *pb = fix_profile(vb, DRVMEM_CALLERS_KNOWN);
	struct drvmem_profile *p = NULL;
	int64_t base = 0;
	uint32_t i;

	(void)state;
	assert_int_equal(drvmem_profile__subtract(pa, pb, &p), 0);
	for (i = 0; i < DRVMEM_NR_PROFILE_VALUES; i++)
		assert_int_equal(p->total[i], pb->total[i] - pa->total[i]);
	assert_int_equal(p->nr_samples, pa->nr_samples + pb->nr_samples);
	for (i = 0; i < p->nr_samples; i++) {
		const struct drvmem_profile_sample *k = &p->samples[i];
		const struct drvmem_profile_sample *of = i < pa->nr_samples ? &pa->samples[i] : &pb->samples[i - pa->nr_samples];

		assert_int_equal(k->base, i < pa->nr_samples);
		assert_string_equal(k->owner, of->owner_name);
		assert_int_equal(k->nr, of->nr);
		assert_string_equal(drvmem_profile__function(p, k, 0)->name,
				    drvmem_profile__function(i < pa->nr_samples ? pa : pb, of, 0)->name);
		base += k->base ? k->value[DRVMEM_PROFILE_INUSE_SPACE] : 0;
	}
	assert_int_equal(base, -pa->total[DRVMEM_PROFILE_INUSE_SPACE]);
	/* the kernels are two builds, so two images */
	assert_string_equal(p->images[0].name, "kernel");
	for (i = 1; i < p->nr_images && strcmp(p->images[i].name, "kernel"); i++)
		;
	assert_true(i < p->nr_images);
	assert_string_equal(p->images[i].build_id, "bb");
	drvmem_profile__free(p);
	drvmem_profile__free(pa);
	drvmem_profile__free(pb);
	drvmem_scope__free(va);
	drvmem_scope__free(vb);
	drvmem_snapshot__free(a);
	drvmem_snapshot__free(b);
}

static uint32_t findings(uint64_t bytes, double percent)
{
	struct pair p = pair(fix_machine(), updated(), (struct drvmem_diffed_opts){ .tolerance_bytes = bytes,
									    .tolerance_percent = percent });
	uint32_t n = p.d->nr_findings;

	unpair(&p);
	return n;
}

static void growth_beyond_the_tolerance_is_a_finding(void **state)
{
	(void)state;
	/* e1000e 43264 to 183264 bytes, which is 323.6 % more, and igc 2000 from nothing */
	assert_int_equal(findings(0, 0), 2);
	assert_int_equal(findings(1999, 0), 2);
	assert_int_equal(findings(2000, 0), 1);
	assert_int_equal(findings(139999, 0), 1);
	assert_int_equal(findings(140000, 0), 0);
	assert_int_equal(findings(0, 323), 2);
	assert_int_equal(findings(0, 324), 1);
	assert_int_equal(findings(2000, 324), 0);
}

/* What lies within the 95 % interval is none. */
static void what_may_be_chance_is_no_finding(void **state)
{
	struct drvmem_snapshot *b = updated();
	uint32_t t = fix_find(b, "e1000_open+0x2b");
	struct pair p;

	(void)state;
	b->meta.sampled = true;
	b->sites[t].c.sampled_allocs = 10;
	b->sites[t].c.alloc_bytes_var = 80000.0 * 80000.0;	/* +-156800 */
	p = pair(fix_machine(), b, (struct drvmem_diffed_opts){ 0 });
	assert_int_equal(p.d->nr_findings, 1);
	unpair(&p);
}

static unsigned int change_flags(bool lossy_a, bool lossy_b, bool upper_a, bool upper_b)
{
	struct drvmem_snapshot *a = fix_new(), *b = fix_new();
	struct drvmem_grid *g = NULL;
	unsigned int flags;
	struct pair p;

	fix_site(a, 0, fix_cache(a, "c", 64, upper_a), "f+0x1", 3, 0, 64);
	fix_site(b, 0, fix_cache(b, "c", 64, upper_b), "f+0x1", 5, 0, 64);
	a->loss.table_full = lossy_a;
	b->loss.table_full = lossy_b;
	p = pair(a, b, (struct drvmem_diffed_opts){ 0 });
	assert_int_equal(drvmem_diffed__grid(p.d, 0, &g), 0);
	flags = drvmem_grid__cell(g, 0, "change_bytes")->flags;
	assert_int_equal(drvmem_grid__cell(g, 0, "a_bytes")->flags,
			 (lossy_a ? DRVMEM_CELL_LOWER : 0) | (upper_a ? DRVMEM_CELL_UPPER : 0));
	drvmem_grid__free(g);
	unpair(&p);
	return flags;
}

static void bounds_of_sides_bound_the_change(void **state)
{
	(void)state;
	assert_int_equal(change_flags(false, false, false, false), 0);
	assert_int_equal(change_flags(true, false, false, false), DRVMEM_CELL_UPPER);
	assert_int_equal(change_flags(false, true, false, false), DRVMEM_CELL_LOWER);
	assert_int_equal(change_flags(false, false, true, false), DRVMEM_CELL_LOWER);
	assert_int_equal(change_flags(false, false, false, true), DRVMEM_CELL_UPPER);
	assert_int_equal(change_flags(true, true, false, false), DRVMEM_CELL_LOWER | DRVMEM_CELL_UPPER);
}

static void notes_tell_what_is_hard_to_compare(void **state)
{
	struct drvmem_snapshot *a = fix_sampled(), *b = updated();
	struct pair p;

	(void)state;
	a->meta.traced = 1u << DRVMEM_ALLOC_SLAB | 1u << DRVMEM_ALLOC_PAGE;
	b->meta.traced = 1u << DRVMEM_ALLOC_SLAB;
	fix_walk_differed(a);
	b->loss.table_full = 5;
	b->loss.recursion_misses.st = DRVMEM_ABSENT;
	b->meta.owner_policy = DRVMEM_OWNER_DIRECT;
	b->meta.nr_cpus = 64;
	p = pair(a, b, (struct drvmem_diffed_opts){ .by = DRVMEM_COMPARE_SITE });
	assert_true(says(p.d, "A: host host, Linux 6.12.0-test x86_64, traced 10s"));
	assert_true(says(p.d, "B: host host, Linux 6.13.0-test x86_64, traced 30s"));
	assert_true(says(p.d, "A: a walk of a stack differed"));
	assert_false(says(p.d, "B: a walk of a stack differed"));
	assert_true(says(p.d, "A was sampled: its figures are estimates (every object from the start, one point in 4.0Ki "
			      "bytes from 2.0s on)"));
	assert_true(says(p.d, "B lost at least 5 events"));
	assert_true(says(p.d, "B: that kernel does not count recursion misses"));
	assert_true(says(p.d, "traced for different times"));
	assert_true(says(p.d, "page was traced in A only"));
	assert_true(says(p.d, "owner policies differ"));
	assert_true(says(p.d, "numbers of CPUs"));
	assert_true(says(p.d, "go together by their order"));
	assert_false(says(p.d, "architectures"));
	unpair(&p);
}

static void forms(void **state)
{
	static const struct drvmem_text_opts plain = { .utf8 = true };
	struct pair p = pair(fix_machine(), updated(), (struct drvmem_diffed_opts){ .by = DRVMEM_COMPARE_SITE,
									    .tolerance_bytes = 4096 });
	size_t len;
	char *text = fix_text(&len, assert_int_equal(drvmem_text__diffed(p.d, 2, &plain, out), 0));

	(void)state;
	fix_golden("diff.txt", text, len);
	free(text);
	text = fix_text(&len, assert_int_equal(drvmem_json__diffed(p.d, out), 0));
	assert_true(json_is_valid(text, len));
	fix_golden("diff.json", text, len);
	free(text);
	unpair(&p);
}

/* Both columns are the totals of the profiles. */
static void folded_stacks_with_two_values(void **state)
{
	struct drvmem_snapshot *a = fix_profiled(), *b = updated();
	struct drvmem_scope *va = fix_scope(NULL, a, NULL), *vb = fix_scope(NULL, b, NULL);
	struct drvmem_profile *pa = fix_profile(va, DRVMEM_CALLERS_KNOWN), *pb = fix_profile(vb, DRVMEM_CALLERS_KNOWN);
	int64_t sum[2] = { 0, 0 };
	char *text, *line, *at, *end;
	size_t len;

	(void)state;
	text = fix_text(&len, assert_int_equal(drvmem_folded__diff(pa, pb, DRVMEM_PROFILE_INUSE_SPACE, out), 0));
	fix_golden("diff.folded", text, len);
	for (line = text; *line; line = end + 1) {
		end = strchr(line, '\n');
		*end = '\0';
		at = strrchr(line, ' ');
		sum[1] += strtoll(at, NULL, 10);
		*at = '\0';
		at = strrchr(line, ' ');
		sum[0] += strtoll(at, NULL, 10);
	}
	assert_int_equal(sum[0], pa->total[DRVMEM_PROFILE_INUSE_SPACE]);
	assert_int_equal(sum[1], pb->total[DRVMEM_PROFILE_INUSE_SPACE]);
	free(text);
	drvmem_profile__free(pa);
	drvmem_profile__free(pb);
	drvmem_scope__free(va);
	drvmem_scope__free(vb);
	drvmem_snapshot__free(a);
	drvmem_snapshot__free(b);
}

static void shown(enum drvmem_diff_form form, int want, const char *begins)
{
	struct drvmem_diffing_opts o = { .form = form, .weigh = DRVMEM_PROFILE_INUSE_SPACE };
	struct drvmem_snapshot *a = fix_machine(), *b = updated();
	struct drvmem_err err = { 0 };
	struct drvmem_out out;

	o.diffed.tolerance_bytes = want ? 0 : 1 << 20;
	assert_int_equal(drvmem_out__open(&out, NULL, &err), 0);
	assert_int_equal(drvmem_diffing__show(a, b, &o, &out, &err), want);
	fflush(out.f);
	assert_true(out.len > strlen(begins) && !strncmp(out.buf, begins, strlen(begins)));
	drvmem_out__discard(&out);
	b->sites[0].owner = 99;
	assert_int_equal(drvmem_out__open(&out, NULL, &err), 0);
	assert_int_equal(drvmem_diffing__show(a, b, &o, &out, &err), -EINVAL);
	assert_int_equal(err.exit, DRVMEM_EXIT_INTERNAL);
	drvmem_out__discard(&out);
	drvmem_snapshot__free(a);
	drvmem_snapshot__free(b);
}

static void each_form_is_shown(void **state)
{
	(void)state;
	shown(DRVMEM_DIFF_TEXT, 1, "A: host host");
	shown(DRVMEM_DIFF_TEXT, 0, "A: host host");
	shown(DRVMEM_DIFF_JSON, 1, "{\"schema_version\":1,\"a\":{");
	shown(DRVMEM_DIFF_CSV, 1, "taken_at,row,level,name,what,");
	shown(DRVMEM_DIFF_PPROF, 1, "\x1f\x8b");
	shown(DRVMEM_DIFF_FOLDED, 0, "drvmem;[no stack];bpf_map_alloc 80 80\n");
}

static void add_pool(struct drvmem_pools *p, const char *name, const char *device, uint64_t held, uint64_t in_use)
{
	struct drvmem_pool *k = drvmem_pools__add(p, DRVMEM_POOL_DMA);

	assert_non_null(k);
	k->name = drvmem_pools__str(p, name);
	k->device = drvmem_pools__str(p, device);
	k->held_bytes = drvmem_some(held);
	k->in_use = drvmem_some(in_use);
}

/* As if every kind of them could be read. */
static void read_pools(struct drvmem_pools *p)
{
	uint32_t i;

	for (i = 0; i < DRVMEM_NR_POOL_KINDS; i++)
		p->source[i].st = DRVMEM_OK;
}

static struct drvmem_diffed_pools *compare_pools(const struct drvmem_pools *a, const struct drvmem_pools *b,
						 uint64_t bytes, double percent, uint32_t top)
{
	const struct drvmem_diffed_opts o = { .tolerance_bytes = bytes, .tolerance_percent = percent };
	struct drvmem_diffed_pools *p = NULL;

	assert_int_equal(drvmem_diffed_pools__new(a, b, &o, top, &p), 0);
	return p;
}

static uint32_t pool_findings(const struct drvmem_pools *a, const struct drvmem_pools *b, uint64_t bytes, double percent)
{
	struct drvmem_diffed_pools *p = compare_pools(a, b, bytes, percent, 1);
	uint32_t n = p->nr_findings;

	assert_int_equal(p->g->nr_rows, 1);	/* what is cut is judged all the same */
	drvmem_diffed_pools__free(p);
	return n;
}

static void growth_of_pools_is_a_finding(void **state)
{
	struct drvmem_pools *a = drvmem_pools__new(), *b = drvmem_pools__new();
	struct drvmem_diffed_pools *p;

	(void)state;
	read_pools(a);
	read_pools(b);
	add_pool(a, "prp", "0000:01", 4000, 3);
	add_pool(a, "less", "0000:01", 4000, 3);
	add_pool(b, "prp", "0000:01", 5000, 3);
	add_pool(b, "less", "0000:01", 3000, 3);
	add_pool(b, "new", "0000:01", 70, 3);
	assert_int_equal(pool_findings(a, b, 0, 0), 2);
	assert_int_equal(pool_findings(a, b, 69, 0), 2);
	assert_int_equal(pool_findings(a, b, 70, 0), 1);
	assert_int_equal(pool_findings(a, b, 999, 0), 1);
	assert_int_equal(pool_findings(a, b, 1000, 0), 0);
	assert_int_equal(pool_findings(a, b, 0, 24), 2);
	assert_int_equal(pool_findings(a, b, 0, 25), 1);
	/* a side that could not read them has none, and nothing is new or gone for that */
	a->source[DRVMEM_POOL_DMA].st = DRVMEM_DENIED;
	a->source[DRVMEM_POOL_DMA].why = "no rights";
	p = compare_pools(a, b, 0, 0, 0);
	assert_int_equal(p->nr, 0);
	assert_int_equal(p->nr_findings, 0);
	assert_int_equal(p->nr_notes, 1);
	assert_string_equal(p->notes[0], "A has no dma_pool, which are not compared: no rights");
	drvmem_diffed_pools__free(p);
	drvmem_pools__free(a);
	drvmem_pools__free(b);
}

static void pools_go_by_kind_name_and_device(void **state)
{
	struct drvmem_pools *a = drvmem_pools__new(), *b = drvmem_pools__new();
	struct drvmem_diffed_pools *p = NULL;
	const struct drvmem_cell *c;
	struct drvmem_grid *g;

	(void)state;
	read_pools(a);
	read_pools(b);
	add_pool(a, "prp", "0000:01", 4096, 3);
	add_pool(a, "prp", "0000:02", 4096, 3);
	add_pool(a, "old", "0000:01", 100, 1);
	add_pool(a, "same", "0000:01", 500, 1);
	add_pool(b, "prp", "0000:02", 8192, 2);
	add_pool(b, "prp", "0000:02", 4096, 2);
	add_pool(b, "prp", "0000:01", 4096, 9);
	add_pool(b, "new", "0000:01", 70, 1);
	add_pool(b, "same", "0000:01", 500, 1);
	drvmem_pools__add(b, DRVMEM_POOL_PAGE)->name = "eth0";
	p = compare_pools(a, b, 0, 0, 0);
	g = p->g;
	assert_int_equal(g->nr_rows, 5);
	/* two of one name and device are one */
	assert_string_equal(drvmem_grid__cell(g, 0, "device")->s, "0000:02");
	assert_int_equal(drvmem_grid__cell(g, 0, "change_held_bytes")->i, 8192);
	assert_int_equal(drvmem_grid__cell(g, 0, "change_in_use")->i, 1);
	assert_string_equal(drvmem_grid__cell(g, 1, "what")->s, "gone");
	assert_int_equal(drvmem_grid__cell(g, 1, "change_held_bytes")->i, -100);
	assert_int_equal(drvmem_grid__cell(g, 1, "b_held_bytes")->type, DRVMEM_CELL_BLANK);
	assert_string_equal(drvmem_grid__cell(g, 2, "what")->s, "new");
	assert_string_equal(drvmem_grid__cell(g, 3, "what")->s, "same");
	/* what is not known of one side is not known of the change */
	c = drvmem_grid__cell(g, 4, "change_held_bytes");
	assert_string_equal(drvmem_grid__cell(g, 4, "name")->s, "eth0");
	assert_int_equal(c->st, DRVMEM_ABSENT);
	drvmem_diffed_pools__free(p);
	p = compare_pools(a, a, 0, 0, 0);
	assert_int_equal(p->g->nr_rows, 0);
	assert_int_equal(p->nr_findings, 0);
	drvmem_diffed_pools__free(p);
	drvmem_pools__free(a);
	drvmem_pools__free(b);
}

static void pools_are_shown_instead(void **state)
{
	struct drvmem_pools *a = drvmem_pools__new(), *b = drvmem_pools__new();
	struct drvmem_diffing_opts o = { .form = DRVMEM_DIFF_JSON, .pools_a = a, .pools_b = b };
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_err err = { 0 };
	struct drvmem_out out;

	(void)state;
	read_pools(a);
	read_pools(b);
	add_pool(b, "prp", "0000:02", 8192, 2);
	assert_int_equal(drvmem_out__open(&out, NULL, &err), 0);
	assert_int_equal(drvmem_diffing__show(s, s, &o, &out, &err), 1);
	fflush(out.f);
	assert_true(json_is_valid(out.buf, out.len));
	assert_non_null(strstr(out.buf, "\"findings\":1,"));
	assert_non_null(strstr(out.buf, "\"change_held_bytes\":8192"));
	drvmem_out__discard(&out);
	o.form = DRVMEM_DIFF_TEXT;
	o.diffed.tolerance_bytes = 8192;
	assert_int_equal(drvmem_out__open(&out, NULL, &err), 0);
	assert_int_equal(drvmem_diffing__show(s, s, &o, &out, &err), 0);
	drvmem_out__discard(&out);
	o.form = DRVMEM_DIFF_FOLDED;
	assert_int_equal(drvmem_diffing__check(&o, true, false, &err), -EINVAL);
	assert_int_equal(err.exit, DRVMEM_EXIT_USAGE);
	drvmem_pools__free(a);
	drvmem_pools__free(b);
	drvmem_snapshot__free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_add_up_to_the_total),
		cmocka_unit_test(nothing_differs_from_itself),
		cmocka_unit_test(what_became_of_rows),
		cmocka_unit_test(growth_beyond_the_tolerance_is_a_finding),
		cmocka_unit_test(what_may_be_chance_is_no_finding),
		cmocka_unit_test(bounds_of_sides_bound_the_change),
		cmocka_unit_test(notes_tell_what_is_hard_to_compare),
		cmocka_unit_test(forms),
		cmocka_unit_test(folded_stacks_with_two_values),
		cmocka_unit_test(each_form_is_shown),
		cmocka_unit_test(lines_of_sites),
		cmocka_unit_test(mappings_stand_beside),
		cmocka_unit_test(stacks_that_were_sampled_are_not_told_apart),
		cmocka_unit_test(profile_of_the_difference),
		cmocka_unit_test(growth_of_pools_is_a_finding),
		cmocka_unit_test(pools_go_by_kind_name_and_device),
		cmocka_unit_test(pools_are_shown_instead),
	};

	return cmocka_run_group_tests_name("diffed", tests, NULL, NULL);
}
