/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * page_pools by the generic netlink family "netdev" (6.8 on): those linked to an interface of
 * this network namespace. Others are not listed by the kernel. The parser takes the bytes of
 * replies; nothing in them is trusted.
 */
#ifndef DRVMEM_SOURCE_PAGEPOOLS_H
#define DRVMEM_SOURCE_PAGEPOOLS_H

#include <stddef.h>
#include <stdint.h>

#include "model/pools.h"

struct drvmem_pagerow {
	uint64_t id;
	struct drvmem_u64 ifindex;	/* absent: the interface is gone */
	struct drvmem_u64 napi_id, inflight, inflight_bytes, detached_at;
	struct drvmem_u64 stats[DRVMEM_PAGEPOOL_STATS];
	bool has_stats;
};

struct drvmem_pagerows {
	struct drvmem_pagerow *v;
	size_t n, cap;
	size_t skipped;		/* malformed messages and attributes */
	bool done;		/* the end of the dump was in it */
	int error;		/* -errno that the kernel sent; 0 */
};

/*
 * Replies of page-pool-get, or with stats of page-pool-stats-get, as read from the socket;
 * rows are added to ret, or filled in by id. 0 or -ENOMEM.
 */
DRVMEM_MUST_CHECK int drvmem_pagepools__parse(const void *buf, size_t len, bool stats,
					      struct drvmem_pagerows *ret);
/* Id of the family in a reply of CTRL_CMD_GETFAMILY; -errno that the kernel sent, or -EINVAL. */
DRVMEM_MUST_CHECK int drvmem_pagepools__parse_family(const void *buf, size_t len, uint16_t *ret_id);
void drvmem_pagepools__free_rows(struct drvmem_pagerows *r);
void drvmem_pagepools__fill(struct drvmem_pool *k, const struct drvmem_pagerow *row);
/* Adds every pool and fills p->source[DRVMEM_POOL_PAGE]. 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_pagepools__read(struct drvmem_pools *p);

#endif /* DRVMEM_SOURCE_PAGEPOOLS_H */
