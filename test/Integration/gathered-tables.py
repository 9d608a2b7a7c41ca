# REQUIRES: numpy, onnx
# RUN: %python %s %S %t
"""Quantized tables that rows are gathered from, against numpy.

Tables are quantized per row, in blocks along rows and as one, packed wherever
their codes are small. The QDQ form and the integer form, interpreted, and compiled
code must give the bits of rows that numpy has quantized and dequantized.
"""

import os
import subprocess
import sys

import numpy as np

sys.path.append(os.path.join(sys.argv[1], "Inputs"))
from check_weight_only import quantize_rows

# Options, bits, block, symmetric.
SCHEMES = [
    ("weights=i8", 8, None, True),
    ("weights=i8 weights-per=tensor", 8, "tensor", True),
    ("weights=i8 weights-symmetry=asymmetric", 8, None, False),
    ("weights=i8 block=4", 8, 4, True),
    ("weights=i4", 4, None, True),
    ("weights=i4 weights-symmetry=asymmetric", 4, None, False),
    ("weights=i4 block=4", 4, 4, True),
    ("weights=i4 block=4 weights-symmetry=asymmetric", 4, 4, False),
    ("weights=i4 block=128", 4, 128, True),
    ("weights=i2 block=4", 2, 4, True),
]
# The shape of the table, and the dimension along which rows are picked. Codes of
# the second table share bytes across rows, those of the third across all.
TABLES = [((9, 6), 0), ((8, 7), 0), ((9, 7), 0), ((6, 10), 1), ((3, 8, 5), 1), ((40, 64), 0)]


def run(*command):
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(" ".join(command) + "\n" + result.stdout + result.stderr)


def get_type(shape, element):
    return "tensor<" + "x".join(str(size) for size in shape) + f"x{element}>"


def build_gather(name, shape, axis):
    """IR that picks rows of %table_NAME as %NAME, and the type of that."""
    rest = shape[:axis] + shape[axis + 1 :]
    rank = 2 + len(rest)
    loops = ", ".join(f"d{loop}" for loop in range(rank))
    iterators = ", ".join(['"parallel"'] * rank)
    position = [f"%i{dim}" for dim in range(len(rest))]
    position.insert(axis, "%id")
    indices = "".join(
        f"      %i{dim} = linalg.index {dim + 2} : index\n" for dim in range(len(rest))
    )
    result = get_type(("?", 2) + rest, "f32")
    text = f"""    %empty_{name} = tensor.empty(%n) : {result}
    %{name} = linalg.generic {{
        indexing_maps = [affine_map<({loops}) -> (d0, d1)>, affine_map<({loops}) -> ({loops})>],
        iterator_types = [{iterators}]}} ins(%ids : tensor<?x2xi64>) outs(%empty_{name} : {result}) {{
    ^bb0(%in: i64, %out: f32):
      %id = arith.index_cast %in : i64 to index
{indices}      %0 = tensor.extract %table_{name}[{", ".join(position)}] : {get_type(shape, "f32")}
      linalg.yield %0 : f32
    }} -> {result}
"""
    return text, result


def write_module(path, tables):
    """Picks rows of all tables for a batch of two indices a sample."""
    body, results = "", []
    for index, (table, axis) in enumerate(tables):
        data = table.tobytes().hex().upper()
        constant = f'arith.constant dense<"0x{data}"> : {get_type(table.shape, "f32")}'
        text, result = build_gather(f"r{index}", table.shape, axis)
        body += f"    %table_r{index} = {constant}\n{text}"
        results.append(result)
    types = ", ".join(results)
    names = ", ".join(f"%r{index}" for index in range(len(tables)))
    with open(path, "w") as file:
        file.write(f"""module {{
  func.func @forward(%ids: tensor<?x2xi64>) -> ({types}) attributes {{ptq.entry}} {{
    %c0 = arith.constant 0 : index
    %n = tensor.dim %ids, %c0 : tensor<?x2xi64>
{body}    return {names} : {types}
  }}
}}
""")


def quantize_table(table, axis, bits, block, symmetric):
    """`table` as numpy quantizes it."""
    rows = np.moveaxis(table, axis, 0)
    # Blocks that do not lie along one axis of the table are not to be had.
    if isinstance(block, int) and table.ndim > 2:
        block = None
    shape = (1, -1) if block == "tensor" else (len(rows), -1)
    flat = np.ascontiguousarray(rows).reshape(shape)
    size = block if isinstance(block, int) else flat.shape[1]
    parts = [
        quantize_rows(flat[:, at : at + size], bits, symmetric, isinstance(block, int))
        for at in range(0, flat.shape[1], size)
    ]
    return np.moveaxis(np.concatenate(parts, 1).reshape(rows.shape), 0, axis)


def make_table(random, shape, axis):
    table = random.normal(0, 1, shape).astype(np.float32)
    rows = np.moveaxis(table, axis, 0)
    rows[1] = 0
    rows[2] *= 100
    rows[3] = np.abs(rows[3]) + 1
    rows[4] = random.integers(-7, 8, rows[4].shape) / 2
    rows[4].flat[0] = 7
    return table


def main():
    work = sys.argv[2]
    os.makedirs(work, exist_ok=True)
    path = lambda name: os.path.join(work, name)
    random = np.random.default_rng(5)
    failures = 0
    tables = [(make_table(random, shape, axis), axis) for shape, axis in TABLES]
    write_module(path("float.mlir"), tables)
    ids = np.array([[0, 7], [1, 2], [3, 4], [7, 0], [2, 2]], np.int64)
    np.savez(path("ids.npz"), arg0=ids)
    for options, *how in SCHEMES:
        calibrate = f"--ptq-calibrate=scheme=weight-only {options}"
        run("ptq-opt", path("float.mlir"), calibrate, "-o", path("qdq.mlir"))
        for form, lower, engine in (
            ("qdq", [], "interpreter"),
            ("integer", ["--ptq-lower=to=integer"], "interpreter"),
            ("code", ["--ptq-lower"], "jit"),
        ):
            run("ptq-opt", path("qdq.mlir"), *lower, "-o", path("form.mlir"))
            run(
                *["ptq-run", path("form.mlir"), "--engine=" + engine],
                *["--input", path("ids.npz"), "--output", path("out.npz")],
            )
            with np.load(path("out.npz")) as arrays:
                results = list(arrays.values())
            for (table, axis), result in zip(tables, results, strict=True):
                expected = np.take(quantize_table(table, axis, *how), ids, axis)
                expected = np.moveaxis(expected, [axis, axis + 1], [0, 1])
                if not np.array_equal(result, expected):
                    worst = np.abs(result - expected).max()
                    print(f"{table.shape} by {axis}, {options}: {form} differs by {worst}")
                    failures += 1
    sys.exit(failures != 0)


if __name__ == "__main__":
    main()
