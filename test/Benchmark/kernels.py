"""Measures compiled code against oneDNN and OpenBLAS, and against the machine.

    kernels.py [--only TEXT ...] [--network "NAME = KERNEL, ..." ...] [--cpu NAME]
               [--rounds 31] [--json FILE]

A kernel is, with the element type in front,

  i8 matmul 128x768x3072            rows, sum, columns
  i8 conv 3x3 28x28x128->64         window, image, output channels
  i8 conv 3x3/2 28x28x128->64       every second position
  i8 depthwise 3x3 56x56x128
  w4 matmul 1x4096x4096/128         a scale for each 128 weights of a column
  w4a8 matmul 1x4096x4096/128       blocks of 128 weights of 4 bits

and a network is kernels that follow each other. Weights are random constants;
images are surrounded by zeros as needed. i8 networks take and give codes: weights of
8 bits with a scale per output channel, biases, results requantized and, as
saturation, ReLU. Float ones (f32) are bare sums of products. So are those with weights
of 8 or 4 bits and f16 scales (w8, w4), whose activations are floats and whose peers
have float weights, and w4a8 and w4a16, whose activations are quantized in each call,
to 8 or 16 bits; no peer has that.

ptq's code is an object file, called as a C program would. oneDNN gets unsigned
activations and arranges the weights beforehand. Weights keep to 7 bits, since oneDNN
adds products in 16 bits where there is no VNNI. Both, OpenBLAS for float matrices, a
loop of nothing but dot products and one that reads as many bytes as a call must read
and write take turns on one thread; a time is the median over the rounds of processor
time, a ratio the median of the ratios in each round. The roof is the longer one of
the loops, had the first as many products as the network. The program fails where
results differ.

The tools are those on the PATH; `ninja ptq-benchmark` builds the part that measures,
with the peers that CMake found. DNNL_MAX_CPU_ISA=AVX2 in the environment keeps oneDNN
to AVX2, --cpu=x86-64-v3 ptq.
"""

import argparse
import json
import math
import os
import re
import sys
import tempfile

import numpy as np

from libraries import build_library
from networks import run
from tables import print_rows

KERNELS = [
    "i8 matmul 128x768x768",
    "i8 matmul 128x3072x768",
    "i8 matmul 512x512x512",
    "i8 matmul 1024x1024x1024",
    "i8 matmul 128x4096x4096",
    "i8 matmul 1x4096x4096",
    "i8 conv 3x3 56x56x64->64",
    "i8 conv 3x3 28x28x128->128",
    "i8 conv 3x3 14x14x256->256",
    "i8 conv 3x3/2 56x56x64->128",
    "i8 conv 1x1 56x56x64->256",
    "i8 depthwise 3x3 112x112x32",
    "i8 depthwise 3x3 56x56x128",
    "w4a8 matmul 1x4096x4096/128",
    "w4a8 matmul 1x4096x4096/32",
    "w4a8 matmul 128x4096x4096/128",
    "w4a8 matmul 128x4096x4096/32",
    "w4a16 matmul 1x4096x4096/128",
    "w4a16 matmul 1x4096x4096/32",
    "w4a16 matmul 128x4096x4096/128",
    "w4a16 matmul 128x4096x4096/32",
    "f32 matmul 128x768x768",
    "f32 matmul 128x3072x768",
    "f32 matmul 512x512x512",
    "f32 matmul 1x4096x4096",
    "f32 conv 3x3 28x28x128->128",
    "f32 depthwise 3x3 56x56x128",
    "w8 matmul 1x4096x4096",
    "w4 matmul 1x4096x4096/128",
    "w4 matmul 1x4096x4096/32",
    "w4 matmul 128x4096x4096/128",
]


def list_mobilenet():
    """MobileNetV1 of width 0.25 for images of 96x96, without its classifier."""
    kernels = ["conv 3x3/2 96x96x3->8"]
    size, channels = 48, 8
    strides = {16: 1, 32: 2, 64: 2, 128: 2, 256: 2}
    for outputs in [16, 32, 32, 64, 64] + 6 * [128] + 2 * [256]:
        stride = strides[outputs] if outputs != channels else 1
        kernels.append(f"depthwise 3x3/{stride} {size}x{size}x{channels}")
        size = size // stride
        kernels.append(f"conv 1x1 {size}x{size}x{channels}->{outputs}")
        channels = outputs
    return ", ".join(kernels)


# Of known architecture: their layers that have weights, in a chain. The last ones have
# more weights than a cache holds.
NETWORKS = [
    "feed-forward = i8 matmul 128x768x3072, matmul 128x3072x768",
    "DS-CNN = i8 conv 10x4/2 49x10x1->64"
    + 4 * ", depthwise 3x3 25x5x64, conv 1x1 25x5x64->64",
    "MobileNetV1 0.25 = i8 " + list_mobilenet(),
    "8 layers, w4a8 = w4a8 " + ", ".join(8 * ["matmul 1x4096x4096/128"]),
    "8 layers, w4a16 = w4a16 " + ", ".join(8 * ["matmul 1x4096x4096/128"]),
]

# Powers of two, so that no implementation rounds scales differently.
ACTIVATION_SCALE = 0.125
ZERO_POINT = -128
LARGEST_WEIGHT = 63

# Element types of networks whose weights only are quantized.
WEIGHT_BITS = {"w8": 8, "w4": 4}

SYNTAX = re.compile(
    r"(?:(?P<matmul>matmul) (?P<m>\d+)x(?P<k>\d+)x(?P<n>\d+)(?:/(?P<block>\d+))?"
    r"|(?:conv|(?P<depthwise>depthwise)) (?P<rows>\d+)x(?P<columns>\d+)"
    r"(?:/(?P<stride>\d+))? (?P<height>\d+)x(?P<width>\d+)x(?P<channels>\d+)"
    r"(?:->(?P<outputs>\d+))?)$"
)


# Weights alone are quantized; their products, as --ptq-lower knows them.
WEIGHT_ONLY = {"w4a8": "i8", "w4a16": "i16"}


def pad_same(size, window, stride):
    """Zeros before and behind, and the size of the output."""
    positions = -(-size // stride)
    total = max(0, (positions - 1) * stride + window - size)
    return total // 2, total - total // 2, positions


class Layer:
    """A kernel with its weights."""

    def __init__(self, text, element, random):
        found = SYNTAX.match(text)
        if not found:
            sys.exit(f"'{text}' is no kernel; see --help")
        self.element = element
        self.stride, self.padding, self.block = 1, [0, 0, 0, 0], None
        number = {
            name: int(value)
            for name, value in found.groupdict().items()
            if value and value.isdigit()
        }
        if found["matmul"]:
            self.kind = "matmul"
            self.input = [number["m"], number["k"]]
            self.output = [number["m"], number["n"]]
            self.weights_shape = [number["k"], number["n"]]
            self.block = number.get("block")
        else:
            self.kind = found["depthwise"] or "convolution"
            self.input = [number["height"], number["width"], number["channels"]]
            window = [number["rows"], number["columns"]]
            self.stride = number.get("stride", 1)
            top, bottom, height = pad_same(self.input[0], window[0], self.stride)
            left, right, width = pad_same(self.input[1], window[1], self.stride)
            self.padding = [top, left, bottom, right]
            inputs = number["channels"] if self.kind == "convolution" else 1
            outputs = number.get("outputs", number["channels"])
            self.output = [height, width, outputs]
            self.weights_shape = window + [inputs, outputs]
        self.make_weights(random)

    def make_weights(self, random):
        if self.element == "f32":
            self.weights = random.standard_normal(self.weights_shape, np.float32)
            return
        if self.element in WEIGHT_BITS:
            self.make_codes(random)
            return
        if self.element in WEIGHT_ONLY:
            depth, columns = self.weights_shape
            self.weights = random.integers(0, 256, [depth, columns // 2], np.uint8)
            blocks = [-(-depth // (self.block or depth)), columns]
            self.scales = random.uniform(0.001, 0.01, blocks).astype(np.float32)
            return
        limits = -LARGEST_WEIGHT, LARGEST_WEIGHT + 1
        self.weights = random.integers(*limits, self.weights_shape, np.int8)
        # Sums come to about 100 codes, so that results use all of them.
        channels, terms = self.output[-1], math.prod(self.weights_shape[:-1])
        scale = 100 / (147 * 37 * math.sqrt(terms))
        factors = random.uniform(0.7, 1.4, channels)
        self.scales = (scale * factors).astype(np.float32)
        self.biases = random.integers(-1000, 1000, channels, np.int32)

    def make_codes(self, random):
        """Codes with scales for blocks along the first axis or, where there are none,
        for all weights of an output channel."""
        limit = 1 << (WEIGHT_BITS[self.element] - 1)
        self.codes = random.integers(-limit, limit, self.weights_shape, np.int8)
        counts = [1] * (len(self.weights_shape) - 1) + self.weights_shape[-1:]
        self.blocks = self.weights_shape[:-1] + [1]
        if self.block:
            self.blocks[0] = self.block
            counts[0] = -(-self.weights_shape[0] // self.block)
        self.scales = random.uniform(0.5 / limit, 1 / limit, counts).astype(np.float16)
        scales = np.repeat(self.scales, self.blocks[0], 0)[: self.weights_shape[0]]
        self.weights = self.codes.astype(np.float32) * scales.astype(np.float32)

    @property
    def weight_bytes(self):
        bits = WEIGHT_BITS.get(self.element, 8 * self.weights.itemsize)
        scales = self.scales.nbytes if self.element in WEIGHT_BITS else 0
        return math.prod(self.weights_shape) * bits // 8 + scales

    @property
    def products(self):
        return math.prod(self.output) * math.prod(self.weights_shape[:-1])

    def describe(self, folder, name):
        """What a peer needs to know; arrays are in files."""
        arrays = {"weights": self.weights}
        if self.element == "i8":
            arrays.update(biases=self.biases, scales=self.scales)
        files = {}
        for key, array in arrays.items():
            files[key] = os.path.join(folder, f"{name}.{key}")
            array.tofile(files[key])
        shapes = dict(input=self.input, output=self.output, shape=self.weights_shape)
        return dict(
            kind=self.kind, stride=self.stride, padding=self.padding, **shapes, **files
        )


class Code:
    """The text of a function under construction."""

    def __init__(self):
        self.lines, self.resources = [], []

    def define(self, operation):
        name = f"%v{len(self.lines)}"
        self.lines.append(f"  {name} = {operation}")
        return name

    def constant(self, array, type):
        # The first word is the alignment.
        name = f"constant.{len(self.resources)}"
        data = (16).to_bytes(4, "little") + array.tobytes()
        self.resources.append(f'{name}: "0x{data.hex()}"')
        return self.define(f"arith.constant dense_resource<{name}> : {type}")

    def finish(self, input, output, result):
        return "\n".join(
            [f"func.func @forward(%input: {input}) -> {output} {{", *self.lines]
            + [f"  return {result} : {output}", "}", "{-# dialect_resources: {"]
            + ["builtin: {", ",\n".join(self.resources), "}} #-}", ""]
        )


def tensor(shape, element):
    return f"tensor<{''.join(f'{size}x' for size in shape)}{element}>"


def image(shape):
    """The shape of activations as MLIR's convolutions want it."""
    return shape if len(shape) == 2 else [1, *shape]


def quantize(code, value, shape):
    """Lets `value` go through codes."""
    codes, floats = tensor(shape, "i8"), tensor(shape, "f32")
    scale = code.define(f"arith.constant {ACTIVATION_SCALE} : f32")
    zero = code.define(f"arith.constant {ZERO_POINT} : i8")
    parameters = f"{scale}, {zero}"
    value = code.define(
        f"ptq.quantize {value}, {parameters} : {floats}, f32, i8 -> {codes}"
    )
    return code.define(
        f"ptq.dequantize {value}, {parameters} : {codes}, f32, i8 -> {floats}"
    )


def make_constant(code, array, scales):
    """A constant of floats, or of codes that are dequantized along the last axis."""
    shape = list(array.shape)
    if scales is None:
        return code.constant(array, tensor(shape, "f32"))
    codes, type = tensor(shape, f"i{8 * array.itemsize}"), tensor(shape, "f32")
    scales_type = tensor([len(scales)], "f32")
    codes_value = code.constant(array, codes)
    scales_value = code.constant(scales, scales_type)
    return code.define(
        f"ptq.dequantize {codes_value}, {scales_value} axis {len(shape) - 1}"
        f" : {codes}, {scales_type} -> {type}"
    )


def dequantize_weights(code, layer, shape):
    """The weights of a layer whose activations are floats, as `shape`."""
    # A depthwise window has no axis of input channels.
    axes = [0, 1, 3] if len(shape) == 3 else list(range(len(shape)))
    blocks = [layer.blocks[axis] for axis in axes]
    scales = layer.scales.reshape([layer.scales.shape[axis] for axis in axes])
    scales_type, type = tensor(scales.shape, "f16"), tensor(shape, "f32")
    codes = layer.codes.reshape(shape)
    codes_type = tensor(shape, layer.element.replace("w", "i"))
    scales_value = code.constant(scales, scales_type)
    if layer.element == "w8":
        codes_value = code.constant(codes, codes_type)
    else:
        low, high = codes[..., ::2] & 15, codes[..., 1::2] << 4
        packed_type = tensor([*shape[:-1], shape[-1] // 2], "i8")
        packed = code.constant(low | high, packed_type)
        codes_value = code.define(
            f"ptq.unpack {packed} axis {len(shape) - 1} : {packed_type} -> {codes_type}"
        )
    return code.define(
        f"ptq.dequantize {codes_value}, {scales_value} block {blocks}"
        f" : {codes_type}, {scales_type} -> {type}"
    )


def make_blocks(code, layer):
    """Weights of 4 bits, two to a byte, that are dequantized block by block."""
    shape, packed = layer.weights_shape, list(layer.weights.shape)
    scales_type = tensor(layer.scales.shape, "f32")
    value = code.constant(layer.weights, tensor(packed, "i8"))
    codes = code.define(
        f"ptq.unpack {value} axis 1 : {tensor(packed, 'i8')} -> {tensor(shape, 'i4')}"
    )
    scales = code.constant(layer.scales, scales_type)
    return code.define(
        f"ptq.dequantize {codes}, {scales} block [{layer.block or shape[0]}, 1]"
        f" : {tensor(shape, 'i4')}, {scales_type} -> {tensor(shape, 'f32')}"
    )


def write_layer(code, layer, value):
    """The float ops of a layer; integer weights are dequantized for them."""
    is_integer = layer.element == "i8"
    weights, weights_shape = layer.weights, layer.weights_shape
    if layer.kind == "depthwise":
        weights_shape = weights_shape[:2] + weights_shape[3:]
        weights = weights.reshape(weights_shape)
    scales = layer.scales if is_integer else None
    if layer.element in WEIGHT_BITS:
        factor = dequantize_weights(code, layer, weights_shape)
    elif layer.element in WEIGHT_ONLY:
        factor = make_blocks(code, layer)
    else:
        factor = make_constant(code, weights, scales)
    shape, output = image(layer.input), tensor(image(layer.output), "f32")
    zero = code.define("arith.constant 0.0 : f32")
    if any(layer.padding):
        top, left, bottom, right = layer.padding
        padded = [1, shape[1] + top + bottom, shape[2] + left + right, shape[3]]
        value = code.define(
            f"tensor.pad {value} low[0, {top}, {left}, 0] high[0, {bottom}, {right}, 0] {{\n"
            "  ^bb0(%n: index, %h: index, %w: index, %c: index):\n"
            f"    tensor.yield {zero} : f32\n"
            f"  }} : {tensor(shape, 'f32')} to {tensor(padded, 'f32')}"
        )
        shape = padded
    start = code.define(f"tensor.empty() : {output}")
    if is_integer:
        scales = np.float32(ACTIVATION_SCALE) * layer.scales
        bias = make_constant(code, layer.biases, scales)
        axes = ", ".join(map(str, range(len(image(layer.output)) - 1)))
        start = code.define(
            f"linalg.broadcast ins({bias} : {tensor([len(scales)], 'f32')})"
            f" outs({start} : {output}) dimensions = [{axes}]"
        )
    else:
        start = code.define(
            f"linalg.fill ins({zero} : f32) outs({start} : {output}) -> {output}"
        )
    steps = f"dense<{layer.stride}> : tensor<2xi64>"
    window = f" {{strides = {steps}, dilations = dense<1> : tensor<2xi64>}}"
    operation = {
        "matmul": "matmul",
        "convolution": "conv_2d_nhwc_hwcf" + window,
        "depthwise": "depthwise_conv_2d_nhwc_hwc" + window,
    }[layer.kind]
    types = f"{tensor(shape, 'f32')}, {tensor(weights_shape, 'f32')}"
    return code.define(
        f"linalg.{operation} ins({value}, {factor} : {types})"
        f" outs({start} : {output}) -> {output}"
    )


class Network:
    """Layers after each other, made into a library."""

    def __init__(self, text, seed):
        name, _, kernels = text.rpartition(" = ")
        self.name = name or text
        self.element, _, kernels = kernels.partition(" ")
        if self.element not in ("i8", "f32", *WEIGHT_BITS, *WEIGHT_ONLY):
            sys.exit(f"'{text}' does not begin with an element type; see --help")
        random = np.random.default_rng(seed)
        self.layers = [
            Layer(kernel.strip(), self.element, random) for kernel in kernels.split(",")
        ]
        for before, after in zip(self.layers, self.layers[1:]):
            if before.output != after.input:
                sys.exit(f"'{text}': {before.output} is followed by {after.input}")

    @property
    def products(self):
        return sum(layer.products for layer in self.layers)

    @property
    def bytes(self):
        """What a call must read and write."""
        if self.element in WEIGHT_ONLY:
            arrays = [a for layer in self.layers for a in (layer.weights, layer.scales)]
            ends = self.layers[0].input, self.layers[-1].output
            return sum(a.nbytes for a in arrays) + 4 * sum(map(math.prod, ends))
        arrays = [self.layers[0].input, self.layers[-1].output]
        size = 1 if self.element == "i8" else 4
        weights = sum(layer.weight_bytes for layer in self.layers)
        return weights + size * sum(map(math.prod, arrays))

    def make_code(self):
        code, value = Code(), "%input"
        shapes = [layer.input for layer in self.layers] + [self.layers[-1].output]
        for layer in self.layers:
            if self.element == "i8":
                value = quantize(code, value, image(layer.input))
            value = write_layer(code, layer, value)
        if self.element == "i8":
            value = quantize(code, value, image(shapes[-1]))
        types = [tensor(image(shape), "f32") for shape in (shapes[0], shapes[-1])]
        return code.finish(*types, value)

    def compile(self, folder, name, lower, *flags):
        """Makes a library of the network and gives its path."""
        path = os.path.join(folder, name)
        with open(path + ".mlir", "w") as file:
            file.write(self.make_code())
        lowered = path + ".mlirbc"
        lower = "--ptq-lower=integer-interface " + lower
        if self.element in WEIGHT_ONLY:
            lower += f" weight-only={WEIGHT_ONLY[self.element]}"
        run("ptq-opt", path + ".mlir", lower, "--emit-bytecode", "-o", lowered)
        return build_library(lowered, path, *flags)

    def build(self, folder, name, lower):
        """Compiles the network; gives its description for the benchmark."""
        library = self.compile(folder, name, lower)
        # Peers and formats of floats are told by nothing but the layers.
        element, layers = self.element, []
        if element in WEIGHT_ONLY:
            element = "i8"
        else:
            layers = [
                layer.describe(folder, f"{name}.{i}")
                for i, layer in enumerate(self.layers)
            ]
        sizes = dict(products=self.products, bytes=self.bytes)
        sizes.update(input=self.layers[0].input, output=self.layers[-1].output)
        return dict(
            name=self.name,
            element=element,
            library=library,
            layers=layers,
            **sizes,
        )


def get_cpu_name():
    with open("/proc/cpuinfo") as file:
        names = re.findall(r"model name\s*: (.*)", file.read())
    return names[0] if names else "unknown"


def measure(networks, arguments):
    """All figures, as the benchmark prints them and with what follows from them."""
    lower = f"cpu={arguments.cpu}" if arguments.cpu else ""
    # Before the libraries are loaded, or they start threads.
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    with tempfile.TemporaryDirectory() as folder:
        descriptions = [
            network.build(folder, f"network{i}", lower)
            for i, network in enumerate(networks)
        ]
        work = os.path.join(folder, "networks.json")
        with open(work, "w") as file:
            json.dump(descriptions, file)
        figures = json.loads(run("ptq-benchmark", work, f"--rounds={arguments.rounds}"))
    figures["cpu"] = get_cpu_name()
    for network, figure in zip(networks, figures["networks"]):
        figure["gops"] = 2e-9 * network.products / figure["seconds"]["ptq"]
    return figures


def print_table(figures):
    print(f"{figures['cpu']} ({figures['processor']}), one thread\n")
    for name, description in figures["peers"].items():
        print(f"- {name}: {description}")
    for element, peak in figures["peaks"]["dot"].items():
        speed = peak["products_per_second"] / 5e8
        print(f"- {element} dot products: {speed:.0f} GOPS ({peak['instruction']})")
    for reading in figures["peaks"]["read"]:
        speed = reading["bytes_per_second"] / 1e9
        print(f"- reading {reading['bytes'] >> 10} KiB: {speed:.0f} GB/s")
    peers = list(figures["peers"])
    columns = ["", "ptq", "GOPS", "of the roof"]
    columns += [column for peer in peers for column in (peer, f"{peer} / ptq")]
    rows = []
    for figure in figures["networks"]:
        seconds = figure["seconds"]["ptq"]
        cells = [figure["name"], f"{1e6 * seconds:.1f} us"]
        cells.append(f"{figure['gops']:.0f}")
        roof = max(figure["roof"].values(), default=None)
        cells.append(f"{100 * roof:.0f} %" if roof else "")
        for peer in peers:
            if peer in figure["ratios"]:
                cells.append(f"{1e6 * figure['seconds'][peer]:.1f} us")
                cells.append(f"{figure['ratios'][peer]:.2f}")
            else:
                cells += ["", ""]
        rows.append(cells)
    print()
    print_rows(columns, rows)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", help="what names must contain, any of these")
    parser.add_argument("--network", nargs="+", help="these instead of the usual ones")
    parser.add_argument("--cpu", help="the processor that ptq compiles for")
    parser.add_argument("--rounds", type=int, default=31)
    parser.add_argument("--json", help="where all figures go")
    arguments = parser.parse_args()

    networks = [
        Network(text, seed)
        for seed, text in enumerate(arguments.network or KERNELS + NETWORKS)
    ]
    if arguments.only:
        networks = [
            network
            for network in networks
            if any(text in network.name for text in arguments.only)
        ]
    figures = measure(networks, arguments)
    if arguments.json:
        with open(arguments.json, "w") as file:
            json.dump(figures, file, indent=2)
    print_table(figures)
    wrong = [f["name"] for f in figures["networks"] if not f["agrees"]]
    if wrong:
        sys.exit("results differ: " + ", ".join(wrong))


if __name__ == "__main__":
    main()
