"""Checks that tables of statistics depend on the set of samples alone.

    check_reproducibility.py MODEL.onnx --data calibration.npz --work FOLDER

The table of one thread is compared, byte by byte, with those of two threads, of
samples in another order, and of four shards merged in several orders; and so
are the ranges that follow.
"""

import argparse
import filecmp
import itertools
import os
import subprocess
import sys

import numpy as np


def run(*command):
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("--data", required=True)
    parser.add_argument("--work", required=True)
    arguments = parser.parse_args()
    os.makedirs(arguments.work, exist_ok=True)

    def path(name):
        return os.path.join(arguments.work, name)

    with np.load(arguments.data) as arrays:
        (key,) = arrays.files
        samples = arrays[key]
    shuffled = np.random.default_rng(5).permutation(samples)
    np.savez(path("shuffled.npz"), **{key: shuffled})
    run("ptq-translate", "--import-onnx", arguments.model, "-o", path("float.mlir"))

    def calibrate(name, options):
        """Writes a table and the module with its ranges."""
        run(
            "ptq-opt",
            path("float.mlir"),
            f"--ptq-calibrate=method=kl table-out={path(name)} {options}",
            "-o",
            path(name + ".mlir"),
        )

    failures = 0

    def compare(name, expected="one"):
        nonlocal failures
        for suffix in ("", ".mlir"):
            same = filecmp.cmp(path(expected + suffix), path(name + suffix), False)
            if not same:
                print(f"FAILED  {name}{suffix} is not {expected}{suffix}")
                failures += 1

    calibrate("one", f"data={arguments.data} threads=1")
    calibrate("two", f"data={arguments.data} threads=2")
    compare("two")
    calibrate("other", f"data={path('shuffled.npz')} threads=2")
    compare("other")
    shards = []
    for index in range(1, 5):
        calibrate(f"shard{index}", f"data={arguments.data} shard={index}/4")
        shards.append(path(f"shard{index}"))
    orders = list(itertools.permutations(shards))
    for order in orders[::5]:
        calibrate("merged", "table-in=" + ",".join(order))
        compare("merged")
    # Tables that could not differ would prove nothing.
    if filecmp.cmp(path("one"), path("shard1"), False):
        print("FAILED  a part of the samples has the table of all")
        failures += 1
    sys.exit(failures != 0)


main()
