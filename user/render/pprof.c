// SPDX-License-Identifier: GPL-2.0-or-later
#include "render/pprof.h"

#include <errno.h>
#include <string.h>
#include <zlib.h>

#include "base/table.h"
#include "render/utf8.h"

/* Field numbers of the messages, as the format defines them. */
enum { PROFILE_SAMPLE_TYPE = 1, PROFILE_SAMPLE = 2, PROFILE_MAPPING = 3, PROFILE_LOCATION = 4,
       PROFILE_FUNCTION = 5, PROFILE_STRING = 6, PROFILE_TIME_NANOS = 9, PROFILE_DURATION_NANOS = 10,
       PROFILE_PERIOD_TYPE = 11, PROFILE_PERIOD = 12, PROFILE_COMMENT = 13,
       PROFILE_DEFAULT_SAMPLE_TYPE = 14 };
enum { TYPE_TYPE = 1, TYPE_UNIT = 2 };
enum { SAMPLE_LOCATION = 1, SAMPLE_VALUE = 2, SAMPLE_LABEL = 3 };
enum { LABEL_KEY = 1, LABEL_STR = 2 };
enum { MAPPING_ID = 1, MAPPING_START = 2, MAPPING_LIMIT = 3, MAPPING_FILENAME = 5, MAPPING_BUILD_ID = 6,
       MAPPING_HAS_FUNCTIONS = 7, MAPPING_HAS_FILENAMES = 8, MAPPING_HAS_LINE_NUMBERS = 9, MAPPING_HAS_INLINE_FRAMES = 10 };
enum { LOCATION_ID = 1, LOCATION_MAPPING = 2, LOCATION_ADDRESS = 3, LOCATION_LINE = 4 };
enum { LINE_FUNCTION = 1, LINE_LINE = 2 };
enum { FUNCTION_ID = 1, FUNCTION_NAME = 2, FUNCTION_SYSTEM_NAME = 3, FUNCTION_FILENAME = 4 };

#define WIRE_VARINT	0u
#define WIRE_BYTES	2u
#define IMAGE_SHIFT	32	/* room for the text of one image */

struct encoder {
	struct drvmem_strbuf *out;
	struct drvmem_table strings;	/* pointer -> index in the string table */
	uint64_t nr_strings;
	struct drvmem_strbuf table;	/* the string table, encoded */
	struct drvmem_strbuf msg, inner;/* scratch: a message, and one inside it */
	uint64_t nr_functions;		/* those that are told: of the profile, then inlined ones */
	bool oom;
};

static void put_varint(struct drvmem_strbuf *b, uint64_t v)
{
	for (; v >= 0x80; v >>= 7)
		drvmem_strbuf__putc(b, (char)(v | 0x80));
	drvmem_strbuf__putc(b, (char)v);
}

/* 0 is what a field that is left out means. */
static void put_u64(struct drvmem_strbuf *b, unsigned int field, uint64_t v)
{
	if (!v)
		return;
	put_varint(b, field << 3 | WIRE_VARINT);
	put_varint(b, v);
}

static void put_bytes(struct drvmem_strbuf *b, unsigned int field, const char *data, size_t len)
{
	put_varint(b, field << 3 | WIRE_BYTES);
	put_varint(b, len);
	drvmem_strbuf__appendn(b, data, len);
}

/* Adds inner as a field of b, and empties it. */
static void close_into(struct encoder *e, struct drvmem_strbuf *inner, struct drvmem_strbuf *b, unsigned int field)
{
	e->oom |= inner->oom;
	put_bytes(b, field, drvmem_strbuf__str(inner), inner->len);
	drvmem_strbuf__reset(inner);
}

/* Names of modules and caches are bytes that nobody checked: a string field must be UTF-8. */
static void add_string(struct encoder *e, const char *text)
{
	size_t len = strlen(text), n;
	uint32_t cp;

	for (; len; text += n, len -= n) {
		n = drvmem_utf8__next(text, len, &cp);
		if (cp == DRVMEM_UTF8_INVALID)
			drvmem_strbuf__append(&e->inner, "\xef\xbf\xbd");
		else
			drvmem_strbuf__appendn(&e->inner, text, n);
	}
	close_into(e, &e->inner, &e->table, PROFILE_STRING);
}

/* Index of a text in the string table; 0, the empty one, for NULL. Not while inner is in use. */
static uint64_t string(struct encoder *e, const char *text)
{
	uint64_t *at;

	if (!text || !text[0])
		return 0;
	at = drvmem_table__ref(&e->strings, (uint64_t)(uintptr_t)text);
	if (!at) {
		e->oom = true;
		return 0;
	}
	if (!*at) {
		*at = e->nr_strings++;
		add_string(e, text);
	}
	return *at;
}

static void put_type(struct encoder *e, unsigned int field, const char *type, const char *unit)
{
	put_u64(&e->msg, TYPE_TYPE, string(e, type));
	put_u64(&e->msg, TYPE_UNIT, string(e, unit));
	close_into(e, &e->msg, e->out, field);
}

static void put_types(struct encoder *e, const struct drvmem_profile *p)
{
	uint32_t i;

	for (i = 0; i < DRVMEM_NR_PROFILE_VALUES; i++)
		put_type(e, PROFILE_SAMPLE_TYPE, drvmem_profile_value_names[i],
			 drvmem_profile_value__is_bytes((enum drvmem_profile_value)i) ? "bytes" : "count");
	put_type(e, PROFILE_PERIOD_TYPE, "space", "bytes");
	put_u64(e->out, PROFILE_PERIOD, p->period_bytes);
	put_u64(e->out, PROFILE_TIME_NANOS, p->taken_unix * 1000000000u);
	put_u64(e->out, PROFILE_DURATION_NANOS, p->duration_ns);
	put_u64(e->out, PROFILE_DEFAULT_SAMPLE_TYPE,
		string(e, drvmem_profile_value_names[DRVMEM_PROFILE_INUSE_SPACE]));
}

static void put_label(struct encoder *e, const char *key, const char *value)
{
	uint64_t k, v;

	if (!value || !value[0])
		return;
	k = string(e, key);
	v = string(e, value);
	put_u64(&e->inner, LABEL_KEY, k);
	put_u64(&e->inner, LABEL_STR, v);
	close_into(e, &e->inner, &e->msg, SAMPLE_LABEL);
}

static void put_sample(struct encoder *e, const struct drvmem_profile *p, const struct drvmem_profile_sample *k)
{
	uint32_t i;

	for (i = k->nr; i-- > 0;)	/* leaf first */
		put_varint(&e->inner, p->path[k->first + i] + 1);
	close_into(e, &e->inner, &e->msg, SAMPLE_LOCATION);
	for (i = 0; i < DRVMEM_NR_PROFILE_VALUES; i++)
		put_varint(&e->inner, (uint64_t)k->value[i]);
	close_into(e, &e->inner, &e->msg, SAMPLE_VALUE);
	put_label(e, "module", k->owner);
	put_label(e, "allocator", k->allocator);
	put_label(e, "cache", k->cache);
	put_label(e, "device", k->device);
	put_label(e, "site", k->site);
	put_label(e, "callers", drvmem_basis__name(k->basis));
	if (k->upper_bound)
		put_label(e, "inuse", "at most");
	if (k->base)	/* what pprof itself marks them with: shares are then those of A's total */
		put_label(e, "pprof::base", "true");
	close_into(e, &e->msg, e->out, PROFILE_SAMPLE);
}

static uint64_t start_of(uint32_t image)
{
	return ((uint64_t)image + 1) << IMAGE_SHIFT;
}

/* Lines of the image's debug information were found. */
static bool has_lines(const struct drvmem_profile *p, uint32_t image)
{
	uint32_t i;

	for (i = 0; i < p->nr_frames; i++)
		if (p->frames[i].nr_places && p->functions[p->frames[i].function].image == image)
			return true;
	return false;
}

/* A file name in brackets tells pprof that there is nothing to look for under it. */
static void put_mapping(struct encoder *e, const struct drvmem_profile *p, uint32_t i,
			struct drvmem_strbuf *name)
{
	const struct drvmem_profile_image *m = &p->images[i];
	uint64_t length = m->text_bytes ? m->text_bytes : UINT64_C(1) << IMAGE_SHIFT;

	drvmem_strbuf__reset(name);
	drvmem_strbuf__printf(name, "[%s]", strcmp(m->name, "kernel") ? m->name : "kernel.kallsyms");
	e->oom |= name->oom;
	put_u64(&e->msg, MAPPING_ID, i + 1);
	put_u64(&e->msg, MAPPING_START, start_of(i));
	put_u64(&e->msg, MAPPING_LIMIT, start_of(i) + length);
	/* the buffer is used again: its address stands for no text */
	put_u64(&e->msg, MAPPING_FILENAME, e->nr_strings++);
	add_string(e, drvmem_strbuf__str(name));
	put_u64(&e->msg, MAPPING_BUILD_ID, string(e, m->build_id));
	put_u64(&e->msg, MAPPING_HAS_FUNCTIONS, 1);
	if (has_lines(p, i)) {
		put_u64(&e->msg, MAPPING_HAS_FILENAMES, 1);
		put_u64(&e->msg, MAPPING_HAS_LINE_NUMBERS, 1);
		put_u64(&e->msg, MAPPING_HAS_INLINE_FRAMES, 1);
	}
	close_into(e, &e->msg, e->out, PROFILE_MAPPING);
}

static void put_line(struct encoder *e, uint64_t function, uint32_t line)
{
	put_u64(&e->inner, LINE_FUNCTION, function);
	put_u64(&e->inner, LINE_LINE, line);
	close_into(e, &e->inner, &e->msg, LOCATION_LINE);
}

/* offset - 1 is in the call, not behind it. What was inlined comes before what it was inlined into. */
static void put_location(struct encoder *e, const struct drvmem_profile *p, uint32_t i)
{
	const struct drvmem_profile_frame *f = &p->frames[i];
	uint32_t image = p->functions[f->function].image, k;

	put_u64(&e->msg, LOCATION_ID, i + 1);
	if (image != DRVMEM_PROFILE_NONE)
		put_u64(&e->msg, LOCATION_MAPPING, image + 1);
	if (image != DRVMEM_PROFILE_NONE && f->offset)
		put_u64(&e->msg, LOCATION_ADDRESS, start_of(image) + f->offset - 1);
	for (k = 0; k + 1 < f->nr_places; k++)
		put_line(e, ++e->nr_functions, f->place[k].line);
	put_line(e, f->function + 1, f->nr_places ? f->place[k].line : 0);
	close_into(e, &e->msg, e->out, PROFILE_LOCATION);
}

static void put_function(struct encoder *e, const struct drvmem_profile *p, uint32_t i)
{
	const struct drvmem_profile_function *f = &p->functions[i];
	uint64_t name = string(e, f->name);

	put_u64(&e->msg, FUNCTION_ID, i + 1);
	put_u64(&e->msg, FUNCTION_NAME, name);
	put_u64(&e->msg, FUNCTION_SYSTEM_NAME, name);
	/* without a file of source: what tells functions of one name apart */
	if (f->file)
		put_u64(&e->msg, FUNCTION_FILENAME, string(e, f->file));
	else if (f->image != DRVMEM_PROFILE_NONE)
		put_u64(&e->msg, FUNCTION_FILENAME, string(e, p->images[f->image].name));
	close_into(e, &e->msg, e->out, PROFILE_FUNCTION);
}

/* In the order of put_location(), which gave them their ids. */
static void put_inlined(struct encoder *e, const struct drvmem_profile *p)
{
	uint64_t id = p->nr_functions;
	uint32_t i, k;

	for (i = 0; i < p->nr_frames; i++) {
		for (k = 0; k + 1 < p->frames[i].nr_places; k++) {
			const struct drvmem_place *f = &p->frames[i].place[k];
			uint64_t name = string(e, f->function ? f->function : "?"), file = string(e, f->file);

			put_u64(&e->msg, FUNCTION_ID, ++id);
			put_u64(&e->msg, FUNCTION_NAME, name);
			put_u64(&e->msg, FUNCTION_SYSTEM_NAME, name);
			put_u64(&e->msg, FUNCTION_FILENAME, file);
			close_into(e, &e->msg, e->out, PROFILE_FUNCTION);
		}
	}
}

static void put_comments(struct encoder *e, const struct drvmem_profile *p)
{
	uint32_t i;

	for (i = 0; i < p->nr_comments; i++) {
		uint64_t at = string(e, p->comments[i]);

		put_varint(&e->msg, at);
	}
	close_into(e, &e->msg, e->out, PROFILE_COMMENT);
}

int drvmem_pprof__encode(const struct drvmem_profile *p, struct drvmem_strbuf *out)
{
	_cleanup_strbuf_ struct drvmem_strbuf name = {0};
	struct encoder e = { .out = out };
	uint32_t i;

	e.nr_strings = 1;
	e.nr_functions = p->nr_functions;
	add_string(&e, "");
	put_types(&e, p);
	for (i = 0; i < p->nr_images; i++)
		put_mapping(&e, p, i, &name);
	for (i = 0; i < p->nr_samples; i++)
		put_sample(&e, p, &p->samples[i]);
	for (i = 0; i < p->nr_frames; i++)
		put_location(&e, p, i);
	for (i = 0; i < p->nr_functions; i++)
		put_function(&e, p, i);
	put_inlined(&e, p);
	put_comments(&e, p);
	drvmem_strbuf__appendn(out, drvmem_strbuf__str(&e.table), e.table.len);
	e.oom |= e.table.oom | out->oom;
	drvmem_table__deinit(&e.strings);
	drvmem_strbuf__deinit(&e.table);
	drvmem_strbuf__deinit(&e.msg);
	drvmem_strbuf__deinit(&e.inner);
	return e.oom ? -ENOMEM : 0;
}

static int write_gzip(const struct drvmem_strbuf *in, FILE *out)
{
	unsigned char chunk[16384];
	z_stream z = { 0 };
	int r;

	/* 15 + 16: the largest window, and a header of gzip, which without a name or time is always the same */
	if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return -ENOMEM;
	z.next_in = (unsigned char *)in->s;
	z.avail_in = (unsigned int)in->len;
	do {
		z.next_out = chunk;
		z.avail_out = sizeof(chunk);
		r = deflate(&z, Z_FINISH);
		fwrite(chunk, 1, sizeof(chunk) - z.avail_out, out);
	} while (r == Z_OK);
	deflateEnd(&z);
	return r == Z_STREAM_END ? 0 : -ENOMEM;
}

int drvmem_pprof__write(const struct drvmem_profile *p, FILE *out)
{
	_cleanup_strbuf_ struct drvmem_strbuf b = {0};
	int err = drvmem_pprof__encode(p, &b);

	if (err)
		return err;
	if (b.len > UINT32_MAX / 2)	/* what other readers of the format take is less */
		return -ENOMEM;
	return write_gzip(&b, out);
}
