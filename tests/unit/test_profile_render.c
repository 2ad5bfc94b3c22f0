// SPDX-License-Identifier: GPL-2.0-or-later
/* Profiles as folded stacks, speedscope and pprof: goldens, and what a reader of each adds up. */
#include "jsoncheck.h"
#include "profilefixture.h"

#include <zlib.h>

#include "render/folded.h"
#include "render/pprof.h"
#include "render/speedscope.h"

struct made {
	struct drvmem_snapshot *s;
	struct drvmem_scope *v;
	struct drvmem_profile *p;
};

static struct made make(struct drvmem_snapshot *s, enum drvmem_callers callers)
{
	struct made m = { .s = s };

	m.v = fix_scope(NULL, s, NULL);
	m.p = fix_profile(m.v, callers);
	return m;
}

static void unmake(struct made *m)
{
	drvmem_profile__free(m->p);
	drvmem_scope__free(m->v);
	drvmem_snapshot__free(m->s);
}

static char *folded(const struct drvmem_profile *p, enum drvmem_profile_value value, size_t *len)
{
	return fix_text(len, assert_int_equal(drvmem_folded__write(p, value, out), 0));
}

/* Sum of the numbers behind the last space of each line. */
static int64_t sum_folded(const char *text)
{
	int64_t sum = 0;
	const char *end;

	for (; *text; text = end + 1) {
		end = strchr(text, '\n');
		assert_non_null(end);
		sum += strtoll((const char *)memrchr(text, ' ', (size_t)(end - text)), NULL, 10);
	}
	return sum;
}

static void folded_adds_up(void **state)
{
	struct drvmem_snapshot *all[] = { fix_profiled(), fix_sampled(), fix_new() };
	enum drvmem_profile_value value;
	struct made m;
	uint32_t i;
	char *text;

	(void)state;
	for (i = 0; i < UNIT_NR(all); i++) {
		m = make(all[i], i % 2 ? DRVMEM_CALLERS_ESTIMATED : DRVMEM_CALLERS_KNOWN);
		for (value = 0; value < DRVMEM_NR_PROFILE_VALUES; value++) {
			text = folded(m.p, value, NULL);
			assert_int_equal(sum_folded(text), m.p->total[value]);
			free(text);
		}
		unmake(&m);
	}
}

static void folded_text(void **state)
{
	struct made m = make(fix_profiled(), DRVMEM_CALLERS_ESTIMATED);
	size_t len;
	char *text = folded(m.p, DRVMEM_PROFILE_INUSE_SPACE, &len);

	(void)state;
	fix_golden("profile.folded", text, len);
	assert_non_null(strstr(text, "unknown;[no stack];semi:colon? -32\n"));
	free(text);
	text = folded(m.p, DRVMEM_PROFILE_ALLOC_OBJECTS, &len);
	fix_golden("profile-allocs.folded", text, len);
	free(text);
	unmake(&m);
}

static void speedscope_text(void **state)
{
	struct made m = make(fix_profiled(), DRVMEM_CALLERS_KNOWN);
	size_t len;
	char *text = fix_text(&len, assert_int_equal(drvmem_speedscope__write(m.p, out), 0));

	(void)state;
	assert_true(json_is_valid(text, len));
	fix_golden("profile.speedscope.json", text, len);
	/* what cannot be a weight is told; the rest is the total and so much more */
	assert_non_null(strstr(text, "\"inuse_space, without -32 caught between two CPUs\""));
	free(text);
	unmake(&m);
}

/* ---- a reader of the wire format that shares nothing with the writer */

struct wire {
	const unsigned char *at, *end;
};

static uint64_t take_varint(struct wire *w)
{
	uint64_t v = 0;
	unsigned int shift = 0;

	do {
		assert_true(w->at < w->end && shift < 64);
		v |= (uint64_t)(*w->at & 0x7f) << shift;
		shift += 7;
	} while (*w->at++ & 0x80);
	return v;
}

/* Next field; of a message or string what is in it, of a number that. */
static bool take_field(struct wire *w, uint32_t *ret_no, struct wire *ret_in, uint64_t *ret_v)
{
	uint64_t tag, len;

	if (w->at == w->end)
		return false;
	tag = take_varint(w);
	*ret_no = (uint32_t)(tag >> 3);
	*ret_v = 0;
	*ret_in = (struct wire){ NULL, NULL };
	if (!(tag & 7)) {
		*ret_v = take_varint(w);
		return true;
	}
	assert_int_equal(tag & 7, 2);
	len = take_varint(w);
	assert_true(len <= (uint64_t)(w->end - w->at));
	*ret_in = (struct wire){ w->at, w->at + len };
	w->at += len;
	return true;
}

struct read {
	int64_t sum[DRVMEM_NR_PROFILE_VALUES];
	uint64_t nr_samples, nr_locations, nr_functions, nr_mappings, nr_strings, nr_types;
	uint64_t max_location, max_string;	/* that were referred to */
	uint64_t max_address;
};

static void note_max(uint64_t *max, uint64_t v)
{
	if (v > *max)
		*max = v;
}

static void read_sample(struct wire w, struct read *r)
{
	struct wire in, label;
	uint64_t v;
	uint32_t no, i;

	while (take_field(&w, &no, &in, &v)) {
		if (no == 1)
			while (in.at < in.end)
				note_max(&r->max_location, take_varint(&in));
		for (i = 0; no == 2 && in.at < in.end; i++) {
			assert_true(i < DRVMEM_NR_PROFILE_VALUES);
			r->sum[i] += (int64_t)take_varint(&in);
		}
		while (no == 3 && take_field(&in, &no, &label, &v)) {
			note_max(&r->max_string, v);
			no = 3;
		}
	}
	r->nr_samples++;
}

static void read_profile(const char *data, size_t len, struct read *r)
{
	struct wire w = { (const unsigned char *)data, (const unsigned char *)data + len }, in, inner;
	uint64_t v, x;
	uint32_t no, k;

	*r = (struct read){ 0 };
	while (take_field(&w, &no, &in, &v)) {
		r->nr_types += no == 1;
		r->nr_mappings += no == 3;
		r->nr_strings += no == 6;
		r->nr_functions += no == 5;
		if (no == 2)
			read_sample(in, r);
		if (no != 4)
			continue;
		r->nr_locations++;
		while (take_field(&in, &k, &inner, &x))
			if (k == 3)
				note_max(&r->max_address, x);
	}
}

static void pprof_adds_up(void **state)
{
	struct drvmem_snapshot *all[] = { fix_profiled(), fix_sampled(), fix_new() };
	struct read r;
	struct made m;
	uint32_t i, j;

	(void)state;
	for (i = 0; i < UNIT_NR(all); i++) {
		_cleanup_strbuf_ struct drvmem_strbuf b = {0};

		m = make(all[i], i % 2 ? DRVMEM_CALLERS_ESTIMATED : DRVMEM_CALLERS_KNOWN);
		assert_int_equal(drvmem_pprof__encode(m.p, &b), 0);
		read_profile(b.s, b.len, &r);
		for (j = 0; j < DRVMEM_NR_PROFILE_VALUES; j++)
			assert_int_equal(r.sum[j], m.p->total[j]);
		assert_int_equal(r.nr_samples, m.p->nr_samples);
		assert_int_equal(r.nr_locations, m.p->nr_frames);
		assert_int_equal(r.nr_functions, m.p->nr_functions);
		assert_int_equal(r.nr_mappings, m.p->nr_images);
		assert_int_equal(r.nr_types, DRVMEM_NR_PROFILE_VALUES);
		assert_true(r.max_location <= r.nr_locations);
		assert_true(r.max_string < r.nr_strings);
		/* none of the kernel's own addresses */
		assert_true(r.max_address < (uint64_t)(m.p->nr_images + 1) << 32);
		unmake(&m);
	}
}

/* A location has a line for each call that was inlined there, the function itself last. */
static void pprof_lines(void **state)
{
	struct drvmem_snapshot *s = fix_profiled();
	struct drvmem_scope *v = fix_scope(NULL, s, NULL);
	_cleanup_strbuf_ struct drvmem_strbuf b = {0};
	struct drvmem_profile *p;
	struct read r;
	uint32_t i, n = 0;
	char *text;
	size_t len;

	(void)state;
	fix_places(v);
	p = fix_profile(v, DRVMEM_CALLERS_KNOWN);
	for (i = 0; i < p->nr_frames; i++)
		n += p->frames[i].nr_places == 2;
	assert_int_equal(n, 1);
	assert_int_equal(drvmem_pprof__encode(p, &b), 0);
	read_profile(b.s, b.len, &r);
	for (i = 0; i < DRVMEM_NR_PROFILE_VALUES; i++)
		assert_int_equal(r.sum[i], p->total[i]);
	assert_int_equal(r.nr_functions, p->nr_functions + 1);
	fix_golden("profile-lines.pb", b.s, b.len);
	text = fix_text(&len, assert_int_equal(drvmem_speedscope__write(p, out), 0));
	assert_non_null(strstr(text, "{\"name\":\"e1000_probe\",\"file\":\"drivers/net/netdev.c\"}"));
	assert_non_null(strstr(text, "no lines of vmlinux (build fedcba9876543210fedcba9876543210fedcba98): "));
	free(text);
	drvmem_profile__free(p);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

static void pprof_bytes(void **state)
{
	_cleanup_strbuf_ struct drvmem_strbuf b = {0};
	struct made m = make(fix_profiled(), DRVMEM_CALLERS_ESTIMATED);

	(void)state;
	assert_int_equal(drvmem_pprof__encode(m.p, &b), 0);
	fix_golden("profile.pb", b.s, b.len);
	unmake(&m);
}

static void pprof_is_gzip(void **state)
{
	_cleanup_strbuf_ struct drvmem_strbuf b = {0};
	struct made m = make(fix_profiled(), DRVMEM_CALLERS_KNOWN);
	size_t len;
	char *gz = fix_text(&len, assert_int_equal(drvmem_pprof__write(m.p, out), 0)), *plain;
	z_stream z = { 0 };

	(void)state;
	assert_int_equal(drvmem_pprof__encode(m.p, &b), 0);
	plain = malloc(b.len + 1);
	assert_non_null(plain);
	assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
	z.next_in = (unsigned char *)gz;
	z.avail_in = (unsigned int)len;
	z.next_out = (unsigned char *)plain;
	z.avail_out = (unsigned int)b.len + 1;
	assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
	assert_int_equal(z.total_out, b.len);
	assert_int_equal(z.avail_in, 0);
	assert_memory_equal(plain, b.s, b.len);
	/* no time in the header: the same profile is the same file */
	assert_memory_equal(gz + 4, "\0\0\0\0", 4);
	inflateEnd(&z);
	free(plain);
	free(gz);
	unmake(&m);
}

/* A string field must be UTF-8; names of modules are bytes. */
static void pprof_strings_are_utf8(void **state)
{
	_cleanup_strbuf_ struct drvmem_strbuf b = {0};
	struct drvmem_snapshot *s = fix_new();
	struct made m;

	(void)state;
	fix_site(s, fix_module(s, "a\xff\xc3z", 1, 0), fix_cache(s, "c\xa0", 64, false), "f+0x1", 1, 0, 64);
	m = make(s, DRVMEM_CALLERS_KNOWN);
	assert_int_equal(drvmem_pprof__encode(m.p, &b), 0);
	assert_non_null(memmem(b.s, b.len, "a\xef\xbf\xbd\xef\xbf\xbdz", 8));
	assert_null(memchr(b.s, 0xff, b.len));
	unmake(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(folded_adds_up),
		cmocka_unit_test(folded_text),
		cmocka_unit_test(speedscope_text),
		cmocka_unit_test(pprof_adds_up),
		cmocka_unit_test(pprof_bytes),
		cmocka_unit_test(pprof_lines),
		cmocka_unit_test(pprof_is_gzip),
		cmocka_unit_test(pprof_strings_are_utf8),
	};

	return cmocka_run_group_tests_name("profile_render", tests, NULL, NULL);
}
