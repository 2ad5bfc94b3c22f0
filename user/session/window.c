// SPDX-License-Identifier: GPL-2.0-or-later
#include "session/window.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

int drvmem_window__make(const char *arch, uint64_t stext, struct drvmem_window *ret)
{
	struct drvmem_window w = {
		.page_shift = (uint32_t)__builtin_ctzl((unsigned long)sysconf(_SC_PAGESIZE)),
	};

	if (!strcmp(arch, "x86_64")) {
		/* arch/x86: kernel image and modules share the top 2 GiB, KASLR or not */
		w.base = 0xffffffff80000000ULL;
		w.pages = (uint32_t)((1ULL << 31) >> w.page_shift);
	} else {
		/* modules lie within branch reach of the kernel: 2 GiB on either side */
		if (!stext)
			return -EACCES;
		w.base = (stext - (1ULL << 31)) & ~((1ULL << 21) - 1);
		w.pages = (uint32_t)((1ULL << 32) >> w.page_shift);
	}
	*ret = w;
	return 0;
}

static uint16_t *entry(const struct drvmem_window *w, struct drvmem_pages *pages, uint64_t addr)
{
	uint64_t page = (addr - w->base) >> w->page_shift;

	if (addr < w->base || page >= w->pages)
		return NULL;
	return &pages[page / DRVMEM_PAGES_CHUNK].range[page % DRVMEM_PAGES_CHUNK];
}

static void enter(const struct drvmem_window *w, struct drvmem_range *r, uint16_t id,
		  struct drvmem_pages *pages)
{
	uint64_t page_size = 1ULL << w->page_shift, last = (r->hi - 1) & ~(page_size - 1), at;
	uint16_t *e = entry(w, pages, r->lo), *l = entry(w, pages, last);

	if (!e || !l)
		return;
	r->next_lo = *e;
	r->next_hi = e == l ? 0 : *l;
	for (at = r->lo & ~(page_size - 1); at <= last; at += page_size) {
		e = entry(w, pages, at);
		if (e)
			*e = id;
	}
}

void drvmem_window__fill(const struct drvmem_window *w, const struct drvmem_range *in, uint32_t n,
			 struct drvmem_range *ranges, struct drvmem_pages *pages)
{
	uint32_t i;

	for (i = 0; i < n && i + 1 < DRVMEM_STATIC_RANGES; i++) {
		ranges[i + 1] = in[i];
		enter(w, &ranges[i + 1], (uint16_t)(i + 1), pages);
	}
}
