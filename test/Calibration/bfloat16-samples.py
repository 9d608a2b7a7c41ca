# REQUIRES: onnx
# RUN: rm -rf %t && mkdir %t && %python %s %t
"""Samples of bfloat16 are those of ml_dtypes, which comes with the onnx package.

NumPy has no such type and stores its numbers as two bytes without one. Samples of
float32 are taken, too, and rounded as ml_dtypes rounds them.
"""

import subprocess
import sys

import ml_dtypes
import numpy as np

IDENTITY = """
func.func @forward(%x: tensor<?x2xbf16> loc("x")) -> (tensor<?x2xbf16> {ptq.name = "y"}) {
  return %x : tensor<?x2xbf16>
}
"""


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True)


def main():
    directory = sys.argv[1]
    network, samples, output = (
        f"{directory}/{name}" for name in ("identity.mlir", "x.npz", "y.npz")
    )
    with open(network, "w") as file:
        file.write(IDENTITY)

    def check(x, expected):
        np.savez(samples, x=x)
        for engine in ("interpreter", "jit"):
            run(
                "ptq-run",
                network,
                "--input",
                samples,
                "--output",
                output,
                "--engine",
                engine,
            )
            with np.load(output) as arrays:
                (y,) = arrays.values()
            expected = expected.astype(np.float32)
            np.testing.assert_array_equal(y.view(np.uint32), expected.view(np.uint32))

    # Every number there is.
    bits = np.arange(1 << 16, dtype=np.uint16)
    bits = bits[(bits & 0x7FFF) <= 0x7F80].reshape(-1, 1).repeat(2, axis=1)
    every = bits.view(ml_dtypes.bfloat16)
    check(every, every)

    # Ties, what lies beside them, and what becomes infinite.
    bits = every.astype(np.float32).view(np.uint32)
    near = np.stack([bits | 0x7FFF, bits | 0x8000, bits | 0x8001, bits | 0xFFFF])
    near = near.view(np.float32).reshape(-1, 2)
    near = near[np.isfinite(near).all(axis=1)]
    check(near, near.astype(ml_dtypes.bfloat16))
    not_a_number = np.array([[0x7F800001, 0xFFC00000]], np.uint32).view(np.float32)
    np.savez(samples, x=not_a_number)
    run("ptq-run", network, "--input", samples, "--output", output)
    with np.load(output) as arrays:
        assert np.isnan(arrays[arrays.files[0]]).all()


main()
