// SPDX-License-Identifier: GPL-2.0-or-later
#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "render/json_writer.h"
#include "render/utf8.h"

void drvmem_json__init(struct drvmem_json *w, FILE *out)
{
	*w = (struct drvmem_json){ .out = out };
}

/* Before any value or key: the comma that separates it from the one before. */
static void separate(struct drvmem_json *w)
{
	uint64_t bit = 1ULL << w->depth;

	if (w->after_key) {
		w->after_key = false;
		return;
	}
	if (w->has_item & bit)
		putc(',', w->out);
	w->has_item |= bit;
}

static void open_level(struct drvmem_json *w, char c)
{
	separate(w);
	putc(c, w->out);
	assert(w->depth < DRVMEM_JSON_MAX_DEPTH);
	w->depth++;
	w->has_item &= ~(1ULL << w->depth);
}

static void close_level(struct drvmem_json *w, char c)
{
	assert(w->depth > 0 && !w->after_key);
	w->depth--;
	putc(c, w->out);
}

void drvmem_json__begin_object(struct drvmem_json *w)
{
	open_level(w, '{');
}

void drvmem_json__end_object(struct drvmem_json *w)
{
	close_level(w, '}');
}

void drvmem_json__begin_array(struct drvmem_json *w)
{
	open_level(w, '[');
}

void drvmem_json__end_array(struct drvmem_json *w)
{
	close_level(w, ']');
}

static void put_escaped(FILE *out, const char *s, size_t n, uint32_t cp)
{
	static const char shorts[] = "btn\0fr";	/* \b \t \n - \f \r from 0x08 */

	if (cp == DRVMEM_UTF8_INVALID)
		fputs("\\ufffd", out);
	else if (cp == '"' || cp == '\\')
		fprintf(out, "\\%c", (char)cp);
	else if (cp >= 0x08 && cp <= 0x0d && shorts[cp - 0x08])
		fprintf(out, "\\%c", shorts[cp - 0x08]);
	else if (cp < 0x20 || cp == 0x7f)
		fprintf(out, "\\u%04x", (unsigned int)cp);
	else
		fwrite(s, 1, n, out);
}

/* How many bytes from here on stand for themselves. */
static size_t plain(const char *s)
{
	size_t n = 0;

	while (s[n] >= 0x20 && s[n] < 0x7f && s[n] != '"' && s[n] != '\\')
		n++;
	return n;
}

/* Nearly all is plain: in one piece. */
static void put_string(FILE *out, const char *text)
{
	size_t len = strlen(text), n;
	uint32_t cp;

	putc('"', out);
	for (; len; text += n, len -= n) {
		n = plain(text);
		if (n) {
			fwrite(text, 1, n, out);
			continue;
		}
		n = drvmem_utf8__next(text, len, &cp);
		put_escaped(out, text, n, cp);
	}
	putc('"', out);
}

void drvmem_json__key(struct drvmem_json *w, const char *key)
{
	assert(!w->after_key);
	separate(w);
	put_string(w->out, key);
	putc(':', w->out);
	w->after_key = true;
}

void drvmem_json__str(struct drvmem_json *w, const char *text)
{
	if (!text) {
		drvmem_json__null(w);
		return;
	}
	separate(w);
	put_string(w->out, text);
}

void drvmem_json__u64(struct drvmem_json *w, uint64_t v)
{
	separate(w);
	fprintf(w->out, "%" PRIu64, v);
}

void drvmem_json__i64(struct drvmem_json *w, int64_t v)
{
	separate(w);
	fprintf(w->out, "%" PRId64, v);
}

/* The shorter of the two forms that reads back as the same number. */
void drvmem_json__double(struct drvmem_json *w, double v)
{
	char buf[40];

	if (!isfinite(v)) {
		drvmem_json__null(w);
		return;
	}
	separate(w);
	snprintf(buf, sizeof(buf), "%.15g", v);
	if (strtod(buf, NULL) != v)
		snprintf(buf, sizeof(buf), "%.17g", v);
	fputs(buf, w->out);
}

void drvmem_json__bool(struct drvmem_json *w, bool v)
{
	separate(w);
	fputs(v ? "true" : "false", w->out);
}

void drvmem_json__null(struct drvmem_json *w)
{
	separate(w);
	fputs("null", w->out);
}

void drvmem_json__kv_str(struct drvmem_json *w, const char *key, const char *text)
{
	drvmem_json__key(w, key);
	drvmem_json__str(w, text);
}

void drvmem_json__kv_u64(struct drvmem_json *w, const char *key, uint64_t v)
{
	drvmem_json__key(w, key);
	drvmem_json__u64(w, v);
}

void drvmem_json__kv_i64(struct drvmem_json *w, const char *key, int64_t v)
{
	drvmem_json__key(w, key);
	drvmem_json__i64(w, v);
}

void drvmem_json__kv_double(struct drvmem_json *w, const char *key, double v)
{
	drvmem_json__key(w, key);
	drvmem_json__double(w, v);
}

void drvmem_json__kv_bool(struct drvmem_json *w, const char *key, bool v)
{
	drvmem_json__key(w, key);
	drvmem_json__bool(w, v);
}

void drvmem_json__kv_missing(struct drvmem_json *w, const char *key, const char *why)
{
	char name[96];

	drvmem_json__key(w, key);
	drvmem_json__null(w);
	snprintf(name, sizeof(name), "%s_reason", key);
	drvmem_json__kv_str(w, name, why);
}
