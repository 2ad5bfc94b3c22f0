// SPDX-License-Identifier: GPL-2.0
/* Defines the maps and the configuration that every BPF object shares. */
#define DRVMEM_DEFINE_MAPS
#include "maps.bpf.h"
#include "config.bpf.h"

char LICENSE[] SEC("license") = "GPL";

const volatile struct drvmem_config cfg = {};

struct drvmem_ctl dm_ctl __attribute__((aligned(64)));
struct drvmem_sampler dm_samplers[DRVMEM_SAMPLER_CPUS * DRVMEM_SAMPLERS]
	__attribute__((aligned(64)));
struct drvmem_module dm_modules[DRVMEM_MAX_MODULES] __attribute__((aligned(64)));
__u32 dm_present[DRVMEM_PRESENT] __attribute__((aligned(64)));
struct drvmem_dma_task dm_dma_tasks[DRVMEM_DMA_TASKS];
struct drvmem_page_block dm_page_blocks[DRVMEM_PAGE_BLOCKS] __attribute__((aligned(64)));
struct drvmem_page_array dm_page_arrays[DRVMEM_PAGE_ARRAYS];
struct drvmem_rules dm_rules[DRVMEM_RULES_SETS];
