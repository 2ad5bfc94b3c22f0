// SPDX-License-Identifier: GPL-2.0-or-later
/* What all pages have: head, cards, sections, and that no address of the running kernel is in them. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/table.h"
#include "render/html_parts.h"
#include "render/text.h"
#include "render/xml.h"

#define ADDRESS_DIGITS	16u	/* of a kernel that is written without "0x" */
#define MIN_DIGITS	8u	/* fewer behind "0x" are an offset in a function */

static const char csp[] = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";

void drvmem_html__begin(const char *title, FILE *out)
{
	fprintf(out, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
		"<meta http-equiv=\"Content-Security-Policy\" content=\"%s\">\n"
		"<meta name=\"viewport\" content=\"width=device-width\"><meta name=\"color-scheme\" content=\"light dark\">\n"
		"<link rel=\"icon\" href=\"data:,\">\n<title>drvmem: ", csp);
	drvmem_xml__text(out, title);
	fputs("</title>\n<style>\n", out);
	drvmem_html__css(out);
	fputs("</style></head><body>\n", out);
}

void drvmem_html__end(FILE *out)
{
	fputs("<script>\n", out);
	drvmem_html__js(out);
	fputs("</script>\n</body></html>\n", out);
}

void drvmem_html__fact(const char *name, const char *value, FILE *out)
{
	fprintf(out, "<div><dt>%s</dt><dd>", name);
	drvmem_xml__text(out, value && value[0] ? value : "?");
	fputs("</dd></div>\n", out);
}

void drvmem_html__cards(const struct drvmem_html_card *v, uint32_t n, FILE *out)
{
	static const char *const tones[] = { "plain", "good", "watch", "bad" };
	/* for those who do not see colours */
	static const char *const words[] = { "", "", "look at this: ", "found: " };
	char text[DRVMEM_TEXT_NUMBER];
	uint32_t i;

	fputs("<section class=\"cards\" id=\"cards\" aria-label=\"Summary\">\n", out);
	for (i = 0; i < n; i++) {
		const struct drvmem_column col = { .key = v[i].key, .unit = v[i].unit, .change = v[i].change };

		drvmem_text__number(&col, &v[i].value, true, text, sizeof(text));
		fprintf(out, "<div class=\"card %s\" id=\"card-%s\"><h2>%s</h2><p class=\"value\">", tones[v[i].tone], v[i].key,
			v[i].title);
		drvmem_xml__text(out, text);
		fprintf(out, "</p><p class=\"note\">%s", words[v[i].tone]);
		drvmem_xml__text(out, v[i].note);
		fputs("</p></div>\n", out);
	}
	fputs("</section>\n", out);
}

void drvmem_html__section(const char *id, const char *title, FILE *out)
{
	fprintf(out, "<section id=\"sec-%s\"><h2>%s</h2>\n", id, title);
}

void drvmem_html__gap(const struct drvmem_html_gap *g, const char *otherwise, FILE *out)
{
	fputs("<p class=\"none\">", out);
	drvmem_xml__text(out, g->why ? g->why : otherwise);
	if (g->why && g->run) {
		fputs(" This fills it: <code>", out);
		drvmem_xml__text(out, g->run);
		fputs("</code>", out);
	}
	fputs("</p>\n", out);
}

void drvmem_html__flame(const char *without, FILE *out)
{
	drvmem_html__section("flame", "Flame graph", out);
	fprintf(out, "<noscript><p class=\"none\">The flame graph is drawn by the page's script. %s</p></noscript>\n"
		"<div id=\"flame-tools\" class=\"tools\"></div><p id=\"flame-note\" class=\"hint\"></p><div id=\"flame\"></div></section>\n",
		without);
}

/* '<' stands in JSON inside of texts only: written as \u003c it ends no script and begins no comment. */
static void put_escaped(const char *json, size_t len, FILE *out)
{
	const char *lt;
	size_t n;

	while (len) {
		lt = memchr(json, '<', len);
		n = lt ? (size_t)(lt - json) : len;
		fwrite(json, 1, n, out);
		if (!lt)
			return;
		fputs("\\u003c", out);
		json += n + 1;
		len -= n + 1;
	}
}

/* What put writes, in memory: 0 or its error; the caller frees. */
static int in_memory(drvmem_html_put put, const void *arg, char **ret, size_t *ret_len)
{
	FILE *f = open_memstream(ret, ret_len);
	int e;

	if (!f)
		return -ENOMEM;
	e = put(arg, f);
	if (fclose(f) && !e)
		e = -ENOMEM;
	return e;
}

int drvmem_html__block(drvmem_html_put put, const void *arg, FILE *out)
{
	char *json = NULL;
	size_t len = 0;
	int e = in_memory(put, arg, &json, &len);

	if (!e) {
		fputs("<script type=\"application/json\" id=\"data\">", out);
		put_escaped(json, len, out);
		fputs("</script>\n", out);
	}
	free(json);
	return e;
}

/* ---- addresses */

/*
 * How many bytes of text[0..len) are an address: "0x" and 8 digits or more, or the 16 digits of an address of the
 * kernel's half. before: what stands in front of it.
 */
static size_t address_at(const char *text, size_t len, char before)
{
	size_t prefix = len > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X') ? 2 : 0, n = prefix;

	if (isalnum((unsigned char)before))
		return 0;
	while (n < len && isxdigit((unsigned char)text[n]))
		n++;
	if (prefix)
		return n - prefix >= MIN_DIGITS ? n : 0;
	return n == ADDRESS_DIGITS && !strncasecmp(text, "ffff", 4) && (n == len || !isalnum((unsigned char)text[n])) ? n : 0;
}

/* The same address gets the same number. */
static int put_number_of(struct drvmem_table *seen, const char *address, uint64_t *last, FILE *out)
{
	uint64_t *nr = drvmem_table__ref(seen, strtoull(address, NULL, 16));

	if (!nr)
		return -ENOMEM;
	if (!*nr)
		*nr = ++*last;
	fprintf(out, "[address %" PRIu64 "]", *nr);
	return 0;
}

static int put_hidden(const char *text, size_t len, FILE *out)
{
	struct drvmem_table seen = { 0 };
	uint64_t last = 0;
	size_t i, from = 0, n;
	char number[32];
	int e = 0;

	for (i = 0; i < len && !e; i++) {
		if (text[i] != '0' && (text[i] | 0x20) != 'f')
			continue;
		n = address_at(text + i, len - i, i ? text[i - 1] : ' ');
		if (!n)
			continue;
		fwrite(text + from, 1, i - from, out);
		snprintf(number, sizeof(number), "%.*s", (int)(n < 31 ? n : 31), text + i);
		e = put_number_of(&seen, number, &last, out);
		from = i + n;
		i = from - 1;
	}
	fwrite(text + from, 1, len - from, out);
	drvmem_table__deinit(&seen);
	return e;
}

int drvmem_html__hidden(drvmem_html_put put, const void *arg, FILE *out)
{
	char *text = NULL;
	size_t len = 0;
	int e = in_memory(put, arg, &text, &len);

	if (!e)
		e = put_hidden(text, len, out);
	free(text);
	return e;
}
