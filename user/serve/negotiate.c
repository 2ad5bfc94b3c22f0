// SPDX-License-Identifier: GPL-2.0-or-later
#include "serve/negotiate.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

/* The next element of a comma separated header, without blanks around; false at the end. */
static bool next_part(const char **at, const char **ret, size_t *ret_len, char separator)
{
	const char *p = *at, *end;

	if (!*p)
		return false;
	end = strchr(p, separator);
	if (!end)
		end = p + strlen(p);
	*at = *end ? end + 1 : end;
	while (p < end && isblank((unsigned char)*p))
		p++;
	while (end > p && isblank((unsigned char)end[-1]))
		end--;
	*ret = p;
	*ret_len = (size_t)(end - p);
	return true;
}

static bool is(const char *p, size_t len, const char *word)
{
	return len == strlen(word) && !strncasecmp(p, word, len);
}

/* "0.5" in thousandths; what is no weight is 0. */
static uint32_t weight(const char *p, size_t len)
{
	uint32_t w, unit = 100;
	size_t i;

	if (!len || (*p != '0' && *p != '1'))
		return 0;
	w = *p == '1' ? 1000 : 0;
	if (len > 1 && p[1] != '.')
		return 0;
	for (i = 2; i < len && i < 5; i++, unit /= 10) {
		if (!isdigit((unsigned char)p[i]))
			return 0;
		w += (uint32_t)(p[i] - '0') * unit;
	}
	return w > 1000 ? 1000 : w;
}

/* One element: its name, its weight, and a version where it has one. */
struct element {
	const char *name, *version;
	size_t name_len, version_len;
	uint32_t weight;
};

static void read_element(const char *p, size_t len, struct element *ret)
{
	char text[256];
	const char *at, *part;
	size_t n;

	memset(ret, 0, sizeof(*ret));
	ret->weight = 1000;
	if (len >= sizeof(text))
		return;		/* no name: fits nothing */
	memcpy(text, p, len);
	text[len] = '\0';
	at = text;
	if (!next_part(&at, &part, &n, ';'))
		return;
	ret->name = p + (part - text);
	ret->name_len = n;
	while (next_part(&at, &part, &n, ';')) {
		if (n > 2 && (part[0] == 'q' || part[0] == 'Q') && part[1] == '=')
			ret->weight = weight(part + 2, n - 2);
		else if (n > 8 && !strncasecmp(part, "version=", 8)) {
			ret->version = p + (part + 8 - text);
			ret->version_len = n - 8;
		}
	}
}

enum drvmem_exposition_form drvmem_negotiate__exposition(const char *accept)
{
	uint32_t text = 0, open = 0;
	struct element e;
	const char *p;
	size_t len;

	if (!accept)
		return DRVMEM_EXPOSITION_TEXT;
	while (next_part(&accept, &p, &len, ',')) {
		read_element(p, len, &e);
		if (is(e.name, e.name_len, "application/openmetrics-text")) {
			if (e.version && !is(e.version, e.version_len, "1.0.0") &&
			    !is(e.version, e.version_len, "0.0.1"))
				continue;
			if (e.weight > open)
				open = e.weight;
		} else if (is(e.name, e.name_len, "text/plain") || is(e.name, e.name_len, "text/*") ||
			   is(e.name, e.name_len, "*/*")) {
			if (e.version && !is(e.version, e.version_len, "0.0.4"))
				continue;
			if (e.weight > text)
				text = e.weight;
		}
	}
	return open > text ? DRVMEM_EXPOSITION_OPENMETRICS : DRVMEM_EXPOSITION_TEXT;
}

bool drvmem_negotiate__gzip(const char *accept_encoding)
{
	int32_t gzip = -1, any = -1;
	struct element e;
	const char *p;
	size_t len;

	if (!accept_encoding)
		return false;
	while (next_part(&accept_encoding, &p, &len, ',')) {
		read_element(p, len, &e);
		if (is(e.name, e.name_len, "gzip") || is(e.name, e.name_len, "x-gzip"))
			gzip = (int32_t)e.weight;
		else if (is(e.name, e.name_len, "*"))
			any = (int32_t)e.weight;
	}
	return gzip >= 0 ? gzip > 0 : any > 0;
}

static int digit64(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* RFC 4648, 4; the length in bytes, or -EINVAL. */
static int decode64(const char *p, size_t len, char *ret, size_t size)
{
	uint32_t bits = 0, have = 0;
	size_t i, n = 0;
	int d;

	while (len && p[len - 1] == '=')
		len--;
	for (i = 0; i < len; i++) {
		d = digit64(p[i]);
		if (d < 0 || n + 1 >= size)
			return -EINVAL;
		bits = bits << 6 | (uint32_t)d;
		have += 6;
		if (have < 8)
			continue;
		have -= 8;
		ret[n++] = (char)(bits >> have & 0xff);
	}
	ret[n] = '\0';
	return memchr(ret, '\0', n) ? -EINVAL : (int)n;
}

int drvmem_negotiate__basic(const char *authorization, char *ret_user, size_t user_size, char *ret_password,
			    size_t password_size)
{
	char text[1024];
	size_t len;
	char *colon;
	int n;

	*ret_user = *ret_password = '\0';
	if (!authorization || strncasecmp(authorization, "Basic ", 6))
		return -EINVAL;
	authorization += 6 + strspn(authorization + 6, " ");
	len = strlen(authorization);
	while (len && authorization[len - 1] == ' ')
		len--;
	n = decode64(authorization, len, text, sizeof(text));
	colon = n < 0 ? NULL : strchr(text, ':');
	if (!colon || (size_t)(colon - text) >= user_size || strlen(colon + 1) >= password_size)
		return -EINVAL;
	*colon = '\0';
	strcpy(ret_user, text);
	strcpy(ret_password, colon + 1);
	explicit_bzero(text, sizeof(text));
	return 0;
}
