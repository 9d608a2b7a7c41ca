# REQUIRES: numpy, openmp, x86_64-host
# RUN: %python %s %t
"""Convolutions whose activations are measured in the call, equal in every bit.

A dense convolution, a depthwise one and one of single pixels follow each other. What
each of them gives is measured and quantized; the last one adds the first one's results.
Some samples overflow on the way: measurements must take infinities and NaN as the
interpreter does.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "Inputs"))
import numpy as np
from comparison import run
from processors import get_processors
from random_networks import Network

# Height and width, channels of the image and of the results.
SHAPES = [(9, 7, 3, 16), (5, 12, 4, 33), (14, 13, 16, 96), (1, 6, 8, 24), (6, 1, 5, 64)]
BATCH = 3
IDENTITY = "(n, a, b, c) -> (n, a, b, c)"
# What becomes of sums; %r is their sum with the other input.
EPILOGUES = [
    ["%y = arith.addf %r, %r : f32"],
    ["%y = arith.maximumf %r, %zero : f32"],
    ["%p = arith.maximumf %r, %zero : f32", "%y = arith.minimumf %p, %six : f32"],
]


def convolve(network, name, x, weights, channels, other=None):
    """Results of a convolution plus `other`, of the same image size, with an epilogue."""
    batch, _, height, width = x.shape
    border = (weights.shape[-1] - 1) // 2
    if border:
        x = network.pad(x, (0, 0, border, border), (0, 0, border, border))
    shape = [batch, channels, height, width]
    bias = network.random.uniform(-1, 1, channels)
    sums = network.structured(
        f"linalg.{name}", [x, weights], network.accumulator(shape, "f32", 1, bias)
    )
    sum = "arith.addf %in0, %in1 : f32" if other else "arith.addf %in0, %in0 : f32"
    payload = [f"%r = {sum}", *network.pick(*EPILOGUES), "linalg.yield %y : f32"]
    inputs = [sums, other] if other else [sums]
    maps = [IDENTITY] * (len(inputs) + 1)
    init = network.empty(shape, "f32")
    return network.generic(maps, ["parallel"] * 4, inputs, init, payload)


def build(seed):
    height, width, inputs, channels = SHAPES[seed % len(SHAPES)]
    network = Network(seed, dynamic=True)
    network.line("%zero = arith.constant 0.0 : f32")
    network.line("%six = arith.constant 6.0 : f32")
    image = network.input(["N", inputs, height, width], "f32")
    dense = network.constant([channels, inputs, 3, 3], "f32")
    depthwise = network.constant([channels, 3, 3], "f32")
    pixels = network.constant([channels, channels, 1, 1], "f32")
    last = network.constant([7, channels, 1, 1], "f32")
    first = convolve(network, "conv_2d_nchw_fchw", image, dense, channels)
    second = convolve(network, "depthwise_conv_2d_nchw_chw", first, depthwise, channels)
    third = convolve(network, "conv_2d_nchw_fchw", second, pixels, channels, first)
    network.output(convolve(network, "conv_2d_nchw_fchw", third, last, 7))
    return network


def check(prefix, seed, options):
    """What is wrong with a network, lowered with `options`, or None."""
    network = build(seed)
    source, quantized = prefix + ".mlir", prefix + ".quantized.mlir"
    with open(source, "w") as file:
        file.write(str(network))
    samples = network.samples(2 * BATCH)
    np.savez(prefix + ".npz", **samples)
    calibration = f"data={prefix}.npz scheme=dynamic activations-per=tensor"
    problem = run("ptq-opt", source, f"--ptq-calibrate={calibration}", "-o", quantized)
    image = samples["arg0"]
    # Infinite from the start, and after the first layers.
    image[1, 0, -1, -1] = network.pick(np.inf, -np.inf, np.nan)
    image[2] *= 1e38
    image[4] *= network.pick(1e36, 1e37)
    image[5] = 0
    np.savez(prefix + ".npz", **samples)

    outputs = []
    for engine, options in ("interpreter", "to=integer"), ("jit", options):
        lowered = f"{prefix}.{engine}.mlir"
        outputs.append(f"{prefix}.{engine}.npz")
        arguments = [f"--input={prefix}.npz", f"--batch={BATCH}", "--output=" + outputs[-1]]
        problem = (
            problem
            or run("ptq-opt", quantized, f"--ptq-lower={options}", "-o", lowered)
            or run("ptq-run", lowered, f"--engine={engine}", *arguments)
        )
    if problem:
        return problem
    [expected], [actual] = (dict(np.load(path)).values() for path in outputs)
    # Which NaN it is does not matter.
    wrong = (expected.view(np.uint32) != actual.view(np.uint32)) & ~(
        np.isnan(expected) & np.isnan(actual)
    )
    if wrong.any():
        first = tuple(np.argwhere(wrong)[0])
        return (
            f"{wrong.sum()} of {wrong.size} differ, first at {first}: "
            f"{actual[first]} instead of {expected[first]}"
        )
    return None


def main():
    directory = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 2 * len(SHAPES)
    os.makedirs(directory, exist_ok=True)
    processors = get_processors()
    failures = 0
    for seed in range(count):
        options = processors[seed % len(processors)]
        if seed % 3 == 0:
            options += " threads=3 thread-cost=0"
        elif seed % 3 == 1:
            options += f" samples={BATCH}"
        problem = check(os.path.join(directory, str(seed)), seed, options)
        if problem:
            print(f"{seed} ({options}): {problem}")
            failures += 1
    print(f"{count - failures} of {count} agree")
    sys.exit(failures != 0)


if __name__ == "__main__":
    main()
