// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/text.h"

#include <errno.h>
#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

bool drvmem_span__line(struct drvmem_span *rest, struct drvmem_span *ret_line)
{
	const char *nl;
	size_t n;

	if (!rest->n)
		return false;
	nl = memchr(rest->s, '\n', rest->n);
	n = nl ? (size_t)(nl - rest->s) : rest->n;
	*ret_line = (struct drvmem_span){ rest->s, n };
	if (n && rest->s[n - 1] == '\r')
		ret_line->n--;
	if (nl)
		n++;
	rest->s += n;
	rest->n -= n;
	return true;
}

bool drvmem_span__word(struct drvmem_span *rest, struct drvmem_span *ret_word)
{
	size_t i = 0, start;

	while (i < rest->n && is_blank(rest->s[i]))
		i++;
	start = i;
	while (i < rest->n && !is_blank(rest->s[i]))
		i++;
	if (i == start)
		return false;
	*ret_word = (struct drvmem_span){ rest->s + start, i - start };
	rest->s += i;
	rest->n -= i;
	return true;
}

struct drvmem_span drvmem_span__trim(struct drvmem_span s)
{
	while (s.n && is_blank(s.s[0])) {
		s.s++;
		s.n--;
	}
	while (s.n && is_blank(s.s[s.n - 1]))
		s.n--;
	return s;
}

bool drvmem_span__last_word(struct drvmem_span *rest, struct drvmem_span *ret_word)
{
	struct drvmem_span t = drvmem_span__trim(*rest);
	size_t i = t.n;

	while (i && !is_blank(t.s[i - 1]))
		i--;
	if (i == t.n)
		return false;
	*ret_word = (struct drvmem_span){ t.s + i, t.n - i };
	*rest = (struct drvmem_span){ t.s, i };
	return true;
}

bool drvmem_span__is(struct drvmem_span s, const char *text)
{
	return strlen(text) == s.n && !memcmp(s.s, text, s.n);
}

bool drvmem_span__starts(struct drvmem_span s, const char *prefix)
{
	size_t n = strlen(prefix);

	return n <= s.n && !memcmp(s.s, prefix, n);
}

int drvmem_span__u64(struct drvmem_span s, uint64_t *ret)
{
	uint64_t v = 0;

	if (!s.n)
		return -EINVAL;
	for (size_t i = 0; i < s.n; i++) {
		if (s.s[i] < '0' || s.s[i] > '9')
			return -EINVAL;
		if (__builtin_mul_overflow(v, 10u, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(s.s[i] - '0'), &v))
			return -ERANGE;
	}
	*ret = v;
	return 0;
}

int drvmem_span__hex(struct drvmem_span s, uint64_t *ret)
{
	static const char digits[] = "0123456789abcdef";
	uint64_t v = 0;

	if (s.n > 2 && s.s[0] == '0' && (s.s[1] == 'x' || s.s[1] == 'X')) {
		s.s += 2;
		s.n -= 2;
	}
	if (!s.n)
		return -EINVAL;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.s[i];
		const char *d;

		if (c >= 'A' && c <= 'F')
			c = (char)(c - 'A' + 'a');
		d = c ? strchr(digits, c) : NULL;
		if (!d)
			return -EINVAL;
		if (v >> 60)
			return -ERANGE;
		v = v << 4 | (uint64_t)(d - digits);
	}
	*ret = v;
	return 0;
}

int drvmem_span__copy(struct drvmem_span s, char *buf, size_t size)
{
	if (!s.n || memchr(s.s, '\0', s.n))
		return -EINVAL;
	if (s.n >= size)
		return -ENAMETOOLONG;
	memcpy(buf, s.s, s.n);
	buf[s.n] = '\0';
	return 0;
}

struct drvmem_span drvmem_span__take(struct drvmem_span *rest, char sep)
{
	const char *at = rest->n ? memchr(rest->s, sep, rest->n) : NULL;
	struct drvmem_span f = { rest->s, at ? (size_t)(at - rest->s) : rest->n };

	rest->s += f.n + (at ? 1 : 0);
	rest->n -= f.n + (at ? 1 : 0);
	return f;
}
