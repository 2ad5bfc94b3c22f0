/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two texts of the kernel's page_owner (CONFIG_PAGE_OWNER, page_owner=on), 5.10 to 7.2. They
 * can have gigabytes: the parser is fed in pieces, cut anywhere, and keeps one line and one sum for
 * each module. A stack is read by the rules that tracing goes by (bpf/owner.bpf.h: dm_asker_at,
 * dm_walk_frame), whose functions are the same, by name; the module is the first one in the stack.
 */
#ifndef DRVMEM_SOURCE_PAGEOWNER_H
#define DRVMEM_SOURCE_PAGEOWNER_H

#include "base/err.h"
#include "model/pageowner.h"

#define DRVMEM_DEBUGFS "/sys/kernel/debug"

/* What a function of the kernel means in a stack: drvmem_ranges__kind() */
typedef enum drvmem_range_kind (*drvmem_po_kind)(const char *symbol);

/* How to read it. */
struct drvmem_po_how {
	drvmem_po_kind kind;
	uint32_t page_size;
	uint64_t since_ns;	/* blocks taken after it are newer; UINT64_MAX = none is */
};

struct drvmem_po_parser;

/* NULL on ENOMEM. */
struct drvmem_po_parser *drvmem_po_parser__new(const struct drvmem_po_how *how);
void drvmem_po_parser__free(struct drvmem_po_parser *p);
/* The next piece. 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_po_parser__feed(struct drvmem_po_parser *p, const char *text, size_t len);
/*
 * After the last piece, once: *ret is the caller's, and says itself (err) when the text was none:
 * -ENODATA no record was understood; -ENOTSUP it counts blocks, not pages (show_stacks of 6.9).
 */
void drvmem_po_parser__finish(struct drvmem_po_parser *p, struct drvmem_pageowner **ret);

/*
 * From debugfs at this directory: show_stacks where it is there, tells pages, and no threshold hides
 * stacks, else the records. What could not be read is so in *ret. 0 or -ENOMEM. A signal that asks to
 * stop while it reads ends the reading (base/stop.h).
 */
DRVMEM_MUST_CHECK int drvmem_pageowner__read(const char *debugfs, const struct drvmem_po_how *how,
					     struct drvmem_pageowner **ret);

#endif /* DRVMEM_SOURCE_PAGEOWNER_H */
