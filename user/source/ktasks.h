/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The stacks of all threads, from the kernel's list of tasks as it is read without a lock: tasks
 * that come or go meanwhile may be missing. A stack that is missing counts as used to its end.
 */
#ifndef DRVMEM_SOURCE_KTASKS_H
#define DRVMEM_SOURCE_KTASKS_H

#include "source/kmem.h"

#define DRVMEM_KSTACK_BYTES	16384u	/* arch/x86: THREAD_SIZE, where the kernel does not tell; twice that with KASAN */

struct drvmem_ktask {
	uint64_t addr;			/* struct task_struct */
	uint64_t stack;			/* lowest address */
	uint64_t sp;			/* used from here on; the stack's lowest address while it runs */
	uint32_t bytes;			/* of the stack */
	uint32_t pid, tgid;
	char comm[16];
};

struct drvmem_ktasks {
	struct drvmem_ktask *v;		/* by stack */
	uint32_t nr;
	bool whole;			/* the list was read to its end */
};

DRVMEM_MUST_CHECK int drvmem_ktasks__read(const struct drvmem_kmem *k, struct drvmem_kmem_port *p,
					  struct drvmem_ktasks *ret);
void drvmem_ktasks__deinit(struct drvmem_ktasks *t);
/* The task whose stack an address is on, or NULL. */
const struct drvmem_ktask *drvmem_ktasks__find(const struct drvmem_ktasks *t, uint64_t va);

#endif /* DRVMEM_SOURCE_KTASKS_H */
