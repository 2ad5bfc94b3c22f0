// SPDX-License-Identifier: GPL-2.0-or-later
#include "view/metric_list.h"

#include <stddef.h>

const char *const drvmem_metric_type_names[] = { "gauge", "counter", "histogram", "info" };
const char *const drvmem_metric_level_names[] = { "core", "topn", "optin", "self" };

#define G DRVMEM_METRIC_GAUGE
#define C DRVMEM_METRIC_COUNTER
#define H DRVMEM_METRIC_HISTOGRAM
#define I DRVMEM_METRIC_INFO
#define CORE DRVMEM_LEVEL_CORE
#define TOPN DRVMEM_LEVEL_TOPN
#define OPTIN DRVMEM_LEVEL_OPTIN
#define SELF DRVMEM_LEVEL_SELF

const struct drvmem_metric_info drvmem_metrics_list[DRVMEM_NR_METRICS] = {
	[DRVMEM_M_MODULE_LIVE_BYTES] = { "drvmem_module_live_bytes", G, CORE, "bytes", { "module", "allocator" },
		"Bytes allocated since tracing began and not yet freed, by owning module." },
	[DRVMEM_M_MODULE_LIVE_OBJECTS] = { "drvmem_module_live_objects", G, CORE, "", { "module", "allocator" },
		"Allocations made since tracing began and not yet freed, by owning module." },
	[DRVMEM_M_MODULE_ALLOCATED_BYTES] = { "drvmem_module_allocated_bytes_total", C, CORE, "bytes", { "module", "allocator" },
		"Bytes allocated by the module." },
	[DRVMEM_M_MODULE_FREED_BYTES] = { "drvmem_module_freed_bytes_total", C, CORE, "bytes", { "module", "allocator" },
		"Bytes freed that had been allocated by the module." },
	[DRVMEM_M_MODULE_ALLOCATIONS] = { "drvmem_module_allocations_total", C, CORE, "", { "module", "allocator" },
		"Successful allocations made by the module." },
	[DRVMEM_M_MODULE_FREES] = { "drvmem_module_frees_total", C, CORE, "", { "module", "allocator" },
		"Frees of allocations that had been made by the module." },
	[DRVMEM_M_MODULE_FAILURES] = { "drvmem_module_allocation_failures_total", C, CORE, "", { "module", "allocator" },
		"Allocation attempts by the module that returned no memory." },
	[DRVMEM_M_MODULE_RCU_PENDING] = { "drvmem_module_rcu_pending_objects", G, CORE, "", { "module", "allocator" },
		"Objects given up by the module through RCU whose memory is not yet known to be reused." },
	[DRVMEM_M_MODULE_MAPPED_BYTES] = { "drvmem_module_mapped_bytes", G, CORE, "bytes", { "module", "kind" },
		"Bytes mapped since tracing began and not yet unmapped; counted elsewhere where they are memory." },
	[DRVMEM_M_MODULE_MAPPINGS] = { "drvmem_module_mappings", G, CORE, "", { "module", "kind" },
		"Mappings made since tracing began and not yet ended, by owning module." },
	[DRVMEM_M_MODULE_MAPS] = { "drvmem_module_maps_total", C, CORE, "", { "module", "kind" },
		"Mappings made by the module." },
	[DRVMEM_M_MODULE_UNMAPS] = { "drvmem_module_unmaps_total", C, CORE, "", { "module", "kind" },
		"Ends of mappings that the module had made." },
	[DRVMEM_M_MODULE_MAP_FAILURES] = { "drvmem_module_map_failures_total", C, CORE, "", { "module", "kind" },
		"Attempts of the module to map that failed." },
	[DRVMEM_M_MODULE_MAP_MISMATCHES] = { "drvmem_module_map_size_mismatches_total", C, CORE, "", { "module", "kind" },
		"Mappings that were unmapped with another size." },
	[DRVMEM_M_MODULE_LIVE_BYTES_ERROR] = { "drvmem_module_live_bytes_error", G, CORE, "", { "module", "allocator" },
		"Half of the 95 % interval of drvmem_module_live_bytes, from sampling." },
	[DRVMEM_M_MODULE_LIVE_OBJECTS_ERROR] = { "drvmem_module_live_objects_error", G, OPTIN, "", { "module", "allocator" },
		"Half of the 95 % interval of drvmem_module_live_objects, from sampling." },
	[DRVMEM_M_MODULE_ALLOCATED_BYTES_ERROR] = { "drvmem_module_allocated_bytes_error", G, OPTIN, "", { "module", "allocator" },
		"Half of the 95 % interval of the bytes allocated since tracing began, from sampling." },
	[DRVMEM_M_MODULE_FREED_BYTES_ERROR] = { "drvmem_module_freed_bytes_error", G, OPTIN, "", { "module", "allocator" },
		"Half of the 95 % interval of the bytes freed since tracing began, from sampling." },
	[DRVMEM_M_MODULE_ALLOCATIONS_ERROR] = { "drvmem_module_allocations_error", G, OPTIN, "", { "module", "allocator" },
		"Half of the 95 % interval of the allocations since tracing began, from sampling." },
	[DRVMEM_M_MODULE_FREES_ERROR] = { "drvmem_module_frees_error", G, OPTIN, "", { "module", "allocator" },
		"Half of the 95 % interval of the frees since tracing began, from sampling." },
	[DRVMEM_M_MODULE_PEAK_BYTES] = { "drvmem_module_peak_bytes", G, CORE, "bytes", { "module" },
		"Highest value of live bytes since tracing began." },
	[DRVMEM_M_MODULE_SLACK_BYTES] = { "drvmem_module_slack_bytes", G, CORE, "bytes", { "module" },
		"Live bytes handed out beyond the size requested (internal fragmentation)." },
	[DRVMEM_M_MODULE_IMAGE_BYTES] = { "drvmem_module_image_bytes", G, CORE, "bytes", { "module" },
		"Memory holding the code and static data of the module itself." },
	[DRVMEM_M_MODULE_UNLOAD_OUTSTANDING] = { "drvmem_module_unload_outstanding_bytes_total", C, CORE, "bytes", { "module" },
		"Bytes still allocated by the module when it was first looked at after its unload." },
	[DRVMEM_M_MODULE_UNLOADS] = { "drvmem_module_unloads_total", C, CORE, "", { "module" },
		"Unloads of the module seen since tracing began." },
	[DRVMEM_M_MODULE_LEAK_SUSPECTED] = { "drvmem_module_leak_suspected_bytes", G, CORE, "bytes", { "module", "confidence" },
		"Live bytes that the last leak scan judged leaked; confidence is low, medium or high." },
	[DRVMEM_M_MODULE_LIVE_AGE_BYTES] = { "drvmem_module_live_age_bytes", G, OPTIN, "bytes", { "module", "age" },
		"Live bytes by age: at most 1m, 10m, 1h, 1d, or older." },
	[DRVMEM_M_CALLSITE_LIVE_BYTES] = { "drvmem_callsite_live_bytes", G, OPTIN, "bytes", { "module", "function", "site" },
		"Live bytes by allocating call site (site is function+offset)." },
	[DRVMEM_M_CALLSITE_LIVE_OBJECTS] = { "drvmem_callsite_live_objects", G, OPTIN, "", { "module", "function", "site" },
		"Live allocations by allocating call site." },
	[DRVMEM_M_NODE_LIVE_BYTES] = { "drvmem_node_live_bytes", G, OPTIN, "bytes", { "node", "allocator" },
		"Live bytes by NUMA node." },
	[DRVMEM_M_KERNEL_MEMORY] = { "drvmem_kernel_memory_bytes", G, CORE, "bytes", { "kind" },
		"Kernel memory by accounting class; unaccounted is RAM in no known class." },
	[DRVMEM_M_MEMORY_TOTAL] = { "drvmem_memory_total_bytes", G, CORE, "bytes", { NULL },
		"Usable RAM (MemTotal)." },
	[DRVMEM_M_ATTRIBUTED] = { "drvmem_attributed_bytes", G, CORE, "bytes", { "basis" },
		"Memory held whose owner is known: by objects that were traced, or estimated from a sample, and static by images of modules." },
	[DRVMEM_M_ALLOCATION_SIZE] = { "drvmem_allocation_size_bytes", H, CORE, "bytes", { "allocator" },
		"Requested allocation sizes." },
	[DRVMEM_M_ALLOCATION_LIFETIME] = { "drvmem_allocation_lifetime_seconds", H, CORE, "seconds", { "allocator" },
		"Time between allocation and free of objects freed since tracing began." },
	[DRVMEM_M_SLAB_CACHE_BYTES] = { "drvmem_slab_cache_bytes", G, TOPN, "bytes", { "cache" },
		"Memory held by the slab cache." },
	[DRVMEM_M_SLAB_CACHE_ACTIVE] = { "drvmem_slab_cache_active_bytes", G, TOPN, "bytes", { "cache" },
		"Bytes of the slab cache in objects that are in use." },
	[DRVMEM_M_SLAB_CACHE_OBJECTS] = { "drvmem_slab_cache_objects", G, TOPN, "", { "cache" },
		"Objects of the slab cache that are in use." },
	[DRVMEM_M_DEVICE_LIVE_BYTES] = { "drvmem_device_live_bytes", G, TOPN, "bytes", { "device", "driver" },
		"DMA buffers of the device allocated since tracing began and not yet freed." },
	[DRVMEM_M_DEVICE_MAPPED_BYTES] = { "drvmem_device_mapped_bytes", G, TOPN, "bytes", { "device", "driver" },
		"Memory mapped for the device since tracing began and not yet unmapped." },
	[DRVMEM_M_DEVICE_SYNCS] = { "drvmem_device_syncs_total", C, TOPN, "", { "device", "direction" },
		"Times that mappings of the device were handed to the CPU or back." },
	[DRVMEM_M_POOL_HELD] = { "drvmem_pool_held_bytes", G, OPTIN, "bytes", { "pool", "kind", "module" },
		"Memory behind the pool." },
	[DRVMEM_M_POOL_USED] = { "drvmem_pool_used_bytes", G, OPTIN, "bytes", { "pool", "kind", "module" },
		"Bytes of the pool's objects in use, by the kernel's count." },
	[DRVMEM_M_POOL_PEAK] = { "drvmem_pool_peak_bytes", G, OPTIN, "bytes", { "pool", "kind", "module" },
		"Highest value of used bytes that was read." },
	[DRVMEM_M_SERIES_LIMITED] = { "drvmem_series_limited", G, CORE, "", { "family" },
		"Label sets folded into the label value other because of a series limit." },
	[DRVMEM_M_EVENTS] = { "drvmem_events_total", C, SELF, "", { "allocator", "operation" },
		"Allocation events processed in the kernel." },
	[DRVMEM_M_EVENTS_DROPPED] = { "drvmem_events_dropped_total", C, SELF, "", { "reason" },
		"Events lost or cut short: map_full, recursion, stack_lost, bulk_truncated or maps_cut." },
	[DRVMEM_M_UNMATCHED_FREES] = { "drvmem_unmatched_frees_total", C, SELF, "", { "allocator" },
		"Frees of objects allocated before tracing began, of all allocators." },
	[DRVMEM_M_SAMPLE_PERIOD] = { "drvmem_sample_period", G, SELF, "", { "allocator" },
		"One allocation in this many is traced, on average; 1 is all of them." },
	[DRVMEM_M_SAMPLE_DISTANCE] = { "drvmem_sample_distance_bytes", G, SELF, "bytes", { "allocator" },
		"Mean bytes between two sample points; 0 takes every object." },
	[DRVMEM_M_PROBE_ATTACHED] = { "drvmem_probe_attached", G, SELF, "", { "probe", "backend" },
		"Whether the probe is attached (1) or not available on this kernel (0)." },
	[DRVMEM_M_PROBE_RUNS] = { "drvmem_probe_runs_total", C, SELF, "", { "probe" },
		"Probe executions, from kernel BPF statistics." },
	[DRVMEM_M_PROBE_RUN_SECONDS] = { "drvmem_probe_run_seconds_total", C, SELF, "seconds", { "probe" },
		"Time spent in the probe, from kernel BPF statistics." },
	[DRVMEM_M_PROBE_CPU_RATIO] = { "drvmem_probe_cpu_ratio", G, SELF, "ratio", { NULL },
		"Share of all CPU time spent in the probes when it was last measured." },
	[DRVMEM_M_MAP_ENTRIES] = { "drvmem_bpf_map_entries", G, SELF, "", { "map" },
		"Entries in use in the BPF map." },
	[DRVMEM_M_MAP_MAX_ENTRIES] = { "drvmem_bpf_map_max_entries", G, SELF, "", { "map" },
		"Entries the BPF map has room for." },
	[DRVMEM_M_MAP_BYTES] = { "drvmem_bpf_map_bytes", G, SELF, "bytes", { "map" },
		"Memory charged for the BPF map." },
	[DRVMEM_M_COLLECTOR_SUCCESS] = { "drvmem_collector_success", G, SELF, "", { "collector" },
		"Whether the last run of the collector succeeded." },
	[DRVMEM_M_COLLECTOR_DURATION] = { "drvmem_collector_duration_seconds", G, SELF, "seconds", { "collector" },
		"How long the last run of the collector took." },
	[DRVMEM_M_LAST_LEAK_SCAN] = { "drvmem_last_leak_scan_timestamp_seconds", G, SELF, "seconds", { NULL },
		"Unix time at which the last leak scan ended." },
	[DRVMEM_M_TRACING_START] = { "drvmem_tracing_start_timestamp_seconds", G, SELF, "seconds", { NULL },
		"Unix time since which allocations are traced." },
	[DRVMEM_M_BUILD_INFO] = { "drvmem_build_info", I, SELF, "", { "version", "revision", "libbpf", "arch" },
		"Always 1; build facts are in the labels." },
	[DRVMEM_M_PROCESS_CPU] = { "process_cpu_seconds_total", C, SELF, "seconds", { NULL },
		"Total user and system CPU time spent in seconds." },
	[DRVMEM_M_PROCESS_RSS] = { "process_resident_memory_bytes", G, SELF, "bytes", { NULL },
		"Resident memory size in bytes." },
	[DRVMEM_M_PROCESS_VSZ] = { "process_virtual_memory_bytes", G, SELF, "bytes", { NULL },
		"Virtual memory size in bytes." },
	[DRVMEM_M_PROCESS_START] = { "process_start_time_seconds", G, SELF, "seconds", { NULL },
		"Start time of the process since unix epoch in seconds." },
	[DRVMEM_M_PROCESS_OPEN_FDS] = { "process_open_fds", G, SELF, "", { NULL },
		"Number of open file descriptors." },
	[DRVMEM_M_PROCESS_MAX_FDS] = { "process_max_fds", G, SELF, "", { NULL },
		"Maximum number of open file descriptors." },
	[DRVMEM_M_WEB_REQUESTS] = { "drvmem_web_requests_total", C, SELF, "", { "code" },
		"HTTP requests answered, by status." },
	[DRVMEM_M_WEB_CONNECTIONS] = { "drvmem_web_connections", G, SELF, "", { NULL },
		"HTTP connections open now." },
	[DRVMEM_M_WEB_ENDED] = { "drvmem_web_connections_ended_total", C, SELF, "", { "reason" },
		"HTTP connections ended by drvmem because they were slow, or silent while others waited (crowded)." },
	[DRVMEM_M_SNAPSHOT_AGE] = { "drvmem_snapshot_age_seconds", G, SELF, "seconds", { NULL },
		"Seconds since the figures of this scrape were read from the kernel." },
};

const char *const drvmem_collector_names[DRVMEM_NR_COLLECT] = {
	"modules", "callsites", "kernel", "sizes", "caches", "devices", "pools", "self", "web",
};

enum drvmem_collector drvmem_metric__collector(enum drvmem_metric m)
{
	static const struct { enum drvmem_metric from; enum drvmem_collector c; } begin[] = {
		{ DRVMEM_M_WEB_REQUESTS, DRVMEM_COLLECT_WEB }, { DRVMEM_M_SERIES_LIMITED, DRVMEM_COLLECT_SELF },
		{ DRVMEM_M_POOL_HELD, DRVMEM_COLLECT_POOLS }, { DRVMEM_M_DEVICE_LIVE_BYTES, DRVMEM_COLLECT_DEVICES },
		{ DRVMEM_M_SLAB_CACHE_BYTES, DRVMEM_COLLECT_CACHES }, { DRVMEM_M_ALLOCATION_SIZE, DRVMEM_COLLECT_SIZES },
		{ DRVMEM_M_KERNEL_MEMORY, DRVMEM_COLLECT_KERNEL }, { DRVMEM_M_CALLSITE_LIVE_BYTES, DRVMEM_COLLECT_CALLSITES },
	};
	size_t i;

	/* the list is in their order */
	if (m == DRVMEM_M_NODE_LIVE_BYTES)
		return DRVMEM_COLLECT_MODULES;
	for (i = 0; i < sizeof(begin) / sizeof(begin[0]); i++)
		if (m >= begin[i].from)
			return begin[i].c;
	return DRVMEM_COLLECT_MODULES;
}
