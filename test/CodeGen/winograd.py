# REQUIRES: numpy, x86_64-host
# RUN: %python %s %t
"""Convolutions with fewer products, of extreme codes, against numpy.

Codes and weights are the largest and smallest that there are, or all the same, and
what the sums begin with makes them wrap: i32 sums must be right in every bit, for
images whose sizes are odd and even, at any stride, and in any order of the dimensions.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "Inputs"))
import numpy as np
from comparison import compare, run
from processors import get_processors
from random_networks import Network

# Height and width of the results, channels of the input and of the results.
SHAPES = [(2, 2, 16, 16), (3, 5, 17, 16), (7, 7, 64, 24), (8, 6, 16, 33), (13, 4, 40, 17)]
SHAPES += [(28, 31, 16, 16), (2, 9, 300, 16), (6, 6, 128, 100)]
BATCH = 2


def convolve(x, w, strides):
    """x [N, H, W, C] with w [3, 3, C, F]."""
    height, width = x.shape[1] - 2, x.shape[2] - 2
    return sum(
        np.einsum(
            "nhwc,cf->nhwf",
            x[:, i : i + height : strides[0], j : j + width : strides[1]].astype(np.int64),
            w[i, j].astype(np.int64),
        )
        for i in range(3)
        for j in range(3)
    )


def pick_codes(random, shape, low, high):
    choice = random.integers(4)
    if choice < 2:  # Sums of the same sign are the largest.
        return np.full(shape, (low, high)[choice], np.int8)
    return random.choice([low, high], shape).astype(np.int8)


def check(prefix, seed, processor):
    """What is wrong with a network on a processor, or None."""
    height, width, channels, outputs = SHAPES[seed % len(SHAPES)]
    network = Network(seed, dynamic=True)
    random = network.random
    strides = network.pick((1, 1), (1, 1), (1, 2), (2, 1), (2, 2), (2, 2))
    size = [(a - 1) * stride + 3 for a, stride in zip((height, width), strides)]
    x = pick_codes(random, (BATCH, *size, channels), -128, 127)
    limit = network.pick(128, 128, 64)
    weights = pick_codes(random, (3, 3, channels, outputs), -limit, min(limit, 127))
    weights[0, 0, 0, 0] = 1  # Equal elements would be no table of weights.
    bias = random.integers(-(2**31), 2**31, outputs)
    expected = (convolve(x, weights, strides) + bias).astype(np.int32)

    is_channels_first = network.chance()
    shape = ["N", *size, channels]
    total = ["N", height, width, outputs]
    name, filter = "conv_2d_nhwc_hwcf", weights
    if is_channels_first:
        shape = ["N", channels, *size]
        total = ["N", outputs, height, width]
        name, filter = "conv_2d_nchw_fchw", weights.transpose(3, 2, 0, 1)
        x, expected = x.transpose(0, 3, 1, 2), expected.transpose(0, 3, 1, 2)
    image = network.input(shape, "i8")
    init = network.accumulator(total, "i32", 1 if is_channels_first else 3, bias)
    factor = network.constant(filter.shape, "i8", np.ascontiguousarray(filter))
    attributes = f"{{strides = dense<{list(strides)}> : tensor<2xi64>}}"
    sums = network.structured(f"linalg.{name}", [image, factor], init, attributes)
    if network.chance():
        network.output(sums)
    else:  # Something that has no other way than over registers.
        three = network.constant(total[1:], "i32", np.full(total[1:], 3))
        identity = "(n, a, b, c) -> (n, a, b, c)"
        network.output(
            network.generic(
                [identity, "(n, a, b, c) -> (a, b, c)", identity],
                ["parallel"] * 4,
                [sums, three],
                network.empty(total, "i32"),
                ["%y = arith.xori %in0, %in1 : i32", "linalg.yield %y : i32"],
            )
        )
        expected = expected ^ 3

    source, compiled = prefix + ".mlir", prefix + ".llvm.mlir"
    with open(source, "w") as file:
        file.write(str(network))
    np.savez(prefix + ".npz", **{image.name[1:]: x})
    output = prefix + ".output.npz"
    problem = run("ptq-opt", source, f"--ptq-lower={processor}", "-o", compiled) or run(
        "ptq-run", compiled, "--engine=jit", f"--input={prefix}.npz", "--output=" + output
    )
    if problem:
        return problem
    actual = dict(np.load(output))
    return compare(dict.fromkeys(actual, expected), actual)


def main():
    directory = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 2 * len(SHAPES)
    os.makedirs(directory, exist_ok=True)
    # Processors without a dot product of bytes.
    processors = [name for name in get_processors() if name != "cpu=host"]
    failures = 0
    for seed in range(count):
        processor = processors[seed % len(processors)]
        if seed % 3 == 0:
            processor += f" samples={BATCH}"
        problem = check(os.path.join(directory, str(seed)), seed, processor)
        if problem:
            print(f"{seed} ({processor}): {problem}")
            failures += 1
    print(f"{count - failures} of {count} agree")
    sys.exit(failures != 0)


if __name__ == "__main__":
    main()
