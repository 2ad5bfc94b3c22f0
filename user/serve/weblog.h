/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines of a service on stderr: logfmt or JSON, one write each, with the journal's priority in front where stderr
 * is the journal. What strangers can cause is limited to a few lines a second; how many were left out is told.
 */
#ifndef DRVMEM_SERVE_WEBLOG_H
#define DRVMEM_SERVE_WEBLOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/log.h"

enum drvmem_weblog_form { DRVMEM_WEBLOG_LOGFMT = 0, DRVMEM_WEBLOG_JSON };

struct drvmem_weblog {
	enum drvmem_log_level level;
	enum drvmem_weblog_form form;
	const char *component;		/* "trace", "web" */
	bool journal;
	uint64_t second_ns;		/* of what strangers cause */
	uint32_t in_second, left_out;
	uint32_t lost;			/* lines that could not be written */
};

/* Asks the environment whether stderr is the journal. */
void drvmem_weblog__init(struct drvmem_weblog *l, const char *component, enum drvmem_log_level level,
			 enum drvmem_weblog_form form);
/* A line: msg, then pairs of key and text, ended by NULL. A value NULL leaves its key out. */
void drvmem_weblog(struct drvmem_weblog *l, enum drvmem_log_level level, const char *msg, ...)
	__attribute__((sentinel));
/* The same of what strangers cause: at most ten lines a second. */
void drvmem_weblog__stranger(struct drvmem_weblog *l, enum drvmem_log_level level, const char *msg, ...)
	__attribute__((sentinel));

#endif /* DRVMEM_SERVE_WEBLOG_H */
