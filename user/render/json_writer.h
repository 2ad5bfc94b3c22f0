/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Streaming JSON writer: owns commas and escaping, keeps 64-bit integers exact,
 * memory does not grow with the document. Output is one line. Bytes that are not
 * UTF-8 become U+FFFD. Write errors stay in the FILE: check ferror() at the end.
 */
#ifndef DRVMEM_RENDER_JSON_WRITER_H
#define DRVMEM_RENDER_JSON_WRITER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define DRVMEM_JSON_MAX_DEPTH 63

struct drvmem_json {
	FILE *out;
	unsigned int depth;
	uint64_t has_item;	/* bit per depth: a comma is due */
	bool after_key;
};

void drvmem_json__init(struct drvmem_json *w, FILE *out);
void drvmem_json__begin_object(struct drvmem_json *w);
void drvmem_json__end_object(struct drvmem_json *w);
void drvmem_json__begin_array(struct drvmem_json *w);
void drvmem_json__end_array(struct drvmem_json *w);
/* Only inside an object, and followed by exactly one value. */
void drvmem_json__key(struct drvmem_json *w, const char *key);
void drvmem_json__str(struct drvmem_json *w, const char *text);	/* NULL: null */
void drvmem_json__u64(struct drvmem_json *w, uint64_t v);
void drvmem_json__i64(struct drvmem_json *w, int64_t v);
void drvmem_json__double(struct drvmem_json *w, double v);	/* not finite: null */
void drvmem_json__bool(struct drvmem_json *w, bool v);
void drvmem_json__null(struct drvmem_json *w);

/* key and value in one call. */
void drvmem_json__kv_str(struct drvmem_json *w, const char *key, const char *text);
void drvmem_json__kv_u64(struct drvmem_json *w, const char *key, uint64_t v);
void drvmem_json__kv_i64(struct drvmem_json *w, const char *key, int64_t v);
void drvmem_json__kv_double(struct drvmem_json *w, const char *key, double v);
void drvmem_json__kv_bool(struct drvmem_json *w, const char *key, bool v);
/* A number that is missing: "key":null,"key_reason":"why". */
void drvmem_json__kv_missing(struct drvmem_json *w, const char *key, const char *why);

#endif /* DRVMEM_RENDER_JSON_WRITER_H */
