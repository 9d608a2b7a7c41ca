//===- PreparationPasses.td - Before schemes are chosen ----*- tablegen -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_DIALECT_PTQ_TRANSFORMS_PREPARATIONPASSES_TD
#define PTQ_DIALECT_PTQ_TRANSFORMS_PREPARATIONPASSES_TD

include "mlir/Pass/PassBase.td"

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

def VerifyCallsPass : Pass<"ptq-verify-calls", "::mlir::ModuleOp"> {
  let summary = "Check that no function calls itself";
  let description = [{
    Reports a call that leads back to the function that it is in, directly or by
    way of others. Endless recursion ends compiled code without a word, and
    networks have no use for any other.

    ```mlir
    func.func @forward(%x: tensor<4xf32>) -> tensor<4xf32> {
      // error: leads back to the function that it is in; functions that call
      // themselves are not supported
      %0 = call @forward(%x) : (tensor<4xf32>) -> tensor<4xf32>
      return %0 : tensor<4xf32>
    }
    ```
  }];
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

#endif // PTQ_DIALECT_PTQ_TRANSFORMS_PREPARATIONPASSES_TD
