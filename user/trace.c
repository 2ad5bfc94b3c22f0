// SPDX-License-Identifier: GPL-2.0-or-later
#include "trace.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "model/baseline.h"
#include "session/bpfmaps.h"
#include "session/devres.h"
#include "source/baseline.h"
#include "source/live.h"
#include "source/meminfo.h"
#include "source/notes.h"
#include "source/reading.h"
#include "source/slabfs.h"
#include "symbol/ranges.h"
#include "symbol/resolve.h"
#include "symbol/symbol.h"

#define PEAK_POLLS 5	/* sampled peaks are looked at in one poll of so many */
#define MAX_TABLES 64	/* kept symbol tables: one for each poll that saw a module come or go */

struct drvmem_trace {
	struct drvmem_session *session;
	struct drvmem_session_opts opts;
	struct drvmem_range *ranges;
	struct drvmem_symtab *tab[MAX_TABLES];
	uint32_t nr_tabs;
	uint32_t seen_module;		/* ctl.next_module when the newest table was read */
	struct drvmem_builtin *builtin;
	char (*build_id)[41];		/* by module slot, "" = not read */
	uint64_t *peak_site, *peak_owner;	/* sampled, where BPF keeps none */
	struct drvmem_slabfs *slabfs;
	bool slabfs_tried;
	uint32_t slabfs_unknown;	/* caches of the session that were not in it when it was read */
	struct drvmem_reading *kernel[DRVMEM_NR_WHEN];	/* its own counts; NULL = not read */
	uint32_t polls;
	struct drvmem_baseline *baseline;
};

struct drvmem_trace *drvmem_trace__new(const struct drvmem_session_opts *opts, struct drvmem_err *err)
{
	struct drvmem_trace *t = calloc(1, sizeof(*t));

	if (t) {
		t->opts = *opts;
		t->build_id = calloc(DRVMEM_MAX_MODULES, sizeof(*t->build_id));
		t->peak_owner = calloc(DRVMEM_MAX_MODULES, sizeof(*t->peak_owner));
		t->peak_site = calloc(DRVMEM_MAX_SITES, sizeof(*t->peak_site));
	}
	if (!t || !t->build_id || !t->peak_owner || !t->peak_site) {
		drvmem_err__set(err, -ENOMEM, DRVMEM_EXIT_INTERNAL, "out of memory");
		drvmem_trace__free(t);
		return NULL;
	}
	return t;
}

void drvmem_trace__free(struct drvmem_trace *t)
{
	uint32_t i;

	if (!t)
		return;
	drvmem_session__free(t->session);
	for (i = 0; i < t->nr_tabs; i++)
		drvmem_symtab__free(t->tab[i]);
	drvmem_builtin__free(t->builtin);
	drvmem_slabfs__free(t->slabfs);
	drvmem_baseline__free(t->baseline);
	for (i = 0; i < DRVMEM_NR_WHEN; i++)
		drvmem_reading__unref(t->kernel[i]);
	free(t->ranges);
	free(t->build_id);
	free(t->peak_site);
	free(t->peak_owner);
	free(t);
}

static void keep_table(struct drvmem_trace *t, struct drvmem_symtab *tab)
{
	if (t->nr_tabs == MAX_TABLES) {
		/* the first stays: it has the modules that were there before */
		drvmem_symtab__free(t->tab[1]);
		memmove(&t->tab[1], &t->tab[2], (MAX_TABLES - 2) * sizeof(t->tab[0]));
		t->nr_tabs--;
	}
	t->tab[t->nr_tabs++] = tab;
}

static void find_data(struct drvmem_ksyms *k, const char *text, size_t len)
{
	static const char *const names[] = {
		"_stext", "_etext", "modules", "vmemmap_base", "page_offset_base",
		"__start_orc_unwind_ip", "__stop_orc_unwind_ip", "__start_orc_unwind",
		"group_open_release", "group_close_release", "dr_node_release",
	};
	uint64_t *const to[] = {
		&k->stext, &k->etext, &k->modules, &k->vmemmap_base, &k->page_offset_base,
		&k->orc_ip, &k->orc_ip_end, &k->orc,
		&k->devres.group_open, &k->devres.group_close, &k->devres.plain,
	};
	enum { NR = sizeof(names) / sizeof(names[0]) };
	uint64_t addr[NR];
	size_t i;

	drvmem_kallsyms_lookup(text, len, names, NR, addr);
	for (i = 0; i < NR; i++)
		*to[i] = addr[i];
}

/* What our own walk of stacks must know on sight (bpf/walk.bpf.h). */
static void find_text(struct drvmem_ksyms *k, const struct drvmem_symtab *tab)
{
	static const char *const rethooks[] = { "arch_rethook_trampoline", "__kretprobe_trampoline" };
	const struct drvmem_sym *s;
	char name[32];
	uint32_t i;

	s = drvmem_symtab__by_name(tab, "return_to_handler", NULL);
	k->replaced[0] = s ? s->addr : 0;
	for (i = 0; i < 2; i++) {
		s = drvmem_symtab__by_name(tab, rethooks[i], NULL);
		if (s)
			k->replaced[1] = s->addr;
	}
	for (i = 0; i < DRVMEM_TRACE_RUNS; i++) {
		snprintf(name, sizeof(name), "bpf_trace_run%u", i + 1);
		s = drvmem_symtab__by_name(tab, name, NULL);
		if (s)
			k->trace_run[i] = (struct drvmem_text){ s->addr, drvmem_symtab__end(tab, s) };
	}
}

/* Kernel symbols before the programs are loaded: text ranges, and addresses the session needs. */
static int read_symbols(struct drvmem_trace *t, struct drvmem_err *err)
{
	struct drvmem_ksyms *k = &t->opts.ksyms;
	struct drvmem_symtab *tab = NULL;
	_cleanup_free_ char *text = NULL;
	size_t len = 0;
	int r = drvmem_file__read("/proc/kallsyms", DRVMEM_FILE_HUGE, &text, &len);

	if (r == -ENOENT)
		return 0;
	if (r)
		return drvmem_err__set(err, r, DRVMEM_EXIT_INTERNAL, "cannot read /proc/kallsyms (%s)",
				       drvmem_errno_name(r));
	find_data(k, text, len);
	r = drvmem_symtab__parse(text, len, &tab);
	if (r == -EACCES)
		return 0;	/* hidden: addresses instead of names, and the report says so */
	if (!r) {
		keep_table(t, tab);
		find_text(k, tab);
		r = drvmem_ranges__make(tab, &t->ranges, &t->opts.nr_ranges);
	}
	if (r)
		return drvmem_err__set(err, r, DRVMEM_EXIT_INTERNAL, "cannot parse /proc/kallsyms (%s)",
				       drvmem_errno_name(r));
	t->opts.ranges = t->ranges;
	return 0;
}

/* The texts of a moment into t->kernel[when]; what does not fit into memory is not known. */
static void keep_reading(struct drvmem_trace *t, struct drvmem_kernel_texts *texts, enum drvmem_when when)
{
	const struct drvmem_probe *p = drvmem_session__probe(t->session);
	struct drvmem_reading *r;

	if (drvmem_reading__parse(texts, DRVMEM_SLABFS_DIR, t->kernel[DRVMEM_AT_START], &r))
		r = NULL;
	if (r) {
		r->cpu_slabs = p->slab_of_cpu;
		r->partial_counts_slabs = p->partial_in_slabs;
	}
	drvmem_reading__unref(t->kernel[when]);
	t->kernel[when] = r;
	drvmem_kernel_texts__deinit(texts);
}

/* The kernel counts just before and just after; they are understood when both are there. */
void drvmem_trace__activate(struct drvmem_trace *t, bool on)
{
	struct drvmem_kernel_texts before = { 0 }, after = { 0 };
	bool was = drvmem_session__info(t->session)->active;

	if (on != was)
		drvmem_kernel_texts__take(&before);
	drvmem_session__activate(t->session, on);
	if (on == was)
		return;
	drvmem_kernel_texts__take(&after);
	keep_reading(t, &before, on ? DRVMEM_AT_START : DRVMEM_AT_SNAPSHOT);
	keep_reading(t, &after, on ? DRVMEM_AFTER_START : DRVMEM_AFTER_SNAPSHOT);
}

/* While it is active a snapshot has counts of its own moment; else those of when it ended hold. */
static int read_with_kernel(struct drvmem_trace *t, bool with_objects, struct drvmem_snapshot **ret,
			    struct drvmem_err *err)
{
	struct drvmem_kernel_texts before = { 0 }, after = { 0 };
	bool active = drvmem_session__info(t->session)->active;
	unsigned int i;
	int r;

	if (active)
		drvmem_kernel_texts__take(&before);
	r = drvmem_live__read(t->session, with_objects, ret, err);
	if (active) {
		drvmem_kernel_texts__take(&after);
		keep_reading(t, &before, DRVMEM_AT_SNAPSHOT);
		keep_reading(t, &after, DRVMEM_AFTER_SNAPSHOT);
	}
	for (i = 0; i < DRVMEM_NR_WHEN && !r; i++)
		(*ret)->kernel[i] = drvmem_reading__ref(t->kernel[i]);
	return r;
}

static void read_build_ids(struct drvmem_trace *t, const struct drvmem_session_maps *m)
{
	char name[DRVMEM_NAME_LEN + 1];
	uint32_t i, n = m->ctl->next_module;

	for (i = DRVMEM_MOD_FIRST; i < n && i < DRVMEM_MAX_MODULES; i++) {
		if (m->modules[i].state != 1 || t->build_id[i][0])
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)DRVMEM_NAME_LEN, m->modules[i].name);
		if (drvmem_notes__module_build_id(name, t->build_id[i], sizeof(t->build_id[i])))
			t->build_id[i][0] = 0;
	}
}

/*
 * The symbols read before the session cover the modules that were there, unless one came in
 * between (load_ns is set then: the session saw it load).
 */
static void know_loaded_modules(struct drvmem_trace *t)
{
	struct drvmem_session_maps m;
	uint32_t i, n;

	drvmem_session__maps(t->session, &m);
	n = m.ctl->next_module;
	read_build_ids(t, &m);
	for (i = DRVMEM_MOD_FIRST; i < n && i < DRVMEM_MAX_MODULES; i++)
		if (m.modules[i].load_ns)
			return;
	t->seen_module = n;
}

/* A module came: its names are gone when it goes. */
static void follow_modules(struct drvmem_trace *t)
{
	struct drvmem_session_maps m;
	struct drvmem_symtab *tab = NULL;

	drvmem_session__maps(t->session, &m);
	if (m.ctl->next_module == t->seen_module)
		return;
	t->seen_module = m.ctl->next_module;
	read_build_ids(t, &m);
	if (t->nr_tabs && !drvmem_symtab__load(&tab))
		keep_table(t, tab);
}

/* Before the session has programs and maps of its own: none of its memory is in it. */
static int read_baseline(struct drvmem_trace *t, struct drvmem_err *err)
{
	struct drvmem_bpfmaps bpf = {0};
	int bpf_err = drvmem_bpfmaps__read(&bpf);
	int r = drvmem_baseline__read(&bpf, bpf_err, t->opts.devres ? drvmem_devres__read : NULL,
				      &t->opts.ksyms.devres, t->opts.page_owner ? drvmem_ranges__kind : NULL,
				      &t->baseline);

	return r ? drvmem_err__set(err, r, DRVMEM_EXIT_INTERNAL, "out of memory") : 0;
}

int drvmem_trace__start(struct drvmem_trace *t, struct drvmem_err *err)
{
	int r = read_symbols(t, err);

	if (!r)
		r = read_baseline(t, err);
	if (r)
		return r;
	t->session = drvmem_session__new(&t->opts, err);
	if (!t->session)
		return -ENOMEM;
	r = drvmem_session__start(t->session, err);
	if (r)
		return r;
	if (drvmem_builtin__load(t->opts.ksyms.stext, &t->builtin))
		t->builtin = NULL;
	know_loaded_modules(t);
	return 0;
}

static void raise_peak(uint64_t *peak, int64_t now)
{
	if (now > 0 && (uint64_t)now > *peak)
		*peak = (uint64_t)now;
}

/* Where the kernel's BPF keeps no exact peak: the highest value of any snapshot or poll. */
static void sample_peaks(struct drvmem_trace *t, const struct drvmem_snapshot *s)
{
	int64_t owner[DRVMEM_MAX_MODULES] = {};
	uint32_t i;

	for (i = 0; i < s->nr_sites; i++) {
		raise_peak(&t->peak_site[s->sites[i].id], s->sites[i].c.live_bytes);
		if (s->sites[i].owner < DRVMEM_MAX_MODULES && !DRVMEM_IS_MAPPING(s->sites[i].allocator))
			owner[s->sites[i].owner] += s->sites[i].c.live_bytes;
	}
	for (i = 0; i < s->nr_instances && i < DRVMEM_MAX_MODULES; i++)
		raise_peak(&t->peak_owner[i], owner[i]);
}

static void apply_sampled_peaks(const struct drvmem_trace *t, struct drvmem_snapshot *s)
{
	uint32_t i;

	for (i = 0; i < s->nr_sites; i++) {
		s->sites[i].peak_bytes = (struct drvmem_u64){ t->peak_site[s->sites[i].id], DRVMEM_OK };
		s->sites[i].peak_sampled = true;
	}
	for (i = 0; i < s->nr_instances; i++)
		s->instances[i].peak_bytes = (struct drvmem_u64){ t->peak_owner[i], DRVMEM_OK };
}

void drvmem_trace__poll(struct drvmem_trace *t)
{
	struct drvmem_snapshot *s;

	drvmem_session__poll(t->session);
	follow_modules(t);
	if (drvmem_session__info(t->session)->peak_exact || t->polls++ % PEAK_POLLS ||
	    drvmem_live__read(t->session, false, &s, NULL))
		return;
	sample_peaks(t, s);
	drvmem_snapshot__free(s);
}

struct drvmem_snapshot *drvmem_trace__counts(struct drvmem_trace *t)
{
	struct drvmem_snapshot *s;

	return drvmem_live__read(t->session, false, &s, NULL) ? NULL : s;
}

/* NULL: no memory. A file that cannot be read leaves its numbers missing. */
static struct drvmem_reading *read_meminfo(void)
{
	struct drvmem_reading *r = drvmem_reading__new();
	_cleanup_free_ char *text = NULL;
	uint64_t skipped = 0;
	size_t len = 0;
	int e;

	if (!r)
		return NULL;
	e = drvmem_file__read("/proc/meminfo", DRVMEM_FILE_SMALL, &text, &len);
	r->slabs_st = r->areas_st = DRVMEM_ABSENT;
	drvmem_u64__set_missing(r->mem, DRVMEM_NR_MEM, drvmem_avail_of(e ? e : -ENOENT));
	drvmem_u64__set_missing(r->vm, DRVMEM_NR_VM, DRVMEM_ABSENT);
	if (!e && drvmem_meminfo__parse(text, len, r->mem, &skipped))
		drvmem_u64__set_missing(r->mem, DRVMEM_NR_MEM, DRVMEM_ABSENT);
	return r;
}

struct drvmem_snapshot *drvmem_trace__moment(struct drvmem_trace *t)
{
	struct drvmem_snapshot *s = drvmem_trace__counts(t);

	if (s && !s->kernel[DRVMEM_AT_SNAPSHOT])
		s->kernel[DRVMEM_AT_SNAPSHOT] = read_meminfo();
	return s;
}

void drvmem_trace__each_module(struct drvmem_trace *t,
			       void (*fn)(void *arg, uint32_t slot, const struct drvmem_module *m), void *arg)
{
	struct drvmem_session_maps m;
	uint32_t i, n;

	follow_modules(t);
	drvmem_session__maps(t->session, &m);
	n = m.ctl->next_module;
	for (i = DRVMEM_MOD_FIRST; i < n && i < DRVMEM_MAX_MODULES; i++)
		if (m.modules[i].state == 1 || m.modules[i].state == 2)
			fn(arg, i, &m.modules[i]);
}

void drvmem_trace__waiting(struct drvmem_trace *t, bool on)
{
	drvmem_session__waiting(t->session, on);
}

static bool is_reclaimable(const char *cache)
{
	char path[PATH_MAX];
	struct drvmem_u64 on;

	snprintf(path, sizeof(path), "%s/%s/reclaim_account", DRVMEM_SLABFS_DIR, cache);
	on = drvmem_slabfs__read_number(AT_FDCWD, path);
	return on.st == DRVMEM_OK && on.v;
}

/* Once, and again where a cache was made since. */
static void load_slabfs(struct drvmem_trace *t, const struct drvmem_snapshot *s)
{
	struct drvmem_slabfs *now;
	uint32_t i, unknown = 0;

	for (i = 0; i < s->nr_caches && t->slabfs; i++)
		unknown += s->caches[i].kind == DRVMEM_CLASS_CACHE && s->caches[i].name && !s->caches[i].destroyed &&
			   !drvmem_slabfs__target(t->slabfs, s->caches[i].name);
	/* those that it did not know the last time either need no other look */
	if (t->slabfs_tried && (!t->slabfs || unknown <= t->slabfs_unknown))
		return;
	t->slabfs_tried = true;
	t->slabfs_unknown = unknown;
	if (drvmem_slabfs__load(DRVMEM_SLABFS_DIR, &now))
		return;
	drvmem_slabfs__free(t->slabfs);
	t->slabfs = now;
}

static void add_aliases(struct drvmem_trace *t, struct drvmem_snapshot *s)
{
	char *text;
	uint32_t i;

	load_slabfs(t, s);
	for (i = 0; i < s->nr_caches && t->slabfs; i++) {
		if (s->caches[i].kind != DRVMEM_CLASS_CACHE || !s->caches[i].name)
			continue;
		s->caches[i].accounted = drvmem_slabfs__accounted(t->slabfs, s->caches[i].name);
		s->caches[i].reclaimable = is_reclaimable(s->caches[i].name);
		text = NULL;
		if (!drvmem_slabfs__aliases(t->slabfs, s->caches[i].name, &text) && text && text[0])
			s->caches[i].aliases = drvmem_snapshot__str(s, text);
		free(text);
	}
}

int drvmem_trace__snapshot(struct drvmem_trace *t, bool with_objects, struct drvmem_snapshot **ret,
			   struct drvmem_err *err)
{
	struct drvmem_symbols y = { .tab = t->tab, .builtin = t->builtin };
	struct drvmem_snapshot *s;
	uint32_t i;
	int r;

	follow_modules(t);
	y.n = t->nr_tabs;
	r = read_with_kernel(t, with_objects, &s, err);
	if (r)
		return r;
	for (i = 0; i < s->nr_instances; i++)
		memcpy(s->instances[i].build_id, t->build_id[i], sizeof(s->instances[i].build_id));
	if (!s->meta.peak_exact) {
		sample_peaks(t, s);
		apply_sampled_peaks(t, s);
	}
	add_aliases(t, s);
	s->baseline = t->baseline;
	s->meta.stext = t->opts.ksyms.stext;
	if (drvmem_notes__kernel_build_id(s->meta.build_id, sizeof(s->meta.build_id)))
		s->meta.build_id[0] = 0;
	r = drvmem_baseline__read_exact(t->baseline, s);
	if (!r)
		r = drvmem_symbols__resolve(&y, s);
	if (r) {
		drvmem_snapshot__free(s);
		return drvmem_err__set(err, r, DRVMEM_EXIT_INTERNAL, "out of memory");
	}
	*ret = s;
	return 0;
}

int drvmem_trace__read_pages(struct drvmem_trace *t, struct drvmem_snapshot *s)
{
	return drvmem_baseline__read_pages(t->baseline, drvmem_ranges__kind, s);
}

int drvmem_trace__sample(struct drvmem_trace *t, uint64_t bytes)
{
	return drvmem_session__sample(t->session, bytes);
}

int drvmem_trace__mark(struct drvmem_trace *t, uint32_t *ret)
{
	return drvmem_session__mark(t->session, ret);
}

struct lap {
	struct drvmem_laps *to;
	int err;
};

static void add_to_lap(void *arg, uint32_t site, uint64_t most)
{
	struct lap *l = arg;
	int e = drvmem_laps__add(l->to, site, most);

	l->err = l->err ? l->err : e;
}

int drvmem_trace__lap(struct drvmem_trace *t, struct drvmem_laps *laps)
{
	struct lap l = { .to = laps };

	drvmem_session__lap(t->session, add_to_lap, &l);
	drvmem_laps__close(laps);
	return l.err;
}

const struct drvmem_session_prog *drvmem_trace__progs(struct drvmem_trace *t, uint32_t *ret_n)
{
	return drvmem_session__progs(t->session, ret_n);
}

const struct drvmem_session_info *drvmem_trace__info(const struct drvmem_trace *t)
{
	return drvmem_session__info(t->session);
}
