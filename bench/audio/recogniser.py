"""A general recogniser of speech, pocketsphinx, that knows six English digits
are said. It stands for a listener, as far as a program can."""
import os
import shutil
import subprocess
import tempfile

import numpy as np

from labels import BadSet
from sounds import N_CODE

PROGRAM = "pocketsphinx_batch"
MODEL = "/usr/share/pocketsphinx/model/en-us/"
WORDS = "zero one two three four five six seven eight nine".split()
UNHEARD = -1


def write_grammar(path):
    with open(path, "w", encoding="ascii") as f:
        f.write("#JSGF V1.0;\ngrammar digits;\npublic <code> =%s;\n"
                "<digit> = %s;\n" % (" <digit>" * N_CODE, " | ".join(WORDS)))


def read_hypotheses(path):
    """One line a sound: words, and in brackets its name and a score."""
    read_codes = []
    with open(path, encoding="ascii") as f:
        for line in f:
            code = [WORDS.index(word) for word in line.split("(")[0].split()
                    if word in WORDS]
            read_codes.append(code if len(code) == N_CODE
                              else [UNHEARD] * N_CODE)
    return read_codes


def recognise(sounds, work):
    """The codes of sounds; UNHEARD where it has understood nothing."""
    if not shutil.which(PROGRAM) or not os.path.isdir(MODEL):
        raise BadSet("%s or %s is missing: script/setup --audio installs it"
                     % (PROGRAM, MODEL))
    with tempfile.TemporaryDirectory(dir=work) as directory:
        def inside(name):
            return os.path.join(directory, name)

        for i, samples in enumerate(sounds.samples):
            samples.astype("<i2").tofile(inside("%d.raw" % i))
        with open(inside("names"), "w", encoding="ascii") as f:
            f.writelines("%d\n" % i for i in range(len(sounds)))
        write_grammar(inside("digits.gram"))
        ran = subprocess.run(
            [PROGRAM, "-hmm", MODEL + "en-us",
             "-dict", MODEL + "cmudict-en-us.dict",
             "-jsgf", inside("digits.gram"), "-ctl", inside("names"),
             "-cepdir", directory, "-cepext", ".raw", "-adcin", "yes",
             "-adchdr", "0", "-cmn", "batch", "-hyp", inside("read")],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if ran.returncode:
            raise BadSet("%s ended with %d: %s" % (
                PROGRAM, ran.returncode,
                ran.stdout.decode(errors="replace")[-500:]))
        return read_hypotheses(inside("read"))


def read(pieces, work, progress):
    """The codes that it reads, and those that are right."""
    read_codes, codes = [], []
    for sounds in pieces:
        read_codes += recognise(sounds, work)
        codes.append(sounds.codes)
        progress.show(len(read_codes))
    progress.end()
    return np.array(read_codes), np.concatenate(codes)
