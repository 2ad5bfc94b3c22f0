// SPDX-License-Identifier: GPL-2.0-or-later
/* Screens of `drvmem top`, cell by cell: goldens, every size, any number of owners, names that would harm. */
#include "topfixture.h"

#include "render/topscreen.h"

#define MI (UINT64_C(1) << 20)

/* A machine of 1 GiB whose classes add up. */
static struct drvmem_ram_result small_ram(void)
{
	struct drvmem_ram_result r = { .unaccounted = 24 * (int64_t)MI };
	uint32_t i;

	r.total.bytes = drvmem_some(1024 * MI);
	for (i = 0; i < DRVMEM_NR_RAM; i++)
		r.class[i].bytes = drvmem_some(40 * MI);
	r.class[DRVMEM_RAM_FREE].bytes.v = (1024 - 24 - 40 * (DRVMEM_NR_RAM - 1)) * MI;
	return r;
}

struct shown {
	struct drvmem_screen sc;
	struct drvmem_topscreen in;
	struct drvmem_ram_result ram;
};

static void draw(struct shown *d, struct drvmem_top *t, const struct drvmem_snapshot *s, uint32_t cols,
		 uint32_t rows, bool utf8)
{
	struct drvmem_scope *v = s ? fix_scope(NULL, s, NULL) : NULL;

	*d = (struct shown){ .ram = small_ram() };
	d->in = (struct drvmem_topscreen){ .scope = v, .ram = &d->ram, .interval_ns = 2 * FIX_S, .own_cpu = 0.012,
					   .health = "loss 0\nnot seen: something\n", .doctor = "btf yes\n" };
	d->sc.utf8 = utf8;
	assert_int_equal(drvmem_screen__resize(&d->sc, cols, rows), 0);
	drvmem_topscreen__draw(&d->sc, t, &d->in);
	drvmem_scope__free(v);
}

/* Two snapshots, a mark between them. */
static struct drvmem_top *fed(struct drvmem_snapshot *(*make)(void), struct drvmem_snapshot **ret)
{
	struct drvmem_top *t = drvmem_top__new();
	struct drvmem_snapshot *s = make(), *next = make();

	assert_non_null(t);
	top_feed(t, NULL, s, true);
	assert_int_equal(drvmem_top__mark(t, s, NULL, NULL), 0);
	t->said[0] = 0;
	next->meta.taken_ns += 5 * FIX_S;
	if (next->nr_sites > 1)
		top_grow(next, 1, 30);
	top_feed(t, s, next, true);
	drvmem_snapshot__free(s);
	*ret = next;
	return t;
}

static struct drvmem_snapshot *none(void) { return top_owners(0, 10); }
static struct drvmem_snapshot *one(void) { return top_owners(1, 10); }
static struct drvmem_snapshot *many(void) { return top_owners(5000, 10); }

static struct drvmem_snapshot *lossy(void)
{
	struct drvmem_snapshot *s = fix_machine();

	s->loss.table_full = 90;
	s->meta.notes[0] = drvmem_snapshot__str(s, "objects given up by kfree_rcu");
	s->meta.nr_notes = 1;
	return s;
}

static char *text_of(const struct drvmem_screen *s, size_t *ret_len)
{
	return fix_text(ret_len, drvmem_screen__text(s, out));
}

static void golden(const char *name, struct drvmem_snapshot *(*make)(void), const char *keys, uint32_t cols,
		   uint32_t rows, bool utf8)
{
	struct drvmem_snapshot *s;
	struct drvmem_top *t = fed(make, &s);
	struct shown d;
	size_t len;
	char *text;

	top_text(t, s, keys);
	draw(&d, t, s, cols, rows, utf8);
	/* the second time it knows how many rows there is room for */
	drvmem_topscreen__draw(&d.sc, t, &(struct drvmem_topscreen){ .ram = &d.ram });
	drvmem_screen__deinit(&d.sc);
	draw(&d, t, s, cols, rows, utf8);
	text = text_of(&d.sc, &len);
	fix_golden(name, text, len);
	free(text);
	drvmem_screen__deinit(&d.sc);
	drvmem_top__free(t);
	drvmem_snapshot__free(s);
}

static void golden_screens(void **state)
{
	(void)state;
	golden("top-80x24.txt", fix_machine, "", 80, 24, true);
	golden("top-80x24-ascii.txt", fix_machine, "t", 80, 24, false);
	golden("top-100x30-lossy.txt", lossy, "t", 100, 30, true);
	golden("top-200x60.txt", fix_machine, "2", 200, 60, true);
	golden("top-100x30-devices.txt", fix_machine, "4", 100, 30, true);
	golden("top-100x30-leaks.txt", fix_machine, "5", 100, 30, true);
	golden("top-80x24-why.txt", fix_machine, "5\n", 80, 24, true);
	golden("top-80x24-sites-of.txt", fix_machine, "sn\n", 80, 24, true);
	golden("top-100x30-timeline.txt", fix_machine, "6", 100, 30, true);
	golden("top-80x24-health.txt", fix_machine, "7", 80, 24, true);
	golden("top-80x70-help.txt", fix_machine, "?", 80, 70, true);
	golden("top-100x30-split.txt", fix_machine, "at", 100, 30, true);
	golden("top-40x12.txt", fix_machine, "", 40, 12, true);
	golden("top-200x60-owners.txt", lossy, "t", 200, 60, true);
	golden("top-120x32-owner-why.txt", fix_machine, "sn\n", 120, 32, true);
	golden("top-80x24-none.txt", none, "", 80, 24, true);
	golden("top-80x24-one.txt", one, "", 80, 24, true);
	golden("top-100x30-5000.txt", many, "", 100, 30, true);
	golden("top-80x24-filter.txt", many, "\\0123", 80, 24, true);
	golden("top-80x24-exact.txt", fix_machine, "u", 80, 24, true);
	golden("top-120x32-sampled.txt", fix_sampled, "", 120, 32, true);
	golden("top-80x24-sampled-leaks.txt", fix_sampled, "5", 80, 24, true);
	golden("top-80x24-sampled-why.txt", fix_sampled, "sn\n", 80, 24, true);
}

static bool line_has(const struct drvmem_screen *s, uint32_t row, const char *text)
{
	uint32_t i, k, n = (uint32_t)strlen(text);

	for (i = 0; i + n <= s->cols; i++) {
		for (k = 0; k < n && s->v[(size_t)row * s->cols + i + k].cp == (unsigned char)text[k]; k++)
			;
		if (k == n)
			return true;
	}
	return false;
}

static bool screen_has(const struct drvmem_screen *s, const char *text)
{
	for (uint32_t row = 0; row < s->rows; row++)
		if (line_has(s, row, text))
			return true;
	return false;
}

/* At every size: the total stands above the two last lines, and nothing is written over. */
static void every_size(void **state)
{
	struct drvmem_snapshot *s;
	struct drvmem_top *t = fed(many, &s);
	struct shown d;

	(void)state;
	for (uint32_t cols = 40; cols <= 200; cols += 8) {
		for (uint32_t rows = DRVMEM_TOPSCREEN_MIN_ROWS; rows <= 60; rows += 6) {
			draw(&d, t, s, cols, rows, true);
			assert_true(line_has(&d.sc, rows - 1, "F1Help"));
			assert_true(line_has(&d.sc, rows - 3, "TOTAL"));
			assert_true(line_has(&d.sc, rows - 3, "Gi"));
			assert_true(screen_has(&d.sc, "mod04999") || rows < 14);
			assert_true(t->room >= 1 && t->room < rows);
			drvmem_screen__deinit(&d.sc);
		}
	}
	draw(&d, t, s, 39, 60, true);
	assert_true(screen_has(&d.sc, "too small"));
	drvmem_screen__deinit(&d.sc);
	draw(&d, t, s, 80, 1, true);
	drvmem_screen__deinit(&d.sc);
	draw(&d, t, s, 0, 0, true);
	drvmem_screen__deinit(&d.sc);
	drvmem_top__free(t);
	drvmem_snapshot__free(s);
}

/* Before the first snapshot there are no figures, and no zeros in their place. */
static void no_snapshot(void **state)
{
	struct drvmem_top *t = drvmem_top__new();
	struct shown d;

	(void)state;
	draw(&d, t, NULL, 80, 24, true);
	assert_true(screen_has(&d.sc, "the first figures come in a moment"));
	assert_false(screen_has(&d.sc, "TOTAL"));
	drvmem_screen__deinit(&d.sc);
	drvmem_top__free(t);
}

/* What a recording does not have is missing there, and it does not look like a live view. */
static void recorded(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_top *t = drvmem_top__new();
	struct drvmem_screen sc = { .utf8 = true };
	struct drvmem_scope *v;
	struct drvmem_topscreen in = { .recorded = "2026-01-31 12:00:00 (3 of 9)", .own_cpu = -1 };

	(void)state;
	s->nr_objects = 0;
	for (uint32_t i = 0; i < s->nr_sites; i++)
		s->sites[i].nr_objects = s->sites[i].first_object = 0;
	v = fix_scope(NULL, s, NULL);
	in.scope = v;
	assert_int_equal(drvmem_screen__resize(&sc, 100, 30), 0);
	top_feed(t, NULL, s, true);
	drvmem_topscreen__draw(&sc, t, &in);
	assert_true(line_has(&sc, 0, "RECORDED 2026-01-31 12:00:00 (3 of 9)  traced 10s"));
	assert_false(line_has(&sc, 0, "every"));
	assert_true(line_has(&sc, 1, "RAM -"));
	top_text(t, s, "3");
	drvmem_topscreen__draw(&sc, t, &in);
	assert_true(screen_has(&sc, "No pools were recorded"));
	top_text(t, s, "5");
	drvmem_topscreen__draw(&sc, t, &in);
	assert_true(screen_has(&sc, "nothing can be said of leaks"));
	drvmem_screen__deinit(&sc);
	drvmem_scope__free(v);
	drvmem_top__free(t);
	drvmem_snapshot__free(s);
}

/* Each class of reconcile.h is shown in one place: what is in it alone is told once beside the whole. */
static void no_class_left_out(void **state)
{
	struct drvmem_top *t = drvmem_top__new();
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_scope *v = fix_scope(NULL, s, NULL);
	struct drvmem_screen sc = { .utf8 = true };
	const char *at, *line;
	uint32_t i, k, times;
	char *text;

	(void)state;
	assert_int_equal(drvmem_screen__resize(&sc, 300, 6), 0);
	for (i = 0; i < DRVMEM_NR_RAM; i++) {
		struct drvmem_ram_result r = { .total.bytes = drvmem_some(777 * MI) };
		const struct drvmem_topscreen in = { .scope = v, .ram = &r, .interval_ns = 1 };

		for (k = 0; k < DRVMEM_NR_RAM; k++)
			r.class[k].bytes = drvmem_some(k == i ? 777 * MI : 0);
		drvmem_screen__clear(&sc);
		drvmem_topscreen__band(&sc, t, &in);
		text = text_of(&sc, NULL);
		line = strstr(text, "RAM ");
		for (times = 0, at = line; (at = strstr(at, "777.0Mi")); at++)
			times++;
		if (times != 2)
			fail_msg("class %s is shown %u times:\n%s", drvmem_ram_classes[i].key, times - 1, text);
		free(text);
		/* one that is not known makes its group a lower bound, or missing */
		r.class[i].bytes = (struct drvmem_u64){ 0, DRVMEM_DENIED };
		r.unaccounted_st = DRVMEM_DENIED;
		drvmem_screen__clear(&sc);
		drvmem_topscreen__band(&sc, t, &in);
		text = text_of(&sc, NULL);
		assert_true(strstr(text, "≥0") || strstr(strstr(text, "RAM "), " - "));
		assert_non_null(strstr(text, "UNACCOUNTED -"));
		free(text);
	}
	drvmem_screen__deinit(&sc);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
	drvmem_top__free(t);
}

static struct drvmem_snapshot *odd_names(void)
{
	struct drvmem_snapshot *s = fix_new();
	uint32_t cache = fix_cache(s, "kmalloc-64", 64, false);
	static const char *const names[] = {
		"treiber_für_große_geräte_mit_langem_namen_und_mehr_als_dreißig_zeichen",
		"wide_\xe7\x95\x8c\xe7\x95\x8c", "bad_\xff\xc3", "esc_\033[31m\a", "combining_e\xcc\x81", "tab_\t_nl_\n_x",
	};

	for (size_t i = 0; i < UNIT_NR(names); i++)
		fix_site(s, fix_module(s, names[i], (uint32_t)i + 1, 100), cache, names[i], 10 + i, 0, 100);
	return s;
}

static void odd_names_are_safe(void **state)
{
	struct drvmem_snapshot *s;
	struct drvmem_top *t = fed(odd_names, &s);
	struct shown d;

	(void)state;
	for (int utf8 = 0; utf8 < 2; utf8++) {
		for (uint32_t cols = 40; cols < 120; cols++) {
			draw(&d, t, s, cols, 24, utf8);
			for (size_t i = 0; i < (size_t)d.sc.cols * d.sc.rows; i++) {
				uint32_t cp = d.sc.v[i].cp;

				assert_true(cp >= ' ' && cp != 0x7f && (cp < 0x7f || utf8));
				assert_true(cp < 0x7f || cp > 0xa0);
				assert_true(cp != 0x301 && cp < 0x2600);
			}
			assert_true(screen_has(&d.sc, "wide_??"));
			assert_true(screen_has(&d.sc, "esc_?[31m?"));
			drvmem_screen__deinit(&d.sc);
		}
	}
	drvmem_top__free(t);
	drvmem_snapshot__free(s);
}

static uint32_t look_at(const struct drvmem_screen *s, const char *name)
{
	for (uint32_t row = 0; row < s->rows; row++)
		if (line_has(s, row, name))
			return s->v[(size_t)row * s->cols + 1].look;
	fail_msg("no line with %s", name);
	return 0;
}

/* The cursor is a sign and reverse, a tag a sign, a change bold: none of them is a colour only. */
static void signs(void **state)
{
	struct drvmem_snapshot *s;
	struct drvmem_top *t = fed(fix_machine, &s);
	uint32_t bold = 0, coloured = 0, row, col;
	struct shown d;

	(void)state;
	top_type(t, s, DRVMEM_KEY_DOWN);
	top_text(t, s, " ");
	draw(&d, t, s, 100, 30, false);
	assert_true(screen_has(&d.sc, "> "));
	assert_true(screen_has(&d.sc, "*"));
	assert_true(screen_has(&d.sc, "[1 Modules]"));
	assert_true(look_at(&d.sc, "[1 Modules]") & DRVMEM_LOOK_REVERSE);
	for (row = 8; row < 20; row++) {
		for (col = 0; col < d.sc.cols; col++) {
			const struct drvmem_screen_cell *c = &d.sc.v[(size_t)row * d.sc.cols + col];

			bold += c->look & DRVMEM_LOOK_BOLD && c->cp >= '0' && c->cp <= '9';
			coloured += c->look >= DRVMEM_LOOK_GOOD && c->cp == ' ';
		}
	}
	assert_true(bold > 0);
	assert_int_equal(coloured, 0);
	drvmem_screen__deinit(&d.sc);
	drvmem_top__free(t);
	drvmem_snapshot__free(s);
}

/* A click means what is drawn there, at any size; nothing outside of it. */
static void hits(void **state)
{
	struct drvmem_snapshot *s;
	struct drvmem_top *t = fed(many, &s);
	uint32_t row, col, kinds, hit;
	struct shown d;

	(void)state;
	for (uint32_t cols = 40; cols <= 200; cols += 40) {
		draw(&d, t, s, cols, 24, true);
		for (row = 0, kinds = 0; row < 24; row++) {
			for (col = 0; col < cols; col++) {
				hit = drvmem_screen__hit_at(&d.sc, row, col);
				kinds |= 1u << (hit >> 24);
				if ((hit & DRVMEM_TOP_HIT_KIND) == DRVMEM_TOP_HIT_ROW)
					assert_true(line_has(&d.sc, row, top_name(t, hit & ~DRVMEM_TOP_HIT_KIND)));
				if ((hit & DRVMEM_TOP_HIT_KIND) == DRVMEM_TOP_HIT_KEY)
					assert_int_equal(row, 23);
			}
		}
		assert_int_equal(kinds, 0x1f);
		assert_int_equal(drvmem_screen__hit_at(&d.sc, 23, 0), DRVMEM_TOP_HIT_KEY | 1);
		assert_int_equal(drvmem_screen__hit_at(&d.sc, 24, 0), 0);
		assert_int_equal(drvmem_screen__hit_at(&d.sc, 0, cols), 0);
		drvmem_screen__deinit(&d.sc);
	}
	drvmem_top__free(t);
	drvmem_snapshot__free(s);
}

static void golden_batch(void **state)
{
	struct drvmem_snapshot *s;
	struct drvmem_top *t = fed(many, &s);
	struct drvmem_scope *v = fix_scope(NULL, s, NULL);
	struct drvmem_ram_result ram = small_ram();
	const struct drvmem_topscreen in = { .scope = v, .ram = &ram, .interval_ns = FIX_S, .own_cpu = -1 };
	size_t len, lines = 0;
	char *text;

	(void)state;
	text = fix_text(&len, assert_int_equal(drvmem_topscreen__batch(t, &in, 120, 3, true, out), 0));
	fix_golden("top-batch.txt", text, len);
	free(text);
	text = fix_text(&len, assert_int_equal(drvmem_topscreen__batch(t, &in, 120, 0, false, out), 0));
	for (size_t i = 0; i < len; i++) {
		lines += text[i] == '\n';
		assert_true(text[i] == '\n' || (text[i] >= ' ' && text[i] < 0x7f));
	}
	assert_true(lines > 5000 && lines < 5020);
	assert_non_null(strstr(text, "mod00000 "));
	free(text);
	drvmem_scope__free(v);
	drvmem_top__free(t);
	drvmem_snapshot__free(s);
}

static void pages_scroll(void **state)
{
	struct drvmem_snapshot *s;
	struct drvmem_top *t = fed(fix_machine, &s);
	struct shown d;

	(void)state;
	top_text(t, s, "?");
	draw(&d, t, s, 80, 24, true);
	assert_true(screen_has(&d.sc, "Esc leaves this page"));
	assert_false(screen_has(&d.sc, "UNACCOUNTED is"));
	drvmem_screen__deinit(&d.sc);
	top_type(t, s, DRVMEM_KEY_END);
	draw(&d, t, s, 80, 24, true);
	assert_true(screen_has(&d.sc, "medium growth from a tenth"));
	assert_true(screen_has(&d.sc, "drvmem leaks"));
	drvmem_screen__deinit(&d.sc);
	top_type(t, s, DRVMEM_KEY_HOME);
	draw(&d, t, s, 40, 60, true);	/* long lines go on below */
	assert_true(screen_has(&d.sc, "Esc leaves this page"));
	drvmem_screen__deinit(&d.sc);
	drvmem_top__free(t);
	drvmem_snapshot__free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden_screens),     cmocka_unit_test(every_size),
		cmocka_unit_test(no_snapshot),	      cmocka_unit_test(no_class_left_out),
		cmocka_unit_test(odd_names_are_safe), cmocka_unit_test(signs),
		cmocka_unit_test(golden_batch),	      cmocka_unit_test(pages_scroll),	      cmocka_unit_test(recorded),
		cmocka_unit_test(hits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
