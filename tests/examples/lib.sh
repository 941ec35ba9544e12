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
refused='422 Not sent: that is not what the picture said, or it is too old. Here is a new one.'
away='503 Not sent: the characters cannot be checked just now. Try again in a minute.'

# The whole visit; run_example PORT starts the example by `start`.
visit_example() {
	prepare
	ship deploy/lighttpd/captcha-fastcgi.conf
	service_port=$port
	start_lighttpd "$shipped"
	start_example "$url"

	look
	is 'the form is shown, with no message' '200 ' "$status $says"
	like 'with a pid' '????????????????' "$pid"
	sed -n 's/.*src="data:image\/png;base64,\([^"]*\)".*/\1/p' "$T/page" |
		base64 -d >"$T/picture.png"
	is 'and a picture' 89504e470d0a1a0a \
		"$(od -An -v -tx1 -N8 "$T/picture.png" | tr -d ' \n')"
	first=$pid
	code=$(code_of "$first")
	send "$first" "$code"
	is 'a right code is accepted' "$thanks" "$status $says"
	send "$first" "$code"
	is 'once: sent again it is refused' "$refused" "$status $says"

	second=$pid
	code=$(code_of "$second")
	send "$second" "no$code"
	is 'a wrong code is refused' "$refused" "$status $says"
	is 'with another picture' yes \
		"$([ "$pid" ] && [ "$pid" != "$second" ] && echo yes)"
	like 'and the message is kept, made harmless' \
		'*&lt;b&gt;&quot;Hello&quot; &amp; goodbye&lt;/b&gt;</textarea>*' \
		"$(cat "$T/page")"
	third=$pid
	send "$second" "$code"
	is 'the right code of the first picture comes too late' "$refused" \
		"$status $says"
	send "$third" "$(code_of "$third" | tr a-z A-Z)"
	is 'the right code of the second picture passes, in capitals' "$thanks" "$status $says"

	send '' ''
	is 'empty fields are refused' "$refused" "$status $says"
	look -d message=hello
	is 'and no fields at all' "$refused" "$status $says"
	send 0000000000000000 ABCDE
	is 'and a pid that was never issued' "$refused" "$status $says"
	send '"><script>' "'"
	is 'and a malformed pid' "$refused" "$status $says"
	look -d 'pid[]=a' -d 'code[]=b'
	is 'and fields of another kind' "$refused" "$status $says"

	look
	fourth=$pid
	code=$(code_of "$fourth")
	stop "$server"
	send "$fourth" "$code"
	is 'with the service away, a right code is refused' "$away" \
		"$status $says"
	look
	is 'and the form says so' \
		'200 The form is out of order just now.' "$status $says"
	port=$service_port
	start_lighttpd "$shipped"
	send "$fourth" "$code"
	is 'when it is back, the same code is accepted' "$thanks" \
		"$status $says"
	stop "$example"

	start_fake
	for answer in string number list html empty yes-503; do
		start_example "$fake/$answer"
		send 0123456789abcdef abcde
		like "an answer without success is refused: $answer" \
			'[45]?? Not sent: *' "$status $says"
		stop "$example"
	done
	finish
}
