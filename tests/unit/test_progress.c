// SPDX-License-Identifier: GPL-2.0-or-later
/* What takes long says so on a terminal, after a second, and nowhere else. */
#include "unit.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "base/progress.h"

static int master, slave;

static int setup(void **state)
{
	(void)state;
	master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
	if (master < 0 || grantpt(master) || unlockpt(master))
		return -1;
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	return slave < 0 ? -1 : 0;
}

static int teardown(void **state)
{
	(void)state;
	close(slave);
	close(master);
	return 0;
}

/* What came to the terminal since the last look, "" = nothing. */
static const char *seen(void)
{
	static char text[1024];
	ssize_t n = read(master, text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static void only_when_it_takes_long(void **state)
{
	struct drvmem_progress p;
	const char *text;

	(void)state;
	drvmem_progress__begin(&p, slave, "reading", "/some/where/night.drvmem");
	drvmem_progress__step(&p, 1, 10);
	drvmem_progress__clear(&p);
	assert_string_equal(seen(), "");
	p.due_ns = 0;		/* the second is over */
	drvmem_progress__step(&p, 2, 10);
	text = seen();
	assert_string_equal(text, "\rdrvmem: reading night.drvmem, 2 of 10 \033[K");
	drvmem_progress__step(&p, 3, 10);	/* not at every step */
	assert_string_equal(seen(), "");
	p.due_ns = 0;
	drvmem_progress__tick(&p);
	assert_string_equal(seen(), "\rdrvmem: reading night.drvmem, 3 of 10 \033[K");
	drvmem_progress__end(&p);
	assert_string_equal(seen(), "\r\033[K");
	p.due_ns = 0;
	drvmem_progress__step(&p, 4, 10);
	assert_string_equal(seen(), "");
}

static void unknown_length(void **state)
{
	struct drvmem_progress p;

	(void)state;
	drvmem_progress__begin(&p, slave, "reading", "s");
	p.due_ns = 0;
	drvmem_progress__tick(&p);
	assert_string_equal(seen(), "\rdrvmem: reading s \033[K");
	drvmem_progress__end(&p);
	assert_string_equal(seen(), "\r\033[K");
	drvmem_progress__tick(NULL);
	drvmem_progress__end(NULL);
}

static void never_elsewhere(void **state)
{
	struct drvmem_progress p;
	char c;
	int fd[2];

	(void)state;
	assert_int_equal(pipe2(fd, O_NONBLOCK), 0);
	drvmem_progress__begin(&p, fd[1], "reading", "s");
	p.due_ns = 0;
	drvmem_progress__step(&p, 1, 2);
	drvmem_progress__end(&p);
	assert_int_equal(read(fd[0], &c, 1), -1);
	close(fd[0]);
	close(fd[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_when_it_takes_long), cmocka_unit_test(unknown_length), cmocka_unit_test(never_elsewhere),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
