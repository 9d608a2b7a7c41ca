"""A small network, quantized by NumPy, as an oracle for ptq-run --compare.

    compare_oracle.py write FOLDER
    compare_oracle.py check FOLDER REPORT.json

`write` puts float.mlir, two layers with a ReLU between them, and samples into
FOLDER: calibration.npz, and evaluation.npz, whose values go beyond the calibrated
ranges. `check` computes the figures of each op anew, in float64 but for what the
quantizer does in float32.
"""

import json
import sys

import numpy as np

SIZES = [12, 16, 5]


def make_parameters():
    generator = np.random.default_rng(7)
    layers = []
    for rows, columns in zip(SIZES, SIZES[1:]):
        weights = generator.normal(size=(rows, columns)).astype(np.float32)
        bias = generator.normal(size=columns).astype(np.float32)
        layers.append((weights, bias))
    return layers


def make_samples(seed, count, scale):
    generator = np.random.default_rng(seed)
    return (generator.normal(size=(count, SIZES[0])) * scale).astype(np.float32)


def make_constant(values):
    body = ", ".join(format(float(value), ".9e") for value in values.flatten())
    if values.ndim == 2:
        rows = [", ".join(format(float(v), ".9e") for v in row) for row in values]
        body = ", ".join(f"[{row}]" for row in rows)
    return f"dense<[{body}]>"


def write(folder):
    (w0, b0), (w1, b1) = make_parameters()
    n, m, k = SIZES
    text = f"""
#map = affine_map<(d0, d1) -> (d0, d1)>
func.func @forward(%x: tensor<?x{n}xf32> loc("x")) -> tensor<?x{k}xf32> {{
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %w0 = arith.constant {make_constant(w0)} : tensor<{n}x{m}xf32> loc("w0")
  %b0 = arith.constant {make_constant(b0)} : tensor<{m}xf32> loc("b0")
  %w1 = arith.constant {make_constant(w1)} : tensor<{m}x{k}xf32> loc("w1")
  %b1 = arith.constant {make_constant(b1)} : tensor<{k}xf32> loc("b1")
  %dim = tensor.dim %x, %c0 : tensor<?x{n}xf32>
  %e0 = tensor.empty(%dim) : tensor<?x{m}xf32>
  %i0 = linalg.broadcast ins(%b0 : tensor<{m}xf32>)
        outs(%e0 : tensor<?x{m}xf32>) dimensions = [0] loc("hidden")
  %h = linalg.matmul ins(%x, %w0 : tensor<?x{n}xf32>, tensor<{n}x{m}xf32>)
       outs(%i0 : tensor<?x{m}xf32>) -> tensor<?x{m}xf32> loc("hidden")
  %r = linalg.generic {{indexing_maps = [#map, #map],
                        iterator_types = ["parallel", "parallel"]}}
       ins(%h : tensor<?x{m}xf32>) outs(%e0 : tensor<?x{m}xf32>) {{
  ^bb0(%in: f32, %out: f32):
    %max = arith.maximumf %in, %zero : f32
    linalg.yield %max : f32
  }} -> tensor<?x{m}xf32> loc("relu")
  %e1 = tensor.empty(%dim) : tensor<?x{k}xf32>
  %i1 = linalg.broadcast ins(%b1 : tensor<{k}xf32>)
        outs(%e1 : tensor<?x{k}xf32>) dimensions = [0] loc("scores")
  %y = linalg.matmul ins(%r, %w1 : tensor<?x{m}xf32>, tensor<{m}x{k}xf32>)
       outs(%i1 : tensor<?x{k}xf32>) -> tensor<?x{k}xf32> loc("scores")
  return %y : tensor<?x{k}xf32>
}}
"""
    with open(f"{folder}/float.mlir", "w") as file:
        file.write(text)
    np.savez(f"{folder}/calibration.npz", x=make_samples(1, 20, 1))
    np.savez(f"{folder}/evaluation.npz", x=make_samples(2, 30, 2))


class Edge:
    """Asymmetric codes of 8 bits for what calibration saw."""

    def __init__(self, seen):
        low, high = min(float(seen.min()), 0.0), max(float(seen.max()), 0.0)
        self.scale = np.float32((high - low) / 255)
        self.zero = np.round(-128 - low / np.float64(self.scale))

    def codes(self, values):
        steps = np.round(values.astype(np.float32) / self.scale)
        return np.clip(steps + self.zero, -128, 127)

    def apply(self, values):
        return (self.codes(values) - self.zero) * np.float64(self.scale)

    def count_saturated(self, values):
        codes = self.codes(values)
        ends = ((codes == 127) & (values > 0)) | ((codes == -128) & (values < 0))
        return int(ends.sum())


class Layer:
    """A layer in float, and with weights and bias as codes."""

    def __init__(self, weights, bias):
        self.weights, self.bias = weights.astype(np.float64), bias.astype(np.float64)
        self.scales = (np.abs(weights).max(axis=0) / 127).astype(np.float32)
        codes = np.round(weights / self.scales)
        self.quantized_weights = codes * self.scales.astype(np.float64)

    def run(self, x):
        return x @ self.weights + self.bias

    def run_quantized(self, x, edge):
        scales = edge.scale.astype(np.float64) * self.scales.astype(np.float64)
        bias = np.round(self.bias / scales) * scales
        return edge.apply(x) @ self.quantized_weights + bias


def ratio(reference, values):
    noise = np.sum((reference - values) ** 2)
    return 999 if noise == 0 else 10 * np.log10(np.sum(reference**2) / noise)


def check(folder, report):
    layers = [Layer(*parameters) for parameters in make_parameters()]
    relu = lambda values: np.maximum(values, 0)
    seen = np.load(f"{folder}/calibration.npz")["x"].astype(np.float64)
    edges = [Edge(seen), Edge(relu(layers[0].run(seen)))]

    x = np.load(f"{folder}/evaluation.npz")["x"].astype(np.float64)
    hidden = layers[0].run(x)
    scores = layers[1].run(relu(hidden))
    noisy = layers[0].run_quantized(x, edges[0])
    noisy_scores = layers[1].run_quantized(relu(noisy), edges[1])
    own_scores = layers[1].run_quantized(relu(hidden), edges[1])
    expected = {
        "hidden": (999, ratio(hidden, noisy), ratio(hidden, noisy)),
        "relu": (ratio(hidden, noisy), 999, ratio(relu(hidden), relu(noisy))),
        "scores": (
            ratio(relu(hidden), relu(noisy)),
            ratio(scores, own_scores),
            ratio(scores, noisy_scores),
        ),
    }
    saturated = {
        "hidden": (x.size, edges[0].count_saturated(x)),
        "relu": (0, 0),
        "scores": (hidden.size, edges[1].count_saturated(relu(noisy))),
    }
    ops = json.load(open(report))["ops"]
    assert [op["name"] for op in ops] == list(expected), ops
    for op in ops:
        name = op["name"]
        figures = [op["inherited_db"], op["own_db"], op["total_db"]]
        assert np.allclose(figures, expected[name], rtol=0, atol=0.01), (
            name,
            figures,
            expected[name],
        )
        counts = op["codes"], op["saturated"]
        assert counts == saturated[name], (name, counts, saturated[name])
    # The test has something to see.
    assert saturated["hidden"][1] > 0 and saturated["scores"][1] > 0, saturated
    print("ok")


if __name__ == "__main__":
    {"write": write, "check": check}[sys.argv[1]](*sys.argv[2:])
