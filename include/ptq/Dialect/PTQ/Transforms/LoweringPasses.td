//===- LoweringPasses.td - From QDQ to integer form --------*- tablegen -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// In the order of the pipeline ptq-lower.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_DIALECT_PTQ_TRANSFORMS_LOWERINGPASSES_TD
#define PTQ_DIALECT_PTQ_TRANSFORMS_LOWERINGPASSES_TD

include "mlir/Pass/PassBase.td"

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
    quantized weights. Their activations are quantized symmetrically with
    parameters that are measured at run time, one scale for each block along what
    the op sums over: blocks of the weights, or `block` elements where these have
    a scale for each channel. Then `ptq-rewrite-to-integer` sums the products of a
    block in integers.

    `products` chooses the codes: `i16` is the accurate mode, `i8` the fast one,
    and `float`, which is the default, leaves all as it is. For normal random
    activations the results differ from those in float by 2e-5 of their root mean
    square with `i16`, and by 6e-3 with `i8`, where blocks have 128 elements.

    Ops whose activations stay float are told by a remark `LeftInFloat`: those
    that sum over several dimensions, as convolutions do, and those whose weights
    have parameters that are not constants.

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
    by itself. The sums start from what takes zero points off: that of the
    activation times the sum of the block's weights, and that of the weights
    times the sum of the block's activations. Blocks of a convolution run along
    the input channels of each position of its window, which are summed one after
    the other; it is computed with the channels last, between transposes that
    `ptq-convert-to-channels-last` moves.

    Elsewhere zero points of weights are taken off the codes. Where the
    differences do not fit i8, and there are many products with each activation
    of i8, a share is taken off, too, that of all weights or of an output channel,
    so that bytes remain; the sums start from the share times the sum of the
    activations. Otherwise the codes become i16.

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

#endif // PTQ_DIALECT_PTQ_TRANSFORMS_LOWERINGPASSES_TD
