"""Trains the digits network of this folder and writes it with its data.

    python3 train_digits.py [--epochs 60] [--output FOLDER]

A small residual CNN on scikit-learn's handwritten digits, trained in plain
numpy from a fixed seed. It writes

    digits.onnx      the network: opset 13, symbolic batch, batch norms not folded
    calibration.npz  input: 100 images of the training part
    evaluation.npz   input, labels: the 500 images that training never saw
    reference.npz    logits: what ONNX Runtime makes of evaluation.npz

Needs numpy, scikit-learn (for the data only), onnx and onnxruntime.
"""

import argparse
import os
import zipfile

import numpy as np

SEED = 7
NUM_EVALUATION = 500
NUM_CALIBRATION = 100
BATCH = 32
EPSILON = 1e-5


# ===----------------------------------------------------------------------=== #
# Layers: forward keeps what backward needs; backward returns the gradient of
# the input and leaves those of the parameters in `gradients`.
# ===----------------------------------------------------------------------=== #


class Layer:
    def __init__(self, **parameters):
        self.parameters = {
            name: value.astype(np.float32) for name, value in parameters.items()
        }
        self.gradients = {}


class Conv(Layer):
    """Convolution, NCHW; `pads` as in ONNX: top, left, bottom, right."""

    def __init__(self, rng, name, inputs, outputs, kernel, stride, pads, group=1):
        fan_in = inputs // group * kernel * kernel
        shape = (outputs, inputs // group, kernel, kernel)
        super().__init__(weight=rng.standard_normal(shape) * np.sqrt(2 / fan_in))
        self.name, self.kernel, self.stride = name, kernel, stride
        self.pads, self.group = pads, group

    def forward(self, x, training):
        top, left, bottom, right = self.pads
        self.padded = np.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right)))
        windows = np.lib.stride_tricks.sliding_window_view(
            self.padded, (self.kernel, self.kernel), axis=(2, 3)
        )[:, :, :: self.stride, :: self.stride]
        n, c, h, w = windows.shape[:4]
        # Rows are output pixels, columns the elements of one group's filter.
        self.rows = (
            windows.reshape(n, self.group, c // self.group, h, w, -1)
            .transpose(1, 0, 3, 4, 2, 5)
            .reshape(self.group, n * h * w, -1)
        )
        self.shape = (n, h, w)
        weight = self.parameters["weight"].reshape(
            self.group, -1, self.rows.shape[2]
        )
        y = self.rows @ weight.transpose(0, 2, 1)
        return y.reshape(self.group, n, h, w, -1).transpose(1, 0, 4, 2, 3).reshape(
            n, -1, h, w
        )

    def backward(self, dy):
        n, h, w = self.shape
        weight = self.parameters["weight"]
        dy = (
            dy.reshape(n, self.group, -1, h, w)
            .transpose(1, 0, 3, 4, 2)
            .reshape(self.group, n * h * w, -1)
        )
        self.gradients["weight"] = (dy.transpose(0, 2, 1) @ self.rows).reshape(
            weight.shape
        )
        drows = dy @ weight.reshape(self.group, -1, self.rows.shape[2])
        k = self.kernel
        drows = (
            drows.reshape(self.group, n, h, w, -1, k, k)
            .transpose(1, 0, 4, 5, 6, 2, 3)
            .reshape(n, -1, k, k, h, w)
        )
        dx = np.zeros_like(self.padded)
        for i in range(k):
            for j in range(k):
                rows = slice(i, i + self.stride * (h - 1) + 1, self.stride)
                columns = slice(j, j + self.stride * (w - 1) + 1, self.stride)
                dx[:, :, rows, columns] += drows[:, :, i, j]
        top, left, bottom, right = self.pads
        return dx[:, :, top : dx.shape[2] - bottom, left : dx.shape[3] - right]


class BatchNorm(Layer):
    def __init__(self, name, channels, momentum=0.1):
        super().__init__(scale=np.ones(channels), bias=np.zeros(channels))
        self.name, self.momentum = name, momentum
        self.mean = np.zeros(channels, np.float32)
        self.variance = np.ones(channels, np.float32)

    def forward(self, x, training):
        if training:
            mean, variance = x.mean((0, 2, 3)), x.var((0, 2, 3))
            self.mean += self.momentum * (mean - self.mean)
            self.variance += self.momentum * (variance - self.variance)
        else:
            mean, variance = self.mean, self.variance
        self.inverse = 1 / np.sqrt(variance + EPSILON)
        self.normal = (x - mean[:, None, None]) * self.inverse[:, None, None]
        scale, bias = self.parameters["scale"], self.parameters["bias"]
        return self.normal * scale[:, None, None] + bias[:, None, None]

    def backward(self, dy):
        self.gradients["scale"] = (dy * self.normal).sum((0, 2, 3))
        self.gradients["bias"] = dy.sum((0, 2, 3))
        dy = dy * self.parameters["scale"][:, None, None]
        mean = dy.mean((0, 2, 3), keepdims=True)
        projection = (dy * self.normal).mean((0, 2, 3), keepdims=True)
        return (dy - mean - self.normal * projection) * self.inverse[:, None, None]


class Relu(Layer):
    def forward(self, x, training):
        self.mask = x > 0
        return x * self.mask

    def backward(self, dy):
        return dy * self.mask


class MaxPool(Layer):
    """Two by two, stride two."""

    def forward(self, x, training):
        n, c, h, w = x.shape
        tiles = x.reshape(n, c, h // 2, 2, w // 2, 2)
        y = tiles.max((3, 5), keepdims=True)
        self.mask = tiles == y
        return y.reshape(n, c, h // 2, w // 2)

    def backward(self, dy):
        n, c, h, w = dy.shape
        spread = self.mask * dy[:, :, :, None, :, None]
        return spread.reshape(n, c, 2 * h, 2 * w)


class GlobalAveragePool(Layer):
    def forward(self, x, training):
        self.shape = x.shape
        return x.mean((2, 3))

    def backward(self, dy):
        area = self.shape[2] * self.shape[3]
        return np.broadcast_to(dy[:, :, None, None] / area, self.shape)


class Gemm(Layer):
    def __init__(self, rng, name, inputs, outputs):
        weight = rng.standard_normal((outputs, inputs)) * np.sqrt(1 / inputs)
        super().__init__(weight=weight, bias=np.zeros(outputs))
        self.name = name

    def forward(self, x, training):
        self.x = x
        return x @ self.parameters["weight"].T + self.parameters["bias"]

    def backward(self, dy):
        self.gradients["weight"] = dy.T @ self.x
        self.gradients["bias"] = dy.sum(0)
        return dy @ self.parameters["weight"]


class Sequence(Layer):
    def __init__(self, layers):
        super().__init__()
        self.layers = layers

    def forward(self, x, training):
        for layer in self.layers:
            x = layer.forward(x, training)
        return x

    def backward(self, dy):
        for layer in reversed(self.layers):
            dy = layer.backward(dy)
        return dy


class Residual(Sequence):
    """x + layers(x)."""

    def forward(self, x, training):
        return x + super().forward(x, training)

    def backward(self, dy):
        return dy + super().backward(dy)


def build_network(rng):
    """8x8 pixels to ten logits: a convolution, a depthwise-separable block that
    halves the image with asymmetric padding, a residual block, two poolings and
    a linear layer."""
    return Sequence(
        [
            Conv(rng, "conv0", 1, 32, kernel=3, stride=1, pads=(1, 1, 1, 1)),
            BatchNorm("bn0", 32),
            Relu(),
            Conv(rng, "dw1", 32, 32, kernel=3, stride=2, pads=(0, 0, 1, 1), group=32),
            BatchNorm("bn1", 32),
            Relu(),
            Conv(rng, "pw1", 32, 64, kernel=1, stride=1, pads=(0, 0, 0, 0)),
            BatchNorm("bn2", 64),
            Relu(),
            Residual(
                [
                    Conv(rng, "conv2", 64, 64, kernel=3, stride=1, pads=(1, 1, 1, 1)),
                    BatchNorm("bn3", 64),
                ]
            ),
            Relu(),
            MaxPool(),
            GlobalAveragePool(),
            Gemm(rng, "fc", 64, 10),
        ]
    )


def leaves(layer):
    """The layers with parameters, in order of execution."""
    if isinstance(layer, Sequence):
        return [leaf for inner in layer.layers for leaf in leaves(inner)]
    return [layer] if layer.parameters else []


# ===----------------------------------------------------------------------=== #
# Data and training
# ===----------------------------------------------------------------------=== #


def load_data(rng):
    """Training images and labels, evaluation images and labels; images are
    [N, 1, 8, 8] in [0, 1]."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    images = (digits.images / 16).astype(np.float32)[:, None]
    labels = digits.target.astype(np.int64)
    order = rng.permutation(len(images))
    evaluation, training = order[:NUM_EVALUATION], order[NUM_EVALUATION:]
    return images[training], labels[training], images[evaluation], labels[evaluation]


def shift_randomly(rng, images):
    """Moves each image by up to one pixel in either direction."""
    padded = np.pad(images, ((0, 0), (0, 0), (1, 1), (1, 1)))
    offsets = rng.integers(0, 3, (len(images), 2))
    return np.stack(
        [padded[n, :, i : i + 8, j : j + 8] for n, (i, j) in enumerate(offsets)]
    )


def cross_entropy_gradient(logits, labels):
    exponentials = np.exp(logits - logits.max(1, keepdims=True))
    probabilities = exponentials / exponentials.sum(1, keepdims=True)
    probabilities[np.arange(len(labels)), labels] -= 1
    return probabilities / len(labels)


def train(network, rng, images, labels, epochs, rate=0.1, decay=5e-4):
    """Stochastic gradient descent with Nesterov momentum and a cosine rate."""
    layers = leaves(network)
    momenta = [
        {name: np.zeros_like(value) for name, value in layer.parameters.items()}
        for layer in layers
    ]
    steps_per_epoch = len(images) // BATCH
    for epoch in range(epochs):
        order = rng.permutation(len(images))
        for step in range(steps_per_epoch):
            progress = (epoch + step / steps_per_epoch) / epochs
            current = np.float32(rate * 0.5 * (1 + np.cos(np.pi * progress)))
            picked = order[step * BATCH : (step + 1) * BATCH]
            logits = network.forward(shift_randomly(rng, images[picked]), True)
            network.backward(cross_entropy_gradient(logits, labels[picked]))
            for layer, momentum in zip(layers, momenta):
                for name, value in layer.parameters.items():
                    gradient = layer.gradients[name] + decay * value
                    momentum[name] = 0.9 * momentum[name] + gradient
                    value -= current * (gradient + 0.9 * momentum[name])


# ===----------------------------------------------------------------------=== #
# Export
# ===----------------------------------------------------------------------=== #


class OnnxExporter:
    """Writes the layers as the nodes of one graph."""

    def __init__(self):
        import onnx

        self.onnx = onnx
        self.nodes, self.weights = [], []

    def add(self, kind, inputs, name, **attributes):
        self.nodes.append(
            self.onnx.helper.make_node(kind, inputs, [name], name=name, **attributes)
        )
        return name

    def add_weight(self, name, value):
        value = np.ascontiguousarray(value, np.float32)
        self.weights.append(self.onnx.numpy_helper.from_array(value, name))
        return name

    def export(self, layer, x):
        """Adds `layer` applied to the tensor named `x`; returns its output."""
        return getattr(self, "export_" + type(layer).__name__)(layer, x)

    def export_Conv(self, layer, x):
        weight = self.add_weight(layer.name + "_w", layer.parameters["weight"])
        return self.add(
            "Conv",
            [x, weight],
            layer.name,
            kernel_shape=[layer.kernel] * 2,
            strides=[layer.stride] * 2,
            pads=layer.pads,
            group=layer.group,
        )

    def export_BatchNorm(self, layer, x):
        inputs = [
            self.add_weight(layer.name + suffix, value)
            for suffix, value in (
                ("_scale", layer.parameters["scale"]),
                ("_bias", layer.parameters["bias"]),
                ("_mean", layer.mean),
                ("_variance", layer.variance),
            )
        ]
        return self.add("BatchNormalization", [x] + inputs, layer.name, epsilon=EPSILON)

    def export_Relu(self, layer, x):
        return self.add("Relu", [x], x + "_relu")

    def export_MaxPool(self, layer, x):
        return self.add("MaxPool", [x], "pool", kernel_shape=[2, 2], strides=[2, 2])

    def export_GlobalAveragePool(self, layer, x):
        average = self.add("GlobalAveragePool", [x], "average")
        return self.add("Flatten", [average], "features", axis=1)

    def export_Gemm(self, layer, x):
        weight = self.add_weight(layer.name + "_w", layer.parameters["weight"])
        bias = self.add_weight(layer.name + "_b", layer.parameters["bias"])
        return self.add("Gemm", [x, weight, bias], "logits", transB=1)

    def export_Sequence(self, layer, x):
        for inner in layer.layers:
            x = self.export(inner, x)
        return x

    def export_Residual(self, layer, x):
        return self.add("Add", [x, self.export_Sequence(layer, x)], "residual")

    def model(self, network):
        helper, float32 = self.onnx.helper, self.onnx.TensorProto.FLOAT
        self.export(network, "input")
        graph = helper.make_graph(
            self.nodes,
            "digits",
            [helper.make_tensor_value_info("input", float32, ["N", 1, 8, 8])],
            [helper.make_tensor_value_info("logits", float32, ["N", 10])],
            self.weights,
        )
        model = helper.make_model(
            graph,
            producer_name="train_digits",
            ir_version=8,
            opset_imports=[helper.make_opsetid("", 13)],
        )
        self.onnx.checker.check_model(model, full_check=True)
        return model


def save_arrays(path, **arrays):
    """Like numpy.savez_compressed, but the same arrays give the same bytes."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in arrays.items():
            member = zipfile.ZipInfo(name + ".npy", (1980, 1, 1, 0, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(member, "w") as file:
                np.lib.format.write_array(file, np.ascontiguousarray(array))


def run_reference(path, images):
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return session.run(["logits"], {"input": images})[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--output", default=os.path.dirname(os.path.abspath(__file__)))
    arguments = parser.parse_args()

    rng = np.random.default_rng(SEED)
    images, labels, evaluation, evaluation_labels = load_data(rng)
    network = build_network(rng)
    train(network, rng, images, labels, arguments.epochs)

    def path(name):
        return os.path.join(arguments.output, name)

    exporter = OnnxExporter()
    exporter.onnx.save(exporter.model(network), path("digits.onnx"))
    save_arrays(path("calibration.npz"), input=images[:NUM_CALIBRATION])
    save_arrays(path("evaluation.npz"), input=evaluation, labels=evaluation_labels)
    logits = run_reference(path("digits.onnx"), evaluation)
    save_arrays(path("reference.npz"), logits=logits)

    difference = np.abs(logits - network.forward(evaluation, False)).max()
    accuracy = (logits.argmax(1) == evaluation_labels).mean()
    print(f"accuracy {100 * accuracy:.2f} % on {len(evaluation)} images")
    print(f"largest difference between numpy and ONNX Runtime {difference:.2e}")


if __name__ == "__main__":
    main()
