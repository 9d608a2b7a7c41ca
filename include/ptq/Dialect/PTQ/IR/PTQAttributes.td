//===- PTQAttributes.td - Encodings, schemes and ranges ----*- tablegen -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_DIALECT_PTQ_IR_PTQATTRIBUTES_TD
#define PTQ_DIALECT_PTQ_IR_PTQATTRIBUTES_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinAttributes.td"
include "ptq/Dialect/PTQ/IR/PTQBase.td"
include "ptq/Dialect/PTQ/IR/PTQEnums.td"

class PTQ_Attr<string name, string attrMnemonic> : AttrDef<PTQ_Dialect, name> {
  let mnemonic = attrMnemonic;
}

def PTQ_RangeEstimatorAttr
    : EnumAttr<PTQ_Dialect, PTQ_RangeEstimator, "estimator"> {
  let assemblyFormat = "$value";
}

def PTQ_RoundingAttr : EnumAttr<PTQ_Dialect, PTQ_Rounding, "rounding"> {
  let assemblyFormat = "$value";
}

def PTQ_EncodingAttr : PTQ_Attr<"Encoding", "encoding"> {
  let summary = "How a float tensor is represented by integers";
  let description = [{
    The storage integer, the placement of zero, and what shares one scale:

    * `tensor`: one scale for everything;
    * `axis`: one scale for each index along `axis`;
    * `block`: one scale for each run of `block_size` elements along `axis`;
    * `token`: one scale for each row of the last dimension.

    `narrow_range` leaves out the most negative code, so that a symmetric range
    has as many negative as positive codes (-127..127 for i8). `bits` keeps to
    the codes of fewer bits than the storage has (-64..63 for 7): processors
    without dot products of bytes can add pairs of products of such weights in 16
    bits. `source` says whether the parameters are constants or measured at run
    time.

    ```mlir
    #ptq.encoding<i8, asymmetric>
    #ptq.encoding<i8, symmetric, granularity = axis, axis = 0, narrow_range = true>
    #ptq.encoding<i4, symmetric, granularity = block, axis = 1, block_size = 32,
                  narrow_range = true>
    #ptq.encoding<i8, symmetric, granularity = axis, axis = 0, narrow_range = true,
                  bits = 7>
    #ptq.encoding<i8, asymmetric, granularity = token, source = dynamic>
    ```
  }];
  let parameters = (ins
    "::mlir::IntegerType":$storage,
    EnumParameter<PTQ_Symmetry>:$symmetry,
    DefaultValuedParameter<"Granularity", "Granularity::Tensor">:$granularity,
    OptionalParameter<"std::optional<int64_t>">:$axis,
    OptionalParameter<"std::optional<int64_t>">:$block_size,
    DefaultValuedParameter<"bool", "false">:$narrow_range,
    OptionalParameter<"std::optional<int64_t>">:$bits,
    DefaultValuedParameter<"ParameterSource",
                           "ParameterSource::Static">:$source);
  let assemblyFormat = [{
    `<` $storage `,` $symmetry
    (`,` struct($granularity, $axis, $block_size, $narrow_range, $bits,
                  $source)^)? `>`
  }];
  let builders = [
    AttrBuilder<(ins "IntegerType":$storage, "Symmetry":$symmetry,
                 CArg<"bool", "false">:$narrowRange), [{
      return $_get($_ctxt, storage, symmetry, Granularity::Tensor,
                   std::optional<int64_t>(), std::optional<int64_t>(),
                   narrowRange, std::optional<int64_t>(),
                   ParameterSource::Static);
    }]>
  ];
  let extraClassDeclaration = [{
    bool isSymmetric() const { return getSymmetry() == Symmetry::Symmetric; }
    bool isDynamic() const { return getSource() == ParameterSource::Dynamic; }
    bool isPerTensor() const { return getGranularity() == Granularity::Tensor; }
    /// The smallest and the largest code that may be used.
    int64_t getMinCode() const;
    int64_t getMaxCode() const;
    /// The same as bounds of a `ptq.quantize`; null where the storage ends.
    IntegerAttr getLowBound() const;
    IntegerAttr getHighBound() const;
    /// Which elements of a tensor of `shape` share a scale. Axis and blocks must
    /// fit the shape; a scale for each token has the shape of blocks.
    ParameterLayout getParameterLayout(ArrayRef<int64_t> shape) const;
    /// The size in each dimension of the blocks, or tokens, of a tensor of
    /// `shape`.
    SmallVector<int64_t> getBlockSizes(ArrayRef<int64_t> shape) const;
    /// The shape of the scales of blocks, or tokens, of a tensor of `shape`:
    /// how many there are in each dimension, dynamic where the size is.
    SmallVector<int64_t> getBlockCounts(ArrayRef<int64_t> shape) const;
    /// This encoding with one scale for each index along `axis`.
    EncodingAttr withAxis(int64_t axis) const;
    /// This encoding with one scale for each run of `blockSize` elements along
    /// `axis`.
    EncodingAttr withBlocks(int64_t axis, int64_t blockSize) const;
    /// This encoding with one scale for the whole tensor.
    EncodingAttr perTensor() const;
  }];
  let genVerifyDecl = 1;
}

def PTQ_OperandSchemeAttr : PTQ_Attr<"OperandScheme", "operand"> {
  let summary = "How one operand of an op is to be quantized";
  let description = [{
    Says of operand `number` what a `#ptq.scheme` says of all activations or of
    all weights. Without an encoding the operand stays in float, or is rounded to
    `float_type`.

    ```mlir
    #ptq.operand<0, encoding = <i16, symmetric, narrow_range = true>>
    ```
  }];
  let parameters = (ins
    "unsigned":$number,
    OptionalParameter<"EncodingAttr">:$encoding,
    OptionalParameter<"::mlir::FloatType">:$float_type,
    DefaultValuedParameter<"RangeEstimatorKind",
                           "RangeEstimatorKind::MinMax">:$estimator,
    DefaultValuedParameter<"Rounding", "Rounding::Nearest">:$rounding);
  let assemblyFormat = [{
    `<` $number
    (`,` struct($encoding, $float_type, $estimator, $rounding)^)? `>`
  }];
  let genVerifyDecl = 1;
}

def PTQ_SchemeAttr : PTQ_Attr<"Scheme", "scheme"> {
  let summary = "How one op is to be quantized";
  let description = [{
    The encodings of an op's activation operands and of its weights, the
    estimator that chooses their ranges, and how the weights are rounded. Without
    `activations` the op is weight-only quantized, and `float_type` is the type
    to which its activations are rounded; an op without a scheme stays in float.
    `outputs` quantizes the op's result even where nothing quantized consumes it.
    A weight encoding of granularity `axis` without an `axis` means the op's own
    output channels, one of granularity `block` without an `axis` blocks along
    what the op sums over. `equalization` is how the channels that the op reads
    are brought to like ranges before anything is quantized. `operands` lists operands that differ from the rest of
    their kind.

    ```mlir
    #ptq.scheme<activations = <i8, asymmetric>,
                weights = <i8, symmetric, granularity = axis, narrow_range = true>,
                estimator = minmax>
    #ptq.scheme<weights = <i4, symmetric, granularity = block, block_size = 32,
                           narrow_range = true>,
                float_type = f16, rounding = gptq>
    #ptq.scheme<activations = <i8, asymmetric>,
                operands = [#ptq.operand<0, encoding = <i16, symmetric>>]>
    ```
  }];
  let parameters = (ins
    OptionalParameter<"EncodingAttr">:$activations,
    OptionalParameter<"EncodingAttr">:$weights,
    OptionalParameter<"EncodingAttr">:$outputs,
    OptionalParameter<"::mlir::FloatType">:$float_type,
    DefaultValuedParameter<"RangeEstimatorKind",
                           "RangeEstimatorKind::MinMax">:$estimator,
    DefaultValuedParameter<"Rounding", "Rounding::Nearest">:$rounding,
    DefaultValuedParameter<"Equalization", "Equalization::None">:$equalization,
    OptionalParameter<"::mlir::ArrayAttr">:$operands);
  let assemblyFormat = "`<` struct(params) `>`";
  let extraClassDeclaration = [{
    /// What the scheme says of operand `number`, which plays `role`.
    OperandSchemeAttr getOperand(unsigned number, OperandRole role) const;
  }];
  let genVerifyDecl = 1;
}

def PTQ_RangeAttr : PTQ_Attr<"Range", "range"> {
  let summary = "The calibrated range of an edge, and where it came from";
  let description = [{
    `min` and `max` hold one finite number per tensor, or one for each channel
    or block, in row-major order of the scales.
    `samples` counts the calibration samples that were seen (0 for constants),
    `clipped` is the share of observed elements outside the range. A range that
    follows from what computes the edge, such as [0, 1] of a softmax, and was not
    measured is `by_definition`.

    ```mlir
    #ptq.range<min = [-1.0], max = [3.0], estimator = minmax,
               samples = 100>
    #ptq.range<min = [0.0], max = [1.0], by_definition = true>
    ```
  }];
  let parameters = (ins
    "::mlir::ArrayAttr":$min,
    "::mlir::ArrayAttr":$max,
    DefaultValuedParameter<"RangeEstimatorKind",
                           "RangeEstimatorKind::MinMax">:$estimator,
    DefaultValuedParameter<"int64_t", "0">:$samples,
    OptionalParameter<"::mlir::FloatAttr">:$clipped,
    DefaultValuedParameter<"bool", "false">:$by_definition);
  let assemblyFormat = "`<` struct(params) `>`";
  let builders = [
    AttrBuilder<(ins "ArrayRef<double>":$min, "ArrayRef<double>":$max,
                 "RangeEstimatorKind":$estimator, "int64_t":$samples,
                 "FloatAttr":$clipped)>
  ];
  // Array attributes of floats print exactly, which dense arrays of them do not.
  let extraClassDeclaration = [{
    SmallVector<double> getMinValues() const;
    SmallVector<double> getMaxValues() const;
    /// The range of one tensor that follows from what computes it.
    static RangeAttr getByDefinition(MLIRContext *context, double min,
                                     double max);
    /// The number of channels or blocks; 1 per tensor.
    int64_t getNumRanges() const { return getMin().size(); }
  }];
  let genVerifyDecl = 1;
}

#endif // PTQ_DIALECT_PTQ_IR_PTQATTRIBUTES_TD
