// SPDX-License-Identifier: GPL-2.0-or-later
/* The HTML report: golden page, hostile names, bounds of size, totals to the byte as in -f json. */
#include "fixture.h"
#include "jsoncheck.h"
#include "sysfixture.h"

#include "render/html.h"
#include "render/json.h"

/* A history of six moments that ends with s: every site at i fifths of what it has at the end. */
static struct drvmem_timeline *history(const struct drvmem_snapshot *s)
{
	struct drvmem_timeline *t = drvmem_timeline__new();
	struct drvmem_snapshot *part;
	uint32_t i, j;

	assert_non_null(t);
	for (i = 1; i < 5; i++) {
		part = fix_new();
		part->meta.taken_ns = (5 + 2 * i) * FIX_S;
		part->sites = calloc(s->nr_sites ? s->nr_sites : 1, sizeof(*part->sites));
		assert_non_null(part->sites);
		for (j = 0; j < s->nr_sites; j++) {
			part->sites[part->nr_sites++] = s->sites[j];
			part->sites[j].c.allocs = s->sites[j].c.allocs * i / 5;
			part->sites[j].c.frees = s->sites[j].c.frees * i / 5;
			part->sites[j].c.alloc_bytes = s->sites[j].c.alloc_bytes * i / 5;
			part->sites[j].c.free_bytes = s->sites[j].c.free_bytes * i / 5;
			part->sites[j].c.live_objects = (int64_t)(part->sites[j].c.allocs - part->sites[j].c.frees);
			part->sites[j].c.live_bytes = (int64_t)(part->sites[j].c.alloc_bytes - part->sites[j].c.free_bytes);
		}
		part->kernel[DRVMEM_AT_SNAPSHOT] = drvmem_reading__new();
		drvmem_u64__set_missing(part->kernel[DRVMEM_AT_SNAPSHOT]->mem, DRVMEM_NR_MEM, DRVMEM_ABSENT);
		part->kernel[DRVMEM_AT_SNAPSHOT]->mem[DRVMEM_MEM_SUNRECLAIM] = drvmem_some((100 + i) << 20);
		part->kernel[DRVMEM_AT_SNAPSHOT]->mem[DRVMEM_MEM_SRECLAIMABLE] = drvmem_some(50 << 20);
		part->kernel[DRVMEM_AT_SNAPSHOT]->mem[DRVMEM_MEM_VMALLOC_USED] = drvmem_some(20 << 20);
		part->kernel[DRVMEM_AT_SNAPSHOT]->mem[DRVMEM_MEM_STACK] = drvmem_some(8 << 20);
		assert_int_equal(drvmem_timeline__add(t, part), 0);
		drvmem_snapshot__free(part);
	}
	assert_int_equal(drvmem_timeline__add(t, s), 0);
	return t;
}

struct page {
	struct drvmem_snapshot *s;
	struct drvmem_timeline *t;
	struct drvmem_scope *v;
	struct drvmem_outstanding *growth;
	struct drvmem_htmlreport *r;
	char *html;
	size_t len;
};

/* Takes the snapshot. */
static struct page make_with(struct drvmem_snapshot *s, struct drvmem_timeline *t, const struct drvmem_filter *f)
{
	const struct drvmem_outstanding_opts o = { .learn = true };
	struct page p = { .s = s };
	struct drvmem_htmlreport_in in;

	p.t = t;
	p.v = fix_scope(NULL, s, f);
	in = (struct drvmem_htmlreport_in){ .v = p.v, .t = p.t, .no_growth = { "Sampled: nothing is judged.", NULL } };
	if (!s->meta.sampled)
		assert_int_equal(drvmem_outstanding__new(p.v, &o, &p.growth), 0);
	in.growth = p.growth;
	assert_int_equal(drvmem_htmlreport__new(&in, &p.r), 0);
	p.html = fix_text(&p.len, assert_int_equal(drvmem_html__report(p.r, out), 0));
	return p;
}

static struct page make(struct drvmem_snapshot *s, const struct drvmem_filter *f)
{
	return make_with(s, history(s), f);
}

static void release(struct page *p)
{
	free(p->html);
	drvmem_htmlreport__free(p->r);
	drvmem_outstanding__free(p->growth);
	drvmem_scope__free(p->v);
	drvmem_timeline__free(p->t);
	drvmem_snapshot__free(p->s);
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

static uint32_t times(const char *text, const char *what)
{
	uint32_t n = 0;

	for (; (text = strstr(text, what)); text += strlen(what))
		n++;
	return n;
}

/* The data block, to be freed. */
static char *data_of(const char *html)
{
	const char *a = strstr(html, "id=\"data\">"), *b;

	assert_non_null(a);
	a += strlen("id=\"data\">");
	b = strstr(a, "</script>");
	assert_non_null(b);
	return strndup(a, (size_t)(b - a));
}

static struct drvmem_snapshot *machine(void)
{
	struct drvmem_snapshot *s = fix_machine();

	s->instances[5].loaded_ns = 10 * FIX_S;
	assert_int_equal(drvmem_snapshot__group_objects(s), 0);
	return s;
}

static void test_page(void **state)
{
	struct page p = make(machine(), NULL);

	(void)state;
	assert_non_null(strstr(p.html, "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"));
	cut(p.html, "<style>\n", "</style>");
	cut(p.html, "<script>\n", "</script>");
	fix_golden("report.html", p.html, strlen(p.html));
	release(&p);
}

static void test_a_page_of_sampled_figures_says_so(void **state)
{
	struct drvmem_snapshot *s = fix_sampled();
	struct page p;
	char *data;

	(void)state;
	fix_walk_differed(s);
	p = make(s, NULL);
	data = data_of(p.html);
	assert_non_null(strstr(p.html, "<dt>stacks</dt><dd>1 of 4 compared walks differed: some owners may be wrong</dd>"));
	assert_non_null(strstr(data, "\"sampled\":true"));
	assert_non_null(strstr(p.html, "estimates from samples"));
	assert_non_null(strstr(p.html, "±"));
	assert_non_null(strstr(p.html, "Sampled: nothing is judged."));
	assert_non_null(strstr(p.html, "<dt>sampled</dt><dd>every object from the start, one point in 4.0Ki bytes from 2.0s on</dd>"));
	assert_non_null(strstr(data, "\"epochs\":[0,0,2000,4096]"));
	/* the row TOTAL of report-sampled.csv, and that of bpf_map_alloc: allocs, frees, bytes of both, live objects and bytes */
	assert_non_null(strstr(data, "\"errors\":[501,476,"));
	assert_non_null(strstr(data, ",155,31648],\"live_bytes\":136724,"));
	assert_non_null(strstr(data, "\"bpf_map_alloc+0x1\",null,\"slab\",\"kmalloc-64\",80,2,80,2,0,80,0,0,48,false,[9,0,333,0,9,333],"));
	free(data);
	release(&p);
}

/* First "live_bytes" behind each owner's head. */
static int64_t json_total(struct drvmem_scope *v, uint32_t *ret_owners)
{
	char *text = fix_text(NULL, assert_int_equal(drvmem_json__report(v, out), 0)), *at;
	int64_t sum = 0;

	*ret_owners = 0;
	for (at = text; (at = strstr(at, "{\"owner\":")); (*ret_owners)++) {
		at = strstr(at, "\"live_bytes\":");
		sum += strtoll(at + strlen("\"live_bytes\":"), NULL, 10);
	}
	free(text);
	return sum;
}

static void check_totals(const struct page *p)
{
	struct drvmem_sum all;
	uint32_t i, owners, last = p->r->nr_points - 1;
	int64_t json = json_total(p->v, &owners), units = 0, sites = 0, end = 0;
	uint64_t allocs = 0;
	char want[64], *data = data_of(p->html);

	drvmem_scope__sum(p->v, p->v->by_owner, p->v->nr_kept, &all);
	for (i = 0; i < p->r->nr_units; i++) {
		units += p->r->units[i].sum.c.live_bytes;
		end += p->r->units[i].at[last].live_bytes;
		allocs += p->r->units[i].at[last].allocs;
	}
	for (i = 0; i < p->r->nr_sites; i++)
		sites += p->r->sites[i].sum.c.live_bytes;
	assert_int_equal(owners, p->v->nr_owners);
	assert_int_equal(json, all.c.live_bytes);
	assert_int_equal(units, json);
	assert_int_equal(sites, json);
	assert_int_equal(end, json);
	assert_int_equal(allocs, all.c.allocs);
	assert_int_equal(p->r->total.c.live_bytes, json);
	snprintf(want, sizeof(want), "\"live_bytes\":%lld,\"t_ms\"", (long long)json);
	assert_non_null(strstr(data, want));
	snprintf(want, sizeof(want), "data-k=\"live_bytes\" data-v=\"%lld\"", (long long)json);
	assert_non_null(strstr(strstr(p->html, "<tfoot>"), want));
	free(data);
}

static void test_totals_are_those_of_json(void **state)
{
	const struct drvmem_strlist owners = { .v = { "e1000e" }, .n = 1 };
	const struct drvmem_filter f = { .owners = &owners };
	struct page p = make(machine(), NULL), q = make(machine(), &f);

	(void)state;
	check_totals(&p);
	check_totals(&q);
	assert_true(q.r->total.c.live_bytes < p.r->total.c.live_bytes);
	release(&p);
	release(&q);
}

/* Names are bytes that the kernel never checked. */
static void test_hostile_names_are_text(void **state)
{
	struct drvmem_snapshot *s = machine();
	uint32_t bad = fix_module(s, "<script>alert(1)</script>", 9, 0), t, i;
	struct page p;
	char *data;

	(void)state;
	t = fix_site(s, bad, 0, "\"'&</script><!--\xff", 5, 1, 64);
	s->sites[t].module = drvmem_snapshot__str(s, "<img src=x onerror=alert(2)>");
	s->caches[0].name = drvmem_snapshot__str(s, "</table><script>");
	s->meta.hostname = drvmem_snapshot__str(s, "</title><script>alert(3)</script>");
	s->meta.notes[0] = drvmem_snapshot__str(s, "</pre><script>");
	fix_stack(s, t, "<b onclick=\"x\">+0x1", 3);
	for (i = 0; i < s->nr_instances; i++)
		if (i == bad)
			s->instances[i].loaded_ns = 11 * FIX_S;
	p = make(s, NULL);
	data = data_of(p.html);
	assert_int_equal(times(p.html, "<script"), 2);	/* the data and the script */
	assert_int_equal(times(p.html, "</script>"), 2);
	assert_int_equal(times(p.html, "<img"), 0);
	assert_int_equal(times(p.html, "<b onclick"), 0);
	assert_int_equal(times(p.html, "</title>"), 1 + times(p.html, "</title></g>") + times(p.html, "</title></rect>"));
	assert_int_equal(times(data, "<"), 0);
	assert_true(json_is_valid(data, strlen(data)));
	assert_non_null(strstr(data, "\\u003cscript>alert(1)\\u003c/script>"));
	assert_int_equal(times(p.html, "\xff"), 0);
	free(data);
	release(&p);
}

static void set_one_of_many(struct drvmem_snapshot *s, uint32_t i)
{
	uint64_t allocs = 1000 + i * 7, size = 16 + i % 48;
	struct drvmem_sitesnap *t = &s->sites[i];
	char name[64];
	uint32_t j;

	snprintf(name, sizeof(name), "some_function_of_a_driver_%u+0x%x", i, i);
	*t = s->sites[0];
	s->stacks[i] = s->stacks[0];
	t->id = DRVMEM_SITE_FIRST + i;
	t->owner = (uint16_t)(3 + i % 40);
	t->site = drvmem_snapshot__str(s, name);
	t->c.allocs = allocs;
	t->c.frees = i;
	t->c.alloc_bytes = allocs * size;
	t->c.free_bytes = i * size;
	t->c.live_objects = (int64_t)(allocs - i);
	t->c.live_bytes = (int64_t)((allocs - i) * size);
	s->stacks[i].site = i;
	s->stacks[i].frame[0] = t->site;
	for (j = 1, s->stacks[i].nr = 20; j < 20; j++) {	/* as deep as stacks are */
		snprintf(name, sizeof(name), "caller_of_such_a_function_%u+0x%x", (i + 17 * j) % 3000, j);
		s->stacks[i].frame[j] = drvmem_snapshot__str(s, name);
	}
}

/* n sites of 40 owners that all moved at every point. */
static struct drvmem_snapshot *many(uint32_t n)
{
	struct drvmem_snapshot *s = fix_new();
	uint32_t cache = fix_cache(s, "kmalloc-64", 64, false), i;
	char name[64];

	for (i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "driver_%u", i);
		fix_module(s, name, i + 1, 0);
	}
	if (!n)
		return s;
	fix_site(s, 3, cache, "first", 1, 0, 1);
	fix_stack(s, 0, "first", 2);
	/* at once: growing by one copies all each time */
	s->sites = realloc(s->sites, n * sizeof(*s->sites));
	s->stacks = realloc(s->stacks, n * sizeof(*s->stacks));
	assert_true(s->sites && s->stacks);
	for (i = 0; i < n; i++)
		set_one_of_many(s, i);
	s->nr_sites = s->nr_stacks = n;
	return s;
}

static void test_none_and_one(void **state)
{
	struct page none = make(many(0), NULL), one = make(many(1), NULL);
	char *data = data_of(none.html);

	(void)state;
	assert_int_equal(none.r->nr_units, 0);
	assert_true(json_is_valid(data, strlen(data)));
	assert_int_equal(one.r->nr_sites, 1);
	check_totals(&one);
	free(data);
	release(&none);
	release(&one);
}

static void test_5000_sites_fit(void **state)
{
	struct page p = make(many(5000), NULL);
	char *data = data_of(p.html), *sites;

	(void)state;
	assert_true(json_is_valid(data, strlen(data)));
	check_totals(&p);
	if (p.len > 2000000)
		fail_msg("%zu bytes", p.len);
	assert_int_equal(p.r->nr_shown, 5000);
	sites = strstr(p.html, "<table id=\"sites\"");
	sites = strndup(sites, (size_t)(strstr(sites, "</table>") - sites));
	assert_int_equal(times(sites, "<tr"), 1 + 100 + 2);	/* head, rows, other and TOTAL */
	assert_non_null(strstr(sites, "other (4900)"));
	free(sites);
	free(data);
	release(&p);
}

/* The same with a history of as many points as there is room for: 400 moments at each of which half of the sites moved. */
static void test_5000_sites_of_a_long_run_fit(void **state)
{
	struct drvmem_timeline *t = drvmem_timeline__new();
	struct drvmem_snapshot *s = many(5000), *part;
	struct page p;
	uint32_t i, j;

	(void)state;
	for (i = 1; i < 400; i++) {
		part = fix_new();
		part->meta.taken_ns = s->meta.started_ns + i * UINT64_C(20000000);
		part->sites = calloc(s->nr_sites, sizeof(*part->sites));
		assert_non_null(part->sites);
		for (j = i % 2; j < s->nr_sites; j += 2) {
			part->sites[part->nr_sites] = s->sites[j];
			part->sites[part->nr_sites].c.allocs = s->sites[j].c.allocs * i / 400;
			part->sites[part->nr_sites++].c.alloc_bytes = s->sites[j].c.alloc_bytes * i / 400;
		}
		assert_int_equal(drvmem_timeline__add(t, part), 0);
		drvmem_snapshot__free(part);
	}
	assert_int_equal(drvmem_timeline__add(t, s), 0);
	p = make_with(s, t, NULL);
	assert_in_range(p.r->nr_points, 100, DRVMEM_HTML_POINTS);
	assert_true(p.r->nr_history > 0);
	check_totals(&p);
	if (p.len > 2000000)
		fail_msg("%zu bytes", p.len);
	release(&p);
}

/* Of more sites than a page holds it says how many there are, and adds all of them up. */
static void test_more_sites_than_a_page_holds(void **state)
{
	struct page p = make(many(7000), NULL);
	char *data = data_of(p.html);

	(void)state;
	assert_int_equal(p.r->nr_shown, DRVMEM_HTML_SITES);
	assert_non_null(strstr(data, "\"sites_in_all\":7000"));
	assert_true(p.r->nr_history < p.r->nr_shown);
	check_totals(&p);
	assert_true(p.len < 2000000);
	free(data);
	release(&p);
}

static void test_a_timeline_of_another_moment_is_refused(void **state)
{
	struct drvmem_snapshot *s = machine();
	struct drvmem_timeline *t = history(s);
	struct drvmem_htmlreport_in in = { .t = t };
	struct drvmem_htmlreport *r;

	(void)state;
	s->meta.taken_ns += 1;
	in.v = fix_scope(NULL, s, NULL);
	assert_int_equal(drvmem_htmlreport__new(&in, &r), -EINVAL);
	in.t = NULL;
	assert_int_equal(drvmem_htmlreport__new(&in, &r), 0);
	assert_int_equal(r->nr_points, 0);
	drvmem_htmlreport__free(r);
	drvmem_scope__free(in.v);
	drvmem_timeline__free(t);
	drvmem_snapshot__free(s);
}

/* 1,000 moments: at most so many points, the first is the start, the last the end, and nothing is made up. */
static void test_points_are_bounded(void **state)
{
	struct drvmem_timeline *t = drvmem_timeline__new();
	struct drvmem_snapshot *s = machine(), *part;
	struct drvmem_htmlreport_in in = { .t = t };
	struct drvmem_htmlreport *r;
	uint32_t i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		part = fix_new();
		part->meta.taken_ns = 5 * FIX_S + (i + 1) * UINT64_C(9000000);
		assert_int_equal(drvmem_timeline__add(t, part), 0);
		drvmem_snapshot__free(part);
	}
	assert_int_equal(drvmem_timeline__add(t, s), 0);
	in.v = fix_scope(NULL, s, NULL);
	assert_int_equal(drvmem_htmlreport__new(&in, &r), 0);
	assert_in_range(r->nr_points, DRVMEM_HTML_POINTS / 2, DRVMEM_HTML_POINTS);
	assert_int_equal(r->points[0].taken_ns, s->meta.started_ns);
	assert_int_equal(r->points[r->nr_points - 1].taken_ns, s->meta.taken_ns);
	assert_int_equal(r->points_left_out, 1001 - (r->nr_points - 1));
	drvmem_htmlreport__free(r);
	drvmem_scope__free(in.v);
	drvmem_timeline__free(t);
	drvmem_snapshot__free(s);
}

/* Ages place what is live at the end between the points: of e1000_open objects of 9, 6 and 1 s (that one waits for RCU). */
static void test_live_objects_by_when_they_were_allocated(void **state)
{
	struct page p = make(machine(), NULL);
	struct drvmem_html_born born[8];
	uint32_t i, site = fix_find(p.s, "e1000_open+0x1f");

	(void)state;
	for (i = 0; p.r->sites[i].site != site; i++)
		;
	assert_int_equal(p.r->nr_points, 6);	/* 5, 7, 9, 11, 13, 15 s */
	assert_true(drvmem_htmlreport__born(p.r, &p.r->sites[i], born));
	assert_int_equal(born[1].objects, 1);
	assert_int_equal(born[1].bytes, 200);
	assert_int_equal(born[2].objects, 1);
	assert_int_equal(born[3].objects + born[4].objects + born[5].objects, 0);
	release(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_page),
		cmocka_unit_test(test_a_page_of_sampled_figures_says_so),
		cmocka_unit_test(test_totals_are_those_of_json),
		cmocka_unit_test(test_hostile_names_are_text),
		cmocka_unit_test(test_none_and_one),
		cmocka_unit_test(test_5000_sites_fit),
		cmocka_unit_test(test_5000_sites_of_a_long_run_fit),
		cmocka_unit_test(test_more_sites_than_a_page_holds),
		cmocka_unit_test(test_a_timeline_of_another_moment_is_refused),
		cmocka_unit_test(test_points_are_bounded),
		cmocka_unit_test(test_live_objects_by_when_they_were_allocated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
