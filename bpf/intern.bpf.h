/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sites, classes and sampled stacks: open-addressing tables whose slot number is
 * the id. A slot is claimed by compare-and-swap of its key, or, where BPF has none
 * (DM_CAS 0: 5.10), by BPF_NOEXIST in a claims map. Slots are never given back.
 */
#ifndef DRVMEM_INTERN_BPF_H
#define DRVMEM_INTERN_BPF_H

#include "owner.bpf.h"
#include "compat.bpf.h"

/* The object for 5.10 has the same functions with another table. */
#if DM_CAS
#define DM_G(name_) name_
#else
#define DM_G(name_) name_##_510
#endif

#define DM_PROBES 32	/* at 40 % load 2 of 100,000 keys found no place within 16 */

/* track_impl.bpf.h. Class id; cache: address or 0, sizes = held << 32 | object_size. */
__u32 DM_G(drvmem_class_id)(__u64 cache, __u64 sizes, __u32 kind);

enum dm_claim_kind { DM_CLAIM_SITE = 1, DM_CLAIM_CLASS, DM_CLAIM_STACK, DM_CLAIM_MODULE };

static __always_inline int dm_claim_slot(__u32 kind, __u32 slot)
{
	__u64 key = (__u64)kind << 32 | slot;
	__u32 one = 1;

	return bpf_map_update_elem(&dm_claims, &key, &one, BPF_NOEXIST);
}

/* 1: the slot is ours now; 0: someone else has it for the same key; -1: for another key. */
static __always_inline int dm_claim(__u64 *key, __u64 want, __u32 kind, __u32 slot)
{
#if DM_CAS
	__u64 old = __sync_val_compare_and_swap(key, 0, want);

	if (!old)
		return 1;
	return old == want ? 0 : -1;
#else
	if (dm_claim_slot(kind, slot))
		return *(volatile __u64 *)key == want ? 0 : -1;
	*(volatile __u64 *)key = want;
	return 1;
#endif
}

struct dm_class_key {
	struct kmem_cache *cache;	/* NULL: a kmalloc; of DMA buffers: the struct device */
	__u32 held, object_size;
	__u32 kind;
};

static __always_inline void dm_class_unpack(struct dm_class_key *k, __u64 cache, __u64 sizes,
					    __u32 what)
{
	k->cache = (struct kmem_cache *)(long)cache;
	k->held = sizes >> 32;
	k->object_size = (__u32)sizes;
	k->kind = what & 0xff;
}

/* The sizes are part of the key: a cache destroyed unseen, its struct reused, is another class. */
static __always_inline __u64 dm_class_hash(const struct dm_class_key *c)
{
	__u64 h = ((__u64)(long)c->cache ^ ((__u64)c->held << 32 | c->object_size)) *
			  0x9e3779b97f4a7c15ULL ^ (__u64)c->kind << 59;

	return h ? h : 1;
}

/* drivers/base: dev_name(). name: DRVMEM_CACHE_NAME_LEN bytes. */
static __always_inline void dm_device_name(struct device *dev, char *name)
{
	const char *p = NULL;

	bpf_probe_read_kernel(&p, sizeof(p), &dev->init_name);
	if (!p)
		bpf_probe_read_kernel(&p, sizeof(p), &dev->kobj.name);
	bpf_probe_read_kernel_str(name, DRVMEM_CACHE_NAME_LEN, p);
}

/* Part of a class: tells devices apart that had one address: a later one has another name. */
static __always_inline __u32 dm_device_mark(__u64 dev)
{
	return dm_word(dev + bpf_core_field_offset(struct device, kobj.name)) >> 3;
}

static __always_inline void dm_class_fill(struct drvmem_class *c, const struct dm_class_key *k)
{
	const char *name = NULL;

	c->held = k->held;
	c->object_size = k->object_size;
	c->kind = k->kind;
	if (k->kind == DRVMEM_CLASS_DMA || k->kind == DRVMEM_CLASS_DEVICE) {
		dm_device_name((struct device *)k->cache, c->name);
	} else if (k->cache) {
		bpf_probe_read_kernel(&name, sizeof(name), &k->cache->name);
		bpf_probe_read_kernel_str(c->name, sizeof(c->name), name);
	}
	*(volatile __u16 *)&c->ready = 1;
}

static __always_inline __u32 dm_class(const struct dm_class_key *k)
{
	__u64 key = dm_class_hash(k);
	struct drvmem_class *c;
	__u32 id;
	int i, got;

#pragma clang loop unroll(disable)
	for (i = 0; i < DM_PROBES; i++) {
		id = ((__u32)(key >> 32) + i) & (DRVMEM_MAX_CLASSES - 1);
		if (id < DRVMEM_CLASS_FIRST)
			continue;
		c = bpf_map_lookup_elem(&dm_classes, &id);
		if (!c)
			break;
		if (c->key == key)
			return id;
		if (c->key)
			continue;
		got = dm_claim(&c->key, key, DM_CLAIM_CLASS, id);
		if (got < 0)
			continue;
		if (got)
			dm_class_fill(c, k);
		return id;
	}
	dm_stat(DRVMEM_STAT_CLASS_FULL);
	return DRVMEM_CLASS_UNKNOWN;
}

/* kmem_cache_destroy: the next cache at this address, even of equal sizes, is a new class. Its id. */
static __always_inline __u32 dm_class_end(const struct dm_class_key *k)
{
	__u64 key = dm_class_hash(k);
	struct drvmem_class *c;
	__u32 id;
	int i;

#pragma clang loop unroll(disable)
	for (i = 0; i < DM_PROBES; i++) {
		id = ((__u32)(key >> 32) + i) & (DRVMEM_MAX_CLASSES - 1);
		c = bpf_map_lookup_elem(&dm_classes, &id);
		if (!c || !c->key)
			break;
		if (c->key == key) {
			c->destroyed = 1;
			*(volatile __u64 *)&c->key = ~key;
			return id;
		}
	}
	return DRVMEM_CLASS_UNKNOWN;
}

/* stack: hash of the frames where they are part of the site, else 0. */
static __always_inline __u64 dm_site_key(__u64 call_site, __u64 mods, __u64 class_hash,
					 __u32 allocator, __u64 stack)
{
	/* class_hash is spread over 64 bits: one multiplication more is enough */
	__u64 h = (call_site ^ class_hash ^ (__u64)allocator << 60) * 0x9e3779b97f4a7c15ULL;

	/* kernel sites without a walk are by far the most frequent: mods is 0 */
	h ^= h >> 32;
	if (mods | stack)
		h = dm_mix(h ^ mods ^ stack);
	return h ? h : 1;
}

/* What a new site is told of its class: id | allocator << 16 | of a kmem_cache << 24. */
#define DM_SITE_WHAT(class__, allocator_, cache_)					\
	((__u64)(class__) | (__u64)(allocator_) << 16 | (__u64)!!(cache_) << 24)

static __always_inline void dm_site_fill(struct drvmem_site *s, __u64 call_site, __u64 mods,
					 __u64 what)
{
	s->call_site = call_site;
	s->direct = DM_MODS_DIRECT(mods);
	s->innermost = DM_MODS_INNERMOST(mods);
	s->driver = DM_MODS_DRIVER(mods);
	s->outermost = DM_MODS_OUTERMOST(mods);
	s->owner = dm_choose(mods);
	s->class_ = what & 0xffff;
	s->allocator = what >> 16 & 0xff;
	s->freer = what >> 24 ? DRVMEM_FREER_CACHE : DRVMEM_FREER_KFREE;
	s->mapping = DRVMEM_IS_MAPPING(what >> 16 & 0xff);
	s->first_jiffies = bpf_jiffies64();
	*(volatile __u16 *)&s->ready = 1;
}

/* A known site in its first place, and in *ret_site its number; NULL = ask dm_site_find(). */
static __always_inline struct drvmem_site *dm_site_fast(__u64 key, __u32 *ret_site)
{
	__u32 id = (__u32)key & cfg.site_mask;
	struct drvmem_site *s = bpf_map_lookup_elem(&dm_sites, &id);

	*ret_site = id;
	return s && s->key == key ? s : NULL;
}

/* A known site in any of its places; 0: none. */
static __always_inline __u32 dm_site_find(__u64 key)
{
	struct drvmem_site *s;
	__u32 id;
	int i;

#pragma clang loop unroll(disable)
	for (i = 0; i < DM_PROBES; i++) {
		id = ((__u32)key + i) & cfg.site_mask;
		if (id < DRVMEM_SITE_FIRST)
			continue;
		s = bpf_map_lookup_elem(&dm_sites, &id);
		if (!s || !s->key)
			break;
		if (s->key == key)
			return id;
	}
	return 0;
}

/* New or known site; DRVMEM_SITE_OVERFLOW when there is no room. what: DM_SITE_WHAT. */
static __always_inline __u32 dm_site_new(__u64 key, __u64 call_site, __u64 mods, __u64 what)
{
	struct drvmem_site *s;
	__u32 id;
	int i, got;

#pragma clang loop unroll(disable)
	for (i = 0; i < DM_PROBES; i++) {
		id = ((__u32)key + i) & cfg.site_mask;
		if (id < DRVMEM_SITE_FIRST)
			continue;
		s = bpf_map_lookup_elem(&dm_sites, &id);
		if (!s)
			break;
		if (s->key == key)
			return id;
		if (s->key)
			continue;
		got = dm_claim(&s->key, key, DM_CLAIM_SITE, id);
		if (got < 0)
			continue;
		if (got)
			dm_site_fill(s, call_site, mods, what);
		return id;
	}
	dm_stat(DRVMEM_STAT_SITE_FULL);
	return DRVMEM_SITE_OVERFLOW;
}

/*
 * A stack kept for display: of a site's first allocations, then of 1 in 4096. Whole: the
 * frames before the call site (ours, the allocator's) are cut off by user space.
 */
static __always_inline int dm_stack_sample(void *ctx, __u32 site)
{
	__u64 ip[DRVMEM_STACK_DEPTH], key = site;
	struct drvmem_stack *s;
	__u32 i, n, id;
	long bytes;
	int got;

	dm_stat(DRVMEM_STAT_STACK_SAMPLES);
	bytes = bpf_get_stack(ctx, ip, sizeof(ip), 0);
	if (bytes <= 0)
		return 0;
	n = (__u32)bytes / sizeof(__u64);
	/* the helper has cleared what it did not fill: no branch, 32 states less to verify */
	for (i = 0; i < DRVMEM_STACK_DEPTH; i++)
		key = dm_mix(key ^ ip[i]);
	if (!key)
		key = 1;
#pragma clang loop unroll(disable)
	for (i = 0; i < DM_PROBES; i++) {
		id = ((__u32)key + i) & cfg.stack_mask;
		s = bpf_map_lookup_elem(&dm_stacks, &id);
		if (!s)
			return 0;
		if (s->key == key) {
			dm_add(&s->count, 1);
			return 0;
		}
		if (s->key)
			continue;
		got = dm_claim(&s->key, key, DM_CLAIM_STACK, id);
		if (got < 0)
			continue;
		if (!got)
			return 0;
		s->site = site;
		s->count = 1;
		s->nr = n;
		__builtin_memcpy(s->ip, ip, sizeof(ip));
		*(volatile __u32 *)&s->ready = 1;
		return 0;
	}
	dm_stat(DRVMEM_STAT_STACK_FULL);
	return 0;
}

#endif /* DRVMEM_INTERN_BPF_H */
