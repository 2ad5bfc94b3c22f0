// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/lockdown.h"

#include <errno.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"

int drvmem_lockdown__parse(const char *text, size_t len, enum drvmem_lockdown *ret)
{
	static const char *const levels[] = { "[none]", "[integrity]", "[confidentiality]" };
	struct drvmem_span rest = { text, len }, line, word;

	if (!drvmem_span__line(&rest, &line))
		return -EINVAL;
	while (drvmem_span__word(&line, &word)) {
		for (int i = 0; i <= DRVMEM_LOCKDOWN_CONFIDENTIALITY; i++) {
			if (drvmem_span__is(word, levels[i])) {
				*ret = (enum drvmem_lockdown)i;
				return 0;
			}
		}
	}
	return -EINVAL;
}

int drvmem_lockdown__load(enum drvmem_lockdown *ret)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	int err;

	err = drvmem_file__read("/sys/kernel/security/lockdown", DRVMEM_FILE_SMALL, &text, &len);
	if (err)
		return err;
	return drvmem_lockdown__parse(text, len, ret);
}
