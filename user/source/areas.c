// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/areas.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"

/*
 * Callers that vmallocinfo names for the stacks of tasks: kernel/fork.c:
 * alloc_thread_stack_node() takes its own return address, and it and its callers are inlined
 * more or less deeply.
 */
static const char *const stack_callers[] = {
	"alloc_thread_stack_node+", "dup_task_struct+", "copy_process+", "kernel_clone+",
	"_do_fork+", "fork_idle+", "create_io_thread+", "vhost_task_create+",
};

static bool is_stack(struct drvmem_span caller)
{
	size_t i;

	for (i = 0; i < sizeof(stack_callers) / sizeof(stack_callers[0]); i++)
		if (drvmem_span__starts(caller, stack_callers[i]))
			return true;
	return false;
}

static bool value_of(struct drvmem_span word, const char *key, uint64_t *ret)
{
	size_t n = strlen(key);

	if (!drvmem_span__starts(word, key))
		return false;
	word.s += n;
	word.n -= n;
	return !drvmem_span__u64(word, ret);
}

/*
 * mm/vmalloc.c:s_show: "0xADDR-0xADDR   SIZE CALLER [pages=N] [phys=X] [ioremap] [sparse]
 * [vmalloc] [vmap] ...". vmap() of pages that vfree() is to put has pages= too: only areas
 * marked vmalloc are in VmallocUsed.
 */
static int parse_area(struct drvmem_span line, struct drvmem_areas *sum)
{
	struct drvmem_span range, size, caller = { "", 0 }, word;
	uint64_t pages = 0, bytes;
	bool vmalloc = false;

	if (!drvmem_span__word(&line, &range) || !drvmem_span__starts(range, "0x") ||
	    !memchr(range.s, '-', range.n) || !drvmem_span__word(&line, &size) ||
	    drvmem_span__u64(size, &bytes))
		return -EINVAL;
	while (drvmem_span__word(&line, &word)) {
		if (!caller.n && memchr(word.s, '+', word.n))
			caller = word;
		vmalloc |= drvmem_span__is(word, "vmalloc");
		if (drvmem_span__starts(word, "pages=") &&
		    (!value_of(word, "pages=", &pages) || pages > UINT64_MAX >> 24))
			return -EINVAL;
	}
	sum->nr++;
	if (!vmalloc)
		return 0;
	sum->pages += pages;
	if (is_stack(caller))
		sum->stack_pages += pages;
	return 0;
}

int drvmem_areas__parse(const char *text, size_t len, struct drvmem_areas *ret)
{
	struct drvmem_span rest = { text, len }, line;
	struct drvmem_areas sum = { 0 };

	while (drvmem_span__line(&rest, &line))
		if (line.n && parse_area(line, &sum))
			sum.skipped++;
	if (!sum.nr)
		return -EINVAL;
	*ret = sum;
	return 0;
}

static bool parse_percpu_line(struct drvmem_span line, uint64_t *ret)
{
	struct drvmem_span word, before = { "", 0 }, first = { "", 0 };
	bool in = false;

	while (drvmem_span__word(&line, &word)) {
		if (in && drvmem_span__is(word, "pages/cpu")) {
			/* "Embedded 53 pages/cpu" has the number before it, "53 4K pages/cpu" first */
			return !drvmem_span__u64(before, ret) || !drvmem_span__u64(first, ret);
		}
		if (in && !first.n)
			first = word;
		before = word;
		in |= drvmem_span__is(word, "percpu:");
	}
	return false;
}

int drvmem_bootlog__percpu(const char *text, size_t len, uint64_t *ret_pages)
{
	struct drvmem_span rest = { text, len }, line;
	uint64_t pages;

	while (drvmem_span__line(&rest, &line)) {
		if (!parse_percpu_line(line, &pages) || pages > UINT32_MAX)
			continue;
		*ret_pages = pages;
		return 0;
	}
	return -ENOENT;
}
