// SPDX-License-Identifier: GPL-2.0-or-later
/* Byte sampling, bpf/sample.bpf.h itself, compiled for user space: its arithmetic, and seeded replays. */
#include "unit.h"

#include <math.h>
#include <stdbool.h>

#include "drvmem/abi.h"
#include "drvmem/config.h"

/* What the BPF headers take from libbpf and from the maps. */
#define DRVMEM_MAPS_BPF_H
#define DRVMEM_CONFIG_BPF_H
#undef __always_inline
#define __always_inline inline __attribute__((unused))
static struct drvmem_config cfg;
static int dm_stats;
static struct drvmem_ctl dm_ctl;
static uint32_t dm_present[DRVMEM_PRESENT];
static struct drvmem_module dm_modules[DRVMEM_MAX_MODULES];
#define bpf_map_lookup_elem(map_, key_) ((void)(map_), (void)(key_), NULL)
#define bpf_get_smp_processor_id() 0u

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-compare"
#include "../../bpf/sample.bpf.h"
#pragma GCC diagnostic pop

static void near(double got, double want, double off)
{
	if (!(fabs(got - want) <= off))
		fail_msg("%.9g, not %.9g by %.3g", got, want, off);
}

static const uint64_t rates[] = { DRVMEM_RATE_MIN, 4096, 100000, 524288, 1000003, DRVMEM_RATE_MAX };

static double exact_weight(double size, double rate)
{
	return -1 / expm1(-size / rate);
}

/* Sizes from 1 byte to beyond any rate, ever wider apart. */
static uint64_t next_size(uint64_t size)
{
	return size + 1 + size / 97;
}

static void test_weights_are_exact_to_a_hundred_thousandth(void **state)
{
	uint64_t size;
	unsigned int i;
	double w, got;

	(void)state;
	for (i = 0; i < UNIT_NR(rates); i++) {
		for (size = 1; size < UINT32_MAX; size = next_size(size)) {
			w = exact_weight((double)size, (double)rates[i]);
			got = (double)dm_weight(size, rates[i]) / DM_WEIGHT_ONE;
			if (fabs(got - w) > 1e-5 * w)
				fail_msg("size %llu rate %llu: %.9g, not %.9g",
					 (unsigned long long)size, (unsigned long long)rates[i], got, w);
			assert_true(got >= 1);
		}
	}
}

static void test_shares(void **state)
{
	struct dm_share h;
	double w, s, r, var;
	uint64_t size;
	unsigned int i;

	(void)state;
	for (i = 0; i < UNIT_NR(rates); i++) {
		r = (double)rates[i];
		for (size = 1; size < UINT32_MAX; size = next_size(size)) {
			s = (double)size;
			w = exact_weight(s, r);
			dm_share_sampled(size, rates[i], &h);
			near((double)h.bytes / DRVMEM_BYTES_ONE, w * s,
			     1e-5 * w * s + 1.0 / DRVMEM_BYTES_ONE);
			var = w * (w - 1);
			near((double)h.count_var, var, 1e-3 * var + 1);
			var *= s * s / DRVMEM_VAR_BYTES;
			/* exact where it matters: it is at most r^2, and next to nothing for large ones */
			near((double)h.bytes_var, var,
			     1e-3 * var + (1e-5 * r * r + w * s / 64) / DRVMEM_VAR_BYTES + 1);
		}
	}
}

static void test_logarithm(void **state)
{
	uint64_t v = 1, i;
	double want, got;

	(void)state;
	for (i = 0; i < 2000000; i++) {
		v = v * 6364136223846793005ULL + 1442695040888963407ULL;
		/* of every magnitude */
		got = (double)dm_exponential(v >> i % 64) / DM_Q30;
		want = 64 * log(2) - log((double)(v >> i % 64 ? v >> i % 64 : 1));
		if (fabs(got - want) > 2e-8)
			fail_msg("-ln(%llu / 2^64): %.10f, not %.10f", (unsigned long long)(v >> i % 64),
				 got, want);
	}
	assert_true(dm_exponential(UINT64_MAX) < 16);
	near((double)dm_exponential(0) / DM_Q30, 64 * log(2), 1e-8);
}

/* Gaps are exponential: Kolmogorov-Smirnov at 1 in 1000, of a fixed sequence. */
static int cmp_u64(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void test_gaps_are_exponential(void **state)
{
	enum { N = 100000 };
	__u64 random = 42;
	uint64_t *g = malloc(N * sizeof(*g));
	double rate = 524288, sum = 0, d = 0, f;
	int i;

	(void)state;
	assert_non_null(g);
	for (i = 0; i < N; i++) {
		g[i] = dm_gap(&random, (uint64_t)rate);
		assert_true(g[i] >= 1);
		sum += (double)g[i];
	}
	qsort(g, N, sizeof(*g), cmp_u64);
	for (i = 0; i < N; i++) {
		f = -expm1(-((double)g[i] - 0.5) / rate);
		d = fmax(d, fmax(f - (double)i / N, (i + 1.0) / N - f));
	}
	assert_true(d < 1.95 / sqrt(N));
	near(sum / N, rate, 4 * rate / sqrt(N));
	free(g);
}

/* ---- replays: what is known exactly against what the samples say */

#define REPLAYS	2000
#define OBJECTS	40000
#define RATE	4096u

struct object {
	uint32_t size;
	bool freed;
};

/* A figure that is estimated: its truth, and the sums that BPF keeps. */
struct figure {
	double truth, sum_z, sum_z2, sum_error;
	int covered;
};

enum { LIVE_BYTES, LIVE_OBJECTS, ALLOC_BYTES, ALLOCS, FREE_BYTES, NR_FIGURES };

/*
 * Sizes of kernel objects: many small, some of pages, a few beyond the rate. Not smaller ones:
 * of 8 bytes one in 500 is kept, and no interval knows how many it stands for.
 */
static void make_objects(struct object *o)
{
	uint64_t random = 7, r;
	int i;

	for (i = 0; i < OBJECTS; i++) {
		random += 0x9e3779b97f4a7c15ULL;
		r = dm_mix(random);
		o[i].size = r % 100 < 80 ? 64 + (uint32_t)(r >> 32) % 1024 :
			    r % 100 < 98 ? 1024 + (uint32_t)(r >> 32) % 8192 :
					   8192 + (uint32_t)(r >> 32) % 65536;
		o[i].freed = (r >> 20) % 3 != 0;
	}
}

static void judge(struct figure *f, double estimate, double var)
{
	double z = (estimate - f->truth) / sqrt(var);

	f->sum_error += estimate - f->truth;
	f->sum_z += z;
	f->sum_z2 += (estimate - f->truth) * (estimate - f->truth);
	f->covered += fabs(z) <= 1.959964;
}

/* One session over the objects: allocated and freed in an order in which both happen at once. */
static void replay(const struct object *o, uint64_t seed, struct figure *f)
{
	struct drvmem_sampler s = { .random = dm_mix(seed + 1) };
	struct drvmem_site_cpu c = {};
	struct dm_share h;
	uint64_t count = 0, free_count = 0;
	int i;

	for (i = 0; i < OBJECTS; i++) {
		if ((s.epoch == 1 && dm_sample_pass(&s, o[i].size)) ||
		    !dm_sample_take(&s, o[i].size, 1, RATE))
			continue;
		dm_share_sampled(o[i].size, RATE, &h);
		count += h.count;
		c.alloc_bytes += h.bytes;
		c.alloc_var += h.count_var;
		c.alloc_bytes_var += h.bytes_var;
		c.sampled_allocs++;
		if (!o[i].freed)
			continue;
		free_count += h.count;
		c.free_bytes += h.bytes;
		c.free_var += h.count_var;
		c.free_bytes_var += h.bytes_var;
	}
	judge(&f[ALLOCS], (double)count / DRVMEM_COUNT_ONE, (double)c.alloc_var);
	judge(&f[ALLOC_BYTES], (double)c.alloc_bytes / DRVMEM_BYTES_ONE,
	      (double)c.alloc_bytes_var * DRVMEM_VAR_BYTES);
	judge(&f[FREE_BYTES], (double)c.free_bytes / DRVMEM_BYTES_ONE,
	      (double)c.free_bytes_var * DRVMEM_VAR_BYTES);
	judge(&f[LIVE_OBJECTS], (double)(count - free_count) / DRVMEM_COUNT_ONE,
	      (double)(c.alloc_var - c.free_var));
	judge(&f[LIVE_BYTES], (double)(c.alloc_bytes - c.free_bytes) / DRVMEM_BYTES_ONE,
	      (double)(c.alloc_bytes_var - c.free_bytes_var) * DRVMEM_VAR_BYTES);
}

static void test_definition_estimates_are_unbiased_and_intervals_cover(void **state)
{
	static const char *const names[] = { "live bytes", "live objects", "alloc bytes", "allocs",
					     "free bytes" };
	struct object *o = calloc(OBJECTS, sizeof(*o));
	struct figure f[NR_FIGURES] = {};
	double bias, sd, cover;
	int i;

	(void)state;
	assert_non_null(o);
	make_objects(o);
	for (i = 0; i < OBJECTS; i++) {
		f[ALLOCS].truth += 1;
		f[ALLOC_BYTES].truth += o[i].size;
		f[FREE_BYTES].truth += o[i].freed ? o[i].size : 0;
		f[LIVE_OBJECTS].truth += !o[i].freed;
		f[LIVE_BYTES].truth += o[i].freed ? 0 : o[i].size;
	}
	for (i = 0; i < REPLAYS; i++)
		replay(o, (uint64_t)i, f);
	for (i = 0; i < NR_FIGURES; i++) {
		bias = f[i].sum_error / REPLAYS;
		sd = sqrt(f[i].sum_z2 / REPLAYS);
		cover = 100.0 * f[i].covered / REPLAYS;
		print_message("# %s: bias %+.3f %%, error %.2f %%, coverage %.1f %%\n", names[i],
			      100 * bias / f[i].truth, 100 * sd / f[i].truth, cover);
		/* the mean of the replays lies within 3.3 of its own standard errors */
		assert_true(fabs(bias) < 3.3 * sd / sqrt(REPLAYS));
		assert_true(cover >= 94 && cover <= 96);
	}
	free(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_weights_are_exact_to_a_hundred_thousandth),
		cmocka_unit_test(test_shares),
		cmocka_unit_test(test_logarithm),
		cmocka_unit_test(test_gaps_are_exponential),
		cmocka_unit_test(test_definition_estimates_are_unbiased_and_intervals_cover),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
