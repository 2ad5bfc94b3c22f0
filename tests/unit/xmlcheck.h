/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is this text a well-formed XML 1.0 document of elements, attributes and text (no comments, no
 * DTD)? Written apart from the writer that it judges.
 */
#ifndef DRVMEM_TESTS_XMLCHECK_H
#define DRVMEM_TESTS_XMLCHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct xmlcheck {
	const char *p, *end;
};

static inline bool xml_take(struct xmlcheck *x, const char *word)
{
	size_t n = strlen(word);

	if ((size_t)(x->end - x->p) < n || memcmp(x->p, word, n))
		return false;
	x->p += n;
	return true;
}

static inline bool xml_is_char(uint32_t cp)
{
	return cp == 9 || cp == 10 || cp == 13 || (cp >= 0x20 && cp <= 0xd7ff) ||
	       (cp >= 0xe000 && cp <= 0xfffd) || (cp >= 0x10000 && cp <= 0x10ffff);
}

/* One character of text: its own, or a reference. */
static inline bool xml_char(struct xmlcheck *x)
{
	static const char *const names[] = { "&lt;", "&gt;", "&amp;", "&quot;", "&apos;" };
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *p = (const unsigned char *)x->p;
	size_t left = (size_t)(x->end - x->p), n, i;
	uint32_t cp = 0;

	if (*p == '&') {
		for (i = 0; i < 5; i++)
			if (xml_take(x, names[i]))
				return true;
		if (!xml_take(x, "&#"))
			return false;
		for (n = 0; x->p < x->end && *x->p >= '0' && *x->p <= '9' && n < 8; n++)
			cp = cp * 10 + (uint32_t)(*x->p++ - '0');
		return n && xml_take(x, ";") && xml_is_char(cp);
	}
	n = *p < 0x80 ? 1 : (*p & 0xe0) == 0xc0 ? 2 : (*p & 0xf0) == 0xe0 ? 3 : (*p & 0xf8) == 0xf0 ? 4 : 0;
	if (!n || n > left || *p == '<')
		return false;
	cp = n == 1 ? *p : *p & (0xffu >> (n + 1));
	for (i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return false;
		cp = cp << 6 | (p[i] & 0x3fu);
	}
	x->p += n;
	return (n == 1 || cp >= least[n]) && xml_is_char(cp);
}

static inline size_t xml_name(struct xmlcheck *x)
{
	const char *from = x->p;

	while (x->p < x->end && ((*x->p >= 'a' && *x->p <= 'z') || (*x->p >= 'A' && *x->p <= 'Z') ||
				 (x->p > from && (*x->p == '-' || *x->p == '_' || *x->p == '.' ||
						  (*x->p >= '0' && *x->p <= '9')))))
		x->p++;
	return (size_t)(x->p - from);
}

static inline void xml_space(struct xmlcheck *x)
{
	while (x->p < x->end && strchr(" \t\r\n", *x->p))
		x->p++;
}

/* name="value", each name once; up to '>' or '/'. */
static inline bool xml_attributes(struct xmlcheck *x)
{
	const char *name[32], *at;
	size_t len[32], n = 0, i;

	for (;;) {
		at = x->p;
		xml_space(x);
		if (x->p >= x->end)
			return false;
		if (*x->p == '>' || *x->p == '/')
			return true;
		if (x->p == at || n == 32)
			return false;
		name[n] = x->p;
		len[n] = xml_name(x);
		if (!len[n] || !xml_take(x, "=\""))
			return false;
		for (i = 0; i < n; i++)
			if (len[i] == len[n] && !memcmp(name[i], name[n], len[n]))
				return false;
		n++;
		while (x->p < x->end && *x->p != '"')
			if (!xml_char(x))
				return false;
		if (!xml_take(x, "\""))
			return false;
	}
}

static inline bool xml_element(struct xmlcheck *x, int depth)
{
	const char *name;
	size_t len;

	if (depth > 50 || !xml_take(x, "<"))
		return false;
	name = x->p;
	len = xml_name(x);
	if (!len || !xml_attributes(x))
		return false;
	if (xml_take(x, "/>"))
		return true;
	if (!xml_take(x, ">"))
		return false;
	for (;;) {
		if (x->p >= x->end)
			return false;
		if ((size_t)(x->end - x->p) >= 3 && !memcmp(x->p, "]]>", 3))
			return false;
		if (*x->p != '<') {
			if (!xml_char(x))
				return false;
			continue;
		}
		if (!xml_take(x, "</")) {
			if (!xml_element(x, depth + 1))
				return false;
			continue;
		}
		if ((size_t)(x->end - x->p) < len || memcmp(x->p, name, len))
			return false;
		x->p += len;
		return xml_take(x, ">");
	}
}

static inline bool xml_is_well_formed(const char *text, size_t len)
{
	struct xmlcheck x = { text, text + len };

	if (!xml_take(&x, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"))
		return false;
	xml_space(&x);
	if (!xml_element(&x, 0))
		return false;
	xml_space(&x);
	return x.p == x.end;
}

#endif /* DRVMEM_TESTS_XMLCHECK_H */
