"""The trained networks that benchmarks run, by the tools on the PATH."""

import json
import os
import subprocess
import sys
import tempfile

# Name: the folder of its samples.
NETWORKS = {
    "kws01_dscnn": "kws_dscnn",
    "kws01_dscnn_bn": "kws_dscnn",
    "hello_cnn_S": "hello_cnn",
    "hello_cnn_M": "hello_cnn",
    "hello_dscnn_S": "hello_cnn",
    "hello_dscnn_M": "hello_cnn",
    "hello_dnn_S": "hello_mlp",
    "hello_dnn_M": "hello_mlp",
    "stories260K": "stories260K",
}


def run(*command):
    """Runs a tool; gives what it prints."""
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(" ".join(command) + "\n" + result.stderr)
    return result.stdout


class Network:
    """A network with its samples, and a folder to work in."""

    def __init__(self, models, name, work):
        self.name = name
        self.folder = os.path.join(models, NETWORKS[name])
        self.work = work
        self.calibration = os.path.join(self.folder, "calibration.npz")
        self.imported = self.path(name + ".mlirbc")
        model = os.path.join(self.folder, name + ".onnx")
        run("ptq-translate", "--import-onnx", model, "-o", self.imported)

    def path(self, name):
        return os.path.join(self.work, name)

    def transform(self, source, target, *flags):
        run("ptq-opt", source, *flags, "--emit-bytecode", "-o", target)

    def evaluate(self, compiled):
        """Figures on the evaluation data, as text: accuracy, agreement and median
        signal-to-noise ratio; the loss of a language model."""
        if self.name == "stories260K":
            against = ["--tokens", "input_ids", "--samples=150"]
        else:
            reference = os.path.join(self.folder, self.name + ".reference.npz")
            against = ["--labels", "labels", "--reference", reference]
        samples = os.path.join(self.folder, "evaluation.npz")
        figures = json.loads(
            run("ptq-run", compiled, "--input", samples, "--json", *against)
        )
        if "nll" in figures:
            return f"{figures['nll']:.4f}"
        return (
            f"{100 * figures['accuracy']:.2f} / {100 * figures['agreement']:.2f}"
            f" / {figures['sqnr_db_median']:.1f}"
        )


def print_table(models, networks, methods, measure):
    """One row for each network, with `measure(network, method)` for each method."""
    print("| network | " + " | ".join(methods) + " |")
    print("|---" * (1 + len(methods)) + "|")
    with tempfile.TemporaryDirectory() as work:
        for name in networks:
            network = Network(models, name, work)
            cells = [measure(network, method) for method in methods]
            print(f"| {name} | " + " | ".join(cells) + " |", flush=True)
