"""The pictures of a set as Pillow and numpy have them."""
import os

import numpy as np
from PIL import Image


def open_picture(directory, name):
    """A grey picture; what is transparent is white."""
    with Image.open(os.path.join(directory, name)) as picture:
        picture = picture.convert("RGBA")
        paper = Image.new("RGBA", picture.size, (255, 255, 255, 255))
        return Image.alpha_composite(paper, picture).convert("L")


def load_array(directory, names, size):
    """The pictures as bytes [n, height, width], scaled to (width, height)."""
    width, height = size
    array = np.empty((len(names), height, width), np.uint8)
    for i, name in enumerate(names):
        picture = open_picture(directory, name)
        if picture.size != size:
            picture = picture.resize(size, Image.BILINEAR)
        array[i] = np.asarray(picture)
    return array
