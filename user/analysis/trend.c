// SPDX-License-Identifier: GPL-2.0-or-later
#include "analysis/trend.h"

#include <math.h>
#include <stdlib.h>

#define PAIRS (DRVMEM_TREND_POINTS * (DRVMEM_TREND_POINTS - 1) / 2)

static int cmp_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Of Kendall's sum, equal values taken into account (Gilbert 1987, 16.4.3). */
static double variance(const double *y, uint32_t n)
{
	double v = (double)n * (n - 1) * (2.0 * n + 5), sorted[DRVMEM_TREND_POINTS];
	uint32_t i, same;

	for (i = 0; i < n; i++)
		sorted[i] = y[i];
	qsort(sorted, n, sizeof(*sorted), cmp_double);
	for (i = 0; i < n; i += same) {
		for (same = 1; i + same < n && sorted[i + same] == sorted[i];)
			same++;
		v -= (double)same * (same - 1) * (2.0 * same + 5);
	}
	return v / 18;
}

void drvmem_trend(const double *t, const double *y, uint32_t n, struct drvmem_trend *ret)
{
	double slope[PAIRS], var, width, z;
	uint32_t i, j, pairs = 0;
	int sum = 0;
	long low, high;

	*ret = (struct drvmem_trend){ 0, -INFINITY, INFINITY, 1 };
	if (n < 2 || n > DRVMEM_TREND_POINTS)
		return;
	for (i = 0; i < n; i++) {
		for (j = i + 1; j < n; j++) {
			sum += (y[j] > y[i]) - (y[j] < y[i]);
			slope[pairs++] = (y[j] - y[i]) / (t[j] - t[i]);
		}
	}
	qsort(slope, pairs, sizeof(*slope), cmp_double);
	ret->slope = (slope[(pairs - 1) / 2] + slope[pairs / 2]) / 2;
	var = variance(y, n);
	if (var <= 0) {	/* all values are the same */
		ret->low = ret->high = 0;
		return;
	}
	z = sum ? (fabs((double)sum) - 1) / sqrt(var) : 0;
	ret->p = erfc(z / sqrt(2));
	width = 1.96 * sqrt(var);
	low = (long)floor((pairs - width) / 2) - 1;
	high = (long)ceil((pairs + width) / 2);
	if (low >= 0)
		ret->low = slope[low];
	if (high < (long)pairs)
		ret->high = slope[high];
}
