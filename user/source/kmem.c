// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/kmem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/sparse.h"
#include "session/kread.h"
#include "source/kmem_map.h"

#define PTE_PRESENT	1u
#define PTE_LEAF	0x80u

struct drvmem_kmem_port {
	const struct drvmem_kmem *k;
	int kcore;			/* -1 = by BPF */
	struct drvmem_kread *bpf;
	void *buf;			/* of kcore */
	uint64_t leaf_va, leaf_pa, leaf_bytes;	/* the last large one that was found in page tables */
};

int drvmem_kmem_port__new(const struct drvmem_kmem *k, struct drvmem_kmem_port **ret)
{
	struct drvmem_kmem_port *p = calloc(1, sizeof(*p));
	int e = 0;

	if (!p)
		return -ENOMEM;
	p->k = k;
	p->kcore = -1;
	if (k->bpf) {
		e = drvmem_kread__new(&p->bpf);
	} else {
		p->buf = aligned_alloc(DRVMEM_KPAGE, DRVMEM_KMEM_CHUNK * DRVMEM_KPAGE);
		p->kcore = p->buf ? open("/proc/kcore", O_RDONLY | O_CLOEXEC) : -1;
		if (!p->buf || p->kcore < 0)
			e = p->buf ? -errno : -ENOMEM;
		else
			memset(p->buf, 0, DRVMEM_KMEM_CHUNK * DRVMEM_KPAGE);
	}
	if (e) {
		drvmem_kmem_port__free(p);
		return e;
	}
	*ret = p;
	return 0;
}

void drvmem_kmem_port__free(struct drvmem_kmem_port *p)
{
	if (!p)
		return;
	if (p->buf)	/* addresses that were read must not lie about in freed memory */
		explicit_bzero(p->buf, DRVMEM_KMEM_CHUNK * DRVMEM_KPAGE);
	free(p->buf);
	if (p->kcore >= 0)
		close(p->kcore);
	drvmem_kread__free(p->bpf);
	free(p);
}

void drvmem_kmem_port__forget(struct drvmem_kmem_port *p)
{
	p->leaf_bytes = 0;
}

const void *drvmem_kmem_port__buffer(const struct drvmem_kmem_port *p, size_t *ret_len)
{
	return p->bpf ? drvmem_kread__buffer(p->bpf, ret_len) : NULL;
}

/* Where [pa, pa + n) is in /proc/kcore; n is cut to what lies there together. */
static bool find_seg(const struct drvmem_kmem *k, uint64_t pa, size_t *n, uint64_t *ret_off)
{
	const struct drvmem_kmem_seg *s;
	uint32_t i;

	for (i = 0; i < k->nr_seg; i++) {
		s = &k->seg[i];
		if (pa - s->pa >= s->bytes)
			continue;
		if (*n > s->bytes - (pa - s->pa))
			*n = s->bytes - (pa - s->pa);
		*ret_off = s->off + (pa - s->pa);
		return true;
	}
	return false;
}

static bool read_file(int fd, void *buf, size_t n, uint64_t off)
{
	size_t got = 0;
	ssize_t r;

	while (got < n) {
		r = pread(fd, (char *)buf + got, n - got, (off_t)(off + got));
		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			return false;
		got += (size_t)r;
	}
	return true;
}

/* n bytes of RAM that do not leave their page. */
static bool read_pa(struct drvmem_kmem_port *p, uint64_t pa, void *buf, size_t n)
{
	uint64_t off, page = pa & ~(uint64_t)(DRVMEM_KPAGE - 1);
	const void *data;
	size_t len = n;

	if (!find_seg(p->k, pa, &len, &off) || len != n)
		return false;
	if (!p->bpf)
		return read_file(p->kcore, buf, n, off);
	if (drvmem_kread__pages(p->bpf, p->k->page_offset + page, 1, &data))
		return false;
	memcpy(buf, (const char *)data + (pa - page), n);
	return true;
}

/* kcore: the rest of a chunk is read page by page where it cannot be read at once. */
static int read_kcore(struct drvmem_kmem_port *p, uint64_t pfn, uint32_t n)
{
	uint64_t off, pa = pfn << DRVMEM_KPAGE_SHIFT;
	size_t len = (size_t)n << DRVMEM_KPAGE_SHIFT;
	char *to = p->buf;
	int failed = 0;
	uint32_t i;

	if (find_seg(p->k, pa, &len, &off) && len == (size_t)n << DRVMEM_KPAGE_SHIFT &&
	    read_file(p->kcore, to, len, off))
		return 0;
	for (i = 0; i < n; i++) {
		len = DRVMEM_KPAGE;
		if (find_seg(p->k, pa + (uint64_t)i * DRVMEM_KPAGE, &len, &off) && len == DRVMEM_KPAGE &&
		    read_file(p->kcore, to + (size_t)i * DRVMEM_KPAGE, len, off))
			continue;
		memset(to + (size_t)i * DRVMEM_KPAGE, 0, DRVMEM_KPAGE);
		failed++;
	}
	return failed;
}

int drvmem_kmem_port__pages(struct drvmem_kmem_port *p, uint64_t pfn, uint32_t n, const uint64_t **ret)
{
	const void *data;
	int r;

	if (n > DRVMEM_KMEM_CHUNK)
		return -EINVAL;
	if (!p->bpf) {
		*ret = p->buf;
		return read_kcore(p, pfn, n);
	}
	r = drvmem_kread__pages(p->bpf, p->k->page_offset + (pfn << DRVMEM_KPAGE_SHIFT), n, &data);
	*ret = data;
	return r;
}

/* arch/x86/mm: the kernel's half of any page table. */
static bool walk_to(struct drvmem_kmem_port *p, uint64_t va, uint64_t *ret)
{
	uint64_t table = p->k->pgd_pa, e, mask;
	int level, shift;

	if (va - p->leaf_va < p->leaf_bytes) {
		*ret = p->leaf_pa + (va - p->leaf_va);
		return true;
	}
	for (level = p->k->levels; level >= 1; level--) {
		shift = 12 + 9 * (level - 1);
		if (!read_pa(p, table + (va >> shift & 511) * 8, &e, sizeof(e)) || !(e & PTE_PRESENT))
			return false;
		table = e & p->k->pte_addr;
		if (level > 1 && !(level <= 3 && e & PTE_LEAF))
			continue;
		mask = (1ull << shift) - 1;
		*ret = (table & ~mask) + (va & mask);
		if (level > 1) {	/* single pages come and go */
			p->leaf_va = va & ~mask;
			p->leaf_pa = table & ~mask;
			p->leaf_bytes = mask + 1;
		}
		return true;
	}
	return false;
}

bool drvmem_kmem_port__by_tables(struct drvmem_kmem_port *p, uint64_t va, uint64_t *ret)
{
	return walk_to(p, va, ret) && *ret >> DRVMEM_KPAGE_SHIFT < p->k->nr_pfn;
}

bool drvmem_kmem_port__pa(struct drvmem_kmem_port *p, uint64_t va, uint64_t *ret)
{
	const struct drvmem_kmem *k = p->k;

	if (drvmem_kmem__is_direct(k, va))
		*ret = va - k->page_offset;
	else if (va - k->image_va < k->image_bytes)
		*ret = va - k->image_va + k->image_pa;
	else if (va < 0xff00000000000000ull || !walk_to(p, va, ret))
		return false;
	return *ret >> DRVMEM_KPAGE_SHIFT < k->nr_pfn;
}

bool drvmem_kmem_port__read(struct drvmem_kmem_port *p, uint64_t va, void *buf, size_t n)
{
	char *to = buf;
	uint64_t pa;
	size_t part;

	for (; n; n -= part, va += part, to += part) {
		part = DRVMEM_KPAGE - va % DRVMEM_KPAGE;
		if (part > n)
			part = n;
		if (!drvmem_kmem_port__pa(p, va, &pa) || !read_pa(p, pa, to, part))
			return false;
	}
	return true;
}

uint64_t drvmem_kmem_port__u64(struct drvmem_kmem_port *p, uint64_t va)
{
	uint64_t v;

	return drvmem_kmem_port__read(p, va, &v, sizeof(v)) ? v : 0;
}

uint32_t drvmem_kmem_port__u32(struct drvmem_kmem_port *p, uint64_t va)
{
	uint32_t v;

	return drvmem_kmem_port__read(p, va, &v, sizeof(v)) ? v : 0;
}

/* ---- alias[] */

struct walk {
	struct drvmem_kmem *k;
	struct drvmem_kmem_port *p;
};

static bool is_image(const struct drvmem_kmem *k, uint64_t va)
{
	return va - k->image_va < k->image_bytes;
}

static void set_alias(struct drvmem_kmem *k, uint64_t pa, uint64_t va, uint64_t bytes)
{
	uint64_t pfn = pa >> DRVMEM_KPAGE_SHIFT, nr = bytes >> DRVMEM_KPAGE_SHIFT, i;

	/* what is not RAM (devices' registers, mapped) has none, and takes no memory */
	for (i = drvmem_kmem__next_ram(k, pfn) - pfn; i < nr; i = drvmem_kmem__next_ram(k, pfn + i + 1) - pfn) {
		uint64_t *a = &k->alias[pfn + i];

		if (pfn + i >= k->nr_pfn)
			return;

		/* what the image freed after boot is others' by now, page tables too */
		if (!*a || is_image(k, *a) || (*a == DRVMEM_KMEM_TABLE && !is_image(k, va)))
			*a = va + (i << DRVMEM_KPAGE_SHIFT);
	}
}

static void walk_table(struct walk *w, uint64_t table, int level, uint64_t base)
{
	uint64_t e[512], va, pa, bytes = 1ull << (12 + 9 * (level - 1));
	struct drvmem_kmem *k = w->k;
	int i;

	if (!read_pa(w->p, table, e, sizeof(e)) || table >> DRVMEM_KPAGE_SHIFT >= k->nr_pfn)
		return;
	if (!k->alias[table >> DRVMEM_KPAGE_SHIFT] || is_image(k, k->alias[table >> DRVMEM_KPAGE_SHIFT]))
		k->alias[table >> DRVMEM_KPAGE_SHIFT] = DRVMEM_KMEM_TABLE;
	for (i = level == k->levels ? 256 : 0; i < 512; i++) {
		if (!(e[i] & PTE_PRESENT))
			continue;
		va = base + (uint64_t)i * bytes;
		pa = e[i] & k->pte_addr;
		if (level > 1 && !(level <= 3 && e[i] & PTE_LEAF)) {
			if (pa >> DRVMEM_KPAGE_SHIFT < k->nr_pfn)
				walk_table(w, pa, level - 1, va);
		} else if (!drvmem_kmem__is_direct(k, va)) {
			set_alias(k, pa & ~(bytes - 1), va, bytes);
		}
	}
}

int drvmem_kmem__walk(struct drvmem_kmem *k)
{
	struct walk w = { .k = k };
	int e = drvmem_kmem_port__new(k, &w.p);
	uint64_t from, end;
	uint32_t i;

	if (e)
		return e;
	for (i = 0; i < k->nr_seg; i++) {
		end = drvmem_kmem_seg__pages(&k->seg[i], &from);
		drvmem_sparse__wipe(&k->alias[from], (end - from) * sizeof(*k->alias));
	}
	/* the upper half begins with entry 256 of the uppermost table */
	walk_table(&w, k->pgd_pa, k->levels, k->levels == 5 ? 0xfe00000000000000ull : 0xffff000000000000ull);
	drvmem_kmem_port__free(w.p);
	return 0;
}
