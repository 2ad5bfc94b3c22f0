// SPDX-License-Identifier: GPL-2.0-or-later
#include "serve/webconfig.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/opt.h"

struct parse {
	yaml_document_t doc;
	struct drvmem_webconfig *c;
	struct drvmem_err *err;
};

static int wrong(struct parse *p, const yaml_node_t *n, const char *what)
{
	drvmem_err__set(p->err, -EINVAL, DRVMEM_EXIT_USAGE, "the web configuration is wrong in line %zu: %s",
			n ? n->start_mark.line + 1 : 1, what);
	drvmem_err__remedy(p->err, "the keys are those of Prometheus' exporters; 'promtool check web-config FILE' checks "
			   "them too");
	return -EINVAL;
}

static const char *scalar(const yaml_node_t *n)
{
	return n && n->type == YAML_SCALAR_NODE && strlen((const char *)n->data.scalar.value) == n->data.scalar.length ?
	       (const char *)n->data.scalar.value : NULL;
}

static int copy_text(struct parse *p, const yaml_node_t *n, char **to)
{
	const char *s = scalar(n);

	if (!s || !*s)
		return wrong(p, n, "a text is missing here");
	free(*to);
	*to = strdup(s);
	return *to ? 0 : drvmem_err__set(p->err, -ENOMEM, DRVMEM_EXIT_INTERNAL, "out of memory");
}

/* What a key of a mapping does with its value. */
struct key {
	const char *name;
	int (*take)(struct parse *p, const char *name, const yaml_node_t *value);
};

/* Calls take of each key; keys NULL: any name will do, for all. */
static int each_key(struct parse *p, const yaml_node_t *map, const struct key *keys,
		    int (*any)(struct parse *p, const char *name, const yaml_node_t *value))
{
	const yaml_node_pair_t *pair;
	const struct key *k;
	const char *name;
	int e = 0;

	if (!map || map->type != YAML_MAPPING_NODE) {
		/* "tls_server_config:" with nothing behind is an empty one */
		if (scalar(map) && !*scalar(map))
			return 0;
		return wrong(p, map, "a mapping of keys to values is expected here");
	}
	for (pair = map->data.mapping.pairs.start; !e && pair < map->data.mapping.pairs.top; pair++) {
		const yaml_node_t *key_node = yaml_document_get_node(&p->doc, pair->key);
		const yaml_node_t *value = yaml_document_get_node(&p->doc, pair->value);

		name = scalar(key_node);
		if (!name)
			return wrong(p, key_node, "a key must be a text");
		if (any) {
			e = any(p, name, value);
			continue;
		}
		for (k = keys; k->name && strcmp(k->name, name); k++)
			;
		if (!k->name) {
			char what[128];

			snprintf(what, sizeof(what), "the key '%.60s' is not known", name);
			return wrong(p, key_node, what);
		}
		e = k->take(p, name, value);
	}
	return e;
}

static int take_cert(struct parse *p, const char *name, const yaml_node_t *v)
{
	(void)name;
	return copy_text(p, v, &p->c->cert_file);
}

static int take_key(struct parse *p, const char *name, const yaml_node_t *v)
{
	(void)name;
	return copy_text(p, v, &p->c->key_file);
}

static int take_ca(struct parse *p, const char *name, const yaml_node_t *v)
{
	(void)name;
	return copy_text(p, v, &p->c->client_ca_file);
}

static int take_auth(struct parse *p, const char *name, const yaml_node_t *v)
{
	static const char *const kinds[] = { "NoClientCert", "RequestClientCert", "RequireAnyClientCert",
					     "VerifyClientCertIfGiven", "RequireAndVerifyClientCert" };
	const char *s = scalar(v);
	size_t i;

	(void)name;
	for (i = 0; s && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(kinds[i], s)) {
			p->c->client_auth = (enum drvmem_client_auth)i;
			return 0;
		}
	return wrong(p, v, "client_auth_type is NoClientCert, RequestClientCert, RequireAnyClientCert, "
			   "VerifyClientCertIfGiven or RequireAndVerifyClientCert");
}

static int take_version(struct parse *p, const char *name, const yaml_node_t *v)
{
	const char *s = scalar(v);

	(void)name;
	if (s && (!strcmp(s, "TLS12") || !strcmp(s, "TLS13"))) {
		p->c->tls13_only = !strcmp(s, "TLS13");
		return 0;
	}
	return wrong(p, v, "min_version is TLS12 or TLS13");
}

static int take_http2(struct parse *p, const char *name, const yaml_node_t *v)
{
	const char *s = scalar(v);

	(void)name;
	/* accepted, so that one file serves all exporters: drvmem speaks HTTP/1.1 only */
	if (s && (!strcmp(s, "true") || !strcmp(s, "false")))
		return 0;
	return wrong(p, v, "http2 is true or false");
}

static bool is_header_text(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < ' ' || (unsigned char)*s > '~')
			return false;
	return true;
}

static int take_header(struct parse *p, const char *name, const yaml_node_t *v)
{
	static const char *const known[] = { "Strict-Transport-Security", "Content-Security-Policy", "X-Frame-Options",
					     "X-Content-Type-Options", "X-XSS-Protection" };
	struct drvmem_web_header *h = &p->c->headers[p->c->nr_headers];
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]) && strcmp(known[i], name); i++)
		;
	if (i == sizeof(known) / sizeof(known[0]) || p->c->nr_headers == DRVMEM_WEB_HEADERS)
		return wrong(p, v, "only Strict-Transport-Security, Content-Security-Policy, X-Frame-Options, "
				   "X-Content-Type-Options and X-XSS-Protection can be set, each once");
	if (!scalar(v) || !is_header_text(scalar(v)))
		return wrong(p, v, "the value of a header is one line of plain text");
	p->c->nr_headers++;
	h->name = strdup(name);
	h->value = strdup(scalar(v));
	return h->name && h->value ? 0 : drvmem_err__set(p->err, -ENOMEM, DRVMEM_EXIT_INTERNAL, "out of memory");
}

static int take_headers(struct parse *p, const char *name, const yaml_node_t *v)
{
	(void)name;
	return each_key(p, v, NULL, take_header);
}

/* "$2y$10$" and 53 letters of bcrypt's alphabet; a cost above 14 takes a second and more for each password. */
static bool is_bcrypt(const char *s)
{
	int cost;

	if (strlen(s) != 60 || s[0] != '$' || s[1] != '2' || !strchr("aby", s[2]) || s[3] != '$' || s[6] != '$')
		return false;
	if (!isdigit((unsigned char)s[4]) || !isdigit((unsigned char)s[5]))
		return false;
	cost = (s[4] - '0') * 10 + s[5] - '0';
	return cost >= 4 && cost <= 14 &&
	       strspn(s + 7, "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789") == 53;
}

static int take_user(struct parse *p, const char *name, const yaml_node_t *v)
{
	struct drvmem_web_user *u = &p->c->users[p->c->nr_users];

	if (p->c->nr_users == DRVMEM_WEB_USERS)
		return wrong(p, v, "there are more than 32 users");
	if (!*name || strlen(name) > 128 || strchr(name, ':'))
		return wrong(p, v, "a user's name has 1 to 128 letters and no colon");
	if (!scalar(v) || !is_bcrypt(scalar(v)))
		return wrong(p, v, "a password is a bcrypt hash with a cost of 4 to 14, as 'htpasswd -nBC 10 NAME' makes");
	p->c->nr_users++;
	u->name = strdup(name);
	u->hash = strdup(scalar(v));
	return u->name && u->hash ? 0 : drvmem_err__set(p->err, -ENOMEM, DRVMEM_EXIT_INTERNAL, "out of memory");
}

static int take_interval(struct parse *p, const char *name, const yaml_node_t *v)
{
	(void)name;
	if (!scalar(v) || drvmem_parse_duration(scalar(v), &p->c->rate_interval_ns))
		return wrong(p, v, "interval is a duration like 1s or 100ms");
	return 0;
}

static int take_burst(struct parse *p, const char *name, const yaml_node_t *v)
{
	(void)name;
	if (!scalar(v) || drvmem_parse_u64(scalar(v), &p->c->rate_burst) || p->c->rate_burst > 1000000)
		return wrong(p, v, "burst is a number of requests");
	return 0;
}

static int take_tls(struct parse *p, const char *name, const yaml_node_t *v)
{
	static const struct key keys[] = { { "cert_file", take_cert }, { "key_file", take_key },
					   { "client_ca_file", take_ca }, { "client_auth_type", take_auth },
					   { "min_version", take_version }, { NULL, NULL } };

	(void)name;
	return each_key(p, v, keys, NULL);
}

static int take_http(struct parse *p, const char *name, const yaml_node_t *v)
{
	static const struct key keys[] = { { "http2", take_http2 }, { "headers", take_headers }, { NULL, NULL } };

	(void)name;
	return each_key(p, v, keys, NULL);
}

static int take_users(struct parse *p, const char *name, const yaml_node_t *v)
{
	(void)name;
	return each_key(p, v, NULL, take_user);
}

static int take_rate(struct parse *p, const char *name, const yaml_node_t *v)
{
	static const struct key keys[] = { { "interval", take_interval }, { "burst", take_burst }, { NULL, NULL } };

	(void)name;
	return each_key(p, v, keys, NULL);
}

/* What only holds of all keys together. */
static int check_whole(struct parse *p)
{
	struct drvmem_webconfig *c = p->c;

	if (!c->cert_file != !c->key_file)
		return wrong(p, NULL, "cert_file and key_file belong together");
	if (!c->cert_file && (c->client_ca_file || c->client_auth != DRVMEM_CLIENT_NONE || c->tls13_only))
		return wrong(p, NULL, "client_ca_file, client_auth_type and min_version need cert_file and key_file");
	if (!c->client_ca_file && c->client_auth != DRVMEM_CLIENT_NONE)
		return wrong(p, NULL, "client_auth_type asks for certificates, and there is no client_ca_file");
	if (c->client_ca_file && c->client_auth == DRVMEM_CLIENT_NONE)
		return wrong(p, NULL, "client_ca_file needs a client_auth_type that looks at it");
	if (c->rate_interval_ns && !c->rate_burst)
		c->rate_burst = 1;
	return 0;
}

static int parse_document(struct parse *p)
{
	static const struct key keys[] = { { "tls_server_config", take_tls }, { "http_server_config", take_http },
					   { "basic_auth_users", take_users }, { "rate_limit", take_rate },
					   { NULL, NULL } };
	const yaml_node_t *root = yaml_document_get_root_node(&p->doc);
	int e = root ? each_key(p, root, keys, NULL) : 0;

	return e ? e : check_whole(p);
}

int drvmem_webconfig__parse(const char *text, size_t len, struct drvmem_webconfig *ret, struct drvmem_err *err)
{
	struct drvmem_webconfig c = { 0 };
	struct parse p = { .c = &c, .err = err };
	yaml_parser_t parser;
	int e;

	if (!yaml_parser_initialize(&parser))
		return drvmem_err__set(err, -ENOMEM, DRVMEM_EXIT_INTERNAL, "out of memory");
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	if (yaml_parser_load(&parser, &p.doc)) {
		e = parse_document(&p);
		yaml_document_delete(&p.doc);
	} else {
		e = drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE,
				    "the web configuration is no YAML: line %zu: %s", parser.problem_mark.line + 1,
				    parser.problem ? parser.problem : "?");
	}
	yaml_parser_delete(&parser);
	if (e)
		drvmem_webconfig__deinit(&c);
	else
		*ret = c;
	return e;
}

void drvmem_webconfig__deinit(struct drvmem_webconfig *c)
{
	uint32_t i;

	free(c->cert_file);
	free(c->key_file);
	free(c->client_ca_file);
	for (i = 0; i < c->nr_users; i++) {
		free(c->users[i].name);
		free(c->users[i].hash);
	}
	for (i = 0; i < c->nr_headers; i++) {
		free(c->headers[i].name);
		free(c->headers[i].value);
	}
	memset(c, 0, sizeof(*c));
}

bool drvmem_webconfig__guards(const struct drvmem_webconfig *c)
{
	return c->nr_users || c->cert_file;
}
