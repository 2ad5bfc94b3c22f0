// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/vmstat.h"

#include <errno.h>

#include "base/text.h"

/* One line a zone: allocstall_dma, allocstall_normal, allocstall_movable (since 4.10). */
#define ALLOCSTALL "allocstall_"

static int index_of(struct drvmem_span name)
{
	int i;

	if (drvmem_span__starts(name, ALLOCSTALL))
		return DRVMEM_VM_ALLOCSTALL;
	for (i = 0; i < DRVMEM_NR_VM; i++)
		if (drvmem_span__is(name, drvmem_vm_names[i]))
			return i;
	return -1;
}

/* False: there is one already, and no sum is wanted. */
static bool take(struct drvmem_u64 *to, bool sum, uint64_t v)
{
	if (to->st == DRVMEM_OK && (!sum || v > UINT64_MAX - to->v))
		return false;
	*to = (struct drvmem_u64){ to->st == DRVMEM_OK ? to->v + v : v, DRVMEM_OK };
	return true;
}

int drvmem_vmstat__parse(const char *text, size_t len, struct drvmem_u64 *ret, uint64_t *skipped)
{
	struct drvmem_span rest = { text, len }, line, name, number, more;
	bool any = false;
	uint64_t v;
	int i;

	while (drvmem_span__line(&rest, &line)) {
		if (!drvmem_span__word(&line, &name))
			continue;
		i = index_of(name);
		if (i < 0)
			continue;
		if (!drvmem_span__word(&line, &number) || drvmem_span__word(&line, &more) ||
		    drvmem_span__u64(number, &v) ||
		    !take(&ret[i], drvmem_span__starts(name, ALLOCSTALL), v)) {
			(*skipped)++;
			continue;
		}
		any = true;
	}
	return any ? 0 : -EINVAL;
}

/*
 * mm/vmstat.c:zoneinfo_show_print: behind "  pagesets" two or more lines a CPU, "    cpu: 0" and
 * "              count:    6274". No other line is called count.
 */
int drvmem_zoneinfo__parse_pcp(const char *text, size_t len, uint64_t *ret_pages, uint64_t *skipped)
{
	struct drvmem_span rest = { text, len }, line, name, number, more;
	uint64_t sum = 0, v;
	bool any = false;

	while (drvmem_span__line(&rest, &line)) {
		if (!drvmem_span__word(&line, &name) || !drvmem_span__is(name, "count:"))
			continue;
		if (!drvmem_span__word(&line, &number) || drvmem_span__word(&line, &more) ||
		    drvmem_span__u64(number, &v) || v > UINT32_MAX) {
			(*skipped)++;
			continue;
		}
		sum += v;
		any = true;
	}
	if (!any)
		return -EINVAL;
	*ret_pages = sum;
	return 0;
}
