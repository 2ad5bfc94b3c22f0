/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Settings of the kernel that a run changes for its time: files of debugfs and parameters of
 * modules. What they were is on disk before the first is changed, and a process of its own
 * (session/guard.h) writes it back when this one dies; when both do, `drvmem restore` does.
 * At most one run has settings changed. Not for settings that anybody changes meanwhile.
 */
#ifndef DRVMEM_SESSION_SETTINGS_H
#define DRVMEM_SESSION_SETTINGS_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/strbuf.h"

#define DRVMEM_SETTINGS_MAX	48
#define DRVMEM_SETTING_NAME	64
#define DRVMEM_SETTING_VALUE	64
#define DRVMEM_SETTINGS_STATE	"/run/drvmem/settings"	/* what they were */

/* "failslab/probability", "kfence/sample_interval": group and file, no path. */
struct drvmem_setting {
	char name[DRVMEM_SETTING_NAME];
	char old[DRVMEM_SETTING_VALUE];
	char quiet[DRVMEM_SETTING_VALUE];	/* what makes it do nothing while the others change; "" = none */
};

struct drvmem_settings {
	char root[256];			/* before every path; "" but for tests */
	struct drvmem_setting v[DRVMEM_SETTINGS_MAX];
	uint32_t n;
	int64_t pid, guard_pid;		/* of a state that was read */
	int state_fd;			/* locked by who may change settings; -1 */
	int guard_fd;			/* the guard's pipe; -1 */
	pid_t guard;
};

/* root: as above, not longer than it fits. -ENAMETOOLONG */
DRVMEM_MUST_CHECK int drvmem_settings__init(struct drvmem_settings *s, const char *root);
/* Path of a setting. -EINVAL: of no group that is known, -ENAMETOOLONG. */
DRVMEM_MUST_CHECK int drvmem_settings__path(const struct drvmem_settings *s, const char *name, char *ret, size_t size);
/*
 * Reads what a setting is, to have it restored. Before __begin. -ENOENT: it is not there, -EINVAL: its
 * value is no line of text that is short, -E2BIG: too many, or another -errno of reading it.
 */
DRVMEM_MUST_CHECK int drvmem_settings__add(struct drvmem_settings *s, const char *name, const char *quiet);
/*
 * From now on those that were added may be changed: the state is written and the guard runs. Before a
 * session is opened: the guard must not hold what it has. 0, or -errno with err filled: -EBUSY when
 * another run has settings changed, -EEXIST when one did not restore them. To be ended either way.
 */
DRVMEM_MUST_CHECK int drvmem_settings__begin(struct drvmem_settings *s, struct drvmem_err *err);
/* Changes one that was added. -errno with err filled. */
DRVMEM_MUST_CHECK int drvmem_settings__write(const struct drvmem_settings *s, const char *name, const char *value,
					     struct drvmem_err *err);
/*
 * Writes all of them back, removes the state and lets the guard go. Does nothing before __begin, and
 * the second time. A setting that cannot be restored does not keep others from it: -errno with
 * err filled, and the state stays.
 */
DRVMEM_MUST_CHECK int drvmem_settings__end(struct drvmem_settings *s, struct drvmem_err *err);
/*
 * What a run left that was killed with its guard: into s, locked, for __restore and __end. -ENOENT: nothing
 * is left; -EBUSY with err: its run goes on; -EINVAL, -EPERM with err: a state that is none, or not ours.
 */
DRVMEM_MUST_CHECK int drvmem_settings__load(struct drvmem_settings *s, struct drvmem_err *err);

/* ---- parts of these, for the guard and for tests ---- */

/* Writes back what was; tries all. 0, or the first -errno with the name of that one. */
DRVMEM_MUST_CHECK int drvmem_settings__restore(const struct drvmem_settings *s, const char **ret_name);
/* The state as text, and back; only names of known groups. __parse: -EINVAL, -E2BIG. */
void drvmem_settings__format(const struct drvmem_settings *s, struct drvmem_strbuf *out);
DRVMEM_MUST_CHECK int drvmem_settings__parse(const char *text, size_t len, struct drvmem_settings *s);
/* Removes the state file when it is state_fd's. 0 or -errno; that it is gone, or another's, is no error. */
DRVMEM_MUST_CHECK int drvmem_settings__remove_state(const struct drvmem_settings *s);

#endif /* DRVMEM_SESSION_SETTINGS_H */
