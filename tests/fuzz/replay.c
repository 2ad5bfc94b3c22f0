// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * main() for builds without libFuzzer: runs the target on every file of the
 * directories and files named, each in a buffer of exactly its size.
 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz.h"

#define MAX_INPUT_BYTES (16u << 20)

static int replay_file(const char *path, unsigned long *count)
{
	FILE *f = fopen(path, "rb");
	uint8_t *big = malloc(MAX_INPUT_BYTES), *exact = NULL;
	size_t n = 0;
	int ret = -1;

	if (f && big) {
		n = fread(big, 1, MAX_INPUT_BYTES, f);
		exact = malloc(n ? n : 1);
	}
	if (exact && !ferror(f)) {
		memcpy(exact, big, n);
		LLVMFuzzerTestOneInput(exact, n);
		(*count)++;
		ret = 0;
	} else {
		fprintf(stderr, "replay: cannot read %s\n", path);
	}
	if (f)
		fclose(f);
	free(big);
	free(exact);
	return ret;
}

static int replay_dir(const char *dir, unsigned long *count)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	char path[4096];
	int ret = 0;

	if (!d) {
		fprintf(stderr, "replay: cannot open %s\n", dir);
		return -1;
	}
	while ((e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		if (replay_file(path, count))
			ret = -1;
	}
	closedir(d);
	return ret;
}

int main(int argc, char **argv)
{
	unsigned long count = 0;
	struct stat st;
	int failed = 0;

	for (int i = 1; i < argc; i++) {
		if (!stat(argv[i], &st) && S_ISDIR(st.st_mode))
			failed |= replay_dir(argv[i], &count);
		else
			failed |= replay_file(argv[i], &count);
	}
	fprintf(stderr, "replayed %lu inputs\n", count);
	/* an empty corpus tests nothing */
	return failed || !count ? 1 : 0;
}
