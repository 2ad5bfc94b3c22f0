// SPDX-License-Identifier: GPL-2.0-or-later
/* The view of `drvmem top` without a terminal: order, filter, cursor, tree, drill-down, marks. */
#include "topfixture.h"

static void expect_names(const struct drvmem_top *t, const char *const *names, uint32_t n)
{
	assert_int_equal(t->nr_order, n);
	for (uint32_t i = 0; i < n; i++)
		assert_string_equal(top_name(t, i), names[i]);
}

static void sorting(void **state)
{
	static const char *const down[] = { "mod00002", "mod00001", "mod00000" };
	static const char *const up[] = { "mod00000", "mod00001", "mod00002" };
	struct drvmem_snapshot *s = top_owners(3, 10);
	struct drvmem_top *t = top_fed(s);

	(void)state;
	expect_names(t, down, 3);
	top_text(t, s, "I");
	expect_names(t, up, 3);
	top_text(t, s, "sl");
	expect_names(t, down, 3);
	top_text(t, s, "sn");	/* texts from A on */
	expect_names(t, up, 3);
	top_text(t, s, "sg");
	expect_names(t, down, 3);
	assert_string_equal(drvmem_top__look(t)->sort, "delta_minute_bytes");
	top_text(t, s, ">");
	assert_string_equal(drvmem_top__look(t)->sort, "delta_mark_bytes");
	top_text(t, s, "<<");
	assert_string_equal(drvmem_top__look(t)->sort, "delta_bytes");
	/* no order by a trend: it is passed over */
	top_text(t, s, "sv>");
	assert_string_equal(drvmem_top__look(t)->sort, "bytes_per_alloc");
	top_text(t, s, "sz");
	assert_non_null(strstr(t->said, "?"));
	drvmem_top__free(t);
	drvmem_snapshot__free(s);
}

/* What has no number is last in both directions: it is neither small nor large. */
static void missing_is_last(void **state)
{
	static const char *const down[] = { "mod00002", "mod00001", "mod00000" };
	static const char *const up[] = { "mod00001", "mod00002", "mod00000" };
	struct drvmem_snapshot *s = top_owners(3, 10);
	struct drvmem_top *t;

	(void)state;
	s->instances[3].peak_bytes.st = DRVMEM_ABSENT;
	t = top_fed(s);
	top_text(t, s, "sp");
	expect_names(t, down, 3);
	top_text(t, s, "I");
	expect_names(t, up, 3);
	drvmem_top__free(t);
	drvmem_snapshot__free(s);
}

static void filtering(void **state)
{
	struct drvmem_snapshot *s = top_owners(30, 10);
	struct drvmem_top *t = top_fed(s);

	(void)state;
	top_text(t, s, "\\D0001");	/* upper or lower case */
	assert_int_equal(t->nr_order, 10);
	top_text(t, s, "7");
	assert_int_equal(t->nr_order, 1);
	assert_string_equal(top_name(t, 0), "mod00017");
	top_type(t, s, DRVMEM_KEY_BACKSPACE);
	assert_int_equal(t->nr_order, 10);
	top_type(t, s, DRVMEM_KEY_ENTER);
	assert_int_equal(t->mode, DRVMEM_TOP_BROWSE);
	assert_string_equal(t->filter, "D0001");
	/* a row below is reason enough to show the one above */
	top_type(t, s, DRVMEM_KEY_ESC);
	assert_int_equal(t->nr_order, 30);
	top_text(t, s, "\\00003_alloc");
	assert_int_equal(t->nr_order, 1);
	assert_string_equal(top_name(t, 0), "mod00003");
	top_text(t, s, "nothing has this");
	assert_int_equal(t->nr_order, 0);
	top_type(t, s, DRVMEM_KEY_DOWN);
	top_type(t, s, DRVMEM_KEY_ENTER);
	top_type(t, s, DRVMEM_KEY_ENTER);
	assert_int_equal(t->view, DRVMEM_TOP_OWNERS);
	drvmem_top__free(t);
	drvmem_snapshot__free(s);
}

static void searching(void **state)
{
	struct drvmem_snapshot *s = top_owners(30, 10);
	struct drvmem_top *t = top_fed(s);

	(void)state;
	top_text(t, s, "/0001");
	assert_string_equal(top_cursor(t), "mod00019");
	top_type(t, s, DRVMEM_KEY_ENTER);
	top_text(t, s, "n");
	assert_string_equal(top_cursor(t), "mod00018");
	assert_true(drvmem_top__look(t)->at >= drvmem_top__look(t)->first);
	assert_true(drvmem_top__look(t)->at < drvmem_top__look(t)->first + 5);
	top_text(t, s, "/zzz");
	assert_non_null(strstr(t->said, "zzz"));
	assert_string_equal(top_cursor(t), "mod00018");
	drvmem_top__free(t);
	drvmem_snapshot__free(s);
}

/* The cursor is on a row, not on a place; the screen moves only as far as it must, or with it. */
static void cursor_stays(void **state)
{
	struct drvmem_snapshot *s = top_owners(20, 10), *next = top_owners(20, 12);
	struct drvmem_top *t = top_fed(s);

	(void)state;
	assert_string_equal(top_cursor(t), "mod00019");
	for (int i = 0; i < 10; i++)
		top_type(t, s, DRVMEM_KEY_DOWN);
	assert_string_equal(top_cursor(t), "mod00009");
	assert_int_equal(drvmem_top__look(t)->first, 6);
	top_grow(next, 9, 95);	/* to the third place */
	top_feed(t, s, next, true);
	assert_string_equal(top_cursor(t), "mod00009");
	assert_int_equal(drvmem_top__look(t)->at, 1);
	assert_int_equal(drvmem_top__look(t)->first, 1);
	/* back to its place, the screen following: on the line where it was */
	top_text(t, s, "F");
	top_type(t, s, DRVMEM_KEY_DOWN);
	top_type(t, s, DRVMEM_KEY_UP);
	top_feed(t, next, s, true);
	assert_string_equal(top_cursor(t), "mod00009");
	assert_int_equal(drvmem_top__look(t)->at, 10);
	assert_int_equal(drvmem_top__look(t)->first, 10);
	/* from Home on it is the first row, whichever that is */
	top_type(t, s, DRVMEM_KEY_HOME);
	top_grow(next, 2, 1000);
	top_feed(t, s, next, true);
	assert_string_equal(top_cursor(t), "mod00002");
	drvmem_top__free(t);
	drvmem_snapshot__free(s);
	drvmem_snapshot__free(next);
}

static void cursor_row_goes(void **state)
{
	struct drvmem_snapshot *s = top_owners(20, 10), *next = top_owners(4, 12);
	struct drvmem_top *t = top_fed(s);

	(void)state;
	top_type(t, s, DRVMEM_KEY_DOWN);
	assert_string_equal(top_cursor(t), "mod00018");
	top_feed(t, s, next, true);
	assert_int_equal(drvmem_top__look(t)->at, 1);
	assert_string_equal(top_cursor(t), "mod00002");
	top_type(t, s, DRVMEM_KEY_END);
	assert_string_equal(top_cursor(t), "mod00000");
	top_type(t, s, DRVMEM_KEY_PGDN);
	assert_string_equal(top_cursor(t), "mod00000");
	drvmem_top__free(t);
	drvmem_snapshot__free(s);
	drvmem_snapshot__free(next);
}

static bool changed(const struct drvmem_top *t, const char *name, const char *key)
{
	uint32_t i, col = drvmem_top_table__column(&t->table, key);

	assert_true(col != DRVMEM_TOP_NONE);
	for (i = 0; i < t->nr_order; i++)
		if (!strcmp(top_name(t, i), name))
			return t->table.row[t->order[i]].changed & 1u << col;
	fail_msg("no row %s", name);
	return false;
}

/* A cell that changed is marked until the next snapshot, and so is a row that is new. */
static void highlight(void **state)
{
	struct drvmem_snapshot *s = top_owners(3, 10), *next = top_owners(4, 12);
	struct drvmem_top *t = top_fed(s);

	(void)state;
	assert_false(changed(t, "mod00001", "live_bytes"));
	top_grow(next, 1, 3);
	top_feed(t, s, next, true);
	assert_true(changed(t, "mod00001", "live_bytes"));
	assert_true(changed(t, "mod00001", "live_objects"));
	assert_false(changed(t, "mod00001", "failures"));
	assert_false(changed(t, "mod00000", "live_bytes"));
	assert_true(changed(t, "mod00003", "live_bytes"));
	top_text(t, next, "sn");	/* another order is no other figure */
	assert_true(changed(t, "mod00001", "live_bytes"));
	top_feed(t, next, next, true);
	assert_false(changed(t, "mod00001", "live_bytes"));
	drvmem_top__free(t);
	drvmem_snapshot__free(s);
	drvmem_snapshot__free(next);
}

static void tree(void **state)
{
	struct drvmem_snapshot *s = top_owners(3, 10);
	struct drvmem_top *t = top_fed(s);

	(void)state;
	top_type(t, s, DRVMEM_KEY_DOWN);
	top_type(t, s, DRVMEM_KEY_RIGHT);
	assert_int_equal(t->nr_order, 4);
	assert_string_equal(top_name(t, 2), "mod00001_alloc+0x1c");
	top_type(t, s, DRVMEM_KEY_DOWN);
	top_type(t, s, DRVMEM_KEY_LEFT);	/* to the row above it */
	assert_string_equal(top_cursor(t), "mod00001");
	top_type(t, s, DRVMEM_KEY_LEFT);
	assert_int_equal(t->nr_order, 3);
	top_text(t, s, "t");
	assert_int_equal(t->nr_order, 6);
	top_type(t, s, DRVMEM_KEY_F1 + 4);
	assert_int_equal(t->nr_order, 3);
	drvmem_top__free(t);
	drvmem_snapshot__free(s);
}

static void drill_down(void **state)
{
	struct drvmem_snapshot *s = top_owners(3, 10);
	struct drvmem_top *t = top_fed(s);

	(void)state;
	top_type(t, s, DRVMEM_KEY_DOWN);
	top_type(t, s, DRVMEM_KEY_ENTER);
	assert_int_equal(t->view, DRVMEM_TOP_SITES_OF);
	assert_int_equal(t->nr_order, 1);
	assert_int_equal(t->table.total, DRVMEM_TOP_NONE);
	assert_string_equal(top_name(t, 0), "mod00001_alloc+0x1c");
	top_type(t, s, DRVMEM_KEY_ENTER);
	assert_int_equal(t->view, DRVMEM_TOP_STACK);
	assert_int_equal(t->nr_order, 5);
	assert_string_equal(top_name(t, 1), "stack, 7 samples");
	assert_string_equal(top_name(t, 3), "vfs_write+0xc4");	/* frames keep their order */
	top_type(t, s, DRVMEM_KEY_ESC);
	assert_int_equal(t->view, DRVMEM_TOP_SITES_OF);
	top_type(t, s, DRVMEM_KEY_ESC);
	assert_int_equal(t->view, DRVMEM_TOP_OWNERS);
	assert_string_equal(top_cursor(t), "mod00001");
	top_text(t, s, "?");
	assert_true(drvmem_top__is_page(t));
	top_type(t, s, DRVMEM_KEY_ESC);
	assert_int_equal(t->view, DRVMEM_TOP_OWNERS);
	drvmem_top__free(t);
	drvmem_snapshot__free(s);
}

/* Rows that are called the same are told apart, and each keeps its id. */
static void same_names(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_top *t = top_fed(s);
	uint64_t ids[64];
	uint32_t i, k, n;

	(void)state;
	top_text(t, s, "t");
	n = t->nr_order;
	assert_true(n > 6 && n < 64);
	for (i = 0; i < n; i++) {
		ids[i] = t->table.row[t->order[i]].id;
		for (k = 0; k < i; k++)
			assert_true(ids[k] != ids[i]);
	}
	top_feed(t, s, s, true);
	assert_int_equal(t->nr_order, n);
	for (i = 0; i < n; i++)
		assert_true(ids[i] == t->table.row[t->order[i]].id);
	drvmem_top__free(t);
	drvmem_snapshot__free(s);
}

static void marks(void **state)
{
	struct drvmem_snapshot *s = top_owners(3, 10), *next = top_owners(3, 12);
	struct drvmem_top *t = top_fed(s);

	(void)state;
	/* a change that nobody began is missing, not 0 */
	assert_int_equal(top_cell(t, "mod00001", "delta_mark_bytes")->st, DRVMEM_ABSENT);
	assert_int_equal(drvmem_top__key(t, 'm'), DRVMEM_TOP_DO_MARK);
	assert_int_equal(drvmem_top__mark(t, s, NULL, NULL), 0);
	top_grow(next, 1, 4);
	top_feed(t, s, next, true);
	assert_int_equal(t->window, DRVMEM_TOP_MARK);
	assert_int_equal(top_cell(t, "mod00001", "delta_mark_bytes")->i, 400);
	assert_int_equal(top_cell(t, "mod00000", "delta_mark_bytes")->i, 0);
	assert_int_equal(top_cell(t, "TOTAL", "delta_mark_bytes")->i, 400);
	top_text(t, next, "sg");
	assert_string_equal(top_name(t, 0), "mod00001");
	assert_int_equal(top_cell(t, "mod00001", "delta_mark_objects")->i, 4);
	assert_int_equal(top_cell(t, "TOTAL", "delta_mark_objects")->i, 4);
	top_text(t, next, "ww");
	assert_int_equal(t->window, DRVMEM_TOP_START);
	assert_string_equal(drvmem_top__look(t)->sort, "live_bytes");
	top_text(t, next, "ww");
	assert_int_equal(t->window, DRVMEM_TOP_MINUTE);
	assert_string_equal(drvmem_top__look(t)->sort, "delta_minute_bytes");
	drvmem_top__free(t);
	drvmem_snapshot__free(s);
	drvmem_snapshot__free(next);
}

/* Back in a recording: what is known of later moments must not be told of earlier ones. */
static void forgetting(void **state)
{
	struct drvmem_snapshot *s = top_owners(3, 100), *before = top_owners(3, 10);
	struct drvmem_top *t = top_fed(s);
	struct drvmem_history_of of;
	int64_t v[8];

	(void)state;
	assert_int_equal(drvmem_top__mark(t, s, NULL, NULL), 0);
	assert_int_equal(drvmem_top__forget(t), 0);
	top_feed(t, NULL, before, true);
	assert_int_equal(top_cell(t, "mod00001", "delta_mark_bytes")->st, DRVMEM_ABSENT);
	assert_true(drvmem_top__trend_of(t, t->order[0], &of));
	assert_int_equal(drvmem_history__trend(t->history, of, 8, v), 1);
	drvmem_top__free(t);
	drvmem_snapshot__free(s);
	drvmem_snapshot__free(before);
}

/* The difference of figures that are at most so much is bounded from neither side. */
static void bounds_of_changes(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_top *t = top_fed(s);

	(void)state;
	assert_int_equal(top_cell(t, "kernel", "live_bytes")->flags, DRVMEM_CELL_UPPER);
	assert_int_equal(top_cell(t, "kernel", "delta_minute_bytes")->flags, DRVMEM_CELL_GUESS);
	assert_int_equal(top_cell(t, "nvme", "delta_minute_bytes")->flags, 0);
	drvmem_top__free(t);
	drvmem_snapshot__free(s);
}

static void tags(void **state)
{
	struct drvmem_snapshot *s = top_owners(3, 10);
	struct drvmem_top *t = top_fed(s);

	(void)state;
	top_text(t, s, " ");	/* and the cursor goes on */
	assert_string_equal(top_cursor(t), "mod00001");
	top_text(t, s, "sn");
	assert_true(drvmem_top__is_tagged(t, t->order[2]));
	assert_false(drvmem_top__is_tagged(t, t->order[0]));
	drvmem_top__free(t);
	drvmem_snapshot__free(s);
}

static void asks(void **state)
{
	struct drvmem_snapshot *s = top_owners(1, 10);
	struct drvmem_top *t = top_fed(s);

	(void)state;
	assert_int_equal(drvmem_top__key(t, 'q'), DRVMEM_TOP_DO_QUIT);
	assert_int_equal(drvmem_top__key(t, DRVMEM_KEY_F10), DRVMEM_TOP_DO_QUIT);
	assert_int_equal(drvmem_top__key(t, '+'), DRVMEM_TOP_DO_SLOWER);
	assert_int_equal(drvmem_top__key(t, '-'), DRVMEM_TOP_DO_FASTER);
	assert_int_equal(drvmem_top__key(t, 'S'), DRVMEM_TOP_DO_SAVE);
	assert_int_equal(drvmem_top__key(t, 'R'), DRVMEM_TOP_DO_HTML);
	assert_int_equal(drvmem_top__key(t, DRVMEM_KEY_F1 + 8), DRVMEM_TOP_DO_HTML);
	assert_int_equal(drvmem_top__key(t, '['), DRVMEM_TOP_DO_EARLIER_MARK);
	assert_int_equal(drvmem_top__key(t, ']'), DRVMEM_TOP_DO_LATER_MARK);
	assert_int_equal(drvmem_top__key(t, ','), DRVMEM_TOP_DO_EARLIER);
	assert_int_equal(drvmem_top__key(t, '.'), DRVMEM_TOP_DO_LATER);
	assert_int_equal(drvmem_top__key(t, '!'), DRVMEM_TOP_DO_DOCTOR | DRVMEM_TOP_DO_BUILD);
	top_type(t, s, DRVMEM_KEY_ESC);
	assert_int_equal(drvmem_top__key(t, 'p'), 0);
	assert_true(t->paused);
	/* while a text is typed letters are letters */
	top_text(t, s, "\\q");
	assert_string_equal(t->filter, "q");
	drvmem_top__free(t);
	drvmem_snapshot__free(s);
}

static void every_tab(struct drvmem_snapshot *s, uint32_t owners)
{
	struct drvmem_top *t = top_fed(s);
	char key[] = "1";

	assert_int_equal(t->nr_order, owners);
	for (key[0] = '1'; key[0] <= '7'; key[0]++) {
		top_text(t, s, key);
		assert_int_equal(t->view, key[0] - '1');
		for (uint32_t k = DRVMEM_KEY_UP; k <= DRVMEM_KEY_F10; k++)
			top_type(t, s, k == DRVMEM_KEY_ENTER ? DRVMEM_KEY_DOWN : k);
		t->mode = DRVMEM_TOP_BROWSE;
	}
	drvmem_top__free(t);
}

static void no_one_many(void **state)
{
	static const uint32_t n[] = { 0, 1, 5000 };

	(void)state;
	for (size_t i = 0; i < UNIT_NR(n); i++) {
		struct drvmem_snapshot *s = top_owners(n[i], 10);

		every_tab(s, n[i]);
		drvmem_snapshot__free(s);
	}
}

/* Any keys, with snapshots that come and go: the sanitizers watch. */
static void any_keys(void **state)
{
	struct drvmem_snapshot *s[] = { top_owners(0, 10), top_owners(1, 12), top_owners(40, 14), fix_machine() };
	struct drvmem_top *t = top_fed(s[2]);
	uint64_t x = 88172645463325252u;
	uint32_t now = 2;

	(void)state;
	for (int i = 0; i < 30000; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		if (x % 50 == 0) {
			now = (uint32_t)(x >> 20) % 4;
			top_feed(t, NULL, s[now], true);
		} else if (x % 50 == 1) {
			drvmem_top__set_room(t, (uint32_t)(x >> 20) % 60 + 1);
		} else {
			top_type(t, s[now], x & 64 ? DRVMEM_KEY_UP + (uint32_t)(x >> 20) % 21 :
						     ' ' + (uint32_t)(x >> 20) % 95);
		}
		assert_true(drvmem_top__look(t)->at == 0 || drvmem_top__look(t)->at < t->nr_order ||
			    drvmem_top__is_page(t));
	}
	drvmem_top__free(t);
	for (size_t i = 0; i < UNIT_NR(s); i++)
		drvmem_snapshot__free(s[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sorting),	cmocka_unit_test(missing_is_last),   cmocka_unit_test(filtering),
		cmocka_unit_test(searching),	cmocka_unit_test(cursor_stays),	     cmocka_unit_test(cursor_row_goes),
		cmocka_unit_test(highlight),	cmocka_unit_test(tree),		     cmocka_unit_test(drill_down),
		cmocka_unit_test(same_names),	cmocka_unit_test(marks),	     cmocka_unit_test(bounds_of_changes),
		cmocka_unit_test(tags),		cmocka_unit_test(asks),		     cmocka_unit_test(no_one_many),
		cmocka_unit_test(any_keys),	cmocka_unit_test(forgetting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
