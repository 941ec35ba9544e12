#!/usr/bin/env python3
"""What the sound of a challenge says, by the installation's secret.

    said.py KEY <PIDS

KEY is in hexadecimal. Prints the digits of each pid, a line each.
"""
import hashlib
import hmac
import sys


def said(key, pid):
    text = b"captcha-audio-v1" + pid.encode()
    bytes_ = hmac.new(key, text, hashlib.sha256).digest()
    return "".join(str(byte % 10) for byte in bytes_ if byte < 250)[:6]


if __name__ == "__main__":
    for line in sys.stdin:
        print(said(bytes.fromhex(sys.argv[1]), line.strip()))
