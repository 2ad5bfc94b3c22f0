// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/strbuf.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void drvmem_strbuf__deinit(struct drvmem_strbuf *b)
{
	free(b->s);
	memset(b, 0, sizeof(*b));
}

void drvmem_strbuf__reset(struct drvmem_strbuf *b)
{
	b->len = 0;
	b->oom = false;
	if (b->s)
		b->s[0] = '\0';
}

/* Room for extra bytes and the NUL. */
static bool reserve(struct drvmem_strbuf *b, size_t extra)
{
	size_t need, cap;
	char *p;

	if (b->oom)
		return false;
	if (extra > SIZE_MAX / 4 || b->len > SIZE_MAX / 4) {
		b->oom = true;
		return false;
	}
	need = b->len + extra + 1;
	if (need <= b->cap)
		return true;
	cap = b->cap + b->cap / 2 + 64;
	if (cap < need)
		cap = need;
	p = realloc(b->s, cap);
	if (!p) {
		b->oom = true;
		return false;
	}
	b->s = p;
	b->cap = cap;
	return true;
}

void drvmem_strbuf__appendn(struct drvmem_strbuf *b, const char *text, size_t len)
{
	if (!len || !reserve(b, len))
		return;
	memcpy(b->s + b->len, text, len);
	b->len += len;
	b->s[b->len] = '\0';
}

void drvmem_strbuf__append(struct drvmem_strbuf *b, const char *text)
{
	drvmem_strbuf__appendn(b, text, strlen(text));
}

void drvmem_strbuf__putc(struct drvmem_strbuf *b, char c)
{
	drvmem_strbuf__appendn(b, &c, 1);
}

void drvmem_strbuf__fill(struct drvmem_strbuf *b, char c, size_t n)
{
	if (!n || !reserve(b, n))
		return;
	memset(b->s + b->len, c, n);
	b->len += n;
	b->s[b->len] = '\0';
}

void drvmem_strbuf__vprintf(struct drvmem_strbuf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	if (n < 0)
		b->oom = true;
	else if (reserve(b, (size_t)n)) {
		vsnprintf(b->s + b->len, (size_t)n + 1, fmt, again);
		b->len += (size_t)n;
	}
	va_end(again);
}

void drvmem_strbuf__printf(struct drvmem_strbuf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	drvmem_strbuf__vprintf(b, fmt, ap);
	va_end(ap);
}

const char *drvmem_strbuf__str(const struct drvmem_strbuf *b)
{
	return b->s ? b->s : "";
}

int drvmem_strbuf__error(const struct drvmem_strbuf *b)
{
	return b->oom ? -ENOMEM : 0;
}

char *drvmem_strbuf__steal(struct drvmem_strbuf *b)
{
	char *s;

	/* an empty buffer still gives a string to free */
	if (!reserve(b, 0)) {
		drvmem_strbuf__deinit(b);
		return NULL;
	}
	b->s[b->len] = '\0';
	s = b->s;
	memset(b, 0, sizeof(*b));
	return s;
}
