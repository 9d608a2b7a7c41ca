"""Prints the nodes of an ONNX model, one a line, and its checker's verdict."""

import sys

import onnx
from onnx import helper, numpy_helper

model = onnx.load_model_from_string(sys.stdin.buffer.read())
onnx.checker.check_model(model, full_check=True)
print("opset", model.opset_import[0].version)
for value in [*model.graph.input, *model.graph.output]:
    print("port", onnx.helper.printable_value_info(value))
for constant in model.graph.initializer:
    kind = helper.tensor_dtype_to_string(constant.data_type).split(".")[1]
    values = numpy_helper.to_array(constant).ravel()[:8].tolist()
    print("constant", constant.name, kind, list(constant.dims), values)
for node in model.graph.node:
    attributes = [f"{a.name}={helper.get_attribute_value(a)}" for a in node.attribute]
    print(node.op_type, *node.input, "->", *node.output, *attributes)
