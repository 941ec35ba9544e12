#!/bin/sh
# Checks as common libraries send them, straight to the service: fetch() of Node
# with each kind of body, and urllib of Python.
. "$(dirname "$0")/../servers/lib.sh"
. "$SRC/tests/node-modules.sh"

command -v node >/dev/null || skip_all 'no node'
prepare alphabet=23456789
start_web deploy/lighttpd/captcha-fastcgi.conf

# with_node BODY HEADERS: expressions in JavaScript
with_node() {
	node -e '
		const [address, pid, code] = process.argv.slice(1);
		const form = new FormData();
		form.append("pid", pid);
		form.append("code", code);
		fetch(`${address}/verification/check`, {method: "POST", body: '"$1"',
			headers: {'"$2"'}})
			.then((answer) => answer.text()).then(console.log);
	' "$url" "$pid" "$code"
}

with_python() {
	python3 - "$url" "$pid" "$code" <<-'END'
		import sys
		import urllib.parse
		import urllib.request

		address, pid, code = sys.argv[1:]
		body = urllib.parse.urlencode({"pid": pid, "code": code}).encode()
		print(urllib.request.urlopen(address + "/verification/check",
		                             body).read().decode())
	END
}

json='"Content-Type": "application/json"'
get
is 'fetch() with FormData (multipart)' "$pass" "$(with_node form '')"
get
is 'fetch() with URLSearchParams' "$pass" \
	"$(with_node 'new URLSearchParams({pid, code})' '')"
get
is 'fetch() with JSON' "$pass" \
	"$(with_node 'JSON.stringify({pid, code})' "$json")"
get
is 'fetch() with JSON, the code a number' "$pass" \
	"$(with_node 'JSON.stringify({pid, code: Number(code)})' "$json")"
get
like 'a number that lost its digits is refused with a reason' \
	'*Send strings; only code may be a whole number.*' \
	"$(with_node 'JSON.stringify({pid, code: Number(code + "e20")})' "$json")"
get
is 'urllib of Python' "$pass" "$(with_python)"
stop_server
finish
