"""Writes samples for optimize-rounding.mlir into the folder given as argument.

Each file is called after the function that reads it.
"""

import os
import sys

import numpy as np

folder = sys.argv[1]
os.makedirs(folder, exist_ok=True)
random = np.random.default_rng(1)


def save(name, samples):
    np.savez(os.path.join(folder, name + ".npz"), x=samples.astype("<f4"))


# The first two inputs are always alike.
pair = random.uniform(0.5, 1.5, (50, 3))
pair[:, 1] = pair[:, 0]
save("pair", pair)
# Images whose neighbours along the last dimension are alike.
save("image", np.repeat(random.uniform(0.5, 1.5, (20, 2, 4, 3)), 2, axis=3))
# Nothing but ones: only the bias can make up for what one weight loses.
save("ones", np.ones((20, 1)) + random.uniform(-0.1, 0.1, (20, 1)))
