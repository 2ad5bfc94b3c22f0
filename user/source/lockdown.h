/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /sys/kernel/security/lockdown: "none [integrity] confidentiality", the level in
 * force in brackets. confidentiality forbids BPF to read kernel memory.
 */
#ifndef DRVMEM_SOURCE_LOCKDOWN_H
#define DRVMEM_SOURCE_LOCKDOWN_H

#include <stddef.h>

#include "base/err.h"

enum drvmem_lockdown {
	DRVMEM_LOCKDOWN_NONE = 0,
	DRVMEM_LOCKDOWN_INTEGRITY,
	DRVMEM_LOCKDOWN_CONFIDENTIALITY,
};

/* -EINVAL: no known level is in brackets. */
DRVMEM_MUST_CHECK int drvmem_lockdown__parse(const char *text, size_t len,
					     enum drvmem_lockdown *ret);
/* -ENOENT: securityfs is not mounted, or the kernel has no lockdown. */
DRVMEM_MUST_CHECK int drvmem_lockdown__load(enum drvmem_lockdown *ret);

#endif /* DRVMEM_SOURCE_LOCKDOWN_H */
