// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/kmsg.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

/*
 * kernel/printk/printk.c: a read gives one record, and fails when it does not fit; 8192 is
 * CONSOLE_EXT_LOG_MAX, PRINTK_MESSAGE_MAX was larger for a while.
 */
#define BUFFER		32768u
#define RULE		"=========="
#define RECORDS_MAX	400u	/* of one report: what comes later is another's */

struct drvmem_kmsg {
	int fd;
	struct drvmem_kmsg_parser parser;
	size_t len;		/* of a line that is not whole yet */
	char buf[BUFFER];
};

/* ---- one line ---- */

static const char *after(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) ? NULL : text + strlen(prefix);
}

/* "\x0a" and the like, as msg_add_ext_text() writes what cannot be printed. */
static size_t unescape(struct drvmem_span text, char *buf, size_t size)
{
	size_t i, n = 0;
	uint64_t code;

	for (i = 0; i < text.n && n + 1 < size; i++) {
		if (text.s[i] == '\\' && text.n - i >= 4 && text.s[i + 1] == 'x' &&
		    !drvmem_span__hex((struct drvmem_span){ text.s + i + 2, 2 }, &code)) {
			buf[n++] = (char)code;
			i += 3;
		} else {
			buf[n++] = text.s[i];
		}
		if (!buf[n - 1])
			buf[n - 1] = '?';
	}
	buf[n] = '\0';
	return n;
}

static void copy(char *to, const char *from, size_t len)
{
	if (len >= DRVMEM_KREPORT_TEXT)
		len = DRVMEM_KREPORT_TEXT - 1;
	memcpy(to, from, len);
	to[len] = '\0';
}

/*
 * "func+0x12/0x34 [mod]" becomes "func+0x12 [mod]"; also with a build id in the brackets. The
 * length in text, 0: no frame. ret may be NULL.
 */
static size_t read_frame(const char *text, char *ret, struct drvmem_span *ret_module)
{
	size_t word = strcspn(text, " "), name, len;
	const char *plus = memchr(text, '+', word), *slash = plus ? memchr(plus, '/', word - (size_t)(plus - text)) : NULL;

	*ret_module = (struct drvmem_span){ NULL, 0 };
	if (!slash || plus == text || strncmp(plus, "+0x", 3) || strncmp(slash, "/0x", 3))
		return 0;
	len = (size_t)(slash - text);
	if (text[word] != ' ' || text[word + 1] != '[' || !strchr(text + word, ']')) {
		copy(ret, text, len);
		return word;
	}
	name = strcspn(text + word + 2, " ]");
	*ret_module = (struct drvmem_span){ text + word + 2, name };
	if (len > DRVMEM_KREPORT_TEXT / 2)
		len = DRVMEM_KREPORT_TEXT / 2;
	if (name > DRVMEM_KREPORT_NAME)
		name = DRVMEM_KREPORT_NAME;
	memcpy(ret, text, len);
	ret[len] = ' ';
	ret[len + 1] = '[';
	memcpy(ret + len + 2, text + word + 2, name);
	ret[len + 2 + name] = ']';
	ret[len + 3 + name] = '\0';
	return word + strcspn(text + word, "]") + 1;
}

static bool is_frame(const char *text)
{
	char frame[DRVMEM_KREPORT_TEXT];
	struct drvmem_span module;

	return read_frame(text, frame, &module) != 0;
}

static void add_frame(struct drvmem_kmsg_printer *p, const char *text)
{
	struct drvmem_kreport *r = &p->cur;
	char frame[DRVMEM_KREPORT_TEXT];
	struct drvmem_span module;

	if (!read_frame(text, frame, &module))
		return;
	if (module.n)
		drvmem_kreport__add_module(r, module.s, module.n);
	if (r->nr_frames < DRVMEM_KREPORT_FRAMES)
		strcpy(r->frame[r->nr_frames++], frame);
}

/* ---- reports ---- */

static int finish_one(struct drvmem_kmsg_printer *p, struct drvmem_kreports *out)
{
	if (!p->open)
		return 0;
	p->open = p->ruled = false;
	return drvmem_kreports__add(out, &p->cur);
}

int drvmem_kmsg__finish(struct drvmem_kmsg_parser *p, struct drvmem_kreports *out)
{
	uint32_t i;
	int e = 0;

	for (i = 0; i < DRVMEM_KMSG_OPEN && !e; i++)
		e = finish_one(&p->printer[i], out);
	return e;
}

static void begin(struct drvmem_kmsg_printer *p, enum drvmem_kreport_kind kind, const char *what, size_t len)
{
	memset(&p->cur, 0, sizeof(p->cur));
	p->cur.kind = kind;
	copy(p->cur.what, what, len);
	p->open = true;
	p->in_trace = p->ruled = false;
	p->records = 0;
}

/* "use-after-free read in func+0x12/0x34 [mod]" */
static void begin_bug(struct drvmem_kmsg_printer *p, enum drvmem_kreport_kind kind, const char *text)
{
	const char *in = NULL, *at = text;
	struct drvmem_span module;

	while ((at = strstr(at, " in ")))
		in = at++;
	begin(p, kind, text, in ? (size_t)(in - text) : strcspn(text, "\n"));
	if (!in)
		return;
	if (!read_frame(in + 4, p->cur.where, &module))
		copy(p->cur.where, in + 4, strcspn(in + 4, "\n"));
	if (module.n)
		drvmem_kreport__add_module(&p->cur, module.s, module.n);
}

/*
 * mm/slub.c, slab_bug(): "BUG kmalloc-64 (Tainted: G    B): Right Redzone overwritten"; newer ones say
 * "Object corrupt" there, and what it is in a record before, "[Right Redzone overwritten] 0x...".
 */
static bool begin_slub(struct drvmem_kmsg_printer *p, const char *before, const char *text)
{
	const char *state = strstr(text, " ("), *end = state ? strstr(state, "): ") : NULL;
	const char *what = end ? end + 3 : NULL;

	if (!end || (strncmp(state, " (Tainted", 9) && strncmp(state, " (Not tainted", 13)))
		return false;
	if (before[0] && after(what, "Object corrupt"))
		what = before;
	begin(p, DRVMEM_KREPORT_SLUB, what, strcspn(what, "\n"));
	copy(p->cur.where, text, (size_t)(state - text));
	return true;
}

/* lib/fault-inject.c, fail_dump(): two lines in one record. */
static void begin_injected(struct drvmem_kmsg_printer *p, const char *text)
{
	const char *name = strstr(text, "name ");

	name = name ? name + strlen("name ") : "";
	begin(p, DRVMEM_KREPORT_INJECTED, name, strcspn(name, ", \n"));
}

/* Does a report begin here? Its title into ret, whose printer had the text `before` just before. */
static bool read_title(const char *text, const char *before, struct drvmem_kmsg_printer *ret)
{
	const char *rest;

	if ((rest = after(text, "BUG: KFENCE: ")))
		begin_bug(ret, DRVMEM_KREPORT_KFENCE, rest);
	else if ((rest = after(text, "BUG: KASAN: ")))
		begin_bug(ret, DRVMEM_KREPORT_KASAN, rest);
	else if ((rest = after(text, "FAULT_INJECTION: forcing a failure.")))
		begin_injected(ret, rest);
	else
		return (rest = after(text, "BUG ")) && begin_slub(ret, before, rest);
	return true;
}

/* A rule is before and behind those of KFENCE and KASAN; before one of SLUB, too. */
static bool is_ruled_kind(const struct drvmem_kmsg_printer *p)
{
	return p->cur.kind == DRVMEM_KREPORT_KFENCE || p->cur.kind == DRVMEM_KREPORT_KASAN;
}

/* KFENCE and KASAN end with a rule, SLUB with what it did, a dump of a stack with what is no frame of it. */
static bool is_end(const struct drvmem_kmsg_printer *p, const char *text)
{
	if (p->records > RECORDS_MAX || after(text, RULE))
		return true;
	if (p->cur.kind == DRVMEM_KREPORT_SLUB)
		return after(text, "FIX ") != NULL;
	if (p->cur.kind != DRVMEM_KREPORT_INJECTED)
		return false;
	return after(text, "</TASK>") || (p->in_trace && text[0] != '<' && !after(text, "? ") && !is_frame(text));
}

/* ---- who prints ---- */

/* The printer of that caller with a report, or what came before one; NULL = none. */
static struct drvmem_kmsg_printer *printer_of(struct drvmem_kmsg_parser *p, const char *caller)
{
	uint32_t i;

	for (i = 0; i < DRVMEM_KMSG_OPEN; i++)
		if ((p->printer[i].open || p->printer[i].before[0]) && !strcmp(p->printer[i].caller, caller))
			return &p->printer[i];
	return NULL;
}

/* One without a report, or the one that began first. 0 or -ENOMEM. */
static int new_printer(struct drvmem_kmsg_parser *p, const char *caller, struct drvmem_kreports *out,
		       struct drvmem_kmsg_printer **ret)
{
	struct drvmem_kmsg_printer *k = &p->printer[0], *at;
	uint32_t i;
	int e;

	for (i = 1; i < DRVMEM_KMSG_OPEN; i++) {
		at = &p->printer[i];
		if (at->open < k->open || (at->open == k->open && at->used < k->used))
			k = at;
	}
	e = finish_one(k, out);
	*k = (struct drvmem_kmsg_printer){ .used = ++p->used };
	snprintf(k->caller, sizeof(k->caller), "%s", caller);
	*ret = k;
	return e;
}

/* How many are open that say nothing of their caller, and of them the last that began. */
static uint32_t nr_nameless(struct drvmem_kmsg_parser *p, struct drvmem_kmsg_printer **ret_last)
{
	uint32_t i, n = 0;

	*ret_last = NULL;
	for (i = 0; i < DRVMEM_KMSG_OPEN; i++) {
		if (!p->printer[i].open || p->printer[i].caller[0])
			continue;
		n++;
		if (!*ret_last || (*ret_last)->used < p->printer[i].used)
			*ret_last = &p->printer[i];
	}
	return n;
}

/*
 * A title is read, of a printer with a report or none. That one has ended then; but where callers are not told, and
 * one rule alone was read since, the rule was of the new one: both go on, and lines are of either.
 */
static int take_title(struct drvmem_kmsg_parser *p, const struct drvmem_kmsg_printer *title, const char *caller,
		      struct drvmem_kreports *out)
{
	struct drvmem_kmsg_printer *old, *k = printer_of(p, caller);
	bool falls_in = false;
	int e = 0;

	if (!caller[0] && nr_nameless(p, &old)) {
		falls_in = old->ruled && is_ruled_kind(old);
		old->ruled = false;
		old->cur.mixed |= falls_in;
		k = falls_in ? NULL : old;
	}
	if (k)
		e = finish_one(k, out);
	else
		e = new_printer(p, caller, out, &k);
	if (e)
		return e;
	begin(k, title->cur.kind, "", 0);
	k->cur = title->cur;
	k->cur.mixed = falls_in;
	k->before[0] = '\0';
	k->used = ++p->used;
	return 0;
}

/* A record of a report, or its end. */
static int read_record(struct drvmem_kmsg_printer *k, const char *record, struct drvmem_kreports *out)
{
	const char *text = record + strspn(record, " \t"), *rest;
	bool rule = after(text, RULE) != NULL, named = k->caller[0];

	/* a rule, and neither another nor a title behind it: it ended; a frame is of no other, so it did not */
	if (k->ruled && !rule && (text == record || !is_frame(text)))
		return finish_one(k, out);
	if (rule && !k->ruled && !named && is_ruled_kind(k)) {
		k->ruled = true;
		return 0;
	}
	k->ruled = false;
	k->records++;
	if (is_end(k, text))
		return finish_one(k, out);
	k->cur.mixed |= !named && after(text, "------------[ cut here ]");
	if (after(text, "Call Trace:")) {
		k->in_trace = true;
		return 0;
	}
	rest = after(text, "Allocated in ");
	rest = rest ? rest : after(text, "Freed in ");
	/* frames that the unwinder is not sure of have a question mark */
	add_frame(k, rest ? rest : text);
	return 0;
}

/* Of several at once, whose callers are not told, a rule ends the one that began first: all had one at their beginning. */
static int read_nameless(struct drvmem_kmsg_parser *p, const char *text, struct drvmem_kreports *out)
{
	struct drvmem_kmsg_printer *k, *first = NULL;
	uint32_t i, n = nr_nameless(p, &k);
	int e = 0;

	for (i = 0; i < DRVMEM_KMSG_OPEN && !e; i++) {
		k = &p->printer[i];
		if (!k->open || k->caller[0])
			continue;
		if (!first || k->used < first->used)
			first = k;
		if (n == 1 || !after(text, RULE))
			e = read_record(k, text, out);
	}
	if (!e && n > 1 && after(text, RULE))
		e = finish_one(first, out);
	return e;
}

static int read_text(struct drvmem_kmsg_parser *p, const char *text, const char *caller, struct drvmem_kreports *out)
{
	struct drvmem_kmsg_printer title = { 0 }, *k = printer_of(p, caller);
	const char *rest;
	int e = 0;

	if (read_title(text, k ? k->before : "", &title))
		return take_title(p, &title, caller, out);
	if (text[0] == '[' && (rest = strstr(text, "] 0x"))) {
		if (!k)
			e = new_printer(p, caller, out, &k);
		if (e)
			return e;
		copy(k->before, text + 1, (size_t)(rest - text - 1));
	}
	if (!caller[0])
		return read_nameless(p, text, out);
	return k && k->open ? read_record(k, text, out) : 0;
}

/* "caller=T12" among the fields behind the third; "" where it is not. */
static void read_caller(const char *fields, size_t len, char *ret)
{
	const char *at = memmem(fields, len, ",caller=", strlen(",caller="));
	size_t n;

	ret[0] = '\0';
	if (!at)
		return;
	at += strlen(",caller=");
	n = (size_t)(fields + len - at);
	n = memchr(at, ',', n) ? (size_t)((const char *)memchr(at, ',', n) - at) : n;
	snprintf(ret, DRVMEM_KMSG_CALLER, "%.*s", (int)(n < DRVMEM_KMSG_CALLER ? n : DRVMEM_KMSG_CALLER - 1), at);
}

/* "6,1234,5678,-;text"; with ",caller=T12" where that is configured. */
static bool read_prefix(struct drvmem_span *line, uint64_t *ret_seq, char *ret_caller)
{
	const char *semi = line->n ? memchr(line->s, ';', line->n) : NULL;
	const char *first = semi ? memchr(line->s, ',', (size_t)(semi - line->s)) : NULL;
	const char *second = first ? memchr(first + 1, ',', (size_t)(semi - first - 1)) : NULL;

	if (!second || drvmem_span__u64((struct drvmem_span){ first + 1, (size_t)(second - first - 1) }, ret_seq))
		return false;
	read_caller(second, (size_t)(semi - second), ret_caller);
	line->n -= (size_t)(semi + 1 - line->s);
	line->s = semi + 1;
	return true;
}

int drvmem_kmsg__parse(struct drvmem_kmsg_parser *p, const char *lines, size_t len, struct drvmem_kreports *out)
{
	struct drvmem_span rest = { lines, len }, line;
	char text[1024], caller[DRVMEM_KMSG_CALLER];
	uint64_t seq;
	int e = 0;

	while (!e && drvmem_span__line(&rest, &line)) {
		/* " SUBSYSTEM=..." belongs to the record before */
		if (!line.n || line.s[0] == ' ' || !read_prefix(&line, &seq, caller))
			continue;
		if (p->next_seq && seq > p->next_seq)
			out->lost_records += seq - p->next_seq;
		p->next_seq = seq + 1;
		unescape(line, text, sizeof(text));
		e = read_text(p, text, caller, out);
	}
	return e;
}

/* ---- the device ---- */

int drvmem_kmsg__open(const char *path, struct drvmem_kmsg **ret)
{
	struct drvmem_kmsg *k = calloc(1, sizeof(*k));
	int e = 0;

	if (!k)
		return -ENOMEM;
	k->fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (k->fd < 0 || lseek(k->fd, 0, SEEK_END) < 0)
		e = -errno;
	if (e) {
		drvmem_kmsg__free(k);
		return e;
	}
	*ret = k;
	return 0;
}

/* Whole lines out of the buffer; what is behind the last newline waits for its rest. */
static int parse_buffer(struct drvmem_kmsg *k, struct drvmem_kreports *out)
{
	const char *end = memrchr(k->buf, '\n', k->len);
	size_t whole = end ? (size_t)(end + 1 - k->buf) : k->len == sizeof(k->buf) ? k->len : 0;
	int e = drvmem_kmsg__parse(&k->parser, k->buf, whole, out);

	memmove(k->buf, k->buf + whole, k->len - whole);
	k->len -= whole;
	return e;
}

int drvmem_kmsg__read(struct drvmem_kmsg *k, struct drvmem_kreports *out)
{
	ssize_t n;
	int e;

	for (;;) {
		n = read(k->fd, k->buf + k->len, sizeof(k->buf) - k->len);
		/* overwritten: the numbers tell how many, where there is one before */
		if (n < 0 && errno == EPIPE)
			out->lost_records += !k->parser.next_seq;
		if (n < 0 && (errno == EINTR || errno == EPIPE))
			continue;
		if (n <= 0)
			return !n || errno == EAGAIN ? 0 : -errno;
		k->len += (size_t)n;
		e = parse_buffer(k, out);
		if (e)
			return e;
	}
}

int drvmem_kmsg__end(struct drvmem_kmsg *k, struct drvmem_kreports *out)
{
	int e = drvmem_kmsg__read(k, out);

	return e ? e : drvmem_kmsg__finish(&k->parser, out);
}

void drvmem_kmsg__free(struct drvmem_kmsg *k)
{
	if (!k)
		return;
	if (k->fd >= 0)
		close(k->fd);
	free(k);
}
