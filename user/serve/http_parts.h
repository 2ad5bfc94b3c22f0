/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What http.c (sockets, time) and answer.c (requests) of the web process share. */
#ifndef DRVMEM_SERVE_HTTP_PARTS_H
#define DRVMEM_SERVE_HTTP_PARTS_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stdint.h>

#include "serve/http.h"
#include "serve/webmetrics.h"

#define DRVMEM_HTTP_DAEMONS	8u

#if MHD_VERSION >= 0x00097002
typedef enum MHD_Result drvmem_mhd;
#else
typedef int drvmem_mhd;
#endif

/* A document and who uses it: a response may outlive the next document. */
struct drvmem_shared_doc {
	struct drvmem_doc d;
	uint32_t users;
};

struct drvmem_conn {
	struct MHD_Connection *c;
	int fd;
	uint64_t since_ns;		/* of the connection, or of the end of its last request */
	bool in_request;		/* its header is complete, its answer not */
	bool asked;			/* a request was answered */
	struct drvmem_listener *at;
	uint64_t host;			/* of the client: IPv4, or the network of an IPv6 address; 0 = a unix socket */
	bool ended;			/* shut down: libmicrohttpd will close it */
};

struct drvmem_http;
/* What callbacks of one listening socket are told. */
struct drvmem_listener {
	struct drvmem_http *h;
	uint32_t connections;
};

struct drvmem_http {
	struct drvmem_web_settings s;
	struct drvmem_weblog *log;
	struct drvmem_webconfig config;
	struct drvmem_http_secrets secrets;
	struct drvmem_auth auth;
	struct MHD_Daemon *daemons[DRVMEM_HTTP_DAEMONS];
	int listening[DRVMEM_HTTP_DAEMONS];
	struct drvmem_listener at[DRVMEM_HTTP_DAEMONS];
	uint32_t nr_daemons;
	struct drvmem_shared_doc *docs[DRVMEM_WEB_REPORT + 1];
	struct drvmem_conn *conns;	/* [max_conns]; c NULL = free */
	uint32_t max_conns;
	uint64_t next_sweep_ns;
	uint64_t rate_ns, rate_tokens;	/* of rate_limit */
	struct drvmem_http_own own;
};

/* libmicrohttpd's MHD_AccessHandlerCallback; cls is the struct drvmem_http. */
drvmem_mhd drvmem_http__answer(void *cls, struct MHD_Connection *c, const char *url, const char *method,
			       const char *version, const char *upload, size_t *upload_len, void **con_cls);
/* Are so many places taken that who asks nothing, or does not read, has to go, and connections end with the answer? */
bool drvmem_http__crowded(const struct drvmem_listener *at);
void drvmem_shared_doc__put(struct drvmem_shared_doc *d);

#endif /* DRVMEM_SERVE_HTTP_PARTS_H */
