"""Visitors beside unfinished and busy connections: fairness.py SOCKET

UNFINISHED connections have sent half a request. BUSY clients ask again on
kept connections as soon as they are answered. Meanwhile VISITORS ask, each on
a new connection. Prints a name and a number on each line.
"""
import multiprocessing
import sys
import threading
import time

import fastcgi_client as fcgi

UNFINISHED, BUSY, VISITORS = 64, 8, 100
PATIENCE_S = 60
LIFE_S = 9  # the service ends an unfinished request after 10
GIVE_UP = 3  # visitors without an answer
ISSUE = {**fcgi.GET, 'PATH_INFO': '/verification/get'}
HALF = fcgi.begin() + fcgi.record(fcgi.PARAMS, 1, b'\x0e', length=600)


def address(n):
    """Of a visitor: each has its own, so that no limit counts."""
    return '10.%d.%d.%d' % (n >> 16 & 255, n >> 8 & 255, n & 255)


# --- unfinished requests ---------------------------------------------------

class Unfinished:
    """Holds the connections open, and replaces each that the service ends."""

    def __init__(self, path):
        self.path = path
        self.held = [self.start() for _ in range(UNFINISHED)]
        self.n_replaced = 0
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.keep, daemon=True)
        self.thread.start()

    def start(self):
        s = fcgi.connect(self.path, PATIENCE_S)
        s.sendall(HALF)
        s.setblocking(False)
        return s, time.monotonic()

    @staticmethod
    def is_open(s):
        try:
            return bool(s.recv(4096))
        except BlockingIOError:
            return True
        except OSError:
            return False

    def keep(self):
        while not self.stop.wait(0.1):
            for i, (s, _) in enumerate(self.held):
                if not self.is_open(s):
                    s.close()
                    self.held[i] = self.start()
                    self.n_replaced += 1

    def n_open(self):
        """Those that the service has not ended before their time."""
        self.stop.set()
        self.thread.join()
        return sum(self.is_open(s) or time.monotonic() - began > LIFE_S
                   for s, began in self.held)


# --- busy clients ------------------------------------------------

def be_busy(path, which, n_answers):
    """One client, in a thread, which counts its answers."""
    n = 0
    s = None
    while True:
        try:
            s = s or fcgi.connect(path, PATIENCE_S)
            n += 1
            s.sendall(fcgi.request(ISSUE, flags=fcgi.KEEP_CONN,
                                   REMOTE_ADDR=address(which << 20 | n)))
            fcgi.read_answer(s)
            n_answers[which] += 1
        except (OSError, fcgi.Broken):
            # the service may end a kept connection between two requests
            s.close()
            s = None
            time.sleep(0.01)


def be_busy_all(path, n_answers):
    """In another process, so that they do not delay the visitors here."""
    threads = [threading.Thread(target=be_busy, args=(path, i, n_answers))
               for i in range(BUSY)]
    for thread in threads:
        thread.start()


def all_have_more(n_answers, before):
    return all(now > then for now, then in zip(n_answers[:], before))


def wait_for(condition, *args):
    end = time.monotonic() + PATIENCE_S
    while not condition(*args) and time.monotonic() < end:
        time.sleep(0.02)


# --- visitors ------------------------------------------------------------

def visit(path, n):
    """Seconds that the visitor waited for a challenge; None without one."""
    began = time.monotonic()
    try:
        answer = fcgi.ask(path, timeout=PATIENCE_S, variables=ISSUE,
                          REMOTE_ADDR=address(15 << 20 | n))
    except (OSError, fcgi.Broken):
        return None
    if answer.status != 200 or b'"pid"' not in answer.body:
        return None
    return time.monotonic() - began


def main(path):
    n_answers = multiprocessing.Array('l', BUSY)
    busy = multiprocessing.Process(target=be_busy_all,
                                   args=(path, n_answers), daemon=True)
    busy.start()
    wait_for(all_have_more, n_answers, [0] * BUSY)
    unfinished = Unfinished(path)
    before = n_answers[:]
    waits = []
    n_refused = 0
    for n in range(VISITORS):
        wait = visit(path, n)
        if wait is not None:
            waits.append(wait)
            continue
        n_refused += 1
        if n_refused == GIVE_UP:
            break
    wait_for(all_have_more, n_answers, before)
    print('unfinished', unfinished.n_open())
    print('replaced', unfinished.n_replaced)
    print('visitors', len(waits))
    print('slowest_ms', round(max(waits, default=0) * 1000))
    gained = [now - then for now, then in zip(n_answers[:], before)]
    print('busy', sum(n > 0 for n in gained))
    print('busy_least', min(gained))
    print('busy_most', max(gained))
    busy.kill()


main(sys.argv[1])
