// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * modules.builtin.ranges (scripts/generate_builtin_ranges.awk, since 6.12): per ELF
 * section an anchor, then offset ranges from it with the modules that own them:
 *	.text 00000000-00000000 = _text
 *	.text 0000baf0-0000cb10 amd_uncore
 *	.text 00ba0120-00ba03c0 intel_skl_int3472_discrete intel_skl_int3472_tps68470
 * Only .text matters here, and its anchor is where stext points.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "base/vec.h"
#include "symbol/symbol.h"

#define LINE_MAX_LEN 4096u

struct range {
	uint64_t lo, hi;
	const char *names;	/* into the pool, joined by ',' */
};

struct drvmem_builtin {
	DRVMEM_VEC(struct range) range;	/* sorted by lo */
	char *pool;
	size_t pool_used;
};

/* Name list "a b c" -> "a,b,c" in the pool. */
static const char *keep_names(struct drvmem_builtin *b, const char *s)
{
	char *out = b->pool + b->pool_used;
	char *p = out;

	while (*s) {
		size_t n = strcspn(s, " \t\r");

		if (n && p > out)
			*p++ = ',';
		memcpy(p, s, n);
		p += n;
		s += n;
		s += strspn(s, " \t\r");
	}
	*p++ = '\0';
	b->pool_used += (size_t)(p - out);
	return out;
}

/* Hexadecimal without sign or "0x", at most 16 digits. */
static bool read_hex(char **ps, uint64_t *ret)
{
	size_t n = strspn(*ps, "0123456789abcdefABCDEF");
	struct drvmem_span s = { *ps, n };

	if (n > 16 || drvmem_span__hex(s, ret))
		return false;
	*ps += n;
	return true;
}

/* line is NUL-terminated. Lines of no use are dropped: a wrong guess is worse than none. */
static int add_line(struct drvmem_builtin *b, char *line, uint64_t stext)
{
	struct range r;
	uint64_t lo, hi;
	char *s = line;

	if (strncmp(s, ".text", 5) || (s[5] != ' ' && s[5] != '\t'))
		return 0;
	s += 5;
	s += strspn(s, " \t");
	if (!read_hex(&s, &lo) || *s++ != '-' || !read_hex(&s, &hi))
		return 0;
	if (*s != ' ' && *s != '\t')
		return 0;
	s += strspn(s, " \t\r");
	if (*s == '=' || !*s || lo >= hi || hi > UINT64_MAX - stext)
		return 0;
	r = (struct range){ .lo = stext + lo, .hi = stext + hi, .names = keep_names(b, s) };
	return drvmem_vec__push(&b->range, r);
}

static int compare_range(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	if (x->lo != y->lo)
		return x->lo < y->lo ? -1 : 1;
	return (x->names > y->names) - (x->names < y->names);
}

static int add_lines(struct drvmem_builtin *b, const char *text, size_t len, uint64_t stext)
{
	const char *end = text + len;
	char line[LINE_MAX_LEN];
	int ret = 0;

	while (text < end && !ret) {
		const char *nl = memchr(text, '\n', (size_t)(end - text));
		size_t n = (size_t)((nl ? nl : end) - text);

		if (n < sizeof(line)) {
			memcpy(line, text, n);
			line[n] = '\0';
			ret = add_line(b, line, stext);
		}
		text += n + (nl ? 1 : 0);
	}
	return ret;
}

int drvmem_builtin__parse(const char *text, size_t len, uint64_t stext,
			  struct drvmem_builtin **ret)
{
	struct drvmem_builtin *b = calloc(1, sizeof(*b));
	int err = -ENOMEM;

	if (!b)
		return -ENOMEM;
	/* names plus terminators never take more than the lines they stand in */
	b->pool = malloc(len + 1);
	if (b->pool)
		err = add_lines(b, text, len, stext);
	if (err) {
		drvmem_builtin__free(b);
		return err;
	}
	if (b->range.n)
		qsort(b->range.v, b->range.n, sizeof(b->range.v[0]), compare_range);
	*ret = b;
	return 0;
}

int drvmem_builtin__load(uint64_t stext, struct drvmem_builtin **ret)
{
	_cleanup_free_ char *text = NULL;
	struct utsname un;
	char path[sizeof(un.release) + 64];
	size_t len;
	int err;

	if (!stext)
		return -EINVAL;
	if (uname(&un))
		return -errno;
	snprintf(path, sizeof(path), "/lib/modules/%s/modules.builtin.ranges", un.release);
	err = drvmem_file__read(path, DRVMEM_FILE_TEXT, &text, &len);
	if (err)
		return err;
	return drvmem_builtin__parse(text, len, stext, ret);
}

void drvmem_builtin__free(struct drvmem_builtin *b)
{
	if (!b)
		return;
	drvmem_vec__deinit(&b->range);
	free(b->pool);
	free(b);
}

size_t drvmem_builtin__count(const struct drvmem_builtin *b)
{
	return b->range.n;
}

const char *drvmem_builtin__find(const struct drvmem_builtin *b, uint64_t addr)
{
	size_t lo = 0, hi;

	if (!b)
		return NULL;
	hi = b->range.n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (b->range.v[mid].lo <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo && addr < b->range.v[lo - 1].hi ? b->range.v[lo - 1].names : NULL;
}
