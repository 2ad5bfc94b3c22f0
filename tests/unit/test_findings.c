// SPDX-License-Identifier: GPL-2.0-or-later
#include "fixture.h"
#include "jsoncheck.h"
#include "xmlcheck.h"

#include "render/evidence.h"
#include "render/findings.h"
#include "render/json.h"
#include "render/where.h"
#include "render/xml.h"

/* A machine, what is outstanding on it, and how that is judged. */
struct given {
	struct drvmem_snapshot *s;
	struct drvmem_scope *v;
	struct drvmem_outstanding *o;
	struct drvmem_places *places;
	struct drvmem_findings_opts f;
};

static void see(struct given *g, uint64_t older_ns, uint32_t list)
{
	const struct drvmem_outstanding_opts opts = { .older_ns = older_ns, .list = list };

	g->v = fix_scope(NULL, g->s, NULL);
	assert_int_equal(drvmem_outstanding__new(g->v, &opts, &g->o), 0);
	g->o->places = g->places;
	g->f = (struct drvmem_findings_opts){ .found = g->o->objects != 0, .max_loss_ppm = 1000,
					      .exit_status = g->o->objects ? 1 : 0 };
}

static void forget(struct given *g)
{
	drvmem_outstanding__free(g->o);
	drvmem_scope__free(g->v);
	drvmem_places__free(g->places);
	drvmem_snapshot__free(g->s);
}

static uint64_t call_site(const struct given *g, const char *name)
{
	return g->s->sites[fix_find(g->s, name)].call_site;
}

/* The call of e1000_open was inlined; of its driver debug information is there, of the kernel none. */
static void with_lines(struct given *g)
{
	static const struct drvmem_place places[] = {
		{ "kmalloc_noprof", "./include/linux/slab.h", "/usr/src/linux", 878 },
		{ "alloc_ring", "drivers/net/e1000e/ring buffer.c", "/usr/src/linux", 42 },
		{ "e1000_open", "drivers/net/e1000e/netdev.c", "/usr/src/linux", 4662 },
	};

	g->places = drvmem_places__new();
	assert_non_null(g->places);
	assert_int_equal(drvmem_places__add(g->places, call_site(g, "e1000_open+0x1f"), places, 3), 0);
	assert_int_equal(drvmem_places__used(g->places, "e1000e", "ab12", "/usr/lib/debug/e1000e.ko", NULL), 0);
	assert_int_equal(drvmem_places__used(g->places, "vmlinux", "cd34", NULL,
					     "debug file /boot/vmlinux is of another build"), 0);
}

/* Object i of the snapshot lies at addr; the stack's frames are where they belong. */
static void place_objects(struct given *g)
{
	uint32_t i, site = fix_find(g->s, "e1000_open+0x1f");

	for (i = 0; i < g->s->nr_objects; i++)
		g->s->objects[i].inverted = ~(0xffff888100000000ull + i * 0x1000);
	for (i = 0; i < g->s->nr_stacks; i++)
		if (g->s->stacks[i].site == site)
			g->s->stacks[i].ip[0] = g->s->sites[site].call_site;
}

static char *junit(const struct given *g, size_t *ret_len)
{
	char *text = fix_text(ret_len, assert_int_equal(drvmem_junit__outstanding(g->v, g->o, &g->f, out), 0));

	if (!xml_is_well_formed(text, *ret_len))
		fail_msg("not well-formed: %s", text);
	return text;
}

static char *sarif(const struct given *g, size_t *ret_len)
{
	char *text = fix_text(ret_len, assert_int_equal(drvmem_sarif__outstanding(g->v, g->o, &g->f, out), 0));

	if (!json_is_valid(text, *ret_len))
		fail_msg("not JSON: %s", text);
	return text;
}

static uint32_t count(const char *text, const char *part)
{
	uint32_t n = 0;

	while ((text = strstr(text, part))) {
		text += strlen(part);
		n++;
	}
	return n;
}

static void expect_in(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("%s is not in %s", part, text);
}

static void expect_not_in(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("%s is in %s", part, text);
}

static void golden_forms(void **state)
{
	struct given g = { .s = fix_machine() };
	size_t len;
	char *text;

	(void)state;
	with_lines(&g);
	place_objects(&g);
	see(&g, 0, 2);
	text = junit(&g, &len);
	fix_golden("leaks-junit.xml", text, len);
	free(text);
	text = sarif(&g, &len);
	fix_golden("leaks.sarif", text, len);
	free(text);
	text = fix_text(&len, drvmem_json__outstanding(g.v, g.o, out));
	assert_true(json_is_valid(text, len));
	fix_golden("leaks-where.json", text, len);
	free(text);
	text = fix_text(&len, assert_int_equal(drvmem_text__where(g.v, g.o, 2, &(struct drvmem_text_opts){
		.utf8 = true }, out), 0));
	fix_golden("leaks-where.txt", text, len);
	free(text);
	forget(&g);
}

/* Each site is a case, and fails if what is outstanding counts: the exit status says the same. */
static void junit_says_what_the_exit_status_says(void **state)
{
	struct given g = { .s = fix_machine() };
	size_t len;
	char *text;

	(void)state;
	see(&g, 0, 0);
	text = junit(&g, &len);
	assert_int_equal(count(text, "<testcase "), g.o->nr_sites);
	assert_int_equal(count(text, "<failure "), g.o->nr_sites);
	expect_in(text, "tests=\"3\" failures=\"3\" errors=\"0\"");
	expect_in(text, "<testcase classname=\"e1000e#1\" name=\"e1000_open+0x1f\"");
	expect_in(text, "<failure type=\"too short\" message=\"e1000e#1 holds 2 objects (400 bytes) of e1000_open+0x1f");
	expect_in(text, "name=\"kernel\" value=\"6.12.0-test\"");
	free(text);
	/* below what counts: cases that pass, with what was seen */
	g.f.found = false;
	g.f.exit_status = 0;
	text = junit(&g, &len);
	assert_int_equal(count(text, "<testcase "), g.o->nr_sites);
	assert_int_equal(count(text, "<failure"), 0);
	assert_int_equal(count(text, "<system-out>"), g.o->nr_sites);
	expect_in(text, "tests=\"3\" failures=\"0\" errors=\"0\"");
	free(text);
	forget(&g);
}

static void junit_of_a_clean_run(void **state)
{
	struct given g = { .s = fix_machine() };
	size_t len;
	char *text;

	(void)state;
	see(&g, 100 * FIX_S, 0);
	text = junit(&g, &len);
	assert_int_equal(count(text, "<testcase "), 1);
	expect_in(text, "name=\"nothing outstanding\"");
	expect_in(text, "tests=\"1\" failures=\"0\" errors=\"0\"");
	free(text);
	/* nothing was found, but it could not have been: no pass */
	g.f.too_lossy = true;
	g.f.loss_ppm = 2500;
	g.s->loss.table_full = 2500;
	text = junit(&g, &len);
	assert_int_equal(count(text, "<testcase "), 1);
	expect_in(text, "<error type=\"loss\" message=\"2500 events were lost, 2500 ppm: more than --max-loss 1000\">");
	expect_in(text, "tests=\"1\" failures=\"0\" errors=\"1\"");
	expect_not_in(text, "nothing outstanding");
	free(text);
	forget(&g);
}

/* One call may get objects of several caches: no two cases have one name. */
static void junit_names_are_unique(void **state)
{
	struct given g = { .s = fix_new() };
	uint32_t owner;
	size_t len;
	char *text;

	(void)state;
	fix_cache(g.s, "kmalloc-64", 64, false);
	fix_cache(g.s, "kmalloc-256", 256, false);
	owner = fix_module(g.s, "drv", 1, 0);
	fix_site(g.s, owner, 0, "drv_get+0x10", 3, 0, 60);
	fix_object(g.s, FIX_S, 60, 0);
	fix_site(g.s, owner, 1, "drv_get+0x10", 3, 0, 200);
	fix_object(g.s, FIX_S, 200, 0);
	fix_site(g.s, owner, 1, "drv_put+0x10", 3, 0, 200);
	fix_object(g.s, FIX_S, 200, 0);
	see(&g, 0, 0);
	text = junit(&g, &len);
	expect_in(text, "name=\"drv_get+0x10 (kmalloc-64)\"");
	expect_in(text, "name=\"drv_get+0x10 (kmalloc-256)\"");
	expect_in(text, "name=\"drv_put+0x10\"");
	free(text);
	forget(&g);
}

/* Names are bytes that nobody checked. */
static void hostile_names(void **state)
{
	static const char *const names[] = {
		"a<b>&\"'c]]>d", "a\001\033\177b\n\tc\rd", "\xff\xfe\xc0\xaf\xed\xa0\x80", "\xef\xbf\xbe\xef\xbf\xbf",
		"\xf0\x9f\x90\xa7+0x1f [\xe2\x82]", "", "%s%n", "[m]+0x10", "0xffffffffc0000000",
	};
	struct given g;
	char *text;
	size_t len;

	(void)state;
	for (size_t i = 0; i < UNIT_NR(names); i++) {
		uint32_t owner, site;

		g = (struct given){ .s = fix_new() };
		fix_cache(g.s, names[i], 64, false);
		owner = fix_module(g.s, names[i], 1, 0);
		site = fix_site(g.s, owner, 0, names[i], 3, 0, 60);
		fix_object(g.s, FIX_S, 60, 0);
		fix_stack(g.s, site, names[i], 3);
		g.s->meta.hostname = drvmem_snapshot__str(g.s, names[i]);
		g.s->meta.notes[0] = drvmem_snapshot__str(g.s, names[i]);
		g.s->meta.nr_notes = 1;
		g.places = drvmem_places__new();
		assert_int_equal(drvmem_places__add(g.places, g.s->sites[site].call_site,
				 &(struct drvmem_place){ names[i], names[i], names[i], 1 }, 1), 0);
		assert_int_equal(drvmem_places__used(g.places, names[i], "", NULL, names[i]), 0);
		see(&g, 0, 5);
		free(junit(&g, &len));
		free(sarif(&g, &len));
		text = fix_text(&len, drvmem_json__outstanding(g.v, g.o, out));
		assert_true(json_is_valid(text, len));
		free(text);
		text = fix_text(&len, assert_int_equal(drvmem_text__where(g.v, g.o, 0, &(struct drvmem_text_opts){
			.utf8 = false }, out), 0));
		for (size_t j = 0; j < len; j++)
			assert_true(text[j] == '\n' || (text[j] >= 0x20 && text[j] < 0x7f));
		free(text);
		forget(&g);
	}
}

static void xml_escapes(void **state)
{
	size_t len;
	char *text = fix_text(&len, {
		drvmem_xml__attr(out, "a", "<\">\n\t\r&\001\xff'");
		drvmem_xml__attr(out, "none", NULL);
		drvmem_xml__text(out, "]]><&\"\n\r\002");
		drvmem_xml__text(out, NULL);
	});

	(void)state;
	assert_string_equal(text, " a=\"&lt;&quot;&gt;&#10;&#9;&#13;&amp;\xef\xbf\xbd\xef\xbf\xbd'\""
				  "]]&gt;&lt;&amp;\"\n&#13;\xef\xbf\xbd");
	free(text);
}

/* Grows for sure: error; with less confidence: warning; all others, and what is not sure: note. */
static void sarif_levels(void **state)
{
	static const struct {
		enum drvmem_growth_class class;
		enum drvmem_confidence confidence;
		const char *rule, *level;
	} rows[] = {
		{ DRVMEM_GROWTH_GROWING, DRVMEM_CONFIDENCE_HIGH, "growing", "error" },
		{ DRVMEM_GROWTH_GROWING, DRVMEM_CONFIDENCE_MEDIUM, "growing", "warning" },
		{ DRVMEM_GROWTH_GROWING, DRVMEM_CONFIDENCE_LOW, "growing", "note" },
		{ DRVMEM_GROWTH_STEADY, DRVMEM_CONFIDENCE_MEDIUM, "steady", "note" },
		{ DRVMEM_GROWTH_WARM_UP, DRVMEM_CONFIDENCE_MEDIUM, "warm-up", "note" },
		{ DRVMEM_GROWTH_QUIET, DRVMEM_CONFIDENCE_MEDIUM, "quiet", "note" },
		{ DRVMEM_GROWTH_SAWTOOTH, DRVMEM_CONFIDENCE_MEDIUM, "sawtooth", "note" },
		{ DRVMEM_GROWTH_SHORT, DRVMEM_CONFIDENCE_LOW, "too-short", "note" },
	};
	struct given g = { .s = fix_machine() };
	char want[128], *text;
	size_t len, i;

	(void)state;
	see(&g, 9 * FIX_S, 0);
	assert_int_equal(g.o->nr_sites, 1);
	for (i = 0; i < UNIT_NR(rows); i++) {
		g.o->site[0].growth.class = rows[i].class;
		g.o->site[0].growth.confidence = rows[i].confidence;
		text = sarif(&g, &len);
		snprintf(want, sizeof(want), "\"level\":\"%s\",\"message\":{\"text\":\"e1000e#1 holds", rows[i].level);
		expect_in(text, want);
		snprintf(want, sizeof(want), "{\"ruleId\":\"%s\",\"ruleIndex\":", rows[i].rule);
		expect_in(text, want);
		/* every rule that a result may have is there, with help */
		snprintf(want, sizeof(want), "{\"id\":\"%s\",\"shortDescription\":", rows[i].rule);
		expect_in(text, want);
		free(text);
	}
	forget(&g);
}

static char *fingerprint(struct drvmem_snapshot *s)
{
	struct given g = { .s = s };
	char *text, *from, *ret;
	size_t len;

	see(&g, 9 * FIX_S, 0);
	text = sarif(&g, &len);
	from = strstr(text, "\"partialFingerprints\":{\"drvmemSite/v1\":\"");
	ret = from ? strndup(from + 40, 16) : NULL;
	free(text);
	forget(&g);
	return ret;
}

/* On another boot the code is elsewhere, and after a change at another offset; the owner counts. */
static void fingerprints_are_stable(void **state)
{
	char *a = fingerprint(fix_machine()), *b;
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_sitesnap *t = &s->sites[fix_find(s, "e1000_open+0x1f")];

	(void)state;
	assert_non_null(a);
	assert_int_equal(strspn(a, "0123456789abcdef"), 16);
	t->call_site += 0x12340;
	t->site = drvmem_snapshot__str(s, "e1000_open.isra.0+0x77");
	s->instances[t->owner].load_seq = 9;
	b = fingerprint(s);
	assert_string_equal(a, b);
	free(b);
	s = fix_machine();
	s->sites[fix_find(s, "e1000_open+0x1f")].allocator = DRVMEM_ALLOC_PAGE;
	b = fingerprint(s);
	assert_string_not_equal(a, b);
	free(b);
	s = fix_machine();
	t = &s->sites[fix_find(s, "e1000_open+0x1f")];
	s->instances[t->owner].name = drvmem_snapshot__str(s, "igb");
	b = fingerprint(s);
	assert_string_not_equal(a, b);
	free(b);
	s = fix_machine();
	s->sites[fix_find(s, "e1000_open+0x1f")].site = drvmem_snapshot__str(s, "e1000_close+0x1f");
	b = fingerprint(s);
	assert_string_not_equal(a, b);
	free(b);
	/* an address says nothing on the next boot */
	s = fix_machine();
	s->sites[fix_find(s, "e1000_open+0x1f")].site = drvmem_snapshot__str(s, "0xffffffffc0123456");
	b = fingerprint(s);
	assert_null(b);
	free(a);
}

static void sarif_of_an_incomplete_run(void **state)
{
	struct given g = { .s = fix_machine() };
	size_t len;
	char *text;

	(void)state;
	see(&g, 100 * FIX_S, 0);
	text = sarif(&g, &len);
	expect_in(text, "\"executionSuccessful\":true,\"exitCode\":0,\"startTimeUtc\":\"2023-11-14T22:13:20Z\","
			"\"endTimeUtc\":\"2023-11-14T22:13:30Z\"");
	expect_in(text, "\"results\":[]");
	expect_not_in(text, "\"id\":\"loss\"");
	free(text);
	g.s->loss.table_full = 10;
	g.f.loss_ppm = 10;
	text = sarif(&g, &len);
	expect_in(text, "{\"level\":\"warning\",\"descriptor\":{\"id\":\"loss\"},\"message\":{\"text\":\"10 of 1000000 events "
			"were lost (10.000 ppm)\"}}");
	free(text);
	g.f.too_lossy = true;
	g.f.exit_status = 4;
	text = sarif(&g, &len);
	expect_in(text, "\"executionSuccessful\":false,\"exitCode\":4");
	expect_in(text, "{\"level\":\"error\",\"descriptor\":{\"id\":\"loss\"}");
	free(text);
	forget(&g);
}

/* Where the result is shown is the driver's line, not that of an inline function in a header. */
static void sarif_locations(void **state)
{
	struct given g = { .s = fix_machine() };
	size_t len;
	char *text;

	(void)state;
	with_lines(&g);
	place_objects(&g);
	see(&g, 9 * FIX_S, 0);
	text = sarif(&g, &len);
	expect_in(text, "\"locations\":[{\"physicalLocation\":{\"artifactLocation\":{\"uri\":\"drivers/net/e1000e/ring%20buffer.c\"},"
			"\"region\":{\"startLine\":42}},\"logicalLocations\":[{\"name\":\"e1000_open\","
			"\"fullyQualifiedName\":\"e1000e!e1000_open\",\"kind\":\"function\"}]}]");
	expect_in(text, "\"uri\":\"include/linux/slab.h\"},\"region\":{\"startLine\":878}");
	expect_not_in(text, "\"addresses\"");
	free(text);
	g.o->places = NULL;
	text = sarif(&g, &len);
	expect_not_in(text, "physicalLocation");
	expect_in(text, "\"locations\":[{\"logicalLocations\":[{\"name\":\"e1000_open\"");
	free(text);
	forget(&g);
}

/* A scan of our memory finds no object: what is kept is inverted, plain only in the output. */
static void addresses_are_listed(void **state)
{
	struct given g = { .s = fix_machine() };
	const struct drvmem_outstanding_site *k = NULL;
	enum drvmem_address_kind kind;
	uint32_t i;
	char *text;
	size_t len;

	(void)state;
	place_objects(&g);
	see(&g, 0, 2);
	for (i = 0; i < g.o->nr_sites; i++)
		if (g.o->site[i].site == fix_find(g.s, "__alloc_skb+0x8c"))
			k = &g.o->site[i];
	assert_non_null(k);
	assert_int_equal(k->objects, 3);
	assert_int_equal(k->nr_listed, 2);
	assert_int_equal(k->listed[0].age_ns, 8 * FIX_S);	/* the oldest, the lowest address first */
	assert_int_equal(k->listed[0].inverted, ~0xffff888100004000ull);
	assert_int_equal(k->listed[1].inverted, ~0xffff888100005000ull);
	assert_int_equal(drvmem_listed__address(&k->listed[0], DRVMEM_ALLOC_SLAB, &kind), 0xffff888100004000ull);
	assert_int_equal(kind, DRVMEM_ADDRESS_MEMORY);
	text = fix_text(&len, drvmem_json__outstanding(g.v, g.o, out));
	expect_in(text, "\"addresses\":[{\"address\":\"0xffff888100004000\",\"bytes\":224,\"age_ns\":8000000000},"
			"{\"address\":\"0xffff888100005000\",\"bytes\":224,\"age_ns\":8000000000}],\"addresses_left_out\":1");
	/* the one that waits for RCU is not outstanding */
	expect_not_in(text, "0xffff888100002000");
	free(text);
	drvmem_outstanding__free(g.o);
	drvmem_scope__free(g.v);
	/* never without being asked */
	see(&g, 0, 0);
	text = fix_text(&len, drvmem_json__outstanding(g.v, g.o, out));
	expect_not_in(text, "0xffff8881");
	expect_not_in(text, "addresses");
	free(text);
	text = sarif(&g, &len);
	expect_not_in(text, "0xffff8881");
	free(text);
	text = junit(&g, &len);
	expect_not_in(text, "0xffff8881");
	free(text);
	forget(&g);
}

/* The key spaces of the table (abi.h) are not what the user knows the objects by. */
static void addresses_of_all_allocators(void **state)
{
	static const struct {
		uint64_t key, address;
		uint16_t allocator;
		enum drvmem_address_kind kind;
	} rows[] = {
		{ 0xffffc90000123000ull, 0xffffc90000123000ull, DRVMEM_ALLOC_VMALLOC, DRVMEM_ADDRESS_MEMORY },
		{ DRVMEM_ADDR_PERCPU(0x607f40201230ull), 0x607f40201230ull, DRVMEM_ALLOC_PERCPU, DRVMEM_ADDRESS_PERCPU },
		{ DRVMEM_PAGE_KEY(0xffffea0004080000ull, 3), 0xffffea0004080000ull, DRVMEM_ALLOC_PAGE,
		  DRVMEM_ADDRESS_PAGE },
		{ DRVMEM_ADDR_DMA(0xffff888104560000ull), 0xffff888104560000ull, DRVMEM_ALLOC_DMA,
		  DRVMEM_ADDRESS_MEMORY },
		{ DRVMEM_ADDR_SGT(0xffff888104560040ull), 0xffff888104560040ull, DRVMEM_ALLOC_DMA,
		  DRVMEM_ADDRESS_SG_TABLE },
	};
	enum drvmem_address_kind kind;

	(void)state;
	for (size_t i = 0; i < UNIT_NR(rows); i++) {
		struct drvmem_listed l = { .inverted = ~rows[i].key };

		assert_int_equal(drvmem_listed__address(&l, rows[i].allocator, &kind), rows[i].address);
		assert_int_equal(kind, rows[i].kind);
	}
}

/* The judge can say no. */
static void the_check_itself(void **state)
{
	static const char *const bad[] = {
		"", "<a/>", "X<a></b>", "X<a>", "X<a b=\"1\" b=\"2\"/>", "X<a b=\"<\"/>", "X<a>&x;</a>", "X<a>&#1;</a>",
		"X<a>\001</a>", "X<a>\xff</a>", "X<a>]]></a>", "X<a/><b/>", "X<a b=1/>", "X<a>\xed\xa0\x80</a>", "X<a b=\"1\"c=\"2\"/>",
	};
	char text[128];

	(void)state;
	for (size_t i = 0; i < UNIT_NR(bad); i++) {
		snprintf(text, sizeof(text), "%s%s", *bad[i] == 'X' ? "<?xml version=\"1.0\" encoding=\"UTF-8\"?>" : "",
			 bad[i] + (*bad[i] == 'X'));
		if (xml_is_well_formed(text, strlen(text)))
			fail_msg("taken for well-formed: %s", text);
	}
	snprintf(text, sizeof(text), "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a b=\"&#10;\" c=\"\">x&lt;<d/></a>\n");
	assert_true(xml_is_well_formed(text, strlen(text)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_check_itself),
		cmocka_unit_test(golden_forms),
		cmocka_unit_test(junit_says_what_the_exit_status_says),
		cmocka_unit_test(junit_of_a_clean_run),
		cmocka_unit_test(junit_names_are_unique),
		cmocka_unit_test(hostile_names),
		cmocka_unit_test(xml_escapes),
		cmocka_unit_test(sarif_levels),
		cmocka_unit_test(fingerprints_are_stable),
		cmocka_unit_test(sarif_of_an_incomplete_run),
		cmocka_unit_test(sarif_locations),
		cmocka_unit_test(addresses_are_listed),
		cmocka_unit_test(addresses_of_all_allocators),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
