/*
 * Progress: see progress.h. Redraws the line ten times a second, on standard
 * error.
 */
#include "base/base.h"
#include "base/clk.h"
#include "ctl/progress.h"

enum { REDRAW_MS = 100 };

void progress_init(struct progress *progress, const char *what)
{
	progress->what = what;
	progress->is_shown = isatty(STDERR_FILENO);
	progress->shown_mono_ms = INT64_MIN / 2;
}

void progress_show(struct progress *progress, int64_t n_done, int64_t n_all)
{
	struct clk clk = clk_system();
	int64_t now = clk_mono_ms(&clk);

	if (!progress->is_shown || n_all <= 0)
		return;
	if (now - progress->shown_mono_ms < REDRAW_MS && n_done < n_all)
		return;
	progress->shown_mono_ms = now;
	(void)fprintf(stderr, "\r%s: %lld of %lld (%lld %%)", progress->what,
		      (long long)n_done, (long long)n_all,
		      (long long)(n_done * 100 / n_all));
	(void)fflush(stderr);
}

void progress_end(struct progress *progress)
{
	if (progress->is_shown && progress->shown_mono_ms > INT64_MIN / 2)
		(void)fputs("\r\033[K", stderr);
}
