// SPDX-License-Identifier: GPL-2.0-or-later
/* Grids as CSV: quoting, missing numbers, marks, and the report table against a golden. */
#include "fixture.h"

#include "render/csv.h"
#include "view/report.h"

static const struct drvmem_column columns[] = {
	{ "name", "NAME", NULL, DRVMEM_UNIT_TEXT, false, 0 },
	{ "bytes", "BYTES", NULL, DRVMEM_UNIT_BYTES, false, 0 },
	{ "per_s", "PER S", NULL, DRVMEM_UNIT_RATE, false, 0 },
};

static struct drvmem_grid *new_grid(void)
{
	struct drvmem_grid *g = drvmem_grid__new(columns, UNIT_NR(columns));

	assert_non_null(g);
	return g;
}

static void expect(struct drvmem_grid *g, bool titles, const char *want)
{
	char *text = fix_text(NULL, drvmem_csv__grid(g, 1700000010, titles, out));

	assert_string_equal(text, want);
	free(text);
	drvmem_grid__free(g);
}

static void texts_are_quoted_where_they_must(void **state)
{
	struct drvmem_grid *g = new_grid();

	(void)state;
	drvmem_grid__add_row(g, DRVMEM_ROW_DATA, 0);
	drvmem_grid__text(g, "name", "a,b", 0);
	drvmem_grid__add_row(g, DRVMEM_ROW_DATA, 1);
	drvmem_grid__text(g, "name", "say \"no\"", 0);
	drvmem_grid__add_row(g, DRVMEM_ROW_FRAME, 2);
	drvmem_grid__text(g, "name", "two\nlines", 0);
	drvmem_grid__add_row(g, DRVMEM_ROW_TOTAL, 0);
	drvmem_grid__text(g, "name", "plain text", 0);
	expect(g, true, "taken_at,row,level,name,bytes,per_s,marks\r\n"
			"1700000010,data,0,\"a,b\",,,\r\n"
			"1700000010,data,1,\"say \"\"no\"\"\",,,\r\n"
			"1700000010,frame,2,\"two\nlines\",,,\r\n"
			"1700000010,total,0,plain text,,,\r\n");
}

static void a_missing_number_is_empty_and_no_zero(void **state)
{
	struct drvmem_grid *g = new_grid();

	(void)state;
	drvmem_grid__add_row(g, DRVMEM_ROW_DATA, 0);
	drvmem_grid__text(g, "name", "x", 0);
	drvmem_grid__missing(g, "bytes", DRVMEM_DENIED);
	drvmem_grid__double(g, "per_s", 0, 0);
	expect(g, false, "1700000010,data,0,x,,0,\r\n");
}

static void bounds_and_errors_are_marks(void **state)
{
	struct drvmem_grid *g = new_grid();

	(void)state;
	drvmem_grid__add_row(g, DRVMEM_ROW_OTHER, 0);
	drvmem_grid__text(g, "name", "x", DRVMEM_CELL_GUESS);
	drvmem_grid__i64(g, "bytes", -5, DRVMEM_CELL_LOWER | DRVMEM_CELL_UPPER);
	drvmem_grid__double(g, "per_s", 2.5, 0);
	drvmem_grid__error_of(g, "per_s", 1.25);
	expect(g, false, "1700000010,other,0,x,-5,2.5,name~ bytes>= bytes<= per_s+-1.25\r\n");
}

static void numbers_are_whole(void **state)
{
	struct drvmem_grid *g = new_grid();

	(void)state;
	drvmem_grid__add_row(g, DRVMEM_ROW_DATA, 0);
	drvmem_grid__text(g, "name", "x", 0);
	drvmem_grid__u64(g, "bytes", UINT64_MAX, 0);
	expect(g, false, "1700000010,data,0,x,18446744073709551615,,\r\n");
}

static void golden(const char *name, struct drvmem_snapshot *s, enum drvmem_by by)
{
	struct drvmem_scope *v = fix_scope(NULL, s, NULL);
	struct drvmem_report_opts o = { by, DRVMEM_SORT_LIVE, 0 };
	struct drvmem_grid *g = NULL;
	size_t len;
	char *text;

	assert_int_equal(drvmem_report__build(v, &o, &g), 0);
	text = fix_text(&len, drvmem_csv__grid(g, s->meta.taken_unix, true, out));
	fix_golden(name, text, len);
	free(text);
	drvmem_grid__free(g);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

static void the_report_table(void **state)
{
	(void)state;
	golden("report.csv", fix_machine(), DRVMEM_BY_OWNER);
	golden("report-sampled.csv", fix_sampled(), DRVMEM_BY_SITE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_quoted_where_they_must),
		cmocka_unit_test(a_missing_number_is_empty_and_no_zero),
		cmocka_unit_test(bounds_and_errors_are_marks),
		cmocka_unit_test(numbers_are_whole),
		cmocka_unit_test(the_report_table),
	};

	return cmocka_run_group_tests_name("csv", tests, NULL, NULL);
}
