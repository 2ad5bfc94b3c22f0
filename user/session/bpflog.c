// SPDX-License-Identifier: GPL-2.0-or-later
#include "session/bpflog.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <bpf/libbpf.h>

#define LOG_BYTES 4096

/* libbpf logs through one callback without context: what it said last explains a failed load. */
static struct {
	char text[LOG_BYTES];
	size_t len;
	bool verbose;
} libbpf_log;

static int keep_log(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	size_t room = sizeof(libbpf_log.text) - libbpf_log.len;
	va_list copy;
	int n;

	if (level == LIBBPF_DEBUG)
		return 0;
	if (libbpf_log.verbose) {
		va_copy(copy, ap);
		vfprintf(stderr, fmt, copy);
		va_end(copy);
	}
	if (room < 256) {
		memmove(libbpf_log.text, libbpf_log.text + sizeof(libbpf_log.text) / 2,
			sizeof(libbpf_log.text) / 2);
		libbpf_log.len -= sizeof(libbpf_log.text) / 2;
		room = sizeof(libbpf_log.text) - libbpf_log.len;
	}
	n = vsnprintf(libbpf_log.text + libbpf_log.len, room, fmt, ap);
	if (n > 0)
		libbpf_log.len += (size_t)n < room ? (size_t)n : room - 1;
	return n;
}

static bool says_nothing(const char *line)
{
	static const char *const noise[] = { "libbpf: failed to load", "libbpf: prog", "-- END",
					     "processed ", "verification time", "stack depth" };
	size_t i;

	for (i = 0; i < sizeof(noise) / sizeof(noise[0]); i++)
		if (!strncmp(line, noise[i], strlen(noise[i])))
			return true;
	return !*line;
}

const char *drvmem_bpflog__tail(char *buf, size_t size)
{
	char *end = libbpf_log.text + libbpf_log.len, *line = NULL;

	while (end > libbpf_log.text) {
		if (end[-1] == '\n')
			end--;
		*end = 0;
		line = memrchr(libbpf_log.text, '\n', (size_t)(end - libbpf_log.text));
		line = line ? line + 1 : libbpf_log.text;
		if (!says_nothing(line))
			break;
		end = line;
	}
	snprintf(buf, size, "%.160s", line ? line : "");
	return buf;
}

void drvmem_bpflog__start(bool verbose)
{
	libbpf_log.len = 0;
	libbpf_log.verbose = verbose;
	libbpf_set_print(keep_log);
}
