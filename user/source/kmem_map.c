// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/kmem_map.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static int cmp_seg(const void *a, const void *b)
{
	const struct drvmem_kmem_seg *x = a, *y = b;

	return (x->pa > y->pa) - (x->pa < y->pa);
}

/* By address. What lies in another, or goes on where that ends in memory and in the file, is one with it. */
static void join_ram(struct drvmem_kmem *k)
{
	struct drvmem_kmem_seg *last, *s;
	uint32_t i, n = 0;

	if (k->nr_seg)
		qsort(k->seg, k->nr_seg, sizeof(*k->seg), cmp_seg);
	for (i = 0; i < k->nr_seg; i++) {
		s = &k->seg[i];
		last = n ? &k->seg[n - 1] : NULL;
		if (!last || s->pa > last->pa + last->bytes ||
		    (s->off != last->off + (s->pa - last->pa) && s->pa == last->pa + last->bytes)) {
			k->seg[n++] = *s;
			continue;
		}
		if (s->pa + s->bytes > last->pa + last->bytes)
			last->bytes = s->pa + s->bytes - last->pa;
	}
	k->nr_seg = n;
}

static int add_ram(struct drvmem_kmem *k, uint64_t pa, uint64_t bytes, uint64_t off)
{
	struct drvmem_kmem_seg *s = realloc(k->seg, (k->nr_seg + 1) * sizeof(*s));
	uint64_t end = (pa + bytes) >> DRVMEM_KPAGE_SHIFT;

	if (!s)
		return -ENOMEM;
	k->seg = s;
	s[k->nr_seg++] = (struct drvmem_kmem_seg){ pa, bytes, off };
	if (end > k->nr_pfn)
		k->nr_pfn = end;
	return 0;
}

/* fs/proc/kcore.c: p_paddr is all ones where the memory is not RAM that is mapped as a whole. */
int drvmem_kcore__parse(const void *head, size_t len, struct drvmem_kmem *k)
{
	Elf64_Ehdr eh;
	Elf64_Phdr ph;
	uint64_t at;
	int e, i;

	if (len < sizeof(eh))
		return -EINVAL;
	memcpy(&eh, head, sizeof(eh));
	if (memcmp(eh.e_ident, ELFMAG, SELFMAG) || eh.e_ident[EI_CLASS] != ELFCLASS64 ||
	    eh.e_machine != EM_X86_64 || eh.e_phentsize != sizeof(ph))
		return -EINVAL;
	for (i = 0; i < eh.e_phnum; i++) {
		at = eh.e_phoff + (uint64_t)i * sizeof(ph);
		if (eh.e_phoff > len || at > len || len - at < sizeof(ph))
			return -EINVAL;
		memcpy(&ph, (const char *)head + at, sizeof(ph));
		if (ph.p_type != PT_LOAD || ph.p_paddr == UINT64_MAX || !ph.p_memsz ||
		    ph.p_paddr + ph.p_memsz < ph.p_paddr || ph.p_paddr + ph.p_memsz > 1ull << 52)
			continue;
		if (ph.p_vaddr >= DRVMEM_KMEM_TOP) {
			k->image_va = ph.p_vaddr;
			k->image_pa = ph.p_paddr;
			k->image_bytes = ph.p_memsz;
			continue;
		}
		k->page_offset = ph.p_vaddr - ph.p_paddr;
		e = add_ram(k, ph.p_paddr, ph.p_memsz, ph.p_offset);
		if (e)
			return e;
	}
	join_ram(k);
	return k->nr_seg ? 0 : -EINVAL;
}

static bool split_range(struct drvmem_span range, uint64_t *ret_lo, uint64_t *ret_hi)
{
	const char *dash = memchr(range.s, '-', range.n);
	struct drvmem_span lo = { range.s, dash ? (size_t)(dash - range.s) : 0 };
	struct drvmem_span hi = { dash ? dash + 1 : range.s, dash ? range.n - lo.n - 1 : 0 };

	return dash && !drvmem_span__hex(lo, ret_lo) && !drvmem_span__hex(hi, ret_hi);
}

int drvmem_iomem__parse(const char *text, size_t len, struct drvmem_kmem *k)
{
	struct drvmem_span rest = { text, len }, line, what, range;
	uint64_t lo, hi, seen = 0;
	int e;

	/*
	 * "00100000-bfffffff : System RAM"; memory that a driver added is inside of a range of its, indented:
	 * "  140000000-1bfffffff : System RAM (virtio_mem)"
	 */
	while (drvmem_span__line(&rest, &line)) {
		if (!drvmem_span__word(&line, &range) || !split_range(range, &lo, &hi) ||
		    !drvmem_span__word(&line, &what) || !drvmem_span__is(what, ":") ||
		    !drvmem_span__starts(drvmem_span__trim(line), "System RAM"))
			continue;
		seen++;
		lo = (lo + DRVMEM_KPAGE - 1) & ~(uint64_t)(DRVMEM_KPAGE - 1);
		hi = (hi + 1) & ~(uint64_t)(DRVMEM_KPAGE - 1);
		if (hi <= lo || hi > 1ull << 52)
			continue;
		e = add_ram(k, lo, hi - lo, 0);
		if (e)
			return e;
	}
	join_ram(k);
	if (k->nr_seg)
		return 0;
	return seen ? -EACCES : -ENOENT;
}

uint32_t drvmem_cpuinfo__phys_bits(const char *text, size_t len)
{
	struct drvmem_span rest = { text, len }, line, word;
	uint64_t bits;

	/* "address sizes	: 48 bits physical, 48 bits virtual" */
	while (drvmem_span__line(&rest, &line)) {
		if (!drvmem_span__starts(line, "address sizes"))
			continue;
		while (drvmem_span__word(&line, &word))
			if (!drvmem_span__u64(word, &bits))
				return bits >= 32 && bits <= 52 ? (uint32_t)bits : 0;
	}
	return 0;
}

/* arch/x86/include/asm/page_types.h: PHYSICAL_PAGE_MASK, and the protection keys above it */
uint64_t drvmem_pte__addr_mask(uint32_t phys_bits, uint64_t encrypted)
{
	uint64_t mask = 0x000ffffffffff000ull;

	if (phys_bits)
		mask &= (1ull << phys_bits) - 1;
	/* one bit; anything else is not what it was taken for */
	return encrypted && !(encrypted & (encrypted - 1)) ? mask & ~encrypted : mask;
}
