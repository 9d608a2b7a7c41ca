//===- CodeParameters.h - Codes, scales and zero points ---------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Codes are signed. Where those of the model are unsigned, codes and zero
// points are less by half of the range, which changes no value.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_TARGET_ONNX_OPERATORS_CODEPARAMETERS_H
#define PTQ_LIB_TARGET_ONNX_OPERATORS_CODEPARAMETERS_H

#include "../Node.h"

namespace mlir::ptq::importer {

/// What holds codes.
struct CodeType {
  /// A signless integer.
  IntegerType storage;
  /// Whether the model's codes are unsigned.
  bool isUnsigned = false;

  bool operator==(const CodeType &other) const {
    return storage == other.storage && isUnsigned == other.isUnsigned;
  }
};

/// Which elements of a tensor share a scale, if there is more than one.
struct ScaleLayout {
  /// The dimension that the scales, or the blocks, lie along.
  int64_t axis = 0;
  /// 0 where there are no blocks.
  int64_t blockSize = 0;
};

/// Scales and zero points as operands of ptq.quantize and ptq.dequantize.
struct CodeParameters {
  Value scale;
  /// Null where they are 0.
  Value zeroPoint;
  IntegerAttr axis;
  DenseI64ArrayAttr blockSize;
};

/// Whether ptq.quantize and ptq.dequantize take floats of type `type`.
bool isQuantizableFloat(Type type);

/// Storage and sign of integers of type `type`.
CodeType getCodeType(Type type);

/// The type of the codes that have zero point `index`; i8 for unsigned bytes
/// where that is missing.
FailureOr<CodeType> readCodeType(Node &node, unsigned index);

/// Reads the scales at input `scale` and the zero points at input `zeroPoint`,
/// which may be missing, of a tensor of shape `shape` with codes of `type`.
/// Constant scales must be positive, unless `allowsAnySign`.
FailureOr<CodeParameters> readCodeParameters(Node &node, unsigned scale,
                                             unsigned zeroPoint,
                                             ArrayRef<int64_t> shape,
                                             CodeType type, ScaleLayout layout,
                                             bool allowsAnySign = false);

/// As `readCodeParameters`, with scales of 1.
FailureOr<CodeParameters> readUnscaledParameters(Node &node, unsigned zeroPoint,
                                                 ArrayRef<int64_t> shape,
                                                 CodeType type, int64_t axis);

/// Unsigned bytes and the parameters that they have been made with.
struct MeasuredCodes {
  Value codes;
  CodeParameters parameters;
};

/// Input 0 of `node`, which must be f32, as unsigned bytes with the parameters
/// that it asks for at run time. Errors are reported.
FailureOr<MeasuredCodes> quantizeByMeasuring(Node &node);

/// The codes of `input`.
Value createQuantize(TensorBuilder &builder, Value input,
                     const CodeParameters &parameters, CodeType type);

/// The values of `codes`, of the element type of the scale.
Value createDequantize(TensorBuilder &builder, Value codes,
                       const CodeParameters &parameters);

} // namespace mlir::ptq::importer

#endif // PTQ_LIB_TARGET_ONNX_OPERATORS_CODEPARAMETERS_H
