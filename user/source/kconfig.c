// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/kconfig.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <zlib.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"

/* The string between quotes, escapes (\" and \\) resolved. */
static int copy_quoted(struct drvmem_span v, char *buf, size_t size)
{
	size_t n = 0;

	if (v.n < 2 || v.s[v.n - 1] != '"')
		return -EINVAL;
	for (size_t i = 1; i < v.n - 1; i++) {
		if (v.s[i] == '\\' && i + 1 < v.n - 1)
			i++;
		if (!v.s[i])
			return -EINVAL;
		if (n + 1 >= size)
			return -ENAMETOOLONG;
		buf[n++] = v.s[i];
	}
	buf[n] = '\0';
	return 0;
}

static int copy_value(struct drvmem_span v, char *buf, size_t size)
{
	char *tmp;
	int err;

	v = drvmem_span__trim(v);
	/* by way of a copy: the caller's buffer changes only on success */
	tmp = malloc(size);
	if (!tmp)
		return -ENOMEM;
	if (v.n && v.s[0] == '"')
		err = copy_quoted(v, tmp, size);
	else
		err = drvmem_span__copy(v, tmp, size);
	if (!err)
		strcpy(buf, tmp);
	free(tmp);
	return err;
}

/* "# CONFIG_X is not set" */
static bool is_unset(struct drvmem_span line, const char *option)
{
	struct drvmem_span word;

	return drvmem_span__word(&line, &word) && drvmem_span__is(word, "#") &&
	       drvmem_span__word(&line, &word) && drvmem_span__is(word, option) &&
	       drvmem_span__is(drvmem_span__trim(line), "is not set");
}

int drvmem_kconfig__get(const char *text, size_t len, const char *option, char *ret_value,
			size_t size)
{
	struct drvmem_span rest = { text, len }, line;
	size_t n = strlen(option);

	if (!size)
		return -EINVAL;
	while (drvmem_span__line(&rest, &line)) {
		if (drvmem_span__starts(line, option) && line.n > n && line.s[n] == '=')
			return copy_value((struct drvmem_span){ line.s + n + 1, line.n - n - 1 },
					  ret_value, size);
		if (is_unset(line, option))
			return copy_value((struct drvmem_span){ "n", 1 }, ret_value, size);
	}
	return -ENOENT;
}

int drvmem_kconfig__get_u64(const char *text, size_t len, const char *option, uint64_t *ret)
{
	struct drvmem_span v;
	char value[32];
	int err;

	err = drvmem_kconfig__get(text, len, option, value, sizeof(value));
	if (err)
		return err;
	v = (struct drvmem_span){ value, strlen(value) };
	if (drvmem_span__starts(v, "0x"))
		return drvmem_span__hex(v, ret);
	return drvmem_span__u64(v, ret);
}

int drvmem_kconfig__read(const char *path, size_t limit, char **ret_text, size_t *ret_len)
{
	_cleanup_free_ char *buf = NULL;
	int n, closed;
	gzFile gz;

	if (limit >= INT_MAX)
		return -EINVAL;
	/* room for one byte more than the limit, which tells "exactly" from "too long" */
	buf = malloc(limit + 2);
	if (!buf)
		return -ENOMEM;
	errno = 0;
	gz = gzopen(path, "re");
	if (!gz)
		return errno ? -errno : -ENOMEM;
	n = gzread(gz, buf, (unsigned int)limit + 1);
	closed = gzclose(gz);
	if (n > 0 && (size_t)n > limit)
		return -EFBIG;
	/* a file that ends too early shows at close only */
	if (n < 0 || closed != Z_OK)
		return -EIO;
	buf[n] = '\0';
	*ret_text = drvmem_steal_ptr(&buf);
	*ret_len = (size_t)n;
	return 0;
}

int drvmem_kconfig__load(char **ret_text, size_t *ret_len)
{
	static const char *const dirs[][2] = { { "/boot/config-", "" },
					       { "/lib/modules/", "/config" } };
	struct utsname un;
	char path[sizeof(un.release) + 32];
	int err;

	err = drvmem_kconfig__read("/proc/config.gz", DRVMEM_FILE_TEXT, ret_text, ret_len);
	if (err && uname(&un))
		return -errno;
	for (size_t i = 0; err && i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		snprintf(path, sizeof(path), "%s%s%s", dirs[i][0], un.release, dirs[i][1]);
		err = drvmem_kconfig__read(path, DRVMEM_FILE_TEXT, ret_text, ret_len);
	}
	return err;
}
