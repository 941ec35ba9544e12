#!/usr/bin/env python3
"""A contact form with a captcha, verified on the server. Needs no JavaScript
and nothing but Python's standard library. To try it, beside script/server:

    SERVICE_URL=http://127.0.0.1:8080/captcha python3 contact.py 8000
"""
import json
import os
import sys
import urllib.parse
import urllib.request
from html import escape
from wsgiref.simple_server import make_server

# Where the captcha service is, as this server reaches it.
SERVICE = os.environ.get("SERVICE_URL", "http://127.0.0.1/captcha")

PAGE = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>Contact</title>
<p role="status">{says}</p>
"""
FORM = """<form method="post">
<p><label>Message<br><textarea name="message" required>
{message}</textarea></label></p>
<p><img src="{img}" width="240" height="80" alt="Captcha: distorted characters to type"></p>
<input type="hidden" name="pid" value="{pid}">
<p><label>Characters in the picture
<input name="code" maxlength="64" autocomplete="off" required></label></p>
<p><button>Send</button></p>
</form>
"""
WRONG = ("Not sent: that is not what the picture said, or it is too old. "
         "Here is a new one.")
AWAY = ("Not sent: the characters cannot be checked just now. "
        "Try again in a minute.")


def call(path, fields=None):
    """The answer of the service, or None when there is no usable answer."""
    data = urllib.parse.urlencode(fields).encode() if fields else None
    try:  # OSError: no answer, or a status that is not 2xx
        with urllib.request.urlopen(SERVICE + path, data, timeout=5) as body:
            answer = json.load(body)
    except (OSError, ValueError):
        return None
    return answer if isinstance(answer, dict) else None


def app(environ, start_response):
    form, status, says = {}, "200 OK", ""
    if environ["REQUEST_METHOD"] == "POST":
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(max(0, min(length, 65536)))
        form = dict(urllib.parse.parse_qsl(body.decode(errors="replace")))
        checked = call("/verification/check", {
            "pid": form.get("pid", ""), "code": form.get("code", "")})
        # Only a clear yes counts. No answer is a no, and so is another form.
        if checked is not None and checked.get("success") is True:
            # Send the message here: form["message"].
            start_response("200 OK", [("Content-Type", "text/html")])
            return [PAGE.format(says="Thank you, your message was sent.")
                    .encode()]
        status, says = (("422 Unprocessable Content", WRONG) if checked
                        else ("503 Service Unavailable", AWAY))
    captcha = call("/verification/get") or {}  # a new one for each showing
    says = says or ("" if captcha else "The form is out of order just now.")
    start_response(status, [("Content-Type", "text/html; charset=utf-8"),
                            ("Cache-Control", "no-store")])
    page = PAGE + FORM
    return [page.format(says=says, message=escape(form.get("message", "")),
                        img=escape(captcha.get("img", "")),
                        pid=escape(captcha.get("pid", ""))).encode()]


if __name__ == "__main__":
    make_server("127.0.0.1", int(sys.argv[1]), app).serve_forever()
