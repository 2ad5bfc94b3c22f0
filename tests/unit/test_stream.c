// SPDX-License-Identifier: GPL-2.0-or-later
/* Rows of numbers as differences: any two moments, and any damage. */
#include "unit.h"

#include <errno.h>

#include "store/stream.h"

static uint64_t rnd_state = 1;
static uint32_t rnd(uint32_t n)
{
	rnd_state = rnd_state * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(rnd_state >> 33) % n;
}

static void random_stream(struct drvmem_stream *s, uint32_t n)
{
	uint64_t *w;
	uint32_t i;

	for (i = 0; i < n; i++) {
		w = drvmem_stream__add(s, rnd(4) ? rnd(40) : (uint64_t)rnd(1u << 30) << 34);
		w[rnd(s->width)] = rnd(2) ? rnd(10) : 0 - (uint64_t)rnd(1000);
	}
	assert_int_equal(drvmem_stream__seal(s), 0);
}

/* decode(encode(a, b)) on a is b, for any a and b; cut anywhere it is an error. */
static void streams(void **state)
{
	struct drvmem_stream a, b;
	struct drvmem_pack p = { 0 };
	struct drvmem_unpack u;
	uint32_t round, i, width;

	(void)state;
	for (round = 0; round < 500; round++) {
		rnd_state = round + 1;
		width = 1 + rnd(6);
		drvmem_stream__init(&a, width);
		drvmem_stream__init(&b, width);
		random_stream(&a, rnd(20));
		random_stream(&b, rnd(20));
		drvmem_pack__reset(&p);
		drvmem_stream__encode(rnd(4) ? &a : NULL, &b, &p);
		if (p.len > 1) {
			u = (struct drvmem_unpack){ .p = p.p, .len = rnd((uint32_t)p.len) };
			i = (uint32_t)drvmem_stream__decode(&b, &u, 1000);
			assert_true(i || u.at == u.len);
		}
		drvmem_stream__deinit(&a);
		drvmem_stream__deinit(&b);

		rnd_state = round + 1;
		width = 1 + rnd(6);
		drvmem_stream__init(&a, width);
		drvmem_stream__init(&b, width);
		random_stream(&a, rnd(20));
		random_stream(&b, rnd(20));
		drvmem_pack__reset(&p);
		drvmem_stream__encode(&a, &b, &p);
		u = (struct drvmem_unpack){ .p = p.p, .len = p.len };
		assert_int_equal(drvmem_stream__decode(&a, &u, 1000), 0);
		assert_true(drvmem_unpack__done(&u));
		assert_int_equal(a.nr, b.nr);
		if (a.nr) {
			assert_memory_equal(a.key, b.key, a.nr * sizeof(*a.key));
			assert_memory_equal(a.word, b.word, a.nr * width * sizeof(*a.word));
		}
		drvmem_stream__deinit(&a);
		drvmem_stream__deinit(&b);
	}
	drvmem_pack__deinit(&p);
}

/* Numbers at the ends of every length of a varint, and differences of both signs. */
static void numbers(void **state)
{
	struct drvmem_pack p = { 0 }, z = { 0 }, back = { 0 };
	struct drvmem_unpack u;
	uint32_t i;
	uint8_t bad[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02 };

	(void)state;
	for (i = 0; i < 64; i++) {
		drvmem_pack__u64(&p, (1ull << i) - 1);
		drvmem_pack__diff(&p, 0 - (1ull << i));
	}
	drvmem_pack__u64(&p, UINT64_MAX);
	assert_int_equal(drvmem_pack__compress(&p, &z), 0);
	assert_int_equal(drvmem_pack__decompress(z.p, z.len, p.len - 1, &back), -EBADMSG);
	assert_int_equal(drvmem_pack__decompress(z.p, z.len - 1, 1u << 20, &back), -EBADMSG);
	assert_int_equal(drvmem_pack__decompress(z.p, z.len, 1u << 20, &back), 0);
	assert_int_equal(back.len, p.len);
	u = (struct drvmem_unpack){ .p = back.p, .len = back.len };
	for (i = 0; i < 64; i++) {
		assert_true(drvmem_unpack__u64(&u) == (1ull << i) - 1);
		assert_true(drvmem_unpack__diff(&u) == 0 - (1ull << i));
	}
	assert_true(drvmem_unpack__u64(&u) == UINT64_MAX);
	assert_true(drvmem_unpack__done(&u));
	assert_int_equal(drvmem_unpack__u64(&u), 0);
	assert_true(u.failed);
	u = (struct drvmem_unpack){ .p = bad, .len = sizeof(bad) };
	assert_int_equal(drvmem_unpack__u64(&u), 0);
	assert_true(u.failed);
	drvmem_pack__deinit(&p);
	drvmem_pack__deinit(&z);
	drvmem_pack__deinit(&back);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(streams), cmocka_unit_test(numbers) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
