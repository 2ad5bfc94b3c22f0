/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the exporter listens: texts like ":10435", "127.0.0.1:10435", "[::1]:10435" or
 * "unix:/run/drvmem.sock" into sockets. No name is looked up. Owns nothing.
 */
#ifndef DRVMEM_SERVE_ADDRESS_H
#define DRVMEM_SERVE_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <netinet/in.h>

#include "base/err.h"

#define DRVMEM_SERVE_PORT	10435	/* the only place where it is written */
#define DRVMEM_SERVE_ADDRESSES	8

struct drvmem_address {
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
	} u;
	socklen_t len;
	bool local;		/* nobody but this machine can reach it */
};

/*
 * "HOST:PORT", ":PORT" (every address), "[V6]:PORT", "unix:PATH"; HOST is a number or "localhost". A port of 0
 * lets the kernel choose. -EINVAL with err (exit 2).
 */
DRVMEM_MUST_CHECK int drvmem_address__parse(const char *text, struct drvmem_address *ret, struct drvmem_err *err);
/*
 * A socket that listens there, close-on-exec, not blocking. A unix socket gets mode 0660, and one that nobody serves
 * any more is replaced. -errno with err (exit 5; exit 3 where the right is missing).
 */
DRVMEM_MUST_CHECK int drvmem_address__listen(const struct drvmem_address *a, int *ret_fd, struct drvmem_err *err);
/* Bounds what the kernel keeps for clients that do not read; of a listening socket, before or after it listens. */
void drvmem_address__bound(int fd);
/* The address a listening socket has, of inherited ones too. -errno. */
DRVMEM_MUST_CHECK int drvmem_address__of(int fd, struct drvmem_address *ret);
/* "127.0.0.1:10435", "[::1]:10435", "unix:/run/x"; returns buf. */
#define DRVMEM_ADDRESS_LEN	128
const char *drvmem_address__text(const struct sockaddr *sa, socklen_t len, char buf[DRVMEM_ADDRESS_LEN]);

#endif /* DRVMEM_SERVE_ADDRESS_H */
