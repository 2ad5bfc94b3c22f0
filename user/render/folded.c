// SPDX-License-Identifier: GPL-2.0-or-later
#include "render/folded.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct line {
	char *stack;
	int64_t value;
};

/* A frame, in which the separators of the form cannot be. */
static void put_frame(struct drvmem_strbuf *b, const char *text)
{
	for (; *text; text++)
		drvmem_strbuf__putc(b, (unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text == ';' ? ':' : *text);
}

void drvmem_folded__stack(const struct drvmem_profile *p, const struct drvmem_profile_sample *k,
			  struct drvmem_strbuf *out)
{
	const char *note = drvmem_profile__note(k);
	uint32_t i;

	put_frame(out, k->owner);
	if (note)
		drvmem_strbuf__printf(out, ";%s", note);
	for (i = 0; i < k->nr; i++) {
		const struct drvmem_profile_function *f = drvmem_profile__function(p, k, i);

		drvmem_strbuf__putc(out, ';');
		put_frame(out, f->name);
		if (f->module && f->name[0] != '[') {
			drvmem_strbuf__append(out, " [");
			put_frame(out, f->module);
			drvmem_strbuf__putc(out, ']');
		}
	}
}

static int cmp_lines(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	return strcmp(x->stack, y->stack);
}

static int make_lines(const struct drvmem_profile *p, enum drvmem_profile_value value, struct line *lines,
		      uint32_t *ret)
{
	uint32_t i, n = 0;

	*ret = 0;
	for (i = 0; i < p->nr_samples; i++) {
		struct drvmem_strbuf b = {0};

		if (!p->samples[i].value[value])
			continue;
		drvmem_folded__stack(p, &p->samples[i], &b);
		lines[n].value = p->samples[i].value[value];
		lines[n].stack = drvmem_strbuf__steal(&b);
		drvmem_strbuf__deinit(&b);
		if (!lines[n].stack)
			return -ENOMEM;
		*ret = ++n;
	}
	return 0;
}

/* Stacks that differ in the cache only, or in the place within a function, are one. */
static void put_lines(const struct line *lines, uint32_t n, FILE *out)
{
	int64_t sum = 0;
	uint32_t i;

	for (i = 0; i < n; i++) {
		sum += lines[i].value;
		if (i + 1 < n && !strcmp(lines[i].stack, lines[i + 1].stack))
			continue;
		if (sum)
			fprintf(out, "%s %" PRId64 "\n", lines[i].stack, sum);
		sum = 0;
	}
}

int drvmem_folded__write(const struct drvmem_profile *p, enum drvmem_profile_value value, FILE *out)
{
	struct line *lines = calloc(p->nr_samples ? p->nr_samples : 1, sizeof(*lines));
	uint32_t i, n;
	int err;

	if (!lines)
		return -ENOMEM;
	err = make_lines(p, value, lines, &n);
	if (!err) {
		qsort(lines, n, sizeof(*lines), cmp_lines);
		put_lines(lines, n, out);
	}
	for (i = 0; i < n; i++)
		free(lines[i].stack);
	free(lines);
	return err;
}
