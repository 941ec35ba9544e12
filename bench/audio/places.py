"""Six digits, one after the other: sums over all their placements in a sound,
and the best one.

Scores are logarithms [sound, digit, frame]: how well a digit's middle is at a
frame. Between the middles of two digits are at least GAP_MIN and at most
GAP_MAX frames, as the mixer says them.
"""
import torch
import torch.nn.functional as F

from sounds import N_CODE

FRAME = 320  # samples: 20 ms
GAP_MIN, GAP_MAX = 28, 85
NEVER = -1e4


def before(scores):
    """[sound, frame, gap]: the scores of all frames where the digit before may
    be, from GAP_MAX frames before to GAP_MIN."""
    padded = F.pad(scores, (GAP_MAX, 0), value=NEVER)
    n = scores.shape[1] + GAP_MAX - GAP_MIN
    return padded[:, :n].unfold(1, GAP_MAX - GAP_MIN + 1, 1)


def sum_over_placements(scores):
    """scores: of each of the six digits [sound, frame]; returns [sound]"""
    total = scores[0]
    for score in scores[1:]:
        total = torch.logsumexp(before(total), 2) + score
    return torch.logsumexp(total, 1)


def likelihood(scores, codes):
    """The logarithm of how likely the codes are, of all codes."""
    n_frames = scores.shape[2]
    of_codes = [scores.gather(1, codes[:, k].view(-1, 1, 1)
                              .expand(-1, 1, n_frames)).squeeze(1)
                for k in range(N_CODE)]
    of_any = [torch.logsumexp(scores, 1)] * N_CODE
    return sum_over_placements(of_codes) - sum_over_placements(of_any)


def best_codes(scores):
    """The codes [sound, digit] of the best placement (A. Viterbi 1967)."""
    best, digits = scores.max(1)
    total, steps = best, []
    for _ in range(N_CODE - 1):
        highest, step = before(total).max(2)
        steps.append(step)
        total = highest + best
    frame = total.argmax(1)
    frames = [frame]
    for step in reversed(steps):
        frame = frame - GAP_MAX + step.gather(1, frame[:, None])[:, 0]
        frames.append(frame)
    return digits.gather(1, torch.stack(frames[::-1], 1)).numpy()
