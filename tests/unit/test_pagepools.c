// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "source/netdev_uapi.h"
#include "source/pagepools.h"

/* Messages as the kernel writes them, put together by hand. */
struct message {
	uint8_t b[1024];
	size_t n;
	size_t nested;
};

static void begin(struct message *m, uint16_t type)
{
	const struct nlmsghdr h = { .nlmsg_type = type, .nlmsg_flags = NLM_F_MULTI };
	const struct genlmsghdr g = { .cmd = DRVMEM_NETDEV_CMD_PAGE_POOL_GET };

	memset(m, 0, sizeof(*m));
	memcpy(m->b, &h, sizeof(h));
	memcpy(m->b + NLMSG_HDRLEN, &g, sizeof(g));
	m->n = NLMSG_HDRLEN + GENL_HDRLEN;
}

static void end(struct message *m)
{
	const uint32_t n = (uint32_t)m->n;

	memcpy(m->b, &n, sizeof(n));
}

static void attr(struct message *m, uint16_t type, const void *v, size_t n)
{
	const struct nlattr a = { .nla_len = (uint16_t)(NLA_HDRLEN + n), .nla_type = type };

	memcpy(m->b + m->n, &a, sizeof(a));
	memcpy(m->b + m->n + NLA_HDRLEN, v, n);
	m->n += NLA_ALIGN(NLA_HDRLEN + n);
}

static void attr32(struct message *m, uint16_t type, uint32_t v)
{
	attr(m, type, &v, sizeof(v));
}

static void attr64(struct message *m, uint16_t type, uint64_t v)
{
	attr(m, type, &v, sizeof(v));
}

static void pool(struct message *m)
{
	begin(m, 28);
	attr32(m, DRVMEM_NETDEV_A_PAGE_POOL_ID, 17);
	attr32(m, DRVMEM_NETDEV_A_PAGE_POOL_IFINDEX, 3);
	attr32(m, DRVMEM_NETDEV_A_PAGE_POOL_NAPI_ID, 8193);
	attr32(m, DRVMEM_NETDEV_A_PAGE_POOL_INFLIGHT, 2048);
	attr64(m, DRVMEM_NETDEV_A_PAGE_POOL_INFLIGHT_MEM, 5ull << 32);
	attr32(m, 99, 1);	/* of a later kernel */
	end(m);
}

static int parse(const struct message *m, size_t n, bool stats, struct drvmem_pagerows *r)
{
	char *exact = unit_exact((const char *)m->b, n);
	int ret = drvmem_pagepools__parse(exact, n, stats, r);

	free(exact);
	return ret;
}

static void a_pool_and_its_statistics(void **state)
{
	struct drvmem_pagerows r = {0};
	struct message m, info;
	struct drvmem_pool k;

	(void)state;
	pool(&m);
	assert_int_equal(parse(&m, m.n, false, &r), 0);
	assert_int_equal(r.n, 1);
	assert_int_equal(r.skipped, 0);
	assert_int_equal(r.v[0].id, 17);
	assert_int_equal(r.v[0].ifindex.v, 3);
	assert_int_equal(r.v[0].inflight_bytes.v, 5ull << 32);
	assert_int_equal(r.v[0].detached_at.st, DRVMEM_ABSENT);
	assert_int_equal(r.v[0].stats[0].st, DRVMEM_ABSENT);

	begin(&info, 28);
	attr32(&info, DRVMEM_NETDEV_A_PAGE_POOL_ID, 17);
	begin(&m, 28);
	attr(&m, DRVMEM_NETDEV_A_PAGE_POOL_STATS_INFO | NLA_F_NESTED, info.b + NLMSG_HDRLEN + GENL_HDRLEN,
	     info.n - NLMSG_HDRLEN - GENL_HDRLEN);
	attr32(&m, DRVMEM_NETDEV_A_PAGE_POOL_STATS_FIRST, 1000);
	attr32(&m, DRVMEM_NETDEV_A_PAGE_POOL_STATS_FIRST + DRVMEM_PP_ALLOC_SLOW, 60);
	attr32(&m, DRVMEM_NETDEV_A_PAGE_POOL_STATS_FIRST + DRVMEM_PP_ALLOC_SLOW_HIGH_ORDER, 4);
	attr32(&m, DRVMEM_NETDEV_A_PAGE_POOL_STATS_FIRST + DRVMEM_PAGEPOOL_STATS, 1);
	end(&m);
	assert_int_equal(parse(&m, m.n, true, &r), 0);
	assert_int_equal(r.n, 1);
	assert_true(r.v[0].has_stats);
	assert_int_equal(r.v[0].stats[0].v, 1000);

	memset(&k, 0, sizeof(k));
	k.refills.st = k.in_use.st = k.used_bytes.st = k.waste_bytes.st = DRVMEM_ABSENT;
	drvmem_pagepools__fill(&k, &r.v[0]);
	assert_int_equal(k.refills.v, 64);
	assert_int_equal(k.refills.st, DRVMEM_OK);
	assert_int_equal(k.capacity.v, 2048);
	assert_int_equal(k.held_bytes.v, 5ull << 32);
	assert_int_equal(k.size.v, (5ull << 32) / 2048);
	/* how many of them are in use is not told */
	assert_int_equal(k.in_use.st, DRVMEM_ABSENT);
	assert_int_equal(k.used_bytes.st, DRVMEM_ABSENT);
	assert_int_equal(k.waste_bytes.st, DRVMEM_ABSENT);
	drvmem_pagepools__free_rows(&r);
}

/* Statistics of a pool that is not in the list are of one that came since. */
static void statistics_alone_make_no_pool(void **state)
{
	struct drvmem_pagerows r = {0};
	struct message m, info;

	(void)state;
	begin(&info, 28);
	attr32(&info, DRVMEM_NETDEV_A_PAGE_POOL_ID, 18);
	begin(&m, 28);
	attr(&m, DRVMEM_NETDEV_A_PAGE_POOL_STATS_INFO, info.b + NLMSG_HDRLEN + GENL_HDRLEN,
	     info.n - NLMSG_HDRLEN - GENL_HDRLEN);
	end(&m);
	assert_int_equal(parse(&m, m.n, true, &r), 0);
	assert_int_equal(r.n, 0);
	assert_int_equal(r.skipped, 0);
	drvmem_pagepools__free_rows(&r);
}

static void ends_and_errors(void **state)
{
	const int32_t refused = -EOPNOTSUPP;
	struct drvmem_pagerows r = {0};
	struct message m;
	uint16_t id;

	(void)state;
	begin(&m, NLMSG_ERROR);
	memcpy(m.b + NLMSG_HDRLEN, &refused, sizeof(refused));
	end(&m);
	assert_int_equal(parse(&m, m.n, false, &r), 0);
	assert_true(r.done);
	assert_int_equal(r.error, -EOPNOTSUPP);
	assert_int_equal(drvmem_pagepools__parse_family(m.b, m.n, &id), -EOPNOTSUPP);
	begin(&m, NLMSG_DONE);
	end(&m);
	r = (struct drvmem_pagerows){0};
	assert_int_equal(parse(&m, m.n, false, &r), 0);
	assert_true(r.done);
	assert_int_equal(r.error, 0);
}

static void the_family(void **state)
{
	const uint16_t family = 0x1c;
	uint16_t id = 0;
	struct message m;

	(void)state;
	begin(&m, GENL_ID_CTRL);
	attr(&m, CTRL_ATTR_FAMILY_NAME, "netdev", 7);
	attr(&m, CTRL_ATTR_FAMILY_ID, &family, sizeof(family));
	end(&m);
	assert_int_equal(drvmem_pagepools__parse_family(m.b, m.n, &id), 0);
	assert_int_equal(id, 0x1c);
	begin(&m, GENL_ID_CTRL);
	end(&m);
	assert_int_equal(drvmem_pagepools__parse_family(m.b, m.n, &id), -EINVAL);
	assert_int_equal(drvmem_pagepools__parse_family(m.b, 0, &id), -EINVAL);
}

/* Cut at every length: never a crash, never a pool made up from half a message. */
static void cut_messages(void **state)
{
	struct message m;

	(void)state;
	pool(&m);
	for (size_t n = 0; n < m.n; n++) {
		struct drvmem_pagerows r = {0};

		assert_int_equal(parse(&m, n, false, &r), 0);
		assert_int_equal(r.n, 0);
		assert_int_equal(r.skipped, n ? 1 : 0);
		drvmem_pagepools__free_rows(&r);
	}
}

static void malformed_messages_are_counted(void **state)
{
	struct drvmem_pagerows r = {0};
	struct message m;

	(void)state;
	begin(&m, 28);		/* which pool? */
	attr32(&m, DRVMEM_NETDEV_A_PAGE_POOL_INFLIGHT, 1);
	end(&m);
	assert_int_equal(parse(&m, m.n, false, &r), 0);
	begin(&m, 28);		/* a number of three bytes */
	attr(&m, DRVMEM_NETDEV_A_PAGE_POOL_ID, "abc", 3);
	end(&m);
	assert_int_equal(parse(&m, m.n, false, &r), 0);
	pool(&m);		/* an attribute that is longer than the message */
	m.b[NLMSG_HDRLEN + GENL_HDRLEN] = 0xff;
	assert_int_equal(parse(&m, m.n, false, &r), 0);
	assert_int_equal(r.n, 0);
	assert_int_equal(r.skipped, 3);
	drvmem_pagepools__free_rows(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pool_and_its_statistics),
		cmocka_unit_test(statistics_alone_make_no_pool),
		cmocka_unit_test(ends_and_errors),
		cmocka_unit_test(the_family),
		cmocka_unit_test(cut_messages),
		cmocka_unit_test(malformed_messages_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
