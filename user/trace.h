/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A live tracing run as the commands see it: composes symbol (kernel ranges, names),
 * session (BPF) and source (reading its maps). Part of the command layer. Use this,
 * not session.h, from cmd_*.c and live.c:
 *   new -> start -> activate(true) -> [poll ...] -> snapshot ... -> free
 */
#ifndef DRVMEM_TRACE_H
#define DRVMEM_TRACE_H

#include "base/err.h"
#include "model/laps.h"
#include "model/snapshot.h"
#include "session/session.h"

struct drvmem_trace;

/* opts: ranges and ksyms are filled in here. NULL on failure, err filled. */
struct drvmem_trace *drvmem_trace__new(const struct drvmem_session_opts *opts, struct drvmem_err *err);
/* Reads symbols, plans, loads, attaches. Hooks stay silent until activate. */
DRVMEM_MUST_CHECK int drvmem_trace__start(struct drvmem_trace *t, struct drvmem_err *err);
void drvmem_trace__activate(struct drvmem_trace *t, bool on);
/* drvmem_session__sample(). */
DRVMEM_MUST_CHECK int drvmem_trace__sample(struct drvmem_trace *t, uint64_t bytes);
/* drvmem_session__mark(). */
DRVMEM_MUST_CHECK int drvmem_trace__mark(struct drvmem_trace *t, uint32_t *ret);
/*
 * To be called every second or so while waiting: keeps the names of modules that load
 * and go during the run, and the sampled peaks where the kernel has no exact ones.
 */
void drvmem_trace__poll(struct drvmem_trace *t);
/* The counts of this moment and no more: no names, objects or texts of the kernel. NULL: not to be had. */
struct drvmem_snapshot *drvmem_trace__counts(struct drvmem_trace *t);
/* The same, with what /proc/meminfo says at this moment: kernel[DRVMEM_AT_SNAPSHOT] has that and nothing else. */
struct drvmem_snapshot *drvmem_trace__moment(struct drvmem_trace *t);
/*
 * Calls fn for each module the session has known so far, loaded ones and gone ones, by its slot;
 * the symbols of those that came are kept, as by __poll.
 */
void drvmem_trace__each_module(struct drvmem_trace *t,
			       void (*fn)(void *arg, uint32_t slot, const struct drvmem_module *m), void *arg);
/* drvmem_session__lap(): what the sites had at most since the call before, into laps. 0 or -ENOMEM: some are missing. */
DRVMEM_MUST_CHECK int drvmem_trace__lap(struct drvmem_trace *t, struct drvmem_laps *laps);
/* drvmem_session__waiting(). */
void drvmem_trace__waiting(struct drvmem_trace *t, bool on);
/* What page_owner says now, beside s of this moment, where it was asked for: it can take minutes. 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_trace__read_pages(struct drvmem_trace *t, struct drvmem_snapshot *s);
/* Everything at this moment, symbols resolved; with_objects adds objects[]. Caller frees *ret. */
DRVMEM_MUST_CHECK int drvmem_trace__snapshot(struct drvmem_trace *t, bool with_objects,
					     struct drvmem_snapshot **ret, struct drvmem_err *err);
const struct drvmem_session_prog *drvmem_trace__progs(struct drvmem_trace *t, uint32_t *ret_n);
const struct drvmem_session_info *drvmem_trace__info(const struct drvmem_trace *t);
void drvmem_trace__free(struct drvmem_trace *t);

#endif /* DRVMEM_TRACE_H */
