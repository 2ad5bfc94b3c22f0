// SPDX-License-Identifier: GPL-2.0-or-later
#include "expose.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "render/prom.h"
#include "session/session.h"
#include "source/sysmem.h"

int drvmem_expose__init(struct drvmem_expose *x, const struct drvmem_expose_opts *o, const struct drvmem_common *c, struct drvmem_err *err)
{
	x->o = o; x->common = c;
	return o->no_pools ? 0 : drvmem_poolwatch__start(&x->pools, err);
}
void drvmem_expose__deinit(struct drvmem_expose *x) { drvmem_poolwatch__deinit(&x->pools); }
int drvmem_expose__snapshot(struct drvmem_expose *x, struct drvmem_webproc *w, const struct drvmem_snapshot *prev, const struct drvmem_snapshot *cur, struct drvmem_err *err)
{
	const struct drvmem_prom_opts o = { .version = DRVMEM_VERSION, .revision = "", .libbpf = drvmem_session__libbpf_version() };
	struct drvmem_doc_part part = { "modules", NULL, 0 };
	struct drvmem_scope *v;
	char *text = NULL;
	FILE *f;
	int e = drvmem_common__scope(x->common, prev, cur, false, &v, err);
	if (e) return e;
	f = open_memstream(&text, &part.len);
	e = drvmem_prom__snapshot(v, &o, f);
	fclose(f);
	part.data = text;
	if (!e) { drvmem_webproc__document(w, DRVMEM_WEB_TEXT, &part, 1, drvmem_now_ns());
	drvmem_webproc__document(w, DRVMEM_WEB_OPENMETRICS, &part, 1, drvmem_now_ns()); }
	free(text);
	drvmem_scope__free(v);
	return e;
}
uint32_t drvmem_expose__readable(const struct drvmem_expose *x)
{
	struct drvmem_sysmem *m; uint32_t i, n = 0;
	(void)x;
	if (drvmem_sysmem__load(&m)) return 0;
	for (i = 0; i < DRVMEM_NR_SYSFILE; i++) n += !m->err[i];
	drvmem_sysmem__free(m);
	return n;
}
