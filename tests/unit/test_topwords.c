// SPDX-License-Identifier: GPL-2.0-or-later
/* The view of `drvmem top`: what marks, verdicts, the split by allocator, the mouse and the clipboard make of it. */
#include "topfixture.h"

/* Allocated since the mark and live: by age. Of objects whose ages were not read nothing is said. */
static void inside(void **state)
{
	struct drvmem_snapshot *s = top_owners(3, 10), *next = top_owners(3, 12);
	struct drvmem_top *t = top_fed(s);

	(void)state;
	assert_int_equal(top_cell(t, "mod00001", "inside_bytes")->st, DRVMEM_ABSENT);
	assert_int_equal(drvmem_top__mark(t, s, NULL, NULL), 0);
	next->objects[1].age_ns = 2 * FIX_S;
	next->objects[2].age_ns = 2 * FIX_S + 1;
	top_feed(t, s, next, true);
	assert_int_equal(top_cell(t, "mod00001", "inside_bytes")->i, 100);
	assert_int_equal(top_cell(t, "mod00002", "inside_bytes")->i, 0);
	assert_int_equal(top_cell(t, "TOTAL", "inside_bytes")->i, 100);
	next->objects[1].flags |= DRVMEM_F_RCU_PENDING;	/* given up */
	top_feed(t, s, next, true);
	assert_int_equal(top_cell(t, "mod00001", "inside_bytes")->i, 0);
	next->meta.sampled = true;
	top_feed(t, s, next, true);
	assert_int_equal(top_cell(t, "mod00001", "inside_bytes")->st, DRVMEM_ABSENT);
	next->meta.sampled = false;
	next->meta.table_live = 3;
	next->nr_objects = 0;
	for (uint32_t i = 0; i < 3; i++)
		next->sites[i].nr_objects = next->sites[i].first_object = 0;
	top_feed(t, s, next, true);
	assert_int_equal(top_cell(t, "mod00001", "inside_bytes")->st, DRVMEM_ABSENT);
	drvmem_top__free(t);
	drvmem_snapshot__free(s);
	drvmem_snapshot__free(next);
}

static struct drvmem_pools *two_pools(uint64_t held, uint64_t in_use)
{
	struct drvmem_pools *p = drvmem_pools__new();

	assert_non_null(p);
	for (int i = 0; i < 2; i++) {
		struct drvmem_pool *k = drvmem_pools__add(p, DRVMEM_POOL_CACHE);

		assert_non_null(k);
		k->name = i ? "dentry" : "task";
		k->held_bytes = drvmem_some(i ? held : 4096);
		if (!i)
			k->in_use = drvmem_some(3);
		else
			k->in_use = drvmem_some(in_use);
	}
	return p;
}

static void feed_pools(struct drvmem_top *t, struct drvmem_scope *v, const struct drvmem_pools *p, uint64_t ns)
{
	const struct drvmem_top_feed f = { .scope = v, .pools = p, .pools_ns = ns, .fresh = true };

	assert_int_equal(drvmem_top__build(t, &f), 0);
}

/* Of pools what they held at the mark; a recording that did not read them since tells nothing. */
static void marks_of_pools(void **state)
{
	struct drvmem_snapshot *s = top_owners(3, 10);
	struct drvmem_scope *v = fix_scope(NULL, s, NULL);
	struct drvmem_pools *then = two_pools(8192, 10), *now = two_pools(4096, 17);
	const struct drvmem_top_feed at = { .scope = v, .pools = then, .pools_ns = 5 };
	struct drvmem_top *t = top_fed(s);

	(void)state;
	top_text(t, s, "3");
	feed_pools(t, v, now, 0);
	assert_int_equal(top_cell(t, "dentry", "delta_mark_bytes")->st, DRVMEM_ABSENT);
	for (int i = 0; i < 2; i++)	/* the second one is in place of the first */
		assert_int_equal(drvmem_top__mark(t, s, &at, "text"), 0);
	assert_string_equal(t->mark_text, "text");
	feed_pools(t, v, now, 6);
	assert_int_equal(top_cell(t, "dentry", "delta_mark_bytes")->i, -4096);
	assert_int_equal(top_cell(t, "dentry", "delta_mark_objects")->i, 7);
	assert_int_equal(top_cell(t, "task", "delta_mark_bytes")->i, 0);
	feed_pools(t, v, now, 5);
	assert_int_equal(top_cell(t, "dentry", "delta_mark_bytes")->st, DRVMEM_ABSENT);
	assert_int_equal(drvmem_top__mark(t, s, NULL, NULL), 0);
	feed_pools(t, v, now, 7);
	assert_int_equal(top_cell(t, "dentry", "delta_mark_bytes")->st, DRVMEM_ABSENT);
	drvmem_top__free(t);
	drvmem_pools__free(then);
	drvmem_pools__free(now);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

/* Bytes by allocator add up to what is live, in each row and in the total. */
static void split(void **state)
{
	static const char *const keys[] = { "slab_bytes", "page_bytes", "vmalloc_bytes", "percpu_bytes", "dma_bytes" };
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_top *t = top_fed(s);

	(void)state;
	for (const char *tab = "12"; *tab; tab++) {
		top_text(t, s, (char[]){ *tab, 0 });
		for (uint32_t i = 0; i < 2; i++) {
			top_text(t, s, "a");
			assert_int_equal(t->table.split, t->split);
			assert_int_equal(drvmem_top_table__column(&t->table, "slab_bytes") != DRVMEM_TOP_NONE, t->split);
			for (uint32_t r = 0; r < t->table.g->nr_rows && t->split; r++) {
				const struct drvmem_cell *live = drvmem_grid__cell(t->table.g, r, "live_bytes");
				int64_t sum = 0;

				if (t->table.g->rows[r].depth || live->type == DRVMEM_CELL_BLANK)
					continue;
				for (size_t k = 0; k < UNIT_NR(keys); k++)
					sum += drvmem_grid__cell(t->table.g, r, keys[k])->i;
				assert_int_equal(sum, live->i);
			}
		}
	}
	drvmem_top__free(t);
	drvmem_snapshot__free(s);
}

/* Rows by what matters: a module that is gone is above all that is too young to tell. */
static void verdicts(void **state)
{
	struct drvmem_snapshot *s = top_owners(4, 30);
	struct drvmem_top *t;

	(void)state;
	s->instances[4].unloaded = s->instances[6].unloaded = true;
	s->instances[4].unloaded_ns = s->meta.taken_ns - 20 * FIX_S;
	s->instances[6].unloaded_ns = s->meta.taken_ns - 1 * FIX_S;
	s->sites[2].c.live_objects = s->sites[2].c.live_bytes = 0;
	t = top_fed(s);
	top_text(t, s, "sv");
	assert_string_equal(top_name(t, 0), "mod00001");
	assert_string_equal(drvmem_top_table__text(&t->table, t->order[0], "verdict"), "leftover");
	assert_string_equal(drvmem_top_table__text(&t->table, t->order[1], "verdict"), "unloading");
	assert_string_equal(drvmem_top_table__text(&t->table, t->order[2], "verdict"), "too short");
	assert_string_equal(drvmem_top_table__text(&t->table, t->order[3], "verdict"), "-");
	/* Enter tells why, of the owner and of its site */
	top_text(t, s, "\n");
	assert_non_null(strstr(t->why, "leftover: 1 of its 1 call sites, with 2.0Ki of 2.0Ki live. mod00001_alloc+0x1c: "));
	assert_non_null(strstr(t->why, "the module was unloaded 20s ago"));
	top_text(t, s, "\n");
	assert_int_equal(t->view, DRVMEM_TOP_STACK);
	assert_non_null(strstr(t->why, "leftover: "));
	drvmem_top__free(t);
	drvmem_snapshot__free(s);
}

/* Only a scan says that something is lost; of what was not asked about it says nothing. */
static void lost(void **state)
{
	struct drvmem_snapshot *s = top_owners(3, 30);
	const struct drvmem_reach_verdict v[] = { { .class = DRVMEM_REACH_DEFINITELY_LOST },
						  { .class = DRVMEM_REACH_POSSIBLY_LOST } };
	const uint32_t asked[] = { UINT32_MAX, 0, 1 }, object[] = { 1, 2 };
	const char *names[2] = { NULL, NULL };
	struct drvmem_verdicts d = { .v = v, .asked = asked, .object = object, .name = names, .nr = 2 };
	struct drvmem_scope *scope = fix_scope(NULL, s, NULL);
	const struct drvmem_top_feed f = { .scope = scope, .verdicts = &d, .fresh = true };
	struct drvmem_top *t = top_fed(s);

	(void)state;
	assert_int_equal(drvmem_top__build(t, &f), 0);
	assert_string_equal(top_cell(t, "mod00001", "verdict")->s, "too short");	/* there was no scan */
	d.reader = "/proc/kcore";
	assert_int_equal(drvmem_top__build(t, &f), 0);
	assert_string_equal(top_cell(t, "mod00000", "verdict")->s, "too short");
	assert_string_equal(top_cell(t, "mod00001", "verdict")->s, "lost");
	assert_string_equal(top_cell(t, "mod00002", "verdict")->s, "too short");
	drvmem_top__free(t);
	drvmem_scope__free(scope);
	drvmem_snapshot__free(s);
}

static void mouse(void **state)
{
	struct drvmem_snapshot *s = top_owners(30, 10);
	struct drvmem_top *t = top_fed(s);
	uint32_t col;

	(void)state;
	assert_int_equal(drvmem_top__mouse(t, DRVMEM_TOP_CLICK, DRVMEM_TOP_HIT_ROW | 7), 0);
	assert_string_equal(top_cursor(t), "mod00022");
	drvmem_top__mouse(t, DRVMEM_TOP_WHEEL_DOWN, 0);
	assert_string_equal(top_cursor(t), "mod00019");
	drvmem_top__mouse(t, DRVMEM_TOP_WHEEL_UP, DRVMEM_TOP_HIT_ROW | 1);
	assert_string_equal(top_cursor(t), "mod00022");
	/* a click on the titles sorts, one more the other way round */
	col = drvmem_top_table__column(&t->table, "peak_bytes");
	drvmem_top__mouse(t, DRVMEM_TOP_CLICK, DRVMEM_TOP_HIT_COLUMN | col);
	assert_string_equal(drvmem_top__look(t)->sort, "peak_bytes");
	assert_false(drvmem_top__look(t)->ascending);
	drvmem_top__mouse(t, DRVMEM_TOP_CLICK, DRVMEM_TOP_HIT_COLUMN | col);
	assert_true(drvmem_top__look(t)->ascending);
	assert_string_equal(top_name(t, 0), "mod00000");
	assert_int_equal(drvmem_top__mouse(t, DRVMEM_TOP_CLICK, DRVMEM_TOP_HIT_TAB | 1), DRVMEM_TOP_DO_BUILD);
	assert_int_equal(t->view, DRVMEM_TOP_SITES);
	assert_int_equal(drvmem_top__mouse(t, DRVMEM_TOP_CLICK, DRVMEM_TOP_HIT_KEY | 10), DRVMEM_TOP_DO_QUIT);
	/* what is not there any more */
	assert_int_equal(drvmem_top__mouse(t, DRVMEM_TOP_CLICK, DRVMEM_TOP_HIT_COLUMN | 99), 0);
	assert_int_equal(drvmem_top__mouse(t, DRVMEM_TOP_CLICK, DRVMEM_TOP_HIT_TAB | 99), 0);
	drvmem_top__mouse(t, DRVMEM_TOP_CLICK, DRVMEM_TOP_HIT_ROW | 9999);
	drvmem_top__free(t);
	drvmem_snapshot__free(s);
}

static void copying(void **state)
{
	struct drvmem_snapshot *s = top_owners(3, 10);
	struct drvmem_top *t = top_fed(s);
	char *text;

	(void)state;
	assert_int_equal(drvmem_top__key(t, 'y'), DRVMEM_TOP_DO_COPY);
	text = drvmem_top__copied(t);
	assert_string_equal(text, "mod00002");
	free(text);
	top_text(t, s, "2\n");
	text = drvmem_top__copied(t);
	assert_string_equal(text, "mod00002_alloc+0x1c\nstack, 7 samples\nmod00002_alloc+0x1c\nvfs_write+0xc4\n"
			   "entry_SYSCALL_64_after_hwframe+0x76\n");
	free(text);
	top_text(t, s, "?");
	assert_null(drvmem_top__copied(t));
	drvmem_top__free(t);
	drvmem_snapshot__free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(inside),   cmocka_unit_test(marks_of_pools), cmocka_unit_test(split),
		cmocka_unit_test(verdicts), cmocka_unit_test(lost),	      cmocka_unit_test(mouse),
		cmocka_unit_test(copying),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
