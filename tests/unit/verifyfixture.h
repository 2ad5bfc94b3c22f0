/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loads of a module "drv", by hand, for the tests of what it leaves. */
#ifndef DRVMEM_TESTS_VERIFYFIXTURE_H
#define DRVMEM_TESTS_VERIFYFIXTURE_H

#include "fixture.h"

#include "analysis/verify.h"

#define GRACE (2 * FIX_S)

/* Time runs from 5 s to 15 s; a cache of each sort that matters. */
struct world {
	struct drvmem_snapshot *s;
	uint32_t k256, own, head, dentry, node, order0, dma, dev, other_dev, vmalloc, vmap;
};

static inline uint32_t cache(struct drvmem_snapshot *s, const char *name, uint16_t kind, uint32_t held)
{
	uint32_t c = fix_cache(s, name, held, false);

	s->caches[c].kind = kind;
	return c;
}

static inline struct world world(void)
{
	struct world w = { .s = fix_new() };
	struct drvmem_snapshot *s = w.s;

	s->meta.traced = (1u << DRVMEM_NR_USES) - 1;
	w.k256 = fix_cache(s, "kmalloc-256", 256, false);
	w.own = cache(s, "drv_cache", DRVMEM_CLASS_CACHE, 208);
	w.head = cache(s, "skbuff_head_cache", DRVMEM_CLASS_CACHE, 256);
	w.dentry = cache(s, "dentry", DRVMEM_CLASS_CACHE, 192);
	s->caches[w.dentry].reclaimable = true;
	w.node = cache(s, "maple_node", DRVMEM_CLASS_CACHE, 256);
	w.order0 = cache(s, "order-0", DRVMEM_CLASS_PAGES, 0);
	w.dma = cache(s, "0000:00:03.0", DRVMEM_CLASS_DMA, 4096);
	w.dev = cache(s, "0000:00:03.0", DRVMEM_CLASS_DEVICE, 0);
	w.other_dev = cache(s, "0000:00:04.0", DRVMEM_CLASS_DEVICE, 0);
	w.vmalloc = cache(s, "vmalloc", DRVMEM_CLASS_VMALLOC, 0);
	w.vmap = cache(s, "vmap", DRVMEM_CLASS_VMAP, 0);
	return w;
}

/* A load of "drv"; unloaded_s 0 = it is still there, loaded_s 0 = it was there before. */
static inline uint32_t load(struct drvmem_snapshot *s, uint64_t loaded_s, uint64_t unloaded_s)
{
	uint32_t i = fix_module(s, "drv", s->nr_instances - DRVMEM_MOD_FIRST + 1, 100000);

	s->instances[i].loaded_ns = loaded_s * FIX_S;
	s->instances[i].unloaded_ns = unloaded_s * FIX_S;
	s->instances[i].unloaded = unloaded_s != 0;
	return i;
}

/* A site of the module itself with n live objects that were born at these seconds. */
static inline uint32_t site(struct drvmem_snapshot *s, uint32_t owner, uint16_t allocator, uint32_t in, const char *name,
		     uint64_t allocs, uint32_t live, uint32_t size, uint64_t born_s)
{
	uint32_t t = fix_site(s, owner, in, name, allocs, allocs - live, size), i;

	s->sites[t].allocator = allocator;
	s->sites[t].module = s->instances[owner].name;
	for (i = 0; i < live; i++)
		fix_object(s, (15 - born_s) * FIX_S, size, 0);
	return t;
}

/* One that the kernel allocated at, for the module. */
static inline uint32_t core_site(struct drvmem_snapshot *s, uint32_t owner, uint16_t allocator, uint32_t in,
			  const char *name, uint32_t live)
{
	uint32_t t = site(s, owner, allocator, in, name, live + 3, live, 200, 8);

	s->sites[t].module = NULL;
	return t;
}

static inline struct drvmem_verify *verify_opts(const struct drvmem_snapshot *s, struct drvmem_verify_opts o)
{
	struct drvmem_verify *v = NULL;

	o.grace_ns = o.grace_ns ? o.grace_ns : GRACE;
	o.module = o.module ? o.module : "drv";
	assert_int_equal(drvmem_verify__new(s, &o, &v), 0);
	assert_non_null(v);
	return v;
}

#define verify(s, ...) verify_opts(s, (struct drvmem_verify_opts){ __VA_ARGS__ })

static inline void expect_why(const struct drvmem_verify *v, uint32_t subject, const char *part)
{
	struct drvmem_strbuf b = { 0 };

	drvmem_verify__why(v, &v->subject[subject], &b);
	assert_int_equal(drvmem_strbuf__error(&b), 0);
	if (!strstr(drvmem_strbuf__str(&b), part))
		fail_msg("'%s' is not in '%s'", part, drvmem_strbuf__str(&b));
	drvmem_strbuf__deinit(&b);
}

static inline void done(struct drvmem_verify *v, struct world *w)
{
	drvmem_verify__free(v);
	drvmem_snapshot__free(w->s);
}

static inline struct drvmem_verify_device device(uint64_t bound_s, uint64_t unbound_s)
{
	return (struct drvmem_verify_device){ .name = "0000:00:03.0", .driver = "drv", .module = "drv",
		.bound_ns = bound_s * FIX_S, .unbound_ns = unbound_s * FIX_S, .ended_ns = unbound_s * FIX_S };
}

#endif /* DRVMEM_TESTS_VERIFYFIXTURE_H */
