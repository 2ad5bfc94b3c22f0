// SPDX-License-Identifier: GPL-2.0-or-later
/* What each feature is for, what it costs to be without it, and the remedy. */
#include "probe/probe.h"

#define SEE_RCU "objects given up by kfree_rcu stay 'live' until their address is used again"
#define UPGRADE "use a kernel with BTF and fentry (Debian's 5.10 or newer)"

const struct drvmem_feat_desc drvmem_feat_descs[DRVMEM_NR_FEATS] = {
	[DRVMEM_FEAT_BTF] = { "btf", "read the kernel's types (/sys/kernel/btf/vmlinux)",
		"nothing works without it", "boot a kernel built with CONFIG_DEBUG_INFO_BTF=y" },
	[DRVMEM_FEAT_BPF] = { "bpf", "create BPF maps and load programs", "nothing works without it",
		"run as root, or with CAP_BPF and CAP_PERFMON (sudo)" },
	[DRVMEM_FEAT_RAW_TP] = { "raw_tp", "attach to the allocation tracepoints",
		"nothing works without it", "run as root, or with CAP_BPF and CAP_PERFMON" },
	[DRVMEM_FEAT_FENTRY] = { "fentry", "attach to kernel functions",
		"frees without a tracepoint are not seen", UPGRADE },
	[DRVMEM_FEAT_JIT] = { "jit", "compile BPF to machine code", "every event costs about ten times more",
		"sysctl net.core.bpf_jit_enable=1" },
	[DRVMEM_FEAT_CMPXCHG] = { "cmpxchg", "compare-and-swap in BPF (5.12)",
		"peaks are maxima over snapshots; about 200 ns more for each event", "use a kernel from 6.1 on" },
	[DRVMEM_FEAT_RDONLY_CAST] = { "rdonly_cast", "read kernel structs without a helper call (6.2)",
		"30-40 ns more for each cache allocation", "" },
	[DRVMEM_FEAT_MODULES] = { "modules", "loadable modules",
		"everything is built in: owners are components of the kernel, guessed by name", "" },
	[DRVMEM_FEAT_MODULE_EVENTS] = { "module_events", "follow module load and unload",
		"modules loaded during a session are not told apart", "" },
	[DRVMEM_FEAT_MODULE_LIST] = { "module_list", "find modules that are loaded already",
		"memory of modules loaded before the session counts as the kernel's",
		"needs the symbol 'modules' in /proc/kallsyms (CONFIG_KALLSYMS_ALL, CAP_SYSLOG)" },
	[DRVMEM_FEAT_KALLSYMS] = { "kallsyms", "name functions",
		"addresses instead of names; no barriers in stacks",
		"run with CAP_SYSLOG (as root); where kernel.kptr_restrict is 2, set it to 1 or 0" },
	[DRVMEM_FEAT_SLAB_SYSFS] = { "slab_sysfs", "names merged into one cache (/sys/kernel/slab)",
		"a merged cache shows under one of its names only", "" },
	[DRVMEM_FEAT_RCU_FREES] = { "rcu_frees", "see kvfree_call_rcu", SEE_RCU, UPGRADE },
	[DRVMEM_FEAT_BULK_FREES] = { "bulk_frees", "see kmem_cache_free_bulk",
		"objects freed in bulk stay 'live' until their address is used again", UPGRADE },
	[DRVMEM_FEAT_CACHE_DESTROY] = { "cache_destroy", "see kmem_cache_destroy",
		"a cache that takes a destroyed one's place, with its sizes, keeps the old name", UPGRADE },
	[DRVMEM_FEAT_PERCPU] = { "percpu", "see percpu memory", "percpu memory is not in any figure", UPGRADE },
	[DRVMEM_FEAT_VMALLOC] = { "vmalloc", "see vmalloc memory (6.2)", "vmalloc memory is not in any figure",
		"use a kernel from 6.2 on; run with CAP_SYSLOG" },
	[DRVMEM_FEAT_ORC] = { "orc", "walk stacks without the kernel's unwinder",
		"3 microseconds instead of 0.1 for each allocation whose owner is found on the stack",
		"an x86-64 kernel from 6.1 on with CONFIG_UNWINDER_ORC, the BPF JIT, and CAP_SYSLOG" },
	[DRVMEM_FEAT_RECURSION_COUNT] = { "recursion_count", "count events the kernel dropped (5.12)",
		"on 5.10 nothing is dropped: raw tracepoints have no recursion guard there", "" },
};
