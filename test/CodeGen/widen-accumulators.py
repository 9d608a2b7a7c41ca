# REQUIRES: numpy
# RUN: %python %s %t
"""Sums of f16 are those of exact products and f32 sums, rounded once: numpy's, up to
the order of the sums."""

import os
import subprocess
import sys

import numpy as np

MODULE = """
func.func @forward(%xs: tensor<1x{m}x{k}xf16>, %ws: tensor<1x{k}x{n}xf16>)
    -> (tensor<1x{m}x{n}xf16>, tensor<1x{m}xf16>) {{
  %x = tensor.collapse_shape %xs [[0, 1], [2]] : tensor<1x{m}x{k}xf16> into tensor<{m}x{k}xf16>
  %w = tensor.collapse_shape %ws [[0, 1], [2]] : tensor<1x{k}x{n}xf16> into tensor<{k}x{n}xf16>
  %zero = arith.constant 0.0 : f16
  %e = tensor.empty() : tensor<{m}x{n}xf16>
  %f = linalg.fill ins(%zero : f16) outs(%e : tensor<{m}x{n}xf16>) -> tensor<{m}x{n}xf16>
  %y = linalg.matmul ins(%x, %w : tensor<{m}x{k}xf16>, tensor<{k}x{n}xf16>)
                     outs(%f : tensor<{m}x{n}xf16>) -> tensor<{m}x{n}xf16>
  %g = tensor.empty() : tensor<{m}xf16>
  %h = linalg.fill ins(%zero : f16) outs(%g : tensor<{m}xf16>) -> tensor<{m}xf16>
  %s = linalg.reduce {{ arith.addf }} ins(%x : tensor<{m}x{k}xf16>)
                     outs(%h : tensor<{m}xf16>) dimensions = [1]
  %ys = tensor.expand_shape %y [[0, 1], [2]] output_shape [1, {m}, {n}]
      : tensor<{m}x{n}xf16> into tensor<1x{m}x{n}xf16>
  %ss = tensor.expand_shape %s [[0, 1]] output_shape [1, {m}]
      : tensor<{m}xf16> into tensor<1x{m}xf16>
  return %ys, %ss : tensor<1x{m}x{n}xf16>, tensor<1x{m}xf16>
}}
"""


def main(directory):
    os.makedirs(directory, exist_ok=True)
    module, inputs, outputs = (
        os.path.join(directory, name) for name in ("network.mlir", "in.npz", "out.npz")
    )
    random = np.random.default_rng(0)
    for m, k, n in (1, 4096, 33), (7, 1000, 16), (6, 3, 5):
        x = random.uniform(0, 1, (m, k)).astype(np.float16)
        w = random.uniform(0, 1, (k, n)).astype(np.float16)
        with open(module, "w") as file:
            file.write(MODULE.format(m=m, k=k, n=n))
        np.savez(inputs, arg0=x[np.newaxis], arg1=w[np.newaxis])
        run = ["ptq-run", module, "--engine=jit", f"--input={inputs}"]
        subprocess.run([*run, f"--output={outputs}"], check=True)
        results = np.load(outputs)
        wide = x.astype(np.float64), w.astype(np.float64)
        expected = dict(result0=wide[0] @ wide[1], result1=wide[0].sum(1))
        for name, exact in expected.items():
            # Half a unit, and what the sums in f32 lose, which is far less.
            bound = 0.501 * np.spacing(exact.astype(np.float16)).astype(np.float64)
            error = np.abs(results[name][0].astype(np.float64) - exact)
            assert (error <= bound).all(), f"{m}x{k}x{n} {name}: {(error / bound).max()}"


if __name__ == "__main__":
    main(*sys.argv[1:])
