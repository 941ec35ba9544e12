"""Pictures of letters that anybody can draw who has never seen a picture of
ours: the faces of some Debian packages, letters and digits, each a little
turned and moved, the whole a little bent, sometimes with lines across. A
recogniser that has read many of these needs far fewer of ours."""
import glob
import os
import random

import numpy as np
from PIL import Image, ImageDraw, ImageFont

ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"
PATTERNS = ["truetype/dejavu/*.ttf", "truetype/liberation2/*.ttf",
            "truetype/freefont/*.ttf", "truetype/open-sans/*.ttf",
            "truetype/lato/*.ttf", "opentype/linux-libertine/*.otf"]
KEYS = "_K"  # in the name of a face whose letters are keys of a keyboard
SCALE = 48  # pixels of a letter while it is turned


def find_faces(root="/usr/share/fonts"):
    """Fonts of the packages above that have all letters, opened."""
    faces = []
    for pattern in PATTERNS:
        for path in sorted(glob.glob(os.path.join(root, pattern))):
            if KEYS in os.path.basename(path):
                continue
            try:
                face = ImageFont.truetype(path, SCALE)
                missing = bytes(face.getmask("\uffff"))
                if all(bytes(face.getmask(c)) != missing
                       for c in ALPHABET + ALPHABET.upper()):
                    faces.append(face)
            except OSError:
                continue  # not a font that FreeType opens
    return faces


def draw_letter(rng, face, letter):
    """One letter, turned and stretched, cut to its ink."""
    tile = Image.new("L", (3 * SCALE, 3 * SCALE))
    ImageDraw.Draw(tile).text((SCALE, SCALE // 2), letter, 255, face)
    tile = tile.rotate(rng.uniform(-15, 15), Image.BILINEAR)
    tile = tile.crop(tile.getbbox() or (0, 0, SCALE, SCALE))
    return tile.resize((max(4, int(tile.width * rng.uniform(0.8, 1.2))),
                        max(4, int(tile.height * rng.uniform(0.85, 1.15)))),
                       Image.BILINEAR)


def draw_word(rng, face, text):
    """The letters side by side, near enough to touch now and then."""
    word = Image.new("L", (3 * SCALE * len(text), 4 * SCALE))
    x = SCALE
    for letter in text:
        tile = draw_letter(rng, face, letter)
        # on one base line, which letters leave a little
        y = 3 * SCALE - tile.height + rng.randint(-5, 5)
        word.paste(255, (x, y), tile)
        x += max(4, tile.width + rng.randint(-7, 4))
    return word.crop(word.getbbox())


def bend(rng, pixels):
    """Move each pixel by two slow waves in each direction."""
    height, width = pixels.shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    dx, dy = np.zeros_like(x), np.zeros_like(y)
    for _ in range(2):
        for d in (dx, dy):
            a = rng.uniform(0, height / 40)
            p, q = rng.uniform(-3, 3), rng.uniform(-2, 2)
            d += a * np.sin(6.2832 * (p * x / width + q * y / height +
                                      rng.random()))
    x = np.clip(x + dx, 0, width - 1.001)
    y = np.clip(y + dy, 0, height - 1.001)
    x0, y0 = x.astype(int), y.astype(int)
    fx, fy = x - x0, y - y0
    top = pixels[y0, x0] * (1 - fx) + pixels[y0, x0 + 1] * fx
    low = pixels[y0 + 1, x0] * (1 - fx) + pixels[y0 + 1, x0 + 1] * fx
    return top * (1 - fy) + low * fy


def draw_lines(rng, picture):
    width, height = picture.size
    for _ in range(rng.choice((0, 0, 1, 2))):
        y0, y1 = rng.uniform(0, height), rng.uniform(0, height)
        bow = rng.uniform(-height / 3, height / 3)
        points = [(t * width / 12, y0 + (y1 - y0) * t / 12 +
                   bow * t * (12 - t) / 36) for t in range(13)]
        ImageDraw.Draw(picture).line(points, 255, rng.randint(1, 2))


def draw(rng, faces, size):
    """One picture, as bytes [height, width], and its text in lower case."""
    width, height = size
    n = rng.randint(4, 7)
    text = "".join(rng.choices(ALPHABET, k=n))
    shown = rng.choice((str.upper, str.lower, lambda t: "".join(
        rng.choice((c.lower(), c.upper())) for c in t)))(text)
    word = draw_word(rng, rng.choice(faces), shown)
    fit = min(width * rng.uniform(0.75, 0.97) / word.width,
              height * rng.uniform(0.6, 0.92) / word.height)
    word = word.resize((max(1, int(word.width * fit)),
                        max(1, int(word.height * fit))), Image.BILINEAR)
    picture = Image.new("L", size)
    picture.paste(word, (int((width - word.width) * rng.uniform(0.3, 0.7)),
                         rng.randint(0, height - word.height)))
    draw_lines(rng, picture)
    ink = bend(rng, np.asarray(picture, np.float32)) / 255
    low, high = rng.uniform(0, 90), rng.uniform(165, 255)
    if rng.random() < 0.5:
        low, high = high, low
    return (low + (high - low) * ink).astype(np.uint8), text


def draw_many(n, size, seed, progress):
    """n pictures [n, height, width] and their texts."""
    rng = random.Random(seed)
    faces = find_faces()
    if not faces:
        raise RuntimeError("no fonts for generic text under /usr/share/fonts: "
                           "run script/setup --strength")
    array = np.empty((n, size[1], size[0]), np.uint8)
    texts = []
    for i in range(n):
        array[i], text = draw(rng, faces, size)
        texts.append(text)
        progress.show(i + 1)
    progress.end()
    return array, texts, len(faces)
