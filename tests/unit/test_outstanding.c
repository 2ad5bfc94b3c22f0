// SPDX-License-Identifier: GPL-2.0-or-later
#include "fixture.h"

#include <string.h>

#include "render/json.h"
#include "render/evidence.h"
#include "render/marked.h"
#include "render/reach.h"
#include "render/text.h"
#include "view/outstanding.h"

static struct drvmem_outstanding *outstanding(struct drvmem_scope *v, uint64_t older_ns)
{
	struct drvmem_outstanding *o = NULL;

	assert_int_equal(drvmem_outstanding__new(v, &(struct drvmem_outstanding_opts){ .older_ns = older_ns }, &o), 0);
	return o;
}

static const struct drvmem_outstanding_site *of(const struct drvmem_outstanding *o,
						const struct drvmem_snapshot *s, const char *name)
{
	for (uint32_t i = 0; i < o->nr_sites; i++)
		if (o->site[i].site == fix_find(s, name))
			return &o->site[i];
	return NULL;
}

/* Live at the end of the question. Nothing says leak. */
static void test_definition_outstanding(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_scope *v = fix_scope(NULL, s, NULL);
	struct drvmem_outstanding *o = outstanding(v, 0);

	(void)state;
	assert_int_equal(o->objects, 6);	/* the RCU-pending one is not live */
	assert_int_equal(o->bytes, 200 + 200 + 33 + 3 * 224);
	assert_int_equal(o->rcu_pending, 1);
	assert_true(o->upper_bound);
	assert_int_equal(o->nr_sites, 3);
	assert_int_equal(o->site[0].site, fix_find(s, "__alloc_skb+0x8c"));
	assert_int_equal(of(o, s, "e1000_open+0x1f")->rcu_pending, 1);
	drvmem_outstanding__free(o);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

static void only_the_older_ones(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_scope *v = fix_scope(NULL, s, NULL);
	struct drvmem_outstanding *o = outstanding(v, 6 * FIX_S);
	const struct drvmem_outstanding_site *k;

	(void)state;
	assert_int_equal(o->objects, 4);
	assert_int_equal(o->rcu_pending, 0);	/* it is 1 s old */
	k = of(o, s, "e1000_open+0x1f");
	assert_int_equal(k->objects, 2);
	assert_int_equal(k->bytes, 400);
	assert_int_equal(k->oldest_ns, 9 * FIX_S);
	assert_int_equal(k->age_p50_ns, 6 * FIX_S);
	assert_false(k->upper_bound);
	k = of(o, s, "__alloc_skb+0x8c");
	assert_int_equal(k->objects, 2);
	assert_true(k->upper_bound);
	assert_null(of(o, s, "e1000_probe+0x10"));
	drvmem_outstanding__free(o);
	o = outstanding(v, 9 * FIX_S + 1);
	assert_int_equal(o->objects, 0);
	assert_int_equal(o->nr_sites, 0);
	assert_false(o->upper_bound);
	drvmem_outstanding__free(o);
	drvmem_outstanding__free(NULL);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

/* Every object of the snapshot was asked about, and all have one verdict, held by one name. */
struct told {
	struct drvmem_reach_verdict v[16];
	uint32_t asked[16], object[16];
	const char *name[16];
	struct drvmem_verdicts d;
};

static void tell(struct told *t, const struct drvmem_snapshot *s, enum drvmem_reach_class class, const char *name)
{
	uint32_t i;

	assert_true(s->nr_objects <= 16);
	memset(t, 0, sizeof(*t));
	for (i = 0; i < s->nr_objects; i++) {
		t->asked[i] = t->object[i] = i;
		t->v[i].class = (uint8_t)class;
		t->name[i] = name;
	}
	t->d = (struct drvmem_verdicts){ .v = t->v, .asked = t->asked, .object = t->object, .name = t->name,
					 .nr = s->nr_objects, .reader = "/proc/kcore" };
}

static struct drvmem_outstanding *told(struct drvmem_scope *v, const struct told *t)
{
	struct drvmem_outstanding *o = NULL;

	assert_int_equal(drvmem_outstanding__new(v, &(struct drvmem_outstanding_opts){ .verdicts = &t->d }, &o), 0);
	return o;
}

static void who_holds_them(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_scope *v = fix_scope(NULL, s, NULL);
	const struct drvmem_outstanding_site *k;
	struct drvmem_outstanding *o;
	const struct drvmem_sitesnap *site = &s->sites[fix_find(s, "e1000_open+0x1f")];
	uint32_t other = fix_find(s, "__alloc_skb+0x8c"), i;
	struct drvmem_grid *g;
	struct told t;

	(void)state;
	tell(&t, s, DRVMEM_REACH_REACHABLE, "held_by_this");
	/* of this driver's one is lost, one was not asked about */
	t.v[site->first_object].class = DRVMEM_REACH_DEFINITELY_LOST;
	t.name[site->first_object] = NULL;
	o = told(v, &t);
	assert_int_equal(o->objects, 6);
	assert_int_equal(o->reach[DRVMEM_REACH_DEFINITELY_LOST], 1);
	assert_int_equal(o->lost_bytes, 200);
	assert_int_equal(o->site[0].site, fix_find(s, "e1000_open+0x1f"));	/* what is lost comes first */
	k = of(o, s, "__alloc_skb+0x8c");
	assert_int_equal(k->reach[DRVMEM_REACH_REACHABLE], 3);
	assert_string_equal(k->holder, "held_by_this");
	assert_int_equal(k->holder_objects, 3);
	assert_int_equal(drvmem_outstanding__grid(v, o, 0, &g), 0);
	drvmem_grid__free(g);
	drvmem_outstanding__free(o);
	/* what is free by now is not outstanding */
	for (i = 0; i < s->sites[other].nr_objects; i++)
		t.v[s->sites[other].first_object + i].class = DRVMEM_REACH_FREED;
	t.asked[site->first_object] = UINT32_MAX;
	o = told(v, &t);
	assert_int_equal(o->objects, 3);
	assert_null(of(o, s, "__alloc_skb+0x8c"));
	assert_int_equal(of(o, s, "e1000_open+0x1f")->reach[DRVMEM_REACH_UNKNOWN], 1);
	assert_int_equal(o->lost_bytes, 0);
	drvmem_outstanding__free(o);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

/* Each object that is listed has its own class; what is free by now is not listed. */
static void who_holds_each(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_scope *v = fix_scope(NULL, s, NULL);
	const struct drvmem_sitesnap *site = &s->sites[fix_find(s, "__alloc_skb+0x8c")];
	struct drvmem_strbuf text = {};
	const struct drvmem_outstanding_site *k;
	struct drvmem_outstanding *o = NULL;
	struct told t;
	size_t len;
	char *json;

	(void)state;
	tell(&t, s, DRVMEM_REACH_REACHABLE, "held_by_this");
	t.v[site->first_object].class = DRVMEM_REACH_FREED;
	t.v[site->first_object + 1].class = DRVMEM_REACH_DEFINITELY_LOST;
	t.name[site->first_object + 1] = NULL;
	assert_int_equal(drvmem_outstanding__new(v, &(struct drvmem_outstanding_opts){ .verdicts = &t.d, .list = 9 }, &o), 0);
	k = of(o, s, "__alloc_skb+0x8c");
	assert_int_equal(k->objects, 2);
	assert_int_equal(k->nr_listed, 2);
	json = fix_text(&len, drvmem_json__outstanding(v, o, out));
	assert_non_null(strstr(json, "\"class\":\"definitely lost\",\"holder\":null}"));
	assert_non_null(strstr(json, "\"class\":\"still reachable\",\"holder\":\"held_by_this\"}"));
	assert_null(strstr(json, "freed meanwhile"));
	assert_non_null(strstr(json, "\"addresses_left_out\":0"));
	free(json);
	drvmem_evidence__site(v, o, k, DRVMEM_EVIDENCE_OBJECTS, &text);
	assert_non_null(strstr(text.s, "  definitely lost\n"));
	assert_non_null(strstr(text.s, "  still reachable: held by held_by_this\n"));
	drvmem_strbuf__deinit(&text);
	drvmem_outstanding__free(o);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

/* As it is printed, in both forms. */
static void golden_reach(void **state)
{
	static const struct drvmem_text_opts utf8 = { .width = 200, .utf8 = true };
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_scope *v = fix_scope(NULL, s, NULL);
	const struct drvmem_sitesnap *site = &s->sites[fix_find(s, "e1000_open+0x1f")];
	struct drvmem_outstanding *o;
	struct drvmem_grid *g;
	struct told t;
	size_t len;
	char *text;

	(void)state;
	tell(&t, s, DRVMEM_REACH_REACHABLE, "adapter_list+0x0 [e1000e]");
	t.v[site->first_object].class = DRVMEM_REACH_DEFINITELY_LOST;
	t.v[site->first_object + 1].class = DRVMEM_REACH_POSSIBLY_LOST;
	t.v[site->first_object + 1].changed = true;
	t.name[site->first_object] = t.name[site->first_object + 1] = NULL;
	t.d.bytes = 131ull << 20;
	t.d.unreadable = 8192;
	t.d.ns = 520000000;
	t.d.gap_ns = 3 * FIX_S;
	t.d.not_asked = 7;
	t.d.zeroed = true;
	o = told(v, &t);
	assert_int_equal(drvmem_outstanding__grid(v, o, 0, &g), 0);
	text = fix_text(&len, ({
		drvmem_text__outstanding(o, &utf8, out);
		drvmem_text__grid(g, &utf8, out);
		drvmem_text__reach(v, o, &utf8, out);
	}));
	fix_golden("leaks-reach.txt", text, len);
	free(text);
	text = fix_text(&len, drvmem_json__outstanding(v, o, out));
	fix_golden("leaks-reach.json", text, len);
	free(text);
	drvmem_grid__free(g);
	drvmem_outstanding__free(o);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

static void put_gen(struct drvmem_gen *g, uint64_t objects, uint64_t size)
{
	*g = (struct drvmem_gen){ objects, objects * size };
}

/* Of two sites: what was made, ended in its own generation, ended in this one, in generation gen. */
static void set_marks(struct drvmem_snapshot *s, uint32_t gen)
{
	uint32_t open = fix_find(s, "e1000_open+0x1f"), skb = fix_find(s, "__alloc_skb+0x8c"), i;

	s->meta.mark = gen + 1;
	s->gens = calloc(s->nr_sites, sizeof(*s->gens));
	assert_non_null(s->gens);
	put_gen(&s->gens[open].made[gen % DRVMEM_GENS], 120, 200);
	put_gen(&s->gens[open].own[gen % DRVMEM_GENS], 40, 200);
	put_gen(&s->gens[open].died[gen % DRVMEM_GENS], 55, 200);
	put_gen(&s->gens[skb].made[gen % DRVMEM_GENS], 7, 224);
	/* two of the driver's and one of the other's three */
	for (i = 0; i < s->nr_objects; i++)
		s->objects[i].mark = i < 2 || i == s->sites[skb].first_object ? (uint8_t)gen : (uint8_t)(gen + 1);
}

/* Allocated and freed inside and outside of a window: definitions of WPA, from the counts of BPF. */
static void what_was_done_between_marks(void **state)
{
	static const struct drvmem_text_opts utf8 = { .width = 0, .utf8 = true };
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_scope *v = fix_scope(NULL, s, NULL);
	struct drvmem_marked *m = NULL;
	struct drvmem_outstanding *o = NULL;
	struct drvmem_grid *g;
	char *text;
	size_t len;

	(void)state;
	set_marks(s, 21);	/* beyond the number of places */
	assert_int_equal(drvmem_marked__new(v, &(struct drvmem_marks_at){ 21, s->meta.started_ns + 3 * FIX_S,
					    s->meta.started_ns + 5 * FIX_S }, &m), 0);
	assert_int_equal(m->ns, 2 * FIX_S);
	assert_int_equal(m->nr_sites, 2);
	assert_int_equal(m->site[0].site, fix_find(s, "e1000_open+0x1f"));
	assert_int_equal(m->site[0].w.aifi.objects, 40);
	assert_int_equal(m->site[0].w.aifo.objects, 80);
	assert_int_equal(m->site[0].w.aifo.bytes, 80 * 200);
	assert_int_equal(m->site[0].w.aofi.objects, 15);
	assert_int_equal(m->site[0].w.aofo.objects, 300 - 120 - 15);
	assert_int_equal(m->site[1].w.aifo.bytes, 7 * 224);
	assert_int_equal(m->total.aifo.objects, 87);
	assert_int_equal(drvmem_outstanding__new(v, &(struct drvmem_outstanding_opts){ .mark = 21, .list = 5 }, &o), 0);
	assert_int_equal(o->objects, 3);
	assert_int_equal(o->bytes, 2 * 200 + 224);
	assert_int_equal(o->rcu_pending, 0);	/* of the next generation */
	assert_int_equal(of(o, s, "__alloc_skb+0x8c")->nr_listed, 1);
	o->marked = m;
	assert_int_equal(drvmem_outstanding__grid(v, o, 0, &g), 0);
	text = fix_text(&len, ({
		drvmem_text__outstanding(o, &utf8, out);
		drvmem_text__grid(g, &utf8, out);
		assert_int_equal(drvmem_text__marked(v, m, 1, &utf8, out), 0);
	}));
	fix_golden("leaks-marks.txt", text, len);
	free(text);
	text = fix_text(&len, drvmem_json__outstanding(v, o, out));
	fix_golden("leaks-marks.json", text, len);
	free(text);
	drvmem_grid__free(g);
	drvmem_outstanding__free(o);
	drvmem_marked__free(m);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

/* Memory that is counted elsewhere: beside the sums, and no finding unless it surely grows. */
static void what_is_still_mapped(void **state)
{
	static const struct drvmem_text_opts utf8 = { .width = 0, .utf8 = true };
	struct drvmem_snapshot *s = fix_machine();
	uint32_t dev = fix_cache(s, "0000:00:03.0", 0, false), t;
	struct drvmem_outstanding_site sure = { .mapping = true, .growth = { .class = DRVMEM_GROWTH_GROWING,
						.confidence = DRVMEM_CONFIDENCE_HIGH } };
	struct drvmem_outstanding_opts opts = { .older_ns = 2 * FIX_S, .list = 9 };
	struct drvmem_outstanding *o = NULL;
	struct drvmem_scope *v;
	struct drvmem_grid *g;
	char *text;
	size_t len;

	(void)state;
	t = fix_site(s, 3, dev, "e1000_alloc_rx_buffers+0x5c", 40, 10, 1536);
	s->sites[t].allocator = DRVMEM_MAP_DMA;
	fix_object(s, 4 * FIX_S, 1536, 0);
	fix_object(s, 3 * FIX_S, 1536, 0);
	fix_object(s, 1 * FIX_S, 1536, 0);
	t = fix_site(s, 3, dev, "e1000_xmit+0x7", 40, 10, 90);
	s->sites[t].allocator = DRVMEM_MAP_DMA;
	fix_object(s, 2 * FIX_S, 90, 0);
	s->meta.maps_upper = true;
	v = fix_scope(NULL, s, NULL);
	assert_int_equal(drvmem_outstanding__new(v, &opts, &o), 0);
	assert_int_equal(o->objects, 6);
	assert_int_equal(o->bytes, 200 + 200 + 33 + 3 * 224);
	assert_int_equal(o->nr_mappings, 2);
	assert_int_equal(o->site[o->nr_sites].objects, 2);
	assert_int_equal(o->site[o->nr_sites].bytes, 2 * 1536);
	assert_true(o->site[o->nr_sites].upper_bound);
	assert_null(o->site[o->nr_sites].listed);	/* it has no address of its own */
	assert_int_equal(o->findings, o->nr_sites);
	assert_false(drvmem_outstanding__is_finding(o, &o->site[o->nr_sites]));
	assert_true(drvmem_outstanding__is_finding(o, &sure));
	sure.growth.confidence = DRVMEM_CONFIDENCE_MEDIUM;
	assert_false(drvmem_outstanding__is_finding(o, &sure));
	assert_int_equal(drvmem_outstanding__map_grid(v, o, 1, &g), 0);
	text = fix_text(&len, ({
		drvmem_text__grid(g, &utf8, out);
	}));
	fix_golden("leaks-mappings.txt", text, len);
	free(text);
	text = fix_text(&len, drvmem_json__outstanding(v, o, out));
	fix_golden("leaks-mappings.json", text, len);
	free(text);
	drvmem_grid__free(g);
	drvmem_outstanding__free(o);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

static struct drvmem_outstanding *learnt(struct drvmem_scope *v)
{
	struct drvmem_outstanding *o = NULL;

	assert_int_equal(drvmem_outstanding__new(v, &(struct drvmem_outstanding_opts){ .learn = true }, &o), 0);
	return o;
}

/* What is old for a site is learnt from what it freed; of a short session a third elsewhere. */
static void each_site_has_its_own_age(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_sitesnap *t = &s->sites[fix_find(s, "e1000_open+0x1f")];
	struct drvmem_scope *v = fix_scope(NULL, s, NULL);
	const struct drvmem_outstanding_site *k;
	struct drvmem_outstanding *o;

	(void)state;
	memset(t->c.life_hist, 0, sizeof(t->c.life_hist));
	o = learnt(v);
	assert_int_equal(o->older_ns, (s->meta.taken_ns - s->meta.started_ns) / 3);
	k = of(o, s, "e1000_open+0x1f");
	assert_non_null(k);
	assert_false(k->growth.learnt);
	assert_int_equal(k->growth.old_ns, o->older_ns);
	assert_int_equal(o->growing, 0);
	drvmem_outstanding__free(o);
	/* most live for up to 7 s: what is 9 s old is nothing special */
	t->c.life_hist[11] = 1000;
	o = learnt(v);
	assert_null(of(o, s, "e1000_open+0x1f"));
	drvmem_outstanding__free(o);
	memset(t->c.life_hist, 0, sizeof(t->c.life_hist));
	t->c.life_hist[1] = 1000;
	o = learnt(v);
	k = of(o, s, "e1000_open+0x1f");
	assert_non_null(k);
	assert_true(k->growth.learnt);
	assert_int_equal(k->growth.old_ns, 4 * 1000000000ull / s->meta.hz);
	assert_int_equal(k->growth.class, DRVMEM_GROWTH_SHORT);
	assert_non_null(strstr(k->why, "trace longer"));
	assert_string_equal(drvmem_growth__name(k->growth.class), "too short");
	drvmem_outstanding__free(o);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

static void the_filter_counts(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_strlist only = { 0 };
	struct drvmem_filter f = { .owners = &only };
	struct drvmem_scope *v;
	struct drvmem_outstanding *o;

	(void)state;
	assert_int_equal(drvmem_strlist__add(&only, "e1000e"), 0);
	v = fix_scope(NULL, s, &f);
	o = outstanding(v, 0);
	assert_int_equal(o->objects, 3);
	drvmem_outstanding__free(o);
	drvmem_scope__free(v);
	drvmem_strlist__deinit(&only);
	drvmem_snapshot__free(s);
}

static void the_table_adds_up(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_scope *v = fix_scope(NULL, s, NULL);
	struct drvmem_outstanding *o = outstanding(v, 0);
	struct drvmem_grid *g = NULL;

	(void)state;
	assert_int_equal(drvmem_outstanding__grid(v, o, 1, &g), 0);
	assert_int_equal(g->nr_rows, 3);
	assert_string_equal(drvmem_grid__cell(g, 1, "name")->s, "other (2)");
	assert_int_equal(drvmem_grid__cell(g, 0, "objects")->u, 3);
	assert_int_equal(drvmem_grid__cell(g, 0, "objects")->flags, DRVMEM_CELL_UPPER);
	assert_int_equal(drvmem_grid__cell(g, 1, "objects")->u, 3);
	assert_int_equal(drvmem_grid__cell(g, 1, "objects")->flags, 0);
	assert_int_equal(g->rows[1].depth, 0);
	assert_int_equal(g->rows[1].kind, DRVMEM_ROW_OTHER);
	assert_int_equal(g->rows[2].kind, DRVMEM_ROW_TOTAL);
	assert_int_equal(drvmem_grid__cell(g, 0, "rcu_pending")->u, 0);
	assert_int_equal(drvmem_grid__cell(g, 1, "rcu_pending")->u, 1);
	assert_int_equal(drvmem_grid__cell(g, 1, "bytes")->u, 433);
	assert_int_equal(drvmem_grid__cell(g, 1, "oldest_ns")->flags, 0);
	assert_int_equal(drvmem_grid__cell(g, 1, "oldest_ns")->u, 9 * FIX_S);
	assert_int_equal(drvmem_grid__cell(g, 1, "age_p50_ns")->st, DRVMEM_ABSENT);
	assert_int_equal(drvmem_grid__cell(g, 2, "objects")->u, 6);
	assert_int_equal(drvmem_grid__cell(g, 2, "bytes")->u, o->bytes);
	drvmem_grid__free(g);
	drvmem_outstanding__free(o);
	drvmem_scope__free(v);
	s->loss.table_full = 1;
	v = fix_scope(NULL, s, NULL);
	o = outstanding(v, 9 * FIX_S);
	assert_int_equal(drvmem_outstanding__grid(v, o, 0, &g), 0);
	assert_int_equal(drvmem_grid__cell(g, g->nr_rows - 1, "objects")->flags, DRVMEM_CELL_LOWER);
	drvmem_grid__free(g);
	drvmem_outstanding__free(o);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

/* Most bytes first, then most objects, then as the snapshot has them. */
static void order_of_sites(void **state)
{
	static const uint32_t asked[] = { 10, 40, 20, 5, 30, 10 }, count[] = { 4, 1, 2, 8, 2, 4 };
	static const uint32_t want[] = { 4, 3, 0, 5, 2, 1 };	/* 60, then 40 of 8, 4, 4, 2, 1 */
	struct drvmem_snapshot *s = fix_new();
	struct drvmem_outstanding *o;
	struct drvmem_scope *v;

	(void)state;
	fix_cache(s, "c", 64, false);
	for (size_t i = 0; i < UNIT_NR(asked); i++) {
		fix_site(s, 0, 0, "f", 10, 0, asked[i]);
		for (uint32_t k = 0; k < count[i]; k++)
			fix_object(s, FIX_S, asked[i], 0);
	}
	v = fix_scope(NULL, s, NULL);
	o = outstanding(v, 0);
	assert_int_equal(o->nr_sites, UNIT_NR(want));
	for (size_t i = 0; i < UNIT_NR(want); i++)
		assert_int_equal(o->site[i].site, want[i]);
	drvmem_outstanding__free(o);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_of_sites),
		cmocka_unit_test(test_definition_outstanding),
		cmocka_unit_test(who_holds_them),
		cmocka_unit_test(who_holds_each),
		cmocka_unit_test(golden_reach),
		cmocka_unit_test(only_the_older_ones),
		cmocka_unit_test(what_was_done_between_marks),
		cmocka_unit_test(what_is_still_mapped),
		cmocka_unit_test(each_site_has_its_own_age),
		cmocka_unit_test(the_filter_counts),
		cmocka_unit_test(the_table_adds_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
