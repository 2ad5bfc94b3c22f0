/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state of a session at one moment: plain data, immutable once built, no
 * fds, no libbpf, no clock. Live runs, and later recorded sessions, meet here.
 * All strings are owned by the snapshot's arena. Sizes in bytes, ages in ns.
 */
#ifndef DRVMEM_MODEL_SNAPSHOT_H
#define DRVMEM_MODEL_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "drvmem/abi.h"
#include "model/avail.h"
#include "model/reading.h"
#include "model/usage.h"

/* Events the session should have seen and did not (definitions.md: loss), and their neighbours. */
struct drvmem_loss {
	struct drvmem_u64 recursion_misses;	/* absent where the kernel does not count them (5.10) */
	uint64_t made_up;	/* not in those: events missed by one program and seen by the one behind it */
	uint64_t nest_refused;
	uint64_t table_full, insert_failed, stack_missing, bulk_truncated;
	uint64_t maps_cut;	/* mappings of one place beyond what is kept, scatterlists not read to the end */
	/* detail lost, bytes kept: objects under a reserved site, cache or owner */
	uint64_t site_full, class_full, module_full, stack_truncated, stack_full;
	/* no loss */
	uint64_t unmatched_frees;	/* not known where meta.sampled or meta.only */
	uint64_t inferred_frees, small_frees, pending_evicted;
	uint64_t events;	/* alloc and free events: base of the ppm; an estimate of what is sampled */
};

/* How owners were found on the stack. */
struct drvmem_walks {
	uint64_t n;		/* stacks walked */
	uint64_t fallback;	/* of them by the kernel's unwinder, though our walk was tried */
	uint64_t checked;	/* of them by both, and compared */
	uint64_t untold;	/* of them by both, but the kernel's list showed too little to compare */
	uint64_t mismatch;	/* of those, different: our walk is off from then on */
	uint64_t rare;		/* more, of rare events, which the kernel's unwinder always does */
	bool own;		/* our walk is in use */
	const char *why;	/* why not, one sentence; "" */
};

/* What tracing itself took, from runs that were measured at the start. */
struct drvmem_own_cost {
	uint64_t runs, ns;		/* measured runs of our programs, and their time */
	uint64_t events, span_ns;	/* events counted meanwhile, and how long that was; 0 = not known */
	const char *why;		/* "" = measured; why not; NULL = not asked for */
};

enum drvmem_owner_type { DRVMEM_OWNER_KERNEL, DRVMEM_OWNER_MODULE, DRVMEM_OWNER_SELF,
			 DRVMEM_OWNER_UNKNOWN };

/* A module from one load to its unload, or a reserved owner; index = slot given by BPF. */
struct drvmem_instance {
	const char *name;
	enum drvmem_owner_type type;
	bool library, used, unloaded;
	uint32_t load_seq;		/* 0 for reserved owners */
	uint64_t loaded_ns, unloaded_ns;/* CLOCK_MONOTONIC; 0 = before the session / not yet */
	char build_id[41];		/* hex, "" = unknown */
	uint64_t text_lo, text_hi;
	struct drvmem_u64 peak_bytes;	/* absent without fetch-and-add */
};

struct drvmem_cache {
	const char *name;		/* "skbuff_head_cache", "kmalloc-256", "kmalloc-large-16k" */
	const char *aliases;		/* names merged into it, comma separated, or NULL */
	uint32_t held, object_size;
	uint16_t kind;			/* enum drvmem_class_kind */
	bool upper_bound;		/* some frees of this cache cannot be seen */
	bool reclaimable;		/* SLAB_RECLAIM_ACCOUNT: gives back when memory is short */
	struct drvmem_u64 accounted;	/* 1: SLAB_ACCOUNT, all objects are charged to who asks; 0; absent: not known */
	bool destroyed;			/* kmem_cache_destroy: its objects are leaked, or ended unseen */
};

/*
 * Counts of one site, or of any sum of sites. What was sampled is in it by its weight: then they
 * are estimates, unbiased, and the variances tell how good. Of what is live the variance is that
 * of the allocations less that of the frees: both have the same terms.
 */
struct drvmem_counts {
	uint64_t allocs, frees;
	uint64_t alloc_bytes, free_bytes;
	int64_t live_objects, live_bytes, held_bytes;
	uint64_t failures, inferred;
	int64_t rcu_pending;		/* objects */
	int64_t rcu_pending_bytes;
	uint64_t mismatched;			/* mappings: unmapped with another size */
	uint64_t sampled_allocs, sampled_frees;	/* sampled objects that were weighed, of the above */
	double allocs_var, frees_var;		/* 1 */
	double alloc_bytes_var, free_bytes_var;	/* bytes^2 */
	uint64_t size_hist[DRVMEM_SIZE_BUCKETS];
	uint64_t life_hist[DRVMEM_LIFE_BUCKETS];
};

struct drvmem_sitesnap {
	uint32_t id;			/* BPF site slot */
	uint16_t allocator;		/* or a mapping: DRVMEM_IS_MAPPING, memory that is counted elsewhere */
	uint16_t cache;			/* index into caches[] */
	uint16_t owner;			/* index into instances[] */
	uint16_t direct, innermost, driver, outermost;	/* instances, or DRVMEM_MOD_UNSET */
	uint64_t call_site;
	const char *site;		/* "e1000_open+0x1f", or "0x..." when no symbol */
	const char *module;		/* module of the symbol, NULL = vmlinux */
	uint64_t via_ip;		/* in the function that the call site called: of a stack, 0 = not known */
	const char *via;		/* "__alloc_skb+0x8c": that, of the kernel's core; NULL = not known, or of a module */
	const char *component;		/* kernel only: "net/unix" */
	bool component_guess;		/* from the prefix table: shown with '~' */
	struct drvmem_counts c;
	struct drvmem_u64 peak_bytes;
	bool peak_sampled;		/* maximum over snapshots, not of one counter */
	uint32_t first_object, nr_objects;	/* slice of objects[], in no order */
};

/* One live object. Its address is kept as the maps have it, and printed only when asked for. */
struct drvmem_object {
	uint64_t inverted;		/* ~address, in the key space of its allocator (abi.h) */
	uint64_t age_ns;
	uint32_t asked;
	uint32_t site;			/* index into sites[] */
	uint16_t cache;
	uint16_t cpu;
	uint8_t mark;
	uint8_t flags;			/* DRVMEM_F_* */
	uint8_t epoch;			/* index into meta.epoch[] */
};

struct drvmem_stacksnap {
	uint32_t site;			/* index into sites[] */
	uint32_t nr;
	uint64_t count;			/* times sampled */
	uint64_t ip[DRVMEM_STACK_DEPTH];
	const char *frame[DRVMEM_STACK_DEPTH];	/* "func+0x1 [mod]", innermost first */
};

/* A time of one way to count: 0 = every object, else mean bytes between two sample points. */
struct drvmem_epoch_meta {
	uint64_t since_ns;		/* CLOCK_MONOTONIC; 0 = this number was not used */
	uint64_t sample_bytes;
};

struct drvmem_meta {
	const char *kernel, *arch, *hostname, *version;
	char build_id[41];		/* of the kernel, hex; "" = unknown */
	uint64_t stext;			/* where its text begins; 0 = hidden. For look-ups, not shown */
	uint64_t taken_ns, started_ns;	/* CLOCK_MONOTONIC */
	uint64_t taken_unix;		/* seconds */
	uint32_t page_size, hz, nr_cpus;
	uint16_t owner_policy;
	uint64_t min_size, max_size;	/* filter in force; 0, UINT64_MAX = none */
	uint64_t table_slots, table_live, map_bytes;
	bool modules_supported;		/* CONFIG_MODULES */
	bool symbols_hidden;		/* kallsyms shows zeros */
	uint32_t traced;		/* bit per enum drvmem_allocator, mappings too: programs are attached */
	bool frees_rcu_seen, frees_bulk_seen;	/* the two fentry hooks are attached */
	bool allocs_bulk_seen;			/* so is that of objects taken in bulk */
	bool peak_exact;
	bool maps_upper;		/* the ends of some DMA mappings cannot be seen */
	struct drvmem_epoch_meta epoch[DRVMEM_EPOCHS];
	uint32_t now_epoch;		/* the current one */
	bool sampled;			/* some epoch sampled: figures are estimates */
	bool only;			/* only objects of the owners asked for were tracked */
	uint32_t mark;			/* generation of new objects: marks so far */
	bool full_stacks;		/* every stack is a site of its own, nothing is sampled */
	const char *table_kind;		/* "buckets" or "hash" */
	const char *notes[32];		/* blind spots of this session, one sentence each */
	uint32_t nr_notes;
};

/* A module's bytes in /proc/allocinfo, or of its pages in page_owner, before the session and now. */
struct drvmem_exact {
	const char *owner;
	uint64_t then_bytes, now_bytes;
};

/* A device whose DMA mappings were handed to and fro; only calls that had something to do are seen. */
struct drvmem_device_syncs {
	const char *device;
	uint64_t for_cpu, for_device;	/* calls */
};

/* A mempool that was made, or used, in the session. */
struct drvmem_mempoolsnap {
	uint64_t key;			/* tells it from others, also of other snapshots of the session */
	uint64_t alloc_fn, data;	/* of the pool: how it gets elements, and what of */
	const char *function;		/* "mempool_alloc_slab+0x0" */
	const char *cache;		/* of a pool of a cache: its name; else it means nothing */
	uint64_t ip[DRVMEM_MEMPOOL_FRAMES];	/* where it was first seen, innermost first; 0 = no more */
	const char *frame[DRVMEM_MEMPOOL_FRAMES];
	uint32_t owner;			/* index into instances[] */
	bool made;			/* in the session: in_use is all of it, else a change */
	uint32_t reserve, low_water;	/* elements; low_water: the fewest that an allocation left */
	uint64_t allocs, failures;
	uint64_t dips;			/* allocations after which the reserve was not full */
	uint64_t longest_dip_ns;	/* until it was full again, at most; also of one that goes on */
	int64_t in_use;
	struct drvmem_u64 peak;		/* highest in_use */
};

struct drvmem_baseline;
/*
 * The kernel's own counts, just before and just after the moment meant: what lies between the two
 * is how well the moment is met.
 */
enum drvmem_when { DRVMEM_AT_START = 0, DRVMEM_AFTER_START, DRVMEM_AT_SNAPSHOT, DRVMEM_AFTER_SNAPSHOT,
		   DRVMEM_NR_WHEN };

struct drvmem_snapshot {
	struct drvmem_meta meta;
	const struct drvmem_baseline *baseline;	/* the session's, not owned; NULL = was not read */
	struct drvmem_loss loss;
	struct drvmem_walks walks;
	struct drvmem_own_cost cost;
	struct drvmem_instance *instances;
	uint32_t nr_instances;
	struct drvmem_cache *caches;
	uint32_t nr_caches;
	struct drvmem_sitesnap *sites;
	uint32_t nr_sites;
	struct drvmem_gens *gens;	/* by index into sites[]; NULL = no session with marks */
	struct drvmem_usage *usage;	/* NULL = no session that is to advise */
	struct drvmem_object *objects;
	uint32_t nr_objects;
	struct drvmem_stacksnap *stacks;
	uint32_t nr_stacks;
	struct drvmem_device_syncs *syncs;
	uint32_t nr_syncs;
	struct drvmem_mempoolsnap *mempools;
	uint32_t nr_mempools;
	bool mempools_traced;		/* else they were not asked for, or cannot be */
	struct drvmem_exact *exact;	/* none where the kernel has no allocinfo */
	uint32_t nr_exact;
	struct drvmem_exact *pages;	/* none where page_owner is not there, or was not asked for */
	uint32_t nr_pages;
	uint64_t pages_skipped;		/* records of the second reading that were not understood */
	const char *pages_why;		/* a sentence: it was there, and cannot be compared; or NULL */
	struct drvmem_reading *kernel[DRVMEM_NR_WHEN];	/* referenced; NULL = not read */
	struct drvmem_arena *arena;	/* owns every string above */
};

/* NULL on ENOMEM. All arrays empty; strings go through drvmem_snapshot__str(). */
struct drvmem_snapshot *drvmem_snapshot__new(void);
void drvmem_snapshot__free(struct drvmem_snapshot *s);
/* Copies text into the arena; equal strings may share storage. NULL on ENOMEM. */
const char *drvmem_snapshot__str(struct drvmem_snapshot *s, const char *text);

/*
 * Puts objects[] of a site side by side and tells each site where its own begin, in linear time;
 * who needs them by age sorts a slice. -ENOMEM: nothing changed.
 */
DRVMEM_MUST_CHECK int drvmem_snapshot__group_objects(struct drvmem_snapshot *s);

/* Total of the losses that can make a total too small (definitions.md: loss). */
uint64_t drvmem_loss__total(const struct drvmem_loss *l);
/* Loss in parts per million of the events taken; 0 when nothing was lost. */
double drvmem_loss__ppm(const struct drvmem_loss *l);
/* Average of a measured run, ns; 0 when none was measured. */
double drvmem_own_cost__per_run(const struct drvmem_own_cost *c);
/*
 * Nanoseconds of CPU time in a period of so many counted events: an estimate. Runs that are no event (what
 * sampling or a filter lets pass, pages of processes) are taken to come as often as while it was measured.
 */
double drvmem_own_cost__all_ns(const struct drvmem_own_cost *c, uint64_t events, uint64_t period_ns);
/* The same of a snapshot's session. */
double drvmem_own_cost__of(const struct drvmem_snapshot *s);
/* Variances of what is live, of objects and of bytes^2. */
double drvmem_counts__live_var(const struct drvmem_counts *c);
double drvmem_counts__live_bytes_var(const struct drvmem_counts *c);
/* Half of the 95 % interval of a figure with this variance. */
double drvmem_error95(double var);
/* How many objects a live one stands for: 1, or 1/(1 - e^(-asked/sample_bytes)) when it was sampled. */
double drvmem_snapshot__weight(const struct drvmem_snapshot *s, const struct drvmem_object *o);
/* dst += src, every field. */
void drvmem_counts__add(struct drvmem_counts *dst, const struct drvmem_counts *src);

#endif /* DRVMEM_MODEL_SNAPSHOT_H */
