/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * drvmem serve: traces on, and hands the web process a new set of documents every interval. A scrape never makes
 * the kernel be read. Command layer.
 */
#ifndef DRVMEM_SERVING_H
#define DRVMEM_SERVING_H

#include "common.h"
#include "expose.h"
#include "poolwatch.h"
#include "serve/notify.h"
#include "serve/weblog.h"
#include "webproc.h"

struct drvmem_serving_opts {
	struct drvmem_common common;
	struct drvmem_strlist addresses;
	const char *telemetry_path, *config_file;
	uint64_t interval_ns, max_requests;
	bool systemd_socket, no_exporter_metrics, insecure, keep_rights;
	int log_level, log_form;
	struct drvmem_expose_opts expose;
};

extern const char *const drvmem_serving_levels[], *const drvmem_serving_forms[];

struct drvmem_serving {
	struct drvmem_tracing t;	/* first: trace() finds the rest by it */
	const struct drvmem_serving_opts *o;
	struct drvmem_weblog log;
	struct drvmem_webproc web;
	struct drvmem_notify notify;
	struct drvmem_expose expose;
	bool lowered, ready;
	uint32_t reloads;
	uint64_t next_life_ns;		/* of the watchdog */
	uint64_t lost;			/* events, as last told */
	uint64_t lost_told_ns;
	uint32_t failed;		/* intervals without figures since that was last told */
	uint64_t failed_told_ns;
	bool sampled;			/* it cost too much */
	bool walk_told;			/* that our walk of stacks was switched off */
	uint32_t owners;		/* of the last snapshot */
	struct drvmem_trace *trace;	/* during the try of lower rights */
};

/* For drvmem_tracing.trace. */
DRVMEM_MUST_CHECK int drvmem_serving__trace(struct drvmem_tracing *t, const struct drvmem_args *args, int *ret_signal,
					    struct drvmem_err *err);

#endif /* DRVMEM_SERVING_H */
