// SPDX-License-Identifier: GPL-2.0-or-later
#include "verifyfixture.h"

#include "jsoncheck.h"
#include "render/verify.h"
#include "view/verify.h"

/* By cache and by the kernel's function; what is the driver's own is never in custody. */
static void the_rule_of_custody(void **state)
{
	static const struct {
		const char *site;
		uint16_t allocator;
		size_t cache;		/* offset of its index in struct world */
		bool module, destroyed;
		enum drvmem_custody want;
	} t[] = {
		{ "anything+0x1", DRVMEM_ALLOC_SLAB, offsetof(struct world, head), true, false, DRVMEM_CUSTODY_SKB },
		{ "kmalloc_reserve.isra.0+0x2", DRVMEM_ALLOC_SLAB, offsetof(struct world, k256), false, false, DRVMEM_CUSTODY_SKB },
		{ "__alloc_skb+0x2", DRVMEM_ALLOC_SLAB, offsetof(struct world, k256), true, false, DRVMEM_CUSTODY_NONE },
		{ "__alloc_skbs+0x2", DRVMEM_ALLOC_SLAB, offsetof(struct world, k256), false, false, DRVMEM_CUSTODY_NONE },
		{ "__alloc+0x2", DRVMEM_ALLOC_SLAB, offsetof(struct world, k256), false, false, DRVMEM_CUSTODY_NONE },
		{ "kmalloc_trace+0x2", DRVMEM_ALLOC_SLAB, offsetof(struct world, k256), false, false, DRVMEM_CUSTODY_NONE },
		{ "anything+0x1", DRVMEM_ALLOC_SLAB, offsetof(struct world, head), false, true, DRVMEM_CUSTODY_NONE },
		{ "__d_alloc+0x1", DRVMEM_ALLOC_SLAB, offsetof(struct world, dentry), false, false, DRVMEM_CUSTODY_RECLAIM },
		{ "drv_inode+0x1", DRVMEM_ALLOC_SLAB, offsetof(struct world, dentry), true, false, DRVMEM_CUSTODY_NONE },
		{ "[drv]+0x1", DRVMEM_ALLOC_SLAB, offsetof(struct world, dentry), false, false, DRVMEM_CUSTODY_NONE },
		{ "0xffffffffc0001234", DRVMEM_ALLOC_SLAB, offsetof(struct world, dentry), false, false, DRVMEM_CUSTODY_NONE },
		{ "mas_alloc_nodes+0x1", DRVMEM_ALLOC_SLAB, offsetof(struct world, node), false, false, DRVMEM_CUSTODY_NODES },
		{ "__kernfs_new_node+0x40", DRVMEM_ALLOC_SLAB, offsetof(struct world, k256), false, false, DRVMEM_CUSTODY_SYSFS },
		{ "security_inode_alloc+0x2c", DRVMEM_ALLOC_SLAB, offsetof(struct world, k256), false, false, DRVMEM_CUSTODY_RECLAIM },
		{ "security_inode_alloc+0x2c", DRVMEM_ALLOC_SLAB, offsetof(struct world, k256), true, false, DRVMEM_CUSTODY_NONE },
		{ "kernfs_new_node+0x40", DRVMEM_ALLOC_SLAB, offsetof(struct world, k256), false, false, DRVMEM_CUSTODY_NONE },
		{ "__page_frag_cache_refill+0x1", DRVMEM_ALLOC_PAGE, offsetof(struct world, order0), false, false, DRVMEM_CUSTODY_FRAGS },
		{ "page_pool_alloc_pages_noprof+0x1", DRVMEM_ALLOC_PAGE, offsetof(struct world, order0), false, false, DRVMEM_CUSTODY_FRAGS },
		{ "drv_alloc_page+0x1", DRVMEM_ALLOC_PAGE, offsetof(struct world, order0), true, false, DRVMEM_CUSTODY_NONE },
		{ "page_frag_alloc+0x1", DRVMEM_ALLOC_DMA, offsetof(struct world, dma), false, false, DRVMEM_CUSTODY_NONE },
		{ "__alloc_skb+0x1", DRVMEM_ALLOC_VMALLOC, offsetof(struct world, vmalloc), false, false, DRVMEM_CUSTODY_NONE },
		{ "skb_clone+0x1", DRVMEM_MAP_DMA, offsetof(struct world, dev), false, false, DRVMEM_CUSTODY_NONE },
	};
	size_t i;

	(void)state;
	for (i = 0; i < UNIT_NR(t); i++) {
		struct world w = world();
		uint32_t c = *(const uint32_t *)((const char *)&w + t[i].cache);
		uint32_t owner = load(w.s, 6, 9);
		uint32_t at = site(w.s, owner, t[i].allocator, c, t[i].site, 2, 1, 200, 8);

		if (!t[i].module)
			w.s->sites[at].module = NULL;
		w.s->caches[c].destroyed = t[i].destroyed;
		if (drvmem_custody_of(w.s, &w.s->sites[at]) != t[i].want)
			fail_msg("%s: custody is %u", t[i].site, drvmem_custody_of(w.s, &w.s->sites[at]));
		drvmem_snapshot__free(w.s);
	}
}

/* On older kernels the data of a buffer is said to be of who asked for the buffer. */
static void by_what_the_call_site_called(void **state)
{
	struct world w = world();
	uint32_t t = site(w.s, load(w.s, 6, 9), DRVMEM_ALLOC_SLAB, w.k256, "drv_rx+0x1", 2, 1, 200, 8);

	(void)state;
	assert_non_null(w.s->sites[t].module);
	assert_int_equal(drvmem_custody_of(w.s, &w.s->sites[t]), DRVMEM_CUSTODY_NONE);
	w.s->sites[t].via = drvmem_snapshot__str(w.s, "__kmalloc+0x1b");
	assert_int_equal(drvmem_custody_of(w.s, &w.s->sites[t]), DRVMEM_CUSTODY_NONE);
	w.s->sites[t].via = drvmem_snapshot__str(w.s, "__alloc_skb+0x8c");
	assert_int_equal(drvmem_custody_of(w.s, &w.s->sites[t]), DRVMEM_CUSTODY_SKB);
	w.s->sites[t].allocator = DRVMEM_ALLOC_PAGE;
	assert_int_equal(drvmem_custody_of(w.s, &w.s->sites[t]), DRVMEM_CUSTODY_NONE);
	drvmem_snapshot__free(w.s);
}

/* A cache that heads share with others has the name of one of them. */
static void merged_caches_have_other_names(void **state)
{
	struct world w = world();
	uint32_t t = core_site(w.s, load(w.s, 6, 9), DRVMEM_ALLOC_SLAB, w.own, "x+0x1", 1);

	(void)state;
	assert_int_equal(drvmem_custody_of(w.s, &w.s->sites[t]), DRVMEM_CUSTODY_NONE);
	w.s->caches[w.own].aliases = drvmem_snapshot__str(w.s, "a_skbuff_ext_cache,skbuff_ext_cache");
	assert_int_equal(drvmem_custody_of(w.s, &w.s->sites[t]), DRVMEM_CUSTODY_SKB);
	w.s->caches[w.own].aliases = drvmem_snapshot__str(w.s, "a_skbuff_ext_cache,skbuff_ext");
	assert_int_equal(drvmem_custody_of(w.s, &w.s->sites[t]), DRVMEM_CUSTODY_NONE);
	drvmem_snapshot__free(w.s);
}

/* Driver Verifier's table: unknown is not 0. */
static void the_table_by_kind(void **state)
{
	struct world w = world();
	uint32_t i = load(w.s, 6, 9), t;
	const struct drvmem_verify_kind *k;
	struct drvmem_verify *v;

	(void)state;
	t = site(w.s, i, DRVMEM_ALLOC_SLAB, w.k256, "drv_open+0x1", 10, 0, 200, 7);
	w.s->sites[t].c.failures = 2;
	site(w.s, i, DRVMEM_ALLOC_SLAB, w.own, "drv_own+0x1", 4, 1, 100, 7);
	site(w.s, i, DRVMEM_MAP_VMAP, w.vmap, "drv_vmap+0x1", 3, 0, 4096, 8);
	w.s->meta.traced &= ~(1u << DRVMEM_ALLOC_DMA);
	v = verify(w.s, 0);
	k = &v->subject[0].kind[DRVMEM_ALLOC_SLAB];
	assert_int_equal(k->succeeded, 14);
	assert_int_equal(k->failed.v, 2);
	assert_int_equal(k->failed.st, DRVMEM_OK);
	assert_int_equal(k->not_tracked.st, DRVMEM_OK);
	assert_int_equal(k->not_tracked.v, 0);
	assert_int_equal(k->live_objects, 1);
	assert_int_equal(k->live_bytes, 100);
	assert_false(v->subject[0].kind[DRVMEM_ALLOC_DMA].traced);
	assert_int_equal(v->subject[0].kind[DRVMEM_MAP_VMAP].failed.st, DRVMEM_ABSENT);
	drvmem_verify__free(v);
	w.s->loss.recursion_misses.v = 1;
	v = verify(w.s, 0);
	assert_int_equal(v->subject[0].kind[DRVMEM_ALLOC_SLAB].not_tracked.st, DRVMEM_LOST);
	done(v, &w);
}

/* Of a kind nothing counts the peak: it is exact only where its bounds meet. */
static void peaks_of_kinds(void **state)
{
	struct world w = world();
	uint32_t i = load(w.s, 6, 9);
	struct drvmem_peaks p = { 0 };
	const struct drvmem_verify_kind *k;
	struct drvmem_verify *v;

	(void)state;
	site(w.s, i, DRVMEM_ALLOC_VMALLOC, w.vmalloc, "drv_ring+0x1", 3, 0, 8192, 8);	/* its peak: 24576 */
	v = verify(w.s, 0);
	k = &v->subject[0].kind[DRVMEM_ALLOC_VMALLOC];
	assert_true(k->peak_bytes_exact);	/* one site, whose peak is exact */
	assert_int_equal(k->peak_bytes.v, 24576);
	assert_int_equal(k->peak_objects.st, DRVMEM_ABSENT);	/* nobody looked, some were there */
	k = &v->subject[0].kind[DRVMEM_ALLOC_PAGE];
	assert_true(k->peak_bytes_exact && k->peak_objects_exact);
	assert_int_equal(k->peak_objects.v, 0);
	drvmem_verify__free(v);
	site(w.s, i, DRVMEM_ALLOC_VMALLOC, w.vmalloc, "drv_ring+0x9", 3, 1, 4096, 8);	/* 12288 */
	assert_int_equal(drvmem_peaks__add(&p, w.s), 0);
	w.s->sites[0].c.live_objects = 2;
	w.s->sites[0].c.live_bytes = 16384;
	assert_int_equal(drvmem_peaks__add(&p, w.s), 0);
	w.s->sites[0].c.live_objects = 0;
	w.s->sites[0].c.live_bytes = 0;
	v = verify(w.s, .peaks = &p);
	k = &v->subject[0].kind[DRVMEM_ALLOC_VMALLOC];
	assert_false(k->peak_bytes_exact);
	assert_int_equal(k->peak_bytes.v, 24576);	/* more than any look saw (20480) */
	assert_int_equal(k->peak_objects.v, 3);
	assert_false(k->peak_objects_exact);
	drvmem_verify__free(v);
	w.s->instances[i].peak_bytes = drvmem_some(24576);	/* no more than that was ever held */
	v = verify(w.s, .peaks = &p);
	assert_true(v->subject[0].kind[DRVMEM_ALLOC_VMALLOC].peak_bytes_exact);
	drvmem_verify__free(v);
	w.s->instances[i].peak_bytes.st = DRVMEM_ABSENT;
	w.s->sites[0].peak_bytes.st = DRVMEM_ABSENT;
	w.s->meta.peak_exact = false;
	v = verify(w.s, .peaks = &p);
	k = &v->subject[0].kind[DRVMEM_ALLOC_VMALLOC];
	assert_false(k->peak_bytes_exact);
	assert_int_equal(k->peak_bytes.v, 20480);
	drvmem_peaks__fini(&p);
	done(v, &w);
}

static struct world leaky(void)
{
	struct world w = world();
	uint32_t a = load(w.s, 6, 7), b = load(w.s, 7, 8);

	site(w.s, a, DRVMEM_ALLOC_SLAB, w.k256, "drv_open+0x1f", 100, 0, 200, 7);
	site(w.s, b, DRVMEM_ALLOC_SLAB, w.k256, "drv_open+0x1f", 100, 4, 200, 7);
	fix_stack(w.s, w.s->nr_sites - 1, "drv_open+0x1f [drv]", 3);
	site(w.s, b, DRVMEM_ALLOC_SLAB, w.own, "drv_own+0x2", 7, 1, 184, 7);
	w.s->caches[w.own].destroyed = true;
	core_site(w.s, b, DRVMEM_ALLOC_SLAB, w.head, "__alloc_skb+0x160", 2);
	site(w.s, b, DRVMEM_MAP_IOREMAP, w.vmap, "drv_map+0x2", 3, 1, 4096, 8);
	w.s->sites[1].c.failures = 2;
	load(w.s, 9, 0);
	return w;
}

static void golden_text(void **state)
{
	const struct drvmem_text_opts o = { .width = 0, .utf8 = true };
	struct world w = leaky();
	struct drvmem_verify *k = verify(w.s, 0);
	struct drvmem_scope *v = fix_scope(NULL, w.s, NULL);
	size_t len;
	char *text = fix_text(&len, assert_int_equal(drvmem_text__verify(v, k, 2, &o, out), 0));

	(void)state;
	fix_golden("verify.txt", text, len);
	free(text);
	drvmem_scope__free(v);
	done(k, &w);
}

static void golden_json(void **state)
{
	struct world w = leaky();
	struct drvmem_verify *k = verify(w.s, 0);
	struct drvmem_scope *v = fix_scope(NULL, w.s, NULL);
	size_t len;
	char *text = fix_text(&len, assert_int_equal(drvmem_json__verify(v, k, out), 0));

	(void)state;
	assert_true(json_is_valid(text, len));
	assert_ptr_equal(strchr(text, '\n'), text + len - 1);
	fix_golden("verify.json", text, len);
	free(text);
	drvmem_scope__free(v);
	done(k, &w);
}

/* A device as text and JSON: kinds that are not told are unknown. */
static void device_documents(void **state)
{
	const struct drvmem_text_opts o = { .width = 80, .utf8 = false };
	struct drvmem_verify_device d = device(0, 9);
	struct world w = world();
	struct drvmem_verify *k;
	struct drvmem_scope *v;
	size_t len;
	char *text;

	(void)state;
	d.module = "";
	w.s->loss.recursion_misses.v = 7;
	k = verify(w.s, .device = &d);
	v = fix_scope(NULL, w.s, NULL);
	text = fix_text(&len, assert_int_equal(drvmem_text__verify(v, k, 2, &o, out), 0));
	assert_non_null(strstr(text, "0000:00:03.0: incomplete  (driver drv)\n"));
	assert_non_null(strstr(text, "not tracked: 7 events of the session were lost"));
	free(text);
	text = fix_text(&len, assert_int_equal(drvmem_json__verify(v, k, out), 0));
	assert_true(json_is_valid(text, len));
	assert_non_null(strstr(text, "\"module\":null,\"device\":\"0000:00:03.0\",\"driver\":\"drv\",\"verdict\":\"incomplete\""));
	assert_non_null(strstr(text, "\"slab\":null,\"slab_reason\":\"not seen here, or not told by device\""));
	assert_non_null(strstr(text, "\"begun_at\":null,\"begun_at_reason\":\"before the session, when is not known\""));
	assert_non_null(strstr(text, "\"covered\":\"session\""));
	free(text);
	drvmem_scope__free(v);
	done(k, &w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_rule_of_custody),
		cmocka_unit_test(merged_caches_have_other_names), cmocka_unit_test(by_what_the_call_site_called),
		cmocka_unit_test(the_table_by_kind),
		cmocka_unit_test(peaks_of_kinds),
		cmocka_unit_test(golden_text),
		cmocka_unit_test(golden_json),
		cmocka_unit_test(device_documents),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
