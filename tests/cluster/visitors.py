#!/usr/bin/env python3
"""Visitors of the service while things break, and what became of them.

    visitors.py visit ADDRESS:PORT RATE LOG REDIS[,REDIS...]
    visitors.py issue ADDRESS:PORT N
    visitors.py check ADDRESS:PORT LOG <ANSWERS
    visitors.py again ADDRESS:PORT LOG <ANSWERS
    visitors.py report LOG [NAME=UNIX_SECONDS]...

visit: RATE new visitors a second, until standard input ends. Each asks for a
challenge, learns its code from whichever Redis (ADDRESS:PORT) has it, thinks
for up to THINK seconds (environment, default 8), and sends the code and the
digits of the sound at once. Every answer becomes a line of LOG:

    time  get|check|again  outcome  milliseconds  pid  code

An outcome is a status, `success`, `used` (expired or used), `wrong`, or why
there was no answer: `refused`, `closed`, `silent`. A 503 that does not say
Retry-After is `503-bare`.

issue: prints the pids of N challenges.

check: sends all answers, lines `pid code` or `tid token`, AT_ONCE (environment, default 32)
at a time. again: sends each twice at once, until it has a verdict. Both add to
LOG.

report: numbers by outcome, and for each NAME how long after that moment the
first and the last of each kind of outcome came. Its last line is
`double successes: N`, of pids that passed more than once in all.
"""
import asyncio
import os
import random
import sys
import time
from collections import Counter, defaultdict

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../support"))
from said import said  # noqa: E402

LIMIT_S = 20  # as HAProxy waits for a node
SETTLE_S = 120
AT_ONCE = int(os.environ.get("AT_ONCE", "32"))
GET = "/captcha/verification/get"
CHECK = "/captcha/verification/check"
VERIFY = "/captcha/recaptcha/api/siteverify"
SECRET = "secret-of-the-site-0123456789"


class Log:
    def __init__(self, path):
        self.file = open(path, "a", encoding="ascii")

    def add(self, kind, outcome, began, pid="-", code="-"):
        took_ms = (time.monotonic() - began) * 1000
        print(f"{time.time():.3f}", kind, outcome, f"{took_ms:.0f}", pid,
              code, file=self.file, flush=True)


# --- a request ---------------------------------------------------------------

async def exchange(where, request):
    """The status, the head and the body of an answer; 0 and why, if none."""
    writer = None
    try:
        reader, writer = await asyncio.open_connection(*where)
        writer.write(request)
        answer = await reader.read(-1)
        head, _, body = answer.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 "):
            return 0, "closed", b""
        return int(head[9:12]), head.decode("latin-1").lower(), body
    except ConnectionRefusedError:
        return 0, "refused", b""
    except OSError:
        return 0, "closed", b""
    finally:
        if writer:
            writer.close()


async def ask(where, method, path, body=""):
    text = (f"{method} {path} HTTP/1.1\r\nHost: captcha\r\n"
            "Connection: close\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}")
    try:
        return await asyncio.wait_for(exchange(where, text.encode()), LIMIT_S)
    except asyncio.TimeoutError:
        return 0, "silent", b""


def is_error(outcome):
    return outcome not in ("success", "used", "wrong")


def trouble(status, head):
    if not status:
        return head
    if status == 503 and "\r\nretry-after:" not in head:
        return "503-bare"
    return str(status)


async def check(where, log, kind, pid, code):
    began = time.monotonic()
    form = (VERIFY, f"secret={SECRET}&response={code}") \
        if code.startswith("C1_") else (CHECK, f"pid={pid}&code={code}")
    status, head, body = await ask(where, "POST", *form)
    outcome = trouble(status, head)
    if status == 200:
        if b'"success":true' in body or b'"success": true' in body:
            outcome = "success"
        elif b"expired-or-used" in body or b"timeout-or-duplicate" in body:
            outcome = "used"
        elif b"internal-error" in body:
            outcome = "internal-error"
        elif b"wrong" in body:
            outcome = "wrong"
    log.add(kind, outcome, began, pid, code)
    return outcome


# --- Redis -------------------------------------------------------------------

async def redis_get(where, key):
    writer = None
    try:
        reader, writer = await asyncio.open_connection(*where)
        writer.write(f"GET {key}\r\n".encode())
        line = await reader.readline()
        if line[:1] == b"$" and line[1:2] != b"-":
            return await reader.readexactly(int(line[1:]))
    except (OSError, asyncio.IncompleteReadError):
        pass
    finally:
        if writer:
            writer.close()
    return None


async def value_of(servers, key):
    for _ in range(20):
        for where in servers:
            try:
                value = await asyncio.wait_for(redis_get(where, key), 0.5)
            except asyncio.TimeoutError:
                continue
            if value:
                return value
        await asyncio.sleep(0.05)
    return None


KEY = []  # of all sounds


async def key_of(where, servers):
    """It is made for the first answer that may be that of a sound."""
    while not KEY:
        await ask(where, "POST", CHECK, "pid=0000000000000000&code=123456")
        key = await value_of(servers, "captcha-fcgi:secret")
        if key:
            KEY.append(key)
    return KEY[0]


# --- visit -------------------------------------------------------------------

async def visit(where, log, servers, think):
    began = time.monotonic()
    status, head, body = await ask(where, "GET", GET)
    if status != 200:
        log.add("get", trouble(status, head), began)
        return
    pid = body.split(b'"pid":"', 1)[1][:16].decode()
    log.add("get", "success", began, pid)
    value = await value_of(servers, pid)
    if not value:
        return  # it went with the server that had it
    key = await key_of(where, servers)
    answers = [value.decode().split()[0], said(key, pid)]
    random.shuffle(answers)
    await asyncio.sleep(random.uniform(0, think))
    await asyncio.gather(*(check(where, log, "check", pid, answer)
                           for answer in answers))


async def visit_all(where, rate, log, servers):
    think = float(os.environ.get("THINK", "8"))
    loop = asyncio.get_running_loop()
    ended = loop.run_in_executor(None, sys.stdin.read)
    visits = set()
    due = loop.time()
    while not ended.done():
        task = asyncio.create_task(visit(where, log, servers, think))
        visits.add(task)
        task.add_done_callback(visits.discard)
        # on a machine that is too slow fewer come, not all at once later
        due = max(due + 1 / rate, loop.time() - 1)
        await asyncio.sleep(max(0, due - loop.time()))
    if visits:
        await asyncio.wait(visits)


# --- issue, check, again -----------------------------------------------------

async def each(function, items):
    """Of all items, with AT_ONCE at a time."""
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(item):
        async with slots:
            return await function(item)

    return await asyncio.gather(*(one(item) for item in items))


async def issue(where):
    until = time.monotonic() + SETTLE_S
    while True:
        status, _, body = await ask(where, "GET", GET)
        if status == 200:
            break
        if time.monotonic() > until:
            sys.exit(f"visitors.py: no challenge, but status {status}, "
                     f"for {SETTLE_S} s")
        await asyncio.sleep(0.05)
    return body.split(b'"pid":"', 1)[1][:16].decode()


async def check_again(where, log, pid, code):
    until = time.monotonic() + SETTLE_S
    while is_error(await check(where, log, "again", pid, code)):
        if time.monotonic() > until:
            sys.exit(f"visitors.py: no verdict for {SETTLE_S} s")
        await asyncio.sleep(0.05)


async def check_twice_again(where, log, pid, code):
    await asyncio.gather(check_again(where, log, pid, code),
                         check_again(where, log, pid, code))


# --- report ------------------------------------------------------------------

def spans(rows, at):
    """What came after a moment: of errors, and of successes."""
    errors = [row for row in rows if row[0] >= at and is_error(row[2])]
    # asked for after it, too
    good = [row[0] for row in rows
            if row[2] == "success" and row[0] - row[3] / 1000 >= at]
    first = f"first success after {min(good) - at:.2f} s" if good \
        else "no success"
    if not errors:
        return first + ", no error"
    took = sorted(row[3] for row in errors)
    return (f"{first}, {len(errors)} errors, the last after "
            f"{max(row[0] for row in errors) - at:.2f} s; an error took "
            f"{took[len(took) // 2]:.0f} ms (median), {took[-1]:.0f} ms (most)")


def report(path, moments):
    by_kind = defaultdict(list)
    passed = Counter()
    with open(path, encoding="ascii") as file:
        rows = [line.split() for line in file]
    for at, kind, outcome, took_ms, pid, _ in rows:
        by_kind[kind].append((float(at), kind, outcome, float(took_ms)))
        if outcome == "success" and kind != "get":
            passed[pid] += 1
    for kind in ("get", "check", "again"):
        rows = by_kind[kind]
        counts = Counter(row[2] for row in rows)
        print(f"{kind}: {len(rows)} requests:", ", ".join(
            f"{n} {outcome}" for outcome, n in counts.most_common()))
    for name, at in moments:
        for kind in ("get", "check"):
            rows = by_kind[kind]
            print(f"{name}: {kind}: {spans(rows, at)}")
    print("double successes:", sum(n > 1 for n in passed.values()))


def place(text):
    address, port = text.rsplit(":", 1)
    return address, int(port)


def main():
    what, *args = sys.argv[1:]
    if what == "visit":
        where, rate, path, servers = args
        asyncio.run(visit_all(place(where), float(rate), Log(path),
                              [place(s) for s in servers.split(",")]))
    elif what == "issue":
        where, n = args
        print(*asyncio.run(each(issue, [place(where)] * int(n))), sep="\n")
    elif what in ("check", "again"):
        where, log = place(args[0]), Log(args[1])
        answers = {tuple(line.split()) for line in sys.stdin}
        if what == "check":
            asyncio.run(each(lambda a: check(where, log, what, *a), answers))
        else:
            asyncio.run(each(lambda a: check_twice_again(where, log, *a),
                             answers))
    elif what == "report":
        moments = [moment.split("=") for moment in args[1:]]
        report(args[0], [(name, float(at)) for name, at in moments])
    else:
        sys.exit(f"visitors.py: {what}: see its beginning")


main()
