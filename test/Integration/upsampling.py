# REQUIRES: onnx, onnxruntime
# RUN: %python %s %t
"""Networks for segmentation, audio and volumes, quantized by ptq-calibrate: everything
between codes is integer, compiled code has the bits of the interpreter, and the results
are near those that ONNX Runtime computes in float."""

import os
import subprocess
import sys

sys.path.insert(
    0, os.path.join(os.path.dirname(__file__), "..", "Target", "ONNX", "Inputs")
)
import numpy as np
import onnx
import onnxruntime
from onnx_models import constant, model, node, tensor

# Of int8 with min-max ranges, in dB.
LEAST_SIGNAL_TO_NOISE = 25.0


def make_network(rank, kernel, stride, pad, group=1, size=12):
    """Down, up by a transposed convolution, joined with the skipped features."""
    window = {"kernel_shape": [2] * rank, "strides": [2] * rank}
    up = {"strides": [stride] * rank, "pads": [pad] * (2 * rank), "group": group}
    nodes = [
        node("Conv", "x w0 b0", "features", pads=[1] * (2 * rank)),
        node("Relu", "features", "skip"),
        node("MaxPool", "skip", "pooled", **window),
        node("ConvTranspose", "pooled w1 b1", "up", **up),
        node("Relu", "up", "more"),
        node("Concat", "skip more", "joined", axis=1),
        node("Conv", "joined w2 b2", "sums", pads=[1] * (2 * rank)),
        node("AveragePool", "sums", "averages", **window),
        node("Conv", "averages w3", "y"),
    ]
    constants = [
        tensor("w0", (8, 3) + (3,) * rank),
        tensor("b0", (8,), 1),
        tensor("w1", (8, 8 // group) + (kernel,) * rank, 2),
        tensor("b1", (8,), 3),
        tensor("w2", (8, 16) + (3,) * rank, 4),
        tensor("b2", (8,), 5),
        tensor("w3", (4, 8) + (1,) * rank, 6),
    ]
    return model(nodes, {"x": ["N", 3] + [size] * rank}, ["y"], constants)


def make_resizing_network(rank, mode, size=12):
    """Features that are resized by interpolation, or by taking the nearest."""
    nodes = [
        node("Conv", "x w0 b0", "features", strides=[2] * rank),
        node("Relu", "features", "less"),
        node("Resize", ["less", "", "scales"], "more", mode=mode),
        node("Conv", "more w1", "y"),
    ]
    constants = [
        tensor("w0", (8, 3) + (2,) * rank),
        tensor("b0", (8,), 1),
        constant("scales", [1, 1] + [2] * rank),
        tensor("w1", (4, 8) + (3,) * rank, 2),
    ]
    return model(nodes, {"x": ["N", 3] + [size] * rank}, ["y"], constants)


def run(*command):
    process = subprocess.run(command, capture_output=True, text=True)
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)}: {process.stderr}")
    return process.stdout + process.stderr


def check(name, made, directory):
    """Whether a network keeps what this test promises."""
    path = os.path.join(directory, name)
    onnx.save(made, path + ".onnx")
    shape = [
        dim.dim_value or 16 for dim in made.graph.input[0].type.tensor_type.shape.dim
    ]
    x = np.random.default_rng(0).uniform(-1, 1, shape).astype(np.float32)
    np.savez(path + ".npz", x=x)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        path + ".onnx", options, providers=["CPUExecutionProvider"]
    )
    (expected,) = session.run(None, {"x": x})

    emit = ["--emit-bytecode", "-o"]
    run("ptq-translate", "--import-onnx", path + ".onnx", *emit, path + ".mlirbc")
    calibrate = f"--ptq-calibrate=data={path}.npz"
    run("ptq-opt", path + ".mlirbc", calibrate, *emit, path + ".qdq.mlirbc")
    lower = ["--ptq-lower=to=integer", "--remarks-filter=ptq.*"]
    remarks = run("ptq-opt", path + ".qdq.mlirbc", *lower, *emit, path + ".int.mlirbc")
    # What is left moves the dequantized elements of the result.
    left = [
        line
        for line in remarks.splitlines()
        if "LeftInFloat" in line and "tensor.collapse_shape" not in line
    ]
    run("ptq-run", path + ".qdq.mlirbc", "--verify")
    run("ptq-opt", path + ".qdq.mlirbc", "--ptq-lower", *emit, path + ".llvm.mlirbc")
    outputs = path + ".out.npz"
    run("ptq-run", path + ".llvm.mlirbc", "--input", path + ".npz", "--output", outputs)
    with np.load(outputs) as arrays:
        noise = arrays["y"] - expected
    ratio = 10 * np.log10(np.square(expected).sum() / np.square(noise).sum())
    print(f"{name}: {ratio:.1f} dB", *left)
    return not left and " 0 left in float" in remarks and ratio >= LEAST_SIGNAL_TO_NOISE


def main(directory):
    os.makedirs(directory, exist_ok=True)
    networks = {
        "image-2": make_network(2, kernel=2, stride=2, pad=0),
        "image-4": make_network(2, kernel=4, stride=2, pad=1),
        "image-groups": make_network(2, kernel=4, stride=2, pad=1, group=2),
        "image-depthwise": make_network(2, kernel=4, stride=2, pad=1, group=8),
        "line": make_network(1, kernel=4, stride=2, pad=1, size=48),
        "volume": make_network(3, kernel=2, stride=2, pad=0),
        "nearest": make_resizing_network(2, "nearest"),
        "nearest-volume": make_resizing_network(3, "nearest"),
        "linear": make_resizing_network(2, "linear"),
        "linear-line": make_resizing_network(1, "linear", size=48),
        "cubic": make_resizing_network(2, "cubic"),
    }
    results = [check(name, made, directory) for name, made in networks.items()]
    sys.exit(not all(results))


if __name__ == "__main__":
    main(sys.argv[1])
