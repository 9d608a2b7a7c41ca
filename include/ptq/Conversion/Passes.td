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
    conversion to integer. `ptq.observe` becomes its input. `ptq.dot`, which is
    on vectors, stays.

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

//===----------------------------------------------------------------------===//
// The upstream quant dialect
//===----------------------------------------------------------------------===//

def ImportQuantPass : Pass<"ptq-import-quant", "::mlir::ModuleOp"> {
  let summary = "Read the upstream quant dialect as QDQ form";
  let description = [{
    `quant.qcast` and `quant.dcast` become `ptq.quantize` and `ptq.dequantize`
    with the parameters of the `!quant.uniform` type (per tensor, axis or block,
    signed or unsigned, with bounds or without) as constants. A tensor of a
    quantized type becomes one of its storage type with the same bits, also as
    argument and result of functions, in calls, branches, `scf.if`, `scf.for`
    and other control flow, and in ops that move elements. `quant.scast` goes
    away. Anything else that has quantized types is an error.

    The quant dialect leaves rounding to who lowers it. Here it is ptq's: a true
    f32 division, half to even, saturation to the bounds, NaN read as 0. Scales
    are rounded to f32; a remark `RoundedScales` says where that changed them.
    Codes of ptq are signed: where numbers are stored unsigned, the highest bit
    is inverted next to `ptq.quantize` and `ptq.dequantize`, in constants at
    once. The signature of a public function says which of its bytes are
    unsigned. Constants of less than a byte are packed under a `ptq.unpack`.

    Run it before upstream's canonicalization: that folds
    `quant.dcast(quant.qcast(x))` to `x` and so undoes the quantization.

    ```mlir
    %q = quant.qcast %x : tensor<?x8xf32>
         to tensor<?x8x!quant.uniform<i8<-127:127>:f32, 5.000000e-01:-3>>
    %y = quant.dcast %q
         : tensor<?x8x!quant.uniform<i8<-127:127>:f32, 5.000000e-01:-3>>
         to tensor<?x8xf32>
    ==>
    %s = arith.constant 5.000000e-01 : f32
    %z = arith.constant -3 : i8
    %q = ptq.quantize %x, %s, %z low -127 : tensor<?x8xf32>, f32, i8
         -> tensor<?x8xi8>
    %y = ptq.dequantize %q, %s, %z : tensor<?x8xi8>, f32, i8 -> tensor<?x8xf32>
    ```
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::ptq::PTQDialect", "::mlir::tensor::TensorDialect"
  ];
  let statistics = [
    Statistic<"numQuantized", "num-quantized", "Quantize casts imported">,
    Statistic<"numDequantized", "num-dequantized", "Dequantize casts imported">,
    Statistic<"numStorageCasts", "num-storage-casts",
              "Storage casts that went away">,
    Statistic<"numUnsigned", "num-unsigned",
              "Imported casts whose numbers are stored unsigned">,
    Statistic<"numRoundedScales", "num-rounded-scales",
              "Scales of casts that were not f32 numbers and were rounded">
  ];
}

def ExportQuantPass : Pass<"ptq-export-quant", "::mlir::ModuleOp"> {
  let summary = "Write QDQ form in the upstream quant dialect";
  let description = [{
    `ptq.quantize` and `ptq.dequantize` with constant parameters become
    `quant.qcast` and `quant.dcast` with a signed `!quant.uniform` type. Codes
    stay tensors of integers wherever other ops read or make them, with
    `quant.scast` between them and the quantized type; constants of packed codes
    are unpacked.

    Scales of types are f64, in which f32 is exact, and the printed type has all
    its digits, so `ptq-import-quant` gives the same parameters back; only f16
    scales return as f32, and a zero point of 0 as none.

    What no type can tell stays as it is, and a remark `NotExported` says why:
    parameters that are computed, codes of 64 bits, blocks that do not divide
    their dimension, f32 scales of blocks of f16 numbers, other ops of ptq. The
    result is for interchange: upstream's canonicalization folds
    `quant.dcast(quant.qcast(x))` to `x`.

    ```mlir
    %q = ptq.quantize %x, %s, %z low -127 : tensor<?x8xf32>, f32, i8
         -> tensor<?x8xi8>
    %y = ptq.dequantize %q, %s, %z : tensor<?x8xi8>, f32, i8 -> tensor<?x8xf32>
    ==>
    %q = quant.qcast %x : tensor<?x8xf32>
         to tensor<?x8x!quant.uniform<i8<-127:127>:f32, 5.000000e-01:-3>>
    %y = quant.dcast %q
         : tensor<?x8x!quant.uniform<i8<-127:127>:f32, 5.000000e-01:-3>>
         to tensor<?x8xf32>
    ```
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::quant::QuantDialect"
  ];
  let statistics = [
    Statistic<"numExported", "num-exported",
              "Quantizations and dequantizations exported">,
    Statistic<"numLeft", "num-left", "Ops of ptq that stay">
  ];
}

#endif // PTQ_CONVERSION_PASSES_TD
