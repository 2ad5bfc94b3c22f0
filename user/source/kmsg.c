// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/kmsg.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

/*
 * kernel/printk/printk.c: a read gives one record, and fails when it does not fit; 8192 is
 * CONSOLE_EXT_LOG_MAX, PRINTK_MESSAGE_MAX was larger for a while.
 */
#define BUFFER		32768u
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

static void add_frame(struct drvmem_kmsg_parser *p, const char *text)
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

int drvmem_kmsg__finish(struct drvmem_kmsg_parser *p, struct drvmem_kreports *out)
{
	if (!p->open)
		return 0;
	p->open = false;
	return drvmem_kreports__add(out, &p->cur);
}

static void begin(struct drvmem_kmsg_parser *p, enum drvmem_kreport_kind kind, const char *what, size_t len)
{
	memset(&p->cur, 0, sizeof(p->cur));
	p->cur.kind = kind;
	copy(p->cur.what, what, len);
	p->open = true;
	p->in_trace = false;
	p->records = 0;
}

/* "use-after-free read in func+0x12/0x34 [mod]" */
static void begin_bug(struct drvmem_kmsg_parser *p, enum drvmem_kreport_kind kind, const char *text)
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
static bool begin_slub(struct drvmem_kmsg_parser *p, const char *before, const char *text)
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
static void begin_injected(struct drvmem_kmsg_parser *p, const char *text)
{
	const char *name = strstr(text, "name ");

	name = name ? name + strlen("name ") : "";
	begin(p, DRVMEM_KREPORT_INJECTED, name, strcspn(name, ", \n"));
}

/* Does a report begin here? One that is open has ended then. 1, 0 or -ENOMEM. */
static int try_begin(struct drvmem_kmsg_parser *p, const char *text, struct drvmem_kreports *out)
{
	struct drvmem_kmsg_parser next = { 0 };
	const char *rest;
	int e;

	if ((rest = after(text, "BUG: KFENCE: ")))
		begin_bug(&next, DRVMEM_KREPORT_KFENCE, rest);
	else if ((rest = after(text, "BUG: KASAN: ")))
		begin_bug(&next, DRVMEM_KREPORT_KASAN, rest);
	else if ((rest = after(text, "FAULT_INJECTION: forcing a failure.")))
		begin_injected(&next, rest);
	else if (!(rest = after(text, "BUG ")) || !begin_slub(&next, p->before, rest))
		return 0;
	e = drvmem_kmsg__finish(p, out);
	next.next_seq = p->next_seq;
	*p = next;
	return e ? e : 1;
}

/* KFENCE and KASAN end with a rule, SLUB with what it did, a dump of a stack with what is no frame of it. */
static bool is_end(const struct drvmem_kmsg_parser *p, const char *text)
{
	if (p->records > RECORDS_MAX || after(text, "=========="))
		return true;
	if (p->cur.kind == DRVMEM_KREPORT_SLUB)
		return after(text, "FIX ") != NULL;
	if (p->cur.kind != DRVMEM_KREPORT_INJECTED)
		return false;
	return after(text, "</TASK>") || (p->in_trace && text[0] != '<' && !after(text, "? ") && !is_frame(text));
}

static int read_text(struct drvmem_kmsg_parser *p, const char *text, struct drvmem_kreports *out)
{
	int e = try_begin(p, text, out);
	const char *rest;

	if (!e && text[0] == '[' && (rest = strstr(text, "] 0x")))
		copy(p->before, text + 1, (size_t)(rest - text - 1));

	if (e || !p->open)
		return e < 0 ? e : 0;
	text += strspn(text, " \t");
	p->records++;
	if (is_end(p, text))
		return drvmem_kmsg__finish(p, out);
	if (after(text, "Call Trace:")) {
		p->in_trace = true;
		return 0;
	}
	rest = after(text, "Allocated in ");
	rest = rest ? rest : after(text, "Freed in ");
	/* frames that the unwinder is not sure of have a question mark */
	add_frame(p, rest ? rest : text);
	return 0;
}

/* "6,1234,5678,-;text"; with ",caller=T12" where that is configured. */
static bool read_prefix(struct drvmem_span *line, uint64_t *ret_seq)
{
	const char *semi = line->n ? memchr(line->s, ';', line->n) : NULL;
	const char *first = semi ? memchr(line->s, ',', (size_t)(semi - line->s)) : NULL;
	const char *second = first ? memchr(first + 1, ',', (size_t)(semi - first - 1)) : NULL;

	if (!second || drvmem_span__u64((struct drvmem_span){ first + 1, (size_t)(second - first - 1) }, ret_seq))
		return false;
	line->n -= (size_t)(semi + 1 - line->s);
	line->s = semi + 1;
	return true;
}

int drvmem_kmsg__parse(struct drvmem_kmsg_parser *p, const char *lines, size_t len, struct drvmem_kreports *out)
{
	struct drvmem_span rest = { lines, len }, line;
	char text[1024];
	uint64_t seq;
	int e = 0;

	while (!e && drvmem_span__line(&rest, &line)) {
		/* " SUBSYSTEM=..." belongs to the record before */
		if (!line.n || line.s[0] == ' ' || !read_prefix(&line, &seq))
			continue;
		if (p->next_seq && seq > p->next_seq)
			out->lost_records += seq - p->next_seq;
		p->next_seq = seq + 1;
		unescape(line, text, sizeof(text));
		e = read_text(p, text, out);
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
