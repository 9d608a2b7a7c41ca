"""A network quantized here, exported, against ONNX Runtime's execution of it.

    check_onnx_export.py MODEL.onnx --data FOLDER --work FOLDER [--calibrate OPTIONS]

Quantizes the network, to static int8 unless OPTIONS say otherwise, exports the QDQ form, and checks:

  valid      ONNX's own checker accepts the exported model
  accuracy   top-1 in ONNX Runtime is within 0.25 points of that of the compiled code
  outputs    ONNX Runtime's, op by op, differ by less than quantization itself does;
             its optimizations may cost more than that with codes of 4 and 16 bits
  imported   the exported model, imported and compiled, gives the same bits
"""

import argparse
import sys

import numpy as np
import onnx
import onnxruntime

from checker import Checker, run


class ExportChecker(Checker):
    def __init__(self, arguments):
        super().__init__(arguments)
        self.input_name, self.inputs, self.labels = self.load_evaluation()

    def get_accuracy(self, outputs):
        return 100 * (outputs.argmax(1) == self.labels).mean()

    def run_compiled(self, network, name):
        compiled, outputs = self.path(f"{name}.mlirbc"), self.path(f"{name}.npz")
        run("ptq-opt", network, "--ptq-lower", "--emit-bytecode", "-o", compiled)
        data = "--input=" + self.data("evaluation.npz")
        run("ptq-run", compiled, "--engine=jit", data, f"--output={outputs}")
        with np.load(outputs) as arrays:
            (output,) = arrays.files
            return arrays[output]

    def run_onnxruntime(self, path, optimized):
        options = onnxruntime.SessionOptions()
        if not optimized:
            options.graph_optimization_level = (
                onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
            )
        # Without it, 16-bit sums overflow on processors without VNNI.
        options.add_session_config_entry("session.x64quantprecision", "1")
        session = onnxruntime.InferenceSession(
            path, options, providers=["CPUExecutionProvider"]
        )
        return session.run(None, {self.input_name: self.inputs})[0]

    def check(self):
        network, quantized = self.path("float.mlir"), self.path("qdq.mlir")
        exported, imported = self.path("exported.onnx"), self.path("imported.mlir")
        samples = self.data("calibration.npz")
        run("ptq-translate", "--import-onnx", self.arguments.model, "-o", network)
        options = f"data={samples} {self.arguments.calibrate}"
        run("ptq-opt", network, f"--ptq-calibrate={options}", "-o", quantized)
        run("ptq-translate", "--export-onnx", quantized, "-o", exported)
        run("ptq-translate", "--import-onnx", exported, "-o", imported)
        onnx.checker.check_model(exported, full_check=True)

        original = self.run_compiled(network, "float")
        outputs = self.run_compiled(quantized, "ours")
        accuracy = self.get_accuracy(outputs)
        for optimized in (True, False):
            expected = self.run_onnxruntime(exported, optimized)
            there = self.get_accuracy(expected)
            self.expect(
                abs(accuracy - there) <= 0.25 + 1e-9,
                f"top-1 is {there:.2f} % in ONNX Runtime, {accuracy:.2f} % here",
            )
        change = np.square(expected - outputs).mean()
        noise = np.square(outputs - original).mean()
        self.expect(change < noise / 10, f"differ by {change:.1e}, noise {noise:.1e}")
        again = self.run_compiled(imported, "imported")
        self.expect(again.tobytes() == outputs.tobytes(), "imported again: the same bits")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("--data", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--calibrate", default="")
    checker = ExportChecker(parser.parse_args())
    checker.check()
    sys.exit(checker.failures != 0)


if __name__ == "__main__":
    main()
