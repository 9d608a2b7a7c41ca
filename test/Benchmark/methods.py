"""What each way of choosing ranges gives on trained networks.

    methods.py --models FOLDER [--network NAME ...] [--method NAME ...]
               [--options "activations=i4 ..."]

Calibrates every network on calibration.npz by every method, compiles it, and runs
it on evaluation.npz. Prints a table in Markdown; each cell is the top-1 accuracy
in %, the agreement with the float network in %, and the median over the samples
of the signal-to-quantization-noise ratio of the outputs in dB. The tools are those
on the PATH.
"""

import argparse

from networks import NETWORKS, print_table

METHODS = ["minmax", "percentile", "mse", "kl", "entropy", "omse", "auto"]


def measure(network, method, options):
    """One cell of the table."""
    compiled = network.path("compiled.mlirbc")
    calibrate = f"--ptq-calibrate=data={network.calibration} method={method} {options}"
    network.transform(network.imported, compiled, calibrate, "--ptq-lower")
    return network.evaluate(compiled)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", required=True)
    classifiers = [name for name in NETWORKS if name != "stories260K"]
    parser.add_argument("--network", nargs="+", choices=classifiers, default=classifiers)
    parser.add_argument("--method", nargs="+", default=METHODS)
    parser.add_argument("--options", default="")
    arguments = parser.parse_args()

    print_table(
        arguments.models,
        arguments.network,
        arguments.method,
        lambda network, method: measure(network, method, arguments.options),
    )


if __name__ == "__main__":
    main()
