"""Products in blocks of one language model, beside float products.

    check_blocks.py MODEL.onnx --data FOLDER --work FOLDER --tokens INPUT --block N
                    --most KIND=STORAGE=LOSS ...

Weights have 4 bits in blocks. Activations stay float in the reference; they are
quantized in blocks by --ptq-lower (KIND weight-only) or by --ptq-calibrate (dynamic),
to i8 or i16 (STORAGE). Checked are

  loss     the mean negative log-likelihood over all windows is above that of the
           reference by LOSS at most
  kernels  with float activations otherwise, all products became dot products
  engines  the interpreter on the integer form gives what compiled code gives, on two
           windows, within 1e-5 of the largest output
"""

import argparse
import json
import sys

import numpy as np

from checker import Checker, run


class BlocksChecker(Checker):
    def transform(self, source, name, *flags):
        path = self.path(name)
        remarks = "--remarks-filter=ptq-vectorize-contractions"
        log = run("ptq-opt", source, *flags, remarks, "--emit-bytecode", "-o", path)
        return path, log.stderr

    def measure_loss(self, module):
        tokens = f"--tokens={self.arguments.tokens}"
        text, _ = self.execute(module, "jit", tokens, "--json")
        return json.loads(text)["nll"]

    def check(self, kind, storage, weight_only, most, reference):
        name = f"{kind}.{storage}"
        if kind == "weight-only":
            qdq, lower = weight_only, f"weight-only={storage}"
        else:
            options = f"scheme=dynamic weights=i4 block={self.arguments.block}"
            options += f" activations={storage} activations-per=block"
            qdq, _ = self.transform(
                self.path("float.mlir"),
                name + ".qdq.mlirbc",
                f"--ptq-calibrate={options}",
            )
            lower = ""
        compiled, log = self.transform(
            qdq, name + ".llvm.mlirbc", f"--ptq-lower={lower}"
        )
        integer, _ = self.transform(
            qdq, name + ".integer.mlirbc", f"--ptq-lower=to=integer {lower}"
        )
        added = self.measure_loss(compiled) - reference
        self.expect(added <= most, f"{name}: {added:+.6f} in loss, at most {most}")
        missed = log.count("MissedDotProduct")
        # Those of two activations of 16 bits have none.
        if kind == "weight-only":
            self.expect(missed == 0, f"{name}: {missed} products without dot products")
        outputs = []
        for module, engine in ((integer, "interpreter"), (compiled, "jit")):
            _, arrays = self.execute(module, engine, "--samples=2")
            outputs.append(next(iter(arrays.values())))
        error = np.abs(outputs[0] - outputs[1]).max() / np.abs(outputs[0]).max()
        self.expect(error <= 1e-5, f"{name}: engines differ by {error:.1e}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    for option in ("--data", "--work", "--tokens"):
        parser.add_argument(option, required=True)
    parser.add_argument("--block", type=int, required=True)
    parser.add_argument("--most", nargs="+", required=True)
    arguments = parser.parse_args()
    checker = BlocksChecker(arguments)
    model = checker.path("float.mlir")
    run("ptq-translate", "--import-onnx", arguments.model, "-o", model)
    options = f"scheme=weight-only weights=i4 block={arguments.block}"
    weight_only, _ = checker.transform(
        model, "weight-only.qdq.mlirbc", f"--ptq-calibrate={options}"
    )
    compiled, _ = checker.transform(weight_only, "float.llvm.mlirbc", "--ptq-lower")
    reference = checker.measure_loss(compiled)
    print(f"loss with float products: {reference:.6f}")
    for text in arguments.most:
        kind, storage, most = text.split("=")
        checker.check(kind, storage, weight_only, float(most), reference)
    return checker.failures != 0


if __name__ == "__main__":
    sys.exit(main())
