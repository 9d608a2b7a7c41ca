"""Networks of known architecture with random weights, as ONNX models."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


class Model:
    """An ONNX model under construction. `num_products` counts the products of one
    sample that have a weight or two activations as factors."""

    def __init__(self):
        self.random = np.random.default_rng(0)
        self.nodes, self.constants = [], []
        self.num_products = 0

    def constant(self, array):
        name = f"constant{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def normal(self, shape, deviation):
        array = self.random.normal(0, deviation, shape)
        return self.constant(array.astype(np.float32))

    def number(self, value):
        return self.constant(np.float32(value))

    def add(self, kind, inputs, **attributes):
        name = f"{kind.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], name=name, **attributes))
        return name

    def save(self, path, inputs, outputs):
        """`inputs` and `outputs` give the shapes of one sample by name."""

        def describe(shapes):
            make_info = helper.make_tensor_value_info
            return [
                make_info(name, TensorProto.FLOAT, ["N", *shape])
                for name, shape in shapes.items()
            ]

        graph = helper.make_graph(
            self.nodes, "net", describe(inputs), describe(outputs), self.constants
        )
        opset = helper.make_opsetid("", 17)
        onnx.save(helper.make_model(graph, opset_imports=[opset], ir_version=8), path)


class ConvolutionalModel(Model):
    """Square images, named "image"."""

    def __init__(self, size):
        super().__init__()
        self.image_size = self.size = size
        self.num_layers = 0

    def convolve(self, x, channels, filters, window, stride=1, size=None, groups=1):
        """A convolution of an image of `size`, or of the current one."""
        size = size or self.size
        self.size = -(-size // stride)
        self.num_layers += 1
        terms = channels // groups * window**2
        self.num_products += self.size**2 * filters * terms
        shape = (filters, channels // groups, window, window)
        weights = self.normal(shape, (2 / terms) ** 0.5)
        bias = self.normal((filters,), 0.1)
        padding = max(0, (self.size - 1) * stride + window - size)
        pads = [padding // 2] * 2 + [padding - padding // 2] * 2
        window = {"kernel_shape": [window, window], "strides": [stride, stride]}
        return self.add("Conv", [x, weights, bias], pads=pads, group=groups, **window)

    def classify(self, x, channels, classes):
        x = self.add("Flatten", [self.add("GlobalAveragePool", [x])])
        self.num_layers += 1
        self.num_products += channels * classes
        return self.add("MatMul", [x, self.normal((channels, classes), 0.02)])

    def finish(self, path, output, classes):
        image = (3, self.image_size, self.image_size)
        self.save(path, {"image": image}, {output: (classes,)})


class BottleneckNetwork(ConvolutionalModel):
    """A ResNet of bottlenecks: `blocks` of them in each of four stages."""

    WIDTHS = (64, 128, 256, 512)
    CLASSES = 1000

    def __init__(self, blocks, size, path):
        super().__init__(size)
        x = self.add("Relu", [self.convolve("image", 3, self.WIDTHS[0], 7, 2)])
        window = {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1] * 4}
        x = self.add("MaxPool", [x], **window)
        self.size = -(-self.size // 2)
        channels = self.WIDTHS[0]
        for stage, (count, width) in enumerate(zip(blocks, self.WIDTHS)):
            for block in range(count):
                stride = 2 if stage > 0 and block == 0 else 1
                x = self.bottleneck(x, channels, width, stride)
                channels = 4 * width
        self.finish(path, self.classify(x, channels, self.CLASSES), self.CLASSES)

    def bottleneck(self, x, channels, width, stride):
        size = self.size
        y = self.add("Relu", [self.convolve(x, channels, width, 1)])
        y = self.add("Relu", [self.convolve(y, width, width, 3, stride)])
        y = self.convolve(y, width, 4 * width, 1)
        if channels != 4 * width or stride != 1:
            x = self.convolve(x, channels, 4 * width, 1, stride, size)
        return self.add("Relu", [self.add("Add", [y, x])])


class ResNet50(BottleneckNetwork):
    """For images of 224x224."""

    def __init__(self, path):
        super().__init__((3, 4, 6, 3), 224, path)


class MobileNetV2(ConvolutionalModel):
    """Inverted residuals of width 1.0 for images of 224x224."""

    CLASSES = 1000
    # Of each stage: how much wider blocks are inside, channels, blocks, stride.
    STAGES = (
        (1, 16, 1, 1),
        (6, 24, 2, 2),
        (6, 32, 3, 2),
        (6, 64, 4, 2),
        (6, 96, 3, 1),
        (6, 160, 3, 2),
        (6, 320, 1, 1),
    )

    def __init__(self, path):
        super().__init__(size=224)
        channels, features = 32, 1280
        x = self.clip(self.convolve("image", 3, channels, 3, 2))
        for factor, width, count, stride in self.STAGES:
            for block in range(count):
                x = self.invert(x, channels, width, factor, stride if block == 0 else 1)
                channels = width
        x = self.clip(self.convolve(x, channels, features, 1))
        self.finish(path, self.classify(x, features, self.CLASSES), self.CLASSES)

    def clip(self, x):
        return self.add("Clip", [x, self.number(0), self.number(6)])

    def invert(self, x, channels, width, factor, stride):
        inner, y = factor * channels, x
        if factor != 1:
            y = self.clip(self.convolve(y, channels, inner, 1))
        y = self.clip(self.convolve(y, inner, inner, 3, stride, groups=inner))
        y = self.convolve(y, inner, width, 1)
        return self.add("Add", [x, y]) if (channels, stride) == (width, 1) else y


class ResNet8(ConvolutionalModel):
    """The image classifier of MLPerf Tiny: 32x32x3, blocks of 16, 32, 64 channels."""

    CLASSES = 10

    def __init__(self, path):
        super().__init__(size=32)
        x = self.add("Relu", [self.convolve("image", 3, 16, 3)])
        channels = 16
        for width in (16, 32, 64):
            stride, size = width // channels, self.size
            y = self.add("Relu", [self.convolve(x, channels, width, 3, stride)])
            y = self.convolve(y, width, width, 3)
            if stride != 1:
                x = self.convolve(x, channels, width, 1, stride, size)
            x = self.add("Relu", [self.add("Add", [y, x])])
            channels = width
        self.finish(path, self.classify(x, channels, self.CLASSES), self.CLASSES)


class EncoderLayer(Model):
    """A layer of a transformer's encoder, as BERT has it; its input is "tokens"."""

    def __init__(self, path, tokens=128, hidden=768, heads=12, feed_forward=3072):
        super().__init__()
        self.tokens, self.hidden, self.heads = tokens, hidden, heads
        x = "tokens"
        attended = self.linear(self.attend(x), hidden, hidden)
        x = self.normalize(self.add("Add", [x, attended]))
        y = self.linear(
            self.gelu(self.linear(x, hidden, feed_forward)), feed_forward, hidden
        )
        x = self.normalize(self.add("Add", [x, y]))
        shape = (tokens, hidden)
        self.save(path, {"tokens": shape}, {x: shape})

    def linear(self, x, inputs, outputs):
        self.num_products += self.tokens * inputs * outputs
        x = self.add("MatMul", [x, self.normal((inputs, outputs), inputs**-0.5)])
        return self.add("Add", [x, self.normal((outputs,), 0.1)])

    def reshape(self, x, *shape):
        return self.add("Reshape", [x, self.constant(np.array([0, *shape], np.int64))])

    def attend(self, x):
        size = self.hidden // self.heads

        def project(permutation):
            y = self.linear(x, self.hidden, self.hidden)
            y = self.reshape(y, self.tokens, self.heads, size)
            return self.add("Transpose", [y], perm=permutation)

        queries, keys = project([0, 2, 1, 3]), project([0, 2, 3, 1])
        values = project([0, 2, 1, 3])
        self.num_products += 2 * self.tokens**2 * self.hidden
        scores = self.add("MatMul", [queries, keys])
        scores = self.add("Mul", [scores, self.number(size**-0.5)])
        weights = self.add("Softmax", [scores], axis=-1)
        y = self.add(
            "Transpose", [self.add("MatMul", [weights, values])], perm=[0, 2, 1, 3]
        )
        return self.reshape(y, self.tokens, self.hidden)

    def gelu(self, x):
        y = self.add("Erf", [self.add("Div", [x, self.number(2**0.5)])])
        y = self.add("Mul", [x, self.add("Add", [y, self.number(1)])])
        return self.add("Mul", [y, self.number(0.5)])

    def normalize(self, x):
        gain = self.constant(np.ones(self.hidden, np.float32))
        shift = self.normal((self.hidden,), 0.1)
        return self.add("LayerNormalization", [x, gain, shift], axis=-1)
