"""Checks ptq's statistics of a network's activations against the collectors of
ONNX Runtime.

    check_collectors.py MODEL.onnx --data calibration.npz --work FOLDER

For every edge that is a tensor of the ONNX network, with the same samples:

  extremes    are those of ONNX Runtime's MinMaxCalibrater
  histogram   counts as many values below each edge of a bin of ONNX Runtime's
              HistogramCollector as that one does, up to one bin of ours

Both run in float, but add in other orders: values differ in their last digits.
"""

import argparse
import os
import subprocess
import sys

import numpy as np
import onnx
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod
from onnxruntime.quantization.calibrate import create_calibrator

import calibration_table

# Samples that both see, and the largest difference between two float results,
# relative to the largest value of the edge.
SAMPLES, ROUNDING = 32, 2e-5


class Reader(CalibrationDataReader):
    def __init__(self, key, samples):
        self.calls = iter({key: sample[None]} for sample in samples)

    def get_next(self):
        return next(self.calls, None)


def calibrate(model, method, samples, names, work, **options):
    (key,) = [value.name for value in onnx.load(model).graph.input]
    calibrator = create_calibrator(
        model,
        op_types_to_calibrate=None,
        augmented_model_path=os.path.join(work, "augmented.onnx"),
        calibrate_method=method,
        extra_options=options,
    )
    calibrator.collect_data(Reader(key, samples))
    return calibrator


def count_below(channel, x):
    """The values below `x`, and how many share the bin that contains it."""
    begin, end, count = channel.cells()
    # Where values may lie that rounding moves across x.
    slack = ROUNDING * max(-channel.min, channel.max)
    below = count[end <= x - slack].sum()
    near = count[(end > x - slack) & (begin < x + slack)].sum()
    return below, near


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("--data", required=True)
    parser.add_argument("--work", required=True)
    arguments = parser.parse_args()
    work = arguments.work
    os.makedirs(work, exist_ok=True)
    with np.load(arguments.data) as arrays:
        (key,) = arrays.files
        samples = arrays[key][:SAMPLES]

    imported = os.path.join(work, "float.mlir")
    table = os.path.join(work, "table")
    options = f"data={arguments.data} samples={SAMPLES} method=mse table-out={table}"
    for command in (
        ["ptq-translate", "--import-onnx", arguments.model, "-o", imported],
        ["ptq-opt", imported, f"--ptq-calibrate={options}", "-o", os.devnull],
    ):
        subprocess.run(command, check=True)
    edges = calibration_table.read_table(table)

    extremes = calibrate(
        arguments.model, CalibrationMethod.MinMax, samples, edges, work
    ).compute_data()
    histograms = calibrate(
        arguments.model,
        CalibrationMethod.Entropy,
        samples,
        edges,
        work,
        num_bins=512,
        num_quantized_bins=128,
    ).collector.histogram_dict

    failures = compared = 0
    for name, (channel,) in edges.items():
        if name not in histograms:
            continue
        compared += 1
        low, high = (np.float64(x).item() for x in extremes[name].range_value)
        slack = ROUNDING * max(-low, high)
        if abs(low - channel.min) > slack or abs(high - channel.max) > slack:
            print(f"FAILED  {name}: [{channel.min}, {channel.max}], not [{low}, {high}]")
            failures += 1
        counts, bins, *_ = histograms[name]
        if counts.sum() != channel.finite:
            print(f"FAILED  {name}: {channel.finite} values, not {counts.sum()}")
            failures += 1
        expected = np.concatenate([[0], np.cumsum(counts)])
        for x, total in zip(bins, expected):
            below, near = count_below(channel, x)
            if not below <= total <= below + near:
                print(f"FAILED  {name}: {below} to {below + near} below {x}, not {total}")
                failures += 1
    if compared < 3:
        print(f"FAILED  only {compared} of {list(edges)} were compared")
        failures += 1
    print(f"{compared} of {len(edges)} edges compared")
    sys.exit(failures != 0)


main()
