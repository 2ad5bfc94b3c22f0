// SPDX-License-Identifier: GPL-2.0-or-later
#include "spread.h"

#include <stdlib.h>

static int by_value(const void *pa, const void *pb)
{
	double x = *(const double *)pa, y = *(const double *)pb;

	return (x > y) - (x < y);
}

struct spread spread_of(double *v, unsigned int n)
{
	qsort(v, n, sizeof(*v), by_value);
	return (struct spread){
		.median = n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2,
		.low = v[n / 4],
		.high = v[n - 1 - n / 4],
	};
}
