"""Spectrograms: the power of a sound by time and by mel band, in logarithm."""
import numpy as np
import torch

from sounds import RATE_HZ

N_FFT = 512
WINDOW = 400  # samples: 25 ms


def mel(hz):
    return 2595 * np.log10(1 + hz / 700)


def hz_of(mels):
    return 700 * (10 ** (mels / 2595) - 1)


class Mel:
    """n_bands triangles of one width in mel, from low_hz to high_hz; a frame
    each `hop` samples."""

    def __init__(self, n_bands, low_hz, high_hz, hop):
        edges = hz_of(np.linspace(mel(low_hz), mel(high_hz), n_bands + 2))
        bins = np.arange(N_FFT // 2 + 1) * RATE_HZ / N_FFT
        low, middle, high = edges[:-2], edges[1:-1], edges[2:]
        rising = (bins - low[:, None]) / (middle - low)[:, None]
        falling = (high[:, None] - bins) / (high - middle)[:, None]
        weights = np.maximum(0, np.minimum(rising, falling))
        for i in np.flatnonzero(weights.sum(1) == 0):  # below a bin's width
            weights[i, np.abs(bins - middle[i]).argmin()] = 1
        weights /= weights.sum(1, keepdims=True)
        self.weights = torch.tensor(weights, dtype=torch.float32)
        self.window = torch.hann_window(WINDOW)
        self.hop = hop

    def power(self, samples):
        """samples [n, time], -1 to 1; returns [n, band, frame]"""
        spectrum = torch.stft(torch.as_tensor(samples), N_FFT, self.hop,
                              WINDOW, self.window, return_complex=True)
        return torch.matmul(self.weights, spectrum.abs() ** 2)

    def log_power(self, samples, floor):
        return torch.log(self.power(samples) + floor)
