"""Writes the .npz files that the tests of ptq-run read, into the folder given.

good      4 samples of input [3], float32; labels are the index of the largest
deflated  the same, compressed
Every other file is good.npz with one thing wrong that its name says.
"""

import io
import os
import sys
import zipfile

import numpy as np

folder = sys.argv[1]
os.makedirs(folder, exist_ok=True)
images = np.array([[1, 2, 3], [4, 0, -4], [-1, 7, 1], [0, 0, 5]], np.float32)
labels = np.array([2, 0, 1, 0])


def save(name, **arrays):
    np.savez(os.path.join(folder, name + ".npz"), **arrays)


def save_input(name, array, **others):
    save(name, input=array, labels=labels, **others)


def save_raw(name, contents):
    with open(os.path.join(folder, name + ".npz"), "wb") as file:
        file.write(contents)


save_input("good", images)
np.savez_compressed(os.path.join(folder, "deflated.npz"), input=images, labels=labels)
np.save(os.path.join(folder, "images.npy"), images)
with open(os.path.join(folder, "good.npz"), "rb") as file:
    good = file.read()

save("missing-input", other=images, labels=labels)
save_input("other-shape", images[:, :2])
save_input("other-type", images.astype(np.float64))
save_input("no-samples", images[:0])
save_input("big-endian", images.astype(">f4"))
save_input("fortran-order", np.asfortranarray(images))
save_input("object", np.array([{}, None]))
save_input("nan", np.where(images == 7, np.nan, images))
save_raw("truncated", good[: len(good) // 2])
save_raw("empty", b"")
save_raw("junk", b"this is no archive")

# Bytes of the data changed, the checksum not.
at = good.index(images.tobytes())
save_raw("corrupted", good[:at] + b"\xff" + good[at + 1 :])

# An array that promises more elements than it has.
header = io.BytesIO()
np.lib.format.write_array_header_1_0(
    header, {"descr": "<f4", "fortran_order": False, "shape": (400, 3)}
)
with zipfile.ZipFile(os.path.join(folder, "short.npz"), "w") as archive:
    archive.writestr("input.npy", header.getvalue() + images.tobytes())

save("few-labels", input=images, labels=labels[:3])
save("float-labels", input=images, labels=labels.astype(np.float32))
save("large-label", input=images, labels=labels + 1)

# The results of doubling, and results that do not fit.
save("reference", doubled=2 * images)
save("noisy-reference", any_name=2 * images + np.float32(0.125))
save("other-reference", doubled=2 * images[:, :2])
save("short-reference", doubled=2 * images[:2])
save("long-reference", doubled=np.concatenate([2 * images, images]))
save("two-references", a=images, b=images)
