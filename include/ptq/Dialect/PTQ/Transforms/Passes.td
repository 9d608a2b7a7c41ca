//===- Passes.td - From float to integers ------------------*- tablegen -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// In the order of the pipelines ptq-calibrate and ptq-lower.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_DIALECT_PTQ_TRANSFORMS_PASSES_TD
#define PTQ_DIALECT_PTQ_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

//===----------------------------------------------------------------------===//
// At the door
//===----------------------------------------------------------------------===//

def VerifyResourcesPass : Pass<"ptq-verify-resources", "::mlir::ModuleOp"> {
  let summary = "Check that every dense_resource has its data";
  let description = [{
    Neither the parser nor the verifier mind a `dense_resource` whose data is
    missing or of another size than its type, and later passes crash on it. This
    pass reports each such resource at an op that uses it.

    ```mlir
    %w = arith.constant dense_resource<w> : tensor<4xf32>
    // error: resource 'w' has no data: the file does not define it
    ```
  }];
  let statistics = [
    Statistic<"numResources", "num-resources", "Resources checked">
  ];
}

def FoldConstantsPass : Pass<"ptq-fold-constants", "::mlir::ModuleOp"> {
  let summary = "Evaluate what depends on constants only";
  let description = [{
    Runs the interpreter on every op that is free of side effects and whose
    operands are constants, however large: upstream folds no `dense_resource`.
    Results of up to 16 elements become `dense` constants, larger ones resources.

    A result is only written out if it is not larger than the constants it comes
    from, or `max-growth` times as large. `tensor.empty`, `tensor.splat`, `linalg.fill` and `linalg.broadcast`
    stay, unless everything that uses them folds as well: they are how initial
    values are written. So do loops, which may not end, and ops that would take
    more than 2^30 iterations or, all together, 4 GiB. Ops of quantization stay,
    since they say what the numbers around them mean, unless `quantization` is
    set. What fails to evaluate (a division by zero) is left as it is.

    ```mlir
    %w = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
    %e = tensor.empty() : tensor<3x2xf32>
    %t = linalg.transpose ins(%w : tensor<2x3xf32>) outs(%e : tensor<3x2xf32>)
         permutation = [1, 0]
    ==>
    %t = arith.constant dense<[[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]]>
         : tensor<3x2xf32>
    ```
  }];
  let options = [
    Option<"quantization", "quantization", "bool", "false",
           "also fold the ops of the ptq dialect">,
    Option<"maxGrowth", "max-growth", "int64_t", "1",
           "how many times as large as its constants a result may be">
  ];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::tensor::TensorDialect"
  ];
  let statistics = [
    Statistic<"numFolded", "num-folded", "Ops evaluated and removed">,
    Statistic<"numTooLarge", "num-too-large",
              "Ops not evaluated because of the time or memory it would take">,
    Statistic<"numUnwritten", "num-unwritten",
              "Ops left because their results are larger than the operands">,
    Statistic<"numFailed", "num-failed", "Ops whose evaluation failed">
  ];
}

//===----------------------------------------------------------------------===//
// Calibration
//===----------------------------------------------------------------------===//

def ConvertTosaToLinalgPass
    : Pass<"ptq-convert-tosa-to-linalg", "::mlir::ModuleOp"> {
  let summary = "Bring a TOSA module to linalg by the upstream passes";
  let description = [{
    Runs the upstream conversions from TOSA to linalg, tensor and arith if the
    module holds any TOSA op, and does nothing otherwise: a module already in
    linalg is taken as it is.

    ```mlir
    %1 = tosa.add %0, %c : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    ==>
    %1 = linalg.generic {...} ins(%0, %c : tensor<4xf32>, tensor<4xf32>) ...
    ```
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::math::MathDialect", "::mlir::scf::SCFDialect",
    "::mlir::tensor::TensorDialect"
  ];
}

def FixSampleCountPass : Pass<"ptq-fix-sample-count", "::mlir::ModuleOp"> {
  let summary = "The entry function takes a number of samples that is known";
  let description = [{
    Gives the sample axis of every input and output of the entry function the
    size `samples`; 0 leaves all as it is. Canonicalization carries the size on
    through the function, after which memory can be planned.

    ```mlir
    func.func @forward(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
      %y = math.absf %x : tensor<?x8xf32>
      return %y : tensor<?x8xf32>
    }
    ==>  // samples=1
    func.func @forward(%x: tensor<1x8xf32>) -> tensor<1x8xf32> {
      %c = tensor.cast %x : tensor<1x8xf32> to tensor<?x8xf32>
      %y = math.absf %c : tensor<?x8xf32>
      %d = tensor.cast %y : tensor<?x8xf32> to tensor<1x8xf32>
      return %d : tensor<1x8xf32>
    }
    ```
  }];
  let options = [
    Option<"numSamples", "samples", "int64_t", "0",
           "the number of samples of each call">
  ];
  let dependentDialects = ["::mlir::tensor::TensorDialect"];
  let statistics = [
    Statistic<"numFixed", "num-fixed",
              "Inputs and outputs that got a fixed number of samples">
  ];
}

def FoldBatchNormPass : Pass<"ptq-fold-batch-norm", "::mlir::ModuleOp"> {
  let summary = "Fold affine ops after a convolution into its weights and bias";
  let description = [{
    A batch normalization, a scale or a bias that follows a contraction or
    convolution with constant weights is `y = x * a[c] + b[c]` for each output
    channel c. It becomes part of the weights (`w[c] * a[c]`) and of the bias
    (`bias[c] * a[c] + b[c]`), computed in f64. Reshapes may stand between.

    ```mlir
    %0 = linalg.matmul ins(%x, %w : ...) outs(%zero : tensor<?x4xf32>)
    %1 = linalg.generic {...} ins(%0, %a, %b : ...) {  // in * a + b
    ==>
    %init = linalg.broadcast ins(%b : tensor<4xf32>) outs(...) dimensions = [0]
    %1 = linalg.matmul ins(%x, %wa : ...) outs(%init : tensor<?x4xf32>)
    ```
  }];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::tensor::TensorDialect"
  ];
  let statistics = [
    Statistic<"numFolded", "num-folded", "Affine ops folded into weights">,
    Statistic<"numLeft", "num-left",
              "Affine ops after weighted ops that could not be folded">
  ];
}

def FuseActivationFunctionsPass
    : Pass<"ptq-fuse-activation-functions", "::mlir::ModuleOp"> {
  let summary = "Make one op of an activation function that is spelled in several";
  let description = [{
    Networks write gelu, silu, hard swish and their like as chains of elementwise
    ops. Quantized one by one, each of them would round its result to codes. As one
    op they are rounded once, and become one table of codes.

    What is fused computes each element from the same element of one tensor, and
    from numbers; nobody else reads a value in between. It must curve, as functions
    with an exponential, an error function or a product of the argument with itself
    do: ops that scale, shift and clamp stay as they are, since products and sums
    absorb them.

    ```mlir
    %1 = math.erf %0 : tensor<4xf32>
    %2 = arith.addf %1, %one : tensor<4xf32>
    %3 = arith.mulf %0, %2 : tensor<4xf32>
    ==>
    %3 = linalg.generic {...} ins(%0 : tensor<4xf32>) outs(...) {
    ^bb0(%in: f32, %out: f32):
      %4 = math.erf %in : f32
      %5 = arith.addf %4, %cst : f32
      %6 = arith.mulf %in, %5 : f32
      linalg.yield %6 : f32
    }
    ```
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::tensor::TensorDialect"
  ];
  let statistics = [
    Statistic<"numFused", "num-fused",
              "Activation functions that became one op">,
    Statistic<"numRemoved", "num-removed", "Ops that they replace">
  ];
}

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

//===----------------------------------------------------------------------===//
// Lowering
//===----------------------------------------------------------------------===//

def WidenCodesPass : Pass<"ptq-widen-codes", "::mlir::ModuleOp"> {
  let summary = "Keep activation codes of less than a byte in bytes";
  let description = [{
    A `ptq.quantize` to `i2` or `i4` gives `i8` codes between explicit bounds
    instead, and its dequantizes read those: the values are the same, and later
    passes compute on bytes. Constants are left alone; they are packed.

    ```mlir
    %q = ptq.quantize %x, %s, %z : tensor<?x8xf32>, f32, i8 -> tensor<?x8xi4>
    %d = ptq.dequantize %q, %s, %z : tensor<?x8xi4>, f32, i8 -> tensor<?x8xf32>
    ==>
    %q = ptq.quantize %x, %s, %z low -8 high 7
         : tensor<?x8xf32>, f32, i8 -> tensor<?x8xi8>
    %d = ptq.dequantize %q, %s, %z : tensor<?x8xi8>, f32, i8 -> tensor<?x8xf32>
    ```
  }];
  let dependentDialects = ["::mlir::ptq::PTQDialect"];
  let statistics = [
    Statistic<"numWidened", "num-widened", "Quantizations to bytes now">,
    Statistic<"numLeft", "num-left", "Quantizations to less than a byte left">
  ];
}

def PropagateQDQPass : Pass<"ptq-propagate-qdq", "::mlir::ModuleOp"> {
  let summary = "Move quantize and dequantize next to the ops that compute";
  let description = [{
    Dequantize sinks and quantize rises through ops that implement
    QuantizationTransparentOpInterface: reshapes, transposes, pads, slices,
    maxima. A dequantize with several users is duplicated rather than stopped. A
    clamp before a quantize, such as a ReLU, becomes its bounds; one that no code
    can reach is dropped. Where rows are
    gathered from a dequantized table, those of its codes, scales and zero points
    are, and the rows are dequantized.

    Where values come together (concatenation, insertion, a maximum of two
    tensors, the arms of a branch, what a loop carries), each is quantized by the
    parameters of the joint value before, and gives the same codes.

    A remark `StoppedInFloat` tells of each op that still moves dequantized
    elements, or elements that are quantized right behind it, and why.

    ```mlir
    %1 = ptq.dequantize %0, %s, %z : tensor<1x3x8x8xi8>, f32, i8 -> ...
    %2 = tensor.pad %1 low[0, 0, 1, 1] high[0, 0, 1, 1] { ... %zero ... }
    %3 = linalg.conv_2d_nchw_fchw ins(%2, %w : ...)
    ==>
    %1 = tensor.pad %0 low[0, 0, 1, 1] high[0, 0, 1, 1] { ... %z ... }
    %2 = ptq.dequantize %1, %s, %z : tensor<1x3x10x10xi8>, f32, i8 -> ...
    %3 = linalg.conv_2d_nchw_fchw ins(%2, %w : ...)
    ```
  }];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::ptq::PTQDialect",
    "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect"
  ];
  let statistics = [
    Statistic<"numStopped", "num-stopped",
              "Ops that still move elements in float which have codes">
  ];
}

def QuantizeWeightOnlyActivationsPass
    : Pass<"ptq-quantize-weight-only-activations", "::mlir::ModuleOp"> {
  let summary = "Measure and quantize what meets quantized weights in float";
  let description = [{
    For contractions of float activations (f32, f16 or bf16) with constant
    weights that are quantized symmetrically. Their activations are quantized
    symmetrically with parameters that are measured at run time, one scale for
    each block along what the op sums over: blocks of the weights, or `block`
    elements where these have a scale for each channel. Then
    `ptq-rewrite-to-integer` sums the products of a block in integers.

    `products` chooses the codes: `i16` is the accurate mode, `i8` the fast one,
    and `float`, which is the default, leaves all as it is. For normal random
    activations the results differ from those in float by 2e-5 of their root mean
    square with `i16`, and by 6e-3 with `i8`, where blocks have 128 elements.

    Ops whose activations stay float are told by a remark `LeftInFloat`: those
    that sum over several dimensions, as convolutions do, and those whose weights
    have zero points.

    ```mlir
    %w = ptq.dequantize %codes, %sw block [32, 1]
         : tensor<64x4xi4>, tensor<2x4xf32> -> tensor<64x4xf32>
    %y = linalg.matmul ins(%x, %w : tensor<?x64xf32>, tensor<64x4xf32>) ...
    ==>  // products=i8
    %s = ptq.choose_parameters %x
         encoding(<i8, symmetric, granularity = block, axis = 1, block_size = 32,
                   narrow_range = true, source = dynamic>)
         : tensor<?x64xf32> -> tensor<?x2xf32>
    %q = ptq.quantize %x, %s block [1, 32] low -127
         : tensor<?x64xf32>, tensor<?x2xf32> -> tensor<?x64xi8>
    %d = ptq.dequantize %q, %s block [1, 32]
         : tensor<?x64xi8>, tensor<?x2xf32> -> tensor<?x64xf32>
    %y = linalg.matmul ins(%d, %w : tensor<?x64xf32>, tensor<64x4xf32>) ...
    ```
  }];
  let options = [
    Option<"products", "products", "::mlir::ptq::WeightOnlyProducts",
           "::mlir::ptq::WeightOnlyProducts::Float",
           "what activations are multiplied as",
           "::mlir::ptq::EnumValues<::mlir::ptq::WeightOnlyProducts>()">,
    Option<"block", "block", "int64_t", "128",
           "how many activations share a scale where weights have one for each "
           "channel">
  ];
  let dependentDialects = ["::mlir::ptq::PTQDialect"];
  let statistics = [
    Statistic<"numQuantized", "num-quantized", "Activations quantized">,
    Statistic<"numLeft", "num-left", "Activations left in float">
  ];
}

def KeepIntegerInterfacePass
    : Pass<"ptq-keep-integer-interface", "::mlir::ModuleOp"> {
  let summary = "Let the entry function take and give codes";
  let description = [{
    An input of the entry function that is only quantized, always by the same
    constants, becomes one of codes, and what `ptq.dequantize` gives an output by
    such constants is returned before it: the caller quantizes and dequantizes,
    or has codes anyway. `ptq.signature` says what the codes stand for, and which
    of them there are.

    Inputs and outputs that stay float are told by a remark `StaysFloat`: those
    that float ops read or compute, that are quantized in several ways, per
    channel, or by parameters that are measured at run time. By default nothing
    quantizes outputs; `--ptq-calibrate=quantize-outputs` does.

    ```mlir
    func.func @forward(%x: tensor<?x8xf32>) -> tensor<?x4xf32> attributes {
        ptq.entry, ptq.signature = {
          inputs = [#x], outputs = [#y], version = 1}} {
      %0 = ptq.quantize %x, %sx, %zx : tensor<?x8xf32>, f32, i8 -> tensor<?x8xi8>
      ...
      %2 = ptq.dequantize %1, %sy : tensor<?x4xi8>, f32 -> tensor<?x4xf32>
      return %2 : tensor<?x4xf32>
    }
    ==>
    #x = {name = "x", type = tensor<?x8xi8>, sample_axis = 0,
          scale = 0.5 : f32, zero_point = -3, lowest = -128, highest = 127}
    #y = {name = "y", type = tensor<?x4xi8>, sample_axis = 0,
          scale = 2.0 : f32, zero_point = 0, lowest = -128, highest = 127}
    func.func @forward(%x: tensor<?x8xi8>) -> tensor<?x4xi8> attributes {
        ptq.entry, ptq.signature = {
          inputs = [#x], outputs = [#y], version = 1}} {
      ...
      return %1 : tensor<?x4xi8>
    }
    ```
  }];
  let dependentDialects = ["::mlir::ptq::PTQDialect"];
  let statistics = [
    Statistic<"numInputs", "num-inputs", "Inputs that are codes now">,
    Statistic<"numOutputs", "num-outputs", "Outputs that are codes now">,
    Statistic<"numFloatInputs", "num-float-inputs", "Inputs that stay float">,
    Statistic<"numFloatOutputs", "num-float-outputs", "Outputs that stay float">
  ];
}

def RewriteToIntegerPass : Pass<"ptq-rewrite-to-integer", "::mlir::ModuleOp"> {
  let summary = "Compute on codes between dequantize and quantize";
  let description = [{
    Contractions and convolutions whose operands are dequantized with constant
    parameters multiply i8 codes and accumulate in i32; the activation's zero
    point times the sum of the weights is part of the bias, at compile time, so
    the inner loop knows no zero points. A quantize of the result becomes
    `ptq.requantize` of the accumulator, any other use `ptq.dequantize` of it.
    Average pooling sums codes; its division is part of the multiplier. What
    elementwise ops make of one tensor of bytes, until it is quantized to bytes
    again, becomes a `ptq.lookup` in a table of 256 codes. Residual
    additions and products read and write codes and compute in float. Codes that
    are needed by another scale are requantized; a remark `ScaleChange` tells how
    many bits that loses.

    Where scales change along the sum, block by block, the products of each block
    are summed in i32 and the blocks added in f32, one after the other, from the
    op's initial value on: `y = y + f32(sum) * (sx * sw)`, every operation rounded
    by itself. Activations must be symmetric for that.

    With `requantize=fixed-point` multipliers are fixed-point numbers and residual
    additions and products are integer too, so that no float is left between
    codes; TOSA and other integer targets compute like that.

    What cannot be rewritten stays in float and works as before; a remark
    `LeftInFloat` says why. A remark `AccumulatorBound` tells the largest
    magnitude that an accumulator can have, for the activation's codes and these
    weights: i32 where it fits, i64 for 16-bit activations where it does not.

    ```mlir
    %0 = ptq.dequantize %q, %sx, %zx : tensor<?x8xi8>, f32, i8 -> tensor<?x8xf32>
    %1 = ptq.dequantize %w, %sw axis 1 : tensor<8x4xi8>, ... -> tensor<8x4xf32>
    %2 = ptq.dequantize %b, %sb axis 0 : tensor<4xi32>, ... -> tensor<4xf32>
    %3 = linalg.broadcast ins(%2 : ...) outs(%e : ...) dimensions = [0]
    %4 = linalg.matmul ins(%0, %1 : ...) outs(%3 : tensor<?x4xf32>) ...
    %5 = ptq.quantize %4, %sy, %zy : tensor<?x4xf32>, f32, i8 -> tensor<?x4xi8>
    ==>
    // %c is %b minus %zx times the column sums of %w.
    %3 = linalg.broadcast ins(%c : tensor<4xi32>) outs(...) dimensions = [0]
    %4 = linalg.matmul ins(%q, %w : tensor<?x8xi8>, tensor<8x4xi8>)
           outs(%3 : tensor<?x4xi32>) -> tensor<?x4xi32>
    %5 = ptq.requantize %4, %m, %zy axis 1
           : tensor<?x4xi32>, tensor<4xf32>, i8 -> tensor<?x4xi8>
    ```
  }];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::math::MathDialect",
    "::mlir::ptq::PTQDialect", "::mlir::tensor::TensorDialect"
  ];
  let options = [
    Option<"requantize", "requantize", "::mlir::ptq::Requantization",
           "::mlir::ptq::Requantization::Float",
           "what accumulators are multiplied by to get codes",
           "::mlir::ptq::EnumValues<::mlir::ptq::Requantization>()">
  ];
  let statistics = [
    Statistic<"numRewritten", "num-rewritten", "Ops that compute on codes now">,
    Statistic<"numLeftInFloat", "num-left-in-float",
              "Quantizable ops that stay in float">
  ];
}

def VerifyIntegerOnlyPass : Pass<"ptq-verify-integer-only", "::mlir::ModuleOp"> {
  let summary = "Fail if anything between codes computes on floats";
  let description = [{
    For targets without floating point. In integer form, floats may be quantized
    where they come in and dequantized where they are returned; every other op
    that reads, writes or computes with floats is an error that names it. A
    network that computes nothing on integers is one as well. With `allow-tail`
    the end of a network may stay in float: what no code depends on, such as a
    softmax.

    ```mlir
    %1 = ptq.requantize %0, %m : tensor<4xi32>, f32 -> tensor<4xi8>
    ==>
    error: computes on floats: 'ptq.requantize' has a float multiplier
    ```
  }];
  let options = [
    Option<"allowTail", "allow-tail", "bool", "false",
           "allow ops on floats that no code depends on">
  ];
}

def LayOutWeightsPass : Pass<"ptq-lay-out-weights", "::mlir::ModuleOp"> {
  let summary = "Constant codes in the order in which they are dequantized";
  let description = [{
    For elementwise ops that compute floats from constant codes, which is how
    `ptq.dequantize` of weights leaves the ptq dialect. Transposes and reshapes
    of the floats become part of the op's indexing maps, and a sum of products
    reads the floats with the channels of its output innermost; the codes are put
    into the order of the op's loops at compile time. Codes of less than 8 bits are packed
    into bytes and unpacked by the op, so that the weights stay small at rest.

    Packed codes that share a byte are two (or four, of 2 bits) neighbours along
    an outer loop, which is split for them. Neighbours along the innermost loop,
    which becomes vectors, are neighbours in memory.

    ```mlir
    %c = linalg.generic ins(%bytes : tensor<8x16xi8>) -> tensor<8x32xi4>
    %f = linalg.generic ins(%c, %scale : tensor<8x32xi4>, tensor<8xf32>) outs(...) {
      %0 = arith.sitofp %in : i4 to f32
      %1 = arith.mulf %0, %in_0 : f32
      linalg.yield %1 : f32
    } -> tensor<8x32xf32>
    %t = linalg.transpose ins(%f) outs(...) permutation = [1, 0]
    ==>
    %f = linalg.generic ins(%laid_out, %scale : tensor<16x8xi8>, tensor<8xf32>)
           outs(%e : tensor<16x2x8xf32>) {
      %0 = linalg.index 1 : index
      %1 = arith.extsi %in : i8 to i32
      ...
      %5 = arith.shli %1, %4 : i32
      %6 = arith.shrsi %5, %c28 : i32
      %7 = arith.sitofp %6 : i32 to f32
      %8 = arith.mulf %7, %in_0 : f32
      linalg.yield %8 : f32
    } -> tensor<16x2x8xf32>
    %t = tensor.collapse_shape %f [[0, 1], [2]]
           : tensor<16x2x8xf32> into tensor<32x8xf32>
    ```
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::tensor::TensorDialect"
  ];
  let statistics = [
    Statistic<"numWeights", "num-weights", "Constants that were laid out">
  ];
}

#endif // PTQ_DIALECT_PTQ_TRANSFORMS_PASSES_TD
