// SPDX-License-Identifier: GPL-2.0-or-later
#include "analysis/slub.h"

#define RELEASE(a, b)		((a) << 16 | (b) << 8)
#define COSTLY_ORDER		3u	/* include/linux/mmzone.h: PAGE_ALLOC_COSTLY_ORDER */
#define MAX_PAGE_ORDER		10u
#define MAX_OBJECTS		32767u	/* mm/slub.c: MAX_OBJS_PER_PAGE */
#define KMALLOC_PAGES		2u	/* the largest class: KMALLOC_MAX_CACHE_SIZE */

/* Number of the highest bit, 1-based; 0 for 0. */
static uint32_t fls32(uint32_t v)
{
	return v ? 32 - (uint32_t)__builtin_clz(v) : 0;
}

static uint32_t align_up(uint32_t v, uint32_t align)
{
	return (v + align - 1) / align * align;
}

static uint32_t order_of(const struct drvmem_slub_rules *r, uint64_t bytes)
{
	uint32_t order = 0;

	while (((uint64_t)r->page_size << order) < bytes)
		order++;
	return order;
}

static uint32_t slab_bytes(const struct drvmem_slub_rules *r, uint32_t order)
{
	return r->page_size << order;
}

void drvmem_slub_rules(uint32_t release, uint32_t page_size, uint32_t cpus, uint32_t ids, uint32_t cache_line,
		       struct drvmem_slub_rules *ret)
{
	/* 5.10 goes by the possible ones; later on where only one is present, which may be wrong so early */
	uint32_t n = release < RELEASE(5, 11) || cpus <= 1 ? ids : cpus;

	*ret = (struct drvmem_slub_rules){
		.page_size = page_size, .word = 8, .cache_line = cache_line, .max_order = COSTLY_ORDER,
		.min_objects = 4 * (fls32(n) + 1), .kmalloc_min = 8, .by_fraction = release >= RELEASE(6, 7),
	};
}

/* mm/slab_common.c: calculate_alignment() */
static uint32_t alignment(const struct drvmem_slub_rules *r, const struct drvmem_slub_cache *c)
{
	uint32_t align = c->align, line = r->cache_line;

	if (c->hwcache_align) {
		while (c->object_size <= line / 2)
			line /= 2;
		align = align > line ? align : line;
	}
	align = align > r->word ? align : r->word;
	return align_up(align, r->word);
}

/* The smallest order from min on that wastes no more than one part of so many; above max: none. */
static uint32_t order_with(const struct drvmem_slub_rules *r, uint32_t size, uint32_t min, uint32_t fraction)
{
	uint32_t order;

	for (order = min; order <= r->max_order; order++)
		if (slab_bytes(r, order) % size <= slab_bytes(r, order) / fraction)
			break;
	return order;
}

/* Too small objects for the smallest slab to number. */
static bool is_tiny(const struct drvmem_slub_rules *r, uint32_t size, uint32_t order, uint32_t *ret)
{
	if (slab_bytes(r, order) / size <= MAX_OBJECTS)
		return false;
	*ret = order_of(r, (uint64_t)size * MAX_OBJECTS) - 1;
	return true;
}

/* Up to 6.6: for each number of objects, the best one first, ever more waste down to a quarter. */
static uint32_t order_by_objects(const struct drvmem_slub_rules *r, uint32_t size)
{
	uint32_t most = slab_bytes(r, r->max_order) / size, n, fraction, min, order;

	if (is_tiny(r, size, r->min_order, &order))
		return order;
	for (n = r->min_objects < most ? r->min_objects : most; n > 1; n--) {
		min = order_of(r, (uint64_t)n * size);
		min = min > r->min_order ? min : r->min_order;
		for (fraction = 16; fraction >= 4; fraction /= 2) {
			order = order_with(r, size, min, fraction);
			if (order <= r->max_order)
				return order;
		}
	}
	min = order_of(r, size);
	return min > r->min_order ? min : r->min_order;
}

/* From 6.7 on: for the number of objects that fits, ever more waste. */
static uint32_t order_by_fraction(const struct drvmem_slub_rules *r, uint32_t size)
{
	uint32_t most = slab_bytes(r, r->max_order) / size, n, fraction, min, order;

	most = most ? most : 1;
	n = r->min_objects < most ? r->min_objects : most;
	min = order_of(r, (uint64_t)n * size);
	min = min > r->min_order ? min : r->min_order;
	if (is_tiny(r, size, min, &order))
		return order;
	for (fraction = 16; fraction > 1; fraction /= 2) {
		order = order_with(r, size, min, fraction);
		if (order <= r->max_order)
			return order;
	}
	return order_of(r, size);
}

bool drvmem_slub(const struct drvmem_slub_rules *r, const struct drvmem_slub_cache *c, struct drvmem_slub_layout *ret)
{
	uint32_t size = align_up(c->object_size, r->word);

	if (!c->object_size || c->object_size > slab_bytes(r, MAX_PAGE_ORDER))
		return false;
	if (c->pointer_outside)
		size += r->word;
	ret->align = alignment(r, c);
	ret->size = align_up(size, ret->align);
	ret->order = r->by_fraction ? order_by_fraction(r, ret->size) : order_by_objects(r, ret->size);
	if (ret->order > MAX_PAGE_ORDER)
		return false;
	ret->objects = slab_bytes(r, ret->order) / ret->size;
	ret->slack = slab_bytes(r, ret->order) - ret->objects * ret->size;
	return true;
}

/* mm/slab_common.c: the two in between are there where the smallest class is small enough for them. */
static bool has_class(const struct drvmem_slub_rules *r, uint32_t size)
{
	return size >= r->kmalloc_min && size <= KMALLOC_PAGES * r->page_size &&
	       (size != 96 || r->kmalloc_min <= 32) && (size != 192 || r->kmalloc_min <= 64);
}

uint32_t drvmem_slub__classes(const struct drvmem_slub_rules *r, uint32_t ret[DRVMEM_SLUB_CLASSES])
{
	uint32_t size, n = 0;

	for (size = 8; size <= 128 << 10; size *= 2) {
		if (size == 128 && has_class(r, 96))
			ret[n++] = 96;
		if (size == 256 && has_class(r, 192))
			ret[n++] = 192;
		if (has_class(r, size))
			ret[n++] = size;
	}
	return n;
}

uint32_t drvmem_slub__kmalloc(const struct drvmem_slub_rules *r, uint64_t bytes, bool *ret_pages)
{
	uint32_t class[DRVMEM_SLUB_CLASSES], n = drvmem_slub__classes(r, class), i;

	*ret_pages = false;
	for (i = 0; i < n; i++)
		if (bytes <= class[i])
			return class[i];
	*ret_pages = bytes <= slab_bytes(r, MAX_PAGE_ORDER);
	return *ret_pages ? slab_bytes(r, order_of(r, bytes)) : 0;
}
