/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was made and ended between the marks of a session, of the sites that a snapshot has. */
#ifndef DRVMEM_SOURCE_GENS_H
#define DRVMEM_SOURCE_GENS_H

#include "model/snapshot.h"
#include "session/session.h"

/* Fills snap->gens and meta.mark, after the sites; nothing in a session without marks. 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_gens__read(const struct drvmem_session_maps *m, struct drvmem_snapshot *snap);

#endif /* DRVMEM_SOURCE_GENS_H */
