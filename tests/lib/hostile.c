// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Clients that mean no good, all at once: hostile HOST PORT NUMBER SECONDS KIND...
 * (HOST "unix": PORT is a path; HOST,SOURCE: from that address.) Each of NUMBER clients has one of the kinds in
 * turn, and comes back some time after it was thrown out. At the end: how many connections there were, how many at
 * once, how many the server ended.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define GET(path) "GET " path " HTTP/1.1\r\nHost: x\r\n"
#define TICK_MS	100
#define AWAY_S	5	/* of who was thrown out */

/* A ClientHello says that 512 bytes follow; they do not. */
#define HELLO "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"

struct kind {
	const char *name, *first;
	size_t first_len;	/* 0 = strlen */
	const char *drip;	/* then a byte of it a second, over and over */
	bool reads;		/* a byte a second; others never read */
	bool flood;		/* sends first over and over, as fast as it is taken */
	bool half;		/* ends its own direction */
	bool reset;		/* goes away rudely after a second */
};

static const struct kind kinds[] = {
	{ .name = "silent", .first = "" },
	{ .name = "header", .first = GET("/metrics") "X: " },
	{ .name = "drip", .first = GET("/metrics") "X: ", .drip = "a" },
	{ .name = "body", .first = "POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n" },
	{ .name = "getbody", .first = GET("/metrics") "Content-Length: 1000000\r\n\r\n", .drip = "a" },
	{ .name = "expect", .first = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n" },
	{ .name = "getexpect", .first = GET("/metrics") "Content-Length: 9\r\nExpect: 100-continue\r\n\r\n" },
	{ .name = "chunked", .first = "PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab" },
	{ .name = "getchunked", .first = GET("/metrics") "Transfer-Encoding: chunked\r\n\r\n", .drip = "1\r\na\r\n" },
	{ .name = "flood", .first = GET("/metrics") "\r\n", .flood = true },
	{ .name = "floodread", .first = GET("/-/healthy") "\r\n", .flood = true, .reads = true },
	{ .name = "slow", .first = GET("/metrics") "\r\n", .reads = true },
	{ .name = "heap", .first = GET("/debug/pprof/heap") "\r\n" },
	{ .name = "report", .first = GET("/api/v1/report") "\r\n" },
	{ .name = "half", .first = GET("/metrics") "\r\n", .half = true },
	{ .name = "halfheader", .first = GET("/metrics") "X: ", .half = true },
	{ .name = "halfsilent", .first = "", .half = true },
	{ .name = "tls", .first = HELLO, .first_len = sizeof(HELLO) - 1 },
	{ .name = "garbage", .first = "\0\xff\xfe\r\n\r\n \r\n\x7f", .first_len = 11, .drip = "\xff" },
	{ .name = "reset", .first = GET("/debug/pprof/heap") "\r\n", .reset = true },
};
#define NR_KINDS (sizeof(kinds) / sizeof(kinds[0]))

struct client {
	const struct kind *k;
	int fd;
	bool connected;
	size_t sent, dripped;
	uint64_t since_ms;
	unsigned int away;	/* seconds until it comes back */
};

static union { struct sockaddr sa; struct sockaddr_in in; struct sockaddr_un un; } to;
static socklen_t to_len;
static struct sockaddr_in from;		/* sin_family 0 = any */
static int epoll;
static uint64_t connections, thrown_out, at_once, most_at_once;
static volatile sig_atomic_t over;

static void on_signal(int s)
{
	(void)s;
	over = 1;
}

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void disconnect(struct client *c, bool by_server)
{
	if (c->connected) {
		at_once--;
		thrown_out += by_server;
	}
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	c->connected = false;
	c->away = AWAY_S;
}

/* What it begins with, as far as it is taken; a flood has no end, but a turn has. */
static void begin(struct client *c)
{
	size_t len = c->k->first_len ? c->k->first_len : strlen(c->k->first);
	unsigned int turns = c->k->flood ? 200 : 1;
	ssize_t n;

	while (turns && c->fd >= 0) {
		if (c->sent == len) {
			turns--;
			if (!c->k->flood || !turns)
				break;
			c->sent = 0;
		}
		n = send(c->fd, c->k->first + c->sent, len - c->sent, MSG_NOSIGNAL);
		if (n <= 0)
			return;
		c->sent += (size_t)n;
	}
	if (c->k->half && c->fd >= 0)
		shutdown(c->fd, SHUT_WR);
}

static void start(struct client *c)
{
	c->connected = true;
	connections++;
	at_once++;
	if (at_once > most_at_once)
		most_at_once = at_once;
	begin(c);
}

static void come(struct client *c)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = c };
	int small = 2048, one = 1;

	c->fd = socket(to.sa.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (c->fd < 0)
		return;
	setsockopt(c->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	setsockopt(c->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof(one));
	if (from.sin_family && bind(c->fd, (struct sockaddr *)&from, sizeof(from))) {
		disconnect(c, false);
		return;
	}
	c->sent = c->dripped = 0;
	c->since_ms = now_ms();
	if ((connect(c->fd, &to.sa, to_len) && errno != EINPROGRESS) || epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &ev))
		disconnect(c, false);
	else if (!send(c->fd, "", 0, MSG_NOSIGNAL))
		start(c);	/* on this machine a connection takes no time */
}

static void on_event(struct client *c, uint32_t events)
{
	if (!c->connected && (events & EPOLLOUT) && !(events & (EPOLLERR | EPOLLHUP)))
		start(c);
	if (events & (EPOLLERR | EPOLLHUP | EPOLLRDHUP))
		disconnect(c, true);
}

/* Once a second. */
static void go_on(struct client *c)
{
	const struct linger rude = { 1, 0 };
	char byte;

	if (c->fd < 0) {
		if (!c->away || !--c->away)
			come(c);
		return;
	}
	if (!c->connected)
		return;
	if (c->k->reset && now_ms() - c->since_ms >= 1000) {
		setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &rude, sizeof(rude));
		disconnect(c, false);
		return;
	}
	if (c->k->reads && recv(c->fd, &byte, 1, 0) == 0) {
		disconnect(c, true);
		return;
	}
	if (c->k->flood)
		begin(c);
	else if (c->k->drip && send(c->fd, c->k->drip + c->dripped++ % strlen(c->k->drip), 1, MSG_NOSIGNAL) < 0 && errno != EAGAIN)
		disconnect(c, true);
}

static int parse_address(const char *host, const char *port)
{
	const char *comma = strchr(host, ',');
	char text[64];

	if (!strcmp(host, "unix")) {
		to.un.sun_family = AF_UNIX;
		snprintf(to.un.sun_path, sizeof(to.un.sun_path), "%s", port);
		to_len = sizeof(to.un);
		return 0;
	}
	to.in.sin_family = AF_INET;
	to.in.sin_port = htons((uint16_t)atoi(port));
	to_len = sizeof(to.in);
	snprintf(text, sizeof(text), "%.*s", comma ? (int)(comma - host) : (int)strlen(host), host);
	if (comma && inet_pton(AF_INET, comma + 1, &from.sin_addr) != 1)
		return -1;
	from.sin_family = comma ? AF_INET : 0;
	return inet_pton(AF_INET, text, &to.in.sin_addr) == 1 ? 0 : -1;
}

static void run(struct client *v, uint32_t n, uint64_t end_ms)
{
	struct epoll_event ev[256];
	uint64_t next = 0;
	uint32_t i, turn = 0;
	int k, got;

	while (!over && now_ms() < end_ms) {
		got = epoll_wait(epoll, ev, 256, TICK_MS);
		for (k = 0; k < got; k++)
			on_event(ev[k].data.ptr, ev[k].events);
		if (got == 256 || now_ms() < next)
			continue;
		next = now_ms() + TICK_MS;
		for (i = turn; i < n; i += 10)	/* a tenth of them each tick */
			go_on(&v[i]);
		turn = (turn + 1) % 10;
	}
}

int main(int argc, char **argv)
{
	struct rlimit files;
	struct client *v;
	uint32_t i, j, n;

	if (argc < 6 || parse_address(argv[1], argv[2]))
		return 2;
	n = (uint32_t)atoi(argv[3]);
	v = calloc(n, sizeof(*v));
	epoll = epoll_create1(EPOLL_CLOEXEC);
	if (!v || !n || epoll < 0 || getrlimit(RLIMIT_NOFILE, &files))
		return 2;
	files.rlim_cur = files.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &files) || files.rlim_cur < n + 16) {
		fprintf(stderr, "hostile: no room for %u files\n", n);
		return 2;
	}
	for (i = 0; i < n; i++) {
		const char *name = argv[5 + i % (uint32_t)(argc - 5)];

		for (j = 0; j < NR_KINDS && strcmp(kinds[j].name, name); j++)
			;
		if (j == NR_KINDS) {
			fprintf(stderr, "hostile: no kind '%s'\n", name);
			return 2;
		}
		v[i] = (struct client){ .k = &kinds[j], .fd = -1 };
	}
	signal(SIGTERM, on_signal);
	signal(SIGINT, on_signal);
	run(v, n, now_ms() + (uint64_t)atoi(argv[4]) * 1000);
	printf("%llu connections, %llu at once at most, %llu ended by the server\n", (unsigned long long)connections,
	       (unsigned long long)most_at_once, (unsigned long long)thrown_out);
	for (i = 0; i < n; i++)
		disconnect(&v[i], false);
	free(v);
	return 0;
}
