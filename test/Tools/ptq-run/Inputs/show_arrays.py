"""Prints the arrays of an .npz file, one on a line."""

import sys

import numpy as np

with np.load(sys.argv[1]) as arrays:
    for name in arrays.files:
        array = arrays[name]
        print(name, array.dtype, list(array.shape), array.tolist())
