"""Compiled networks as shared libraries, which a benchmark loads and calls."""

import os

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


def build_library(lowered, path):
    """Makes PATH.so of a module in LLVM form with one input, one output, and a known
    number of samples. It has `call` and `workspace_bytes`."""
    with open(path + ".c", "w") as file:
        file.write(CALLER.format(name=os.path.basename(path)))
    for kind, suffix in ("object", ".o"), ("c-header", ".h"):
        emit = [f"--emit-{kind}", "--c-name=network"]
        run("ptq-translate", *emit, lowered, "-o", path + suffix)
    sources = [path + ".c", path + ".o"]
    run("cc", "-O2", "-shared", "-fPIC", *sources, "-lm", "-o", path + ".so")
    return path + ".so"
