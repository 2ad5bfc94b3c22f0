/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The process that restores the settings of a run that dies, and the state file that tells
 * what they were to whoever comes after both (session/settings.h).
 */
#ifndef DRVMEM_SESSION_GUARD_H
#define DRVMEM_SESSION_GUARD_H

#include "session/settings.h"

/*
 * Forks a process that waits for this one's end, or for __dismiss, with nothing open but its pipe and
 * state_fd; it restores s and removes the state. -errno. s->v must not change after it.
 */
DRVMEM_MUST_CHECK int drvmem_guard__start(struct drvmem_settings *s);
/* There is nothing left to restore: it ends, and is waited for. */
void drvmem_guard__dismiss(struct drvmem_settings *s);

#endif /* DRVMEM_SESSION_GUARD_H */
