// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <crypt.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "serve/address.h"
#include "serve/auth.h"
#include "serve/doc.h"
#include "serve/negotiate.h"
#include "serve/webconfig.h"

#define S 1000000000ull

static void addresses(void **state)
{
	static const struct { const char *text, *back; bool local; } good[] = {
		{ "127.0.0.1:9435", "127.0.0.1:9435", true }, { "localhost:1", "127.0.0.1:1", true },
		{ "127.9.9.9:0", "127.9.9.9:0", true }, { "[::1]:10435", "[::1]:10435", true },
		{ ":10435", "[::]:10435", false }, { "0.0.0.0:80", "0.0.0.0:80", false },
		{ "[2001:db8::7]:65535", "[2001:db8::7]:65535", false }, { "10.0.0.1:80", "10.0.0.1:80", false },
		{ "unix:/run/x.sock", "unix:/run/x.sock", true },
	};
	static const char *const bad[] = { "", ":", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "host:80",
					   "::1:80", "[::1]", "[::1", "[]:80", "[127.0.0.1]:80", "unix:", "unix:relative",
					   "1.2.3:80", "unix:/0123456789012345678901234567890123456789012345678901234567890123456789"
					   "012345678901234567890123456789012345678" };
	char text[DRVMEM_ADDRESS_LEN];
	struct drvmem_address a;
	struct drvmem_err err;
	size_t i;

	(void)state;
	for (i = 0; i < UNIT_NR(good); i++) {
		if (drvmem_address__parse(good[i].text, &a, NULL))
			fail_msg("'%s' was refused", good[i].text);
		assert_string_equal(drvmem_address__text(&a.u.sa, a.len, text), good[i].back);
		assert_int_equal(a.local, good[i].local);
	}
	for (i = 0; i < UNIT_NR(bad); i++) {
		memset(&err, 0, sizeof(err));
		if (drvmem_address__parse(bad[i], &a, &err) != -EINVAL || err.exit != DRVMEM_EXIT_USAGE || !err.remedy[0])
			fail_msg("'%s' was taken", bad[i]);
	}
}

static void a_socket_that_nobody_serves_is_replaced(void **state)
{
	char path[64], text[80];
	struct drvmem_address a, b;
	struct drvmem_err err = { 0 };
	int fd, second;

	(void)state;
	snprintf(path, sizeof(path), "/tmp/drvmem-test-%d.sock", (int)getpid());
	snprintf(text, sizeof(text), "unix:%s", path);
	assert_int_equal(drvmem_address__parse(text, &a, NULL), 0);
	assert_int_equal(drvmem_address__listen(&a, &fd, &err), 0);
	assert_int_equal(drvmem_address__of(fd, &b), 0);
	assert_true(b.local);
	assert_int_equal(drvmem_address__listen(&a, &second, &err), -EADDRINUSE);
	assert_string_not_equal(err.remedy, "");
	close(fd);
	assert_int_equal(drvmem_address__listen(&a, &fd, NULL), 0);
	close(fd);
	unlink(path);
}

static void the_exposition_that_is_asked_for(void **state)
{
	static const struct { const char *accept; enum drvmem_exposition_form want; } c[] = {
		{ NULL, DRVMEM_EXPOSITION_TEXT }, { "", DRVMEM_EXPOSITION_TEXT }, { "*/*", DRVMEM_EXPOSITION_TEXT },
		{ "text/html", DRVMEM_EXPOSITION_TEXT },
		{ "application/openmetrics-text", DRVMEM_EXPOSITION_OPENMETRICS },
		{ "application/openmetrics-text; version=1.0.0; charset=utf-8", DRVMEM_EXPOSITION_OPENMETRICS },
		{ "application/openmetrics-text;version=2.0.0", DRVMEM_EXPOSITION_TEXT },
		/* Prometheus 2.42 */
		{ "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
		  "text/plain;version=0.0.4;q=0.5,*/*;q=0.1", DRVMEM_EXPOSITION_OPENMETRICS },
		{ "text/plain;version=0.0.4;q=0.9,application/openmetrics-text;version=1.0.0;q=0.8", DRVMEM_EXPOSITION_TEXT },
		{ "application/openmetrics-text;q=0", DRVMEM_EXPOSITION_TEXT },
		{ "application/openmetrics-text;q=0.5,*/*;q=0.500", DRVMEM_EXPOSITION_TEXT },
		{ ",;,=;q=,application/openmetrics-text;q=abc", DRVMEM_EXPOSITION_TEXT },
	};
	size_t i;

	(void)state;
	for (i = 0; i < UNIT_NR(c); i++)
		if (drvmem_negotiate__exposition(c[i].accept) != c[i].want)
			fail_msg("'%s'", c[i].accept ? c[i].accept : "NULL");
}

static void gzip_where_it_is_accepted(void **state)
{
	(void)state;
	assert_false(drvmem_negotiate__gzip(NULL));
	assert_false(drvmem_negotiate__gzip(""));
	assert_false(drvmem_negotiate__gzip("deflate, br"));
	assert_false(drvmem_negotiate__gzip("gzip;q=0, *"));
	assert_false(drvmem_negotiate__gzip("gzip;q=0.000"));
	assert_false(drvmem_negotiate__gzip("gzipped"));
	assert_true(drvmem_negotiate__gzip("gzip"));
	assert_true(drvmem_negotiate__gzip("br;q=1.0, GZIP;q=0.001"));
	assert_true(drvmem_negotiate__gzip("*"));
}

static void a_name_and_a_password(void **state)
{
	static const char *const bad[] = { NULL, "", "Basic", "Basic ", "Bearer abc", "Basic !!!!", "Basic YQ==" /* "a" */,
					   "Basic AGI6" /* a NUL */ };
	char user[16], password[16];
	size_t i;

	(void)state;
	assert_int_equal(drvmem_negotiate__basic("Basic YWxpY2U6c2VzYW1l", user, sizeof(user), password,
						 sizeof(password)), 0);
	assert_string_equal(user, "alice");
	assert_string_equal(password, "sesame");
	assert_int_equal(drvmem_negotiate__basic("basic YTo6Og==", user, sizeof(user), password, sizeof(password)), 0);
	assert_string_equal(user, "a");
	assert_string_equal(password, "::");
	for (i = 0; i < UNIT_NR(bad); i++) {
		assert_int_equal(drvmem_negotiate__basic(bad[i], user, sizeof(user), password, sizeof(password)), -EINVAL);
		assert_string_equal(user, "");
		assert_string_equal(password, "");
	}
	/* 16 letters do not fit into 16 bytes */
	assert_int_equal(drvmem_negotiate__basic("Basic YTphYWFhYWFhYWFhYWFhYWFh", user, sizeof(user), password,
						 sizeof(password)), -EINVAL);
}

#define HASH "$2y$04$abcdefghijklmnopqrstuuAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static void configurations(void **state)
{
	static const char *const good[] = {
		"", "{}", "---\n", "tls_server_config:\n", "basic_auth_users:\n  a: " HASH "\n",
		"tls_server_config: {cert_file: a, key_file: b, client_ca_file: c, client_auth_type: RequireAndVerifyClientCert,"
		" min_version: TLS13}\n",
		"http_server_config:\n  http2: false\n  headers:\n    X-Frame-Options: deny\n",
		"rate_limit: {interval: 1s, burst: 20}\n",
	};
	static const struct { const char *text, *what; } bad[] = {
		{ "a: b: c", "no YAML" }, { "[]", "mapping" }, { "nonsense: 1", "'nonsense' is not known" },
		{ "tls_server_config: {cert_file: a}", "belong together" },
		{ "tls_server_config: {min_version: TLS13}", "need cert_file" },
		{ "tls_server_config: {cert_file: a, key_file: b, min_version: TLS10}", "min_version is" },
		{ "tls_server_config: {cert_file: a, key_file: b, client_auth_type: RequireAndVerifyClientCert}", "no client_ca_file" },
		{ "tls_server_config: {cert_file: a, key_file: b, client_auth_type: RequireAnyClientCert}", "no client_ca_file" },
		{ "tls_server_config: {cert_file: [a], key_file: b}", "text is missing" },
		{ "tls_server_config: {cipher_suites: [a]}", "'cipher_suites' is not known" },
		{ "basic_auth_users: {a: secret}", "bcrypt" }, { "basic_auth_users: {'a:b': x}", "no colon" },
		{ "basic_auth_users: {a: $2y$31$abcdefghijklmnopqrstuuAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA}", "bcrypt" },
		{ "http_server_config: {headers: {Set-Cookie: a}}", "only Strict" },
		{ "http_server_config: {headers: {X-Frame-Options: \"a\\r\\nb: c\"}}", "one line" },
		{ "rate_limit: {interval: never}", "duration" }, { "\n\nx: 1", "line 3" },
		{ "a: &a [*a]\n", "'a' is not known" },
	};
	struct drvmem_webconfig c;
	struct drvmem_err err;
	size_t i;

	(void)state;
	for (i = 0; i < UNIT_NR(good); i++) {
		memset(&err, 0, sizeof(err));
		if (drvmem_webconfig__parse(good[i], strlen(good[i]), &c, &err))
			fail_msg("'%s' was refused: %s", good[i], err.what);
		drvmem_webconfig__deinit(&c);
	}
	for (i = 0; i < UNIT_NR(bad); i++) {
		memset(&err, 0, sizeof(err));
		if (drvmem_webconfig__parse(bad[i].text, strlen(bad[i].text), &c, &err) != -EINVAL ||
		    !strstr(err.what, bad[i].what))
			fail_msg("'%s': %s", bad[i].text, err.what);
	}
}

static void who_is_guarded(void **state)
{
	static const char users[] = "basic_auth_users: {a: " HASH "}", rate[] = "rate_limit: {interval: 1s}";
	struct drvmem_webconfig c;

	(void)state;
	assert_int_equal(drvmem_webconfig__parse(users, strlen(users), &c, NULL), 0);
	assert_true(drvmem_webconfig__guards(&c));
	drvmem_webconfig__deinit(&c);
	assert_int_equal(drvmem_webconfig__parse(rate, strlen(rate), &c, NULL), 0);
	assert_false(drvmem_webconfig__guards(&c));
	assert_int_equal(c.rate_burst, 1);
	drvmem_webconfig__deinit(&c);
}

static void passwords(void **state)
{
	struct drvmem_webconfig c = { .nr_users = 1 };
	char salt[CRYPT_GENSALT_OUTPUT_SIZE];
	struct crypt_data data = { 0 };
	struct drvmem_auth a;
	char wrong[16];
	uint64_t hashes;
	uint32_t i;

	(void)state;
	assert_non_null(crypt_gensalt_rn("$2y$", 4, "0123456789abcdef", 16, salt, sizeof(salt)));
	c.users[0].name = strdup("alice");
	c.users[0].hash = strdup(crypt_r("sesame", salt, &data));
	assert_int_equal(drvmem_auth__init(&a, &c), 0);
	assert_int_equal(drvmem_auth__check(&a, "alice", "sesame", 0), DRVMEM_AUTH_OK);
	assert_int_equal(drvmem_auth__check(&a, "alice", "Sesame", 0), DRVMEM_AUTH_WRONG);
	assert_int_equal(drvmem_auth__check(&a, "bob", "sesame", 0), DRVMEM_AUTH_WRONG);
	assert_int_equal(drvmem_auth__check(&a, "alice", "", 0), DRVMEM_AUTH_WRONG);
	assert_int_equal(a.hashes, 4);
	/* who is known goes on, who guesses waits for three times as long as the last one took */
	drvmem_auth__took(&a, 0, S);
	assert_int_equal(drvmem_auth__check(&a, "alice", "guess", 4 * S - 1), DRVMEM_AUTH_BUSY);
	assert_int_equal(drvmem_auth__check(&a, "alice", "sesame", 0), DRVMEM_AUTH_OK);
	assert_int_equal(a.hashes, 4);
	/* a thousand guesses do not push out who is known */
	for (i = 0; i < 1000; i++) {
		snprintf(wrong, sizeof(wrong), "%u", i);
		assert_int_equal(drvmem_auth__check(&a, "alice", wrong, (i + 4) * S), DRVMEM_AUTH_WRONG);
	}
	hashes = a.hashes;
	assert_int_equal(drvmem_auth__check(&a, "alice", "sesame", 1000 * S), DRVMEM_AUTH_OK);
	assert_int_equal(a.hashes, hashes);
	/* another hash for the name: what was known is true no more */
	free(c.users[0].hash);
	c.users[0].hash = strdup(crypt_r("other", salt, &data));
	assert_int_equal(drvmem_auth__check(&a, "alice", "sesame", 2000 * S), DRVMEM_AUTH_WRONG);
	assert_int_equal(drvmem_auth__check(&a, "alice", "other", 2000 * S), DRVMEM_AUTH_OK);
	drvmem_webconfig__deinit(&c);
}

static void documents_come_as_they_went(void **state)
{
	const struct drvmem_doc_part parts[] = { { "one", "abc", 3 }, { "empty", "", 0 }, { "two", "defg", 4 } };
	const struct drvmem_doc_section *s;
	struct drvmem_webmsg m;
	struct drvmem_doc d;
	int pair[2], fd;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(drvmem_webmsg__receive(pair[1], &m), -EAGAIN);
	assert_int_equal(drvmem_doc__make(parts, 3, 77, &fd), 0);
	assert_int_equal(drvmem_webmsg__send(pair[0], DRVMEM_WEB_TEXT, "xyz", 3, &fd, 1), 0);
	/* nobody can change what was sent */
	assert_int_equal(pwrite(fd, "!", 1, 0), -1);
	close(fd);
	assert_int_equal(drvmem_webmsg__receive(pair[1], &m), 1);
	assert_int_equal(m.type, DRVMEM_WEB_TEXT);
	assert_int_equal(m.nr_fds, 1);
	assert_string_equal(m.data, "xyz");
	assert_int_equal(drvmem_doc__map(m.fds[0], &d), 0);
	close(m.fds[0]);
	assert_int_equal(d.taken_ns, 77);
	assert_int_equal(d.nr, 3);
	s = drvmem_doc__section(&d, "two");
	assert_non_null(s);
	assert_memory_equal(d.map + s->off, "defg", 4);
	assert_int_equal(drvmem_doc__section(&d, "empty")->len, 0);
	assert_null(drvmem_doc__section(&d, "three"));
	drvmem_doc__unmap(&d);
	close(pair[0]);
	assert_int_equal(drvmem_webmsg__receive(pair[1], &m), 0);
	close(pair[1]);
}

static void no_document(void **state)
{
	int fd = memfd_create("test", MFD_CLOEXEC);
	struct drvmem_doc d;
	char junk[4096];

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(drvmem_doc__map(fd, &d), -EBADMSG);
	memset(junk, 0xff, sizeof(junk));
	assert_int_equal(write(fd, junk, sizeof(junk)), sizeof(junk));
	assert_int_equal(drvmem_doc__map(fd, &d), -EBADMSG);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses),
		cmocka_unit_test(a_socket_that_nobody_serves_is_replaced),
		cmocka_unit_test(the_exposition_that_is_asked_for),
		cmocka_unit_test(gzip_where_it_is_accepted),
		cmocka_unit_test(a_name_and_a_password),
		cmocka_unit_test(configurations),
		cmocka_unit_test(who_is_guarded),
		cmocka_unit_test(passwords),
		cmocka_unit_test(documents_come_as_they_went),
		cmocka_unit_test(no_document),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
