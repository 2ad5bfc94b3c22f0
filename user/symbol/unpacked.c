// SPDX-License-Identifier: GPL-2.0-or-later
#include "symbol/unpacked.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zstd.h>

#include "base/cleanup.h"

#define UNPACKED_MAX	(4ull << 30)	/* bytes: a vmlinux with debug information has a tenth of it */

static const uint8_t magic[4] = { 0x28, 0xb5, 0x2f, 0xfd };	/* RFC 8878, 3.1.1 */

static int write_all(int fd, const uint8_t *data, size_t n)
{
	ssize_t put;

	for (; n; data += put, n -= (size_t)put) {
		put = write(fd, data, n);
		if (put < 0 && errno != EINTR)
			return -errno;
		if (put < 0)
			put = 0;
	}
	return 0;
}

/* What is behind a frame may be another one. *left: what ZSTD_decompressStream() said last, 0 at the end of a frame. */
static int unpack_piece(ZSTD_DStream *z, ZSTD_inBuffer *in, uint8_t *buf, size_t size, int fd, uint64_t *total, size_t *left)
{
	ZSTD_outBuffer out = { buf, size, 0 };
	int e;

	do {
		out.pos = 0;
		*left = ZSTD_decompressStream(z, &out, in);
		if (ZSTD_isError(*left))
			return -EBADMSG;
		*total += out.pos;
		e = *total > UNPACKED_MAX ? -EFBIG : write_all(fd, buf, out.pos);
		if (e)
			return e;
	} while (in->pos < in->size || out.pos == out.size);
	return 0;
}

static int unpack(int from, int to)
{
	size_t in_size = ZSTD_DStreamInSize(), out_size = ZSTD_DStreamOutSize(), left = 1;
	_cleanup_free_ uint8_t *in = malloc(in_size), *out = malloc(out_size);
	ZSTD_DStream *z = ZSTD_createDStream();
	uint64_t total = 0;
	ssize_t n = 0;
	int e = in && out && z ? 0 : -ENOMEM;

	while (!e && (n = read(from, in, in_size)) > 0) {
		ZSTD_inBuffer piece = { in, (size_t)n, 0 };

		e = unpack_piece(z, &piece, out, out_size, to, &total, &left);
	}
	if (!e && n < 0)
		e = -errno;
	ZSTD_freeDStream(z);
	return e ? e : left ? -EBADMSG : 0;	/* it ended within a frame */
}

int drvmem_unpacked__open(const char *path, int *ret_fd)
{
	_cleanup_close_ int from = open(path, O_RDONLY | O_CLOEXEC), to = -1;
	uint8_t head[sizeof(magic)];
	ssize_t n;
	int e;

	if (from < 0)
		return -errno;
	n = pread(from, head, sizeof(head), 0);
	if (n < 0)
		return -errno;
	*ret_fd = -1;
	if (n < (ssize_t)sizeof(head) || memcmp(head, magic, sizeof(head)))
		return 0;
	to = memfd_create("drvmem", MFD_CLOEXEC);
	if (to < 0)
		return -errno;
	e = unpack(from, to);
	if (e)
		return e;
	if (lseek(to, 0, SEEK_SET) < 0)
		return -errno;
	*ret_fd = to;
	to = -1;
	return 0;
}
