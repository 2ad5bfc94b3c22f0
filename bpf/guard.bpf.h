/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Keeps a program from being interrupted (6.14+: interrupts off) or preempted (6.10+),
 * where the kernel offers it and the session asks for it: an event that nests on a
 * CPU while the program runs is dropped by the kernel's recursion guard, i.e. lost.
 */
#ifndef DRVMEM_GUARD_BPF_H
#define DRVMEM_GUARD_BPF_H

#include "compat.bpf.h"

#define DM_GUARD_DECLARE(g_) unsigned long g_ = 0

#define DM_GUARD_ENTER(g_) do {					\
	if (cfg.use_irq_save)					\
		bpf_local_irq_save(&(g_));			\
	else if (cfg.use_preempt_disable)			\
		bpf_preempt_disable();				\
} while (0)

#define DM_GUARD_LEAVE(g_) do {					\
	if (cfg.use_irq_save)					\
		bpf_local_irq_restore(&(g_));			\
	else if (cfg.use_preempt_disable)			\
		bpf_preempt_enable();				\
} while (0)

#endif /* DRVMEM_GUARD_BPF_H */
