// SPDX-License-Identifier: GPL-2.0
/* Defines the maps and the configuration that every BPF object shares. */
#define DRVMEM_DEFINE_MAPS
#include "maps.bpf.h"
#include "config.bpf.h"

char LICENSE[] SEC("license") = "GPL";

const volatile struct drvmem_config cfg = {};

struct drvmem_rules dm_rules[DRVMEM_RULES_SETS];
