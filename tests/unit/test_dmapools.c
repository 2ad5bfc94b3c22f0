// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source/dmapools.h"

static int parse(const char *s, size_t n, struct drvmem_dmarows *r)
{
	char *text = unit_exact(s, n);
	int ret = drvmem_dmapools__parse(text, n, r);

	free(text);
	return ret;
}

static void a_file_of_nvme(void **state)
{
	struct drvmem_dmarows r;
	struct drvmem_pool k;
	size_t len;
	char *text = unit_data("dmapools-nvme.txt", &len);

	(void)state;
	assert_int_equal(parse(text, len, &r), 0);
	free(text);
	assert_int_equal(r.n, 2);
	assert_int_equal(r.skipped, 0);
	assert_string_equal(r.v[0].name, "prp list page");
	assert_string_equal(r.v[1].name, "prp list 256");
	memset(&k, 0, sizeof(k));
	drvmem_dmapools__fill(&k, &r.v[1], 4096);
	assert_int_equal(k.in_use.v, 3);
	assert_int_equal(k.capacity.v, 16);
	assert_int_equal(k.size.v, 256);
	assert_int_equal(k.held_bytes.v, 4096);
	assert_int_equal(k.waste_bytes.v, 4096 - 3 * 256);
	assert_int_equal(k.peak.v, 3);
	assert_true(k.peak_sampled);
	drvmem_dmapools__free_rows(&r);
}

static void names_with_spaces_and_numbers(void **state)
{
	struct drvmem_dmarows r;
	size_t len;
	char *text = unit_data("dmapools-5.10.txt", &len);

	(void)state;
	assert_int_equal(parse(text, len, &r), 0);
	free(text);
	assert_int_equal(r.n, 4);
	assert_string_equal(r.v[2].name, "xHCI 256 port bw ctx arrays");
	assert_int_equal(r.v[2].size, 256);
	assert_string_equal(r.v[3].name, "xHCI ring segments");
	assert_int_equal(r.v[3].active, 48);
	assert_int_equal(r.v[3].pages, 48);
	drvmem_dmapools__free_rows(&r);
}

static void malformed_lines_are_counted(void **state)
{
	static const char text[] = "poolinfo - 0.1\n"
				   "good 1 2 64 1\n"
				   "1 2 64 1\n"			/* no name */
				   "x -1 2 64 1\n"
				   "x 1 2 0 1\n"		/* blocks of nothing */
				   "x 1 2 64\n"
				   "x 1 99999999999999999999 64 1\n"
				   "\n"
				   "cut off 12 3";
	struct drvmem_dmarows r;

	(void)state;
	assert_int_equal(parse(text, sizeof(text) - 1, &r), 0);
	assert_int_equal(r.n, 1);
	assert_int_equal(r.skipped, 6);
	drvmem_dmapools__free_rows(&r);
}

static void other_formats_are_refused(void **state)
{
	struct drvmem_dmarows r;

	(void)state;
	assert_int_equal(parse("", 0, &r), -ENOTSUP);
	assert_int_equal(parse("poolinfo - 0.2\n", 15, &r), -ENOTSUP);
	assert_int_equal(parse("hello\n", 6, &r), -ENOTSUP);
}

/* Nothing that is computed may wrap round to a small number. */
static void huge_numbers_are_absent(void **state)
{
	const struct drvmem_dmarow row = { "x", UINT64_MAX, UINT64_MAX, 4096, UINT64_MAX };
	struct drvmem_pool k = { .waste_bytes = { 0, DRVMEM_ABSENT } };

	(void)state;
	drvmem_dmapools__fill(&k, &row, 4096);
	assert_int_equal(k.held_bytes.st, DRVMEM_ABSENT);
	assert_int_equal(k.used_bytes.st, DRVMEM_ABSENT);
	assert_int_equal(k.waste_bytes.st, DRVMEM_ABSENT);
	assert_int_equal(k.in_use.v, UINT64_MAX);
}

static void put(const char *dir, const char *name, const char *text)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void make_tree(const char *dir)
{
	char cmd[1024];

	snprintf(cmd, sizeof(cmd),
		 "cd %s && mkdir -p pci0/0000:00:04.0/power pci0/0000:00:05.0 pci0/bad system/cpu drv/nvme "
		 "mod/nvme && touch mod/nvme/initstate && ln -s ../../mod/nvme drv/nvme/module && "
		 "ln -s ../../drv/nvme pci0/0000:00:04.0/driver && ln -s .. pci0/loop", dir);
	assert_int_equal(system(cmd), 0);
}

static struct drvmem_pools *walk(const char *dir, uint32_t max_dirs)
{
	struct drvmem_pools *p = drvmem_pools__new();

	assert_non_null(p);
	assert_int_equal(drvmem_dmapools__read(p, dir, 4096, max_dirs), 0);
	drvmem_pools__sort(p);
	return p;
}

static void devices_are_walked(void **state)
{
	static const char good[] = "poolinfo - 0.1\nprp list page 2 4 4096 4\nodd\n";
	char dir[] = "/tmp/drvmem-devices-XXXXXX", sub[128], cmd[128];
	struct drvmem_pools *p;

	(void)state;
	assert_non_null(mkdtemp(dir));
	make_tree(dir);
	snprintf(sub, sizeof(sub), "%s/pci0/0000:00:04.0", dir);
	put(sub, "pools", good);
	put(strcat(sub, "/power"), "pools", good);	/* not looked at */
	snprintf(sub, sizeof(sub), "%s/pci0/0000:00:05.0", dir);
	put(sub, "pools", "poolinfo - 0.1\n");
	snprintf(sub, sizeof(sub), "%s/pci0/bad", dir);
	put(sub, "pools", "something else\n");
	snprintf(sub, sizeof(sub), "%s/system/cpu", dir);
	put(sub, "pools", good);

	p = walk(dir, 1000);
	assert_int_equal(p->source[DRVMEM_POOL_DMA].st, DRVMEM_OK);
	assert_int_equal(p->n, 1);
	assert_string_equal(p->v[0].name, "prp list page");
	assert_string_equal(p->v[0].device, "0000:00:04.0");
	assert_string_equal(p->v[0].driver, "nvme");
	assert_string_equal(p->v[0].owner, "nvme");
	assert_int_equal(p->v[0].held_bytes.v, 16384);
	assert_int_equal(p->v[0].refills.st, DRVMEM_ABSENT);
	/* the malformed line, and the file that is something else */
	assert_int_equal(p->nr_notes, 2);
	drvmem_pools__free(p);

	p = walk(dir, 1);
	assert_int_equal(p->nr_notes, 1);
	assert_non_null(strstr(p->notes[0], "left out"));
	drvmem_pools__free(p);

	/* a driver without an initstate is built in */
	snprintf(sub, sizeof(sub), "%s/mod/nvme/initstate", dir);
	unlink(sub);
	p = walk(dir, 1000);
	assert_string_equal(p->v[0].owner, "kernel");
	drvmem_pools__free(p);

	snprintf(cmd, sizeof(cmd), "rm -r %s", dir);
	assert_int_equal(system(cmd), 0);
	p = walk(dir, 1000);
	assert_int_equal(p->source[DRVMEM_POOL_DMA].st, DRVMEM_ABSENT);
	assert_int_equal(p->n, 0);
	drvmem_pools__free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_of_nvme),
		cmocka_unit_test(names_with_spaces_and_numbers),
		cmocka_unit_test(malformed_lines_are_counted),
		cmocka_unit_test(other_formats_are_refused),
		cmocka_unit_test(huge_numbers_are_absent),
		cmocka_unit_test(devices_are_walked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
