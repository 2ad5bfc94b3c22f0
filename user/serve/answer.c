// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/clock.h"
#include "base/strbuf.h"
#include "render/prom.h"
#include "serve/address.h"
#include "serve/http_parts.h"
#include "serve/webmetrics.h"

#define TYPE_PLAIN	"text/plain; charset=utf-8"
#define TYPE_HTML	"text/html; charset=utf-8"
#define STALE_INTERVALS	5u	/* documents older than so many intervals are no good */
#define GZIP_MIN	1024u	/* shorter ones are not worth it */

struct request {
	struct drvmem_http *h;
	struct MHD_Connection *c;
	const char *url, *method;
	struct drvmem_conn *k;		/* NULL: there was no place */
};

static const char *header(const struct request *r, const char *name)
{
	return MHD_lookup_connection_value(r->c, MHD_HEADER_KIND, name);
}

static void remote(const struct request *r, char buf[DRVMEM_ADDRESS_LEN])
{
	const union MHD_ConnectionInfo *i = MHD_get_connection_info(r->c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const struct sockaddr *sa = i ? i->client_addr : NULL;
	socklen_t len = !sa ? 0 : sa->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) :
			sa->sa_family == AF_INET ? sizeof(struct sockaddr_in) : (socklen_t)sizeof(sa->sa_family);

	drvmem_address__text(sa, len, buf);
}

/* Counts, logs what was refused, and sends; the response is given up. */
static drvmem_mhd send_response(const struct request *r, unsigned int status, struct MHD_Response *m)
{
	enum drvmem_http_code code = drvmem_webmetrics__code(status);
	char from[DRVMEM_ADDRESS_LEN], number[12];
	drvmem_mhd ok;
	uint32_t i;

	if (!m)
		return MHD_NO;
	for (i = 0; i < r->h->config.nr_headers; i++)
		MHD_add_response_header(m, r->h->config.headers[i].name, r->h->config.headers[i].value);
	MHD_add_response_header(m, "Cache-Control", "no-store");
	if (r->k && drvmem_http__crowded(r->k->at))
		MHD_add_response_header(m, "Connection", "close");
	if (code < DRVMEM_NR_HTTP)
		r->h->own.requests[code]++;
	if (status >= 400) {
		remote(r, from);
		snprintf(number, sizeof(number), "%u", status);
		drvmem_weblog__stranger(r->h->log, status == 503 ? DRVMEM_LOG_DEBUG : DRVMEM_LOG_WARN, "request refused",
					"status", number, "remote", from, "method", r->method, "path", r->url, NULL);
	}
	ok = MHD_queue_response(r->c, status, m);
	MHD_destroy_response(m);
	return ok;
}

static struct MHD_Response *text_response(const char *text, const char *type)
{
	struct MHD_Response *m = MHD_create_response_from_buffer(strlen(text), (void *)text, MHD_RESPMEM_MUST_COPY);

	if (m) {
		MHD_add_response_header(m, "Content-Type", type);
		MHD_add_response_header(m, "X-Content-Type-Options", "nosniff");
	}
	return m;
}

static drvmem_mhd send_text(const struct request *r, unsigned int status, const char *text)
{
	return send_response(r, status, text_response(text, TYPE_PLAIN));
}

static drvmem_mhd send_with(const struct request *r, unsigned int status, const char *text, const char *name,
			    const char *value)
{
	struct MHD_Response *m = text_response(text, TYPE_PLAIN);

	if (m)
		MHD_add_response_header(m, name, value);
	return send_response(r, status, m);
}

/* One gzip member of it; false: no memory. */
static bool compress_text(const struct drvmem_strbuf *b, char **ret, size_t *ret_len)
{
	z_stream z = { 0 };
	size_t size;
	bool ok;

	if (deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) != Z_OK)
		return false;
	size = deflateBound(&z, b->len);
	*ret = malloc(size);
	z.next_in = (unsigned char *)b->s;
	z.avail_in = (unsigned int)b->len;
	z.next_out = (unsigned char *)*ret;
	z.avail_out = (unsigned int)size;
	ok = *ret && deflate(&z, Z_FINISH) == Z_STREAM_END;
	*ret_len = size - z.avail_out;
	deflateEnd(&z);
	if (!ok)
		free(*ret);
	return ok;
}

/* Sends the text and empties b. */
static drvmem_mhd send_body(const struct request *r, struct drvmem_strbuf *b, const char *type)
{
	bool gzip = b->len >= GZIP_MIN && drvmem_negotiate__gzip(header(r, "Accept-Encoding"));
	struct MHD_Response *m;
	size_t len = b->len;
	char *body = NULL;

	if (drvmem_strbuf__error(b) || (gzip && !compress_text(b, &body, &len))) {
		drvmem_strbuf__deinit(b);
		return send_text(r, 503, "out of memory\n");
	}
	if (gzip)
		drvmem_strbuf__deinit(b);
	else
		body = drvmem_strbuf__steal(b);
	m = MHD_create_response_from_buffer(len, body, MHD_RESPMEM_MUST_FREE);
	if (!m) {
		free(body);
		return MHD_NO;
	}
	MHD_add_response_header(m, "Content-Type", type);
	MHD_add_response_header(m, "X-Content-Type-Options", "nosniff");
	MHD_add_response_header(m, "Vary", "Accept, Accept-Encoding");
	if (gzip)
		MHD_add_response_header(m, "Content-Encoding", "gzip");
	return send_response(r, 200, m);
}

/* The parameters of a scrape. */
struct wanted {
	const struct drvmem_doc *d;
	bool collect[DRVMEM_WEB_SECTIONS], exclude[DRVMEM_WEB_SECTIONS];
	bool some_collect, some_exclude, web, no_web;
	const char *unknown;
};

static drvmem_mhd take_parameter(void *cls, enum MHD_ValueKind kind, const char *key, const char *value)
{
	bool collect = !strcmp(key, "collect[]"), exclude = !strcmp(key, "exclude[]");
	struct wanted *w = cls;
	uint32_t i;

	(void)kind;
	if (!collect && !exclude)
		return MHD_YES;
	w->some_collect |= collect;
	w->some_exclude |= exclude;
	if (value && !strcmp(value, "web")) {
		w->web |= collect;
		w->no_web |= exclude;
		return MHD_YES;
	}
	for (i = 0; i < w->d->nr; i++)
		if (value && !strcmp(value, w->d->s[i].name)) {
			w->collect[i] |= collect;
			w->exclude[i] |= exclude;
			return MHD_YES;
		}
	w->unknown = value ? value : "";
	return MHD_YES;
}

static drvmem_mhd refuse_parameters(const struct request *r, const struct wanted *w)
{
	struct drvmem_strbuf b = { 0 };
	drvmem_mhd ok;
	uint32_t i;

	if (!w->unknown)
		return send_text(r, 400, "collect[] and exclude[] cannot be used together\n");
	drvmem_strbuf__append(&b, "there is no such collector; there are: web");
	for (i = 0; i < w->d->nr; i++)
		drvmem_strbuf__printf(&b, " %s", w->d->s[i].name);
	drvmem_strbuf__append(&b, "\n");
	ok = send_text(r, 400, drvmem_strbuf__str(&b));
	drvmem_strbuf__deinit(&b);
	return ok;
}

/* The figures of this process, behind the others. */
static int add_own(const struct drvmem_http *h, uint64_t age_ns, bool open, struct drvmem_strbuf *b)
{
	struct drvmem_exposition *x;
	char *text = NULL;
	size_t len = 0;
	FILE *f;
	int e = drvmem_webmetrics__build(&h->own, age_ns, &x);

	if (e)
		return e;
	f = open_memstream(&text, &len);
	if (f) {
		drvmem_prom__part(x, DRVMEM_COLLECT_WEB, open ? DRVMEM_PROM_OPENMETRICS : DRVMEM_PROM_TEXT, f);
		e = fclose(f) ? -ENOMEM : 0;
	}
	drvmem_exposition__free(x);
	if (f && !e)
		drvmem_strbuf__appendn(b, text, len);
	free(text);
	return f ? e : -ENOMEM;
}

static drvmem_mhd answer_metrics(const struct request *r)
{
	bool open = drvmem_negotiate__exposition(header(r, "Accept")) == DRVMEM_EXPOSITION_OPENMETRICS;
	const struct drvmem_shared_doc *doc = r->h->docs[open ? DRVMEM_WEB_OPENMETRICS : DRVMEM_WEB_TEXT];
	struct drvmem_strbuf b = { 0 };
	struct wanted w = { 0 };
	uint32_t i;

	if (!doc)
		return send_with(r, 503, "nothing was read from the kernel yet\n", "Retry-After", "1");
	w.d = &doc->d;
	MHD_get_connection_values(r->c, MHD_GET_ARGUMENT_KIND, take_parameter, &w);
	if (w.unknown || (w.some_collect && w.some_exclude))
		return refuse_parameters(r, &w);
	for (i = 0; i < doc->d.nr; i++)
		if (w.some_collect ? w.collect[i] : !w.exclude[i])
			drvmem_strbuf__appendn(&b, doc->d.map + doc->d.s[i].off, doc->d.s[i].len);
	if (r->h->s.own_metrics && (w.some_collect ? w.web : !w.no_web))
		b.oom |= add_own(r->h, drvmem_now_ns() - doc->d.taken_ns, open, &b) != 0;
	if (open)
		drvmem_strbuf__append(&b, DRVMEM_PROM_END);
	return send_body(r, &b, drvmem_prom_content_types[open ? DRVMEM_PROM_OPENMETRICS : DRVMEM_PROM_TEXT]);
}

static void done_with_doc(void *d)
{
	drvmem_shared_doc__put(d);
}

/* The only section of a document, as it is. */
static drvmem_mhd answer_document(const struct request *r, enum drvmem_web_msg kind, const char *type,
				  const char *file)
{
	struct drvmem_shared_doc *doc = r->h->docs[kind];
	struct MHD_Response *m;
	char disposition[96];

	if (!doc || !doc->d.nr)
		return send_with(r, 503, "nothing was read from the kernel yet\n", "Retry-After", "1");
	doc->users++;
	m = MHD_create_response_from_buffer_with_free_callback_cls(doc->d.s[0].len,
								   (void *)(doc->d.map + doc->d.s[0].off),
								   done_with_doc, doc);
	if (!m) {
		drvmem_shared_doc__put(doc);
		return MHD_NO;
	}
	MHD_add_response_header(m, "Content-Type", type);
	MHD_add_response_header(m, "X-Content-Type-Options", "nosniff");
	if (file) {
		snprintf(disposition, sizeof(disposition), "attachment; filename=\"%s\"", file);
		MHD_add_response_header(m, "Content-Disposition", disposition);
	}
	return send_response(r, 200, m);
}

static drvmem_mhd answer_ready(const struct request *r)
{
	const struct drvmem_shared_doc *doc = r->h->docs[DRVMEM_WEB_TEXT];

	if (!doc)
		return send_text(r, 503, "not ready: nothing was read from the kernel yet\n");
	if (drvmem_now_ns() - doc->d.taken_ns > STALE_INTERVALS * r->h->s.interval_ns + 1000000000u)
		return send_text(r, 503, "not ready: the figures are too old, tracing hangs\n");
	return send_text(r, 200, "drvmem is ready.\n");
}

static drvmem_mhd answer_landing(const struct request *r)
{
	struct drvmem_strbuf b = { 0 };
	struct MHD_Response *m;

	drvmem_strbuf__printf(&b, "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>drvmem</title>"
			      "<style>body{font-family:sans-serif;margin:2em}</style></head><body><h1>drvmem %s</h1>"
			      "<p>Who in the kernel holds the memory of this machine.</p><ul>"
			      "<li><a href=\"%s\">Metrics</a></li>", r->h->s.version, r->h->s.telemetry_path);
	if (r->h->s.profiles)
		drvmem_strbuf__append(&b, "<li><a href=\"/debug/pprof/heap\">Profile of the kernel's heap</a> (pprof)</li>");
	if (r->h->s.api)
		drvmem_strbuf__append(&b, "<li><a href=\"/api/v1/report\">Report</a> (JSON)</li>");
	drvmem_strbuf__append(&b, "<li><a href=\"/-/healthy\">Healthy</a></li><li><a href=\"/-/ready\">Ready</a></li>"
			      "</ul></body></html>\n");
	m = drvmem_strbuf__error(&b) ? NULL : text_response(drvmem_strbuf__str(&b), TYPE_HTML);
	drvmem_strbuf__deinit(&b);
	if (m)
		MHD_add_response_header(m, "Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
	return send_response(r, 200, m);
}

static drvmem_mhd route(const struct request *r)
{
	const struct drvmem_web_settings *s = &r->h->s;

	if (strcmp(r->method, MHD_HTTP_METHOD_GET) && strcmp(r->method, MHD_HTTP_METHOD_HEAD))
		return send_with(r, 405, "only GET and HEAD\n", "Allow", "GET, HEAD");
	if (!strcmp(r->url, s->telemetry_path))
		return answer_metrics(r);
	if (!strcmp(r->url, "/-/healthy"))
		return send_text(r, 200, "drvmem is healthy.\n");
	if (!strcmp(r->url, "/-/ready"))
		return answer_ready(r);
	if (s->profiles && !strcmp(r->url, "/debug/pprof/heap"))
		return answer_document(r, DRVMEM_WEB_PROFILE, "application/octet-stream", "drvmem-heap.pb.gz");
	if (s->api && !strcmp(r->url, "/api/v1/report"))
		return answer_document(r, DRVMEM_WEB_REPORT, "application/json", NULL);
	if (!strcmp(r->url, "/"))
		return answer_landing(r);
	return send_text(r, 404, "there is nothing here\n");
}

/* Certificates of clients: libmicrohttpd asks for them, whether they are any good is ours to say. */
static bool client_may(const struct request *r)
{
	enum drvmem_client_auth want = r->h->config.client_auth;
	const union MHD_ConnectionInfo *i;
	gnutls_typed_vdata_st use = { .type = GNUTLS_DT_KEY_PURPOSE_OID,
				      .data = (unsigned char *)GNUTLS_KP_TLS_WWW_CLIENT };
	unsigned int status = ~0u, n = 0;
	gnutls_session_t session;

	if (want == DRVMEM_CLIENT_NONE || want == DRVMEM_CLIENT_REQUEST)
		return true;
	i = MHD_get_connection_info(r->c, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	session = i ? i->tls_session : NULL;
	if (!session)
		return false;
	gnutls_certificate_get_peers(session, &n);
	if (!n)
		return want == DRVMEM_CLIENT_VERIFY_IF_GIVEN;
	if (want == DRVMEM_CLIENT_REQUIRE_ANY)
		return true;
	return !gnutls_certificate_verify_peers(session, &use, 1, &status) && !status;
}

/* The answer to somebody without the right password, or 0. */
static unsigned int password_status(const struct request *r)
{
	char name[DRVMEM_AUTH_MAX], password[DRVMEM_AUTH_MAX];
	uint64_t start = drvmem_now_ns(), hashes = r->h->auth.hashes;
	enum drvmem_auth_result how = DRVMEM_AUTH_WRONG;

	if (!r->h->config.nr_users)
		return 0;
	if (!drvmem_negotiate__basic(header(r, "Authorization"), name, sizeof(name), password, sizeof(password)))
		how = drvmem_auth__check(&r->h->auth, name, password, start);
	if (r->h->auth.hashes != hashes)
		drvmem_auth__took(&r->h->auth, start, drvmem_now_ns());
	explicit_bzero(password, sizeof(password));
	return how == DRVMEM_AUTH_OK ? 0 : how == DRVMEM_AUTH_BUSY ? 429 : 401;
}

/* A token of the rate limit, where there is one. */
static bool take_token(struct drvmem_http *h)
{
	uint64_t now = drvmem_now_ns(), interval = h->config.rate_interval_ns, n;

	if (!interval)
		return true;
	if (!h->rate_ns) {
		h->rate_ns = now;
		h->rate_tokens = h->config.rate_burst;
	}
	n = (now - h->rate_ns) / interval;
	h->rate_ns += n * interval;
	h->rate_tokens = h->rate_tokens + n > h->config.rate_burst ? h->config.rate_burst : h->rate_tokens + n;
	if (!h->rate_tokens)
		return false;
	h->rate_tokens--;
	return true;
}

drvmem_mhd drvmem_http__answer(void *cls, struct MHD_Connection *c, const char *url, const char *method,
			       const char *version, const char *upload, size_t *upload_len, void **con_cls)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct drvmem_conn *k = info ? info->socket_context : NULL;
	const struct request r = { .h = cls, .c = c, .url = url, .method = method, .k = k };
	unsigned int status;

	(void)version;
	(void)upload;
	if (!*con_cls) {
		/* the header is there; who is answered before the whole request was read loses the connection */
		*con_cls = r.h;
		if (!strcmp(method, MHD_HTTP_METHOD_GET) || !strcmp(method, MHD_HTTP_METHOD_HEAD))
			return MHD_YES;
	} else if (*upload_len) {
		*upload_len = 0;	/* a body that nobody asked for */
		return MHD_YES;
	}
	if (k) {
		k->in_request = true;
		k->since_ns = drvmem_now_ns();
	}
	if (!take_token(r.h))
		return send_with(&r, 429, "too many requests\n", "Retry-After", "1");
	if (!client_may(&r))
		return send_text(&r, 403, "a certificate that client_ca_file vouches for is needed\n");
	status = password_status(&r);
	if (status == 401)
		return send_with(&r, 401, "wrong name or password\n", "WWW-Authenticate",
				 "Basic realm=\"drvmem\", charset=\"UTF-8\"");
	if (status)
		return send_with(&r, status, "too many passwords were tried, try again\n", "Retry-After", "1");
	return route(&r);
}
