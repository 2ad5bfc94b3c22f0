/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Growable string with a sticky error: append freely, check once at the end.
 * After an ENOMEM every append is a no-op and __error() says so; the text kept
 * is then a prefix. Zero-initialised is valid and empty.
 */
#ifndef DRVMEM_BASE_STRBUF_H
#define DRVMEM_BASE_STRBUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct drvmem_strbuf {
	char *s;	/* NULL while empty; else NUL-terminated; use __str() */
	size_t len, cap;
	bool oom;
};

void drvmem_strbuf__deinit(struct drvmem_strbuf *b);
/* Empties the text and the error, keeps the memory. */
void drvmem_strbuf__reset(struct drvmem_strbuf *b);
void drvmem_strbuf__append(struct drvmem_strbuf *b, const char *text);
void drvmem_strbuf__appendn(struct drvmem_strbuf *b, const char *text, size_t len);
void drvmem_strbuf__putc(struct drvmem_strbuf *b, char c);
/* n times c. */
void drvmem_strbuf__fill(struct drvmem_strbuf *b, char c, size_t n);
void drvmem_strbuf__printf(struct drvmem_strbuf *b, const char *fmt, ...) DRVMEM_PRINTF(2, 3);
void drvmem_strbuf__vprintf(struct drvmem_strbuf *b, const char *fmt, va_list ap)
	DRVMEM_PRINTF(2, 0);
/* Never NULL. Valid until the next change. */
const char *drvmem_strbuf__str(const struct drvmem_strbuf *b);
/* 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_strbuf__error(const struct drvmem_strbuf *b);
/* Text for the caller to free(), buffer empty again; NULL after an error. */
char *drvmem_strbuf__steal(struct drvmem_strbuf *b);

#define _cleanup_strbuf_ __attribute__((cleanup(drvmem_strbuf__deinit)))

#endif /* DRVMEM_BASE_STRBUF_H */
