"""What all checks of whole networks have in common."""

import os
import subprocess
import sys

import numpy as np


def run(*command, succeeds=True):
    """Runs a tool; gives the finished process. Ends the check if it should have
    succeeded and did not."""
    result = subprocess.run(command, capture_output=True, text=True)
    if succeeds and result.returncode != 0:
        print("FAILED  " + " ".join(command) + "\n" + result.stdout + result.stderr)
        sys.exit(1)
    return result


class Checker:
    """Counts what is not as expected.

    The arguments name the folder that holds the data and the one to work in.
    """

    def __init__(self, arguments):
        self.arguments = arguments
        self.failures = 0
        os.makedirs(arguments.work, exist_ok=True)

    def path(self, name):
        return os.path.join(self.arguments.work, name)

    def data(self, name):
        return os.path.join(self.arguments.data, name)

    def load_evaluation(self):
        """The name of the input, the inputs, and the labels."""
        with np.load(self.data("evaluation.npz")) as arrays:
            (name,) = set(arrays.files) - {"labels"}
            return name, arrays[name], arrays["labels"]

    def execute(self, module, engine, *options):
        """Runs a module on the evaluation data: what ptq-run prints, and the outputs
        by name."""
        output = f"{module}.{engine}.npz"
        samples = self.data("evaluation.npz")
        files = [f"--input={samples}", f"--output={output}"]
        report = run("ptq-run", module, f"--engine={engine}", *files, *options)
        with np.load(output) as arrays:
            return report.stdout, {name: arrays[name] for name in arrays.files}

    def expect(self, condition, what):
        print(("ok      " if condition else "FAILED  ") + what)
        self.failures += not condition
