"""Small ONNX models for the tests of the importer."""

import os
import subprocess

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def tensor(name, shape, seed=0, dtype=np.float32):
    """A constant with random elements in [-1, 1), or small integers."""
    random = np.random.default_rng(seed)
    if np.issubdtype(dtype, np.integer):
        return numpy_helper.from_array(random.integers(-9, 9, shape).astype(dtype), name)
    return numpy_helper.from_array(random.uniform(-1, 1, shape).astype(dtype), name)


def constant(name, values, dtype=np.float32):
    """A constant with the given elements."""
    return numpy_helper.from_array(np.array(values, dtype), name)


def model(nodes, inputs, outputs, constants=(), opset=13, element_type=TensorProto.FLOAT):
    """A model of `nodes`.

    inputs: shapes by name; a string is a symbolic dimension. Instead of a shape,
        a pair of element type and shape.
    outputs: names; their shapes are left open. Instead of a name, a pair of name
        and element type.
    """
    typed = lambda shape: shape if isinstance(shape, tuple) else (element_type, shape)
    named = lambda name: name if isinstance(name, tuple) else (name, element_type)
    graph = helper.make_graph(
        nodes,
        "test",
        [helper.make_tensor_value_info(name, *typed(shape)) for name, shape in inputs.items()],
        [helper.make_tensor_value_info(*named(name), None) for name in outputs],
        list(constants),
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def node(operator, inputs, outputs, **attributes):
    """A node named after its first output; inputs and outputs are lists or words."""
    words = lambda names: names.split() if isinstance(names, str) else names
    outputs = words(outputs)
    name = attributes.pop("name", outputs[0] if outputs else "")
    return helper.make_node(operator, words(inputs), outputs, name=name, **attributes)


def translate(path, *options):
    """Imports the model at `path`; returns the finished process."""
    return subprocess.run(
        ["ptq-translate", "--import-onnx", path, *options], capture_output=True, text=True
    )


def show(made, directory, *options):
    """Prints the imported form of a model, without the elements of constants."""
    os.makedirs(directory, exist_ok=True)
    path = os.path.join(directory, "model.onnx")
    onnx.save(made, path)
    process = translate(path, "--mlir-elide-resource-strings-if-larger=8", *options)
    print(process.stdout, process.stderr)
