// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/arena.h"
#include "view/profile.h"

/* Images of p that are not in to yet; at[i]: where image i of p is there. */
static void add_images(struct drvmem_profile *to, const struct drvmem_profile *p, uint32_t *at)
{
	uint32_t i, k;

	for (i = 0; i < p->nr_images; i++) {
		const struct drvmem_profile_image *m = &p->images[i];

		for (k = 0; k < to->nr_images; k++)
			if (!strcmp(to->images[k].name, m->name) && !strcmp(to->images[k].build_id, m->build_id))
				break;
		if (k == to->nr_images)
			to->images[to->nr_images++] = *m;
		at[i] = k;
	}
}

static void add_frames(struct drvmem_profile *to, const struct drvmem_profile *p, const uint32_t *image)
{
	uint32_t functions = to->nr_functions, frames = to->nr_frames, i;

	for (i = 0; i < p->nr_functions; i++) {
		to->functions[to->nr_functions] = p->functions[i];
		if (p->functions[i].image != DRVMEM_PROFILE_NONE)
			to->functions[to->nr_functions].image = image[p->functions[i].image];
		to->nr_functions++;
	}
	for (i = 0; i < p->nr_frames; i++) {
		to->frames[to->nr_frames] = p->frames[i];
		to->frames[to->nr_frames++].function += functions;
	}
	for (i = 0; i < p->nr_path; i++)
		to->path[to->nr_path++] = p->path[i] + frames;
}

/* Of A what is there is less. Loads of a module are not told apart: they differ from session to session. */
static void add_samples(struct drvmem_profile *to, const struct drvmem_profile *p, bool base)
{
	uint32_t path = to->nr_path, i, k;

	for (i = 0; i < p->nr_samples; i++) {
		struct drvmem_profile_sample *s = &to->samples[to->nr_samples++];

		*s = p->samples[i];
		s->first += path;
		s->owner = s->owner_name;
		s->base = base;
		for (k = 0; k < DRVMEM_NR_PROFILE_VALUES; k++) {
			s->value[k] = base ? -s->value[k] : s->value[k];
			to->total[k] += s->value[k];
		}
	}
}

static int add_comments(struct drvmem_profile *to, char side, const struct drvmem_profile *p)
{
	uint32_t i;

	for (i = 0; i < p->nr_comments; i++) {
		const char *text = drvmem_arena__printf(to->arena, "%c: %s", side, p->comments[i]);

		if (!text)
			return -ENOMEM;
		to->comments[to->nr_comments++] = text;
	}
	return 0;
}

static int add_side(struct drvmem_profile *to, const struct drvmem_profile *p, bool base)
{
	_cleanup_free_ uint32_t *image = calloc((size_t)p->nr_images + 1, sizeof(*image));

	if (!image)
		return -ENOMEM;
	add_images(to, p, image);
	add_samples(to, p, base);	/* before their path is added */
	add_frames(to, p, image);
	return add_comments(to, base ? 'A' : 'B', p);
}

static struct drvmem_profile *new_profile(const struct drvmem_profile *a, const struct drvmem_profile *b)
{
	struct drvmem_profile *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->images = calloc((size_t)a->nr_images + b->nr_images + 1, sizeof(*p->images));
	p->functions = calloc((size_t)a->nr_functions + b->nr_functions + 1, sizeof(*p->functions));
	p->frames = calloc((size_t)a->nr_frames + b->nr_frames + 1, sizeof(*p->frames));
	p->path = calloc((size_t)a->nr_path + b->nr_path + 1, sizeof(*p->path));
	p->samples = calloc((size_t)a->nr_samples + b->nr_samples + 1, sizeof(*p->samples));
	p->comments = calloc((size_t)a->nr_comments + b->nr_comments + 1, sizeof(*p->comments));
	p->arena = drvmem_arena__new();
	if (p->images && p->functions && p->frames && p->path && p->samples && p->comments && p->arena)
		return p;
	drvmem_profile__free(p);
	return NULL;
}

int drvmem_profile__subtract(const struct drvmem_profile *a, const struct drvmem_profile *b,
			     struct drvmem_profile **ret)
{
	struct drvmem_profile *p = new_profile(a, b);
	int err;

	if (!p)
		return -ENOMEM;
	p->taken_unix = b->taken_unix;
	p->duration_ns = b->duration_ns;
	p->period_bytes = b->period_bytes;
	p->title = b->title;
	p->exporter = b->exporter;
	p->comments[p->nr_comments++] = "difference: values are those of B less those of A, whose samples are "
					"below 0 and have the label pprof::base";
	err = add_side(p, a, true);
	if (!err)
		err = add_side(p, b, false);
	if (err)
		drvmem_profile__free(p);
	else
		*ret = p;
	return err;
}
