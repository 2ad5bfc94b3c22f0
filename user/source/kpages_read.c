// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "source/kpages.h"

#define FLAGS_CHUNK	(128u << 10)	/* words of one read */
#define STRUCTS_CHUNK	64u		/* struct pages of one read: a page of them */
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

	if (n * size > sizeof(sp) || !drvmem_kmem_port__read(p, k->vmemmap + from * size, sp, n * size))
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
		/* whole pages of struct pages, so that they are read at once */
		n = STRUCTS_CHUNK - at % STRUCTS_CHUNK;
		n = end - at < n ? end - at : n;
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
			uint64_t *ret_missing)
{
	int e = read_flags(k, kind, ret_missing);
	uint64_t from, end;
	uint32_t i;

	for (i = 0; !e && i < k->nr_seg; i++) {
		end = drvmem_kmem_seg__pages(&k->seg[i], &from);
		look_behind_flags(k, p, from, end, kind);
	}
	return e;
}
