/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the live objects of a session lie, on a machine with several NUMA nodes. Command layer. */
#ifndef DRVMEM_NUMAREADING_H
#define DRVMEM_NUMAREADING_H

#include "model/numa.h"
#include "model/snapshot.h"

/* NULL: there is one node only, or it cannot be told, of which stderr has the reason. */
struct drvmem_numa *drvmem_numareading(const struct drvmem_snapshot *s);

#endif /* DRVMEM_NUMAREADING_H */
