# REQUIRES: numpy, x86_64-emulation
# RUN: %python %s %t --cc=%cc --seeds=2
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
# Without vgf2p8affineqb, by which LLVM shifts bytes: Bochs 2.7 has other results than 3.0
# for networks that use it.
PROCESSORS = {
    "cpu=skylake-avx512": "corei7_skylake_x",
    "cpu=icelake-client features=-gfni": "corei7_icelake_u",
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

# What Bochs gets wrong, and other code for the same: shifts of masks by 15 are taken for
# shifts of all bits (up to 3.0), and short displacements are not scaled as they should be
# in vpinsrb (up to 3.0) and in stores of vpextrb and vpextrw (2.7).
CORRECTIONS = {
    rb"kshift([lr])w\s+\$15, (%k\d), (%k\d)": rb"kshift\1w $14, \2, \3; kshift\1w $1, \3, \3",
    rb"(vpinsrb\s+\$\d+, -?\d+\()": rb"{disp32} \1",
    rb"(vpextr[bw]\s+\$\d+, %xmm\d+, -?\d+\()": rb"{disp32} \1",
}


def read(path, name):
    with open(os.path.join(path, name), "rb") as file:
        return file.read()


def write(path, name, data):
    with open(os.path.join(path, name), "wb") as file:
        file.write(data)


def build(path, inputs, cc):
    """Makes the ROM; what is wrong, or None."""
    assembly = read(path, "network.s")
    for wrong, right in CORRECTIONS.items():
        assembly = re.sub(wrong, right, assembly)
    write(path, "corrected.s", assembly)
    write(path, "inputs", inputs)
    command = [cc, "-O1", "-ffreestanding", "-fno-pic", "-fno-stack-protector"]
    command += ["-U_FORTIFY_SOURCE", "-mno-red-zone", f"-Wa,-I,{path}"]
    command += [os.path.join(MACHINE, name) for name in ("reset.S", "runtime.c")]
    command += [os.path.join(path, name) for name in ("main.c", "corrected.s")]
    command += ["-nostdlib", "-static", "-Wl,--build-id=none,--oformat=binary"]
    command += [f"-Wl,-T,{MACHINE}/machine.ld", "-o", os.path.join(path, "rom")]
    return run(*command)


def emulate(path, model, options):
    # What Bochs has nothing to say to, it does not create.
    for name in ("output", "messages", "log"):
        write(path, name, b"")
    write(path, "no-vga-rom", bytes(2048))
    configuration = CONFIGURATION.format(path=path, model=model, display=options.display)
    write(path, "configuration", configuration.encode())
    # Where Bochs has its debugger, that is to continue. That the machine was switched off
    # is a failure to it.
    process = subprocess.run(
        [options.bochs, "-q", "-f", os.path.join(path, "configuration")],
        input=b"continue\n",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "TERM": "vt100"},
    )
    log = read(path, "log").decode(errors="replace")
    messages = read(path, "messages").decode(errors="replace")
    if messages or "shutdown requested" not in log:
        terminal = process.stdout.decode(errors="replace")
        return None, messages or f"exited with {process.returncode}: {terminal[-300:]}{log[-1000:]}"
    return read(path, "output"), None


def main():
    parser = get_parser()
    parser.add_argument("--cc", default="cc")
    parser.add_argument("--bochs", default="bochs", help="the emulator")
    parser.add_argument("--display", default="term", help="the emulator's display_library")
    parser.add_argument("--processor", help="options of --ptq-lower, instead of the test's")
    parser.add_argument("--model", help="what the emulator calls that processor")
    options = parser.parse_args()
    models = {options.processor: options.model} if options.processor else PROCESSORS

    def trial(path, network, variant):
        def execute(path, inputs):
            problem = build(path, inputs, options.cc)
            return (None, problem) if problem else emulate(path, models[variant.processor], options)

        return check(path, network, variant, ("assembly", "network.s"), execute)

    variant = functools.partial(get_variant, list(models))
    return run_trials(options, len(models), variant, trial)


if __name__ == "__main__":
    sys.exit(main())
