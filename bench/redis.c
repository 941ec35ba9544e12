/*
 * redis: how quickly the store over Redis records and takes challenges, and
 * how quickly the same commands go by hiredis alone, from one process over one
 * connection each, one round trip after the other.
 *
 *	redis [-n COUNT] [-s KEY=VALUE|?QUERY] [-o OTHER] WHERE both|ours|bare
 *	redis [-n COUNT] [-p BYTES] WHERE fill
 *
 * WHERE is the path of a Unix socket, or a port of this machine; -s is a
 * setting, or what stands behind the address from ? on. Other settings are as
 * ever (CAPTCHA_TTL_S and so on).
 * Each challenge is recorded by itself (SET) and taken by the process that
 * recorded it (GETDEL). With `both` the two take turns every BLOCK commands, so
 * that what else happens on the machine happens to both. With -o a second
 * store, at OTHER and without -s, stands in for hiredis.
 *
 * Prints two lines: "issue OURS BARE" and "check OURS BARE", in commands a
 * second; 0 is what was not asked for. `fill` leaves COUNT challenges there,
 * with -p each with so many bytes under {PID}.png, and prints nothing.
 */
#include "app/app.h"
#include "base/base.h"
#include "app/options.h"
#include "base/clk.h"
#include "base/crypt.h"
#include "conn.h"

#include <getopt.h>
#include <hiredis/hiredis.h>

extern char **environ;

enum { BLOCK = 50, PICTURE_MAX = 1 << 20 };

enum side { OURS, BARE, SIDES };
enum what { ISSUE, CHECK, WHATS };

struct bench {
	struct app app[SIDES];
	struct store *store[SIDES]; /* NULL: by hiredis */
	redisContext *c;
	int64_t n_total;
	int64_t spent_ns[WHATS][SIDES];
	struct store_entry block[SIDES][BLOCK];
};

static void die(const char *why)
{
	(void)fprintf(stderr, "redis: %s\n", why);
	exit(1);
}

static redisReply *ask(struct bench *b, const char *format, ...)
{
	redisReply *reply;
	va_list args;

	va_start(args, format);
	reply = redisvCommand(b->c, format, args);
	va_end(args);
	if (!reply)
		die(b->c->errstr);
	if (reply->type == REDIS_REPLY_ERROR)
		die(reply->str);
	return reply;
}

static void dial(struct bench *b, const char *where)
{
	b->c = where[0] == '/' ? redisConnectUnix(where)
			       : redisConnect("127.0.0.1",
					      (int)strtol(where, NULL, 10));
	if (!b->c || b->c->err)
		die("no connection");
}

/* A store there, with a setting or a ?QUERY of its address if not NULL. */
static void open_store(struct bench *b, enum side side, const char *where,
		       const char *setting)
{
	bool is_query = setting && setting[0] == '?';
	char url[SETTINGS_PATH_BYTES], more[SETTINGS_PATH_BYTES];
	char *const sets[] = {url, more};
	struct app_sources sources = {.envp = environ, .sets = sets,
				      .n_sets = setting && !is_query ? 2 : 1,
				      .program = "redis"};
	struct cf_error err = CF_ERROR_INIT;
	struct store_options options;

	(void)snprintf(url, sizeof(url), "store=%s%s%s", where[0] == '/'
		       ? "unix://" : "redis://127.0.0.1:", where,
		       is_query ? setting : "");
	(void)snprintf(more, sizeof(more), "%s", setting ? setting : "");
	if (app_load(&b->app[side], &sources, &err))
		die(err.text);
	options = options_store(&b->app[side].settings);
	if (store_open(&options, STORE_FOR_MANY, &b->store[side], &err))
		die(err.text);
}

/* Six characters, as codes mostly have. */
static void make_code(char code[7])
{
	static const char of[33] = "abcdefghjkmnpqrstuvwxyz23456789_";
	uint8_t chance[6];

	crypt_random(chance, sizeof(chance));
	for (size_t i = 0; i < sizeof(chance); i++)
		code[i] = of[chance[i] % 31];
	code[6] = '\0';
}

static void make_block(struct bench *b, enum side side, size_t n)
{
	const struct settings *settings = &b->app[OURS].settings;
	struct clk clk = clk_system();
	int64_t now_unix_ms = clk_unix_ms(&clk);

	for (size_t i = 0; i < n; i++) {
		struct store_entry *e = &b->block[side][i];

		*e = (struct store_entry){
			.attempts_left = (int)settings->base.attempts,
			.created_unix_ms = now_unix_ms,
			.expires_unix_ms = now_unix_ms +
					   settings->base.ttl_s * 1000};
		pid_make(&e->pid, now_unix_ms);
		make_code(e->code);
	}
}

static void by_store(struct store *store, enum what what,
		     const struct store_entry *e)
{
	struct cf_error err = CF_ERROR_INIT;
	struct store_entry got;

	if (what == ISSUE ? store_put(store, e, 1, &err)
			  : store_take(store, &e->pid, &got, &err))
		die(err.text);
	if (what == CHECK && strcmp(got.code, e->code))
		die("another code came back");
}

/* The same bytes to the server, and the same look at what comes back. */
static void by_hiredis(struct bench *b, enum what what,
		       const struct store_entry *e)
{
	const struct settings *settings = &b->app[OURS].settings;
	const char *prefix = settings->key_prefix;
	redisReply *reply;

	if (what == ISSUE)
		reply = ask(b, "SET %s%s %s PX %lld NX", prefix, e->pid.text,
			    e->code, (long long)settings->base.ttl_s * 1000);
	else
		reply = ask(b, "GETDEL %s%s", prefix, e->pid.text);
	if (reply->type == REDIS_REPLY_NIL ||
	    (what == CHECK && strcmp(reply->str, e->code)))
		die("another answer came back");
	freeReplyObject(reply);
}

static void run_block(struct bench *b, enum what what, enum side side, size_t n)
{
	int64_t began_ns = conn_now_ns();

	for (size_t i = 0; i < n; i++)
		if (b->store[side])
			by_store(b->store[side], what, &b->block[side][i]);
		else
			by_hiredis(b, what, &b->block[side][i]);
	b->spent_ns[what][side] += conn_now_ns() - began_ns;
}

static void run(struct bench *b, bool is_wanted[SIDES])
{
	for (int64_t done = 0; done < b->n_total; done += BLOCK) {
		size_t n = b->n_total - done < BLOCK
				   ? (size_t)(b->n_total - done)
				   : BLOCK;

		for (int side = 0; side < SIDES; side++)
			make_block(b, (enum side)side, n);
		for (int what = 0; what < WHATS; what++)
			for (int i = 0; i < SIDES; i++) {
				/* none is always the first */
				int side = (int)(done / BLOCK + i) % SIDES;

				if (is_wanted[side])
					run_block(b, (enum what)what,
						  (enum side)side, n);
			}
	}
}

static void fill(struct bench *b, size_t picture_bytes)
{
	const struct settings *settings = &b->app[OURS].settings;
	int64_t ttl_ms = settings->base.ttl_s * 1000;
	char *picture = calloc(1, PICTURE_MAX);

	if (!picture)
		die("no memory");
	crypt_random(picture, picture_bytes);
	for (int64_t i = 0; i < b->n_total; i++) {
		struct store_entry *e = &b->block[OURS][0];

		make_block(b, OURS, 1);
		by_store(b->store[OURS], ISSUE, e);
		if (picture_bytes)
			freeReplyObject(ask(b, "SET %s{%s}.png %b PX %lld NX",
					    settings->key_prefix, e->pid.text,
					    picture, picture_bytes,
					    (long long)ttl_ms));
	}
	free(picture);
}

static double rate(const struct bench *b, enum what what, enum side side)
{
	int64_t ns = b->spent_ns[what][side];

	return ns ? (double)b->n_total * 1e9 / (double)ns : 0;
}

static int usage(void)
{
	(void)fprintf(stderr, "usage: redis [-n COUNT] [-s KEY=VALUE|?QUERY] "
		      "[-o OTHER] [-p BYTES] SOCKET|PORT "
		      "both|ours|bare|fill\n");
	return 2;
}

int main(int argc, char **argv)
{
	static const char *const names[WHATS] = {"issue", "check"};
	static struct bench b = {.n_total = 10000};
	struct cf_error err = CF_ERROR_INIT;
	const char *mode, *setting = NULL, *other = NULL;
	size_t picture_bytes = 0;
	int option;

	while ((option = getopt(argc, argv, "n:s:o:p:")) != -1)
		switch (option) {
		case 'n': b.n_total = strtoll(optarg, NULL, 10); break;
		case 's': setting = optarg; break;
		case 'o': other = optarg; break;
		case 'p': picture_bytes = strtoul(optarg, NULL, 10); break;
		default: return usage();
		}
	if (argc - optind != 2 || b.n_total < 1 || picture_bytes > PICTURE_MAX)
		return usage();
	mode = argv[optind + 1];
	if (crypt_open(&err))
		die(err.text);
	open_store(&b, OURS, argv[optind], setting);
	if (other)
		open_store(&b, BARE, other, NULL);
	dial(&b, argv[optind]);
	if (!strcmp(mode, "fill")) {
		fill(&b, picture_bytes);
	} else {
		run(&b, (bool[SIDES]){strcmp(mode, "bare") != 0,
				      strcmp(mode, "ours") != 0});
		for (int what = 0; what < WHATS; what++)
			(void)printf("%s %.0f %.0f\n", names[what],
				     rate(&b, (enum what)what, OURS),
				     rate(&b, (enum what)what, BARE));
	}
	redisFree(b.c);
	for (int side = 0; side < SIDES; side++) {
		store_close(b.store[side]);
		app_close(&b.app[side]);
	}
	return 0;
}
