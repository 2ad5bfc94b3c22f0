// SPDX-License-Identifier: GPL-2.0-or-later
/* Sections of the HTML report that a run or a session may lack: advice, slab caches, pools, RAM; and no addresses. */
#include "advicefixture.h"
#include "sysfixture.h"

#include "render/html.h"
#include "view/advised.h"

#define OK(n)	((struct drvmem_u64){ (n), DRVMEM_OK })

/* Without a history. */
static char *page(struct drvmem_htmlreport_in *in, struct drvmem_htmlreport **ret)
{
	char *html;

	assert_int_equal(drvmem_htmlreport__new(in, ret), 0);
	html = fix_text(NULL, assert_int_equal(drvmem_html__report(*ret, out), 0));
	return html;
}

/* A section of the page, to be freed. */
static char *section(const char *html, const char *id)
{
	char head[64], *text;
	const char *at;

	snprintf(head, sizeof(head), "<section id=\"sec-%s\">", id);
	at = strstr(html, head);
	assert_non_null(at);
	text = strndup(at, (size_t)(strstr(at, "</section>") - at));
	assert_non_null(text);
	return text;
}

static void expect_in(const char *html, const char *id, const char *text)
{
	char *s = section(html, id);

	if (!strstr(s, text))
		fail_msg("no '%s' in: %s", text, s);
	free(s);
}

static void expect_not_in(const char *html, const char *id, const char *text)
{
	char *s = section(html, id);

	if (strstr(s, text))
		fail_msg("'%s' is in: %s", text, s);
	free(s);
}

static void what_is_not_there_says_how_to_get_it(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_htmlreport_in in = {
		.v = fix_scope(NULL, s, NULL),
		.no_advice = { "Not recorded <b>.", "drvmem record --advise -o SESSION" }, .no_system = { "It is not in the session.", NULL },
		.no_growth = { "No list.", "drvmem report --at @1" },
	};
	struct drvmem_htmlreport *r;
	char *html = page(&in, &r);

	(void)state;
	expect_in(html, "advice", "Not recorded &lt;b&gt;.");
	expect_in(html, "advice", "<code>drvmem record --advise -o SESSION</code>");
	expect_in(html, "ram", "It is not in the session.");
	expect_not_in(html, "ram", "<code>");
	expect_in(html, "pools", "were not read");
	expect_in(html, "caches", "were not read");
	assert_non_null(strstr(html, "No list. Run: drvmem report --at @1"));
	free(html);
	drvmem_htmlreport__free(r);
	drvmem_scope__free(in.v);
	drvmem_snapshot__free(s);
}

/* All of RAM, whoever read it: its table in place of the reason, and its card. */
static void all_of_ram(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_sysmem *start = sysfix_machine(), *now = sysfix_machine();
	struct drvmem_htmlreport_in in = { .v = fix_scope(NULL, s, NULL), .no_system = { "It is not in the session.", NULL } };
	struct drvmem_system *y = NULL;
	struct drvmem_htmlreport *r;
	char *html;

	(void)state;
	assert_int_equal(drvmem_system__new(start, now, in.v, &y), 0);
	in.system = y;
	html = page(&in, &r);
	expect_in(html, "ram", "<table id=\"ram\"");
	expect_in(html, "ram", "MemTotal");
	assert_null(strstr(html, "It is not in the session."));
	free(html);
	drvmem_htmlreport__free(r);
	drvmem_system__free(y);
	drvmem_sysmem__free(start);
	drvmem_sysmem__free(now);
	drvmem_scope__free(in.v);
	drvmem_snapshot__free(s);
}

/* 100,000 objects of 136 bytes in kmalloc-192. */
static void advice_is_in_it(void **state)
{
	struct world w = world();
	struct drvmem_htmlreport_in in = { 0 };
	struct drvmem_htmlreport *r;
	struct drvmem_advised d;
	char *html;

	(void)state;
	plain(&w, DRVMEM_ALLOC_SLAB, cache(&w, "kmalloc-192", DRVMEM_CLASS_KMALLOC, 192), "drv_add+0x10", 136, 120000, 80000, 100000);
	assert_int_equal(try_advise(&w), 0);
	assert_true(w.a.n > 0);
	in.v = fix_scope(NULL, w.s, NULL);
	drvmem_advised_init(&d, in.v, &w.a, &w.o, w.pools, NULL);
	in.advice = &d;
	html = page(&in, &r);
	expect_in(html, "advice", "size-fit");
	expect_in(html, "advice", "drv_add+0x10");
	expect_in(html, "advice", "<table class=\"finding\">");
	free(html);
	drvmem_htmlreport__free(r);
	w.a.too_short = true;	/* what was said of too short a run is no finding */
	html = page(&in, &r);
	expect_in(html, "advice", "too short");
	expect_in(html, "advice", "<code>drvmem report --duration");
	expect_not_in(html, "advice", "size-fit");
	free(html);
	drvmem_htmlreport__free(r);
	drvmem_scope__free(in.v);
	done(&w);
}

static struct drvmem_pool *add_cache(struct drvmem_pools *p, const char *name, const char *aliases, uint64_t held, uint64_t used)
{
	struct drvmem_pool *k = drvmem_pools__add(p, DRVMEM_POOL_CACHE);

	assert_non_null(k);
	k->name = drvmem_pools__str(p, name);
	k->aliases = drvmem_pools__str(p, aliases);
	k->held_bytes = OK(held);
	k->used_bytes = OK(used);
	k->waste_bytes = OK(held - used);
	k->in_use = k->capacity = OK(10);
	k->over_max = OK(0);
	k->tracked = k->tracked_bytes = OK(1);
	return k;
}

static const struct drvmem_cell *cell(const struct drvmem_grid *g, const char *name, const char *key)
{
	uint32_t i;

	for (i = 0; i < g->nr_rows; i++)
		if (!strcmp(drvmem_grid__cell(g, i, "name")->s, name))
			return drvmem_grid__cell(g, i, key);
	fail_msg("no row %s", name);
	return NULL;
}

/* Held, active and waste add up; objects go to the pool that their cache was merged into, by owner. */
static void caches_and_who_has_them(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_scope *v = fix_scope(NULL, s, NULL);
	struct drvmem_pools *p = drvmem_pools__new();
	struct drvmem_htmlreport_in in = { .v = v };
	struct drvmem_htmlreport *r;
	struct drvmem_pool *k;
	struct drvmem_grid *g;
	char *html;

	(void)state;
	add_cache(p, "kmalloc-256", NULL, 90000, 42500);
	s->caches[2].kind = DRVMEM_CLASS_CACHE;		/* skbuff_head_cache, under another name */
	k = add_cache(p, "pool_<b>", "other,skbuff_head_cache", 120000, 100000);
	k->over_max = OK(3);
	add_cache(p, "kmalloc-64", NULL, 8192, 4000)->tracked.st = DRVMEM_ABSENT;
	drvmem_pools__note(p, "the pools were read 7 s before this interval");
	v->pools = p;
	html = page(&in, &r);
	assert_int_equal(drvmem_htmlreport__caches(r, 0, &g), 0);
	assert_string_equal(drvmem_grid__cell(g, 0, "name")->s, "pool_<b>");	/* most held first */
	assert_string_equal(cell(g, "pool_<b>", "aliases")->s, "other,skbuff_head_cache");
	assert_string_equal(cell(g, "pool_<b>", "owners")->s, "kernel:net/core~ ≤87.5Ki");
	assert_int_equal(cell(g, "pool_<b>", "used_bytes")->flags, DRVMEM_CELL_UPPER);
	assert_int_equal(cell(g, "pool_<b>", "waste_bytes")->flags, DRVMEM_CELL_LOWER);
	assert_string_equal(cell(g, "kmalloc-256", "owners")->s, "e1000e#1 39.1Ki, nvme 2.4Ki");
	assert_int_equal(cell(g, "pool_<b>", "seen_bytes")->i, 400 * 224);	/* frees of that cache cannot all be seen */
	assert_int_equal(cell(g, "pool_<b>", "seen_bytes")->flags, DRVMEM_CELL_UPPER);
	assert_int_equal(cell(g, "kmalloc-256", "seen_bytes")->i, 200 * 200 + 10 * 250);
	assert_int_equal(cell(g, "kmalloc-256", "seen_bytes")->flags, 0);
	assert_int_equal(cell(g, "kmalloc-64", "seen_bytes")->st, DRVMEM_ABSENT);
	assert_int_equal(cell(g, "kmalloc-64", "owners")->type, DRVMEM_CELL_BLANK);	/* of several kmallocs nobody knows which */
	assert_int_equal(cell(g, "TOTAL", "held_bytes")->u, 90000 + 120000 + 8192);
	assert_int_equal(cell(g, "TOTAL", "used_bytes")->u, 42500 + 100000 + 4000);
	assert_int_equal(cell(g, "TOTAL", "waste_bytes")->u, 47500 + 20000 + 4192);
	drvmem_grid__free(g);
	assert_int_equal(drvmem_htmlreport__caches(r, 1, &g), 0);
	assert_int_equal(g->nr_rows, 3);
	assert_int_equal(cell(g, "other (2)", "held_bytes")->u, 90000 + 8192);
	drvmem_grid__free(g);
	expect_in(html, "caches", "pool_&lt;b&gt;");
	expect_in(html, "caches", "read 7 s before this interval");
	expect_in(html, "pools", "read 7 s before this interval");
	free(html);
	drvmem_htmlreport__free(r);
	drvmem_scope__free(v);
	drvmem_pools__free(p);
	drvmem_snapshot__free(s);
}

/* A figure that is missing is not 0, nor is a sum over it; without rights there is a reason and no table. */
static void caches_that_cannot_be_read(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_scope *v = fix_scope(NULL, s, NULL);
	struct drvmem_pools *p = drvmem_pools__new(), *none = drvmem_pools__new();
	struct drvmem_htmlreport_in in = { .v = v };
	struct drvmem_htmlreport *r;
	struct drvmem_grid *g;
	char *html;

	(void)state;
	add_cache(p, "kmalloc-256", NULL, 90000, 42500);
	add_cache(p, "odd", NULL, 4096, 96)->waste_bytes = (struct drvmem_u64){ 0, DRVMEM_DENIED };
	v->pools = p;
	html = page(&in, &r);
	assert_int_equal(drvmem_htmlreport__caches(r, 0, &g), 0);
	assert_int_equal(cell(g, "TOTAL", "waste_bytes")->st, DRVMEM_DENIED);
	assert_int_equal(cell(g, "TOTAL", "held_bytes")->u, 94096);
	drvmem_grid__free(g);
	free(html);
	drvmem_htmlreport__free(r);
	none->source[DRVMEM_POOL_CACHE] = (struct drvmem_pool_source){ .st = DRVMEM_DENIED, .why = "the directory may not be read" };
	v->pools = none;
	html = page(&in, &r);
	expect_in(html, "caches", "the directory may not be read");
	expect_not_in(html, "caches", "<table");
	free(html);
	drvmem_htmlreport__free(r);
	drvmem_scope__free(v);
	drvmem_pools__free(p);
	drvmem_pools__free(none);
	drvmem_snapshot__free(s);
}

/* A call site, a caller and a note without symbols: no address in the page, and the same one has the same number. */
static void no_addresses(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	uint32_t t = fix_site(s, 3, 0, "0xffffffffc0123456", 5, 1, 64);
	struct drvmem_htmlreport_in in = { 0 };
	struct drvmem_htmlreport *r;
	char *html;

	(void)state;
	fix_site(s, 3, 0, "0xffffffffc0999999", 5, 1, 64);
	fix_site(s, 3, 0, "short_offset+0x1234567", 5, 1, 64);
	fix_stack(s, t, "0xffffffffc0123456", 3);
	s->meta.notes[s->meta.nr_notes++] = drvmem_snapshot__str(s, "an area at ffff888012345678 was not read");
	in.v = fix_scope(NULL, s, NULL);
	html = page(&in, &r);
	assert_null(strstr(html, "ffffc0"));
	assert_null(strstr(html, "ffff8880"));
	assert_non_null(strstr(html, "an area at [address "));
	assert_non_null(strstr(html, "\"[address 1]\""));	/* in the data too */
	assert_non_null(strstr(html, "[address 3]"));
	assert_null(strstr(html, "[address 4]"));
	assert_non_null(strstr(html, "short_offset+0x1234567"));
	assert_non_null(strstr(html, "0123456789abcdef0123456789abcdef01234567"));	/* a build id is none */
	free(html);
	drvmem_htmlreport__free(r);
	drvmem_scope__free(in.v);
	drvmem_snapshot__free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_there_says_how_to_get_it),
		cmocka_unit_test(all_of_ram),
		cmocka_unit_test(advice_is_in_it),
		cmocka_unit_test(caches_and_who_has_them),
		cmocka_unit_test(caches_that_cannot_be_read),
		cmocka_unit_test(no_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
