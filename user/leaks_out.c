// SPDX-License-Identifier: GPL-2.0-or-later
#include "leaks_out.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "base/stop.h"
#include "render/findings.h"
#include "render/json.h"
#include "render/marked.h"
#include "render/reach.h"
#include "render/text.h"
#include "render/where.h"
#include "view/outstanding.h"

/* Memory that is counted elsewhere: a table of its own. */
static int render_mappings(struct drvmem_leaks_out *r, struct drvmem_scope *v, const struct drvmem_outstanding *k,
			   const struct drvmem_text_opts *t)
{
	struct drvmem_grid *g;
	int e = k->nr_mappings ? drvmem_outstanding__map_grid(v, k, (uint32_t)r->o->top, &g) : 0;

	if (e || !k->nr_mappings)
		return e;
	fputs("\nstill mapped (memory that is counted elsewhere):\n", r->out.f);
	drvmem_text__grid(g, t, r->out.f);
	drvmem_grid__free(g);
	return 0;
}

static int render_text(struct drvmem_leaks_out *r, struct drvmem_scope *v, const struct drvmem_outstanding *k)
{
	struct drvmem_text_opts t;
	struct drvmem_grid *g;
	int e = drvmem_outstanding__grid(v, k, (uint32_t)r->o->top, &g);

	if (e)
		return e;
	drvmem_out__text_opts(&r->out, &t);
	drvmem_text__header(v, &t, false, r->out.f);
	drvmem_text__outstanding(k, &t, r->out.f);
	drvmem_text__grid(g, &t, r->out.f);
	drvmem_text__growing(v, k, &t, r->out.f);
	drvmem_text__reach(v, k, &t, r->out.f);
	drvmem_grid__free(g);
	e = render_mappings(r, v, k, &t);
	if (e)
		return e;
	e = drvmem_text__marked(v, k->marked, (uint32_t)r->o->top, &t, r->out.f);
	return e ? e : drvmem_text__where(v, k, (uint32_t)r->o->top, &t, r->out.f);
}

/* The exit status, as it will be, for forms that carry it. */
static struct drvmem_findings_opts findings_of(const struct drvmem_leaks_out *r)
{
	const struct drvmem_common *c = &r->o->common;
	int signal = drvmem_stop__signal() == SIGTERM ? SIGTERM : 0;

	return (struct drvmem_findings_opts){
		.found = r->t.found, .fail_over = r->o->fail_over, .loss_ppm = r->t.loss_ppm,
		.max_loss_ppm = c->max_loss_ppm, .too_lossy = r->t.loss_ppm > (double)c->max_loss_ppm,
		.exit_status = drvmem_exit_code(c, signal, r->t.loss_ppm, r->t.found),
	};
}

/* Each stands for others whose ages are not known: they can be counted, but not be old. */
static int refuse_sampled(const struct drvmem_common *c, struct drvmem_err *err)
{
	drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "'%s' is sampled at this moment: ages of single objects are not known",
			c->file ? c->file : "the session");
	drvmem_err__remedy(err, "record every object (drvmem record without --sample and --max-overhead), or see what is "
			   "live with its error: drvmem report FILE");
	return -EINVAL;
}

static int render(struct drvmem_leaks_out *r, struct drvmem_scope *v, const struct drvmem_outstanding *k)
{
	struct drvmem_findings_opts f = findings_of(r);

	switch ((enum drvmem_format)r->o->common.format) {
	case DRVMEM_FORMAT_JSON:
		drvmem_json__outstanding(v, k, r->out.f);
		return 0;
	case DRVMEM_FORMAT_JUNIT:
		return drvmem_junit__outstanding(v, k, &f, r->out.f);
	case DRVMEM_FORMAT_SARIF:
		return drvmem_sarif__outstanding(v, k, &f, r->out.f);
	case DRVMEM_FORMAT_TEXT:
		break;
	}
	return render_text(r, v, k);
}

static uint32_t listed(const struct drvmem_leaks_opts *o)
{
	if (!o->addresses)
		return 0;
	return o->max_addresses ? (uint32_t)o->max_addresses : UINT32_MAX;
}

/* What is outstanding in cur. judged: with what is known of its holders. */
static int outstanding(struct drvmem_leaks_out *r, struct drvmem_scope *v, bool judged,
		       struct drvmem_outstanding **ret)
{
	bool learn = r->o->older_ns == DRVMEM_OLDER_LEARNT && !r->o->marks;
	struct drvmem_outstanding_opts opts = {
		.older_ns = r->o->older_ns == DRVMEM_OLDER_LEARNT ? 0 : r->o->older_ns,
		.learn = learn,
		.series = &r->series,
		.mark = r->marks.at.gen,
	};

	if (!judged)
		return drvmem_outstanding__new(v, &opts, ret);
	opts.verdicts = r->judged.verdicts.reader ? &r->judged.verdicts : &r->reach.verdicts;
	opts.by_reach = r->o->reach == DRVMEM_REACH_ON;
	opts.list = listed(r->o);
	return drvmem_outstanding__new(v, &opts, ret);
}

int drvmem_leaks_out__examine(void *arg, struct drvmem_trace *t, const struct drvmem_snapshot *cur,
			      struct drvmem_err *err)
{
	struct drvmem_leaks_out *r = arg;
	struct drvmem_outstanding *k = NULL;
	struct drvmem_scope *v;
	bool wanted = false;
	int e;

	if (r->o->marks && drvmem_marks__check(&r->marks, err))
		return err->code;
	e = drvmem_common__scope(&r->o->common, NULL, cur, true, &v, err);
	if (e)
		return e;
	if (outstanding(r, v, false, &k))
		e = drvmem_err__set(err, -ENOMEM, DRVMEM_EXIT_INTERNAL, "out of memory");
	else
		wanted = k->growing || (k->objects && r->o->reach == DRVMEM_REACH_ON);
	drvmem_outstanding__free(k);
	drvmem_scope__free(v);
	if (e || !wanted)
		return e;
	r->reach.mark = r->marks.at.gen;
	e = drvmem_reachrun__run(&r->reach, t, cur, isatty(STDERR_FILENO), &r->why_not);
	if (e)
		r->t.incomplete |= drvmem_reachrun__told(&r->reach, &r->why_not, r->o->reach);
	return 0;
}

static bool is_finding(const struct drvmem_leaks_out *r, const struct drvmem_outstanding *k)
{
	return k->findings && (!r->o->fail_over || k->bytes > r->o->fail_over);
}

int drvmem_leaks_out__snapshot(void *arg, const struct drvmem_snapshot *prev,
			       const struct drvmem_snapshot *cur, bool last, struct drvmem_err *err)
{
	struct drvmem_leaks_out *r = arg;
	struct drvmem_outstanding *k = NULL;
	struct drvmem_places *places = NULL;
	struct drvmem_marked *m = NULL;
	struct drvmem_scope *v;
	int e;

	if (r->o->marks && drvmem_marks__check(&r->marks, err))
		return err->code;
	if (cur->meta.sampled)
		return refuse_sampled(&r->o->common, err);
	if (r->o->common.file && r->o->reach == DRVMEM_REACH_ON && !r->judged.verdicts.reader) {
		drvmem_err__set(err, -ENODATA, DRVMEM_EXIT_USAGE, "the session does not have who held its objects");
		drvmem_err__remedy(err, "record with --reach: the memory of that time is gone");
		return -ENODATA;
	}
	if (r->o->reach == DRVMEM_REACH_OFF)
		drvmem_stored_verdicts__deinit(&r->judged);
	e = drvmem_common__scope(&r->o->common, prev, cur, last, &v, err);
	if (e)
		return e;
	r->t.loss_ppm = drvmem_loss__ppm(&cur->loss);
	e = r->o->marks ? drvmem_marked__new(v, &r->marks.at, &m) : 0;
	if (!e)
		e = outstanding(r, v, true, &k);
	if (!e) {
		r->t.found = is_finding(r, k);
		k->marked = m;
		if (drvmem_linelook__wanted(&r->o->look))
			e = drvmem_linelook__outstanding(&r->o->look, r->o->common.file != NULL, v, k, &places, err);
	}
	if (!e)
		e = render(r, v, k);
	drvmem_marked__free(m);
	drvmem_places__free(places);
	drvmem_outstanding__free(k);
	drvmem_scope__free(v);
	return e ? drvmem_err__set(err, e, DRVMEM_EXIT_INTERNAL, "out of memory") : 0;
}

void drvmem_leaks_out__deinit(struct drvmem_leaks_out *r)
{
	drvmem_reachrun__deinit(&r->reach);
	drvmem_stored_verdicts__deinit(&r->judged);
	drvmem_series__fini(&r->series);
	drvmem_marks__close(&r->marks);
}
