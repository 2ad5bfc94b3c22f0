// SPDX-License-Identifier: GPL-2.0-or-later
#include "session/hashed.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

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
