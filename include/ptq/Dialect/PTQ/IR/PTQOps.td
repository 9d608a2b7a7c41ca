//===- PTQOps.td - Operations of the ptq dialect -----------*- tablegen -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_DIALECT_PTQ_IR_PTQOPS_TD
#define PTQ_DIALECT_PTQ_IR_PTQOPS_TD

include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "ptq/Dialect/PTQ/IR/PTQAttributes.td"

class PTQ_Op<string mnemonic, list<Trait> traits = []>
    : Op<PTQ_Dialect, mnemonic, traits> {
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Observation
//===----------------------------------------------------------------------===//

def PTQ_ObserveOp : PTQ_Op<"observe", [AllTypesMatch<["input", "result"]>]> {
  let summary = "Marks an edge whose range calibration must learn";
  let description = [{
    The identity. Carries the edge's stable name and the encoding that the edge
    will get; calibration adds the range that it chose. Where the edge is a
    weight, `rounding` says how it is to be rounded. The op has an effect on
    purpose: no transformation may merge, hoist or erase it.

    ```mlir
    %1 = ptq.observe %0 name("conv0_relu") encoding(<i8, asymmetric>)
         : tensor<?x64x25x5xf32>
    %3 = ptq.observe %2 name("conv1_w")
         encoding(<i8, symmetric, granularity = axis, axis = 0, narrow_range = true>)
         range(<min = [-0.5, -0.25], max = [0.5, 0.25]>)
         : tensor<2x3xf32>
    ```
  }];
  let arguments = (ins PTQ_FloatTensor:$input, StrAttr:$edge,
                       PTQ_EncodingAttr:$encoding,
                       DefaultValuedAttr<PTQ_RangeEstimatorAttr,
                         "::mlir::ptq::RangeEstimatorKind::MinMax">:$estimator,
                       DefaultValuedAttr<PTQ_RoundingAttr,
                         "::mlir::ptq::Rounding::Nearest">:$rounding,
                       OptionalAttr<PTQ_RangeAttr>:$range);
  let results = (outs PTQ_FloatTensor:$result);
  let hasCanonicalizer = 1;
  let assemblyFormat = [{
    $input `name` `(` $edge `)` `encoding` `(` $encoding `)`
    (`estimator` `(` $estimator^ `)`)? (`rounding` `(` $rounding^ `)`)?
    (`range` `(` $range^ `)`)? attr-dict `:` type($input)
  }];
}

//===----------------------------------------------------------------------===//
// Quantization
//===----------------------------------------------------------------------===//

def PTQ_ChooseParametersOp : PTQ_Op<"choose_parameters", [Pure]> {
  let summary = "Scale and zero point from the data, at run time";
  let description = [{
    Measures the smallest and the largest finite element (0 is always included),
    and derives scale and zero point for `encoding`: per tensor, for each index
    along an axis (such as the axis along which samples lie), per token, or for
    each block along an axis, of which the last may be short. What
    holds only zeros gets scale 1 and zero point 0. Symmetric encodings have no
    zero point result.

    ```mlir
    %s, %z = ptq.choose_parameters %x encoding(<i8, asymmetric, source = dynamic>)
             : tensor<4x64xf32> -> f32, i8
    %u, %v = ptq.choose_parameters %x
             encoding(<i8, asymmetric, granularity = axis, axis = 0,
                       source = dynamic>)
             : tensor<?x64xf32> -> tensor<?xf32>, tensor<?xi8>
    %t = ptq.choose_parameters %x
         encoding(<i8, symmetric, granularity = token, source = dynamic>)
         : tensor<4x64xf32> -> tensor<4x1xf32>
    ```
  }];
  let arguments = (ins PTQ_FloatTensor:$input, PTQ_EncodingAttr:$encoding);
  let results = (outs PTQ_Scale:$scale, Optional<PTQ_ZeroPoint>:$zero_point);
  let assemblyFormat = [{
    $input `encoding` `(` $encoding `)` attr-dict
    `:` type($input) `->` type($scale) (`,` type($zero_point)^)?
  }];
}

def PTQ_QuantizeOp : PTQ_Op<"quantize", [Pure]> {
  let summary = "Float values to storage codes";
  let description = [{
    `clamp(roundeven(x / scale) + zero_point, low, high)`, computed in f32 with a
    true division. NaN is read as 0, infinities saturate. `low` and `high` default
    to the limits of the storage type.

    `axis` is the dimension that a one-dimensional scale runs along;
    `block_size` gives the size of the blocks in each dimension, of which the
    last may be short, and goes with a scale of the input's rank.

    ```mlir
    %q = ptq.quantize %x, %s, %z : tensor<?x8xf32>, f32, i8 -> tensor<?x8xi8>
    %w = ptq.quantize %f, %t axis 0 low -127 : tensor<8x4xf32>, tensor<8xf32>
         -> tensor<8x4xi8>
    %b = ptq.quantize %g, %u block [1, 32] low -7 : tensor<8x48xf32>, tensor<8x2xf16>
         -> tensor<8x48xi4>
    ```
  }];
  let arguments = (ins PTQ_FloatTensor:$input, PTQ_Scale:$scale,
                       Optional<PTQ_ZeroPoint>:$zero_point,
                       OptionalAttr<I64Attr>:$axis,
                       OptionalAttr<DenseI64ArrayAttr>:$block_size,
                       OptionalAttr<I64Attr>:$low,
                       OptionalAttr<I64Attr>:$high);
  let results = (outs PTQ_StorageTensor:$result);
  let hasCanonicalizer = 1;
  let assemblyFormat = [{
    $input `,` $scale (`,` $zero_point^)? (`axis` $axis^)?
    (`block` $block_size^)? (`low` $low^)? (`high` $high^)? attr-dict
    `:` type($input) `,` type($scale) (`,` type($zero_point)^)? `->` type($result)
  }];
  let extraClassDeclaration = [{
    /// The codes that results are clamped to.
    int64_t getLowCode();
    int64_t getHighCode();
  }];
  let hasFolder = 1;
}

def PTQ_DequantizeOp : PTQ_Op<"dequantize", [Pure]> {
  let summary = "Storage codes to float values";
  let description = [{
    `(q - zero_point) * scale` in f32, then converted to the result's element
    type. Scale, zero point, `axis` and `block_size` are as in `ptq.quantize`.

    ```mlir
    %x = ptq.dequantize %q, %s, %z : tensor<?x8xi8>, f32, i8 -> tensor<?x8xf32>
    %w = ptq.dequantize %p, %t axis 0 : tensor<8x4xi8>, tensor<8xf32>
         -> tensor<8x4xf32>
    ```
  }];
  let arguments = (ins PTQ_StorageTensor:$input, PTQ_Scale:$scale,
                       Optional<PTQ_ZeroPoint>:$zero_point,
                       OptionalAttr<I64Attr>:$axis,
                       OptionalAttr<DenseI64ArrayAttr>:$block_size);
  let results = (outs PTQ_FloatTensor:$result);
  let hasCanonicalizer = 1;
  let assemblyFormat = [{
    $input `,` $scale (`,` $zero_point^)? (`axis` $axis^)?
    (`block` $block_size^)? attr-dict
    `:` type($input) `,` type($scale) (`,` type($zero_point)^)? `->` type($result)
  }];
}

def PTQ_RequantizeOp : PTQ_Op<"requantize", [Pure, AttrSizedOperandSegments]> {
  let summary = "Accumulators to storage codes of another scale";
  let description = [{
    `clamp(roundeven(f32(acc) * multiplier) + zero_point, low, high)`, all in f32
    with one rounding for each operation. The multiplier is
    `f32(f64(s_x) * f64(s_w) / f64(s_y))`, one for the tensor or one for each
    index along `axis`. `low` and `high` default to the limits of the storage
    type; a fused ReLU is a `low` equal to the zero point.

    With a `shift` k the multiplier is the fixed-point number m * 2^-k, and the
    result `clamp(((acc * m + 2^(k - 1)) >> k) + zero_point, low, high)`, in i64
    with wrap-around: one rounding, half up. m has as many bits as leave room for
    the accumulators, see ptq/Quantization/FixedPoint.h; k is from 1 to 62.

    ```mlir
    %y = ptq.requantize %acc, %m, %z axis 1 low -128
         : tensor<?x64x25x5xi32>, tensor<64xf32>, i8 -> tensor<?x64x25x5xi8>
    %y = ptq.requantize %acc, %m shift %k, %z
         : tensor<?x64x25x5xi32>, i32 shift i32, i8 -> tensor<?x64x25x5xi8>
    ```
  }];
  let arguments = (ins PTQ_AccumulatorTensor:$input,
                       AnyTypeOf<[F32, I32, RankedTensorOf<[F32, I32]>]>
                         :$multiplier,
                       Optional<AnyTypeOf<[I32, RankedTensorOf<[I32]>]>>:$shift,
                       Optional<AnyTypeOf<[I8, I32]>>:$zero_point,
                       OptionalAttr<I64Attr>:$axis,
                       OptionalAttr<I64Attr>:$low,
                       OptionalAttr<I64Attr>:$high);
  let results = (outs PTQ_StorageTensor:$result);
  let hasCanonicalizer = 1;
  let assemblyFormat = [{
    $input `,` $multiplier (`shift` $shift^)? (`,` $zero_point^)?
    (`axis` $axis^)? (`low` $low^)? (`high` $high^)? attr-dict
    `:` type($input) `,` type($multiplier) (`shift` type($shift)^)?
    (`,` type($zero_point)^)? `->` type($result)
  }];
  let extraClassDeclaration = [{
    /// The codes that results are clamped to.
    int64_t getLowCode();
    int64_t getHighCode();
  }];
}

//===----------------------------------------------------------------------===//
// Codes
//===----------------------------------------------------------------------===//

def PTQ_UnpackOp : PTQ_Op<"unpack", [Pure]> {
  let summary = "Packed bytes to codes of 4 or 2 bits";
  let description = [{
    Splits every byte into two codes of 4 bits, or four of 2 bits, that follow
    each other along `axis`, the first in the lowest bits. Where the result's
    dimension is no multiple of that, the highest bits of the last byte are not
    used. Constants of such codes are kept packed; no memref, vector or global of
    `i4` ever exists.

    ```mlir
    %q = ptq.unpack %p axis 1 : tensor<8x16xi8> -> tensor<8x32xi4>
    ```
  }];
  let arguments = (ins RankedTensorOf<[I8]>:$input, I64Attr:$axis);
  let results = (outs RankedTensorOf<[I<2>, I<4>]>:$result);
  let assemblyFormat = [{
    $input `axis` $axis attr-dict `:` type($input) `->` type($result)
  }];
  let extraClassDeclaration = [{
    /// The number of codes in a byte.
    int64_t getCodesPerByte();
  }];
}

def PTQ_LookupOp : PTQ_Op<"lookup", [Pure]> {
  let summary = "Any function of an 8-bit code, as a table";
  let description = [{
    `table[q + 128]` for every element. Any unary elementwise function of a
    quantized tensor is such a table.

    ```mlir
    %y = ptq.lookup %q, %table : tensor<?x8xi8>, tensor<256xi8> -> tensor<?x8xi8>
    ```
  }];
  let arguments = (ins RankedTensorOf<[I8]>:$input,
                       RankedTensorOf<[I8, I16, I32, F32]>:$table);
  let results = (outs RankedTensorOf<[I8, I16, I32, F32]>:$result);
  let hasCanonicalizer = 1;
  let assemblyFormat = [{
    $input `,` $table attr-dict
    `:` type($input) `,` type($table) `->` type($result)
  }];
}

//===----------------------------------------------------------------------===//
// Vector level
//===----------------------------------------------------------------------===//

def PTQ_DotOp : PTQ_Op<"dot", [Pure, AllTypesMatch<["acc", "result"]>]> {
  let summary = "Sums of neighbouring products in lanes";
  let description = [{
    `result[i] = acc[i] + sum_j a[i * k + j] * b[i * k + j]`, exact in i32, where
    k is the ratio of the lengths: 4 for bytes, 2 for 16-bit integers. This is
    the target-neutral form of `vpdpbusd`, `sdot`, `vpdpwssd` and `pmaddwd`. With
    `unsigned_a` the elements of `a` are read as unsigned, with `unsigned_b` those
    of `b`, as by `udot`.

    With `rows r` the lanes are squares of r rows and r columns, row by row: for
    each square there are r runs of k * r elements in `a`, one for each row, and
    as many in `b`, one for each column. A lane adds the products of the run of
    its row with the run of its column. Squares of 2 are `smmla`.

    Lanes of i16 hold sums of two products of bytes, as of `pmaddubsw`. Whoever
    builds the op has to know that the sums fit; what becomes of others is not
    said.

    ```mlir
    %r = ptq.dot %acc, %a, %b unsigned_a
         : vector<16xi32>, vector<64xi8>, vector<64xi8>
    %s = ptq.dot %squares, %two_rows, %two_columns rows 2
         : vector<4xi32>, vector<16xi8>, vector<16xi8>
    ```
  }];
  let arguments = (ins VectorOfRankAndType<[1], [I16, I32]>:$acc,
                       VectorOfRankAndType<[1], [I8, I16]>:$a,
                       VectorOfRankAndType<[1], [I8, I16]>:$b,
                       UnitAttr:$unsigned_a,
                       DefaultValuedAttr<ConfinedAttr<I64Attr, [IntPositive]>,
                                         "1">:$rows,
                       UnitAttr:$unsigned_b);
  let results = (outs VectorOfRankAndType<[1], [I16, I32]>:$result);
  let assemblyFormat = [{
    $acc `,` $a `,` $b (`unsigned_a` $unsigned_a^)? (`unsigned_b` $unsigned_b^)?
    (`rows` $rows^)? attr-dict
    `:` type($acc) `,` type($a) `,` type($b)
  }];
  let extraClassDeclaration = [{
    /// How many products are added to a lane.
    int64_t getNumProducts() {
      int64_t rows = getRows();
      return cast<VectorType>(getA().getType()).getNumElements() * rows /
             cast<VectorType>(getAcc().getType()).getNumElements();
    }

    /// The run of elements of `a` whose products are added to `lane`, and that
    /// of `b`, as numbers of runs.
    std::pair<int64_t, int64_t> getRuns(int64_t lane) {
      int64_t rows = getRows(), square = lane / (rows * rows);
      return {square * rows + lane / rows % rows, square * rows + lane % rows};
    }
  }];
}

def PTQ_LookupByteOp : PTQ_Op<"lookup_byte",
    [Pure, SameOperandsAndResultType, Elementwise, Scalarizable, Vectorizable,
     Tensorizable]> {
  let summary = "A function of a byte, in registers";
  let description = [{
    `table[q + 128]` for a byte or for each of a vector. This is what
    `ptq.lookup` is to one element where the table is a constant: part of the
    body of a structured op, and computed on vectors like the arithmetic around
    it. A lookup that fills the target's registers is cheaper than several that
    do not.

    ```mlir
    %y = ptq.lookup_byte %q, dense<"0x..."> : tensor<256xi8> : vector<32xi8>
    ```
  }];
  let arguments = (ins AnyTypeOf<[I8, VectorOfRankAndType<[1], [I8]>]>:$input,
                       SignlessIntElementsAttr<8>:$table);
  let results = (outs AnyTypeOf<[I8, VectorOfRankAndType<[1], [I8]>]>:$result);
  let assemblyFormat = "$input `,` $table attr-dict `:` type($input)";
}

#endif // PTQ_DIALECT_PTQ_IR_PTQOPS_TD
