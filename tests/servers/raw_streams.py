"""Streams that no web server sends: raw_streams.py SOCKET

All are sent at once, each on a connection of its own, which has to end. Then
another request has to be answered. Prints a line for each stream: "ok" or what
is wrong, a tab, and its name.

A stream is
    SERVED   answered with one success,
    REFUSED  answered without success, or not at all, or
    EITHER   one of both.
A success must be the answer of /healthz: no stream asks openly for another
page.
"""
import sys
import threading

from fastcgi_client import (
    AUTHORIZER, DATA, FILTER, GET, GET_VALUES, PARAMS, POST, STDIN, abort, ask,
    begin, connect, pair, pairs, params, parse_answers, record, request, stdin)

SERVED, REFUSED, EITHER = 'SERVED', 'REFUSED', 'EITHER'
PATIENCE_S = 60  # the service allows 10 s; a busy machine more
HUGE = 0x7ffffffe
ASKED = pair('FCGI_MAX_CONNS', '')
JSON = {**POST, 'CONTENT_TYPE': 'application/json'}
good = request()


def values(content):
    return record(GET_VALUES, 0, content)


def lengths(name_length, value_length, n_bytes):
    """A pair with these lengths in its head, and n_bytes bytes of it."""
    return (begin() +
            record(PARAMS, 1, pair('', '', name_length, value_length) +
                   b'A' * n_bytes) + record(PARAMS, 1) + stdin())


STREAMS = {
    'a good request': (SERVED, good),

    # not FastCGI
    'version 2': (REFUSED, record(1, 1, b'\0\1\0\0\0\0\0\0', version=2)),
    'bytes at random': (REFUSED, bytes(range(256)) * 64),
    'HTTP': (REFUSED, b'GET / HTTP/1.0\r\n\r\n'),

    # management records
    'one FCGI_GET_VALUES': (SERVED, values(ASKED) + good),
    'a value that is asked for 4 times': (SERVED, values(ASKED * 4) + good),
    'a value that is asked for 40 times': (SERVED, values(ASKED * 40) + good),
    '32767 empty names of values': (EITHER, values(b'\0\0' * 32767) + good),
    'FCGI_GET_VALUES amid the variables': (
        EITHER, begin() + record(PARAMS, 1, pair('REQUEST_METHOD', 'GET')) +
        values(pair('FCGI_MPXS_CONNS', '')) + params(GET) + stdin()),
    'a name of a value with = in it': (
        SERVED, values(pair('FCGI_MAX_CONNS=FCGI_MAX_CONNS', 'x')) + good),
    'an unknown type of management record': (
        SERVED, record(77, 0, b'abc') + good),

    # lengths that are false, or too large to add
    'a name and a value of 2^31 - 2': (REFUSED, lengths(HUGE, HUGE, 1000)),
    'a name of 2^31 - 2, a value of 1': (REFUSED, lengths(HUGE, 1, 60000)),
    'a name of 2^31 - 1': (REFUSED, lengths(HUGE + 1, 1, 60000)),
    'a name and a value of 2^30': (
        REFUSED, lengths(1 << 30, 1 << 30, 60000)),
    'such a name in FCGI_GET_VALUES': (
        EITHER, values(pair('', '', HUGE, HUGE)) + good),

    # records in another order
    'variables before the beginning': (EITHER, params(GET) + good),
    'a body before the variables': (
        EITHER, begin() + record(STDIN, 1, b'x') + params(GET) + stdin()),
    'an abort after the beginning': (
        EITHER, begin() + abort() + params(GET) + stdin()),
    'an abort after the variables': (
        EITHER, begin() + params(GET) + abort() + stdin()),
    'an abort in place of the body': (
        REFUSED, begin() + params(POST, CONTENT_LENGTH='10') + abort()),
    'two requests at once': (
        EITHER, begin() + begin(2) + params(GET, 2) + params(GET) + stdin()),
    '1000 beginnings of other requests': (
        EITHER, begin() + b''.join(begin(2 + i) for i in range(1000)) +
        params(GET) + stdin()),

    # the beginning of a request
    'the role of an authorizer': (
        EITHER, begin(role=AUTHORIZER) + params(GET) + stdin()),
    'the role of a filter': (
        EITHER, begin(role=FILTER) + params(GET) + stdin() + record(DATA, 1)),
    'an unknown role': (REFUSED, begin(role=9) + params(GET) + stdin()),
    'request 0': (REFUSED, begin(0) + params(GET, 0)),
    'a beginning of 7 bytes': (
        REFUSED, record(1, 1, b'\0\1\0\0\0\0\0') + params(GET)),

    # variables
    'NUL in values': (
        EITHER, begin() +
        params(GET, PATH_INFO=b'/healthz\0/../metrics',
               REMOTE_ADDR=b'127.0.0.1\0.9') + stdin()),
    'NUL and = in names': (
        EITHER, begin() +
        record(PARAMS, 1, pair(b'REMOTE_ADDR=127.0.0.1\0', b'x') +
               pair(b'PATH_INFO=/metrics', b'')) + params(GET) + stdin()),
    'no variables': (REFUSED, begin() + record(PARAMS, 1) + stdin()),
    '20000 variables': (
        REFUSED, request(**{f'HTTP_X{i}': 'y' * 50 for i in range(20000)})),
    'variables of 30 MB': (REFUSED, request(HTTP_BIG='z' * 30000000)),
    'an empty name and value': (
        EITHER, begin() + record(PARAMS, 1, b'\0\0') + params(GET) + stdin()),
    '255 bytes of padding': (
        SERVED, begin() + record(PARAMS, 1, pairs(GET), padding=255) +
        record(PARAMS, 1, padding=255) + record(STDIN, 1, padding=255)),

    # bodies
    'CONTENT_LENGTH of 22 digits': (
        REFUSED, begin() + params(JSON, CONTENT_LENGTH='9' * 22) + stdin()),
    'CONTENT_LENGTH of -1': (
        REFUSED, begin() + params(JSON, CONTENT_LENGTH='-1') + stdin()),
    'a body of 60000 bytes, said to have 4096': (
        REFUSED, begin() + params(JSON, CONTENT_LENGTH='4096') +
        stdin(b'{' * 60000)),

    # the end is missing
    'no end of the body': (EITHER, begin() + params(GET)),
    'no end of the body, and half closed': (EITHER, begin() + params(GET)),
}


def read_all(s):
    """All bytes until the connection ends; None if it does not end."""
    got = b''
    try:
        while True:
            piece = s.recv(65536)
            if not piece:
                return got
            got += piece
    except TimeoutError:
        return None
    except OSError:
        return got  # reset


def exchange(path, name, stream):
    with connect(path, PATIENCE_S) as s:
        try:
            s.sendall(stream)
            if 'half closed' in name:
                s.shutdown(1)
        except TimeoutError:
            return None
        except OSError:
            pass  # it has ended; its answers can be read
        return read_all(s)


def judge(wanted, said, healthy):
    """What is wrong with the answers of a connection; None if nothing is."""
    if said is None:
        return 'the connection does not end'
    successes = [answer for answer in parse_answers(said)
                 if 200 <= answer.status < 300]
    if wanted == REFUSED and successes:
        return 'answered with %r' % successes[0].stdout[:200]
    if len(successes) > 1:
        return '%d successes' % len(successes)
    for answer in successes:
        if answer.body != healthy:
            return 'answered with another page: %r' % answer.stdout[:200]
    if wanted == SERVED and not successes:
        return 'not answered: %r' % said[:200]
    return None


def run(path, name, wanted, stream, healthy, verdicts):
    try:
        wrong = judge(wanted, exchange(path, name, stream), healthy)
        after = ask(path, timeout=PATIENCE_S)
        if not wrong and (after.status, after.body) != (200, healthy):
            wrong = 'then a good request got %r' % after.stdout[:200]
    except Exception as error:
        wrong = 'then a good request: %r' % error
    verdicts[name] = wrong


def main(path):
    healthy = ask(path).body
    verdicts = {}
    threads = [threading.Thread(target=run, args=(path, name, *what, healthy,
                                                  verdicts))
               for name, what in STREAMS.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name in STREAMS:
        print('%s\t%s' % (verdicts[name] or 'ok', name))


main(sys.argv[1])
