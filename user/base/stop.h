/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SIGINT/SIGTERM as a flag: first one asks to finish and print, second one ends
 * the process at once. One of the two mutable globals of the program lives here.
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
 * (>=0) is readable. Returns true when stop was asked.
 */
bool drvmem_stop__wait(uint64_t ns, int fd);
/* Between fork and exec: a child must not inherit the ignored SIGPIPE. Async-signal-safe. */
void drvmem_stop__reset_child(void);

#endif /* DRVMEM_BASE_STOP_H */
