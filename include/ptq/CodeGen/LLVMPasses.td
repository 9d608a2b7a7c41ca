//===- LLVMPasses.td - From vectors to LLVM ----------------*- tablegen -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From vectors to the LLVM dialect, in the order of the pipeline ptq-lower.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_CODEGEN_LLVMPASSES_TD
#define PTQ_CODEGEN_LLVMPASSES_TD

include "mlir/Pass/PassBase.td"
include "ptq/CodeGen/TargetPass.td"

def LowerRoundingPass : PTQ_TargetPass<"ptq-lower-rounding"> {
  let summary = "Rounding becomes part of the conversion to integers";
  let description = [{
    Where the target's conversion rounds to nearest even, the sequence of
    rounding, saturation and conversion that quantization consists of becomes
    saturation and a rounding conversion: the same value for every input.

    ```mlir
    %r = math.roundeven %x : vector<16xf32>
    %p = arith.cmpf ogt, %r, %low : vector<16xf32>
    %s = arith.select %p, %r, %low : vector<16xi1>, vector<16xf32>
    %i = arith.fptosi %s : vector<16xf32> to vector<16xi32>
    ==>
    %p = arith.cmpf ogt, %x, %low : vector<16xf32>
    %s = arith.select %p, %x, %low : vector<16xi1>, vector<16xf32>
    %i = llvm.intr.lrint(%s) : (vector<16xf32>) -> vector<16xi32>
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::LLVM::LLVMDialect",
                           "::mlir::math::MathDialect"];
}

def ExpandMathPass : Pass<"ptq-expand-math", "::mlir::ModuleOp"> {
  let summary = "Elementary functions become arithmetic";
  let description = [{
    `math.exp`, `exp2`, `expm1`, `log`, `log1p`, `tanh`, `erf` and `rsqrt` of f32
    become arithmetic in a fixed order, on scalars and on vectors of any shape,
    instead of a call of the C library for each element. Each operation rounds
    by itself and none is fused, so that every processor computes the same bits,
    which are those of the interpreter. Errors are at most 1 ulp for exp, exp2 and
    log, and 2 ulp for the others.

    f16 and bf16 are computed in f32 and rounded once; f64 is left to the C
    library, and so are the other functions.

    ```mlir
    %y = math.rsqrt %x : vector<4xbf16>
    ==>
    %0 = arith.extf %x : vector<4xbf16> to vector<4xf32>
    %1 = math.sqrt %0 : vector<4xf32>
    %2 = arith.divf %one, %1 : vector<4xf32>
    %y = arith.truncf %2 : vector<4xf32> to vector<4xbf16>
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::math::MathDialect"];
  let statistics = [
    Statistic<"numLeft", "num-left",
              "Ops of these kinds on other types, which are left as they are">
  ];
}

def LowerDotPass : PTQ_TargetPass<"ptq-lower-dot"> {
  let summary = "ptq.dot becomes the target's instruction";
  let description = [{
    Replaces `ptq.dot` by an intrinsic that the target is known to have, or by
    portable vector ops where it has none of the right shape.

    ```mlir
    %d = ptq.dot %acc, %a, %b : vector<4xi32>, vector<8xi16>, vector<8xi16>
    ==>
    %0 = llvm.call_intrinsic "llvm.x86.sse2.pmadd.wd"(%a, %b)
         : (vector<8xi16>, vector<8xi16>) -> vector<4xi32>
    %d = arith.addi %acc, %0 : vector<4xi32>
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::LLVM::LLVMDialect",
                           "::mlir::vector::VectorDialect"];
  let statistics = [
    Statistic<"numIntrinsics", "num-intrinsics",
              "Dot products that became an instruction">,
    Statistic<"numExpanded", "num-expanded",
              "Dot products that became portable vector ops">
  ];
}

def LowerLookupPass : PTQ_TargetPass<"ptq-lower-lookup"> {
  let summary = "ptq.lookup_byte becomes shuffles of registers";
  let description = [{
    Replaces `ptq.lookup_byte` by instructions that the target is known to have
    and that read bytes from tables in registers. As such tables have 16, 64 or
    128 bytes, it takes several of them. Single bytes, and all of them where the
    target has no such instruction, are loaded from memory.

    ```mlir
    %y = ptq.lookup_byte %q, dense<"0x..."> : tensor<256xi8> : vector<16xi8>
    ==>
    %p = arith.xori %q, %cst_80 : vector<16xi8>
    %0 = llvm.call_intrinsic "llvm.aarch64.neon.tbl4.v16i8"(%t0, %t1, %t2, %t3, %p) : ...
    %1 = arith.subi %p, %cst_40 : vector<16xi8>
    %2 = llvm.call_intrinsic "llvm.aarch64.neon.tbx4.v16i8"(%0, %t4, %t5, %t6, %t7, %1) : ...
    ...
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::LLVM::LLVMDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::vector::VectorDialect"];
  let statistics = [
    Statistic<"numShuffles", "num-shuffles",
              "Registers that are looked up in tables in registers">,
    Statistic<"numLoads", "num-loads", "Bytes that are loaded one by one">
  ];
}

def LowerNarrowingPass : PTQ_TargetPass<"ptq-lower-narrowing"> {
  let summary = "Bounded i32 become bytes by instructions that saturate";
  let description = [{
    Where i32 that fill registers are bounded and truncated to bytes, as codes
    are, and the target is known to narrow two registers into one with
    saturation, that replaces bounds and truncation. A zero point is added
    between the two steps, for twice as many elements at a time. Codes with
    flipped signs are packed as bytes without sign, their zero point being 128
    more. One shuffle brings the bytes into their order.

    ```mlir
    %a = arith.addi %x, %c3 overflow<nsw> : vector<16xi32>
    %b = arith.maxsi %a, %c-128 : vector<16xi32>
    %c = arith.minsi %b, %c127 : vector<16xi32>
    %y = arith.trunci %c : vector<16xi32> to vector<16xi8>
    ==>
    %0 = llvm.call_intrinsic "llvm.x86.sse2.packssdw.128"(%x0, %x1) : ...
    %1 = llvm.intr.sadd.sat(%0, %c3) : vector<8xi16>
    ...
    %4 = llvm.call_intrinsic "llvm.x86.sse2.packsswb.128"(%1, %3) : ...
    %y = vector.shuffle %4, %4 [0, 1, 2, 3, 4, ...] : vector<16xi8>, vector<16xi8>
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::LLVM::LLVMDialect",
                           "::mlir::vector::VectorDialect"];
}

def LowerNibblesPass : PTQ_TargetPass<"ptq-lower-nibbles"> {
  let summary = "Integers of 4 bits become floats by a lookup in a register";
  let description = [{
    Where i32 are shifted so that only 4 of their bits are left, as weights of 4
    bits are, and then become f32, and the target is known to look i32 up by
    their lowest 4 bits in a register of f32, that replaces two shifts and a
    conversion.

    ```mlir
    %a = arith.shli %x, %c24 : vector<16xi32>
    %b = arith.shrsi %a, %c28 : vector<16xi32>
    %y = arith.sitofp %b : vector<16xi32> to vector<16xf32>
    ==>
    %table = arith.constant dense<[0.0, 1.0, ..., 7.0, -8.0, ..., -1.0]>
    %0 = arith.shrui %x, %c4 : vector<16xi32>
    %y = llvm.call_intrinsic "llvm.x86.avx512.permvar.sf.512"(%table, %0) : ...
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::LLVM::LLVMDialect",
                           "::mlir::vector::VectorDialect"];
}

def ExpandArithmeticPass
    : Pass<"ptq-expand-arithmetic", "::mlir::ModuleOp"> {
  let summary = "Arithmetic that targets do not have becomes what they have";
  let description = [{
    Arithmetic on bf16, which most targets lack and no library that is always
    there has, becomes that on f32, rounded after each op, and conversions from
    and to bf16 become integer arithmetic on the bits. Divisions that round up
    or down become divisions and comparisons. Unlike upstream's
    `arith-expand`, this leaves maxima and minima of floats alone: a comparison
    and a selection cannot tell -0 from 0, which `llvm.intr.maximum` does.

    ```mlir
    %y = arith.extf %x : bf16 to f32
    ==>
    %a = arith.bitcast %x : bf16 to i16
    %b = arith.extui %a : i16 to i32
    %c = arith.shli %b, %c16 : i32
    %y = arith.bitcast %c : i32 to f32
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::vector::VectorDialect"];
}

def HoldBFloat16AsIntegersPass
    : Pass<"ptq-hold-bfloat16-as-integers", "::mlir::ModuleOp"> {
  let summary = "bf16 that is only moved becomes i16";
  let description = [{
    Gives values and constants of bf16 in the LLVM dialect the type i16 and the
    same bits. No arithmetic on bf16 is left by then (`ptq-expand-arithmetic`);
    but some targets move elements of vectors by way of f32, and call functions
    for that which no library has that is always there.

    ```mlir
    %c = llvm.mlir.constant(dense<1.0> : vector<3xbf16>) : vector<3xbf16>
    %s = llvm.select %p, %c, %x : vector<3xi1>, vector<3xbf16>
    ==>
    %c = llvm.mlir.constant(dense<16256> : vector<3xi16>) : vector<3xi16>
    %s = llvm.select %p, %c, %x : vector<3xi1>, vector<3xi16>
    ```
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

def AttachTargetPass : PTQ_TargetPass<"ptq-attach-target"> {
  let summary = "Writes down what processor the code is for";
  let description = [{
    Sets processor and features on every LLVM function and the triple on the
    module, and completes `ptq.signature` by the processor and the features that
    it must have. An op that is not of the LLVM dialect by then is an error.

    ```mlir
    llvm.func @forward() attributes {ptq.entry, ptq.signature = {...}}
    ==>
    llvm.func @forward() attributes {
      ptq.entry, ptq.signature = {..., cpu = "znver4", features = "+avx2,..."},
      target_cpu = "znver4", target_features = #llvm.target_features<["+avx2"]>}
    ```
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

#endif // PTQ_CODEGEN_LLVMPASSES_TD
