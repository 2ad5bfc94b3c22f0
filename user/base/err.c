// SPDX-License-Identifier: GPL-2.0-or-later
#ifndef _GNU_SOURCE
#define _GNU_SOURCE	/* strerrorname_np */
#endif
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Kernel-internal codes that reach user space through bpf(2) and that libc does not know. */
#define KERNEL_ENOTSUPP	524	/* include/linux/errno.h */

/* What helps against any error of that kind; whoever knows more says it instead. */
static const char *usual_remedy(int code)
{
	switch (code) {
	case -ENOMEM:
		return "let it have more memory: ulimit -v, MemoryMax= of a unit, the limit of a container";
	case -EMFILE:
		return "let it have more open files: ulimit -n 1024, LimitNOFILE= of a unit, docker run --ulimit nofile=1024";
	case -ENFILE:
		return "the machine has no more open files to give: raise fs.file-max, or end what holds them";
	}
	return "";
}

int drvmem_err__set(struct drvmem_err *err, int code, enum drvmem_exit exit_code,
		    const char *fmt, ...)
{
	va_list ap;

	if (!err || err->code)
		return code;
	err->code = code;
	err->exit = exit_code;
	drvmem_err__remedy(err, "%s", usual_remedy(code));
	va_start(ap, fmt);
	vsnprintf(err->what, sizeof(err->what), fmt, ap);
	va_end(ap);
	return code;
}

void drvmem_err__remedy(struct drvmem_err *err, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return;
	va_start(ap, fmt);
	vsnprintf(err->remedy, sizeof(err->remedy), fmt, ap);
	va_end(ap);
}

const char *drvmem_errno_name(int code)
{
	static __thread char fallback[16];
	/* negated as unsigned: INT_MIN must not overflow */
	unsigned int e = code < 0 ? 0u - (unsigned int)code : (unsigned int)code;
	const char *name;

	if (e == KERNEL_ENOTSUPP)
		return "ENOTSUPP";
	name = e && e < 4096 ? strerrorname_np((int)e) : NULL;
	if (name)
		return name;
	snprintf(fallback, sizeof(fallback), "E%u", e);
	return fallback;
}
