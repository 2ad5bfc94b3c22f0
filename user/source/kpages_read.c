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

/* What lies between the pieces of RAM, which are in order, has struct pages as well. */
static void leave_ram(const struct drvmem_kmem *k, uint8_t *kind)
{
	uint64_t at = 0, from;
	uint32_t i;

	for (i = 0; i < k->nr_seg; i++) {
		from = (k->seg[i].pa + DRVMEM_KPAGE - 1) >> DRVMEM_KPAGE_SHIFT;
		if (from > at)
			memset(kind + at, DRVMEM_KPAGE_NONE, from - at);
		at = (k->seg[i].pa + k->seg[i].bytes) >> DRVMEM_KPAGE_SHIFT;
	}
}

static int read_flags(const struct drvmem_kmem *k, uint8_t *ret)
{
	_cleanup_free_ uint64_t *buf = malloc(FLAGS_CHUNK * sizeof(*buf));
	int fd = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC), e = 0;
	uint64_t at = 0, state = 0, n;
	ssize_t r;

	if (fd < 0)
		return -errno;
	memset(ret, DRVMEM_KPAGE_NONE, k->nr_pfn);
	while (buf && at < k->nr_pfn) {
		n = k->nr_pfn - at < FLAGS_CHUNK ? k->nr_pfn - at : FLAGS_CHUNK;
		r = pread(fd, buf, n * sizeof(*buf), (off_t)(at * sizeof(*buf)));
		if (r < 0 && errno == EINTR)
			continue;
		e = r < 0 ? -errno : 0;
		if (r < (ssize_t)sizeof(*buf))
			break;
		drvmem_kpages__classify(buf, (size_t)r / sizeof(*buf), &state, ret + at);
		at += (uint64_t)r / sizeof(*buf);
	}
	close(fd);
	if (buf)
		leave_ram(k, ret);
	return buf ? e : -ENOMEM;
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

int drvmem_kpages__read(const struct drvmem_kmem *k, struct drvmem_kmem_port *p, uint8_t *ret)
{
	int e = read_flags(k, ret);
	uint64_t at, n, i;

	for (i = 0; !e && i < k->nr_pfn; i++)	/* not all tables have a flag */
		if (k->alias[i] == DRVMEM_KMEM_TABLE && ret[i] == DRVMEM_KPAGE_OTHER)
			ret[i] = DRVMEM_KPAGE_TABLE;
	if (e || k->l.page_refcount < 0 || k->l.page_lru < 0)
		return e;
	for (at = 0; at < k->nr_pfn; at += STRUCTS_CHUNK) {
		n = k->nr_pfn - at < STRUCTS_CHUNK ? k->nr_pfn - at : STRUCTS_CHUNK;
		for (i = 0; i < n && ret[at + i] != DRVMEM_KPAGE_OTHER; i++)
			;
		if (i < n)
			look_at_structs(k, p, at, n, ret + at);
	}
	return 0;
}
