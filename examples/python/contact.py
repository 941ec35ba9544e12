#!/usr/bin/env python3
"""A contact form with a captcha. Needs nothing but Python. To try it:

    script/server
    SITE_SECRET=$(build/captchactl site show default --secret --config var/captcha.conf) \\
        SERVICE_URL=http://127.0.0.1:8080/captcha python3 contact.py 8000
"""
import http.client
import json
import os
import sys
import urllib.parse
import urllib.request
from html import escape
from wsgiref.simple_server import make_server

# Where the service is, for browsers and for this program.
SERVICE = os.environ.get("SERVICE_URL", "http://127.0.0.1/captcha")

PAGE = f"""<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>Contact</title>
<script src="{SERVICE}/widget.js" defer></script>
<p role="status">%s</p>
"""
FORM = f"""<form method="post">
<p><label>Message<br><textarea name="message" required>
%s</textarea></label></p>
<captcha-box sitekey="default" required>
<a href="{SERVICE}/recaptcha/api/fallback?k=default" target="_blank">Show that you are human</a>
</captcha-box>
<noscript><p><label>and copy the text here:<br>
<textarea name="captcha-response"></textarea></label></p></noscript>
<p><button>Send</button></p>
</form>
"""


def verify(token):
    """Whether a visitor earned this token: yes once, and no when nobody can
    say."""
    fields = {"secret": os.environ["SITE_SECRET"], "response": token}
    try:
        with urllib.request.urlopen(SERVICE + "/siteverify",
                                    urllib.parse.urlencode(fields).encode(),
                                    timeout=5) as answer:
            return json.load(answer)["success"] is True
    except (OSError, ValueError, LookupError, TypeError,
            http.client.HTTPException):
        return False


def app(environ, start_response):
    form, status = {}, "200 OK"
    page = PAGE % "" + FORM % ""
    if environ["REQUEST_METHOD"] == "POST":
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(max(0, min(length, 65536)))
        form = dict(urllib.parse.parse_qsl(body.decode(errors="replace")))
        if verify(form.get("captcha-response", "")):
            # send form["message"] here
            page = PAGE % "Thank you, your message was sent."
        else:
            status = "422 Unprocessable Content"
            page = (PAGE % "Not sent. Please answer the captcha again."
                    + FORM % escape(form.get("message", "")))
    start_response(status, [("Content-Type", "text/html; charset=utf-8")])
    return [page.encode()]


if __name__ == "__main__":
    make_server("127.0.0.1", int(sys.argv[1]), app).serve_forever()
