"""Reads what calibration writes, from the descriptions of its formats alone:
tables of statistics (ptq/Calibration/CalibrationTable.h) and the ranges of
observers in the text of a module."""

import re
import struct
from dataclasses import dataclass, field

import numpy as np


def parse_float(digits):
    return struct.unpack(">f", bytes.fromhex(digits))[0]


@dataclass
class Side:
    """Bins of one sign, by magnitude."""

    width: float
    counts: np.ndarray


@dataclass
class Channel:
    detail: str
    elements: int
    zeros: int
    nans: int
    infinities: int
    min: float
    max: float
    sides: dict = field(default_factory=dict)
    values: np.ndarray = None

    @property
    def finite(self):
        return self.elements - self.nans - self.infinities

    def magnitudes(self):
        """Bins of |x| at the coarser of the two widths, and that width."""
        width = max(side.width for side in self.sides.values())
        bins = np.zeros(0, np.int64)
        for side in self.sides.values():
            step = round(width / side.width)
            starts = np.arange(0, len(side.counts), step)
            merged = np.add.reduceat(side.counts, starts)
            size = max(len(bins), len(merged))
            bins = np.pad(bins, (0, size - len(bins)))
            bins += np.pad(merged, (0, size - len(merged)))
        return bins, width

    def cells(self):
        """Intervals that hold values and how many: low, high, count. The bins
        end where the values do."""
        rows = [(0.0, 0.0, self.zeros)] if self.zeros else []
        for name, side in self.sides.items():
            for k in np.flatnonzero(side.counts):
                low, high = k * side.width, (k + 1) * side.width
                if name == "negative":
                    low, high = -high, -low
                low, high = max(low, self.min), min(high, self.max)
                rows.append((low, high, side.counts[k]))
        return np.array(sorted(rows), np.float64).T


def read_table(path):
    """The channels of each edge, by name."""
    edges = {}
    with open(path) as file:
        for line in file:
            word, *rest = line.split()
            if word == "edge":
                name = re.match(r'edge "([^"]*)"', line)[1]
                edges[name] = []
            elif word == "channel":
                detail, *numbers, low, high = rest
                channel = Channel(
                    detail, *map(int, numbers), parse_float(low), parse_float(high)
                )
                edges[name].append(channel)
            elif word in ("negative", "positive"):
                counts = []
                for item in rest[1:]:
                    if item.startswith("z"):
                        counts += [0] * int(item[1:])
                    else:
                        counts.append(int(item))
                channel.sides[word] = Side(
                    2.0 ** int(rest[0]), np.array(counts, np.int64)
                )
            elif word == "values":
                channel.values = np.array([parse_float(x) for x in rest[1:]])
    return edges


RANGE = re.compile(r'name\("([^"]*)"\).*range\(<min = \[([^]]*)\], max = \[([^]]*)\]')


def read_ranges(text):
    """Minima and maxima of each observer, by name."""
    return {
        name: tuple(
            np.array([float(x) for x in numbers.split(",")]) for numbers in (low, high)
        )
        for name, low, high in RANGE.findall(text)
    }
