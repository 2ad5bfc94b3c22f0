/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Signals: of SIGINT and SIGTERM the first one asks to finish and print, the second one ends the
 * process at once; SIGUSR1 is a mark and SIGHUP a wish to reload, where somebody waits for one. What is mutable and global in
 * the program lives here and in base/log.
 */
#ifndef DRVMEM_BASE_STOP_H
#define DRVMEM_BASE_STOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

DRVMEM_MUST_CHECK int drvmem_stop__init(void);	/* installs handlers; SIGPIPE is ignored */
int drvmem_stop__signal(void);			/* 0, SIGINT or SIGTERM */
/*
 * Waits up to ns (UINT64_MAX = without end), or until a signal, or until *fd*
 * (>=0) is readable. Returns true when stop was asked; a mark only ends the wait.
 */
bool drvmem_stop__wait(uint64_t ns, int fd);
/*
 * From now on SIGUSR1 is a mark, not the end: it ends a wait early and is counted. -errno.
 */
DRVMEM_MUST_CHECK int drvmem_stop__catch_marks(void);
uint32_t drvmem_stop__marks(void);		/* SIGUSR1 so far; several at once may come as one */
/* From now on SIGHUP asks to read the configuration again, and ends a wait early. -errno. */
DRVMEM_MUST_CHECK int drvmem_stop__catch_reloads(void);
uint32_t drvmem_stop__reloads(void);		/* SIGHUP so far; several at once may come as one */
/*
 * What a second signal calls before the process ends at once: to leave a terminal as it was.
 * Async-signal-safe; NULL = nothing.
 */
void drvmem_stop__at_end(void (*fn)(void));
/* Between fork and exec: a child must not inherit the ignored SIGPIPE. Async-signal-safe. */
void drvmem_stop__reset_child(void);

#endif /* DRVMEM_BASE_STOP_H */
