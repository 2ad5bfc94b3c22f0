// SPDX-License-Identifier: GPL-2.0-or-later
#include "topping.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/clock.h"
#include "doctor.h"
#include "probe/checkers.h"
#include "probe/probe.h"
#include "render/json.h"
#include "source/sysmem.h"
#include "topplay.h"
#include "trace.h"
#include "tui/tui.h"

#define DEFAULT_INTERVAL_NS	2000000000ull
#define FIRST_NS		300000000ull	/* until the first figures are shown */
#define OBJECTS_MOST		200000u		/* more live ones are read only where they are judged */
#define BATCH_COLS		160u		/* where there is no terminal to ask */

static int out_of_memory(struct drvmem_err *err)
{
	return drvmem_err__set(err, -ENOMEM, DRVMEM_EXIT_INTERNAL, "out of memory");
}

static uint64_t cpu_ns(void)
{
	struct rusage u;

	if (getrusage(RUSAGE_SELF, &u))
		return 0;
	return (uint64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000000u +
	       (uint64_t)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1000u;
}

/* Text of a page, written by hand into memory. */
static char *end_page(FILE *out, char **text)
{
	if (fclose(out)) {
		free(*text);
		*text = NULL;
	}
	return *text;
}

static void put_programs(struct drvmem_topping *r, FILE *out)
{
	const struct drvmem_session_prog *p;
	uint32_t n, i, on = 0;

	if (!r->trace)
		return;
	p = drvmem_trace__progs(r->trace, &n);
	for (i = 0; i < n; i++)
		on += p[i].attached;
	fprintf(out, "probes: %u of %u attached\n", on, n);
	for (i = 0; i < n; i++)
		fprintf(out, "  %-10s %-16s %-28s %s\n", p[i].attached ? "attached" : "not here", p[i].name,
			p[i].hook ? p[i].hook : "", p[i].why ? p[i].why : "");
}

static void make_health(struct drvmem_topping *r)
{
	const struct drvmem_text_opts o = { .utf8 = r->screen.utf8, .width = r->screen.cols };
	char *text = NULL;
	size_t len;
	FILE *out;

	free(r->health);
	r->health = NULL;
	out = r->scope ? open_memstream(&text, &len) : NULL;
	if (!out)
		return;
	drvmem_text__header(r->scope, &o, false, out);
	put_programs(r, out);
	r->health = end_page(out, &text);
}

/* Once: what a kernel lets us see does not change while we look. */
static void make_doctor(struct drvmem_topping *r)
{
	const struct drvmem_text_opts o = { .utf8 = r->screen.utf8, .width = r->screen.cols };
	struct drvmem_checkers checkers;
	struct drvmem_err cannot = { 0 };
	struct drvmem_probe p;
	char *text = NULL;
	size_t len;
	FILE *out;

	if (r->doctor)
		return;
	out = open_memstream(&text, &len);
	if (!out)
		return;
	drvmem_probe__run(DRVMEM_NOT_READ, &p);
	drvmem_checkers__read("", &checkers);
	drvmem_checkers__probe(&checkers, &p);
	cannot.code = drvmem_probe__can_trace(&p, &cannot);
	drvmem_doctor__text(&p, &cannot, &o, out);
	r->doctor = end_page(out, &text);
}

/* All RAM by class; what could not be read is missing there, with its reason in report --system. */
static int read_ram(struct drvmem_topping *r)
{
	struct drvmem_sysmem *now;
	int e = drvmem_sysmem__load(&now);

	if (e)
		return e;
	drvmem_reconcile(now, r->scope->s, &r->ram);
	drvmem_sysmem__free(now);
	r->ram_known = true;
	return 0;
}

/* Says nothing without the ages of the objects; other views say less. */
static bool needs_ages(const struct drvmem_top *t)
{
	return t->view == DRVMEM_TOP_LEAKS || t->view == DRVMEM_TOP_STACK || t->window == DRVMEM_TOP_INSIDE;
}

/* The rows of the present view from the snapshot that is there. */
static int build(struct drvmem_topping *r, bool fresh, struct drvmem_err *err)
{
	struct drvmem_top_feed f = { .scope = r->scope, .fresh = fresh, .verdicts = r->verdicts };
	struct drvmem_series until = { 0 };
	int e = 0;

	if (!r->scope)
		return 0;
	if (r->top->view == DRVMEM_TOP_POOLS) {
		if (!r->pools_known && drvmem_poolwatch__show(&r->pools, &r->o->common, false, r->scope, err))
			return -ENOMEM;
		r->pools_known = true;
		f.pools = r->scope->pools;
		f.pools_ns = r->pools_ns;
	}
	if (drvmem_top__judges(r->top->view)) {
		e = drvmem_series__until(&r->series, r->scope->s, &until);
		f.series = e ? NULL : &until;
	}
	if (!e)
		e = drvmem_top__build(r->top, &f);
	drvmem_series__fini(&until);
	if (r->top->view == DRVMEM_TOP_HEALTH)
		make_health(r);
	return e ? out_of_memory(err) : 0;
}

static struct drvmem_topscreen drawing(const struct drvmem_topping *r)
{
	uint64_t now = drvmem_now_ns();
	double cpu = r->began_ns && now > r->began_ns ? (double)(cpu_ns() - r->began_cpu_ns) / (double)(now - r->began_ns) : -1;

	return (struct drvmem_topscreen){
		.scope = r->scope, .ram = r->ram_known ? &r->ram : NULL,
		.interval_ns = r->interval_ns, .own_cpu = cpu, .health = r->health, .doctor = r->doctor,
		.recorded = r->recorded[0] ? r->recorded : NULL,
	};
}

void drvmem_topping__draw(struct drvmem_topping *r)
{
	struct drvmem_topscreen in;
	uint32_t cols, rows;

	drvmem_tui__size(&cols, &rows, &r->screen.utf8);
	if ((cols != r->screen.cols || rows != r->screen.rows) && drvmem_screen__resize(&r->screen, cols, rows))
		return;
	in = drawing(r);
	drvmem_topscreen__draw(&r->screen, r->top, &in);
	drvmem_tui__put(&r->screen);
}

static int print_batch(struct drvmem_topping *r, struct drvmem_err *err)
{
	struct drvmem_topscreen in;
	struct drvmem_text_opts t;
	int e;

	if (r->o->common.format == DRVMEM_FORMAT_JSON) {
		e = drvmem_json__report(r->scope, r->out.f);
		return e ? out_of_memory(err) : drvmem_out__flush(&r->out, err);
	}
	drvmem_out__text_opts(&r->out, &t);
	in = drawing(r);
	if (r->health && r->top->view == DRVMEM_TOP_HEALTH) {
		fprintf(r->out.f, "%s\n", r->health);
		return drvmem_out__flush(&r->out, err);
	}
	e = drvmem_topscreen__batch(r->top, &in, t.width ? t.width : BATCH_COLS, (uint32_t)r->o->top, t.utf8,
				    r->out.f);
	return e ? out_of_memory(err) : drvmem_out__flush(&r->out, err);
}

void drvmem_topping__forget(struct drvmem_topping *r)
{
	drvmem_scope__free(r->scope);
	r->scope = NULL;
	drvmem_series__fini(&r->series);
}

int drvmem_topping__take(struct drvmem_topping *r, const struct drvmem_snapshot *prev,
			 const struct drvmem_snapshot *cur, bool last, struct drvmem_err *err)
{
	struct drvmem_scope *v;
	int e;

	e = drvmem_common__scope(&r->o->common, prev, cur, last, &v, err);
	if (e)
		return e;
	drvmem_scope__free(r->scope);
	r->scope = v;
	r->pools_known = r->at_once = false;
	r->t.loss_ppm = drvmem_loss__ppm(&cur->loss);
	e = drvmem_series__add(&r->series, cur, false);
	if (!e)
		e = drvmem_timeline__add(r->timeline, cur);
	if (!e && !r->recorded[0])
		e = read_ram(r);
	if (e)
		return out_of_memory(err);
	e = build(r, true, err);
	if (e)
		return e;
	if (r->o->batch)
		return print_batch(r, err);
	drvmem_topping__draw(r);
	return 0;
}

/* The last one of a live view is for nobody. */
static int on_snapshot(void *arg, const struct drvmem_snapshot *prev, const struct drvmem_snapshot *cur,
		       bool last, struct drvmem_err *err)
{
	struct drvmem_topping *r = arg;

	return last && !r->o->batch ? 0 : drvmem_topping__take(r, prev, cur, last, err);
}

/* Their ages: where leaks are judged, and as long as they cost little. */
static bool wants_objects(void *arg, bool last)
{
	const struct drvmem_topping *r = arg;

	if (last && !r->o->batch)
		return false;
	return needs_ages(r->top) || !r->scope || r->scope->s->meta.table_live <= OBJECTS_MOST;
}

static void change_interval(struct drvmem_topping *r, bool slower)
{
	static const uint64_t ms[] = { 200, 500, 1000, 2000, 5000, 10000, 30000, 60000, 300000 };
	const size_t nr = sizeof(ms) / sizeof(ms[0]);
	uint64_t now = r->interval_ns / 1000000u;
	size_t i;

	if (slower) {
		for (i = 0; i + 1 < nr && ms[i] <= now; i++)
			;
	} else {
		for (i = nr - 1; i && ms[i] >= now; i--)
			;
	}
	r->interval_ns = ms[i] * 1000000u;
	drvmem_top__say(r->top, "a new screen every %g s", (double)ms[i] / 1000);
}

static void travel(struct drvmem_topping *r, unsigned int what)
{
	const unsigned int all = DRVMEM_TOP_DO_EARLIER | DRVMEM_TOP_DO_LATER | DRVMEM_TOP_DO_EARLIER_MARK |
				 DRVMEM_TOP_DO_LATER_MARK;

	if (!r->recorded[0] && what & all)
		drvmem_top__say(r->top, "only a recorded session has earlier and later moments: drvmem top FILE");
	if (!r->recorded[0])
		return;
	r->earlier_later += !!(what & DRVMEM_TOP_DO_LATER) - !!(what & DRVMEM_TOP_DO_EARLIER);
	r->marks_on += !!(what & DRVMEM_TOP_DO_LATER_MARK) - !!(what & DRVMEM_TOP_DO_EARLIER_MARK);
}

static void do_what(struct drvmem_topping *r, struct drvmem_trace *t, unsigned int what)
{
	bool had_objects = !r->scope || r->scope->s->nr_objects || !r->scope->s->meta.table_live;

	if (what & DRVMEM_TOP_DO_QUIT)
		r->quit = true;
	if (what & DRVMEM_TOP_DO_MARK)
		drvmem_topping__mark(r, t);
	if (what & DRVMEM_TOP_DO_SAVE)
		drvmem_topping__save(r);
	if (what & DRVMEM_TOP_DO_HTML)
		drvmem_topping__html(r);
	if (what & DRVMEM_TOP_DO_COPY)
		drvmem_topping__copy(r);
	if (what & (DRVMEM_TOP_DO_SLOWER | DRVMEM_TOP_DO_FASTER))
		change_interval(r, what & DRVMEM_TOP_DO_SLOWER);
	if (what & DRVMEM_TOP_DO_DOCTOR)
		make_doctor(r);
	travel(r, what);
	if (what & (DRVMEM_TOP_DO_BUILD | DRVMEM_TOP_DO_MARK) && build(r, false, NULL))
		drvmem_top__say(r->top, "out of memory: this is the table before");
	if (needs_ages(r->top) && !had_objects)
		r->at_once = !r->top->paused;
}

/* While nothing is shown anew, what is live goes on to be known. */
static void keep_history(struct drvmem_topping *r, struct drvmem_trace *t)
{
	uint64_t now = drvmem_now_ns();
	struct drvmem_snapshot *s;

	if (!t || !r->top->paused || now - r->past_ns < r->interval_ns)
		return;
	r->past_ns = now;
	s = drvmem_trace__counts(t);
	if (s && drvmem_history__add(r->top->history, s))
		drvmem_top__say(r->top, "out of memory: the trend has a gap");
	drvmem_snapshot__free(s);
}

static unsigned int mouse(struct drvmem_topping *r)
{
	uint32_t row, col;
	enum drvmem_top_mouse what = drvmem_tui__mouse(&row, &col);

	return drvmem_top__mouse(r->top, what, drvmem_screen__hit_at(&r->screen, row, col));
}

/* Whoever typed sees the effect at once: the table is there, a snapshot is not waited for. */
bool drvmem_topping__attend(void *arg, struct drvmem_trace *t, uint64_t *interval_ns)
{
	struct drvmem_topping *r = arg;
	bool any = false;
	uint32_t key;

	while (!r->quit && (key = drvmem_tui__key()) != DRVMEM_KEY_NONE) {
		any = true;
		if (key == DRVMEM_KEY_GONE)
			r->quit = true;
		else if (key == DRVMEM_KEY_REDRAW)
			drvmem_tui__redraw();
		else if (key == DRVMEM_KEY_MOUSE)
			do_what(r, t, mouse(r));
		else if (key != DRVMEM_KEY_RESIZED)
			do_what(r, t, drvmem_top__key(r->top, key));
	}
	if (r->quit) {
		drvmem_tui__close();	/* detaching takes a moment */
		return false;
	}
	if (any)
		drvmem_topping__draw(r);
	keep_history(r, t);
	if (!r->scope)
		*interval_ns = FIRST_NS;
	else
		*interval_ns = r->top->paused ? 0 : r->at_once ? 1 : r->interval_ns;
	return true;
}

/* The terminal is taken when nothing can fail any more that is told as text. */
static void started(void *arg, struct drvmem_trace *t)
{
	struct drvmem_topping *r = arg;

	r->trace = t;
	r->began_ns = r->past_ns = drvmem_now_ns();
	r->began_cpu_ns = cpu_ns();
	drvmem_series__init(&r->series, r->began_ns, DRVMEM_TOPPING_SERIES_NS);
	if (r->o->batch)
		return;
	r->quit = drvmem_tui__open(&(struct drvmem_err){ 0 }) != 0;
	if (!r->quit)
		drvmem_topping__draw(r);
}

/* Asked before a second is spent on attaching: is there a terminal that will do? */
static int try_terminal(struct drvmem_err *err)
{
	int e = drvmem_tui__open(err);

	drvmem_tui__close();
	return e;
}

static int prepare(struct drvmem_topping *r, const struct drvmem_args *args, struct drvmem_live_opts *live,
		   struct drvmem_err *err)
{
	const struct drvmem_topping_opts *o = r->o;
	int e;

	drvmem_common__live(&o->common, "top", args, 0, live);
	e = drvmem_common__intervals(&o->common, args, live, err);
	if (e)
		return e;
	if (args->nr_command)
		return drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "top follows no command: 'drvmem report -- CMD' does");
	if (o->common.window)
		return drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "top shows one moment: use --at, or drvmem diff for two");
	if (live->count && o->count)
		return drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "--count and a COUNT say the same: use one");
	if (!o->batch && (o->count || o->common.output || o->common.format != DRVMEM_FORMAT_TEXT))
		return drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "--count, --output and --format are for --batch");
	if (o->count)
		live->count = o->count;
	if (!live->interval_ns)
		live->interval_ns = DEFAULT_INTERVAL_NS;
	r->interval_ns = live->interval_ns;
	live->progress = false;
	live->started = started;
	live->started_arg = r;
	r->viewer = (struct drvmem_live_viewer){ drvmem_tui__fd(), drvmem_topping__attend, r };
	live->wants_objects = wants_objects;
	live->viewer = o->batch ? NULL : &r->viewer;
	r->top = drvmem_top__new();
	if (!r->top || drvmem_topping__start(r))
		return out_of_memory(err);
	drvmem_top__start(r->top, (enum drvmem_top_view)o->tab, (enum drvmem_sort)o->sort);
	return o->batch ? 0 : try_terminal(err);
}

/* What drvmem_common__trace() does around a live run. */
static int play(struct drvmem_topping *r, int *ret_signal, struct drvmem_err *err)
{
	int e = drvmem_common__check(&r->o->common, err);

	if (!e)
		e = drvmem_out__open(&r->out, r->o->common.output, err);
	if (e)
		return e;
	e = drvmem_topplay__run(r, ret_signal, err);
	if (!e)
		e = drvmem_out__close(&r->out, err);
	drvmem_out__discard(&r->out);
	return e;
}

int drvmem_topping__trace(struct drvmem_tracing *t, const struct drvmem_args *args, int *ret_signal,
			  struct drvmem_err *err)
{
	struct drvmem_topping *r = (struct drvmem_topping *)t;
	struct drvmem_live_opts live;
	int e = prepare(r, args, &live, err);
	bool file = r->o->common.file != NULL;

	if (!e && !file)
		e = drvmem_poolwatch__start(&r->pools, err);
	if (!e && file)
		e = play(r, ret_signal, err);
	else if (!e)
		e = drvmem_common__trace(&r->o->common, &live, r->o->common.output, &r->out, on_snapshot, r,
					 ret_signal, err);
	drvmem_tui__close();
	drvmem_scope__free(r->scope);
	drvmem_top__free(r->top);
	drvmem_screen__deinit(&r->screen);
	drvmem_poolwatch__deinit(&r->pools);
	drvmem_series__fini(&r->series);
	drvmem_timeline__free(r->timeline);
	drvmem_sysmem__free(r->machine);
	free(r->health);
	free(r->doctor);
	return e;
}
