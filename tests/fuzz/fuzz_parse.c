// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "base/opt.h"
#include "base/units.h"
#include "fuzz.h"

typedef int (*parser)(const char *, uint64_t *);
typedef const char *(*printer)(uint64_t, char *, size_t);

/* What was read is printed in a form that reads back to the same value. */
static void check(parser parse, printer print, const char *s)
{
	char buf[DRVMEM_UNIT_LEN];
	uint64_t v, back;

	if (parse(s, &v))
		return;
	print(v, buf, sizeof(buf));
	FUZZ_ASSERT(!parse(buf, &back) && back == v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *s = malloc(size + 1);
	uint64_t v;

	if (!s)
		return 0;
	memcpy(s, data, size);
	s[size] = '\0';
	(void)!drvmem_parse_u64(s, &v);
	check(drvmem_parse_size, drvmem_fmt_size_exact, s);
	check(drvmem_parse_duration, drvmem_fmt_duration_exact, s);
	free(s);
	return 0;
}
