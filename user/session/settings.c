// SPDX-License-Identifier: GPL-2.0-or-later
#include "session/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"

#define STATE_TITLE "drvmem settings 1"

/* Nothing else is ever written to, whatever a state says. */
static const struct {
	const char *name, *dir;
} groups[] = {
	{ "failslab", "/sys/kernel/debug/failslab" },
	{ "fail_page_alloc", "/sys/kernel/debug/fail_page_alloc" },
	{ "kfence", "/sys/module/kfence/parameters" },
};

int drvmem_settings__init(struct drvmem_settings *s, const char *root)
{
	memset(s, 0, sizeof(*s));
	s->state_fd = s->guard_fd = -1;
	return (size_t)snprintf(s->root, sizeof(s->root), "%s", root) < sizeof(s->root) ? 0 : -ENAMETOOLONG;
}

static bool is_file_name(const char *s)
{
	return s[0] && !s[strspn(s, "abcdefghijklmnopqrstuvwxyz_-")];
}

int drvmem_settings__path(const struct drvmem_settings *s, const char *name, char *ret, size_t size)
{
	const char *slash = strchr(name, '/');
	size_t i, len = slash ? (size_t)(slash - name) : 0;

	for (i = 0; slash && i < sizeof(groups) / sizeof(groups[0]); i++)
		if (strlen(groups[i].name) == len && !strncmp(groups[i].name, name, len))
			break;
	if (!slash || i == sizeof(groups) / sizeof(groups[0]) || !is_file_name(slash + 1))
		return -EINVAL;
	return (size_t)snprintf(ret, size, "%s%s%s", s->root, groups[i].dir, slash) < size ? 0 : -ENAMETOOLONG;
}

/* One short line, as those files have. */
static int read_value(const struct drvmem_settings *s, const char *name, char *ret)
{
	_cleanup_free_ char *text = NULL;
	struct drvmem_span rest, line;
	char path[PATH_MAX];
	int e = drvmem_settings__path(s, name, path, sizeof(path));

	if (!e)
		e = drvmem_file__read(path, DRVMEM_FILE_SMALL, &text, &rest.n);
	if (e)
		return e;
	rest.s = text;
	if (!drvmem_span__line(&rest, &line) || rest.n || memchr(line.s, '\t', line.n) ||
	    drvmem_span__copy(line, ret, DRVMEM_SETTING_VALUE))
		return -EINVAL;
	return 0;
}

static int write_text(const char *path, const char *value)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	char line[DRVMEM_SETTING_VALUE + 1];
	int len = snprintf(line, sizeof(line), "%s\n", value);
	ssize_t n;

	if (fd < 0)
		return -errno;
	do {
		n = write(fd, line, (size_t)len);
	} while (n < 0 && errno == EINTR);
	return n == len ? 0 : n < 0 ? -errno : -EIO;
}

/* What is so already is not written again: some files take no value that they show. */
static int write_value(const struct drvmem_settings *s, const char *name, const char *value)
{
	char path[PATH_MAX], now[DRVMEM_SETTING_VALUE], bits[DRVMEM_SETTING_VALUE];
	int e = drvmem_settings__path(s, name, path, sizeof(path));

	if (e)
		return e;
	if (!read_value(s, name, now) && !strcmp(now, value))
		return 0;
	e = write_text(path, value);
	/* fs/libfs.c, simple_attr_write(): a sign is refused from 5.11 to 6.1, and the number has 32 bits */
	if (e == -EINVAL && value[0] == '-') {
		snprintf(bits, sizeof(bits), "0x%" PRIx32, (uint32_t)strtol(value, NULL, 10));
		e = write_text(path, bits);
	}
	return e;
}

int drvmem_settings__add(struct drvmem_settings *s, const char *name, const char *quiet)
{
	struct drvmem_setting *v = &s->v[s->n];
	int e;

	if (s->n == DRVMEM_SETTINGS_MAX || strlen(name) >= sizeof(v->name) || strlen(quiet) >= sizeof(v->quiet))
		return -E2BIG;
	e = read_value(s, name, v->old);
	if (e)
		return e;
	strcpy(v->name, name);
	strcpy(v->quiet, quiet);
	s->n++;
	return 0;
}

int drvmem_settings__write(const struct drvmem_settings *s, const char *name, const char *value,
			   struct drvmem_err *err)
{
	char path[PATH_MAX] = "";
	int e = -EINVAL;
	uint32_t i;

	for (i = 0; i < s->n; i++)
		if (!strcmp(s->v[i].name, name))
			e = write_value(s, name, value);
	if (!e)
		return 0;
	if (drvmem_settings__path(s, name, path, sizeof(path)))
		path[0] = '\0';
	drvmem_err__set(err, e, e == -EPERM || e == -EACCES || e == -EROFS ? DRVMEM_EXIT_CANNOT_RUN :
			DRVMEM_EXIT_INTERNAL, "cannot set %s to %s (%s)", path, value, drvmem_errno_name(e));
	return e;
}

static void note(int e, const char *name, int *first, const char **ret_name)
{
	if (!e || *first)
		return;
	*first = e;
	*ret_name = name;
}

int drvmem_settings__restore(const struct drvmem_settings *s, const char **ret_name)
{
	int first = 0, pass;
	uint32_t i;

	*ret_name = "";
	/* those that make the others matter: off before, and as they were behind them */
	for (pass = 0; pass < 3; pass++)
		for (i = 0; i < s->n; i++)
			if ((s->v[i].quiet[0] != '\0') == (pass != 1))
				note(write_value(s, s->v[i].name, pass ? s->v[i].old : s->v[i].quiet),
				     s->v[i].name, &first, ret_name);
	return first;
}

void drvmem_settings__format(const struct drvmem_settings *s, struct drvmem_strbuf *out)
{
	uint32_t i;

	drvmem_strbuf__printf(out, STATE_TITLE "\npid\t%" PRId64 "\t%" PRId64 "\n", s->pid, s->guard_pid);
	for (i = 0; i < s->n; i++)
		drvmem_strbuf__printf(out, "%s\t%s\t%s\n", s->v[i].name, s->v[i].old, s->v[i].quiet);
	/* without it the text is cut off */
	drvmem_strbuf__append(out, "end\n");
}

static int parse_setting(struct drvmem_span line, struct drvmem_settings *s)
{
	struct drvmem_setting *v = &s->v[s->n];
	struct drvmem_span name = drvmem_span__take(&line, '\t'), old = drvmem_span__take(&line, '\t');
	char path[PATH_MAX];

	if (s->n == DRVMEM_SETTINGS_MAX)
		return -E2BIG;
	v->quiet[0] = '\0';
	if (drvmem_span__copy(name, v->name, sizeof(v->name)) || drvmem_span__copy(old, v->old, sizeof(v->old)) ||
	    (line.n && drvmem_span__copy(line, v->quiet, sizeof(v->quiet))) || strchr(v->quiet, '\t') ||
	    drvmem_settings__path(s, v->name, path, sizeof(path)))
		return -EINVAL;
	s->n++;
	return 0;
}

static int parse_pids(struct drvmem_span line, struct drvmem_settings *s)
{
	uint64_t pid, guard;

	if (!drvmem_span__is(drvmem_span__take(&line, '\t'), "pid") || drvmem_span__u64(drvmem_span__take(&line, '\t'), &pid) ||
	    drvmem_span__u64(line, &guard) || pid > INT32_MAX || guard > INT32_MAX)
		return -EINVAL;
	s->pid = (int64_t)pid;
	s->guard_pid = (int64_t)guard;
	return 0;
}

int drvmem_settings__parse(const char *text, size_t len, struct drvmem_settings *s)
{
	struct drvmem_span rest = { text, len }, line;
	int e;

	s->n = 0;
	if (!drvmem_span__line(&rest, &line) || !drvmem_span__is(line, STATE_TITLE) ||
	    !drvmem_span__line(&rest, &line) || parse_pids(line, s))
		return -EINVAL;
	while (drvmem_span__line(&rest, &line)) {
		if (drvmem_span__is(line, "end"))
			return rest.n ? -EINVAL : 0;
		e = parse_setting(line, s);
		if (e)
			return e;
	}
	return -EINVAL;
}
