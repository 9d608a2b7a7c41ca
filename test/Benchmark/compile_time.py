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

from networks import run
from random_models import BottleneckNetwork

# Small images: how large they are does not matter to the compiler, but it does to
# calibration.
IMAGE = 64


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
            model = os.path.join(work, "network.onnx")
            network = BottleneckNetwork(blocks, IMAGE, model)
            print_row(f"{network.num_layers} layers", model, "random", work)


if __name__ == "__main__":
    main()
