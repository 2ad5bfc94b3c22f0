/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What of a driver's memory others may hold for their own purpose: socket buffers in a queue, what
 * the kernel's caches keep until memory is short, entries of sysfs. Told by the cache and by the function of the kernel
 * that allocated it (what the call site called, where a stack tells), never by who really holds it: a driver that forgets a socket buffer looks the
 * same. The tables are short on purpose, what is in none of them is the driver's. Pure.
 */
#ifndef DRVMEM_ANALYSIS_CUSTODY_H
#define DRVMEM_ANALYSIS_CUSTODY_H

#include "model/snapshot.h"

enum drvmem_custody {
	DRVMEM_CUSTODY_NONE = 0,
	DRVMEM_CUSTODY_SKB,		/* socket buffers: heads, data, extensions */
	DRVMEM_CUSTODY_FRAGS,		/* pages of which buffers are parts, and those of page_pools */
	DRVMEM_CUSTODY_RECLAIM,		/* objects that the kernel's caches keep until memory is short */
	DRVMEM_CUSTODY_NODES,		/* nodes of trees that others have entries in, too */
	DRVMEM_CUSTODY_SYSFS,		/* entries of sysfs: the link of a merged cache stays for good (mm/slub.c) */
};

/* Of the objects of a site. */
enum drvmem_custody drvmem_custody_of(const struct drvmem_snapshot *s, const struct drvmem_sitesnap *t);
/* "socket buffers", ...; "" of none. */
const char *drvmem_custody__name(enum drvmem_custody c);

#endif /* DRVMEM_ANALYSIS_CUSTODY_H */
