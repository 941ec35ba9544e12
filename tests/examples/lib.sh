# Sourced by tests/examples/*.sh: all that a visitor can do with a contact form of
# examples/, also while the service is away.
. "$(dirname "$0")/../servers/lib.sh"

# $fake: the address of a service whose answers never mean success
start_fake() {
	free_port
	cat >"$T/fake.py" <<-'END'
		import sys
		from http.server import BaseHTTPRequestHandler, HTTPServer

		ANSWERS = {
		    "/string": '{"success": "true"}', "/number": '{"success": 1}',
		    "/list": '["success"]', "/html": "<p>success: true</p>",
		    "/empty": "", "/yes-503": '{"success": true}',
		}

		class Fake(BaseHTTPRequestHandler):
		    def do_POST(self):
		        name = self.path.replace("/verification/check", "")
		        self.send_response(503 if name == "/yes-503" else 200)
		        self.end_headers()
		        self.wfile.write(ANSWERS[name].encode())

		    def do_GET(self):
		        self.send_response(200)
		        self.end_headers()

		HTTPServer(("127.0.0.1", int(sys.argv[1])), Fake).serve_forever()
	END
	start "$T/fake.log" python3 "$T/fake.py" "$port"
	fake=http://127.0.0.1:$port
	wait_for 10 curl -s -o "$T/none" "$fake/" || bail 'the fake service does not answer'
}

# start_example SERVICE-URL: $page is the form's address. The test defines
# run_example PORT.
start_example() {
	free_port
	export SERVICE_URL="$1"
	run_example "$port"
	example=$started
	page=http://127.0.0.1:$port/
	wait_for 10 curl -s -o "$T/none" "$page" || bail 'the example does not answer'
}

# look [CURL-OPTION]...: $status, $says (the message) and $pid of the page
look() {
	status=$(curl -s -m 20 -o "$T/page" -w '%{http_code}' "$@" "$page")
	says=$(sed -n 's/.*<p role="status">\([^<]*\).*/\1/p' "$T/page")
	pid=$(sed -n 's/.*name="pid" value="\([^"]*\)".*/\1/p' "$T/page")
}

# send PID CODE
send() {
	look --data-urlencode "pid=$1" --data-urlencode "code=$2" \
		--data-urlencode 'message=<b>"Hello" & goodbye</b>'
}

thanks='200 Thank you, your message was sent.'

# refusal STATUS CODE: what the page says for an error code
refusal() {
	refusal_text=$(python3 -c 'import json, sys
print(json.load(open(sys.argv[1]))["en"]["errors"][sys.argv[2]])' \
		"$SRC/examples/messages.json" "$2")
	echo "$1 Not sent. $refusal_text"
}

visit_right_and_wrong() {
	look
	is 'the form is shown, with no message' '200 ' "$status $says"
	like 'with a pid' '????????????????' "$pid"
	like 'and a label for its kind of picture' \
		'*<label>Characters in the picture*' "$(cat "$T/page")"
	sed -n 's/.*src="data:image\/png;base64,\([^"]*\)" width="240" height="80".*/\1/p' \
		"$T/page" | base64 -d >"$T/picture.png"
	is 'and a picture, with its size' 89504e470d0a1a0a \
		"$(od -An -v -tx1 -N8 "$T/picture.png" | tr -d ' \n')"
	first=$pid
	code=$(code_of "$first")
	send "$first" "$code"
	is 'a right code is accepted' "$thanks" "$status $says"
	send "$first" "$code"
	is 'once: sent again it is refused' "$used_says" "$status $says"

	second=$pid
	code=$(code_of "$second")
	send "$second" "no$code"
	is 'a wrong code is refused' "$wrong_says" "$status $says"
	is 'with another picture' yes \
		"$([ "$pid" ] && [ "$pid" != "$second" ] && echo yes)"
	kept=$(tr '\n' ' ' <"$T/page" | sed 's/.*<textarea[^>]*> *//; s/<.*//' |
		sed 's/&#60;/\&lt;/g; s/&#62;/\&gt;/g; s/&#34;/\&quot;/g; s/&#38;/\&amp;/g')
	is 'and the message is kept, made harmless' \
		'&lt;b&gt;&quot;Hello&quot; &amp; goodbye&lt;/b&gt;' "$kept"
	third=$pid
	send "$second" "$code"
	is 'the right code of the first picture comes too late' "$used_says" \
		"$status $says"
	send "$third" "$(code_of "$third" | tr a-z A-Z)"
	is 'the right code of the second picture passes, in capitals' "$thanks" "$status $says"

	look
	code=$(code_of "$pid")
	as_user sqlite3 -cmd '.timeout 5000' "$T/data/captcha.db" \
		"UPDATE challenge SET expires_unix_ms = created_unix_ms
		WHERE pid = '$pid'"
	send "$pid" "$code"
	is 'a right code that comes too late is refused' "$used_says" \
		"$status $says"
}

visit_malformed() {
	send '' ''
	is 'empty fields are refused' "$(refusal 422 missing-pid)" "$status $says"
	look -d message=hello
	is 'and no fields at all' "$(refusal 422 missing-pid)" "$status $says"
	send 0000000000000000 ''
	is 'and no code' "$(refusal 422 missing-code)" "$status $says"
	send 0000000000000000 ABCDE
	is 'and a pid that was never issued' "$used_says" "$status $says"
	send '"><script>' "'"
	is 'and a malformed pid' "$(refusal 422 bad-request)" "$status $says"
	send 0000000000000000 "$(head -c 300 /dev/zero | tr '\0' a)"
	is 'and a code that is too long' "$(refusal 422 bad-request)" "$status $says"
	look -d 'pid[]=a' -d 'code[]=b'
	is 'and fields of another kind' "$(refusal 422 missing-pid)" "$status $says"
}

# The limit of failed checks is 60 at once, then one a minute: each visitor has
# one, although all requests come from the form.
visit_guesser() {
	n_wrong=0
	n_limited=0
	for i in $(seq 150); do
		# a visitor can put other addresses in front of the own one
		look -H "X-Forwarded-For: 198.51.100.$i, 192.0.2.7" \
			-d "pid=$pid" -d code=guess -d message=x
		case "$status $says" in
		"$wrong_says" | "$used_says") n_wrong=$((n_wrong + 1)) ;;
		"$limit_says") n_limited=$((n_limited + 1)) ;;
		*) is 'a guess has an answer' "$limit_says" "$status $says" ;;
		esac
	done
	is '150 wrong guesses have 150 refusals' 150 $((n_wrong + n_limited))
	is 'the limit of the visitor ends them' "$limit_says" "$status $says"
	like 'after sixty' '[67]?' "$n_wrong"
	look -H 'X-Forwarded-For: 192.0.2.8'
	look -H 'X-Forwarded-For: 192.0.2.8' -d "pid=$pid" \
		-d "code=$(code_of "$pid")" -d message=x
	is 'and another visitor passes' "$thanks" "$status $says"
}

visit_while_away() {
	look
	fourth=$pid
	code=$(code_of "$fourth")
	stop "$server"
	send "$fourth" "$code"
	is 'with the service away, a right code is refused' "$away_says" \
		"$status $says"
	like 'and the message is kept' '*goodbye*' "$(cat "$T/page")"
	look
	is 'and the form says so' "200 $no_picture" "$status $says"
	port=$service_port
	start_lighttpd "$shipped"
	send "$fourth" "$code"
	is 'when it is back, the same code is accepted' "$thanks" \
		"$status $says"
	stop "$example"
}

# The whole visit; run_example PORT starts the example by `start`.
visit_example() {
	prepare trusted_proxies=127.0.0.1 failed_limit=1/60 issue_limit=0
	wrong_says=$(refusal 422 wrong)
	used_says=$(refusal 422 expired-or-used)
	limit_says=$(refusal 429 too-many-requests)
	away_says=$(refusal 503 unavailable)
	no_picture=$(refusal '' no-picture)
	no_picture=${no_picture# Not sent. }
	ship deploy/lighttpd/captcha-fastcgi.conf
	service_port=$port
	start_lighttpd "$shipped"
	start_example "$url"

	visit_right_and_wrong
	visit_malformed
	visit_guesser
	visit_while_away

	start_fake
	for answer in string number list html empty yes-503; do
		start_example "$fake/$answer"
		send 0123456789abcdef abcde
		is "an answer without success is refused: $answer" \
			"$away_says" "$status $says"
		stop "$example"
	done
	finish
}
