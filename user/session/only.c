// SPDX-License-Identifier: GPL-2.0-or-later
#include "session/only.h"

#include <stdio.h>
#include <string.h>

#include "drvmem/abi.h"
#include "drvmem/config.h"

/* Is name one of those that a name or prefix lets through? '-' and '_' are alike. */
static bool lets_through(const char *pattern, const char *name)
{
	for (; *pattern && *pattern != '*'; pattern++, name++)
		if (*pattern != *name)
			return false;
	return *pattern == '*' || !*name;
}

/* The part before an instance, a component or the first wildcard; false: that is nothing. */
static bool add_name(struct drvmem_only *o, const char *pattern)
{
	size_t len = strcspn(pattern, "*?[\\:#");
	bool whole = !pattern[len] || pattern[len] == ':' || pattern[len] == '#';
	char *to = o->name[o->n];

	if (!len || len + 2 > sizeof(o->name[0]))
		return false;
	snprintf(to, sizeof(o->name[0]), "%.*s%s", (int)len, pattern, whole ? "" : "*");
	o->n++;
	return true;
}

void drvmem_only__make(const struct drvmem_strlist *owners, struct drvmem_only *ret)
{
	static const char *const reserved[DRVMEM_MOD_FIRST] = { "kernel", "drvmem", "unknown" };
	uint32_t i, slot;

	*ret = (struct drvmem_only){};
	for (i = 0; owners && i < owners->n; i++) {
		if (!add_name(ret, owners->v[i])) {
			*ret = (struct drvmem_only){};
			return;
		}
	}
	if (!ret->n)
		return;
	/* whose stack could not be had may be anybody */
	ret->bits = DRVMEM_ONLY_ON | 1u << DRVMEM_MOD_UNKNOWN;
	for (i = 0; i < ret->n; i++)
		for (slot = 0; slot < DRVMEM_MOD_FIRST; slot++)
			if (lets_through(ret->name[i], reserved[slot]))
				ret->bits |= (uint8_t)(1u << slot);
	/* nearly everything is the kernel's: to let the rest pass would cost more than it saves */
	if (ret->bits & 1u << DRVMEM_MOD_KERNEL)
		*ret = (struct drvmem_only){};
}
