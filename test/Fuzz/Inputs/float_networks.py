"""Random float networks of the ops that the quantizer knows, and of those between."""

import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../CodeGen/Inputs"))
import numpy as np
from random_networks import CONVOLUTIONS, WILD, Network, Value, window

# Elements of one sample of a value, beyond which networks do not grow.
LIMIT = 4096


def multiply(sizes):
    return int(np.prod(list(sizes), dtype=np.int64))


class FloatNetwork(Network):
    """Several networks in one function: start() begins each with an input."""

    def __init__(self, seed, dynamic):
        super().__init__(seed, dynamic)
        self.magnitudes = []

    def start(self, seed):
        self.random = np.random.default_rng(seed)
        shape = self.pick(
            ["N", self.pick(1, 2, 3, 8), self.pick(4, 5, 7, 9), self.pick(4, 6, 8)],
            ["N", self.pick(4, 5, 8), self.pick(4, 7), self.pick(1, 3, 8, 16)],
            ["N", self.pick(1, 3, 5, 8), self.pick(1, 4, 7, 16, 33)],
            ["N", self.pick(1, 5, 8, 16, 31, 64)],
        )
        self.values = []
        self.used = set()
        self.begin(shape)

    def begin(self, shape):
        self.magnitudes.append(float(self.pick(1, 1, 1, 0.01, 100, 1e-6)))
        self.keep(self.input(shape, "f32"))

    def keep(self, value):
        self.values.append(value)

    def use(self, rank=None, condition=lambda value: True):
        """One of the values, rather a late one, or None."""
        fitting = [
            value
            for value in self.values
            if rank in (None, len(value.shape)) and condition(value)
        ]
        if not fitting:
            return None
        value = fitting[-1] if self.chance(0.6) else self.pick(*fitting)
        self.used.add(value.name)
        return value

    def finish(self):
        """Returns what nothing has read, and now and then what something has."""
        for value in self.values:
            if value.name not in self.used or self.chance(0.1):
                if not value.name.startswith("%arg"):
                    self.output(value)

    # Parts.

    def weights(self, shape, channel_axis, depth):
        """Normal weights with channels that are dead, loud or faint."""
        array = self.random.normal(0, 1 / np.sqrt(max(depth, 1)), shape)
        scales = np.ones(shape[channel_axis])
        if self.chance(0.4):
            scales = self.random.choice([1, 1, 1, 0, 1e-3, 1e3, 1e-8, 1e-30], scales.shape)
        elif self.chance(0.1):
            scales *= self.pick(0, 1e-12, 1e6)
        aligned = [1] * len(shape)
        aligned[channel_axis] = -1
        return self.constant(shape, "f32", array * scales.reshape(aligned))

    def bias(self, shape, channel_axis):
        if self.chance(0.4):
            return self.fill(shape, "f32")
        array = self.random.normal(0, 0.5, [shape[channel_axis]])
        if self.chance(0.2):
            array *= self.random.choice([0, 1, 1e4, 1e-9], array.shape)
        bias = self.constant([shape[channel_axis]], "f32", array)
        empty = self.empty(shape, "f32")
        others = [axis for axis in range(len(shape)) if axis != channel_axis]
        result = Value(self.fresh(), self.shape(shape), "f32")
        self.line(
            f"{result} = linalg.broadcast ins({bias} : {bias.type}) "
            f"outs({empty} : {empty.type}) dimensions = {others}"
        )
        return result

    def scalar(self, number):
        name = self.fresh()
        self.line(f"{name} = arith.constant {float(number):e} : f32")
        return name

    def uniform(self, shape, number):
        """A tensor of one number."""
        if "?" in self.shape(shape) or self.chance():
            return self.fill(shape, "f32", self.scalar(number))
        value = Value(self.fresh(), self.shape(shape), "f32")
        self.line(f"{value} = arith.constant dense<{float(number):e}> : {value.type}")
        return value

    def map_elements(self, inputs, payload, shape=None, maps=None):
        """An elementwise op with %in0, %in1, ... in its body."""
        shape = shape or inputs[0].shape
        dims = ", ".join("abcdefg"[: len(shape)])
        identity = f"({dims}) -> ({dims})"
        maps = [*(maps or [identity] * len(inputs)), identity]
        kinds = ["parallel"] * len(shape)
        return self.generic(maps, kinds, inputs, self.empty(shape, "f32"), payload)

    def collapse(self, value, groups):
        shape = []
        for group in groups:
            sizes = [value.shape[axis] for axis in group]
            shape.append("?" if "?" in sizes else multiply(sizes))
        return self.op(f"tensor.collapse_shape {value} {groups} : {value.type} into", shape, "f32")

    def expand(self, value, groups, shape):
        sizes = ", ".join("%samples" if size == "?" else str(size) for size in shape)
        return self.op(
            f"tensor.expand_shape {value} {groups} output_shape [{sizes}] : {value.type} into",
            shape,
            "f32",
        )

    def transposed(self, value, order):
        init = self.empty([value.shape[axis] for axis in order], "f32")
        result = Value(self.fresh(), init.shape, "f32")
        self.line(
            f"{result} = linalg.transpose ins({value} : {value.type}) "
            f"outs({init} : {init.type}) permutation = {order}"
        )
        return result

    # The numbers that run through them.

    def samples(self, count, is_wild=False):
        arrays = {}
        for value, magnitude in zip(self.inputs, self.magnitudes):
            shape = [count, *value.shape[1:]] if self.dynamic else [count, *value.shape]
            array = self.random.normal(0, magnitude, shape)
            array *= self.random.choice([1, 1, 1, 10], shape)
            if is_wild:
                wild = self.random.choice(WILD, shape)
                array = np.where(self.random.random(shape) < 0.1, wild, array)
            arrays[value.name[1:]] = array.astype(np.float32)
        return arrays

    def calibration_samples(self, count):
        """Without the values beyond the range."""
        return {
            value.name[1:]: self.random.normal(
                0, magnitude, [count, *value.shape[1:]] if self.dynamic else [count, *value.shape]
            ).astype(np.float32)
            for value, magnitude in zip(self.inputs, self.magnitudes)
        }


#
# Steps: each adds a value to the network, or none if there is nothing to work on.
#


def convolution(network):
    name = network.pick(*(n for n in CONVOLUTIONS if "conv" in n))
    orders = CONVOLUTIONS[name]
    grouped = "g" in orders[0]
    rank = len(orders[0]) - grouped
    x = network.use(rank)
    if not x:
        return None
    order = orders[0]
    if grouped:
        # The channels are split into groups.
        axis = order.index("g")
        channels = x.shape[axis]
        groups = network.pick(*(g for g in (1, 2, 4) if channels % g == 0))
        shape = [*x.shape[:axis], groups, channels // groups, *x.shape[axis + 1 :]]
        parts = [[i] for i in range(axis)] + [[axis, axis + 1]]
        parts += [[i] for i in range(axis + 2, rank + 1)]
        x = network.expand(x, parts, shape)
    sizes = dict(zip(order, x.shape))
    sizes.update(f=network.pick(1, 2, 3, 5, 8, 16), m=network.pick(1, 2))
    spatial = [axis for axis in "hw" if axis in order]
    strides = {axis: network.pick(1, 1, 2) for axis in spatial}
    dilations = {axis: network.pick(1, 1, 1, 2) for axis in spatial}
    kernel = {axis: network.pick(1, 1, 2, 3, 3) for axis in spatial}
    if network.chance(0.3):
        kernel = {axis: 1 for axis in spatial}
    padding = {axis: network.random.integers(0, 2, 2).tolist() for axis in spatial}
    if network.chance():
        low, high = ([padding.get(axis, [0, 0])[side] for axis in order] for side in (0, 1))
        x = network.pad(x, low, high)
    for axis in spatial:
        size = x.shape[order.index(axis)]
        if (kernel[axis] - 1) * dilations[axis] + 1 > size:
            kernel[axis], dilations[axis] = 1, 1
        sizes[axis] = window(size, kernel[axis], strides[axis], dilations[axis])
    shape = [sizes[axis] for axis in orders[2]]
    filter_sizes = {**sizes, **kernel}
    filter_shape = [filter_sizes[axis] for axis in orders[1]]
    if multiply(shape[1:]) > LIMIT or multiply(filter_shape) > LIMIT:
        return None
    channel = next((orders[1].index(axis) for axis in "fm" if axis in orders[1]), None)
    if channel is None:
        channel = orders[1].index("c")
    depth = multiply(kernel.values()) * ("depthwise" in name or sizes["c"])
    w = network.weights(filter_shape, channel, depth)
    result_channel = orders[2].find("f") if "f" in orders[2] else orders[2].index("c")
    init = network.bias(shape, result_channel)
    attributes = ", ".join(
        f"{key} = dense<{[values[axis] for axis in spatial]}> : tensor<{len(spatial)}xi64>"
        for key, values in (("strides", strides), ("dilations", dilations))
    )
    y = network.structured("linalg." + name, [x, w], init, f"{{{attributes}}}")
    if len(y.shape) == 5:
        # Groups, or multiples of channels, become channels again.
        axis = orders[2].index("g") if grouped else 3
        parts = [[i] for i in range(axis)] + [[axis, axis + 1]]
        y = network.collapse(y, parts + [[i] for i in range(axis + 2, 5)])
    return y


def matmul(network):
    x = network.use(2)
    if not x:
        return None
    k, n = x.shape[1], network.pick(1, 2, 5, 8, 16, 17)
    if network.chance(0.3):
        w = network.weights([n, k], 0, k)
        maps = ["(m, n, k) -> (m, k)", "(m, n, k) -> (n, k)", "(m, n, k) -> (m, n)"]
        maps = ", ".join(f"affine_map<{text}>" for text in maps)
        init = network.bias(["N", n], 1)
        return network.structured("linalg.matmul", [x, w], init, f"indexing_maps = [{maps}]")
    w = network.weights([k, n], 1, k)
    return network.structured("linalg.matmul", [x, w], network.bias(["N", n], 1))


def projection(network):
    """Weights for the last dimension of a sequence."""
    x = network.use(3)
    if not x:
        return None
    t, k, n = x.shape[1], x.shape[2], network.pick(1, 3, 8, 16)
    w = network.weights([k, n], 1, k)
    kind = network.pick("generic", "flat")
    if kind == "flat" and not network.dynamic:
        flat = network.collapse(x, [[0, 1], [2]])
        init = network.bias([flat.shape[0], n], 1)
        y = network.structured("linalg.matmul", [flat, w], init)
        return network.expand(y, [[0, 1], [2]], [x.shape[0], t, n])
    maps = ["(b, t, n, k) -> (b, t, k)", "(b, t, n, k) -> (k, n)", "(b, t, n, k) -> (b, t, n)"]
    kinds = ["parallel"] * 3 + ["reduction"]
    payload = ["%p = arith.mulf %in0, %in1 : f32", "%s = arith.addf %out, %p : f32"]
    init = network.bias(["N", t, n], 2)
    return network.generic(maps, kinds, [x, w], init, [*payload, "linalg.yield %s : f32"])


def batch_matmul(network):
    """Two activations, or one with its transpose."""
    x = network.use(3)
    if not x:
        return None
    m, k = x.shape[1:]
    y = network.use(3, lambda value: value.shape[1] == k)
    if y is None or network.chance(0.3):
        z = network.use(3, lambda value: value.shape[2] == k)
        y = network.transposed(z, [0, 2, 1])
    n = y.shape[2]
    if m * n > LIMIT:
        return None
    return network.structured("linalg.batch_matmul", [x, y], network.fill(["N", m, n], "f32"))


def clamp(network):
    x = network.use()
    form = network.pick("relu", "generic", "minmax", "tensor")
    if form == "relu":
        zeros = network.uniform(x.shape, 0)
        return network.structured("linalg.max", [x, zeros], network.empty(x.shape, "f32"))
    if form == "tensor":
        zeros = network.uniform(x.shape, 0)
        return network.op(f"arith.maximumf {x}, {zeros} :", x.shape, "f32")
    low, high = network.pick((0, 6), (-1, 1), (0, 0.5), (-3, 0), (0.25, 2))
    low, high = network.scalar(low), network.scalar(high)
    if form == "generic":
        payload = [f"%a = arith.maximumf %in0, {low} : f32"]
        payload += [f"%b = arith.minimumf %a, {high} : f32", "linalg.yield %b : f32"]
        return network.map_elements([x], payload)
    y = network.map_elements(
        [x], [f"%a = arith.minimumf %in0, {high} : f32", "linalg.yield %a : f32"]
    )
    return network.map_elements(
        [y], [f"%a = arith.maximumf %in0, {low} : f32", "linalg.yield %a : f32"]
    )


def binary(network, name):
    x = network.use()
    y = network.use(len(x.shape), lambda value: value.shape == x.shape)
    form = network.pick("named", "tensor", "generic")
    if form == "named":
        return network.structured(f"linalg.{name}", [x, y], network.empty(x.shape, "f32"))
    if form == "tensor":
        return network.op(f"arith.{name}f {x}, {y} :", x.shape, "f32")
    return network.map_elements(
        [x, y], [f"%a = arith.{name}f %in0, %in1 : f32", "linalg.yield %a : f32"]
    )


def add(network):
    return binary(network, "add")


def gate(network):
    return binary(network, "mul")


def broadcast_gate(network):
    """Channels times, or plus, a number each."""
    x = network.use(4)
    if not x:
        return None
    axis = network.pick(1, 3)
    g = network.use(2, lambda value: value.shape[1] == x.shape[axis])
    if not g:
        g = average(network, x, [i for i in (1, 2, 3) if i != axis])
    letter = "abcd"[axis]
    maps = ["(a, b, c, d) -> (a, b, c, d)", f"(a, b, c, d) -> (a, {letter})"]
    name = network.pick("mul", "mul", "add")
    payload = [f"%p = arith.{name}f %in0, %in1 : f32", "linalg.yield %p : f32"]
    return network.map_elements([x, g], payload, x.shape, maps)


def average(network, x, dims):
    kept = [x.shape[axis] for axis in range(len(x.shape)) if axis not in dims]
    init = network.fill(kept, "f32")
    total = Value(network.fresh(), init.shape, "f32")
    network.line(
        f"{total} = linalg.reduce {{arith.addf}} ins({x} : {x.type}) "
        f"outs({init} : {init.type}) dimensions = {dims}"
    )
    return divide(network, total, multiply([x.shape[axis] for axis in dims]))


def divide(network, total, count):
    if network.chance(0.15):
        return total
    name, number = network.pick(("div", count), ("mul", 1 / count))
    scalar = network.scalar(number)
    payload = [f"%a = arith.{name}f %in0, {scalar} : f32", "linalg.yield %a : f32"]
    return network.map_elements([total], payload)


def mean(network):
    x = network.use(condition=lambda value: len(value.shape) > 2)
    if not x:
        return None
    axes = range(1, len(x.shape))
    dims = [axis for axis in axes if network.chance()][: len(x.shape) - 2]
    return average(network, x, dims or [network.pick(*axes)])


def pooling(network):
    x = network.use(4)
    if not x:
        return None
    order = network.pick("nchw", "nhwc")
    kind = network.pick("max", "sum")
    kernel = [network.pick(1, 2, 3), network.pick(1, 2, 3)]
    if kind == "max" and network.chance(0.3):
        lowest = network.scalar(-3.4028235e38)
        low = [int(axis in "hw") for axis in order]
        x = network.pad(x, low, low, lowest)
    strides = [network.pick(1, 2), network.pick(1, 2)]
    sizes = dict(zip(order, x.shape))
    for axis, size, stride in zip("hw", kernel, strides):
        if sizes[axis] < size:
            return None
        sizes[axis] = window(sizes[axis], size, stride, 1)
    shape = [sizes[axis] for axis in order]
    w = network.empty(kernel, "f32")
    number = "0xFF800000" if network.chance() else "-3.4028234663852886E+38"
    lowest = network.fresh()
    network.line(f"{lowest} = arith.constant {number if kind == 'max' else '0.0'} : f32")
    init = network.fill(shape, "f32", lowest)
    attributes = f"{{strides = dense<{strides}> : tensor<2xi64>}}"
    y = network.structured(f"linalg.pooling_{order}_{kind}", [x, w], init, attributes)
    return y if kind == "max" else divide(network, y, multiply(kernel))


def spell_out(network, x, lines):
    """Every line of the body of an elementwise op as an op of its own."""
    tensors = {"%in0": x}
    for line in lines:
        result, _, operation = line.partition(" = ")
        inputs = list(dict.fromkeys(re.findall(r"%\w+", operation)))
        inputs = [name for name in inputs if name in tensors]
        numbers = {name: f"%in{number}" for number, name in enumerate(inputs)}
        operation = re.sub(
            r"%\w+", lambda name: numbers.get(name.group(), name.group()), operation
        )
        tensors[result] = network.map_elements(
            [tensors[name] for name in inputs],
            [f"%r = {operation}", "linalg.yield %r : f32"],
        )
    return tensors["%r"]


def activation(network):
    x = network.use()
    name = network.pick("sigmoid", "tanh", "gelu", "hardswish", "leaky", "swish", "elu")
    number = {key: network.scalar(key) for key in (0, 0.1, 0.5, 1, 3, 6)}
    root = network.scalar(np.sqrt(0.5))
    sixth = network.scalar(1 / 6)
    lines = {
        "sigmoid": [
            "%a = arith.negf %in0 : f32",
            "%b = math.exp %a : f32",
            f"%c = arith.addf %b, {number[1]} : f32",
            f"%r = arith.divf {number[1]}, %c : f32",
        ],
        "tanh": ["%r = math.tanh %in0 : f32"],
        "gelu": [
            f"%a = arith.mulf %in0, {root} : f32",
            "%b = math.erf %a : f32",
            f"%c = arith.addf %b, {number[1]} : f32",
            f"%d = arith.mulf %in0, {number[0.5]} : f32",
            "%r = arith.mulf %d, %c : f32",
        ],
        "hardswish": [
            f"%a = arith.addf %in0, {number[3]} : f32",
            f"%b = arith.maximumf %a, {number[0]} : f32",
            f"%c = arith.minimumf %b, {number[6]} : f32",
            f"%d = arith.mulf %c, {sixth} : f32",
            "%r = arith.mulf %in0, %d : f32",
        ],
        "leaky": [
            f"%a = arith.mulf %in0, {number[0.1]} : f32",
            f"%b = arith.cmpf ogt, %in0, {number[0]} : f32",
            "%r = arith.select %b, %in0, %a : f32",
        ],
        "swish": [
            "%a = arith.negf %in0 : f32",
            "%b = math.exp %a : f32",
            f"%c = arith.addf %b, {number[1]} : f32",
            "%r = arith.divf %in0, %c : f32",
        ],
        "elu": [
            f"%a = arith.minimumf %in0, {number[0]} : f32",
            "%b = math.expm1 %a : f32",
            f"%c = arith.cmpf ogt, %in0, {number[0]} : f32",
            "%r = arith.select %c, %in0, %b : f32",
        ],
    }[name]
    if name not in ("leaky", "elu") and network.chance():
        return spell_out(network, x, lines)
    return network.map_elements([x], [*lines, "linalg.yield %r : f32"])


def softmax(network):
    x = network.use()
    axis = network.pick(*range(1, len(x.shape)))
    init = network.empty(x.shape, "f32")
    return network.op(
        f"linalg.softmax dimension({axis}) ins({x} : {x.type}) outs({init} : {init.type}) ->",
        x.shape,
        "f32",
    )


def transpose(network):
    x = network.use()
    axes = 1 + network.random.permutation(len(x.shape) - 1)
    return network.transposed(x, [0, *axes.tolist()])


def flatten(network):
    x = network.use(condition=lambda value: len(value.shape) > 2)
    if not x:
        return None
    rank = len(x.shape)
    first = network.pick(*range(1, rank - 1))
    last = network.pick(*range(first + 1, rank))
    groups = [[i] for i in range(first)] + [list(range(first, last + 1))]
    return network.collapse(x, groups + [[i] for i in range(last + 1, rank)])


def split(network):
    """A dimension becomes two."""
    x = network.use(condition=lambda value: len(value.shape) < 4)
    if not x:
        return None
    axis = network.pick(*range(1, len(x.shape)))
    size = x.shape[axis]
    outer = network.pick(*(d for d in range(1, size + 1) if size % d == 0))
    shape = [*x.shape[:axis], outer, size // outer, *x.shape[axis + 1 :]]
    groups = [[i] for i in range(axis)] + [[axis, axis + 1]]
    groups += [[i + 1] for i in range(axis + 1, len(x.shape))]
    return network.expand(x, groups, shape)


def cut(network):
    """A part of a tensor."""
    x = network.use()
    offsets, sizes, strides = [0], [x.shape[0]], [1]
    for size in x.shape[1:]:
        offset = int(network.random.integers(0, size)) if network.chance() else 0
        stride = network.pick(1, 1, 2)
        most = (size - offset - 1) // stride + 1
        offsets.append(offset)
        strides.append(stride)
        sizes.append(int(network.random.integers(1, most + 1)) if network.chance() else most)
    texts = ["%samples" if size == "?" else str(size) for size in sizes]
    return network.op(
        f"tensor.extract_slice {x}[{', '.join(map(str, offsets))}] [{', '.join(texts)}] "
        f"{strides} : {x.type} to",
        sizes,
        "f32",
    )


def margin(network):
    """A border of zeros, or of another number."""
    x = network.use()
    low, high = (
        [0, *network.random.integers(0, 2, len(x.shape) - 1).tolist()] for _ in range(2)
    )
    number = network.pick(0, 0, 0, 0.3, -1)
    return network.pad(x, low, high, network.scalar(number))


def concatenate(network):
    x = network.use()
    axis = network.pick(*range(1, len(x.shape)))

    def fits(value):
        return all(i == axis or a == b for i, (a, b) in enumerate(zip(x.shape, value.shape)))

    parts = [x] + [network.use(len(x.shape), fits) for _ in range(network.pick(1, 1, 2))]
    total = sum(part.shape[axis] for part in parts)
    shape = [*x.shape[:axis], total, *x.shape[axis + 1 :]]
    if multiply(shape[1:]) > LIMIT:
        return None
    if network.chance():
        operands = ", ".join(map(str, parts))
        types = ", ".join(part.type for part in parts)
        return network.op(f"tensor.concat dim({axis}) {operands} : ({types}) ->", shape, "f32")
    result = network.empty(shape, "f32")
    offset = 0
    for part in parts:
        offsets = [offset if i == axis else 0 for i in range(len(shape))]
        sizes = ", ".join("%samples" if size == "?" else str(size) for size in part.shape)
        result = network.op(
            f"tensor.insert_slice {part} into {result}{offsets} [{sizes}] {[1] * len(shape)} "
            f": {part.type} into",
            shape,
            "f32",
        )
        offset += part.shape[axis]
    return result


def layer(network, x, size):
    """A product with weights, and a clamp or not."""
    w = network.weights([x.shape[1], size], 1, x.shape[1])
    y = network.structured("linalg.matmul", [x, w], network.bias([x.shape[0], size], 1))
    if network.chance():
        return y
    zeros = network.uniform(y.shape, 0)
    return network.structured("linalg.max", [y, zeros], network.empty(y.shape, "f32"))


def branch(network, condition, x, size):
    """One layer or another, or the input as it is."""
    result = Value(network.fresh(), [x.shape[0], size], "f32")
    network.line(f"{result} = scf.if {condition} -> ({result.type}) {{")
    y = layer(network, x, size)
    network.line(f"scf.yield {y} : {y.type}")
    network.line("} else {")
    y = x if x.shape[1] == size and network.chance() else layer(network, x, size)
    network.line(f"scf.yield {y} : {y.type}")
    network.line("}")
    return result


def choice(network):
    """A branch that the number of samples decides."""
    x = network.use(2)
    if not x or not network.dynamic:
        return None
    one, condition = network.fresh(), network.fresh()
    network.line(f"{one} = arith.constant 1 : index")
    network.line(f"{condition} = arith.cmpi sgt, %samples, {one} : index")
    return branch(network, condition, x, network.pick(1, 4, 8))


def recurrence(network):
    """A loop that carries what a layer computes."""
    x = network.use(2)
    if not x:
        return None
    bounds = [network.fresh() for _ in range(3)]
    for name, number in zip(bounds, (0, network.pick(1, 2, 3), 1)):
        network.line(f"{name} = arith.constant {number} : index")
    begin, end, step = bounds
    result = Value(network.fresh(), x.shape, "f32")
    carried = Value(network.fresh(), x.shape, "f32")
    index = network.fresh()
    network.line(
        f"{result} = scf.for {index} = {begin} to {end} step {step} "
        f"iter_args({carried} = {x}) -> ({x.type}) {{"
    )
    size = x.shape[1]
    if network.chance(0.3):
        condition = network.fresh()
        network.line(f"{condition} = arith.cmpi eq, {index}, {begin} : index")
        y = branch(network, condition, carried, size)
    else:
        y = layer(network, carried, size)
    if network.chance(0.3):
        init = network.empty(x.shape, "f32")
        y = network.structured("linalg.add", [y, x], init)
    network.line(f"scf.yield {y} : {y.type}")
    network.line("}")
    return result


def another_input(network):
    x = network.use()
    network.begin(["N", *x.shape[1:]])
    return None


PRODUCTS = (convolution, matmul, projection, batch_matmul)
STEPS = (
    *PRODUCTS * 3,
    clamp,
    clamp,
    add,
    add,
    gate,
    broadcast_gate,
    mean,
    pooling,
    pooling,
    activation,
    activation,
    softmax,
    transpose,
    transpose,
    flatten,
    split,
    cut,
    margin,
    concatenate,
    choice,
    recurrence,
    another_input,
)


def make_networks(seeds, module_seed, dynamic, length, has_softmax):
    """A module of one network for each of `seeds`, of up to `length` steps each.
    With softmax much of what follows is not equal to the bit."""
    steps_to_take = [step for step in STEPS if has_softmax or step is not softmax]
    network = FloatNetwork(module_seed, dynamic)
    for seed in seeds:
        network.start(seed)
        steps = int(network.random.integers(1, length + 1))
        added = tried = 0
        while added < steps and tried < 20 * length:
            tried += 1
            # A network begins with something to quantize.
            choices = steps_to_take if added or tried > 3 * length else PRODUCTS
            value = network.pick(*choices)(network)
            if value and multiply(value.shape[1:]) <= LIMIT:
                network.keep(value)
                added += 1
        network.finish()
    network.random = np.random.default_rng(module_seed)
    return network
