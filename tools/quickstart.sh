#!/usr/bin/env bash
# From nothing to a quantized network: installs what is missing, builds the tools, imports the digits
# network of this repository, quantizes it to int8 machine code, runs it beside the float network, and
# prints the two side by side. Safe to run again. Works in build/; results in build/quickstart/.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

tools/install-dependencies.sh
[[ -e build/build.ninja ]] || cmake --preset default
ninja -C build ptq-opt ptq-translate ptq-run

digits=test/Integration/digits
out=build/quickstart
mkdir -p "$out"

# Shows a command, then runs it; the tools are on its path.
run() {
  printf '\n$' >&2
  printf ' %q' "$@" >&2
  printf '\n' >&2
  PATH="$PWD/build/bin:$PATH" "$@"
}

# Runs a compiled network on the images that training never saw, into a JSON file.
measure() {
  run ptq-run "$1" --input "$digits/evaluation.npz" --labels labels \
    --reference "$digits/reference.npz" --benchmark --json > "$2"
}

run ptq-translate --import-onnx "$digits/digits.onnx" -o "$out/digits.mlir"
run ptq-opt "$out/digits.mlir" --emit-bytecode -o "$out/float.mlirbc"

run ptq-opt "$out/float.mlirbc" --ptq-calibrate="data=$digits/calibration.npz" --emit-bytecode \
  -o "$out/int8.mlirbc"
run ptq-opt "$out/int8.mlirbc" --ptq-lower --emit-bytecode -o "$out/int8.llvm.mlirbc"
run ptq-opt "$out/float.mlirbc" --ptq-lower --emit-bytecode -o "$out/float.llvm.mlirbc"

measure "$out/float.llvm.mlirbc" "$out/float.json"
measure "$out/int8.llvm.mlirbc" "$out/int8.json"

python3 - "$out" << 'END'
import json
import os
import sys

folder = sys.argv[1]


def load(name):
    with open(os.path.join(folder, name + ".json")) as file:
        row = json.load(file)
    row["bytes"] = os.path.getsize(os.path.join(folder, name + ".mlirbc"))
    return row


def line(label, key, form, gain=""):
    cells = [form.format(row[key]) for row in (real, codes)]
    print(f"{label:32}{cells[0]:>12}{cells[1]:>12}   {gain}".rstrip())


real, codes = load("float"), load("int8")
for row in (real, codes):
    row.update(accuracy=100 * row["accuracy"], agreement=100 * row["agreement"])
print(f"\n{'digits, 500 unseen images':32}{'float':>12}{'int8':>12}")
line("accuracy", "accuracy", "{:.2f} %")
line("agreement with ONNX Runtime", "agreement", "{:.2f} %")
line("signal to quantization noise", "sqnr_db", "{:.1f} dB")
smaller, faster = (real[key] / codes[key] for key in ("bytes", "median_us"))
line("network and weights at rest", "bytes", "{:,d} B", f"{smaller:.1f} x smaller")
line("median time for one image", "median_us", "{:.1f} us", f"{faster:.1f} x faster")
END
