"""Blind reading by people.

    sheet.py sheet SET OUT.png FIRST N     pictures at their own size, numbered
    sheet.py score SET ANSWERS.tsv         what was read, against the codes
"""
import sys

from figures import rate_of
from labels import BadSet, read_labels

GAP = 12
NUMBER_HEIGHT = 18
COLUMNS = 3


def make_sheet(directory, out, first, n):
    # here, since scoring needs none of it
    from PIL import Image, ImageDraw, ImageFont

    from pictures import open_picture
    items = read_labels(directory)
    chosen = items[first:first + n]
    if len(chosen) < n:
        sys.exit("script/strength: %s has %d pictures, not %d" %
                 (directory, len(items), first + n))
    pictures = [open_picture(directory, name) for name, _ in chosen]
    width = max(p.width for p in pictures) + GAP
    height = max(p.height for p in pictures) + NUMBER_HEIGHT + GAP
    n_rows = -(-n // COLUMNS)
    sheet = Image.new("L", (width * COLUMNS + GAP, height * n_rows + GAP), 208)
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.load_default()
    for i, picture in enumerate(pictures):
        x = GAP + i % COLUMNS * width
        y = GAP + i // COLUMNS * height
        pen.text((x, y), str(first + i), 0, font)
        sheet.paste(picture, (x, y + NUMBER_HEIGHT))
    sheet.save(out)
    print("%s: pictures %d to %d; write down a number, a tab and what you read"
          % (out, first, first + n - 1))


def read_answers(path):
    """[(number, answer)]; empty lines and those of # are left out."""
    answers = []
    with open(path, encoding="utf-8") as f:
        for n, line in enumerate(f, 1):
            line = line.rstrip("\r\n")
            if not line.strip() or line.startswith("#"):
                continue
            number, tab, answer = line.partition("\t")
            if not tab or not number.strip().isdigit():
                sys.exit("script/strength: %s:%d: is not a number, a tab and "
                         "an answer" % (path, n))
            answers.append((int(number), "".join(answer.split()).lower()))
    if not answers:
        sys.exit("script/strength: %s: has no answers" % path)
    return answers


def score(directory, path):
    codes = [code for _, code in read_labels(directory)]
    answers = read_answers(path)
    right = []
    for number, answer in answers:
        if number >= len(codes):
            sys.exit("script/strength: %s: there is no picture %d; %s has %d"
                     % (path, number, directory, len(codes)))
        right.append(answer == codes[number])
        if not right[-1]:
            print("%d\t%s was read as %s%s" % (
                number, codes[number], answer or "nothing",
                letters_apart(codes[number], answer)))
    print("%d of %d: %s" % (sum(right), len(right), rate_of(right)))


def letters_apart(code, answer):
    """": e as f, t as l", when one can tell."""
    if len(code) != len(answer):
        return ""
    return ": " + ", ".join("%s as %s" % pair for pair in zip(code, answer)
                            if pair[0] != pair[1])


if __name__ == "__main__":
    try:
        if sys.argv[1] == "sheet":
            make_sheet(sys.argv[2], sys.argv[3], int(sys.argv[4]),
                       int(sys.argv[5]))
        else:
            score(sys.argv[2], sys.argv[3])
    except BadSet as e:
        sys.exit("script/strength: %s" % e)
    except OSError as e:
        sys.exit("script/strength: %s: %s" % (e.filename, e.strerror))
