/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * --web.config.file: the YAML that exporters share (exporter-toolkit's docs/web-configuration.md), its keys and no
 * others. Parsing is pure; the files it names are read by whoever has the right to.
 */
#ifndef DRVMEM_SERVE_WEBCONFIG_H
#define DRVMEM_SERVE_WEBCONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define DRVMEM_WEB_USERS	32
#define DRVMEM_WEB_HEADERS	8

enum drvmem_client_auth { DRVMEM_CLIENT_NONE = 0, DRVMEM_CLIENT_REQUEST, DRVMEM_CLIENT_REQUIRE_ANY,
			  DRVMEM_CLIENT_VERIFY_IF_GIVEN, DRVMEM_CLIENT_REQUIRE_AND_VERIFY };

struct drvmem_web_user { char *name, *hash; };
struct drvmem_web_header { char *name, *value; };

struct drvmem_webconfig {
	char *cert_file, *key_file, *client_ca_file;	/* NULL = not given */
	enum drvmem_client_auth client_auth;
	bool tls13_only;		/* min_version TLS13; TLS12 otherwise */
	struct drvmem_web_user users[DRVMEM_WEB_USERS];
	uint32_t nr_users;
	struct drvmem_web_header headers[DRVMEM_WEB_HEADERS];
	uint32_t nr_headers;
	uint64_t rate_interval_ns;	/* rate_limit: one request per interval, and burst at once; 0 = no limit */
	uint64_t rate_burst;
};

/*
 * -EINVAL with err, which names line and key: not YAML, an unknown key, a value that cannot be, a password that is
 * no bcrypt hash, a certificate without a key. -ENOMEM.
 */
DRVMEM_MUST_CHECK int drvmem_webconfig__parse(const char *text, size_t len, struct drvmem_webconfig *ret,
					      struct drvmem_err *err);
void drvmem_webconfig__deinit(struct drvmem_webconfig *c);
/* Does it keep strangers out: a password, or clients that must show a certificate? TLS alone does not, but nobody reads on. */
bool drvmem_webconfig__guards(const struct drvmem_webconfig *c);

#endif /* DRVMEM_SERVE_WEBCONFIG_H */
