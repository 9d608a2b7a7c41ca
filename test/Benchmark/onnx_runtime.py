"""ONNX Runtime as a peer, on one thread, where Python has it."""

try:
    import onnxruntime
    from onnxruntime import quantization
except ImportError:
    onnxruntime = None

# Without it, processors that lack VNNI add pairs of products in 16 bits, which overflow.
EXACT = {"session.x64quantprecision": "1"}


def is_available():
    return onnxruntime is not None


def prepare_session(model, feeds, entries={}):
    """A call of `model`, a path, with what each input is fed; gives the outputs.
    `entries` are further ones of the session's configuration."""
    onnxruntime.set_default_logger_severity(3)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    for name, value in entries.items():
        options.add_session_config_entry(name, value)
    session = onnxruntime.InferenceSession(model, options, ["CPUExecutionProvider"])
    return lambda: session.run(None, feeds)


class Samples(quantization.CalibrationDataReader if onnxruntime else object):
    """Samples one by one, as ONNX Runtime's quantizer wants them."""

    def __init__(self, feeds):
        self.feeds = iter(feeds)

    def get_next(self):
        return next(self.feeds, None)


def quantize_statically(model, path, feeds):
    """Writes `model`, quantized with unsigned activations and weights of 8 bits per
    channel, to PATH.int8.onnx, which is returned."""
    prepared, quantized = path + ".prepared.onnx", path + ".int8.onnx"
    quantization.quant_pre_process(model, prepared, skip_symbolic_shape=True)
    quantization.quantize_static(
        prepared,
        quantized,
        Samples(feeds),
        activation_type=quantization.QuantType.QUInt8,
        per_channel=True,
        reduce_range=False,
    )
    return quantized
