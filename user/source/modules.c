// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/modules.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "base/vec.h"

#define MAX_MODULES 65536u	/* far beyond any kernel; bounds a text that is none */

static enum drvmem_modstate parse_state(struct drvmem_span s)
{
	if (drvmem_span__is(s, "Live"))
		return DRVMEM_MODSTATE_LIVE;
	if (drvmem_span__is(s, "Loading"))
		return DRVMEM_MODSTATE_LOADING;
	if (drvmem_span__is(s, "Unloading"))
		return DRVMEM_MODSTATE_UNLOADING;
	return DRVMEM_MODSTATE_UNKNOWN;
}

/* "-" without CONFIG_MODULE_UNLOAD, "-1" while unloading. */
static int parse_refs(struct drvmem_span s, int32_t *ret)
{
	uint64_t v;
	int err;

	if (drvmem_span__starts(s, "-")) {
		*ret = -1;
		return 0;
	}
	err = drvmem_span__u64(s, &v);
	if (err)
		return err;
	if (v > INT32_MAX)
		return -ERANGE;
	*ret = (int32_t)v;
	return 0;
}

/* "name size refs users state address [taints]" (kernel/module/procfs.c:m_show). */
static int parse_line(struct drvmem_span line, struct drvmem_procmod *ret)
{
	struct drvmem_span name, size, refs, users, state, addr;
	struct drvmem_procmod m = {0};
	int err;

	if (!drvmem_span__word(&line, &name) || !drvmem_span__word(&line, &size) ||
	    !drvmem_span__word(&line, &refs) || !drvmem_span__word(&line, &users) ||
	    !drvmem_span__word(&line, &state) || !drvmem_span__word(&line, &addr))
		return -EINVAL;
	err = drvmem_span__copy(name, m.name, sizeof(m.name));
	if (!err)
		err = drvmem_span__u64(size, &m.size);
	if (!err)
		err = parse_refs(refs, &m.refs);
	if (!err)
		err = drvmem_span__hex(addr, &m.addr);
	if (err)
		return err;
	m.state = parse_state(state);
	*ret = m;
	return 0;
}

int drvmem_procmods__parse(const char *text, size_t len, struct drvmem_procmods **ret)
{
	DRVMEM_VEC(struct drvmem_procmod) vec = {0};
	struct drvmem_span rest = { text, len }, line;
	struct drvmem_procmods *m = calloc(1, sizeof(*m));
	int err = m ? 0 : -ENOMEM;

	while (!err && drvmem_span__line(&rest, &line)) {
		struct drvmem_procmod one;

		if (!line.n)
			continue;
		if (vec.n >= MAX_MODULES || parse_line(line, &one))
			m->skipped++;
		else
			err = drvmem_vec__push(&vec, one);
	}
	if (err) {
		drvmem_vec__deinit(&vec);
		free(m);
		return err;
	}
	m->v = vec.v;
	m->n = vec.n;
	*ret = m;
	return 0;
}

int drvmem_procmods__load(struct drvmem_procmods **ret)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	int err;

	err = drvmem_file__read("/proc/modules", DRVMEM_FILE_TEXT, &text, &len);
	if (err)
		return err;
	return drvmem_procmods__parse(text, len, ret);
}

void drvmem_procmods__free(struct drvmem_procmods *m)
{
	if (!m)
		return;
	free(m->v);
	free(m);
}

static bool same_module_name(const char *a, const char *b)
{
	for (; *a && *b; a++, b++) {
		char x = *a == '-' ? '_' : *a;
		char y = *b == '-' ? '_' : *b;

		if (x != y)
			return false;
	}
	return *a == *b;
}

const struct drvmem_procmod *drvmem_procmods__find(const struct drvmem_procmods *m,
						   const char *name)
{
	for (size_t i = 0; i < m->n; i++) {
		if (same_module_name(m->v[i].name, name))
			return &m->v[i];
	}
	return NULL;
}
