"""Whether the babble drowns digits: how loud each is against it, by band.

The same sound without babble, at 60 dB, tells the two apart.
"""
import os

import numpy as np
import torch

import features
from sounds import N_CODE, RATE_HZ

BANDS_HZ = ((100, 500), (500, 1000), (1000, 2000), (2000, 4000), (4000, 7500))
HOP = 160  # samples: 10 ms
QUIET_DB = -40  # below the loudest frame
TINY = 1e-9


def power_of(samples):
    """[bin, frame]"""
    return torch.stft(torch.tensor(samples), features.N_FFT, HOP,
                      features.WINDOW, torch.hann_window(features.WINDOW),
                      return_complex=True).abs() ** 2


def decibels(ratio):
    return 10 * np.log10(ratio)


def find_digits(power):
    """[(first frame, end)]: between the longest pauses of a sound without
    babble."""
    loud = power.sum(0).numpy()
    loud = np.flatnonzero(loud > loud.max() * 10 ** (QUIET_DB / 10))
    pauses = np.argsort(np.diff(loud))[-(N_CODE - 1):]
    ends = np.append(np.sort(pauses), len(loud) - 1)
    firsts = np.append(0, ends[:-1] + 1)
    return [(loud[first], loud[end] + 1) for first, end in zip(firsts, ends)]


def band_of(power, band):
    low, high = (round(hz * features.N_FFT / RATE_HZ) for hz in band)
    return float(power[low:high].sum()) + TINY


def levels(noisy, clean):
    """Of one sound: [digit, band] in decibels, the last band is all of it; and
    where the digits are."""
    digits, babble = power_of(clean), power_of(noisy - clean)
    found = find_digits(digits)
    everything = ((BANDS_HZ[0][0], BANDS_HZ[-1][1]),)
    return [[decibels(band_of(digits[:, first:end], band) /
                      band_of(babble[:, first:end], band))
             for band in BANDS_HZ + everything] for first, end in found], found


def measure(noisy, clean, directory):
    """[sound, digit, band] of two Sounds; pictures too, with a directory."""
    all_levels = []
    pairs = zip(noisy.floats(), clean.floats(), noisy.codes)
    for i, (heard, alone, code) in enumerate(pairs):
        of_sound, found = levels(heard, alone)
        all_levels.append(of_sound)
        if directory:
            os.makedirs(directory, exist_ok=True)
            name = "%02d-%s.png" % (i, "".join(map(str, code)))
            write_picture(os.path.join(directory, name), heard, alone, found)
    return np.array(all_levels)


def write_picture(path, heard, alone, found):
    """Spectrograms: with the babble above, without it below. A line between
    the two says where the digits are."""
    from PIL import Image

    mel = features.Mel(96, 60, 7600, HOP)
    both = [mel.log_power(samples[None], 1e-4)[0].numpy()
            for samples in (heard, alone)]
    low, high = min(p.min() for p in both), max(p.max() for p in both)
    both = [((p[::-1] - low) / (high - low) * 255) for p in both]
    line = np.zeros((6, both[0].shape[1]))
    for first, end in found:
        line[:, first:end] = 255
    grey = np.concatenate([both[0], line, both[1]]).round().astype(np.uint8)
    image = Image.fromarray(grey)
    image.resize((image.width, 2 * image.height)).save(path)


def rows(all_levels):
    """Least and median by band, and of the best band of each digit."""
    names = ["%d to %d Hz" % band for band in BANDS_HZ] + ["all"]
    flat = all_levels.reshape(-1, len(names))
    of_names = list(zip(names, flat.T))
    of_names.append(("each digit's best band", flat[:, :-1].max(1)))
    return [[name, "%+.1f dB" % values.min(), "%+.1f dB" % np.median(values),
             "%d of %d" % ((values < 0).sum(), len(values))]
            for name, values in of_names]
