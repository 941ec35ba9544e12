/*
 * fuzz_TARGET without a fuzzer: call the target with each file of its corpus,
 * tests/fuzz/corpus/TARGET, or with the files named. Prints TAP; a failure
 * ends the program, and the last line is the file before it.
 */
#include "base/base.h"

#include <dirent.h>

#include "tests/fuzz/fuzz.h"

enum {
	INPUT_MAX_BYTES = 1 << 20
};

static int n_tests;

static void replay(const char *path)
{
	static uint8_t data[INPUT_MAX_BYTES];
	FILE *f = fopen(path, "rb");
	size_t n = f ? fread(data, 1, sizeof(data), f) : 0;
	uint8_t *copy = malloc(n ? n : 1); /* asan sees its exact end */

	if (!f || !copy || n == sizeof(data)) {
		(void)printf("Bail out! %s: cannot be read, or is too long\n",
			     path);
		exit(1);
	}
	(void)fclose(f);
	memcpy(copy, data, n);
	(void)LLVMFuzzerTestOneInput(copy, n);
	free(copy);
	(void)printf("ok %d - %s\n", ++n_tests, path);
	(void)fflush(stdout);
}

static int is_file(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

int main(int argc, char **argv)
{
	const char *root = getenv("srcdir"); /* as automake's tests have it */
	const char *target = strstr(argv[0], "/fuzz_");
	struct dirent **list = NULL;
	char dir[512], path[1024];
	int n;

	for (int i = 1; i < argc; i++)
		replay(argv[i]);
	if (argc == 1) {
		(void)snprintf(dir, sizeof(dir), "%s/tests/fuzz/corpus/%s",
			       root ? root : ".",
			       target ? target + strlen("/fuzz_") : "");
		n = scandir(dir, &list, is_file, alphasort);
		for (int i = 0; i < n; i++) {
			(void)snprintf(path, sizeof(path), "%s/%s", dir,
				       list[i]->d_name);
			replay(path);
			free(list[i]);
		}
		free(list);
		if (n <= 0)
			(void)printf("not ok 1 - no corpus in %s\n", dir);
	}
	(void)printf("1..%d\n", n_tests ? n_tests : 1);
	return n_tests ? 0 : 1;
}
