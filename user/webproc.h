/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The web process as the tracing one sees it: started from our own file, so that it holds nothing of our memory,
 * given the listening sockets, its configuration and documents; started again when it dies. Command layer.
 */
#ifndef DRVMEM_WEBPROC_H
#define DRVMEM_WEBPROC_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "serve/address.h"
#include "serve/doc.h"
#include "serve/weblog.h"

struct drvmem_webproc {
	struct drvmem_web_settings settings;
	const char *config_path;	/* NULL = none */
	struct drvmem_weblog *log;
	int listening[DRVMEM_SERVE_ADDRESSES];
	uint32_t nr_listening;
	bool inherited;			/* they are somebody else's to remove */
	pid_t pid;			/* 0 = none runs */
	int sock;			/* -1 */
	bool ready;
	uint32_t starts;
	uint64_t again_ns;		/* when to start it, or to look at its configuration, again */
	uint64_t backoff_ns;		/* from one start to the next, longer each time it dies at once */
	char *watched[4];		/* the configuration's file and those that it names */
	uint64_t config_seen;		/* of their st_mtime, when they were read */
	bool reload_due;
	bool must_guard;		/* somebody else can reach it: no configuration without passwords or TLS */
	int config_fd, sent_fd;		/* documents: the configuration in force, and one that is not answered yet; -1 */
	int last[DRVMEM_WEB_REPORT + 1];	/* the last document of each kind, for one that starts; -1 */
	uint32_t unsent;		/* documents that were not made or not taken since that was last told */
	uint64_t unsent_told_ns;
};

void drvmem_webproc__init(struct drvmem_webproc *w, struct drvmem_weblog *log);
/*
 * Listens at the addresses: nr 0 = 127.0.0.1 only; inherited sockets (from fd 3 on) come in their place. One that
 * others can reach needs a configuration that guards, or insecure. -errno with err.
 */
DRVMEM_MUST_CHECK int drvmem_webproc__listen(struct drvmem_webproc *w, const char *const *addresses, uint32_t nr,
					     uint32_t nr_inherited, bool insecure, struct drvmem_err *err);
/* Starts it and waits until it serves, or says why not. Before tracing. -errno with err. */
DRVMEM_MUST_CHECK int drvmem_webproc__start(struct drvmem_webproc *w, struct drvmem_err *err);
/* A document; data is copied. What cannot be sent now is counted, and the next one comes soon. */
void drvmem_webproc__document(struct drvmem_webproc *w, enum drvmem_web_msg kind, const struct drvmem_doc_part *parts,
			      uint32_t nr, uint64_t taken_ns);
/* To be called ten times a second: what it says, whether it lives, whether its configuration changed (or reload). */
void drvmem_webproc__attend(struct drvmem_webproc *w, bool reload);
/* Can its configuration be read with the rights of now? For a child that tries fewer. */
bool drvmem_webproc__can_configure(struct drvmem_webproc *w);
void drvmem_webproc__stop(struct drvmem_webproc *w);

#endif /* DRVMEM_WEBPROC_H */
