"""What each way of rounding int4 weights gives on trained networks.

    rounding.py --models FOLDER [--network NAME ...] [--method NAME ...]
                [--scheme "scheme=weight-only weights=i4 ..."]

Calibrates every network on calibration.npz, rounds its weights by every method,
compiles it, and runs it on evaluation.npz. Prints a table in Markdown; each cell is
the top-1 accuracy in %, the agreement with the float network in %, and the median
over the samples of the signal-to-quantization-noise ratio of the outputs in dB, or
the loss of a language model on its first 150 windows; and the seconds of processor
time that quantization took, the process included. The tools are those on the PATH.
"""

import argparse
import resource

from networks import NETWORKS, print_table

# Name: what schemes ask for, and options of ptq-optimize-rounding.
METHODS = {
    "nearest": ("rounding=nearest", ""),
    "equalization": ("rounding=nearest equalization=crosslayer", ""),
    "bias correction": ("rounding=nearest", "correct-nearest"),
    "plain gptq": ("rounding=gptq", "search-scales=false correct-bias=false"),
    "gptq": ("rounding=gptq", ""),
    "descent": ("rounding=descent", ""),
    "adaround": ("rounding=adaround", ""),
}
PASSES = (
    "ptq-verify-resources,resolve-shaped-type-result-dims,ptq-fold-constants,"
    "ptq-fold-batch-norm,ptq-assign-schemes{{{scheme} {request}}},"
    "ptq-equalize-channels{{data={data}}},"
    "ptq-insert-observers,ptq-run-calibration{{data={data}}},"
    "ptq-optimize-rounding{{data={data} {options}}},ptq-fold-parameters,cse,canonicalize"
)


def get_processor_seconds():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def measure(network, method, scheme):
    """One cell of the table."""
    quantized = network.path("quantized.mlirbc")
    compiled = network.path("compiled.mlirbc")
    request, options = METHODS[method]
    passes = PASSES.format(
        scheme=scheme, request=request, data=network.calibration, options=options
    )
    before = get_processor_seconds()
    pipeline = f"--pass-pipeline=builtin.module({passes})"
    network.transform(network.imported, quantized, pipeline)
    seconds = get_processor_seconds() - before
    network.transform(quantized, compiled, "--ptq-lower")
    return f"{network.evaluate(compiled)} ({seconds:.1f} s)"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", required=True)
    # The batch norms of this one are folded first, which makes it kws01_dscnn.
    names = [name for name in NETWORKS if name != "kws01_dscnn_bn"]
    parser.add_argument("--network", nargs="+", choices=names, default=names)
    parser.add_argument("--method", nargs="+", choices=METHODS, default=METHODS)
    parser.add_argument("--scheme", default="scheme=weight-only weights=i4")
    arguments = parser.parse_args()

    print_table(
        arguments.models,
        arguments.network,
        arguments.method,
        lambda network, method: measure(network, method, arguments.scheme),
    )


if __name__ == "__main__":
    main()
