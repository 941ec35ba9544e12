"""Two attackers that have the clips of a bank and learn nothing.

Spectra looks for the spectrogram of each clip, said at several speeds, by a
fixed rule. Waves looks for the clip's samples: a matched filter. Both give each
digit at each frame the score of its best clip, and read the best placement of
six digits.
"""
import math

import numpy as np
import torch
import torch.nn.functional as F

import features
import places
from sounds import DIGITS

# Of the mixer are 0.88 to 1.12, with a glide of 0.06.
SPEEDS = (.88, .94, 1, 1.06, 1.12)
# Of the mixer are 0.94 to 1.06: how quickly a clip's samples are read.
HEADS = (.96, 1, 1.04)
NEVER = -1e3


def stretched(clip, n):
    """The last dimension of a clip at another speed."""
    return F.interpolate(clip[None], n, mode="linear", align_corners=True)[0]


class Spectra:
    """A cell of a clip that is louder than the sound there speaks against it,
    for babble only adds. One about as loud speaks for it. One below the babble
    says little."""

    BANDS = 32
    MEL = features.Mel(BANDS, 100, 7000, places.FRAME)
    LOW_DB, HIGH_DB = -35, 25
    LEVELS = 14  # of a clip
    HEARD = 20   # of a sound
    SILENT_DB = -15
    NEAR_DB = 4

    def __init__(self, clips):
        self.rule = self.make_rule()
        by_length = {}
        for digit, clip in clips:
            cells = self.decibels(np.pad(clip, places.FRAME // 2)[None])[0]
            for speed in SPEEDS:
                n = max(6, round(cells.shape[1] / speed))
                by_length.setdefault(n, []).append((digit,
                                                    stretched(cells, n)))
        self.groups = [self.group_of(n, group)
                       for n, group in sorted(by_length.items())]

    def decibels(self, samples):
        samples = samples.astype(np.float32)
        return 10 / math.log(10) * self.MEL.log_power(samples, 1e-6)

    def step_of(self, decibels, n):
        part = (decibels - self.LOW_DB) / (self.HIGH_DB - self.LOW_DB)
        return (part * (n - 1)).round().clamp(0, n - 1).long()

    def make_rule(self):
        """[level of a clip, level heard]: what a cell speaks for the clip."""
        clip = torch.linspace(self.LOW_DB, self.HIGH_DB, self.LEVELS)[:, None]
        heard = torch.linspace(self.LOW_DB, self.HIGH_DB, self.HEARD)
        lacks = (clip - heard - self.NEAR_DB).clamp(min=0)
        rule = torch.where(heard < clip + self.NEAR_DB, .6, -.1)
        against = -((lacks / 6) ** 2 / 2).clamp(max=3)
        rule = torch.where(lacks > 0, against, rule)
        rule[clip[:, 0] < self.SILENT_DB] = 0
        return rule

    def group_of(self, n, group):
        """Clips of one length, as the kernels of a convolution."""
        kernels = torch.zeros(len(group), self.LEVELS, self.BANDS, n)
        for kernel, (_, cells) in zip(kernels, group):
            kernel.scatter_(0, self.step_of(cells, self.LEVELS)[None], 1)
        return ([digit for digit, _ in group],
                kernels.view(len(group), self.LEVELS * self.BANDS, n))

    def score(self, samples, progress):
        heard = self.decibels(samples)
        planes = self.rule[:, self.step_of(heard, self.HEARD)]
        planes = planes.transpose(0, 1).flatten(1, 2)
        n, _, n_frames = heard.shape
        scores = torch.full((n, DIGITS, n_frames), NEVER)
        for i, (digits, kernels) in enumerate(self.groups):
            found = F.conv1d(planes, kernels, padding=kernels.shape[2] // 2)
            for k, digit in enumerate(digits):
                torch.maximum(scores[:, digit], found[:, k, :n_frames],
                              out=scores[:, digit])
            progress((i + 1) / len(self.groups))
        return scores


class Waves:
    """How much of the sound is a clip, at the best size: the generalised
    likelihood ratio in white noise. The mixer moves the pulses of a voice, but
    keeps the wave around each."""

    STEP = 2  # samples of the sound that make one here

    def __init__(self, clips):
        self.clips = [(digit, self.prepare(
            stretched(torch.tensor(clip)[None], round(len(clip) / head))))
            for digit, clip in clips for head in HEADS]

    def prepare(self, samples):
        """Speech is loudest where it is low: bring all of it to one level."""
        samples = F.avg_pool1d(samples, self.STEP)
        return samples[:, 1:] - .95 * samples[:, :-1]

    def score(self, samples, progress):
        heard = self.prepare(torch.tensor(samples))
        n_samples = heard.shape[1]
        longest = max(clip.shape[1] for _, clip in self.clips)
        size = -(-(n_samples + longest) // 3200) * 3200  # a quick one
        spectrum = torch.fft.rfft(heard, size)
        power = F.pad(torch.cumsum(heard.double() ** 2, 1), (1, 0))
        frame = places.FRAME // self.STEP
        n_frames = n_samples // frame
        scores = torch.full((len(heard), DIGITS, n_frames), NEVER)
        for i, (digit, clip) in enumerate(self.clips):
            n = clip.shape[1]
            found = torch.fft.irfft(spectrum *
                                    torch.fft.rfft(clip, size).conj(), size)
            found = found[:, :n_samples - n] ** 2 / (clip ** 2).sum()
            around = (power[:, n:-1] - power[:, :-n - 1]).float()
            part = (found / (around + 1e-6)).clamp(0, .999)
            score = F.max_pool1d(-n / 2 * torch.log1p(-part), frame)
            first = n // 2 // frame  # of a clip's middle
            at = scores[:, digit, first:first + score.shape[1]]
            torch.maximum(at, score[:, :at.shape[1]], out=at)
            progress((i + 1) / len(self.clips))
        return scores


def read(matcher, pieces, progress):
    """The codes that a matcher reads, and those that are right."""
    read_codes, codes = [], []
    with torch.no_grad():
        for sounds in pieces:
            n_before = sum(len(some) for some in codes)
            scores = matcher.score(sounds.floats(), lambda part: progress.show(
                n_before + part * len(sounds)))
            read_codes.append(places.best_codes(scores))
            codes.append(sounds.codes)
    progress.end()
    return np.concatenate(read_codes), np.concatenate(codes)
