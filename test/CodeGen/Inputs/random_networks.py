"""Random networks in MLIR, for comparing what runs them."""

import numpy as np

# Element types and the arrays that hold them.
DTYPES = {
    "f32": np.float32,
    "f64": np.float64,
    "i1": np.bool_,
    "i8": np.int8,
    "i16": np.int16,
    "i32": np.int32,
    "i64": np.int64,
}

# Floats that rounding, clamping and comparing may get wrong: no numbers, numbers
# beyond every integer, and halves (of the scale 1/64 as well).
WILD = [np.nan, np.inf, -np.inf, 0.0, -0.0, 3e38, -3e38, 3e9, -3e9, 1e-42]
WILD += [number / 128 for number in range(-11, 12, 2)]


class Value:
    """An SSA value: a tensor, whose first size may be "?"."""

    def __init__(self, name, shape, element):
        self.name, self.shape, self.element = name, list(shape), element
        # Whether an input is to have the floats that need care.
        self.is_wild = False

    @property
    def type(self):
        return f"tensor<{''.join(f'{size}x' for size in self.shape)}{self.element}>"

    def __str__(self):
        return self.name


def window(size, kernel, stride, dilation):
    """How many positions a window has along a dimension."""
    return (size - (kernel - 1) * dilation - 1) // stride + 1


class Network:
    """A module under construction. With `dynamic` every input has its samples
    along a first dimension of size "?" (written N in the shapes given here)."""

    def __init__(self, seed, dynamic):
        self.random = np.random.default_rng(seed)
        self.dynamic = dynamic
        self.batch = "?" if dynamic else self.pick(1, 2, 3, 7)
        self.inputs, self.lines, self.results = [], [], []
        self.functions = []
        self.next = 0

    def pick(self, *choices):
        return choices[self.random.integers(len(choices))]

    def chance(self, probability=0.5):
        return self.random.random() < probability

    def fresh(self):
        self.next += 1
        return f"%v{self.next - 1}"

    def line(self, text):
        self.lines.append("    " + text)

    def shape(self, shape):
        return [self.batch if size == "N" else size for size in shape]

    # Values.

    def input(self, shape, element, is_wild=False):
        value = Value(f"%arg{len(self.inputs)}", self.shape(shape), element)
        value.is_wild = is_wild
        self.inputs.append(value)
        return value

    def array(self, shape, element):
        """Random elements, extremes among them."""
        if element in ("i8", "i16"):
            limits = np.iinfo(DTYPES[element])
            array = self.random.integers(limits.min, limits.max + 1, shape)
            extreme = self.random.choice([limits.min, limits.max], shape)
            array = np.where(self.random.random(shape) < 0.2, extreme, array)
        elif element == "i1":
            array = self.random.integers(0, 2, shape)
        elif element in ("i32", "i64"):
            array = self.random.integers(-(2**20), 2**20, shape)
        else:
            array = self.random.uniform(-1, 1, shape)
        return np.asarray(array).astype(DTYPES[element])

    def constant(self, shape, element, array=None):
        value = Value(self.fresh(), shape, element)
        if array is None:
            array = self.array(shape, element)
        text = f'"0x{np.asarray(array, DTYPES[element]).tobytes().hex().upper()}"'
        self.line(f"{value} = arith.constant dense<{text}> : {value.type}")
        return value

    def scalar(self, number, element):
        name = self.fresh()
        self.line(f"{name} = arith.constant {number} : {element}")
        return name

    def factor(self, shape, element, constant):
        """The second factor of a product: weights, most of which are no wider than a
        byte if they are integers, or another input."""
        if not constant:
            return self.input(shape, element)
        if element[0] == "f":
            return self.constant(shape, element)
        if element == "i16" and self.chance(0.3):
            return self.constant(shape, element)
        # Weights of 7 bits have kernels of their own.
        weights = self.array(shape, "i8")
        return self.constant(shape, "i8", weights >> 1 if self.chance(0.4) else weights)

    def op(self, text, shape, element):
        """`text` with a result of this shape, whose type ends it."""
        value = Value(self.fresh(), self.shape(shape), element)
        self.line(f"{value} = {text} {value.type}")
        return value

    def empty(self, shape, element):
        shape = self.shape(shape)
        size = "%samples" if "?" in shape else ""
        return self.op(f"tensor.empty({size}) :", shape, element)

    def zero(self, element):
        name = self.fresh()
        self.line(f"{name} = arith.constant {'0.0' if element[0] == 'f' else '0'} : {element}")
        return name

    def fill(self, shape, element, scalar=None):
        scalar = scalar or self.zero(element)
        empty = self.empty(shape, element)
        return self.op(
            f"linalg.fill ins({scalar} : {element}) outs({empty} : {empty.type}) ->",
            shape,
            element,
        )

    def accumulator(self, shape, element, channel_axis, bias=None):
        """What a product begins with: `bias`, or else zeros or any."""
        if bias is None and self.chance():
            return self.fill(shape, element)
        bias = self.constant([shape[channel_axis]], element, bias)
        empty = self.empty(shape, element)
        others = [axis for axis in range(len(shape)) if axis != channel_axis]
        result = Value(self.fresh(), self.shape(shape), element)
        self.line(
            f"{result} = linalg.broadcast ins({bias} : {bias.type}) "
            f"outs({empty} : {empty.type}) dimensions = {others}"
        )
        return result

    def structured(self, name, inputs, init, attributes=""):
        operands = ", ".join(map(str, inputs))
        types = ", ".join(value.type for value in inputs)
        return self.op(
            f"{name} {attributes} ins({operands} : {types}) outs({init} : {init.type}) ->",
            init.shape,
            init.element,
        )

    def generic(self, maps, iterators, inputs, init, payload):
        """`payload` is the body, with %in0, %in1, ... and %out."""
        iterators = ", ".join(f'"{kind}"' for kind in iterators)
        arguments = [f"%in{i}: {value.element}" for i, value in enumerate(inputs)]
        arguments.append(f"%out: {init.element}")
        maps = ", ".join(f"affine_map<{text}>" for text in maps)
        operands = ""
        if inputs:
            types = ", ".join(value.type for value in inputs)
            operands = f"ins({', '.join(map(str, inputs))} : {types}) "
        result = Value(self.fresh(), init.shape, init.element)
        self.line(
            f"{result} = linalg.generic {{indexing_maps = [{maps}], iterator_types = "
            f"[{iterators}]}} {operands}outs({init} : {init.type}) {{"
        )
        self.line(f"^bb0({', '.join(arguments)}):")
        for text in payload:
            self.line("  " + text)
        self.line(f"}} -> {init.type}")
        return result

    def pad(self, value, low, high, scalar=None):
        scalar = scalar or self.zero(value.element)
        shape = [
            size if size == "?" else size + l + h for size, l, h in zip(value.shape, low, high)
        ]
        indices = ", ".join(f"%i{axis}: index" for axis in range(len(shape)))
        result = Value(self.fresh(), shape, value.element)
        self.line(f"{result} = tensor.pad {value} low{list(low)} high{list(high)} {{")
        self.line(f"^bb0({indices}):")
        self.line(f"  tensor.yield {scalar} : {value.element}")
        self.line(f"}} : {value.type} to {result.type}")
        return result

    def output(self, value):
        self.results.append(value)

    # The module.

    def __str__(self):
        arguments = ", ".join(f"{value}: {value.type}" for value in self.inputs)
        types = ", ".join(value.type for value in self.results)
        values = ", ".join(map(str, self.results))
        lines = [*self.functions]
        lines.append(f"  func.func @forward({arguments}) -> ({types}) attributes {{ptq.entry}} {{")
        if self.dynamic:
            lines.append("    %axis = arith.constant 0 : index")
            lines.append(f"    %samples = tensor.dim %arg0, %axis : {self.inputs[0].type}")
        lines += self.lines
        lines.append(f"    return {values} : {types}")
        return "\n".join(["module {", *lines, "  }", "}", ""])

    def samples(self, count):
        """Arrays for the inputs by name, `count` samples of each."""
        arrays = {}
        for value in self.inputs:
            shape = [count, *value.shape[1:]] if self.dynamic else [count, *value.shape]
            array = self.array(shape, value.element)
            if value.is_wild:
                array = np.where(
                    self.random.random(shape) < 0.3, self.random.choice(WILD, shape), array
                ).astype(array.dtype)
            arrays[value.name[1:]] = array
        return arrays


#
# Products.
#


def random_element(network):
    """Element types of factors and sums."""
    return network.pick(("f32", "f32"), ("i8", "i32"), ("i16", "i32"), ("i16", "i64"))


def add_bytes(network, value, channel_axis):
    """Brings an accumulator down to codes, as the integer form does."""
    if value.element not in ("i32", "i64") or network.chance(0.4):
        return network.output(value)
    size = value.shape[channel_axis]
    scales = network.constant([size], "f32", network.random.uniform(0.001, 0.01, [size]))
    zero = network.fresh()
    storage, kind = network.pick(("i8", "i8"), ("i16", "i32"))
    network.line(f"{zero} = arith.constant {network.random.integers(-128, 128)} : {kind}")
    low = network.pick("", "", "low -5 ")
    codes = network.op(
        f"ptq.requantize {value}, {scales}, {zero} axis {channel_axis} {low}"
        f": {value.type}, {scales.type}, {kind} ->",
        value.shape,
        storage,
    )
    network.output(look_up(network, codes) if network.chance(0.3) else codes)


def look_up(network, codes):
    """A function of the codes, if these are bytes, as a table."""
    if codes.element != "i8":
        return codes
    table = network.constant([256], "i8")
    return network.op(
        f"ptq.lookup {codes}, {table} : {codes.type}, {table.type} ->", codes.shape, "i8"
    )


SIZES = (1, 2, 3, 4, 5, 7, 8, 12, 15, 16, 17, 31, 33, 64, 65)


def matmul(network, constant=True):
    element, total = random_element(network)
    k, n = network.pick(*SIZES), network.pick(*SIZES)
    if network.dynamic and not constant:
        return batch_matmul(network, constant)
    m = "N" if network.dynamic else network.pick(*SIZES)
    x = network.input([m, k], element)
    attributes, shape = "", [k, n]
    if network.chance(0.3):
        shape = [n, k]
        attributes = (
            "indexing_maps = [affine_map<(m, n, k) -> (m, k)>, "
            "affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]"
        )
    w = network.factor(shape, element, constant)
    init = network.accumulator([m, n], total, 1)
    add_bytes(network, network.structured("linalg.matmul", [x, w], init, attributes), 1)


def batch_matmul(network, constant=False, elements=None):
    element, total = elements or random_element(network)
    m, k, n = (network.pick(*SIZES) for _ in range(3))
    constant = constant and not network.dynamic
    x = network.input(["N", m, k], element)
    attributes, shape = "", [k, n]
    if network.chance(0.4):
        shape = [n, k]
        attributes = (
            "indexing_maps = [affine_map<(b, m, n, k) -> (b, m, k)>, "
            "affine_map<(b, m, n, k) -> (b, n, k)>, "
            "affine_map<(b, m, n, k) -> (b, m, n)>]"
        )
    w = network.factor(["N" if not constant else network.batch, *shape], element, constant)
    init = network.accumulator(["N", m, n], total, 2)
    sums = network.structured("linalg.batch_matmul", [x, w], init, attributes)
    add_bytes(network, sums, 2)


def code_products(network):
    """Bytes times bytes, one of which is packed in the call."""
    batch_matmul(network, constant=network.chance(0.3), elements=("i8", "i32"))


def matrix_vector(network):
    if network.dynamic:
        return batch_matmul(network)
    element, total = random_element(network)
    m, k = network.pick(*SIZES), network.pick(*SIZES)
    constant = network.chance()
    kind = network.pick("matvec", "vecmat", "dot")
    if kind == "matvec":
        inputs = [network.factor([m, k], element, constant), network.input([k], element)]
        shape = [m]
    elif kind == "vecmat":
        inputs = [network.input([k], element), network.factor([k, m], element, constant)]
        shape = [m]
    else:
        inputs = [network.input([k], element), network.factor([k], element, constant)]
        shape = []
    network.output(network.structured("linalg." + kind, inputs, network.fill(shape, total)))


# Orders of the dimensions of images, filters and results.
CONVOLUTIONS = {
    "conv_2d_nchw_fchw": ("nchw", "fchw", "nfhw"),
    "conv_2d_nhwc_hwcf": ("nhwc", "hwcf", "nhwf"),
    "conv_2d_nhwc_fhwc": ("nhwc", "fhwc", "nhwf"),
    "conv_2d_ngchw_gfchw": ("ngchw", "gfchw", "ngfhw"),
    "conv_2d_nhwgc_gfhwc": ("nhwgc", "gfhwc", "nhwgf"),
    "depthwise_conv_2d_nchw_chw": ("nchw", "chw", "nchw"),
    "depthwise_conv_2d_nhwc_hwc": ("nhwc", "hwc", "nhwc"),
    "depthwise_conv_2d_nhwc_hwcm": ("nhwc", "hwcm", "nhwcm"),
    "conv_1d_nwc_wcf": ("nwc", "wcf", "nwf"),
    "conv_1d_ncw_fcw": ("ncw", "fcw", "nfw"),
    "pooling_nchw_max": ("nchw", "hw", "nchw"),
    "pooling_nhwc_max": ("nhwc", "hw", "nhwc"),
    "pooling_nchw_sum": ("nchw", "hw", "nchw"),
    "pooling_nhwc_sum": ("nhwc", "hw", "nhwc"),
    "pooling_nhwc_min": ("nhwc", "hw", "nhwc"),
}


def convolution(network, name=None, is_wide=False, is_bordered=False):
    """With `is_wide`, of many channels and a window of 3 by 3; with `is_bordered`, of
    windows that mostly reach out of the image."""
    name = name or network.pick(*CONVOLUTIONS)
    orders = CONVOLUTIONS[name]
    element, total = ("i8", "i32") if is_wide or is_bordered else random_element(network)
    is_pooling = name.startswith("pooling")
    if is_pooling:
        total = element
    sizes = {
        "n": "N",
        "c": network.pick(1, 3, 4, 5, 8, 16, 17),
        "f": network.pick(1, 3, 5, 8, 16, 17, 33),
        "g": network.pick(1, 2, 3),
        "m": network.pick(1, 2, 3),
    }
    if name.startswith("depthwise"):
        sizes["c"] = network.pick(1, 3, 8, 16, 17, 24, 40, 64, 100)
    spatial = [axis for axis in "hw" if axis in orders[0]]
    strides = {axis: network.pick(1, 1, 2, 3) for axis in spatial}
    dilations = {axis: network.pick(1, 1, 2) for axis in spatial}
    kernel = {axis: int(network.random.integers(1, 5)) for axis in spatial}
    if is_wide:
        sizes.update(c=network.pick(16, 17, 32, 40), f=network.pick(16, 17, 24, 33, 48))
        dilations, kernel = ({axis: size for axis in spatial} for size in (1, 3))
        strides = {axis: network.pick(1, 1, 2) for axis in spatial}
    padding = {axis: network.random.integers(0, 3, 2).tolist() for axis in spatial}
    if is_bordered:
        sizes["c"] = network.pick(3, 4, 8, 16, 17)
        kernel = {axis: network.pick(2, 3, 5) for axis in spatial}
        padding = {axis: network.random.integers(0, 6, 2).tolist() for axis in spatial}
        # Of many weights, every row of the image meets some before the next.
        if network.chance(0.1):
            sizes.update(c=200, f=300)
    image = dict(sizes)
    for axis in spatial:
        needed = (kernel[axis] - 1) * dilations[axis] + 1
        image[axis] = max(1, needed - sum(padding[axis])) + int(network.random.integers(0, 9))
    x = network.input([image[axis] for axis in orders[0]], element)
    if is_bordered or network.chance(0.7):
        scalar = None
        if element == "i8":
            # Kernels leave the border out, which is easier where nothing is added for it.
            code = network.pick(-128, 0, *network.random.integers(-128, 128, 2))
            scalar = network.scalar(code, "i8")
        low, high = ([padding.get(axis, [0, 0])[side] for axis in orders[0]] for side in (0, 1))
        x = network.pad(x, low, high, scalar)
    else:
        for axis in spatial:
            kernel[axis] = min(kernel[axis], (image[axis] - 1) // dilations[axis] + 1)
    result = dict(sizes)
    for axis in spatial:
        size = x.shape[orders[0].index(axis)]
        result[axis] = window(size, kernel[axis], strides[axis], dilations[axis])
    shape = [result[axis] for axis in orders[2]]
    weights = [{**sizes, **kernel}[axis] for axis in orders[1]]
    attributes = ", ".join(
        f"{key} = dense<{[values[axis] for axis in spatial]}> : tensor<{len(spatial)}xi64>"
        for key, values in (("strides", strides), ("dilations", dilations))
    )
    if is_pooling:
        w = network.empty(weights, element)
        lowest = {"max": -128, "min": 127, "sum": 0}[name[-3:]]
        scalar = network.fresh()
        suffix = ".0" if element == "f32" else ""
        network.line(f"{scalar} = arith.constant {lowest}{suffix} : {element}")
        init = network.fill(shape, total, scalar)
        return network.output(
            network.structured(f"linalg.{name}", [x, w], init, f"{{{attributes}}}")
        )
    w = network.factor(weights, element, network.dynamic or network.chance(0.8))
    channel = len(shape) - 1 if orders[2][-1] in "cfm" else orders[2].find("f")
    channel = channel if channel >= 0 else orders[2].index("c")
    init = network.accumulator(shape, total, channel)
    y = network.structured(f"linalg.{name}", [x, w], init, f"{{{attributes}}}")
    add_bytes(network, y, channel)


def wide_convolution(network):
    name = network.pick("conv_2d_nchw_fchw", "conv_2d_nhwc_hwcf", "conv_2d_nhwc_fhwc")
    convolution(network, name, is_wide=True)


def bordered_convolution(network):
    name = network.pick("conv_2d_nchw_fchw", "conv_2d_nhwc_hwcf", "conv_2d_nhwgc_gfhwc")
    convolution(network, name, is_bordered=True)


def zero_points(network):
    """Products that subtract zero points on the way."""
    k, n = network.pick(*SIZES), network.pick(*SIZES)
    zeros = [Value(network.fresh(), [], "i32") for _ in range(2)]
    for zero in zeros:
        network.line(f"{zero} = arith.constant {network.random.integers(-128, 128)} : i32")
    m = "N" if network.dynamic else network.pick(*SIZES)
    inputs = [network.input([m, k], "i8"), network.constant([k, n], "i8")]
    operands = ", ".join(map(str, inputs + zeros))
    types = ", ".join([value.type for value in inputs] + ["i32", "i32"])
    init = network.accumulator([m, n], "i32", 1)
    network.output(
        network.op(
            f"linalg.quantized_matmul ins({operands} : {types}) outs({init} : {init.type}) ->",
            init.shape,
            "i32",
        )
    )


def bilinear(network):
    """A product written out, with odd maps and orders of loops."""
    if network.dynamic:
        return matmul(network)
    k, n, m = (network.pick(*SIZES) for _ in range(3))
    x = network.input([k, m], "i8")
    w = network.constant([n, k + 2], "i8")
    init = network.fill([m, n], "i32")
    # The weights may begin further on: by a slice, or by a map that reads all.
    inputs, offset = [w, x], 2
    if network.chance():
        inputs[0] = network.op(
            f"tensor.extract_slice {w}[0, {network.pick(0, 1, 2)}] [{n}, {k}] [1, 1] "
            f": {w.type} to",
            [n, k],
            "i8",
        )
        offset = 0
    maps = [f"(k, n, m) -> (n, k + {offset})", "(k, n, m) -> (k, m)", "(k, n, m) -> (m, n)"]
    payload = ["%a = arith.extsi %in0 : i8 to i32", "%b = arith.extsi %in1 : i8 to i32"]
    payload += ["%p = arith.muli %b, %a : i32", "%s = arith.addi %p, %out : i32"]
    payload += ["linalg.yield %s : i32"]
    iterators = ["reduction", "parallel", "parallel"]
    network.output(network.generic(maps, iterators, inputs, init, payload))


def scattering(network):
    """Outputs that move with a reduction."""
    if network.dynamic:
        return bilinear(network)
    element, total = random_element(network)
    n, k = network.pick(1, 5, 16, 33), network.pick(1, 3, 4, 17)
    inputs = [network.input([n], element), network.constant([k], element)]
    init = network.fill([n + k - 1], total)
    payload = ["%p = arith.mulf %in0, %in1 : f32", "%s = arith.addf %p, %out : f32"]
    if element != "f32":
        payload = [f"%{x} = arith.extsi %in{i} : {element} to {total}" for i, x in enumerate("ab")]
        payload += [f"%p = arith.muli %b, %a : {total}", f"%s = arith.addi %p, %out : {total}"]
    maps = ["(n, k) -> (n)", "(n, k) -> (k)", "(n, k) -> (n + k)"]
    iterators = [network.pick("parallel", "reduction"), "reduction"]
    payload.append(f"linalg.yield %s : {total}")
    network.output(network.generic(maps, iterators, inputs, init, payload))


#
# Elementwise ops and reductions.
#


def image(network):
    return ["N", *(network.pick(1, 2, 3, 5, 8, 17) for _ in range(3))]


def elementwise(network):
    shape = image(network)
    element = network.pick("f32", "f32", "i8", "i32", "f64", "i64")
    kinds = ["(a, b, c, d) -> (a, b, c, d)"]
    inputs = [network.input(shape, element)]
    for _ in range(2):
        axes = [axis for axis in range(1, 4) if network.chance()]
        inputs.append(network.constant([shape[axis] for axis in axes], element))
        kinds.append(f"(a, b, c, d) -> ({', '.join('abcd'[axis] for axis in axes)})")
    order = [0, *network.random.permutation([1, 2, 3]).tolist()]
    kinds.append(f"(a, b, c, d) -> ({', '.join('abcd'[axis] for axis in order)})")
    init = network.empty([shape[axis] for axis in order], element)
    suffix = "f" if element[0] == "f" else "i"
    ops = ["add", "sub", "mul"]
    extremes = ["maximum", "minimum"] if suffix == "f" else ["maxs", "mins"]
    a, b = network.pick(*ops), network.pick(*ops, *extremes)
    network.output(
        network.generic(
            kinds,
            ["parallel"] * 4,
            inputs,
            init,
            [
                f"%a = arith.{a}{suffix} %in0, %in1 : {element}",
                f"%b = arith.{b}{suffix} %a, %in2 : {element}",
                f"linalg.yield %b : {element}",
            ],
        )
    )


def named_elementwise(network):
    shape = image(network)
    name = network.pick("add", "sub", "mul", "max", "abs", "negf", "exp", "tanh", "floor")
    is_unary = name in ("abs", "negf", "exp", "tanh", "floor")
    is_wild = name not in ("exp", "tanh")
    inputs = [network.input(shape, "f32", is_wild) for _ in range(1 if is_unary else 2)]
    network.output(network.structured("linalg." + name, inputs, network.empty(shape, "f32")))


PREDICATES = ("eq", "gt", "ge", "lt", "le", "ne")


def comparison(network):
    """Conditions are elements of their own type."""
    shape = image(network)
    x, y = (network.input(shape, "f32", is_wild=True) for _ in range(2))
    order = network.pick("ord", "uno", *(a + b for a in "ou" for b in PREDICATES))
    condition = network.op(f"arith.cmpf {order}, {x}, {y} :", shape, "f32")
    condition.element = "i1"
    if network.chance():
        return network.output(condition)
    selection = f"arith.select {condition}, {x}, {y} : {condition.type},"
    network.output(network.op(selection, shape, "f32"))


def positions(network):
    """Elements computed from where they are."""
    shape = image(network)
    x = network.input(shape, "i32")
    dim = network.random.integers(0, 4)
    maps = ["(a, b, c, d) -> (a, b, c, d)"] * 2
    payload = [f"%i = linalg.index {dim} : index", "%j = arith.index_cast %i : index to i32"]
    payload += ["%s = arith.addi %j, %in0 : i32", "linalg.yield %s : i32"]
    init = network.empty(shape, "i32")
    network.output(network.generic(maps, ["parallel"] * 4, [x], init, payload))


def reduction(network):
    shape = image(network)
    element = network.pick("f32", "i32")
    x = network.input(shape, element)
    first = 1 if network.dynamic else 0
    dims = [axis for axis in range(first, 4) if network.chance()] or [3]
    kept = [shape[axis] for axis in range(4) if axis not in dims]
    init = network.fill(kept, element)
    op = network.pick("addf", "maximumf") if element == "f32" else network.pick("addi", "maxsi")
    result = Value(network.fresh(), init.shape, element)
    network.line(
        f"{result} = linalg.reduce {{arith.{op}}} ins({x} : {x.type}) "
        f"outs({init} : {init.type}) dimensions = {dims}"
    )
    network.output(result)


def softmax(network):
    shape = image(network)
    x = network.input(shape, "f32")
    axis = network.pick(1, 2, 3)
    init = network.empty(shape, "f32")
    network.output(
        network.op(
            f"linalg.softmax dimension({axis}) ins({x} : {x.type}) outs({init} : {init.type}) ->",
            shape,
            "f32",
        )
    )


def transpose(network):
    shape = image(network)
    x = network.input(shape, network.pick("f32", "i8"))
    order = [0, *network.random.permutation([1, 2, 3]).tolist()]
    init = network.empty([shape[axis] for axis in order], x.element)
    result = Value(network.fresh(), init.shape, x.element)
    network.line(
        f"{result} = linalg.transpose ins({x} : {x.type}) outs({init} : {init.type}) "
        f"permutation = {order}"
    )
    network.output(result)


def slices(network):
    """Parts of tensors, taken and put back."""
    shape = ["N", network.pick(4, 5, 9), network.pick(4, 7, 16)]
    element = network.pick("f32", "i8")
    x = network.input(shape, element)
    batch = "%samples" if network.dynamic else network.batch
    part = ["N", 2, 3]
    y = network.op(
        f"tensor.extract_slice {x}[0, 1, 0] [{batch}, 2, 3] [1, {network.pick(1, 2)}, 1] "
        f": {x.type} to",
        part,
        element,
    )
    network.output(y)
    network.output(
        network.op(
            f"tensor.insert_slice {y} into {x}[0, 2, 1] [{batch}, 2, 3] [1, 1, 1] "
            f": {y.type} into",
            shape,
            element,
        )
    )


def reshape(network):
    a, b, c = (network.pick(1, 2, 3, 8) for _ in range(3))
    element = network.pick("f32", "i8")
    x = network.input(["N", a, b, c], element)
    y = network.op(
        f"tensor.collapse_shape {x} [[0], [1, 2, 3]] : {x.type} into", ["N", a * b * c], element
    )
    init = network.fill(["N", 5], "f32" if element == "f32" else "i32")
    w = network.constant([a * b * c, 5], element)
    z = network.structured("linalg.matmul", [y, w], init)
    add_bytes(network, z, 1)


#
# Quantization.
#


def quantize(network):
    shape = image(network)
    x = network.input(shape, "f32", is_wild=True)
    axis = network.pick(None, 1, 3)
    limit = network.pick(1 / 64, network.random.uniform(0.001, 0.02))
    zero = network.fresh()
    storage, kind = network.pick(("i8", "i8"), ("i16", "i32"))
    network.line(f"{zero} = arith.constant {network.random.integers(-128, 128)} : {kind}")
    scale = network.fresh()
    network.line(f"{scale} = arith.constant {limit} : f32")
    q = network.op(f"ptq.quantize {x}, {scale}, {zero} : {x.type}, f32, {kind} ->", shape, storage)
    network.output(q)
    if axis:
        values = network.random.uniform(0.01, 1, [shape[axis]])
        scales = network.constant([shape[axis]], "f32", values)
        network.output(
            network.op(
                f"ptq.dequantize {q}, {scales} axis {axis} : {q.type}, {scales.type} ->",
                shape,
                "f32",
            )
        )


def measure(network, x, is_codes_output=False, granularities=None):
    """Codes of `x` with parameters from run time, and their dequantization. Samples
    are measured by themselves."""
    rank = len(x.shape)
    kind = network.pick("asymmetric", "symmetric")
    storage = network.pick("i8", "i8", "i8", "i16") if is_codes_output else "i8"
    granularity = network.pick(*granularities) if granularities else network.pick("axis", "token")
    if not network.dynamic and not granularities:
        granularity = network.pick("axis", "token", "tensor")
    axis = 0 if network.dynamic or not is_codes_output else network.random.integers(0, rank)
    encoding = f"<{storage}, {kind}, granularity = {granularity}"
    if granularity == "axis":
        encoding += f", axis = {axis}"
        where, shape = f"axis {axis}", [x.shape[axis]]
    elif granularity == "token":
        blocks = ", ".join(["1"] * (rank - 1) + [str(x.shape[-1])])
        where, shape = f"block [{blocks}]", [*x.shape[:-1], 1]
    else:
        where, shape = "", None
    zero_element = "i8" if storage == "i8" else "i32"
    parameters = [Value(network.fresh(), shape or [], "f32")]
    if kind == "asymmetric":
        parameters.append(Value(network.fresh(), shape or [], zero_element))
    types = [value.element if shape is None else value.type for value in parameters]
    network.line(
        f"{', '.join(map(str, parameters))} = ptq.choose_parameters {x} "
        f"encoding({encoding}, source = dynamic>) : {x.type} -> {', '.join(types)}"
    )
    operands, types = ", ".join(map(str, parameters)), ", ".join(types)
    q = network.op(f"ptq.quantize {x}, {operands} {where} : {x.type}, {types} ->", x.shape, storage)
    if is_codes_output:
        network.output(q)
        if shape is not None:
            for value in parameters:
                network.output(value)
        return None
    return network.op(
        f"ptq.dequantize {q}, {operands} {where} : {q.type}, {types} ->", x.shape, "f32"
    )


def dynamic_quantization(network):
    measure(network, network.input(image(network), "f32", is_wild=True), is_codes_output=True)


def rows(network):
    """Rows that are computed, measured and quantized, more than a cache holds."""
    shape = ["N", network.pick(33, 48, 100), network.pick(64, 100, 200)]
    x = network.input(shape, "f32", is_wild=network.chance(0.3))
    init = network.empty(shape, "f32")
    function = network.pick("softmax dimension(2)", "tanh", "exp")
    y = network.op(
        f"linalg.{function} ins({x} : {x.type}) outs({init} : {init.type}) ->", shape, "f32"
    )
    if network.chance():
        network.output(y)
    measure(network, y, is_codes_output=True)


def weight_parameters(network, shape, width, zero_points=0.3):
    """Scales, and with a probability of `zero_points` these, of weights of `width` bits:
    operands and types."""
    parameters = [network.constant(shape, "f32", network.random.uniform(0.01, 1, shape))]
    if network.chance(zero_points):
        limit = 1 << (width - 1)
        array = network.random.integers(-limit, limit, shape)
        parameters.append(network.constant(shape, "i8", array))
    return ", ".join(map(str, parameters)), ", ".join(value.type for value in parameters)


def dequantized_weights(network, shape, axis, zero_points=0.3):
    w = network.constant(shape, "i8")
    operands, types = weight_parameters(network, [shape[axis]], 8, zero_points)
    return network.op(
        f"ptq.dequantize {w}, {operands} axis {axis} : {w.type}, {types} ->", shape, "f32"
    )


def packed_weights(network, shape, block=None):
    """Weights with scales for blocks along the first axis."""
    width = network.pick(2, 4, 8)
    row = -(-shape[-1] * width // 8)
    w = network.constant([*shape[:-1], row], "i8")
    if width != 8:
        axis = len(shape) - 1
        w = network.op(f"ptq.unpack {w} axis {axis} : {w.type} ->", shape, f"i{width}")
    blocks = [min(block or network.pick(2, 5, 32), shape[0]), *shape[1:-1], 1]
    counts = [-(-size // block) for size, block in zip(shape, blocks)]
    operands, types = weight_parameters(network, counts, width)
    return network.op(
        f"ptq.dequantize {w}, {operands} block {blocks} : {w.type}, {types} ->", shape, "f32"
    )


def weight_only_matmul(network):
    k, n = network.pick(*SIZES), network.pick(*SIZES)
    x = network.input(["N", k], "f32")
    w = packed_weights(network, [k, n])
    init = network.accumulator(["N", n], "f32", 1)
    network.output(network.structured("linalg.matmul", [x, w], init))


def weight_only_convolution(network):
    c, f = network.pick(1, 3, 4, 16), network.pick(1, 5, 16)
    x = network.input(["N", 7, 6, c], "f32")
    w = packed_weights(network, [3, 2, c, f])
    init = network.accumulator(["N", 5, 5, f], "f32", 3)
    network.output(network.structured("linalg.conv_2d_nhwc_hwcf", [x, w], init))


def measure_blocks(network, x, block, storage):
    """`x` in codes with measured parameters for blocks along its last axis."""
    is_symmetric = network.chance()
    low = {"i8": -127, "i16": -32767}[storage] if is_symmetric else None
    kind = "symmetric" if is_symmetric else "asymmetric"
    shape = ["N", -(-x.shape[1] // block)]
    parameters = [Value(network.fresh(), network.shape(shape), "f32")]
    if not is_symmetric:
        zero_element = "i8" if storage == "i8" else "i32"
        parameters.append(Value(network.fresh(), network.shape(shape), zero_element))
    operands = ", ".join(map(str, parameters))
    types = ", ".join(value.type for value in parameters)
    narrow = ", narrow_range = true" if is_symmetric else ""
    network.line(
        f"{operands} = ptq.choose_parameters {x} encoding(<{storage}, {kind}, granularity = "
        f"block, axis = 1, block_size = {block}{narrow}, source = dynamic>) : {x.type} -> {types}"
    )
    limit = f"low {low} " if is_symmetric else ""
    q = network.op(
        f"ptq.quantize {x}, {operands} block [1, {block}] {limit}: {x.type}, {types} ->",
        x.shape,
        storage,
    )
    return network.op(
        f"ptq.dequantize {q}, {operands} block [1, {block}] : {q.type}, {types} ->", x.shape, "f32"
    )


def quantize_by_constants(network, x, storage, scale=None):
    """`x` in codes, and back in floats, with constant parameters of the whole tensor."""
    limit = 1 << (7 if storage == "i8" else 15)
    zero_element = "i8" if storage == "i8" else "i32"
    zero_point = network.pick(0, -limit, limit - 1, 5)
    scale = network.scalar(scale or 4.0 / limit, "f32")
    zero = network.scalar(zero_point, zero_element)
    types = f"f32, {zero_element}"
    q = network.op(f"ptq.quantize {x}, {scale}, {zero} : {x.type}, {types} ->", x.shape, storage)
    return network.op(f"ptq.dequantize {q}, {scale}, {zero} : {q.type}, {types} ->", x.shape, "f32")


def block_products(network, storage="i8"):
    """Sums of codes in blocks, which have parameters of their own on both sides, or the
    activations one for each row or for all; what follows may be quantized again."""
    block = network.pick(4, 8, 16, 32)
    k = block * network.pick(1, 2, 3, 5) - network.pick(0, 0, 0, 1, 3)
    n = network.pick(*SIZES)
    x = network.input(["N", k], "f32")
    kind = network.pick("blocks", "blocks", "rows", "constant")
    if kind == "blocks":
        x = measure_blocks(network, x, block, storage)
    elif kind == "rows":
        x = measure(network, x)
    else:
        x = quantize_by_constants(network, x, storage)
    w = packed_weights(network, [k, n], block)
    init = network.accumulator(["N", n], "f32", 1)
    y = network.structured("linalg.matmul", [x, w], init)
    if network.chance():
        y = quantize_by_constants(network, y, "i8", scale=100.0)
    network.output(y)


def static_products(network):
    """Activations with constant parameters; weights whose zero points bytes may not hold,
    in matrix products and convolutions."""
    is_matmul = network.chance()
    f = network.pick(16, 33, 64, 65)
    c = network.pick(1, 3, 8, 17, 32)
    x = network.input(["N", c] if is_matmul else ["N", c, 7, 6], "f32")
    x = quantize_by_constants(network, x, "i8")
    if is_matmul:
        w = dequantized_weights(network, [c, f], 1, zero_points=0.8)
        init = network.accumulator(["N", f], "f32", 1)
        y = network.structured("linalg.matmul", [x, w], init)
    else:
        kernel = network.pick([1, 1], [1, 1], [3, 3], [2, 1])
        strides, dilations = ([network.pick(1, 1, 2) for _ in range(2)] for _ in range(2))
        w = dequantized_weights(network, [f, c, *kernel], 0, zero_points=0.8)
        x = network.pad(x, [0, 0, 1, 0], [0, 0, network.pick(0, 1), 1])
        sizes = map(window, x.shape[2:], kernel, strides, dilations)
        init = network.accumulator(["N", f, *sizes], "f32", 1)
        attributes = (
            f"{{strides = dense<{strides}> : tensor<2xi64>, "
            f"dilations = dense<{dilations}> : tensor<2xi64>}}"
        )
        y = network.structured("linalg.conv_2d_nchw_fchw", [x, w], init, attributes)
    if network.chance():
        y = quantize_by_constants(network, y, "i8", scale=100.0)
    network.output(y)


def block_convolution(network):
    """A convolution whose filters have parameters for blocks of their channels, at each
    position of the window; activations have them for each sample or for all."""
    storage = network.pick("i8", "i8", "i16")
    block = network.pick(4, 8, 16, 32)
    c, f = block * network.pick(1, 2, 3) - network.pick(0, 0, 1), network.pick(1, 5, 16, 33)
    kernel = network.pick([1, 1], [3, 3], [2, 1])
    stride, is_last = network.pick(1, 1, 2), network.chance()
    image = [7, 6, c] if is_last else [c, 7, 6]
    x = network.input(["N", *image], "f32")
    if network.chance(0.4):
        x = measure(network, x, granularities=["axis"])
    else:
        x = quantize_by_constants(network, x, storage)
    low, high = ([0, *padding, 0] if is_last else [0, 0, *padding] for padding in ([1, 0], [0, 2]))
    x = network.pad(x, low, high)
    shape = [*kernel, c, f] if is_last else [f, c, *kernel]
    w = network.constant(shape, "i8")
    blocks = [1, 1, block, 1] if is_last else [1, block, 1, 1]
    counts = [-(-size // part) for size, part in zip(shape, blocks)]
    operands, types = weight_parameters(network, counts, 8)
    w = network.op(
        f"ptq.dequantize {w}, {operands} block {blocks} : {w.type}, {types} ->", shape, "f32"
    )
    sizes = x.shape[1:3] if is_last else x.shape[2:]
    sizes = [window(size, taps, stride, 1) for size, taps in zip(sizes, kernel)]
    result, channel = (["N", *sizes, f], 3) if is_last else (["N", f, *sizes], 1)
    init = network.accumulator(result, "f32", channel)
    name = "linalg.conv_2d_nhwc_hwcf" if is_last else "linalg.conv_2d_nchw_fchw"
    attributes = f"{{strides = dense<{stride}> : tensor<2xi64>}}"
    y = network.structured(name, [x, w], init, attributes)
    if network.chance():
        y = quantize_by_constants(network, y, "i8", scale=100.0)
    network.output(y)


def dynamic_matmul(network):
    k, n = network.pick(*SIZES), network.pick(*SIZES)
    x = measure(network, network.input(["N", k], "f32"))
    w = dequantized_weights(network, [k, n], 1)
    init = network.accumulator(["N", n], "f32", 1)
    network.output(network.structured("linalg.matmul", [x, w], init))


def dynamic_convolution(network):
    c, f = network.pick(1, 3, 4, 16), network.pick(1, 5, 16)
    x = measure(network, network.input(["N", c, 7, 6], "f32"))
    padding = [[0, 0, *network.random.integers(0, 3, 2).tolist()] for _ in range(2)]
    x = network.pad(x, *padding)
    depthwise = network.chance()
    w = dequantized_weights(network, [c, 3, 2] if depthwise else [f, c, 3, 2], 0)
    name = "depthwise_conv_2d_nchw_chw" if depthwise else "conv_2d_nchw_fchw"
    stride = network.pick(1, 2)
    sizes = [window(size, kernel, stride, 1) for size, kernel in zip(x.shape[2:], (3, 2))]
    init = network.accumulator(["N", c if depthwise else f, *sizes], "f32", 1)
    attributes = f"{{strides = dense<{stride}> : tensor<2xi64>}}"
    network.output(network.structured("linalg." + name, [x, w], init, attributes))


def dynamic_products(network):
    """Two activations: zero points on both sides."""
    m, k, n = (network.pick(*SIZES) for _ in range(3))
    x = measure(network, network.input(["N", m, k], "f32"))
    y = measure(network, network.input(["N", n, k], "f32"))
    init = network.empty(["N", k, n], "f32")
    t = Value(network.fresh(), init.shape, "f32")
    network.line(
        f"{t} = linalg.transpose ins({y} : {y.type}) outs({init} : {init.type}) "
        "permutation = [0, 2, 1]"
    )
    sums = network.fill(["N", m, n], "f32")
    network.output(network.structured("linalg.batch_matmul", [x, t], sums))


def lookup(network):
    shape = image(network)
    x = network.input(shape, "i8")
    element = network.pick("i8", "f32")
    table = network.constant([256], element)
    network.output(
        network.op(f"ptq.lookup {x}, {table} : {x.type}, {table.type} ->", shape, element)
    )


#
# Control flow and functions.
#


def loop(network):
    shape = ["N", network.pick(3, 16, 17)]
    x = network.input(shape, "f32")
    names = [network.fresh() for _ in range(3)]
    for name, value in zip(names, (0, int(network.random.integers(0, 4)), 1)):
        network.line(f"{name} = arith.constant {value} : index")
    low, high, step = names
    result = Value(network.fresh(), x.shape, "f32")
    network.line(
        f"{result} = scf.for %i = {low} to {high} step {step} iter_args(%x = {x}) "
        f"-> ({x.type}) {{"
    )
    empty = network.empty(shape, "f32")
    squared = network.op(
        f"linalg.mul ins(%x, {x} : {x.type}, {x.type}) outs({empty} : {empty.type}) ->",
        shape,
        "f32",
    )
    network.line(f"scf.yield {squared} : {x.type}")
    network.line("}")
    network.output(result)


def branch(network):
    shape = ["N", network.pick(3, 16, 17)]
    x, y = network.input(shape, "f32"), network.input(shape, "f32")
    index, size, limit, condition = (network.fresh() for _ in range(4))
    network.line(f"{index} = arith.constant 0 : index")
    network.line(f"{limit} = arith.constant 2 : index")
    network.line(f"{size} = tensor.dim {x}, {index} : {x.type}")
    network.line(f"{condition} = arith.cmpi ult, {size}, {limit} : index")
    result = Value(network.fresh(), x.shape, "f32")
    network.line(f"{result} = scf.if {condition} -> ({x.type}) {{")
    total = network.op(f"arith.addf {x}, {y} :", shape, "f32")
    network.line(f"scf.yield {total} : {x.type}")
    network.line("} else {")
    network.line(f"scf.yield {y} : {x.type}")
    network.line("}")
    network.output(result)


def call(network):
    """A function called twice, public or not."""
    size = network.pick(1, 5, 16)
    x = network.input(["N", size], "f32")
    name = f"@helper{len(network.functions)}"
    access = network.pick("", "private ")
    network.functions.append(
        f"  func.func {access}{name}(%x: {x.type}) -> ({x.type}, {x.type}) {{\n"
        f"    %y = arith.addf %x, %x : {x.type}\n"
        f"    return %y, %x : {x.type}, {x.type}\n  }}"
    )
    value = x
    for _ in range(2):
        pair = network.fresh()
        network.line(f"{pair}:2 = call {name}({value}) : ({x.type}) -> ({x.type}, {x.type})")
        value = Value(f"{pair}#{network.pick(0, 1)}", x.shape, "f32")
    network.output(value)


def shared_start(network):
    """Outputs that begin with the same zeros, and one made of another."""
    x, y = network.input(["N", 7], "f32"), network.input(["N", 7], "f32")
    w = network.constant([7, 7], "f32")
    zeros = network.fill(["N", 7], "f32")
    a = network.structured("linalg.matmul", [x, w], zeros)
    b = network.structured("linalg.matmul", [y, w], network.pick(a, zeros))
    network.output(a)
    network.output(b)
    network.output(network.structured("linalg.exp", [b], a))
    if network.chance():
        network.output(zeros)


def passed_on(network):
    """Outputs that nothing computes: inputs, constants, one value twice."""
    x = network.input(["N", 3], network.pick("f32", "i8"))
    y = network.input(["N", 2, 4], "f32")
    network.output(x)
    if not network.dynamic:
        network.output(network.constant([2, 3], "f32"))
    total = network.op(f"arith.addf {y}, {y} :", ["N", 2, 4], "f32")
    network.output(total)
    network.output(total)
    network.output(y)


CASES = {
    function.__name__: function
    for function in (
        matmul,
        batch_matmul,
        code_products,
        matrix_vector,
        convolution,
        wide_convolution,
        bordered_convolution,
        zero_points,
        bilinear,
        scattering,
        elementwise,
        named_elementwise,
        comparison,
        positions,
        reduction,
        softmax,
        transpose,
        slices,
        reshape,
        quantize,
        dynamic_quantization,
        rows,
        static_products,
        dynamic_matmul,
        dynamic_convolution,
        dynamic_products,
        block_products,
        block_convolution,
        weight_only_matmul,
        weight_only_convolution,
        lookup,
        loop,
        branch,
        call,
        shared_start,
        passed_on,
    )
}
CASES["wide_block_products"] = lambda network: block_products(network, "i16")
CASES["matmul_of_activations"] = lambda network: matmul(network, constant=False)
CASES.update({name: lambda network, name=name: convolution(network, name) for name in CONVOLUTIONS})


def make_network(seed, names, dynamic):
    """A network of one random case of each of `names`."""
    network = Network(seed, dynamic)
    for name in names:
        CASES[name](network)
    return network
