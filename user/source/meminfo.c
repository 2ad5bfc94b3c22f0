// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/meminfo.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"

#define MAX_KB (UINT64_C(1) << 49)	/* 512 PiB: sums of all lines fit in 64 bits, signed too */

/* Cuts "Name:" off line. */
static bool cut_name(struct drvmem_span *line, struct drvmem_span *ret)
{
	const char *colon = memchr(line->s, ':', line->n);

	if (!colon || colon == line->s)
		return false;
	*ret = (struct drvmem_span){ line->s, (size_t)(colon - line->s) };
	line->n -= ret->n + 1;
	line->s = colon + 1;
	return true;
}

static int index_of(struct drvmem_span name)
{
	int i;

	for (i = 0; i < DRVMEM_NR_MEM; i++)
		if (drvmem_span__is(name, drvmem_mem_names[i]))
			return i;
	return -1;
}

/* "  123 kB" in bytes. */
static int parse_kb(struct drvmem_span rest, uint64_t *ret)
{
	struct drvmem_span number, unit, more;
	uint64_t kb;
	int err;

	if (!drvmem_span__word(&rest, &number) || !drvmem_span__word(&rest, &unit) ||
	    drvmem_span__word(&rest, &more) || !drvmem_span__is(unit, "kB"))
		return -EINVAL;
	err = drvmem_span__u64(number, &kb);
	if (err)
		return err;
	if (kb > MAX_KB)
		return -ERANGE;
	*ret = kb * 1024;
	return 0;
}

int drvmem_meminfo__parse(const char *text, size_t len, struct drvmem_u64 *ret, uint64_t *skipped)
{
	struct drvmem_span rest = { text, len }, line, name;
	bool any = false;
	uint64_t bytes;
	int i;

	while (drvmem_span__line(&rest, &line)) {
		if (!line.n)
			continue;
		if (!cut_name(&line, &name)) {
			(*skipped)++;
			continue;
		}
		i = index_of(name);
		if (i < 0)
			continue;
		if (parse_kb(line, &bytes) || ret[i].st == DRVMEM_OK) {
			(*skipped)++;
			continue;
		}
		ret[i] = (struct drvmem_u64){ bytes, DRVMEM_OK };
		any = true;
	}
	return any ? 0 : -EINVAL;
}
