"""Measure how strong the pictures of a set are, and print a table.

    measure.py SET [--smoke | --quick | --strong] [--seed S] [--note TEXT]
"""
import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"  # before numpy and torch look

import argparse
import sys
import time

import torch

import generic
import ocr
from figures import character_rate, rate_of, table, whole_rate
from labels import BadSet, read_labels
from pictures import load_array
from progress import Progress
from recogniser import SMALL, STRONG, Reader

RATE_GENERIC = 3e-3
RATE_OURS = 2e-3


class Plan:
    """How much of everything."""

    def __init__(self, shape, n_held_out, labels, n_generic, n_generic_seen,
                 n_seen, preparations, modes):
        self.shape = shape
        self.n_held_out = n_held_out
        self.labels = labels
        self.n_generic = n_generic            # pictures of generic text
        self.n_generic_seen = n_generic_seen  # with repetitions
        self.n_seen = n_seen                  # of ours, for each of labels
        self.preparations = preparations
        self.modes = modes


USUAL = Plan(SMALL, 600, (500, 2000), 12000, 48000, (16000, 40000),
             list(ocr.PREPARATIONS), list(ocr.PAGE_MODES))
THOROUGH = Plan(STRONG, 600, (500, 2000), 30000, 120000, (40000, 80000),
                list(ocr.PREPARATIONS), list(ocr.PAGE_MODES))
QUICK = Plan(SMALL, 100, (100, 300), 2000, 6000, (1600, 3200),
             ["grey", "threshold"], [8])
SMOKE = Plan(SMALL, 10, (20, 40), 60, 120, (80, 160), ["grey"], [8])


def attack_by_ocr(directory, held_out, plan):
    alphabet = "".join(sorted(set("".join(code for _, code in held_out))))
    n_runs = len(plan.preparations) * len(plan.modes)
    solved = ocr.attack(directory, held_out, alphabet, plan.preparations,
                        plan.modes,
                        Progress("tesseract", n_runs * len(held_out)))
    best = max(solved, key=lambda way: sum(solved[way]))
    name = "tesseract " + ocr.version()
    return [["%s, best of %d ways (%s)" % (name, n_runs, best), "0",
             rate_of(solved[best]), ""],
            ["%s, any of %d ways" % (name, n_runs), "0",
             rate_of([any(ways) for ways in zip(*solved.values())]), ""]]


def row_of(reader, name, n_labels, array, codes):
    read = reader.read(array)
    return [name, "{:,}".format(n_labels), whole_rate(read, codes),
            character_rate(read, codes, reader.seed)]


def attack_by_learning(directory, ours, held_out, plan, seed):
    codes = [code for _, code in held_out]
    size = plan.shape.size
    held_out_array = load_array(directory, [n for n, _ in held_out], size)
    array = load_array(directory, [n for n, _ in ours], size)
    alphabet = "".join(sorted(set(generic.ALPHABET).union(
        *codes, *(code for _, code in ours))))
    generic_array, texts, n_faces = generic.draw_many(
        plan.n_generic, size, seed,
        Progress("drawing generic text", plan.n_generic))
    first = Reader(plan.shape, alphabet, seed)
    first.train(generic_array, texts, plan.n_generic_seen, RATE_GENERIC,
                Progress("learning generic text", plan.n_generic_seen))
    name = "recogniser%s" % (", strong" if plan.shape is STRONG else "")
    rows = [row_of(first, "%s, generic text of %d faces only" % (name, n_faces),
                   0, held_out_array, codes)]
    for n_labels, n_seen in zip(plan.labels, plan.n_seen):
        reader = first.copy()
        reader.train(array[:n_labels], [code for _, code in ours[:n_labels]],
                     n_seen, RATE_OURS,
                     Progress("learning %d pictures" % n_labels, n_seen))
        rows.append(row_of(reader, name, n_labels, held_out_array, codes))
    return rows


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("set")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--smoke", action="store_true")
    size.add_argument("--quick", action="store_true")
    size.add_argument("--strong", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--note", default="")
    return parser.parse_args()


def main():
    args = parse()
    plan = (SMOKE if args.smoke else QUICK if args.quick else
            THOROUGH if args.strong else USUAL)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    began = time.monotonic()
    items = read_labels(args.set)
    n_wanted = plan.n_held_out + max(plan.labels)
    if len(items) < n_wanted:
        raise BadSet("%s has %d pictures; %d are needed, %d of them held out"
                     % (args.set, len(items), n_wanted, plan.n_held_out))
    n_left = len(items) - plan.n_held_out
    if n_left > max(plan.labels):  # what was drawn beyond that is of use too
        plan.n_seen += (plan.n_seen[-1] * n_left // plan.labels[-1],)
        plan.labels += (n_left,)
    ours, held_out = items[:-plan.n_held_out], items[-plan.n_held_out:]
    rows = [["attack", "labels", "whole codes", "characters"]]
    rows += attack_by_ocr(args.set, held_out, plan)
    rows += attack_by_learning(args.set, ours, held_out, plan, args.seed)
    if args.note:
        print(args.note + "\n")
    print(table(rows))
    print("\n%d pictures held out; 95 %% intervals; seed %d; %d minutes."
          % (len(held_out), args.seed,
             round((time.monotonic() - began) / 60)))
    if args.quick or args.smoke:
        print("A smoke run: these figures say nothing about the pictures.")


if __name__ == "__main__":
    try:
        main()
    except (BadSet, RuntimeError) as e:
        sys.exit("script/strength: %s" % e)
    except KeyboardInterrupt:
        sys.exit(130)
