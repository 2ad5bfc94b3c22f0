// SPDX-License-Identifier: GPL-2.0-or-later
#include "serve/http.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "serve/address.h"
#include "serve/http_parts.h"

#define S		1000000000ull
#define HEADER_NS	(10 * S)	/* a request must be whole by then */
#define ANSWER_NS	(60 * S)	/* and read by then */
#define CROWDED_NS	S		/* to send a request where many others are */
#define CROWDED_ANSWER_NS (2 * S)	/* and to read the answer */
#define SWEEP_NS	(S / 4)
#define IDLE_SECONDS	60u
#define CONNECTION_BYTES (32u << 10)	/* header and all of a request */

void drvmem_http_secrets__deinit(struct drvmem_http_secrets *s)
{
	if (s->key)
		explicit_bzero(s->key, strlen(s->key));
	free(s->cert);
	free(s->key);
	free(s->ca);
	memset(s, 0, sizeof(*s));
}

struct drvmem_http *drvmem_http__new(const struct drvmem_web_settings *s, struct drvmem_weblog *log,
				     struct drvmem_webconfig *config, struct drvmem_http_secrets *secrets,
				     struct drvmem_err *err)
{
	struct drvmem_http *h = calloc(1, sizeof(*h));

	if (h) {
		h->s = *s;
		h->log = log;
		h->config = *config;
		h->secrets = *secrets;
		h->max_conns = s->max_requests * DRVMEM_HTTP_DAEMONS;
		h->conns = calloc(h->max_conns, sizeof(*h->conns));
	} else {
		drvmem_webconfig__deinit(config);
		drvmem_http_secrets__deinit(secrets);
	}
	memset(config, 0, sizeof(*config));
	memset(secrets, 0, sizeof(*secrets));
	if (h && h->conns && !drvmem_auth__init(&h->auth, &h->config))
		return h;
	drvmem_http__free(h);
	drvmem_err__set(err, -ENOMEM, DRVMEM_EXIT_INTERNAL, "out of memory");
	return NULL;
}

void drvmem_shared_doc__put(struct drvmem_shared_doc *d)
{
	if (!d || --d->users)
		return;
	drvmem_doc__unmap(&d->d);
	free(d);
}

void drvmem_http__free(struct drvmem_http *h)
{
	uint32_t i;

	if (!h)
		return;
	for (i = 0; i < h->nr_daemons; i++) {
		if (h->daemons[i])
			MHD_stop_daemon(h->daemons[i]);
		close(h->listening[i]);
	}
	for (i = 0; i < sizeof(h->docs) / sizeof(h->docs[0]); i++)
		drvmem_shared_doc__put(h->docs[i]);
	drvmem_webconfig__deinit(&h->config);
	drvmem_http_secrets__deinit(&h->secrets);
	free(h->conns);
	free(h);
}

bool drvmem_http__crowded(const struct drvmem_listener *at)
{
	return at->connections > at->h->s.max_requests / 2;
}

/* Who has a whole IPv6 network is one client all the same. */
static uint64_t host_of(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const struct sockaddr *sa = info ? info->client_addr : NULL;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)sa;
	uint64_t host = 0;
	uint32_t v4 = 0;

	if (sa && sa->sa_family == AF_INET) {
		v4 = ((const struct sockaddr_in *)sa)->sin_addr.s_addr;
	} else if (sa && sa->sa_family == AF_INET6) {
		if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr))
			memcpy(&v4, &in6->sin6_addr.s6_addr[12], sizeof(v4));
		else
			memcpy(&host, in6->sin6_addr.s6_addr, sizeof(host));
		host = v4 ? 0 : host ? host : 1;	/* ::1 is of network 0 */
	}
	return v4 ? v4 : host;
}

/* libmicrohttpd will see it, and close it; what was not read is not kept. */
static void throw_out(struct drvmem_http *h, struct drvmem_conn *k, enum drvmem_http_end why)
{
	const struct linger at_once = { 1, 0 };

	k->ended = true;
	(void)!setsockopt(k->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	h->own.ended[why]++;
	shutdown(k->fd, SHUT_RDWR);
}

/*
 * No host has more than half of the places of an address: its newest connection takes the place of its oldest.
 * One that floods us keeps out nobody else; and who asks at once is answered before so many others came.
 */
static void share_places(struct drvmem_http *h, const struct drvmem_conn *new)
{
	struct drvmem_conn *k, *oldest = NULL;
	uint32_t i, n = 0;

	for (i = 0; new->host && i < h->max_conns; i++) {
		k = &h->conns[i];
		if (!k->c || k->ended || k->at != new->at || k->host != new->host)
			continue;
		n++;
		if (k != new && (!oldest || k->since_ns < oldest->since_ns))
			oldest = k;
	}
	if (oldest && n > h->s.max_requests / 2)
		throw_out(h, oldest, DRVMEM_HTTP_CROWDED);
}

/* libmicrohttpd's MHD_NotifyConnectionCallback: each connection has a place in conns. */
static void on_connection(void *cls, struct MHD_Connection *c, void **place, enum MHD_ConnectionNotificationCode what)
{
	const union MHD_ConnectionInfo *info;
	struct drvmem_listener *at = cls;
	struct drvmem_http *h = at->h;
	struct drvmem_conn *k = *place;
	uint32_t i;

	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		if (k) {
			memset(k, 0, sizeof(*k));
			h->own.connections--;
			at->connections--;
		}
		*place = NULL;
		return;
	}
	for (i = 0; i < h->max_conns && h->conns[i].c; i++)
		;
	if (i == h->max_conns)
		return;		/* there are as many places as libmicrohttpd accepts */
	info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
	k = &h->conns[i];
	*k = (struct drvmem_conn){ .c = c, .fd = info ? info->connect_fd : -1, .since_ns = drvmem_now_ns(),
				   .at = at, .host = host_of(c) };
	h->own.connections++;
	at->connections++;
	*place = k;
	share_places(h, k);
}

/* libmicrohttpd's MHD_RequestCompletedCallback. */
static void on_completed(void *cls, struct MHD_Connection *c, void **con_cls, enum MHD_RequestTerminationCode how)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct drvmem_conn *k = info ? info->socket_context : NULL;

	(void)cls;
	(void)how;
	*con_cls = NULL;
	if (k) {
		k->in_request = false;
		k->asked = true;
		k->since_ns = drvmem_now_ns();
	}
}

static void on_log(void *cls, const char *fmt, va_list ap)
{
	struct drvmem_http *h = cls;
	char text[256];

	vsnprintf(text, sizeof(text), fmt, ap);
	text[strcspn(text, "\n")] = '\0';
	drvmem_weblog__stranger(h->log, DRVMEM_LOG_INFO, "connection", "reason", text, NULL);
}

static const char *priorities(bool tls13_only)
{
	return tls13_only ? "NORMAL:-VERS-ALL:+VERS-TLS1.3" : "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";
}

/* A daemon on a listening socket; NULL: not with these certificates. */
static struct MHD_Daemon *start_daemon(struct drvmem_http *h, uint32_t i)
{
	struct MHD_OptionItem tls[5] = { 0 };
	int own = fcntl(h->listening[i], F_DUPFD_CLOEXEC, 0);	/* libmicrohttpd closes its socket */
	struct MHD_Daemon *d;
	unsigned int flags = MHD_USE_EPOLL | MHD_USE_ERROR_LOG;
	uint32_t n = 0;

	if (h->secrets.cert) {
		flags |= MHD_USE_TLS;
		tls[n++] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_CERT, 0, h->secrets.cert };
		tls[n++] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_KEY, 0, h->secrets.key };
		tls[n++] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_PRIORITIES, 0,
			(void *)priorities(h->config.tls13_only) };
		if (h->secrets.ca)
			tls[n++] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_TRUST, 0, h->secrets.ca };
	}
	tls[n] = (struct MHD_OptionItem){ MHD_OPTION_END, 0, NULL };
	if (own < 0)
		return NULL;
	h->at[i].h = h;
	d = MHD_start_daemon(flags, 0, NULL, NULL, drvmem_http__answer, h,
				MHD_OPTION_EXTERNAL_LOGGER, on_log, h,	/* first: what follows may have to say something */
				MHD_OPTION_LISTEN_SOCKET, own,
				MHD_OPTION_CONNECTION_LIMIT, h->s.max_requests,
				MHD_OPTION_CONNECTION_TIMEOUT, IDLE_SECONDS,
				MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES,
				MHD_OPTION_NOTIFY_CONNECTION, on_connection, &h->at[i],
				MHD_OPTION_NOTIFY_COMPLETED, on_completed, h,
				MHD_OPTION_STRICT_FOR_CLIENT, 1,
				MHD_OPTION_ARRAY, tls, MHD_OPTION_END);
	if (!d)
		close(own);
	return d;
}

static int refuse_certificates(const struct drvmem_http_secrets *s, struct drvmem_err *err)
{
	drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, s->ca ?
			"the certificate, its key or client_ca_file cannot be used" :
			"the certificate and its key cannot be used");
	drvmem_err__remedy(err, "they must be PEM, belong together, and the key must have no password");
	return -EINVAL;
}

/* Asked before anything is stopped: a new configuration that cannot be used must not end the old one. */
static bool certificates_fit(const struct drvmem_http_secrets *s, bool tls13_only)
{
	gnutls_datum_t cert = { (unsigned char *)s->cert, s->cert ? (unsigned int)strlen(s->cert) : 0 };
	gnutls_datum_t key = { (unsigned char *)s->key, s->key ? (unsigned int)strlen(s->key) : 0 };
	gnutls_datum_t ca = { (unsigned char *)s->ca, s->ca ? (unsigned int)strlen(s->ca) : 0 };
	gnutls_certificate_credentials_t c;
	gnutls_priority_t p;
	bool fit;

	if (!s->cert)
		return true;
	/* the system's policy may forbid what is asked for */
	if (gnutls_priority_init(&p, priorities(tls13_only), NULL))
		return false;
	gnutls_priority_deinit(p);
	if (!s->key || gnutls_certificate_allocate_credentials(&c))
		return false;
	fit = gnutls_certificate_set_x509_key_mem(c, &cert, &key, GNUTLS_X509_FMT_PEM) >= 0 &&
	      (!s->ca || gnutls_certificate_set_x509_trust_mem(c, &ca, GNUTLS_X509_FMT_PEM) > 0);
	gnutls_certificate_free_credentials(c);
	return fit;
}

int drvmem_http__add(struct drvmem_http *h, int fd, struct drvmem_err *err)
{
	if (h->nr_daemons == DRVMEM_HTTP_DAEMONS || !certificates_fit(&h->secrets, h->config.tls13_only)) {
		close(fd);
		return refuse_certificates(&h->secrets, err);
	}
	h->listening[h->nr_daemons] = fd;
	h->daemons[h->nr_daemons] = start_daemon(h, h->nr_daemons);
	if (!h->daemons[h->nr_daemons]) {
		close(fd);
		return drvmem_err__set(err, -EIO, DRVMEM_EXIT_INTERNAL, "the HTTP server does not start");
	}
	h->nr_daemons++;
	return 0;
}

int drvmem_http__configure(struct drvmem_http *h, struct drvmem_webconfig *config,
			   struct drvmem_http_secrets *secrets, struct drvmem_err *err)
{
	int e = certificates_fit(secrets, config->tls13_only) ? 0 : refuse_certificates(secrets, err);
	uint32_t i;

	if (e) {
		drvmem_webconfig__deinit(config);
		drvmem_http_secrets__deinit(secrets);
		return e;
	}
	for (i = 0; i < h->nr_daemons; i++) {
		MHD_stop_daemon(h->daemons[i]);
		h->daemons[i] = NULL;
	}
	drvmem_webconfig__deinit(&h->config);
	drvmem_http_secrets__deinit(&h->secrets);
	h->config = *config;
	h->secrets = *secrets;
	memset(config, 0, sizeof(*config));
	memset(secrets, 0, sizeof(*secrets));
	/* what auth knows goes by the hashes: it stays true */
	for (i = 0; i < h->nr_daemons; i++) {
		h->daemons[i] = start_daemon(h, i);
		if (!h->daemons[i])
			return drvmem_err__set(err, -EIO, DRVMEM_EXIT_INTERNAL, "the HTTP server does not start again");
	}
	return 0;
}

void drvmem_http__document(struct drvmem_http *h, enum drvmem_web_msg kind, struct drvmem_doc *d)
{
	struct drvmem_shared_doc *s = NULL;

	if (kind >= DRVMEM_WEB_TEXT && kind <= DRVMEM_WEB_REPORT)
		s = calloc(1, sizeof(*s));
	if (!s) {
		drvmem_doc__unmap(d);
		return;
	}
	s->d = *d;
	s->users = 1;
	memset(d, 0, sizeof(*d));
	drvmem_shared_doc__put(h->docs[kind]);
	h->docs[kind] = s;
}

static uint64_t allowed_ns(const struct drvmem_conn *k, bool crowded)
{
	if (crowded)
		return k->in_request ? CROWDED_ANSWER_NS : CROWDED_NS;
	return k->in_request ? ANSWER_NS : k->asked ? IDLE_SECONDS * S : HEADER_NS;
}

/*
 * Whoever is too slow, and, when many places are taken, whoever has not asked anything yet or does not read: a
 * scraper sends its whole request at once. libmicrohttpd only knows how long a connection was silent.
 */
static void sweep(struct drvmem_http *h, uint64_t now_ns)
{
	struct drvmem_conn *k;
	uint64_t age;
	bool crowded;
	uint32_t i;

	if (now_ns < h->next_sweep_ns)
		return;
	h->next_sweep_ns = now_ns + SWEEP_NS;
	for (i = 0; i < h->max_conns; i++) {
		k = &h->conns[i];
		if (!k->c || k->ended)
			continue;
		crowded = drvmem_http__crowded(k->at);
		age = now_ns - k->since_ns;
		if (age >= allowed_ns(k, crowded))
			throw_out(h, k, crowded && age < allowed_ns(k, false) ? DRVMEM_HTTP_CROWDED : DRVMEM_HTTP_SLOW);
	}
}

uint32_t drvmem_http__fds(const struct drvmem_http *h, int *ret_fds, int *ret_timeout_ms)
{
	const union MHD_DaemonInfo *info;
	MHD_UNSIGNED_LONG_LONG ms;
	uint32_t i, n = 0;

	*ret_timeout_ms = h->own.connections ? (int)(SWEEP_NS / 1000000) : -1;
	for (i = 0; i < h->nr_daemons; i++) {
		info = MHD_get_daemon_info(h->daemons[i], MHD_DAEMON_INFO_EPOLL_FD);
		if (info)
			ret_fds[n++] = info->epoll_fd;
		if (MHD_get_timeout(h->daemons[i], &ms) == MHD_YES && (*ret_timeout_ms < 0 || ms < (unsigned)*ret_timeout_ms))
			*ret_timeout_ms = (int)ms;
	}
	return n;
}

void drvmem_http__run(struct drvmem_http *h)
{
	uint32_t i;

	sweep(h, drvmem_now_ns());
	for (i = 0; i < h->nr_daemons; i++)
		MHD_run(h->daemons[i]);
}
