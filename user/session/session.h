/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A live tracing session: new -> start (plan, load, attach) -> activate -> ... -> free.
 * The only user of the BPF skeleton. Owns every fd; nothing is pinned: programs, maps
 * and links die with the process. What it collects is read by source/live.
 */
#ifndef DRVMEM_SESSION_SESSION_H
#define DRVMEM_SESSION_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/opt.h"
#include "drvmem/abi.h"
#include "drvmem/use.h"
#include "probe/probe.h"
#include "session/devres.h"

/* Addresses from kallsyms; 0 = not visible. */
struct drvmem_ksyms {
	uint64_t stext;			/* start of kernel text */
	uint64_t modules;		/* head of the list of modules */
	uint64_t vmemmap_base, page_offset_base;	/* variables, 5.10 only */
	/* for our own walk of stacks, see struct drvmem_orc */
	uint64_t etext, orc_ip, orc_ip_end, orc;
	uint64_t replaced[2];
	struct drvmem_text trace_run[DRVMEM_TRACE_RUNS];
	struct drvmem_devres_syms devres;
};

enum drvmem_walk_choice {
	DRVMEM_WALK_AUTO = 0,	/* our own where the kernel's tables are understood */
	DRVMEM_WALK_KERNEL,	/* bpf_get_stack */
	DRVMEM_WALK_VERIFY,	/* both for every allocation, compared */
};

/* A second program on the hooks of frees, for those that the first one misses while it runs. */
enum drvmem_look_choice {
	DRVMEM_LOOK_AUTO = 0,	/* once some were missed */
	DRVMEM_LOOK_ON,
	DRVMEM_LOOK_OFF,
};

enum drvmem_stacks_choice {
	DRVMEM_STACKS_NONE = 0,
	DRVMEM_STACKS_SAMPLED,	/* of a site's first 8 allocations, then 1 in 4096, for display */
	DRVMEM_STACKS_FULL,	/* of each: every stack has its own figures */
};

struct drvmem_session_opts {
	uint16_t owner_policy;		/* enum drvmem_owner_policy */
	uint64_t track_max;		/* live objects the table must hold at 75 % load; 0 = 1,000,000 */
	uint64_t max_sites;		/* rounded up to a power of two; 0 = by number of CPUs */
	uint64_t min_size, max_size;	/* asked bytes kept; max 0 = no upper bound */
	uint32_t allocators;		/* 1 << enum drvmem_allocator, for each that is asked for; 0 = all */
	const struct drvmem_strlist *owners;	/* globs: only their objects need be tracked; NULL = all */
	const struct drvmem_strlist *library;	/* names or prefixes "snd_*"; NULL = built-in list */
	const struct drvmem_range *ranges;	/* kernel text ranges: barrier, overhead, retry */
	uint32_t nr_ranges;		/* < DRVMEM_STATIC_RANGES */
	struct drvmem_ksyms ksyms;
	int walk;			/* enum drvmem_walk_choice */
	int stacks;			/* enum drvmem_stacks_choice */
	int second_look;		/* enum drvmem_look_choice */
	uint64_t sample_bytes;		/* mean bytes between sample points from the start on; 0 = exact */
	bool may_sample;		/* drvmem_session__sample() may be called */
	bool marks;			/* drvmem_session__mark() may be called; not with sampling */
	bool use;			/* count how sites use memory (drvmem/use.h); not with sampling */
	bool mempools;			/* see what is taken from mempools */
	bool devres;			/* the baseline before it has devres lists: 40 ms more to start */
	bool page_owner;		/* the baseline before it has the kernel's page_owner, which may be long */
	bool light;			/* programs as for a kernel without modules, whatever this one has: to watch their size */
	bool own_cost;			/* measure what the programs cost, at the start */
	bool verbose;			/* libbpf's own messages to stderr */
};

/* What the BPF side holds, mapped read-only unless said; lengths in elements. */
struct drvmem_session_maps {
	volatile struct drvmem_ctl *ctl;	/* writable */
	const struct drvmem_bucket *table;	/* NULL when the kernel forces the hash form */
	uint32_t nr_buckets;
	const struct drvmem_site *sites;
	uint32_t nr_sites;
	const struct drvmem_site_cpu *site_cpu;	/* [cpu * nr_sites + site] */
	const struct drvmem_site_cpu *sampled_cpu;	/* the same of sampled objects; NULL = never */
	uint32_t nr_cpus;
	const struct drvmem_gens *gens;	/* [site]; NULL without marks */
	const struct drvmem_use *uses;	/* [site]; NULL without opts.use */
	const struct drvmem_module *modules;	/* DRVMEM_MAX_MODULES */
	const struct drvmem_class *classes;	/* DRVMEM_MAX_CLASSES */
	const struct drvmem_stack *stacks;
	uint32_t nr_stacks;
	const struct drvmem_stats *stats;	/* [cpu] */
};

/* A time of one way to count. */
struct drvmem_epoch {
	uint64_t since_ns;		/* CLOCK_MONOTONIC */
	uint64_t sample_bytes;		/* 0 = every object counts */
};

/* One BPF program of the plan. */
struct drvmem_session_prog {
	const char *name, *hook, *why;	/* why: purpose, or the reason it is not attached */
	bool loaded, attached, optional;
	bool again;			/* stands behind others: what it misses is no loss */
	uint32_t nr_insns;		/* translated instructions */
	uint32_t verified_insns;	/* instructions the verifier walked; 0 = not told (before 5.16) */
	uint64_t run_count, run_ns;	/* only while BPF statistics are on */
	uint64_t recursion_misses;
};

/* Facts about a started session. */
struct drvmem_session_info {
	struct drvmem_session_opts opts;
	uint64_t map_bytes;
	uint64_t started_ns, started_jiffies;	/* at activation */
	uint64_t first_ns, first_jiffies;	/* right after load: base of the tick rate */
	bool modules_supported, rcu_frees_seen, bulk_frees_seen, peak_exact;
	bool bulk_allocs_seen, krealloc_seen, pages_bulk_seen, mempools_seen;
	bool vrealloc_seen, iova_seen, moves_seen;
	bool recursion_counted;
	bool modules_seeded;		/* modules loaded before the session are known */
	bool own_walk;			/* stacks are walked by our own walk */
	const char *walk_why;		/* why not, one sentence; "" */
	uint64_t cost_runs, cost_ns;	/* measured runs of our programs, and their time */
	uint64_t cost_events, cost_span_ns;	/* events counted meanwhile; how long that was */
	double cost_share;		/* of one CPU's time while it was last measured; 0 = not yet */
	const char *cost_why;		/* why not, one sentence; "" = measured; NULL = not asked */
	uint32_t bpf_ms;		/* load and attach, milliseconds */
	struct drvmem_epoch epoch[DRVMEM_EPOCHS];	/* by the number in entries; unused: since 0 */
	uint32_t now_epoch;		/* the current one's number */
	uint32_t mark;			/* generation, 0 before the first mark */
	bool active;
	bool only;			/* objects of some owners only are tracked */
	bool exact_left;		/* objects of an exact epoch may still be in the table */
};

struct drvmem_session;

/* Only allocates. NULL on ENOMEM (err filled). The strings of opts must outlive the session. */
struct drvmem_session *drvmem_session__new(const struct drvmem_session_opts *o, struct drvmem_err *err);
/* plan, load, attach; hooks stay silent until activate. Any failure: -errno, err filled. */
DRVMEM_MUST_CHECK int drvmem_session__start(struct drvmem_session *s, struct drvmem_err *err);
/* To be called now and then while active: ends the measurement of our own cost in time. */
void drvmem_session__poll(struct drvmem_session *s);
/*
 * To be called with true before the thread waits in a system call that allocates nothing, and with
 * false after: meanwhile no event has to be asked whether it is our own, which costs 6 ns.
 */
void drvmem_session__waiting(struct drvmem_session *s, bool on);
void drvmem_session__activate(struct drvmem_session *s, bool on);
/*
 * From now on one sample point in bytes on average (DRVMEM_RATE_MIN .. DRVMEM_RATE_MAX), or every
 * object (0). What is known already keeps its weight. -EINVAL: out of range, or the session may
 * not sample; -ENOSPC: all epochs are used up. Nothing is changed then.
 */
DRVMEM_MUST_CHECK int drvmem_session__sample(struct drvmem_session *s, uint64_t bytes);
/*
 * A mark: objects made from now on are of the next generation, whose number is in *ret, 1 after the
 * first mark. -EINVAL: a session without opts.marks; -ENOSPC: there were DRVMEM_MARKS_MAX.
 */
DRVMEM_MUST_CHECK int drvmem_session__mark(struct drvmem_session *s, uint32_t *ret);
void drvmem_session__free(struct drvmem_session *s);

const struct drvmem_probe *drvmem_session__probe(const struct drvmem_session *s);
const struct drvmem_session_info *drvmem_session__info(const struct drvmem_session *s);
void drvmem_session__maps(const struct drvmem_session *s, struct drvmem_session_maps *ret);
/* Programs of the plan in attach order, figures read anew. Returned array lives in s. */
const struct drvmem_session_prog *drvmem_session__progs(struct drvmem_session *s, uint32_t *ret_n);
/* Kernel clock of object ages now (jiffies64), and CLOCK_MONOTONIC at the same moment. */
DRVMEM_MUST_CHECK int drvmem_session__clock(struct drvmem_session *s, uint64_t *ret_jiffies,
					    uint64_t *ret_ns);
/*
 * Live entries where the table is a hash (5.10): calls fn for each, in no order, while
 * the map changes. key is the inverted address. 0, or -errno of the first failing read.
 */
/* Calls fn for each device whose mappings were synchronised. 0 or -errno. */
DRVMEM_MUST_CHECK int drvmem_session__each_sync(struct drvmem_session *s,
		void (*fn)(void *arg, const struct drvmem_dma_sync *d), void *arg);
/* What is kept in hashes, and what for: opts.mempools, or opts.use. */
enum drvmem_hash {
	DRVMEM_HASH_MEMPOOLS,		/* struct drvmem_mempool */
	DRVMEM_HASH_SIZES,		/* struct drvmem_sized */
	DRVMEM_HASH_PAIRS,		/* uint64_t */
};
/* Calls fn for each entry. One that comes or goes meanwhile may be missed or come twice. */
void drvmem_session__each_value(struct drvmem_session *s, enum drvmem_hash which,
				void (*fn)(void *arg, uint64_t key, const void *value), void *arg);
/*
 * Of a session with opts.use, now and then: calls fn for each site that had objects since the call before, with
 * the most that it had at once.
 */
void drvmem_session__lap(struct drvmem_session *s, void (*fn)(void *arg, uint32_t site, uint64_t most), void *arg);
DRVMEM_MUST_CHECK int drvmem_session__each_hashed(struct drvmem_session *s,
		void (*fn)(void *arg, uint64_t key, const struct drvmem_entry *e), void *arg);
/* Can a session of this machine sample? Its counts are per possible CPU, *ret of them (0: not known, taken for a yes). */
bool drvmem_session__samples_here(uint32_t *ret);
/* Bytes of BPF maps the options cost on a machine with nr_cpus possible CPUs. */
uint64_t drvmem_session__map_bytes(const struct drvmem_session_opts *o, uint32_t nr_cpus, bool hash);
const char *drvmem_session__libbpf_version(void);

#endif /* DRVMEM_SESSION_SESSION_H */
