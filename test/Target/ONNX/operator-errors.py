# REQUIRES: onnx
# RUN: %python %s %t | FileCheck %s
"""What cannot be imported is refused by name; nothing is written then."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "Inputs"))
import numpy as np
import onnx
from onnx import TensorProto, helper
from onnx_models import constant, model, node, tensor, translate

directory = sys.argv[1]
os.makedirs(directory, exist_ok=True)


def refuse(made, *options):
    """Imports a model that must be refused and prints the errors."""
    path, output = (os.path.join(directory, name) for name in ("bad.onnx", "out.mlir"))
    onnx.save(made, path)
    process = translate(path, "-o", output, *options)
    print("exit status", process.returncode, "output" if os.path.exists(output) else "no output")
    print(process.stderr)


def refuse_node(made_node, shape, *constants, **options):
    """As `refuse`, of one node with input x of `shape`."""
    refuse(model([made_node], {"x": shape}, list(made_node.output)[:1], constants, **options))


# CHECK: exit status 1 no output
# CHECK: bad.onnx:0:0: error: node 'fancy' (Fancy): unsupported operator 'Fancy' of domain 'com.acme'
refuse_node(node("Fancy", "x", "y", name="fancy", domain="com.acme"), ["N", 4])
# CHECK: exit status 1 no output
# CHECK: error: node 'y' (NoSuchOp): unsupported operator 'NoSuchOp' of domain 'ai.onnx'
refuse_node(node("NoSuchOp", "x", "y"), ["N", 4])
# CHECK: error: unsupported operator set version 6, supported are 7 to 28
refuse_node(node("Relu", "x", "y"), ["N", 4], opset=6)
# CHECK: error: unsupported operator set version 29, supported are 7 to 28
refuse_node(node("Relu", "x", "y"), ["N", 4], opset=29)
# CHECK: error: not a complete ONNX model: it names no version of the operator set 'ai.onnx'
made = model([node("Relu", "x", "y")], {"x": ["N", 4]}, ["y"])
del made.opset_import[:]
refuse(made)

# Inputs and attributes of nodes.
# CHECK: error: node 'y' (Relu): has 2 inputs, expected 1{{$}}
refuse_node(node("Relu", "x x", "y"), ["N", 4])
# CHECK: error: node 'y' (Relu): tensor 'nowhere' is not defined before its use
refuse_node(node("Relu", "nowhere", "y"), ["N", 4])
# CHECK: error: node 'y' (Add): input 1 is missing
refuse_node(node("Add", ["x", ""], "y"), ["N", 4])
# CHECK: error: node 'y' (Relu): unsupported attribute 'slope'
refuse_node(node("Relu", "x", "y", slope=0.5), ["N", 4])
# CHECK: error: node 'y' (Flatten): attribute 'axis' must be of type INT
refuse_node(node("Flatten", "x", "y", axis="one"), ["N", 4])
# CHECK: error: node 'y' (Flatten): axis 3 is out of range for rank 2
refuse_node(node("Flatten", "x", "y", axis=3), ["N", 4])
# CHECK: error: node 'x' (Relu): tensor 'x' is defined twice
refuse_node(node("Relu", "x", "x"), ["N", 4])
# CHECK: error: node 'y' (Relu): input 0 must be a tensor of floats, got 'tensor<?x4xi64>'
refuse_node(node("Relu", "x", "y"), ["N", 4], element_type=TensorProto.INT64)
# CHECK: error: node 'y' (Relu): 'mask' is output 1 of node 'kept' (Dropout), which is not supported
refuse(model([node("Dropout", "x", "kept mask"), node("Relu", "mask", "y")], {"x": ["N", 4]}, ["y"]))

# Shapes.
# CHECK: error: input 'x': dimension 2 is symbolic ('T'); only the first, the batch, may be
refuse_node(node("Relu", "x", "y"), ["N", 4, "T"])
# CHECK: error: input 'z' has the symbolic batch 'M', another input has 'N'
refuse(model([node("Add", "x z", "y")], {"x": ["N", 4], "z": ["M", 4]}, ["y"]))
# CHECK: error: cannot set the batch to 4: no input has a symbolic first dimension
refuse(model([node("Relu", "x", "y")], {"x": [3, 4]}, ["y"]), "--batch=4")
# CHECK: error: output 'y' has type 'tensor<4x?xf32>': only the first dimension, the batch, may be symbolic
refuse_node(node("Transpose", "x", "y"), ["N", 4])
# CHECK: error: node 'y' (Add): cannot broadcast 'tensor<?x4xf32>' and 'tensor<3xf32>'
refuse_node(node("Add", "x b", "y"), ["N", 4], tensor("b", (3,)))
# CHECK: error: node 'y' (Add): inputs must have one element type, got 'tensor<?x4xf32>' and 'tensor<4xf64>'
refuse_node(node("Add", "x b", "y"), ["N", 4], tensor("b", (4,), dtype=np.float64))
# CHECK: error: node 'y' (MatMul): cannot multiply 'tensor<?x4xf32>' by 'tensor<3x5xf32>'
refuse_node(node("MatMul", "x b", "y"), ["N", 4], tensor("b", (3, 5)))
# CHECK: error: node 'y' (MatMul): the product of 'tensor<?x4xf32>' and 'tensor<?x4x5xf32>' has two symbolic dimensions
refuse(model([node("MatMul", "x z", "y")], {"x": ["N", 4], "z": ["N", 4, 5]}, ["y"]))
# CHECK: error: node 'y' (Add): has a result with two symbolic dimensions, 'tensor<?x?xf32>'
refuse(model([node("Transpose", "x", "t"), node("Add", "x t", "y")], {"x": ["N", 1]}, ["y"]))
# CHECK: error: node 'y' (Gemm): cannot broadcast 'tensor<3xf32>' to the product of 'tensor<?x4xf32>' and 'tensor<4x5xf32>'
refuse_node(node("Gemm", "x w b", "y"), ["N", 4], tensor("w", (4, 5)), tensor("b", (3,)))
# CHECK: error: node 'y' (Reshape): cannot reshape 'tensor<?x4xf32>' to 'tensor<2x2xf32>'; fix the batch with --batch
refuse_node(node("Reshape", "x s", "y"), ["N", 4], constant("s", [2, 2], np.int64))
# CHECK: error: output 'y' has type 'tensor<?x2xf32>', but not one row for each sample; fix the batch with --batch
refuse_node(node("Reshape", "x s", "y"), ["N", 4], constant("s", [-1, 2], np.int64))
# CHECK: error: node 'y' (Add): cannot broadcast 'tensor<?x2xf32>' and 'tensor<?x2xf32>'
refuse(
    model(
        [node("Reshape", "x s", "rows"), node("Add", "rows z", "y")],
        {"x": ["N", 4], "z": ["N", 2]},
        ["y"],
        [constant("s", [-1, 2], np.int64)],
    )
)
# CHECK: error: node 'y' (Reshape): cannot reshape 4 elements to a multiple of 3
refuse_node(node("Reshape", "x s", "y"), [1, 4], constant("s", [3, -1], np.int64))
# CHECK: error: node 'y' (Reshape): the shape leaves more than one size open
refuse_node(node("Reshape", "x s", "y"), ["N", 4], constant("s", [-1, -1], np.int64))
# CHECK: error: node 'y' (Reshape): input 1 must be a constant of integers
refuse_node(node("Reshape", "x x", "y"), ["N", 4])
# CHECK: error: node 'y' (Transpose): attribute 'perm' is no permutation of 2 dimensions
refuse_node(node("Transpose", "x", "y", perm=[0, 0]), ["N", 4])
# CHECK: error: node 'y' (Squeeze): cannot drop dimension 1, which is not of size 1
refuse_node(node("Squeeze", "x a", "y"), ["N", 4], constant("a", [1], np.int64))

# Sizes that depend on the batch.
def refuse_batch(*nodes, constants=()):
    """As `refuse`, of nodes with input x of shape Nx4, whose shape is s."""
    made_nodes = [node("Shape", "x", "s"), *nodes]
    refuse(model(made_nodes, {"x": ["N", 4]}, ["y"], constants))


two, zero = constant("two", [2], np.int64), constant("zero", [0], np.int64)
# CHECK: error: node 't' (Mul): a constant that it computes has no value, as the batch is symbolic; fix it with --batch
refuse_batch(node("Mul", "s two", "t"), node("Reshape", "x t", "y"), constants=[two])
# CHECK: error: node 't' (Div): a constant that it computes has no value{{$}}
refuse_node(node("Div", "two zero", "t"), ["N", 4], two, zero)
# CHECK: error: node 'y' (Reshape): cannot reshape 'tensor<?x2xf32>' to 'tensor<?x2xf32>'; fix the batch with --batch
refuse_batch(
    node("Reshape", "x rows", "folded"),
    node("Gather", "s zero", "batch"),
    node("Concat", "batch two", "t", axis=0),
    node("Reshape", "folded t", "y"),
    constants=[constant("rows", [-1, 2], np.int64), two, zero],
)
# CHECK: error: node 't' (Shape): the symbolic size of 'tensor<?x2xf32>' is not that of the batch; fix it with --batch
refuse_batch(
    node("Reshape", "x rows", "folded"),
    node("Shape", "folded", "t"),
    constants=[constant("rows", [-1, 2], np.int64)],
)
# CHECK: error: node 'y' (Add): constant 's' depends on the symbolic batch; fix it with --batch
refuse(model([node("Shape", "x", "s"), node("Add", "x s", "y")], {"x": (TensorProto.INT64, ["N", 2])}, ["y"]))
# CHECK: error: node 'y' (ReduceSum): input 1 depends on the symbolic batch; fix it with --batch
refuse_batch(node("ReduceSum", "x s", "y"))

# Numbers and booleans.
# CHECK: error: node 'y' (Add): is no operator on booleans
refuse(model([node("Greater", "x x", "b"), node("Add", "b b", "y")], {"x": ["N", 4]}, ["y"]))
# CHECK: error: node 'y' (And): needs booleans, got 'tensor<?x4xf32>'
refuse_node(node("And", "x x", "y"), ["N", 4])
# CHECK: error: node 'y' (Where): input 0 must be a tensor of booleans, got 'tensor<?x4xf32>'
refuse_node(node("Where", "x x x", "y"), ["N", 4])
# CHECK: error: node 'y' (Mod): floats need 'fmod = 1'
refuse_node(node("Mod", "x x", "y"), ["N", 4])
# CHECK: error: node 'y' (Cast): unsupported element type STRING
refuse_node(node("Cast", "x", "y", to=TensorProto.STRING), ["N", 4])
# CHECK: error: node 'y' (Gelu): unknown approximation 'sigmoid'
refuse(model([node("Gelu", "x", "y", approximate="sigmoid")], {"x": ["N", 4]}, ["y"], opset=20))
# CHECK: error: node 'y' (Gelu): unsupported operator 'Gelu' of operator set 13
refuse_node(node("Gelu", "x", "y"), ["N", 4])
# CHECK: error: node 'y' (Elu): unsupported attribute 'gamma'
refuse_node(node("Elu", "x", "y", gamma=2.0), ["N", 4])

# Reductions.
# CHECK: error: node 'y' (ReduceMean): cannot reduce dimension 0 of 'tensor<?x4xf32>', which is symbolic; fix the batch with --batch
refuse_node(node("ReduceMean", "x", "y"), ["N", 4])
# CHECK: error: node 'y' (ReduceMean): an axis is given twice
refuse_node(node("ReduceMean", "x", "y", axes=[1, -1]), ["N", 4])
# CHECK: error: node 'y' (ReduceMax): axis 2 is out of range for rank 2
refuse_node(node("ReduceMax", "x", "y", axes=[2]), ["N", 4])
# CHECK: error: node 'y' (ArgMax): cannot reduce dimension 0 of 'tensor<?x4xf32>', which is symbolic; fix the batch with --batch
refuse_node(node("ArgMax", "x", "y"), ["N", 4])
# CHECK: error: node 'y' (LayerNormalization): cannot broadcast 'tensor<3xf32>' to 'tensor<?x4xf32>'
refuse(model([node("LayerNormalization", "x g", "y")], {"x": ["N", 4]}, ["y"], [tensor("g", (3,))], opset=17))
# CHECK: error: node 'y' (LayerNormalization): 'stash_type = 16' is not supported
refuse(model([node("LayerNormalization", "x g", "y", stash_type=16)], {"x": ["N", 4]}, ["y"], [tensor("g", (4,))], opset=17))

# Parts and repetitions.
# CHECK: error: node 'y' (Gather): index 4 is out of range for 4 positions
refuse_node(node("Gather", "x i", "y", axis=1), ["N", 4], constant("i", [0, 4], np.int64))
# CHECK: error: node 'y' (Gather): cannot gather along the symbolic batch; fix it with --batch
refuse_node(node("Gather", "x i", "y"), ["N", 4], constant("i", [0], np.int64))
# CHECK: error: node 'y' (Gather): input 1 must be a tensor of i32 or i64, got 'tensor<?x4xf32>'
refuse_node(node("Gather", "w x", "y"), ["N", 4], tensor("w", (5, 2)))
# CHECK: error: node 'y' (Gather): has a result with two symbolic dimensions
refuse(model([node("Gather", "x i", "y", axis=1)], {"x": ["N", 4], "i": (TensorProto.INT64, ["N"])}, ["y"]))
# CHECK: error: node 'y' (Slice): cannot cut the symbolic batch; fix it with --batch
refuse_node(node("Slice", "x zero two", "y"), ["N", 4], zero, two)
# CHECK: error: node 'y' (Slice): leaves nothing of dimension 1 of 'tensor<?x4xf32>'
refuse_node(node("Slice", "x two two one", "y"), ["N", 4], two, constant("one", [1], np.int64))
# CHECK: error: node 'y' (Slice): a step is 0
refuse_node(node("Slice", "x zero two one zero", "y"), ["N", 4], zero, two, constant("one", [1], np.int64))
# CHECK: error: node 'y' (Slice): starts, ends, axes and steps differ in length
refuse_node(node("Slice", "x zero two axes", "y"), ["N", 4], zero, two, constant("axes", [0, 1], np.int64))
# CHECK: error: node 'y' (Slice): an axis is given twice
lists = [constant(name, values, np.int64) for name, values in (("a", [1, 1]), ("b", [2, 2]))]
refuse_node(node("Slice", "x a b a", "y"), ["N", 4], *lists)
# CHECK: error: node 'y' (Pad): unknown mode 'around'
pads = lambda *values: constant("p", values, np.int64)
refuse_node(node("Pad", "x p", "y", mode="around"), ["N", 4], pads(0, 1, 0, 1))
# CHECK: error: node 'y' (Pad): has 3 pads, expected 4
refuse_node(node("Pad", "x p", "y"), ["N", 4], pads(0, 1, 0))
# CHECK: error: node 'y' (Pad): cannot pad the symbolic batch; fix it with --batch
refuse_node(node("Pad", "x p", "y"), ["N", 4], pads(1, 0, 0, 0))
# CHECK: error: node 'y' (Pad): leaves nothing of dimension 1 of 'tensor<?x4xf32>'
refuse_node(node("Pad", "x p", "y"), ["N", 4], pads(0, -3, 0, -1))
# CHECK: error: node 'y' (Pad): pad 9223372036854775807 is out of range
refuse_node(node("Pad", "x p", "y"), ["N", 4], pads(0, 2**63 - 1, 0, 1))
# CHECK: error: node 'y' (Pad): has a result of impossible size
refuse_node(node("Pad", "x p", "y"), [1, 1, 1, 1], pads(*[2**24] * 8))
# CHECK: error: node 'y' (Pad): cannot reflect 4 elements of 4
refuse_node(node("Pad", "x p", "y", mode="reflect"), ["N", 4], pads(0, 4, 0, 0))
# CHECK: error: node 'y' (Pad): pads with 2 values, expected one
refuse_node(node("Pad", "x p v", "y"), ["N", 4], pads(0, 1, 0, 0), constant("v", [1.0, 2.0]))
# CHECK: error: node 'y' (Pad): an axis is given twice
refuse_node(node("Pad", ["x", "p", "", "a"], "y"), ["N", 4], pads(0, 1, 0, 0), constant("a", [1, -1], np.int64), opset=18)
# CHECK: error: node 'y' (Pad): input 1 must be a constant of integers
refuse_node(node("Pad", "x x", "y"), ["N", 4])
# CHECK: error: node 'y' (Split): cannot split 4 positions into these parts
refuse_node(node("Split", "x parts", "y z", axis=1), ["N", 4], constant("parts", [3, 2], np.int64))
# CHECK: error: node 'y' (Split): has 2 outputs for 3 parts
refuse_node(node("Split", "x parts", "y z", axis=1), ["N", 4], constant("parts", [1, 1, 2], np.int64))
# CHECK: error: node 'y' (Split): cannot split the symbolic batch; fix it with --batch
refuse_node(node("Split", "x", "y z"), ["N", 4])
# CHECK: error: node 'y' (Concat): its inputs do not fit together along axis 1
refuse_node(node("Concat", "x w", "y", axis=1), ["N", 4], tensor("w", (3, 4)))
# CHECK: error: node 'y' (Concat): cannot concatenate along the symbolic batch; fix it with --batch
refuse_node(node("Concat", "x x", "y", axis=0), ["N", 4])
# CHECK: error: node 'y' (Concat): axis 2 is out of range for rank 2
refuse_node(node("Concat", "x x", "y", axis=2), ["N", 4])
# CHECK: error: node 'y' (Expand): cannot expand a tensor of shape [?, 4] to [3]
refuse_node(node("Expand", "x sizes", "y"), ["N", 4], constant("sizes", [3], np.int64))
# CHECK: error: node 'y' (Expand): cannot expand a tensor of shape [?, 4] to [-1, 4]
refuse_node(node("Expand", "x sizes", "y"), ["N", 4], constant("sizes", [-1, 4], np.int64))
# CHECK: error: node 'y' (ConstantOfShape): cannot make a constant of 'tensor<1099511627776x2xf32>'
refuse_node(node("ConstantOfShape", "sizes", "y"), ["N", 4], constant("sizes", [1 << 40, 2], np.int64))
# CHECK: error: node 'y' (Range): a range of 1.000000e+12 numbers is too long
refuse_node(
    node("Range", "from to by", "y"),
    ["N", 4],
    *(constant(name, n, np.int64) for name, n in (("from", 0), ("to", 10**12), ("by", 1))),
)

# Convolution and pooling.
# CHECK: error: node 'y' (Conv): only one to three spatial dimensions are supported, got an input of type 'tensor<?x4x5x5x5x5xf32>'
refuse_node(node("Conv", "x w", "y"), ["N", 4, 5, 5, 5, 5], tensor("w", (2, 4, 3, 3, 3, 3)))
# CHECK: error: node 'y' (Conv): 2 groups do not fit the 4 channels of the input and filter 'tensor<2x4x3x3xf32>'
refuse_node(node("Conv", "x w", "y", group=2), ["N", 4, 5, 5], tensor("w", (2, 4, 3, 3)))
# CHECK: error: node 'y' (Conv): bias of type 'tensor<3xf32>' does not fit the filter 'tensor<2x4x3x3xf32>'
refuse_node(node("Conv", "x w b", "y"), ["N", 4, 5, 5], tensor("w", (2, 4, 3, 3)), tensor("b", (3,)))
# CHECK: error: node 'y' (Conv): attribute 'strides' has 1 numbers, expected 2
refuse_node(node("Conv", "x w", "y", strides=[1]), ["N", 4, 5, 5], tensor("w", (2, 4, 3, 3)))
# CHECK: error: node 'y' (Conv): attribute 'strides': 0 is out of range
refuse_node(node("Conv", "x w", "y", strides=[1, 0]), ["N", 4, 5, 5], tensor("w", (2, 4, 3, 3)))
# CHECK: error: node 'y' (Conv): attribute 'kernel_shape' differs from the filter's shape
refuse_node(node("Conv", "x w", "y", kernel_shape=[3, 2]), ["N", 4, 5, 5], tensor("w", (2, 4, 3, 3)))
# CHECK: error: node 'y' (Conv): unknown auto_pad 'SOME'
refuse_node(node("Conv", "x w", "y", auto_pad="SOME"), ["N", 4, 5, 5], tensor("w", (2, 4, 3, 3)))
# CHECK: error: node 'y' (MaxPool): a window of 7 elements does not fit into 5 of dimension 2
refuse_node(node("MaxPool", "x", "y", kernel_shape=[7, 1]), ["N", 4, 5, 5])
# CHECK: error: node 'y' (MaxPool): attribute 'kernel_shape' is missing
refuse_node(node("MaxPool", "x", "y"), ["N", 4, 5, 5])
# CHECK: error: node 'y' (MaxPool): there are too many windows
refuse_node(node("MaxPool", "x", "y", kernel_shape=[1, 1, 1]), ["N", 1, 1024, 1024, 1024])
# CHECK: error: node 'y' (ConvTranspose): filter must be a constant of floats
refuse_node(node("ConvTranspose", "x x", "y"), ["N", 4, 5, 5])
# CHECK: error: node 'y' (ConvTranspose): filter must be a constant of floats
refuse_node(node("ConvTranspose", "x w", "y"), ["N", 4, 5, 5], tensor("w", (4, 2, 3, 3), 0, np.int64))
# CHECK: error: node 'y' (ConvTranspose): filter of shape [2, 4, 3, 3] does not fit the input 'tensor<?x4x5x5xf32>'
refuse_node(node("ConvTranspose", "x w", "y"), ["N", 4, 5, 5], tensor("w", (2, 4, 3, 3)))
# CHECK: error: node 'y' (ConvTranspose): filter of shape [4, 2, 3] does not fit the input 'tensor<?x4x5x5xf32>'
refuse_node(node("ConvTranspose", "x w", "y"), ["N", 4, 5, 5], tensor("w", (4, 2, 3)))
# CHECK: error: node 'y' (ConvTranspose): 3 groups do not fit the 4 channels of the input
refuse_node(node("ConvTranspose", "x w", "y", group=3), ["N", 4, 5, 5], tensor("w", (4, 2, 3, 3)))
# CHECK: error: node 'y' (ConvTranspose): bias of type 'tensor<2xf32>' does not fit the filter of shape [4, 2, 3, 3]
refuse_node(node("ConvTranspose", "x w b", "y", group=2), ["N", 4, 5, 5], tensor("w", (4, 2, 3, 3)), tensor("b", (2,)))
# CHECK: error: node 'y' (ConvTranspose): input, filter and bias must have one element type
refuse_node(node("ConvTranspose", "x w", "y"), ["N", 4, 5, 5], tensor("w", (4, 2, 3, 3), 0, np.float16))
# CHECK: error: node 'y' (ConvTranspose): has -1 elements along dimension 3
refuse_node(node("ConvTranspose", "x w", "y", pads=[0, 4, 0, 4]), ["N", 4, 5, 5], tensor("w", (4, 2, 3, 3)))
# CHECK: error: node 'y' (ConvTranspose): attribute 'output_shape' has 1 numbers, expected 2
refuse_node(node("ConvTranspose", "x w", "y", output_shape=[7]), ["N", 4, 5, 5], tensor("w", (4, 2, 3, 3)))
# CHECK: error: node 'y' (ConvTranspose): attribute 'output_padding': -1 is out of range
refuse_node(node("ConvTranspose", "x w", "y", output_padding=[0, -1]), ["N", 4, 5, 5], tensor("w", (4, 2, 3, 3)))
# CHECK: error: node 'y' (ConvTranspose): unknown auto_pad 'SOME'
refuse_node(node("ConvTranspose", "x w", "y", auto_pad="SOME"), ["N", 4, 5, 5], tensor("w", (4, 2, 3, 3)))
# CHECK: error: node 'y' (ConvTranspose): the window is too large
refuse_node(node("ConvTranspose", "x w", "y", dilations=[6000, 6000], strides=[2, 2]), ["N", 4, 5, 5], tensor("w", (4, 2, 3, 3)))
# CHECK: error: node 'y' (DepthToSpace): 6 channels are no blocks of 2 x 2
refuse_node(node("DepthToSpace", "x", "y", blocksize=2), ["N", 6, 5, 5])
# CHECK: error: node 'y' (DepthToSpace): attribute 'blocksize': 0 is out of range
refuse_node(node("DepthToSpace", "x", "y"), ["N", 4, 5, 5])
# CHECK: error: node 'y' (DepthToSpace): unknown mode 'RCD'
refuse_node(node("DepthToSpace", "x", "y", blocksize=2, mode="RCD"), ["N", 4, 5, 5])
# CHECK: error: node 'y' (SpaceToDepth): needs an input N, C, H, W with static C, H and W, got 'tensor<?x4x5xf32>'
refuse_node(node("SpaceToDepth", "x", "y", blocksize=2), ["N", 4, 5])
# CHECK: error: node 'y' (SpaceToDepth): an image of 4 x 5 is no blocks of 2 x 2
refuse_node(node("SpaceToDepth", "x", "y", blocksize=2), ["N", 4, 4, 5])
resize = lambda scales, **attributes: refuse_node(
    node("Resize", ["x", "", "s"], "y", **attributes), ["N", 4, 5, 5], constant("s", scales)
)
# CHECK: error: node 'y' (Resize): has 3 scales, expected 4
resize([1, 1, 2])
# CHECK: error: node 'y' (Resize): scale -2{{.*}} of dimension 3 is not positive
resize([1, 1, 1, -2])
# CHECK: error: node 'y' (Resize): cannot resize dimension 3 to 0{{.*}} elements
resize([1, 1, 1, 0.1])
# CHECK: error: node 'y' (Resize): cannot resize the symbolic batch; fix it with --batch
resize([2, 1, 1, 1])
# CHECK: error: node 'y' (Resize): 'mode = sharp' is not supported
resize([1, 1, 2, 2], mode="sharp")
# CHECK: error: node 'y' (Resize): 'coordinate_transformation_mode = tf_crop_and_resize' is not supported
resize([1, 1, 2, 2], coordinate_transformation_mode="tf_crop_and_resize")
# CHECK: error: node 'y' (Resize): 'antialias = 1' is not supported
resize([1, 1, 0.5, 0.5], mode="linear", antialias=1)
# CHECK: error: node 'y' (Resize): cannot interpolate 16777215 elements of 5
resize([1, 1, 1, 3355443], mode="linear")
# CHECK: error: node 'y' (Resize): needs either scales or sizes
refuse_node(node("Resize", "x", "y"), ["N", 4, 5, 5])
# CHECK: error: node 'y' (Resize): cannot resize the symbolic batch; fix it with --batch
refuse_node(node("Resize", ["x", "", "", "s"], "y"), ["N", 4, 5, 5], constant("s", [3, 4, 5, 5], np.int64))
# CHECK: error: node 'y' (Resize): an axis is given twice
resize([1, 1], axes=[2, 2])
# CHECK: error: node 'y' (BatchNormalization): input 1 has 3 elements, the input has 4 channels
refuse_node(node("BatchNormalization", "x s s s s", "y"), ["N", 4, 5], tensor("s", (3,)))
# CHECK: error: node 'y' (BatchNormalization): training is not supported; export the model for inference
refuse_node(node("BatchNormalization", "x s s s s", "y", training_mode=1), ["N", 3], tensor("s", (3,)), opset=15)

# Quantization.
scale, zero = constant("s", 0.5), constant("z", 3, np.int8)


def refuse_pair(shape, *constants, opset=21, **attributes):
    """Refuses a node that quantizes, of constants s and z, and another after it."""
    nodes = [
        node("QuantizeLinear", "x s z", "q", **attributes),
        node("DequantizeLinear", "q s z", "y", **attributes),
    ]
    refuse(model(nodes, {"x": shape}, ["y"], constants, opset=opset))


# CHECK: error: node 'q' (QuantizeLinear): scale must be a positive normal f32 number, got -5.000000e-01
refuse_pair(["N", 4], constant("s", -0.5), zero)
# CHECK: error: node 'q' (QuantizeLinear): scale must be a positive normal f32 number, got 0.000000e+00
refuse_pair(["N", 4], constant("s", 0.0), zero)
# CHECK: error: node 'q' (QuantizeLinear): scales of shape [3] do not fit a tensor of shape [{{.*}}, 4]
refuse_pair(["N", 4], constant("s", [0.5, 0.5, 0.5]), constant("z", [0, 0, 0], np.int8))
# CHECK: error: node 'q' (QuantizeLinear): axis 2 is out of range for rank 2
refuse_pair(["N", 4], constant("s", [0.5, 0.5]), constant("z", [0, 0], np.int8), axis=2)
# CHECK: error: node 'q' (QuantizeLinear): the zero points are not shaped like the scales
refuse_pair(["N", 4], constant("s", [0.5] * 4), constant("z", [0, 1], np.int8))
# CHECK: error: node 'q' (QuantizeLinear): attribute 'block_size' must not be negative, got -2
refuse_pair([2, 4], scale, zero, block_size=-2)
# CHECK: error: node 'q' (QuantizeLinear): scales of shape [2, 4] do not fit a tensor of shape [2, 4]
refuse_pair([2, 4], tensor("s", (2, 4)), tensor("z", (2, 4), 0, np.int8), block_size=3)
# CHECK: error: node 'q' (QuantizeLinear): quantization to integers of 32 bits is not supported
refuse_pair(["N", 4], scale, constant("z", 0, np.int32))
# CHECK: error: node 'q' (QuantizeLinear): quantization to FLOAT16 is not supported
# CHECK: error: node 'q' (QuantizeLinear): zero point of the unsupported type 'tensor<f32>'
to_half = node("QuantizeLinear", "x s", "q", output_dtype=TensorProto.FLOAT16)
refuse_node(to_half, ["N", 4], scale, opset=21)
refuse_pair(["N", 4], scale, constant("z", 0.0))
# CHECK: error: node 'q' (QuantizeLinear): attribute 'precision' must name the type of the scales, 'f32', got FLOAT16
# CHECK: error: node 'y' (DequantizeLinear): attribute 'output_dtype' must name the type of the scales, 'f32', got DOUBLE
# CHECK: error: node 'q' (QuantizeLinear): quantizes 'tensor<{{.*}}x4xf32>' by scales of type 'f16'
refuse_node(
    node("QuantizeLinear", "x s z", "q", precision=TensorProto.FLOAT16), [2, 4], scale, zero, opset=23
)
codes = constant("c", [1, 2], np.int8)
refuse_node(
    node("DequantizeLinear", "c s z", "y", output_dtype=TensorProto.DOUBLE),
    [2, 4], codes, scale, zero, opset=23,
)
half = constant("s", 0.5, np.float16)
refuse_node(node("QuantizeLinear", "x s z", "q"), [2, 4], half, zero, opset=23)
# CHECK: error: node 'y' (DequantizeLinear): zero points have another type than the codes
nodes = [node("QuantizeLinear", "x s z", "q"), node("DequantizeLinear", "q s u", "y")]
refuse(model(nodes, {"x": ["N", 4]}, ["y"], [scale, zero, constant("u", 3, np.uint8)]))
# CHECK: error: node 'y' (DequantizeLinear): input 0 must be a tensor of integers, got 'tensor<?x4xf32>'
refuse_node(node("DequantizeLinear", "x s z", "y"), ["N", 4], scale, zero)
# CHECK: error: node 'y' (Cast): input 0 has unsigned elements, which is not supported
nodes = [node("QuantizeLinear", "x s", "q"), node("Cast", "q", "y", to=TensorProto.FLOAT)]
refuse(model(nodes, {"x": ["N", 4]}, ["y"], [scale]))
# CHECK: error: output 'q' has unsigned elements or such of 4 bits, which is not supported
refuse(model(nodes[:1], {"x": ["N", 4]}, [("q", TensorProto.UINT8)], [scale]))
# CHECK: error: node 'y' (QLinearConv): bias must be a tensor of i32, got 'tensor<1xi8>'
nodes = [node("QuantizeLinear", "x s z", "q"), node("QLinearConv", "q s z w s z s z b", "y")]
filter_codes = tensor("w", (1, 1, 2, 2), 0, np.int8)
bias = constant("b", [1], np.int8)
refuse(model(nodes, {"x": ["N", 1, 4, 4]}, ["y"], [scale, zero, filter_codes, bias]))
# CHECK: error: node 'y' (MatMulInteger): input 1 must be a tensor of bytes, got 'tensor<4x2xi16>'
nodes = [node("QuantizeLinear", "x s z", "q"), node("MatMulInteger", "q w", "y")]
refuse(model(nodes, {"x": ["N", 4]}, ["y"], [scale, zero, tensor("w", (4, 2), 0, np.int16)]))
# CHECK: error: tensor 'w' has 3 bytes, its shape needs 2
made = model([node("DequantizeLinear", "w s", "y")], {"x": ["N", 4]}, ["y"], [scale], opset=21)
made.graph.initializer.append(helper.make_tensor("w", TensorProto.INT4, [4], b"12", raw=True))
made.graph.initializer[-1].raw_data = b"123"
refuse(made)

# ONNX Runtime's operators.
# CHECK: error: node 'y' (QLinearAdd): the model names no version of the operator set 'com.microsoft'
add = node("QLinearAdd", "q s z q s z s z", "y", domain="com.microsoft")
quantize = node("QuantizeLinear", "x s z", "q")
refuse(model([quantize, add], {"x": ["N", 4]}, ["y"], [scale, zero]))


def refuse_runtime(operator, inputs, *constants, shape=("N", 4), version=1, **attributes):
    """As `refuse`, of an operator of ONNX Runtime after the quantization of x to q."""
    last = node(operator, inputs, "y", domain="com.microsoft", **attributes)
    made = model([quantize, last], {"x": list(shape)}, ["y"], [scale, zero, *constants])
    made.opset_import.append(helper.make_opsetid("com.microsoft", version))
    refuse(made)


many = constant("many", [0.5] * 4)
# CHECK: error: node 'y' (QLinearAdd): unsupported operator 'QLinearAdd' of operator set 2
refuse_runtime("QLinearAdd", "q s z q s z s z", version=2)
# CHECK: error: node 'y' (QLinearFancy): unsupported operator 'QLinearFancy' of domain 'com.microsoft'
refuse_runtime("QLinearFancy", "q s z")
# CHECK: error: node 'y' (QLinearAdd): has 6 inputs, expected 7 to 8
refuse_runtime("QLinearAdd", "q s z q s z")
# CHECK: error: node 'y' (QLinearAdd): input 0 must be a tensor of integers, got 'tensor<?x4xf32>'
refuse_runtime("QLinearAdd", "x s z q s z s z")
# CHECK: error: node 'y' (QLinearAdd): input 3 must be a tensor of bytes, got 'tensor<4xi16>'
refuse_runtime("QLinearAdd", "q s z w s z s z", tensor("w", (4,), 0, np.int16))
# CHECK: error: node 'y' (QLinearAdd): only one scale of input 3 is supported
refuse_runtime("QLinearAdd", "q s z w many zs s z", tensor("w", (4,), 0, np.int8), many,
               constant("zs", [0] * 4, np.int8))
# CHECK: error: node 'y' (QLinearAdd): only one scale of the result is supported
refuse_runtime("QLinearAdd", "w s z w s z many zs", tensor("w", (4,), 0, np.int8), many,
               constant("zs", [0] * 4, np.int8))
# CHECK: error: node 'y' (QLinearAdd): zero points have another type than the codes
refuse_runtime("QLinearAdd", "q s u q s z s z", constant("u", 0, np.uint8))
# CHECK: error: node 'y' (Add): cannot broadcast 'tensor<?x4xf32>' and 'tensor<3xf32>'
refuse_runtime("QLinearAdd", "q s z w s z s z", tensor("w", (3,), 0, np.int8))
# CHECK: error: node 'y' (QLinearAdd): only results of bytes are supported
refuse_runtime("QLinearAdd", "q s z q s z s u", constant("u", 0, np.int16))
# CHECK: error: node 'y' (Add): unsupported attribute 'alpha'
refuse_runtime("QLinearAdd", "q s z q s z s z", alpha=0.5)
# CHECK: error: node 'y' (QLinearConcat): has 6 inputs, expected 2 and 3 for each operand
refuse_runtime("QLinearConcat", "s z q s z q", axis=1)
# CHECK: error: node 'y' (Concat): axis 2 is out of range for rank 2
refuse_runtime("QLinearConcat", "s z q s z", axis=2)
# CHECK: error: node 'y' (QLinearSoftmax): Softmax of operator set 0 is not supported
refuse_runtime("QLinearSoftmax", "q s z s z")
# CHECK: error: node 'y' (QLinearAveragePool): 'channels_last = 1' is not supported
refuse_runtime("QLinearAveragePool", "q s z s z", channels_last=1)
# CHECK: error: node 'y' (AveragePool): attribute 'kernel_shape' is missing
refuse_runtime("QLinearAveragePool", "q s z s z", shape=("N", 4, 4, 4))
# CHECK: error: node 'y' (GlobalAveragePool): needs an input with static spatial dimensions, got 'tensor<?x4xf32>'
refuse_runtime("QLinearGlobalAveragePool", "q s z s z")
weights = tensor("w", (4, 3), 0, np.int8)
# CHECK: error: node 'y' (QGemm): input 6 must be a tensor of integers, got 'tensor<3xf32>'
# CHECK: error: node 'y' (QGemm): has a zero point of the result but no scale
# CHECK: error: node 'y' (Gemm): cannot multiply 'tensor<?x4xf32>' by 'tensor<3x4xf32>'
# CHECK: error: node 'y' (Gemm): cannot broadcast 'tensor<2xf32>' to the product of
# CHECK: error: node 'y' (QGemm): bias of type 'tensor<1xi32>' does not fit the 3 scales
# CHECK: error: node 'y' (QGemm): the product of scales -2.5{{.*}}e-01 is no positive normal f32 number
refuse_runtime("QGemm", "q s z w s z b s z", weights, tensor("b", (3,)))
refuse_runtime("QGemm", ["q", "s", "z", "w", "s", "z", "", "", "z"], weights)
refuse_runtime("QGemm", "q s z w s z", weights, transB=1)
refuse_runtime("QGemm", "q s z w s z b s z", weights, tensor("b", (2,), 0, np.int32))
refuse_runtime("QGemm", "q s z w ws wz b s z", weights, tensor("b", (1,), 0, np.int32),
               constant("ws", [0.5] * 3), constant("wz", [0] * 3, np.int8))
refuse_runtime("QGemm", "q s z w s z b s z", weights, tensor("b", (3,), 0, np.int32), alpha=-1.0)
# CHECK: error: node 'y' (QLinearWhere): input 1 must be a tensor of integers, got 'tensor<?x4xf32>'
refuse_runtime("QLinearWhere", "x x s z q s z s z")
# CHECK: error: node 'y' (DynamicQuantizeMatMul): input 1 must be a tensor of integers, got 'tensor<4x3xf32>'
refuse_runtime("DynamicQuantizeMatMul", "x w s z", tensor("w", (4, 3)))
# CHECK: error: node 'y' (DynamicQuantizeMatMul): cannot multiply 'tensor<?x4xf32>' by 'tensor<3x4xf32>'
refuse_runtime("DynamicQuantizeMatMul", "x w s z", tensor("w", (3, 4), 0, np.int8))
# CHECK: error: node 'y' (MatMulIntegerToFloat): scales of shape [2] do not fit a tensor of shape [4, 3]
refuse_runtime("MatMulIntegerToFloat", "q w s ws", weights, constant("ws", [0.5, 0.5]))

# Weights of a few bits.
blocks = {"K": 4, "N": 3, "bits": 4, "block_size": 16}
packed = constant("w", np.zeros((3, 1, 8)), np.uint8)
block_scales = tensor("ws", (3, 1))
# CHECK: error: node 'y' (MatMulNBits): attribute 'K' must be from 1 to 1073741824, got 0
refuse_runtime("MatMulNBits", "x w ws", packed, block_scales, N=3, block_size=16)
# CHECK: error: node 'y' (MatMulNBits): attribute 'N' must be from 1 to 1073741824, got -3
refuse_runtime("MatMulNBits", "x w ws", packed, block_scales, **{**blocks, "N": -3})
# CHECK: error: node 'y' (MatMulNBits): blocks of 16 codes of 3 bits are not supported
refuse_runtime("MatMulNBits", "x w ws", packed, block_scales, **{**blocks, "bits": 3})
# CHECK: error: node 'y' (MatMulNBits): blocks of 1 codes of 4 bits are not supported
refuse_runtime("MatMulNBits", "x w ws", packed, block_scales, **{**blocks, "block_size": 1})
# CHECK: error: node 'y' (MatMulNBits): input 1 must be a constant of unsigned bytes
refuse_runtime("MatMulNBits", "x q ws", block_scales, **blocks)
# CHECK: error: node 'y' (MatMulNBits): input 1 has 24 elements, expected 3 x 16
refuse_runtime("MatMulNBits", "x w ws", packed, block_scales, **{**blocks, "bits": 8})
# CHECK: error: node 'y' (MatMulNBits): input 2 has 6 elements, expected 3 x 1
refuse_runtime("MatMulNBits", "x w ws", packed, tensor("ws", (3, 2)), **blocks)
# CHECK: error: node 'y' (MatMulNBits): input 2 must be a constant of floats
refuse_runtime("MatMulNBits", "x w w", packed, **blocks)
# CHECK: error: node 'y' (MatMulNBits): input 3 must be a constant of unsigned bytes
refuse_runtime("MatMulNBits", "x w ws ws", packed, block_scales, **blocks)
# CHECK: error: node 'y' (MatMulNBits): weights in groups (g_idx) are not supported
refuse_runtime("MatMulNBits", ["x", "w", "ws", "", "g"], packed, block_scales,
               constant("g", [0] * 4, np.int32), **blocks)
# CHECK: error: node 'y' (MatMulNBits): cannot multiply 'tensor<?x5xf32>' by 'tensor<4x3xf32>'
refuse_runtime("MatMulNBits", "x w ws", packed, block_scales, shape=("N", 5), **blocks)
# CHECK: error: node 'y' (Add): cannot broadcast 'tensor<?x3xf32>' and 'tensor<2xf32>'
refuse_runtime("MatMulNBits", ["x", "w", "ws", "", "", "b"], packed, block_scales,
               tensor("b", (2,)), **blocks)
# CHECK: error: node 'y' (MatMulNBits): scale must be a normal f32 number or 0, got 9.9{{.*}}e-41
refuse_runtime("MatMulNBits", "x w ws", packed, constant("ws", [1, 1e-40, 1]), **blocks)
# CHECK: error: node 'y' (MatMulNBits): unsupported attribute 'weight_prepacked'
refuse_runtime("MatMulNBits", "x w ws", packed, block_scales, weight_prepacked=1, **blocks)
rows = {"quantize_axis": 1, "block_size": 16}
table = constant("w", np.zeros((9, 32)), np.uint8)
# CHECK: error: node 'y' (GatherBlockQuantized): scales of type 'tensor<3x1xf32>' do not fit codes of type 'tensor<9x64xui4>'
refuse_runtime("GatherBlockQuantized", "w x ws", table, block_scales, **rows)
# CHECK: error: node 'y' (GatherBlockQuantized): input 1 must be a tensor of i32 or i64, got 'tensor<?x4xf32>'
refuse_runtime("GatherBlockQuantized", "w x ws", table, tensor("ws", (9, 4)), **rows)
# CHECK: error: node 'y' (GatherBlockQuantized): zero points of type 'tensor<9x4xui8>' do not fit scales of type 'tensor<9x4xf32>'
refuse_runtime("GatherBlockQuantized", "w x ws wz", table, tensor("ws", (9, 4)),
               constant("wz", np.zeros((9, 4)), np.uint8), **rows)
# CHECK: error: node 'y' (GatherBlockQuantized): axis 2 is out of range for rank 2
refuse_runtime("GatherBlockQuantized", "w x ws", table, block_scales, **{**rows, "quantize_axis": 2})
# CHECK: error: node 'y' (GatherBlockQuantized): input 0 must be a constant of 4-bit integers or unsigned bytes
refuse_runtime("GatherBlockQuantized", "q x ws", block_scales, **rows)

# Constants.
# CHECK: error: tensor 'w' has 12 bytes, its shape needs 16
made = model([node("Add", "x w", "y")], {"x": ["N", 4]}, ["y"], [tensor("w", (4,))])
made.graph.initializer[0].raw_data = made.graph.initializer[0].raw_data[:12]
refuse(made)
# CHECK: error: tensor 'w' has 3 elements, its shape needs 4
made.graph.initializer[0].ClearField("raw_data")
made.graph.initializer[0].float_data.extend([1, 2, 3])
refuse(made)
# CHECK: error: tensor 'w' has an impossible shape
made.graph.initializer[0].dims[:] = [1 << 62, 1 << 62]
refuse(made)
# CHECK: error: tensor 'w' has the unsupported element type STRING
made.graph.initializer[0].data_type = TensorProto.STRING
refuse(made)
# CHECK: error: the graph has no outputs
made = model([node("Relu", "x", "y")], {"x": ["N", 4]}, [])
refuse(made)

# Gathers by whole positions, scatters, Einstein sums, norms of channels.
ids = lambda values: constant("i", values, np.int64)
# CHECK: error: node 'y' (GatherElements): the shape of the indices does not fit that of the data
refuse_node(node("GatherElements", "x i", "y", axis=1), ["N", 4], ids([[0], [1]]))
# CHECK: error: node 'y' (GatherElements): cannot gather along the symbolic batch; fix it with --batch
refuse_node(node("GatherElements", "x i", "y"), ["N", 4], ids([[0, 1, 2, 3]]))
# CHECK: error: node 'y' (GatherElements): index 5 is out of range for 4 positions
refuse_node(node("GatherElements", "w i", "y"), ["N", 4], tensor("w", (4,)), ids([5]))
# CHECK: error: node 'y' (GatherND): index -5 is out of range for 4 positions
refuse_node(node("GatherND", "x i", "y"), [4, 4], ids([[0, -5]]))
# CHECK: error: node 'y' (GatherND): 'batch_dims = 1' is not supported
refuse_node(node("GatherND", "x i", "y", batch_dims=1), ["N", 4], ids([[0]]))
# CHECK: error: node 'y' (GatherND): the shape of the indices does not fit that of the data
refuse_node(node("GatherND", "x i", "y"), [4, 4], ids([[0, 1, 2]]))
# CHECK: error: node 'y' (GatherND): indices of 2 dimensions at once must be constant
refuse(model([node("GatherND", "x i", "y")], {"x": [4, 4], "i": (TensorProto.INT64, [3, 2])}, ["y"]))
# CHECK: error: node 'y' (ScatterND): its inputs must be constant
refuse_node(node("ScatterND", "x i u", "y"), [4, 4], ids([[0]]), tensor("u", (1, 4)))
# CHECK: error: node 'y' (ScatterND): the updates do not fit the data
refuse_node(node("ScatterND", "w i u", "y"), [4, 4], tensor("w", (4, 4)), ids([[0]]), tensor("u", (1, 3)))
# CHECK: error: node 'y' (ScatterND): 'reduction = "add"' is not supported
refuse_node(node("ScatterND", "w i u", "y", reduction="add"), [4, 4], tensor("w", (4, 4)), ids([[0]]), tensor("u", (1, 4)))
einsum = lambda equation: node("Einsum", "x w", "y", equation=equation)
# CHECK: error: node 'y' (Einsum): an ellipsis is not supported
refuse_node(einsum("...i,ij->...j"), ["N", 4], tensor("w", (4, 5)))
# CHECK: error: node 'y' (Einsum): a diagonal, 'ii', is not supported
refuse_node(einsum("ni,ii->n"), ["N", 4], tensor("w", (4, 4)))
# CHECK: error: node 'y' (Einsum): has 2 inputs, the equation 1
refuse_node(einsum("ni->n"), ["N", 4], tensor("w", (4, 4)))
# CHECK: error: node 'y' (Einsum): the sizes of 'i' differ
refuse_node(einsum("ni,ij->nj"), ["N", 4], tensor("w", (5, 4)))
# CHECK: error: node 'y' (Einsum): 'nij' does not fit 'tensor<?x4xf32>'
refuse_node(einsum("nij,ij->n"), ["N", 4], tensor("w", (5, 4)))
# CHECK: error: node 'y' (Einsum): no operand has the label 'k' of the result
refuse_node(einsum("ni,ij->nk"), ["N", 4], tensor("w", (4, 4)))
# CHECK: error: node 'y' (Einsum): expected letters in the equation, got '1'
refuse_node(einsum("n1,1j->nj"), ["N", 4], tensor("w", (4, 4)))
# CHECK: error: node 'y' (Einsum): cannot sum over the symbolic batch; fix it with --batch
refuse(model([node("Einsum", "x x", "y", equation="ni,nj->ij")], {"x": ["N", 4]}, ["y"]))
# CHECK: error: node 'y' (GroupNormalization): cannot divide 4 channels into 3 groups
refuse_node(node("GroupNormalization", "x w w", "y", num_groups=3), ["N", 4, 2], tensor("w", (4,)), opset=21)
# CHECK: error: node 'y' (InstanceNormalization): expected parameters of type 'tensor<4xf32>', got 'tensor<3xf32>'
refuse_node(node("InstanceNormalization", "x w w", "y"), ["N", 4, 2], tensor("w", (3,)))
# CHECK: error: node 'y' (InstanceNormalization): needs channels of pixels, got 'tensor<?x4xf32>'
refuse_node(node("InstanceNormalization", "x w w", "y"), ["N", 4], tensor("w", (4,)))
# CHECK: error: node 'y' (Celu): 'alpha' must not be 0
refuse_node(node("Celu", "x", "y", alpha=0.0), ["N", 4])
# Constants without a value.
# CHECK: error: node 'y' (Mod): a constant that it computes has no value
refuse_node(node("Mod", "i j", "y"), ["N", 4], ids([1]), constant("j", [0], np.int64))
