// SPDX-License-Identifier: GPL-2.0-or-later
#include "fuzz.h"

#include <errno.h>
#include <string.h>

#include "source/pageowner.h"
#include "symbol/ranges.h"

/* The first byte says in what pieces the text comes. */
static struct drvmem_pageowner *parse(const uint8_t *data, size_t size, size_t piece)
{
	const struct drvmem_po_how how = { drvmem_ranges__kind, 4096, 1000 };
	struct drvmem_po_parser *p = drvmem_po_parser__new(&how);
	struct drvmem_pageowner *o = NULL;
	size_t at, n;

	for (at = 0; p && at < size; at += n) {
		n = size - at < piece ? size - at : piece;
		FUZZ_ASSERT(!drvmem_po_parser__feed(p, (const char *)data + at, n));
	}
	if (p)
		drvmem_po_parser__finish(p, &o);
	return o;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct drvmem_pageowner *a, *b;
	uint64_t sum = 0;
	size_t i;

	if (!size)
		return 0;
	a = parse(data + 1, size - 1, SIZE_MAX);
	b = parse(data + 1, size - 1, (size_t)data[0] + 1);
	if (a && b) {
		FUZZ_ASSERT(a->err == b->err && a->records == b->records && a->skipped == b->skipped);
		FUZZ_ASSERT(!a->err || !a->records || a->err == -ENOTSUP);
		FUZZ_ASSERT(!memcmp(a->class, b->class, sizeof(a->class)));
		for (i = 0; i < a->n; i++) {
			FUZZ_ASSERT(a->v[i].name[0] && drvmem_pageowner__find(a, a->v[i].name) == &a->v[i]);
			sum += a->v[i].direct.blocks + a->v[i].dma.blocks;
			FUZZ_ASSERT(a->v[i].direct.newer_bytes <= a->v[i].direct.bytes);
		}
		FUZZ_ASSERT(sum <= a->records);
	}
	drvmem_pageowner__free(a);
	drvmem_pageowner__free(b);
	return 0;
}
