// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/pagetypeinfo.h"

#include <errno.h>

#include "base/text.h"
#include "base/vec.h"
#include "source/buddyinfo.h"

#define TITLES	"Number of blocks type"
#define MAX_KINDS 16u
#define MAX_ROWS 16384u

struct titles {
	int kind[MAX_KINDS];	/* enum drvmem_block, -1 = another */
	uint32_t n;
};

static int kind_of(struct drvmem_span name)
{
	int i;

	for (i = 0; i < DRVMEM_NR_BLOCK; i++)
		if (drvmem_span__is(name, drvmem_block_names[i]))
			return i;
	return -1;
}

static void parse_titles(struct drvmem_span line, struct titles *ret)
{
	struct drvmem_span word;

	line.s += sizeof(TITLES) - 1;
	line.n -= sizeof(TITLES) - 1;
	for (ret->n = 0; ret->n < MAX_KINDS && drvmem_span__word(&line, &word); ret->n++)
		ret->kind[ret->n] = kind_of(word);
}

static int parse_row(struct drvmem_span line, const struct titles *t, struct drvmem_blocks *ret)
{
	struct drvmem_blocks b = { 0 };
	struct drvmem_span word;
	uint64_t v;
	uint32_t i;
	int err = drvmem_buddyinfo__cut_zone(&line, &b.node, b.name, sizeof(b.name));

	if (err)
		return err;
	for (i = 0; i < DRVMEM_NR_BLOCK; i++)
		b.n[i].st = DRVMEM_ABSENT;
	for (i = 0; i < t->n; i++) {
		if (!drvmem_span__word(&line, &word) || drvmem_span__u64(word, &v) || v > UINT32_MAX)
			return -EINVAL;
		if (t->kind[i] >= 0)
			b.n[t->kind[i]] = (struct drvmem_u64){ v, DRVMEM_OK };
		else
			b.other += v;
	}
	if (drvmem_span__word(&line, &word))
		return -EINVAL;
	*ret = b;
	return 0;
}

int drvmem_pagetypeinfo__parse(const char *text, size_t len, struct drvmem_blocks **ret,
			       uint32_t *ret_n, uint64_t *skipped)
{
	DRVMEM_VEC(struct drvmem_blocks) vec = { 0 };
	struct drvmem_span rest = { text, len }, line;
	struct titles titles = { 0 };
	struct drvmem_blocks b;
	int err = 0;

	while (!err && drvmem_span__line(&rest, &line)) {
		if (!titles.n && drvmem_span__starts(line, TITLES)) {
			parse_titles(line, &titles);
			continue;
		}
		/* the table ends at an empty line; with page_owner another one follows */
		if (titles.n && !line.n)
			break;
		if (!titles.n)
			continue;
		if (vec.n >= MAX_ROWS || parse_row(line, &titles, &b))
			(*skipped)++;
		else
			err = drvmem_vec__push(&vec, b);
	}
	if (!err && !vec.n)
		err = -EINVAL;
	if (err) {
		drvmem_vec__deinit(&vec);
		return err;
	}
	*ret = vec.v;
	*ret_n = (uint32_t)vec.n;
	return 0;
}
