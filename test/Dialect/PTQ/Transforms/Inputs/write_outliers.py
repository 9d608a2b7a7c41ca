"""Writes samples whose first element is far out: outliers.npz in a folder."""

import os
import sys

import numpy as np

os.makedirs(sys.argv[1], exist_ok=True)
samples = np.random.default_rng(0).standard_normal((32, 256)).astype("<f4")
samples[:, 0] *= 1000
np.savez(os.path.join(sys.argv[1], "outliers.npz"), x=samples)
