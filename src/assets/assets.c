/*
 * Files that browsers load: see assets.h.
 */
#include "base/base.h"
#include "assets/assets.h"

const struct assets_file *assets_find(struct str path)
{
	for (size_t i = 0; i < assets_files_len; i++)
		if (str_eq(path, assets_files[i].path))
			return &assets_files[i];
	return NULL;
}

const struct assets_file *assets_versioned(const char *name)
{
	size_t i = 0;

	while (i < assets_files_len - 1 &&
	       (!assets_files[i].is_versioned ||
		strcmp(strrchr(assets_files[i].path, '/') + 1, name) != 0))
		i++;
	return &assets_files[i];
}
