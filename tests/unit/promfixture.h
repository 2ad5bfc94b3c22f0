/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A snapshot as metrics, for tests: one scrape, or several of one drvmem_metrics. */
#ifndef DRVMEM_TESTS_PROMFIXTURE_H
#define DRVMEM_TESTS_PROMFIXTURE_H

#include "fixture.h"

#include "render/prom.h"
#include "view/metrics.h"

#define PROM_ABSENT { 0, DRVMEM_ABSENT }

static const struct drvmem_metrics_self prom_self = {
	.version = "0.1.0", .revision = "abc", .libbpf = "v1.1", .cpu_ratio = -1,
	.cpu_us = PROM_ABSENT, .rss_bytes = PROM_ABSENT, .vsz_bytes = PROM_ABSENT, .start_ms = PROM_ABSENT,
	.open_fds = PROM_ABSENT, .max_fds = PROM_ABSENT,
};

/* Input of a scope and nothing else. */
static inline struct drvmem_metrics_input prom_input(struct drvmem_scope *v)
{
	return (struct drvmem_metrics_input){ .scope = v, .self = &prom_self, .judged_unix = PROM_ABSENT };
}

static inline struct drvmem_exposition *prom_build(struct drvmem_metrics *m, const struct drvmem_metrics_input *in)
{
	struct drvmem_exposition *x = NULL;

	assert_int_equal(drvmem_metrics__build(m, in, &x), 0);
	assert_non_null(x);
	return x;
}

/* A scrape, to be freed. */
static inline char *prom_scrape(struct drvmem_metrics *m, const struct drvmem_metrics_input *in,
				enum drvmem_prom_format format, size_t *ret_len)
{
	struct drvmem_exposition *x = prom_build(m, in);
	char *text = fix_text(ret_len, drvmem_prom__render(x, format, out));

	drvmem_exposition__free(x);
	return text;
}

static inline char *prom_with(const struct drvmem_snapshot *s, const struct drvmem_metrics_opts *o,
			      enum drvmem_prom_format format, size_t *ret_len)
{
	struct drvmem_metrics *m = drvmem_metrics__new(o);
	struct drvmem_scope *v = fix_scope(NULL, s, NULL);
	const struct drvmem_metrics_input in = prom_input(v);
	char *text;

	assert_non_null(m);
	text = prom_scrape(m, &in, format, ret_len);
	drvmem_scope__free(v);
	drvmem_metrics__free(m);
	return text;
}

static inline char *prom(const struct drvmem_snapshot *s, size_t *ret_len)
{
	const struct drvmem_metrics_opts o = DRVMEM_METRICS_OPTS_INIT;

	return prom_with(s, &o, DRVMEM_PROM_TEXT, ret_len);
}

#endif /* DRVMEM_TESTS_PROMFIXTURE_H */
