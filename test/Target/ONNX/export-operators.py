# REQUIRES: onnx, onnxruntime
# RUN: %python %s %t
"""Imports every operator, exports it again and compares: ONNX Runtime computes of both
models the same, and the exported one, imported again, gives the same bits."""

import concurrent.futures
import importlib.util
import os
import subprocess
import sys

folder = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(folder, "Inputs"))
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto
from onnx_models import model

spec = importlib.util.spec_from_file_location(
    "operators", os.path.join(folder, "compare-with-onnxruntime.py")
)
operators = importlib.util.module_from_spec(spec)
spec.loader.exec_module(operators)

# What some models of these operators become has no exporter, and why.
REFUSED = {
    "ArgMax": "it does not compute element by element",
    "ArgMin": "it does not compute element by element",
    "Cast": "no operator for it",
    "Celu": "no operator for it",
    "Expand": "it reads a broadcast of dynamic shape",
    "GatherElements": "no operator for it",
    "MatMul": "it reads a broadcast of dynamic shape",
    "Mod": "no operator for it",
    "ReduceSum": "no operator for it",
    "Where": "an operand is neither computed by what can be exported nor a constant",
}


def single_outputs(bundle):
    """A model for each output of a bundle that depends on inputs."""
    produced = {name: made for made in bundle.nodes for name in made.output}

    def ancestors(name):
        made = produced.get(name)
        return [name] + [a for i in (made.input if made else ()) for a in ancestors(i)]

    for output in bundle.outputs:
        names = set(ancestors(output))
        inputs = {name: shape for name, shape in bundle.inputs.items() if name in names}
        if inputs:
            yield f"{bundle.name}-{output}", model(
                [made for made in bundle.nodes if names.intersection(made.output)],
                inputs,
                [output],
                [constant for constant in bundle.constants if constant.name in names],
                bundle.opset,
            )


def make_inputs(made):
    random = np.random.default_rng(1)
    inputs = {}
    for info in made.graph.input:
        shape = [dim.dim_value or operators.SAMPLES for dim in info.type.tensor_type.shape.dim]
        if info.type.tensor_type.elem_type == TensorProto.INT64:
            inputs[info.name] = random.integers(-4, 4, shape)
        else:
            inputs[info.name] = random.uniform(-1, 1, shape).astype(np.float32)
    return inputs


def run_onnxruntime(path, inputs):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return session.run(None, inputs)[0]


def interpret(network, made, inputs):
    """Runs a network on inputs of one sample, or of some where it has a batch."""
    batched = [operators.is_batched(info) for info in made.graph.input]
    fed, got = network + ".in.npz", network + ".out.npz"
    samples = operators.SAMPLES
    if any(batched):
        inputs = {
            key: values if is_batched else np.stack([values] * samples)
            for (key, values), is_batched in zip(inputs.items(), batched)
        }
    np.savez(fed, **inputs)
    subprocess.run(
        ["ptq-run", network, "--engine=interpreter", "--input", fed, "--output", got],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    with np.load(got) as arrays:
        return arrays[made.graph.output[0].name]


def check(name, made, directory):
    """Gives what is wrong, or nothing."""
    path, exported, imported, again = (
        os.path.join(directory, name + suffix)
        for suffix in (".onnx", ".exported.onnx", ".mlirbc", ".again.mlirbc")
    )
    onnx.save(made, path)
    translate = lambda *arguments: subprocess.run(
        ["ptq-translate", *arguments], capture_output=True, text=True
    )
    process = translate("--import-onnx", "--emit-bytecode", path, "-o", imported)
    if process.returncode != 0:
        return process.stderr
    process = translate("--export-onnx", imported, "-o", exported)
    if process.returncode != 0:
        operators_used = {part.op_type for part in made.graph.node}
        known = [REFUSED[name] for name in operators_used.intersection(REFUSED)]
        return "" if any(reason in process.stderr for reason in known) else process.stderr
    process = translate("--import-onnx", "--emit-bytecode", exported, "-o", again)
    if process.returncode != 0:
        return process.stderr
    inputs = make_inputs(made)
    expected, result = (run_onnxruntime(graph, inputs) for graph in (path, exported))
    if result.shape != expected.shape or operators.get_error(result, expected) > 1e-5:
        return f"ONNX Runtime computes {result}, expected {expected}"
    first, second = (interpret(network, made, inputs) for network in (imported, again))
    # ONNX has averages for sums of windows, which round.
    averages = any(part.op_type == "AveragePool" for part in made.graph.node)
    same = first.tobytes() == second.tobytes()
    if not same and not (averages and operators.get_error(first, second) < 1e-6):
        return f"imported again it computes {second}, expected {first}"
    return ""


def main(directory):
    os.makedirs(directory, exist_ok=True)
    models = [single for make in operators.MAKERS for single in single_outputs(make(21))]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        problems = list(pool.map(lambda pair: check(*pair, directory), models))
    wrong = [(name, made, why) for (name, made), why in zip(models, problems) if why]
    for name, made, why in wrong:
        print(f"{name}: {[part.op_type for part in made.graph.node]}: {why}")
    print(f"{len(models)} models, {len(wrong)} wrong")
    sys.exit(not models or bool(wrong))


if __name__ == "__main__":
    main(sys.argv[1])
