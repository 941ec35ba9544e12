"""A solver that learns from sounds and their codes, and from nothing else.

Nobody tells it where the digits are. A small convolutional network scores each
digit at each frame. It learns to make the code likely, summed over all
placements of its six digits; it reads by the best placement.
"""
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import features
import places
from sounds import AT_A_TIME, DIGITS

BANDS = 64
MEL = features.Mel(BANDS, 60, 7600, places.FRAME // 2)
FLOOR = 1e-7  # power of silence
BATCH = 16
RATE = 2e-3


def level(mels):
    """Each band against its own median, as loud in each sound."""
    mels = mels.float()
    mels = mels - mels.median(2, keepdim=True)[0]
    return mels / mels.std((1, 2), keepdim=True)


def seen(inputs, outputs, width, stride):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, width, stride, padding=width // 2,
                  bias=False), nn.BatchNorm2d(outputs), nn.ReLU())


def heard(inputs, outputs, width, dilation):
    return nn.Sequential(
        nn.Conv1d(inputs, outputs, width, padding=dilation * (width // 2),
                  dilation=dilation, bias=False), nn.BatchNorm1d(outputs),
        nn.ReLU())


class Network(nn.Module):
    """Log-mel [sound, band, frame of 10 ms] to scores [sound, digit, frame of
    20 ms]. A score sees 0.5 s."""

    def __init__(self):
        super().__init__()
        self.near = nn.Sequential(
            seen(1, 16, 5, (2, 2)), seen(16, 24, 3, (2, 1)),
            seen(24, 32, 3, (2, 1)))
        self.far = nn.Sequential(
            nn.Dropout(.2), heard(32 * BANDS // 8, 96, 3, 1),
            heard(96, 96, 5, 1), heard(96, 96, 5, 2), heard(96, 96, 5, 3),
            nn.Dropout(.3), nn.Conv1d(96, DIGITS, 1))

    def forward(self, mels):
        return self.far(self.near(mels.unsqueeze(1)).flatten(1, 2))


class Varied:
    """Sounds that are never the same twice, so that few teach more: more
    babble, which is other sounds backwards; another speed, place and pitch;
    pieces that are missing."""

    def __init__(self, mels, seed):
        self.mels = mels
        self.rng = torch.Generator().manual_seed(seed)

    def about(self, n, spread):
        return (torch.rand(n, generator=self.rng) * 2 - 1) * spread

    def below(self, n):
        return int(torch.randint(n, (1,), generator=self.rng))

    def babble(self, n):
        """Below the sounds by 3 to 15 dB, under six in ten of them."""
        chosen = torch.randint(len(self.mels), (n,), generator=self.rng)
        others = self.mels[chosen].float().flip(2)
        others = torch.stack([other.roll(self.below(other.shape[1]), 1)
                              for other in others])
        quieter_db = -3 - 12 * torch.rand(n, generator=self.rng)
        is_on = torch.rand(n, generator=self.rng) < .6
        quieter_db = quieter_db.masked_fill(~is_on, -200)
        return others + .23 * quieter_db.view(-1, 1, 1)

    def warped(self, mels):
        n = len(mels)
        how = torch.zeros(n, 2, 3)
        how[:, 0, 0] = 1 + self.about(n, .10)
        how[:, 1, 1] = 1 + self.about(n, .06)
        how[:, 0, 2] = self.about(n, .03)
        how[:, 1, 2] = self.about(n, .06)
        grid = F.affine_grid(how, (n, 1) + mels.shape[1:], align_corners=False)
        return F.grid_sample(mels.unsqueeze(1), grid, padding_mode="border",
                             align_corners=False).squeeze(1)

    def take(self, indices):
        n = len(indices)
        mels = torch.logaddexp(self.mels[indices].float(), self.babble(n))
        mels = self.warped(level(mels))
        for one in mels:
            for _ in range(2):
                width = self.below(10)
                first = self.below(BANDS - width)
                one[first:first + width] = 0
            for _ in range(4):
                width = self.below(15)
                first = self.below(one.shape[1] - width)
                one[:, first:first + width] = 0
        return mels * (1 + self.about(n, .2)).view(n, 1, 1)


def train(mels, codes, epochs, seed, progress):
    """A network that has seen all sounds `epochs` times."""
    torch.manual_seed(seed)
    network = Network()
    varied = Varied(mels, seed)
    codes = torch.tensor(codes)
    batch = min(BATCH, len(mels))
    n_steps = n_steps_of(len(mels), epochs)
    optimizer = torch.optim.AdamW(network.parameters(), RATE, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, RATE, total_steps=n_steps + 1, pct_start=.15)
    order = torch.empty(0, dtype=torch.long)
    network.train()
    for step in range(n_steps):
        if len(order) < batch:
            order = torch.randperm(len(mels), generator=varied.rng)
        chosen, order = order[:batch], order[batch:]
        scores = network(varied.take(chosen))
        loss = -places.likelihood(scores, codes[chosen]).mean()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 2.)
        optimizer.step()
        schedule.step()
        progress.show(step + 1)
    progress.end()
    return network


def n_steps_of(n_sounds, epochs):
    return epochs * (n_sounds // min(BATCH, n_sounds))


def prepare(pieces):
    """Pieces of sounds as log-mel, in 16 bits, and their codes."""
    mels, codes = [], []
    for sounds in pieces:
        mels.append(MEL.log_power(sounds.floats(), FLOOR).half())
        codes.append(sounds.codes)
    return torch.cat(mels), np.concatenate(codes)


def read(network, mels):
    """The codes [sound, digit] that the network reads."""
    network.eval()
    with torch.no_grad():
        return np.concatenate([places.best_codes(network(level(some)))
                               for some in mels.split(AT_A_TIME)])
