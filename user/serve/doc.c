// SPDX-License-Identifier: GPL-2.0-or-later
#include "serve/doc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

#define MAGIC	0x4d455644u	/* "DVEM" */

struct head {
	uint32_t magic, nr;
	uint64_t taken_ns;
	struct drvmem_doc_section s[DRVMEM_WEB_SECTIONS];
};

static int write_all(int fd, const void *data, size_t len)
{
	const char *p = data;
	ssize_t n;

	while (len) {
		n = write(fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

int drvmem_doc__make(const struct drvmem_doc_part *parts, uint32_t nr, uint64_t taken_ns, int *ret_fd)
{
	struct head h = { .magic = MAGIC, .nr = nr, .taken_ns = taken_ns };
	uint64_t off = sizeof(h);
	_cleanup_close_ int fd = -1;
	uint32_t i;
	int e;

	if (nr > DRVMEM_WEB_SECTIONS)
		return -E2BIG;
	for (i = 0; i < nr; i++) {
		snprintf(h.s[i].name, sizeof(h.s[i].name), "%s", parts[i].name);
		h.s[i].off = off;
		h.s[i].len = parts[i].len;
		off += parts[i].len;
	}
	if (off > DRVMEM_WEB_DOC_MAX)
		return -EFBIG;
	fd = memfd_create("drvmem-document", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return -errno;
	e = write_all(fd, &h, sizeof(h));
	for (i = 0; !e && i < nr; i++)
		e = write_all(fd, parts[i].data, parts[i].len);
	if (e)
		return e;
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL))
		return -errno;
	*ret_fd = drvmem_steal_fd(&fd);
	return 0;
}

int drvmem_doc__map(int fd, struct drvmem_doc *ret)
{
	struct drvmem_doc d = { 0 };
	const struct head *h;
	struct stat st;
	uint32_t i;
	void *map;

	if (fstat(fd, &st))
		return -errno;
	if (st.st_size < (off_t)sizeof(*h) || (uint64_t)st.st_size > DRVMEM_WEB_DOC_MAX)
		return -EBADMSG;
	d.size = (size_t)st.st_size;
	map = mmap(NULL, d.size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		return -errno;
	h = map;
	d.map = map;
	d.taken_ns = h->taken_ns;
	d.nr = h->nr;
	if (h->magic != MAGIC || d.nr > DRVMEM_WEB_SECTIONS)
		goto bad;
	memcpy(d.s, h->s, sizeof(d.s));
	for (i = 0; i < d.nr; i++) {
		d.s[i].name[DRVMEM_WEB_NAME - 1] = '\0';
		if (d.s[i].off < sizeof(*h) || d.s[i].off > d.size || d.s[i].len > d.size - d.s[i].off)
			goto bad;
	}
	*ret = d;
	return 0;
bad:
	munmap(map, d.size);
	return -EBADMSG;
}

void drvmem_doc__unmap(struct drvmem_doc *d)
{
	if (d->map)
		munmap((void *)d->map, d->size);
	memset(d, 0, sizeof(*d));
}

const struct drvmem_doc_section *drvmem_doc__section(const struct drvmem_doc *d, const char *name)
{
	uint32_t i;

	for (i = 0; i < d->nr; i++)
		if (!strcmp(d->s[i].name, name))
			return &d->s[i];
	return NULL;
}

int drvmem_webmsg__send(int sock, enum drvmem_web_msg type, const void *data, size_t len, const int *fds,
			uint32_t nr_fds)
{
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(sizeof(int) * DRVMEM_WEB_MAX_FDS)];
	} control;
	uint32_t kind = type;
	struct iovec iov[2] = { { &kind, sizeof(kind) }, { (void *)data, len } };
	struct msghdr m = { .msg_iov = iov, .msg_iovlen = len ? 2 : 1 };
	struct cmsghdr *c;

	if (nr_fds > DRVMEM_WEB_MAX_FDS || len > sizeof(((struct drvmem_webmsg *)0)->data) - 1)
		return -E2BIG;
	if (nr_fds) {
		memset(&control, 0, sizeof(control));
		m.msg_control = control.buf;
		m.msg_controllen = CMSG_SPACE(sizeof(int) * nr_fds);
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int) * nr_fds);
		memcpy(CMSG_DATA(c), fds, sizeof(int) * nr_fds);
	}
	return sendmsg(sock, &m, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -errno : 0;
}

static void take_fds(struct msghdr *m, struct drvmem_webmsg *ret)
{
	struct cmsghdr *c;
	uint32_t n;

	for (c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (uint32_t)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
		if (n > DRVMEM_WEB_MAX_FDS)
			n = DRVMEM_WEB_MAX_FDS;
		memcpy(ret->fds, CMSG_DATA(c), sizeof(int) * n);
		ret->nr_fds = n;
	}
}

void drvmem_webmsg__close_fds(struct drvmem_webmsg *m)
{
	uint32_t i;

	for (i = 0; i < m->nr_fds; i++)
		close(m->fds[i]);
	m->nr_fds = 0;
}

int drvmem_webmsg__receive(int sock, struct drvmem_webmsg *ret)
{
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(sizeof(int) * DRVMEM_WEB_MAX_FDS)];
	} control;
	struct iovec iov[2] = { { &ret->type, sizeof(ret->type) }, { ret->data, sizeof(ret->data) - 1 } };
	struct msghdr m = { .msg_iov = iov, .msg_iovlen = 2, .msg_control = control.buf,
			    .msg_controllen = sizeof(control.buf) };
	ssize_t n;

	memset(ret, 0, offsetof(struct drvmem_webmsg, data));
	do {
		n = recvmsg(sock, &m, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == ECONNRESET ? 0 : -errno;
	if (!n)
		return 0;
	take_fds(&m, ret);
	if (n < (ssize_t)sizeof(ret->type) || (m.msg_flags & (MSG_TRUNC | MSG_CTRUNC))) {
		drvmem_webmsg__close_fds(ret);
		return -EBADMSG;
	}
	ret->len = (size_t)n - sizeof(ret->type);
	ret->data[ret->len] = '\0';
	return 1;
}
