"""How far a long piece of work is, and when it will be done, on standard
error: on a terminal one line that changes, else a line now and then."""
import sys
import time

EVERY_S = 30


class Progress:
    program = "strength"

    def __init__(self, title, n_all):
        self.title = title
        self.n_all = n_all
        self.began = self.shown = time.monotonic()
        self.is_tty = sys.stderr.isatty()
        if not self.is_tty:
            print("%s: %s" % (self.program, title), file=sys.stderr, flush=True)

    def show(self, n_done):
        now = time.monotonic()
        if now - self.shown < (0.2 if self.is_tty else EVERY_S):
            return
        self.shown = now
        left = (now - self.began) * (self.n_all - n_done) / max(n_done, 1)
        text = "%s: %d of %d (%d %%), %d:%02d to go" % (
            self.title, n_done, self.n_all, 100 * n_done / self.n_all,
            left / 60, left % 60)
        if self.is_tty:
            sys.stderr.write("\r%-78s" % text)
        else:
            print("%s: %s" % (self.program, text), file=sys.stderr)
        sys.stderr.flush()

    def end(self):
        if self.is_tty:
            sys.stderr.write("\r%78s\r" % "")
            sys.stderr.flush()
