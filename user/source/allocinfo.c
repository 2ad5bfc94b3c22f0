// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/allocinfo.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/vec.h"

#define MAX_MODULES 65536u

/* One line of the file. */
struct entry {
	uint64_t bytes, calls;
	char module[DRVMEM_NAME_LEN];	/* "" = vmlinux */
};

/* Counters are summed over CPUs without a lock: one can be below 0 for a moment. */
static int parse_count(struct drvmem_span s, uint64_t *ret)
{
	uint64_t v;
	int err;

	if (!drvmem_span__starts(s, "-"))
		return drvmem_span__u64(s, ret);
	err = drvmem_span__u64((struct drvmem_span){ s.s + 1, s.n - 1 }, &v);
	if (!err)
		*ret = 0;
	return err;
}

/* "<bytes> <calls> file:line [module] func:name" (lib/alloc_tag.c, lib/codetag.c:codetag_to_text) */
static int parse_line(struct drvmem_span line, struct entry *ret)
{
	struct drvmem_span bytes, calls, place, word;
	struct entry e = {0};
	int err;

	if (!drvmem_span__word(&line, &bytes) || !drvmem_span__word(&line, &calls) ||
	    !drvmem_span__word(&line, &place) || !drvmem_span__word(&line, &word) ||
	    !memchr(place.s, ':', place.n))
		return -EINVAL;
	err = parse_count(bytes, &e.bytes);
	if (!err)
		err = parse_count(calls, &e.calls);
	if (!err && word.s[0] == '[') {
		if (word.n < 3 || word.s[word.n - 1] != ']')
			return -EINVAL;
		err = drvmem_span__copy((struct drvmem_span){ word.s + 1, word.n - 2 }, e.module,
					sizeof(e.module));
		if (!err && !drvmem_span__word(&line, &word))
			return -EINVAL;
	}
	if (!err && !drvmem_span__starts(word, "func:"))
		return -EINVAL;
	if (!err)
		*ret = e;
	return err;
}

const struct drvmem_allocinfo_module *drvmem_allocinfo__find(const struct drvmem_allocinfo *a,
							     const char *name)
{
	/* lines of one module stand together: the last one is asked for most */
	for (size_t i = a->n; i-- > 0;)
		if (!strcmp(a->v[i].name, name))
			return &a->v[i];
	return NULL;
}

static int add_entry(struct drvmem_allocinfo *a, size_t *cap, const struct entry *e)
{
	struct drvmem_allocinfo_module *m, *v;

	a->lines++;
	if (!e->module[0]) {
		a->kernel_bytes += e->bytes;
		a->kernel_calls += e->calls;
		return 0;
	}
	m = (struct drvmem_allocinfo_module *)drvmem_allocinfo__find(a, e->module);
	if (!m) {
		v = drvmem_vec_grown(a->v, cap, a->n + 1, sizeof(*v));
		if (!v)
			return -ENOMEM;
		a->v = v;
		m = &v[a->n++];
		*m = (struct drvmem_allocinfo_module){0};
		memcpy(m->name, e->module, sizeof(m->name));
	}
	m->bytes += e->bytes;
	m->calls += e->calls;
	return 0;
}

int drvmem_allocinfo__parse(const char *text, size_t len, struct drvmem_allocinfo **ret)
{
	struct drvmem_span rest = { text, len }, line;
	struct drvmem_allocinfo *a;
	struct entry e;
	size_t cap = 0;
	int err = 0;

	if (!drvmem_span__line(&rest, &line) ||
	    (!drvmem_span__starts(line, "allocinfo - version: 1.") &&
	     !drvmem_span__starts(line, "allocinfo - version: 2.")))
		return -ENOTSUP;
	a = calloc(1, sizeof(*a));
	if (!a)
		return -ENOMEM;
	while (!err && drvmem_span__line(&rest, &line)) {
		if (!line.n || line.s[0] == '#')
			continue;
		if (a->n >= MAX_MODULES || parse_line(line, &e))
			a->skipped++;
		else
			err = add_entry(a, &cap, &e);
	}
	if (err) {
		drvmem_allocinfo__free(a);
		return err;
	}
	*ret = a;
	return 0;
}

void drvmem_allocinfo__free(struct drvmem_allocinfo *a)
{
	if (!a)
		return;
	free(a->v);
	free(a);
}
