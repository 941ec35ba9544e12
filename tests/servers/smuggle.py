#!/usr/bin/env python3
"""smuggle.py PORT [FLOOD-SECONDS]: requests whose bodies, which no route reads,
hold FastCGI records, to each route, at each of eight alignments. After each a
visitor asks for two pages and must get them. With FLOOD-SECONDS, 25 such
requests a second for so long, and meanwhile each visitor must be served.

Prints a line for each fault."""
import http.client
import sys
import threading
import time

from fastcgi_client import (
    GET_VALUES, KEEP_CONN, PARAMS, STDIN, begin, pair, pairs, record)

port = int(sys.argv[1])
flood_s = float(sys.argv[2]) if len(sys.argv) > 2 else 0

ROUTES = [
    ("POST", "/captcha/no/such/thing", "text/plain"),
    ("POST", "/captcha/verification/check", "application/x-www-form-urlencoded"),
    ("POST", "/captcha/verification/check", "application/json"),
    ("POST", "/captcha/verification/check", "text/plain"),
    ("POST", "/captcha/verification/get", "text/plain"),
    ("GET", "/captcha/verification/get", "text/plain"),
    ("GET", "/captcha/demo", "text/plain"),
    ("HEAD", "/captcha/demo", "text/plain"),
    ("PUT", "/captcha/demo", "text/plain"),
    ("POST", "/captcha/demo", "application/x-www-form-urlencoded"),
    ("GET", "/captcha/healthz", "text/plain"),
    ("GET", "/captcha/metrics", "text/plain"),
    ("OPTIONS", "/captcha/verification/get", "text/plain"),
    ("DELETE", "/captcha/image/1234567890123456.png", "text/plain"),
]


BEGIN = begin(flags=KEEP_CONN)
FORGED = record(PARAMS, 1, pairs({
    "REQUEST_METHOD": "GET",
    "SCRIPT_NAME": "/forged",
    "REMOTE_ADDR": "127.0.0.1",
    "PATH_INFO": "/verification/get",
    "QUERY_STRING": "img=url",
}))
# What stands at the end of a body: each did harm to version 0.1.
ENDS = {
    "values": record(GET_VALUES, 0, pair("FCGI_MAX_CONNS", "") * 40),
    "whole": BEGIN + FORGED + record(PARAMS, 1) + record(STDIN, 1),
    "half": BEGIN + FORGED + record(STDIN, 2, length=16),
    "stall": BEGIN + record(PARAMS, 1, length=60000) + b"\x0e",
}


def body(end):
    """Empty records to slide on, longer than any buffer, and an end."""
    slide = record(STDIN, 2) * 1040 + record(STDIN, 2, b"A" * 8)
    return slide + ENDS[end] + b"\0" * (-len(ENDS[end]) % 8)


def ask(method, path, data=None, kind=None):
    """The status and body of an answer; 0 and why, if there is none."""
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        client.request(method, path, data, {"Content-Type": kind} if kind else {})
        answer = client.getresponse()
        return answer.status, answer.read()
    except Exception as fault:
        return 0, repr(fault).encode()
    finally:
        client.close()


def visit():
    """What is wrong with the pages that a visitor gets; None if nothing is."""
    status, text = ask("GET", "/captcha/verification/get?img=url")
    if status != 200 or b'"img":"/captcha/image/' not in text:
        return f"a visitor got {status} {text[:90]!r}"
    status, text = ask("GET", "/captcha/healthz")
    if status != 200 or b'"ok":true' not in text:
        return f"a visitor of /healthz got {status} {text[:90]!r}"
    return None


def each_route():
    for method, path, kind in ROUTES:
        for end in ENDS:
            for skip in range(8):
                status, text = ask(method, path, b"A" * skip + body(end), kind)
                what = f"{method} {path} {kind} {end} {skip}"
                if status == 0 or status >= 500:
                    print(what, "got", status, text[:90])
                fault = visit()
                if fault:
                    print(what, ": then", fault)


def flood():
    stop = time.monotonic() + flood_s
    n_visits = n_shots = 0

    def shoot(i):
        method, path, kind = ROUTES[i % len(ROUTES)]
        ask(method, path, b"A" * (i % 8) + body(list(ENDS)[i % len(ENDS)]), kind)

    shots = []
    while time.monotonic() < stop:
        shots.append(threading.Thread(target=shoot, args=(n_shots,)))
        shots[-1].start()
        n_shots += 1
        if n_shots % 3 == 0:
            n_visits += 1
            fault = visit()
            if fault:
                print("in the flood", fault)
        time.sleep(1 / 25)
    for shot in shots:
        shot.join()
    print(f"# {n_shots} attacks, {n_visits} visits", file=sys.stderr)


if flood_s:
    flood()
else:
    each_route()
