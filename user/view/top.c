// SPDX-License-Identifier: GPL-2.0-or-later
#include "view/top.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WHEEL_ROWS	3u

const char *const drvmem_top_tabs[DRVMEM_TOP_NR_TABS] = {
	"Modules", "Call sites", "Pools", "Devices", "Leaks", "Timeline", "Health",
};

const char *const drvmem_top_window_keys[DRVMEM_TOP_NR_WINDOWS] = {
	"delta_bytes", "delta_minute_bytes", "delta_mark_bytes", "inside_bytes", "live_bytes",
};

const char *const drvmem_top_tab_names[] = {
	"modules", "sites", "pools", "devices", "leaks", "timeline", "health", NULL,
};

static const char *const sort_keys[DRVMEM_NR_SORTS] = {
	[DRVMEM_SORT_LIVE] = "live_bytes",	[DRVMEM_SORT_GROWTH] = "delta_minute_bytes",
	[DRVMEM_SORT_RATE] = "allocs_per_s",	[DRVMEM_SORT_PEAK] = "peak_bytes",
	[DRVMEM_SORT_ALLOCS] = "allocs",	[DRVMEM_SORT_FREES] = "frees",
	[DRVMEM_SORT_OBJECTS] = "live_objects",	[DRVMEM_SORT_WASTE] = "waste_bytes",
	[DRVMEM_SORT_FAILURES] = "failures",	[DRVMEM_SORT_AGE] = "age_p50_ns",
	[DRVMEM_SORT_MAPPED] = "mapped_bytes",	[DRVMEM_SORT_NAME] = "name",
};

/* Letters behind 's', and what else a column of that meaning is called in another table. */
static const struct {
	char letter;
	const char *key[3];
} sorts[] = {
	{ 'l', { "live_bytes", "bytes", "held_bytes" } },
	{ 'r', { "allocs_per_s", "refills", NULL } },
	{ 'f', { "frees_per_s", NULL, NULL } },
	{ 'p', { "peak_bytes", "peak", NULL } },
	{ 'o', { "live_objects", "objects", "in_use" } },
	{ 'b', { "bytes_per_alloc", "size_bytes", NULL } },
	{ 'w', { "waste_bytes", NULL, NULL } },
	{ 'x', { "failures", NULL, NULL } },
	{ 't', { "age_p50_ns", NULL, NULL } },
	{ 'm', { "mapped_bytes", NULL, NULL } },
	{ 'v', { "verdict", NULL, NULL } },
	{ 'n', { "name", NULL, NULL } },
};

struct drvmem_top *drvmem_top__new(void)
{
	static const char *const first[DRVMEM_TOP_NR_TABLES] = {
		[DRVMEM_TOP_POOLS] = "held_bytes", [DRVMEM_TOP_LEAKS] = "", [DRVMEM_TOP_STACK] = "",
	};
	struct drvmem_top *t = calloc(1, sizeof(*t));
	uint32_t i;

	if (t)
		t->history = drvmem_history__new();
	if (!t || !t->history) {
		free(t);
		return NULL;
	}
	for (i = 0; i < DRVMEM_TOP_NR_TABLES; i++)
		t->look[i].sort = first[i] ? first[i] : "live_bytes";
	t->look[DRVMEM_TOP_POOLS].tree = true;
	t->look[DRVMEM_TOP_STACK].tree = true;
	t->window = DRVMEM_TOP_MINUTE;
	t->table.total = DRVMEM_TOP_NONE;
	t->room = 1;
	return t;
}

void drvmem_top__start(struct drvmem_top *t, enum drvmem_top_view tab, enum drvmem_sort sort)
{
	uint32_t i;

	t->view = t->tab = tab;
	for (i = 0; i < DRVMEM_TOP_NR_TABLES && sort != DRVMEM_SORT_LIVE; i++) {
		if (i == DRVMEM_TOP_POOLS || i == DRVMEM_TOP_LEAKS || i == DRVMEM_TOP_STACK)
			continue;
		t->look[i].sort = sort_keys[sort];
		t->look[i].ascending = sort == DRVMEM_SORT_NAME;
	}
}

void drvmem_top__free(struct drvmem_top *t)
{
	if (!t)
		return;
	drvmem_top_table__deinit(&t->table);
	drvmem_top_table__deinit(&t->pools_at_mark);
	drvmem_history__free(t->history);
	drvmem_table__deinit(&t->open);
	drvmem_table__deinit(&t->tagged);
	free(t->order);
	free(t);
}

bool drvmem_top__is_page(const struct drvmem_top *t)
{
	return t->view == DRVMEM_TOP_HEALTH || t->view >= DRVMEM_TOP_NR_TABLES;
}

struct drvmem_top_look *drvmem_top__look(struct drvmem_top *t)
{
	return &t->look[t->view < DRVMEM_TOP_NR_TABLES ? t->view : t->back];
}

void drvmem_top__say(struct drvmem_top *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(t->said, sizeof(t->said), fmt, ap);
	va_end(ap);
}

/* A set of ids holds those that differ from what is so for all rows of the table. */
bool drvmem_top__is_open(const struct drvmem_top *t, uint32_t row)
{
	return t->look[t->table.view].tree != drvmem_table__get(&t->open, t->table.row[row].id, NULL);
}

bool drvmem_top__is_tagged(const struct drvmem_top *t, uint32_t row)
{
	return drvmem_table__get(&t->tagged, t->table.row[row].id, NULL);
}

bool drvmem_top__trend_of(const struct drvmem_top *t, uint32_t row, struct drvmem_history_of *ret)
{
	const uint32_t owner = t->table.g->rows[row].owner, site = t->table.row[row].site_id;

	if (owner)
		*ret = (struct drvmem_history_of){ false, owner - 1 };
	else
		*ret = (struct drvmem_history_of){ true, site };
	return owner || site;
}

int drvmem_top__build(struct drvmem_top *t, const struct drvmem_top_feed *f)
{
	struct drvmem_top_table b;
	int err;

	if (!f->scope)
		return 0;
	err = f->fresh ? drvmem_history__add(t->history, f->scope->s) : 0;
	if (err || drvmem_top__is_page(t))
		return err;
	err = drvmem_top_table__new(t, f, &b, t->why, sizeof(t->why));
	if (err)
		return err;
	if (f->fresh && t->table.g && t->table.view == b.view && t->table.split == b.split)
		drvmem_top_table__compare(&b, &t->table);
	drvmem_top_table__deinit(&t->table);
	t->table = b;
	return drvmem_top__arrange(t);
}

int drvmem_top__forget(struct drvmem_top *t)
{
	struct drvmem_history *h = drvmem_history__new();

	if (!h)
		return -ENOMEM;
	drvmem_history__free(t->history);
	t->history = h;
	drvmem_top_table__deinit(&t->pools_at_mark);
	t->mark_text[0] = 0;
	return 0;
}

/* A table of the pools as they are, to compare with. */
static int keep_pools(struct drvmem_top *t, const struct drvmem_top_feed *f)
{
	struct drvmem_top as_pools;

	drvmem_top_table__deinit(&t->pools_at_mark);
	as_pools = *t;	/* after that: it must not refer to what is gone */
	as_pools.view = DRVMEM_TOP_POOLS;
	t->pools_mark_ns = f ? f->pools_ns : 0;
	return f && f->pools && f->scope ? drvmem_top_table__new(&as_pools, f, &t->pools_at_mark, as_pools.why,
								sizeof(as_pools.why)) : 0;
}

int drvmem_top__mark(struct drvmem_top *t, const struct drvmem_snapshot *s, const struct drvmem_top_feed *pools,
		     const char *text)
{
	int err = drvmem_history__mark(t->history, s), e = keep_pools(t, pools);

	t->window = DRVMEM_TOP_MARK;
	snprintf(t->mark_text, sizeof(t->mark_text), "%s", text ? text : "");
	drvmem_top__say(t, "mark %u: the columns of changes since it begin at 0 now",
			drvmem_history__marks(t->history, NULL));
	return err ? err : e;
}

static unsigned int show(struct drvmem_top *t, enum drvmem_top_view view)
{
	if (view >= DRVMEM_TOP_NR_TABLES && t->view < DRVMEM_TOP_NR_TABLES)
		t->back = t->view;
	t->view = view;
	t->page_first = 0;
	if (view < DRVMEM_TOP_NR_TABS)
		t->tab = view;
	return DRVMEM_TOP_DO_BUILD;
}

static void toggle(struct drvmem_table *set, uint64_t id)
{
	if (!drvmem_table__del(set, id) && drvmem_table__put(set, id, 1))
		return;	/* out of memory: the row stays as it is */
}

/* Row that the cursor is on; DRVMEM_TOP_NONE. */
static uint32_t present_row(struct drvmem_top *t)
{
	uint32_t at = drvmem_top__look(t)->at;

	return !drvmem_top__is_page(t) && t->table.view == t->view && at < t->nr_order ? t->order[at] :
										      DRVMEM_TOP_NONE;
}

static void rearrange(struct drvmem_top *t)
{
	if (drvmem_top__arrange(t))
		drvmem_top__say(t, "out of memory: the order is the old one");
}

static void set_open(struct drvmem_top *t, bool open)
{
	uint32_t row = present_row(t), up, i;

	if (row == DRVMEM_TOP_NONE)
		return;
	up = t->table.row[row].parent;
	if (t->table.row[row].has_children && drvmem_top__is_open(t, row) != open) {
		toggle(&t->open, t->table.row[row].id);
	} else if (!open && up != DRVMEM_TOP_NONE) {	/* to the row that holds this one */
		for (i = 0; i < t->nr_order; i++)
			if (t->order[i] == up)
				drvmem_top__go(t, i);
	}
	rearrange(t);
}

static unsigned int show_sites_of(struct drvmem_top *t, const char *key, const char *text)
{
	snprintf(t->of_key, sizeof(t->of_key), "%s", key);
	snprintf(t->of, sizeof(t->of), "%s", text);
	if (!strcmp(key, "name"))	/* of a function: without its module */
		t->of[strcspn(t->of, " ")] = 0;
	t->look[DRVMEM_TOP_SITES_OF].cursor = t->look[DRVMEM_TOP_SITES_OF].at = 0;
	t->filter[0] = 0;
	return show(t, DRVMEM_TOP_SITES_OF);
}

static unsigned int show_stack(struct drvmem_top *t, uint32_t row)
{
	t->of_site = t->table.row[row].site_id;
	t->from_sites_of = t->view == DRVMEM_TOP_SITES_OF;
	t->look[DRVMEM_TOP_STACK].cursor = t->look[DRVMEM_TOP_STACK].at = 0;
	t->filter[0] = 0;
	return show(t, DRVMEM_TOP_STACK);
}

/* Into the row: an owner's, a pool's or a device's call sites, a site's stacks. */
static unsigned int drill(struct drvmem_top *t)
{
	uint32_t row = present_row(t);
	const char *name;

	if (row == DRVMEM_TOP_NONE || t->view == DRVMEM_TOP_STACK)
		return 0;
	name = drvmem_top_table__text(&t->table, row, "name");
	if (t->table.g->rows[row].site)
		return show_stack(t, row);
	if (t->table.g->rows[row].owner)
		return show_sites_of(t, "owner", name);
	if (t->view == DRVMEM_TOP_DEVICES || t->view == DRVMEM_TOP_POOLS)
		if (!t->table.row[row].has_children || t->view == DRVMEM_TOP_DEVICES)
			return show_sites_of(t, "cache", name);
	if (t->table.row[row].has_children) {
		toggle(&t->open, t->table.row[row].id);
		rearrange(t);
		return 0;
	}
	return t->view == DRVMEM_TOP_OWNERS && t->table.row[row].parent != DRVMEM_TOP_NONE ?
		       show_sites_of(t, "name", name) : 0;
}

static unsigned int leave(struct drvmem_top *t)
{
	if (t->filter[0]) {
		t->filter[0] = 0;
		rearrange(t);
		return 0;
	}
	if (t->view >= DRVMEM_TOP_NR_TABLES)
		return show(t, t->back);
	if (t->view == DRVMEM_TOP_STACK && t->from_sites_of)
		return show(t, DRVMEM_TOP_SITES_OF);
	return t->view != t->tab ? show(t, t->tab) : 0;
}

static void sort_by(struct drvmem_top *t, const char *key)
{
	struct drvmem_top_look *k = drvmem_top__look(t);
	uint32_t col = drvmem_top_table__column(&t->table, key);

	if (col == DRVMEM_TOP_NONE)
		return;
	/* names from A on; of verdicts what matters most is first */
	k->ascending = t->table.g->columns[col].unit == DRVMEM_UNIT_TEXT && strcmp(key, "verdict") != 0;
	k->sort = t->table.g->columns[col].key;
	drvmem_top__say(t, "sorted by %s", t->table.g->columns[col].key);
	rearrange(t);
}

static void sort_by_letter(struct drvmem_top *t, uint32_t key)
{
	uint32_t i, n;

	if (key == 'g') {
		sort_by(t, drvmem_top_window_keys[t->window]);
		return;
	}
	for (i = 0; i < sizeof(sorts) / sizeof(sorts[0]); i++) {
		if ((uint32_t)sorts[i].letter != key)
			continue;
		for (n = 0; n < 3 && sorts[i].key[n]; n++)
			if (drvmem_top_table__column(&t->table, sorts[i].key[n]) != DRVMEM_TOP_NONE) {
				sort_by(t, sorts[i].key[n]);
				return;
			}
		drvmem_top__say(t, "this table has no such column");
		return;
	}
	if (key != DRVMEM_KEY_ESC)
		drvmem_top__say(t, "no column is sorted by that letter; ? lists them");
}

/* The column beside the one that is sorted by. */
static void sort_beside(struct drvmem_top *t, int step)
{
	uint32_t nr = t->table.g ? t->table.g->nr_columns : 0, col;

	if (!nr || drvmem_top__is_page(t))
		return;
	col = drvmem_top_table__column(&t->table, drvmem_top__look(t)->sort);
	if (col == DRVMEM_TOP_NONE)
		col = step > 0 ? nr - 1 : 0;
	do {	/* a trend has no order */
		col = (col + nr + (uint32_t)(step < 0 ? nr - 1 : 1)) % nr;
	} while (!strcmp(t->table.g->columns[col].key, "trend"));
	sort_by(t, t->table.g->columns[col].key);
}

static void scroll_page(struct drvmem_top *t, int64_t first)
{
	int64_t most = (int64_t)t->page_lines - (int64_t)t->room;

	first = first > most ? most : first;
	t->page_first = first < 0 ? 0 : (uint32_t)first;
}

/* Arrows and their like; false for other keys. */
static bool move(struct drvmem_top *t, uint32_t key)
{
	bool page = drvmem_top__is_page(t);
	int64_t at = page ? t->page_first : drvmem_top__look(t)->at, step = t->room > 1 ? t->room - 1 : 1;

	switch (key) {
	case DRVMEM_KEY_UP:
		at--;
		break;
	case DRVMEM_KEY_DOWN:
		at++;
		break;
	case DRVMEM_KEY_PGUP:
		at -= step;
		break;
	case DRVMEM_KEY_PGDN:
		at += step;
		break;
	case DRVMEM_KEY_HOME:
		at = 0;
		break;
	case DRVMEM_KEY_END:
		at = INT32_MAX;
		break;
	default:
		return false;
	}
	if (page)
		scroll_page(t, at);
	else
		drvmem_top__go(t, at);
	return true;
}

static void next_window(struct drvmem_top *t)
{
	static const char *const names[] = {
		"changes since the last interval", "changes since the last minute", "changes since the last mark",
		"inside: allocated since the last mark, and live", "changes since the start: what is live",
	};
	struct drvmem_top_look *k = drvmem_top__look(t);
	bool by_window = !strcmp(k->sort, drvmem_top_window_keys[t->window]);
	bool no_mark = !drvmem_history__marks(t->history, NULL);

	t->window = (t->window + 1) % DRVMEM_TOP_NR_WINDOWS;
	no_mark &= t->window == DRVMEM_TOP_MARK || t->window == DRVMEM_TOP_INSIDE;
	drvmem_top__say(t, "%s%s", names[t->window], no_mark ? ": there is none, m sets one" : "");
	if (by_window && drvmem_top_table__column(&t->table, drvmem_top_window_keys[t->window]) != DRVMEM_TOP_NONE) {
		k->sort = drvmem_top_window_keys[t->window];
		rearrange(t);
	}
}

static void tag(struct drvmem_top *t)
{
	uint32_t row = present_row(t);

	if (row == DRVMEM_TOP_NONE)
		return;
	toggle(&t->tagged, t->table.row[row].id);
	drvmem_top__go(t, (int64_t)drvmem_top__look(t)->at + 1);
}

/* What the other letters switch; the bits that are asked of the caller. */
static unsigned int letter(struct drvmem_top *t, uint32_t key)
{
	switch (key) {
	case 'I':
		drvmem_top__look(t)->ascending ^= true;
		rearrange(t);
		return 0;
	case 't':
	case DRVMEM_KEY_F1 + 4:
		drvmem_top__look(t)->tree ^= true;
		rearrange(t);
		return 0;
	case ' ':
		tag(t);
		return 0;
	case 'F':
		t->follow = !t->follow;
		drvmem_top__say(t, t->follow ? "the screen follows the row under the cursor" : "no longer followed");
		return 0;
	case 'u':
		t->exact = !t->exact;
		return 0;
	case 'p':
		t->paused = !t->paused;
		drvmem_top__say(t, t->paused ? "paused: tracing goes on, p goes on showing" : "");
		return 0;
	case 'w':
	case DRVMEM_KEY_F1 + 7:
		next_window(t);
		return 0;
	case 'm':
	case DRVMEM_KEY_F1 + 6:
		return DRVMEM_TOP_DO_MARK;
	case 'S':
		return DRVMEM_TOP_DO_SAVE;
	case 'R':
	case DRVMEM_KEY_F1 + 8:
		return DRVMEM_TOP_DO_HTML;
	case 'y':
		return DRVMEM_TOP_DO_COPY;
	case 'a':
		t->split = !t->split;
		drvmem_top__say(t, t->split ? "live bytes by allocator (modules, call sites)" : "changes and rates");
		return DRVMEM_TOP_DO_BUILD;
	case '[':
		return DRVMEM_TOP_DO_EARLIER_MARK;
	case ']':
		return DRVMEM_TOP_DO_LATER_MARK;
	case '+':
		return DRVMEM_TOP_DO_SLOWER;
	case '-':
		return DRVMEM_TOP_DO_FASTER;
	case ',':
		return DRVMEM_TOP_DO_EARLIER;
	case '.':
		return DRVMEM_TOP_DO_LATER;
	case '!':
		return show(t, DRVMEM_TOP_DOCTOR) | DRVMEM_TOP_DO_DOCTOR;
	default:
		return 0;
	}
}

static void begin(struct drvmem_top *t, enum drvmem_top_mode mode, char *text)
{
	if (drvmem_top__is_page(t))
		return;
	t->mode = mode;
	if (text)
		text[0] = 0;
}

static unsigned int browse(struct drvmem_top *t, uint32_t key)
{
	t->said[0] = 0;
	if (move(t, key))
		return 0;
	if (key >= '1' && key < '1' + DRVMEM_TOP_NR_TABS)
		return show(t, (enum drvmem_top_view)(key - '1'));
	switch (key) {
	case 'q':
	case DRVMEM_KEY_F10:
		return DRVMEM_TOP_DO_QUIT;
	case '?':
	case 'h':
	case DRVMEM_KEY_F1:
		return show(t, DRVMEM_TOP_HELP);
	case '/':
	case DRVMEM_KEY_F1 + 2:
		begin(t, DRVMEM_TOP_SEARCHING, t->search);
		return 0;
	case '\\':
	case DRVMEM_KEY_F1 + 3:
		begin(t, DRVMEM_TOP_FILTERING, NULL);
		return 0;
	case 's':
	case DRVMEM_KEY_F1 + 5:
		begin(t, DRVMEM_TOP_SORTING, NULL);
		return 0;
	case 'n':
		if (!drvmem_top__find(t, true))
			drvmem_top__say(t, t->search[0] ? "no row has '%s'" : "nothing was searched for yet%s", t->search);
		return 0;
	case '<':
	case '>':
		sort_beside(t, key == '<' ? -1 : 1);
		return 0;
	case DRVMEM_KEY_LEFT:
	case DRVMEM_KEY_RIGHT:
		set_open(t, key == DRVMEM_KEY_RIGHT);
		return 0;
	case DRVMEM_KEY_ENTER:
		return drill(t);
	case DRVMEM_KEY_ESC:
		return leave(t);
	default:
		return letter(t, key);
	}
}

/* One key of a text that is typed. False: it ends. */
static bool type(char *text, uint32_t key)
{
	size_t len = strlen(text);

	if (key == DRVMEM_KEY_ENTER || key == DRVMEM_KEY_ESC)
		return false;
	if (key == DRVMEM_KEY_BACKSPACE && len)
		text[len - 1] = 0;
	else if (key >= ' ' && key < 0x7f && len + 1 < DRVMEM_TOP_TEXT)
		memcpy(text + len, (char[]){ (char)key, 0 }, 2);
	return true;
}

unsigned int drvmem_top__key(struct drvmem_top *t, uint32_t key)
{
	switch (t->mode) {
	case DRVMEM_TOP_SEARCHING:
		t->said[0] = 0;
		if (!type(t->search, key))
			t->mode = DRVMEM_TOP_BROWSE;
		else if (t->search[0] && !drvmem_top__find(t, key == DRVMEM_KEY_F1 + 2))
			drvmem_top__say(t, "no row has '%s'", t->search);
		return 0;
	case DRVMEM_TOP_FILTERING:
		if (!type(t->filter, key)) {
			t->mode = DRVMEM_TOP_BROWSE;
			if (key == DRVMEM_KEY_ESC)
				t->filter[0] = 0;
		}
		rearrange(t);
		return 0;
	case DRVMEM_TOP_SORTING:
		t->mode = DRVMEM_TOP_BROWSE;
		sort_by_letter(t, key);
		return 0;
	default:
		return browse(t, key);
	}
}

static unsigned int click(struct drvmem_top *t, uint32_t hit)
{
	uint32_t n = hit & ~DRVMEM_TOP_HIT_KIND;
	struct drvmem_top_look *k = drvmem_top__look(t);

	switch (hit & DRVMEM_TOP_HIT_KIND) {
	case DRVMEM_TOP_HIT_TAB:
		return n < DRVMEM_TOP_NR_TABS ? show(t, (enum drvmem_top_view)n) : 0;
	case DRVMEM_TOP_HIT_KEY:
		return browse(t, DRVMEM_KEY_F1 + n - 1);
	case DRVMEM_TOP_HIT_ROW:
		drvmem_top__go(t, n);
		return 0;
	case DRVMEM_TOP_HIT_COLUMN:
		if (!t->table.g || n >= t->table.g->nr_columns || !strcmp(t->table.g->columns[n].key, "trend"))
			return 0;
		if (strcmp(t->table.g->columns[n].key, k->sort))
			sort_by(t, t->table.g->columns[n].key);
		else
			return letter(t, 'I');
		return 0;
	default:
		return 0;
	}
}

unsigned int drvmem_top__mouse(struct drvmem_top *t, enum drvmem_top_mouse what, uint32_t hit)
{
	uint32_t i;

	t->mode = DRVMEM_TOP_BROWSE;	/* a text that was being typed is as far as it is */
	t->said[0] = 0;
	if (what == DRVMEM_TOP_CLICK)
		return click(t, hit);
	for (i = 0; i < WHEEL_ROWS; i++)
		move(t, what == DRVMEM_TOP_WHEEL_UP ? DRVMEM_KEY_UP : DRVMEM_KEY_DOWN);
	return 0;
}
