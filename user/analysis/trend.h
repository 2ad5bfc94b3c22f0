/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does a series grow? The median of the slopes of all pairs of points (Theil 1950, Sen 1968), its
 * interval, and the test of Mann (1945) and Kendall: no assumption on noise, and a few points that
 * are far off change little. Pure.
 */
#ifndef DRVMEM_ANALYSIS_TREND_H
#define DRVMEM_ANALYSIS_TREND_H

#include <stdint.h>

#define DRVMEM_TREND_POINTS 32u

struct drvmem_trend {
	double slope;			/* units of y for one of t; 0 without two points */
	double low, high;		/* its 95 % interval; infinite with few points */
	double p;			/* two-sided: such an order by chance, were there no trend */
};

/* n points, at most DRVMEM_TREND_POINTS, t strictly rising. */
void drvmem_trend(const double *t, const double *y, uint32_t n, struct drvmem_trend *ret);

#endif /* DRVMEM_ANALYSIS_TREND_H */
