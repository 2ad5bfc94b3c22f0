/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All BPF maps of the system and the memory they say they hold: "memlock" in fdinfo
 * (kernel/bpf/syscall.c:bpf_map_show_fdinfo). Up to 5.10 that is what was charged,
 * up to 6.3 an estimate, since then the map type's own figure. Read before a session
 * is made, so that drvmem's maps are not among them.
 */
#ifndef DRVMEM_SESSION_BPFMAPS_H
#define DRVMEM_SESSION_BPFMAPS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct drvmem_bpfmaps {
	uint64_t maps, bytes;
	uint64_t unread;	/* maps whose memory could not be read */
};

/* -EPERM without CAP_SYS_ADMIN (ids of maps are for it alone), -EINVAL where there is no BPF. */
DRVMEM_MUST_CHECK int drvmem_bpfmaps__read(struct drvmem_bpfmaps *ret);
/* The "memlock:" line of a map's fdinfo. -EINVAL when there is none. */
DRVMEM_MUST_CHECK int drvmem_bpfmaps__parse_memlock(const char *text, size_t len, uint64_t *ret);

#endif /* DRVMEM_SESSION_BPFMAPS_H */
