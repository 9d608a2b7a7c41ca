//===- QuantToPTQ.h - From the upstream quant dialect -----------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_CONVERSION_QUANTTOPTQ_QUANTTOPTQ_H
#define PTQ_CONVERSION_QUANTTOPTQ_QUANTTOPTQ_H

namespace mlir {
class ConversionTarget;
class RewritePatternSet;
class TypeConverter;
} // namespace mlir

namespace mlir::ptq {

/// What ptq-import-quant does to types: a ranked tensor of a uniform quantized
/// type becomes one of its storage type, which holds the same bits. Other
/// quantized types cannot be converted. The type says how its bits are read; it
/// is lost, so every cast that needs it must be converted together with it.
void populateQuantTypeConversion(TypeConverter &converter);

/// The patterns of ptq-import-quant and what is legal after them: the casts of
/// the quant dialect become ptq.quantize and ptq.dequantize; functions, calls,
/// branches, structured control flow, and the ops that move elements are built
/// on storage types. `target` refers to `converter`, which must outlive it.
/// Arguments of blocks that no branch reaches are not converted.
///
/// The conversion must not fold (DialectConversionFoldingMode::Never): a
/// dequantize cast of a quantize cast folds to the number before both.
void populateQuantToPTQPatterns(const TypeConverter &converter,
                                RewritePatternSet &patterns,
                                ConversionTarget &target);

/// The part of it that is about casts.
void populateQuantCastPatterns(const TypeConverter &converter,
                               RewritePatternSet &patterns);

} // namespace mlir::ptq

#endif // PTQ_CONVERSION_QUANTTOPTQ_QUANTTOPTQ_H
