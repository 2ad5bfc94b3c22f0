/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A session told in parts, one file each: what is counted since the session began is told since the part began,
 * so that the parts add up to the whole. What is live stays what it is, and so do peaks, kinds of memory, the
 * kernel's own counts, pools and variances (those of what is live need all of them).
 */
#ifndef DRVMEM_MODEL_SINCE_H
#define DRVMEM_MODEL_SINCE_H

#include "base/table.h"
#include "model/snapshot.h"

/* Zero-initialised is valid: since the session began. */
struct drvmem_since {
	struct drvmem_counts *site;	/* [nr], as they were */
	struct drvmem_table at;		/* id of a site -> its place */
	struct drvmem_loss loss;
	struct drvmem_walks walks;
	uint64_t began_ns;		/* 0 = with the session */
	char note[2][160];		/* what to know of a part; "" */
};

/* The next part begins with s, which is of the session itself and not of a part. 0 or -ENOMEM: b is as it was. */
DRVMEM_MUST_CHECK int drvmem_since__begin(struct drvmem_since *b, const struct drvmem_snapshot *s);
void drvmem_since__deinit(struct drvmem_since *b);
/*
 * s as the part tells it; ret shares all with s but its sites, and is to be released by __release() before s goes.
 * 0 or -ENOMEM.
 */
DRVMEM_MUST_CHECK int drvmem_since__show(const struct drvmem_since *b, const struct drvmem_snapshot *s,
					 struct drvmem_snapshot *ret);
void drvmem_since__release(struct drvmem_snapshot *shown);

#endif /* DRVMEM_MODEL_SINCE_H */
