"""The server side of ../form.html, in short.

    CAPTCHA_TRUSTED_PROXIES="127.0.0.1 ::1" script/server
    SERVICE_URL=http://127.0.0.1:8080/captcha python3 short.py 8000
"""
import http.client, json, os, sys
import urllib.parse, urllib.request
from wsgiref.simple_server import make_server

service = os.environ.get("SERVICE_URL", "http://127.0.0.1/captcha")


def app(environ, start_response):
    length = min(int(environ.get("CONTENT_LENGTH") or 0), 65536)
    form = dict(urllib.parse.parse_qsl(environ["wsgi.input"].read(length).decode(errors="replace")))
    data = urllib.parse.urlencode({name: form.get(name, "") for name in ("pid", "code")}).encode()
    visitor = environ.get("HTTP_X_FORWARDED_FOR", "") + ", " + environ["REMOTE_ADDR"]
    request = urllib.request.Request(service + "/verification/check", data, {"X-Forwarded-For": visitor})
    try:
        accepted = json.load(urllib.request.urlopen(request, timeout=5))["success"] is True
    except (OSError, ValueError, LookupError, TypeError, http.client.HTTPException):
        accepted = False
    start_response("200 OK" if accepted else "422 Unprocessable Content", [("Content-Type", "text/plain")])
    return [b"Sent." if accepted else b"Not sent: the code was wrong, too old, or could not be checked."]


make_server("127.0.0.1", int(sys.argv[1]), app).serve_forever()
