// SPDX-License-Identifier: GPL-2.0-or-later
#include "session/hashed.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

int drvmem_hashed__each(int fd, void (*fn)(void *arg, uint64_t key, const struct drvmem_entry *e),
			void *arg)
{
	enum { BATCH = 4096 };
	uint64_t *keys = calloc(BATCH, sizeof(*keys));
	struct drvmem_entry *vals = calloc(BATCH, sizeof(*vals));
	uint32_t n, i, at = 0;
	bool first = true;
	int r = keys && vals ? 0 : -ENOMEM;

	while (!r) {
		n = BATCH;
		r = bpf_map_lookup_batch(fd, first ? NULL : &at, &at, keys, vals, &n, NULL);
		r = r ? -errno : 0;
		first = false;
		for (i = 0; (!r || r == -ENOENT) && i < n; i++)
			fn(arg, keys[i], &vals[i]);
	}
	free(keys);
	free(vals);
	return r == -ENOENT ? 0 : r;
}

static void sum_cpus(const struct drvmem_dma_sync *cpu, uint32_t nr_cpus, struct drvmem_dma_sync *ret)
{
	uint32_t i;

	memset(ret, 0, sizeof(*ret));
	for (i = 0; i < nr_cpus; i++) {
		ret->for_cpu += cpu[i].for_cpu;
		ret->for_device += cpu[i].for_device;
		if (!ret->name[0])
			memcpy(ret->name, cpu[i].name, sizeof(ret->name));
	}
}

int drvmem_hashed__each_sync(int fd, uint32_t nr_cpus,
			     void (*fn)(void *arg, const struct drvmem_dma_sync *s), void *arg)
{
	struct drvmem_dma_sync *cpu = calloc(nr_cpus ? nr_cpus : 1, sizeof(*cpu)), sum;
	uint64_t key = 0, *prev = NULL;

	if (!cpu)
		return -ENOMEM;
	while (!bpf_map_get_next_key(fd, prev, &key)) {
		prev = &key;
		if (bpf_map_lookup_elem(fd, &key, cpu))
			continue;
		sum_cpus(cpu, nr_cpus, &sum);
		fn(arg, &sum);
	}
	free(cpu);
	return 0;
}

/* No more steps than there can be entries: one that goes while it is the last starts the walk again. */
void drvmem_hashed__each_value(int fd, uint32_t max, void *value,
			       void (*fn)(void *arg, uint64_t key, const void *value), void *arg)
{
	uint64_t key = 0, *prev = NULL;
	uint32_t i;

	for (i = 0; i < max && !bpf_map_get_next_key(fd, prev, &key); i++) {
		prev = &key;
		if (!bpf_map_lookup_elem(fd, &key, value))
			fn(arg, key, value);
	}
}
