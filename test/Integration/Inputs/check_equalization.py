"""Equalized channels leave a network's function alone, and help to quantize it.

    check_equalization.py MODEL.onnx --data FOLDER --work FOLDER
                          [--calibrate OPTIONS --agreement PERCENT]

Checked on the evaluation data, with both methods:

  powers     factors that are powers of two leave every bit of the float
             network's outputs as it was, interpreted and compiled
  computed   other factors leave the outputs within 1e-5 of the largest one
  agreement  quantized with OPTIONS and compiled, the network agrees with the
             float network on at least that many samples
"""

import argparse
import json
import sys

import numpy as np

from checker import Checker, run

FLOAT_PASSES = "ptq-fold-constants,ptq-fold-batch-norm"


class EqualizationChecker(Checker):
    def transform(self, source, passes, name):
        module = self.path(name + ".mlir")
        pipeline = f"--pass-pipeline=builtin.module({passes})"
        run("ptq-opt", source, pipeline, "-o", module)
        return module

    def check_function(self, base, method, factors, engine):
        calibration = self.data("calibration.npz")
        equalized = self.transform(
            base,
            f"ptq-assign-schemes{{equalization={method}}},"
            f"ptq-equalize-channels{{factors={factors} data={calibration}}}",
            "equalized",
        )
        _, expected = self.execute(base, engine)
        _, actual = self.execute(equalized, engine)
        for name, outputs in expected.items():
            what = f"{method}, {factors}, {engine}: {name}"
            if factors == "powers-of-two":
                same = outputs.tobytes() == actual[name].tobytes()
                self.expect(same, what + " is the same to the bit")
                continue
            error = np.abs(outputs - actual[name]).max() / np.abs(outputs).max()
            self.expect(error <= 1e-5, f"{what} differs by {error:.1e}")
            self.expect(error > 0, f"{what}: something has been scaled")

    def check_agreement(self, network, options, least):
        quantized = self.path("quantized.mlirbc")
        run(
            "ptq-opt",
            network,
            f"--ptq-calibrate=data={self.data('calibration.npz')} {options}",
            "--ptq-lower",
            "--emit-bytecode",
            "-o",
            quantized,
        )
        report = run(
            "ptq-run",
            quantized,
            "--input",
            self.data("evaluation.npz"),
            "--reference",
            network,
            "--json",
        )
        agreement = 100 * json.loads(report.stdout)["agreement"]
        self.expect(agreement >= least, f"{options}: {agreement:.2f} % agree")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("--data", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--calibrate")
    parser.add_argument("--agreement", type=float, default=100)
    checker = EqualizationChecker(parser.parse_args())
    arguments = checker.arguments

    network = checker.path("imported.mlir")
    run("ptq-translate", "--import-onnx", arguments.model, "-o", network)
    base = checker.transform(network, FLOAT_PASSES, "float")
    for method in ("crosslayer", "smoothquant"):
        for engine in ("interpreter", "jit"):
            checker.check_function(base, method, "powers-of-two", engine)
        checker.check_function(base, method, "computed", "jit")
    if arguments.calibrate:
        checker.check_agreement(network, arguments.calibrate, arguments.agreement)
    sys.exit(checker.failures != 0)


if __name__ == "__main__":
    main()
