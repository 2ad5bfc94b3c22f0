/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The times of a session in which it counted one way: every object, or a sample of so many bytes. */
#ifndef DRVMEM_VIEW_EPOCHS_H
#define DRVMEM_VIEW_EPOCHS_H

#include "base/strbuf.h"
#include "model/snapshot.h"

/* The number was used, by the moment of the snapshot: a recording may know later ones. */
bool drvmem_epochs__has(const struct drvmem_meta *m, uint32_t epoch);
/* How often the way to count changed since the start. */
uint32_t drvmem_epochs__switches(const struct drvmem_meta *m);
/* "every object from the start, one point in 4.0Ki bytes from 2.0s on": all of them, in their order. */
void drvmem_epochs__say(const struct drvmem_meta *m, struct drvmem_strbuf *out);
/* ns between the start of tracing and that of the epoch. */
uint64_t drvmem_epochs__began(const struct drvmem_meta *m, uint32_t epoch);

#endif /* DRVMEM_VIEW_EPOCHS_H */
