// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "source/kpages.h"

#define FLAGS_CHUNK	(128u << 10)	/* words of one read */
#define STRUCTS_CHUNK	DRVMEM_KPAGES_PIECE
#define BLOCK		512u		/* pages of the largest block that is not told by each of its pages */
#define PARKED_PAGES	8u		/* mm/page_alloc.c: PAGE_ALLOC_COSTLY_ORDER */

/* [at, end), a piece of RAM. What the file does not reach to is not known: it is counted, and not scanned. */
static int read_piece(int fd, uint64_t *buf, uint64_t at, uint64_t end, uint8_t *kind, uint64_t *missing)
{
	uint64_t state = 0, n;
	ssize_t r;

	while (at < end) {
		n = end - at < FLAGS_CHUNK ? end - at : FLAGS_CHUNK;
		r = pread(fd, buf, n * sizeof(*buf), (off_t)(at * sizeof(*buf)));
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -errno;
		n = (uint64_t)r / sizeof(*buf);
		if (!n)
			break;
		drvmem_kpages__classify(buf, n, &state, kind + at);
		at += n;
	}
	memset(kind + at, DRVMEM_KPAGE_NONE, end - at);
	*missing += end - at;
	return 0;
}

/* The struct pages from page frame at on, at most STRUCTS_CHUNK, as they are read together. False: not to be read. */
static bool read_structs(const struct drvmem_kmem *k, struct drvmem_kmem_port *p, uint64_t at, uint64_t n, void *ret)
{
	uint64_t size = (uint64_t)k->l.page_size;

	return n * size <= DRVMEM_KPAGE && drvmem_kmem_port__read(p, k->vmemmap + at * size, ret, n * size);
}

/* Of words, never 0; in four lanes, which do not wait for each other. */
static uint64_t sum_words(const uint64_t *w, size_t n)
{
	uint64_t sum[4] = { 1, 2, 3, 4 }, all = 0;
	size_t i;

	for (i = 0; i < n; i++)
		sum[i % 4] = (sum[i % 4] ^ w[i]) * 0x9E3779B97F4A7C15ull + (sum[i % 4] >> 29);
	for (i = 0; i < 4; i++)
		all = (all ^ sum[i]) * 0x9E3779B97F4A7C15ull + (all >> 29);
	return all | 1;
}

/* Whole pages of struct pages: the next piece begins there. */
static uint64_t piece_of(uint64_t at, uint64_t end)
{
	uint64_t n = STRUCTS_CHUNK - at % STRUCTS_CHUNK;

	return end - at < n ? end - at : n;
}

/* How many whole pieces from at on have their struct pages side by side in RAM, and where. */
static uint32_t run_of(const struct drvmem_kmem *k, struct drvmem_kmem_port *p, uint64_t at, uint64_t end,
		       uint64_t *ret_pa)
{
	uint64_t va = k->vmemmap + at * (uint64_t)k->l.page_size, pa;
	uint32_t n;

	if (at % STRUCTS_CHUNK || STRUCTS_CHUNK * (uint64_t)k->l.page_size != DRVMEM_KPAGE || va % DRVMEM_KPAGE)
		return 0;
	for (n = 0; n < DRVMEM_KMEM_CHUNK && at + (n + 1ull) * STRUCTS_CHUNK <= end; n++) {
		if (!drvmem_kmem_port__pa(p, va + (uint64_t)n * DRVMEM_KPAGE, &pa) ||
		    (n && pa != *ret_pa + (uint64_t)n * DRVMEM_KPAGE))
			break;
		if (!n)
			*ret_pa = pa;
	}
	return n;
}

/* Sums of the struct pages of the next pieces, from at on; 0 = not to be read. Returns how many, at least one. */
static uint32_t sum_pieces(const struct drvmem_kmem *k, struct drvmem_kmem_port *p, uint64_t at, uint64_t end,
			   uint64_t sum[DRVMEM_KMEM_CHUNK])
{
	uint64_t one[DRVMEM_KPAGE / 8], pa = 0, n = piece_of(at, end);
	uint32_t nr = run_of(k, p, at, end, &pa), i;
	const uint64_t *w;

	if (nr && !drvmem_kmem_port__pages(p, pa >> DRVMEM_KPAGE_SHIFT, nr, &w)) {
		for (i = 0; i < nr; i++)
			sum[i] = sum_words(w + i * DRVMEM_KPAGE / 8, DRVMEM_KPAGE / 8);
		return nr;
	}
	sum[0] = read_structs(k, p, at, n, one) ? sum_words(one, n * (uint64_t)k->l.page_size / 8) : 0;
	return 1;
}

/* Before the flags are read: what changes from here on is looked at again. */
static void sum_structs(const struct drvmem_kmem *k, struct drvmem_kmem_port *p, uint64_t *sums)
{
	uint64_t sum[DRVMEM_KMEM_CHUNK], at, end;
	uint32_t i, nr, n;

	for (i = 0; i < k->nr_seg; i++)
		for (end = drvmem_kmem_seg__pages(&k->seg[i], &at); at < end;) {
			nr = sum_pieces(k, p, at, end, sum);
			for (n = 0; n < nr; n++, at += piece_of(at, end))
				sums[at / STRUCTS_CHUNK] = sum[n];
		}
}

/* What lies between the pieces of RAM has struct pages as well, but stays none. */
static int read_flags(const struct drvmem_kmem *k, uint8_t *kind, uint64_t *ret_missing)
{
	_cleanup_free_ uint64_t *buf = malloc(FLAGS_CHUNK * sizeof(*buf));
	int fd = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC), e = buf ? 0 : -ENOMEM;
	uint64_t from, end;
	uint32_t i;

	if (fd < 0)
		return -errno;
	*ret_missing = 0;
	for (i = 0; !e && i < k->nr_seg; i++) {
		end = drvmem_kmem_seg__pages(&k->seg[i], &from);
		e = read_piece(fd, buf, from, end, kind, ret_missing);
	}
	close(fd);
	return e;
}

/*
 * Free pages that a CPU keeps have no flag. They are known by a reference count of 0 and a place
 * in a list that agrees with its neighbours; a count of 0 alone may be a part of a larger block.
 */
static bool is_parked(const struct drvmem_kmem *k, struct drvmem_kmem_port *p, uint64_t pfn,
		      const uint8_t *sp)
{
	uint64_t me = k->vmemmap + pfn * (uint64_t)k->l.page_size + (uint64_t)k->l.page_lru, next, prev;
	uint32_t count;

	memcpy(&count, sp + k->l.page_refcount, sizeof(count));
	memcpy(&next, sp + k->l.page_lru, sizeof(next));
	memcpy(&prev, sp + k->l.page_lru + 8, sizeof(prev));
	if (count || next < 0xff00000000000000ull || prev < 0xff00000000000000ull || next == me)
		return false;
	return drvmem_kmem_port__u64(p, next + 8) == me && drvmem_kmem_port__u64(p, prev) == me;
}

/*
 * Blocks of up to 8 pages are parked too, by their first page; the others have a reference count of 0
 * and are in no list. Nothing tells the order, but whose head comes before them they must belong to.
 */
static void park_tails(uint64_t head, const uint8_t *sp, uint64_t i, uint64_t n, size_t size,
		       size_t refcount, uint8_t *kind)
{
	uint32_t count, d;

	for (d = 1; d < PARKED_PAGES && i + d < n && kind[i + d] == DRVMEM_KPAGE_OTHER; d++) {
		memcpy(&count, sp + (i + d) * size + refcount, sizeof(count));
		/* a block of more than d pages begins at a multiple of its size */
		if (count || head % (d < 2 ? 2 : d < 4 ? 4 : 8))
			break;
		kind[i + d] = DRVMEM_KPAGE_PARKED;
	}
}

static void look_at_structs(const struct drvmem_kmem *k, struct drvmem_kmem_port *p, uint64_t from,
			    uint64_t n, uint8_t *kind)
{
	static const uint8_t zero[DRVMEM_KPAGE];
	uint8_t sp[DRVMEM_KPAGE];
	size_t size = (size_t)k->l.page_size;
	uint64_t i;

	if (!read_structs(k, p, from, n, sp))
		return;
	for (i = 0; i < n; i++) {
		if (kind[i] != DRVMEM_KPAGE_OTHER)
			continue;
		if (!memcmp(sp + i * size, zero, size))
			kind[i] = DRVMEM_KPAGE_UNUSED;
		else if (is_parked(k, p, from + i, sp + i * size))
			kind[i] = DRVMEM_KPAGE_PARKED;
		if (kind[i] == DRVMEM_KPAGE_PARKED)
			park_tails(from + i, sp, i, n, size, (size_t)k->l.page_refcount, kind);
	}
}

/* Pages [from, end) that no flag tells about: not all tables have one, and free ones none. */
static void look_behind_flags(const struct drvmem_kmem *k, struct drvmem_kmem_port *p, uint64_t from,
			      uint64_t end, uint8_t *kind)
{
	uint64_t at, n, i;
	bool other;

	for (at = from; at < end; at += n) {
		n = piece_of(at, end);
		for (i = 0, other = false; i < n; i++) {
			if (kind[at + i] != DRVMEM_KPAGE_OTHER)
				continue;
			if (k->alias[at + i] == DRVMEM_KMEM_TABLE)
				kind[at + i] = DRVMEM_KPAGE_TABLE;
			else
				other = true;
		}
		if (other && k->l.page_refcount >= 0 && k->l.page_lru >= 0)
			look_at_structs(k, p, at, n, kind + at);
	}
}

int drvmem_kpages__read(const struct drvmem_kmem *k, struct drvmem_kmem_port *p, uint8_t *kind,
			uint64_t *sums, uint64_t *ret_missing)
{
	uint64_t from, end;
	uint32_t i;
	int e;

	sum_structs(k, p, sums);
	e = read_flags(k, kind, ret_missing);
	for (i = 0; !e && i < k->nr_seg; i++) {
		end = drvmem_kmem_seg__pages(&k->seg[i], &from);
		look_behind_flags(k, p, from, end, kind);
	}
	return e;
}

/* Pages [at, at + n) of a piece of RAM that begins at lo: with the block's head, if they begin inside of one. */
static int read_again(int fd, uint64_t lo, uint64_t at, uint64_t n, uint8_t *kind)
{
	uint64_t flags[BLOCK + STRUCTS_CHUNK], missing = 0, from = at & ~(uint64_t)(BLOCK - 1), pfn;
	uint8_t before[BLOCK];
	int e;

	if (from < lo)
		from = lo;
	memcpy(before, kind + from, at - from);
	e = read_piece(fd, flags, at, at + n, kind, &missing);
	if (!e && kind[at] & DRVMEM_KPAGE_TAIL)
		e = read_piece(fd, flags, from, at + n, kind, &missing);
	/* those before have changed, or not, by themselves */
	for (pfn = from; pfn < at; pfn++)
		kind[pfn] = before[pfn - from];
	return e;
}

/* One piece of RAM that begins at lo. */
static int read_piece_changed(const struct drvmem_kmem *k, struct drvmem_kmem_port *p, int fd,
			      const struct drvmem_kmem_seg *seg, const uint64_t *sums, uint8_t *kind)
{
	uint64_t sum[DRVMEM_KMEM_CHUNK], lo, at, n, end = drvmem_kmem_seg__pages(seg, &lo);
	uint32_t nr, i;
	int e = 0;

	for (at = lo; at < end && !e;) {
		nr = sum_pieces(k, p, at, end, sum);
		for (i = 0; i < nr && !e; i++, at += n) {
			n = piece_of(at, end);
			if (sum[i] && sum[i] == sums[at / STRUCTS_CHUNK]) {
				memset(kind + at, DRVMEM_KPAGE_NONE, n);
				continue;
			}
			e = read_again(fd, lo, at, n, kind);
			if (!e)
				look_behind_flags(k, p, at, at + n, kind);
		}
	}
	return e;
}

int drvmem_kpages__read_changed(const struct drvmem_kmem *k, struct drvmem_kmem_port *p, const uint64_t *sums,
				uint8_t *kind)
{
	int fd = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC), e = 0;
	uint32_t i;

	if (fd < 0)
		return -errno;
	for (i = 0; i < k->nr_seg && !e; i++)
		e = read_piece_changed(k, p, fd, &k->seg[i], sums, kind);
	close(fd);
	return e;
}
