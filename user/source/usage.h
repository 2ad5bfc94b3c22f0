/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How sites use memory (model/usage.h), of the sites that a snapshot has. */
#ifndef DRVMEM_SOURCE_USAGE_H
#define DRVMEM_SOURCE_USAGE_H

#include "model/snapshot.h"
#include "session/session.h"

/*
 * Fills snap->usage, after the sites; nothing in a session without opts.use. index: of a site's id its index in
 * sites[], and one more; 0 = not there. 0 or -ENOMEM.
 */
DRVMEM_MUST_CHECK int drvmem_usage__read(struct drvmem_session *s, const struct drvmem_session_maps *m,
					 const uint32_t *index, struct drvmem_snapshot *snap);

#endif /* DRVMEM_SOURCE_USAGE_H */
