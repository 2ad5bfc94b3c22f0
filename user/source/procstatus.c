// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/procstatus.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"

/* Sets v to the value when it is a number; malformed text leaves it absent. */
static bool set_number(struct drvmem_span value, bool hex, struct drvmem_u64 *v)
{
	uint64_t n;
	int err;

	value = drvmem_span__trim(value);
	if (hex)
		err = drvmem_span__hex(value, &n);
	else
		err = drvmem_span__u64(value, &n);
	if (err)
		return false;
	*v = (struct drvmem_u64){ .v = n, .st = DRVMEM_OK };
	return true;
}

/* "NSpid:\t812\t7": outermost first. */
static bool set_nspid(struct drvmem_span value, struct drvmem_procstatus *st)
{
	struct drvmem_u64 last = { .st = DRVMEM_ABSENT };
	struct drvmem_span word;
	uint64_t depth = 0;

	while (drvmem_span__word(&value, &word)) {
		if (!set_number(word, false, &last))
			return false;
		depth++;
	}
	if (!depth)
		return false;
	st->ns_pid = last;
	st->pid_depth = (struct drvmem_u64){ .v = depth, .st = DRVMEM_OK };
	return true;
}

static bool set_field(struct drvmem_span key, struct drvmem_span value,
		      struct drvmem_procstatus *st)
{
	if (drvmem_span__is(key, "CapEff"))
		return set_number(value, true, &st->cap_effective);
	if (drvmem_span__is(key, "CapBnd"))
		return set_number(value, true, &st->cap_bounding);
	if (drvmem_span__is(key, "Seccomp"))
		return set_number(value, false, &st->seccomp);
	if (drvmem_span__is(key, "NoNewPrivs"))
		return set_number(value, false, &st->no_new_privs);
	if (drvmem_span__is(key, "NSpid"))
		return set_nspid(value, st);
	return false;
}

int drvmem_procstatus__parse(const char *text, size_t len, struct drvmem_procstatus *ret)
{
	const struct drvmem_u64 absent = { .st = DRVMEM_ABSENT };
	struct drvmem_procstatus st = { absent, absent, absent, absent, absent, absent };
	struct drvmem_span rest = { text, len }, line;
	bool any = false;

	while (drvmem_span__line(&rest, &line)) {
		const char *colon = line.n ? memchr(line.s, ':', line.n) : NULL;
		struct drvmem_span key, value;

		if (!colon)
			continue;
		key = (struct drvmem_span){ line.s, (size_t)(colon - line.s) };
		value = (struct drvmem_span){ colon + 1, line.n - key.n - 1 };
		if (set_field(key, value, &st))
			any = true;
	}
	if (!any)
		return -EINVAL;
	*ret = st;
	return 0;
}

int drvmem_procstatus__load(struct drvmem_procstatus *ret)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	int err;

	err = drvmem_file__read("/proc/self/status", DRVMEM_FILE_SMALL, &text, &len);
	if (err)
		return err;
	return drvmem_procstatus__parse(text, len, ret);
}
