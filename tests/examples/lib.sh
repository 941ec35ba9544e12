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
		    "/empty": "", "/null": "null",
		}

		class Fake(BaseHTTPRequestHandler):
		    def do_POST(self):
		        self.send_response(200)
		        self.end_headers()
		        name = self.path.replace("/siteverify", "")
		        self.wfile.write(ANSWERS[name].encode())

		    def do_GET(self):
		        self.send_response(200)
		        self.end_headers()

		HTTPServer(("127.0.0.1", int(sys.argv[1])), Fake).serve_forever()
	END
	start "$T/fake.log" python3 "$T/fake.py" "$port"
	fake=http://127.0.0.1:$port
	wait_for curl -s -o "$T/none" "$fake/" || bail 'the fake service does not answer'
}

# start_example SERVICE-URL: $page is the form's address. The test defines
# run_example PORT.
start_example() {
	free_port
	export SERVICE_URL="$1" SITE_SECRET="$secret"
	run_example "$port"
	example=$started
	page=http://127.0.0.1:$port/contact
	wait_for curl -s -o "$T/none" "$page" || bail 'the example does not answer'
}

# look [CURL-OPTION]...: $said: the status and the message of the page
look() {
	status=$(curl -s -m 20 -o "$T/page" -w '%{http_code}' "$@" "$page")
	said="$status $(sed -n 's/.*<p role="status">\([^<]*\).*/\1/p' "$T/page")"
}

# send TOKEN
send() {
	look --data-urlencode "captcha-response=$1" \
		--data-urlencode 'message=<b>"Hello" & goodbye</b>'
}

thanks='200 Thank you, your message was sent.'
refusal='422 Not sent. Please answer the captcha again.'

visit_form() {
	look
	is 'the form is shown, with no message' '200 ' "$said"
	for text in "<script src=\"$url/widget.js\" defer></script>" \
		'<captcha-box sitekey="default" required>' \
		"<a href=\"$url/recaptcha/api/fallback?k=default\"" \
		'<textarea name="captcha-response">'; do
		like "with $text" "*$text*" "$(cat "$T/page")"
	done
}

visit_tokens() {
	solve default
	send "$token"
	is 'a token is accepted' "$thanks" "$said"
	send "$token"
	is 'once' "$refusal" "$said"
	kept=$(tr '\n' ' ' <"$T/page" | sed 's/.*name="message" required> *//; s/<.*//' |
		sed 's/&#60;/\&lt;/g; s/&#62;/\&gt;/g; s/&#34;/\&quot;/g; s/&#38;/\&amp;/g')
	is 'and the message is kept, made harmless' \
		'&lt;b&gt;&quot;Hello&quot; &amp; goodbye&lt;/b&gt;' "$kept"
	solve default
	send " $token
"
	is 'a token is accepted with blanks, as a visitor copies it' "$thanks" \
		"$said"
	solve default
	as_user sqlite3 -cmd '.timeout 5000' "$T/data/captcha.db" \
		"UPDATE challenge SET expires_unix_ms = 1 WHERE note LIKE 'token %'"
	send "$token"
	is 'a token that is too old is refused' "$refusal" "$said"
	solve other
	send "$token"
	is 'and a token of another site' "$refusal" "$said"
}

visit_malformed() {
	send ''
	is 'no token is refused' "$refusal" "$said"
	look -d message=hello
	is 'and no field' "$refusal" "$said"
	look -d 'captcha-response[]=a'
	is 'and a field of another kind' "$refusal" "$said"
	for i in $(seq 70); do
		send "$(printf 'C1_1uUJxBsnThsgS6jB_%043d' "$i")"
	done
	is 'and tokens that were never issued' "$refusal" "$said"
	solve default
	send "$token"
	is 'which lock nobody out' "$thanks" "$said"
}

visit_while_away() {
	solve default
	stop "$server"
	send "$token"
	is 'with the service away, a token is refused' "$refusal" "$said"
	like 'and the message is kept' '*goodbye*' "$(cat "$T/page")"
	port=$service_port
	start_lighttpd "$shipped"
	send "$token"
	is 'when it is back, the same token is accepted' "$thanks" "$said"
	right=$secret
	stop "$example"
	secret=wrong
	start_example "$url"
	solve default
	send "$token"
	is 'with a wrong secret a token is refused' "$refusal" "$said"
	secret=$right
	stop "$example"
}

# The whole visit; run_example PORT starts the example by `start`.
visit_example() {
	prepare ttl_s=29 '[site default]' 'sitekey = default' \
		'secret = the-secret-of-the-first-site' '[site other]' \
		'sitekey = other' 'secret = the-secret-of-another-site'
	secret=the-secret-of-the-first-site
	ship deploy/lighttpd/captcha-fastcgi.conf
	service_port=$port
	start_lighttpd "$shipped"
	start_example "$url"

	visit_form
	visit_tokens
	visit_malformed
	visit_while_away

	start_fake
	for answer in string number list html empty null; do
		start_example "$fake/$answer"
		send "$token"
		is "an answer without success is refused: $answer" "$refusal" \
			"$said"
		stop "$example"
	done
	finish
}
