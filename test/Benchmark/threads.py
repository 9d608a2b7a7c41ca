"""Measures compiled code on several threads against itself on one.

    threads.py [--only TEXT ...] [--network "NAME = KERNEL, ..." ...] [--cpu NAME]
               [--threads 2] [--rounds 31] [--json FILE]

Networks and kernels are spelled as for kernels.py. Each is compiled twice, and both
codes take turns in one process; a time is the median over the rounds of real time, the
gain the median of the ratios in each round, and the results must have the same bits.
Whatever else runs on the machine disturbs this: a thread that waits for a processor
keeps all others waiting. `chrt 50` in front gives the process real-time priority.

The tools are those on the PATH, and LLVM's OpenMP runtime is where llvm-config says.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np

from kernels import Network, get_cpu_name
from libraries import Code

KERNELS = [
    "i8 matmul 512x512x512",
    "i8 matmul 128x768x3072",
    "i8 matmul 1x4096x4096",
    "i8 conv 3x3 28x28x128->128",
    "i8 depthwise 3x3 56x56x128",
    "w4a8 matmul 1x4096x4096/128",
    "f32 matmul 512x512x512",
]


def link_openmp():
    found = subprocess.run(
        ["llvm-config", "--libdir"], capture_output=True, text=True, check=True
    )
    directory = found.stdout.strip()
    return [f"-L{directory}", f"-Wl,-rpath,{directory}", "-lomp"]


def load(network, folder, threads, cpu):
    lower = f"threads={threads}" + (f" cpu={cpu}" if cpu else "")
    flags = link_openmp() if threads != 1 else []
    library = network.compile(folder, f"threads{threads}", lower, *flags)
    element = np.int8 if network.element == "i8" else np.float32
    random = np.random.default_rng(0)
    input = random.integers(-127, 128, network.layers[0].input).astype(element)
    return Code(library, input, network.layers[-1].output, element)


def time_call(call):
    """The seconds of a call, from a few milliseconds of them."""
    call()
    start = time.perf_counter()
    runs = 0
    while runs == 0 or time.perf_counter() - start < 5e-3:
        call()
        runs += 1
    return (time.perf_counter() - start) / runs


def measure(network, folder, arguments):
    one = load(network, folder, 1, arguments.cpu)
    many = load(network, folder, arguments.threads, arguments.cpu)
    one(), many()
    if not np.array_equal(one.output, many.output):
        sys.exit(f"{network.name}: threads change the result")
    pairs = [(time_call(one), time_call(many)) for _ in range(arguments.rounds)]
    times = [statistics.median(column) for column in zip(*pairs)]
    gain = statistics.median(alone / together for alone, together in pairs)
    return dict(name=network.name, one=times[0], many=times[1], gain=gain)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", help="what names must contain, any of these")
    parser.add_argument("--network", nargs="+", help="these instead of the usual ones")
    parser.add_argument("--cpu", help="the processor that ptq compiles for")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=31)
    parser.add_argument("--json", help="where all figures go")
    arguments = parser.parse_args()
    if arguments.threads < 2:
        sys.exit("--threads must be at least 2")
    os.environ["OMP_NUM_THREADS"] = str(arguments.threads)

    figures = []
    for seed, text in enumerate(arguments.network or KERNELS):
        network = Network(text, seed)
        if any(part in network.name for part in arguments.only or [""]):
            with tempfile.TemporaryDirectory() as folder:
                figures.append(measure(network, folder, arguments))
    if arguments.json:
        with open(arguments.json, "w") as file:
            json.dump(dict(cpu=get_cpu_name(), networks=figures), file, indent=2)
    print(f"{get_cpu_name()}\n")
    print(f"| | one thread | {arguments.threads} threads | faster |\n|---|---|---|---|")
    for figure in figures:
        times = [f"{1e6 * figure[key]:.0f} us" for key in ("one", "many")]
        print("| " + " | ".join([figure["name"], *times, f"{figure['gain']:.2f}"]) + " |")


if __name__ == "__main__":
    main()
