"""FastCGI records, well-formed or not, for tests that talk to the socket of the
service without a web server.

Records are bytes, which a test may join and cut:

    stream = begin() + params(GET) + stdin()
    with connect(path) as s:
        s.sendall(stream)
        answer = read_answer(s)

source: FastCGI Specification 1.0
"""
import socket
import struct

(BEGIN_REQUEST, ABORT_REQUEST, END_REQUEST, PARAMS, STDIN, STDOUT, STDERR,
 DATA, GET_VALUES, GET_VALUES_RESULT, UNKNOWN_TYPE) = range(1, 12)
RESPONDER, AUTHORIZER, FILTER = 1, 2, 3
KEEP_CONN = 1
CONTENT_MAX = 65535

# The variables that every web server sends.
GET = {'REQUEST_METHOD': 'GET', 'SCRIPT_NAME': '/captcha',
       'PATH_INFO': '/healthz', 'QUERY_STRING': '',
       'REMOTE_ADDR': '192.0.2.7'}
POST = {**GET, 'REQUEST_METHOD': 'POST', 'PATH_INFO': '/verification/check',
        'CONTENT_TYPE': 'application/x-www-form-urlencoded'}


# --- records to send ------------------------------------------------------------

def record(kind, request_id, content=b'', length=None, padding=0, version=1):
    """One record. length is a false length for its head."""
    return struct.pack('>BBHHBB', version, kind, request_id,
                       len(content) if length is None else length,
                       padding, 0) + content + bytes(padding)


def stream(kind, request_id, content):
    """A whole stream: records of content, and the empty record at its end."""
    pieces = [content[i:i + CONTENT_MAX]
              for i in range(0, len(content), CONTENT_MAX)]
    return b''.join(record(kind, request_id, piece)
                    for piece in pieces + [b''])


def begin(request_id=1, role=RESPONDER, flags=0):
    return record(BEGIN_REQUEST, request_id,
                  struct.pack('>HB5x', role, flags))


def abort(request_id=1):
    return record(ABORT_REQUEST, request_id)


def to_bytes(text):
    return text if isinstance(text, bytes) else text.encode()


def pair(name, value, name_length=None, value_length=None):
    """A name and a value, as text or bytes. name_length and value_length are
    false lengths, which take four bytes."""
    name, value = to_bytes(name), to_bytes(value)

    def head(n, said):
        if said is not None:
            return struct.pack('>I', said | 1 << 31)
        return bytes([n]) if n < 128 else struct.pack('>I', n | 1 << 31)
    return (head(len(name), name_length) + head(len(value), value_length) +
            name + value)


def pairs(variables):
    return b''.join(pair(name, value) for name, value in variables.items())


def params(variables, request_id=1, **more):
    """The stream FCGI_PARAMS."""
    return stream(PARAMS, request_id, pairs({**variables, **more}))


def stdin(content=b'', request_id=1):
    """The stream FCGI_STDIN."""
    return stream(STDIN, request_id, to_bytes(content))


def request(variables=None, body=b'', request_id=1, flags=0, **more):
    """A whole request."""
    variables = {**(GET if variables is None else variables), **more}
    if body:
        variables.setdefault('CONTENT_LENGTH', str(len(body)))
    return (begin(request_id, RESPONDER, flags) +
            params(variables, request_id) + stdin(body, request_id))


# --- answers ---------------------------------------------------------

class Broken(Exception):
    """The connection ended before an answer, or sent something else than
    FastCGI."""


class Answer:
    """The answer to one request."""

    def __init__(self):
        self.stdout = b''
        self.stderr = b''
        self.app_status = None       # of its FCGI_END_REQUEST
        self.protocol_status = None

    @property
    def status(self):
        """The HTTP status; 0 when there is none."""
        head = self.stdout.split(b'\r\n\r\n')[0]
        for line in head.split(b'\r\n'):
            if line.lower().startswith(b'status:'):
                return int(line.split()[1])
        return 200 if self.stdout else 0

    @property
    def body(self):
        return self.stdout.partition(b'\r\n\r\n')[2]


def read_exactly(s, n):
    got = b''
    while len(got) < n:
        piece = s.recv(n - len(got))
        if not piece:
            raise Broken('ended within a record' if got else 'ended')
        got += piece
    return got


def read_record(s):
    """Kind, request id and content of the next record."""
    version, kind, request_id, length, padding, _ = struct.unpack(
        '>BBHHBB', read_exactly(s, 8))
    if version != 1:
        raise Broken('a record of version %d' % version)
    content = read_exactly(s, length + padding)[:length]
    return kind, request_id, content


def take_record(answers, kind, request_id, content):
    """Add a record to the answers, which have the numbers of their requests as
    keys. True if it ends one."""
    answer = answers.setdefault(request_id, Answer())
    if kind == STDOUT:
        answer.stdout += content
    elif kind == STDERR:
        answer.stderr += content
    elif kind == END_REQUEST:
        answer.app_status, answer.protocol_status = struct.unpack(
            '>IB3x', content)
        return True
    return False


def read_answer(s, request_id=1):
    """The next answer to that request. Broken, or socket.timeout."""
    answers = {}
    while True:
        got = read_record(s)
        if take_record(answers, *got) and got[1] == request_id:
            return answers[request_id]


def parse_answers(data):
    """The answers in all that a connection has sent; those without an end are
    last."""
    answers, done = {}, []
    while len(data) >= 8:
        version, kind, request_id, length, padding, _ = struct.unpack(
            '>BBHHBB', data[:8])
        content, data = data[8:8 + length], data[8 + length + padding:]
        if version != 1:
            break
        if request_id and take_record(answers, kind, request_id, content):
            done.append(answers.pop(request_id))
    return done + list(answers.values())


# --- connections -------------------------------------------------------------

def connect(path, timeout=10):
    """A connection to the socket of the service."""
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(timeout)
    try:
        s.connect(path)
    except OSError:
        s.close()
        raise
    return s


def ask(path, stream_of_records=None, timeout=10, **more):
    """Send a request on a new connection; its answer."""
    with connect(path, timeout) as s:
        s.sendall(request(**more) if stream_of_records is None
                  else stream_of_records)
        return read_answer(s)
