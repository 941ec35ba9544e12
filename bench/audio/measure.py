"""Measure how well programs read the sounds of a build, and print tables.

    measure.py --captchactl PROGRAM --bank FILE [--smoke | --quick]
               [--solver] [--matcher] [--recogniser] [--drowned]
               [--snr-db N] [--seed S] [--png DIR]
"""
import os
import sys

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"  # before numpy and torch look
sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)),
                             "..", "strength"))

import argparse
import tempfile
import time

import torch

import drowned
import matcher
import recogniser
import solver
from figures import rate_of, table
from labels import BadSet
from progress import Progress
from sounds import Maker, read_bank

CLEAN_DB = 60
USUAL_DB = (CLEAN_DB, 5, 0, -3)
PARTS = ("solver", "matcher", "recogniser", "drowned")


class Plan:
    """How much of everything."""

    def __init__(self, n_tested, learning, n_matched, n_recognised, n_drowned,
                 each_clip=1):
        self.n_tested = n_tested
        self.learning = learning  # (labels, how often each is seen)
        self.n_matched = n_matched
        self.n_recognised = n_recognised
        self.n_drowned = n_drowned
        self.each_clip = each_clip  # the matcher has each so many


USUAL = Plan(500, ((500, 60), (2000, 30)), 200, 200, 10)
QUICK = Plan(500, ((500, 60),), 60, 60, 10)
SMOKE = Plan(6, ((16, 1),), 2, 3, 2, each_clip=21)


class Run:
    """What all parts need."""

    def __init__(self, args, maker):
        self.plan = SMOKE if args.smoke else QUICK if args.quick else USUAL
        self.maker = maker
        self.bank = args.bank
        self.seed = args.seed
        self.png = args.png
        self.default_db = maker.default_snr_db()
        self.levels = sorted({*USUAL_DB, self.default_db}, reverse=True)
        if args.smoke or args.quick:
            self.levels = [self.default_db]
        if args.snr_db is not None:
            self.levels = [args.snr_db]

    def learnt(self, count, snr_db):
        return self.maker.render(count, self.seed, snr_db, self.bank)

    def other(self, count, snr_db, bank=None):
        """Sounds that nothing learns from."""
        return self.maker.render(count, self.seed + 1, snr_db,
                                 bank or self.bank)

    def name_of(self, snr_db):
        note = ", clean" if snr_db == CLEAN_DB else ""
        if snr_db == self.default_db:
            note = ", the default"
        return "%d dB%s" % (snr_db, note)


def rates(read, codes):
    """Two columns: digits and whole codes."""
    right = read == codes
    return [rate_of(right.flatten().tolist()),
            rate_of(right.all(1).tolist())]


def measure_solver(run):
    rows = [["trained solver", "labels", "digits", "whole codes"]]
    for snr_db in run.levels:
        most = max(labels for labels, _ in run.plan.learning)
        mels, codes = solver.prepare(run.learnt(most, snr_db))
        tests, right = solver.prepare(run.other(run.plan.n_tested, snr_db))
        for labels, epochs in run.plan.learning:
            title = "learning %d sounds at %d dB" % (labels, snr_db)
            network = solver.train(
                mels[:labels], codes[:labels], epochs, run.seed,
                Progress(title, solver.n_steps_of(labels, epochs)))
            row = [run.name_of(snr_db), "{:,}".format(labels)]
            rows.append(row + rates(solver.read(network, tests), right))
            # a whole run takes hours
            print("audio: %s" % ", ".join(rows[-1]), file=sys.stderr,
                  flush=True)
    return rows, "%d other sounds" % run.plan.n_tested


def measure_matcher(run):
    rows = [["matcher with the built-in clips", "sounds of", "digits",
             "whole codes"]]
    clips = read_bank(run.bank)[::run.plan.each_clip]
    night = run.maker.make_bank()
    for name, kind in (("spectra", matcher.Spectra), ("waves", matcher.Waves)):
        attacker = kind(clips)
        for snr_db in run.levels:
            for of, bank in (("these clips", run.bank), ("a night", night)):
                title = "%s of %s at %d dB" % (name, of, snr_db)
                sounds = run.other(run.plan.n_matched, snr_db, bank)
                got = matcher.read(attacker, sounds,
                                   Progress(title, run.plan.n_matched))
                rows.append(["%s, %s" % (name, run.name_of(snr_db)), of] +
                            rates(*got))
    return rows, "%d sounds each" % run.plan.n_matched


def measure_recogniser(run):
    rows = [["pocketsphinx", "digits", "whole codes"]]
    for snr_db in run.levels:
        sounds = run.other(run.plan.n_recognised, snr_db)
        got = recogniser.read(
            sounds, run.maker.work,
            Progress("pocketsphinx at %d dB" % snr_db, run.plan.n_recognised))
        rows.append([run.name_of(snr_db)] + rates(*got))
    return rows, "%d sounds each" % run.plan.n_recognised


def measure_drowned(run):
    snr_db = run.levels[0] if len(run.levels) == 1 else run.default_db
    noisy, clean = (next(run.other(run.plan.n_drowned, level))
                    for level in (snr_db, CLEAN_DB))
    levels = drowned.measure(noisy, clean, run.png)
    rows = [["digit against babble at %s" % run.name_of(snr_db), "least",
             "median", "below 0 dB"]] + drowned.rows(levels)
    return rows, "%d sounds" % run.plan.n_drowned


def parse():
    parser = argparse.ArgumentParser(prog="script/bench audio",
                                     allow_abbrev=False)
    parser.add_argument("--captchactl", required=True, help="the program")
    parser.add_argument("--bank", required=True,
                        help="the bank that is compiled in")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--smoke", action="store_true",
                      help="take seconds; the figures mean nothing")
    size.add_argument("--quick", action="store_true",
                      help="only 500 labels, and only the default level")
    for part in PARTS:
        parser.add_argument("--" + part, action="store_true",
                            help="only this part, and others that are named")
    parser.add_argument("--snr-db", type=int, metavar="N",
                        help="only at this level, -10 to 60")
    parser.add_argument("--seed", type=int, default=1, metavar="S",
                        help="of sounds and learning (default 1)")
    parser.add_argument("--png", metavar="DIR",
                        help="spectrograms of the sounds of --drowned")
    return parser.parse_args()


def main():
    args = parse()
    Progress.program = "audio"
    torch.set_num_threads(1)
    chosen = [part for part in PARTS if getattr(args, part)] or PARTS
    with tempfile.TemporaryDirectory(prefix="captcha-audio.") as work:
        run = Run(args, Maker(args.captchactl, work))
        for part in chosen:
            began = time.monotonic()
            rows, note = globals()["measure_" + part](run)
            print("\n%s\n\n%s; 95 %% intervals; seed %d; %.1f minutes."
                  % (table(rows), note, args.seed,
                     (time.monotonic() - began) / 60), flush=True)


if __name__ == "__main__":
    try:
        main()
    except (BadSet, RuntimeError) as e:
        sys.exit("script/bench audio: %s" % e)
    except KeyboardInterrupt:
        sys.exit(130)
