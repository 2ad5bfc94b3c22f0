/* SPDX-License-Identifier: GPL-2.0-or-later */
/* File and line of outstanding sites, and the addresses of their objects: what was asked for besides. */
#ifndef DRVMEM_RENDER_WHERE_H
#define DRVMEM_RENDER_WHERE_H

#include "base/err.h"
#include "render/json_writer.h"
#include "render/text.h"
#include "view/outstanding.h"

/* After the table: of its first top sites (0 = all). Nothing when nothing was asked for. 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_text__where(const struct drvmem_scope *v, const struct drvmem_outstanding *o,
					 uint32_t top, const struct drvmem_text_opts *t, FILE *out);
/*
 * Which debug information was used for v->places, or why none, and where it may be had; nothing without them. What was
 * told of another scope (NULL = none) is not told again.
 */
void drvmem_text__debug_files(const struct drvmem_scope *v, const struct drvmem_scope *told,
			      const struct drvmem_text_opts *t, FILE *out);
/* Members of a site's object that is open: file, line, directory, inlines, stack_lines, more_stacks_lines; places may be NULL. */
void drvmem_json__lines(struct drvmem_json *w, const struct drvmem_scope *v, const struct drvmem_places *places,
			uint32_t site);
/* Members of a site's object that is open: file, line, inlines, stack_lines, addresses. */
void drvmem_json__where(struct drvmem_json *w, const struct drvmem_scope *v, const struct drvmem_outstanding *o,
			const struct drvmem_outstanding_site *k);
/* Key "debug_files": which debug information was used, or why none. */
void drvmem_json__debug_files(struct drvmem_json *w, const struct drvmem_places *p);
/* The objects that are listed, with their addresses and what a scan said of each: an array as value. */
void drvmem_json__listed(struct drvmem_json *w, const struct drvmem_sitesnap *t,
			 const struct drvmem_outstanding *o, const struct drvmem_outstanding_site *k);

#endif /* DRVMEM_RENDER_WHERE_H */
