"""Writes samples for a network of four inputs into a folder."""

import sys

import numpy as np

generator = np.random.default_rng(3)
x = generator.normal(size=(24, 4)).astype(np.float32)
np.savez(f"{sys.argv[1]}/samples.npz", x=x, labels=generator.integers(0, 4, 24))
np.savez(f"{sys.argv[1]}/wrong-labels.npz", x=x, labels=np.full(24, 4))
np.savez(f"{sys.argv[1]}/few-labels.npz", x=x, labels=np.zeros(3, np.int64))
