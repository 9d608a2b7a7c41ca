"""Takes a language model through the float path and checks what ptq promises of it.

    check_language_model.py MODEL.onnx --data FOLDER --reference FILE.npz
                            --work FOLDER --nll NLL [--nll-of-all NLL --measure]

FOLDER holds evaluation.npz (input_ids), the reference the logits that ONNX
Runtime gives for its first windows. The expected loss is the mean negative
log-likelihood of the next token. Checked on these windows are

  import       the float form, interpreted, is within 1e-4 of ONNX Runtime
  jit          so is the float form, compiled
  engines      both agree within 1e-6 of the largest logit
  loss         ptq-run's loss is the expected one within 1e-3, and the one that
               numpy computes from the logits; perplexity is its exponential

--measure checks the loss of all windows too, and prints the time of one window
beside that of ONNX Runtime where it is installed; times are never checked.
"""

import argparse
import json
import sys
import time

import numpy as np

from check_network import NetworkChecker


def get_loss(logits, tokens):
    """The mean negative log-likelihood of the next token."""
    logits = logits[:, :-1].astype(np.float64)
    logits -= logits.max(-1, keepdims=True)
    chosen = np.take_along_axis(logits, tokens[:, 1:, None], -1)[..., 0]
    return float((np.log(np.exp(logits).sum(-1)) - chosen).mean())


def run(checker, module, engine, *options):
    """The figures of a module on evaluation windows, and its logits."""
    output = module + "." + engine + ".npz"
    text, _ = checker.run(
        "ptq-run",
        module,
        "--engine=" + engine,
        "--input",
        checker.data("evaluation.npz"),
        "--tokens",
        "input_ids",
        "--output",
        output,
        "--json",
        *options,
    )
    with np.load(output) as arrays:
        (name,) = arrays.files
        return json.loads(text), arrays[name]


def check_loss(checker, report, logits, tokens, expected):
    loss = get_loss(logits, tokens)
    checker.expect(
        abs(report["nll"] - expected) <= 1e-3,
        f"loss: {report['nll']:.4f} over {len(logits)} windows, expected {expected}",
    )
    checker.expect(
        np.isclose(report["nll"], loss, rtol=1e-9)
        and np.isclose(report["perplexity"], np.exp(loss), rtol=1e-9),
        f"loss: computed here {loss:.4f}, perplexity {np.exp(loss):.4f}",
    )


def time_onnxruntime(model, tokens):
    """Median microseconds for one window on one thread."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        model, options, providers=["CPUExecutionProvider"]
    )
    times = []
    for i in range(100):
        window = {"input_ids": tokens[i % len(tokens)][None]}
        start = time.perf_counter()
        session.run(None, window)
        times.append(time.perf_counter() - start)
    return 1e6 * float(np.median(times[10:]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    for name in ("--data", "--reference", "--work"):
        parser.add_argument(name, required=True)
    parser.add_argument("--nll", required=True, type=float)
    parser.add_argument("--nll-of-all", type=float)
    parser.add_argument("--measure", action="store_true")
    arguments = parser.parse_args()
    checker = NetworkChecker(arguments)

    with np.load(checker.data("evaluation.npz")) as arrays:
        tokens = arrays["input_ids"]
    with np.load(arguments.reference) as arrays:
        reference = arrays["logits"]
    first = f"--samples={len(reference)}"

    imported = checker.path("float.mlir")
    checker.run("ptq-translate", "--import-onnx", arguments.model, "-o", imported)
    float_form, _ = checker.compile(imported, [], "float.mlirbc")
    code, _ = checker.compile(float_form, ["--ptq-lower"], "float.llvm.mlirbc")

    largest = np.abs(reference).max()
    logits = {}
    for check, module, engine in (
        ("import", float_form, "interpreter"),
        ("jit", code, "jit"),
    ):
        report, logits[check] = run(checker, module, engine, first)
        error = np.abs(logits[check] - reference).max() / largest
        checker.expect(error <= 1e-4, f"{check}: largest error {error:.1e}")
    error = np.abs(logits["import"] - logits["jit"]).max() / largest
    checker.expect(error <= 1e-6, f"engines: largest difference {error:.1e}")
    check_loss(checker, report, logits["jit"], tokens[: len(reference)], arguments.nll)

    if arguments.measure:
        report, all_logits = run(checker, code, "jit", "--benchmark")
        if arguments.nll_of_all is not None:
            check_loss(checker, report, all_logits, tokens, arguments.nll_of_all)
        print(f"one window: {report['median_us'] / 1000:.2f} ms")
        try:
            peer = time_onnxruntime(arguments.model, tokens)
            print(f"one window: ONNX Runtime {peer / 1000:.2f} ms")
        except ImportError:
            print("ONNX Runtime is not installed")
    sys.exit(checker.failures != 0)


if __name__ == "__main__":
    main()
