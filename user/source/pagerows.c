// SPDX-License-Identifier: GPL-2.0-or-later
/* Netlink messages of the kernel as rows: the part of pagepools.h that is pure. */
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "source/netdev_uapi.h"
#include "source/pagepools.h"

#define MAX_ROWS	65536u
#define TYPE_MASK	0x3fffu	/* without NLA_F_NESTED and NLA_F_NET_BYTEORDER */

/* Bytes that are still to be read. */
struct bytes {
	const uint8_t *p;
	size_t n;
};

struct attr {
	uint16_t type;
	struct bytes v;
};

static void skip(struct bytes *b, size_t n)
{
	n = n < b->n ? n : b->n;
	b->p += n;
	b->n -= n;
}

/* Next attribute; false at the end, and with *bad when its length is not one. */
static bool next_attr(struct bytes *b, struct attr *ret, bool *bad)
{
	struct nlattr a;

	if (b->n < sizeof(a)) {
		*bad |= b->n != 0;
		return false;
	}
	memcpy(&a, b->p, sizeof(a));
	if (a.nla_len < sizeof(a) || a.nla_len > b->n) {
		*bad = true;
		return false;
	}
	ret->type = a.nla_type & TYPE_MASK;
	ret->v = (struct bytes){ b->p + sizeof(a), a.nla_len - sizeof(a) };
	skip(b, NLA_ALIGN(a.nla_len));
	return true;
}

/* The kernel's nla_put_uint(): 4 bytes, or 8 where they are needed. */
static struct drvmem_u64 number(const struct attr *a, bool *bad)
{
	uint32_t half;
	uint64_t v;

	if (a->v.n == sizeof(half)) {
		memcpy(&half, a->v.p, sizeof(half));
		return drvmem_some(half);
	}
	if (a->v.n == sizeof(v)) {
		memcpy(&v, a->v.p, sizeof(v));
		return drvmem_some(v);
	}
	*bad = true;
	return (struct drvmem_u64){ 0, DRVMEM_ABSENT };
}

static void empty_row(struct drvmem_pagerow *row)
{
	const struct drvmem_u64 absent = { 0, DRVMEM_ABSENT };

	*row = (struct drvmem_pagerow){ .ifindex = absent, .napi_id = absent, .inflight = absent,
					.inflight_bytes = absent, .detached_at = absent };
	for (unsigned int i = 0; i < DRVMEM_PAGEPOOL_STATS; i++)
		row->stats[i] = absent;
}

/* What the message says of a pool; false when it does not say which. */
static bool parse_pool(struct bytes b, struct drvmem_pagerow *row, bool *bad)
{
	struct drvmem_u64 id = { 0, DRVMEM_ABSENT };
	struct attr a;

	while (next_attr(&b, &a, bad)) {
		if (a.type == DRVMEM_NETDEV_A_PAGE_POOL_ID)
			id = number(&a, bad);
		else if (a.type == DRVMEM_NETDEV_A_PAGE_POOL_IFINDEX)
			row->ifindex = number(&a, bad);
		else if (a.type == DRVMEM_NETDEV_A_PAGE_POOL_NAPI_ID)
			row->napi_id = number(&a, bad);
		else if (a.type == DRVMEM_NETDEV_A_PAGE_POOL_INFLIGHT)
			row->inflight = number(&a, bad);
		else if (a.type == DRVMEM_NETDEV_A_PAGE_POOL_INFLIGHT_MEM)
			row->inflight_bytes = number(&a, bad);
		else if (a.type == DRVMEM_NETDEV_A_PAGE_POOL_DETACH_TIME)
			row->detached_at = number(&a, bad);
	}
	row->id = id.v;
	return id.st == DRVMEM_OK;
}

static bool parse_stats(struct bytes b, struct drvmem_pagerow *row, bool *bad)
{
	bool known = false;
	struct attr a;

	while (next_attr(&b, &a, bad)) {
		if (a.type == DRVMEM_NETDEV_A_PAGE_POOL_STATS_INFO)
			known = parse_pool(a.v, row, bad);
		else if (a.type >= DRVMEM_NETDEV_A_PAGE_POOL_STATS_FIRST &&
			 a.type < DRVMEM_NETDEV_A_PAGE_POOL_STATS_FIRST + DRVMEM_PAGEPOOL_STATS)
			row->stats[a.type - DRVMEM_NETDEV_A_PAGE_POOL_STATS_FIRST] = number(&a, bad);
	}
	return known;
}

/* A pool that came after the list was taken has no row: it is not shown half. */
static void merge_stats(struct drvmem_pagerows *r, const struct drvmem_pagerow *row)
{
	for (size_t i = 0; i < r->n; i++) {
		if (r->v[i].id != row->id)
			continue;
		memcpy(r->v[i].stats, row->stats, sizeof(row->stats));
		r->v[i].has_stats = true;
	}
}

static int parse_message(struct bytes b, bool stats, struct drvmem_pagerows *r)
{
	struct drvmem_pagerow row;
	bool bad = false, known;
	int err = 0;

	empty_row(&row);
	if (b.n < GENL_HDRLEN) {
		r->skipped++;
		return 0;
	}
	skip(&b, GENL_HDRLEN);
	known = stats ? parse_stats(b, &row, &bad) : parse_pool(b, &row, &bad);
	if (bad || !known || r->n >= MAX_ROWS)
		r->skipped++;
	else if (stats)
		merge_stats(r, &row);
	else
		err = drvmem_vec__push(r, row);
	return err;
}

/* Next message and what is in it; false at the end, and with *bad when its length is not one. */
static bool next_message(struct bytes *b, struct nlmsghdr *h, struct bytes *ret, bool *bad)
{
	if (b->n < sizeof(*h)) {
		*bad |= b->n != 0;
		return false;
	}
	memcpy(h, b->p, sizeof(*h));
	if (h->nlmsg_len < sizeof(*h) || h->nlmsg_len > b->n) {
		*bad = true;
		return false;
	}
	*ret = (struct bytes){ b->p + NLMSG_HDRLEN, h->nlmsg_len - NLMSG_HDRLEN };
	skip(b, NLMSG_ALIGN((size_t)h->nlmsg_len));
	return true;
}

/* The -errno of NLMSG_ERROR, or of NLMSG_DONE, where a dump's failure is told. */
static int error_of(struct bytes b)
{
	int32_t e;

	if (b.n < sizeof(e))
		return 0;
	memcpy(&e, b.p, sizeof(e));
	return e < 0 && e > -4096 ? e : 0;
}

int drvmem_pagepools__parse(const void *buf, size_t len, bool stats, struct drvmem_pagerows *ret)
{
	struct bytes b = { buf, len }, body;
	struct nlmsghdr h;
	bool bad = false;
	int err = 0;

	while (!err && !ret->done && next_message(&b, &h, &body, &bad)) {
		if (h.nlmsg_type == NLMSG_ERROR || h.nlmsg_type == NLMSG_DONE) {
			ret->done = true;
			ret->error = error_of(body);
		} else if (h.nlmsg_type >= NLMSG_MIN_TYPE) {
			err = parse_message(body, stats, ret);
		}
	}
	ret->skipped += bad;
	return err;
}

int drvmem_pagepools__parse_family(const void *buf, size_t len, uint16_t *ret_id)
{
	struct bytes b = { buf, len }, body;
	struct nlmsghdr h;
	bool bad = false;
	struct attr a;

	if (!next_message(&b, &h, &body, &bad))
		return -EINVAL;
	if (h.nlmsg_type == NLMSG_ERROR)
		return error_of(body) ? error_of(body) : -EINVAL;
	if (body.n < GENL_HDRLEN)
		return -EINVAL;
	skip(&body, GENL_HDRLEN);
	while (next_attr(&body, &a, &bad)) {
		if (a.type == CTRL_ATTR_FAMILY_ID && a.v.n == sizeof(*ret_id)) {
			memcpy(ret_id, a.v.p, sizeof(*ret_id));
			return 0;
		}
	}
	return -EINVAL;
}

void drvmem_pagepools__free_rows(struct drvmem_pagerows *r)
{
	free(r->v);
	*r = (struct drvmem_pagerows){0};
}

/*
 * In flight is what the pool took from the page allocator and has not given back (net/core/page_pool.c:
 * page_pool_inflight()): pages in use, and those in its cache and its ring. How many of each is not told.
 */
void drvmem_pagepools__fill(struct drvmem_pool *k, const struct drvmem_pagerow *row)
{
	const struct drvmem_u64 *slow = &row->stats[DRVMEM_PP_ALLOC_SLOW];
	const struct drvmem_u64 *high = &row->stats[DRVMEM_PP_ALLOC_SLOW_HIGH_ORDER];

	k->id = (uint32_t)row->id;
	/* page_pool_nl_fill(): inflight-mem is inflight * (PAGE_SIZE << order); of none, no order */
	if (row->inflight.st == DRVMEM_OK && row->inflight_bytes.st == DRVMEM_OK && row->inflight.v)
		k->size = drvmem_some(row->inflight_bytes.v / row->inflight.v);
	k->capacity = k->peak = row->inflight;
	k->held_bytes = k->peak_bytes = row->inflight_bytes;
	k->peak_sampled = true;
	k->ifindex = row->ifindex;
	k->napi_id = row->napi_id;
	k->detached_at = row->detached_at;
	memcpy(k->stats, row->stats, sizeof(k->stats));
	if (slow->st == DRVMEM_OK && high->st == DRVMEM_OK)
		k->refills = drvmem_some(slow->v + high->v);
}
