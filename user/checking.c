// SPDX-License-Identifier: GPL-2.0-or-later
#include "checking.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_MS 1000000u
#define DEFAULT_KFENCE_NS	10000000ull

const char *drvmem_checking__root(void)
{
	const char *root = secure_getenv("DRVMEM_SYSROOT");

	return root ? root : "";
}

static int open_log(struct drvmem_checking *c, bool needed, struct drvmem_err *err)
{
	char path[PATH_MAX];
	int e;

	snprintf(path, sizeof(path), "%s" DRVMEM_KMSG, c->settings.root);
	e = drvmem_kmsg__open(path, &c->log);
	c->checks.log = e ? NULL : &c->reports;
	c->checks.log_error = e;
	if (!e || !needed)
		return 0;
	drvmem_err__set(err, e, DRVMEM_EXIT_CANNOT_RUN, "cannot read the kernel's log, %s (%s)", path, drvmem_errno_name(e));
	drvmem_err__remedy(err, "what KFENCE finds and what was injected is told there: run as root, or with CAP_SYSLOG");
	return e;
}

/* Everything that can be refused is looked at before anything is changed. */
/* How often KFENCE is to guard an object; 0 = not asked for. */
static uint64_t kfence_ns(const struct drvmem_checking_opts *o)
{
	return o->kfence_ns ? o->kfence_ns : o->kfence ? DEFAULT_KFENCE_NS : 0;
}

static int add_settings(struct drvmem_checking *c, const struct drvmem_checking_opts *o,
			struct drvmem_faults_spec *spec, struct drvmem_err *err)
{
	struct drvmem_checkers have;
	int e = o->faults ? drvmem_faults__parse(o->faults, spec, err) : 0;

	if (e)
		return e;
	drvmem_checkers__read(c->settings.root, &have);
	if (o->faults)
		e = drvmem_faults__check(spec, &have, err);
	if (!e && o->faults)
		e = drvmem_faults__add(spec, &c->settings, err);
	if (!e && kfence_ns(o))
		e = drvmem_kfence__add(&have, &c->settings, err);
	return e;
}

static int change(struct drvmem_checking *c, const struct drvmem_checking_opts *o,
		  const struct drvmem_faults_spec *spec, struct drvmem_err *err)
{
	int e = drvmem_settings__begin(&c->settings, err);

	if (!e && o->faults)
		e = drvmem_faults__prepare(&c->faults, spec, &c->settings, err);
	if (!e && kfence_ns(o))
		e = drvmem_kfence__set(&c->settings, c->checks.kfence_ms, err);
	return e;
}

int drvmem_checking__begin(struct drvmem_checking *c, const struct drvmem_checking_opts *o, struct drvmem_err *err)
{
	struct drvmem_faults_spec spec = { 0 };
	int e;

	memset(c, 0, sizeof(*c));
	e = drvmem_settings__init(&c->settings, drvmem_checking__root());
	if (e)
		return drvmem_err__set(err, e, DRVMEM_EXIT_USAGE, "DRVMEM_SYSROOT is too long");
	c->checks.faults = o->faults;
	c->checks.kfence_ms = kfence_ns(o) / NS_PER_MS;
	c->with_faults = o->faults != NULL;
	if (c->with_faults || kfence_ns(o))
		e = add_settings(c, o, &spec, err);
	if (!e)
		e = open_log(c, c->with_faults || o->kfence, err);
	if (!e && (c->with_faults || kfence_ns(o)))
		e = change(c, o, &spec, err);
	return e;
}

int drvmem_checking__look(struct drvmem_checking *c, bool last)
{
	int e;

	if (!c->checks.log)
		return 0;
	e = last ? drvmem_kmsg__end(c->log, &c->reports) : drvmem_kmsg__read(c->log, &c->reports);
	if (!e || e == -ENOMEM)
		return e;
	c->checks.log = NULL;
	c->checks.log_error = e;
	return 0;
}

int drvmem_checking__aim(struct drvmem_checking *c, uint32_t load_seq, uint64_t lo, uint64_t hi, struct drvmem_err *err)
{
	int e = c->with_faults ? drvmem_faults__aim(&c->faults, &c->settings, lo, hi, load_seq != c->load_seq, err) : 0;

	if (e || !c->with_faults || !hi || load_seq == c->load_seq)
		return e;
	c->load_seq = load_seq;
	c->checks.aimed++;
	return 0;
}

int drvmem_checking__end(struct drvmem_checking *c, struct drvmem_err *err)
{
	return drvmem_settings__end(&c->settings, err);
}

void drvmem_checking__deinit(struct drvmem_checking *c)
{
	drvmem_kmsg__free(c->log);
	c->log = NULL;
	drvmem_kreports__deinit(&c->reports);
}
