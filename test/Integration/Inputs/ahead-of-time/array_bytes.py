#!/usr/bin/env python3
"""Writes the elements of an array of a .npz file to stdout, or does the reverse.

    array_bytes.py FILE.npz KEY [--first N] > ELEMENTS
    array_bytes.py FILE.npz KEY --quantize HEADER PREFIX --output CODES.npz
"""

import argparse
import re
import sys

import numpy as np

parser = argparse.ArgumentParser()
parser.add_argument("file")
parser.add_argument("key")
parser.add_argument("--first", type=int, help="only so many samples")
parser.add_argument("--quantize", nargs=2, metavar=("HEADER", "PREFIX"),
                    help="the codes of the elements by the constants of a header")
parser.add_argument("--output", help="a .npz file instead of bytes")
args = parser.parse_args()

array = np.load(args.file)[args.key][: args.first]
if args.quantize:
    header, prefix = args.quantize
    defined = dict(re.findall(r"#define %s_(\w+) (\S+)" % prefix, open(header).read()))
    scale = np.float32(defined["SCALE"].rstrip("f"))
    zero_point, low, high = (int(defined[name].strip("()"))
                             for name in ("ZERO_POINT", "LOWEST", "HIGHEST"))
    array = np.clip(np.rint(array / scale) + zero_point, low, high).astype(np.int8)
if args.output:
    np.savez(args.output, **{args.key: array})
else:
    sys.stdout.buffer.write(array.tobytes())
