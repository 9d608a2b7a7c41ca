# REQUIRES: numpy, x86_64-host
# RUN: %python %s %t
"""The fuzzer finds a wrong code, in either comparison, and keeps what shows it."""

import os
import shutil
import subprocess
import sys

directory = sys.argv[1]
shutil.rmtree(directory, ignore_errors=True)
os.makedirs(directory)
fuzzer = os.path.join(os.path.dirname(__file__), "fuzz_quantization.py")

# Stands before the real ptq-run and changes one element of some of its outputs.
WRAPPER = f"""#!{sys.executable}
import os, subprocess, sys
import numpy as np

status = subprocess.run([{shutil.which("ptq-run")!r}, *sys.argv[1:]]).returncode
output = [a[9:] for a in sys.argv if a.startswith("--output=")]
if status == 0 and os.environ["SPOILED"] in " ".join(sys.argv):
    arrays = dict(np.load(output[0]))
    name = max(arrays, key=lambda n: (arrays[n].dtype == np.int8, len(n), n))
    arrays[name].flat[0] = 77 if arrays[name].flat[0] != 77 else 7
    np.savez(output[0], **arrays)
sys.exit(status)
"""
wrapper = os.path.join(directory, "ptq-run")
with open(wrapper, "w") as file:
    file.write(WRAPPER)
os.chmod(wrapper, 0o755)


def fuzz(spoiled, seed):
    environment = {**os.environ, "SPOILED": spoiled}
    environment["PATH"] = directory + os.pathsep + environment["PATH"]
    kept = os.path.join(directory, "kept")
    shutil.rmtree(kept, ignore_errors=True)
    command = [sys.executable, fuzzer, "--networks=8", f"--seed={seed}", "--directory=" + kept]
    process = subprocess.run(command, env=environment, capture_output=True, text=True)
    return process, kept


for spoiled, message in (("--engine=jit", "differ, first at"), (".cut.mlir", "of the QDQ form")):
    process, kept = fuzz(spoiled, seed=4)
    print(process.stdout, process.stderr)
    assert process.returncode == 1
    assert message in process.stdout
    assert "1 modules wrong" in process.stdout
    (failure,) = os.listdir(os.path.join(kept, "failures"))
    with open(os.path.join(kept, "failures", failure, "reproduce.sh")) as file:
        script = file.read()
    assert "ptq-opt" in script and "ptq-run" in script

process, _ = fuzz("nothing", seed=4)
assert process.returncode == 0, process.stdout + process.stderr
