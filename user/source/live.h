/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads a running session's maps into a snapshot: numbers and raw addresses only;
 * names come from symbol/resolve. Frees are read before allocations, so that a sum
 * taken while events run is short of the newest ones, never negative by them.
 */
#ifndef DRVMEM_SOURCE_LIVE_H
#define DRVMEM_SOURCE_LIVE_H

#include "model/snapshot.h"
#include "session/session.h"

/*
 * ret is new; the caller frees it. with_objects: copies every live object, those of a
 * site side by side, and how sites use memory where that is counted.
 */
DRVMEM_MUST_CHECK int drvmem_live__read(struct drvmem_session *s, bool with_objects,
					struct drvmem_snapshot **ret, struct drvmem_err *err);

#endif /* DRVMEM_SOURCE_LIVE_H */
