/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is in BPF hashes: the table of live objects (5.10), syncs of devices, mempools. */
#ifndef DRVMEM_SESSION_HASHED_H
#define DRVMEM_SESSION_HASHED_H

#include <stdint.h>

#include "base/err.h"
#include "drvmem/abi.h"

/* Calls fn for each entry of the map; one that moves meanwhile may be missed or come twice. 0 or -errno. */
DRVMEM_MUST_CHECK int drvmem_hashed__each(int fd,
		void (*fn)(void *arg, uint64_t key, const struct drvmem_entry *e), void *arg);

/* Calls fn for each device, with the sums over all CPUs. nr_cpus: possible. 0 or -errno. */
DRVMEM_MUST_CHECK int drvmem_hashed__each_sync(int fd, uint32_t nr_cpus,
		void (*fn)(void *arg, const struct drvmem_dma_sync *s), void *arg);

/*
 * Calls fn for each entry of a map of at most max; value: room for one. One that comes or goes meanwhile may
 * be missed or come twice.
 */
void drvmem_hashed__each_value(int fd, uint32_t max, void *value,
			       void (*fn)(void *arg, uint64_t key, const void *value), void *arg);

#endif /* DRVMEM_SESSION_HASHED_H */
