"""What each way of choosing ranges gives on trained networks.

    methods.py --models FOLDER [--network NAME ...] [--method NAME ...]
               [--options "activations=i4 ..."]

Calibrates every network on calibration.npz by every method, compiles it, and runs
it on evaluation.npz. Prints a table in Markdown; each cell is the top-1 accuracy
in %, the agreement with the float network in %, and the median over the samples
of the signal-to-quantization-noise ratio of the outputs in dB. The tools are those
on the PATH.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile

NETWORKS = {
    "kws01_dscnn": "kws_dscnn",
    "kws01_dscnn_bn": "kws_dscnn",
    "hello_cnn_S": "hello_cnn",
    "hello_cnn_M": "hello_cnn",
    "hello_dscnn_S": "hello_cnn",
    "hello_dscnn_M": "hello_cnn",
    "hello_dnn_S": "hello_mlp",
    "hello_dnn_M": "hello_mlp",
}
METHODS = ["minmax", "percentile", "mse", "kl", "entropy", "omse", "auto"]


def run(*command):
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(" ".join(command) + "\n" + result.stderr)
    return result.stdout


def measure(network, folder, method, options, work):
    """One cell of the table."""
    imported = os.path.join(work, network + ".mlir")
    compiled = os.path.join(work, "compiled.mlirbc")
    if not os.path.exists(imported):
        model = os.path.join(folder, network + ".onnx")
        run("ptq-translate", "--import-onnx", model, "-o", imported)
    data = os.path.join(folder, "calibration.npz")
    calibrate = f"--ptq-calibrate=data={data} method={method} {options}"
    run("ptq-opt", imported, calibrate, "--ptq-lower", "--emit-bytecode", "-o", compiled)
    figures = json.loads(
        run(
            "ptq-run",
            compiled,
            "--input",
            os.path.join(folder, "evaluation.npz"),
            "--labels",
            "labels",
            "--reference",
            os.path.join(folder, network + ".reference.npz"),
            "--json",
        )
    )
    return (
        f"{100 * figures['accuracy']:.2f} / {100 * figures['agreement']:.2f}"
        f" / {figures['sqnr_db_median']:.1f}"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", required=True)
    parser.add_argument("--network", nargs="+", choices=NETWORKS, default=NETWORKS)
    parser.add_argument("--method", nargs="+", default=METHODS)
    parser.add_argument("--options", default="")
    arguments = parser.parse_args()

    print("| network | " + " | ".join(arguments.method) + " |")
    print("|---" * (1 + len(arguments.method)) + "|")
    with tempfile.TemporaryDirectory() as work:
        for network in arguments.network:
            folder = os.path.join(arguments.models, NETWORKS[network])
            cells = [
                measure(network, folder, method, arguments.options, work)
                for method in arguments.method
            ]
            print(f"| {network} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
