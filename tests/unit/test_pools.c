// SPDX-License-Identifier: GPL-2.0-or-later
#include "fixture.h"

#include "analysis/mempools.h"
#include "analysis/pools.h"
#include "jsoncheck.h"
#include "promfixture.h"
#include "render/json.h"
#include "render/pools.h"
#include "source/slabpools.h"

static const struct drvmem_slabpools_opts machine = { .page_size = 4096, .nr_cpus = 4, .nr_nodes = 2 };

#define OK(n) { (n), DRVMEM_OK }
#define ABSENT { 0, DRVMEM_ABSENT }

static const struct drvmem_slabattr attr = {
	.object_size = OK(200), .slab_size = OK(208), .order = OK(1), .objs_per_slab = OK(39),
	.objects = OK(400), .total_objects = OK(429), .slabs = OK(11), .partial = OK(3),
	.cpu_slabs = OK(4), .cpu_partial = OK(120), .sheaf_capacity = ABSENT, .alloc_slab = ABSENT,
};

static struct drvmem_pool absent_pool(void)
{
	struct drvmem_pools *p = drvmem_pools__new();
	struct drvmem_pool k;

	assert_non_null(p);
	k = *drvmem_pools__add(p, DRVMEM_POOL_CACHE);
	drvmem_pools__free(p);
	return k;
}

static void a_cache_by_sysfs(void **state)
{
	struct drvmem_pool k = absent_pool();

	(void)state;
	drvmem_slabpools__fill(&k, &attr, &machine);
	assert_int_equal(k.capacity.v, 429);
	assert_int_equal(k.in_use.v, 400);
	assert_int_equal(k.held_bytes.v, 11 * 8192);
	/* slack: slabs * (PAGE << order) - objects * size */
	assert_int_equal(k.waste_bytes.v, 11 * 8192 - 400 * 208);
	assert_int_equal(k.over_max.v, 4 * 39);
	assert_int_equal(k.peak.v, 400);
	assert_int_equal(k.refills.st, DRVMEM_ABSENT);
}

static void sheaves_widen_the_over_count(void **state)
{
	struct drvmem_slabattr a = attr;
	struct drvmem_pool k = absent_pool();

	(void)state;
	a.cpu_slabs = (struct drvmem_u64)OK(0);
	a.sheaf_capacity = (struct drvmem_u64)OK(60);
	drvmem_slabpools__fill(&k, &a, &machine);
	/* three sheaves of a CPU, ten full ones of a node's barn */
	assert_int_equal(k.over_max.v, 60 * (3 * 4 + 10 * 2));
	a.sheaf_capacity.st = DRVMEM_DENIED;
	drvmem_slabpools__fill(&k, &a, &machine);
	assert_int_equal(k.over_max.st, DRVMEM_DENIED);
}

static void missing_attributes_are_no_zero(void **state)
{
	struct drvmem_slabattr a = attr;
	struct drvmem_pool k = absent_pool();

	(void)state;
	a.objects.st = DRVMEM_DENIED;
	a.order = (struct drvmem_u64)OK(63);
	drvmem_slabpools__fill(&k, &a, &machine);
	assert_int_equal(k.in_use.st, DRVMEM_DENIED);
	assert_int_equal(k.used_bytes.st, DRVMEM_DENIED);
	assert_int_equal(k.held_bytes.st, DRVMEM_ABSENT);
	assert_int_equal(k.waste_bytes.st, DRVMEM_DENIED);
	assert_int_equal(k.peak.st, DRVMEM_DENIED);
	/* objects that moved between two reads: no waste below 0 */
	a = attr;
	a.objects.v = 500;
	drvmem_slabpools__fill(&k, &a, &machine);
	assert_int_equal(k.waste_bytes.st, DRVMEM_ABSENT);
	a.objects.v = a.slab_size.v = UINT64_MAX;
	drvmem_slabpools__fill(&k, &a, &machine);
	assert_int_equal(k.used_bytes.st, DRVMEM_ABSENT);
}

static void caches_by_slabinfo(void **state)
{
	static const char text[] =
		"slabinfo - version: 2.1\n"
		"drv 30 32 256 16 1 : tunables 0 0 0 : slabdata 2 2 0\n"
		"broken\n";
	struct drvmem_pools *p = drvmem_pools__new();
	struct drvmem_slabinfo *s;

	(void)state;
	assert_int_equal(drvmem_slabinfo__parse(text, sizeof(text) - 1, &s), 0);
	assert_int_equal(drvmem_slabpools__from_slabinfo(p, s, &machine), 0);
	drvmem_slabinfo__free(s);
	assert_int_equal(p->n, 1);
	assert_string_equal(p->v[0].name, "drv");
	assert_int_equal(p->v[0].capacity.v, 32);
	assert_int_equal(p->v[0].waste_bytes.v, 2 * 4096 - 30 * 256);
	assert_int_equal(p->v[0].over_max.st, DRVMEM_ABSENT);
	assert_int_equal(p->nr_notes, 1);
	drvmem_pools__free(p);
}

/* Without /sys/kernel/slab: slabinfo where it may be read, else denied, and never empty and ok. */
static void slabinfo_steps_in(void **state)
{
	struct drvmem_pools *p = drvmem_pools__new();
	const struct drvmem_pool_source *src = &p->source[DRVMEM_POOL_CACHE];

	(void)state;
	assert_int_equal(drvmem_slabpools__read(p, "/no/such/dir", &machine), 0);
	if (src->st == DRVMEM_OK) {
		assert_true(p->n > 0);
		assert_string_equal(src->from, "/proc/slabinfo");
	} else {
		assert_int_equal(p->n, 0);
		assert_true(src->why[0] != 0);
	}
	assert_int_equal(drvmem_slabpools__count_nodes("/no/such/dir"), 1);
	drvmem_pools__free(p);
}

static void constructors(void **state)
{
	char buf[16];

	(void)state;
	drvmem_slabfs__parse_ctor("init_once+0x0/0x10 [ext4]\n", 26, buf, sizeof(buf));
	assert_string_equal(buf, "ext4");
	drvmem_slabfs__parse_ctor("init_once+0x0/0x10\n", 19, buf, sizeof(buf));
	assert_string_equal(buf, "kernel");
	drvmem_slabfs__parse_ctor("", 0, buf, sizeof(buf));
	assert_string_equal(buf, "");
	drvmem_slabfs__parse_ctor("f+0x0/0x1 [a_module_of_a_long_name]", 35, buf, sizeof(buf));
	assert_string_equal(buf, "");
	drvmem_slabfs__parse_ctor("f+0x0/0x1 []", 12, buf, sizeof(buf));
	assert_string_equal(buf, "");
	drvmem_slabfs__parse_ctor("0xffffffff81000000\n", 19, buf, sizeof(buf));
	assert_string_equal(buf, "");
}

static struct drvmem_pool *add_cache(struct drvmem_pools *p, const char *name, const char *aliases)
{
	struct drvmem_pool *k = drvmem_pools__add(p, DRVMEM_POOL_CACHE);

	assert_non_null(k);
	drvmem_slabpools__fill(k, &attr, &machine);
	k->name = drvmem_pools__str(p, name);
	k->aliases = drvmem_pools__str(p, aliases);
	return k;
}

/* Pools beside the machine of fixture.h, which has a cache, two size classes and a mempool. */
static struct drvmem_pools *some_pools(struct drvmem_snapshot *s)
{
	struct drvmem_pools *p = drvmem_pools__new();
	uint32_t own, site, nvme = 4;
	struct drvmem_pool *k;

	assert_string_equal(s->instances[nvme].name, "nvme");
	own = fix_cache(s, "drv_alias", 208, false);
	s->caches[own].kind = DRVMEM_CLASS_CACHE;
	site = fix_site(s, nvme, own, "nvme_probe+0x1", 90, 40, 200);
	s->sites[site].c.failures = 5;
	fix_site(s, nvme, 1, "mempool_init_node+0x5c", 16, 0, 256);
	site = fix_site(s, nvme, 1, "mempool_alloc_slab+0x5", 8, 0, 256);
	fix_stack(s, site, "mempool_alloc_slab+0x5", 1);
	s->stacks[s->nr_stacks - 1].frame[1] = drvmem_snapshot__str(s, "mempool_init_node+0x9c");
	add_cache(p, "drv_cache", "drv_alias,zz");
	add_cache(p, "kmalloc-64", NULL);
	add_cache(p, "kmalloc-cg-64", NULL);
	add_cache(p, "kmalloc-256", NULL);
	add_cache(p, "kmalloc-cg-256", NULL)->capacity.v = 0;
	k = drvmem_pools__add(p, DRVMEM_POOL_DMA);
	k->name = "prp list 256";
	k->device = "0000:00:04.0";
	k->owner = k->driver = "nvme";
	k->owner_by = "driver bound to the device";
	k->size = k->capacity = k->in_use = k->used_bytes = k->peak = (struct drvmem_u64)OK(16);
	k->held_bytes = k->peak_bytes = (struct drvmem_u64)OK(4096);
	k = drvmem_pools__add(p, DRVMEM_POOL_DMA);
	*k = p->v[p->n - 2];
	k->device = "0000:00:05.0";
	k = drvmem_pools__add(p, DRVMEM_POOL_PAGE);
	k->name = "eth\033[0m:17";
	k->id = 17;
	k->capacity = (struct drvmem_u64)OK(7);
	k->peak_sampled = true;
	k->peak = k->capacity;
	p->source[DRVMEM_POOL_CACHE] = p->source[DRVMEM_POOL_DMA] =
		(struct drvmem_pool_source){ DRVMEM_OK, "here", "", 0 };
	p->source[DRVMEM_POOL_PAGE].st = DRVMEM_OK;
	p->source[DRVMEM_POOL_PAGE].overflow = 9;
	drvmem_pools__note(p, "device %s vanished", "x");
	assert_int_equal(drvmem_pools__join(p, s), 0);
	drvmem_pools__sort(p);
	drvmem_pools__carry(NULL, p);
	return p;
}

static const struct drvmem_pool *named(const struct drvmem_pools *p, const char *name)
{
	for (uint32_t i = 0; i < p->n; i++)
		if (!strcmp(p->v[i].name, name))
			return &p->v[i];
	fail_msg("no pool %s", name);
	return NULL;
}

static void the_session_is_joined(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_pools *p = some_pools(s);
	const struct drvmem_pool *k = named(p, "drv_cache");

	(void)state;
	assert_int_equal(k->tracked.v, 50);
	assert_int_equal(k->tracked_bytes.v, 50 * 200);
	assert_int_equal(k->failures.v, 5);
	assert_string_equal(k->owner, "nvme");
	/* 50 tracked, 400 in use, of which 156 may be free: whose are the others? */
	assert_true(k->owner_guess);
	/* of two types of one size class neither is told; an empty one is none */
	assert_int_equal(named(p, "kmalloc-64")->tracked.st, DRVMEM_ABSENT);
	assert_int_equal(named(p, "kmalloc-64")->failures.st, DRVMEM_ABSENT);
	k = named(p, "kmalloc-256");
	assert_int_equal(k->tracked.st, DRVMEM_OK);
	assert_int_equal(k->users, 2);
	assert_null(k->owner);
	drvmem_pools__free(p);
	drvmem_snapshot__free(s);
}

/* A cache whose objects the session saw is its user's; drvmem's own use tells nothing. */
static void owners_that_are_no_guess(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_pools *p = drvmem_pools__new();
	uint32_t full, own;

	(void)state;
	full = fix_cache(s, "full", 208, false);
	own = fix_cache(s, "own", 208, false);
	s->caches[full].kind = s->caches[own].kind = DRVMEM_CLASS_CACHE;
	fix_site(s, 4, full, "nvme_probe+0x1", 250, 6, 200);
	fix_site(s, 1, own, "bpf_map_alloc+0x9", 300, 0, 200);
	add_cache(p, "full", NULL);
	add_cache(p, "own", NULL);
	assert_int_equal(drvmem_pools__join(p, s), 0);
	assert_string_equal(named(p, "full")->owner, "nvme");
	assert_false(named(p, "full")->owner_guess);	/* 244 = 400 - 4 * 39 */
	assert_null(named(p, "own")->owner);
	assert_int_equal(named(p, "own")->tracked.v, 300);
	drvmem_pools__free(p);
	drvmem_snapshot__free(s);
}

static void mempools_are_their_sites(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_pools *p = some_pools(s);
	const struct drvmem_pool *k = named(p, "mempool_init_node+0x5c");

	(void)state;
	assert_int_equal(k->kind, DRVMEM_POOL_MEMPOOL);
	assert_int_equal(k->capacity.v, 16);
	assert_int_equal(k->held_bytes.v, 16 * 256);
	assert_int_equal(k->in_use.st, DRVMEM_ABSENT);
	assert_int_equal(k->peak.st, DRVMEM_ABSENT);
	assert_string_equal(k->owner, "nvme");
	assert_int_equal(named(p, "mempool_alloc_slab+0x5")->capacity.v, 8);
	assert_int_equal(p->source[DRVMEM_POOL_MEMPOOL].st, DRVMEM_OK);
	assert_true(drvmem_mempools__is_maker("mempool_create_node_noprof+0x1"));
	assert_false(drvmem_mempools__is_maker("mempool_alloc_noprof+0x1"));
	assert_false(drvmem_mempools__is_maker(NULL));
	drvmem_pools__free(p);
	drvmem_snapshot__free(s);
}

static struct drvmem_mempoolsnap *add_seen(struct drvmem_snapshot *s, const char *function, uint64_t data,
					   const char *cache)
{
	struct drvmem_mempoolsnap *m = &s->mempools[s->nr_mempools++];

	*m = (struct drvmem_mempoolsnap){
		.key = 1000 + s->nr_mempools, .function = function, .data = data, .cache = cache, .owner = 4,
		.made = true, .reserve = 4, .low_water = 1, .allocs = 90, .failures = 2, .dips = 7, .longest_dip_ns = 1500,
		.in_use = 30, .peak = { 64, DRVMEM_OK },
		.frame = { "bpf_trampoline_6442+0x5c", "mempool_create_node_noprof+0x5", "nvme_probe+0x90 [nvme]" },
	};
	return m;
}

/* What was seen of their functions: nothing is guessed from sites then. */
static void mempools_that_were_seen(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_pools *p;
	const struct drvmem_pool *k;
	struct drvmem_mempoolsnap *old;

	(void)state;
	s->mempools = calloc(4, sizeof(*s->mempools));
	assert_non_null(s->mempools);
	s->mempools_traced = true;
	s->meta.page_size = 4096;
	add_seen(s, "mempool_alloc_slab+0x1", 0xffff888100200000ULL, "drv_alias");
	add_seen(s, "mempool_kmalloc+0x1", 640, "?");
	old = add_seen(s, "mempool_alloc_pages+0x1", 2, "");
	old->made = false;
	old->in_use = -3;
	old->peak.st = DRVMEM_ABSENT;
	add_seen(s, "nvme_alloc_own+0x1 [nvme]", 77, "")->peak.st = DRVMEM_ABSENT;
	p = some_pools(s);

	k = named(p, "drv_alias");
	assert_int_equal(k->kind, DRVMEM_POOL_MEMPOOL);
	assert_int_equal(k->size.v, named(p, "drv_cache")->size.v);
	assert_int_equal(k->capacity.v, 4);
	assert_int_equal(k->in_use.v, 30);
	assert_int_equal(k->peak.v, 64);
	assert_int_equal(k->low_water.v, 1);
	assert_int_equal(k->requests.v, 92);
	assert_int_equal(k->dips.v, 7);
	assert_int_equal(k->longest_dip_ns.v, 1500);
	assert_int_equal(k->failures.v, 2);
	assert_int_equal(k->used_bytes.v, 30 * k->size.v);
	assert_string_equal(k->owner, "nvme");
	assert_false(k->owner_guess);
	assert_string_equal(k->site, "nvme_probe+0x90 [nvme]");
	assert_int_equal(named(p, "kmalloc 640")->held_bytes.v, 4 * 640);
	/* older than the session: what was in use at its start is not known */
	k = named(p, "pages, order 2");
	assert_int_equal(k->size.v, 16384);
	assert_int_equal(k->in_use.st, DRVMEM_ABSENT);
	assert_int_equal(k->used_bytes.st, DRVMEM_ABSENT);
	assert_int_equal(k->low_water.v, 1);
	assert_true(k->owner_guess);
	k = named(p, "nvme_alloc_own");
	assert_int_equal(k->size.st, DRVMEM_ABSENT);
	assert_int_equal(k->in_use.v, 30);
	for (uint32_t i = 0; i < p->n; i++)
		assert_false(drvmem_mempools__is_maker(p->v[i].name));
	assert_non_null(strstr(p->source[DRVMEM_POOL_MEMPOOL].from, "traced"));
	drvmem_pools__free(p);
	drvmem_snapshot__free(s);
}

static void peaks_are_carried(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_pools *a = some_pools(s), *b = drvmem_pools__new();
	struct drvmem_pool *k = add_cache(b, "drv_cache", NULL);

	(void)state;
	k->in_use.v = k->peak.v = 10;
	k = drvmem_pools__add(b, DRVMEM_POOL_PAGE);
	k->name = "eth\033[0m:17";
	k->id = 18;		/* another pool */
	k->peak_sampled = true;
	drvmem_pools__sort(b);
	drvmem_pools__carry(a, b);
	assert_int_equal(b->readings, 2);
	assert_int_equal(named(b, "drv_cache")->peak.v, 400);
	assert_int_equal(named(b, "drv_cache")->in_use.v, 10);
	assert_int_equal(b->v[1].peak.st, DRVMEM_ABSENT);
	drvmem_pools__free(a);
	drvmem_pools__free(b);
	drvmem_snapshot__free(s);
}

static void filters_cut(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_strlist owners = { .v = { "nv*" }, .n = 1 }, caches = { .v = { "zz" }, .n = 1 };
	struct drvmem_pools *p = some_pools(s), cut;

	(void)state;
	assert_int_equal(drvmem_pools__borrow(p, &cut), 0);
	drvmem_pools__select(&cut, &owners, NULL);
	assert_int_equal(cut.n, 5);	/* its cache, two dma_pools, two mempools */
	drvmem_pools__select(&cut, &owners, &caches);
	assert_int_equal(cut.n, 1);
	assert_string_equal(cut.v[0].name, "drv_cache");
	assert_int_equal(p->n, 10);
	free(cut.v);
	drvmem_pools__free(p);
	drvmem_snapshot__free(s);
}

static void too_many_are_counted(void **state)
{
	struct drvmem_pools *p = drvmem_pools__new();
	uint32_t i, n = 0;

	(void)state;
	for (i = 0; i < DRVMEM_POOLS_MAX + 7; i++)
		n += drvmem_pools__add(p, DRVMEM_POOL_DMA) != NULL;
	assert_int_equal(n, DRVMEM_POOLS_MAX);
	assert_int_equal(p->source[DRVMEM_POOL_DMA].overflow, 7);
	assert_non_null(drvmem_pools__add(p, DRVMEM_POOL_PAGE));
	for (i = 0; i < DRVMEM_POOL_NOTES + 3; i++)
		drvmem_pools__note(p, "note %u", i);
	assert_int_equal(p->nr_notes, DRVMEM_POOL_NOTES);
	assert_int_equal(p->notes_dropped, 3);
	drvmem_pools__free(p);
}

static void as_text(void **state)
{
	const struct drvmem_text_opts o = { .width = 0, .utf8 = true };
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_pools *p = some_pools(s);
	size_t len;
	char *text = fix_text(&len, assert_int_equal(drvmem_text__pools(p, 3, &o, out), 0));

	(void)state;
	fix_golden("pools.txt", text, len);
	free(text);
	p->source[DRVMEM_POOL_MEMPOOL].st = DRVMEM_DENIED;
	p->source[DRVMEM_POOL_MEMPOOL].why = "may not";
	p->n = 0;
	text = fix_text(&len, assert_int_equal(drvmem_text__pools(p, 3, &o, out), 0));
	assert_non_null(strstr(text, "mempool: denied: may not\n"));
	free(text);
	drvmem_pools__free(p);
	drvmem_snapshot__free(s);
}

static void as_json(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_pools *p = some_pools(s);
	struct drvmem_json w;
	size_t len;
	char *text = fix_text(&len, drvmem_json__init(&w, out); drvmem_json__begin_object(&w);
			      drvmem_json__pools(&w, p); drvmem_json__end_object(&w); putc('\n', out));

	(void)state;
	assert_true(json_is_valid(text, len));
	fix_golden("pools.json", text, len);
	free(text);
	drvmem_pools__free(p);
	drvmem_snapshot__free(s);
}

static void as_metrics(void **state)
{
	const struct drvmem_metrics_opts o = DRVMEM_METRICS_OPTS_INIT;
	struct drvmem_metrics *m = drvmem_metrics__new(&o);
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_scope *v = fix_scope(NULL, s, NULL);
	struct drvmem_metrics_input in = prom_input(v);
	struct drvmem_pools *p = some_pools(s);
	char *text, name[64];
	uint32_t i;
	size_t len;

	(void)state;
	v->pools = p;
	text = prom_scrape(m, &in, DRVMEM_PROM_TEXT, &len);
	assert_non_null(strstr(text, "drvmem_series_limited{family=\"pool\"} 0\n"));
	len = (size_t)(strstr(text, "# HELP drvmem_series_limited") - strstr(text, "# HELP drvmem_pool_held"));
	fix_golden("pools.prom", strstr(text, "# HELP drvmem_pool_held"), len);
	free(text);
	drvmem_metrics__free(m);
	m = drvmem_metrics__new(&o);
	for (i = 0; i < 60; i++) {
		snprintf(name, sizeof(name), "c%u", i);
		add_cache(p, name, NULL);
	}
	text = prom_scrape(m, &in, DRVMEM_PROM_TEXT, &len);
	snprintf(name, sizeof(name), "drvmem_series_limited{family=\"pool\"} %u\n", 65 - DRVMEM_METRICS_POOLS);
	assert_non_null(strstr(text, name));
	/* nothing is lost in the fold, and no peak is a sum */
	snprintf(name, sizeof(name), "module=\"\"} %u\n", (65 - DRVMEM_METRICS_POOLS) * 11 * 8192);
	assert_non_null(strstr(text, name));
	assert_null(strstr(text, "drvmem_pool_peak_bytes{pool=\"other\""));
	free(text);
	drvmem_metrics__free(m);
	drvmem_scope__free(v);
	drvmem_pools__free(p);
	drvmem_snapshot__free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cache_by_sysfs),
		cmocka_unit_test(sheaves_widen_the_over_count),
		cmocka_unit_test(missing_attributes_are_no_zero),
		cmocka_unit_test(caches_by_slabinfo),
		cmocka_unit_test(constructors),
		cmocka_unit_test(the_session_is_joined),
		cmocka_unit_test(owners_that_are_no_guess),
		cmocka_unit_test(mempools_are_their_sites),
		cmocka_unit_test(mempools_that_were_seen),
		cmocka_unit_test(slabinfo_steps_in),
		cmocka_unit_test(peaks_are_carried),
		cmocka_unit_test(filters_cut),
		cmocka_unit_test(too_many_are_counted),
		cmocka_unit_test(as_text),
		cmocka_unit_test(as_json),
		cmocka_unit_test(as_metrics),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
