// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/slabinfo.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "base/vec.h"

#define MAX_ROWS 65536u

/* Position of " : word" in the line, or -1. */
static long find_section(struct drvmem_span line, const char *section)
{
	size_t n = strlen(section);

	for (size_t i = 0; i + n <= line.n; i++) {
		if (line.s[i] == section[0] && !memcmp(line.s + i, section, n))
			return (long)i;
	}
	return -1;
}

/*
 * "name active num size per_slab pages_per_slab": read from the right, since a
 * cache's name may hold spaces.
 */
static int parse_head(struct drvmem_span head, struct drvmem_slabrow *row)
{
	uint64_t *const field[] = { &row->pages_per_slab, &row->objs_per_slab, &row->objsize,
				    &row->num_objs, &row->active_objs };
	struct drvmem_span word;
	int err;

	for (size_t i = 0; i < sizeof(field) / sizeof(field[0]); i++) {
		if (!drvmem_span__last_word(&head, &word))
			return -EINVAL;
		err = drvmem_span__u64(word, field[i]);
		if (err)
			return err;
	}
	return drvmem_span__copy(drvmem_span__trim(head), row->name, sizeof(row->name));
}

/* "<active_slabs> <num_slabs> <sharedavail>", behind " : slabdata". */
static int parse_slabdata(struct drvmem_span s, struct drvmem_slabrow *row)
{
	struct drvmem_span active, num;
	int err;

	if (!drvmem_span__word(&s, &active) || !drvmem_span__word(&s, &num))
		return -EINVAL;
	err = drvmem_span__u64(active, &row->active_slabs);
	return err ? err : drvmem_span__u64(num, &row->num_slabs);
}

static int parse_row(struct drvmem_span line, struct drvmem_slabrow *ret)
{
	static const char tunables[] = " : tunables", slabdata[] = " : slabdata";
	struct drvmem_slabrow row = {0};
	long head = find_section(line, tunables);
	long data = find_section(line, slabdata);
	size_t skip;
	int err;

	if (head < 0 || data < head)
		return -EINVAL;
	err = parse_head((struct drvmem_span){ line.s, (size_t)head }, &row);
	if (err)
		return err;
	skip = (size_t)data + sizeof(slabdata) - 1;
	err = parse_slabdata((struct drvmem_span){ line.s + skip, line.n - skip }, &row);
	if (err)
		return err;
	*ret = row;
	return 0;
}

static int add_rows(struct drvmem_slabinfo *s, struct drvmem_span rest)
{
	DRVMEM_VEC(struct drvmem_slabrow) vec = {0};
	struct drvmem_slabrow row;
	struct drvmem_span line;
	int err = 0;

	while (!err && drvmem_span__line(&rest, &line)) {
		if (!line.n || line.s[0] == '#')
			continue;
		if (vec.n >= MAX_ROWS || parse_row(line, &row))
			s->skipped++;
		else
			err = drvmem_vec__push(&vec, row);
	}
	s->v = vec.v;
	s->n = vec.n;
	return err;
}

int drvmem_slabinfo__parse(const char *text, size_t len, struct drvmem_slabinfo **ret)
{
	struct drvmem_span rest = { text, len };
	struct drvmem_slabinfo *s;
	int err;

	if (drvmem_span__starts(rest, "slabinfo - version: ")) {
		struct drvmem_span version;

		drvmem_span__line(&rest, &version);
		if (!drvmem_span__starts(version, "slabinfo - version: 2."))
			return -ENOTSUP;
	}
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	err = add_rows(s, rest);
	if (err) {
		drvmem_slabinfo__free(s);
		return err;
	}
	*ret = s;
	return 0;
}

int drvmem_slabinfo__load(struct drvmem_slabinfo **ret)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	int err;

	err = drvmem_file__read("/proc/slabinfo", DRVMEM_FILE_TEXT, &text, &len);
	if (err)
		return err;
	return drvmem_slabinfo__parse(text, len, ret);
}

void drvmem_slabinfo__free(struct drvmem_slabinfo *s)
{
	if (!s)
		return;
	free(s->v);
	free(s);
}

const struct drvmem_slabrow *drvmem_slabinfo__find(const struct drvmem_slabinfo *s,
						   const char *name)
{
	for (size_t i = 0; i < s->n; i++) {
		if (!strcmp(s->v[i].name, name))
			return &s->v[i];
	}
	return NULL;
}
