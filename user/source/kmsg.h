/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's log from one moment on (/dev/kmsg), for its reports of memory errors and of failures
 * that were injected. The parser takes whole lines, in pieces of any size; what is no report is passed over.
 */
#ifndef DRVMEM_SOURCE_KMSG_H
#define DRVMEM_SOURCE_KMSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/kreports.h"

#define DRVMEM_KMSG "/dev/kmsg"

#define DRVMEM_KMSG_OPEN	4u	/* reports at once, of several CPUs; beyond it the oldest ends */
#define DRVMEM_KMSG_CALLER	16u

/* One that prints: a task ("T123") or a CPU ("C0"); "" where the kernel does not tell (CONFIG_PRINTK_CALLER). */
struct drvmem_kmsg_printer {
	struct drvmem_kreport cur;	/* the report that is being read */
	char caller[DRVMEM_KMSG_CALLER];
	bool open;			/* there is one */
	bool in_trace;			/* its frames have begun */
	bool ruled;			/* a rule was read: its end, or the beginning of another's */
	uint32_t records;		/* of it */
	uint64_t used;			/* counts up */
	char before[DRVMEM_KREPORT_TEXT];	/* SLUB: "Right Redzone overwritten", in a record before the title */
};

struct drvmem_kmsg_parser {
	struct drvmem_kmsg_printer printer[DRVMEM_KMSG_OPEN];
	uint64_t used;
	uint64_t next_seq;		/* of the log; 0 = none was read yet */
};

/*
 * Lines as /dev/kmsg has them ("PRIO,SEQ,USEC,FLAGS;TEXT", and " KEY=VALUE" behind). Records of several CPUs may come
 * line by line: they are told apart by the caller, where it is in FLAGS; else a report into which another one falls is
 * called mixed, and both have the frames of either. A report is added when its end is seen (without a caller: with the
 * record after it), or by __finish. 0 or -ENOMEM.
 */
DRVMEM_MUST_CHECK int drvmem_kmsg__parse(struct drvmem_kmsg_parser *p, const char *lines, size_t len,
					 struct drvmem_kreports *out);
/* There are no more lines. 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_kmsg__finish(struct drvmem_kmsg_parser *p, struct drvmem_kreports *out);

struct drvmem_kmsg;

/* From now on. -errno: -EPERM where kernel.dmesg_restrict asks for CAP_SYSLOG. */
DRVMEM_MUST_CHECK int drvmem_kmsg__open(const char *path, struct drvmem_kmsg **ret);
/* What came since. 0 or -errno; records that were overwritten are counted. */
DRVMEM_MUST_CHECK int drvmem_kmsg__read(struct drvmem_kmsg *k, struct drvmem_kreports *out);
/* The same, for the last time. */
DRVMEM_MUST_CHECK int drvmem_kmsg__end(struct drvmem_kmsg *k, struct drvmem_kreports *out);
void drvmem_kmsg__free(struct drvmem_kmsg *k);

#endif /* DRVMEM_SOURCE_KMSG_H */
