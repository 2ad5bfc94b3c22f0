// SPDX-License-Identifier: GPL-2.0-or-later
#include "slubrules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"

#define MAX_ORDER_OF_CMDLINE	10u
#define CACHE_LINE		64u
#define CPUS_MAX		65536u

uint32_t drvmem_slubrules__cpus(const char *text, uint32_t *ret_ids)
{
	uint32_t n = 0, ids = 0;
	unsigned long from, to;
	char *end;

	for (;;) {
		from = to = strtoul(text, &end, 10);
		if (end == text)
			break;
		if (*end == '-')
			to = strtoul(end + 1, &end, 10);
		if (to < from || to >= CPUS_MAX)
			return 0;
		n += (uint32_t)(to - from + 1);
		ids = (uint32_t)to + 1;
		if (*end != ',')
			break;
		text = end + 1;
	}
	*ret_ids = ids;
	return n;
}

static uint32_t cpus_in(const char *path, uint32_t *ret_ids)
{
	_cleanup_free_ char *text = NULL;
	size_t len;

	return drvmem_file__read(path, DRVMEM_FILE_SMALL, &text, &len) ? 0 : drvmem_slubrules__cpus(text, ret_ids);
}

void drvmem_slubrules__cmdline(const char *text, struct drvmem_slub_rules *r)
{
	struct drvmem_span rest = { text, strcspn(text, "\r\n") }, word, name;
	const struct { const char *name; uint32_t *to, max; } knob[] = {
		{ "min_order", &r->min_order, MAX_ORDER_OF_CMDLINE }, { "max_order", &r->max_order, MAX_ORDER_OF_CMDLINE },
		{ "min_objects", &r->min_objects, 65536 },
	};
	uint64_t v;
	size_t i;

	while (drvmem_span__word(&rest, &word)) {
		name = drvmem_span__take(&word, '=');
		if (name.n < 5 || (strncmp(name.s, "slub_", 5) && strncmp(name.s, "slab_", 5)) ||
		    drvmem_span__u64(word, &v))
			continue;
		name.s += 5;
		name.n -= 5;
		for (i = 0; i < sizeof(knob) / sizeof(knob[0]); i++)
			if (drvmem_span__is(name, knob[i].name) && v <= knob[i].max)
				*knob[i].to = (uint32_t)v;
	}
	if (r->min_order > r->max_order)
		r->max_order = r->min_order;
}

bool drvmem_slubrules__read(struct drvmem_slub_rules *ret)
{
	uint32_t ids, present = cpus_in("/sys/devices/system/cpu/present", &ids);
	long line = sysconf(_SC_LEVEL1_DCACHE_LINESIZE);
	_cleanup_free_ char *text = NULL;
	unsigned int major, minor;
	struct utsname u;
	size_t len;

	if (uname(&u) || sscanf(u.release, "%u.%u", &major, &minor) != 2 || !present ||
	    !cpus_in("/sys/devices/system/cpu/possible", &ids))
		return false;
	drvmem_slub_rules(major << 16 | minor << 8, (uint32_t)sysconf(_SC_PAGESIZE), present, ids,
			  line > 0 ? (uint32_t)line : CACHE_LINE, ret);
	if (!drvmem_file__read("/proc/cmdline", DRVMEM_FILE_SMALL, &text, &len))
		drvmem_slubrules__cmdline(text, ret);
	return true;
}
