// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "model/arena.h"
#include "view/profile_parts.h"

/* A frame as symbols are shown: "func+0x1f [mod]", "[mod]+0x12", "0x...". */
struct parsed {
	const char *function, *module;
	bool named;		/* function is a symbol */
};

static int parse(struct drvmem_arena *a, const char *text, struct parsed *ret)
{
	const char *end = text + strlen(text), *open = strstr(text, " ["), *plus;
	const char *close = text[0] == '[' ? strchr(text, ']') : NULL;

	*ret = (struct parsed){ .function = text };
	if (close) {
		ret->module = drvmem_arena__printf(a, "%.*s", (int)(close - text - 1), text + 1);
		return ret->module ? 0 : -ENOMEM;
	}
	if (open && end[-1] == ']') {
		ret->module = drvmem_arena__printf(a, "%.*s", (int)(end - open - 3), open + 2);
		if (!ret->module)
			return -ENOMEM;
		end = open;
	}
	plus = memmem(text, (size_t)(end - text), "+0x", 3);
	if (!plus || plus == text)
		return 0;
	ret->named = true;
	ret->function = drvmem_arena__printf(a, "%.*s", (int)(plus - text), text);
	return ret->function ? 0 : -ENOMEM;
}

static bool holds(const struct drvmem_instance *i, uint64_t ip)
{
	return ip && ip - 1 >= i->text_lo && ip - 1 < i->text_hi;
}

/* Instance of that name where the address lies, else the latest of that name; + 1, 0 = none. */
static uint32_t instance_of(const struct drvmem_snapshot *s, const char *module, uint64_t ip)
{
	uint32_t i, latest = 0;

	for (i = s->nr_instances; i-- > 0;) {
		const struct drvmem_instance *in = &s->instances[i];

		if (in->type != DRVMEM_OWNER_MODULE || !in->name || strcmp(in->name, module))
			continue;
		if (holds(in, ip))
			return i + 1;
		if (!latest)
			latest = i + 1;
	}
	return latest;
}

static int add_image(struct drvmem_profile_build *b, const char *name, const char *build_id,
		     uint64_t text_bytes, uint32_t instance)
{
	if (drvmem_vec__push(&b->of_image, instance))
		return -ENOMEM;
	return drvmem_vec__push(&b->images, (struct drvmem_profile_image){ name, build_id, text_bytes });
}

int drvmem_profile_build__kernel(struct drvmem_profile_build *b)
{
	return add_image(b, "kernel", b->v->s->meta.build_id, 0, 0);
}

static int find_image(struct drvmem_profile_build *b, const char *module, uint32_t instance, uint32_t *ret)
{
	const struct drvmem_instance *in = instance ? &b->v->s->instances[instance - 1] : NULL;
	uint32_t i;

	for (i = 1; i < b->images.n; i++) {
		if (b->of_image.v[i] == instance && !strcmp(b->images.v[i].name, module)) {
			*ret = i;
			return 0;
		}
	}
	*ret = i;
	return add_image(b, module, in ? in->build_id : "", in ? in->text_hi - in->text_lo : 0, instance);
}

static int locate(struct drvmem_profile_build *b, const struct parsed *t, uint64_t ip, uint32_t *ret_image,
		  uint64_t *ret_offset)
{
	const struct drvmem_snapshot *s = b->v->s;
	uint32_t instance;

	*ret_offset = 0;
	if (!t->module) {
		*ret_image = t->named ? 0 : DRVMEM_PROFILE_NONE;
		if (t->named && s->meta.stext && ip > s->meta.stext)
			*ret_offset = ip - s->meta.stext;
		return 0;
	}
	instance = instance_of(s, t->module, ip);
	if (instance && holds(&s->instances[instance - 1], ip))
		*ret_offset = ip - s->instances[instance - 1].text_lo;
	return find_image(b, t->module, instance, ret_image);
}

/* Names are of the arena: equal ones are one. */
static int find_function(struct drvmem_profile_build *b, const struct parsed *t, uint32_t image, uint32_t *ret)
{
	uint64_t *last = drvmem_table__ref(&b->by_name, (uint64_t)(uintptr_t)t->function);
	uint32_t at;

	if (!last)
		return -ENOMEM;
	for (at = (uint32_t)*last; at; at = b->older.v[at - 1]) {
		if (b->functions.v[at - 1].image == image) {
			*ret = at - 1;
			return 0;
		}
	}
	if (drvmem_vec__push(&b->older, (uint32_t)*last) ||
	    drvmem_vec__push(&b->functions, (struct drvmem_profile_function){ t->function, t->module, image, NULL }))
		return -ENOMEM;
	*ret = (uint32_t)b->functions.n - 1;
	*last = b->functions.n;
	return 0;
}

static int add_frame(struct drvmem_profile_build *b, const char *text, uint64_t ip, uint32_t older)
{
	struct drvmem_profile_frame f;
	struct parsed t;
	uint32_t image;
	int err = parse(b->p->arena, text, &t);

	if (!err)
		err = locate(b, &t, ip, &image, &f.offset);
	if (!err)
		err = find_function(b, &t, image, &f.function);
	if (err)
		return err;
	f.place = drvmem_places__at(b->v->places, ip, &f.nr_places);
	if (f.nr_places)
		b->functions.v[f.function].file = f.place[f.nr_places - 1].file;
	if (drvmem_vec__push(&b->keys, (struct drvmem_profile_key){ ip, older }))
		return -ENOMEM;
	return drvmem_vec__push(&b->frames, f);
}

int drvmem_profile_build__frame(struct drvmem_profile_build *b, const char *text, uint64_t ip, uint32_t *ret)
{
	const char *kept = drvmem_arena__str(b->p->arena, text && text[0] ? text : "?");
	uint64_t *last = kept ? drvmem_table__ref(&b->by_text, (uint64_t)(uintptr_t)kept) : NULL;
	uint32_t at;

	if (!last)
		return -ENOMEM;
	/* one text may stand for two functions with the same name */
	for (at = (uint32_t)*last; at; at = b->keys.v[at - 1].older) {
		if (b->keys.v[at - 1].ip == ip) {
			*ret = at - 1;
			return 0;
		}
	}
	if (add_frame(b, kept, ip, (uint32_t)*last))
		return -ENOMEM;
	*ret = (uint32_t)b->frames.n - 1;
	*last = b->frames.n;
	return 0;
}
