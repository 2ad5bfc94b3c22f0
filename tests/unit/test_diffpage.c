// SPDX-License-Identifier: GPL-2.0-or-later
/* The page of a comparison: golden page, totals as in -f json, callers that one side missed, bounds of size. */
#include "jsoncheck.h"
#include "profilefixture.h"

#include "diffing.h"
#include "render/diffed.h"
#include "render/html.h"

struct sides {
	struct drvmem_snapshot *s[2];
	struct drvmem_scope *v[2];
	struct drvmem_diffed *by[DRVMEM_COMPARE_CACHE + 1];
	struct drvmem_diffpage *p;
	char *html;
	size_t len;
};

static struct sides sides(struct drvmem_snapshot *a, struct drvmem_snapshot *b)
{
	struct sides k = { .s = { a, b } };
	uint32_t i;

	k.v[0] = fix_scope(NULL, a, NULL);
	k.v[1] = fix_scope(NULL, b, NULL);
	for (i = 0; i <= DRVMEM_COMPARE_CACHE; i++) {
		struct drvmem_diffed_opts o = { .by = (enum drvmem_compare_by)i };

		assert_int_equal(drvmem_diffed__new(k.v[0], k.v[1], &o, &k.by[i]), 0);
	}
	assert_int_equal(drvmem_diffpage__new(&(struct drvmem_diffpage_in){ k.by[DRVMEM_COMPARE_OWNER], k.by[DRVMEM_COMPARE_SITE],
									     k.by[DRVMEM_COMPARE_CACHE] }, &k.p), 0);
	k.html = fix_text(&k.len, assert_int_equal(drvmem_html__diff(k.p, out), 0));
	return k;
}

static void release(struct sides *k)
{
	uint32_t i;

	free(k->html);
	drvmem_diffpage__free(k->p);
	for (i = 0; i <= DRVMEM_COMPARE_CACHE; i++)
		drvmem_diffed__free(k->by[i]);
	for (i = 0; i < 2; i++) {
		drvmem_scope__free(k->v[i]);
		if (!i || k->s[0] != k->s[1])
			drvmem_snapshot__free(k->s[i]);
	}
}

/* Takes what stands between two texts out. */
static void cut(char *html, const char *from, const char *to)
{
	char *a = strstr(html, from), *b;

	assert_non_null(a);
	a += strlen(from);
	b = strstr(a, to);
	assert_non_null(b);
	memmove(a, b, strlen(b) + 1);
}

static char *data_of(const char *html)
{
	const char *a = strstr(html, "id=\"data\">"), *b;

	assert_non_null(a);
	a += strlen("id=\"data\">");
	b = strstr(a, "</script>");
	assert_non_null(b);
	return strndup(a, (size_t)(b - a));
}

static void more(struct drvmem_snapshot *s, const char *site, int64_t objects, int64_t bytes)
{
	struct drvmem_counts *c = &s->sites[fix_find(s, site)].c;

	c->live_objects += objects;
	c->live_bytes += objects * bytes;
	if (objects > 0) {
		c->allocs += (uint64_t)objects;
		c->alloc_bytes += (uint64_t)(objects * bytes);
	} else {
		c->frees += (uint64_t)-objects;
		c->free_bytes += (uint64_t)(-objects * bytes);
	}
}

/* After an update: a leak in e1000e, nvme holds less, a driver is new; it lost events, and has another build. */
static struct drvmem_snapshot *updated(void)
{
	struct drvmem_snapshot *s = fix_profiled();

	s->meta.taken_ns += 20 * FIX_S;
	s->meta.kernel = drvmem_snapshot__str(s, "6.13.0-test");
	strcpy(s->meta.build_id, "bb");
	more(s, "e1000_open+0x1f", 700, 200);
	more(s, "nvme_setup_cmd+0x4c", -10, 250);
	fix_site(s, fix_module(s, "igc", 9, 0), 0, "igc_probe+0x7", 3, 1, 1000);
	s->loss.table_full = 5;
	return s;
}

static void golden_page(void **state)
{
	struct sides k = sides(fix_profiled(), updated());
	char *data = data_of(k.html);

	(void)state;
	assert_true(json_is_valid(data, strlen(data)));
	free(data);
	cut(k.html, "<style>\n", "</style>");
	cut(k.html, "<script>\n", "</script>");
	fix_golden("diff.html", k.html, strlen(k.html));
	release(&k);
}

/* Behind the nth key of that name from at on. */
static long long number_behind(const char *at, const char *key)
{
	at = strstr(at, key);
	assert_non_null(at);
	return strtoll(at + strlen(key), NULL, 10);
}

/* TOTAL of a table of the page. */
static long long foot(const char *html, const char *table, const char *key)
{
	const char *at = strstr(html, table);
	char want[64];

	assert_non_null(at);
	at = strstr(at, "<td data-k=\"name\">TOTAL");
	assert_non_null(at);
	snprintf(want, sizeof(want), "data-k=\"%s\" data-v=\"", key);
	return number_behind(at, want);
}

/* Cards' total, three tables, the data block, and the sum of all stacks: what -f json says, to the byte. */
static void totals_are_those_of_json(void **state)
{
	static const char *const tables[] = { "<table id=\"owners\"", "<table id=\"sites\"", "<table id=\"caches\"" };
	struct sides k = sides(fix_profiled(), updated());
	char *json = fix_text(NULL, assert_int_equal(drvmem_json__diffed(k.by[DRVMEM_COMPARE_OWNER], out), 0));
	char *data = data_of(k.html), *total = json, *next;
	long long a, b, change, sum[2] = { 0, 0 };
	uint32_t i, side;

	(void)state;
	while ((next = strstr(total + 1, "\"total\":")))	/* the last one: losses have a total too */
		total = next;
	a = number_behind(total, "\"a_bytes\":");
	b = number_behind(total, "\"b_bytes\":");
	change = number_behind(total, "\"change_bytes\":");
	assert_true(a && b && change && b - a == change);
	for (i = 0; i < UNIT_NR(tables); i++) {
		assert_int_equal(foot(k.html, tables[i], "a_bytes"), a);
		assert_int_equal(foot(k.html, tables[i], "b_bytes"), b);
		assert_int_equal(foot(k.html, tables[i], "change_bytes"), change);
	}
	assert_int_equal(number_behind(data, "\"change_bytes\":"), change);
	assert_int_equal(number_behind(strstr(data, "\"a\":"), "\"live_bytes\":"), a);
	assert_int_equal(number_behind(strstr(data, "\"b\":"), "\"live_bytes\":"), b);
	for (i = 0; i < k.p->nr_stacks; i++)
		for (side = 0; side < 2; side++)
			sum[side] += k.p->stacks[i].v[side][DRVMEM_DIFFPAGE_INUSE];
	assert_int_equal(sum[0], a);
	assert_int_equal(sum[1], b);
	free(json);
	free(data);
	release(&k);
}

static const struct drvmem_html_card *card(const struct drvmem_diffpage *p, const char *key)
{
	uint32_t i;

	for (i = 0; i < p->nr_cards; i++)
		if (!strcmp(p->cards[i].key, key))
			return &p->cards[i];
	fail_msg("no card %s", key);
	return NULL;
}

static void cards_say_who(void **state)
{
	struct sides k = sides(fix_profiled(), updated()), same;
	struct drvmem_snapshot *s = fix_profiled();

	(void)state;
	same = sides(s, s);
	assert_int_equal(card(k.p, "grower")->value.i, 700 * 200);
	assert_non_null(strstr(card(k.p, "grower")->note, "e1000e: "));
	assert_int_equal(card(k.p, "shrinker")->value.i, -2500);
	assert_non_null(strstr(card(k.p, "shrinker")->note, "nvme: "));
	assert_non_null(strstr(card(k.p, "site")->note, "e1000_open"));
	assert_int_equal(card(k.p, "findings")->value.u, 2);	/* e1000e and igc */
	assert_int_equal(card(k.p, "new")->value.u, 1);
	assert_true(card(k.p, "limits")->value.u > 0);
	assert_non_null(strstr(k.html, "B lost at least 5 events"));
	/* a session and itself */
	assert_int_equal(card(same.p, "change")->value.i, 0);
	assert_int_equal(card(same.p, "grower")->value.i, 0);
	assert_int_equal(card(same.p, "findings")->value.u, 0);
	assert_int_equal(card(same.p, "limits")->value.u, 0);
	assert_null(strstr(same.html, "sec-limits"));
	assert_non_null(strstr(same.html, "None has changed."));
	release(&k);
	release(&same);
}

/* How many stacks end at a function, and whether all have what must be said of their callers. */
static uint32_t count_places(const struct drvmem_diffpage *p, const char *function, const char *note)
{
	uint32_t i, n = 0;

	for (i = 0; i < p->nr_stacks; i++) {
		const struct drvmem_diffpage_stack *t = &p->stacks[i];

		if (strncmp(t->frame[t->nr - 1], function, strlen(function)))
			continue;
		n++;
		if (note)
			assert_string_equal(t->frame[1], note);
		else
			assert_int_not_equal(t->frame[1][0], '[');
	}
	return n;
}

/* B sampled another caller of the same site: one stack, under what both have in common, and its change is the site's. */
static void other_sampled_callers_are_no_change(void **state)
{
	static const char *const frames[] = { "e1000_open+0x1f [e1000e]", "vfs_write+0xc4", "another_caller+0x1" };
	static const uint64_t ip[3];
	struct drvmem_snapshot *a = fix_machine(), *b = fix_machine();
	struct sides k, same = sides(fix_machine(), fix_machine());
	uint32_t i;

	(void)state;
	assert_int_equal(count_places(same.p, "e1000_open", NULL), 1);
	release(&same);
	more(b, "e1000_open+0x1f", 5, 200);
	for (i = 0; i < b->nr_stacks; i++)
		if (b->stacks[i].site == fix_find(b, "e1000_open+0x1f"))
			b->stacks[i].frame[2] = frames[2];
	fix_frames(b, fix_find(b, "e1000_open+0x1f"), 1, 3, frames, ip);
	k = sides(a, b);
	assert_int_equal(count_places(k.p, "e1000_open", "[callers differ]"), 1);
	for (i = 0; i < k.p->nr_stacks; i++) {
		const struct drvmem_diffpage_stack *t = &k.p->stacks[i];

		if (!strncmp(t->frame[t->nr - 1], "e1000_open", 10)) {
			assert_int_equal(t->nr, 4);	/* owner, note, vfs_write, e1000_open */
			assert_int_equal(t->v[1][DRVMEM_DIFFPAGE_INUSE] - t->v[0][DRVMEM_DIFFPAGE_INUSE], 5 * 200);
		}
	}
	release(&k);
	/* with every allocation walked they are two stacks */
	a = fix_machine();
	b = fix_machine();
	a->meta.full_stacks = b->meta.full_stacks = true;
	a->nr_stacks = b->nr_stacks = 2;	/* each stack is a site of its own then */
	for (i = 0; i < b->nr_stacks; i++)
		b->stacks[i].frame[2] = frames[2];
	k = sides(a, b);
	assert_int_equal(count_places(k.p, "e1000_open", NULL), 2);
	release(&k);
}

/* Callers that have no room leave their bytes below their owner. */
static void many_stacks_fit(void **state)
{
	struct drvmem_snapshot *s[2];
	struct drvmem_sum all;
	struct sides k;
	int64_t sum = 0;
	uint32_t i, j, side, t;
	char name[64];

	(void)state;
	for (side = 0; side < 2; side++) {
		s[side] = fix_new();
		fix_cache(s[side], "kmalloc-64", 64, false);
		fix_module(s[side], "drv", 1, 0);
		for (i = 0; i < 1500; i++) {
			struct drvmem_stacksnap k1 = { .nr = 20, .count = 1 };

			snprintf(name, sizeof(name), "some_function_of_a_driver_%u+0x%x", i + side * 700, i);
			t = fix_site(s[side], 3, 0, name, i + 2, 1, 48);
			k1.site = t;
			k1.frame[0] = s[side]->sites[t].site;
			for (j = 1; j < 20; j++) {
				snprintf(name, sizeof(name), "a_caller_of_such_a_function_%u+0x%x", (i * 19 + j + side * 7) % 9000, j);
				k1.frame[j] = drvmem_snapshot__str(s[side], name);
			}
			fix_push(s[side]->stacks, s[side]->nr_stacks, k1);
		}
	}
	k = sides(s[0], s[1]);
	assert_true(k.p->stacks_without > 0);
	assert_true(k.len < 1500000);
	assert_non_null(strstr(k.html, DRVMEM_DIFFPAGE_NONE));
	drvmem_scope__sum(k.v[1], k.v[1]->by_owner, k.v[1]->nr_kept, &all);
	for (i = 0; i < k.p->nr_stacks; i++)
		sum += k.p->stacks[i].v[1][DRVMEM_DIFFPAGE_INUSE];
	assert_int_equal(sum, all.c.live_bytes);
	release(&k);
}

/* Names are bytes that the kernel never checked; addresses would tell where it lies. */
static void hostile_names_and_addresses(void **state)
{
	struct drvmem_snapshot *a = fix_machine(), *b = fix_machine();
	struct sides k;
	char *data;

	(void)state;
	a->meta.hostname = drvmem_snapshot__str(a, "</title><script>alert(1)</script>");
	fix_site(b, fix_module(b, "<img src=x onerror=alert(2)>", 9, 0), 0, "<b onclick=\"x\">+0x1", 5, 1, 64);
	fix_site(b, 0, 0, "0xffffffff81234567", 5, 1, 64);
	fix_site(b, 0, 0, "0xffffffff81234599", 5, 1, 64);
	k = sides(a, b);
	data = data_of(k.html);
	assert_null(strstr(k.html, "<img"));
	assert_null(strstr(k.html, "<b onclick"));
	assert_null(strstr(k.html, "<script>alert"));
	assert_null(strstr(data, "<"));
	assert_true(json_is_valid(data, strlen(data)));
	assert_null(strstr(k.html, "ffffffff8"));
	assert_non_null(strstr(k.html, "[address 1]"));
	assert_non_null(strstr(k.html, "[address 2]"));
	free(data);
	release(&k);
}

/* -f html --redact: the names of the hosts are not in it; other forms refuse the option. */
static void redacted(void **state)
{
	struct drvmem_diffing_opts o = { .form = DRVMEM_DIFF_HTML, .redact = true };
	struct drvmem_snapshot *a = fix_machine(), *b = fix_machine();
	struct drvmem_err err = { 0 };
	struct drvmem_out out = { 0 };
	char *text = NULL;
	size_t len;

	(void)state;
	a->meta.hostname = drvmem_snapshot__str(a, "secret-a");
	b->meta.hostname = drvmem_snapshot__str(b, "secret-b");
	out.f = open_memstream(&text, &len);
	assert_int_equal(drvmem_diffing__check(&o, false, false, &err), 0);
	assert_int_equal(drvmem_diffing__show(a, b, &o, &out, &err), 0);
	fclose(out.f);
	assert_null(strstr(text, "secret"));
	assert_non_null(strstr(text, DRVMEM_HIDDEN));
	free(text);
	o.redact = false;
	out.f = open_memstream(&text, &len);
	assert_int_equal(drvmem_diffing__show(a, b, &o, &out, &err), 0);
	fclose(out.f);
	assert_non_null(strstr(text, "secret-a"));
	free(text);
	o.redact = true;
	o.form = DRVMEM_DIFF_JSON;
	assert_int_equal(drvmem_diffing__check(&o, false, false, &err), -EINVAL);
	assert_int_equal(err.exit, DRVMEM_EXIT_USAGE);
	drvmem_snapshot__free(a);
	drvmem_snapshot__free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden_page),
		cmocka_unit_test(totals_are_those_of_json),
		cmocka_unit_test(cards_say_who),
		cmocka_unit_test(other_sampled_callers_are_no_change),
		cmocka_unit_test(many_stacks_fit),
		cmocka_unit_test(hostile_names_and_addresses),
		cmocka_unit_test(redacted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
