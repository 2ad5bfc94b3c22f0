/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is this text one well-formed JSON value (RFC 8259, UTF-8, keys unique in their
 * object)? Written apart from the writer that it judges.
 */
#ifndef DRVMEM_TESTS_JSONCHECK_H
#define DRVMEM_TESTS_JSONCHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct jsoncheck {
	const char *p, *end;
};

static inline void json_space(struct jsoncheck *j)
{
	while (j->p < j->end && strchr(" \t\r\n", *j->p))
		j->p++;
}

static inline bool json_take(struct jsoncheck *j, const char *word)
{
	size_t n = strlen(word);

	if ((size_t)(j->end - j->p) < n || memcmp(j->p, word, n))
		return false;
	j->p += n;
	return true;
}

/* Length of the UTF-8 sequence at p, 0 = none. */
static inline size_t json_utf8(const unsigned char *p, size_t left)
{
	size_t n = *p < 0x80 ? 1 : *p >= 0xc2 && *p < 0xe0 ? 2 : (*p & 0xf0) == 0xe0 ? 3 :
		   *p >= 0xf0 && *p < 0xf5 ? 4 : 0;

	if (!n || n > left)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

static inline bool json_string(struct jsoncheck *j)
{
	size_t n;

	if (!json_take(j, "\""))
		return false;
	while (j->p < j->end && *j->p != '"') {
		if ((unsigned char)*j->p < 0x20)
			return false;
		if (*j->p == '\\') {
			j->p++;
			if (j->p >= j->end || !strchr("\"\\/bfnrtu", *j->p))
				return false;
			n = *j->p == 'u' ? 5 : 1;
			if ((size_t)(j->end - j->p) < n ||
			    (n == 5 && strspn(j->p + 1, "0123456789abcdefABCDEF") < 4))
				return false;
			j->p += n;
			continue;
		}
		n = json_utf8((const unsigned char *)j->p, (size_t)(j->end - j->p));
		if (!n)
			return false;
		j->p += n;
	}
	return json_take(j, "\"");
}

static inline bool json_digits(struct jsoncheck *j)
{
	const char *from = j->p;

	while (j->p < j->end && *j->p >= '0' && *j->p <= '9')
		j->p++;
	return j->p > from;
}

static inline bool json_number(struct jsoncheck *j)
{
	json_take(j, "-");
	if (!json_take(j, "0") && !json_digits(j))
		return false;
	if (json_take(j, ".") && !json_digits(j))
		return false;
	if (!json_take(j, "e") && !json_take(j, "E"))
		return true;
	if (!json_take(j, "+"))
		json_take(j, "-");
	return json_digits(j);
}

static inline bool json_value(struct jsoncheck *j, int depth);

static inline bool json_members(struct jsoncheck *j, int depth)
{
	const char *key[128], *at;
	size_t len[128], n = 0;

	for (;;) {
		json_space(j);
		at = j->p;
		if (n == 128 || !json_string(j))
			return false;
		key[n] = at;
		len[n] = (size_t)(j->p - at);
		for (size_t i = 0; i < n; i++)
			if (len[i] == len[n] && !memcmp(key[i], key[n], len[n]))
				return false;
		n++;
		json_space(j);
		if (!json_take(j, ":") || !json_value(j, depth + 1))
			return false;
		if (json_take(j, "}"))
			return true;
		if (!json_take(j, ","))
			return false;
	}
}

static inline bool json_elements(struct jsoncheck *j, int depth)
{
	for (;;) {
		if (!json_value(j, depth + 1))
			return false;
		if (json_take(j, "]"))
			return true;
		if (!json_take(j, ","))
			return false;
	}
}

static inline bool json_value(struct jsoncheck *j, int depth)
{
	bool ok;

	json_space(j);
	if (depth > 100)
		return false;
	if (json_take(j, "{")) {
		json_space(j);
		ok = json_take(j, "}") || json_members(j, depth);
	} else if (json_take(j, "[")) {
		json_space(j);
		ok = json_take(j, "]") || json_elements(j, depth);
	} else if (j->p < j->end && *j->p == '"') {
		ok = json_string(j);
	} else {
		ok = json_take(j, "true") || json_take(j, "false") || json_take(j, "null") ||
		     json_number(j);
	}
	json_space(j);
	return ok;
}

static inline bool json_is_valid(const char *text, size_t len)
{
	struct jsoncheck j = { text, text + len };

	return json_value(&j, 0) && j.p == j.end;
}

#endif /* DRVMEM_TESTS_JSONCHECK_H */
