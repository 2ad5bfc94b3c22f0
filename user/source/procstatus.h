/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc/PID/status: what this process may do, and whether it stands in a PID
 * namespace or under seccomp: the causes that doctor tells apart when bpf(2) is
 * refused. The parser takes a buffer; fields the kernel does not print are absent.
 */
#ifndef DRVMEM_SOURCE_PROCSTATUS_H
#define DRVMEM_SOURCE_PROCSTATUS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/snapshot.h"

struct drvmem_procstatus {
	struct drvmem_u64 cap_effective;	/* bit n = capability n */
	struct drvmem_u64 cap_bounding;
	struct drvmem_u64 seccomp;		/* 0 off, 1 strict, 2 filter */
	struct drvmem_u64 no_new_privs;
	struct drvmem_u64 pid_depth;		/* numbers in NSpid: 1 = initial namespace as seen */
	struct drvmem_u64 ns_pid;		/* PID in the innermost namespace */
};

/* -EINVAL when the text has none of the fields. */
DRVMEM_MUST_CHECK int drvmem_procstatus__parse(const char *text, size_t len,
					       struct drvmem_procstatus *ret);
/* /proc/self/status. */
DRVMEM_MUST_CHECK int drvmem_procstatus__load(struct drvmem_procstatus *ret);

#endif /* DRVMEM_SOURCE_PROCSTATUS_H */
