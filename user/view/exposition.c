// SPDX-License-Identifier: GPL-2.0-or-later
#include "view/exposition.h"

#include <errno.h>
#include <stdlib.h>

#include "base/vec.h"
#include "model/arena.h"

struct drvmem_exposition *drvmem_exposition__new(void)
{
	struct drvmem_exposition *x = calloc(1, sizeof(*x));

	if (!x)
		return NULL;
	x->arena = drvmem_arena__new();
	if (!x->arena) {
		free(x);
		return NULL;
	}
	return x;
}

void drvmem_exposition__free(struct drvmem_exposition *x)
{
	unsigned int i;

	if (!x)
		return;
	for (i = 0; i < DRVMEM_NR_METRICS; i++)
		free(x->family[i].v);
	drvmem_arena__free(x->arena);
	free(x);
}

static const char *copy(struct drvmem_exposition *x, const char *text)
{
	const char *p = text ? drvmem_arena__str(x->arena, text) : NULL;

	x->oom |= text && !p;
	return p;
}

void drvmem_exposition__add(struct drvmem_exposition *x, enum drvmem_metric m,
			    const struct drvmem_metric_sample *s)
{
	struct drvmem_metric_family *f = &x->family[m];
	struct drvmem_metric_sample own = *s;
	size_t cap = f->cap;
	unsigned int i;
	void *v;

	for (i = 0; i < DRVMEM_METRIC_LABELS && drvmem_metrics_list[m].label[i]; i++)
		own.label[i] = copy(x, s->label[i] ? s->label[i] : "");
	own.le = copy(x, s->le);
	v = drvmem_vec_grown(f->v, &cap, f->n + 1, sizeof(own));
	if (!v) {
		x->oom = true;
		return;
	}
	f->v = v;
	f->cap = (uint32_t)cap;
	f->v[f->n++] = own;
}

void drvmem_exposition__u64(struct drvmem_exposition *x, enum drvmem_metric m, uint64_t v, const char *a,
			    const char *b, const char *c)
{
	drvmem_exposition__add(x, m, &(struct drvmem_metric_sample){ .label = { a, b, c },
								     .value = { .whole = v } });
}

void drvmem_exposition__i64(struct drvmem_exposition *x, enum drvmem_metric m, int64_t v, const char *a,
			    const char *b, const char *c)
{
	drvmem_exposition__add(x, m, &(struct drvmem_metric_sample){
		.label = { a, b, c },
		.value = { .negative = v < 0, .whole = v < 0 ? -(uint64_t)v : (uint64_t)v } });
}

void drvmem_exposition__real(struct drvmem_exposition *x, enum drvmem_metric m, double v, const char *a,
			     const char *b, const char *c)
{
	drvmem_exposition__add(x, m, &(struct drvmem_metric_sample){ .label = { a, b, c },
								     .value = { .real = true, .d = v } });
}

int drvmem_exposition__error(const struct drvmem_exposition *x)
{
	return x->oom ? -ENOMEM : 0;
}

uint32_t drvmem_exposition__count(const struct drvmem_exposition *x)
{
	uint32_t n = 0;
	unsigned int i;

	for (i = 0; i < DRVMEM_NR_METRICS; i++)
		n += x->family[i].n;
	return n;
}
