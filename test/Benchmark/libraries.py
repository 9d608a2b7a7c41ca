"""Compiled networks as shared libraries, which a benchmark loads and calls."""

import ctypes
import os

import numpy as np

from networks import run

# The header says whether the code wants a workspace.
CALLER = """#include "{name}.h"
#ifdef NETWORK_WORKSPACE_BYTES
const long long workspace_bytes = NETWORK_WORKSPACE_BYTES;
#define WORKSPACE , workspace
#else
const long long workspace_bytes = 0;
#define WORKSPACE
#endif
void call(const void *input, void *output, void *workspace) {{
  (void)workspace;
  network(input, output WORKSPACE);
}}
"""


def build_library(lowered, path, *flags):
    """Makes PATH.so of a module in LLVM form with one input, one output, and a known
    number of samples. It has `call` and `workspace_bytes`."""
    with open(path + ".c", "w") as file:
        file.write(CALLER.format(name=os.path.basename(path)))
    for kind, suffix in ("object", ".o"), ("c-header", ".h"):
        emit = [f"--emit-{kind}", "--c-name=network"]
        run("ptq-translate", *emit, lowered, "-o", path + suffix)
    sources = [path + ".c", path + ".o"]
    run("cc", "-O2", "-shared", "-fPIC", *sources, "-lm", *flags, "-o", path + ".so")
    return path + ".so"


def allocate(shape, element=np.uint8):
    """Zeros at an address that compiled code accepts."""
    size = int(np.prod(shape)) * np.dtype(element).itemsize
    memory = np.zeros(size + 64, np.uint8)
    start = -memory.ctypes.data % 64
    return memory[start : start + size].view(element).reshape(shape)


class Code:
    """A library of `build_library` with its memory; each call takes `input`."""

    def __init__(self, library, input, output_shape, output_element=np.float32):
        loaded = ctypes.CDLL(library)
        workspace = ctypes.c_longlong.in_dll(loaded, "workspace_bytes").value
        self.call = loaded.call
        self.input = allocate(input.shape, input.dtype)
        self.input[...] = input
        self.output = allocate(output_shape, output_element)
        self.workspace = allocate([workspace])
        arrays = self.input, self.output, self.workspace
        self.pointers = [ctypes.c_void_p(array.ctypes.data) for array in arrays]

    def __call__(self):
        self.call(*self.pointers)
