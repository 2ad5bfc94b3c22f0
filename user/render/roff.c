// SPDX-License-Identifier: GPL-2.0-or-later
#include "render/roff.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "render/utf8.h"

#define FOLD 76		/* columns of a line of the source */

/* One character beyond ASCII; returns its length in bytes. Damaged UTF-8 becomes '?'. */
static size_t put_wide(const char *s, FILE *out)
{
	uint32_t c;
	size_t n = drvmem_utf8__next(s, strlen(s), &c);

	if (c == DRVMEM_UTF8_INVALID)
		fputc('?', out);
	else
		fprintf(out, "\\[u%04X]", (unsigned int)c);
	return n;
}

/* Returns how many bytes were used. */
static size_t put_char(const char *s, bool hyphen, FILE *out)
{
	switch (*s) {
	case '\\':
		fputs("\\e", out);
		return 1;
	case '-':
		fputs(hyphen ? "-" : "\\-", out);
		return 1;
	case '\'':
		fputs("\\(aq", out);
		return 1;
	case '`':
		fputs("\\(ga", out);
		return 1;
	case '~':
		fputs("\\(ti", out);
		return 1;
	case '^':
		fputs("\\(ha", out);
		return 1;
	case '"':
		fputs("\\(dq", out);	/* else it would end an argument of a macro */
		return 1;
	default:
		if ((unsigned char)*s >= 0x80)
			return put_wide(s, out);
		fputc(*s, out);
		return 1;
	}
}

void drvmem_roff__literal(const char *text, FILE *out)
{
	if (*text == '.')
		fputs("\\&", out);
	while (*text)
		text += put_char(text, false, out);
}

/* A dash between letters joins words, unless the word is quoted: that one is to be copied. */
static bool joins(const char *word, size_t at, size_t n, bool quoted)
{
	return !quoted && at && at + 1 < n && isalpha((unsigned char)word[at - 1]) &&
	       isalpha((unsigned char)word[at + 1]) && word[0] != '-' && !memchr(word, '/', n);
}

static void put_word(const char *word, size_t n, bool quoted, FILE *out)
{
	if (*word == '.')
		fputs("\\&", out);
	for (size_t i = 0; i < n; )
		i += put_char(word + i, joins(word, i, n, quoted), out);
}

static bool opens_quote(const char *word)
{
	return *word == '\'' || (*word == '(' && word[1] == '\'');
}

static bool closes_quote(const char *word, size_t n)
{
	while (n && strchr(".,;:)", word[n - 1]))
		n--;
	return n > 1 && word[n - 1] == '\'';
}

static bool ends_sentence(const char *word, size_t n, const char *next)
{
	return n > 1 && strchr(".?!", word[n - 1]) && (isupper((unsigned char)*next) || *next == '-');
}

void drvmem_roff__prose(const char *text, FILE *out)
{
	size_t col = 0, n;
	bool quoted = false;

	text += strspn(text, " \n");
	while (*text) {
		const char *next;

		n = strcspn(text, " \n");
		next = text + n + strspn(text + n, " \n");
		quoted |= opens_quote(text);
		if (col && col + 1 + n > FOLD) {
			fputc('\n', out);
			col = 0;
		} else if (col) {
			fputc(' ', out);
			col++;
		}
		put_word(text, n, quoted, out);
		col += n;
		if (closes_quote(text, n))
			quoted = false;
		if (!*next || ends_sentence(text, n, next)) {
			fputc('\n', out);
			col = 0;
		}
		text = next;
	}
}

void drvmem_roff__paragraphs(const char *text, FILE *out)
{
	char part[4096];
	bool first = true;

	while (*text) {
		const char *end = strstr(text, "\n\n");
		size_t n = end ? (size_t)(end - text) : strlen(text);

		if (!first)
			fputs(".PP\n", out);
		snprintf(part, sizeof(part), "%.*s", (int)n, text);
		drvmem_roff__prose(part, out);
		first = false;
		text += n + (end ? 2 : 0);
	}
}
