// SPDX-License-Identifier: GPL-2.0-or-later
#include "serve/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/opt.h"

#define BACKLOG 512
#define SEND_BYTES (16 << 10)	/* the kernel doubles it */
#define UNREAD_MS 10000		/* a scraper has given up by then */
#define HALF_CLOSED_S 10

static int invalid(const char *text, const char *why, struct drvmem_err *err)
{
	drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "'%s' is no address to listen at: %s", text, why);
	drvmem_err__remedy(err, "like 127.0.0.1:%d, [::1]:%d, :%d (every address) or unix:/run/drvmem.sock",
			   DRVMEM_SERVE_PORT, DRVMEM_SERVE_PORT, DRVMEM_SERVE_PORT);
	return -EINVAL;
}

static int parse_unix(const char *path, struct drvmem_address *a)
{
	if (*path != '/' || strlen(path) >= sizeof(a->u.un.sun_path))
		return -EINVAL;
	a->u.un.sun_family = AF_UNIX;
	strcpy(a->u.un.sun_path, path);
	a->len = sizeof(a->u.un);
	a->local = true;
	return 0;
}

static bool is_local(const struct sockaddr *sa)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)sa;
	const struct sockaddr_in *in = (const struct sockaddr_in *)sa;

	if (sa->sa_family == AF_UNIX)
		return true;
	if (sa->sa_family == AF_INET)
		return ntohl(in->sin_addr.s_addr) >> 24 == 127;
	return sa->sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr);
}

/* host: without brackets; "" = every address, of both families. */
static int parse_host(const char *host, bool v6, uint16_t port, struct drvmem_address *a)
{
	if (!strcmp(host, "localhost"))
		host = "127.0.0.1";
	if (!v6 && *host && inet_pton(AF_INET, host, &a->u.in.sin_addr) == 1) {
		a->u.in.sin_family = AF_INET;
		a->u.in.sin_port = htons(port);
		a->len = sizeof(a->u.in);
		return 0;
	}
	if ((v6 || !*host) && inet_pton(AF_INET6, *host ? host : "::", &a->u.in6.sin6_addr) == 1) {
		a->u.in6.sin6_family = AF_INET6;
		a->u.in6.sin6_port = htons(port);
		a->len = sizeof(a->u.in6);
		return 0;
	}
	return -EINVAL;
}

int drvmem_address__parse(const char *text, struct drvmem_address *ret, struct drvmem_err *err)
{
	struct drvmem_address a = { 0 };
	const char *colon = strrchr(text, ':'), *begin = text, *end;
	char host[64];
	uint64_t port;
	bool v6;

	if (!strncmp(text, "unix:", 5)) {
		if (parse_unix(text + 5, &a))
			return invalid(text, "the path is not absolute, or longer than 107 characters", err);
		*ret = a;
		return 0;
	}
	if (!colon)
		return invalid(text, "it has no port", err);
	if (drvmem_parse_u64(colon + 1, &port) || port > 65535)
		return invalid(text, "the port is not between 0 and 65535", err);
	end = colon;
	v6 = *begin == '[';
	if (v6) {
		if (end - begin < 3 || end[-1] != ']')
			return invalid(text, "the brackets do not fit", err);
		begin++;
		end--;
	}
	if ((size_t)(end - begin) >= sizeof(host))
		return invalid(text, "the host is too long", err);
	memcpy(host, begin, (size_t)(end - begin));
	host[end - begin] = '\0';
	if (parse_host(host, v6, (uint16_t)port, &a))
		return invalid(text, "the host is no number (names are not looked up; IPv6 needs brackets)", err);
	a.local = is_local(&a.u.sa);
	*ret = a;
	return 0;
}

/* A socket file that nobody listens behind is left over: it may go. */
static int remove_stale(const struct drvmem_address *a)
{
	_cleanup_close_ int fd = -1;
	struct stat st;

	if (lstat(a->u.un.sun_path, &st))
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (!connect(fd, &a->u.sa, a->len))
		return -EADDRINUSE;
	if (errno != ECONNREFUSED)
		return -errno;
	return unlink(a->u.un.sun_path) ? -errno : 0;
}

static int bind_at(const struct drvmem_address *a, int fd)
{
	int one = 1, zero = 0, e;

	if (a->u.sa.sa_family == AF_UNIX) {
		mode_t mask = umask(0117);

		e = remove_stale(a);
		if (!e && bind(fd, &a->u.sa, a->len))
			e = -errno;
		umask(mask);
		return e;
	}
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)))
		return -errno;
	if (a->u.sa.sa_family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof(zero)))
		return -errno;
	return bind(fd, &a->u.sa, a->len) ? -errno : 0;
}

/*
 * What a client does not read stays in the kernel, also when we have closed: so much and so long of each, not
 * megabytes for minutes. Connections have it of their listening socket; a unix socket has bounds of its own.
 */
void drvmem_address__bound(int fd)
{
	int bytes = SEND_BYTES, linger = HALF_CLOSED_S;
	unsigned int ms = UNREAD_MS;

	(void)!setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
	(void)!setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof(ms));
	(void)!setsockopt(fd, IPPROTO_TCP, TCP_LINGER2, &linger, sizeof(linger));
}

int drvmem_address__listen(const struct drvmem_address *a, int *ret_fd, struct drvmem_err *err)
{
	struct drvmem_address any4 = { .u.in = { .sin_family = AF_INET }, .len = sizeof(any4.u.in) };
	char text[DRVMEM_ADDRESS_LEN];
	_cleanup_close_ int fd = -1;
	int e;

	fd = socket(a->u.sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 && errno == EAFNOSUPPORT && a->u.sa.sa_family == AF_INET6 &&
	    IN6_IS_ADDR_UNSPECIFIED(&a->u.in6.sin6_addr)) {
		/* a kernel without IPv6: every address is every IPv4 address */
		any4.u.in.sin_port = a->u.in6.sin6_port;
		return drvmem_address__listen(&any4, ret_fd, err);
	}
	e = fd < 0 ? -errno : bind_at(a, fd);
	if (!e)
		drvmem_address__bound(fd);
	if (!e && listen(fd, BACKLOG))
		e = -errno;
	if (!e) {
		*ret_fd = drvmem_steal_fd(&fd);
		return 0;
	}
	drvmem_address__text(&a->u.sa, a->len, text);
	drvmem_err__set(err, e, e == -EACCES || e == -EPERM ? DRVMEM_EXIT_CANNOT_RUN : DRVMEM_EXIT_INTERNAL,
			"cannot listen at %s (%s)", text, drvmem_errno_name(e));
	if (e == -EADDRINUSE)
		drvmem_err__remedy(err, "somebody serves there already: end it, or choose another with --web.listen-address");
	else if (e == -EEXIST)
		drvmem_err__remedy(err, "there is a file of that name which is no socket: remove it, or choose another");
	else if (e == -EADDRNOTAVAIL)
		drvmem_err__remedy(err, "this machine has no such address: 'ip address' lists them");
	return e;
}

int drvmem_address__of(int fd, struct drvmem_address *ret)
{
	struct drvmem_address a = { 0 };
	socklen_t len = sizeof(a.u);
	int on = 0;
	socklen_t on_len = sizeof(on);

	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &on, &on_len))
		return -errno;
	if (!on)
		return -EINVAL;
	if (getsockname(fd, &a.u.sa, &len))
		return -errno;
	a.len = len;
	a.local = is_local(&a.u.sa);
	*ret = a;
	return 0;
}

const char *drvmem_address__text(const struct sockaddr *sa, socklen_t len, char buf[DRVMEM_ADDRESS_LEN])
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)sa;
	const struct sockaddr_in *in = (const struct sockaddr_in *)sa;
	const struct sockaddr_un *un = (const struct sockaddr_un *)sa;
	char host[INET6_ADDRSTRLEN];

	if (!sa || len < sizeof(sa->sa_family))
		return strcpy(buf, "?");
	if (sa->sa_family == AF_INET)
		snprintf(buf, DRVMEM_ADDRESS_LEN, "%s:%u", inet_ntop(AF_INET, &in->sin_addr, host, sizeof(host)),
			 ntohs(in->sin_port));
	else if (sa->sa_family == AF_INET6)
		snprintf(buf, DRVMEM_ADDRESS_LEN, "[%s]:%u", inet_ntop(AF_INET6, &in6->sin6_addr, host, sizeof(host)),
			 ntohs(in6->sin6_port));
	else if (sa->sa_family == AF_UNIX && len > offsetof(struct sockaddr_un, sun_path) && un->sun_path[0])
		snprintf(buf, DRVMEM_ADDRESS_LEN, "unix:%.108s", un->sun_path);
	else
		strcpy(buf, "unix:");	/* a client of a unix socket has no name */
	return buf;
}
