/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Documents between the process that traces and the one that speaks HTTP: a sealed memfd with a table of sections
 * in front, passed over a SOCK_SEQPACKET pair. The web process has no other view of the machine.
 */
#ifndef DRVMEM_SERVE_DOC_H
#define DRVMEM_SERVE_DOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "serve/webconfig.h"

#define DRVMEM_WEB_SECTIONS	16
#define DRVMEM_WEB_NAME		24
#define DRVMEM_WEB_MAX_FDS	16
#define DRVMEM_WEB_DOC_MAX	(256u << 20)

/* What is sent, by either side. */
enum drvmem_web_msg {
	DRVMEM_WEB_START = 1,	/* struct drvmem_web_settings; fds: the listening sockets */
	DRVMEM_WEB_CONFIG,	/* a document of DRVMEM_WEB_NR_CONFIG sections */
	DRVMEM_WEB_TEXT,	/* documents: Prometheus text, a section for each collector */
	DRVMEM_WEB_OPENMETRICS,	/* the same without "# EOF" */
	DRVMEM_WEB_PROFILE,	/* one section, gzip */
	DRVMEM_WEB_REPORT,	/* one section, JSON */
	DRVMEM_WEB_READY,	/* web: serves from now on */
	DRVMEM_WEB_REFUSED,	/* web: the configuration cannot be used: a text */
	DRVMEM_WEB_CONFIGURED,	/* web: the new configuration is in force */
};

/* Sections of DRVMEM_WEB_CONFIG; empty = not given. */
enum { DRVMEM_WEB_CONF_YAML, DRVMEM_WEB_CONF_CERT, DRVMEM_WEB_CONF_KEY, DRVMEM_WEB_CONF_CA, DRVMEM_WEB_NR_CONFIG };

struct drvmem_web_settings {
	char telemetry_path[128];
	char version[64];
	uint64_t interval_ns;		/* from one document to the next */
	uint32_t max_requests;		/* connections at once */
	bool profiles, api;		/* these paths exist */
	bool own_metrics;		/* add the figures of the web process */
	uint8_t log_level, log_form;	/* base/log's, serve/weblog's */
};

struct drvmem_doc_section {
	char name[DRVMEM_WEB_NAME];
	uint64_t off, len;		/* in the file */
};

/* A document as it was received: mapped for reading. */
struct drvmem_doc {
	const char *map;
	size_t size;
	uint64_t taken_ns;		/* CLOCK_MONOTONIC */
	uint32_t nr;
	struct drvmem_doc_section s[DRVMEM_WEB_SECTIONS];
};

struct drvmem_doc_part {
	const char *name;
	const void *data;
	size_t len;
};

/* A sealed memfd of the parts. -errno. */
DRVMEM_MUST_CHECK int drvmem_doc__make(const struct drvmem_doc_part *parts, uint32_t nr, uint64_t taken_ns, int *ret_fd);
/* Maps what fd holds; the fd stays the caller's. -EBADMSG: no document. */
DRVMEM_MUST_CHECK int drvmem_doc__map(int fd, struct drvmem_doc *ret);
void drvmem_doc__unmap(struct drvmem_doc *d);
/* Its section of that name, or NULL. */
const struct drvmem_doc_section *drvmem_doc__section(const struct drvmem_doc *d, const char *name);

/* One message, with up to DRVMEM_WEB_MAX_FDS file descriptors, which stay the caller's. -errno; -EAGAIN: full. */
DRVMEM_MUST_CHECK int drvmem_webmsg__send(int sock, enum drvmem_web_msg type, const void *data, size_t len,
					  const int *fds, uint32_t nr_fds);
struct drvmem_webmsg {
	uint32_t type;			/* enum drvmem_web_msg */
	uint32_t nr_fds;
	int fds[DRVMEM_WEB_MAX_FDS];	/* the receiver closes them */
	size_t len;
	char data[1024];		/* NUL-terminated */
};
/* Closes what came with it, for whoever has no use for it. */
void drvmem_webmsg__close_fds(struct drvmem_webmsg *m);
/* 1, 0 at the end of the stream, -EAGAIN, -errno. */
DRVMEM_MUST_CHECK int drvmem_webmsg__receive(int sock, struct drvmem_webmsg *ret);

#endif /* DRVMEM_SERVE_DOC_H */
