// SPDX-License-Identifier: GPL-2.0-or-later
#include "fuzz.h"

#include <string.h>

#include "session/faults.h"

/* What is a state is one again, the same; and whatever it says, no other file is meant. */
static void check_state(const char *text, size_t size)
{
	struct drvmem_settings s, again;
	struct drvmem_strbuf out = { 0 };
	char path[PATH_MAX];
	uint32_t i;

	FUZZ_ASSERT(!drvmem_settings__init(&s, "") && !drvmem_settings__init(&again, ""));
	if (drvmem_settings__parse(text, size, &s))
		return;
	for (i = 0; i < s.n; i++) {
		FUZZ_ASSERT(!drvmem_settings__path(&s, s.v[i].name, path, sizeof(path)));
		FUZZ_ASSERT(!strstr(path, "..") && !strncmp(path, "/sys/", 5));
	}
	drvmem_settings__format(&s, &out);
	FUZZ_ASSERT(!drvmem_strbuf__error(&out));
	FUZZ_ASSERT(!drvmem_settings__parse(out.s, out.len, &again));
	FUZZ_ASSERT(again.n == s.n && again.pid == s.pid);
	drvmem_strbuf__deinit(&out);
}

static void check_spec(const char *text, size_t size)
{
	struct drvmem_faults_spec f;
	char *copy = malloc(size + 1);

	FUZZ_ASSERT(copy);
	memcpy(copy, text, size);
	copy[size] = '\0';
	if (!drvmem_faults__parse(copy, &f, NULL))
		FUZZ_ASSERT((f.slab || f.page) && f.probability >= 1 && f.probability <= 100 && f.interval &&
			    f.times && f.times >= -1 && f.space <= INT32_MAX);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_state((const char *)data, size);
	check_spec((const char *)data, size);
	return 0;
}
