//===- TensorPasses.td - On linalg on tensors --------------*- tablegen -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From `linalg` on tensors to buffers, in the order of the pipeline ptq-lower.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_CODEGEN_TENSORPASSES_TD
#define PTQ_CODEGEN_TENSORPASSES_TD

include "mlir/Pass/PassBase.td"
include "ptq/CodeGen/TargetPass.td"

def DecomposeAggregatedOpsPass
    : Pass<"ptq-decompose-aggregated-ops", "::mlir::ModuleOp"> {
  let summary = "Composite linalg ops become the loops that they stand for";
  let description = [{
    Decomposes the ops that stand for several structured ops and that nothing
    else lowers: softmax, the Winograd transforms and packing. Softmax of f16
    and bf16 is computed in f32.

    ```mlir
    %y = linalg.softmax dimension(1) ins(%x : tensor<4x8xf32>)
         outs(%e : tensor<4x8xf32>) -> tensor<4x8xf32>
    ==>
    // maximum, exponential of the difference, sum, quotient
    %m = linalg.generic ...
    %p = linalg.generic ...
    %s = linalg.generic ...
    %y = linalg.generic ...
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::math::MathDialect",
                           "::mlir::tensor::TensorDialect"];
}

def WidenAccumulatorsPass
    : Pass<"ptq-widen-accumulators", "::mlir::ModuleOp"> {
  let summary = "Sums of f16 and bf16 are computed in f32";
  let description = [{
    Structured ops on tensors that add up f16 or bf16 (products, convolutions,
    pooling, sums) add up f32 and round once, in the end. Products of f16 are
    exact in f32, and so are those of bf16 unless they are subnormal or too
    large. Taken literally, such an op rounds after each addition, which loses
    all digits in long sums (4096 ones come to 2048 in f16, to 256 in bf16) and
    is slow where the target has no such arithmetic.

    ```mlir
    %f = linalg.fill ins(%zero : f16) outs(%e : tensor<4x8xf16>) -> tensor<4x8xf16>
    %y = linalg.matmul ins(%x, %w : tensor<4x16xf16>, tensor<16x8xf16>)
         outs(%f : tensor<4x8xf16>) -> tensor<4x8xf16>
    ==>
    %f = linalg.fill ins(%zero : f32) outs(%e : tensor<4x8xf32>) -> tensor<4x8xf32>
    %s = linalg.matmul ins(%x, %w : tensor<4x16xf16>, tensor<16x8xf16>)
         outs(%f : tensor<4x8xf32>) -> tensor<4x8xf32>
    %y = arith.truncf %s : tensor<4x8xf32> to tensor<4x8xf16>
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
}

def ConvertToChannelsLastPass
    : Pass<"ptq-convert-to-channels-last", "::mlir::ModuleOp"> {
  let summary = "Convolution and pooling with channels innermost";
  let description = [{
    Turns convolutions, depthwise convolutions and pooling on N, C, H, W into
    those on N, H, W, C, so that the channels of a pixel are contiguous, and so
    for volumes and for groups. The transposes that this needs are moved through elementwise
    ops, padding, slices, reductions, and reshapes that make pixels of channels,
    until they cancel; what is left of them sits at the arguments and
    results of the network and on filters, where constants are folded by
    `ptq-fold-constants`.

    ```mlir
    %y = linalg.conv_2d_nchw_fchw
         ins(%x, %w : tensor<?x8x6x6xi8>, tensor<16x8x3x3xi8>)
         outs(%b : tensor<?x16x4x4xi32>) -> tensor<?x16x4x4xi32>
    ==>
    %x1 = linalg.transpose ins(%x) outs(%e0) permutation = [0, 2, 3, 1]
    %w1 = linalg.transpose ins(%w) outs(%e1) permutation = [2, 3, 1, 0]
    %b1 = linalg.transpose ins(%b) outs(%e2) permutation = [0, 2, 3, 1]
    %y1 = linalg.conv_2d_nhwc_hwcf
          ins(%x1, %w1 : tensor<?x6x6x8xi8>, tensor<3x3x8x16xi8>)
          outs(%b1 : tensor<?x4x4x16xi32>) -> tensor<?x4x4x16xi32>
    %y = linalg.transpose ins(%y1) outs(%b) permutation = [0, 3, 1, 2]
    ```
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
  let statistics = [
    Statistic<"numTransposes", "num-transposes", "Transposes that are left">
  ];
}

def FuseElementwiseOpsPass : Pass<"ptq-fuse-elementwise-ops", "::mlir::ModuleOp"> {
  let summary = "A chain of elementwise ops becomes one op";
  let description = [{
    A `linalg.generic` without reductions whose result is used once, by another
    one that reads each element once, is computed there: what follows an
    accumulator (its scale, a bias, a ReLU) is one loop. Dimensions that are
    expanded in between, such as those of merged rows, are expanded behind both,
    and what is merged behind a sum of products, such as groups of channels, is
    merged behind what follows;
    but not behind elementary functions, which are faster in loops of their own
    than beside accumulators.

    An op that reads several sums of products is computed on the accumulators of
    one of them; the codes of others are stored, not their sums. A code that is
    not stored anymore stays as wide as it was. A few planes that are computed,
    such as the colours of an image, become pixels in the same loop.

    ```mlir
    %1 = linalg.generic {...} ins(%0 : tensor<8xi32>) {  // f32(in) * s
    %2 = linalg.generic {...} ins(%1, %b : tensor<8xf32>, ...) {  // in + b
    ==>
    %2 = linalg.generic {...} ins(%0, %b : tensor<8xi32>, ...) {
    // f32(in) * s + b
    ```
  }];
  let dependentDialects = ["::mlir::affine::AffineDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
}

def FlipActivationSignsPass
    : PTQ_TargetPass<"ptq-flip-activation-signs"> {
  let summary = "Activations become what an unsigned dot product reads";
  let description = [{
    Where the target's dot product reads activations as unsigned bytes, products
    of i8 with constant weights get activations with flipped sign bits, which
    they flip back: kernels of dot products read them as they are. Signs are
    flipped behind what computes the activations, and in front of padding and
    reshapes, so that `ptq-fuse-elementwise-ops` lets it be done there. If
    nothing of the kind is there, it takes a loop of its own, for which there
    have to be enough products for each activation. Sums of the same bytes, which
    zero points of weights are multiplied with, read them flipped, too.

    ```mlir
    %y = linalg.matmul ins(%x, %w : tensor<4x8xi8>, tensor<8x512xi8>) outs(%0)
    ==>
    %f = linalg.generic {...} ins(%x : tensor<4x8xi8>) {  // in xor -128
    %y = linalg.generic {...} ins(%f, %w : tensor<4x8xi8>, ...) outs(%0) {
    // out + i32(in xor -128) * i32(w)
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
  let statistics = [
    Statistic<"numContractions", "num-contractions",
              "Products of activations with flipped signs">
  ];
}

def MakeDestinationPassingPass
    : Pass<"ptq-make-destination-passing", "::mlir::ModuleOp"> {
  let summary = "Results of public functions become trailing memref arguments";
  let description = [{
    Every ranked tensor result of a public function turns into a trailing memref
    argument of identity layout, into which the function writes; the caller owns
    all memory that crosses the boundary. Tensor arguments are marked read-only.
    Runs before bufferization, which then computes results in place.

    A function that other functions of the module call keeps a private twin with
    the old signature for them.

    Dynamic sizes of results are usually sizes of arguments, from which the caller
    knows them. Where that cannot be told, the function checks that its
    destination is as large as its result.

    The entry function is given `ptq.entry` if no function has it, and
    `ptq.signature` if it lacks one.

    ```mlir
    func.func @forward(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
      %y = math.absf %x : tensor<?x8xf32>
      return %y : tensor<?x8xf32>
    }
    ==>
    func.func @forward(%x: tensor<?x8xf32> {bufferization.writable = false},
                       %out: memref<?x8xf32>) attributes {ptq.entry, ...} {
      %y = math.absf %x : tensor<?x8xf32>
      bufferization.materialize_in_destination %y in restrict writable %out
          : (tensor<?x8xf32>, memref<?x8xf32>) -> ()
      return
    }
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::bufferization::BufferizationDialect",
                           "::mlir::cf::ControlFlowDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::ptq::PTQDialect",
                           "::mlir::tensor::TensorDialect"];
  let statistics = [
    Statistic<"numResults", "num-results",
              "Results that became destination arguments">,
    Statistic<"numPrivateTwins", "num-private-twins",
              "Functions kept with their old signature for internal calls">
  ];
}

def LowerPaddingPass : Pass<"ptq-lower-padding", "::mlir::ModuleOp"> {
  let summary = "Padding becomes a border around what it pads";
  let description = [{
    A tensor that is padded with a constant is inserted into one whose border has
    been filled before the tensor is computed. `ptq-bufferize` then lets it be
    computed there: only the border is written in addition. A border of very short
    runs is not told from the inside, all of which is filled. Where something has
    been inserted into a broadcast, such as that of a value for each sample, only
    the border of that is left.

    ```mlir
    %y = linalg.exp ins(%x) outs(%e : tensor<1x16xf32>) -> tensor<1x16xf32>
    %p = tensor.pad %y low[1, 0] high[0, 0] {
    ^bb0(%i: index, %j: index):
      tensor.yield %zero : f32
    } : tensor<1x16xf32> to tensor<2x16xf32>
    ==>
    %0 = tensor.empty() : tensor<2x16xf32>
    %1 = tensor.extract_slice %0[0, 0] [1, 16] [1, 1]
    %2 = linalg.fill ins(%zero : f32) outs(%1)
    %3 = tensor.insert_slice %2 into %0[0, 0] [1, 16] [1, 1]
    %y = linalg.exp ins(%x) outs(%e : tensor<1x16xf32>) -> tensor<1x16xf32>
    %p = tensor.insert_slice %y into %3[1, 0] [1, 16] [1, 1]
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
}

def BufferizePass : Pass<"ptq-bufferize", "::mlir::ModuleOp"> {
  let summary = "Tensors become buffers, copies become linalg ops";
  let description = [{
    One-shot bufferization of the whole module with identity layouts at function
    boundaries. Copies are `linalg.copy`, which is vectorized like any other
    elementwise op and needs no run-time library; a remark `Copy` tells of each.
    Constants are in the order of their first use, so that a network becomes the
    same code in every run.

    ```mlir
    func.func @f(%x: tensor<8xf32>, %out: memref<8xf32>) {
      bufferization.materialize_in_destination %x in restrict writable %out
          : (tensor<8xf32>, memref<8xf32>) -> ()
      return
    }
    ==>
    func.func @f(%x: memref<8xf32>, %out: memref<8xf32>) {
      linalg.copy ins(%x : memref<8xf32>) outs(%out : memref<8xf32>)
      return
    }
    ```
  }];
  let dependentDialects = ["::mlir::bufferization::BufferizationDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::tensor::TensorDialect"];
  let statistics = [
    Statistic<"numCopies", "num-copies", "Tensors that are copied as a whole">
  ];
}

#endif // PTQ_CODEGEN_TENSORPASSES_TD
