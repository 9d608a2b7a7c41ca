# REQUIRES: onnx
# RUN: %python %s %t | FileCheck %s
"""Weights in files beside the model."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "Inputs"))
import numpy as np
import onnx
from onnx import TensorProto
from onnx_models import constant, model, node, translate

directory = sys.argv[1]
os.makedirs(directory, exist_ok=True)
path = os.path.join(directory, "model.onnx")
data = os.path.join(directory, "weights.bin")
with open(data, "wb") as file:
    file.write(b"\0" * 8 + np.array([1, 2, 3, 4], np.float32).tobytes())


def convert(**entries):
    """Imports a model whose constant is described by `entries`."""
    made = model([node("Add", "x w", "y")], {"x": ["N", 4]}, ["y"], [constant("w", [0] * 4)])
    weight = made.graph.initializer[0]
    weight.ClearField("raw_data")
    weight.data_location = TensorProto.EXTERNAL
    for key, value in entries.items():
        entry = weight.external_data.add()
        entry.key, entry.value = key, value
    with open(path, "wb") as file:
        file.write(made.SerializeToString())
    process = translate(path)
    print("exit status", process.returncode, process.stdout, process.stderr)


# CHECK: exit status 0
# CHECK: arith.constant dense_resource<w> : tensor<4xf32>
# CHECK: w: "0x100000000000803F000000400000404000008040"
convert(location="weights.bin", offset="8", length="16")
# CHECK: exit status 1
# CHECK: model.onnx:0:0: error: external data of tensor 'w': '{{.*}}weights.bin' has 24 bytes, needed are 16 at offset 12
convert(location="weights.bin", offset="12")
# CHECK: error: external data of tensor 'w' has 8 bytes, its shape needs 16
convert(location="weights.bin", length="8")
# CHECK: error: external data of tensor 'w': cannot read '{{.*}}missing.bin': No such file or directory
convert(location="missing.bin")
# CHECK: error: external data of tensor 'w': file '../weights.bin' is not in the model's directory
convert(location="../weights.bin")
# CHECK: error: external data of tensor 'w': file '{{.*}}weights.bin' is not in the model's directory
convert(location=os.path.abspath(data))
# CHECK: error: external data of tensor 'w': file '' is not in the model's directory
convert()
# CHECK: error: external data of tensor 'w': offset 'eight' is not a number
convert(location="weights.bin", offset="eight")
