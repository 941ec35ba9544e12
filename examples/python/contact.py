#!/usr/bin/env python3
"""A contact form with a captcha, verified on the server. Needs no JavaScript
and nothing but Python's standard library. To try it:

    CAPTCHA_TRUSTED_PROXIES="127.0.0.1 ::1" script/server
    SERVICE_URL=http://127.0.0.1:8080/captcha python3 contact.py 8000
"""
import http.client
import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request
from html import escape
from pathlib import Path
from wsgiref.simple_server import make_server

# Where the captcha service is, as this server reaches it.
SERVICE = os.environ.get("SERVICE_URL", "http://127.0.0.1/captcha")
# Texts for visitors; the file has more languages.
TEXTS = json.loads((Path(__file__).parent.parent / "messages.json")
                   .read_text("utf-8"))["en"]

PAGE = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>Contact</title>
<p role="status">{says}</p>
"""
FORM = """<form method="post">
<p><label>Message<br><textarea name="message" required>
{message}</textarea></label></p>
{captcha}<p><button>Send</button></p>
</form>
"""
CAPTCHA = """<p><img src="{img}" width="{width}" height="{height}" alt="Captcha"></p>
<input type="hidden" name="pid" value="{pid}">
<p><label>{label}
<input name="code" maxlength="64" autocomplete="off" required></label></p>
"""
STATUS = {"too-many-requests": "429 Too Many Requests",
          "unavailable": "503 Service Unavailable"}


def call(environ, path, fields=None):
    """Call the service for the visitor: whether the status is 200, and the
    answer. The service limits visitors, so tell it whose request this is. Its
    setting trusted_proxies has to list this server.
    """
    visitor = (environ.get("HTTP_X_FORWARDED_FOR", "") + ", "
               + environ["REMOTE_ADDR"])
    request = urllib.request.Request(
        SERVICE + path, headers={"X-Forwarded-For": visitor},
        data=urllib.parse.urlencode(fields).encode() if fields else None)
    try:
        try:
            response = urllib.request.urlopen(request, timeout=5)
        except urllib.error.HTTPError as refusal:
            response = refusal  # its body says why
        with response:
            answer = json.load(response)
        if isinstance(answer, dict):
            return response.getcode() == 200, answer
    except (OSError, ValueError, http.client.HTTPException):
        pass
    return False, {}


def app(environ, start_response):
    form, status, says = {}, "200 OK", ""
    if environ["REQUEST_METHOD"] == "POST":
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(max(0, min(length, 65536)))
        form = dict(urllib.parse.parse_qsl(body.decode(errors="replace")))
        ok, checked = call(environ, "/verification/check", {
            "pid": form.get("pid", ""), "code": form.get("code", "")})
        if ok and checked.get("success") is True:  # nothing else is a yes
            # Send the message here: form["message"].
            start_response("200 OK", [("Content-Type", "text/html")])
            return [PAGE.format(says="Thank you, your message was sent.")
                    .encode()]
        error = checked.get("error-codes", ["unavailable"])[0]
        status = STATUS.get(error, "422 Unprocessable Content")
        says = "Not sent. " + TEXTS["errors"][error]
    ok, captcha = call(environ, "/verification/get")  # new for each showing
    if ok:
        values = {name: escape(str(captcha[name]))
                  for name in ("img", "width", "height", "pid")}
        html = CAPTCHA.format(label=TEXTS["labels"][captcha["kind"]], **values)
    else:
        html = ""
        says = says or TEXTS["errors"]["no-picture"]
    start_response(status, [("Content-Type", "text/html; charset=utf-8"),
                            ("Cache-Control", "no-store")])
    page = PAGE + FORM
    return [page.format(says=escape(says), captcha=html,
                        message=escape(form.get("message", ""))).encode()]


if __name__ == "__main__":
    make_server("127.0.0.1", int(sys.argv[1]), app).serve_forever()
