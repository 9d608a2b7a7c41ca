//===- CalibrationPasses.td - From float to QDQ form -------*- tablegen -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// In the order of the pipeline ptq-calibrate.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_DIALECT_PTQ_TRANSFORMS_CALIBRATIONPASSES_TD
#define PTQ_DIALECT_PTQ_TRANSFORMS_CALIBRATIONPASSES_TD

include "mlir/Pass/PassBase.td"

/// What a scheme is, for the passes that choose one.
defvar schemeOptions = [
  Option<"scheme", "scheme", "::mlir::ptq::SchemeKind",
         "::mlir::ptq::SchemeKind::Static",
         "what is quantized: weights alone, or activations too, and when",
         "::mlir::ptq::EnumValues<::mlir::ptq::SchemeKind>()">,
  Option<"weights", "weights", "::mlir::ptq::WeightStorage",
         "::mlir::ptq::WeightStorage::I8", "what holds a weight",
         "::mlir::ptq::EnumValues<::mlir::ptq::WeightStorage>()">,
  Option<"weightsPer", "weights-per", "::mlir::ptq::WeightGranularity",
         "::mlir::ptq::WeightGranularity::Channel",
         "which weights share one scale",
         "::mlir::ptq::EnumValues<::mlir::ptq::WeightGranularity>()">,
  Option<"block", "block", "int64_t", "0",
         "how many weights along the reduction share one scale; 0 for all">,
  Option<"weightsSymmetry", "weights-symmetry", "::mlir::ptq::Symmetry",
         "::mlir::ptq::Symmetry::Symmetric",
         "where 0 lies among the codes of weights",
         "::mlir::ptq::EnumValues<::mlir::ptq::Symmetry>()">,
  Option<"activations", "activations", "::mlir::ptq::ActivationStorage",
         "::mlir::ptq::ActivationStorage::Auto",
         "what holds an activation; auto is i8, or f32 for weight-only",
         "::mlir::ptq::EnumValues<::mlir::ptq::ActivationStorage>()">,
  Option<"activationsPer", "activations-per",
         "::mlir::ptq::ActivationGranularity",
         "::mlir::ptq::ActivationGranularity::Tensor",
         "which activations share one scale; blocks have the size of those of "
         "the weights",
         "::mlir::ptq::EnumValues<::mlir::ptq::ActivationGranularity>()">,
  Option<"activationsSymmetry", "activations-symmetry",
         "::mlir::ptq::ActivationSymmetry",
         "::mlir::ptq::ActivationSymmetry::Auto",
         "where 0 lies among the codes of activations; auto is asymmetric, or "
         "symmetric for i16 and for blocks",
         "::mlir::ptq::EnumValues<::mlir::ptq::ActivationSymmetry>()">,
  Option<"method", "method", "::mlir::ptq::RangeEstimatorKind",
         "::mlir::ptq::RangeEstimatorKind::MinMax",
         "how ranges are chosen from statistics",
         "::mlir::ptq::EnumValues<::mlir::ptq::RangeEstimatorKind>()">,
  Option<"rounding", "rounding", "::mlir::ptq::Rounding",
         "::mlir::ptq::Rounding::Nearest", "how weights are rounded",
         "::mlir::ptq::EnumValues<::mlir::ptq::Rounding>()">,
  Option<"equalization", "equalization", "::mlir::ptq::Equalization",
         "::mlir::ptq::Equalization::None",
         "how the channels that an op reads are brought to like ranges",
         "::mlir::ptq::EnumValues<::mlir::ptq::Equalization>()">,
  Option<"recipe", "recipe", "std::string", "",
         "a JSON file of rules that choose schemes op by op">
];

def AssignSchemesPass : Pass<"ptq-assign-schemes", "::mlir::ModuleOp"> {
  let summary = "Say for each op how it shall be quantized";
  let description = [{
    Puts a `#ptq.scheme` on every op that implements QuantizableOpInterface and
    has none yet. A scheme that is already there is kept; an empty one
    (`#ptq.scheme<>`) leaves the op in float. The options say which scheme:

    * `static`: weights and activations, with parameters from calibration;
    * `dynamic`: weights from calibration, activations with parameters that are
      measured at run time. Sums of products only: an addition gains nothing;
    * `weight-only`: weights; activations are `f32`, or are rounded to `f16` or
      `bf16`;
    * `float`: nothing.

    The default is static int8: activations asymmetric per tensor, weights
    symmetric per output channel. What is symmetric leaves out the most negative
    code. i16 activations are symmetric unless asked otherwise: they have codes
    to spare. So are activations in blocks, which exist where weights are in
    blocks, have their size, and let each block be summed in integers. Products
    of two activations have no blocks, and get a scale for each token then.

    A recipe lays its rules over the options, op by op; ptq/Recipe/Recipe.h
    describes it. Names are those of edges: the op's result, or the value that an
    operand is traced back to. A rule that matches nothing is a warning.

    ```mlir
    %0 = linalg.matmul ins(%x, %w : ...) outs(%b : ...)
    ==>
    %0 = linalg.matmul {ptq.scheme = #ptq.scheme<activations = <i8, asymmetric>,
           weights = <i8, symmetric, granularity = axis, narrow_range = true>>}
         ins(%x, %w : ...) outs(%b : ...)
    ```
  }];
  let options = schemeOptions;
  let dependentDialects = ["::mlir::ptq::PTQDialect"];
  let statistics = [
    Statistic<"numAssigned", "num-assigned", "Schemes assigned">,
    Statistic<"numLeft", "num-left", "Ops left without a scheme">,
    Statistic<"numKept", "num-kept", "Schemes that were already there">
  ];
}

def EqualizeChannelsPass : Pass<"ptq-equalize-channels", "::mlir::ModuleOp"> {
  let summary = "Bring the channels between layers to like ranges";
  let description = [{
    Where one op computes channels and others consume them, a channel may be
    divided by a positive factor on the one side and multiplied with it on the
    other: what lies between (ReLU, maxima, sums, averages, products with another
    tensor, reshapes) scales along, and the network computes what it did. Done
    well, it leaves no channel that is far smaller than what shares a scale with
    it. Ops ask for it in their `#ptq.scheme`, about the channels that they read:

    * `crosslayer`: the weights that produce a channel and those that consume it
      are brought to the same largest magnitude; pair after pair, over and over,
      until nothing changes (Nagel et al., Data-Free Quantization through Weight
      Equalization and Bias Correction, 2019). Needs no samples.
    * `smoothquant`: a channel is divided by max|x|^s / max|w|^(1-s), with the
      activation x over the samples, the consuming weights w and `smoothing` s
      (Xiao et al., SmoothQuant, 2023). What cannot be divided where it is
      computed, such as an input of the network, is multiplied where it arises.

    All consumers of a channel have to ask for the same. `factors=powers-of-two`
    rounds each factor to the nearest power of two, with which every value keeps
    its mantissa: the float network computes the same bits.

    ```mlir
    %w0 = arith.constant dense<[[1.0, 16.0]]> : tensor<1x2xf32>
    %w1 = arith.constant dense<[[4.0], [4.0]]> : tensor<2x1xf32>
    %0 = linalg.matmul ins(%x, %w0 : ...) outs(%zero : ...)
    %1 = linalg.matmul {ptq.scheme = #ptq.scheme<equalization = crosslayer>}
         ins(%0, %w1 : ...) outs(%zero : ...)
    ==>
    %w0 = arith.constant dense<[[2.0, 8.0]]> : tensor<1x2xf32>
    %w1 = arith.constant dense<[[2.0], [8.0]]> : tensor<2x1xf32>
    ```
  }];
  let options = [
    Option<"data", "data", "std::string", "",
           "samples: FILE.npz, FILE.npy, a directory of .npy, or 'random'">,
    Option<"numSamples", "samples", "int64_t", "0",
           "use at most this many samples; 0 uses all (random: 16)">,
    Option<"seed", "seed", "uint64_t", "0", "seed of random samples">,
    Option<"threads", "threads", "int64_t", "0",
           "run at most this many samples at once; 0 uses all processors">,
    Option<"factors", "factors", "::mlir::ptq::EqualizationFactors",
           "::mlir::ptq::EqualizationFactors::Computed",
           "which numbers channels are scaled by",
           "::mlir::ptq::EnumValues<::mlir::ptq::EqualizationFactors>()">,
    Option<"smoothing", "smoothing", "double", "0.5",
           "how much of the difference between channels SmoothQuant moves into "
           "weights, in [0, 1]">
  ];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect",
                           "::mlir::ptq::PTQDialect"];
  let statistics = [
    Statistic<"numEqualized", "num-equalized",
              "Places between ops whose channels were equalized">,
    Statistic<"numLeft", "num-left",
              "Places that ops asked to equalize, but which do not allow it">
  ];
}

def InsertObserversPass : Pass<"ptq-insert-observers", "::mlir::ModuleOp"> {
  let summary = "Put ptq.observe on every edge that a scheme quantizes";
  let description = [{
    Consumes the schemes. Each activation and weight operand is traced back
    through data movement to the value that carries the information; an observer
    goes there, once for each value and way to quantize it. Observers are named
    after the tensor of the imported network, and names are made unique.

    Per-channel encodings get the axis of the output channels at that place.
    Blocks run along what the op sums over; where that is several dimensions of
    the constant, as in a convolution, they are made one first. Blocks that hold
    the whole sum are channels. Tokens are the rows that the op sums over; the
    observer goes to the first value whose last dimension these are. What cannot
    be had is replaced by the next coarser granularity, with a remark.

    What `ptq.dequantize` gives has been quantized already, by somebody else
    perhaps, and stays as it is.

    Activations that stay in float, but in a narrower type, are rounded to it by
    a pair of conversions.

    With `outputs` what the entry function returns is observed too, in the way in
    which the last op before it that has a scheme observes its activations.

    ```mlir
    %0 = tensor.pad %x ...
    %1 = linalg.conv_2d_nchw_fchw {ptq.scheme = ...} ins(%0, %w : ...)
    ==>
    %2 = ptq.observe %x name("input") encoding(<i8, asymmetric>) : ...
    %3 = ptq.observe %w name("conv0_w") encoding(<i8, symmetric,
           granularity = axis, axis = 0, narrow_range = true>) : ...
    %0 = tensor.pad %2 ...
    %1 = linalg.conv_2d_nchw_fchw ins(%0, %3 : ...)
    ```
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::ptq::PTQDialect",
    "::mlir::tensor::TensorDialect"
  ];
  let options = [
    Option<"outputs", "outputs", "bool", "false",
           "observe what the entry function returns, too">
  ];
  let statistics = [
    Statistic<"numActivations", "num-activations", "Activations observed">,
    Statistic<"numWeights", "num-weights", "Weights observed">,
    Statistic<"numOutputs", "num-outputs", "Outputs observed">,
    Statistic<"numFloatOutputs", "num-float-outputs",
              "Outputs left in float because nothing says how to observe them">,
    Statistic<"numQuantized", "num-quantized", "Operands quantized before">,
    Statistic<"numPerTensorFallbacks", "num-per-tensor-fallbacks",
              "Weights whose channels do not lie along one axis">,
    Statistic<"numPerChannelFallbacks", "num-per-channel-fallbacks",
              "Weights whose sums do not run along one axis">,
    Statistic<"numPerTokenFallbacks", "num-per-token-fallbacks",
              "Activations whose rows are not what is summed over">,
    Statistic<"numFunctionsInFloat", "num-functions-in-float",
              "Functions of each element whose results stay in float">
  ];
}

def RunCalibrationPass : Pass<"ptq-run-calibration", "::mlir::ModuleOp"> {
  let summary = "Run the samples and give every observer its range";
  let description = [{
    Evaluates the entry function on each sample with the interpreter, collects
    statistics at every `ptq.observe`, and writes the range that the observer's
    estimator chooses into it. Observers of constants need no samples. An edge
    whose range follows from what computes it (softmax, sigmoid, tanh, however
    they are written) takes that range and is not measured. Observers of what a
    loop carries, in it and behind it, get one range from what all of them have
    seen.

    The estimator `auto` stands for the one that harms the consumers of the edge
    least: on up to 32 of the samples, each consumer is evaluated with this one
    operand quantized by each estimator's range. It needs samples beside a
    table, too.

    Samples are evaluated in parallel. Statistics can be written to a table and
    read from tables instead of running anything (`table-in=a,b table-out=c`
    merges); a table serves every choice of ranges on the same model. A shard
    runs every N-th call only. `report` writes a page on what the ranges do.

    `data` is an .npz file whose keys are the inputs' names, an .npy file, a
    directory of .npy files, or the word `random`. A dynamic first dimension is
    the sample axis and is run with one sample at a time. With a fixed batch the
    samples go in chunks; a short last chunk is left out with a warning.

    `reduction` makes min-max an average over the extremes of the samples; the
    table of such a run keeps the extremes of each sample and grows with them.

    ```mlir
    %1 = ptq.observe %0 name("relu0") encoding(<i8, asymmetric>) : ...
    ==>
    %1 = ptq.observe %0 name("relu0") encoding(<i8, asymmetric>)
         range(<min = [0.0], max = [6.5], samples = 100>) : ...
    ```
  }];
  let options = [
    Option<"data", "data", "std::string", "",
           "samples: FILE.npz, FILE.npy, a directory of .npy, or 'random'">,
    Option<"numSamples", "samples", "int64_t", "0",
           "use at most this many samples; 0 uses all (random: 16)">,
    Option<"seed", "seed", "uint64_t", "0", "seed of random samples">,
    Option<"percentile", "percentile", "double", "99.99",
           "share of elements that the percentile estimator keeps">,
    Option<"reduction", "reduction", "::mlir::ptq::ExtremesReduction",
           "::mlir::ptq::ExtremesReduction::Global",
           "how min-max joins the extremes of samples",
           "::mlir::ptq::EnumValues<::mlir::ptq::ExtremesReduction>()">,
    Option<"movingAverageWeight", "moving-average-weight", "double", "0.01",
           "weight of each further sample in a moving average, in (0, 1]">,
    Option<"threads", "threads", "int64_t", "0",
           "run at most this many samples at once; 0 uses all processors">,
    Option<"shard", "shard", "std::string", "",
           "I/N: run the I-th of N parts of the samples">,
    ListOption<"tableIn", "table-in", "std::string",
               "take statistics from these tables instead of samples">,
    Option<"tableOut", "table-out", "std::string", "",
           "write the statistics to this file">,
    Option<"report", "report", "std::string", "",
           "write an HTML page on every edge to this file">
  ];
  let dependentDialects = ["::mlir::ptq::PTQDialect"];
  let statistics = [
    Statistic<"numSamplesRun", "num-samples", "Samples evaluated">,
    Statistic<"numRanges", "num-ranges", "Observers that got a range">,
    Statistic<"numKnownRanges", "num-known-ranges",
              "Observers whose range follows from what computes the edge">,
    Statistic<"numJoinedRanges", "num-joined-ranges",
              "Observers that share the range of what a loop carries">
  ];
}

def AnalyzeSensitivityPass
    : Pass<"ptq-analyze-sensitivity", "::mlir::ModuleOp"> {
  let summary = "Measure what quantizing each op costs, and write a recipe";
  let description = [{
    Takes a float network, which it leaves as it is, and measures on samples what
    the ops that the scheme quantizes do to the network's outputs: each op
    quantized alone, and all others quantized without it. The network goes the
    way of `ptq-calibrate`, on a copy: batch norms are folded, schemes assigned by
    the same options, channels equalized, and ranges calibrated once; weights are
    rounded to nearest, whatever `rounding` says. Ops of one name count as one.

    Figures are those of ptq-run: the signal-to-noise ratio over all samples, of
    the output where it is lowest, and the share of samples for which the first
    output, if its elements are scores of classes, has the same class on top as
    the float network has; with `labels`, an array of the .npz file, also the
    share for which it is the label.

    An op left in float costs bytes (of weights at rest, scales not counted) and,
    unless only weights are quantized, multiply-accumulates of one sample. Ops
    are ranked by the noise that they cause: the mean of what they add alone and
    what is missing without them. Each is a remark, and an entry of the JSON file
    `report`.

    With a target the pass looks for the ops that are to stay in float: those
    with the most noise for their cost (the sum of both costs as shares of the
    network's) one after the other, until the network, measured with all of them
    in float, meets every target; then those that prove unnecessary are quantized
    again, the most expensive first. In the end the network is made as the recipe
    says, equalized and calibrated for itself, and measured; should it miss the
    target, more ops are left in float. `recipe-out` gets a recipe that says the
    scheme of the options, the rules of `recipe`, and these ops. A target that is
    not met with all ops in float is an error.

    The samples are those for calibration: evaluation data must not choose. The
    float network's outputs are kept for all of them.

    ```mlir
    %1 = linalg.matmul ins(%0, %w : ...) outs(%b : ...) loc("dense1")
    %2 = linalg.matmul ins(%1, %v : ...) outs(%c : ...) loc("dense2")

    --ptq-analyze-sensitivity="data=FILE.npz target-sqnr=35 recipe-out=R.json"
    ==>
    {"version": 1, "rules": [{"scheme": "static", ...},
                             {"name": "dense2", "scheme": "float"} ]}
    ```
  }];
  let options = !listconcat(schemeOptions, [
    Option<"data", "data", "std::string", "",
           "samples: FILE.npz, FILE.npy, a directory of .npy, or 'random'">,
    Option<"numSamples", "samples", "int64_t", "0",
           "use at most this many samples; 0 uses all (random: 16)">,
    Option<"seed", "seed", "uint64_t", "0", "seed of random samples">,
    Option<"percentile", "percentile", "double", "99.99",
           "share of elements that the percentile estimator keeps">,
    Option<"equalizationFactors", "equalization-factors",
           "::mlir::ptq::EqualizationFactors",
           "::mlir::ptq::EqualizationFactors::Computed",
           "which numbers channels are scaled by",
           "::mlir::ptq::EnumValues<::mlir::ptq::EqualizationFactors>()">,
    Option<"smoothing", "smoothing", "double", "0.5",
           "how much of the difference between channels SmoothQuant moves into "
           "weights, in [0, 1]">,
    Option<"threads", "threads", "int64_t", "0",
           "run at most this many samples at once; 0 uses all processors">,
    Option<"labels", "labels", "std::string", "",
           "the array of the samples' file with the right classes">,
    Option<"targetSQNR", "target-sqnr", "double", "0",
           "signal-to-noise ratio in dB to reach; 0 for none">,
    Option<"targetAgreement", "target-agreement", "double", "0",
           "share of samples, from 0 to 1, to agree with float on">,
    Option<"targetAccuracy", "target-accuracy", "double", "0",
           "share of samples, from 0 to 1, to get right; needs labels">,
    Option<"report", "report", "std::string", "",
           "write all figures to this JSON file">,
    Option<"recipeOut", "recipe-out", "std::string", "",
           "write the recipe that meets the targets to this JSON file">
  ]);
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::math::MathDialect",
    "::mlir::ptq::PTQDialect", "::mlir::scf::SCFDialect",
    "::mlir::tensor::TensorDialect"
  ];
  let statistics = [
    Statistic<"numOps", "num-ops", "Ops that were measured by themselves">,
    Statistic<"numNetworks", "num-networks", "Networks that were measured">,
    Statistic<"numLeftInFloat", "num-left-in-float",
              "Ops that the recipe leaves in float">
  ];
}

def OptimizeRoundingPass : Pass<"ptq-optimize-rounding", "::mlir::ModuleOp"> {
  let summary = "Round weights so that the outputs of layers stay what they were";
  let description = [{
    Weights whose observer asks for another rounding than `nearest` are put on
    their grid by it, with what their layer reads in the samples:

    * `gptq` rounds one weight after the other and lets those to come make up for
      the error;
    * `descent` starts from that and then sets each code to the best one given
      all others, until none changes;
    * `adaround` learns by gradients whether each weight is rounded down or up,
      through the clamp that follows the layer, if one does; what has been learned
      in real numbers becomes a choice again by descent between the two codes.

    Layers come in the order of the network, and each reads what those before it
    give once they are quantized. Its outputs are compared with those of the
    float network (the asymmetric target), or, where activations are clipped,
    with those that its float weights give for the same inputs. The scales may
    shrink where that makes the error of the outputs less, and so may the mean
    error, by the bias, where samples that were held back agree. A channel that
    would come out worse than by rounding to nearest is rounded to nearest.

    The result is held in the IR: the constants are now on the grid, so that
    `nearest` leaves them where they are. What cannot be optimized keeps its
    rounding, with a remark.

    ```mlir
    %w = arith.constant dense<[[0.4, 0.4, 7.0]]> : tensor<1x3xf32>
    %0 = ptq.observe %w name("w")
         encoding(<i4, symmetric, granularity = axis, axis = 0, narrow_range = true>)
         rounding(descent) range(<min = [0.4], max = [7.0]>) : tensor<1x3xf32>
    ==>
    %w = arith.constant dense<[[1.0, 0.0, 7.0]]> : tensor<1x3xf32>
    %0 = ptq.observe %w name("w")
         encoding(<i4, symmetric, granularity = axis, axis = 0, narrow_range = true>)
         range(<min = [0.4], max = [7.0]>) : tensor<1x3xf32>
    ```
  }];
  let options = [
    Option<"data", "data", "std::string", "",
           "samples: FILE.npz, FILE.npy, a directory of .npy, or 'random'">,
    Option<"numSamples", "samples", "int64_t", "0",
           "use at most this many samples; 0 uses up to 256">,
    Option<"seed", "seed", "uint64_t", "0",
           "seed of random samples and of the rows that adaround keeps">,
    Option<"threads", "threads", "int64_t", "0",
           "use at most this many threads; 0 uses all processors">,
    Option<"target", "target", "::mlir::ptq::RoundingTarget",
           "::mlir::ptq::RoundingTarget::Auto",
           "compare outputs with those of the float network (asymmetric), or "
           "with those of the float weights on quantized inputs (symmetric); "
           "auto is symmetric where activations are clipped",
           "::mlir::ptq::EnumValues<::mlir::ptq::RoundingTarget>()">,
    Option<"searchScales", "search-scales", "bool", "true",
           "try smaller scales, and take those with the least output error">,
    Option<"correctBias", "correct-bias", "bool", "true",
           "let the bias make up for the mean error of each channel">,
    Option<"correctNearest", "correct-nearest", "bool", "false",
           "correct the bias where weights are rounded to nearest, too">,
    Option<"damping", "damping", "double", "0.05",
           "gptq and descent: what is added to the diagonal of the second "
           "moments, as a share of its mean; more where samples are few">,
    Option<"activationOrder", "activation-order", "bool", "true",
           "gptq and descent: begin with the weights of the largest inputs">,
    Option<"sweeps", "sweeps", "int64_t", "8",
           "descent, and adaround after its steps: the most passes over all "
           "codes, each of which is set to the best one given all others; "
           "adaround chooses among the two next to a weight">,
    Option<"iterations", "iterations", "int64_t", "10000",
           "adaround: steps of Adam">,
    Option<"learningRate", "learning-rate", "double", "0.001",
           "adaround: the learning rate of Adam">,
    Option<"regularization", "regularization", "double", "0.01",
           "adaround: the weight of the regularizer beside an error of which "
           "rounding to nearest makes 1">,
    Option<"warmStart", "warm-start", "double", "0.2",
           "adaround: the share of the steps without regularizer">,
    Option<"betaStart", "beta-start", "double", "20",
           "adaround: the exponent of the regularizer after the warm start">,
    Option<"betaEnd", "beta-end", "double", "2",
           "adaround: the exponent of the regularizer at the end">,
    Option<"batchRows", "batch-rows", "int64_t", "256",
           "adaround: the rows of outputs that each step looks at">
  ];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::ptq::PTQDialect", "::mlir::tensor::TensorDialect"
  ];
  let statistics = [
    Statistic<"numOptimized", "num-optimized", "Layers whose weights were rounded">,
    Statistic<"numLeft", "num-left", "Weights left to rounding to nearest">,
    Statistic<"numMoved", "num-moved",
              "Weights that went to another code than the nearest">,
    Statistic<"numCorrectedBiases", "num-corrected-biases",
              "Channels whose bias was corrected">
  ];
}

def FoldParametersPass : Pass<"ptq-fold-parameters", "::mlir::ModuleOp"> {
  let summary = "Turn observers into quantize and dequantize with constants";
  let description = [{
    Every observer becomes a `ptq.quantize` and a `ptq.dequantize` whose
    parameters encode its range. Observed constants become integer constants
    under a `ptq.dequantize`; codes of less than 8 bits are packed into bytes
    under a `ptq.unpack`. Blocks have scales of f16, to which the codes are fitted,
    unless f16 would move a value by more than a quarter of a step: then the
    constant's scales are f32, with a remark. The constant bias of an op whose activation and
    weights are quantized becomes an i32 constant of scale
    `activation scale * weight scale`. Where a bias would exceed 2^30 steps, the
    weight scale of that channel is enlarged, with a remark.

    An observer with a dynamic encoding becomes a `ptq.choose_parameters` and
    what uses its results. A range per tensor is a range per sample: where the
    samples of a batch lie along a dimension, the encoding gets that axis. If
    they cannot be told apart the edge stays in float, with a remark.

    ```mlir
    %w0 = arith.constant dense<[0.5, -1.0]> : tensor<2xf32>
    %w1 = ptq.observe %w0 name("w") encoding(<i8, symmetric, narrow_range = true>)
          range(<min = [-1.0], max = [0.5]>) : tensor<2xf32>
    ==>
    %q = arith.constant dense<[64, -127]> : tensor<2xi8>
    %s = arith.constant 0.00787401571 : f32
    %w1 = ptq.dequantize %q, %s : tensor<2xi8>, f32 -> tensor<2xf32>
    ```

    ```mlir
    %0 = ptq.observe %x name("x") encoding(<i8, asymmetric, source = dynamic>)
         : tensor<?x8xf32>
    ==>
    %s, %z = ptq.choose_parameters %x
             encoding(<i8, asymmetric, granularity = axis, axis = 0,
                       source = dynamic>)
             : tensor<?x8xf32> -> tensor<?xf32>, tensor<?xi8>
    %q = ptq.quantize %x, %s, %z axis 0 : ...
    %0 = ptq.dequantize %q, %s, %z axis 0 : ...
    ```
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::ptq::PTQDialect", "::mlir::tensor::TensorDialect"
  ];
  let statistics = [
    Statistic<"numActivations", "num-activations", "Activations quantized">,
    Statistic<"numWeights", "num-weights", "Weights quantized">,
    Statistic<"numBiases", "num-biases", "Biases quantized">,
    Statistic<"numFloatBiases", "num-float-biases",
              "Biases left in float beside quantized operands">,
    Statistic<"numMixedSamples", "num-mixed-samples",
              "Activations left in float because samples are mixed in them">,
    Statistic<"numEnlargedScales", "num-enlarged-scales",
              "Channels whose weight scale was enlarged for the bias">
  ];
}

def SummarizeQuantizationPass
    : Pass<"ptq-summarize-quantization", "::mlir::ModuleOp"> {
  let summary = "Print how many ops are quantized and how many stayed float";
  let description = [{
    Prints one line to the standard error stream: how many of the ops that
    implement QuantizableOpInterface have quantized operands, how many have
    become integer ops, how many are left in float, and how to see why.
  }];
}

#endif // PTQ_DIALECT_PTQ_TRANSFORMS_CALIBRATIONPASSES_TD
