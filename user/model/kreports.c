// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/kreports.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/glob.h"

void drvmem_kreports__deinit(struct drvmem_kreports *r)
{
	free(r->v);
	memset(r, 0, sizeof(*r));
}

static bool is_equal(const struct drvmem_kreport *a, const struct drvmem_kreport *b)
{
	uint32_t i;

	if (a->kind != b->kind || a->mixed != b->mixed || a->nr_frames != b->nr_frames || strcmp(a->what, b->what) || strcmp(a->where, b->where))
		return false;
	for (i = 0; i < a->nr_frames; i++)
		if (strcmp(a->frame[i], b->frame[i]))
			return false;
	return true;
}

static int grow(struct drvmem_kreports *r)
{
	uint32_t cap = r->cap ? 2 * r->cap : 8;
	struct drvmem_kreport *v;

	if (r->n < r->cap)
		return 0;
	v = realloc(r->v, cap * sizeof(*v));
	if (!v)
		return -ENOMEM;
	r->v = v;
	r->cap = cap;
	return 0;
}

int drvmem_kreports__add(struct drvmem_kreports *r, const struct drvmem_kreport *report)
{
	bool injected = report->kind == DRVMEM_KREPORT_INJECTED;
	uint32_t i;

	r->total[report->kind]++;
	for (i = 0; i < r->n; i++)
		if (is_equal(&r->v[i], report))
			break;
	if (i == r->n && r->distinct[injected] == DRVMEM_KREPORTS_MAX) {
		r->unkept += !injected;
		return 0;
	}
	if (i == r->n) {
		if (grow(r))
			return -ENOMEM;
		r->v[i] = *report;
		r->v[i].count = 0;
		r->n++;
		r->distinct[injected]++;
	}
	r->v[i].count++;
	return 0;
}

void drvmem_kreport__add_module(struct drvmem_kreport *report, const char *name, size_t len)
{
	uint32_t i;

	if (!len || len >= DRVMEM_KREPORT_NAME)
		return;
	for (i = 0; i < report->nr_modules; i++)
		if (strlen(report->module[i]) == len && !memcmp(report->module[i], name, len))
			return;
	if (i == DRVMEM_KREPORT_MODULES)
		return;
	memcpy(report->module[i], name, len);
	report->module[i][len] = '\0';
	report->nr_modules++;
}

bool drvmem_kreport__names(const struct drvmem_kreport *report, const char *glob)
{
	uint32_t i;

	for (i = 0; i < report->nr_modules; i++)
		if (drvmem_glob__match_module(glob, report->module[i]))
			return true;
	return false;
}

/* "func+0x12 [mod]" */
static bool is_of(const char *frame, const char *glob)
{
	const char *at = strrchr(frame, '[');
	char name[DRVMEM_KREPORT_NAME];
	size_t len = at ? strcspn(at + 1, "]") : 0;

	if (!at || len >= sizeof(name))
		return false;
	memcpy(name, at + 1, len);
	name[len] = '\0';
	return drvmem_glob__match_module(glob, name);
}

const char *drvmem_kreport__frame_of(const struct drvmem_kreport *report, const char *glob)
{
	uint32_t i;

	for (i = 0; i < report->nr_frames; i++)
		if (is_of(report->frame[i], glob))
			return report->frame[i];
	return NULL;
}

const char *drvmem_kreport_kind__name(enum drvmem_kreport_kind kind)
{
	static const char *const names[] = {
		[DRVMEM_KREPORT_KFENCE] = "KFENCE",
		[DRVMEM_KREPORT_KASAN] = "KASAN",
		[DRVMEM_KREPORT_SLUB] = "SLUB",
		[DRVMEM_KREPORT_INJECTED] = "fault injection",
	};

	return names[kind];
}
