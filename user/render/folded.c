// SPDX-License-Identifier: GPL-2.0-or-later
#include "render/folded.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"

struct line {
	char *stack;
	int64_t value[2];	/* of A, or the only one; of B */
};

/* A frame, in which the separators of the form cannot be. */
static void put_frame(struct drvmem_strbuf *b, const char *text)
{
	for (; *text; text++)
		drvmem_strbuf__putc(b, (unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text == ';' ? ':' : *text);
}

static void put_stack(const struct drvmem_profile *p, const struct drvmem_profile_sample *k, const char *owner,
		      struct drvmem_strbuf *out)
{
	const char *note = drvmem_profile__note(k);
	uint32_t i;

	put_frame(out, owner);
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

/* Appends p's lines that are not 0 to lines[*n]. */
static int make_lines(const struct drvmem_profile *p, enum drvmem_profile_value value, bool two, bool second,
		      struct line *lines, uint32_t *n)
{
	uint32_t i;

	for (i = 0; i < p->nr_samples; i++) {
		struct drvmem_strbuf b = {0};

		if (!p->samples[i].value[value])
			continue;
		put_stack(p, &p->samples[i], two ? p->samples[i].owner_name : p->samples[i].owner, &b);
		lines[*n] = (struct line){ drvmem_strbuf__steal(&b), { 0 } };
		lines[*n].value[second] = p->samples[i].value[value];
		drvmem_strbuf__deinit(&b);
		if (!lines[*n].stack)
			return -ENOMEM;
		++*n;
	}
	return 0;
}

/* Stacks that differ in the cache only, or in the place within a function, are one. */
static void put_lines(struct line *lines, uint32_t n, bool two, FILE *out)
{
	int64_t sum[2] = { 0, 0 };
	uint32_t i;

	qsort(lines, n, sizeof(*lines), cmp_lines);
	for (i = 0; i < n; i++) {
		sum[0] += lines[i].value[0];
		sum[1] += lines[i].value[1];
		if (i + 1 < n && !strcmp(lines[i].stack, lines[i + 1].stack))
			continue;
		if (two && (sum[0] || sum[1]))
			fprintf(out, "%s %" PRId64 " %" PRId64 "\n", lines[i].stack, sum[0], sum[1]);
		else if (sum[0])
			fprintf(out, "%s %" PRId64 "\n", lines[i].stack, sum[0]);
		sum[0] = sum[1] = 0;
	}
}

/* b may be NULL. */
static int write_lines(const struct drvmem_profile *a, const struct drvmem_profile *b,
		       enum drvmem_profile_value value, FILE *out)
{
	struct line *lines = calloc((size_t)a->nr_samples + (b ? b->nr_samples : 0) + 1, sizeof(*lines));
	uint32_t i, n = 0;
	int err;

	if (!lines)
		return -ENOMEM;
	err = make_lines(a, value, b != NULL, false, lines, &n);
	if (!err && b)
		err = make_lines(b, value, true, true, lines, &n);
	if (!err)
		put_lines(lines, n, b != NULL, out);
	for (i = 0; i < n; i++)
		free(lines[i].stack);
	free(lines);
	return err;
}

int drvmem_folded__write(const struct drvmem_profile *p, enum drvmem_profile_value value, FILE *out)
{
	return write_lines(p, NULL, value, out);
}

int drvmem_folded__diff(const struct drvmem_profile *a, const struct drvmem_profile *b,
			enum drvmem_profile_value value, FILE *out)
{
	return write_lines(a, b, value, out);
}
