"""Measures whole networks in int8, beside what their products alone would take.

    whole_networks.py [--only TEXT ...] [--cpu NAME] [--rounds 31] [--json FILE]

An encoder layer (128 tokens, 768 channels, 12 heads), ResNet-8 (images of 32x32),
MobileNetV2 and ResNet-50 (224x224), all with random weights, go from ONNX through
calibration on random samples to an object file, for one sample in each call. ptq's
share of the roof is the time that the products would take in a loop of nothing but dot
products, over ptq's; they take turns on one thread, as in kernels.py. Others are ptq
with weights of 7 bits, and in dynamic int8 (per token, images per tensor), and, if
Python has it, ONNX Runtime, which runs the network in float and as its own tool
quantizes it: by default, and in the mode that does not overflow where the processor has
no VNNI. A ratio is their time over that of ptq's static code, the median over rounds in
which both are called. All times are of the processor.

The tools are those on the PATH; `ninja ptq-benchmark` builds the part that measures.
"""

import argparse
import json
import os
import tempfile

import numpy as np

import onnx_runtime
from kernels import get_cpu_name
from libraries import Code, build_library
from networks import run
from random_models import EncoderLayer, MobileNetV2, ResNet50, ResNet8
from tables import print_rows
from timing import time_in_turns

SAMPLES = 16


class Network:
    """A model with its input, its quantized form, and that as code."""

    def __init__(self, name, build, input, shape, output, granularity, cpu, folder):
        self.name, self.input, self.shape, self.output = name, input, shape, output
        self.path = os.path.join(folder, build.__name__)
        self.model = self.path + ".onnx"
        self.num_products = build(self.model).num_products
        random = np.random.default_rng(1)
        self.samples = random.standard_normal((SAMPLES, *shape)).astype(np.float32)
        options = f"cpu={cpu}" if cpu else ""
        self.library = self.compile("static", "", options)
        dynamic = f"scheme=dynamic activations-per={granularity}"
        self.variants = {
            "7-bit weights": self.compile("seven", "weights-bits=7", options),
            "dynamic": self.compile("dynamic", dynamic, options),
        }

    def compile(self, form, scheme, options):
        path = f"{self.path}.{form}"
        imported, lowered, data = (
            path + ".imported.mlirbc",
            path + ".mlirbc",
            path + ".npz",
        )
        np.savez(data, **{self.input: self.samples})
        run("ptq-translate", "--import-onnx", self.model, "-o", imported)
        passes = [
            f"--ptq-calibrate=data={data} {scheme}",
            f"--ptq-lower=samples=1 {options}",
        ]
        run("ptq-opt", imported, *passes, "--emit-bytecode", "-o", lowered)
        return build_library(lowered, path)

    def describe(self):
        return dict(
            name=self.name,
            element="i8",
            library=self.library,
            layers=[],
            products=self.num_products,
            bytes=0,
            input=self.shape,
            output=self.output,
        )


def prepare_peers(network):
    """Calls of the others by name."""
    peers = {
        name: Code(library, network.samples[0], network.output)
        for name, library in network.variants.items()
    }
    if not onnx_runtime.is_available():
        return peers
    samples = [{network.input: x[np.newaxis]} for x in network.samples]
    quantized = onnx_runtime.quantize_statically(network.model, network.path, samples)
    for name, model, entries in [
        ("ONNX Runtime float", network.model, {}),
        ("ONNX Runtime int8", quantized, {}),
        ("ONNX Runtime int8, exact", quantized, onnx_runtime.EXACT),
    ]:
        peers[name] = onnx_runtime.prepare_session(model, samples[0], entries)
    return peers


def measure_ratios(network, rounds):
    """The time of each peer over that of the compiled network."""
    code = Code(network.library, network.samples[0], network.output)
    return {
        name: time_in_turns(code, call, rounds)[1]
        for name, call in prepare_peers(network).items()
    }


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", help="what names must contain, any of these")
    parser.add_argument("--cpu", help="the processor that ptq compiles for")
    parser.add_argument("--rounds", type=int, default=31)
    parser.add_argument("--json", help="where all figures go")
    arguments = parser.parse_args()
    # Before the libraries are loaded, or they start threads.
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")

    tokens = [128, 768]
    known = [("Encoder layer, 128x768", EncoderLayer, "tokens", tokens, tokens, "token")]
    for name, build, size in [
        ("ResNet-8", ResNet8, 32),
        ("MobileNetV2", MobileNetV2, 224),
        ("ResNet-50", ResNet50, 224),
    ]:
        shapes = [3, size, size], [build.CLASSES]
        known.append((f"{name}, {size}x{size}", build, "image", *shapes, "tensor"))
    only = arguments.only or [""]
    with tempfile.TemporaryDirectory() as folder:
        networks = [
            Network(*facts, arguments.cpu, folder)
            for facts in known
            if any(text in facts[0] for text in only)
        ]
        work = os.path.join(folder, "networks.json")
        with open(work, "w") as file:
            json.dump([network.describe() for network in networks], file)
        figures = json.loads(run("ptq-benchmark", work, f"--rounds={arguments.rounds}"))
        for network, figure in zip(networks, figures["networks"]):
            figure["ratios"] = measure_ratios(network, arguments.rounds)
    figures["cpu"] = get_cpu_name()
    if arguments.json:
        with open(arguments.json, "w") as file:
            json.dump(figures, file, indent=2)

    print(f"{figures['cpu']} ({figures['processor']}), one thread\n")
    peers = list(figures["networks"][0]["ratios"]) if networks else []
    columns = ["", "ptq int8", "of the roof", *(f"{peer} / ptq" for peer in peers)]
    rows = []
    for figure in figures["networks"]:
        roof = figure["roof"].get("products")
        cells = [figure["name"], f"{1e6 * figure['seconds']['ptq']:.1f} us"]
        cells.append(f"{100 * roof:.0f} %" if roof else "")
        cells += [f"{figure['ratios'][peer]:.2f}" for peer in peers]
        rows.append(cells)
    print_rows(columns, rows)


if __name__ == "__main__":
    main()
