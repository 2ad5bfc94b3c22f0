// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/pack.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "base/vec.h"

#define LEVEL	3	/* of zstd: higher ones save little of numbers and cost more */

void drvmem_pack__deinit(struct drvmem_pack *b)
{
	free(b->p);
	*b = (struct drvmem_pack){ 0 };
}

void drvmem_pack__reset(struct drvmem_pack *b)
{
	b->len = 0;
	b->oom = false;
}

/* Room for n more bytes, or NULL. */
static uint8_t *room(struct drvmem_pack *b, size_t n)
{
	uint8_t *p;

	if (b->oom)
		return NULL;
	p = drvmem_vec_grown(b->p, &b->cap, b->len + n, 1);
	if (!p) {
		b->oom = true;
		return NULL;
	}
	b->p = p;
	return p + b->len;
}

void drvmem_pack__u64(struct drvmem_pack *b, uint64_t v)
{
	uint8_t *p = room(b, 10);

	if (!p)
		return;
	for (; v >= 0x80; v >>= 7)
		*p++ = (uint8_t)(v | 0x80);
	*p++ = (uint8_t)v;
	b->len = (size_t)(p - b->p);
}

void drvmem_pack__diff(struct drvmem_pack *b, uint64_t v)
{
	drvmem_pack__u64(b, v << 1 ^ (0 - (v >> 63)));
}

void drvmem_pack__bytes(struct drvmem_pack *b, const void *p, size_t n)
{
	uint8_t *to = room(b, n);

	if (!to || !n)
		return;
	memcpy(to, p, n);
	b->len += n;
}

uint64_t drvmem_unpack__u64(struct drvmem_unpack *u)
{
	uint64_t v = 0;
	unsigned int shift;
	uint8_t c;

	for (shift = 0; shift < 64 && !u->failed && u->at < u->len; shift += 7) {
		c = u->p[u->at++];
		if (shift == 63 && c > 1)
			break;
		v |= (uint64_t)(c & 0x7f) << shift;
		if (!(c & 0x80))
			return v;
	}
	u->failed = true;
	return 0;
}

uint64_t drvmem_unpack__diff(struct drvmem_unpack *u)
{
	uint64_t v = drvmem_unpack__u64(u);

	return v >> 1 ^ (0 - (v & 1));
}

bool drvmem_unpack__done(const struct drvmem_unpack *u)
{
	return !u->failed && u->at == u->len;
}

int drvmem_pack__compress(const struct drvmem_pack *in, struct drvmem_pack *ret)
{
	size_t max = ZSTD_compressBound(in->len), n;
	ZSTD_CCtx *c;
	uint8_t *to;

	to = room(ret, max);
	c = to && !in->oom ? ZSTD_createCCtx() : NULL;
	if (!c)
		return -ENOMEM;
	ZSTD_CCtx_setParameter(c, ZSTD_c_compressionLevel, LEVEL);
	ZSTD_CCtx_setParameter(c, ZSTD_c_checksumFlag, 1);
	n = ZSTD_compress2(c, to, max, in->len ? in->p : (const uint8_t *)"", in->len);
	ZSTD_freeCCtx(c);
	if (ZSTD_isError(n))
		return -ENOMEM;	/* the bound is kept: nothing else can fail */
	ret->len += n;
	return 0;
}

int drvmem_pack__decompress(const void *p, size_t n, size_t max, struct drvmem_pack *ret)
{
	unsigned long long size = ZSTD_getFrameContentSize(p, n);
	uint8_t *to;
	size_t got;

	drvmem_pack__reset(ret);
	if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR || size > max)
		return -EBADMSG;
	to = room(ret, (size_t)size + 1);
	if (!to)
		return -ENOMEM;
	got = ZSTD_decompress(to, (size_t)size, p, n);
	if (ZSTD_isError(got) || got != size)
		return -EBADMSG;
	ret->len = got;
	return 0;
}
