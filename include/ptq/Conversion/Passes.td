//===- Passes.td - Between ptq and other dialects ----------*- tablegen -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_CONVERSION_PASSES_TD
#define PTQ_CONVERSION_PASSES_TD

include "mlir/Pass/PassBase.td"

def ConvertToLinalgPass : Pass<"ptq-convert-to-linalg", "::mlir::ModuleOp"> {
  let summary = "Write the arithmetic of ptq ops out in linalg, arith and math";
  let description = [{
    Every ptq op on tensors becomes linalg on tensors whose body computes the
    same operations in the same order as the functions of ptq/Quantization:
    true division, NaN read as 0, rounding half to even, saturation before the
    conversion to integer. `ptq.observe` becomes its input, and `linalg.softmax`
    is decomposed. `ptq.dot`, which is on vectors, stays.

    ```mlir
    %y = ptq.requantize %acc, %m, %z axis 1
         : tensor<?x4xi32>, tensor<4xf32>, i8 -> tensor<?x4xi8>
    ==>
    %y = linalg.generic {...} ins(%acc, %m : tensor<?x4xi32>, tensor<4xf32>) {
    ^bb0(%a: i32, %b: f32, %unused: i8):
      %0 = arith.sitofp %a : i32 to f32
      %1 = arith.mulf %0, %b : f32
      %2 = math.roundeven %1 : f32
      // Compare and select against -128 - z and 127 - z.
      %7 = arith.fptosi %6 : f32 to i32
      %8 = arith.addi %7, %z32 : i32
      %9 = arith.trunci %8 : i32 to i8
      linalg.yield %9 : i8
    } -> tensor<?x4xi8>
    ```
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::math::MathDialect", "::mlir::tensor::TensorDialect"
  ];
}

#endif // PTQ_CONVERSION_PASSES_TD
