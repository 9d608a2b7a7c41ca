"""Takes one network the whole way and checks what ptq promises of it.

    check_network.py MODEL.onnx --data FOLDER --reference FILE.npz --work FOLDER
                     --accuracy PERCENT --agreement PERCENT --sqnr DB
                     [--calibrate OPTIONS] [--measure]

FOLDER holds calibration.npz (input) and evaluation.npz (input, labels). The
expected accuracy, agreement and signal-to-quantization-noise ratio are those of
static int8 with min-max ranges, or of what OPTIONS ask of ptq-calibrate,
simulated independently. Checked are

  import       the float form, interpreted, is within 1e-4 of ONNX Runtime
  jit          so is the float form, compiled
  accuracy     quantized, compiled, it is as accurate as expected
  report       ptq-run's own figures are those computed here
  exactness    every integer tensor of the integer form is the same, bit for
               bit, by interpreter and by compiled code; float results agree
               within 1e-6 of the largest one, and in their top-1
  size         int8 weights at rest are about a quarter of the float file
  samples      with --scheme=dynamic, for which no calibration data is given: the
               outputs are those of one sample a call, bit for bit, when a call
               has seven

With --strict the expected figures are limits, and otherwise they have some slack.
--measure prints the time of calibration and of one sample, float and int8, with
those of ONNX Runtime where it is installed; times are never checked.
"""

import argparse
import json
import os
import sys
import time

import numpy as np

import expose_integers
from checker import Checker, run

# How far each figure of static quantization may fall short of the expected one.
ACCURACY_SLACK, AGREEMENT_SLACK, SQNR_SLACK = 0.75, 1.5, 1.5
# Samples in one call, not a divisor of how many there are.
BATCH = 7


class NetworkChecker(Checker):
    def run(self, *command):
        """Runs a tool; returns its output and the seconds that it took."""
        start = time.perf_counter()
        result = run(*command)
        return result.stdout, time.perf_counter() - start

    def compile(self, source, flags, name):
        path = self.path(name)
        _, seconds = self.run("ptq-opt", source, *flags, "--emit-bytecode", "-o", path)
        return path, seconds

    def compute(self, module, engine, batch=1):
        """The outputs of a module on the evaluation inputs, by name."""
        _, outputs = self.execute(module, engine, f"--batch={batch}")
        return outputs


def sqnr(reference, result):
    reference = reference.astype(np.float64)
    noise = np.square(reference - result).sum()
    return 10 * np.log10(np.square(reference).sum() / noise) if noise else np.inf


def percent(flags):
    return 100 * float(np.mean(flags))


def check_float(checker, float_form, compiled, reference):
    limit = 1e-4 * np.abs(reference).max()
    for check, module, engine in (
        ("import", float_form, "interpreter"),
        ("jit", compiled, "jit"),
    ):
        (result,) = checker.compute(module, engine).values()
        error = np.abs(result - reference).max()
        checker.expect(
            result.shape == reference.shape and error <= limit,
            f"{check}: largest error {error:.2e}, limit {limit:.2e}",
        )


def check_accuracy(checker, result, reference, labels):
    expected = checker.arguments
    figures = {
        "accuracy": percent(result.argmax(1) == labels),
        "agreement": percent(result.argmax(1) == reference.argmax(1)),
        "sqnr_db": sqnr(reference, result),
    }
    for key, unit, target, slack in (
        ("accuracy", "%", expected.accuracy, ACCURACY_SLACK),
        ("agreement", "%", expected.agreement, AGREEMENT_SLACK),
        ("sqnr_db", "dB", expected.sqnr, SQNR_SLACK),
    ):
        slack = 0 if expected.strict else slack
        checker.expect(
            figures[key] >= target - slack,
            f"accuracy: {key} {figures[key]:.2f} {unit}, expected {target:.2f}",
        )
    return figures


def check_samples(checker, code, result):
    """Samples of one call have nothing to do with each other."""
    (batched,) = checker.compute(code, "jit", BATCH).values()
    checker.expect(
        np.array_equal(batched, result),
        f"samples: {BATCH} in a call differ by {np.abs(batched - result).max():.1e}",
    )


def check_report(checker, report, figures):
    for key, scale in (("accuracy", 100), ("agreement", 100), ("sqnr_db", 1)):
        value = report.get(key)
        checker.expect(
            value is not None and abs(scale * value - figures[key]) < 0.01,
            f"report: {key} {value}, computed here {figures[key] / scale:.4f}",
        )


def check_exactness(checker, quantized):
    """Makes results of all integer tensors, then compares the two engines."""
    integer, _ = checker.compile(quantized, ["--ptq-lower=to=integer"], "integer.mlirbc")
    text, _ = checker.run("ptq-opt", integer, "--mlir-print-op-generic")
    text, names = expose_integers.expose(text)
    exposed = checker.path("exposed.mlir")
    with open(exposed, "w") as file:
        file.write(text)
    compiled, _ = checker.compile(exposed, ["--ptq-lower"], "exposed.llvm.mlirbc")
    expected = checker.compute(exposed, "interpreter")
    actual = checker.compute(compiled, "jit")
    checker.expect(len(names) > 0, f"exactness: {len(names)} integer tensors")
    different = [name for name in names if not np.array_equal(expected[name], actual[name])]
    checker.expect(not different, f"exactness: different integers: {different}")
    for name in sorted(set(expected) - set(names)):
        largest = np.abs(expected[name]).max()
        error = np.abs(expected[name] - actual[name]).max()
        same = np.array_equal(expected[name].argmax(1), actual[name].argmax(1))
        checker.expect(
            error <= 1e-6 * largest and same,
            f"exactness: '{name}' differs by {error / largest:.1e} of its largest",
        )


def check_size(checker, quantized):
    """Weights, biases and scales at rest; the program around them is small, but
    not beside the smallest networks."""
    program, _ = checker.compile(
        quantized, ["--elide-resource-data-from-bytecode"], "program.mlirbc"
    )
    file = os.path.getsize(quantized)
    whole = os.path.getsize(checker.arguments.model)
    weights = (file - os.path.getsize(program)) / whole
    checker.expect(
        0.2 < weights < 0.36,
        f"size: int8 weights are {weights:.3f} of the float file, "
        f"with the program {file / whole:.3f}",
    )


def quantize_by_onnxruntime(model, samples, path):
    """Static int8 by ONNX Runtime's own tool, as its documentation advises for
    x86-64: batch norms folded, U8S8, min-max, weights per channel."""
    from onnxruntime import quantization

    class Reader(quantization.CalibrationDataReader):
        def __init__(self):
            self.samples = iter(samples)

        def get_next(self):
            sample = next(self.samples, None)
            return None if sample is None else {"input": sample[None]}

    prepared = path + ".prepared.onnx"
    quantization.shape_inference.quant_pre_process(
        model, prepared, skip_symbolic_shape=True
    )
    quantization.quantize_static(
        prepared,
        path,
        Reader(),
        per_channel=True,
        activation_type=quantization.QuantType.QUInt8,
        weight_type=quantization.QuantType.QInt8,
    )
    return path


def time_onnxruntime(model, images):
    """Median microseconds for one sample on one thread."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        model, options, providers=["CPUExecutionProvider"]
    )
    times = []
    for i in range(1000):
        sample = {"input": images[i % len(images)][None]}
        start = time.perf_counter()
        session.run(None, sample)
        times.append(time.perf_counter() - start)
    return 1e6 * float(np.median(times[100:]))


def measure(checker, calibration, float_report, report, images):
    """Prints times, ONNX Runtime's beside ours where it is installed."""
    print(f"calibration, process included  {calibration:.2f} s")
    print(
        f"one sample: float {float_report['median_us']:.1f} us, "
        f"int8 {report['median_us']:.1f} us"
    )
    try:
        model = checker.arguments.model
        float_time = time_onnxruntime(model, images)
        with np.load(checker.data("calibration.npz")) as arrays:
            samples = arrays["input"]
        codes = quantize_by_onnxruntime(model, samples, checker.path("peer.onnx"))
        print(
            f"one sample: ONNX Runtime float {float_time:.1f} us, "
            f"int8 {time_onnxruntime(codes, images):.1f} us"
        )
    except ImportError:
        print("ONNX Runtime is not installed")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    for name in ("--data", "--reference", "--work"):
        parser.add_argument(name, required=True)
    for name in ("--accuracy", "--agreement", "--sqnr"):
        parser.add_argument(name, required=True, type=float)
    parser.add_argument("--calibrate", default="")
    parser.add_argument("--strict", action="store_true")
    parser.add_argument("--scheme", default="static", choices=["static", "dynamic"])
    parser.add_argument("--measure", action="store_true")
    arguments = parser.parse_args()
    checker = NetworkChecker(arguments)

    with np.load(checker.data("evaluation.npz")) as arrays:
        images, labels = arrays["input"], arrays["labels"]
    with np.load(arguments.reference) as arrays:
        reference = arrays["logits"]

    imported = checker.path("float.mlir")
    checker.run("ptq-translate", "--import-onnx", arguments.model, "-o", imported)
    float_form, _ = checker.compile(imported, [], "float.mlirbc")
    samples = "data=" + checker.data("calibration.npz")
    if arguments.scheme == "dynamic":
        samples = "scheme=dynamic"
    calibrate = f"--ptq-calibrate={samples} {arguments.calibrate}"
    quantized, calibration = checker.compile(float_form, [calibrate], "int8.mlirbc")
    float_code, _ = checker.compile(float_form, ["--ptq-lower"], "float.llvm.mlirbc")
    code, _ = checker.compile(quantized, ["--ptq-lower"], "int8.llvm.mlirbc")

    check_float(checker, float_form, float_code, reference)
    (result,) = checker.compute(code, "jit").values()
    figures = check_accuracy(checker, result, reference, labels)

    def report(module):
        text, _ = checker.run(
            "ptq-run",
            module,
            "--input",
            checker.data("evaluation.npz"),
            "--labels",
            "labels",
            "--reference",
            arguments.reference,
            "--json",
            *(["--benchmark"] if arguments.measure else []),
        )
        return json.loads(text)

    measured = report(code)
    check_report(checker, measured, figures)
    check_exactness(checker, quantized)
    if arguments.scheme == "dynamic":
        check_samples(checker, code, result)
    check_size(checker, quantized)

    if arguments.measure:
        measure(checker, calibration, report(float_code), measured, images)
    sys.exit(checker.failures != 0)


if __name__ == "__main__":
    main()
