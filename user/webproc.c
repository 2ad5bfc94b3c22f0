// SPDX-License-Identifier: GPL-2.0-or-later
#include "webproc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/stop.h"
#include "serve/webconfig.h"
#include "serve/worker.h"

#define START_MS	10000
#define AGAIN_NS	1000000000ull
#define AGAIN_MOST_NS	60000000000ull
#define STOP_MS		2000
#define LOOK_NS		1000000000ull
#define TELL_NS		60000000000ull
#define PATIENCE_NS	2000000000ull	/* a client waits so long for one that is started again */

void drvmem_webproc__init(struct drvmem_webproc *w, struct drvmem_weblog *log)
{
	size_t i;

	memset(w, 0, sizeof(*w));
	w->log = log;
	w->sock = w->config_fd = w->sent_fd = -1;
	for (i = 0; i < sizeof(w->last) / sizeof(w->last[0]); i++)
		w->last[i] = -1;
}

/* ---- configuration */

/* Another number when one of the files is another, or comes or goes. */
static uint64_t config_mtime(const struct drvmem_webproc *w)
{
	uint64_t sum = 0;
	struct stat st;
	uint32_t i;

	for (i = 0; i < 4; i++) {
		if (!w->watched[i] || stat(w->watched[i], &st))
			continue;
		sum = sum * 31 + (uint64_t)st.st_mtim.tv_sec * 1000000000u + (uint64_t)st.st_mtim.tv_nsec + st.st_ino;
	}
	return sum;
}

static void forget_watched(struct drvmem_webproc *w)
{
	uint32_t i;

	for (i = 0; i < 4; i++) {
		free(w->watched[i]);
		w->watched[i] = NULL;
	}
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static int unreadable(const char *what, const char *path, int e, struct drvmem_err *err)
{
	drvmem_err__set(err, e, e == -EACCES ? DRVMEM_EXIT_CANNOT_RUN : DRVMEM_EXIT_USAGE, "cannot read %s '%s' (%s)", what,
			path, drvmem_errno_name(e));
	drvmem_err__remedy(err, e == -EACCES ? "give drvmem's user the right to read it; under systemd, LoadCredential=" :
					       "see that the file is there; names in it count from its own directory");
	return e;
}

/* A file that the configuration names, beside it unless absolute. */
static int read_beside(struct drvmem_webproc *w, uint32_t part, const char *what, const char *name, char **ret, size_t *ret_len,
		       struct drvmem_err *err)
{
	const char *slash = strrchr(w->config_path, '/');
	char path[4096];
	int e;

	if (!name)
		return 0;
	if (*name == '/' || !slash)
		snprintf(path, sizeof(path), "%s", name);
	else
		snprintf(path, sizeof(path), "%.*s/%s", (int)(slash - w->config_path), w->config_path, name);
	w->watched[part] = strdup(path);
	e = drvmem_file__read(path, DRVMEM_FILE_SMALL, ret, ret_len);
	return e ? unreadable(what, path, e, err) : 0;
}

/* The configuration and what it names, as a document; parsed here only to know the names. */
static int make_config(struct drvmem_webproc *w, bool *ret_guards, int *ret_fd, struct drvmem_err *err)
{
	_cleanup_free_ char *yaml = NULL, *cert = NULL, *key = NULL, *ca = NULL;
	struct drvmem_doc_part parts[DRVMEM_WEB_NR_CONFIG] = {
		{ "yaml", "", 0 }, { "cert", "", 0 }, { "key", "", 0 }, { "ca", "", 0 } };
	struct drvmem_webconfig c = { 0 };
	size_t *len = &parts[0].len;
	int e = 0;

	forget_watched(w);
	if (w->config_path) {
		w->watched[DRVMEM_WEB_CONF_YAML] = strdup(w->config_path);
		e = drvmem_file__read(w->config_path, DRVMEM_FILE_SMALL, &yaml, len);
		if (e)
			return unreadable("the web configuration", w->config_path, e, err);
		e = drvmem_webconfig__parse(yaml, *len, &c, err);
	}
	if (!e && w->config_path) {
		e = read_beside(w, DRVMEM_WEB_CONF_CERT, "cert_file", c.cert_file, &cert, &parts[DRVMEM_WEB_CONF_CERT].len, err);
		if (!e)
			e = read_beside(w, DRVMEM_WEB_CONF_KEY, "key_file", c.key_file, &key, &parts[DRVMEM_WEB_CONF_KEY].len, err);
		if (!e)
			e = read_beside(w, DRVMEM_WEB_CONF_CA, "client_ca_file", c.client_ca_file, &ca, &parts[DRVMEM_WEB_CONF_CA].len, err);
	}
	w->config_seen = config_mtime(w);
	*ret_guards = drvmem_webconfig__guards(&c);
	drvmem_webconfig__deinit(&c);
	if (e)
		return e;
	parts[DRVMEM_WEB_CONF_YAML].data = yaml ? yaml : "";
	parts[DRVMEM_WEB_CONF_CERT].data = cert ? cert : "";
	parts[DRVMEM_WEB_CONF_KEY].data = key ? key : "";
	parts[DRVMEM_WEB_CONF_CA].data = ca ? ca : "";
	e = drvmem_doc__make(parts, DRVMEM_WEB_NR_CONFIG, 0, ret_fd);
	if (key)
		explicit_bzero(key, strlen(key));
	return e ? drvmem_err__set(err, e, DRVMEM_EXIT_INTERNAL, "cannot pass on the web configuration (%s)",
				   drvmem_errno_name(e)) : 0;
}

/* ---- sockets */

static int refuse_open(const struct drvmem_address *a, struct drvmem_err *err)
{
	char text[DRVMEM_ADDRESS_LEN];

	drvmem_address__text(&a->u.sa, a->len, text);
	drvmem_err__set(err, -EPERM, DRVMEM_EXIT_USAGE, "at %s anybody could read which driver holds what", text);
	drvmem_err__remedy(err, "give passwords or TLS with --web.config.file, listen at 127.0.0.1 or a unix socket, or "
			   "say --web.insecure");
	return -EPERM;
}

static int add_socket(struct drvmem_webproc *w, int fd, struct drvmem_err *err)
{
	struct drvmem_address a;
	char text[DRVMEM_ADDRESS_LEN];

	w->listening[w->nr_listening++] = fd;
	if (drvmem_address__of(fd, &a))
		return drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "fd %d, which was handed over, is no socket that "
				       "listens", fd);
	drvmem_weblog(w->log, DRVMEM_LOG_INFO, "listening", "address", drvmem_address__text(&a.u.sa, a.len, text), NULL);
	return 0;
}

static int listen_at(struct drvmem_webproc *w, const char *text, bool may_be_open, struct drvmem_err *err)
{
	struct drvmem_address a;
	int fd, e = drvmem_address__parse(text, &a, err);

	if (e)
		return e;
	if (!a.local && !may_be_open)
		return refuse_open(&a, err);
	w->must_guard |= !a.local;
	e = drvmem_address__listen(&a, &fd, err);
	return e ? e : add_socket(w, fd, err);
}

static int take_inherited(struct drvmem_webproc *w, uint32_t i, bool may_be_open, struct drvmem_err *err)
{
	struct drvmem_address a;
	/* moved away from where the web process has its socket, and from where a child would find them */
	int fd = fcntl((int)(3 + i), F_DUPFD_CLOEXEC, 10);

	if (fd < 0)
		return drvmem_err__set(err, -errno, DRVMEM_EXIT_USAGE, "fd %u was announced and is not there", 3 + i);
	close((int)(3 + i));
	if (fcntl(fd, F_SETFL, O_NONBLOCK)) {
		close(fd);
		return drvmem_err__set(err, -errno, DRVMEM_EXIT_INTERNAL, "cannot use fd %u", 3 + i);
	}
	drvmem_address__bound(fd);
	if (!drvmem_address__of(fd, &a) && !a.local) {
		w->must_guard = true;
		if (!may_be_open) {
			close(fd);
			return refuse_open(&a, err);
		}
	}
	return add_socket(w, fd, err);
}

int drvmem_webproc__listen(struct drvmem_webproc *w, const char *const *addresses, uint32_t nr, uint32_t nr_inherited,
			   bool insecure, struct drvmem_err *err)
{
	char loopback[32];
	bool guards;
	uint32_t i;
	int fd, e = make_config(w, &guards, &fd, err);

	if (e)
		return e;
	close(fd);
	if (nr > DRVMEM_SERVE_ADDRESSES || nr_inherited > DRVMEM_SERVE_ADDRESSES)
		return drvmem_err__set(err, -E2BIG, DRVMEM_EXIT_USAGE, "more than %d addresses to listen at",
				       DRVMEM_SERVE_ADDRESSES);
	w->inherited = nr_inherited;
	for (i = 0; !e && i < nr_inherited; i++)
		e = take_inherited(w, i, guards || insecure, err);
	for (i = 0; !e && !nr_inherited && i < nr; i++)
		e = listen_at(w, addresses[i], guards || insecure, err);
	if (!e && !nr_inherited && !nr) {
		snprintf(loopback, sizeof(loopback), "127.0.0.1:%d", DRVMEM_SERVE_PORT);
		e = listen_at(w, loopback, true, err);
	}
	if (insecure)
		w->must_guard = false;
	return e;
}

/* ---- the process */

#define NO_FILES	126		/* exit statuses before it is drvmem */
#define NO_EXEC		127

/* In the child: nothing of ours goes along but standard output and error, and the socket as fd 3. */
static void become_web(int sock)
{
	static char name[] = "drvmem", arg[] = DRVMEM_WORKER_ARG;
	const char *journal = getenv("JOURNAL_STREAM");
	char *argv[] = { name, arg, NULL }, stream[64], *envp[] = { stream, NULL };
	int keep, null;

	drvmem_stop__reset_child();
	keep = fcntl(sock, F_DUPFD, 10);
	if (keep < 0 || dup2(keep, DRVMEM_WORKER_FD) < 0)
		_exit(NO_FILES);
	null = open("/dev/null", O_RDONLY);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || close_range(DRVMEM_WORKER_FD + 1, ~0u, 0))
		_exit(NO_FILES);
	snprintf(stream, sizeof(stream), "JOURNAL_STREAM=%.32s", journal ? journal : "");
	if (!journal)
		envp[0] = NULL;
	execve("/proc/self/exe", argv, envp);
	_exit(NO_EXEC);
}

static int spawn(struct drvmem_webproc *w, struct drvmem_err *err)
{
	int pair[2], e;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return drvmem_err__set(err, -errno, DRVMEM_EXIT_INTERNAL, "cannot make a socket (%s)", drvmem_errno_name(errno));
	w->pid = fork();
	if (!w->pid)
		become_web(pair[1]);
	e = w->pid < 0 ? -errno : 0;
	close(pair[1]);
	w->sock = pair[0];
	w->ready = false;
	if (e) {
		w->pid = 0;
		return drvmem_err__set(err, e, DRVMEM_EXIT_INTERNAL, "cannot fork (%s)", drvmem_errno_name(e));
	}
	w->starts++;
	return 0;
}

static int send_config(struct drvmem_webproc *w, struct drvmem_err *err)
{
	bool guards;
	int fd, e = make_config(w, &guards, &fd, err);

	if (e)
		return e;
	if (w->must_guard && !guards) {
		close(fd);
		drvmem_err__set(err, -EPERM, DRVMEM_EXIT_USAGE, "it has neither passwords nor TLS, and others can reach this server");
		return -EPERM;
	}
	close_fd(&w->sent_fd);
	w->sent_fd = fd;
	e = drvmem_webmsg__send(w->sock, DRVMEM_WEB_CONFIG, NULL, 0, &fd, 1);
	return e ? drvmem_err__set(err, e, DRVMEM_EXIT_INTERNAL, "the web process takes no configuration (%s)",
				   drvmem_errno_name(e)) : 0;
}

static int launch(struct drvmem_webproc *w, struct drvmem_err *err)
{
	int e = spawn(w, err);

	/* one that was in force before: what lies there now may be anything */
	if (!e && w->config_fd >= 0)
		e = drvmem_webmsg__send(w->sock, DRVMEM_WEB_CONFIG, NULL, 0, &w->config_fd, 1);
	else if (!e)
		e = send_config(w, err);
	if (!e && drvmem_webmsg__send(w->sock, DRVMEM_WEB_START, &w->settings, sizeof(w->settings), w->listening,
				      w->nr_listening))
		e = drvmem_err__set(err, -EPIPE, DRVMEM_EXIT_INTERNAL, "the web process does not start");
	return e;
}

/* It is gone, whatever the reason: nothing of it stays. */
static void reap(struct drvmem_webproc *w)
{
	const struct timespec step = { .tv_nsec = 10000000 };
	uint32_t i;

	close_fd(&w->sock);
	if (w->pid > 0 && !waitpid(w->pid, NULL, WNOHANG)) {
		/* one that cannot be ended must not hold up tracing: without its socket it ends by itself */
		kill(w->pid, SIGKILL);
		for (i = 0; i < STOP_MS / 10 && !waitpid(w->pid, NULL, WNOHANG); i++)
			nanosleep(&step, NULL);
	}
	w->pid = 0;
	w->ready = false;
}

/* "what\nremedy" of DRVMEM_WEB_REFUSED. */
static int refused(const struct drvmem_webmsg *m, struct drvmem_err *err)
{
	const char *line = strchr(m->data, '\n');

	drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "%.*s", (int)(line ? line - m->data : (long)m->len), m->data);
	if (line && line[1])
		drvmem_err__remedy(err, "%s", line + 1);
	return -EINVAL;
}

/* What was sent last is in force. */
static void accept_config(struct drvmem_webproc *w)
{
	if (w->sent_fd < 0)
		return;
	close_fd(&w->config_fd);
	w->config_fd = w->sent_fd;
	w->sent_fd = -1;
}

/* It is gone, or does not answer: why. */
static int not_started(struct drvmem_webproc *w, struct drvmem_err *err)
{
	const struct timespec step = { .tv_nsec = 10000000 };
	int status = 0, i;

	for (i = 0; i < 100 && waitpid(w->pid, &status, WNOHANG) != w->pid; i++)
		nanosleep(&step, NULL);
	if (i == 100)
		return drvmem_err__set(err, -ETIMEDOUT, DRVMEM_EXIT_INTERNAL, "the web process does not answer");
	w->pid = 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == NO_EXEC) {
		drvmem_err__set(err, -ENOEXEC, DRVMEM_EXIT_CANNOT_RUN, "the web process cannot be started: /proc/self/exe "
				"cannot be run");
		drvmem_err__remedy(err, "mount -t proc proc /proc; a container has it unless it was told otherwise");
		return -ENOEXEC;
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == NO_FILES)
		return drvmem_err__set(err, -EMFILE, DRVMEM_EXIT_INTERNAL, "the web process cannot be started: no open "
				       "files are left for it, or /dev/null cannot be opened");
	if (WIFSIGNALED(status))
		return drvmem_err__set(err, -EPIPE, DRVMEM_EXIT_INTERNAL, "the web process was ended by signal %d before "
				       "it served", WTERMSIG(status));
	return drvmem_err__set(err, -EPIPE, DRVMEM_EXIT_INTERNAL, "the web process ended before it served");
}

int drvmem_webproc__start(struct drvmem_webproc *w, struct drvmem_err *err)
{
	struct pollfd p = { .events = POLLIN };
	struct drvmem_err gone = { 0 };
	struct drvmem_webmsg m;
	int e = launch(w, &gone);

	if (e && gone.code != -EPIPE && gone.code != -ECONNRESET) {
		*err = gone;
		return e;
	}
	p.fd = w->sock;
	do {
		e = poll(&p, 1, START_MS);
	} while (e < 0 && errno == EINTR);
	e = e == 1 ? drvmem_webmsg__receive(w->sock, &m) : -ETIMEDOUT;
	if (e == 1)
		drvmem_webmsg__close_fds(&m);
	if (e == 1 && m.type == DRVMEM_WEB_READY) {
		w->ready = true;
		accept_config(w);
		return 0;
	}
	if (e == 1 && m.type == DRVMEM_WEB_REFUSED)
		return refused(&m, err);
	return not_started(w, err);
}

/* There are as many documents as intervals, and what is wrong with one is wrong with the next. */
static void tell_unsent(struct drvmem_webproc *w, int e)
{
	uint64_t now = drvmem_now_ns();
	char n[16];

	w->unsent++;
	if (now < w->unsent_told_ns)
		return;
	w->unsent_told_ns = now + TELL_NS;
	snprintf(n, sizeof(n), "%u", w->unsent);
	w->unsent = 0;
	drvmem_weblog(w->log, DRVMEM_LOG_ERROR, "documents could not be passed on: scrapes get older ones", "error",
		      drvmem_errno_name(e), "documents", n, NULL);
}

static void send_last(struct drvmem_webproc *w, uint32_t kind)
{
	int e = 0;

	if (w->sock >= 0 && w->last[kind] >= 0)
		e = drvmem_webmsg__send(w->sock, (enum drvmem_web_msg)kind, NULL, 0, &w->last[kind], 1);
	/* of one that died it is told otherwise */
	if (e && e != -EPIPE && e != -ECONNRESET)
		tell_unsent(w, e);
}

void drvmem_webproc__document(struct drvmem_webproc *w, enum drvmem_web_msg kind, const struct drvmem_doc_part *parts,
			      uint32_t nr, uint64_t taken_ns)
{
	int fd, e = drvmem_doc__make(parts, nr, taken_ns, &fd);

	if (e) {
		tell_unsent(w, e);
		return;
	}
	if (w->last[kind] >= 0)
		close(w->last[kind]);
	w->last[kind] = fd;
	send_last(w, kind);
}

static void on_message(struct drvmem_webproc *w, const struct drvmem_webmsg *m)
{
	if (m->type == DRVMEM_WEB_READY) {
		w->ready = true;
		accept_config(w);
		w->again_ns = drvmem_now_ns() + LOOK_NS;
		drvmem_weblog(w->log, DRVMEM_LOG_INFO, "the web process serves again", NULL);
	} else if (m->type == DRVMEM_WEB_CONFIGURED) {
		accept_config(w);
		drvmem_weblog(w->log, DRVMEM_LOG_INFO, "a new web configuration is in force", NULL);
	} else if (m->type == DRVMEM_WEB_REFUSED) {
		close_fd(&w->sent_fd);
		drvmem_weblog(w->log, DRVMEM_LOG_ERROR, "the web configuration was refused, the old one stays in force",
			      "reason", m->data, NULL);
	}
}

/* Nobody would answer them for long: they are told so at once, by the end of the connection, unread. */
static void turn_away(struct drvmem_webproc *w)
{
	uint32_t i, n;
	int fd;

	for (i = 0; i < w->nr_listening; i++) {
		for (n = 0; n < 64; n++) {
			fd = accept4(w->listening[i], NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
			if (fd < 0)
				break;
			close(fd);
		}
	}
}

static void look_after(struct drvmem_webproc *w)
{
	struct drvmem_err err = { 0 };
	uint64_t now = drvmem_now_ns();
	uint32_t i;

	if (!w->pid && w->again_ns > now + PATIENCE_NS)
		turn_away(w);
	if (w->pid || now < w->again_ns)
		return;
	w->again_ns = now + AGAIN_MOST_NS;
	if (launch(w, &err)) {
		drvmem_weblog(w->log, DRVMEM_LOG_ERROR, "the web process does not start", "reason", err.what, NULL);
		reap(w);
		return;
	}
	for (i = DRVMEM_WEB_TEXT; i <= DRVMEM_WEB_REPORT; i++)
		send_last(w, i);
}

static void look_at_config(struct drvmem_webproc *w, bool reload)
{
	struct drvmem_err err = { 0 };
	uint64_t mtime;

	w->reload_due |= reload;
	if (!w->ready || (!w->reload_due && drvmem_now_ns() < w->again_ns))
		return;
	w->again_ns = drvmem_now_ns() + LOOK_NS;
	w->backoff_ns = 0;	/* it lived for a while */
	mtime = config_mtime(w);
	if (!w->config_path || (!w->reload_due && mtime == w->config_seen))
		return;
	w->reload_due = false;
	if (!send_config(w, &err))
		return;
	w->reload_due = err.exit == DRVMEM_EXIT_INTERNAL;	/* not sent: again at the next look */
	if (!w->reload_due)
		drvmem_weblog(w->log, DRVMEM_LOG_ERROR, "the web configuration cannot be read, the old one stays in force",
			      "reason", err.what, NULL);
}

void drvmem_webproc__attend(struct drvmem_webproc *w, bool reload)
{
	struct drvmem_webmsg m;
	uint32_t i;
	int e = 1;

	/* so many at a time: it must not be able to hold tracing up */
	for (i = 0; i < 16 && w->sock >= 0 && e == 1; i++) {
		e = drvmem_webmsg__receive(w->sock, &m);
		if (e == 1 && (m.nr_fds || (m.type == DRVMEM_WEB_READY && w->ready))) {
			drvmem_webmsg__close_fds(&m);
			e = -EBADMSG;
		}
		if (e == 1)
			on_message(w, &m);
	}
	if (w->pid && e != 1 && e != -EAGAIN) {
		drvmem_weblog(w->log, DRVMEM_LOG_ERROR, "the web process ended", NULL);
		reap(w);
		w->backoff_ns = !w->backoff_ns ? AGAIN_NS : w->backoff_ns >= AGAIN_MOST_NS / 2 ? AGAIN_MOST_NS : w->backoff_ns * 2;
		w->again_ns = drvmem_now_ns() + w->backoff_ns;
	}
	look_after(w);
	look_at_config(w, reload);
}

/* The end of the socket is its end; one that does not notice is killed. */
void drvmem_webproc__stop(struct drvmem_webproc *w)
{
	const struct timespec step = { .tv_nsec = 10000000 };
	uint32_t i;

	if (w->sock >= 0)
		close(w->sock);
	w->sock = -1;
	for (i = 0; w->pid > 0 && i < STOP_MS / 10; i++) {
		if (waitpid(w->pid, NULL, WNOHANG) == w->pid)
			w->pid = 0;
		else
			nanosleep(&step, NULL);
	}
	if (w->pid > 0)
		reap(w);
	for (i = 0; i < w->nr_listening; i++) {
		struct drvmem_address a;

		if (!w->inherited && !drvmem_address__of(w->listening[i], &a) && a.u.sa.sa_family == AF_UNIX && a.u.un.sun_path[0] == '/')
			unlink(a.u.un.sun_path);
		close(w->listening[i]);
	}
	for (i = 0; i < sizeof(w->last) / sizeof(w->last[0]); i++)
		if (w->last[i] >= 0)
			close(w->last[i]);
	close_fd(&w->config_fd);
	close_fd(&w->sent_fd);
	forget_watched(w);
	drvmem_webproc__init(w, w->log);
}

bool drvmem_webproc__can_configure(struct drvmem_webproc *w)
{
	struct drvmem_err err = { 0 };
	bool guards;
	int fd;

	if (make_config(w, &guards, &fd, &err))
		return false;
	close(fd);
	return true;
}
