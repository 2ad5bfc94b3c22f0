/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Single objects of a site with their addresses, for who asks to see them. They stay inverted
 * here too: a plain address in our memory would be a reference in a scan of the kernel's. They become
 * plain as they are printed.
 */
#ifndef DRVMEM_VIEW_LISTED_H
#define DRVMEM_VIEW_LISTED_H

#include "analysis/reach.h"
#include "base/err.h"
#include "model/snapshot.h"
#include "model/verdicts.h"

struct drvmem_listed {
	uint64_t inverted, age_ns;
	uint32_t asked;
	uint8_t class;			/* enum drvmem_reach_class; UNKNOWN without a scan */
	const char *holder;		/* what holds it, or NULL; the verdicts' */
};

/* What an object of an allocator is known by. */
enum drvmem_address_kind {
	DRVMEM_ADDRESS_MEMORY = 0,	/* of its first byte */
	DRVMEM_ADDRESS_PERCPU,		/* its percpu pointer, which is an offset */
	DRVMEM_ADDRESS_PAGE,		/* of its first struct page */
	DRVMEM_ADDRESS_SG_TABLE,	/* of the sg_table that describes it */
};

/*
 * The oldest of a site's live objects from old_ns on, those that wait for RCU and those that the scan
 * found free left out, at most max of them, oldest first; with mark > 0 only those of that generation.
 * d: NULL = there was no scan. *ret is the caller's to free; NULL when there is none. -ENOMEM.
 */
DRVMEM_MUST_CHECK int drvmem_listed__oldest(const struct drvmem_snapshot *s, const struct drvmem_sitesnap *t,
					    uint64_t old_ns, uint32_t mark, const struct drvmem_verdicts *d, uint32_t max,
					    struct drvmem_listed **ret, uint32_t *ret_n);
/* The plain address. allocator: of the object's site. */
uint64_t drvmem_listed__address(const struct drvmem_listed *l, uint16_t allocator,
				enum drvmem_address_kind *ret_kind);
/* "address", "percpu", "struct_page", "sg_table". */
const char *drvmem_address_kind__name(enum drvmem_address_kind kind);

#endif /* DRVMEM_VIEW_LISTED_H */
