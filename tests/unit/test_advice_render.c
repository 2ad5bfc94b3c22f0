// SPDX-License-Identifier: GPL-2.0-or-later
/* Advice as text, JSON and a page of HTML. */
#include "advicefixture.h"

#include "jsoncheck.h"
#include "render/advice.h"
#include "xmlcheck.h"

#define OK(n)	((struct drvmem_u64){ (n), DRVMEM_OK })

static void add_pool(struct world *w)
{
	struct drvmem_pool *p = drvmem_pools__add(w->pools, DRVMEM_POOL_CACHE);

	assert_non_null(p);
	p->name = "<script>alert(1)</script>";
	p->owner = "a&b";
	p->aliases = "x\"<y>";
	p->users = 1;
	p->capacity = OK(1600);
	p->in_use = p->tracked = OK(400);
	p->over_max = OK(0);
	p->per_slab = OK(16);
	p->slabs = OK(100);
	p->held_bytes = OK(100 * 8192);
}

/* A finding of each sort: with and without bytes, of a site, of two, of a pool; names that are markup. */
static struct world findings_of_all_sorts(void)
{
	struct world w = world();
	uint32_t k192 = cache(&w, "kmalloc-192", DRVMEM_CLASS_KMALLOC, 192), k64 = cache(&w, "kmalloc-64", DRVMEM_CLASS_KMALLOC, 64);
	uint32_t t, evil;

	plain(&w, DRVMEM_ALLOC_SLAB, k192, "drv_add+0x10", 136, 120000, 80000, 100000);
	t = plain(&w, DRVMEM_ALLOC_SLAB, k64, "drv_head+0x1", 60, 5000, 3000, 4000);
	plain(&w, DRVMEM_ALLOC_SLAB, k64, "drv_body+0x2", 64, 5000, 3000, 4000);
	w.u->site[t].paired_allocs = w.u->site[t + 1].paired_allocs = 1000;
	w.u->site[t].paired_ends = w.u->site[t + 1].paired_ends = 1000;
	pair(&w, t, t + 1, false, 990);
	pair(&w, t, t + 1, true, 1000);
	evil = fix_module(w.s, "evil<b>&'\"", 2, 0);
	t = site(&w, evil, DRVMEM_ALLOC_SLAB, k64, "<img src=x onerror=alert(1)>+0x1", 90, 90, 64, 0);
	size(&w, 64, 90, 0, 0);
	w.u->site[t].atomic = 40;
	w.u->site[t].failed_atomic = 3;
	w.u->site[t].unsized = 7;
	site(&w, DRVMEM_MOD_KERNEL, DRVMEM_ALLOC_SLAB, k64, "alloc_pid+0x1", 9, 9, 64, 9);
	add_pool(&w);
	w.s->loss.table_full = 2500;
	return w;
}

/* What the modules were seen to hold. */
static const struct drvmem_phases *phases_of(const struct world *w)
{
	static struct drvmem_phases p;

	p = (struct drvmem_phases){ 0 };
	p.v[w->drv] = (struct drvmem_phase){ .seen = true, .init_bytes = OK(12345), .steady_bytes = OK(54321) };
	p.v[w->drv].after_bytes.st = DRVMEM_ABSENT;
	return &p;
}

static char *as_text(struct world *w, uint32_t top)
{
	const struct drvmem_text_opts o = { .width = 0, .utf8 = true };
	struct drvmem_scope *v = fix_scope(NULL, w->s, NULL);
	struct drvmem_advised d;
	char *text;

	drvmem_advised_init(&d, v, &w->a, &w->o, w->pools, phases_of(w));
	text = fix_text(NULL, assert_int_equal(drvmem_text__advice(&d, top, &o, out), 0));
	drvmem_scope__free(v);
	return text;
}

static char *as_document(struct world *w, void (*fn)(const struct drvmem_advised *, FILE *), size_t *ret_len)
{
	struct drvmem_scope *v = fix_scope(NULL, w->s, NULL);
	struct drvmem_advised d;
	char *text;

	drvmem_advised_init(&d, v, &w->a, &w->o, w->pools, phases_of(w));
	text = fix_text(ret_len, fn(&d, out));
	drvmem_scope__free(v);
	return text;
}

/* HTML whose elements all end, but for <meta>, is XML once these do too. */
static bool is_well_formed(const char *html)
{
	static const char doctype[] = "<!DOCTYPE html>\n";
	struct xmlcheck x;
	size_t n = strlen(html), at = 0;
	char *xml = calloc(1, 2 * n + 1);
	const char *p, *end;
	bool ok;

	assert_non_null(xml);
	assert_true(!strncmp(html, doctype, sizeof(doctype) - 1));
	for (p = html + sizeof(doctype) - 1; *p; p++) {
		xml[at++] = *p;
		if (strncmp(p, "<meta ", 6))
			continue;
		end = strchr(p, '>');
		assert_non_null(end);
		memcpy(xml + at, p + 1, (size_t)(end - p) - 1);
		at += (size_t)(end - p) - 1;
		xml[at++] = '/';
		p = end - 1;
	}
	x = (struct xmlcheck){ xml, xml + at };
	ok = xml_element(&x, 0);
	xml_space(&x);
	ok = ok && x.p == x.end;
	free(xml);
	return ok;
}

static void golden_text(void **state)
{
	struct world w = findings_of_all_sorts();
	char *text;

	(void)state;
	assert_int_equal(findings(&w, "bundle"), 1);
	assert_int_equal(w.a.n, 4);
	text = as_text(&w, 0);
	fix_golden("advice.txt", text, strlen(text));
	free(text);
	text = as_text(&w, 1);
	assert_null(strstr(text, "\n2. "));
	assert_non_null(strstr(text, "\n3 more (--top 0 shows all)\n"));
	free(text);
	text = as_text(&w, 4);
	assert_null(strstr(text, "more (--top"));
	free(text);
	done(&w);
}

static void golden_json(void **state)
{
	struct world w = findings_of_all_sorts();
	size_t len;
	char *text;

	(void)state;
	assert_int_equal(try_advise(&w), 0);
	text = as_document(&w, drvmem_json__advice, &len);
	assert_true(json_is_valid(text, len));
	assert_ptr_equal(strchr(text, '\n'), text + len - 1);
	fix_golden("advice.json", text, len);
	free(text);
	done(&w);
}

static void golden_html(void **state)
{
	struct world w = findings_of_all_sorts();
	size_t len;
	char *text;

	(void)state;
	assert_int_equal(try_advise(&w), 0);
	text = as_document(&w, drvmem_html__advice, &len);
	assert_true(is_well_formed(text));
	assert_null(strstr(text, "<script"));
	assert_null(strstr(text, "<img"));
	assert_null(strstr(text, "<b>&'"));
	assert_null(strstr(text, "http://"));	/* it asks for nothing */
	assert_null(strstr(text, "https://"));
	fix_golden("advice.html", text, len);
	free(text);
	done(&w);
}

/* The sum of what is saved is that of the findings. */
static void saved_in_all(void **state)
{
	struct world w = findings_of_all_sorts();
	struct drvmem_scope *v;
	struct drvmem_advised d;
	uint64_t sum = 0;
	uint32_t i;

	(void)state;
	assert_int_equal(try_advise(&w), 0);
	v = fix_scope(NULL, w.s, NULL);
	drvmem_advised_init(&d, v, &w.a, &w.o, w.pools, NULL);
	for (i = 0; i < w.a.n; i++)
		sum += drvmem_advice__saved(&w.a.v[i]);
	assert_true(sum > 0);
	assert_int_equal(d.saved, sum);
	drvmem_scope__free(v);
	done(&w);
}

/* Nothing to say, for three reasons. */
static void nothing_to_say(void **state)
{
	static const struct { bool drivers; uint64_t traced_ns; const char *text, *html, *json; } t[] = {
		{ true, 60 * FIX_S, "No change needed.\n\n16 rules asked of 1 call sites and 0 pools\n", "<p>No change needed.</p>",
		  "\"too_short\":false," },
		{ false, 60 * FIX_S, "No driver allocated anything: there is nothing to judge.\n",
		  "<p>No driver allocated anything: there is nothing to judge.</p>", "\"sites_asked\":0," },
		{ true, 3 * FIX_S, "Too short to judge: 3.0s were traced, 5.0s are needed (--duration, or --min-time). No advice.\n",
		  "<p>Too short to judge: no advice.</p>", "\"too_short\":true,\"min_time_ns\":5000000000," },
	};
	size_t i, len;
	char *text;

	(void)state;
	for (i = 0; i < UNIT_NR(t); i++) {
		struct world w = world();

		if (t[i].drivers)
			plain(&w, DRVMEM_ALLOC_SLAB, cache(&w, "kmalloc-64", DRVMEM_CLASS_KMALLOC, 64), "drv_a+0x1", 64, 9, 0, 9);
		w.s->meta.taken_ns = w.s->meta.started_ns + t[i].traced_ns;
		expect_none(&w);
		text = as_text(&w, 0);
		if (strncmp(text, t[i].text, strlen(t[i].text)))
			fail_msg("'%s' instead of '%s'", text, t[i].text);
		free(text);
		text = as_document(&w, drvmem_html__advice, &len);
		assert_true(is_well_formed(text));
		if (!strstr(text, t[i].html))
			fail_msg("'%s' is not in '%s'", t[i].html, text);
		free(text);
		text = as_document(&w, drvmem_json__advice, &len);
		assert_true(json_is_valid(text, len));
		if (!strstr(text, t[i].json) || !strstr(text, "\"findings\":[],"))
			fail_msg("'%s' is not in '%s'", t[i].json, text);
		free(text);
		done(&w);
	}
}

static void names(void **state)
{
	(void)state;
	assert_string_equal(drvmem_level_name(DRVMEM_LEVEL_LOW), "low");
	assert_string_equal(drvmem_level_name(DRVMEM_LEVEL_MEDIUM), "medium");
	assert_string_equal(drvmem_level_name(DRVMEM_LEVEL_HIGH), "high");
	assert_string_equal(drvmem_advice_unit_name(DRVMEM_ADVICE_COUNT), "count");
	assert_string_equal(drvmem_advice_unit_name(DRVMEM_ADVICE_PER_SECOND), "per_second");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden_text),
		cmocka_unit_test(golden_json),
		cmocka_unit_test(golden_html),
		cmocka_unit_test(saved_in_all),
		cmocka_unit_test(nothing_to_say),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
