"""Print N tokens of this moment, one a line: tid, proof and token.

    tokens.py PID N

PID was issued just now: a tid begins with the time, as a pid does.
"""
import hashlib
import secrets
import string
import sys

ALNUM = string.digits + string.ascii_letters
pid, n = sys.argv[1], int(sys.argv[2])
for _ in range(n):
    tid = pid[:5] + "".join(secrets.choice(ALNUM) for _ in range(11))
    chance = secrets.token_urlsafe(32)
    proof = hashlib.sha256(chance.encode()).hexdigest()[:32]
    print(tid, proof, f"C1_{tid}_{chance}")
