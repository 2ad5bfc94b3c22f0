// SPDX-License-Identifier: GPL-2.0-or-later
#include "expose.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "render/json.h"
#include "render/pprof.h"
#include "render/prom.h"
#include "source/sysmem.h"
#include "view/outstanding.h"
#include "view/profile.h"

#define POOLS_NS	60000000000ull	/* two thousand files: now and then */

static int out_of_memory(struct drvmem_err *err)
{
	return drvmem_err__set(err, -ENOMEM, DRVMEM_EXIT_INTERNAL, "out of memory");
}

int drvmem_expose__init(struct drvmem_expose *x, const struct drvmem_expose_opts *o, const struct drvmem_common *c,
			struct drvmem_err *err)
{
	const struct drvmem_metrics_opts m = { (uint32_t)o->max_modules, (uint32_t)o->max_caches,
					       (uint32_t)o->max_callsites, o->ages, o->errors };
	int e;

	x->o = o;
	x->common = c;
	e = drvmem_metering__init(&x->metering, &m, err);
	x->metering.nodes = o->nodes;
	x->judge_due_ns = drvmem_now_ns() + o->judge_ns;
	return e || o->no_pools ? e : drvmem_poolwatch__start(&x->pools, err);
}

static void forget_leaks(struct drvmem_expose *x)
{
	uint32_t i;

	for (i = 0; i < x->metering.nr_leaks; i++)
		free((void *)x->leaks[i].module);
	free(x->leaks);
	x->leaks = NULL;
	x->metering.leaks = NULL;
	x->metering.nr_leaks = 0;
	x->metering.judged_unix = (struct drvmem_u64){ 0, DRVMEM_ABSENT };
}

void drvmem_expose__deinit(struct drvmem_expose *x)
{
	forget_leaks(x);
	drvmem_series__fini(&x->series);
	drvmem_metering__deinit(&x->metering);
	drvmem_poolwatch__deinit(&x->pools);
}

bool drvmem_expose__wants_objects(struct drvmem_expose *x)
{
	uint64_t now = drvmem_now_ns();
	bool judge = x->o->judge_ns && now >= x->judge_due_ns;

	if (judge)
		x->judge_due_ns = now + x->o->judge_ns;
	x->with_objects = judge;
	return judge || x->o->ages || x->o->nodes;
}

/* Names are the snapshot's, which goes. */
static int keep_names(struct drvmem_metrics_leak *l, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++) {
		l[i].module = strdup(l[i].module);
		if (!l[i].module)
			break;
	}
	if (i == n)
		return 0;
	while (i)
		free((void *)l[--i].module);
	return -ENOMEM;
}

/* What grows, by the ages of the objects and by the history. Sampled objects have no ages that tell: nothing is judged. */
static int judge(struct drvmem_expose *x, struct drvmem_scope *v)
{
	struct drvmem_series until = { 0 };
	const struct drvmem_outstanding_opts o = { .learn = true, .series = &until };
	struct drvmem_metrics_leak *leaks = NULL;
	struct drvmem_outstanding *found = NULL;
	uint32_t n = 0;
	int e;

	forget_leaks(x);
	if (v->s->meta.sampled)
		return 0;
	e = drvmem_series__until(&x->series, v->s, &until);
	if (!e)
		e = drvmem_outstanding__new(v, &o, &found);
	if (!e)
		e = drvmem_metrics_leaks(v, found, &leaks, &n);
	if (!e)
		e = keep_names(leaks, n);
	if (e) {
		free(leaks);
	} else {
		x->metering.leaks = x->leaks = leaks;
		x->metering.nr_leaks = n;
		x->metering.judged_unix = (struct drvmem_u64){ v->s->meta.taken_unix, DRVMEM_OK };
	}
	drvmem_outstanding__free(found);
	drvmem_series__fini(&until);
	return e;
}

/* What was rendered, a part for each collector. */
struct parts {
	struct drvmem_doc_part v[DRVMEM_NR_COLLECT];
	uint32_t n;
	uint64_t taken_ns;
};

static void parts_deinit(struct parts *p)
{
	uint32_t i;

	for (i = 0; i < p->n; i++)
		free((void *)p->v[i].data);
}

/* A text of one collector, rendered by fn. -ENOMEM. */
static int add_part(struct parts *p, const char *name, int (*fn)(void *arg, FILE *out), void *arg)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	int e = f ? fn(arg, f) : -ENOMEM;

	if (f && fclose(f) && !e)
		e = -ENOMEM;
	if (e) {
		free(text);
		return e;
	}
	p->v[p->n++] = (struct drvmem_doc_part){ name, text, len };
	return 0;
}

struct one_collector {
	const struct drvmem_exposition *x;
	enum drvmem_collector c;
	enum drvmem_prom_format format;
};

static int put_collector(void *arg, FILE *out)
{
	const struct one_collector *o = arg;

	drvmem_prom__part(o->x, o->c, o->format, out);
	return 0;
}

static int put_report(void *arg, FILE *out)
{
	return drvmem_json__report(arg, out);
}

static int put_profile(void *arg, FILE *out)
{
	struct drvmem_profile *p;
	int e = drvmem_profile__new(arg, DRVMEM_CALLERS_KNOWN, &p);

	if (e)
		return e;
	e = drvmem_pprof__write(p, out);
	drvmem_profile__free(p);
	return e;
}

static int send_exposition(const struct drvmem_expose *x, struct drvmem_webproc *w, const struct drvmem_exposition *e,
			   enum drvmem_prom_format format, uint64_t taken_ns)
{
	struct one_collector o = { .x = e, .format = format };
	struct parts p = { .n = 0 };
	int err = 0;

	for (o.c = 0; !err && o.c < DRVMEM_COLLECT_WEB; o.c++)
		if (!(x->o->no_kernel && o.c == DRVMEM_COLLECT_KERNEL))
			err = add_part(&p, drvmem_collector_names[o.c], put_collector, &o);
	if (!err)
		drvmem_webproc__document(w, format == DRVMEM_PROM_TEXT ? DRVMEM_WEB_TEXT : DRVMEM_WEB_OPENMETRICS, p.v,
					 p.n, taken_ns);
	parts_deinit(&p);
	return err;
}

static int send_other(struct drvmem_webproc *w, enum drvmem_web_msg kind, int (*fn)(void *arg, FILE *out),
		      struct drvmem_scope *v, uint64_t taken_ns)
{
	struct parts p = { .n = 0 };
	int e = add_part(&p, "all", fn, v);

	if (!e)
		drvmem_webproc__document(w, kind, p.v, p.n, taken_ns);
	parts_deinit(&p);
	return e;
}

static int send_all(struct drvmem_expose *x, struct drvmem_webproc *w, struct drvmem_scope *v, uint64_t taken_ns,
		    struct drvmem_err *err)
{
	struct drvmem_exposition *e;
	int ret = drvmem_metering__expose(&x->metering, v, &e, err);

	if (ret)
		return ret;
	ret = send_exposition(x, w, e, DRVMEM_PROM_TEXT, taken_ns);
	if (!ret)
		ret = send_exposition(x, w, e, DRVMEM_PROM_OPENMETRICS, taken_ns);
	drvmem_exposition__free(e);
	if (!ret && x->o->profiles)
		ret = send_other(w, DRVMEM_WEB_PROFILE, put_profile, v, taken_ns);
	if (!ret && x->o->api)
		ret = send_other(w, DRVMEM_WEB_REPORT, put_report, v, taken_ns);
	return ret ? out_of_memory(err) : 0;
}

int drvmem_expose__snapshot(struct drvmem_expose *x, struct drvmem_webproc *w, const struct drvmem_snapshot *prev,
			    const struct drvmem_snapshot *cur, struct drvmem_err *err)
{
	uint64_t now = drvmem_now_ns();
	struct drvmem_pools shown = { 0 };
	struct drvmem_scope *v;
	int e = 0;

	if (!x->o->no_pools && now >= x->pools_due_ns) {
		x->pools_due_ns = now + POOLS_NS;
		e = drvmem_poolwatch__read(&x->pools, cur, err);
	}
	if (e)
		return e;
	e = drvmem_common__scope(x->common, prev, cur, false, &v, err);
	if (e)
		return e;
	if (x->pools.last)
		e = drvmem_pools__borrow(x->pools.last, &shown) ? out_of_memory(err) : 0;
	v->pools = x->pools.last ? &shown : NULL;
	if (!e && x->with_objects && judge(x, v))
		e = out_of_memory(err);
	x->with_objects = false;
	if (!e)
		e = send_all(x, w, v, now, err);
	drvmem_scope__free(v);
	free(shown.v);
	return e;
}

uint32_t drvmem_expose__readable(const struct drvmem_expose *x)
{
	struct drvmem_poolwatch pools = { 0 };
	struct drvmem_err err = { 0 };
	struct drvmem_sysmem *m;
	uint32_t i, n = 0;

	if (!drvmem_sysmem__load(&m)) {
		for (i = 0; i < DRVMEM_NR_SYSFILE; i++)
			n += !m->err[i];
		for (i = 0; i < DRVMEM_NR_MEM; i++)
			n += m->mem[i].st == DRVMEM_OK;
		drvmem_sysmem__free(m);
	}
	if (!x->o->no_pools && !drvmem_poolwatch__start(&pools, &err))
		for (i = 0; i < pools.last->n; i++)
			n += pools.last->v[i].held_bytes.st == DRVMEM_OK;
	drvmem_poolwatch__deinit(&pools);
	return n;
}
