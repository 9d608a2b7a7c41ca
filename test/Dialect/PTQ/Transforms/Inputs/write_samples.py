"""Writes calibration samples, good and bad, into the folder given as argument."""

import os
import sys

import numpy as np

folder = sys.argv[1]
os.makedirs(os.path.join(folder, "directory"), exist_ok=True)
os.makedirs(os.path.join(folder, "empty"), exist_ok=True)


def path(name):
    return os.path.join(folder, name)


samples = np.array([[-1, 0, 0.5], [2, 3.25, 0]], dtype="<f4")
np.savez(path("samples.npz"), x=samples)
np.savez_compressed(path("deflated.npz"), x=samples)
np.save(path("single.npy"), samples)
for index, sample in enumerate(samples):
    np.save(path("directory/%d.npy" % index), sample)

np.savez(path("keys.npz"), a=samples, b=samples)
np.savez(path("shape.npz"), x=samples[:, :2])
np.savez(path("type.npz"), x=samples.astype("<f8"))
np.savez(path("none.npz"), x=samples[:0])
np.savez(path("endian.npz"), x=samples.astype(">f4"))
np.savez(path("fortran.npz"), x=np.asfortranarray(samples))
np.savez(path("object.npz"), x=np.array([{}], dtype=object))
nan = samples.copy()
nan[1, 1] = np.nan
np.savez(path("nan.npz"), x=nan)

with open(path("samples.npz"), "rb") as file:
    data = bytearray(file.read())
with open(path("truncated.npz"), "wb") as file:
    file.write(data[: len(data) // 2])
# The last bytes of the only member's data lie right before the directory.
data[data.rindex(b"PK\x01\x02") - 1] ^= 1
with open(path("corrupted.npz"), "wb") as file:
    file.write(data)
with open(path("junk.npy"), "wb") as file:
    file.write(b"no array")
