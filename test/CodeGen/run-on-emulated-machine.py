# REQUIRES: numpy, x86_64-emulation
# RUN: %python %s %t --cc=%cc
"""Runs random networks on emulated x86 processors with AVX-512, which must agree with
the interpreter: integers in every bit, floats up to their rounding.

The emulator is one of a whole machine. Its ROM is the network with a main function and
just enough to get there (Inputs/machine); memory beyond the end of a buffer does not
exist, and an instruction that the processor lacks ends the program.

By hand: --help.
"""

import functools
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "Inputs"))
from comparison import run
from programs import check, get_variant
from trials import get_parser, run_trials

MACHINE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "Inputs", "machine")

# Options of --ptq-lower, and what the emulator calls a processor that has all of it.
PROCESSORS = {
    "cpu=skylake-avx512": "corei7_skylake_x",
    "cpu=icelake-client": "corei7_icelake_u",
}

CONFIGURATION = """cpu: model={model}, count=1, ips=50000000, reset_on_triple_fault=0
memory: guest=512, host=512
romimage: file={path}/rom
vgaromimage: file={path}/no-vga-rom
vga: extension=none
pci: enabled=0
boot: disk
parport1: enabled=1, file={path}/output
parport2: enabled=1, file={path}/messages
com1: enabled=0
mouse: enabled=0
display_library: {display}
clock: sync=none
log: {path}/log
panic: action=fatal
error: action=report
info: action=ignore
debug: action=ignore
"""


# What Bochs gets wrong (up to 3.0), and other code for the same: shifts of masks by 15
# are taken for shifts of all bits, and short displacements of vpinsrb for words.
CORRECTIONS = {
    rb"kshift([lr])w\s+\$15, (%k\d), (%k\d)": rb"kshift\1w $14, \2, \3; kshift\1w $1, \3, \3",
    rb"(vpinsrb\s+\$\d+, -?\d+\()": rb"{disp32} \1",
}


def read(path, name):
    if not os.path.exists(os.path.join(path, name)):
        return b""
    with open(os.path.join(path, name), "rb") as file:
        return file.read()


def write(path, name, data):
    with open(os.path.join(path, name), "wb") as file:
        file.write(data)


def execute(path, inputs, options, model):
    write(path, "inputs", inputs)
    assembly = read(path, "network.s")
    for wrong, right in CORRECTIONS.items():
        assembly = re.sub(wrong, right, assembly)
    write(path, "corrected.s", assembly)
    write(path, "no-vga-rom", bytes(2048))
    configuration = CONFIGURATION.format(path=path, model=model, display=options.display)
    write(path, "configuration", configuration.encode())
    problem = run(
        *[options.cc, "-O1", "-ffreestanding", "-fno-pic", "-mno-red-zone", "-U_FORTIFY_SOURCE"],
        *[
            "-fno-stack-protector",
            "-nostdlib",
            "-static",
            "-Wl,--build-id=none",
            "-Wl,--oformat=binary",
        ],
        *[
            f"-Wl,-T,{MACHINE}/machine.ld",
            f"-Wa,-I,{path}",
            f"{MACHINE}/reset.S",
            f"{MACHINE}/runtime.c",
        ],
        *[f"{path}/main.c", f"{path}/corrected.s", "-o", f"{path}/rom"],
    )
    if problem:
        return None, problem
    for name in ("output", "messages"):
        if os.path.exists(os.path.join(path, name)):
            os.remove(os.path.join(path, name))
    # It reports that the machine was switched off as a failure.
    process = subprocess.run(
        [options.bochs, "-q", "-f", f"{path}/configuration"],
        input=b"continue\n",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "TERM": "vt100"},
    )
    write(path, "terminal", process.stdout)
    messages, log = (read(path, name).decode(errors="replace") for name in ("messages", "log"))
    if messages or "shutdown requested" not in log:
        return None, messages or f"exited with {process.returncode}: {log[-1000:]}"
    return read(path, "output"), None


def main():
    parser = get_parser()
    parser.add_argument("--cc", default="cc")
    parser.add_argument("--bochs", default="bochs", help="the emulator")
    parser.add_argument("--display", default="term", help="the emulator's display_library")
    options = parser.parse_args()

    def trial(path, network, variant):
        model = PROCESSORS[variant.processor]
        run = functools.partial(execute, options=options, model=model)
        return check(path, network, variant, ("assembly", "network.s"), run)

    variant = functools.partial(get_variant, list(PROCESSORS))
    return run_trials(options, len(PROCESSORS), variant, trial)


if __name__ == "__main__":
    sys.exit(main())
