// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The page table of text ranges as user space fills it, looked up on plain memory the way
 * the BPF side does (bpf/owner.bpf.h: dm_range_find).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "harness.h"
#include "session/window.h"

#define PAGE 4096ull
#define STEXT 0xffffffff81000000ull

static const struct drvmem_range in[] = {
	/* three on one page, the last of them over three pages; two more where it ends */
	{ .lo = STEXT + 0x10, .hi = STEXT + 0x20, .kind = DRVMEM_RANGE_BARRIER },
	{ .lo = STEXT + 0x20, .hi = STEXT + 0x80, .kind = DRVMEM_RANGE_OVERHEAD },
	{ .lo = STEXT + 0xf00, .hi = STEXT + 2 * PAGE + 0x10, .kind = DRVMEM_RANGE_RETRY },
	{ .lo = STEXT + 2 * PAGE + 0x10, .hi = STEXT + 2 * PAGE + 0x30,
	  .kind = DRVMEM_RANGE_BARRIER },
	{ .lo = STEXT + 2 * PAGE + 0x100, .hi = STEXT + 3 * PAGE, .kind = DRVMEM_RANGE_OVERHEAD },
	/* exactly one page, then a gap */
	{ .lo = STEXT + 8 * PAGE, .hi = STEXT + 9 * PAGE, .kind = DRVMEM_RANGE_RETRY },
};
#define NR (sizeof(in) / sizeof(in[0]))

static uint32_t look_up(const struct drvmem_window *w, const struct drvmem_range *ranges,
			const struct drvmem_pages *pages, uint64_t ip)
{
	uint64_t page = (ip - w->base) >> w->page_shift;
	uint32_t id, i;

	if (page >= w->pages)
		return 0;
	id = pages[page / DRVMEM_PAGES_CHUNK].range[page % DRVMEM_PAGES_CHUNK];
	for (i = 0; i < DRVMEM_RANGE_CHAIN && id; i++) {
		const struct drvmem_range *r = &ranges[id];

		if (r->kind && ip >= r->lo && ip < r->hi)
			return id;
		id = (r->lo >> w->page_shift) == (ip >> w->page_shift) ? r->next_lo : r->next_hi;
	}
	return 0;
}

/* By comparison with every range, 1-based like the ids. */
static uint32_t expected(uint64_t ip)
{
	uint32_t i;

	for (i = 0; i < NR; i++)
		if (ip >= in[i].lo && ip < in[i].hi)
			return i + 1;
	return 0;
}

static enum bt_result chains(void *arg)
{
	_cleanup_free_ struct drvmem_range *ranges = calloc(DRVMEM_MAX_RANGES, sizeof(*ranges));
	_cleanup_free_ struct drvmem_pages *pages = NULL;
	struct drvmem_window w;
	uint64_t ip;

	(void)arg;
	BT_CHECK(!drvmem_window__make("x86_64", STEXT, &w), "no window");
	BT_CHECK(w.page_shift == 12 && !(w.pages % DRVMEM_PAGES_CHUNK), "window of %u pages",
		 w.pages);
	pages = calloc(w.pages / DRVMEM_PAGES_CHUNK, sizeof(*pages));
	BT_CHECK(ranges && pages, "out of memory");
	drvmem_window__fill(&w, in, NR, ranges, pages);
	for (ip = STEXT - 2 * PAGE; ip < STEXT + 11 * PAGE; ip++)
		BT_CHECK(look_up(&w, ranges, pages, ip) == expected(ip), "+%#llx: range %u, not %u",
			 (unsigned long long)(ip - STEXT), look_up(&w, ranges, pages, ip),
			 expected(ip));
	BT_CHECK(!look_up(&w, ranges, pages, w.base - 1), "a range below the window");
	BT_CHECK(!look_up(&w, ranges, pages, 0), "a range at 0");
	return BT_PASS;
}

static enum bt_result windows(void *arg)
{
	const uint64_t stext = 0xffff800080000000ull, reach = 1ull << 31, slop = 1ull << 21;
	struct drvmem_window w;

	(void)arg;
	BT_CHECK(!drvmem_window__make("x86_64", 0, &w), "x86_64 needs no symbol");
	BT_CHECK(w.base == 0xffffffff80000000ull, "base %#llx", (unsigned long long)w.base);
	BT_CHECK(drvmem_window__make("aarch64", 0, &w) == -EACCES, "aarch64 without a symbol");
	BT_CHECK(!drvmem_window__make("aarch64", stext, &w), "aarch64");
	BT_CHECK(w.base <= stext - reach &&
		 w.base + ((uint64_t)w.pages << w.page_shift) >= stext + reach - slop,
		 "aarch64: 2 GiB on either side, got %#llx", (unsigned long long)w.base);
	return BT_PASS;
}

int main(void)
{
	if (sysconf(_SC_PAGESIZE) != (long)PAGE) {
		printf("skip owner_table - pages are not of 4 KiB\n");
		return 0;
	}
	bt_case("owner_table_chains", chains, NULL);
	bt_case("owner_table_window", windows, NULL);
	return bt_exit();
}
