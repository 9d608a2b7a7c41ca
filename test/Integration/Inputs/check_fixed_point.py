"""A network without a float between its codes, against the same with them.

    check_fixed_point.py MODEL.onnx --data FOLDER --work FOLDER

Checked of the static int8 network with requantize=fixed-point:

  integer only  ptq-verify-integer-only finds no float up to the last op, and
                finds those of requantize=float
  engines       compiled code gives the interpreter's bits
  accuracy      top-1 is within 0.25 points of that with float multipliers
  outputs       differ from those by less than the quantization itself does
"""

import argparse
import json
import sys

import numpy as np

from checker import Checker, run


class FixedPointChecker(Checker):
    def evaluate(self, module, engine):
        """The accuracy, and the one output."""
        text, outputs = self.execute(module, engine, "--labels=labels", "--json")
        (result,) = outputs.values()
        return json.loads(text)["accuracy"], result

    def check(self, quantized, form):
        """Lowers to `form`; gives accuracy and outputs of the compiled code."""
        integer = self.path(f"{form}.mlir")
        compiled = self.path(f"{form}.mlirbc")
        option = f"requantize={form}"
        run("ptq-opt", quantized, f"--ptq-lower=to=integer {option}", "-o", integer)
        run("ptq-opt", integer, "--ptq-lower", "--emit-bytecode", "-o", compiled)
        verification = run(
            "ptq-opt",
            integer,
            "--ptq-verify-integer-only=allow-tail",
            "-o",
            "/dev/null",
            succeeds=False,
        )
        is_integer = verification.returncode == 0
        self.expect(is_integer == (form == "fixed-point"), f"{form}: verification")
        _, interpreted = self.evaluate(integer, "interpreter")
        accuracy, outputs = self.evaluate(compiled, "jit")
        same = interpreted.tobytes() == outputs.tobytes()
        self.expect(same, f"{form}: interpreter and compiled code are equal")
        return accuracy, outputs


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("--data", required=True)
    parser.add_argument("--work", required=True)
    checker = FixedPointChecker(parser.parse_args())
    arguments = checker.arguments

    network = checker.path("network.mlir")
    quantized = checker.path("qdq.mlir")
    run("ptq-translate", "--import-onnx", arguments.model, "-o", network)
    samples = checker.data("calibration.npz")
    run("ptq-opt", network, f"--ptq-calibrate=data={samples}", "-o", quantized)
    accuracy, outputs = checker.check(quantized, "float")
    fixed_accuracy, fixed_outputs = checker.check(quantized, "fixed-point")
    _, float_outputs = checker.evaluate(network, "jit")
    checker.expect(
        abs(accuracy - fixed_accuracy) <= 0.0025,
        f"top-1 is {100 * fixed_accuracy:.2f} % beside {100 * accuracy:.2f} %",
    )
    change = np.square(fixed_outputs - outputs).mean()
    noise = np.square(outputs - float_outputs).mean()
    checker.expect(change < noise / 10, f"changed by {change:.1e}, noise {noise:.1e}")
    sys.exit(checker.failures != 0)


if __name__ == "__main__":
    main()
