/*
 * constant: the yardstick. Answers every request with the same bytes, BYTES
 * of them (first argument, or CONSTANT_BYTES), as the service's answers look.
 * Built twice: with libfcgi as constant.fcgi, and without as constant.cgi.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef CONSTANT_FCGI
#include <fcgiapp.h>
#endif

static char *make_answer(int n)
{
	char *answer = malloc((size_t)n + 256);
	int head = snprintf(answer, 256,
			    "Status: 200 OK\r\nContent-Type: application/json"
			    "\r\nCache-Control: no-store\r\n"
			    "X-Content-Type-Options: nosniff\r\n"
			    "Content-Length: %d\r\n\r\n", n);

	memset(answer + head, 'A', (size_t)n);
	answer[head + n] = '\0';
	return answer;
}

int main(int argc, char **argv)
{
	const char *env = getenv("CONSTANT_BYTES");
	const char *text = argc > 1 ? argv[1] : env ? env : "3000";
	char *answer = make_answer((int)strtol(text, NULL, 10));
	size_t len = strlen(answer);

#ifdef CONSTANT_FCGI
	FCGX_Request request;

	(void)FCGX_Init();
	(void)FCGX_InitRequest(&request, 0, 0);
	while (FCGX_Accept_r(&request) == 0)
		(void)FCGX_PutStr(answer, (int)len, request.out);
#else
	(void)fwrite(answer, 1, len, stdout);
#endif
	return 0;
}
