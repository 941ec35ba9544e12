/*
 * See variables.h.
 */
#include "base/base.h"
#include "tests/fuzz/variables.h"

#include "tests/fuzz/fuzz.h"

void variables_add(struct variables *vars, struct str line)
{
	if (vars->n == VARIABLES_MAX)
		return;
	vars->envp[vars->n] = strndup(line.ptr, line.len);
	FUZZ_CHECK(vars->envp[vars->n]);
	vars->envp[++vars->n] = NULL;
}

/* Cut the first line off the text; returns it without its end. */
static struct str cut_line(struct str *text)
{
	const char *end = memchr(text->ptr, '\n', text->len);
	struct str line = {text->ptr,
			   end ? (size_t)(end - text->ptr) : text->len};
	size_t n = line.len + (end ? 1 : 0);

	text->ptr += n;
	text->len -= n;
	return line;
}

void variables_read(struct variables *vars, struct str *text)
{
	*vars = (struct variables){.n = 0};
	while (text->len) {
		struct str line = cut_line(text);

		if (!line.len)
			break;
		variables_add(vars, line);
	}
}

void variables_free(struct variables *vars)
{
	for (size_t i = 0; i < vars->n; i++)
		free(vars->envp[i]);
}

const char *variables_get(const struct variables *vars, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < vars->n; i++)
		if (!strncmp(vars->envp[i], name, n) && vars->envp[i][n] == '=')
			return vars->envp[i] + n + 1;
	return NULL;
}
