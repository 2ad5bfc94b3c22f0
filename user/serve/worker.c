// SPDX-License-Identifier: GPL-2.0-or-later
#include "serve/worker.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "serve/doc.h"
#include "serve/http.h"
#include "serve/sandbox.h"
#include "serve/weblog.h"

#define HANG_SECONDS	30u
#define WAKE_MS		10000

struct worker {
	struct drvmem_weblog log;
	struct drvmem_web_settings settings;
	struct drvmem_webconfig config;
	struct drvmem_http_secrets secrets;
	struct drvmem_http *http;	/* NULL before DRVMEM_WEB_START */
	bool configured;
};

static char *section_text(const struct drvmem_doc *d, uint32_t i)
{
	return i < d->nr && d->s[i].len ? strndup(d->map + d->s[i].off, d->s[i].len) : NULL;
}

/* A document of DRVMEM_WEB_CONFIG. */
static int read_config(const struct drvmem_doc *d, struct drvmem_webconfig *ret, struct drvmem_http_secrets *ret_secrets,
		       struct drvmem_err *err)
{
	const struct drvmem_doc_section *s = &d->s[DRVMEM_WEB_CONF_YAML];
	int e = d->nr == DRVMEM_WEB_NR_CONFIG ? drvmem_webconfig__parse(d->map + s->off, s->len, ret, err) : -EBADMSG;

	if (e)
		return e;
	ret_secrets->cert = section_text(d, DRVMEM_WEB_CONF_CERT);
	ret_secrets->key = section_text(d, DRVMEM_WEB_CONF_KEY);
	ret_secrets->ca = section_text(d, DRVMEM_WEB_CONF_CA);
	/* without a certificate there would be no TLS, in silence */
	if ((!ret->cert_file || (ret_secrets->cert && ret_secrets->key)) && (!ret->client_ca_file || ret_secrets->ca))
		return 0;
	drvmem_http_secrets__deinit(ret_secrets);
	drvmem_webconfig__deinit(ret);
	return drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "cert_file, key_file or client_ca_file is empty");
}

/* Documents come as files too: connections must leave room for them. */
static void limit_requests(struct drvmem_web_settings *s, uint32_t nr_addresses)
{
	struct rlimit l;
	uint64_t most;

	if (getrlimit(RLIMIT_NOFILE, &l) || !nr_addresses)
		return;
	most = l.rlim_cur > 64 + 4ull * nr_addresses ? (l.rlim_cur - 64) / nr_addresses : 4;
	if (s->max_requests > most)
		s->max_requests = (uint32_t)most;
}

/* Everything is there: the sandbox, and then the first listener. */
static int start(struct worker *w, struct drvmem_webmsg *m, struct drvmem_err *err)
{
	uint32_t i, n = 0;
	int e;

	if (m->len != sizeof(w->settings) || w->http || !w->configured) {
		drvmem_webmsg__close_fds(m);
		return drvmem_err__set(err, -EBADMSG, DRVMEM_EXIT_INTERNAL, "a message makes no sense");
	}
	memcpy(&w->settings, m->data, sizeof(w->settings));
	limit_requests(&w->settings, m->nr_fds);
	w->log.level = w->settings.log_level;
	w->log.form = w->settings.log_form;
	w->http = drvmem_http__new(&w->settings, &w->log, &w->config, &w->secrets, err);
	e = w->http ? drvmem_sandbox__no_rights(err) : -ENOMEM;
	if (!e)
		e = drvmem_sandbox__filter(err);
	for (i = 0; !e && i < m->nr_fds; i++, n++)
		e = drvmem_http__add(w->http, m->fds[i], err);
	for (i = n; i < m->nr_fds; i++)
		close(m->fds[i]);
	return e;
}

static int take_config(struct worker *w, const struct drvmem_doc *d, struct drvmem_err *err)
{
	struct drvmem_http_secrets secrets = { 0 };
	struct drvmem_webconfig config = { 0 };
	int e = read_config(d, &config, &secrets, err);

	if (e)
		return e;
	if (w->http)
		return drvmem_http__configure(w->http, &config, &secrets, err);
	w->config = config;
	w->secrets = secrets;
	w->configured = true;
	return 0;
}

static int take_document(struct worker *w, struct drvmem_webmsg *m, struct drvmem_err *err)
{
	struct drvmem_doc d;
	int e = m->nr_fds == 1 ? drvmem_doc__map(m->fds[0], &d) : -EBADMSG;

	drvmem_webmsg__close_fds(m);
	if (e)
		return drvmem_err__set(err, e, DRVMEM_EXIT_INTERNAL, "a document cannot be read (%s)", drvmem_errno_name(e));
	if (m->type != DRVMEM_WEB_CONFIG) {
		drvmem_http__document(w->http, (enum drvmem_web_msg)m->type, &d);
		return 0;
	}
	e = take_config(w, &d, err);
	drvmem_doc__unmap(&d);
	return e;
}

static int tell(enum drvmem_web_msg type, const char *text)
{
	return drvmem_webmsg__send(DRVMEM_WORKER_FD, type, text, strlen(text), NULL, 0);
}

/* One message; what it asks for and cannot be done is told. -errno: the process ends. */
static int take_message(struct worker *w, struct drvmem_webmsg *m)
{
	struct drvmem_err err = { 0 };
	char text[sizeof(err.what) + sizeof(err.remedy) + 8];
	bool had_http = w->http, config = m->type == DRVMEM_WEB_CONFIG;
	int e;

	e = m->type == DRVMEM_WEB_START ? start(w, m, &err) : take_document(w, m, &err);
	if (!e) {
		if (m->type == DRVMEM_WEB_START)
			return tell(DRVMEM_WEB_READY, "");
		return config && had_http ? tell(DRVMEM_WEB_CONFIGURED, "") : 0;
	}
	snprintf(text, sizeof(text), "%s\n%s", err.what, err.remedy);
	if (tell(DRVMEM_WEB_REFUSED, text))
		return -EPIPE;
	/* a new configuration that cannot be used leaves the old one in force */
	return config && had_http && err.exit == DRVMEM_EXIT_USAGE ? 0 : e;
}

/* 1 to go on, 0 at the end, -errno. */
static int take_messages(struct worker *w)
{
	struct drvmem_webmsg m;
	int e;

	for (;;) {
		e = drvmem_webmsg__receive(DRVMEM_WORKER_FD, &m);
		if (e == -EAGAIN)
			return 1;
		if (e == -EBADMSG)
			continue;	/* its file could not be taken: the next one comes soon */
		if (e <= 0)
			return e;
		e = take_message(w, &m);
		if (e)
			return e;
	}
}

static int serve(struct worker *w)
{
	struct pollfd p[1 + 8];
	int fds[8], timeout, e;
	uint32_t i, n;

	for (;;) {
		alarm(HANG_SECONDS);	/* whoever hangs ends, and is started again */
		timeout = -1;
		n = w->http ? drvmem_http__fds(w->http, fds, &timeout) : 0;
		p[0] = (struct pollfd){ .fd = DRVMEM_WORKER_FD, .events = POLLIN };
		for (i = 0; i < n; i++)
			p[1 + i] = (struct pollfd){ .fd = fds[i], .events = POLLIN };
		if (timeout < 0 || timeout > WAKE_MS)
			timeout = WAKE_MS;
		if (poll(p, 1 + n, timeout) < 0 && errno != EINTR)
			return -errno;
		if (p[0].revents) {
			e = take_messages(w);
			if (e <= 0)
				return e;
		}
		if (w->http)
			drvmem_http__run(w->http);
	}
}

/* As many connections as may come, and not one file more. */
static void limit_files(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l))
		return;
	l.rlim_cur = l.rlim_max > 8192 ? 8192 : l.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &l))
		return;		/* then it is as it was: libmicrohttpd stops to accept */
}

int drvmem_worker__main(void)
{
	struct worker w = { 0 };
	int e;

	/* the tracing process ends us: by the socket, also when it was killed */
	signal(SIGALRM, SIG_DFL);
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	drvmem_weblog__init(&w.log, "web", DRVMEM_LOG_INFO, DRVMEM_WEBLOG_LOGFMT);
	limit_files();
	e = serve(&w);
	if (e)
		drvmem_weblog(&w.log, DRVMEM_LOG_ERROR, "the web process ends", "error", drvmem_errno_name(e), NULL);
	drvmem_http__free(w.http);
	drvmem_webconfig__deinit(&w.config);
	return e ? DRVMEM_EXIT_INTERNAL : DRVMEM_EXIT_OK;
}
