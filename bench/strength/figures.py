"""Counting: how far two codes are apart, and how sure a rate is.

>>> distance("kitten", "sitting")
3
>>> distance("abc", "abc"), distance("", "ab")
(0, 2)
>>> ["%.3f" % x for x in wilson(8, 10)]
['0.490', '0.943']
>>> ["%.3f" % x for x in wilson(0, 600)]
['0.000', '0.006']
>>> whole_rate(["ab", "cd"], ["ab", "ce"])
'50.0 % (9.5 to 90.5)'
>>> character_rate(["ab", "cd"], ["ab", "ce"], seed=1).split(" (")[0]
'75.0 %'
"""
import math
import random

Z95 = 1.959964  # of the normal distribution, for 95 %


def distance(a, b):
    """Levenshtein's: insertions, deletions and replacements."""
    row = list(range(len(b) + 1))
    for i, ca in enumerate(a, 1):
        corner, row[0] = row[0], i
        for j, cb in enumerate(b, 1):
            corner, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1,
                                         corner + (ca != cb))
    return row[-1]


def wilson(n_right, n):
    """The 95 % interval of a rate (E. B. Wilson 1927), good near 0 and 1."""
    p = n_right / n
    middle = p + Z95 ** 2 / (2 * n)
    half = Z95 * math.sqrt(p * (1 - p) / n + Z95 ** 2 / (4 * n * n))
    scale = 1 + Z95 ** 2 / n
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def percent(rate, low, high):
    return "%.1f %% (%.1f to %.1f)" % (100 * rate, 100 * low, 100 * high)


def rate_of(right):
    """Of a list of true and false."""
    return percent(sum(right) / len(right), *wilson(sum(right), len(right)))


def whole_rate(read, codes):
    return rate_of([a == b for a, b in zip(read, codes)])


def character_rate(read, codes, seed):
    """Of characters, 1 less the distance for each. Those of one picture stand
    or fall together, so the interval comes from drawing pictures anew."""
    wrong = [distance(a, b) for a, b in zip(read, codes)]
    length = [len(code) for code in codes]
    rng = random.Random(seed)
    rates = []
    for _ in range(1000):
        drawn = rng.choices(range(len(codes)), k=len(codes))
        rates.append(1 - sum(wrong[i] for i in drawn) /
                     sum(length[i] for i in drawn))
    rates.sort()
    return percent(max(0.0, 1 - sum(wrong) / sum(length)),
                   max(0.0, rates[24]), max(0.0, rates[974]))


def table(rows):
    """A markdown table; the first row is its head."""
    lines = ["| %s |" % " | ".join(row) for row in rows]
    lines.insert(1, "|" + " --- |" * len(rows[0]))
    return "\n".join(lines)
