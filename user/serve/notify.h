/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What systemd and a service tell each other (sd_notify(3), sd_listen_fds(3), sd_watchdog_enabled(3)), without its
 * library. Does nothing where systemd did not start us.
 */
#ifndef DRVMEM_SERVE_NOTIFY_H
#define DRVMEM_SERVE_NOTIFY_H

#include <stdint.h>

#include "base/err.h"

struct drvmem_notify {
	int fd;				/* -1: nobody listens */
	uint64_t watchdog_ns;		/* 0: no watchdog; else a sign of life is due within it */
};

void drvmem_notify__open(struct drvmem_notify *n);
void drvmem_notify__close(struct drvmem_notify *n);
/* "READY=1\nSTATUS=...". What cannot be sent is not sent again. */
void drvmem_notify(const struct drvmem_notify *n, const char *fmt, ...) DRVMEM_PRINTF(2, 3);
/* How many sockets were handed over, from fd 3 on; 0 = none. Forgets the variables, that no child sees them. */
uint32_t drvmem_notify__listen_fds(void);

#endif /* DRVMEM_SERVE_NOTIFY_H */
