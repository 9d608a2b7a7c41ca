"""Checks the ranges that ptq chooses against searches written straight from the
definitions, and against NumPy.

    check_estimators.py WORK_FOLDER

A network that only observes its inputs is calibrated on random tensors. From
the table of statistics (or the tensors themselves) the best range is found anew
by trying every candidate.
"""

import os
import subprocess
import sys

import numpy as np

import calibration_table

WORK = sys.argv[1]
os.makedirs(WORK, exist_ok=True)
random = np.random.default_rng(2024)

SAMPLES, WIDTH = 40, 600
SHAPE = (SAMPLES, WIDTH)


def make_bimodal():
    modes = np.where(random.random(SHAPE) < 0.3, 5.0, -1.0)
    return modes + 0.2 * random.normal(size=SHAPE)


def make_outliers():
    values = random.normal(size=SHAPE)
    values.flat[:: SAMPLES * WIDTH // 7] = 20.0
    return values


TENSORS = {
    "gauss": random.normal(size=SHAPE),
    "laplace": random.laplace(scale=1e-3, size=SHAPE),
    "relu": np.maximum(random.normal(0.3, 2.0, size=SHAPE), 0),
    "outliers": make_outliers(),
    "bimodal": make_bimodal(),
    "negative": -random.gamma(2.0, size=SHAPE),
    "shifted": random.normal(6.0, 1.0, size=SHAPE),
    "tiny": random.normal(size=SHAPE) * 1e-30,
}
TENSORS = {name: values.astype(np.float32) for name, values in TENSORS.items()}

# Encodings by name: text, symmetric, smallest and largest code.
ENCODINGS = {
    "asymmetric": ("<i8, asymmetric>", False, -128, 127),
    "symmetric": ("<i8, symmetric, narrow_range = true>", True, -127, 127),
    "four": ("<i4, asymmetric>", False, -8, 7),
}

failures = 0


def expect(condition, what):
    global failures
    if not condition:
        print("FAILED  " + what)
        failures += 1


def write_module(method):
    lines, results = [], []
    arguments = ", ".join(
        f'%{name}: tensor<?x{WIDTH}xf32> loc("{name}")' for name in TENSORS
    )
    for name in TENSORS:
        for encoding, (text, *_) in ENCODINGS.items():
            result = f"%{name}_{encoding}"
            lines.append(
                f'  {result} = ptq.observe %{name} name("{name}/{encoding}") '
                f"encoding({text}) estimator({method}) : tensor<?x{WIDTH}xf32>"
            )
            results.append(result)
    # Weights: every value is known.
    for name, values in TENSORS.items():
        elements = ", ".join(repr(float(x)) for x in values[0])
        lines.append(
            f"  %w_{name} = arith.constant dense<[{elements}]> : tensor<{WIDTH}xf32>\n"
            f'  %o_{name} = ptq.observe %w_{name} name("{name}/weight") '
            f"encoding(<i8, symmetric, narrow_range = true>) estimator({method})"
            f" : tensor<{WIDTH}xf32>"
        )
    types = ", ".join([f"tensor<?x{WIDTH}xf32>"] * len(results))
    path = os.path.join(WORK, method + ".mlir")
    with open(path, "w") as file:
        file.write(f"func.func @forward({arguments}) -> ({types}) {{\n")
        file.write("\n".join(lines))
        file.write(f"\n  return {', '.join(results)} : {types}\n}}\n")
    return path


def calibrate(module, options):
    text = subprocess.run(
        ["ptq-opt", module, f"--ptq-run-calibration={options}"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return calibration_table.read_ranges(text)


def clip(channel, threshold):
    """[-threshold, threshold] as far as it lies within the extremes."""
    return (
        min(max(-threshold, channel.min), channel.max),
        max(min(threshold, channel.max), channel.min),
    )


# Percentiles and extremes ------------------------------------------------------


def check_percentiles(module, table):
    for percentile in (10, 50, 90, 99, 99.9, 99.99, 100):
        options = f"table-in={table} percentile={percentile}"
        for edge, ((low,), (high,)) in calibrate(module, options).items():
            name, encoding = edge.split("/")
            values = TENSORS[name].astype(np.float64)
            what = f"{edge}: percentile {percentile} is [{low}, {high}]"
            if encoding == "weight":
                values = values[0]
                magnitude = np.percentile(np.abs(values), percentile)
                tolerance = 1e-9 * magnitude
            elif encoding == "symmetric":
                magnitude = np.percentile(np.abs(values), percentile)
                tolerance = np.abs(values).max() / 2048
            else:
                tail = (100 - percentile) / 2
                expected = np.percentile(values, [tail, 100 - tail])
                tolerance = np.abs(values).max() / 2048
            if encoding in ("weight", "symmetric"):
                expected = np.clip(
                    [-magnitude, magnitude], values.min(), values.max()
                )
            error = np.abs(expected - [low, high]).max()
            expect(error <= tolerance, f"{what}, NumPy has {expected}")
            if percentile == 100:
                exact = (values.min(), values.max())
                expect((low, high) == exact, f"{what}, the extremes are {exact}")


def check_histograms(edges):
    for edge, (channel,) in edges.items():
        values = TENSORS[edge.split("/")[0]]
        expect(channel.elements == values.size, f"{edge}: {channel.elements}")
        expect(channel.zeros == (values == 0).sum(), f"{edge}: {channel.zeros} zeros")
        expect(
            (channel.min, channel.max) == (values.min(), values.max()),
            f"{edge}: extremes {channel.min}, {channel.max}",
        )
        for name, sign in (("negative", -1), ("positive", 1)):
            magnitudes = sign * values[sign * values > 0].astype(np.float64)
            expect((name in channel.sides) == (magnitudes.size > 0), f"{edge}: {name}")
            if not magnitudes.size:
                continue
            side = channel.sides[name]
            bins = np.arange(4097) * side.width
            counts, _ = np.histogram(magnitudes, bins)
            counts = np.trim_zeros(counts, "b")
            expect(np.array_equal(counts, side.counts), f"{edge}: {name} bins")
            expect(2048 <= len(counts) <= 4096, f"{edge}: {len(counts)} bins in use")


# Divergences -------------------------------------------------------------------


def kullback_leibler(p, q):
    used = p > 0
    if np.any(q[used] == 0):
        return np.inf
    return float(np.sum(p[used] * np.log(p[used] / q[used])))


def entropy(p):
    p = p[p > 0]
    return -float(np.sum(p * np.log2(p)))


def jensen_shannon(p, q):
    return entropy((p + q) / 2) - (entropy(p) + entropy(q)) / 2


def get_divergences(bins, levels, divergence):
    """By the number of kept bins; infinite where more than a tenth is lost."""
    total = bins.sum()
    results = np.full(len(bins) + 1, np.inf)
    for kept in range(levels, len(bins) + 1):
        head = bins[:kept].astype(np.float64)
        if head.sum() < 0.9 * total:
            continue
        p = head.copy()
        p[-1] += total - head.sum()
        edges = -(-np.arange(levels) * kept // levels)
        masses = np.add.reduceat(head, edges)
        used = np.add.reduceat(head > 0, edges, dtype=np.int64)
        means = masses / np.maximum(used, 1)
        sizes = np.diff(np.append(edges, kept))
        q = np.where(head > 0, np.repeat(means, sizes), 0)
        results[kept] = divergence(p / p.sum(), q / q.sum())
    return results


def check_divergence(ranges, edges, divergence, method):
    searched = {}
    for edge, (channel,) in edges.items():
        name, encoding = edge.split("/")
        _, symmetric, low_code, high_code = ENCODINGS[encoding]
        one_sided = channel.min >= 0 or channel.max <= 0
        levels = 2 ** int(np.ceil(np.log2(high_code - low_code + 1)))
        if symmetric or not one_sided:
            levels //= 2
        bins, width = channel.magnitudes()
        if (name, levels) not in searched:
            searched[name, levels] = get_divergences(bins, levels, divergence)
        divergences = searched[name, levels]
        best = int(np.argmin(divergences))
        (low,), (high,) = ranges[edge]
        what = f"{edge}: {method} is [{low}, {high}], the search has {best} bins"
        if best == len(bins):
            expect((low, high) == (channel.min, channel.max), what)
            continue
        # Where rounding decides, any of the best will do.
        chosen = round(max(-low, high) / width)
        tie = divergences[min(chosen, len(bins))] <= divergences[best] + 1e-12
        expect(chosen == best or tie, what)
        expect((low, high) == clip(channel, chosen * width), what)


# Squared error -----------------------------------------------------------------


def squared_error(cells, low, high, symmetric, low_code, high_code):
    """Of values spread evenly over each cell, integrated code by code."""
    if symmetric:
        scale = np.float32(max(-low, high) / high_code)
        zero_point = 0
    else:
        low, high = min(low, 0), max(high, 0)
        scale = np.float32((high - low) / (high_code - low_code))
        zero_point = np.clip(np.rint(low_code - low / np.float64(scale)), low_code, high_code)
    scale = np.float64(scale)
    begin, end, count = cells
    points = begin == end

    def quantize(x):
        code = np.clip(np.rint(x / scale) + zero_point, low_code, high_code)
        return (code - zero_point) * scale

    error = np.sum(count[points] * (begin[points] - quantize(begin[points])) ** 2)
    borders = (np.arange(low_code, high_code) + 0.5 - zero_point) * scale
    begin, end, count = begin[~points], end[~points], count[~points]
    cuts = np.unique(np.concatenate([begin, end, borders]))
    middles = (cuts[:-1] + cuts[1:]) / 2
    cell = np.searchsorted(begin, middles, side="right") - 1
    inside = (cell >= 0) & (middles < end[cell])
    a, b, cell = cuts[:-1][inside], cuts[1:][inside], cell[inside]
    value = quantize(middles[inside])
    density = count[cell] / (end[cell] - begin[cell])
    return error + np.sum(density * ((b - value) ** 3 - (a - value) ** 3) / 3)


def check_mse(ranges, edges):
    for edge, (channel,) in edges.items():
        name, encoding = edge.split("/")
        if name not in ("relu", "outliers", "bimodal", "shifted"):
            continue
        _, *codes = ENCODINGS[encoding]
        cells = channel.cells()
        (low,), (high,) = ranges[edge]

        def get_error(low, high):
            return squared_error(cells, low, high, *codes)

        if codes[0]:
            width = channel.magnitudes()[1]
            largest = max(-channel.min, channel.max)
            edges_of_bins = np.append(np.arange(width, largest, width), largest)
            # All of them: the error has many minima.
            errors = [get_error(-t, t) for t in edges_of_bins]
            best = min(errors)
            threshold = max(-low, high)
            chosen = get_error(-threshold, threshold)
            limit = 1 + 1e-6
        else:
            # Pairs of ends: a grid. The product searches one of 48 by 48 and
            # around its best, so it must not lose to another grid.
            lows = np.linspace(min(channel.min, 0), 0, 25)
            highs = np.linspace(0, max(channel.max, 0), 25)
            lows = lows if channel.min < 0 else [0]
            highs = highs if channel.max > 0 else [0]
            best = min(get_error(a, b) for a in lows for b in highs if a < b)
            chosen = get_error(low, high)
            limit = 1.01
        expect(
            chosen <= limit * best,
            f"{edge}: mse is [{low}, {high}] of error {chosen}, the search has {best}",
        )
        inside = channel.min <= low <= high <= channel.max
        expect(inside, f"{edge}: mse is [{low}, {high}], not within the extremes")


def main():
    data = os.path.join(WORK, "tensors.npz")
    np.savez(data, **TENSORS)
    table = os.path.join(WORK, "table")
    module = write_module("percentile")
    calibrate(module, f"data={data} table-out={table}")
    edges = calibration_table.read_table(table)
    check_histograms(edges)
    check_percentiles(module, table)
    for method, divergence in (("kl", kullback_leibler), ("entropy", jensen_shannon)):
        ranges = calibrate(write_module(method), f"table-in={table}")
        check_divergence(ranges, edges, divergence, method)
    check_mse(calibrate(write_module("mse"), f"table-in={table}"), edges)
    # No search, no test.
    expect(len(edges) == len(TENSORS) * len(ENCODINGS), f"{len(edges)} edges")
    sys.exit(failures != 0)


main()
