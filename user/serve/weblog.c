// SPDX-License-Identifier: GPL-2.0-or-later
#include "serve/weblog.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/strbuf.h"

#define STRANGERS	10u
#define LONGEST		400u	/* of a value: a stranger's path may be as long as a header */

void drvmem_weblog__init(struct drvmem_weblog *l, const char *component, enum drvmem_log_level level,
			 enum drvmem_weblog_form form)
{
	memset(l, 0, sizeof(*l));
	l->component = component;
	l->level = level;
	l->form = form;
	l->journal = getenv("JOURNAL_STREAM") != NULL;
}

/* A text between quotation marks, with nothing in it that ends a line or a string. */
static void quote(struct drvmem_strbuf *b, const char *s)
{
	const char *end = s + strnlen(s, LONGEST);
	bool cut = *end;

	drvmem_strbuf__putc(b, '"');
	for (; s < end; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\')
			drvmem_strbuf__printf(b, "\\%c", c);
		else if (c < ' ' || c >= 127)
			drvmem_strbuf__printf(b, "\\u%04x", c);
		else
			drvmem_strbuf__putc(b, (char)c);
	}
	drvmem_strbuf__append(b, cut ? "...\"" : "\"");
}

/* Nothing in it that a reader of lines, or a terminal, takes for something else. */
static bool is_plain(const char *s)
{
	const char *p = s;

	while (*p > ' ' && *p < 127 && !strchr("\"=\\", *p))
		p++;
	return *s && !*p && p - s < 64;
}

static void pair(struct drvmem_strbuf *b, const struct drvmem_weblog *l, const char *key, const char *value)
{
	if (l->form == DRVMEM_WEBLOG_JSON) {
		drvmem_strbuf__printf(b, "%s\"%s\":", b->len && b->s[b->len - 1] != '{' ? "," : "", key);
		quote(b, value);
		return;
	}
	drvmem_strbuf__printf(b, "%s%s=", b->len && b->s[b->len - 1] != '>' ? " " : "", key);
	if (is_plain(value))
		drvmem_strbuf__append(b, value);
	else
		quote(b, value);
}

/*
 * Nobody listens, or the disk is full: the service goes on. A pipe that nobody empties must not hold it up: one that
 * has room takes PIPE_BUF bytes at once.
 */
static void put_text(struct drvmem_weblog *l, const char *text, size_t len)
{
	struct pollfd p = { .fd = STDERR_FILENO, .events = POLLOUT };

	if (poll(&p, 1, 0) == 1 && p.revents & POLLOUT && write(STDERR_FILENO, text, len) == (ssize_t)len)
		return;
	l->lost++;
}

static void put_line(struct drvmem_weblog *l, enum drvmem_log_level level, const char *msg, va_list ap)
{
	static const char *const names[] = { "error", "warn", "info", "debug" };
	static const char *const priority[] = { "<3>", "<4>", "<6>", "<7>" };
	struct drvmem_strbuf b = { 0 };
	const char *key, *value;
	char stamp[40], ms[8], lost[16];
	struct timespec ts;
	struct tm tm;

	clock_gettime(CLOCK_REALTIME, &ts);
	gmtime_r(&ts.tv_sec, &tm);
	strftime(stamp, sizeof(stamp) - sizeof(ms), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(ms, sizeof(ms), ".%03uZ", (unsigned int)(ts.tv_nsec / 1000000) % 1000u);
	strcat(stamp, ms);
	if (l->journal)
		drvmem_strbuf__append(&b, priority[level]);
	if (l->form == DRVMEM_WEBLOG_JSON)
		drvmem_strbuf__putc(&b, '{');
	pair(&b, l, "time", stamp);
	pair(&b, l, "level", names[level]);
	pair(&b, l, "component", l->component);
	pair(&b, l, "msg", msg);
	if (l->lost) {
		snprintf(lost, sizeof(lost), "%u", l->lost);
		pair(&b, l, "lines_lost_so_far", lost);
	}
	while ((key = va_arg(ap, const char *))) {
		value = va_arg(ap, const char *);
		if (value)
			pair(&b, l, key, value);
	}
	drvmem_strbuf__append(&b, l->form == DRVMEM_WEBLOG_JSON ? "}\n" : "\n");
	if (!drvmem_strbuf__error(&b))
		put_text(l, b.s, b.len);
	drvmem_strbuf__deinit(&b);
}

void drvmem_weblog(struct drvmem_weblog *l, enum drvmem_log_level level, const char *msg, ...)
{
	va_list ap;

	if (level > l->level)
		return;
	va_start(ap, msg);
	put_line(l, level, msg, ap);
	va_end(ap);
}

void drvmem_weblog__stranger(struct drvmem_weblog *l, enum drvmem_log_level level, const char *msg, ...)
{
	uint64_t now = drvmem_now_ns();
	char n[16];
	va_list ap;

	if (level > l->level)
		return;
	if (now - l->second_ns >= 1000000000u) {
		l->second_ns = now;
		l->in_second = 0;
		snprintf(n, sizeof(n), "%u", l->left_out);
		if (l->left_out)
			drvmem_weblog(l, DRVMEM_LOG_WARN, "lines about clients were left out", "lines", n, NULL);
		l->left_out = 0;
	}
	if (l->in_second++ >= STRANGERS) {
		l->left_out++;
		return;
	}
	va_start(ap, msg);
	put_line(l, level, msg, ap);
	va_end(ap);
}
