"""How long compilation takes, and how it grows with the number of layers.

    compile_time.py [--models FOLDER] [--blocks N ...]

Takes networks from ONNX to an object file: kws01_dscnn, if FOLDER has it, and residual
networks with random weights, of N bottlenecks in each of their four stages (3, 4, 6 and
3 in the one with 50 layers). Prints a table in Markdown with the seconds of processor
time of each step; calibration runs one random sample. The tools are those on the PATH.
"""

import argparse
import os
import resource
import tempfile

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from networks import run

# Small images: how large they are does not matter to the compiler, but it does to
# calibration.
IMAGE = 64
WIDTHS = (64, 128, 256, 512)
CLASSES = 1000


class ResidualNetwork:
    """Builds an ONNX model of convolutions, residual sums and a classifier."""

    def __init__(self):
        self.random = np.random.default_rng(0)
        self.nodes, self.constants = [], []
        self.num_layers = 0

    def constant(self, name, shape, deviation):
        array = self.random.normal(0, deviation, shape).astype(np.float32)
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def add(self, kind, inputs, **attributes):
        name = f"{kind.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], name=name, **attributes))
        return name

    def convolve(self, x, channels, filters, size, stride):
        number = self.num_layers
        self.num_layers += 1
        shape = (filters, channels, size, size)
        weights = self.constant(f"w{number}", shape, (2 / (channels * size**2)) ** 0.5)
        bias = self.constant(f"b{number}", (filters,), 0.1)
        window = {"kernel_shape": [size, size], "strides": [stride, stride]}
        return self.add("Conv", [x, weights, bias], pads=[size // 2] * 4, **window)

    def bottleneck(self, x, channels, width, stride):
        y = self.add("Relu", [self.convolve(x, channels, width, 1, 1)])
        y = self.add("Relu", [self.convolve(y, width, width, 3, stride)])
        y = self.convolve(y, width, 4 * width, 1, 1)
        if channels != 4 * width or stride != 1:
            x = self.convolve(x, channels, 4 * width, 1, stride)
        return self.add("Relu", [self.add("Add", [y, x])])

    def save(self, blocks, path):
        x = self.add("Relu", [self.convolve("image", 3, WIDTHS[0], 7, 2)])
        window = {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1] * 4}
        x = self.add("MaxPool", [x], **window)
        channels = WIDTHS[0]
        for stage, (count, width) in enumerate(zip(blocks, WIDTHS)):
            for block in range(count):
                stride = 2 if stage > 0 and block == 0 else 1
                x = self.bottleneck(x, channels, width, stride)
                channels = 4 * width
        x = self.add("Flatten", [self.add("GlobalAveragePool", [x])])
        self.num_layers += 1
        x = self.add("MatMul", [x, self.constant("fc", (channels, CLASSES), 0.02)])
        make_info = helper.make_tensor_value_info
        inputs = [make_info("image", TensorProto.FLOAT, ["N", 3, IMAGE, IMAGE])]
        outputs = [make_info(x, TensorProto.FLOAT, ["N", CLASSES])]
        graph = helper.make_graph(self.nodes, "net", inputs, outputs, self.constants)
        opset = helper.make_opsetid("", 17)
        onnx.save(helper.make_model(graph, opset_imports=[opset], ir_version=8), path)


def measure(*command):
    """The seconds of processor time of a command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run(*command)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def print_row(name, model, data, work):
    """Compiles a model and prints what each step took."""
    imported, quantized, lowered, code = (
        os.path.join(work, file)
        for file in ("imported.mlirbc", "quantized.mlirbc", "lowered.mlirbc", "code.o")
    )
    seconds = [
        measure("ptq-translate", "--import-onnx", model, "-o", imported),
        measure(
            "ptq-opt",
            imported,
            f"--ptq-calibrate=data={data} samples=1",
            "--emit-bytecode",
            "-o",
            quantized,
        ),
        measure("ptq-opt", quantized, "--ptq-lower", "--emit-bytecode", "-o", lowered),
        measure("ptq-translate", "--emit-object", lowered, "-o", code),
    ]
    cells = [f"{value:.2f}" for value in (*seconds, sum(seconds))]
    print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models")
    parser.add_argument("--blocks", nargs=4, type=int, action="append")
    arguments = parser.parse_args()
    print("| network | import | calibrate | lower | object | all |")
    print("|---" * 6 + "|")
    with tempfile.TemporaryDirectory() as work:
        if arguments.models:
            folder = os.path.join(arguments.models, "kws_dscnn")
            model = os.path.join(folder, "kws01_dscnn.onnx")
            data = os.path.join(folder, "calibration.npz")
            print_row("kws01_dscnn", model, data, work)
        for blocks in arguments.blocks or ([2, 2, 2, 2], [3, 4, 6, 3], [3, 4, 23, 3]):
            network = ResidualNetwork()
            model = os.path.join(work, "network.onnx")
            network.save(blocks, model)
            print_row(f"{network.num_layers} layers", model, "random", work)


if __name__ == "__main__":
    main()
