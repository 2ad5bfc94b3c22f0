/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Median and quartiles of a series of measurements. */
#ifndef DRVMEM_TESTS_BENCH_SPREAD_H
#define DRVMEM_TESTS_BENCH_SPREAD_H

struct spread {
	double median, low, high;	/* low, high: quartiles */
};

/* Sorts v[0..n). n > 0. */
struct spread spread_of(double *v, unsigned int n);

#endif /* DRVMEM_TESTS_BENCH_SPREAD_H */
