/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The HTTP side: libmicrohttpd in one thread, documents from memory. Runs in the web process, which has no rights
 * and no files. What it is asked for it never fetches: the last documents that arrived are what there is.
 */
#ifndef DRVMEM_SERVE_HTTP_H
#define DRVMEM_SERVE_HTTP_H

#include <stdbool.h>
#include <stdint.h>

#include "serve/auth.h"
#include "serve/doc.h"
#include "serve/negotiate.h"
#include "serve/webconfig.h"
#include "serve/weblog.h"

struct drvmem_http;

/* The PEM texts of the configuration; NULL = none. Belong to the server. */
struct drvmem_http_secrets {
	char *cert, *key, *ca;
};

/* Overwrites the key. */
void drvmem_http_secrets__deinit(struct drvmem_http_secrets *s);

/* Takes copies of the settings; config and secrets become its own, also on failure. NULL: err. */
struct drvmem_http *drvmem_http__new(const struct drvmem_web_settings *s, struct drvmem_weblog *log,
				     struct drvmem_webconfig *config, struct drvmem_http_secrets *secrets,
				     struct drvmem_err *err);
void drvmem_http__free(struct drvmem_http *h);
/* Serves a listening socket, which becomes its own. -errno with err. */
DRVMEM_MUST_CHECK int drvmem_http__add(struct drvmem_http *h, int fd, struct drvmem_err *err);
/* Another configuration; connections end. On failure the old one stays. -errno with err. */
DRVMEM_MUST_CHECK int drvmem_http__configure(struct drvmem_http *h, struct drvmem_webconfig *config,
					     struct drvmem_http_secrets *secrets, struct drvmem_err *err);
/* A document (DRVMEM_WEB_TEXT ...) in place of the one before; becomes its own. */
void drvmem_http__document(struct drvmem_http *h, enum drvmem_web_msg kind, struct drvmem_doc *d);
/* The fds to poll for reading, and the wait in ms at most. ret: room for 8 of them. */
uint32_t drvmem_http__fds(const struct drvmem_http *h, int *ret_fds, int *ret_timeout_ms);
/* What is there to do. */
void drvmem_http__run(struct drvmem_http *h);

#endif /* DRVMEM_SERVE_HTTP_H */
