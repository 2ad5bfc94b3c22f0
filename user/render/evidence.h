/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What there is to say about one site with outstanding objects, in words: for the text report and
 * for forms that carry text (JUnit, SARIF). Names are taken as bytes; of control characters only '?' is left.
 */
#ifndef DRVMEM_RENDER_EVIDENCE_H
#define DRVMEM_RENDER_EVIDENCE_H

#include "base/strbuf.h"
#include "view/outstanding.h"

#define DRVMEM_EVIDENCE_FIGURES	0x01u	/* objects, bytes, ages, why */
#define DRVMEM_EVIDENCE_STACK	0x02u	/* the stack sampled most often */
#define DRVMEM_EVIDENCE_LINES	0x04u	/* of the call site and the stack, where they were looked up */
#define DRVMEM_EVIDENCE_OBJECTS	0x08u	/* those listed with their addresses, where asked for */

/* Text without control characters. */
void drvmem_evidence__put(struct drvmem_strbuf *out, const char *text);
/* "e1000e holds 2 objects (400 bytes) of e1000_open+0x1f that are older than 6s: growing, high confidence" */
void drvmem_evidence__sentence(const struct drvmem_scope *v, const struct drvmem_outstanding_site *k,
			       struct drvmem_strbuf *out);
/* Lines, each indented by two columns. flags: DRVMEM_EVIDENCE_*. */
void drvmem_evidence__site(const struct drvmem_scope *v, const struct drvmem_outstanding *o,
			   const struct drvmem_outstanding_site *k, unsigned int flags,
			   struct drvmem_strbuf *out);
/* "FILE:LINE", FILE below the directory of compilation as the debug information has it; nothing when not known. */
void drvmem_evidence__line(const struct drvmem_place *p, struct drvmem_strbuf *out);
/* The sampled stack of a site that was seen most often, NULL = none. */
const struct drvmem_stacksnap *drvmem_evidence__stack(const struct drvmem_scope *v, uint32_t site);

#endif /* DRVMEM_RENDER_EVIDENCE_H */
