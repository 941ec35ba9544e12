"""Sounds of `captchactl audio render`, and banks of clips.

The settings of the machine do not count: neither its settings file nor its
environment, nor a bank of the night that it has.
"""
import os
import struct
import subprocess
import tempfile
import wave

import numpy as np

from labels import BadSet, read_labels

RATE_HZ = 16000
FULL_SCALE = 32768
DIGITS = 10
N_CODE = 6  # digits of a sound
AT_A_TIME = 25  # sounds in memory
SEEDS = 1000000  # of one seed of the command line


class Sounds:
    """Samples [sound, time] of i16, and codes [sound, digit]."""

    def __init__(self, samples, codes):
        self.samples = samples
        self.codes = codes

    def __len__(self):
        return len(self.codes)

    def floats(self):
        """-1 to 1"""
        return self.samples.astype(np.float32) / FULL_SCALE


def read_wav(path):
    with wave.open(path) as f:
        form = (f.getframerate(), f.getsampwidth(), f.getnchannels())
        if form != (RATE_HZ, 2, 1):
            raise BadSet("%s: %d Hz, %d bytes a sample, %d channels: must be "
                         "%d Hz, 2 bytes, 1 channel" % ((path,) + form +
                                                        (RATE_HZ,)))
        return np.frombuffer(f.readframes(f.getnframes()), "<i2")


class Maker:
    """Calls captchactl, in a directory of its own."""

    def __init__(self, captchactl, work):
        self.captchactl = captchactl
        self.work = work

    def call(self, *args):
        """captchactl's standard output, without settings of the machine."""
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith("CAPTCHA_")}
        try:
            return subprocess.run(
                [self.captchactl, *args], env=environment, check=True,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE).stdout.decode()
        except OSError as e:
            raise BadSet("%s: %s: script/build makes it"
                         % (self.captchactl, e.strerror)) from e
        except subprocess.CalledProcessError as e:
            raise BadSet(e.stderr.decode(errors="replace").strip() or
                         "%s ended with %d" % (self.captchactl,
                                               e.returncode)) from e

    def audio(self, action, *args):
        """The command audio, with a cache_dir that has banks of make_bank."""
        return self.call(
            "audio", action, "--config", os.devnull,
            "--set", "cache_dir=" + os.path.join(self.work, "cache"),
            "--set", "store=sqlite:" + os.path.join(self.work, "store"), *args)

    def default_snr_db(self):
        for line in self.call("config", "--sample").splitlines():
            words = line.lstrip("#").split()
            if words[:2] == ["audio_snr_db", "="]:
                return int(words[2])
        raise BadSet("captchactl config --sample: has no audio_snr_db")

    def render(self, count, seed, snr_db, bank):
        """Sounds of a bank file, some at a time. The same seed gives the same
        digits, places and babble at each snr_db; more sounds begin with the
        same ones."""
        for first in range(0, count, AT_A_TIME):
            with tempfile.TemporaryDirectory(dir=self.work) as directory:
                self.audio("render",
                           "--count", str(min(AT_A_TIME, count - first)),
                           "--seed", str(seed * SEEDS + first),
                           "--snr-db", str(snr_db), "--bank", bank,
                           "--out", directory)
                items = read_labels(directory)
                samples = np.stack([read_wav(os.path.join(directory, name))
                                    for name, _ in items])
            yield Sounds(samples, np.array(
                [[int(digit) for digit in code] for _, code in items]))

    def make_bank(self):
        """Have English digits said anew. Returns the bank's file."""
        self.audio("make", "--lang", "en")
        nights = os.path.join(self.work, "cache", "audio", "en")
        return os.path.join(nights, max(os.listdir(nights)), "bank")


def read_bank(path):
    """[(digit, clip)] of a bank file; src/sound/bank.h has the format."""
    try:
        with open(path, "rb") as f:
            data = f.read()
    except OSError as e:
        raise BadSet("%s: %s" % (path, e.strerror)) from e
    if not data.startswith(b"cfbank1\n"):
        raise BadSet("%s: is not a bank of sounds; script/build makes one "
                     "where flite is installed" % path)
    n_voices, n_takes = data[32], data[33]
    clips = []
    for i in range(n_voices * DIGITS * n_takes):
        at, n = struct.unpack_from("<II", data, 40 + 16 * i)
        clip = np.frombuffer(data, "<i2", n, at).astype(np.float32)
        clips.append((i // n_takes % DIGITS, clip / FULL_SCALE))
    return clips
