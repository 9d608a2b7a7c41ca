"""What each way of rounding int4 weights gives on trained networks.

    rounding.py --models FOLDER [--network NAME ...] [--method NAME ...]
                [--scheme "scheme=weight-only weights=i4 ..."]

Calibrates every network on calibration.npz, rounds its weights by every method,
compiles it, and runs it on evaluation.npz. Prints a table in Markdown; each cell is
the top-1 accuracy in %, the agreement with the float network in %, and the median
over the samples of the signal-to-quantization-noise ratio of the outputs in dB, or
the loss of a language model on its first 150 windows; and the seconds of processor
time that quantization took, the process included. The tools are those on the PATH.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile

NETWORKS = {
    "kws01_dscnn": "kws_dscnn",
    "hello_cnn_S": "hello_cnn",
    "hello_cnn_M": "hello_cnn",
    "hello_dscnn_S": "hello_cnn",
    "hello_dscnn_M": "hello_cnn",
    "hello_dnn_S": "hello_mlp",
    "hello_dnn_M": "hello_mlp",
    "stories260K": "stories260K",
}
# Name: what weights ask for, and options of ptq-optimize-rounding.
METHODS = {
    "nearest": ("nearest", ""),
    "bias correction": ("nearest", "correct-nearest"),
    "plain gptq": ("gptq", "search-scales=false correct-bias=false"),
    "gptq": ("gptq", ""),
    "descent": ("descent", ""),
    "adaround": ("adaround", ""),
}
PASSES = (
    "ptq-verify-resources,resolve-shaped-type-result-dims,ptq-fold-constants,"
    "ptq-fold-batch-norm,ptq-assign-schemes{{{scheme} rounding={rounding}}},"
    "ptq-insert-observers,ptq-run-calibration{{data={data}}},"
    "ptq-optimize-rounding{{data={data} {options}}},ptq-fold-parameters,cse,canonicalize"
)


def run(*command):
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(" ".join(command) + "\n" + result.stderr)
    return result.stdout


def get_processor_seconds():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def measure(network, folder, method, scheme, work):
    """One cell of the table."""
    imported = os.path.join(work, network + ".mlirbc")
    quantized = os.path.join(work, "quantized.mlirbc")
    compiled = os.path.join(work, "compiled.mlirbc")
    if not os.path.exists(imported):
        model = os.path.join(folder, network + ".onnx")
        run("ptq-translate", "--import-onnx", model, "-o", imported)
    rounding, options = METHODS[method]
    data = os.path.join(folder, "calibration.npz")
    passes = PASSES.format(scheme=scheme, rounding=rounding, data=data, options=options)
    before = get_processor_seconds()
    run(
        "ptq-opt",
        imported,
        f"--pass-pipeline=builtin.module({passes})",
        "--emit-bytecode",
        "-o",
        quantized,
    )
    seconds = get_processor_seconds() - before
    run("ptq-opt", quantized, "--ptq-lower", "--emit-bytecode", "-o", compiled)
    evaluation = os.path.join(folder, "evaluation.npz")
    if network == "stories260K":
        against = ["--tokens", "input_ids", "--samples=150"]
    else:
        reference = os.path.join(folder, network + ".reference.npz")
        against = ["--labels", "labels", "--reference", reference]
    figures = json.loads(
        run("ptq-run", compiled, "--input", evaluation, "--json", *against)
    )
    if "nll" in figures:
        return f"{figures['nll']:.4f} ({seconds:.1f} s)"
    return (
        f"{100 * figures['accuracy']:.2f} / {100 * figures['agreement']:.2f}"
        f" / {figures['sqnr_db_median']:.1f} ({seconds:.1f} s)"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", required=True)
    parser.add_argument("--network", nargs="+", choices=NETWORKS, default=NETWORKS)
    parser.add_argument("--method", nargs="+", choices=METHODS, default=METHODS)
    parser.add_argument("--scheme", default="scheme=weight-only weights=i4")
    arguments = parser.parse_args()

    print("| network | " + " | ".join(arguments.method) + " |")
    print("|---" * (1 + len(arguments.method)) + "|")
    with tempfile.TemporaryDirectory() as work:
        for network in arguments.network:
            folder = os.path.join(arguments.models, NETWORKS[network])
            cells = [
                measure(network, folder, method, arguments.scheme, work)
                for method in arguments.method
            ]
            print(f"| {network} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
