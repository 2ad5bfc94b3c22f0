// SPDX-License-Identifier: GPL-2.0-or-later
#include "fuzz.h"
#include "source/baseline.h"
#include "source/vmallocinfo.h"

/* The same text as each of the files that the baseline is made of. */
static void whole(const char *text, size_t size)
{
	const struct drvmem_baseline_text t = { text, size, 0 };
	const struct drvmem_baseline_in in = { .meminfo = t, .vmallocinfo = t, .modules = t,
					       .slabinfo = t, .allocinfo = t, .page_size = 4096 };
	struct drvmem_baseline *b;
	bool partial;

	if (drvmem_baseline__make(&in, &b))
		return;
	FUZZ_ASSERT(drvmem_baseline__named(b, &partial) <= drvmem_baseline__total(b, &partial));
	drvmem_baseline__free(b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct drvmem_vmallocinfo *v;

	whole((const char *)data, size);
	if (drvmem_vmallocinfo__parse((const char *)data, size, &v))
		return 0;
	for (size_t i = 0; i < v->n; i++) {
		const struct drvmem_vmarea *a = &v->v[i];

		FUZZ_ASSERT(a->pages <= a->size / 4096);
		FUZZ_ASSERT(a->head.n >= 7 && a->head.s >= (const char *)data &&
			    a->head.s + a->head.n <= (const char *)data + size);
		FUZZ_ASSERT(!a->caller.n || (a->caller.s >= (const char *)data &&
					     a->caller.s + a->caller.n <= (const char *)data + size));
		FUZZ_ASSERT(!a->module.n || (a->module.s >= (const char *)data &&
					     a->module.s + a->module.n <= (const char *)data + size));
	}
	drvmem_vmallocinfo__free(v);
	return 0;
}
