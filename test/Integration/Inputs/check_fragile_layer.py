"""Plants a layer that int8 ruins, and has it found and left in float.

    check_fragile_layer.py MODEL.onnx --data FOLDER --work FOLDER

MODEL is the digits network. Its first convolution is scaled channel by channel, by
factors from 1 to 1000, and the depthwise convolution that reads it by their
inverses. ReLUs stand between the two, so the function stays the same, but with one
scale for all channels most of them get no more than a code or two. The whole
path follows: ptq-analyze-sensitivity on the calibration data, its recipe,
ptq-calibrate, compiled code, and the evaluation data, which nothing before has
seen.
"""

import argparse
import json
import re
import sys

import numpy as np

from checker import Checker, run

CHANNELS = 32
# The op that reads the scaled channels, under the name that it has after folding
# its batch norm.
FRAGILE = "bn1"
TARGET_DB = 35


def scale_resource(text, name, factors):
    """Multiplies the rows of an f32 resource of a module in text form."""

    def scale(match):
        # Four bytes before the elements hold their alignment.
        values = np.frombuffer(bytes.fromhex(match.group(2)), "<f4")
        rows = values.reshape(len(factors), -1) * factors[:, None]
        return match.group(1) + rows.astype("<f4").tobytes().hex().upper()

    pattern = rf'(\b{re.escape(name)}: "0x[0-9A-Fa-f]{{8}})([0-9A-Fa-f]+)'
    text, count = re.subn(pattern, scale, text)
    assert count == 1, name
    return text


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("--data", required=True)
    parser.add_argument("--work", required=True)
    checker = Checker(parser.parse_args())
    path, expect = checker.path, checker.expect
    calibration = checker.data("calibration.npz")
    evaluation = checker.data("evaluation.npz")

    run("ptq-translate", "--import-onnx", checker.arguments.model, "-o", path("float.mlir"))
    factors = np.logspace(0, 3, CHANNELS)
    with open(path("float.mlir")) as file:
        text = file.read()
    # Weights, batch norm included, are the norm's factor times the convolution's.
    text = scale_resource(text, "bn0.factor", factors)
    text = scale_resource(text, "bn0.offset", factors)
    text = scale_resource(text, "dw1_w", 1 / factors)
    with open(path("fragile.mlir"), "w") as file:
        file.write(text)

    def measure(module, reference):
        command = ["ptq-run", module, "--input", evaluation, "--json"]
        result = run(*command, "--labels", "labels", "--reference", reference)
        return json.loads(result.stdout)

    def quantize(options, name):
        flags = [f"--ptq-calibrate=data={calibration} {options}", "--ptq-lower"]
        command = ["ptq-opt", path("fragile.mlir"), *flags, "--emit-bytecode"]
        run(*command, "-o", path(name))
        return measure(path(name), path("float.mlir"))

    same = measure(path("fragile.mlir"), path("float.mlir"))
    expect(same["sqnr_db"] > 100, f"same function: {same['sqnr_db']:.1f} dB")
    ruined = quantize("", "ruined.mlirbc")
    expect(
        ruined["sqnr_db"] < 10,
        f"all int8: {ruined['sqnr_db']:.1f} dB, {ruined['accuracy']:.2%} right",
    )

    options = f"data={calibration} target-sqnr={TARGET_DB}"
    options += f" recipe-out={path('recipe.json')} report={path('report.json')}"
    analyze = f"--ptq-analyze-sensitivity={options}"
    run("ptq-opt", path("fragile.mlir"), analyze, "-o", path("unchanged.mlir"))
    with open(path("report.json")) as file:
        report = json.load(file)
    first, second = report["ops"][:2]
    expect(first["name"] == FRAGILE, f"'{first['name']}' is ranked first")
    expect(
        first["alone"]["sqnr_db"] < 10 and second["alone"]["sqnr_db"] > 35,
        f"alone it leaves {first['alone']['sqnr_db']:.1f} dB, "
        f"the second {second['alone']['sqnr_db']:.1f} dB",
    )
    chosen = report["recipe"]
    expect(chosen["float"] == [FRAGILE], f"in float: {chosen['float']}")
    # 32 filters of 3 x 3 weights, on 4 x 4 positions.
    expect(chosen["bytes"] == 32 * 9 * 3, f"{chosen['bytes']} bytes more")
    expect(chosen["macs"] == 32 * 9 * 16, f"{chosen['macs']} products in float")

    repaired = quantize(f"recipe={path('recipe.json')}", "repaired.mlirbc")
    expect(
        repaired["sqnr_db"] >= TARGET_DB and repaired["accuracy"] >= 0.987,
        f"by the recipe: {repaired['sqnr_db']:.1f} dB, "
        f"{repaired['accuracy']:.2%} right",
    )
    expect(
        abs(repaired["sqnr_db"] - chosen["sqnr_db"]) < 1.5,
        f"the calibration data foretold {chosen['sqnr_db']:.1f} dB",
    )
    sys.exit(checker.failures != 0)


if __name__ == "__main__":
    main()
