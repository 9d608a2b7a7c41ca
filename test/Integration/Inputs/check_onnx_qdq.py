"""A network quantized by ONNX Runtime, compiled, against ONNX Runtime itself.

    check_onnx_qdq.py MODEL.onnx --data FOLDER --work FOLDER

Quantizes the network by ONNX Runtime's static quantizer in several ways, in QDQ and
in QOperator form, imports and compiles what it makes, and checks:

  integer   every op that can be quantized computes on codes
  kept      ptq-calibrate leaves the network as it is
  outputs   99.9 % are at most one step of the output's scale from ONNX Runtime's
  accuracy  top-1 is within 0.25 points of ONNX Runtime's

ONNX Runtime computes in the mode that is exact on every processor: by default, 16-bit
sums of products overflow where there is no VNNI.
"""

import argparse
import json
import re
import sys

import numpy as np
import onnx
import onnxruntime
from onnxruntime.quantization import (
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process

from checker import Checker, run


class Samples(CalibrationDataReader):
    """The samples of an archive, one by one."""

    def __init__(self, path, name):
        with np.load(path) as arrays:
            samples = arrays[name]
        self.feeds = iter([{name: sample[np.newaxis]} for sample in samples])

    def get_next(self):
        return next(self.feeds, None)


def make_session(path):
    options = onnxruntime.SessionOptions()
    options.add_session_config_entry("session.x64quantprecision", "1")
    return onnxruntime.InferenceSession(
        path, options, providers=["CPUExecutionProvider"]
    )


def drop_softmax(path):
    """Makes the logits the output of a network that ends in a softmax."""
    model = onnx.load(path)
    (output,) = model.graph.output
    last = model.graph.node[-1]
    if last.op_type == "Softmax":
        assert list(last.output) == [output.name]
        output.name = last.input[0]
        model.graph.node.remove(last)
        onnx.save(model, path)


def get_output_step(model):
    """The scale of the DequantizeLinear that gives the output."""
    (output,) = model.graph.output
    (producer,) = [node for node in model.graph.node if output.name in node.output]
    assert producer.op_type == "DequantizeLinear", producer.op_type
    constants = {constant.name: constant for constant in model.graph.initializer}
    return onnx.numpy_helper.to_array(constants[producer.input[1]]).item()


class ImportChecker(Checker):
    def __init__(self, arguments):
        super().__init__(arguments)
        self.input_name, self.inputs, self.labels = self.load_evaluation()

    def quantize(self, source, path, **options):
        samples = Samples(self.data("calibration.npz"), self.input_name)
        quantize_static(
            source,
            path,
            samples,
            weight_type=QuantType.QInt8,
            **options,
        )

    def lower(self, network, name):
        """Lowers in steps; gives accuracy and outputs of the compiled code."""
        integer, compiled = self.path(f"{name}.integer.mlir"), self.path(
            f"{name}.mlirbc"
        )
        outputs = self.path(f"{name}.npz")
        lowered = run("ptq-opt", network, "--ptq-lower=to=integer", "-o", integer)
        summary = re.search(r"ptq: (\d+) ops? quantized, (\d+) left", lowered.stderr)
        done, left = map(int, summary.groups())
        self.expect(
            done > 0 and left == 0, f"{name}: {done} ops are integer, {left} not"
        )
        run("ptq-opt", integer, "--ptq-lower", "--emit-bytecode", "-o", compiled)
        report = run(
            "ptq-run",
            compiled,
            "--engine=jit",
            "--input=" + self.data("evaluation.npz"),
            "--labels=labels",
            f"--output={outputs}",
            "--json",
        )
        with np.load(outputs) as arrays:
            (output,) = arrays.files
            return json.loads(report.stdout)["accuracy"], arrays[output]

    def compile(self, path, name):
        """Imports and lowers; gives accuracy and outputs of the compiled code."""
        imported, kept = self.path(f"{name}.mlir"), self.path(f"{name}.kept.mlir")
        run("ptq-translate", "--import-onnx", path, "-o", imported)
        calibrate = "--ptq-calibrate=data=" + self.data("calibration.npz")
        run("ptq-opt", imported, calibrate, "-o", kept)
        accuracy, outputs = self.lower(imported, name)
        _, kept_outputs = self.lower(kept, f"{name}.kept")
        same = outputs.tobytes() == kept_outputs.tobytes()
        self.expect(same, f"{name}: ptq-calibrate changes nothing")
        return accuracy, outputs

    def check(self, source, name, **options):
        path = self.path(f"{name}.onnx")
        self.quantize(source, path, **options)
        (expected,) = make_session(path).run(None, {self.input_name: self.inputs})
        expected_accuracy = (expected.argmax(1) == self.labels).mean()
        accuracy, outputs = self.compile(path, name)
        steps = np.abs(outputs - expected) / get_output_step(onnx.load(path))
        near = (steps < 1.5).mean()
        self.expect(
            near >= 0.999,
            f"{name}: {100 * near:.3f} % of outputs within one step, "
            f"{100 * (steps < 0.5).mean():.2f} % equal, {steps.max():.0f} at most",
        )
        self.expect(
            abs(accuracy - expected_accuracy) <= 0.0025 + 1e-9,
            f"{name}: top-1 is {100 * accuracy:.2f} % beside "
            f"{100 * expected_accuracy:.2f} %",
        )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("--data", required=True)
    parser.add_argument("--work", required=True)
    checker = ImportChecker(parser.parse_args())
    # Batch norms are folded first, as ONNX Runtime recommends.
    source = checker.path("source.onnx")
    quant_pre_process(checker.arguments.model, source, skip_symbolic_shape=True)
    drop_softmax(source)
    # ONNX Runtime has no QGemm for the signed activations its quantizer makes.
    for form, activations in (
        (QuantFormat.QDQ, QuantType.QUInt8),
        (QuantFormat.QDQ, QuantType.QInt8),
        (QuantFormat.QOperator, QuantType.QUInt8),
    ):
        for per_channel in (False, True):
            kind = "channel" if per_channel else "tensor"
            checker.check(
                source,
                f"{form}-{activations}-{kind}",
                quant_format=form,
                activation_type=activations,
                per_channel=per_channel,
            )
    sys.exit(checker.failures != 0)


if __name__ == "__main__":
    main()
