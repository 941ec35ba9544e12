#!/usr/bin/env python3
"""slow.py PORT: clients send their bodies a byte at a time; meanwhile visitors
ask. Prints nothing if each visitor was answered while all slow clients were
sending, and else what went wrong."""
import http.client
import socket
import sys
import time

N_SLOW = 24
N_VISITS = 40
port = int(sys.argv[1])

HEAD = (
    b"POST /captcha/verification/check HTTP/1.1\r\nHost: x\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 4000\r\n\r\n"
)
slow = []
for _ in range(N_SLOW):
    client = socket.create_connection(("127.0.0.1", port), timeout=20)
    client.sendall(HEAD + b"pid=")
    slow.append(client)
worst = 0
for i in range(N_VISITS):
    for client in slow:
        client.sendall(b"a")
    begun = time.monotonic()
    visitor = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        visitor.request("GET", "/captcha/verification/get?img=url")
        status = visitor.getresponse().status
    except Exception as fault:
        status = repr(fault)
    visitor.close()
    worst = max(worst, time.monotonic() - begun)
    if status != 200:
        print("visitor", i, "got", status)
n_done = 0
for client in slow:
    client.setblocking(False)
    try:
        client.recv(1)
        n_done += 1
    except BlockingIOError:
        pass
if n_done:
    print(n_done, "slow clients were cut off before the visitors were done")
print(f"# slowest visit: {worst * 1000:.0f} ms", file=sys.stderr)
