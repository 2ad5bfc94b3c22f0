/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a session sees and what it cannot see on this kernel: meta's traced, notes and their flags. */
#ifndef DRVMEM_SOURCE_BLIND_H
#define DRVMEM_SOURCE_BLIND_H

#include "model/snapshot.h"
#include "session/session.h"

/* m->modules_supported is set before. */
void drvmem_blind__fill(const struct drvmem_probe *p, const struct drvmem_session_info *info,
			struct drvmem_meta *m);

#endif /* DRVMEM_SOURCE_BLIND_H */
