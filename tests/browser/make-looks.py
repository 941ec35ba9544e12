#!/usr/bin/python3
"""Make preview.png and densities.png of doc/images/ by captchactl render.

Usage: make-looks.py CAPTCHACTL IMAGES [SEED]
"""
import os
import subprocess
import sys
import tempfile

from PIL import Image, ImageDraw, ImageFont

SIZE = 240, 80
GAP = 10
PAGE, TEXT = "#eef0f4", "#26304a"
COLOURS = 128
FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf"
LOOKS = (
    ("default",),
    ("easy", "difficulty=easy"),
    ("hard", "difficulty=hard"),
    ("dark", "theme=dark"),
    ("sum", "kind=arithmetic"),
    ("greek", "alphabet=greek", "theme=light", "ink=#1d3c8f"),
)
DENSITIES = (("one dot a pixel", "scale=1"), ("two dots a pixel", "scale=2"))


def draw(captchactl, seed, count, settings):
    with tempfile.TemporaryDirectory() as out:
        subprocess.run(
            [captchactl, "render", "--config", "/dev/null", "--seed", seed,
             "--count", str(count), "--out", out]
            + [word for one in settings for word in ("--set", one)],
            check=True, stdout=subprocess.DEVNULL)
        return [Image.open(os.path.join(out, f"{i:05}.png")).convert("RGB")
                for i in range(count)]


def sheet(rows, size, columns):
    """Rows of a title and pictures."""
    font = ImageFont.truetype(FONT, 15)
    step = size[1] + 36
    page = Image.new("RGB", (columns * (size[0] + GAP) + GAP,
                             len(rows) * step + GAP), PAGE)
    pen = ImageDraw.Draw(page)
    for y, (title, pictures) in enumerate(rows):
        pen.text((GAP, y * step + 8), title.upper(), TEXT, font)
        for x, picture in enumerate(pictures):
            page.paste(picture.resize(size, Image.LANCZOS),
                       (GAP + x * (size[0] + GAP), y * step + 32))
    return page.quantize(COLOURS)


def main(captchactl, images, seed="7"):
    sheet([(title, draw(captchactl, seed, 4, settings))
           for title, *settings in LOOKS], SIZE, 4).save(
        os.path.join(images, "preview.png"), optimize=True)
    dense = SIZE[0] * 2, SIZE[1] * 2
    sheet([(title, [draw(captchactl, seed, 1, [scale, theme])[0]
                    for theme in ("theme=light", "theme=dark")])
           for title, scale in DENSITIES], dense, 2).save(
        os.path.join(images, "densities.png"), optimize=True)


main(*sys.argv[1:])
