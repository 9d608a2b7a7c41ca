"""Parts of modules in QDQ form, what they mean in numpy, and how they are run."""

import subprocess
import sys

import numpy as np

f32 = np.float32
# Code for them runs here; the first is what this machine has.
PROCESSORS = ["", "cpu=x86-64-v3", "cpu=x86-64-v2", "cpu=x86-64"]


def quantize(x, scale, zero_point, width):
    """Codes of `x`, of which what is no number is 0."""
    limit = 1 << (width - 1)
    with np.errstate(invalid="ignore"):
        steps = np.rint(np.where(np.isnan(x), f32(0), x / scale))
    return np.clip(steps, -limit - zero_point, limit - 1 - zero_point).astype(np.int64) + zero_point


def constant(name, array, element):
    shape = "".join(f"{size}x" for size in array.shape)
    data = array.tobytes().hex().upper()
    return f'    %{name} = arith.constant dense<"0x{data}"> : tensor<{shape}{element}>\n'


def pack(codes, width):
    """Bytes of codes along the last axis, the first one in the lowest bits."""
    count = 8 // width
    parts = (codes & (2**width - 1)).reshape(*codes.shape[:-1], -1, count)
    return (parts << (width * np.arange(count))).sum(-1).astype(np.uint8)


def quantize_by_constants(name, source, data, scale, zero_point, storage):
    zero = "i8" if storage == "i8" else "i32"
    codes = data.replace("f32", storage)
    return (
        f"    %{name}s = arith.constant {float(scale)!r} : f32\n"
        f"    %{name}z = arith.constant {zero_point} : {zero}\n"
        f"    %{name}q = ptq.quantize %{source}, %{name}s, %{name}z"
        f" : {data}, f32, {zero} -> {codes}\n"
        f"    %{name} = ptq.dequantize %{name}q, %{name}s, %{name}z"
        f" : {codes}, f32, {zero} -> {data}\n"
    )


def run(*command):
    process = subprocess.run(command, capture_output=True, text=True)
    if process.returncode != 0:
        sys.exit(" ".join(command) + "\n" + process.stderr[:3000])
