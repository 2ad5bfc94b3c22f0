// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/psi.h"

#include <errno.h>

#include "base/text.h"

static int find_total(struct drvmem_span line, uint64_t *ret)
{
	static const char key[] = "total=";
	struct drvmem_span word;

	while (drvmem_span__word(&line, &word)) {
		if (!drvmem_span__starts(word, key))
			continue;
		word.s += sizeof(key) - 1;
		word.n -= sizeof(key) - 1;
		return drvmem_span__u64(word, ret);
	}
	return -EINVAL;
}

int drvmem_psi__parse(const char *text, size_t len, struct drvmem_psi *ret)
{
	struct drvmem_span rest = { text, len }, line, name;
	struct drvmem_u64 *to;
	bool any = false;
	uint64_t us;

	while (drvmem_span__line(&rest, &line)) {
		if (!drvmem_span__word(&line, &name))
			continue;
		to = drvmem_span__is(name, "some") ? &ret->some_us :
		     drvmem_span__is(name, "full") ? &ret->full_us : NULL;
		if (!to || find_total(line, &us))
			continue;
		*to = (struct drvmem_u64){ us, DRVMEM_OK };
		any = true;
	}
	return any ? 0 : -EINVAL;
}
