/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the manual says of a command beside its option table: files, environment, caveats. Data only;
 * command layer, since it names what all layers read.
 */
#ifndef DRVMEM_MANUAL_H
#define DRVMEM_MANUAL_H

#include "render/man.h"

/* Of a command, or of drvmem itself (NULL); NULL when there is nothing to add. */
const struct drvmem_man_notes *drvmem_manual__notes(const char *command);

#endif /* DRVMEM_MANUAL_H */
