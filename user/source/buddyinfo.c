// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/buddyinfo.h"

#include <errno.h>

#include "base/vec.h"

#define MAX_ZONES 16384u

/* "0," or "0": the number is kept. */
static int parse_node(struct drvmem_span s, uint32_t *ret)
{
	uint64_t v;
	int err;

	if (s.n && s.s[s.n - 1] == ',')
		s.n--;
	err = drvmem_span__u64(s, &v);
	if (err || v > UINT32_MAX)
		return -EINVAL;
	*ret = (uint32_t)v;
	return 0;
}

int drvmem_buddyinfo__cut_zone(struct drvmem_span *line, uint32_t *ret_node, char *ret_name,
			       size_t size)
{
	struct drvmem_span word, node;

	if (!drvmem_span__word(line, &word) || !drvmem_span__is(word, "Node") ||
	    !drvmem_span__word(line, &node) || parse_node(node, ret_node) ||
	    !drvmem_span__word(line, &word) || !drvmem_span__is(word, "zone") ||
	    !drvmem_span__word(line, &word))
		return -EINVAL;
	if (word.n && word.s[word.n - 1] == ',')
		word.n--;
	return drvmem_span__copy(word, ret_name, size);
}

static int parse_zone(struct drvmem_span line, struct drvmem_zone *ret)
{
	struct drvmem_zone z = { 0 };
	struct drvmem_span word;
	int err = drvmem_buddyinfo__cut_zone(&line, &z.node, z.name, sizeof(z.name));

	if (err)
		return err;
	while (drvmem_span__word(&line, &word)) {
		if (z.nr_orders == DRVMEM_MAX_ORDERS)
			return -E2BIG;
		err = drvmem_span__u64(word, &z.free[z.nr_orders]);
		/* blocks times their pages must fit */
		if (err || z.free[z.nr_orders] > UINT64_MAX >> 24)
			return -EINVAL;
		z.nr_orders++;
	}
	if (!z.nr_orders)
		return -EINVAL;
	*ret = z;
	return 0;
}

int drvmem_buddyinfo__parse(const char *text, size_t len, struct drvmem_zone **ret, uint32_t *ret_n,
			    uint64_t *skipped)
{
	DRVMEM_VEC(struct drvmem_zone) vec = { 0 };
	struct drvmem_span rest = { text, len }, line;
	struct drvmem_zone z;
	int err = 0;

	while (!err && drvmem_span__line(&rest, &line)) {
		if (!line.n)
			continue;
		if (vec.n >= MAX_ZONES || parse_zone(line, &z))
			(*skipped)++;
		else
			err = drvmem_vec__push(&vec, z);
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
