// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/stop.h"

#define LONG (60ull * 1000000000)	/* longer than the test may take */

static int init(void **state)
{
	(void)state;
	return drvmem_stop__init();
}

static void mark_again(int sig)
{
	(void)sig;
	raise(SIGUSR1);
}

static void a_wait_ends_by_time(void **state)
{
	uint64_t start = drvmem_now_ns();

	(void)state;
	assert_false(drvmem_stop__wait(5000000, -1));
	assert_true(drvmem_now_ns() - start >= 5000000);
	assert_false(drvmem_stop__wait(0, -1));
	assert_int_equal(drvmem_stop__signal(), 0);
}

static void a_wait_ends_by_data(void **state)
{
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], "x", 1), 1);
	assert_false(drvmem_stop__wait(LONG, fds[0]));
	close(fds[1]);
	assert_false(drvmem_stop__wait(LONG, fds[0]));	/* end of file counts too */
	close(fds[0]);
}

/* It ends a wait, and nothing else. */
static void a_mark_is_no_stop(void **state)
{
	struct itimerval soon = { .it_value = { .tv_usec = 1000 }, .it_interval = { .tv_usec = 1000 } };
	struct itimerval never = { { 0 }, { 0 } };
	uint32_t before = drvmem_stop__marks();

	(void)state;
	assert_int_equal(drvmem_stop__catch_marks(), 0);
	raise(SIGUSR1);
	assert_int_equal(drvmem_stop__marks(), before + 1);
	signal(SIGALRM, mark_again);
	assert_int_equal(setitimer(ITIMER_REAL, &soon, NULL), 0);
	assert_false(drvmem_stop__wait(LONG, -1));
	assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
	assert_true(drvmem_stop__marks() > before + 1);
	assert_int_equal(drvmem_stop__signal(), 0);
}

static void a_signal_before_the_wait_is_not_lost(void **state)
{
	(void)state;
	raise(SIGINT);
	assert_int_equal(drvmem_stop__signal(), SIGINT);
	assert_true(drvmem_stop__wait(UINT64_MAX, -1));
	assert_int_equal(drvmem_stop__init(), 0);
	assert_int_equal(drvmem_stop__signal(), 0);
	assert_false(drvmem_stop__wait(0, -1));
}

static void a_signal_ends_an_endless_wait(void **state)
{
	pid_t self = getpid(), child = fork();

	(void)state;
	if (!child) {
		kill(self, SIGTERM);
		_exit(0);
	}
	assert_true(drvmem_stop__wait(UINT64_MAX, -1));
	assert_int_equal(drvmem_stop__signal(), SIGTERM);
	assert_int_equal(waitpid(child, NULL, 0), child);
}

static void the_second_signal_ends_the_process(void **state)
{
	int status;
	pid_t child = fork();

	(void)state;
	if (!child) {
		raise(SIGINT);
		raise(SIGINT);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 130);
}

static void children_get_their_pipe_signal_back(void **state)
{
	int status;
	pid_t child;

	(void)state;
	raise(SIGPIPE);	/* ignored here */
	child = fork();
	if (!child) {
		drvmem_stop__reset_child();
		raise(SIGPIPE);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGPIPE);
}

/* What the log wrote at a level, through a pipe put in place of stderr. */
static void talk(enum drvmem_log_level level, char *buf, size_t size)
{
	int fds[2], saved = dup(2);
	ssize_t n;

	assert_int_equal(pipe(fds), 0);
	dup2(fds[1], 2);
	drvmem_log__set_level(level);
	drvmem_log_error("e %d", 1);
	drvmem_log_warn("w\n");
	drvmem_log_info("i");
	drvmem_log_debug("d");
	dup2(saved, 2);
	close(saved);
	close(fds[1]);
	n = read(fds[0], buf, size - 1);
	buf[n > 0 ? n : 0] = '\0';
	close(fds[0]);
}

static void the_log_has_levels(void **state)
{
	char buf[512];

	(void)state;
	talk(DRVMEM_LOG_ERROR, buf, sizeof(buf));
	assert_string_equal(buf, "drvmem: e 1\n");
	talk(DRVMEM_LOG_DEBUG, buf, sizeof(buf));
	assert_string_equal(buf, "drvmem: e 1\ndrvmem: w\ndrvmem: i\ndrvmem: d\n");
	assert_int_equal(drvmem_log__level(), DRVMEM_LOG_DEBUG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_wait_ends_by_time, init),
		cmocka_unit_test_setup(a_wait_ends_by_data, init),
		cmocka_unit_test_setup(a_signal_before_the_wait_is_not_lost, init),
		cmocka_unit_test_setup(a_mark_is_no_stop, init),
		cmocka_unit_test_setup(a_signal_ends_an_endless_wait, init),
		cmocka_unit_test_setup(the_second_signal_ends_the_process, init),
		cmocka_unit_test_setup(children_get_their_pipe_signal_back, init),
		cmocka_unit_test(the_log_has_levels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
