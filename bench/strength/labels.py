"""A set of pictures: a directory as `captchactl render` writes it, with
labels.tsv (file name, tab, code) beside the pictures."""
import os


class BadSet(Exception):
    """The directory is not what `captchactl render` writes."""


def read_labels(directory):
    """[(file name, code)], in the order they were drawn."""
    path = os.path.join(directory, "labels.tsv")
    items = []
    try:
        with open(path, encoding="utf-8") as f:
            for n, line in enumerate(f, 1):
                fields = line.rstrip("\n").split("\t")
                if len(fields) != 2 or not fields[1]:
                    raise BadSet("%s:%d: is not a file name, a tab and a code"
                                 % (path, n))
                items.append((fields[0], fields[1]))
    except OSError as e:
        raise BadSet("%s: %s" % (path, e.strerror)) from e
    return items
