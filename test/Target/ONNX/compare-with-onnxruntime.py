# REQUIRES: onnx, onnxruntime
# RUN: %python %s %t
"""Runs every operator, with odd parameters, beside ONNX Runtime on random inputs; those
of the last operator set also compiled.

The nodes of one operator and operator set version share a model, in which each node
has inputs of its own. Run by hand with names of models to see only these, with
--every-opset to see also those operator sets in which nothing changed.
"""

import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "Inputs"))
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator
from onnx_models import model, node

# Relative to the largest output, or to 1 if that is less.
TOLERANCE = 1e-5
# The size given to the symbolic dimension N.
SAMPLES = 3
LAST_OPSET = 28


class Bundle:
    """The nodes of one model, with their inputs, constants and outputs."""

    def __init__(self, name, opset=13, seed=0):
        self.name, self.opset = name, opset
        self.random = np.random.default_rng(seed)
        self.nodes, self.inputs, self.constants, self.outputs = [], {}, [], []

    def constant(self, values, dtype=np.float32):
        """Adds a constant; returns its name."""
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(values, dtype), name))
        return name

    def floats(self, *shape):
        """Adds a constant of random floats."""
        return self.constant(self.random.uniform(-1, 1, shape))

    def integers(self, *values):
        """Adds a constant of one dimension."""
        return self.constant(values, np.int64)

    def input(self, *shape):
        """Adds a graph input; "N" is the batch."""
        name = f"x{len(self.inputs)}"
        self.inputs[name] = list(shape)
        return name

    def input_integers(self, *shape):
        """Adds a graph input of i64 in [-4, 4)."""
        name = self.input(*shape)
        self.inputs[name] = (TensorProto.INT64, list(shape))
        return name

    def input_positive(self, *shape):
        """Adds a graph input whose magnitudes, and 0.1, make positive numbers."""
        magnitude = self.add("Abs", self.input(*shape), is_output=False)
        return self.add("Add", magnitude, self.constant(0.1), is_output=False)

    def input_booleans(self, *shape):
        """Adds a graph input whose signs make booleans."""
        return self.add("Greater", self.input(*shape), self.constant(0.0), is_output=False)

    def add(self, operator, *inputs, is_output=True, **attributes):
        """Adds a node of one output; returns its name."""
        name = f"y{len(self.nodes)}"
        self.nodes.append(node(operator, list(inputs), [name], **attributes))
        if is_output:
            self.outputs.append(name)
        return name

    def add_several(self, operator, *inputs, outputs, **attributes):
        """Adds a node of several outputs."""
        names = [f"y{len(self.nodes)}_{index}" for index in range(outputs)]
        self.nodes.append(node(operator, list(inputs), names, **attributes))
        self.outputs += names

    def add_as_floats(self, operator, *inputs, **attributes):
        """Adds a node whose output is compared as floats."""
        result = self.add(operator, *inputs, is_output=False, **attributes)
        self.add("Cast", result, to=TensorProto.FLOAT)


def elementwise(opset):
    bundle = Bundle(f"elementwise-{opset}", opset)
    for operator in ("Add", "Sub", "Mul", "Div"):
        bundle.add(operator, bundle.input("N", 3, 4), bundle.input("N", 3, 4))
        bundle.add(operator, bundle.input("N", 3, 4), bundle.floats(3, 1))
        bundle.add(operator, bundle.floats(4), bundle.input("N", 3, 1))
        bundle.add(operator, bundle.input("N", 1, 4), bundle.floats(1, 3, 1))
        bundle.add(operator, bundle.input("N", 1, 4), bundle.input("N", 3, 1))
        bundle.add(operator, bundle.constant(0.3), bundle.input("N"))
        bundle.add(operator, bundle.input("N", 2), bundle.constant([0.7]))
        bundle.add(operator, bundle.input("N", 3, 2), bundle.floats(5, 1, 1, 2), is_output=False)
    for operator in ("Relu", "Sigmoid", "Tanh", "Identity"):
        bundle.add(operator, bundle.input("N", 3, 4))
        bundle.add(operator, bundle.input())
    if opset < 11:
        bundle.add("Clip", bundle.input("N", 9), min=-0.25, max=0.5)
        bundle.add("Clip", bundle.input("N", 9), max=0.5)
    else:
        bundle.add("Clip", bundle.input("N", 9), bundle.constant(-0.25), bundle.constant(0.5))
        bundle.add("Clip", bundle.input("N", 9), "", bundle.constant(0.5))
        bundle.add("Clip", bundle.input("N", 9), bundle.constant(0.1))
    return bundle


def arithmetic(opset):
    bundle = Bundle(f"arithmetic-{opset}", opset)
    for exponent in (1, 2, 3, -1, 0.5, 2.5):
        bundle.add("Pow", bundle.input_positive("N", 3), bundle.constant(exponent))
        bundle.add("Pow", bundle.input_positive("N", 3), bundle.constant([exponent]))
    for exponent in (2, 3, -2):
        bundle.add("Pow", bundle.input("N", 3), bundle.constant(exponent))
    bundle.add("Pow", bundle.input_positive("N", 3, 1), bundle.input("N", 1, 4))
    bundle.add("Pow", bundle.input_positive(3), bundle.floats(2, 1))
    if opset >= 12:
        bundle.add("Pow", bundle.input("N", 3), bundle.constant([2, 3, -1], np.int64))
    for operator in ("Max", "Min", "Sum", "Mean"):
        bundle.add(operator, bundle.input("N", 3))
        bundle.add(operator, bundle.input("N", 3), bundle.input("N", 3), bundle.input("N", 3))
        # These broadcast from operator set 8 on.
        if opset >= 8:
            bundle.add(operator, bundle.input("N", 3, 1), bundle.floats(4), bundle.input("N", 1, 4))
    if opset >= 10:
        divisors = bundle.constant([3, -3, 2, -1], np.int64)
        bundle.add_as_floats("Mod", bundle.input_integers("N", 4), divisors)
        bundle.add_as_floats("Mod", bundle.input_integers("N", 4), divisors, fmod=1)
        bundle.add("Mod", bundle.input("N", 4), bundle.constant([0.3, -0.3, 0.25, 2]), fmod=1)
        if opset >= 28:
            bundle.add("Mod", bundle.input("N", 4), bundle.constant([0.3, -0.3, 0.25, -2]))
    for operator in ("Add", "Sub", "Mul", "Div"):
        divisors = bundle.constant([3, -3, 2, -1], np.int64)
        bundle.add_as_floats(operator, bundle.input_integers("N", 4), divisors)
    return bundle


def activations(opset):
    bundle = Bundle(f"activations-{opset}", opset)
    wide = lambda: bundle.add("Mul", bundle.input("N", 99), bundle.constant(20), is_output=False)
    operators = {
        "Elu": [{}, {"alpha": 0.3}],
        "HardSigmoid": [{}, {"alpha": 0.4, "beta": 0.1}],
        "LeakyRelu": [{}, {"alpha": 0.3}],
        "Selu": [{}, {"alpha": 0.5, "gamma": 1.5}],
        "Softplus": [{}],
        "Softsign": [{}],
    }
    if opset >= 10:
        operators["ThresholdedRelu"] = [{}, {"alpha": 0.3}]
    if opset >= 12:
        operators["Celu"] = [{}, {"alpha": 0.3}, {"alpha": -2.0}]
    if opset >= 14:
        operators["HardSwish"] = [{}]
    if opset >= 18:
        operators["Mish"] = [{}]
    if opset >= 20:
        operators["Gelu"] = [{}, {"approximate": "tanh"}]
    for operator, choices in operators.items():
        for attributes in choices:
            bundle.add(operator, bundle.input("N", 9), **attributes)
            bundle.add(operator, wide(), **attributes)
    bundle.add("PRelu", bundle.input("N", 3, 5), bundle.floats(3, 1))
    bundle.add("PRelu", bundle.input("N", 3, 5), bundle.floats(1))
    return bundle


def swish(opset):
    bundle = Bundle(f"swish-{opset}", opset)
    for attributes in ({}, {"alpha": 1.7}) if opset >= 24 else ():
        bundle.add("Swish", bundle.input("N", 9), **attributes)
    return bundle


def functions(opset):
    bundle = Bundle(f"functions-{opset}", opset)
    for operator in ("Abs", "Ceil", "Cos", "Exp", "Floor", "Neg", "Sin"):
        bundle.add(operator, bundle.add("Mul", bundle.input("N", 99), bundle.constant(5), is_output=False))
    for operator in ("Log", "Reciprocal", "Sqrt"):
        bundle.add(operator, bundle.input_positive("N", 9))
    for operator in ("Abs", "Neg"):
        bundle.add_as_floats(operator, bundle.input_integers("N", 9))
    if opset >= 9:
        bundle.add("Erf", bundle.add("Mul", bundle.input("N", 99), bundle.constant(4), is_output=False))
        bundle.add("Sign", bundle.input("N", 9))
        bundle.add("Sign", bundle.constant([-2, -0.0, 0, 3]))
    bundle.add("Abs", bundle.input(3))
    if opset >= 11:
        bundle.add("Round", bundle.constant([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 2.6, 2.4]))
    return bundle


def logic(opset):
    bundle = Bundle(f"logic-{opset}", opset)
    operators = ["Greater", "Less"] + (["Equal"] if opset >= 11 else [])
    if opset >= 12:
        operators += ["GreaterOrEqual", "LessOrEqual"]
    for operator in operators:
        bundle.add_as_floats(operator, bundle.input("N", 3, 1), bundle.input("N", 1, 4))
        bundle.add_as_floats(operator, bundle.constant([np.nan, np.inf, 0.0, -0.0]), bundle.constant([np.nan, np.inf, -0.0, 1]))
        if opset >= 9:
            bundle.add_as_floats(operator, bundle.input_integers("N", 9), bundle.integers(1))
    for operator in ("And", "Or", "Xor"):
        bundle.add_as_floats(operator, bundle.input_booleans("N", 3, 1), bundle.input_booleans("N", 1, 4))
    bundle.add_as_floats("Not", bundle.input_booleans("N", 9))
    bundle.add_as_floats("Not", bundle.input_booleans(9))
    if opset >= 9:
        bundle.add("Where", bundle.input_booleans("N", 3, 1), bundle.input("N", 1, 4), bundle.floats(3, 4))
        mask = bundle.constant([[True, False, False], [True, True, False]], bool)
        bundle.add("Where", mask, bundle.input("N", 2, 3), bundle.constant(-np.inf))
        bundle.add_as_floats("IsNaN", bundle.constant([np.nan, np.inf, 0.0]))
    return bundle


def casts(opset):
    bundle = Bundle(f"casts-{opset}", opset)
    wide = lambda: bundle.add("Mul", bundle.input("N", 99), bundle.constant(300), is_output=False)
    types = [TensorProto.INT32, TensorProto.INT64, TensorProto.DOUBLE, TensorProto.BOOL, TensorProto.FLOAT16, TensorProto.INT16]
    for element_type in types:
        bundle.add_as_floats("Cast", wide(), to=element_type)
        bundle.add_as_floats("Cast", bundle.input_integers("N", 9), to=element_type)
        bundle.add_as_floats("Cast", bundle.input_booleans("N", 9), to=element_type)
        bundle.add_as_floats("Cast", bundle.integers(-2, 0, 1, 7), to=element_type)
        bundle.add_as_floats("Cast", bundle.constant([True, False], bool), to=element_type)
    narrow = bundle.add("Cast", wide(), to=TensorProto.INT32, is_output=False)
    bundle.add_as_floats("Cast", narrow, to=TensorProto.INT8)
    for shape in (("N", 3), (3,)):
        bundle.add("Cast", bundle.input(*shape), to=TensorProto.FLOAT)
    return bundle


def reductions(opset):
    bundle = Bundle(f"reductions-{opset}", opset)
    operators = [
        "ReduceL1", "ReduceL2", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin",
        "ReduceProd", "ReduceSum", "ReduceSumSquare", "ReduceLogSum",
    ]
    for operator in operators:
        fromInput = opset >= (13 if operator == "ReduceSum" else 18)
        source = bundle.input_positive if operator == "ReduceLogSum" else bundle.input

        def reduce(tensor, *axes, **attributes):
            if not axes:
                bundle.add(operator, tensor, **attributes)
            elif fromInput:
                bundle.add(operator, tensor, bundle.integers(*axes), **attributes)
            else:
                bundle.add(operator, tensor, axes=axes, **attributes)

        reduce(source("N", 3, 4, 5), 1)
        reduce(source("N", 3, 4, 5), 3, 1, keepdims=0)
        if opset >= 11:
            reduce(source("N", 3, 70), -1)
            reduce(source("N", 3, 4), -1, -2, keepdims=0)
        reduce(source(3, 4), keepdims=0)
        reduce(source(3, 4))
        if fromInput:
            reduce(source("N", 4), noop_with_empty_axes=1)
    bundle.add("ReduceLogSumExp", bundle.constant([-np.inf, -np.inf]), keepdims=0)
    if opset < 28:
        # From 28 on ONNX Runtime's exponentials overflow.
        bundle.add("ReduceLogSumExp", bundle.constant([1e4, 1e4, 9e3]), keepdims=0)
    bundle.add_as_floats("ReduceSum", bundle.input_integers(3, 4))
    for operator in ("ArgMax", "ArgMin"):
        bundle.add_as_floats(operator, bundle.input("N", 3, 9), axis=2)
        bundle.add_as_floats(operator, bundle.input("N", 3, 9), axis=1, keepdims=0)
        bundle.add_as_floats(operator, bundle.constant([1.0, 3, 1, 3]))
        bundle.add_as_floats(operator, bundle.constant([-np.inf, -np.inf]))
        if opset >= 12:
            bundle.add_as_floats(operator, bundle.constant([1.0, 3, 1, 3]), select_last_index=1)
    return bundle


def gathers(opset):
    bundle = Bundle(f"gathers-{opset}", opset)
    # Negative indices are ones from operator set 11 on.
    clamp = lambda name: name if opset >= 11 else bundle.add("Cast", bundle.add("Abs", bundle.add("Cast", name, to=TensorProto.FLOAT, is_output=False), is_output=False), to=TensorProto.INT64, is_output=False)
    bundle.add("Gather", bundle.floats(5, 7), clamp(bundle.input_integers("N", 6)))
    columns = bundle.add("Gather", bundle.floats(3, 5), clamp(bundle.input_integers("N", 6)), axis=1, is_output=False)
    bundle.add("Transpose", columns, perm=[1, 0, 2])
    bundle.add("Gather", bundle.floats(3, 5, 2), clamp(bundle.input_integers(6)), axis=1)
    bundle.add("Gather", bundle.floats(5), clamp(bundle.input_integers("N")))
    bundle.add("Gather", bundle.input("N", 5), clamp(bundle.input_integers(2, 3)), axis=1)
    bundle.add("Gather", bundle.input("N", 5, 2), bundle.constant(4, np.int64), axis=1)
    bundle.add("Gather", bundle.input("N", 5, 2), bundle.integers(4, 0, 4), axis=1)
    if opset >= 11:
        bundle.add("Gather", bundle.input("N", 5, 2), bundle.constant(-1, np.int32), axis=1)
        bundle.add("Gather", bundle.input("N", 5, 2), bundle.integers(-5, 1), axis=-1 - 1)
    row = bundle.add("Gather", bundle.floats(5, 7), bundle.constant(2, np.int32), is_output=False)
    bundle.add("Add", bundle.input("N", 7), row)
    return bundle


def element_gathers(opset):
    bundle = Bundle(f"element-gathers-{opset}", opset)
    if opset < 11:
        return bundle
    bundle.add("GatherElements", bundle.input("N", 5, 4), bundle.input_integers("N", 6, 4), axis=1)
    bundle.add("GatherElements", bundle.input("N", 5, 4), bundle.input_integers("N", 2, 3), axis=-1)
    bundle.add("GatherElements", bundle.input(5, 4), bundle.constant([[4, -5], [0, 1]], np.int64))
    bundle.add("GatherElements", bundle.floats(5, 4), bundle.input_integers("N", 4), axis=0)
    constant = bundle.add("GatherElements", bundle.floats(3, 4), bundle.constant([[-1, 2], [3, 0]], np.int32), axis=1, is_output=False)
    bundle.add("Add", bundle.input("N", 2, 2), constant)
    pairs = bundle.constant([[0, 1], [2, -1], [-3, 3]], np.int64)
    bundle.add("GatherND", bundle.input(3, 4, 5), pairs)
    bundle.add("GatherND", bundle.input(3, 4), pairs)
    bundle.add("GatherND", bundle.input(4, 5), bundle.constant([2], np.int64))
    bundle.add("GatherND", bundle.floats(4, 5), bundle.input_integers("N", 3, 1))
    last = bundle.add("Transpose", bundle.input("N", 3, 4), perm=[1, 2, 0], is_output=False)
    bundle.add("Transpose", bundle.add("GatherND", last, pairs, is_output=False), perm=[1, 0])
    constant = bundle.add("GatherND", bundle.floats(3, 4, 5), pairs, is_output=False)
    bundle.add("Add", bundle.input("N", 3, 5), constant)
    # The later of two updates counts.
    rows = bundle.constant([[2], [0], [2]], np.int64)
    for indices, updates in ((rows, (3, 4)), (pairs, (3,))):
        scattered = bundle.add("ScatterND", bundle.floats(3, 4), indices, bundle.floats(*updates), is_output=False)
        bundle.add("Add", bundle.input("N", 3, 4), scattered)
    return bundle


def slices(opset):
    bundle = Bundle(f"slices-{opset}", opset)
    last = 2**63 - 1

    def cut(tensor, starts, ends, axes=None, steps=None):
        if opset < 10:
            attributes = {} if axes is None else {"axes": axes}
            bundle.add("Slice", tensor, starts=starts, ends=ends, **attributes)
            return
        inputs = [bundle.integers(*starts), bundle.integers(*ends)]
        if axes is not None or steps is not None:
            inputs.append(bundle.integers(*axes) if axes is not None else "")
        if steps is not None:
            inputs.append(bundle.integers(*steps))
        bundle.add("Slice", tensor, *inputs)

    cut(bundle.input("N", 6, 5), [1, 2], [4, 5], [1, 2])
    cut(bundle.input("N", 6, 5), [-4], [-1], [1])
    cut(bundle.input("N", 6, 5), [0, -3], [last, last])
    cut(bundle.input("N", 6, 5), [0, 0, 1], [last, 2**31 - 1, 99])
    cut(bundle.input(6, 5), [-99], [3])
    if opset >= 10:
        cut(bundle.input("N", 7, 5), [1], [6], [1], [2])
        cut(bundle.input("N", 7, 5), [-1], [-last - 1], [1], [-1])
        cut(bundle.input("N", 7, 5), [5, 4], [0, -9], [1, 2], [-2, -3])
        cut(bundle.input("N", 7), [0], [last], [1], [last])
    part = bundle.add("Transpose", bundle.floats(3, 4), is_output=False)
    cut(part, [1], [3], [0])
    parts = lambda *sizes: ([bundle.integers(*sizes)], {}) if opset >= 13 else ([], {"split": sizes})
    for axis, sizes in ((1, (1, 2, 3)), (2, (4, 1)), (1, (6,))):
        inputs, attributes = parts(*sizes)
        bundle.add_several("Split", bundle.input("N", 6, 5), *inputs, outputs=len(sizes), axis=axis, **attributes)
    equal = {"num_outputs": 3} if opset >= 18 else {}
    bundle.add_several("Split", bundle.input("N", 6, 2), outputs=3, axis=1, **equal)
    if opset >= 18:
        bundle.add_several("Split", bundle.input("N", 7), outputs=3, axis=1, num_outputs=3)
    inputs, attributes = parts(1, 3)
    bundle.add_several("Split", bundle.floats(4, 2), *inputs, outputs=2, **attributes)
    bundle.add("Concat", bundle.input("N", 3, 4), bundle.input("N", 2, 4), axis=1)
    bundle.add("Concat", bundle.input("N", 3, 4), bundle.input("N", 3, 1), bundle.input("N", 3, 2), axis=2)
    bundle.add("Concat", bundle.input("N", 3), axis=1)
    bundle.add("Concat", bundle.input(2, 3), bundle.floats(1, 3), bundle.input(3, 3), axis=0)
    bundle.add("Concat", bundle.floats(2, 3), bundle.floats(2, 1), axis=1)
    return bundle


def repetitions(opset):
    bundle = Bundle(f"repetitions-{opset}", opset)
    if opset >= 8:
        bundle.add("Expand", bundle.input("N", 1, 4), bundle.integers(3, 1))
        bundle.add("Expand", bundle.input("N", 3, 1, 4), bundle.integers(1, 3, 2, 4))
        bundle.add("Expand", bundle.input("N", 4), bundle.integers(1))
        bundle.add("Expand", bundle.input(4), bundle.integers(3, 4))
        bundle.add("Expand", bundle.floats(4, 1), bundle.integers(2, 1, 3))
    if opset >= 9:
        bundle.add("ConstantOfShape", bundle.integers(2, 3), value=numpy_helper.from_array(np.float32([7])))
        bundle.add("ConstantOfShape", bundle.integers(2, 3))
    if opset >= 11:
        bundle.add_as_floats("Range", *(bundle.constant(n, np.int64) for n in (7, -4, -3)))
        bundle.add("Range", *(bundle.constant(n) for n in (0, 1, 0.3)))
    return bundle


def computed_shapes(opset):
    """Shapes as exporters compute them; the batch stays symbolic."""
    bundle = Bundle(f"computed-shapes-{opset}", opset)
    hidden = lambda operator, *inputs, **attributes: bundle.add(operator, *inputs, is_output=False, **attributes)
    tensor = bundle.input("N", 6, 8)
    sizes = hidden("Shape", tensor)
    batch, length, width = (hidden("Gather", sizes, bundle.integers(index)) for index in range(3))
    heads = hidden("Div", width, bundle.integers(4))
    # To heads and back.
    bundle.add("Reshape", tensor, hidden("Concat", batch, length, heads, bundle.integers(-1), axis=0))
    flat = hidden("Concat", batch, hidden("Mul", length, width), axis=0)
    bundle.add("Reshape", tensor, flat)
    half = hidden("Cast", hidden("Sub", width, hidden("Add", heads, bundle.integers(1))), to=TensorProto.INT64)
    bundle.add("Reshape", tensor, hidden("Concat", bundle.integers(-1), length, hidden("Sub", half, bundle.integers(1)), bundle.integers(2), axis=0))
    bundle.add_as_floats("Shape", bundle.input(3, 4))
    if opset >= 10:
        rest = lambda number, divisor, **attributes: hidden("Mod", bundle.integers(number), bundle.integers(divisor), **attributes)
        wanted = [rest(-3, 5), rest(14, 8, fmod=1), rest(9, 5)]
        bundle.add("Reshape", bundle.input("N", 2, 24), hidden("Concat", batch, *wanted, axis=0))
    bundle.add("Neg", bundle.input(3, 4))
    if opset >= 15:
        bundle.add("Reshape", tensor, hidden("Concat", bundle.integers(-1), hidden("Shape", tensor, start=-1), axis=0), is_output=False)
        bundle.add("Reshape", tensor, hidden("Concat", hidden("Shape", tensor, end=1), bundle.integers(48), axis=0))
    if opset >= 9:
        # Expand to a shape in which -1 keeps a size.
        wanted = bundle.integers(-1, 2, 6, 8)
        ones = hidden("ConstantOfShape", bundle.integers(4), value=numpy_helper.from_array(np.int64([1])))
        open_sizes = hidden("Equal", wanted, hidden("Mul", ones, bundle.integers(-1)))
        shape = hidden("Where", open_sizes, ones, wanted)
        axes = ([bundle.integers(1)], {}) if opset >= 13 else ([], {"axes": [1]})
        bundle.add("Expand", hidden("Unsqueeze", tensor, *axes[0], **axes[1]), shape)
        # A constant repeated for the batch.
        bundle.add("Add", bundle.input("N", 3), hidden("Expand", bundle.floats(3), hidden("Concat", batch, bundle.integers(3), axis=0)))
        zeros = hidden("ConstantOfShape", hidden("Concat", batch, bundle.integers(2), axis=0), value=numpy_helper.from_array(np.float32([3])))
        bundle.add("Add", bundle.input("N", 2), zeros)
        # The scale of an attention.
        root = hidden("Sqrt", hidden("Cast", width, to=TensorProto.FLOAT))
        bundle.add("Div", tensor, root)
    return bundle


def random_window(random, rank, kernel, with_dilations=True):
    """Window attributes; returns them with the size that the image must have at least."""
    attributes = {"strides": [int(n) for n in random.integers(1, 4, rank)]}
    dilations = [int(n) for n in random.integers(1, 3, rank)] if with_dilations else [1] * rank
    if with_dilations:
        attributes["dilations"] = dilations
    # Pads smaller than the window, so that none lies wholly in the padding.
    attributes["pads"] = [int(random.integers(0, size)) for size in 2 * list(kernel)]
    if random.random() < 0.3 and dilations == [1] * rank:
        del attributes["pads"]
        attributes["auto_pad"] = str(random.choice(["SAME_UPPER", "SAME_LOWER", "VALID"]))
        # ONNX Runtime refuses windows that leave gaps here.
        attributes["strides"] = [min(pair) for pair in zip(attributes["strides"], kernel)]
    extents = [(size - 1) * dilation + 1 for size, dilation in zip(kernel, dilations)]
    return attributes, [int(extent + random.integers(0, 9)) for extent in extents]


def convolutions(opset):
    bundle = Bundle(f"convolutions-{opset}", opset, seed=opset)
    random = bundle.random
    for index in range(40):
        rank = 1 if index % 4 == 3 else 2
        kernel = [int(n) for n in random.integers(1, 5, rank)]
        attributes, image = random_window(random, rank, kernel)
        # Dense, grouped, depthwise, depthwise with several outputs for each input.
        groups = [1, 1, 2, 3, 4][index % 5]
        per_group = [3, 1, 2, 1, 1][index % 5]
        outputs = groups * [4, 1, 3, 1, 2][index % 5]
        if index % 2:
            attributes["kernel_shape"] = kernel
        inputs = [bundle.input("N", groups * per_group, *image)]
        inputs.append(bundle.floats(outputs, per_group, *kernel))
        if index % 3:
            inputs.append(bundle.floats(outputs))
        bundle.add("Conv", *inputs, group=groups, **attributes)
    # A filter that is computed.
    bundle.add("Conv", bundle.input(2, 3, 5, 5), bundle.input(4, 3, 2, 2), bundle.input(4))
    return bundle


def pooling(opset):
    bundle = Bundle(f"pooling-{opset}", opset, seed=opset)
    random = bundle.random
    for index in range(40):
        operator = ["MaxPool", "AveragePool"][index % 2]
        rank = 1 if index % 5 == 4 else 2
        kernel = [int(n) for n in random.integers(1, 5, rank)]
        with_dilations = opset >= (10 if operator == "MaxPool" else 19)
        attributes, image = random_window(random, rank, kernel, with_dilations)
        if opset >= 10 and "auto_pad" not in attributes:
            attributes["ceil_mode"] = int(random.integers(0, 2))
        if operator == "AveragePool":
            attributes["count_include_pad"] = int(random.integers(0, 2))
        bundle.add(operator, bundle.input("N", 3, *image), kernel_shape=kernel, **attributes)
    for operator in ("GlobalAveragePool", "GlobalMaxPool"):
        bundle.add(operator, bundle.input("N", 3, 5, 7))
        bundle.add(operator, bundle.input("N", 3, 5))
        bundle.add(operator, bundle.input("N", 2, 3, 4, 5))
    return bundle


def transposed_convolutions(opset):
    bundle = Bundle(f"transposed_convolutions-{opset}", opset, seed=opset)
    random = bundle.random
    for index in range(40):
        rank = 3 if index % 10 == 9 else 1 if index % 4 == 3 else 2
        kernel = [int(n) for n in random.integers(1, 6, rank)]
        strides = [int(n) for n in random.integers(1, 5, rank)]
        dilations = [int(n) for n in random.integers(1, 4 if index % 3 == 0 else 2, rank)]
        image = [int(n) for n in random.integers(2, 7, rank)]
        attributes = {"strides": strides, "dilations": dilations}
        # ONNX Runtime refuses more.
        padding = [int(random.integers(0, stride)) for stride in strides]
        extents = [(size - 1) * dilation + 1 for size, dilation in zip(kernel, dilations)]
        unpadded = [
            stride * (size - 1) + extra + extent
            for stride, size, extra, extent in zip(strides, image, padding, extents)
        ]
        if index % 3 == 1 or index % 7 == 2:
            unpadded = [size - extra for size, extra in zip(unpadded, padding)]
        else:
            attributes["output_padding"] = padding
        if index % 7 == 2:
            attributes["output_shape"] = [int(random.integers(1, size + 1)) for size in unpadded]
        elif index % 7 == 4:
            attributes["auto_pad"] = str(random.choice(["SAME_UPPER", "SAME_LOWER", "VALID"]))
        else:
            # Often more than the extent of the window, so that elements of the input are unused.
            pads = [int(random.integers(0, (size + 1) // 2)) for size in 2 * unpadded]
            attributes["pads"] = pads
        groups = [1, 1, 2, 3][index % 4]
        per_group, outputs = [3, 1, 2, 1][index % 4], [4, 1, 3, 1][index % 4]
        inputs = [bundle.input("N", groups * per_group, *image)]
        inputs.append(bundle.floats(groups * per_group, outputs, *kernel))
        if index % 3:
            inputs.append(bundle.floats(groups * outputs))
        bundle.add("ConvTranspose", *inputs, group=groups, **attributes)
    # A bias that is computed.
    for groups in (1, 2):
        filter = bundle.floats(4, 3, 2, 2)
        bundle.add("ConvTranspose", bundle.input(2, 4, 5, 5), filter, bundle.input(3 * groups), group=groups, strides=[2, 2])
    return bundle


def volumes(opset):
    bundle = Bundle(f"volumes-{opset}", opset, seed=opset)
    random = bundle.random
    for index in range(12):
        kernel = [int(n) for n in random.integers(1, 4, 3)]
        attributes, image = random_window(random, 3, kernel)
        groups, per_group, outputs = [(1, 3, 4), (4, 1, 4), (2, 2, 6), (3, 1, 6)][index % 4]
        inputs = [bundle.input("N", groups * per_group, *image)]
        inputs.append(bundle.floats(outputs, per_group, *kernel))
        if index % 3:
            inputs.append(bundle.floats(outputs))
        bundle.add("Conv", *inputs, group=groups, **attributes)
    for index in range(12):
        operator = ["MaxPool", "AveragePool"][index % 2]
        kernel = [int(n) for n in random.integers(1, 4, 3)]
        with_dilations = opset >= (10 if operator == "MaxPool" else 19)
        attributes, image = random_window(random, 3, kernel, with_dilations)
        if opset >= 10 and "auto_pad" not in attributes:
            attributes["ceil_mode"] = int(random.integers(0, 2))
        if operator == "AveragePool":
            attributes["count_include_pad"] = int(random.integers(0, 2))
        bundle.add(operator, bundle.input("N", 3, *image), kernel_shape=kernel, **attributes)
    return bundle


def space_and_depth(opset):
    bundle = Bundle(f"space_and_depth-{opset}", opset)
    for mode in ({}, {"mode": "CRD"}, {"mode": "DCR"}) if opset >= 11 else ({},):
        for channels in (4, 12):
            bundle.add("DepthToSpace", bundle.input("N", channels, 3, 5), blocksize=2, **mode)
        bundle.add("DepthToSpace", bundle.input("N", 3, 3, 5), blocksize=1, **mode)
    for channels, block in ((1, 2), (3, 2), (2, 3), (2, 1)):
        bundle.add("SpaceToDepth", bundle.input("N", channels, 6, 12), blocksize=block)
    return bundle


def resizes(opset):
    bundle = Bundle(f"resizes-{opset}", opset)
    shape = ("N", 2, 5, 6)
    if opset < 11:
        operator = "Upsample" if opset < 10 else "Resize"

        def resize(mode, *scales):
            if opset < 9:
                bundle.add(operator, bundle.input(*shape), mode=mode, scales=scales)
            else:
                bundle.add(operator, bundle.input(*shape), bundle.constant(scales), mode=mode)

        for mode in ("nearest", "linear"):
            resize(mode, 1.0, 1.0, 2.0, 3.0)
            resize(mode, 1.0, 1.0, 1.5, 1.7)
            if opset >= 10:
                resize(mode, 1.0, 1.0, 0.6, 0.5)
        return bundle

    # Up to operator set 12 no input may be missing.
    empty = bundle.constant([]) if opset < 13 else ""

    def scaled(shape, scales, **attributes):
        bundle.add("Resize", bundle.input(*shape), empty, bundle.constant(scales), **attributes)

    def sized(shape, sizes, **attributes):
        sizes = bundle.integers(*sizes)
        bundle.add("Resize", bundle.input(*shape), empty, empty, sizes, **attributes)

    modes = ["half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric"]
    modes += ["half_pixel_symmetric"] if opset >= 19 else []
    for mode in modes:
        attributes = {"coordinate_transformation_mode": mode}
        # By symmetry the middle of 5 lies on an element, which is a tie for floor and ceil.
        less = 0.9 if mode == "half_pixel_symmetric" else 0.6
        for nearest in ("round_prefer_floor", "round_prefer_ceil", "floor", "ceil"):
            scaled(shape, (1, 1, 2, 3), nearest_mode=nearest, **attributes)
            scaled(shape, (1, 1, less, 1.7), nearest_mode=nearest, **attributes)
        for interpolation in ("linear", "cubic"):
            scaled(shape, (1, 1, 2, 2), mode=interpolation, **attributes)
            scaled(shape, (1, 1, 0.6, 1.7), mode=interpolation, **attributes)
        scaled(("N", 3, 7), (1, 1, 2.5), mode="linear", **attributes)
        scaled(("N", 2, 3, 4, 5), (1, 1, 2, 1.5, 0.7), mode="linear", **attributes)
    scaled(shape, (1, 1, 2, 1.5), mode="cubic", exclude_outside=1, cubic_coeff_a=-0.5)
    # Every other element, and a dimension that only grows a little.
    scaled(shape, (1, 1, 0.5, 0.5), coordinate_transformation_mode="asymmetric", nearest_mode="floor")
    scaled(shape, (1, 1, 1.1, 1.5), mode="linear")
    if opset == 11:
        scaled(shape, (1, 1, 2, 3), coordinate_transformation_mode="tf_half_pixel_for_nn")
    fixed = (2, 2, 5, 6)
    sized(fixed, (2, 2, 10, 4))
    sized(fixed, (2, 2, 9, 13), mode="linear")
    if opset >= 18:
        for policy in ("stretch", "not_larger", "not_smaller"):
            sized(shape, (9, 13), mode="linear", axes=(2, 3), keep_aspect_ratio_policy=policy)
            sized(shape, (9, 13), axes=(2, 3), keep_aspect_ratio_policy=policy)
        scaled(shape, (2, 1.5), axes=(3, 2))
    return bundle


def products(opset):
    bundle = Bundle(f"products-{opset}", opset)
    for lhs, rhs in (
        (("N", 4), (4, 5)),
        (("N", 3, 4), (4, 5)),
        (("N", 2, 3, 4), (4, 5)),
        (("N", 3, 4), (4,)),
    ):
        bundle.add("MatMul", bundle.input(*lhs), bundle.floats(*rhs))
    for lhs, rhs in (
        (("N", 3, 4), ("N", 4, 5)),
        (("N", 2, 3, 4), ("N", 2, 4, 5)),
        (("N", 2, 3, 4), ("N", 1, 4, 5)),
        (("N", 3, 4), (1, 4, 5)),
        ((3, 4), ("N", 4, 5)),
        ((2, 1, 3, 4), (5, 4, 2)),
        ((4,), (4, 5)),
        ((3, 4), (4,)),
        ((4,), (4,)),
        ((4,), (2, 4, 5)),
        ((2, 3, 4), (4,)),
    ):
        bundle.add("MatMul", bundle.input(*lhs), bundle.input(*rhs))
    for index, bias in enumerate(((5,), (1,), (1, 5), (), None)):
        inputs = [bundle.input("N", 4), bundle.floats(*((4, 5), (5, 4))[index % 2])]
        if bias is not None:
            inputs.append(bundle.floats(*bias))
        elif opset < 11:
            inputs.append(bundle.floats(5))
        bundle.add("Gemm", *inputs, transB=index % 2, alpha=0.5 + index, beta=1.0 - index / 2)
    for bias in ((6, 5), (6, 1), (5,)):
        bundle.add("Gemm", bundle.input(4, 6), bundle.input(5, 4), bundle.input(*bias), transA=1, transB=1, alpha=0.3, beta=1.7)
    bundle.add("Gemm", bundle.input("N", 4), bundle.floats(4, 5), bundle.floats(5), beta=0.0)
    return bundle


def einsums(opset):
    bundle = Bundle(f"einsums-{opset}", opset)
    if opset < 12:
        return bundle
    for equation, *shapes in (
        ("bhid, bhjd -> bhij", ("N", 2, 3, 4), ("N", 2, 5, 4)),
        ("bhij,bjhd->bihd", ("N", 2, 3, 5), ("N", 5, 2, 4)),
        ("ij,ij->i", ("N", 4), ("N", 4)),
        ("bi,bj->bji", ("N", 4), ("N", 3)),
        ("bij->bj", ("N", 4, 3)),
        ("jbi->bij", (3, "N", 4)),
        ("ba", (4, 5)),
        ("ij,jk", (3, 4), (4, 5)),
        ("ij,k->", (3, 4), (5,)),
        ("ijz,jk->ki", (3, 4, 2), (4, 5)),
        ("ij,jk,kl->li", (3, 4), (4, 5), (5, 2)),
    ):
        if "N" in shapes[0][1:]:
            inner = bundle.add("Transpose", bundle.input("N", *(s for s in shapes[0] if s != "N")), perm=[1, 0, 2], is_output=False)
            bundle.add("Einsum", inner, equation=equation)
            continue
        bundle.add("Einsum", *(bundle.input(*shape) for shape in shapes), equation=equation)
    bundle.add("Einsum", bundle.input("N", 3, 4), bundle.floats(6, 4, 5), equation="btd,edf->btef")
    bundle.add("Einsum", bundle.input("N", 3, 6, 5), bundle.floats(6, 5, 4), bundle.input("N", 3, 6), equation="btef,efd,bte->btd")
    return bundle


def normalizations(opset):
    bundle = Bundle(f"normalizations-{opset}", opset)
    for shape in (("N", 5), ("N", 5, 3), ("N", 5, 3, 2)):
        parameters = [bundle.floats(5) for _ in range(3)]
        variance = bundle.constant(bundle.random.uniform(0.01, 4, 5))
        bundle.add("BatchNormalization", bundle.input(*shape), *parameters, variance, epsilon=1e-3)
    for axis in (1, 2, 3, -1 if opset >= 11 else 1):
        bundle.add("Softmax", bundle.input("N", 4, 3, 2), axis=axis)
        bundle.add("LogSoftmax", bundle.input("N", 4, 3, 2), axis=axis)
    bundle.add("Softmax", bundle.input("N", 4))
    bundle.add("LogSoftmax", bundle.add("Mul", bundle.input("N", 4), bundle.constant(300), is_output=False))
    for shape in (("N", 4, 3), ("N", 4, 3, 5)):
        bundle.add("InstanceNormalization", bundle.input(*shape), bundle.floats(4), bundle.floats(4))
        bundle.add("InstanceNormalization", bundle.input(*shape), bundle.floats(4), bundle.floats(4), epsilon=0.1)
        for groups in (1, 2, 4) if opset >= 21 else ():
            bundle.add("GroupNormalization", bundle.input(*shape), bundle.floats(4), bundle.floats(4), num_groups=groups)
    if opset >= 17:
        for axis, shape in ((-1, (6,)), (-1, (1,)), (2, (5, 6)), (1, (4, 5, 6)), (3, (6,))):
            parameters = [bundle.floats(*shape), bundle.floats(*shape)]
            bundle.add("LayerNormalization", bundle.input("N", 4, 5, 6), *parameters, axis=axis)
            bundle.add("LayerNormalization", bundle.input("N", 4, 5, 6), parameters[0], axis=axis, epsilon=0.1)
    if opset >= 23:
        for axis, shape in ((-1, (6,)), (-1, (1,)), (1, (4, 5, 6))):
            scale = bundle.floats(*shape)
            bundle.add("RMSNormalization", bundle.input("N", 4, 5, 6), scale, axis=axis)
            bundle.add("RMSNormalization", bundle.input("N", 4, 5, 6), scale, axis=axis, epsilon=0.1)
    return bundle


def shapes(opset):
    bundle = Bundle(f"shapes-{opset}", opset)
    for axis in (0, 1, 2, 4):
        bundle.add("Flatten", bundle.input(2, 3, 4, 5), axis=axis)
    bundle.add("Flatten", bundle.input("N", 3, 4))
    for source, shape in (
        (("N", 3, 4), [-1, 12]),
        (("N", 3, 4), [0, 12]),
        (("N", 3, 4), [-1, 2, 6]),
        (("N", 3, 4), [0, 4, -1, 1]),
        (("N", 6), [0, 1, 2, 1, 3]),
        (("N", 1, 1), [-1]),
        ((2, 3, 4), [4, -1, 3]),
        ((2, 3, 4), [24]),
        ((1, 1), []),
        ((), [1, 1, 1]),
        ((6, 5, 4), [10, 2, 6]),
    ):
        bundle.add("Reshape", bundle.input(*source), bundle.constant(shape, np.int64))
    # Two thirds of the batch's rows, and back.
    folded = bundle.add("Reshape", bundle.input("N", 3, 4), bundle.constant([-1, 4], np.int64), is_output=False)
    bundle.add("Reshape", folded, bundle.constant([-1, 2, 6], np.int64))
    bundle.add("Transpose", bundle.input("N", 3, 4), perm=[0, 2, 1])
    bundle.add("Transpose", bundle.input(2, 3, 4))
    bundle.add("Transpose", bundle.input(5))
    bundle.add("Transpose", bundle.input())
    bundle.add("Transpose", bundle.input(2, 3, 4, 5), perm=[2, 0, 3, 1])
    swapped = bundle.add("Transpose", bundle.floats(3, 2, 4), perm=[2, 0, 1], is_output=False)
    bundle.add("Add", bundle.input("N", 4, 3, 2), swapped)
    axes = lambda *axes: {"axes": axes} if opset < 13 else {}
    constants = lambda *axes: [bundle.constant(axes, np.int64)] if opset >= 13 else []
    bundle.add("Squeeze", bundle.input("N", 1, 3, 1), *constants(1, 3), **axes(1, 3))
    bundle.add("Squeeze", bundle.input("N", 1, 3, 1), *constants(1), **axes(1))
    bundle.add("Squeeze", bundle.input(2, 1, 3, 1))
    bundle.add("Unsqueeze", bundle.input("N", 3), *constants(1, 3), **axes(1, 3))
    bundle.add("Unsqueeze", bundle.input(2, 3), *constants(0, 2), **axes(0, 2))
    bundle.add("Dropout", bundle.input("N", 3))
    literal = bundle.add("Constant", value=numpy_helper.from_array(np.arange(3, dtype=np.float32)), is_output=False)
    bundle.add("Add", bundle.input("N", 3), literal)
    return bundle


# The makers of bundles, each with the operator sets in which its operators changed.
def paddings(opset):
    bundle = Bundle(f"paddings-{opset}", opset)

    def pad(tensor, *pads, value=None, axes=None, **attributes):
        if opset < 11:
            if value is not None:
                attributes["value"] = value
            bundle.add("Pad", tensor, pads=pads, **attributes)
            return
        inputs = [bundle.integers(*pads)]
        if value is not None or axes is not None:
            inputs.append("" if value is None else bundle.constant(value))
        if axes is not None:
            inputs.append(bundle.integers(*axes))
        bundle.add("Pad", tensor, *inputs, **attributes)

    pad(bundle.input("N", 3, 4), 0, 1, 2, 0, 0, 3)
    pad(bundle.input("N", 3, 4), 0, 1, -2, 0, -1, 3, value=0.5)
    pad(bundle.input(4, 5), 1, 0, 0, 2, value=-np.inf)
    pad(bundle.input("N", 3, 4), 0, 2, 3, 0, 1, 0, mode="reflect")
    pad(bundle.input("N", 3, 4), 0, 5, 6, 0, 7, 0, mode="edge")
    if opset >= 18:
        pad(bundle.input("N", 3, 4), 2, 1, 0, 1, axes=(-1, 1), value=2)
        pad(bundle.input("N", 3, 4), 2, 1, 0, 1, axes=(-1, 1), mode="edge")
    if opset >= 19:
        pad(bundle.input("N", 3, 4), 0, 7, -1, 0, 0, 9, mode="wrap")
    return bundle


MAKERS = {
    elementwise: (7, 11),
    arithmetic: (7, 8, 10, 12),
    activations: (7, 14, 20),
    swish: (24,),
    functions: (7, 9, 11),
    logic: (7, 9, 11, 12),
    casts: (7, 9, 13, 19),
    convolutions: (7, 11),
    transposed_convolutions: (7, 11),
    pooling: (7, 10, 19),
    volumes: (7, 10, 19),
    space_and_depth: (7, 11),
    resizes: (7, 9, 10, 11, 18, 19),
    products: (7, 9, 11, 13),
    einsums: (12,),
    normalizations: (7, 11, 13, 17),
    reductions: (7, 11, 12, 13, 18),
    gathers: (7, 11),
    element_gathers: (11,),
    slices: (7, 10, 13, 18),
    repetitions: (8, 9, 11),
    paddings: (7, 11, 13, 18, 19),
    shapes: (7, 13),
    computed_shapes: (7, 9, 13, 15),
}


def bundles(takes_all):
    """All bundles, for every operator set or for those with changes and the last."""
    for make, opsets in MAKERS.items():
        for opset in range(7, LAST_OPSET + 1) if takes_all else (*opsets, 21, LAST_OPSET):
            yield make(opset)


def split(bundle):
    """Models with a symbolic batch and without one, so that each has a clear signature."""
    batched = {name for name, shape in bundle.inputs.items() if "N" in (shape[1] if isinstance(shape, tuple) else shape)}
    for suffix, wants_batch in (("", True), ("-fixed", False)):
        produced = {name: made for made in bundle.nodes for name in made.output}

        def ancestors(name):
            made = produced.get(name)
            return [name] + [a for i in (made.input if made else ()) for a in ancestors(i)]

        outputs = [
            name
            for name in bundle.outputs
            if any(a in batched for a in ancestors(name)) == wants_batch
        ]
        names = {a for name in outputs for a in ancestors(name)}
        if outputs:
            yield bundle.name + suffix, model(
                [made for made in bundle.nodes if names.intersection(made.output)],
                {name: shape for name, shape in bundle.inputs.items() if name in names},
                outputs,
                [constant for constant in bundle.constants if constant.name in names],
                bundle.opset,
            )


def run(path, inputs, engine):
    """Outputs by name, from the importer and an engine."""
    imported, fed, got = path + ".mlirbc", path + ".in.npz", path + ".out.npz"
    np.savez(fed, **inputs)
    for command in (
        ["ptq-translate", "--import-onnx", "--emit-bytecode", path, "-o", imported],
        ["ptq-run", imported, "--engine=" + engine, "--input", fed, "--output", got],
    ):
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return np.load(got)


def get_largest(values):
    """The largest finite magnitude, or 1 if that is more."""
    return max(1.0, np.abs(values[np.isfinite(values)]).max(initial=0))


def get_error(result, expected):
    """The largest difference; what is not finite must be equal."""
    same = (result == expected) | (np.isnan(result) & np.isnan(expected))
    with np.errstate(invalid="ignore"):
        return np.abs(np.where(same, 0, result - expected)).max(initial=0) / get_largest(expected)


def is_batched(info):
    """Whether the first dimension of an input is symbolic."""
    dims = info.type.tensor_type.shape.dim
    return bool(dims) and dims[0].HasField("dim_param")


def compare(name, made, directory):
    """Whether all outputs agree; prints those that do not."""
    path = os.path.join(directory, name + ".onnx")
    onnx.save(made, path)
    random = np.random.default_rng(1)
    inputs = {}
    for info in made.graph.input:
        shape = [dim.dim_value or SAMPLES for dim in info.type.tensor_type.shape.dim]
        if info.type.tensor_type.elem_type == TensorProto.INT64:
            inputs[info.name] = random.integers(-4, 4, shape)
        else:
            inputs[info.name] = random.uniform(-1, 1, shape).astype(np.float32)
    options = onnxruntime.SessionOptions()
    # Its shape inference ignores that a window of ceil_mode must start inside.
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except onnxruntime.capi.onnxruntime_pybind11_state.NotImplemented:
        # What ONNX Runtime has no kernels of yet, ONNX itself computes.
        print(f"{name}: beside the reference of ONNX")
        session = ReferenceEvaluator(made)
    expected = dict(zip((info.name for info in made.graph.output), session.run(None, inputs)))
    # ptq-run wants as many samples of each input: those without a batch are repeated.
    batched = {info.name for info in made.graph.input if is_batched(info)}
    if batched:
        inputs = {
            key: values if key in batched else np.stack([values] * SAMPLES)
            for key, values in inputs.items()
        }
    # What is compiled depends little on the operator set.
    is_last = made.opset_import[0].version == LAST_OPSET
    agrees = True
    for engine in ("interpreter", "jit") if is_last else ("interpreter",):
        results = run(path, inputs, engine)
        worst = 0.0
        for key, values in expected.items():
            result = results[key]
            # The result for the one sample of a model without a batch.
            if result.shape == (1, *values.shape):
                result = result[0]
            made_node = next(n for n in made.graph.node if key in n.output)
            if result.shape != values.shape:
                print(f"{name}: {key}: shape {result.shape}, expected {values.shape}\n{made_node}")
                agrees = False
                continue
            error = get_error(result, values)
            worst = max(worst, error)
            if not error <= TOLERANCE:
                print(f"{name}: {engine}: {key}: error {error}\n{made_node}")
                agrees = False
        print(f"{name}: {engine}: {len(expected)} outputs, largest error {worst:.1e}")
    return agrees


def main(directory, *wanted):
    os.makedirs(directory, exist_ok=True)
    takes_all = "--every-opset" in wanted or bool(wanted)
    wanted = [name for name in wanted if name != "--every-opset"]
    models = [made for bundle in bundles(takes_all) for made in split(bundle)]
    results = [
        compare(name, made, directory) for name, made in models if not wanted or name in wanted
    ]
    sys.exit(not results or not all(results))


if __name__ == "__main__":
    main(*sys.argv[1:])
