"""tesseract, with several preparations of a picture and several of its page
modes. A picture counts as solved when any of them reads it: more than an
attacker gets, who does not know which one was right."""
import os
import subprocess
import tempfile

import numpy as np
from PIL import Image, ImageFilter, ImageOps

from pictures import open_picture

BORDER = 10
CHUNK = 50  # pictures of one run of tesseract


def dark_on_light(picture):
    """By what stands at the edges, which is mostly paper."""
    a = np.asarray(picture)
    edge = np.concatenate([a[0], a[-1], a[:, 0], a[:, -1]])
    return ImageOps.invert(picture) if np.median(edge) < 128 else picture


def enlarged(picture, n):
    return picture.resize((picture.width * n, picture.height * n),
                          Image.BICUBIC)


def black_and_white(picture):
    """At the threshold that tells two groups of greys apart best
    (N. Otsu 1979)."""
    a = np.asarray(picture)
    n = np.bincount(a.ravel(), minlength=256).astype(float)
    below, sums = np.cumsum(n), np.cumsum(n * np.arange(256))
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = ((sums[-1] * below / below[-1] - sums) ** 2 /
                 (below * (below[-1] - below)))
    threshold = int(np.nanargmax(apart[:-1]))
    return Image.fromarray(((a > threshold) * 255).astype(np.uint8))


def clean(picture):
    return black_and_white(
        enlarged(picture, 2).filter(ImageFilter.MedianFilter(5)))


PREPARATIONS = {
    "grey": lambda p: enlarged(p, 2),
    "threshold": lambda p: black_and_white(enlarged(p, 2)),
    "median": clean,
    "blur": lambda p: black_and_white(
        enlarged(p, 2).filter(ImageFilter.GaussianBlur(2.5))),
    "thin": lambda p: black_and_white(
        enlarged(p, 3).filter(ImageFilter.MaxFilter(5))),
}
PAGE_MODES = {7: "a line", 8: "a word", 13: "a raw line"}


def version():
    out = subprocess.run(["tesseract", "--version"], check=True, text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return out.stdout.split()[1]


def run(paths, mode, alphabet, directory):
    """What tesseract reads in each file."""
    listing = os.path.join(directory, "list")
    with open(listing, "w", encoding="utf-8") as f:
        f.write("".join(path + "\n" for path in paths))
    out = subprocess.run(
        ["tesseract", listing, "stdout", "-l", "eng", "--psm", str(mode),
         "-c", "load_system_dawg=0", "-c", "load_freq_dawg=0", "-c",
         "tessedit_char_whitelist=" + alphabet + alphabet.upper()],
        check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env=dict(os.environ, OMP_THREAD_LIMIT="1"))
    pages = out.stdout.decode("utf-8", "replace").split("\f")[:len(paths)]
    pages += [""] * (len(paths) - len(pages))
    return ["".join(page.split()).lower() for page in pages]


def attack(directory, items, alphabet, preparations, modes, progress):
    """{"threshold, a word": [true, false, …]}, for each picture whether that
    way read it."""
    solved = {"%s, %s" % (p, PAGE_MODES[m]): []
              for p in preparations for m in modes}
    n_done = 0
    with tempfile.TemporaryDirectory() as scratch:
        for first in range(0, len(items), CHUNK):
            chunk = items[first:first + CHUNK]
            originals = [ImageOps.expand(dark_on_light(ImageOps.autocontrast(
                open_picture(directory, name))), BORDER, 255)
                for name, _ in chunk]
            for p in preparations:
                paths = []
                for i, picture in enumerate(originals):
                    paths.append(os.path.join(scratch, "%d.png" % i))
                    PREPARATIONS[p](picture).save(paths[-1])
                for m in modes:
                    read = run(paths, m, alphabet, scratch)
                    solved["%s, %s" % (p, PAGE_MODES[m])] += [
                        text == code for text, (_, code) in zip(read, chunk)]
                    n_done += len(chunk)
                    progress.show(n_done)
    progress.end()
    return solved
