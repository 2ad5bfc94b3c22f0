// SPDX-License-Identifier: GPL-2.0-or-later
#include "render/xml.h"

#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include "render/utf8.h"

#define REPLACEMENT "\xef\xbf\xbd"

/* Char of the XML 1.0 recommendation, 2.2. Surrogates are no UTF-8. */
static bool is_char(uint32_t cp)
{
	if (cp == DRVMEM_UTF8_INVALID || cp == 0xfffe || cp == 0xffff)
		return false;
	return cp >= 0x20 || cp == '\t' || cp == '\n' || cp == '\r';
}

static void put_char(FILE *out, const char *s, size_t n, uint32_t cp, bool attr)
{
	if (!is_char(cp))
		fputs(REPLACEMENT, out);
	else if (cp == '<')
		fputs("&lt;", out);
	else if (cp == '>')	/* "]]>" may not stand in text */
		fputs("&gt;", out);
	else if (cp == '&')
		fputs("&amp;", out);
	else if (cp == '"' && attr)
		fputs("&quot;", out);
	else if (cp == '\r' || (attr && (cp == '\n' || cp == '\t')))	/* a reader would make others of them */
		fprintf(out, "&#%u;", (unsigned int)cp);
	else
		fwrite(s, 1, n, out);
}

static void put(FILE *out, const char *text, bool attr)
{
	size_t len = strlen(text), n;
	uint32_t cp;

	for (; len; text += n, len -= n) {
		n = drvmem_utf8__next(text, len, &cp);
		put_char(out, text, n, cp, attr);
	}
}

void drvmem_xml__text(FILE *out, const char *text)
{
	if (text)
		put(out, text, false);
}

void drvmem_xml__attr(FILE *out, const char *name, const char *value)
{
	if (!value)
		return;
	fprintf(out, " %s=\"", name);
	put(out, value, true);
	putc('"', out);
}

void drvmem_xml__attrf(FILE *out, const char *name, const char *fmt, ...)
{
	char value[128];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(value, sizeof(value), fmt, ap);
	va_end(ap);
	drvmem_xml__attr(out, name, value);
}
