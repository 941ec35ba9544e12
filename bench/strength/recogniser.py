"""The recogniser: convolutions over the picture, a recurrent layer along the
word, and connectionist temporal classification (A. Graves et al. 2006), which
needs no knowledge of where a letter is. Alone that learns nothing for its
first ten thousand pictures. So while it learns, a second head looks for the
first letter, the second and so on by attention, and shares the classes."""
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

BATCH = 32
N_SLOTS = 12  # letters of the longest code
WEIGHT_FIRST = 0.05  # of the first head, while it would only be in the way
USUAL_LENGTH = 5.5  # by which attention begins where a letter may be


class Shape:
    """How large a recogniser is: what it sees, and its channels."""

    def __init__(self, size, channels, n_state):
        self.size = size  # width, height; both multiples of 16
        self.channels = channels
        self.n_state = n_state


SMALL = Shape((144, 48), (24, 40, 56, 72, 96), 64)
STRONG = Shape((240, 80), (32, 64, 96, 128, 160), 128)


def block(n_in, n_out, kernel, stride, padding=None):
    padding = kernel // 2 if padding is None else padding
    return nn.Sequential(
        nn.Conv2d(n_in, n_out, kernel, stride, padding, bias=False),
        nn.BatchNorm2d(n_out), nn.ReLU(inplace=True))


class Recogniser(nn.Module):
    """Grey pictures [b, 1, height, width] to scores [b, width / 4, classes];
    class 0 says "nothing here"."""

    def __init__(self, shape, n_classes):
        super().__init__()
        c = shape.channels
        self.trunk = nn.Sequential(
            block(1, c[0], 5, 2), block(c[0], c[1], 3, 2),
            block(c[1], c[2], 3, 1), block(c[2], c[3], 3, (2, 1)),
            block(c[3], c[4], 3, (2, 1)),
            # and all rows become one
            block(c[4], c[4], (shape.size[1] // 16, 3), 1, (0, 1)))
        n_features = c[4] + 2 * shape.n_state
        self.along = nn.GRU(c[4], shape.n_state, bidirectional=True,
                            batch_first=True)
        self.drop = nn.Dropout(0.15)
        self.classes = nn.Linear(n_features, n_classes)
        n_columns = shape.size[0] // 4
        self.looks = nn.Linear(n_features, N_SLOTS)
        at = (torch.arange(n_columns).view(-1, 1) + 0.5) / n_columns
        want = (torch.arange(N_SLOTS) + 0.5) / USUAL_LENGTH
        self.place = nn.Parameter(-((at - want.clamp(max=1)) / 0.08) ** 2 / 2)

    def features(self, x):
        x = self.trunk(x.contiguous(memory_format=torch.channels_last))
        x = x.squeeze(2).transpose(1, 2)
        return self.drop(torch.cat([x, self.along(x)[0]], 2))

    def forward(self, x):
        return self.classes(self.features(x))

    def both(self, x):
        """The scores, and those of each slot [b, N_SLOTS, classes]."""
        x = self.features(x)
        weights = (self.looks(x) + self.place).softmax(1)
        slots = torch.einsum("btk,btf->bkf", weights, x)
        return self.classes(x), self.classes(slots)


def to_input(array):
    """Bytes [b, h, w] as numbers around 0, the same for any contrast, with
    paper, which is what stands at the edges, above 0."""
    x = torch.from_numpy(array).float().unsqueeze(1)
    x = x - x.mean((1, 2, 3), keepdim=True)
    edges = torch.cat([x[:, 0, 0], x[:, 0, -1]], 1).mean(1)
    sign = (edges >= 0).float() * 2 - 1
    return x / (x.std((1, 2, 3), keepdim=True) + 1) * sign.view(-1, 1, 1, 1)


def vary(x, rng):
    """Each picture a little moved, stretched and slanted, its contrast
    changed."""
    b = x.shape[0]

    def spread(s):
        return (torch.rand(b, generator=rng) * 2 - 1) * s

    theta = torch.zeros(b, 2, 3)
    theta[:, 0, 0] = 1 + spread(0.06)
    theta[:, 1, 1] = 1 + spread(0.08)
    theta[:, 0, 1] = spread(0.06)
    theta[:, 1, 0] = spread(0.10)
    theta[:, 0, 2] = spread(0.04)
    theta[:, 1, 2] = spread(0.08)
    grid = F.affine_grid(theta, x.shape, align_corners=False)
    x = F.grid_sample(x, grid, padding_mode="border", align_corners=False)
    x = x * (1 + spread(0.15)).view(b, 1, 1, 1)
    return x + torch.randn(x.shape, generator=rng) * 0.05


def rate_at(done, highest):
    """The learning rate: up over the first 8 %, then down a cosine."""
    if done < 0.08:
        return highest * done / 0.08 + 1e-6
    return highest * 0.5 * (1 + np.cos(np.pi * (done - 0.08) / 0.92)) + 1e-6


def loss_of(net, x, targets, weight):
    """Of pictures and the classes of their letters, by both heads; weight is
    that of the classification along the word."""
    scores, slots = net.both(x)
    wanted = nn.utils.rnn.pad_sequence(
        targets + [torch.zeros(N_SLOTS, dtype=torch.long)],
        batch_first=True)[:-1]
    along = F.ctc_loss(
        scores.log_softmax(2).transpose(0, 1), torch.cat(targets),
        torch.full((len(targets),), scores.shape[1], dtype=torch.long),
        torch.tensor([len(t) for t in targets]), zero_infinity=True)
    return weight * along + 2 * F.cross_entropy(slots.flatten(0, 1),
                                                wanted.flatten())


class Reader:
    """A recogniser with its alphabet: train it, copy it, let it read."""

    def __init__(self, shape, alphabet, seed):
        torch.manual_seed(seed)
        self.shape = shape
        self.alphabet = alphabet
        self.seed = seed
        self.net = Recogniser(shape, len(alphabet) + 1)
        self.net.trunk = self.net.trunk.to(memory_format=torch.channels_last)

    def copy(self):
        other = Reader(self.shape, self.alphabet, self.seed)
        other.net.load_state_dict(self.net.state_dict())
        return other

    def train(self, array, texts, n_seen, highest_rate, progress):
        """See n_seen pictures, each of those given equally often."""
        rng = torch.Generator().manual_seed(self.seed)
        index = {c: i + 1 for i, c in enumerate(self.alphabet)}
        targets = [torch.tensor([index[c] for c in text]) for text in texts]
        # The first gradients of a fresh net are large: forget them soon, or
        # all later steps are measured by them.
        optimiser = torch.optim.AdamW(self.net.parameters(), weight_decay=1e-3,
                                      betas=(0.9, 0.97))
        self.net.train()
        done, order = 0, []
        while done < n_seen:
            if len(order) < BATCH:
                order += torch.randperm(len(texts), generator=rng).tolist()
            chosen, order = order[:BATCH], order[BATCH:]
            for group in optimiser.param_groups:
                group["lr"] = rate_at(done / n_seen, highest_rate)
            loss = loss_of(self.net, vary(to_input(array[chosen]), rng),
                           [targets[i] for i in chosen],
                           min(1.0, WEIGHT_FIRST + done / n_seen))
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
            optimiser.step()
            done += BATCH
            progress.show(done)
        progress.end()

    def read(self, array):
        """What it takes each picture for."""
        self.net.eval()
        texts = []
        with torch.no_grad():
            for i in range(0, len(array), 100):
                best = self.net(to_input(array[i:i + 100])).argmax(2)
                texts += [self.decode(row) for row in best.tolist()]
        return texts

    def decode(self, row):
        """Classes along the word to text: repeats are one, nothing is none."""
        return "".join(self.alphabet[k - 1] for i, k in enumerate(row)
                       if k and (i == 0 or row[i - 1] != k))
