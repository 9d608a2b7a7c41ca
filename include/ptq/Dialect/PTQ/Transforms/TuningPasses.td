//===- TuningPasses.td - More accuracy for more time -------*- tablegen -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Optional passes that measure what quantization costs in accuracy, and change
// the network, its schemes or its weights so that it costs less.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_DIALECT_PTQ_TRANSFORMS_TUNINGPASSES_TD
#define PTQ_DIALECT_PTQ_TRANSFORMS_TUNINGPASSES_TD

include "mlir/Pass/PassBase.td"
include "ptq/Dialect/PTQ/Transforms/SchemeOptions.td"

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

#endif // PTQ_DIALECT_PTQ_TRANSFORMS_TUNINGPASSES_TD
