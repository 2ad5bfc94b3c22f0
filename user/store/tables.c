// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/tables.h"

#define END { NULL, 0, 0, 0, 0 }

/*
 * A member that is in no table here is lost in a recorded session. Whoever adds one adds it here too, or decides
 * that it is not kept, and then says the new size. 64-bit machines.
 */
#define KEPT(s, bytes) _Static_assert(sizeof(void *) != 8 || sizeof(struct s) == (bytes), "is a new member of " #s " kept?")
KEPT(drvmem_instance, 120);
KEPT(drvmem_cache, 56);
KEPT(drvmem_sitesnap, 672);	/* all but via: of the live session */
KEPT(drvmem_stacksnap, 528);
KEPT(drvmem_mempoolsnap, 368);
KEPT(drvmem_device_syncs, 24);
KEPT(drvmem_exact, 24);
KEPT(drvmem_slab_reading, 128);
KEPT(drvmem_pool, 760);
KEPT(drvmem_meta, 1496);
KEPT(drvmem_loss, 152);
KEPT(drvmem_walks, 64);
KEPT(drvmem_own_cost, 40);
KEPT(drvmem_reading, 888);
KEPT(drvmem_object, 32);
KEPT(drvmem_usage_site, 104);
KEPT(drvmem_usage_size, 32);
KEPT(drvmem_phase, 88);
KEPT(drvmem_slub_rules, 32);
KEPT(drvmem_snapshot, 1976);	/* all but pages: only a live report reads page_owner */

static const struct drvmem_field instance_fixed[] = {
	DRVMEM_FIELD(drvmem_instance, name, STR),
	DRVMEM_FIELD(drvmem_instance, type, U32),
	DRVMEM_FIELD(drvmem_instance, library, BOOL),
	DRVMEM_FIELD(drvmem_instance, load_seq, U32),
	DRVMEM_FIELD(drvmem_instance, loaded_ns, U64),
	DRVMEM_FIELD(drvmem_instance, unloaded_ns, U64),	/* as it is by now; moving for each moment */
	{ "build_id", offsetof(struct drvmem_instance, build_id), 41, DRVMEM_FIELD_TEXT, 0 },
	DRVMEM_FIELD_ADDRESS(drvmem_instance, text_lo),
	DRVMEM_FIELD_ADDRESS(drvmem_instance, text_hi),
	END
};

static const struct drvmem_field instance_moving[] = {
	DRVMEM_FIELD(drvmem_instance, used, BOOL),
	DRVMEM_FIELD(drvmem_instance, unloaded, BOOL),
	DRVMEM_FIELD(drvmem_instance, unloaded_ns, U64),
	DRVMEM_FIELD(drvmem_instance, peak_bytes, MAYBE),
	END
};

static const struct drvmem_field cache_fixed[] = {
	DRVMEM_FIELD(drvmem_cache, name, STR),
	DRVMEM_FIELD(drvmem_cache, aliases, STR),
	DRVMEM_FIELD(drvmem_cache, held, U32),
	DRVMEM_FIELD(drvmem_cache, object_size, U32),
	DRVMEM_FIELD(drvmem_cache, kind, U16),
	END
};

static const struct drvmem_field cache_moving[] = {
	DRVMEM_FIELD(drvmem_cache, upper_bound, BOOL),
	DRVMEM_FIELD(drvmem_cache, reclaimable, BOOL),
	DRVMEM_FIELD(drvmem_cache, destroyed, BOOL),
	DRVMEM_FIELD(drvmem_cache, accounted, MAYBE),
	END
};

static const struct drvmem_field site_fixed[] = {
	DRVMEM_FIELD(drvmem_sitesnap, allocator, U16),
	DRVMEM_FIELD(drvmem_sitesnap, cache, U16),
	DRVMEM_FIELD(drvmem_sitesnap, owner, U16),
	DRVMEM_FIELD(drvmem_sitesnap, direct, U16),
	DRVMEM_FIELD(drvmem_sitesnap, innermost, U16),
	DRVMEM_FIELD(drvmem_sitesnap, driver, U16),
	DRVMEM_FIELD(drvmem_sitesnap, outermost, U16),
	DRVMEM_FIELD_ADDRESS(drvmem_sitesnap, call_site),
	DRVMEM_FIELD(drvmem_sitesnap, site, STR),
	DRVMEM_FIELD(drvmem_sitesnap, module, STR),
	DRVMEM_FIELD(drvmem_sitesnap, component, STR),
	DRVMEM_FIELD(drvmem_sitesnap, component_guess, BOOL),
	END
};

#define COUNT(m, t) { #m, offsetof(struct drvmem_sitesnap, c.m), 1, DRVMEM_FIELD_##t, 0 }
static const struct drvmem_field site_moving[] = {
	COUNT(allocs, U64), COUNT(frees, U64), COUNT(alloc_bytes, U64), COUNT(free_bytes, U64),
	COUNT(live_objects, I64), COUNT(live_bytes, I64), COUNT(held_bytes, I64),
	COUNT(failures, U64), COUNT(inferred, U64), COUNT(rcu_pending, I64), COUNT(rcu_pending_bytes, I64),
	COUNT(mismatched, U64), COUNT(sampled_allocs, U64), COUNT(sampled_frees, U64),
	COUNT(allocs_var, F64), COUNT(frees_var, F64), COUNT(alloc_bytes_var, F64), COUNT(free_bytes_var, F64),
	{ "size_hist", offsetof(struct drvmem_sitesnap, c.size_hist), DRVMEM_SIZE_BUCKETS, DRVMEM_FIELD_U64, 0 },
	{ "life_hist", offsetof(struct drvmem_sitesnap, c.life_hist), DRVMEM_LIFE_BUCKETS, DRVMEM_FIELD_U64, 0 },
	DRVMEM_FIELD(drvmem_sitesnap, peak_bytes, MAYBE),
	DRVMEM_FIELD(drvmem_sitesnap, peak_sampled, BOOL),
	END
};

static const struct drvmem_field stack_fixed[] = {
	DRVMEM_FIELD(drvmem_stacksnap, site, U32),	/* id, not index */
	DRVMEM_FIELD(drvmem_stacksnap, nr, U32),
	{ "ip", offsetof(struct drvmem_stacksnap, ip), DRVMEM_STACK_DEPTH, DRVMEM_FIELD_ADDRS, DRVMEM_HIDE_ADDRESS },
	{ "frames", offsetof(struct drvmem_stacksnap, frame), DRVMEM_STACK_DEPTH, DRVMEM_FIELD_LINES, 0 },
	END
};

static const struct drvmem_field stack_moving[] = {
	DRVMEM_FIELD(drvmem_stacksnap, count, U64),
	END
};

static const struct drvmem_field mempool_fixed[] = {
	DRVMEM_FIELD_ADDRESS(drvmem_mempoolsnap, key),
	DRVMEM_FIELD_ADDRESS(drvmem_mempoolsnap, alloc_fn),
	DRVMEM_FIELD_ADDRESS(drvmem_mempoolsnap, data),
	DRVMEM_FIELD(drvmem_mempoolsnap, function, STR),
	DRVMEM_FIELD(drvmem_mempoolsnap, cache, STR),
	{ "ip", offsetof(struct drvmem_mempoolsnap, ip), DRVMEM_MEMPOOL_FRAMES, DRVMEM_FIELD_ADDRS, DRVMEM_HIDE_ADDRESS },
	{ "frames", offsetof(struct drvmem_mempoolsnap, frame), DRVMEM_MEMPOOL_FRAMES, DRVMEM_FIELD_LINES, 0 },
	DRVMEM_FIELD(drvmem_mempoolsnap, owner, U32),
	DRVMEM_FIELD(drvmem_mempoolsnap, made, BOOL),
	END
};

static const struct drvmem_field mempool_moving[] = {
	DRVMEM_FIELD(drvmem_mempoolsnap, reserve, U32),
	DRVMEM_FIELD(drvmem_mempoolsnap, low_water, U32),
	DRVMEM_FIELD(drvmem_mempoolsnap, allocs, U64),
	DRVMEM_FIELD(drvmem_mempoolsnap, failures, U64),
	DRVMEM_FIELD(drvmem_mempoolsnap, dips, U64),
	DRVMEM_FIELD(drvmem_mempoolsnap, longest_dip_ns, U64),
	DRVMEM_FIELD(drvmem_mempoolsnap, in_use, I64),
	DRVMEM_FIELD(drvmem_mempoolsnap, peak, MAYBE),
	END
};

static const struct drvmem_field device_fixed[] = {
	DRVMEM_FIELD(drvmem_device_syncs, device, STR),
	END
};

static const struct drvmem_field device_moving[] = {
	DRVMEM_FIELD(drvmem_device_syncs, for_cpu, U64),
	DRVMEM_FIELD(drvmem_device_syncs, for_device, U64),
	END
};

static const struct drvmem_field exact_fixed[] = {
	DRVMEM_FIELD(drvmem_exact, owner, STR),
	END
};

static const struct drvmem_field exact_moving[] = {
	DRVMEM_FIELD(drvmem_exact, then_bytes, U64),
	DRVMEM_FIELD(drvmem_exact, now_bytes, U64),
	END
};

static const struct drvmem_field slab_fixed[] = {
	{ "name", offsetof(struct drvmem_slab_reading, name), 64, DRVMEM_FIELD_TEXT, 0 },
	END
};

static const struct drvmem_field slab_moving[] = {
	DRVMEM_FIELD(drvmem_slab_reading, active, U64),
	DRVMEM_FIELD(drvmem_slab_reading, total, U64),
	DRVMEM_FIELD(drvmem_slab_reading, objs_per_slab, U64),
	DRVMEM_FIELD(drvmem_slab_reading, slab_bytes, U64),
	DRVMEM_FIELD(drvmem_slab_reading, cpu_partial, MAYBE),
	DRVMEM_FIELD(drvmem_slab_reading, sheaf_capacity, MAYBE),
	END
};

static const struct drvmem_field pool_fixed[] = {
	DRVMEM_FIELD(drvmem_pool, kind, U32),
	DRVMEM_FIELD(drvmem_pool, name, STR),
	DRVMEM_FIELD(drvmem_pool, owner, STR),
	DRVMEM_FIELD(drvmem_pool, owner_by, STR),
	DRVMEM_FIELD(drvmem_pool, device, STR),
	DRVMEM_FIELD(drvmem_pool, driver, STR),
	DRVMEM_FIELD(drvmem_pool, aliases, STR),
	{ "number", offsetof(struct drvmem_pool, id), 1, DRVMEM_FIELD_U32, 0 },
	DRVMEM_FIELD(drvmem_pool, site, STR),
	END
};

static const struct drvmem_field pool_moving[] = {
	DRVMEM_FIELD(drvmem_pool, owner_guess, BOOL),
	DRVMEM_FIELD(drvmem_pool, users, U32),
	DRVMEM_FIELD(drvmem_pool, peak_sampled, BOOL),
	DRVMEM_FIELD(drvmem_pool, size, MAYBE),
	DRVMEM_FIELD(drvmem_pool, capacity, MAYBE),
	DRVMEM_FIELD(drvmem_pool, in_use, MAYBE),
	DRVMEM_FIELD(drvmem_pool, over_max, MAYBE),
	DRVMEM_FIELD(drvmem_pool, peak, MAYBE),
	DRVMEM_FIELD(drvmem_pool, held_bytes, MAYBE),
	DRVMEM_FIELD(drvmem_pool, used_bytes, MAYBE),
	DRVMEM_FIELD(drvmem_pool, peak_bytes, MAYBE),
	DRVMEM_FIELD(drvmem_pool, waste_bytes, MAYBE),
	DRVMEM_FIELD(drvmem_pool, refills, MAYBE),
	DRVMEM_FIELD(drvmem_pool, failures, MAYBE),
	DRVMEM_FIELD(drvmem_pool, tracked, MAYBE),
	DRVMEM_FIELD(drvmem_pool, tracked_bytes, MAYBE),
	DRVMEM_FIELD(drvmem_pool, object_size, MAYBE),
	DRVMEM_FIELD(drvmem_pool, order, MAYBE),
	DRVMEM_FIELD(drvmem_pool, per_slab, MAYBE),
	DRVMEM_FIELD(drvmem_pool, slabs, MAYBE),
	DRVMEM_FIELD(drvmem_pool, partial, MAYBE),
	DRVMEM_FIELD(drvmem_pool, cpu_slabs, MAYBE),
	DRVMEM_FIELD(drvmem_pool, cpu_partial, MAYBE),
	DRVMEM_FIELD(drvmem_pool, sheaf_capacity, MAYBE),
	DRVMEM_FIELD(drvmem_pool, pages, MAYBE),
	DRVMEM_FIELD(drvmem_pool, low_water, MAYBE),
	DRVMEM_FIELD(drvmem_pool, requests, MAYBE),
	DRVMEM_FIELD(drvmem_pool, dips, MAYBE),
	DRVMEM_FIELD(drvmem_pool, ifindex, MAYBE),
	DRVMEM_FIELD(drvmem_pool, napi_id, MAYBE),
	DRVMEM_FIELD(drvmem_pool, detached_at, MAYBE),
	DRVMEM_FIELD(drvmem_pool, align, MAYBE),
	DRVMEM_FIELD(drvmem_pool, outside, MAYBE),
	DRVMEM_FIELD(drvmem_pool, longest_dip_ns, MAYBE),
	DRVMEM_FIELD_ARRAY(drvmem_pool, stats, MAYBE),
	END
};

#define THING(t, s, most) { #t, t##_fixed, t##_moving, sizeof(struct s), most }
const struct drvmem_thing_def drvmem_things[DRVMEM_NR_THINGS] = {
	[DRVMEM_THING_INSTANCE] = THING(instance, drvmem_instance, DRVMEM_MAX_MODULES),
	[DRVMEM_THING_CACHE] = THING(cache, drvmem_cache, DRVMEM_MAX_CLASSES),
	[DRVMEM_THING_SITE] = THING(site, drvmem_sitesnap, DRVMEM_MAX_SITES),
	[DRVMEM_THING_STACK] = THING(stack, drvmem_stacksnap, UINT32_MAX),
	[DRVMEM_THING_MEMPOOL] = THING(mempool, drvmem_mempoolsnap, UINT32_MAX),
	[DRVMEM_THING_DEVICE] = THING(device, drvmem_device_syncs, UINT32_MAX),
	[DRVMEM_THING_EXACT] = THING(exact, drvmem_exact, UINT32_MAX),
	[DRVMEM_THING_SLAB] = THING(slab, drvmem_slab_reading, UINT32_MAX),
	[DRVMEM_THING_POOL] = THING(pool, drvmem_pool, UINT32_MAX),
};

const struct drvmem_field drvmem_meta_fields[] = {
	DRVMEM_FIELD(drvmem_meta, kernel, STR),
	DRVMEM_FIELD(drvmem_meta, arch, STR),
	{ "hostname", offsetof(struct drvmem_meta, hostname), 1, DRVMEM_FIELD_STR, DRVMEM_HIDE_HOST },
	DRVMEM_FIELD(drvmem_meta, version, STR),
	{ "build_id", offsetof(struct drvmem_meta, build_id), 41, DRVMEM_FIELD_TEXT, 0 },
	DRVMEM_FIELD_ADDRESS(drvmem_meta, stext),
	DRVMEM_FIELD(drvmem_meta, started_ns, U64),
	DRVMEM_FIELD(drvmem_meta, page_size, U32),
	DRVMEM_FIELD(drvmem_meta, hz, U32),
	DRVMEM_FIELD(drvmem_meta, nr_cpus, U32),
	DRVMEM_FIELD(drvmem_meta, owner_policy, U16),
	DRVMEM_FIELD(drvmem_meta, min_size, U64),
	DRVMEM_FIELD(drvmem_meta, max_size, U64),
	DRVMEM_FIELD(drvmem_meta, modules_supported, BOOL),
	DRVMEM_FIELD(drvmem_meta, symbols_hidden, BOOL),
	DRVMEM_FIELD(drvmem_meta, frees_rcu_seen, BOOL),
	DRVMEM_FIELD(drvmem_meta, frees_bulk_seen, BOOL),
	DRVMEM_FIELD(drvmem_meta, allocs_bulk_seen, BOOL),
	DRVMEM_FIELD(drvmem_meta, peak_exact, BOOL),
	DRVMEM_FIELD(drvmem_meta, maps_upper, BOOL),
	DRVMEM_FIELD(drvmem_meta, only, BOOL),
	DRVMEM_FIELD(drvmem_meta, full_stacks, BOOL),
	DRVMEM_FIELD(drvmem_meta, table_kind, STR),
	END
};

#define LOSS(m, t) { #m, offsetof(struct drvmem_moment, loss.m), 1, DRVMEM_FIELD_##t, 0 }
#define WALK(m, t) { "walks_" #m, offsetof(struct drvmem_moment, walks.m), 1, DRVMEM_FIELD_##t, 0 }
#define MOMENT_OF_ALL_VERSIONS \
	DRVMEM_FIELD(drvmem_moment, taken_ns, U64), \
	DRVMEM_FIELD(drvmem_moment, taken_unix, U64), \
	DRVMEM_FIELD(drvmem_moment, table_slots, U64), \
	DRVMEM_FIELD(drvmem_moment, table_live, U64), \
	DRVMEM_FIELD(drvmem_moment, map_bytes, U64), \
	DRVMEM_FIELD(drvmem_moment, now_epoch, U32), \
	DRVMEM_FIELD(drvmem_moment, mark, U32), \
	DRVMEM_FIELD(drvmem_moment, traced, U32), \
	DRVMEM_FIELD(drvmem_moment, sampled, BOOL), \
	DRVMEM_FIELD(drvmem_moment, mempools_traced, BOOL), \
	DRVMEM_FIELD(drvmem_moment, has_objects, BOOL), \
	DRVMEM_FIELD(drvmem_moment, has_pools, BOOL), \
	LOSS(recursion_misses, MAYBE), LOSS(made_up, U64), LOSS(nest_refused, U64), LOSS(table_full, U64), \
	LOSS(insert_failed, U64), LOSS(stack_missing, U64), LOSS(bulk_truncated, U64), LOSS(maps_cut, U64), \
	LOSS(site_full, U64), LOSS(class_full, U64), LOSS(module_full, U64), LOSS(stack_truncated, U64), \
	LOSS(stack_full, U64), LOSS(unmatched_frees, U64), LOSS(inferred_frees, U64), LOSS(small_frees, U64), \
	LOSS(pending_evicted, U64), LOSS(events, U64), \
	WALK(n, U64), WALK(fallback, U64), WALK(checked, U64), WALK(untold, U64), WALK(mismatch, U64), \
	WALK(own, BOOL), WALK(why, STR), \
	{ "cost_runs", offsetof(struct drvmem_moment, cost.runs), 1, DRVMEM_FIELD_U64, 0 }, \
	{ "cost_ns", offsetof(struct drvmem_moment, cost.ns), 1, DRVMEM_FIELD_U64, 0 }, \
	{ "cost_why", offsetof(struct drvmem_moment, cost.why), 1, DRVMEM_FIELD_STR, 0 },

const struct drvmem_field drvmem_moment_fields[] = {
	MOMENT_OF_ALL_VERSIONS
	WALK(rare, U64),
	{ "cost_events", offsetof(struct drvmem_moment, cost.events), 1, DRVMEM_FIELD_U64, 0 },
	{ "cost_span_ns", offsetof(struct drvmem_moment, cost.span_ns), 1, DRVMEM_FIELD_U64, 0 },
	END
};

const struct drvmem_field drvmem_moment_fields_2[] = {
	MOMENT_OF_ALL_VERSIONS
	END
};

const struct drvmem_field drvmem_epoch_fields[] = {
	DRVMEM_FIELD(drvmem_epoch_meta, since_ns, U64),
	DRVMEM_FIELD(drvmem_epoch_meta, sample_bytes, U64),
	END
};

const struct drvmem_field drvmem_reading_fields[] = {
	DRVMEM_FIELD(drvmem_reading, slabs_st, U32),
	DRVMEM_FIELD(drvmem_reading, areas_st, U32),
	DRVMEM_FIELD(drvmem_reading, area_pages, U64),
	DRVMEM_FIELD(drvmem_reading, mapping_bytes, U64),
	DRVMEM_FIELD(drvmem_reading, nr_cpus, U32),
	DRVMEM_FIELD(drvmem_reading, nr_nodes, U32),
	DRVMEM_FIELD(drvmem_reading, kfence_ms, U64),
	DRVMEM_FIELD(drvmem_reading, cpu_slabs, BOOL),
	DRVMEM_FIELD(drvmem_reading, partial_counts_slabs, BOOL),
	END
};

const struct drvmem_field drvmem_object_fields[] = {
	DRVMEM_FIELD(drvmem_object, age_ns, U64),
	DRVMEM_FIELD(drvmem_object, asked, U32),
	DRVMEM_FIELD(drvmem_object, site, U32),	/* id, not index */
	DRVMEM_FIELD(drvmem_object, cache, U16),
	DRVMEM_FIELD(drvmem_object, cpu, U16),
	DRVMEM_FIELD(drvmem_object, mark, U8),
	DRVMEM_FIELD(drvmem_object, flags, U8),
	DRVMEM_FIELD(drvmem_object, epoch, U8),
	END
};

const struct drvmem_field drvmem_usage_fields[] = {
	DRVMEM_FIELD(drvmem_usage_site, live, I64),
	DRVMEM_FIELD(drvmem_usage_site, peak, U64),
	DRVMEM_FIELD(drvmem_usage_site, unsized, U64),
	DRVMEM_FIELD(drvmem_usage_site, waited, U64),
	DRVMEM_FIELD(drvmem_usage_site, atomic, U64),
	DRVMEM_FIELD(drvmem_usage_site, failed_atomic, U64),
	DRVMEM_FIELD(drvmem_usage_site, by_user, U64),
	DRVMEM_FIELD(drvmem_usage_site, paired_allocs, U64),
	DRVMEM_FIELD(drvmem_usage_site, paired_ends, U64),
	DRVMEM_FIELD(drvmem_usage_site, remaps_new, U64),
	DRVMEM_FIELD(drvmem_usage_site, remaps_again, U64),
	DRVMEM_FIELD(drvmem_usage_site, remaps_cut, BOOL),
	END
};

const struct drvmem_field drvmem_usage_size_fields[] = {
	DRVMEM_FIELD(drvmem_usage_size, allocs, U64),
	DRVMEM_FIELD(drvmem_usage_size, live, I64),
	DRVMEM_FIELD(drvmem_usage_size, peak, U64),
	END
};

const struct drvmem_field drvmem_phase_fields[] = {
	DRVMEM_FIELD(drvmem_phase, seen, BOOL),
	DRVMEM_FIELD(drvmem_phase, loaded_ns, U64),
	DRVMEM_FIELD(drvmem_phase, unloaded_ns, U64),
	DRVMEM_FIELD(drvmem_phase, init_bytes, MAYBE),
	DRVMEM_FIELD(drvmem_phase, steady_bytes, MAYBE),
	DRVMEM_FIELD(drvmem_phase, after_bytes, MAYBE),
	DRVMEM_FIELD(drvmem_phase, looks, U64),
	DRVMEM_FIELD(drvmem_phase, sum, F64),
	END
};

const struct drvmem_field drvmem_slub_fields[] = {
	DRVMEM_FIELD(drvmem_slub_rules, page_size, U32),
	DRVMEM_FIELD(drvmem_slub_rules, word, U32),
	DRVMEM_FIELD(drvmem_slub_rules, cache_line, U32),
	DRVMEM_FIELD(drvmem_slub_rules, min_order, U32),
	DRVMEM_FIELD(drvmem_slub_rules, max_order, U32),
	DRVMEM_FIELD(drvmem_slub_rules, min_objects, U32),
	DRVMEM_FIELD(drvmem_slub_rules, kmalloc_min, U32),
	DRVMEM_FIELD(drvmem_slub_rules, by_fraction, BOOL),
	END
};

uint32_t drvmem_stream_width(enum drvmem_stream_id id)
{
	switch (id) {
	case DRVMEM_STREAM_READING:
		return drvmem_fields__width(drvmem_reading_fields);
	case DRVMEM_STREAM_MEM:
	case DRVMEM_STREAM_VM:
		return 2;
	case DRVMEM_STREAM_AREA:
		return DRVMEM_NR_WHEN;
	case DRVMEM_STREAM_EPOCH:
		return drvmem_fields__width(drvmem_epoch_fields);
	case DRVMEM_STREAM_GENS:
		return DRVMEM_GENS_WORDS;
	case DRVMEM_STREAM_USAGE:
		return drvmem_fields__width(drvmem_usage_fields);
	case DRVMEM_STREAM_USAGE_SIZE:
		return drvmem_fields__width(drvmem_usage_size_fields);
	case DRVMEM_STREAM_USAGE_PAIR:
		return 1;
	default:
		return drvmem_fields__width(drvmem_things[id].moving);
	}
}
