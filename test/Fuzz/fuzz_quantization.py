# REQUIRES: numpy, x86_64-host
# RUN: %python %s --networks 200 --directory %t
"""Quantizes random networks in random ways and runs all forms, which must agree.

The integer form by the interpreter and the LLVM form as machine code agree in
every bit; where float sums or functions come between, up to their rounding. The
QDQ form, from the same codes before each layer, is at most one code apart, and
that only next to a tie. Where channels are equalized, the float network computes
what it did before. Nothing fails and nothing crashes.

Several networks share a module, for speed; of a module that disagrees, each
network is tried by itself. What fails is kept with the commands that show it.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time

for folder in ("../CodeGen/Inputs", "Inputs"):
    sys.path.insert(0, os.path.join(os.path.dirname(__file__), folder))
import numpy as np
from cut_networks import Function
from float_networks import make_networks
from processors import get_processors

# Relative to the largest output, or to 1 if that is less.
TOLERANCE = 1e-5
# Of what float sums are wrong by, in codes: always, and of the largest code.
NEAR_TIE, NEAR_TIE_RELATIVE = 1e-3, 4e-6
SAMPLES = 3
NETWORKS_IN_MODULE = 8


# What calibration rightly says of some of these networks.
REFUSAL = re.compile(r"error: edge '.*' has only NaN or infinite values")


class Refused(Exception):
    """The network cannot be quantized, and the error says why."""


class Problem(Exception):
    """What is wrong with a module."""


class Module:
    """A module with its options, and the files of its forms."""

    def __init__(self, seeds, seed, directory):
        self.seeds, self.seed = seeds, seed
        self.prefix = os.path.join(directory, "network")
        os.makedirs(directory, exist_ok=True)
        self.commands = []

    def path(self, suffix):
        return self.prefix + suffix

    def write(self, suffix, text):
        with open(self.path(suffix), "w") as file:
            file.write(text)
        return self.path(suffix)

    def read(self, suffix):
        with open(self.path(suffix)) as file:
            return file.read()

    def run(self, *command):
        self.commands.append(" ".join(f"'{part}'" if " " in part else part for part in command))
        process = subprocess.run(command, capture_output=True, text=True, errors="replace")
        if process.returncode == 1 and REFUSAL.search(process.stderr):
            raise Refused
        if process.returncode != 0:
            lines = [line[:400] for line in process.stderr.splitlines()[:40]]
            raise Problem("\n".join([f"exited with {process.returncode}", *lines]))


def calibration_options(network, module):
    """Random options of --ptq-calibrate, and whether scales are constants."""
    pick, chance = network.pick, network.chance
    scheme = pick("static", "static", "static", "static", "dynamic", "weight-only")
    options = {"scheme": scheme}
    options["weights"] = pick("i8", "i8", "i8", "i4", "i2")
    if options["weights"] == "i8" and chance(0.3):
        options["weights-bits"] = pick(5, 6, 7, 7)
    if chance(0.3):
        options["weights-per"] = "tensor"
    elif options["weights"] != "i8" and chance():
        options["block"] = pick(2, 4, 16, 32)
    if chance(0.2):
        options["weights-symmetry"] = "asymmetric"
    if scheme == "static":
        options["activations"] = pick("auto", "i8", "i8", "i16", "i16", "i4")
    elif scheme == "dynamic":
        options["activations"] = pick("auto", "i8", "i8", "i4")
        if "block" in options and chance():
            options["activations"] = pick("auto", "i8", "i16")
            options["activations-per"] = "block"
        elif chance():
            options["activations-per"] = "token"
    else:
        options["activations"] = pick("auto", "f32", "f16", "bf16")
    if scheme != "weight-only":
        options["activations-symmetry"] = pick("auto", "symmetric", "asymmetric")
    options["equalization"] = pick("none", "none", "none", "crosslayer", "smoothquant")
    methods = ("minmax", "minmax", "percentile", "mse", "kl", "entropy", "omse", "auto")
    options["method"] = pick(*methods)
    if chance(0.2):
        rules = []
        for kind in ("add", "mul", "matmul", "conv", "average_pool", "activation"):
            if chance(0.3):
                rule = {"kind": kind}
                if chance(0.4):
                    rule["scheme"] = "float"
                else:
                    rule["scheme"] = "static"
                    rule["activations"] = {"storage": pick("i8", "i16")}
                rules.append(rule)
        if rules:
            text = json.dumps({"version": 1, "rules": rules})
            options["recipe"] = module.write(".recipe.json", text)
    return options


def load(path):
    with np.load(path) as file:
        return [file[name] for name in sorted(file, key=lambda n: (len(n), n))]


def compare(expected, actual, levels):
    """Raises what is wrong with `actual`."""
    if len(expected) != len(actual):
        raise Problem(f"{len(actual)} outputs instead of {len(expected)}")
    for number, (a, b, level) in enumerate(zip(expected, actual, levels)):
        if a.shape != b.shape or a.dtype != b.dtype:
            raise Problem(f"output {number} is {b.dtype}{b.shape} instead of {a.dtype}{a.shape}")
        if level == UNKNOWN:
            continue
        wrong = a != b
        if a.dtype.kind == "f":
            wrong &= ~(np.isnan(a) & np.isnan(b))
            wrong |= (a == 0) & (b == 0) & (np.signbit(a) != np.signbit(b)) & (level == EQUAL)
        if level == ROUNDED:
            with np.errstate(invalid="ignore", over="ignore"):
                scale = max(1, np.max(np.abs(a), initial=0, where=np.isfinite(a)))
                wrong &= ~(np.abs(a - b) <= TOLERANCE * scale)
        if wrong.any():
            first = tuple(np.argwhere(wrong)[0].tolist())
            raise Problem(
                f"output {number}: {wrong.sum()} of {a.size} differ, first at "
                f"{list(first)}: {b[first]!r} instead of {a[first]!r}"
            )


# Ops whose results depend on the order of float sums, or on who computes a function.
INEXACT = re.compile(
    r"\bmath\.|linalg\.softmax|f16|(linalg\.(\w*matmul|\w*conv\w*|pooling\w*sum|reduce)\b"
    r'|"reduction").*outs\(.*f32>\)'
)
# Ops that make codes of floats, which lie next to a tie now and then.
QUANTIZES = re.compile(r"ptq\.(quantize|choose_parameters|requantize)|arith\.fptosi")
EQUAL, ROUNDED, UNKNOWN = range(3)


def exactness(text):
    """For each output of an integer form how well two computations of it agree:
    in every bit, up to the rounding of floats, or, where codes are made of such
    floats, not for certain."""
    function = Function(text)
    levels = {}
    statement = ""
    for line in function.lines[function.entry + 1 : function.end + 1]:
        begins = line.startswith("    ") and not line.startswith("     ") and line[4] not in "^}"
        if not begins:
            statement += line
            continue
        record(statement, levels)
        statement = line
    return [levels.get(name, EQUAL) for name in re.findall(r"%[\w-]+", statement)]


def record(statement, levels):
    """Notes the exactness of the results of a statement."""
    left, equals, right = statement.partition(" = ")
    if not equals:
        return
    level = max([levels.get(name, EQUAL) for name in re.findall(r"%[\w-]+", right)], default=EQUAL)
    if level == ROUNDED and QUANTIZES.search(right):
        level = UNKNOWN
    if level == EQUAL and INEXACT.search(right):
        # In a loop or a branch the codes may be made of these floats.
        level = UNKNOWN if " scf." in f" {right}" and QUANTIZES.search(right) else ROUNDED
    for name in re.findall(r"%[\w-]+", left):
        levels[name] = level


def check_layers(module, function, outputs, options, is_fixed_point):
    """Compares the QDQ form, layer by layer, with codes of the integer form."""
    edges = function.edges
    if not edges:
        return 0
    codes = outputs[len(outputs) - len(edges) :]
    module.write(".cut.mlir", function.cut())
    with np.load(module.path(".npz")) as samples:
        inputs = {name: samples[name] for name in samples}
    # Arguments are named by their positions.
    inputs.update({f"arg{i}": array for i, array in enumerate(codes, len(inputs))})
    np.savez(module.path(".cut.npz"), **inputs)
    module.run(
        "ptq-run",
        module.path(".cut.mlir"),
        "--engine=interpreter",
        "--input=" + module.path(".cut.npz"),
        "--output=" + module.path(".layers.npz"),
        *options,
    )
    layers = load(module.path(".layers.npz"))
    values, expected = layers[len(layers) - 2 * len(edges) :], layers[len(layers) - len(edges) :]
    for edge, value, reference, actual in zip(edges, values, expected, codes):
        difference = np.abs(reference.astype(np.int64) - actual)
        if not difference.any():
            continue
        scale, zero = function.parameters(edge)
        with np.errstate(all="ignore"):
            position = value.astype(np.float64) / scale + zero
            distance = np.abs(position - np.floor(position) - 0.5)
        allowed = NEAR_TIE + NEAR_TIE_RELATIVE * 2 ** (8 * actual.dtype.itemsize)
        if is_fixed_point and actual.dtype == np.int16:
            # Accumulators of i64 may have multipliers of 15 bits.
            allowed = allowed + np.abs(position - zero) * 2.0**-16
        wrong = (difference > 1) | ((difference == 1) & ~(distance <= allowed))
        # A maximum of codes takes NaN for 0, a maximum of floats for NaN; and sums of
        # integers are finite where those of the floats that they stand for are not.
        wrong &= np.isfinite(position)
        if wrong.any():
            first = tuple(np.argwhere(wrong)[0].tolist())
            raise Problem(
                f"codes of {edge.value}: {wrong.sum()} of {wrong.size} are not those of the "
                f"QDQ form, first at {list(first)}: {actual[first]} instead of "
                f"{reference[first]} (before rounding {position[first]})"
            )
    return len(edges)


def check(module, processor_list, counts):
    """Raises Problem if a module's forms do not agree."""
    random = np.random.default_rng([module.seed, 1])
    dynamic = bool(random.integers(2))
    length = int(random.choice([1, 4, 8, 14]))
    has_softmax = bool(random.integers(4) == 0)
    network = make_networks(module.seeds, [module.seed, 2], dynamic, length, has_softmax)
    if not network.results:
        return
    module.write(".mlir", str(network))
    options = calibration_options(network, module)
    np.savez(module.path(".calibration.npz"), **network.calibration_samples(4))
    options["data"] = network.pick(module.path(".calibration.npz"), "random")
    is_wild = network.chance(0.3)
    np.savez(module.path(".npz"), **network.samples(SAMPLES, is_wild))

    if options["equalization"] != "none":
        check_equalization(module, network, options)
        counts["equalized"] += 1
    text = " ".join(f"{key}={value}" for key, value in options.items())
    qdq, integer = module.path(".qdq.mlir"), module.path(".integer.mlir")
    # Codes of 4 bits are not to become results as such.
    passes = [f"--ptq-calibrate={text}", "--ptq-widen-codes"]
    module.run("ptq-opt", module.path(".mlir"), *passes, "-o", qdq)
    function = Function(module.read(".qdq.mlir"))
    # Between the codes before and behind a loop there is more than one layer.
    has_regions = "scf." in module.read(".qdq.mlir")
    by_layers = options["scheme"] == "static" and network.chance(0.6) and not has_regions
    if by_layers:
        qdq = module.write(".exposed.mlir", function.expose())

    requantize = network.pick("float", "fixed-point")
    processor = network.pick(*processor_list)
    llvm = module.path(".llvm.mlir")
    lowering = f"requantize={requantize} {processor} summary=false"
    if options["scheme"] == "weight-only":
        lowering += " weight-only=" + network.pick("float", "i16", "i8")
    module.run("ptq-opt", qdq, f"--ptq-lower=to=integer {lowering}", "-o", integer)
    module.run("ptq-opt", integer, f"--ptq-lower={lowering}", "-o", llvm)

    batch = ["--batch=" + str(network.pick(1, 2, 3))] if dynamic else []
    common = ["--input=" + module.path(".npz"), *batch]
    outputs = [module.path(".expected.npz"), module.path(".actual.npz")]
    interpreter = ["--engine=interpreter", "--output=" + outputs[0]]
    module.run("ptq-run", integer, *interpreter, *common)
    module.run("ptq-run", llvm, "--engine=jit", "--output=" + outputs[1], *common)
    expected, actual = (load(path) for path in outputs)

    levels = exactness(module.read(".integer.mlir"))
    for level in levels:
        counts[level] += 1
    compare(expected, actual, levels)
    if network.chance(0.3):
        module.run("ptq-run", "--verify", integer)
    if by_layers:
        is_fixed_point = requantize == "fixed-point"
        counts["layers"] += check_layers(module, function, expected, batch, is_fixed_point)


def check_equalization(module, network, options):
    """Equalized by powers of two, the float network computes what it did before."""
    data, method = options["data"], options["equalization"]
    equalized = module.path(".equalized.mlir")
    prepare = ["--ptq-fold-constants", "--ptq-fold-batch-norm"]
    assign = f"--ptq-assign-schemes=scheme=weight-only equalization={method}"
    equalize = f"--ptq-equalize-channels=data={data} factors=powers-of-two"
    module.run("ptq-opt", module.path(".mlir"), *prepare, assign, equalize, "-o", equalized)
    # Numbers at the ends of the range would leave it.
    np.savez(module.path(".tame.npz"), **network.calibration_samples(SAMPLES))
    outputs = []
    for form in (module.path(".mlir"), equalized):
        outputs.append(form + ".npz")
        paths = ["--input=" + module.path(".tame.npz"), "--output=" + outputs[-1]]
        module.run("ptq-run", form, "--engine=interpreter", *paths)
    expected, actual = (load(path) for path in outputs)
    compare(expected, actual, [ROUNDED] * len(expected))


def attempt(module, processor_list, counts):
    """What is wrong with a module, or None."""
    try:
        check(module, processor_list, counts)
    except Refused:
        counts["refused"] += 1
    except Problem as problem:
        return str(problem)
    return None


def keep(module, problem, directory):
    """Keeps a failing module with the commands that show what is wrong."""
    kept = os.path.join(directory, "failures", "-".join(map(str, module.seeds[0])))
    os.makedirs(os.path.dirname(kept), exist_ok=True)
    shutil.rmtree(kept, ignore_errors=True)
    source = os.path.dirname(module.prefix)
    shutil.copytree(source, kept)
    commands = "\n".join(command.replace(source, kept) for command in module.commands)
    with open(os.path.join(kept, "reproduce.sh"), "w") as file:
        file.write(f"# {problem.splitlines()[0]}\n{commands}\n")
    print(f"{kept}: {problem}\nsh {kept}/reproduce.sh\n", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--networks", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--directory", required=True)
    options = parser.parse_args()
    processor_list = get_processors()
    counts = dict.fromkeys([EQUAL, ROUNDED, UNKNOWN, "layers", "equalized", "refused"], 0)
    failures = 0
    start = time.monotonic()
    work = os.path.join(options.directory, "work")
    for first in range(0, options.networks, NETWORKS_IN_MODULE):
        last = min(first + NETWORKS_IN_MODULE, options.networks)
        seeds = [[options.seed, number] for number in range(first, last)]
        module_seed = options.seed * 1000003 + first
        shutil.rmtree(work, ignore_errors=True)
        module = Module(seeds, module_seed, work)
        problem = attempt(module, processor_list, counts)
        if not problem:
            continue
        failures += 1
        # The smallest part that still fails.
        for seed in seeds:
            shutil.rmtree(work, ignore_errors=True)
            single = Module([seed], module_seed, work)
            if single_problem := attempt(single, processor_list, dict(counts)):
                keep(single, single_problem, options.directory)
                break
        else:
            shutil.rmtree(work, ignore_errors=True)
            module = Module(seeds, module_seed, work)
            problem = attempt(module, processor_list, dict(counts)) or problem
            keep(module, problem, options.directory)
    seconds = time.monotonic() - start
    print(
        f"seed {options.seed}: {options.networks} networks, {failures} modules wrong, "
        f"{counts['refused']} refused; outputs: "
        f"{counts[EQUAL]} equal to the bit, {counts[ROUNDED]} up to float rounding, "
        f"{counts[UNKNOWN]} behind codes of rounded floats; {counts['layers']} layers against the "
        f"QDQ form; {counts['equalized']} modules equalized; "
        f"{options.networks / seconds:.1f} networks per second"
    )
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
