/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of live objects where it is a BPF hash (5.10). */
#ifndef DRVMEM_SESSION_HASHED_H
#define DRVMEM_SESSION_HASHED_H

#include <stdint.h>

#include "base/err.h"
#include "drvmem/abi.h"

/* Calls fn for each entry of the map; one that moves meanwhile may be missed or come twice. 0 or -errno. */
DRVMEM_MUST_CHECK int drvmem_hashed__each(int fd,
		void (*fn)(void *arg, uint64_t key, const struct drvmem_entry *e), void *arg);

#endif /* DRVMEM_SESSION_HASHED_H */
