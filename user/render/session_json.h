/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the documents of all commands that trace have in common: the session, what it lost and
 * cost, and how missing numbers, moments and stacks are written. doc/json.md.
 */
#ifndef DRVMEM_RENDER_SESSION_JSON_H
#define DRVMEM_RENDER_SESSION_JSON_H

#include "render/json_writer.h"
#include "view/scope.h"

/* First members of a document: schema_version, meta, loss and its neighbours, baseline. */
void drvmem_json__session(struct drvmem_json *w, const struct drvmem_scope *v);
/* A number, or null and why: of one that this kernel does not have the reason given (may be NULL). */
void drvmem_json__maybe(struct drvmem_json *w, const char *key, struct drvmem_u64 v, const char *why);
const char *drvmem_json__reason(enum drvmem_avail st);
double drvmem_json__seconds(uint64_t ns);
/* Unix time, in seconds, of a moment of CLOCK_MONOTONIC. */
double drvmem_json__unix_time(const struct drvmem_meta *m, uint64_t when_ns);
/* The stack of a site that was sampled most often is "stack"; the others follow as "more_stacks". */
void drvmem_json__stacks(struct drvmem_json *w, const struct drvmem_scope *v, uint32_t site);

#endif /* DRVMEM_RENDER_SESSION_JSON_H */
