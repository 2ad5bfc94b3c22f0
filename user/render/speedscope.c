// SPDX-License-Identifier: GPL-2.0-or-later
#include "render/speedscope.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/table.h"
#include "render/json_writer.h"

#define SCHEMA "https://www.speedscope.app/file-format-schema.json"

/* Frames of the document: the functions of the profile, then texts such as owners, as they come. */
struct doc {
	struct drvmem_json w;
	const struct drvmem_profile *p;
	struct drvmem_table texts;	/* pointer -> index of its frame */
	uint32_t nr;
	bool oom;
};

static void put_frame(struct doc *d, const char *name, const char *file)
{
	drvmem_json__begin_object(&d->w);
	drvmem_json__kv_str(&d->w, "name", name);
	if (file)
		drvmem_json__kv_str(&d->w, "file", file);
	drvmem_json__end_object(&d->w);
	d->nr++;
}

static void put_text(struct doc *d, const char *text)
{
	if (!text || drvmem_table__get(&d->texts, (uint64_t)(uintptr_t)text, NULL))
		return;
	if (drvmem_table__put(&d->texts, (uint64_t)(uintptr_t)text, d->nr))
		d->oom = true;
	put_frame(d, text, NULL);
}

static void put_frames(struct doc *d)
{
	const struct drvmem_profile *p = d->p;
	uint32_t i;

	drvmem_json__key(&d->w, "frames");
	drvmem_json__begin_array(&d->w);
	for (i = 0; i < p->nr_functions; i++) {
		const struct drvmem_profile_function *f = &p->functions[i];

		put_frame(d, f->name, f->file ? f->file : f->image == DRVMEM_PROFILE_NONE ? NULL : p->images[f->image].name);
	}
	for (i = 0; i < p->nr_samples; i++) {
		put_text(d, p->samples[i].owner);
		put_text(d, drvmem_profile__note(&p->samples[i]));
	}
	drvmem_json__end_array(&d->w);
}

static void put_text_index(struct doc *d, const char *text)
{
	uint64_t at = 0;

	if (text && drvmem_table__get(&d->texts, (uint64_t)(uintptr_t)text, &at))
		drvmem_json__u64(&d->w, at);
}

static void put_stack(struct doc *d, const struct drvmem_profile_sample *k)
{
	uint32_t i;

	drvmem_json__begin_array(&d->w);
	put_text_index(d, k->owner);
	put_text_index(d, drvmem_profile__note(k));
	for (i = 0; i < k->nr; i++)
		drvmem_json__u64(&d->w, d->p->frames[d->p->path[k->first + i]].function);
	drvmem_json__end_array(&d->w);
}

static void put_name(struct doc *d, enum drvmem_profile_value value, int64_t below)
{
	char name[96];

	snprintf(name, sizeof(name), "%s", drvmem_profile_value_names[value]);
	if (below)
		snprintf(name, sizeof(name), "%s, without %" PRId64 " caught between two CPUs",
			 drvmem_profile_value_names[value], below);
	drvmem_json__kv_str(&d->w, "name", name);
}

static void put_profile(struct doc *d, enum drvmem_profile_value value)
{
	const struct drvmem_profile *p = d->p;
	int64_t sum = 0, below = 0;
	uint32_t i;

	for (i = 0; i < p->nr_samples; i++)
		*(p->samples[i].value[value] < 0 ? &below : &sum) += p->samples[i].value[value];
	drvmem_json__begin_object(&d->w);
	drvmem_json__kv_str(&d->w, "type", "sampled");
	put_name(d, value, below);
	drvmem_json__kv_str(&d->w, "unit", drvmem_profile_value__is_bytes(value) ? "bytes" : "none");
	drvmem_json__kv_u64(&d->w, "startValue", 0);
	drvmem_json__kv_i64(&d->w, "endValue", sum);
	drvmem_json__key(&d->w, "samples");
	drvmem_json__begin_array(&d->w);
	for (i = 0; i < p->nr_samples; i++)
		if (p->samples[i].value[value] > 0)
			put_stack(d, &p->samples[i]);
	drvmem_json__end_array(&d->w);
	drvmem_json__key(&d->w, "weights");
	drvmem_json__begin_array(&d->w);
	for (i = 0; i < p->nr_samples; i++)
		if (p->samples[i].value[value] > 0)
			drvmem_json__i64(&d->w, p->samples[i].value[value]);
	drvmem_json__end_array(&d->w);
	drvmem_json__end_object(&d->w);
}

int drvmem_speedscope__write(const struct drvmem_profile *p, FILE *out)
{
	struct doc d = { .p = p };
	uint32_t i;

	drvmem_json__init(&d.w, out);
	drvmem_json__begin_object(&d.w);
	drvmem_json__kv_str(&d.w, "$schema", SCHEMA);
	drvmem_json__key(&d.w, "shared");
	drvmem_json__begin_object(&d.w);
	put_frames(&d);
	drvmem_json__end_object(&d.w);
	drvmem_json__key(&d.w, "profiles");
	drvmem_json__begin_array(&d.w);
	for (i = 0; i < DRVMEM_NR_PROFILE_VALUES; i++)
		put_profile(&d, (enum drvmem_profile_value)i);
	drvmem_json__end_array(&d.w);
	drvmem_json__kv_str(&d.w, "name", p->title);
	drvmem_json__kv_u64(&d.w, "activeProfileIndex", DRVMEM_PROFILE_INUSE_SPACE);
	drvmem_json__kv_str(&d.w, "exporter", p->exporter);
	drvmem_json__key(&d.w, "comments");
	drvmem_json__begin_array(&d.w);
	for (i = 0; i < p->nr_comments; i++)
		drvmem_json__str(&d.w, p->comments[i]);
	drvmem_json__end_array(&d.w);
	drvmem_json__end_object(&d.w);
	putc('\n', out);
	drvmem_table__deinit(&d.texts);
	return d.oom ? -ENOMEM : 0;
}
