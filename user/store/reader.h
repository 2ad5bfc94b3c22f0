/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of the reader share: store.h is for everybody else. */
#ifndef DRVMEM_STORE_READER_H
#define DRVMEM_STORE_READER_H

#include "store/pack.h"
#include "store/store.h"

/* A part of the session, unpacked. 0, -ENODATA: it has none, -EBADMSG, -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_stored_part(struct drvmem_stored *s, const char *kind, size_t max, struct drvmem_pack *ret);
/* err of something that could not be read. Returns e. */
int drvmem_stored_damaged(const struct drvmem_stored *s, int e, struct drvmem_err *err);

#endif /* DRVMEM_STORE_READER_H */
