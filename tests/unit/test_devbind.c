// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <errno.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source/devbind.h"

/* A sysfs with two devices of one bus, one of another, and a module with two drivers. */
struct tree {
	char root[64];
};

static void make_dir(const struct tree *t, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", t->root, name);
	assert_int_equal(mkdir(path, 0755), 0);
}

static void make_link(const struct tree *t, const char *name, const char *to)
{
	char path[PATH_MAX], target[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", t->root, name);
	snprintf(target, sizeof(target), "%s/%s", t->root, to);
	assert_int_equal(symlink(target, path), 0);
}

static void remove_link(const struct tree *t, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", t->root, name);
	assert_int_equal(unlink(path), 0);
}

static int setup(void **state)
{
	static const char *const dirs[] = {
		"bus", "bus/pci", "bus/pci/devices", "bus/pci/drivers", "bus/pci/drivers/drv", "bus/usb",
		"bus/usb/devices", "bus/usb/drivers", "bus/usb/drivers/drv_usb", "devices", "devices/0000:00:03.0",
		"devices/0000:00:04.0", "devices/1-1", "module", "module/drv", "module/drv/drivers",
		"module/drv/initstate",
	};
	struct tree *t = calloc(1, sizeof(*t));
	size_t i;

	assert_non_null(t);
	strcpy(t->root, "/tmp/drvmem-devbind.XXXXXX");
	assert_non_null(mkdtemp(t->root));
	for (i = 0; i < UNIT_NR(dirs); i++)
		make_dir(t, dirs[i]);
	make_link(t, "bus/pci/devices/0000:00:03.0", "devices/0000:00:03.0");
	make_link(t, "bus/pci/devices/0000:00:04.0", "devices/0000:00:04.0");
	make_link(t, "bus/usb/devices/1-1", "devices/1-1");
	make_link(t, "bus/pci/drivers/drv/module", "module/drv");
	make_link(t, "bus/usb/drivers/drv_usb/module", "module/drv");
	make_link(t, "module/drv/drivers/pci:drv", "bus/pci/drivers/drv");
	make_link(t, "module/drv/drivers/usb:drv_usb", "bus/usb/drivers/drv_usb");
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	struct tree *t = *state;
	char command[PATH_MAX];

	snprintf(command, sizeof(command), "rm -rf '%s'", t->root);
	assert_int_equal(system(command), 0);
	free(t);
	return 0;
}

static void bind(const struct tree *t, const char *driver, const char *bus, const char *device)
{
	char name[PATH_MAX], to[PATH_MAX];

	snprintf(to, sizeof(to), "bus/%s/drivers/%s", bus, driver);
	snprintf(name, sizeof(name), "devices/%s/driver", device);
	make_link(t, name, to);
	snprintf(to, sizeof(to), "devices/%s", device);
	snprintf(name, sizeof(name), "bus/%s/drivers/%s/%s", bus, driver, device);
	make_link(t, name, to);
}

static void a_device_by_its_bus_id(void **state)
{
	struct tree *t = *state;
	char path[PATH_MAX] = "";

	assert_int_equal(drvmem_devbind__find(t->root, "1-1", path, sizeof(path)), 0);
	assert_non_null(strstr(path, "/bus/usb/devices/1-1"));
	assert_int_equal(drvmem_devbind__find(t->root, "0000:00:09.0", path, sizeof(path)), -ENOENT);
	assert_int_equal(drvmem_devbind__find(t->root, "", path, sizeof(path)), -EINVAL);
	assert_int_equal(drvmem_devbind__find(t->root, "..", path, sizeof(path)), -EINVAL);
	assert_int_equal(drvmem_devbind__find(t->root, "../devices/1-1", path, sizeof(path)), -EINVAL);
	assert_int_equal(drvmem_devbind__find(t->root, "1-1", path, 10), -ENAMETOOLONG);
	assert_int_equal(drvmem_devbind__find("/nonexistent", "1-1", path, sizeof(path)), -ENOENT);
	make_link(t, "bus/pci/devices/1-1", "devices/1-1");
	assert_int_equal(drvmem_devbind__find(t->root, "1-1", path, sizeof(path)), -ENOTUNIQ);
}

static void its_driver_and_their_module(void **state)
{
	struct tree *t = *state;
	struct drvmem_devbind b, again;
	char path[PATH_MAX];

	assert_int_equal(drvmem_devbind__find(t->root, "0000:00:03.0", path, sizeof(path)), 0);
	drvmem_devbind__read(path, true, &b);
	assert_int_equal(b.id, 0);
	assert_string_equal(b.owner.driver, "");
	bind(t, "drv", "pci", "0000:00:03.0");
	drvmem_devbind__read(path, true, &b);
	assert_int_not_equal(b.id, 0);
	assert_string_equal(b.owner.driver, "drv");
	assert_string_equal(b.owner.module, "drv");
	assert_false(b.others);
	drvmem_devbind__read(path, true, &again);
	assert_int_equal(b.id, again.id);
	/* another driver of the module has a device */
	bind(t, "drv_usb", "usb", "1-1");
	drvmem_devbind__read(path, true, &b);
	assert_true(b.others);
	drvmem_devbind__read(path, false, &b);
	assert_false(b.others);
	remove_link(t, "devices/0000:00:03.0/driver");
	drvmem_devbind__read(path, true, &b);
	assert_int_equal(b.id, 0);
	assert_false(b.others);
	drvmem_devbind__read("/nonexistent", true, &b);	/* it is gone */
	assert_int_equal(b.id, 0);
}

static void another_device_of_the_driver(void **state)
{
	struct tree *t = *state;
	struct drvmem_devbind b;
	char path[PATH_MAX];

	assert_int_equal(drvmem_devbind__find(t->root, "0000:00:03.0", path, sizeof(path)), 0);
	bind(t, "drv", "pci", "0000:00:03.0");
	bind(t, "drv", "pci", "0000:00:04.0");
	drvmem_devbind__read(path, true, &b);
	assert_true(b.others);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_device_by_its_bus_id, setup, teardown),
		cmocka_unit_test_setup_teardown(its_driver_and_their_module, setup, teardown),
		cmocka_unit_test_setup_teardown(another_device_of_the_driver, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
