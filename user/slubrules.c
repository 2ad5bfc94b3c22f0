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

/* The highest number in "0-3,8", and one more; 0: not to be had. */
static uint32_t cpus_in(const char *path)
{
	_cleanup_free_ char *text = NULL;
	const char *last;
	size_t len;

	if (drvmem_file__read(path, DRVMEM_FILE_SMALL, &text, &len))
		return 0;
	last = strrchr(text, ',');
	last = last ? last + 1 : text;
	last = strchr(last, '-') ? strchr(last, '-') + 1 : last;
	return (uint32_t)strtoul(last, NULL, 10) + 1;
}

void drvmem_slubrules__cmdline(const char *text, struct drvmem_slub_rules *r)
{
	struct drvmem_span rest = { text, strlen(text) }, word, name;
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
	uint32_t present = cpus_in("/sys/devices/system/cpu/present"), possible = cpus_in("/sys/devices/system/cpu/possible");
	long line = sysconf(_SC_LEVEL1_DCACHE_LINESIZE);
	_cleanup_free_ char *text = NULL;
	unsigned int major, minor;
	struct utsname u;
	size_t len;

	if (uname(&u) || sscanf(u.release, "%u.%u", &major, &minor) != 2 || !present || !possible)
		return false;
	drvmem_slub_rules(major << 16 | minor << 8, (uint32_t)sysconf(_SC_PAGESIZE), present, possible,
			  line > 0 ? (uint32_t)line : CACHE_LINE, ret);
	if (!drvmem_file__read("/proc/cmdline", DRVMEM_FILE_SMALL, &text, &len))
		drvmem_slubrules__cmdline(text, ret);
	return true;
}
