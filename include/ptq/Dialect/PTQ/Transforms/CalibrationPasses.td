//===- CalibrationPasses.td - From float to QDQ form -------*- tablegen -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// In the order of the pipeline ptq-calibrate, which runs some of TuningPasses.td
// between them if asked to.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_DIALECT_PTQ_TRANSFORMS_CALIBRATIONPASSES_TD
#define PTQ_DIALECT_PTQ_TRANSFORMS_CALIBRATIONPASSES_TD

include "mlir/Pass/PassBase.td"
include "ptq/Dialect/PTQ/Transforms/SchemeOptions.td"

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

def InsertObserversPass : Pass<"ptq-insert-observers", "::mlir::ModuleOp"> {
  let summary = "Put ptq.observe on every edge that a scheme quantizes";
  let description = [{
    Consumes the schemes. Each activation and weight operand is traced back
    through data movement to the value that carries the information; an observer
    goes there, once for each value and way to quantize it. Observers are named
    after the tensor of the imported network, and names are made unique.

    Per-channel encodings get the axis of the output channels at that place.
    Blocks run along what the op sums over; where that is several dimensions of
    the constant, as in a convolution, they are made one first. But where the
    activations are quantized, too, blocks of a convolution run along its input
    channels, at each position of the window, if that leaves them half of their
    size. Blocks that hold the whole sum are channels. Tokens are the rows that
    the op sums over; the observer goes to the first value whose last dimension
    these are. What cannot be had is replaced by the next coarser granularity,
    with a remark.

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
