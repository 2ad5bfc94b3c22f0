// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "base/glob.h"
#include "fuzz.h"

/* First line: the pattern; rest: the name. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *pattern = malloc(size + 1), *name;

	if (!pattern)
		return 0;
	memcpy(pattern, data, size);
	pattern[size] = '\0';
	name = strchr(pattern, '\n');
	if (name) {
		*name++ = '\0';
		FUZZ_ASSERT(!drvmem_glob__match(pattern, name) || !drvmem_glob__check(pattern));
		drvmem_glob__match_module(pattern, name);
	}
	free(pattern);
	return 0;
}
