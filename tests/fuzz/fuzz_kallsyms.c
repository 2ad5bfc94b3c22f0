// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "fuzz.h"
#include "symbol/symbol.h"

static void check_symbol(const struct drvmem_symtab *t, size_t i)
{
	const struct drvmem_sym *s = drvmem_symtab__at(t, i);
	const struct drvmem_sym *found = drvmem_symtab__find(t, s->addr);
	const struct drvmem_sym *named = drvmem_symtab__by_name(t, s->name, s->module);
	char buf[64];

	FUZZ_ASSERT(s->addr && s->name[0]);
	FUZZ_ASSERT(!i || drvmem_symtab__at(t, i - 1)->addr <= s->addr);
	FUZZ_ASSERT(drvmem_symtab__end(t, s) >= s->addr);
	FUZZ_ASSERT(!found || found->addr == s->addr);
	FUZZ_ASSERT(named && named->addr <= s->addr && !strcmp(named->name, s->name));
	drvmem_symtab__format(t, s->addr + 1, true, buf, sizeof(buf));
	drvmem_component_guess(s->name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "modules", "_stext" };
	const char *text = (const char *)data;
	struct drvmem_symtab *t;
	uint64_t addr[2];

	drvmem_kallsyms_lookup(text, size, names, 2, addr);
	if (drvmem_symtab__parse(text, size, &t))
		return 0;
	for (size_t i = 0; i < drvmem_symtab__count(t); i++)
		check_symbol(t, i);
	drvmem_symtab__find(t, 0);
	drvmem_symtab__find(t, UINT64_MAX);
	drvmem_symtab__free(t);
	return 0;
}
