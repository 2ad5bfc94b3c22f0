// SPDX-License-Identifier: GPL-2.0-or-later
#include "session/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"

#define FDS_MAX		4096	/* closed one by one where there is no close_range() (5.9) */
#define NAME		"drvmem-guard"

static void close_from(unsigned int first)
{
	unsigned int fd;

#ifdef SYS_close_range
	if (!syscall(SYS_close_range, first, ~0u, 0))
		return;
#endif
	for (fd = first; fd < FDS_MAX; fd++)
		close((int)fd);
}

/* A reader of drvmem's output must not wait for the guard: only 0 to 4 stay, and nothing of drvmem's but two. */
static void keep_two(int pipe_fd, int state_fd)
{
	int null = open("/dev/null", O_RDWR), a = fcntl(pipe_fd, F_DUPFD, 5), b = fcntl(state_fd, F_DUPFD, 5), i;

	for (i = 0; i < 3 && null >= 0; i++)
		dup2(null, i);
	if (a < 0 || b < 0 || dup2(a, 3) < 0 || dup2(b, 4) < 0)
		_exit(1);
	close_from(5);
}

/* It outlives its parent, its terminal and whoever is told to end. */
static void become_guard(void)
{
	static const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGTSTP, SIGUSR1, SIGUSR2 };
	size_t i;

	setsid();
	for (i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	prctl(PR_SET_NAME, NAME);
	if (chdir("/"))
		_exit(1);
}

static void guard(struct drvmem_settings *s)
{
	const char *name;
	char byte;
	ssize_t n;

	s->state_fd = 4;
	do {
		n = read(3, &byte, 1);
	} while (n < 0 && errno == EINTR);
	if (n == 1)
		_exit(0);	/* dismissed */
	/* what cannot be restored is left for `drvmem restore` */
	if (drvmem_settings__restore(s, &name) || drvmem_settings__remove_state(s))
		_exit(1);
	_exit(0);
}

int drvmem_guard__start(struct drvmem_settings *s)
{
	sigset_t all, before;
	int fds[2], e;

	if (pipe2(fds, O_CLOEXEC))
		return -errno;
	/* one that is told to end before it has learnt to ignore that would be no guard */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	s->guard = fork();
	e = -errno;
	if (s->guard)
		sigprocmask(SIG_SETMASK, &before, NULL);
	if (s->guard < 0) {
		close(fds[0]);
		close(fds[1]);
		return e;
	}
	if (!s->guard) {
		close(fds[1]);
		become_guard();
		sigprocmask(SIG_SETMASK, &before, NULL);
		keep_two(fds[0], s->state_fd);
		guard(s);
	}
	close(fds[0]);
	s->guard_fd = fds[1];
	return 0;
}

void drvmem_guard__dismiss(struct drvmem_settings *s)
{
	ssize_t n;

	if (s->guard_fd < 0)
		return;
	/* one that was killed has nobody to hear it */
	n = write(s->guard_fd, "", 1);
	(void)n;
	close(s->guard_fd);
	s->guard_fd = -1;
	while (waitpid(s->guard, NULL, 0) < 0 && errno == EINTR)
		;
}

/* ---- the state file ---- */

static void state_path(const struct drvmem_settings *s, const char *suffix, char *ret)
{
	snprintf(ret, PATH_MAX, "%s" DRVMEM_SETTINGS_STATE "%s", s->root, suffix);
}

int drvmem_settings__remove_state(const struct drvmem_settings *s)
{
	struct stat own, there;
	char path[PATH_MAX];

	state_path(s, "", path);
	if (stat(path, &there))
		return errno == ENOENT ? 0 : -errno;
	/* one that this run could not put there is another's */
	if (fstat(s->state_fd, &own) || own.st_ino != there.st_ino || own.st_dev != there.st_dev)
		return 0;
	return unlink(path) ? -errno : 0;
}

/* There is a state: of a run that goes on, or that died with its guard. Whoever has it locked runs. */
static int refuse(const struct drvmem_settings *s, struct drvmem_err *err)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_close_ int fd = -1;
	struct drvmem_settings old;
	char path[PATH_MAX];
	size_t len = 0;
	bool parsed;

	state_path(s, "", path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	parsed = !drvmem_settings__init(&old, s->root) && !drvmem_file__read(path, DRVMEM_FILE_SMALL, &text, &len) &&
		 !drvmem_settings__parse(text, len, &old);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK) {
		drvmem_err__set(err, -EBUSY, DRVMEM_EXIT_CANNOT_RUN,
				"another run has settings of the kernel changed (process %lld)",
				parsed ? (long long)old.pid : 0ll);
		drvmem_err__remedy(err, "one at a time: wait for its end, or end it; it restores them");
		return -EBUSY;
	}
	drvmem_err__set(err, -EEXIST, DRVMEM_EXIT_CANNOT_RUN,
			"a run that was killed did not restore the kernel's settings (%s is there)", path);
	drvmem_err__remedy(err, "drvmem restore");
	return -EEXIST;
}

static int make_dir(const struct drvmem_settings *s)
{
	char path[PATH_MAX];

	state_path(s, "", path);
	*strrchr(path, '/') = '\0';
	return mkdir(path, 0700) && errno != EEXIST ? -errno : 0;
}

static int write_state(struct drvmem_settings *s)
{
	_cleanup_strbuf_ struct drvmem_strbuf text = { 0 };
	int e;

	s->pid = getpid();
	s->guard_pid = s->guard;
	drvmem_settings__format(s, &text);
	e = drvmem_strbuf__error(&text);
	if (e)
		return e;
	if (write(s->state_fd, text.s, text.len) != (ssize_t)text.len)
		return errno ? -errno : -EIO;
	return fsync(s->state_fd) ? -errno : 0;
}

/* It appears whole, locked, and only where none is. */
static int publish(const struct drvmem_settings *s, const char *temp)
{
	char path[PATH_MAX];
	int e = 0, dir;

	state_path(s, "", path);
	if (link(temp, path))
		e = -errno;
	unlink(temp);
	*strrchr(path, '/') = '\0';
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir >= 0) {
		fsync(dir);	/* a file system that cannot is no reason to fail */
		close(dir);
	}
	return e;
}

static int begin(struct drvmem_settings *s)
{
	char temp[PATH_MAX];
	int e = make_dir(s);

	if (e)
		return e;
	state_path(s, ".XXXXXX", temp);
	s->state_fd = mkostemp(temp, O_CLOEXEC);
	if (s->state_fd < 0)
		return -errno;
	if (flock(s->state_fd, LOCK_EX | LOCK_NB))
		e = -errno;
	if (!e)
		e = drvmem_guard__start(s);
	if (!e)
		e = write_state(s);
	if (!e)
		return publish(s, temp);
	unlink(temp);
	return e;
}

int drvmem_settings__begin(struct drvmem_settings *s, struct drvmem_err *err)
{
	char path[PATH_MAX];
	int e;

	state_path(s, "", path);
	if (!access(path, F_OK))
		return refuse(s, err);
	e = begin(s);
	if (!e)
		return 0;
	/* nothing was changed, and the state that is there, if any, is another's */
	drvmem_guard__dismiss(s);
	drvmem_cleanup_close(&s->state_fd);
	s->state_fd = -1;
	if (e == -EEXIST)
		return refuse(s, err);
	drvmem_err__set(err, e, e == -EACCES || e == -EPERM || e == -EROFS ? DRVMEM_EXIT_CANNOT_RUN :
			DRVMEM_EXIT_INTERNAL, "cannot keep what the kernel's settings were in %s (%s)", path,
			drvmem_errno_name(e));
	drvmem_err__remedy(err, "run as root, with a /run that can be written to");
	return e;
}

int drvmem_settings__end(struct drvmem_settings *s, struct drvmem_err *err)
{
	char path[PATH_MAX] = "";
	const char *name;
	int e;

	if (s->state_fd < 0)
		return 0;
	e = drvmem_settings__restore(s, &name);
	if (e && drvmem_settings__path(s, name, path, sizeof(path)))
		path[0] = '\0';
	if (e) {
		drvmem_err__set(err, e, DRVMEM_EXIT_INTERNAL, "cannot restore %s (%s)", path, drvmem_errno_name(e));
	} else {
		/* first: killed after the state is gone, we would have it write into another run */
		drvmem_guard__dismiss(s);
		e = drvmem_settings__remove_state(s);
		if (e)
			drvmem_err__set(err, e, DRVMEM_EXIT_INTERNAL, "cannot remove %s" DRVMEM_SETTINGS_STATE " (%s)",
					s->root, drvmem_errno_name(e));
	}
	if (e)
		drvmem_err__remedy(err, "drvmem restore tries it again");
	drvmem_guard__dismiss(s);
	close(s->state_fd);
	s->state_fd = -1;
	return e;
}

/* A state of somebody else's could have this process write what it may not. */
static int check_owner(int fd, const char *path, struct drvmem_err *err)
{
	struct stat st;

	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_uid == geteuid() && !(st.st_mode & 0022))
		return 0;
	drvmem_err__set(err, -EPERM, DRVMEM_EXIT_CANNOT_RUN, "%s is not this user's alone", path);
	drvmem_err__remedy(err, "run as the user that ran drvmem verify; where nobody did, remove the file");
	return -EPERM;
}

int drvmem_settings__load(struct drvmem_settings *s, struct drvmem_err *err)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_close_ int fd = -1;
	char path[PATH_MAX];
	struct stat st;
	size_t len;
	int e;

	state_path(s, "", path);
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return -ENOENT;
	if (fd < 0)
		return drvmem_err__set(err, -errno, DRVMEM_EXIT_CANNOT_RUN, "cannot read %s (%s)", path,
				       drvmem_errno_name(errno));
	e = check_owner(fd, path, err);
	if (e)
		return e;
	if (flock(fd, LOCK_EX | LOCK_NB))
		return refuse(s, err);
	/* its run has ended meanwhile, and restored */
	if (!fstat(fd, &st) && !st.st_nlink)
		return -ENOENT;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	e = drvmem_file__read(path, DRVMEM_FILE_SMALL, &text, &len);
	if (!e)
		e = drvmem_settings__parse(text, len, s);
	if (e) {
		state_path(s, "", path);
		drvmem_err__set(err, e, DRVMEM_EXIT_INTERNAL, "%s is no state of settings (%s)", path,
				drvmem_errno_name(e));
		drvmem_err__remedy(err, "look into it, restore by hand what it names, and remove it");
		return e;
	}
	s->state_fd = drvmem_steal_fd(&fd);
	return 0;
}
