/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The part of the probe that reads files: kernel name, rights, sysctls, symbols. No BPF. */
#ifndef DRVMEM_PROBE_SYSTEM_H
#define DRVMEM_PROBE_SYSTEM_H

#include "probe/probe.h"

/* Fills kernel, arch, capabilities, seccomp, lockdown, kptr_restrict, KALLSYMS, SLAB_SYSFS, JIT. */
void drvmem_system__read(struct drvmem_probe *p);
/* Is the symbol `modules` there? Reads /proc/kallsyms unless the caller has. */
void drvmem_system__module_list(enum drvmem_seen list, struct drvmem_feat_result *r);

#endif /* DRVMEM_PROBE_SYSTEM_H */
