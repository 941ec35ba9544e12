/*
 * soak: visitors of all kinds for hours. Keeps connections busy with a mix of
 * requests, right, wrong and malformed, each of which has one right answer;
 * any other is an error.
 *
 *	soak [-c CONNECTIONS] [-n REQUESTS] [-t SECONDS] [-r RATE] [-s SEED]
 *	     PORT PREFIX
 *
 * Ends after REQUESTS or SECONDS, whichever is first. RATE requests a second
 * are sent, but in the last third of each minute as many as come back; 0 never
 * holds back. The right codes are read in the store that the settings name
 * (CAPTCHA_STORE and so on), which are to be those of the service. A profile
 * "sum" is asked for too.
 *
 * Prints a table in Markdown, and progress to standard error. Exit code 1 when
 * an answer was not the right one, 2 at once when a pid was accepted twice or
 * for a wrong code.
 */
#include "app/app.h"
#include "base/base.h"
#include "app/options.h"
#include "base/crypt.h"
#include "base/rng.h"
#include "conn.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <sys/epoll.h>

extern char **environ;

enum {
	CONNECTIONS_MAX = 64,
	VISITS = 16384, /* that are remembered */
	TRIES = 64,	/* to find one of them that fits */
	REQUEST_MAX = 16384,
	LONG_BYTES = 5000, /* %z; more than the limits of request.h */
	STATUS_MAX = 600,
	EXAMPLES_MAX = 3, /* of the errors of a kind */
	CLOSE_EVERY = 256,
	PATIENCE_MS = 30000,
	CALM_S = 40, /* of each minute */
	PROGRESS_S = 10,
};

/* What a request does to a visit: which state that must be in, and what comes
 * after. */
enum role {
	ROLE_NONE,
	ROLE_ISSUE,
	ROLE_SHOW,
	ROLE_RIGHT,
	ROLE_TWIN, /* the right answer again while the first is under way */
	ROLE_WRONG,
	ROLE_USED,
	ROLE_LATE, /* the right answer after the challenge has expired */
};

#define CHECK "POST /verification/check"
#define FORM  "application/x-www-form-urlencoded"
#define JSON  "application/json"

#define NO_MORE "[\"expired-or-used\"]"

/*
 * A kind of request, how often it comes, and its right answer. In line and
 * body %p is the pid, %c its code, %w a wrong code, %z LONG_BYTES bytes and
 * %% a percent sign.
 */
static const struct kind {
	const char *name;
	enum role role;
	uint32_t weight;
	const char *line;
	const char *type;
	const char *body;
	int status;
	const char *says; /* is in the answer */
} kinds[] = {
	{"issue", ROLE_ISSUE, 200, "GET /verification/get", NULL, NULL, 200,
	 "\"img\":\"data:image/png;base64,iVBOR"},
	{"issue, address", ROLE_ISSUE, 80, "GET /verification/get?img=url",
	 NULL, NULL, 200, ".png\",\"expires_in\":"},
	{"issue, profile", ROLE_ISSUE, 40, "GET /verification/get?profile=sum",
	 NULL, NULL, 200, "\"img\":\"data:image/png;base64,iVBOR"},
	{"demo page", ROLE_NONE, 10, "GET /demo", NULL, NULL, 200, "</html>"},
	{"show", ROLE_SHOW, 150, "GET /image/%p.png", NULL, NULL, 200,
	 "\x89PNG\r\n\x1a\n"},
	{"right, form", ROLE_RIGHT, 120, CHECK, FORM, "pid=%p&code=%c", 200,
	 "{\"success\":true,"},
	{"right, JSON", ROLE_RIGHT, 40, CHECK, JSON,
	 "{\"pid\":\"%p\",\"code\":\"%c\"}", 200, "{\"success\":true,"},
	{"right, twice at once", ROLE_TWIN, 40, CHECK, FORM, "pid=%p&code=%c",
	 200, "{\"success\":true,"},
	{"wrong", ROLE_WRONG, 60, CHECK, FORM, "pid=%p&code=%w", 200,
	 "[\"wrong\"]"},
	{"replayed", ROLE_USED, 60, CHECK, FORM, "pid=%p&code=%c", 200,
	 NO_MORE},
	{"too late", ROLE_LATE, 20, CHECK, FORM, "pid=%p&code=%c", 200,
	 NO_MORE},
	{"show, used", ROLE_USED, 20, "GET /image/%p.png", NULL, NULL, 404,
	 "\"status\":404"},
	{"unknown pid", ROLE_NONE, 10, CHECK, FORM,
	 "pid=0000000000000000&code=x", 200, NO_MORE},
	{"malformed pid", ROLE_NONE, 10, CHECK, FORM,
	 "pid=..%%2F..%%2Fetc&code=x", 200, "[\"bad-request\"]"},
	{"show, malformed pid", ROLE_NONE, 10, "GET /image/0000.png", NULL,
	 NULL, 404, "\"status\":404"},
	{"no code", ROLE_NONE, 10, CHECK, FORM, "pid=0000000000000000", 200,
	 "[\"missing-code\"]"},
	{"broken escape", ROLE_NONE, 10, CHECK, FORM, "pid=%%zz&code=x", 400,
	 "[\"bad-request\"]"},
	{"a field twice", ROLE_NONE, 10, CHECK, FORM, "pid=x&code=x&code=y",
	 400, "[\"bad-request\"]"},
	{"half of JSON", ROLE_NONE, 10, CHECK, JSON, "{\"pid\":\"0000", 400,
	 "[\"bad-request\"]"},
	{"deep JSON", ROLE_NONE, 10, CHECK, JSON,
	 "{\"pid\":[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]}", 400,
	 "[\"bad-request\"]"},
	{"another type", ROLE_NONE, 10, CHECK, "text/plain", "pid=x&code=x",
	 415, "\"status\":415"},
	{"long body", ROLE_NONE, 10, CHECK, FORM, "pid=x&code=%z", 413,
	 "\"status\":413"},
	{"long query", ROLE_NONE, 10, "GET /verification/get?x=%z", NULL, NULL,
	 400, "\"status\":400"},
	{"unknown profile", ROLE_NONE, 10, "GET /verification/get?profile=no",
	 NULL, NULL, 400, "\"status\":400"},
	{"unknown route", ROLE_NONE, 10, "GET /nothing", NULL, NULL, 404,
	 "\"status\":404"},
	{"wrong method", ROLE_NONE, 10, "GET /verification/check", NULL, NULL,
	 405, "Allow: POST"},
};

enum { KINDS = CF_ARRAY_LEN(kinds) };

enum visit_state {
	VISIT_NONE,
	VISIT_LIVE,
	VISIT_RIGHT_SENT,
	VISIT_WRONG_SENT,
	VISIT_USED,
};

/* A challenge that was issued. */
struct visit {
	struct store_entry entry; /* with attempts_left as it should be now */
	enum visit_state state;
	int n_busy;    /* requests under way */
	int n_success; /* never above 1 */
	int64_t issued_ns;
	uint64_t picture; /* hash of it, 0 until it was shown */
};

/* Latencies in buckets of 3 % each: as many to a power of two as STEPS. */
enum { STEPS = 32, BUCKETS = 32 * STEPS };

/* What was sent while RATE held, and while as many as came back. */
enum phase { CALM, RUSH, PHASES };

struct counts {
	int64_t n[PHASES];
	int64_t n_errors;
	int64_t longest_us;
	int64_t bucket[PHASES][BUCKETS];
	int64_t status[STATUS_MAX]; /* of errors; 0: no answer */
};

struct connection {
	struct conn conn; /* first, so that epoll's data is both */
	bool is_busy;
	enum phase phase;
	const struct kind *kind;
	struct visit *visit; /* NULL: none's */
};

struct run {
	in_port_t port;
	const char *prefix;
	int epoll_fd;
	int n_connections;
	int64_t n_requests_max, ns_max;
	int64_t rate;
	struct store *store;
	int64_t ttl_ns;
	struct rng rng;
	uint32_t weights; /* sum */
	int64_t began_ns, next_ns;
	int64_t n_sent, n_done;
	int turn; /* the connection that sends next, if it is idle */
	struct visit *last_right;
	struct counts all, of_kind[KINDS];
	struct buf line, body, request;
};

static struct connection connections[CONNECTIONS_MAX];
static struct visit visits[VISITS];

/* --- what was measured ---------------------------------------------------- */

static size_t bucket_of(int64_t us)
{
	size_t shift = 0;

	while (us >> shift >= 2 * STEPS)
		shift++;
	return shift * STEPS + (size_t)(us >> shift);
}

/* The least that is in a bucket. */
static int64_t bucket_us(size_t bucket)
{
	size_t shift = bucket < 2 * STEPS ? 0 : bucket / STEPS - 1;

	return (int64_t)(bucket - shift * STEPS) << shift;
}

static void count_latency(struct counts *counts, enum phase phase, int64_t us)
{
	size_t bucket = bucket_of(us);

	counts->n[phase]++;
	counts->bucket[phase][bucket < BUCKETS ? bucket : BUCKETS - 1]++;
	if (us > counts->longest_us)
		counts->longest_us = us;
}

static double percentile_ms(const struct counts *counts, enum phase phase,
			    int64_t percent)
{
	int64_t n = 0;

	for (size_t i = 0; i < BUCKETS; i++) {
		n += counts->bucket[phase][i];
		if (n * 100 >= counts->n[phase] * percent)
			return (double)bucket_us(i) / 1000;
	}
	return 0;
}

static void print_row(const char *name, const char *answer,
		      const struct counts *counts)
{
	(void)printf("| %s | %s | %lld | %lld |", name, answer,
		     (long long)(counts->n[CALM] + counts->n[RUSH]),
		     (long long)counts->n_errors);
	for (enum phase phase = CALM; phase < PHASES; phase++)
		if (counts->n[phase])
			(void)printf(" %.2f | %.2f |",
				     percentile_ms(counts, phase, 50),
				     percentile_ms(counts, phase, 99));
		else
			(void)printf(" - | - |");
	(void)printf(" %.0f |\n", (double)counts->longest_us / 1000);
}

static void print_errors(const struct kind *kind, const struct counts *counts)
{
	for (int i = 0; i < STATUS_MAX; i++)
		if (counts->status[i])
			(void)printf("- %s: %lld errors with status %d\n",
				     kind->name, (long long)counts->status[i],
				     i);
}

static void report(const struct run *run)
{
	double seconds = (double)(conn_now_ns() - run->began_ns) / 1e9;

	(void)printf("%lld requests in %.0f s, %.0f a second; %lld errors; no "
		     "pid was accepted twice, or for a wrong code.\n\n",
		     (long long)run->n_done, seconds,
		     (double)run->n_done / seconds,
		     (long long)run->all.n_errors);
	(void)printf("| request | answer | requests | errors | calm: p50 ms "
		     "| p99 ms | rush: p50 ms | p99 ms | longest ms |\n"
		     "| --- | --- | --- | --- | --- | --- | --- | --- | --- "
		     "|\n");
	for (size_t i = 0; i < KINDS; i++) {
		char status[16];

		(void)snprintf(status, sizeof(status), "%d", kinds[i].status);
		print_row(kinds[i].name, status, &run->of_kind[i]);
	}
	print_row("all", "", &run->all);
	if (run->all.n_errors)
		(void)puts("");
	for (size_t i = 0; i < KINDS; i++)
		print_errors(&kinds[i], &run->of_kind[i]);
}

/* --- requests ------------------------------------------------------------- */

/* Of a code, one that is as near as can be. */
static void add_wrong(struct buf *out, const char *code)
{
	size_t n = strlen(code);
	char last = code[n - 1];

	buf_add(out, code, n - 1);
	if (last >= '0' && last <= '9')
		buf_add_char(out, last == '7' ? '8' : '7');
	else
		buf_add_char(out, last == 'x' ? 'w' : 'x');
}

static void expand(struct buf *out, const char *text, const struct visit *visit)
{
	for (; *text; text++) {
		if (*text != '%') {
			buf_add_char(out, *text);
			continue;
		}
		switch (*++text) {
		case 'p': buf_add_str(out, visit->entry.pid.text); break;
		case 'c': buf_add_str(out, visit->entry.code); break;
		case 'w': add_wrong(out, visit->entry.code); break;
		case 'z':
			for (int i = 0; i < LONG_BYTES; i++)
				buf_add_char(out, 'a');
			break;
		default: buf_add_char(out, *text);
		}
	}
}

static void write_request(struct run *run, const struct connection *c)
{
	const struct kind *kind = c->kind;
	const char *path = strchr(kind->line, ' ') + 1;
	bool is_last = !rng_below(&run->rng, CLOSE_EVERY);

	buf_reset(&run->line);
	buf_reset(&run->body);
	buf_reset(&run->request);
	expand(&run->line, path, c->visit);
	if (kind->body)
		expand(&run->body, kind->body, c->visit);
	buf_add(&run->request, kind->line, (size_t)(path - kind->line));
	buf_addf(&run->request, "%s%s HTTP/1.1\r\nHost: 127.0.0.1\r\n%s",
		 run->prefix, run->line.ptr,
		 is_last ? "Connection: close\r\n" : "");
	if (kind->body)
		buf_addf(&run->request,
			 "Content-Type: %s\r\nContent-Length: %zu\r\n",
			 kind->type, run->body.len);
	buf_add_str(&run->request, "\r\n");
	if (kind->body)
		buf_add(&run->request, run->body.ptr, run->body.len);
}

/* --- visits --------------------------------------------------------------- */

/* Whether a visit is in the state that a role needs. What is answered early is
 * answered in the first third of its life, and late after twice that: so much
 * may a machine be held up before an answer counts as wrong. */
static bool fits(const struct run *run, const struct visit *visit,
		 enum role role)
{
	int64_t age_ns = conn_now_ns() - visit->issued_ns;
	bool is_young = age_ns < run->ttl_ns / 3;

	switch (role) {
	case ROLE_ISSUE: return !visit->n_busy;
	case ROLE_SHOW: return visit->state == VISIT_LIVE && is_young;
	case ROLE_RIGHT:
	case ROLE_WRONG:
		return visit->state == VISIT_LIVE && is_young && !visit->n_busy;
	case ROLE_TWIN: return visit->state == VISIT_RIGHT_SENT;
	case ROLE_USED: return visit->state == VISIT_USED;
	case ROLE_LATE:
		return visit->state == VISIT_LIVE && !visit->n_busy &&
		       age_ns > run->ttl_ns / 3 * 4;
	case ROLE_NONE: break;
	}
	return false;
}

static struct visit *find_visit(struct run *run, enum role role)
{
	if (role == ROLE_TWIN)
		return run->last_right && fits(run, run->last_right, role)
			       ? run->last_right : NULL;
	for (int i = 0; i < TRIES; i++) {
		struct visit *visit = &visits[rng_below(&run->rng, VISITS)];

		if (fits(run, visit, role))
			return visit;
	}
	return NULL;
}

static const struct kind *draw_kind(struct run *run)
{
	uint32_t at = rng_below(&run->rng, run->weights);
	const struct kind *kind = kinds;

	while (at >= kind->weight)
		at -= (kind++)->weight;
	return kind;
}

/* What comes next on c: by chance, and an issue where no visit fits. */
static void choose(struct run *run, struct connection *c)
{
	c->kind = draw_kind(run);
	c->visit = NULL;
	if (c->kind->role == ROLE_NONE)
		return;
	if (c->kind->role != ROLE_ISSUE)
		c->visit = find_visit(run, c->kind->role);
	if (!c->visit) {
		if (c->kind->role != ROLE_ISSUE)
			c->kind = &kinds[0];
		return;
	}
	c->visit->n_busy++;
	if (c->kind->role == ROLE_RIGHT) {
		c->visit->state = VISIT_RIGHT_SENT;
		run->last_right = c->visit;
	} else if (c->kind->role == ROLE_WRONG) {
		c->visit->state = VISIT_WRONG_SENT;
	}
}

static uint64_t hash(const char *ptr, size_t len)
{
	uint64_t h = 0xcbf29ce484222325; /* FNV-1a */

	while (len--)
		h = (h ^ (unsigned char)*ptr++) * 0x100000001b3;
	return h;
}

/* Remember what was issued, in the place of one that nobody waits for. NULL,
 * or what is wrong. */
static const char *note_issue(struct run *run, const struct connection *c)
{
	struct visit *visit = find_visit(run, ROLE_ISSUE);
	const char *text = strstr(c->conn.answer, "{\"pid\":\"");
	struct pid pid;
	struct cf_error err = CF_ERROR_INIT;

	if (!visit)
		return NULL; /* forgotten: it expires */
	if (!text || strlen(text) < 8 + PID_CHARS ||
	    !pid_parse(&pid, (struct str){text + 8, PID_CHARS}))
		return "has no pid";
	*visit = (struct visit){.issued_ns = c->conn.sent_ns};
	if (store_peek(run->store, &pid, &visit->entry, &err))
		return "its pid is not in the store";
	visit->state = VISIT_LIVE;
	return NULL;
}

static const char *note_picture(struct visit *visit, const struct conn *conn)
{
	const char *body = strstr(conn->answer, "\r\n\r\n");
	const char *end = conn->answer + conn->len;
	uint64_t picture = hash(body, (size_t)(end - body));

	if (visit->picture && visit->picture != picture)
		return "another picture than before";
	visit->picture = picture;
	return NULL;
}

static void give_up(const struct connection *c, const char *why)
{
	(void)fprintf(stderr, "soak: FATAL: pid %s, code %s: %s (%s)\n",
		      c->visit ? c->visit->entry.pid.text : "-",
		      c->visit ? c->visit->entry.code : "-", why,
		      c->kind->name);
	exit(2);
}

/* Whether the answer says what it should. Of right answers at once, each but
 * one comes too late; which one is open. */
static bool says_it(const struct connection *c, bool is_success)
{
	const struct visit *visit = c->visit;
	const char *says = c->kind->says;

	if ((c->kind->role == ROLE_RIGHT || c->kind->role == ROLE_TWIN) &&
	    !is_success && visit->n_busy + visit->n_success > 0)
		says = NO_MORE;
	return memmem(c->conn.answer, c->conn.len, says, strlen(says));
}

/* What an answer with the right status makes of the visit: NULL, or what is
 * wrong with it. */
static const char *judge(struct run *run, struct connection *c)
{
	struct visit *visit = c->visit;
	bool is_success = strstr(c->conn.answer, "\"success\":true");

	if (is_success) {
		if (c->kind->role != ROLE_RIGHT && c->kind->role != ROLE_TWIN)
			give_up(c, "accepted, and should not be");
		if (++visit->n_success > 1)
			give_up(c, "accepted twice");
	}
	if (!says_it(c, is_success))
		return "the answer does not say what it should";
	switch (c->kind->role) {
	case ROLE_ISSUE: return note_issue(run, c);
	case ROLE_SHOW: return note_picture(visit, &c->conn);
	case ROLE_WRONG:
		visit->state = --visit->entry.attempts_left > 0 ? VISIT_LIVE
								: VISIT_USED;
		break;
	case ROLE_LATE: visit->state = VISIT_USED; break;
	case ROLE_RIGHT:
	case ROLE_TWIN:
		if (!visit->n_busy)
			visit->state = VISIT_USED;
		break;
	case ROLE_NONE:
	case ROLE_USED: break;
	}
	return NULL;
}

static void note_error(struct counts *counts, const struct connection *c,
		       int status, const char *why)
{
	const char *body = status ? strstr(c->conn.answer, "\r\n\r\n") : NULL;

	counts->status[status]++;
	if (counts->n_errors++ >= EXAMPLES_MAX)
		return;
	body = body ? body + 4 : "";
	(void)fprintf(stderr, "soak: %s: %s (%d, not %d), pid %s: %.*s\n",
		      c->kind->name, why, status, c->kind->status,
		      c->visit ? c->visit->entry.pid.text : "-",
		      (int)strcspn(body, "\n"), body);
}

/* The end of c's request; is_whole false: without an answer. */
static void take_answer(struct run *run, struct connection *c, bool is_whole)
{
	struct counts *counts = &run->of_kind[c->kind - kinds];
	int64_t us = (conn_now_ns() - c->conn.sent_ns) / 1000;
	int status = is_whole ? conn_status(&c->conn) : 0;
	const char *why;

	if (c->visit)
		c->visit->n_busy--;
	if (!is_whole)
		why = "no answer";
	else if (status != c->kind->status)
		why = "another status";
	else
		why = judge(run, c);
	if (why) {
		note_error(counts, c, status, why);
		run->all.n_errors++;
		if (c->visit) /* nothing more is known of it */
			c->visit->state = VISIT_NONE;
	}
	count_latency(counts, c->phase, us);
	count_latency(&run->all, c->phase, us);
	c->is_busy = false;
	run->n_done++;
}

/* --- the run -------------------------------------------------------------- */

static void send_next(struct run *run, struct connection *c)
{
	if (c->conn.fd < 0)
		conn_open(&c->conn, run->port, run->epoll_fd);
	choose(run, c);
	write_request(run, c);
	run->n_sent++;
	c->is_busy = true;
	if (!conn_send(&c->conn, run->request.ptr, run->request.len))
		take_answer(run, c, false);
}

static enum phase phase_at(const struct run *run, int64_t now_ns)
{
	int64_t s = (now_ns - run->began_ns) / 1000000000;

	return run->rate && s % 60 < CALM_S ? CALM : RUSH;
}

/* How long the next request is to wait. */
static int64_t wait_ns(struct run *run, int64_t now_ns)
{
	if (phase_at(run, now_ns) == RUSH)
		run->next_ns = now_ns;
	return run->next_ns > now_ns ? run->next_ns - now_ns : 0;
}

static bool is_over(const struct run *run, int64_t now_ns)
{
	return run->n_sent >= run->n_requests_max ||
	       now_ns - run->began_ns >= run->ns_max;
}

/* Send on idle connections what is due; for how long then to wait at most.
 * They take turns, or a web server would close some that are kept. */
static int send_due(struct run *run)
{
	for (int i = 0; i < run->n_connections; i++) {
		struct connection *c = &connections[run->turn];
		int64_t now_ns = conn_now_ns(), ns;

		if (is_over(run, now_ns))
			break;
		ns = wait_ns(run, now_ns);
		if (ns)
			return (int)(ns / 1000000) + 1;
		run->turn = (run->turn + 1) % run->n_connections;
		if (c->is_busy)
			continue;
		c->phase = phase_at(run, now_ns);
		if (run->rate)
			run->next_ns += 1000000000 / run->rate;
		send_next(run, c);
	}
	return PATIENCE_MS;
}

static void show_progress(const struct run *run, int64_t now_ns)
{
	int64_t s = (now_ns - run->began_ns) / 1000000000;

	(void)fprintf(stderr, "soak: %lld s, %lld requests, %lld errors\n",
		      (long long)s, (long long)run->n_done,
		      (long long)run->all.n_errors);
}

static void read_answers(struct run *run, int wait_ms)
{
	struct epoll_event events[CONNECTIONS_MAX];
	int n = epoll_wait(run->epoll_fd, events, CONNECTIONS_MAX, wait_ms);

	if (n <= 0 && wait_ms == PATIENCE_MS) {
		(void)fprintf(stderr, "soak: no answer in 30 s\n");
		exit(1);
	}
	for (int i = 0; i < n; i++) {
		struct connection *c = events[i].data.ptr;
		enum conn_state state = conn_read(&c->conn);

		if (!c->is_busy) /* closed by the server in its own time */
			continue;
		if (state != CONN_MORE)
			take_answer(run, c, state == CONN_WHOLE);
	}
}

static void soak(struct run *run)
{
	int64_t progress_ns;

	run->began_ns = run->next_ns = conn_now_ns();
	progress_ns = run->began_ns;
	for (;;) {
		int wait_ms = send_due(run);
		int64_t now_ns = conn_now_ns();

		if (now_ns - progress_ns >= PROGRESS_S * INT64_C(1000000000)) {
			progress_ns = now_ns;
			show_progress(run, now_ns);
		}
		if (run->n_done == run->n_sent && is_over(run, now_ns))
			break;
		if (run->n_done < run->n_sent || wait_ms < PATIENCE_MS)
			read_answers(run, wait_ms);
	}
}

static bool read_options(struct run *run, int argc, char **argv)
{
	int option;
	long seconds = 0;

	while ((option = getopt(argc, argv, "c:n:t:r:s:")) != -1) {
		long n = optarg ? strtol(optarg, NULL, 10) : -1;

		if (n < 0)
			return false;
		switch (option) {
		case 'c': run->n_connections = (int)n; break;
		case 'n': run->n_requests_max = n; break;
		case 't': seconds = n; break;
		case 'r': run->rate = n; break;
		case 's': rng_init(&run->rng, (uint64_t)n); break;
		default: return false;
		}
	}
	if (argc - optind != 2 || run->n_connections < 1 ||
	    run->n_connections > CONNECTIONS_MAX)
		return false;
	run->ns_max = seconds ? seconds * 1000000000 : INT64_MAX;
	run->port = htons((uint16_t)strtoul(argv[optind], NULL, 10));
	run->prefix = argv[optind + 1];
	return seconds || run->n_requests_max < INT64_MAX;
}

int main(int argc, char **argv)
{
	static struct run run = {.n_connections = 16,
				 .n_requests_max = INT64_MAX};
	struct app_sources sources = {.envp = environ, .program = "soak"};
	struct cf_error err = CF_ERROR_INIT;
	struct store_options options;
	struct app app;

	rng_init(&run.rng, 1);
	if (!read_options(&run, argc, argv)) {
		(void)fprintf(stderr, "usage: soak [-c CONNECTIONS] "
			      "[-n REQUESTS] [-t SECONDS] [-r RATE] [-s SEED] "
			      "PORT PREFIX\n");
		return 64;
	}
	if (crypt_open(&err) || app_load(&app, &sources, &err)) {
		(void)fprintf(stderr, "soak: %s\n", err.text);
		return 1;
	}
	options = options_store(&app.settings);
	if (store_open(&options, STORE_FOR_MANY, &run.store, &err)) {
		(void)fprintf(stderr, "soak: %s\n", err.text);
		return 1;
	}
	run.ttl_ns = app.settings.base.ttl_s * 1000000000;
	for (size_t i = 0; i < KINDS; i++)
		run.weights += kinds[i].weight;
	for (int i = 0; i < CONNECTIONS_MAX; i++)
		connections[i].conn.fd = -1;
	run.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	buf_init(&run.line, REQUEST_MAX);
	buf_init(&run.body, REQUEST_MAX);
	buf_init(&run.request, REQUEST_MAX);
	soak(&run);
	report(&run);
	store_close(run.store);
	app_close(&app);
	return run.all.n_errors ? 1 : 0;
}
