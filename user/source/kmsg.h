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

struct drvmem_kmsg_parser {
	struct drvmem_kreport cur;	/* the report that is being read */
	bool open;			/* there is one */
	bool in_trace;			/* its frames have begun */
	uint32_t records;		/* of it */
	char before[DRVMEM_KREPORT_TEXT];	/* SLUB: "Right Redzone overwritten", in a record before the title */
	uint64_t next_seq;		/* of the log; 0 = none was read yet */
};

/*
 * Lines as /dev/kmsg has them ("PRIO,SEQ,USEC,FLAGS;TEXT", and " KEY=VALUE" behind). A report is added when its
 * end is seen, or by __finish. 0 or -ENOMEM.
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
