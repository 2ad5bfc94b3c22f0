// SPDX-License-Identifier: GPL-2.0-or-later
#include "session/faults.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/opt.h"
#include "base/text.h"

#define KFENCE_SETTING	"kfence/sample_interval"
#define SYNTAX		"give slab, page or slab,page, and after a colon what should differ: " \
			"slab:probability=10,interval=1,times=-1,space=0"

/*
 * What a kind has beside probability, times, space and the range (lib/fault-inject.c,
 * mm/failslab.c, mm/fail_page_alloc.c), in the order of writing.
 */
static const struct {
	const char *file, *value;
	bool slab, page, optional;
} fixed[] = {
	{ "task-filter", "N", true, true, false },
	{ "reject-start", "0x0", true, true, false },
	{ "reject-end", "0x0", true, true, false },
	{ "stacktrace-depth", "32", true, true, false },	/* MAX_STACK_TRACE_DEPTH */
	{ "ignore-gfp-wait", "N", true, true, false },		/* what may sleep fails too */
	{ "cache-filter", "N", true, false, true },
	{ "ignore-gfp-highmem", "N", false, true, true },
	{ "min-order", "0", false, true, false },
	{ "verbose", "2", true, true, false },			/* each with its stack, into the kernel's log */
	{ "verbose_ratelimit_interval_ms", "0", true, true, true },
};

/* Those that are written for each load. */
static const char *const changing[] = { "interval", "times", "space", "require-start", "require-end" };

static int bad(struct drvmem_err *err, const char *text, const char *what)
{
	drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "--faults %s: %s", text, what);
	drvmem_err__remedy(err, SYNTAX);
	return -EINVAL;
}

static bool set_number(struct drvmem_faults_spec *f, struct drvmem_span name, struct drvmem_span value)
{
	uint64_t n;

	if (drvmem_span__is(name, "times") && drvmem_span__is(value, "-1")) {
		f->times = -1;
		return true;
	}
	/* times and space are an atomic_t */
	if (drvmem_span__u64(value, &n) || n > INT32_MAX)
		return false;
	if (drvmem_span__is(name, "probability") && n >= 1 && n <= 100)
		f->probability = n;
	else if (drvmem_span__is(name, "interval") && n >= 1)
		f->interval = n;
	else if (drvmem_span__is(name, "times") && n >= 1)
		f->times = (int64_t)n;
	else if (drvmem_span__is(name, "space"))
		f->space = n;
	else
		return false;
	return true;
}

int drvmem_faults__parse(const char *text, struct drvmem_faults_spec *ret, struct drvmem_err *err)
{
	struct drvmem_faults_spec f = { .probability = 10, .interval = 1, .times = -1 };
	struct drvmem_span rest = { text, strlen(text) }, kinds = drvmem_span__take(&rest, ':'), word, name;
	bool with_numbers = strchr(text, ':') != NULL;

	if (strstr(text, ",:") || (text[0] && text[strlen(text) - 1] == ','))
		return bad(err, text, "a comma with nothing behind it");
	do {
		word = drvmem_span__take(&kinds, ',');
		if (drvmem_span__is(word, "slab"))
			f.slab = true;
		else if (drvmem_span__is(word, "page"))
			f.page = true;
		else
			return bad(err, text, "what can fail is slab and page");
	} while (kinds.n);
	while (with_numbers) {
		word = drvmem_span__take(&rest, ',');
		name = drvmem_span__take(&word, '=');
		if (!set_number(&f, name, word))
			return bad(err, text, "the numbers are probability=1..100, interval=1.., times=1.. or -1, and space");
		with_numbers = rest.n;
	}
	*ret = f;
	return 0;
}

int drvmem_faults__check(const struct drvmem_faults_spec *spec, const struct drvmem_checkers *c, struct drvmem_err *err)
{
	char why[160];
	int e = c->debugfs == -EACCES ? -EACCES : -ENOTSUP;

	drvmem_checkers__missing(c, spec->slab, spec->page, why, sizeof(why));
	if (!why[0])
		return 0;
	drvmem_err__set(err, e, DRVMEM_EXIT_CANNOT_RUN, "%s", why);
	if (c->debugfs == -EACCES)
		drvmem_err__remedy(err, "run as root");
	else if (c->debugfs)
		drvmem_err__remedy(err, "mount -t debugfs none " DRVMEM_DEBUGFS);
	else
		drvmem_err__remedy(err, "boot a kernel with CONFIG_FAULT_INJECTION%s%s, CONFIG_FAULT_INJECTION_DEBUG_FS and "
				   "CONFIG_FAULT_INJECTION_STACKTRACE_FILTER (on x86-64 from 6.2 on)",
				   spec->slab ? ", CONFIG_FAILSLAB" : "", spec->page ? ", CONFIG_FAIL_PAGE_ALLOC" : "");
	return e;
}

static int add_one(struct drvmem_settings *s, const char *kind, const char *file, bool optional, struct drvmem_err *err)
{
	char name[DRVMEM_SETTING_NAME];
	int e;

	snprintf(name, sizeof(name), "%s/%s", kind, file);
	e = drvmem_settings__add(s, name, strcmp(file, "probability") ? "" : "0");
	if (!e || (optional && e == -ENOENT))
		return 0;
	drvmem_err__set(err, e, DRVMEM_EXIT_CANNOT_RUN, "cannot read " DRVMEM_DEBUGFS "/%s (%s)", name,
			drvmem_errno_name(e));
	drvmem_err__remedy(err, "run as root, on a kernel with CONFIG_FAULT_INJECTION_STACKTRACE_FILTER");
	return e;
}

static const char *kind_of(const struct drvmem_faults_spec *spec, int i)
{
	return !i ? spec->slab ? "failslab" : NULL : spec->page ? "fail_page_alloc" : NULL;
}

int drvmem_faults__add(const struct drvmem_faults_spec *spec, struct drvmem_settings *s, struct drvmem_err *err)
{
	const char *kind;
	int e = 0, i;
	size_t j;

	for (i = 0; i < 2 && !e; i++) {
		kind = kind_of(spec, i);
		if (!kind)
			continue;
		e = add_one(s, kind, "probability", false, err);
		for (j = 0; j < sizeof(changing) / sizeof(changing[0]) && !e; j++)
			e = add_one(s, kind, changing[j], false, err);
		for (j = 0; j < sizeof(fixed) / sizeof(fixed[0]) && !e; j++)
			if (i ? fixed[j].page : fixed[j].slab)
				e = add_one(s, kind, fixed[j].file, fixed[j].optional, err);
	}
	return e;
}

/* What is not there was not added. */
static bool is_added(const struct drvmem_settings *s, const char *name)
{
	uint32_t i;

	for (i = 0; i < s->n; i++)
		if (!strcmp(s->v[i].name, name))
			return true;
	return false;
}

static int write_one(const struct drvmem_settings *s, const char *kind, const char *file, const char *value,
		     struct drvmem_err *err)
{
	char name[DRVMEM_SETTING_NAME];

	snprintf(name, sizeof(name), "%s/%s", kind, file);
	return is_added(s, name) ? drvmem_settings__write(s, name, value, err) : 0;
}

static int write_number(const struct drvmem_settings *s, const char *kind, const char *file, int64_t value,
			struct drvmem_err *err)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRId64, value);
	return write_one(s, kind, file, text, err);
}

static int write_address(const struct drvmem_settings *s, const char *kind, const char *file, uint64_t value,
			 struct drvmem_err *err)
{
	char text[32];

	snprintf(text, sizeof(text), "0x%" PRIx64, value);
	return write_one(s, kind, file, text, err);
}

int drvmem_faults__prepare(struct drvmem_faults *f, const struct drvmem_faults_spec *spec,
			   const struct drvmem_settings *s, struct drvmem_err *err)
{
	const char *kind;
	int e = 0, i;
	size_t j;

	*f = (struct drvmem_faults){ .spec = *spec };
	for (i = 0; i < 2 && !e; i++) {
		kind = kind_of(spec, i);
		if (!kind)
			continue;
		e = write_one(s, kind, "probability", "0", err);
		for (j = 0; j < sizeof(fixed) / sizeof(fixed[0]) && !e; j++)
			if (i ? fixed[j].page : fixed[j].slab)
				e = write_one(s, kind, fixed[j].file, fixed[j].value, err);
		if (!e)
			e = write_number(s, kind, "interval", (int64_t)spec->interval, err);
	}
	return e;
}

/* Off while its range changes: at no moment does anything outside of it fail. */
static int aim_kind(const struct drvmem_faults *f, const struct drvmem_settings *s, const char *kind, uint64_t lo,
		    uint64_t hi, bool again, struct drvmem_err *err)
{
	int e = write_one(s, kind, "probability", "0", err);

	if (e || !hi)
		return e;
	e = write_address(s, kind, "require-start", lo, err);
	if (!e)
		e = write_address(s, kind, "require-end", hi, err);
	if (!e && again)
		e = write_number(s, kind, "times", f->spec.times, err);
	if (!e && again)
		e = write_number(s, kind, "space", (int64_t)f->spec.space, err);
	return e ? e : write_number(s, kind, "probability", (int64_t)f->spec.probability, err);
}

int drvmem_faults__aim(struct drvmem_faults *f, const struct drvmem_settings *s, uint64_t lo, uint64_t hi,
		       bool again, struct drvmem_err *err)
{
	const char *kind;
	int e = 0, i;

	if (lo == f->lo && hi == f->hi)
		return 0;
	for (i = 0; i < 2 && !e; i++) {
		kind = kind_of(&f->spec, i);
		e = kind ? aim_kind(f, s, kind, lo, hi, again, err) : 0;
	}
	if (e)
		return e;
	f->lo = lo;
	f->hi = hi;
	return 0;
}

int drvmem_kfence__add(const struct drvmem_checkers *c, struct drvmem_settings *s, struct drvmem_err *err)
{
	int e = c->kfence_ms == -1 ? -ENOTSUP : drvmem_settings__add(s, KFENCE_SETTING, "");

	if (!e)
		return 0;
	if (e == -ENOTSUP) {
		drvmem_err__set(err, e, DRVMEM_EXIT_CANNOT_RUN, "this kernel has no KFENCE (" DRVMEM_KFENCE_PARAM " is missing)");
		drvmem_err__remedy(err, "boot a kernel with CONFIG_KFENCE (from 5.12 on)");
	} else {
		drvmem_err__set(err, e, DRVMEM_EXIT_CANNOT_RUN, "cannot read " DRVMEM_KFENCE_PARAM " (%s)",
				drvmem_errno_name(e));
		drvmem_err__remedy(err, "run as root");
	}
	return e;
}

int drvmem_kfence__set(const struct drvmem_settings *s, uint64_t ms, struct drvmem_err *err)
{
	char text[32];
	int e;

	snprintf(text, sizeof(text), "%" PRIu64, ms);
	e = drvmem_settings__write(s, KFENCE_SETTING, text, err);
	if (e == -EINVAL && err) {
		/* mm/kfence/core.c, param_set_sample_interval(): off since boot, before 5.17; or after a bug of its own */
		err->exit = DRVMEM_EXIT_CANNOT_RUN;
		drvmem_err__remedy(err, "this kernel switches KFENCE on at boot only: kfence.sample_interval=100");
	} else if (e == -ENOMEM && err) {
		drvmem_err__remedy(err, "KFENCE's pool needs 2 MiB in one piece: free memory, or boot with "
					"kfence.sample_interval=100");
	}
	return e;
}
