//===- PTQBase.td - The ptq dialect and its type constraints --*- tablegen -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_DIALECT_PTQ_IR_PTQBASE_TD
#define PTQ_DIALECT_PTQ_IR_PTQBASE_TD

include "mlir/IR/OpBase.td"

def PTQ_Dialect : Dialect {
  let name = "ptq";
  let summary = "Post-training quantization of tensor programs";
  let description = [{
    The dialect describes how a float network becomes an integer one. A network
    passes through it in three forms, all of them legal IR on tensors:

    * *float form with observers*: `ptq.observe` marks the edges whose range
      calibration must learn;
    * *QDQ form*: `ptq.quantize` and `ptq.dequantize` stand on the edges, and
      the compute ops between them are still float ops;
    * *integer form*: compute ops on storage integers, `ptq.requantize` between
      them.

    Storage integers are signless and read as signed. Scale and zero point are
    SSA operands: constants for static quantization, computed values for dynamic
    quantization, tensors for per-channel and block-wise quantization. A missing
    zero point means symmetric quantization. The value of every number is

    ```
    quantize(x)   = clamp(roundeven(x / scale) + zero_point, low, high)
    dequantize(q) = (q - zero_point) * scale
    ```

    with true f32 division, NaN read as 0, and infinities saturated.

    Discardable attributes: `ptq.entry` (unit) marks the function that tools run;
    `ptq.signature` (dictionary) on it names its inputs and outputs, and says by
    `scale`, `zero_point`, `lowest` and `highest` what codes among them stand for;
    `ptq.scheme` (`#ptq.scheme`) on an op says how it shall be quantized.
  }];
  let cppNamespace = "::mlir::ptq";
  let useDefaultAttributePrinterParser = 1;
  let hasOperationAttrVerify = 1;
  let extraClassDeclaration = [{
    void registerAttributes();
  }];
}

//===----------------------------------------------------------------------===//
// Type constraints
//===----------------------------------------------------------------------===//

/// Integers that hold quantization codes.
def PTQ_Storage : AnyTypeOf<[I<2>, I<4>, I8, I16, I32, I64],
                            "signless storage integer of 2 to 64 bits">;

/// Integers that a contraction of codes accumulates in.
def PTQ_Accumulator : AnyTypeOf<[I32, I64], "i32 or i64 accumulator">;

/// Float types that can be quantized; all are widened to f32 first.
def PTQ_Float : AnyTypeOf<[F32, F16, BF16], "f32, f16 or bf16">;

def PTQ_FloatTensor : RankedTensorOf<[PTQ_Float]>;
def PTQ_StorageTensor : RankedTensorOf<[PTQ_Storage]>;
def PTQ_AccumulatorTensor : RankedTensorOf<[PTQ_Accumulator]>;

/// A scale: per tensor, per axis, or one for each block.
def PTQ_Scale : AnyTypeOf<[PTQ_Float, PTQ_FloatTensor],
                          "float scalar or tensor of scales">;

/// A zero point, shaped like the scale it goes with.
def PTQ_ZeroPoint : AnyTypeOf<[I8, I32, RankedTensorOf<[I8, I32]>],
                              "i8 or i32 scalar or tensor of zero points">;

#endif // PTQ_DIALECT_PTQ_IR_PTQBASE_TD
