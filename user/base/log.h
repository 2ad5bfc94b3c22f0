/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Talk for people, on stderr, by level. Only cmd_* and main use it; layers below
 * return errors. Its level is one of the two mutable globals of the program.
 */
#ifndef DRVMEM_BASE_LOG_H
#define DRVMEM_BASE_LOG_H

#include <stdarg.h>

#include "base/err.h"

enum drvmem_log_level {
	DRVMEM_LOG_ERROR = 0,
	DRVMEM_LOG_WARN,	/* default */
	DRVMEM_LOG_INFO,	/* -v */
	DRVMEM_LOG_DEBUG,	/* -vv, with libbpf's own messages */
};

void drvmem_log__set_level(enum drvmem_log_level level);
enum drvmem_log_level drvmem_log__level(void);
/* One line "drvmem: text\n"; a newline is added when missing. */
void drvmem_log(enum drvmem_log_level level, const char *fmt, ...) DRVMEM_PRINTF(2, 3);
void drvmem_vlog(enum drvmem_log_level level, const char *fmt, va_list ap) DRVMEM_PRINTF(2, 0);

#define drvmem_log_error(...) drvmem_log(DRVMEM_LOG_ERROR, __VA_ARGS__)
#define drvmem_log_warn(...) drvmem_log(DRVMEM_LOG_WARN, __VA_ARGS__)
#define drvmem_log_info(...) drvmem_log(DRVMEM_LOG_INFO, __VA_ARGS__)
#define drvmem_log_debug(...) drvmem_log(DRVMEM_LOG_DEBUG, __VA_ARGS__)

#endif /* DRVMEM_BASE_LOG_H */
