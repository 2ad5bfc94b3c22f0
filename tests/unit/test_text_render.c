// SPDX-License-Identifier: GPL-2.0-or-later
/* Tables and headers as text: goldens, widths, marks, and names that would harm a terminal. */
#include "fixture.h"

#include "render/text.h"
#include "render/utf8.h"
#include "view/report.h"

static const struct drvmem_text_opts utf8 = { .utf8 = true }, ascii = { 0 };

static char *whole(const struct drvmem_snapshot *prev, const struct drvmem_snapshot *s,
		   enum drvmem_by by, uint32_t top, const struct drvmem_text_opts *o, size_t *ret_len)
{
	struct drvmem_report_opts ro = { by, DRVMEM_SORT_LIVE, top };
	struct drvmem_scope *v = fix_scope(prev, s, NULL);
	struct drvmem_grid *g = NULL;
	char *text;

	assert_int_equal(drvmem_report__build(v, &ro, &g), 0);
	text = fix_text(ret_len, ({
		drvmem_text__header(v, o, false, out);
		drvmem_text__grid(g, o, out);
	}));
	drvmem_grid__free(g);
	drvmem_scope__free(v);
	return text;
}

/* Columns that a line takes: code points, colours not counted. */
static size_t columns_of(const char *line, size_t len)
{
	size_t n = 0, i;

	for (i = 0; i < len; i++) {
		if (line[i] == '\033') {
			while (i < len && line[i] != 'm')
				i++;
			continue;
		}
		n += ((unsigned char)line[i] & 0xc0) != 0x80;
	}
	return n;
}

static void expect_narrow(const char *text, size_t max)
{
	const char *end;

	for (; *text; text = end + 1) {
		end = strchr(text, '\n');
		assert_non_null(end);
		if (columns_of(text, (size_t)(end - text)) > max && strncmp(text, "left out", 8) &&
		    !strstr(text, "not seen"))
			fail_msg("%zu columns > %zu: %.*s", columns_of(text, (size_t)(end - text)), max,
				 (int)(end - text), text);
	}
}

static void expect_in(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("'%s' is not in:\n%s", part, text);
}

static void golden_views(void **state)
{
	static const char *const names[] = { "by-owner.txt", "by-site.txt", "by-cache.txt",
					     "by-stack.txt" };
	struct drvmem_snapshot *s = fix_machine();
	size_t len;
	char *text;

	(void)state;
	for (int by = DRVMEM_BY_OWNER; by <= DRVMEM_BY_STACK; by++) {
		text = whole(NULL, s, (enum drvmem_by)by, 0, &utf8, &len);
		fix_golden(names[by], text, len);
		free(text);
	}
	drvmem_snapshot__free(s);
}

static void golden_sampled(void **state)
{
	struct drvmem_snapshot *s = fix_sampled();
	size_t len;
	char *text = whole(NULL, s, DRVMEM_BY_OWNER, 0, &utf8, &len);

	(void)state;
	fix_golden("sampled.txt", text, len);
	free(text);
	drvmem_snapshot__free(s);
}

static char *header_of(struct drvmem_snapshot *s)
{
	const struct drvmem_text_opts o = { .utf8 = true };
	struct drvmem_scope *v = fix_scope(NULL, s, NULL);
	char *text = fix_text(NULL, drvmem_text__header(v, &o, false, out));

	drvmem_scope__free(v);
	return text;
}

/* Who walked stacks, and that ours was switched off when it differed: then it is not known who walked how many. */
static void walks_of_stacks(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	char *text = header_of(s);

	(void)state;
	assert_non_null(strstr(text, "\nstacks walked 4096, 7 of them by the kernel's unwinder, 4 compared; 5 more, of rare events, always by it\n"));
	free(text);
	fix_walk_differed(s);
	text = header_of(s);
	assert_non_null(strstr(text, "\nstacks walked 4096, 4 compared; 1 differed: our walk was switched off, the kernel's "
				     "unwinder walks since; please report it\n"));
	free(text);
	s->walks.mismatch = 0;
	text = header_of(s);
	assert_non_null(strstr(text, "\nstacks walked 4096 by the kernel's unwinder: one of our walks differed from its\n"));
	free(text);
	drvmem_snapshot__free(s);
}

static void golden_ascii_and_loss(void **state)
{
	struct drvmem_snapshot *prev = fix_machine(), *s = fix_machine();
	size_t len;
	char *text;

	(void)state;
	s->loss.table_full = 90;
	s->loss.stack_missing = 7;
	s->loss.class_full = 1;
	s->meta.taken_ns += 5 * FIX_S;
	s->meta.min_size = 16;
	s->meta.max_size = 65536;
	text = whole(prev, s, DRVMEM_BY_OWNER, 2, &ascii, &len);
	for (size_t i = 0; i < len; i++)
		assert_true(text[i] == '\n' || (text[i] >= ' ' && text[i] < 0x7f));
	fix_golden("lossy-ascii.txt", text, len);
	free(text);
	drvmem_snapshot__free(prev);
	drvmem_snapshot__free(s);
}

static void golden_empty(void **state)
{
	struct drvmem_snapshot *s = fix_new();
	size_t len;
	char *text;

	(void)state;
	s->loss.recursion_misses.st = DRVMEM_ABSENT;
	text = whole(NULL, s, DRVMEM_BY_OWNER, 10, &utf8, &len);
	fix_golden("empty.txt", text, len);
	free(text);
	drvmem_snapshot__free(s);
}

static void golden_leaks(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_scope *v = fix_scope(NULL, s, NULL);
	struct drvmem_outstanding *k = NULL;
	struct drvmem_grid *g = NULL;
	size_t len;
	char *text;

	(void)state;
	assert_int_equal(drvmem_outstanding__new(v, &(struct drvmem_outstanding_opts){ .older_ns = 1 * FIX_S }, &k), 0);
	assert_int_equal(drvmem_outstanding__grid(v, k, 0, &g), 0);
	text = fix_text(&len, ({
		drvmem_text__outstanding(k, &utf8, out);
		drvmem_text__grid(g, &utf8, out);
	}));
	fix_golden("leaks.txt", text, len);
	free(text);
	drvmem_grid__free(g);
	drvmem_outstanding__free(k);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

/* Figures go by rank, the name is cut before a wanted figure is lost, and it is said. */
static void narrow_terminals(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_text_opts o = { .utf8 = true };
	char *text;

	(void)state;
	s->sites[0].site = drvmem_snapshot__str(s, "a_function_with_a_name_that_is_really_"
						   "longer_than_any_column_has_a_right_to_be+0x1f");
	for (o.width = 40; o.width <= 200; o.width++) {
		text = whole(NULL, s, DRVMEM_BY_SITE, 0, &o, NULL);
		expect_in(text, "LIVE");
		if (o.width >= 60)
			expect_narrow(strstr(text, "\n\n") + 2, o.width);
		free(text);
	}
	o.width = 80;
	text = whole(NULL, s, DRVMEM_BY_OWNER, 0, &o, NULL);
	expect_in(text, "left out at this width: ");
	free(text);
	drvmem_snapshot__free(s);
}

/* A terminal as wide as the table shows all of it; one column less does not. */
static void nothing_is_left_out_without_need(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_text_opts o = { .utf8 = true };
	char *text = whole(NULL, s, DRVMEM_BY_CACHE, 0, &o, NULL), *wide, *line;

	(void)state;
	line = strstr(text, "\n\n") + 2;
	o.width = (uint32_t)columns_of(line, strcspn(line, "\n"));
	wide = whole(NULL, s, DRVMEM_BY_CACHE, 0, &o, NULL);
	assert_string_equal(strstr(wide, "\n\n"), strstr(text, "\n\n"));
	free(wide);
	o.width--;
	wide = whole(NULL, s, DRVMEM_BY_CACHE, 0, &o, NULL);
	expect_in(wide, "left out at this width: allocator\n");
	free(wide);
	free(text);
	drvmem_snapshot__free(s);
}

static void sizes_are_named_when_filtered(void **state)
{
	struct drvmem_snapshot *s = fix_new();
	char *text;

	(void)state;
	s->meta.min_size = 64;
	text = whole(NULL, s, DRVMEM_BY_OWNER, 0, &utf8, NULL);
	expect_in(text, "only sizes from 64\n");
	free(text);
	s->meta.min_size = 0;
	s->meta.max_size = 4096;
	text = whole(NULL, s, DRVMEM_BY_OWNER, 0, &utf8, NULL);
	expect_in(text, "only sizes from 0 to 4K\n");
	free(text);
	drvmem_snapshot__free(s);
}

static void notes_are_folded(void **state)
{
	struct drvmem_snapshot *s = fix_new();
	struct drvmem_text_opts o = { .width = 30 };
	char *text, word[601] = "", *at;
	size_t letters = 0;

	(void)state;
	s->meta.notes[0] = drvmem_snapshot__str(s, "one two three four five six seven");
	s->meta.nr_notes = 1;
	text = whole(NULL, s, DRVMEM_BY_OWNER, 0, &o, NULL);
	expect_in(text, "not seen: one two three four\n          five six seven\n");
	free(text);
	s->meta.notes[0] = drvmem_snapshot__str(s, "123456789 123456789 1234567890 x");
	text = whole(NULL, s, DRVMEM_BY_OWNER, 0, &o, NULL);
	expect_in(text, "not seen: 123456789 123456789\n          1234567890 x\n");
	free(text);
	memset(word, 'w', sizeof(word) - 1);
	s->meta.notes[0] = drvmem_snapshot__str(s, word);
	text = whole(NULL, s, DRVMEM_BY_OWNER, 0, &o, NULL);
	for (at = strstr(text, "not seen: "); strncmp(at, "\n\n", 2); at++)
		letters += *at == 'w';
	assert_int_equal(letters, 600);
	free(text);
	s->meta.notes[0] = drvmem_snapshot__str(s, "123456789 1234567890 x");
	text = whole(NULL, s, DRVMEM_BY_OWNER, 0, &o, NULL);
	expect_in(text, "not seen: 123456789 1234567890\n          x\n");
	free(text);
	drvmem_snapshot__free(s);
}

static void colours_only_when_asked(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_text_opts o = { .utf8 = true, .colour = true };
	char *text;

	(void)state;
	s->loss.table_full = 1;
	text = whole(NULL, s, DRVMEM_BY_OWNER, 0, &o, NULL);
	expect_in(text, "\033[33mloss");
	expect_in(text, "\033[1m");
	free(text);
	text = whole(NULL, s, DRVMEM_BY_OWNER, 0, &utf8, NULL);
	assert_null(strchr(text, '\033'));
	free(text);
	drvmem_snapshot__free(s);
}

static void names_cannot_harm_a_terminal(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	size_t len;
	char *text;

	(void)state;
	s->instances[4].name = drvmem_snapshot__str(s, "e\033[2J\"\n\xff\xc2\x9b" "é");
	s->meta.hostname = drvmem_snapshot__str(s, "h\033]0;x\007");
	text = whole(NULL, s, DRVMEM_BY_OWNER, 0, &utf8, &len);
	assert_null(memchr(text, '\033', len));
	assert_null(memchr(text, '\007', len));
	expect_in(text, "e?[2J\"???é");
	free(text);
	text = whole(NULL, s, DRVMEM_BY_OWNER, 0, &ascii, &len);
	expect_in(text, "e?[2J\"????");
	free(text);
	drvmem_snapshot__free(s);
}

static void one_cell(const struct drvmem_text_opts *o, enum drvmem_unit unit, bool change,
		     const struct drvmem_cell *c, const char *want)
{
	struct drvmem_column columns[2] = {
		{ "name", "", NULL, DRVMEM_UNIT_TEXT, false, 0 },
		{ "n", "", NULL, unit, change, 0 },
	};
	struct drvmem_grid *g = drvmem_grid__new(columns, 2);
	char *text, *end;

	drvmem_grid__add_row(g, DRVMEM_ROW_DATA, 0);
	drvmem_grid__text(g, "name", "x", 0);
	g->cells[1] = *c;
	text = fix_text(NULL, drvmem_text__grid(g, o, out));
	end = strchr(text, '\n');
	assert_non_null(end);
	*end = 0;
	assert_string_equal(text + 3, want);
	free(text);
	drvmem_grid__free(g);
}

static void cells(void **state)
{
	unsigned int lo = DRVMEM_CELL_LOWER, hi = DRVMEM_CELL_UPPER;
	const struct {
		enum drvmem_unit unit;
		bool change;
		struct drvmem_cell c;
		const char *utf8, *ascii;
	} t[] = {
		{ DRVMEM_UNIT_BYTES, false, { .type = DRVMEM_CELL_U64, .u = 1536 }, "1.5Ki", "1.5Ki" },
		{ DRVMEM_UNIT_BYTES, false, { .type = DRVMEM_CELL_U64, .u = 0 }, "0", "0" },
		{ DRVMEM_UNIT_BYTES, false, { .type = DRVMEM_CELL_U64, .st = DRVMEM_ABSENT }, "-", "-" },
		{ DRVMEM_UNIT_BYTES, false, { .type = DRVMEM_CELL_U64, .st = DRVMEM_LOST,
					      .flags = lo }, "-", "-" },
		{ DRVMEM_UNIT_BYTES, true, { .type = DRVMEM_CELL_I64, .i = 1536 }, "+1.5Ki", "+1.5Ki" },
		{ DRVMEM_UNIT_BYTES, false, { .type = DRVMEM_CELL_I64, .i = -1536 }, "-1.5Ki", "-1.5Ki" },
		{ DRVMEM_UNIT_COUNT, false, { .type = DRVMEM_CELL_I64, .i = -3 }, "-3", "-3" },
		{ DRVMEM_UNIT_COUNT, false, { .type = DRVMEM_CELL_U64, .u = 7, .flags = lo }, "≥7", ">=7" },
		{ DRVMEM_UNIT_COUNT, false, { .type = DRVMEM_CELL_U64, .u = 7, .flags = hi }, "≤7", "<=7" },
		{ DRVMEM_UNIT_COUNT, false, { .type = DRVMEM_CELL_U64, .u = 7, .flags = lo | hi },
		  "~7", "~7" },
		{ DRVMEM_UNIT_COUNT, false, { .type = DRVMEM_CELL_U64, .u = 7,
					      .flags = DRVMEM_CELL_GUESS }, "~7", "~7" },
		{ DRVMEM_UNIT_DURATION, false, { .type = DRVMEM_CELL_U64, .u = 1500000000 }, "1.5s", "1.5s" },
		{ DRVMEM_UNIT_RATE, false, { .type = DRVMEM_CELL_DOUBLE, .d = 0 }, "0", "0" },
		{ DRVMEM_UNIT_RATE, false, { .type = DRVMEM_CELL_DOUBLE, .d = 0.01 }, "<0.1", "<0.1" },
		{ DRVMEM_UNIT_RATE, false, { .type = DRVMEM_CELL_DOUBLE, .d = 0.25 }, "0.2", "0.2" },
		{ DRVMEM_UNIT_RATE, false, { .type = DRVMEM_CELL_DOUBLE, .d = 9.97 }, "10", "10" },
		{ DRVMEM_UNIT_RATE, false, { .type = DRVMEM_CELL_DOUBLE, .d = 123456 }, "123k", "123k" },
	};

	(void)state;
	for (size_t i = 0; i < UNIT_NR(t); i++) {
		one_cell(&utf8, t[i].unit, t[i].change, &t[i].c, t[i].utf8);
		one_cell(&ascii, t[i].unit, t[i].change, &t[i].c, t[i].ascii);
	}
}

static void the_second_header_is_short(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_scope *v = fix_scope(s, s, NULL);
	char *text = fix_text(NULL, drvmem_text__header(v, &utf8, true, out));

	(void)state;
	assert_null(strstr(text, "not seen"));
	assert_null(strstr(text, "host"));
	expect_in(text, "loss 0");
	free(text);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden_views),
		cmocka_unit_test(golden_sampled),
		cmocka_unit_test(walks_of_stacks),
		cmocka_unit_test(golden_ascii_and_loss),
		cmocka_unit_test(golden_empty),
		cmocka_unit_test(golden_leaks),
		cmocka_unit_test(narrow_terminals),
		cmocka_unit_test(nothing_is_left_out_without_need),
		cmocka_unit_test(sizes_are_named_when_filtered),
		cmocka_unit_test(notes_are_folded),
		cmocka_unit_test(colours_only_when_asked),
		cmocka_unit_test(names_cannot_harm_a_terminal),
		cmocka_unit_test(cells),
		cmocka_unit_test(the_second_header_is_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
