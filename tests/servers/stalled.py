#!/usr/bin/env python3
"""stalled.py PORT: more clients than the service has processes ask for sounds,
and take nothing of them; meanwhile visitors ask. Prints nothing if each visitor
was answered, and else what went wrong."""
import http.client
import json
import socket
import sys
import time

N_STALLED = 24
N_VISITS = 10
port = int(sys.argv[1])


def visit(path):
    visitor = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        visitor.request("GET", path)
        answer = visitor.getresponse()
        return answer.status, answer.read()
    except OSError as fault:
        return repr(fault), b"{}"
    finally:
        visitor.close()


status, body = visit("/captcha/verification/get?audio=1")
sound = json.loads(body).get("audio", "/captcha/none")
stalled = []
for _ in range(N_STALLED):
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(("127.0.0.1", port))
    # this range counts for no limit
    client.sendall(b"GET %s HTTP/1.1\r\nHost: x\r\nRange: bytes=64044-\r\n\r\n"
                   % sound.encode())
    stalled.append(client)
time.sleep(1)
for i in range(N_VISITS):
    status, _ = visit("/captcha/verification/get?img=url")
    if status != 200:
        print("visitor", i, "got", status)
first = stalled[0].recv(12)
if first != b"HTTP/1.1 206":
    print("a listener got", first)
