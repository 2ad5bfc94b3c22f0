// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "base/text.h"
#include "session/bpfmaps.h"

int drvmem_bpfmaps__parse_memlock(const char *text, size_t len, uint64_t *ret)
{
	struct drvmem_span rest = { text, len }, line, word;

	while (drvmem_span__line(&rest, &line)) {
		if (!drvmem_span__starts(line, "memlock:"))
			continue;
		if (!drvmem_span__word(&line, &word) || !drvmem_span__word(&line, &word))
			return -EINVAL;
		return drvmem_span__u64(word, ret);
	}
	return -EINVAL;
}
