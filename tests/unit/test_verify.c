// SPDX-License-Identifier: GPL-2.0-or-later
#include "verifyfixture.h"

#include "analysis/reach.h"

static void nothing_left_is_clean(void **state)
{
	struct world w = world();
	uint32_t i = load(w.s, 6, 9);
	struct drvmem_verify *v;

	(void)state;
	site(w.s, i, DRVMEM_ALLOC_SLAB, w.k256, "drv_open+0x1", 100, 0, 200, 0);
	load(w.s, 6, 9);
	w.s->instances[4].name = drvmem_snapshot__str(w.s, "drv2");	/* another module */
	site(w.s, 4, DRVMEM_ALLOC_SLAB, w.k256, "drv2_open+0x1", 9, 9, 200, 8);
	v = verify(w.s, 0);
	assert_int_equal(v->nr_subjects, 1);
	assert_int_equal(v->verdict, DRVMEM_VERIFY_IS_CLEAN);
	assert_int_equal(v->subject[0].verdict, DRVMEM_VERIFY_IS_CLEAN);
	assert_int_equal(v->subject[0].against, 0);
	assert_int_equal(v->subject[0].nr_sites, 0);
	assert_int_equal(v->subject[0].settled_ns, 6 * FIX_S);
	assert_int_equal(v->count[DRVMEM_VERIFY_IS_CLEAN], 1);
	expect_why(v, 0, "nothing is left of 100 that it took");
	done(v, &w);
	drvmem_verify__free(NULL);
}

/* Each kind apart; mappings add nothing to the bytes; the objects themselves are at hand. */
static void what_is_left_is_a_leak(void **state)
{
	struct world w = world();
	uint32_t i = load(w.s, 6, 9), k;
	const struct drvmem_verify_subject *u;
	struct drvmem_verify *v;

	(void)state;
	site(w.s, i, DRVMEM_ALLOC_SLAB, w.k256, "drv_open+0x1", 100, 4, 200, 7);
	site(w.s, i, DRVMEM_ALLOC_VMALLOC, w.vmalloc, "drv_ring+0x1", 3, 1, 8192, 8);
	site(w.s, i, DRVMEM_MAP_DMA, w.dev, "drv_map+0x1", 9, 2, 1500, 8);
	fix_site(w.s, 0, w.k256, "other+0x1", 5, 0, 100);
	fix_object(w.s, FIX_S, 100, 0);
	v = verify(w.s, 0);
	u = &v->subject[0];
	assert_int_equal(v->verdict, DRVMEM_VERIFY_IS_LEAK);
	assert_int_equal(u->leak.objects, 5);
	assert_int_equal(u->leak.bytes, 4 * 200 + 8192);
	assert_int_equal(u->leak.mappings, 2);
	assert_int_equal(u->leak.mapped_bytes, 3000);
	assert_int_equal(u->sure, 7);
	assert_int_equal(u->nr_sites, 3);
	assert_int_equal(v->nr_left, 7);
	/* the most bytes first */
	assert_int_equal(v->leftover[0].site, fix_find(w.s, "drv_ring+0x1"));
	assert_int_equal(v->leftover[2].site, fix_find(w.s, "drv_open+0x1"));
	assert_int_equal(v->leftover[2].oldest_ns, 8 * FIX_S);
	for (k = 0; k < 4; k++)
		assert_int_equal(w.s->objects[v->left[v->leftover[2].first + k]].site, v->leftover[2].site);
	expect_why(v, 0, "5 objects, 8.8KiB and 2 mappings of 2.9KiB are left 6.0s after it was unloaded");
	done(v, &w);
}

static void mappings_alone_are_a_leak(void **state)
{
	struct world w = world();
	uint32_t i = load(w.s, 6, 9);
	struct drvmem_verify *v;

	(void)state;
	site(w.s, i, DRVMEM_MAP_VMAP, w.vmap, "drv_vmap+0x1", 1, 1, 4096, 8);
	v = verify(w.s, 0);
	assert_int_equal(v->verdict, DRVMEM_VERIFY_IS_LEAK);
	assert_int_equal(v->subject[0].leak.objects, 0);
	assert_int_equal(v->subject[0].leak.bytes, 0);
	expect_why(v, 0, "1 mapping of 4.0KiB is left");
	done(v, &w);
}

/* Neither live nor leak. */
static void rcu_pending_is_not_left(void **state)
{
	struct world w = world();
	uint32_t i = load(w.s, 6, 9), t;
	struct drvmem_verify *v;

	(void)state;
	t = site(w.s, i, DRVMEM_ALLOC_SLAB, w.k256, "drv_open+0x1", 5, 0, 200, 0);
	fix_object(w.s, FIX_S, 200, DRVMEM_F_RCU_PENDING);
	w.s->sites[t].c.rcu_pending = 1;
	v = verify(w.s, 0);
	assert_int_equal(v->verdict, DRVMEM_VERIFY_IS_CLEAN);
	assert_int_equal(v->subject[0].rcu_pending, 1);
	assert_int_equal(drvmem_verify__unsettled(w.s, &(struct drvmem_verify_opts){ .module = "drv" }), 1);
	w.s->sites[t].c.rcu_pending = 0;
	assert_int_equal(drvmem_verify__unsettled(w.s, &(struct drvmem_verify_opts){ .module = "drv" }), 0);
	done(v, &w);
}

/* The class drops where as many frees may have been lost as objects are left; lost allocations leave none. */
static void losses_could_explain_it(void **state)
{
	struct world w = world();
	uint32_t i = load(w.s, 6, 9);
	struct drvmem_verify *v;

	(void)state;
	site(w.s, i, DRVMEM_ALLOC_SLAB, w.k256, "drv_open+0x1", 100, 4, 200, 7);
	w.s->loss.table_full = 1000;
	w.s->loss.recursion_misses.v = 3;
	v = verify(w.s, 0);
	assert_int_equal(v->lost_frees, 3);
	assert_int_equal(v->verdict, DRVMEM_VERIFY_IS_LEAK);
	assert_int_equal(v->subject[0].sure, 1);
	expect_why(v, 0, "of which 3 may have been freed unseen");
	drvmem_verify__free(v);
	w.s->loss.bulk_truncated = 1;
	v = verify(w.s, 0);
	assert_int_equal(v->verdict, DRVMEM_VERIFY_IS_INCOMPLETE);
	assert_int_equal(v->subject[0].sure, 0);
	assert_int_equal(v->subject[0].against, DRVMEM_VERIFY_LOST);
	assert_int_equal(v->subject[0].leak.objects, 4);	/* told all the same */
	expect_why(v, 0, "as many frees may be among the 4 events that were lost");
	drvmem_verify__free(v);
	/* kernels that do not count them have none */
	w.s->loss.recursion_misses = (struct drvmem_u64){ 99, DRVMEM_ABSENT };
	v = verify(w.s, 0);
	assert_int_equal(v->lost_frees, 1);
	assert_int_equal(v->verdict, DRVMEM_VERIFY_IS_LEAK);
	done(v, &w);
}

/* Two lost frees may be what is left of any one load, never of all. */
static void losses_are_had_once(void **state)
{
	struct world w = world();
	struct drvmem_verify *v;
	uint32_t i;

	(void)state;
	w.s->loss.recursion_misses.v = 2;
	for (i = 0; i < 2; i++)
		site(w.s, load(w.s, 6 + i, 7 + i), DRVMEM_ALLOC_SLAB, w.k256, "drv_open+0x1", 10, 1, 200, 6);
	v = verify(w.s, 0);
	assert_int_equal(v->verdict, DRVMEM_VERIFY_IS_INCOMPLETE);
	assert_int_equal(v->sure, 0);
	drvmem_verify__free(v);
	site(w.s, load(w.s, 8, 14), DRVMEM_ALLOC_SLAB, w.k256, "drv_open+0x1", 10, 5, 200, 9);
	v = verify(w.s, 0);
	assert_int_equal(v->verdict, DRVMEM_VERIFY_IS_INCOMPLETE);	/* the grace of the last was cut */
	drvmem_verify__free(v);
	site(w.s, load(w.s, 8, 9), DRVMEM_ALLOC_SLAB, w.k256, "drv_open+0x1", 10, 1, 200, 8);
	v = verify(w.s, 0);
	assert_int_equal(v->verdict, DRVMEM_VERIFY_IS_LEAK);
	assert_int_equal(v->sure, 1);
	assert_int_equal(v->count[DRVMEM_VERIFY_IS_LEAK], 0);
	done(v, &w);
}

static void frees_that_cannot_be_seen(void **state)
{
	struct world w = world();
	uint32_t i = load(w.s, 6, 9);
	struct drvmem_verify *v;

	(void)state;
	w.s->caches[w.k256].upper_bound = true;
	site(w.s, i, DRVMEM_ALLOC_SLAB, w.k256, "drv_open+0x1", 100, 4, 200, 7);
	v = verify(w.s, 0);
	assert_int_equal(v->verdict, DRVMEM_VERIFY_IS_INCOMPLETE);
	assert_int_equal(v->subject[0].against, DRVMEM_VERIFY_UNSEEN);
	assert_true(v->leftover[0].unseen);
	drvmem_verify__free(v);
	/* others of which all is seen are a leak all the same */
	site(w.s, i, DRVMEM_ALLOC_VMALLOC, w.vmalloc, "drv_ring+0x1", 3, 1, 8192, 8);
	v = verify(w.s, 0);
	assert_int_equal(v->verdict, DRVMEM_VERIFY_IS_LEAK);
	assert_int_equal(v->subject[0].sure, 1);
	done(v, &w);
	/* the ends of mappings that need none */
	w = world();
	i = load(w.s, 6, 9);
	w.s->meta.maps_upper = true;
	site(w.s, i, DRVMEM_MAP_DMA, w.dev, "drv_map+0x1", 9, 2, 1500, 8);
	v = verify(w.s, 0);
	assert_int_equal(v->verdict, DRVMEM_VERIFY_IS_INCOMPLETE);
	done(v, &w);
}

static void others_may_hold_it(void **state)
{
	struct world w = world();
	uint32_t i = load(w.s, 6, 9);
	struct drvmem_verify *v;

	(void)state;
	core_site(w.s, i, DRVMEM_ALLOC_SLAB, w.head, "kmem_cache_alloc_node+0x1", 2);
	core_site(w.s, i, DRVMEM_ALLOC_SLAB, w.k256, "__alloc_skb+0x8c", 2);
	v = verify(w.s, 0);
	assert_int_equal(v->verdict, DRVMEM_VERIFY_IS_CUSTODY);
	assert_int_equal(v->subject[0].custody.objects, 4);
	assert_int_equal(v->subject[0].leak.objects, 0);
	assert_int_equal(v->leftover[0].class, DRVMEM_LEFTOVER_CUSTODY);
	expect_why(v, 0, "not proven");
	drvmem_verify__free(v);
	/* a leak is not hidden behind it, and comes first */
	site(w.s, i, DRVMEM_ALLOC_SLAB, w.k256, "drv_open+0x1", 100, 1, 20, 7);
	v = verify(w.s, 0);
	assert_int_equal(v->verdict, DRVMEM_VERIFY_IS_LEAK);
	assert_int_equal(v->subject[0].leak.objects, 1);
	assert_int_equal(v->leftover[0].class, DRVMEM_LEFTOVER_LEAK);
	expect_why(v, 0, "others may hold 4 objects");
	done(v, &w);
}

/* All objects of the snapshot have these classes, by turns. */
struct told {
	struct drvmem_reach_verdict v[64];
	uint32_t asked[64], object[64];
	const char *name[64];
	struct drvmem_verdicts d;
};

static void tell(struct told *t, const struct drvmem_snapshot *s, enum drvmem_reach_class even,
		 enum drvmem_reach_class odd)
{
	static const char by[] = "a_list+0x0";
	uint32_t i;

	assert_true(s->nr_objects <= 64);
	for (i = 0; i < s->nr_objects; i++) {
		t->asked[i] = t->object[i] = i;
		t->v[i] = (struct drvmem_reach_verdict){ .class = (uint8_t)(i % 2 ? odd : even) };
		t->name[i] = t->v[i].class == DRVMEM_REACH_REACHABLE ? by : NULL;
	}
	t->d = (struct drvmem_verdicts){ .v = t->v, .asked = t->asked, .object = t->object, .name = t->name,
					 .nr = s->nr_objects, .reader = "BPF" };
}

static struct drvmem_verify *told(const struct drvmem_snapshot *s, const struct told *t)
{
	struct drvmem_verify *v = NULL;

	assert_int_equal(drvmem_verify__new(s, &(struct drvmem_verify_opts){ .module = "drv", .verdicts = &t->d }, &v), 0);
	return v;
}

/* What others may hold and nobody does is no one's; what somebody does hold is in custody; free is free. */
static void who_holds_it(void **state)
{
	static struct told t;
	struct world w = world();
	uint32_t i = load(w.s, 6, 9);
	struct drvmem_verify *v;

	(void)state;
	core_site(w.s, i, DRVMEM_ALLOC_SLAB, w.k256, "__alloc_skb+0x8c", 4);
	tell(&t, w.s, DRVMEM_REACH_REACHABLE, DRVMEM_REACH_REACHABLE);
	v = told(w.s, &t);
	assert_int_equal(v->verdict, DRVMEM_VERIFY_IS_CUSTODY);
	assert_int_equal(v->leftover[0].holder_objects, 4);
	expect_why(v, 0, "others hold them");
	drvmem_verify__free(v);
	/* two are lost: a leak, and no lost event explains them */
	tell(&t, w.s, DRVMEM_REACH_REACHABLE, DRVMEM_REACH_DEFINITELY_LOST);
	w.s->loss.bulk_truncated = 50;
	v = told(w.s, &t);
	assert_int_equal(v->verdict, DRVMEM_VERIFY_IS_LEAK);
	assert_int_equal(v->subject[0].leak.objects, 2);
	assert_int_equal(v->subject[0].custody.objects, 2);
	assert_int_equal(v->subject[0].sure, 2);
	assert_int_equal(v->lost, 2);
	assert_int_equal(v->leftover[0].class, DRVMEM_LEFTOVER_LEAK);
	assert_int_equal(v->leftover[0].lost, 2);
	assert_int_equal(v->leftover[1].class, DRVMEM_LEFTOVER_CUSTODY);
	drvmem_verify__free(v);
	/* freed unseen */
	tell(&t, w.s, DRVMEM_REACH_FREED, DRVMEM_REACH_FREED);
	v = told(w.s, &t);
	assert_int_equal(v->verdict, DRVMEM_VERIFY_IS_CLEAN);
	assert_int_equal(v->nr_leftovers, 0);
	done(v, &w);
}

static void loaded_before_the_session(void **state)
{
	struct world w = world();
	uint32_t i = load(w.s, 0, 9);
	struct drvmem_verify *v = verify(w.s, 0);

	(void)state;
	assert_int_equal(v->verdict, DRVMEM_VERIFY_IS_INCOMPLETE);
	assert_int_equal(v->subject[0].against, DRVMEM_VERIFY_BEFORE);
	expect_why(v, 0, "covered since 22:13:20 UTC: what it took before is not, load it while drvmem runs");
	drvmem_verify__free(v);
	/* what was taken since is covered, and a leak */
	site(w.s, i, DRVMEM_ALLOC_SLAB, w.k256, "drv_open+0x1", 100, 4, 200, 7);
	v = verify(w.s, 0);
	assert_int_equal(v->verdict, DRVMEM_VERIFY_IS_LEAK);
	assert_int_equal(v->subject[0].against, DRVMEM_VERIFY_BEFORE);
	done(v, &w);
}

/* drvmem knows modules from a moment before it traces. */
static void loaded_just_before_the_session(void **state)
{
	struct world w = world();
	struct drvmem_verify *v;

	(void)state;
	load(w.s, 1, 4);	/* gone when tracing began: not covered at all */
	load(w.s, 3, 9);
	v = verify(w.s, 0);
	assert_int_equal(v->nr_subjects, 1);
	assert_int_equal(v->subject[0].instance, 4);
	assert_int_equal(v->verdict, DRVMEM_VERIFY_IS_INCOMPLETE);
	assert_int_equal(v->subject[0].against, DRVMEM_VERIFY_BEFORE);
	expect_why(v, 0, "covered since 22:13:20 UTC, 2.0s after it was loaded: what it took before is not");
	done(v, &w);
}

static void still_loaded_is_no_leak(void **state)
{
	struct world w = world();
	uint32_t i = load(w.s, 6, 0);
	struct drvmem_verify *v;

	(void)state;
	site(w.s, i, DRVMEM_ALLOC_SLAB, w.k256, "drv_open+0x1", 100, 4, 200, 7);
	v = verify(w.s, 0);
	assert_int_equal(v->verdict, DRVMEM_VERIFY_IS_NOT_UNLOADED);
	assert_false(v->subject[0].asked);
	assert_int_equal(v->subject[0].leak.objects, 0);
	assert_int_equal(v->subject[0].kind[DRVMEM_ALLOC_SLAB].live_objects, 4);
	assert_int_equal(v->nr_leftovers, 0);
	expect_why(v, 0, "still loaded, and holds 4 objects, 800B");
	assert_int_equal(drvmem_verify__unsettled(w.s, &(struct drvmem_verify_opts){ .module = "drv" }), 0);
	done(v, &w);
}

/* Three loads, the second leaks: each is judged by itself, the total is the worst. */
static void cycles(void **state)
{
	struct world w = world();
	uint32_t a = load(w.s, 6, 7), b = load(w.s, 7, 8), c = load(w.s, 8, 9);
	struct drvmem_verify *v;

	(void)state;
	site(w.s, a, DRVMEM_ALLOC_SLAB, w.k256, "drv_open+0x1", 10, 0, 200, 7);
	site(w.s, b, DRVMEM_ALLOC_SLAB, w.k256, "drv_open+0x1", 10, 3, 200, 7);
	site(w.s, c, DRVMEM_ALLOC_SLAB, w.k256, "drv_open+0x1", 10, 0, 200, 8);
	v = verify(w.s, 0);
	assert_int_equal(v->nr_subjects, 3);
	assert_int_equal(v->verdict, DRVMEM_VERIFY_IS_LEAK);
	assert_int_equal(v->subject[0].verdict, DRVMEM_VERIFY_IS_CLEAN);
	assert_int_equal(v->subject[1].verdict, DRVMEM_VERIFY_IS_LEAK);
	assert_int_equal(v->subject[1].leak.objects, 3);
	assert_int_equal(v->subject[2].verdict, DRVMEM_VERIFY_IS_CLEAN);
	assert_int_equal(v->count[DRVMEM_VERIFY_IS_CLEAN], 2);
	assert_int_equal(v->count[DRVMEM_VERIFY_IS_LEAK], 1);
	done(v, &w);
}

/* One that was reloaded at once is not what was waited for; it does not change the result. */
static void reloaded_at_once(void **state)
{
	struct world w = world();
	uint32_t b;
	struct drvmem_verify *v;

	(void)state;
	load(w.s, 6, 9);
	b = load(w.s, 9, 0);
	site(w.s, b, DRVMEM_ALLOC_SLAB, w.k256, "drv_open+0x1", 10, 3, 200, 10);
	v = verify(w.s, 0);
	assert_int_equal(v->verdict, DRVMEM_VERIFY_IS_CLEAN);
	assert_int_equal(v->subject[1].verdict, DRVMEM_VERIFY_IS_NOT_UNLOADED);
	drvmem_verify__free(v);
	/* unloaded again in the time of grace of the first: too late to be judged */
	w.s->instances[b].unloaded = true;
	w.s->instances[b].unloaded_ns = 14 * FIX_S;
	v = verify(w.s, .watched_ns = 9 * FIX_S + 1);
	assert_int_equal(v->verdict, DRVMEM_VERIFY_IS_CLEAN);
	assert_int_equal(v->subject[1].verdict, DRVMEM_VERIFY_IS_INCOMPLETE);
	assert_int_equal(v->subject[1].against, DRVMEM_VERIFY_GRACE);
	assert_false(v->subject[1].asked);
	assert_int_equal(drvmem_verify__unsettled(w.s, &(struct drvmem_verify_opts){ .module = "drv",
						  .watched_ns = 9 * FIX_S + 1 }), 0);
	assert_int_equal(drvmem_verify__unsettled(w.s, &(struct drvmem_verify_opts){ .module = "drv" }), 3);
	done(v, &w);
}

/* A module whose init fails comes and goes as others do, in a moment. */
static void died_in_init(void **state)
{
	struct world w = world();
	uint32_t i = load(w.s, 6, 6);
	struct drvmem_verify *v;

	(void)state;
	w.s->instances[i].unloaded_ns += 1000;
	site(w.s, i, DRVMEM_ALLOC_SLAB, w.k256, "[drv]+0x40", 5, 2, 300, 6);
	v = verify(w.s, 0);
	assert_int_equal(v->verdict, DRVMEM_VERIFY_IS_LEAK);
	assert_int_equal(v->subject[0].leak.bytes, 600);
	assert_int_equal(v->subject[0].against, 0);
	done(v, &w);
}

static void grace_that_was_cut(void **state)
{
	struct world w = world();
	uint32_t i = load(w.s, 6, 14);
	struct drvmem_verify *v;

	(void)state;
	v = verify(w.s, 0);
	assert_int_equal(v->verdict, DRVMEM_VERIFY_IS_CLEAN);	/* nothing is left: no need to wait */
	drvmem_verify__free(v);
	site(w.s, i, DRVMEM_ALLOC_SLAB, w.k256, "drv_open+0x1", 10, 3, 200, 10);
	v = verify(w.s, 0);
	assert_int_equal(v->verdict, DRVMEM_VERIFY_IS_INCOMPLETE);
	assert_int_equal(v->subject[0].against, DRVMEM_VERIFY_GRACE);
	expect_why(v, 0, "it had less than 2s to settle");
	drvmem_verify__free(v);
	v = verify(w.s, .grace_ns = FIX_S);
	assert_int_equal(v->verdict, DRVMEM_VERIFY_IS_LEAK);
	done(v, &w);
}

static void the_name_is_a_pattern(void **state)
{
	struct world w = world();
	struct drvmem_verify *v;
	uint32_t b;

	(void)state;
	load(w.s, 6, 9);
	b = load(w.s, 6, 9);
	w.s->instances[b].name = drvmem_snapshot__str(w.s, "drv_b");
	v = verify(w.s, .module = "drv-*");	/* as the kernel: '-' is '_' */
	assert_int_equal(v->nr_subjects, 1);
	drvmem_verify__free(v);
	v = verify(w.s, .module = "drv*");
	assert_int_equal(v->nr_subjects, 2);
	drvmem_verify__free(v);
	v = verify(w.s, .module = "kernel");	/* no module */
	assert_int_equal(v->nr_subjects, 0);
	assert_int_equal(v->verdict, DRVMEM_VERIFY_IS_NOT_UNLOADED);
	done(v, &w);
}

/* DMA buffers and mappings are told by device, whoever made them. */
static void a_device_leaves_mappings(void **state)
{
	struct world w = world();
	uint32_t i = load(w.s, 0, 0);
	struct drvmem_verify_device d = device(6, 9);
	struct drvmem_verify *v;

	(void)state;
	site(w.s, i, DRVMEM_ALLOC_DMA, w.dma, "drv_ring+0x1", 3, 1, 4096, 7);
	core_site(w.s, 0, DRVMEM_MAP_DMA, w.dev, "page_pool_dma_map+0x1", 2);
	site(w.s, i, DRVMEM_MAP_DMA, w.other_dev, "drv_map+0x1", 9, 5, 1500, 8);
	v = verify(w.s, .device = &d);
	assert_int_equal(v->nr_subjects, 1);
	assert_int_equal(v->verdict, DRVMEM_VERIFY_IS_LEAK);
	assert_int_equal(v->subject[0].leak.objects, 1);
	assert_int_equal(v->subject[0].leak.bytes, 4096);
	assert_int_equal(v->subject[0].leak.mappings, 2);
	assert_int_equal(v->subject[0].kind[DRVMEM_MAP_DMA].live_objects, 2);
	expect_why(v, 0, "after it was unbound");
	done(v, &w);
}

/* What its module took since the bind and holds may be the module's own, until that is unloaded. */
static void memory_of_the_devices_module(void **state)
{
	struct world w = world();
	uint32_t i = load(w.s, 0, 0);
	struct drvmem_verify_device d = device(6, 9);
	struct drvmem_verify *v;

	(void)state;
	site(w.s, i, DRVMEM_ALLOC_SLAB, w.k256, "drv_init+0x1", 3, 2, 200, 5);	/* before the bind */
	v = verify(w.s, .device = &d);
	assert_int_equal(v->verdict, DRVMEM_VERIFY_IS_CLEAN);
	drvmem_verify__free(v);
	site(w.s, i, DRVMEM_ALLOC_SLAB, w.k256, "drv_probe+0x1", 3, 1, 300, 7);
	v = verify(w.s, .device = &d);
	assert_int_equal(v->verdict, DRVMEM_VERIFY_IS_INCOMPLETE);
	assert_int_equal(v->subject[0].against, DRVMEM_VERIFY_HELD);
	assert_int_equal(v->subject[0].held.objects, 1);
	assert_int_equal(v->subject[0].held.bytes, 300);
	assert_int_equal(v->leftover[0].class, DRVMEM_LEFTOVER_HELD);
	expect_why(v, 0, "nothing else is left");
	expect_why(v, 0, "its unload will tell");
	assert_int_equal(drvmem_verify__unsettled(w.s, &(struct drvmem_verify_opts){ .device = &d }), 3);
	drvmem_verify__free(v);
	w.s->instances[i].unloaded = true;
	v = verify(w.s, .device = &d);
	assert_int_equal(v->verdict, DRVMEM_VERIFY_IS_LEAK);
	assert_int_equal(v->subject[0].leak.objects, 1);
	w.s->instances[i].unloaded = false;
	drvmem_verify__free(v);
	/* of a module with other devices it is not told */
	d.others = true;
	v = verify(w.s, .device = &d);
	assert_int_equal(v->verdict, DRVMEM_VERIFY_IS_CLEAN);
	assert_int_equal(v->subject[0].against, DRVMEM_VERIFY_OTHERS);
	assert_false(v->subject[0].kind[DRVMEM_ALLOC_SLAB].traced);
	assert_true(v->subject[0].kind[DRVMEM_ALLOC_DMA].traced);
	assert_int_equal(drvmem_verify__unsettled(w.s, &(struct drvmem_verify_opts){ .device = &d }), 0);
	drvmem_verify__free(v);
	d.others = false;
	d.module = "kernel";
	v = verify(w.s, .device = &d);
	assert_int_equal(v->subject[0].against, DRVMEM_VERIFY_BUILTIN);
	done(v, &w);
}

/* Bound again: only what is older than the unbind is left. */
static void a_device_that_is_bound_again(void **state)
{
	struct world w = world();
	uint32_t i = load(w.s, 0, 0);
	struct drvmem_verify_device d = device(6, 9);
	struct drvmem_verify *v;

	(void)state;
	d.again = true;
	d.others = true;
	site(w.s, i, DRVMEM_ALLOC_DMA, w.dma, "drv_ring+0x1", 3, 1, 4096, 10);
	v = verify(w.s, .device = &d);
	assert_int_equal(v->verdict, DRVMEM_VERIFY_IS_CLEAN);
	drvmem_verify__free(v);
	fix_object(w.s, 7 * FIX_S, 4096, 0);	/* born at 8 s */
	v = verify(w.s, .device = &d);
	assert_int_equal(v->verdict, DRVMEM_VERIFY_IS_LEAK);
	assert_int_equal(v->subject[0].leak.objects, 1);
	drvmem_verify__free(v);
	d.unbound_ns = 0;
	v = verify(w.s, .device = &d);
	assert_int_equal(v->verdict, DRVMEM_VERIFY_IS_NOT_UNLOADED);
	assert_string_equal(drvmem_verify_verdict__name(v->verdict, true), "not unbound");
	expect_why(v, 0, "still bound");
	drvmem_verify__free(v);
	d = device(0, 9);	/* bound before the session */
	v = verify(w.s, .device = &d);
	assert_int_equal(v->subject[0].against & DRVMEM_VERIFY_BEFORE, DRVMEM_VERIFY_BEFORE);
	expect_why(v, 0, "what it took before is not, bind it while drvmem runs");
	done(v, &w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_left_is_clean),
		cmocka_unit_test(what_is_left_is_a_leak),
		cmocka_unit_test(mappings_alone_are_a_leak),
		cmocka_unit_test(rcu_pending_is_not_left),
		cmocka_unit_test(losses_could_explain_it),
		cmocka_unit_test(losses_are_had_once),
		cmocka_unit_test(frees_that_cannot_be_seen),
		cmocka_unit_test(others_may_hold_it),
		cmocka_unit_test(who_holds_it),
		cmocka_unit_test(loaded_before_the_session),
		cmocka_unit_test(loaded_just_before_the_session),
		cmocka_unit_test(still_loaded_is_no_leak),
		cmocka_unit_test(cycles),
		cmocka_unit_test(reloaded_at_once),
		cmocka_unit_test(died_in_init),
		cmocka_unit_test(grace_that_was_cut),
		cmocka_unit_test(the_name_is_a_pattern),
		cmocka_unit_test(a_device_leaves_mappings),
		cmocka_unit_test(memory_of_the_devices_module),
		cmocka_unit_test(a_device_that_is_bound_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
