/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file compressed by zstd (MODULE_COMPRESS_ZSTD), for a libdw that was built without it: unpacked in memory. */
#ifndef DRVMEM_SYMBOL_UNPACKED_H
#define DRVMEM_SYMBOL_UNPACKED_H

#include "base/err.h"

/*
 * *ret_fd: an unnamed file in memory with what is in path, for the caller to close; -1: path is not compressed by
 * zstd. -EBADMSG: it is damaged, or cut; -EFBIG: there is more in it than 4 GiB; or the errno of open, read, write.
 */
DRVMEM_MUST_CHECK int drvmem_unpacked__open(const char *path, int *ret_fd);

#endif /* DRVMEM_SYMBOL_UNPACKED_H */
