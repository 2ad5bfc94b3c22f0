/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Snapshots made by hand for the tests of model, view and render. Arrays are of
 * exactly their length, so that AddressSanitizer sees one element read too far.
 * Instances 0-2 are the reserved owners; time is 10 s after the start.
 */
#ifndef DRVMEM_TESTS_FIXTURE_H
#define DRVMEM_TESTS_FIXTURE_H

#include <errno.h>

#include "unit.h"

#include "model/filter.h"
#include "model/snapshot.h"
#include "view/scope.h"

#define FIX_S 1000000000ull

#define fix_push(array, n, ...)							\
	({									\
		(array) = realloc((array), ((n) + 1) * sizeof(*(array)));	\
		assert_non_null(array);						\
		(array)[(n)] = (__VA_ARGS__);					\
		(n)++;								\
	})

static inline uint32_t fix_owner(struct drvmem_snapshot *s, const char *name,
				 enum drvmem_owner_type type, uint32_t load_seq, uint64_t peak)
{
	return fix_push(s->instances, s->nr_instances, (struct drvmem_instance){
		.name = drvmem_snapshot__str(s, name), .type = type, .used = true,
		.load_seq = load_seq, .peak_bytes = { peak, DRVMEM_OK } });
}

static inline uint32_t fix_module(struct drvmem_snapshot *s, const char *name, uint32_t load_seq,
				  uint64_t peak)
{
	return fix_owner(s, name, DRVMEM_OWNER_MODULE, load_seq, peak);
}

static inline struct drvmem_snapshot *fix_new(void)
{
	struct drvmem_snapshot *s = drvmem_snapshot__new();
	struct drvmem_meta *m;

	assert_non_null(s);
	m = &s->meta;
	m->kernel = drvmem_snapshot__str(s, "6.12.0-test");
	m->arch = drvmem_snapshot__str(s, "x86_64");
	m->hostname = drvmem_snapshot__str(s, "host");
	m->version = drvmem_snapshot__str(s, "0.1.0");
	m->table_kind = drvmem_snapshot__str(s, "buckets");
	m->started_ns = 5 * FIX_S;
	m->taken_ns = 15 * FIX_S;
	m->taken_unix = 1700000010;
	m->page_size = 4096;
	m->hz = 250;
	m->nr_cpus = 2;
	m->table_slots = 1000000;
	m->table_live = 42;
	m->map_bytes = 64u << 20;
	m->modules_supported = m->peak_exact = true;
	m->frees_rcu_seen = m->frees_bulk_seen = m->allocs_bulk_seen = true;
	s->loss.recursion_misses.st = DRVMEM_OK;
	s->loss.events = 1000000;
	fix_owner(s, "kernel", DRVMEM_OWNER_KERNEL, 0, 9000);
	fix_owner(s, "drvmem", DRVMEM_OWNER_SELF, 0, 100);
	fix_owner(s, "unknown", DRVMEM_OWNER_UNKNOWN, 0, 0);
	return s;
}

static inline uint32_t fix_cache(struct drvmem_snapshot *s, const char *name, uint32_t held,
				 bool upper_bound)
{
	return fix_push(s->caches, s->nr_caches, (struct drvmem_cache){
		.name = drvmem_snapshot__str(s, name), .held = held, .kind = DRVMEM_CLASS_KMALLOC,
		.accounted = { .st = DRVMEM_ABSENT },
		.upper_bound = upper_bound });
}

/* A site that allocated and freed objects of size bytes. Its peak is what it allocated. */
static inline uint32_t fix_site(struct drvmem_snapshot *s, uint32_t owner, uint32_t cache,
				const char *site, uint64_t allocs, uint64_t frees, uint64_t size)
{
	struct drvmem_sitesnap t = {
		.id = DRVMEM_SITE_FIRST + s->nr_sites, .owner = (uint16_t)owner,
		.cache = (uint16_t)cache, .direct = (uint16_t)owner, .innermost = (uint16_t)owner,
		.driver = (uint16_t)owner, .outermost = DRVMEM_MOD_UNSET,
		.call_site = 0xffffffff81000000ull + s->nr_sites * 0x100,
		.site = drvmem_snapshot__str(s, site), .peak_bytes = { allocs * size, DRVMEM_OK },
		.first_object = s->nr_objects,
	};
	int64_t live = (int64_t)(allocs - frees);
	unsigned int bucket = size ? 64 - (unsigned int)__builtin_clzll(size) : 0;

	t.c.allocs = allocs;
	t.c.frees = frees;
	t.c.alloc_bytes = allocs * size;
	t.c.free_bytes = frees * size;
	t.c.live_objects = live;
	t.c.live_bytes = live * (int64_t)size;
	t.c.held_bytes = live * (int64_t)s->caches[cache].held;
	t.c.size_hist[bucket < DRVMEM_SIZE_BUCKETS ? bucket : DRVMEM_SIZE_BUCKETS - 1] = allocs;
	t.c.life_hist[3] = frees;
	return fix_push(s->sites, s->nr_sites, t);
}

/* Component of a site of the kernel. */
static inline void fix_component(struct drvmem_snapshot *s, uint32_t site, const char *name,
				 bool guess)
{
	s->sites[site].component = drvmem_snapshot__str(s, name);
	s->sites[site].component_guess = guess;
}

/* One object of the site added last (slices are contiguous). */
static inline void fix_object(struct drvmem_snapshot *s, uint64_t age_ns, uint32_t asked,
			      uint8_t flags)
{
	uint32_t site = s->nr_sites - 1;

	fix_push(s->objects, s->nr_objects, (struct drvmem_object){
		.age_ns = age_ns, .asked = asked, .site = site, .cache = s->sites[site].cache,
		.flags = flags });
	s->sites[site].nr_objects++;
}

/* A stack of three frames whose innermost is top. */
static inline void fix_stack(struct drvmem_snapshot *s, uint32_t site, const char *top,
			     uint64_t count)
{
	struct drvmem_stacksnap k = { .site = site, .nr = 3, .count = count };

	k.frame[0] = drvmem_snapshot__str(s, top);
	k.frame[1] = drvmem_snapshot__str(s, "vfs_write+0xc4");
	k.frame[2] = drvmem_snapshot__str(s, "entry_SYSCALL_64_after_hwframe+0x76");
	fix_push(s->stacks, s->nr_stacks, k);
}

static inline struct drvmem_scope *fix_scope(const struct drvmem_snapshot *prev,
					     const struct drvmem_snapshot *s,
					     const struct drvmem_filter *f)
{
	struct drvmem_scope *v = NULL;

	assert_int_equal(drvmem_scope__new(prev, s, f, &v), 0);
	assert_non_null(v);
	return v;
}

/* Index of the site whose symbol is name. */
static inline uint32_t fix_find(const struct drvmem_snapshot *s, const char *name)
{
	uint32_t i;

	for (i = 0; i < s->nr_sites; i++)
		if (s->sites[i].site && !strcmp(s->sites[i].site, name))
			return i;
	fail_msg("no site %s", name);
	return 0;
}

/*
 * A machine with two drivers, one of them loaded twice, built-in code of two
 * components, a cache whose frees cannot be seen, ages, stacks, and RCU frees.
 */
static inline struct drvmem_snapshot *fix_machine(void)
{
	struct drvmem_snapshot *s = fix_new();
	uint32_t k64, k256, head, e1, e2, nvme, t;

	k64 = fix_cache(s, "kmalloc-64", 64, false);
	k256 = fix_cache(s, "kmalloc-256", 256, false);
	head = fix_cache(s, "skbuff_head_cache", 256, true);
	e1 = fix_module(s, "e1000e", 1, 70000);
	nvme = fix_module(s, "nvme", 2, 4000);
	e2 = fix_module(s, "e1000e", 7, 900);
	s->instances[e1].unloaded = true;
	s->instances[e1].unloaded_ns = 9 * FIX_S;
	s->instances[e2].loaded_ns = 10 * FIX_S;
	strcpy(s->instances[e2].build_id, "0123456789abcdef0123456789abcdef01234567");
	t = fix_site(s, e1, k256, "e1000_open+0x1f", 300, 100, 200);
	s->sites[t].module = s->instances[e1].name;
	fix_object(s, 9 * FIX_S, 200, 0);
	fix_object(s, 6 * FIX_S, 200, 0);
	fix_object(s, 1 * FIX_S, 200, DRVMEM_F_RCU_PENDING);
	s->sites[t].c.rcu_pending = 1;
	s->sites[t].c.rcu_pending_bytes = 200;
	t = fix_site(s, e1, k64, "usb_alloc_urb+0x2a", 50, 0, 60);
	s->sites[t].module = drvmem_snapshot__str(s, "usbcore");
	t = fix_site(s, e2, k64, "e1000_probe+0x10", 10, 2, 33);
	s->sites[t].c.failures = 3;
	fix_object(s, 2 * FIX_S, 33, 0);
	t = fix_site(s, nvme, k256, "nvme_setup_cmd+0x4c", 5000, 4990, 250);
	t = fix_site(s, 0, head, "__alloc_skb+0x8c", 900, 500, 224);
	fix_component(s, t, "net/core", true);
	fix_object(s, 8 * FIX_S, 224, 0);
	fix_object(s, 8 * FIX_S, 224, 0);
	fix_object(s, 3 * FIX_S, 224, 0);
	t = fix_site(s, 0, k64, "__alloc_skb+0xd0", 900, 880, 64);
	fix_component(s, t, "net/core", true);
	t = fix_site(s, 0, k64, "getname_flags+0x4e", 70, 70, 64);
	fix_component(s, t, "fs", false);
	t = fix_site(s, 1, k64, "bpf_map_alloc+0x1", 2, 0, 40);
	fix_stack(s, fix_find(s, "e1000_open+0x1f"), "e1000_open+0x1f [e1000e]", 3);
	fix_stack(s, fix_find(s, "__alloc_skb+0x8c"), "__alloc_skb+0x8c", 8);
	fix_stack(s, fix_find(s, "e1000_open+0x1f"), "e1000_open+0x1f [e1000e]", 9);
	s->loss.unmatched_frees = 17;
	s->loss.inferred_frees = 2;
	s->cost = (struct drvmem_own_cost){ 50000, 4250000, 40000, 500000000, "" };
	s->walks = (struct drvmem_walks){ .n = 4096, .fallback = 7, .checked = 4, .rare = 5, .own = true, .why = "" };
	s->meta.notes[0] = drvmem_snapshot__str(s, "objects older than the session");
	s->meta.nr_notes = 1;
	return s;
}

/* Every allocation of the machine was sampled, from 2 s after the start on: 1 in 10 is known. */
static inline struct drvmem_snapshot *fix_sampled(void)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_counts *c;
	uint32_t i;

	s->meta.sampled = true;
	s->meta.epoch[0] = (struct drvmem_epoch_meta){ s->meta.started_ns, 0 };
	s->meta.epoch[1] = (struct drvmem_epoch_meta){ s->meta.started_ns + 2 * FIX_S, 4096 };
	s->meta.now_epoch = 1;
	for (i = 0; i < s->nr_sites; i++) {
		c = &s->sites[i].c;
		c->sampled_allocs = (c->allocs + 9) / 10;
		c->sampled_frees = c->frees / 10;
		c->allocs_var = (double)c->allocs * 9;
		c->frees_var = (double)c->frees * 9;
		c->alloc_bytes_var = c->allocs ? c->allocs_var * (double)c->alloc_bytes *
			(double)c->alloc_bytes / ((double)c->allocs * (double)c->allocs) : 0;
		c->free_bytes_var = c->frees ? c->frees_var * (double)c->free_bytes *
			(double)c->free_bytes / ((double)c->frees * (double)c->frees) : 0;
	}
	for (i = 0; i < s->nr_objects; i++)
		s->objects[i].epoch = 1;
	return s;
}

/* One of the compared walks differed from the kernel's. */
static inline void fix_walk_differed(struct drvmem_snapshot *s)
{
	s->walks.own = false;
	s->walks.mismatch = 1;
	s->walks.why = "one of our walks differed from its";
}

/* Output of a renderer, to be freed. */
#define fix_text(ret_len, ...)						\
	({								\
		char *text_ = NULL;					\
		size_t len_ = 0, *want_ = (ret_len);			\
		FILE *out = open_memstream(&text_, &len_);		\
		assert_non_null(out);					\
		__VA_ARGS__;						\
		assert_int_equal(ferror(out), 0);			\
		assert_int_equal(fclose(out), 0);			\
		if (want_)						\
			*want_ = len_;					\
		text_;							\
	})

/*
 * text must be byte for byte tests/data/golden/NAME. DRVMEM_UPDATE_GOLDEN=1 writes the
 * file instead: look at the difference before it is committed.
 */
static inline void fix_golden(const char *name, const char *text, size_t len)
{
	const char *dir = getenv("DRVMEM_TEST_DATA"), *update = getenv("DRVMEM_UPDATE_GOLDEN");
	char path[512], sub[256];
	size_t want_len = 0;
	char *want;
	FILE *f;

	snprintf(path, sizeof(path), "%s/golden/%s", dir ? dir : "tests/data", name);
	if (update && update[0] == '1') {
		f = fopen(path, "wb");
		if (!f || fwrite(text, 1, len, f) != len || fclose(f))
			fail_msg("cannot write %s", path);
		return;
	}
	snprintf(sub, sizeof(sub), "golden/%s", name);
	want = unit_data(sub, &want_len);
	if (want_len != len || memcmp(want, text, len))
		fail_msg("%s differs; got:\n%s", path, text);
	free(want);
}

#endif /* DRVMEM_TESTS_FIXTURE_H */
