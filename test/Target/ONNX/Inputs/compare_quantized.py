"""What tests of quantized operators share: constants, pairs of nodes, and a run beside ONNX
Runtime."""

import os
import subprocess

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnx_models import model, node

TYPES = {
    "uint4": TensorProto.UINT4,
    "int4": TensorProto.INT4,
    "uint8": TensorProto.UINT8,
    "int8": TensorProto.INT8,
    "uint16": TensorProto.UINT16,
    "int16": TensorProto.INT16,
    "int32": TensorProto.INT32,
    "float32": TensorProto.FLOAT,
    "float16": TensorProto.FLOAT16,
}
random = np.random.default_rng(0)


def constant(name, dtype, values):
    values = np.asarray(values)
    if dtype not in ("uint4", "int4"):
        return numpy_helper.from_array(values.astype(dtype), name)
    return helper.make_tensor(name, TYPES[dtype], values.shape, values.flatten().tolist())


def limits(dtype):
    bits = int(dtype.lstrip("uint"))
    return (0, 2**bits - 1) if dtype[0] == "u" else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def codes(dtype, *shape):
    low, high = limits(dtype)
    return random.integers(low, high, shape, endpoint=True)


def weights(dtype, *shape):
    """Codes so small that no 16-bit sum of two products overflows in ONNX Runtime, as it
    does with signed weights where the processor has no VNNI."""
    return random.integers(-63, 64, shape) if dtype == "int8" else codes(dtype, *shape)


def scales(*shape):
    return random.uniform(0.01, 0.03, shape)


def quantized(name, x, dtype, scale, zero_point=None, **attributes):
    """Quantizes `x`, a tensor; gives nodes and constants."""
    constants = [constant(f"{name}_s", "float32", scale)]
    inputs = [x, f"{name}_s"]
    if zero_point is not None:
        constants.append(constant(f"{name}_z", dtype, zero_point))
        inputs.append(f"{name}_z")
    return [node("QuantizeLinear", inputs, name, **attributes)], constants


def dequantized(name, of, **attributes):
    """Dequantizes what `quantized` made."""
    return node("DequantizeLinear", [of, f"{of}_s", f"{of}_z"], name, **attributes)


def run(path, inputs, engine):
    """The outputs of the model at `path` in the interpreter or the jit; "lowered" is the jit
    with integer code, in which nothing may have stayed float."""
    imported, fed, got = path + ".mlirbc", path + ".in.npz", path + ".out.npz"
    np.savez(fed, **inputs)
    execute = lambda *command: subprocess.run(
        command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    try:
        execute("ptq-translate", "--import-onnx", "--emit-bytecode", path, "-o", imported)
        if engine == "lowered":
            engine, lowered = "jit", path + ".lowered.mlirbc"
            summary = execute(
                "ptq-opt", imported, "--ptq-lower", "--emit-bytecode", "-o", lowered
            ).stderr
            assert " 0 left in float" in summary, summary
            imported = lowered
        execute("ptq-run", imported, "--engine=" + engine, "--input", fed, "--output", got)
    except subprocess.CalledProcessError as error:
        print(error.stderr)
        raise
    with np.load(got) as arrays:
        return dict(arrays)


class Comparison:
    def __init__(self, directory):
        self.directory = directory
        self.failures = 0
        os.makedirs(directory, exist_ok=True)

    def __call__(
        self, name, nodes, constants, inputs, step=None, tolerance=0.0, opset=21, lowers=False
    ):
        """Compares output "y".

        step: if given, results may be that far from ONNX Runtime's, and one in 100 is.
        lowers: whether it becomes integer code in which nothing is float.
        """
        shapes = {key: list(values.shape) for key, values in inputs.items()}
        made = model(nodes, shapes, ["y"], constants, opset=opset)
        made.opset_import.append(helper.make_opsetid("com.microsoft", 1))
        made.ir_version = 10
        self.compare_model(name, made, inputs, step, tolerance, lowers)

    def compare_model(self, name, made, inputs, step=None, tolerance=0.0, lowers=False):
        """As a call, of a model; with `lowers` as integer code, too."""
        path = os.path.join(self.directory, name + ".onnx")
        onnx.save(made, path)
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        (expected,) = session.run(None, inputs)
        for engine in ("interpreter", "jit", "lowered")[: 3 if lowers else 2]:
            result = run(path, inputs, engine)["y"].reshape(expected.shape)
            error = np.abs(result - expected)
            error[result == expected] = 0
            bound = step * 1.001 if step else tolerance * np.abs(expected).max()
            different = (error > bound if not step else error > step / 2).mean()
            good = error.max() <= bound and (not step or different <= 0.01)
            print(f"{name}: {engine}: largest error {error.max():.1e}, {100 * different:.2f} %")
            if not good:
                print(f"FAILED: {result.ravel()[:8]}, expected {expected.ravel()[:8]}")
                self.failures += 1


def get_ties(*shape):
    """Multiples of 1/4, with infinities and large numbers: ties for a scale of 1/2."""
    values = random.integers(-80, 80, shape) / 4
    flat = values.reshape(-1)
    flat[:6] = [np.inf, -np.inf, 3e38, -3e38, 1e5, -0.0]
    return values.astype(np.float32)
