// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/bootlog.h"

#include <errno.h>

#include "base/text.h"

static bool parse_percpu_line(struct drvmem_span line, uint64_t *ret)
{
	struct drvmem_span word, before = { "", 0 }, first = { "", 0 };
	bool in = false;

	while (drvmem_span__word(&line, &word)) {
		if (in && drvmem_span__is(word, "pages/cpu")) {
			/* "Embedded 53 pages/cpu" has the number before it, "53 4K pages/cpu" first */
			return !drvmem_span__u64(before, ret) || !drvmem_span__u64(first, ret);
		}
		if (in && !first.n)
			first = word;
		before = word;
		in |= drvmem_span__is(word, "percpu:");
	}
	return false;
}

int drvmem_bootlog__percpu(const char *text, size_t len, uint64_t *ret_pages)
{
	struct drvmem_span rest = { text, len }, line;
	uint64_t pages;

	while (drvmem_span__line(&rest, &line)) {
		if (!parse_percpu_line(line, &pages) || pages > UINT32_MAX)
			continue;
		*ret_pages = pages;
		return 0;
	}
	return -ENOENT;
}
