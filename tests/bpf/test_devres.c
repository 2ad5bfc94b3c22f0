// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The walk over all devices and their devres lists, on the running kernel: as many devices as
 * sysfs has, each driver where sysfs has it, and an end of it while devices come and go.
 */
#include <errno.h>
#include <ftw.h>
#include <glob.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "session/devres.h"

#define TRIES 5		/* devices may come and go meanwhile */
#define READS 20

static uint64_t nr_uevents;

static int count_uevent(const char *path, const struct stat *st, int type, struct FTW *f)
{
	(void)st;
	nr_uevents += type == FTW_F && !strcmp(path + f->base, "uevent");
	return 0;
}

/* Each device has this file, and nothing else under /sys/devices has. */
static uint64_t devices_in_sysfs(void)
{
	nr_uevents = 0;
	return nftw("/sys/devices", count_uevent, 32, FTW_PHYS) ? 0 : nr_uevents;
}

/* drvmem_test [drvmem_test] is /sys/bus/platform/drivers/drvmem_test/drvmem_test. */
static bool is_bound_in_sysfs(const struct drvmem_devres_dev *d)
{
	char path[256];
	glob_t g;
	bool found;

	snprintf(path, sizeof(path), "/sys/bus/*/drivers/%s/%s", d->driver, d->device);
	found = !glob(path, GLOB_NOSORT, NULL, &g);
	globfree(&g);
	return found;
}

static enum bt_result read_lists(struct drvmem_devres *d)
{
	static const struct drvmem_devres_syms none;

	drvmem_devres__read(&none, d);
	if (d->err == -EPERM || d->err == -EACCES)
		return bt_skip("%s", d->why);
	return BT_PASS;
}

static enum bt_result every_device(void *arg)
{
	uint64_t before, after;
	struct drvmem_devres d;
	uint32_t i, bound = 0, found = 0;
	int try;

	(void)arg;
	for (try = 0; try < TRIES; try++) {
		before = devices_in_sysfs();
		BT_TRY(read_lists(&d));
		after = devices_in_sysfs();
		BT_CHECK(!d.err, "%s", d.why);
		if (before == after)
			break;
		free(d.dev);
	}
	BT_CHECK(try < TRIES, "devices come and go: sysfs has %llu, then %llu", (unsigned long long)before,
		 (unsigned long long)after);
	for (i = 0; i < d.nr; i++) {
		bound += d.dev[i].bound;
		found += d.dev[i].bound && is_bound_in_sysfs(&d.dev[i]);
	}
	free(d.dev);
	bt_note("%llu devices, %u with a list, %u of them bound", (unsigned long long)d.devices, d.nr, bound);
	BT_CHECK(d.devices == before, "%llu devices, sysfs has %llu", (unsigned long long)d.devices,
		 (unsigned long long)before);
	BT_CHECK(bound == found, "%u devices with a list are bound, of them %u in sysfs", bound, found);
	return BT_PASS;
}

/* A network namespace has a device from its first moment to its last. */
static void come_and_go(void)
{
	while (!unshare(CLONE_NEWNET))
		;
	_exit(errno == EPERM ? 77 : 1);
}

/* Namespaces of others have devices that this one's sysfs does not show: at least so many. */
static enum bt_result read_beside(uint64_t devices, uint32_t lists, int *changed)
{
	struct drvmem_devres d;
	enum bt_result r = BT_PASS;
	int i;

	for (i = 0; i < READS && r == BT_PASS; i++) {
		BT_TRY(read_lists(&d));
		*changed += d.err != 0;
		if (d.err && strcmp(d.why, "the list of devices changed while it was read"))
			r = bt_fail("%s", d.why);
		else if (!d.err && (d.nr != lists || d.devices < devices))
			r = bt_fail("%u lists of %llu devices, should be %u of at least %llu", d.nr,
				    (unsigned long long)d.devices, lists, (unsigned long long)devices);
		free(d.dev);
	}
	return r;
}

static enum bt_result while_they_change(void *arg)
{
	struct drvmem_devres quiet, after;
	enum bt_result r;
	int changed = 0, status;
	pid_t child;

	(void)arg;
	BT_TRY(read_lists(&quiet));
	free(quiet.dev);
	BT_CHECK(!quiet.err, "%s", quiet.why);
	child = fork();
	if (!child)
		come_and_go();
	BT_CHECK(child > 0, "fork: %s", strerror(errno));
	r = read_beside(devices_in_sysfs(), quiet.nr, &changed);
	if (waitpid(child, &status, WNOHANG) == child)
		return bt_skip("no network namespaces can be made here");
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	bt_note("%d of %d reads gave up", changed, READS);
	BT_TRY(read_lists(&after));
	free(after.dev);
	/* somebody else's driver came or went: once more */
	return r == BT_FAIL && after.nr != quiet.nr ? BT_LOSS : r;
}

int main(void)
{
	bt_case("every_device", every_device, NULL);
	bt_case("while_they_change", while_they_change, NULL);
	return bt_exit();
}
