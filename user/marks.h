/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Marks of a running session, set from outside: by SIGUSR1, or by `drvmem mark`, which waits until
 * the mark is there. A session that takes marks shows it by a file in memory among its open files:
 * nothing is left of it when the process is gone. Command layer.
 */
#ifndef DRVMEM_MARKS_H
#define DRVMEM_MARKS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "live.h"
#include "view/marked.h"

struct drvmem_marks_shared;

/* A mark was set: generation of the objects from now on (0 where marks set none), text or NULL. */
typedef void (*drvmem_mark_fn)(void *arg, uint32_t generation, const char *text);

/* Of a session that ends with its second mark, or, with a command, with that; or of one that takes many. */
struct drvmem_marks {
	struct drvmem_marks_shared *shared;
	int fd;				/* -1 = not open */
	uint32_t seen;			/* signals */
	uint32_t taken;			/* 0, 1, 2 */
	struct drvmem_marks_at at;
	bool has_command;
	uint32_t wanted;		/* 2, or as many as may come */
	bool no_generations;		/* marks are told, the session knows nothing of them */
	drvmem_mark_fn fn;		/* told of each; may be NULL */
	void *fn_arg;
	int error;			/* -errno of a mark that could not be set */
	struct drvmem_live_watch watch;	/* for drvmem_live_opts */
};

/* Before the session starts: signals that come earlier than tracing does are no marks. -errno, err filled. */
DRVMEM_MUST_CHECK int drvmem_marks__open(struct drvmem_marks *m, bool has_command, struct drvmem_err *err);
/* For drvmem_live_opts.started: from now on marks are taken, and `drvmem mark` finds the session. */
void drvmem_marks__started(void *arg, struct drvmem_trace *t);
/* No mark, or one that could not be set: -errno with err. */
DRVMEM_MUST_CHECK int drvmem_marks__check(const struct drvmem_marks *m, struct drvmem_err *err);
void drvmem_marks__close(struct drvmem_marks *m);

/*
 * Sets a mark in the session of process pid (0 = the only one that there is) and waits until it is
 * set; *ret: which one it was. text: what it is, for sessions that are recorded; may be NULL. Waits timeout_ns for a session that is not there yet. -errno with err: there
 * is none, or several, or it has its marks.
 */
DRVMEM_MUST_CHECK int drvmem_marks__send(pid_t pid, const char *text, uint64_t timeout_ns, uint32_t *ret, struct drvmem_err *err);

#endif /* DRVMEM_MARKS_H */
