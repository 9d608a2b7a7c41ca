"""Measures what calibration costs, in time and memory.

    calibration.py MODEL.onnx --data calibration.npz [--bin build/bin] [--runs 9]

On one thread, for each sample:

  forward      the network's forward passes, with no observer but that of the
               last edge (a run of calibration needs one)
  min-max      the same with an observer on every edge, by extremes
  histogram    the same, by histograms
  ONNX Runtime its float forward pass, where it is installed

A time is the difference in processor time between a run of many samples and one
of few, divided by the number of samples between them, so that start-up cancels;
processor time is not disturbed by what else runs on the machine. The runs of all
kinds take turns. Printed are medians, the quartiles in brackets, and ratios with
the limits they should stay under. Memory is the largest resident set of the
process that calibrates.

The program fails if a limit is exceeded.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np

FEW, MANY = 100, 1000
LIMITS = {
    "memory": 1.05,
    "min-max / forward": 1.3,
    "histogram / forward": 2.0,
    "forward / ONNX Runtime": 3.0,
}

# What ptq-calibrate does before it runs the samples.
PREPARE = (
    "builtin.module(ptq-verify-resources,ptq-convert-tosa-to-linalg,"
    "resolve-shaped-type-result-dims,ptq-fold-constants,ptq-fold-batch-norm,"
    "ptq-assign-schemes{method=%s},ptq-insert-observers)"
)


def run(command):
    """Runs a tool; returns its seconds of processor time and largest memory."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit("failed: " + " ".join(command))
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss


OBSERVER = re.compile(r"^ *(%\w+) = ptq\.observe (%\w+) .*: tensor<\?.*\n", re.MULTILINE)


def strip_observers(text):
    """Removes the observers of activations but the last."""
    observers = list(OBSERVER.finditer(text))[:-1]
    inputs = {found[1]: found[2] for found in observers}
    # The blobs of weights, at the end, are no IR.
    code, marker, blobs = OBSERVER.sub(
        lambda found: "" if found[1] in inputs else found[0], text
    ).partition("{-#")
    code = re.sub(r"%\w+", lambda name: inputs.get(name[0], name[0]), code)
    return code + marker + blobs


class Network:
    def __init__(self, arguments, folder):
        self.tool = os.path.join(arguments.bin, "ptq-opt")
        self.model = arguments.model
        self.folder = folder
        with np.load(arguments.data) as arrays:
            (self.key,) = arrays.files
            samples = arrays[self.key]
        copies = -(-MANY // len(samples))
        self.samples = np.concatenate([samples] * copies)[:MANY]
        self.data = os.path.join(folder, "samples.npz")
        np.savez(self.data, **{self.key: self.samples})
        imported = os.path.join(folder, "float.mlir")
        run([self.tool[:-3] + "translate", "--import-onnx", self.model, "-o", imported])
        self.modules = {
            "min-max": self.prepare(imported, "minmax"),
            "histogram": self.prepare(imported, "percentile"),
        }
        with open(self.modules["histogram"]) as file:
            text = file.read()
        self.modules["forward"] = os.path.join(folder, "forward.mlir")
        with open(self.modules["forward"], "w") as file:
            file.write(strip_observers(text))

    def prepare(self, imported, method):
        module = os.path.join(self.folder, method + ".mlir")
        passes = "--pass-pipeline=" + PREPARE % method
        run([self.tool, imported, passes, "-o", module])
        return module

    def calibrate(self, kind, samples):
        options = f"data={self.data} samples={samples} threads=1"
        calibrate = f"--ptq-run-calibration={options}"
        return run([self.tool, self.modules[kind], calibrate, "-o", os.devnull])

    def time(self, kind):
        """Microseconds for one sample."""
        few, _ = self.calibrate(kind, FEW)
        many, _ = self.calibrate(kind, MANY)
        return 1e6 * (many - few) / (MANY - FEW)

    def open_peer(self):
        """A function that times ONNX Runtime, or None."""
        try:
            import onnxruntime
        except ImportError:
            return None
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        session = onnxruntime.InferenceSession(
            self.model, options, providers=["CPUExecutionProvider"]
        )
        calls = [{self.key: sample[None]} for sample in self.samples]

        def time_calls():
            start = time.process_time()
            for call in calls:
                session.run(None, call)
            return 1e6 * (time.process_time() - start) / len(calls)

        time_calls()
        return time_calls


def measure(network, runs):
    peer = network.open_peer()
    measures = {kind: lambda kind=kind: network.time(kind) for kind in network.modules}
    if peer:
        measures["ONNX Runtime"] = peer
    times = {kind: [] for kind in measures}
    for _ in range(runs):
        for kind, take in measures.items():
            times[kind].append(take())
    medians = {}
    for kind, values in times.items():
        low, medians[kind], high = statistics.quantiles(values, n=4)
        print(f"{kind:24}{medians[kind]:9.1f} us [{low:.1f}, {high:.1f}]")
    return medians


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("--data", required=True)
    parser.add_argument("--bin", default="build/bin")
    parser.add_argument("--runs", type=int, default=9)
    arguments = parser.parse_args()

    print(os.path.basename(arguments.model))
    with tempfile.TemporaryDirectory() as folder:
        network = Network(arguments, folder)
        medians = measure(network, arguments.runs)
        memory = {
            samples: statistics.median(
                network.calibrate("histogram", samples)[1] for _ in range(3)
            )
            for samples in (FEW, MANY)
        }
    print(f"{'memory, ' + str(FEW) + ' samples':24}{memory[FEW] / 1024:9.1f} MiB")
    print(f"{'memory, ' + str(MANY) + ' samples':24}{memory[MANY] / 1024:9.1f} MiB")
    exceeded = False
    for name, limit in LIMITS.items():
        kind, _, base = name.partition(" / ")
        if name == "memory":
            ratio = memory[MANY] / memory[FEW]
        elif base in medians:
            ratio = medians[kind] / medians[base]
        else:
            continue
        exceeded |= ratio > limit
        mark = "EXCEEDED" if ratio > limit else "ok"
        print(f"{name:24}{ratio:9.2f}    limit {limit} {mark}")
    sys.exit(exceeded)


if __name__ == "__main__":
    main()
