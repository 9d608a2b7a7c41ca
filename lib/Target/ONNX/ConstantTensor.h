//===- ConstantTensor.h - Constants of an ONNX graph ------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Initializers and constant nodes are kept outside of the IR until an op needs
// them as a value, because many of them are only read by the importer (shapes,
// axes) or are changed first (transposed weights, folded batch norms).
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_TARGET_ONNX_CONSTANTTENSOR_H
#define PTQ_LIB_TARGET_ONNX_CONSTANTTENSOR_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/MemoryBuffer.h"
#include <memory>
#include <string>

namespace onnx {
class TensorProto;
} // namespace onnx

namespace mlir::ptq::importer {

/// The MLIR type of elements of the ONNX element type `code`, null if there is
/// none. ONNX's unsigned integers keep their sign here.
Type getElementType(int32_t code, MLIRContext *context);

/// The name of the ONNX element type `code`, for messages.
std::string getElementTypeName(int32_t code);

/// A tensor whose elements are known: row-major, little-endian, booleans and
/// integers of four bits in bytes. Copies share the elements.
class ConstantTensor {
public:
  ConstantTensor(std::string name, RankedTensorType type, ArrayRef<char> data,
                 std::shared_ptr<const void> owner = nullptr)
      : name(std::move(name)), type(type), data(data), owner(std::move(owner)) {
  }

  /// A tensor of floats or integers, rounded from `values`.
  static ConstantTensor fromDoubles(StringRef name, RankedTensorType type,
                                    ArrayRef<double> values);
  /// A tensor of integers or booleans, which take the low bits of `values`.
  static ConstantTensor fromIntegers(StringRef name, RankedTensorType type,
                                     ArrayRef<int64_t> values);
  /// `parts`, at least one, of equal types but for dimension `axis`, one after
  /// the other.
  static ConstantTensor
  concatenated(StringRef name, ArrayRef<ConstantTensor> parts, int64_t axis);

  StringRef getName() const { return name; }
  RankedTensorType getType() const { return type; }
  Type getElementType() const { return type.getElementType(); }
  ArrayRef<int64_t> getShape() const { return type.getShape(); }
  int64_t getRank() const { return type.getRank(); }
  ArrayRef<char> getRawData() const { return data; }

  /// The elements, if they are floats.
  FailureOr<SmallVector<double>> getDoubles() const;
  /// The elements, if they are integers or booleans.
  FailureOr<SmallVector<int64_t>> getIntegers() const;

  /// Integers less half of their range if they are unsigned, as signed ones.
  ConstantTensor shiftedToSigned() const;

  /// The same elements in another shape of as many elements.
  ConstantTensor reshaped(ArrayRef<int64_t> shape) const;
  /// Dimension i of the result is dimension permutation[i] of this.
  ConstantTensor transposed(ArrayRef<int64_t> permutation) const;
  /// Position i along `axis` of the result is position positions[i] of this.
  ConstantTensor taken(int64_t axis, ArrayRef<int64_t> positions) const;

  /// Whether the importer should make a constant of `shape`, rather than an op
  /// that does: it is not too large.
  static bool mayFold(ArrayRef<int64_t> shape);

  /// Whether an element stands for the batch where that is symbolic. Such
  /// elements are ShapedType::kDynamic; other tensors may hold that number too.
  bool holdsBatch() const;
  /// The same tensor of i64, with elements that may stand for the batch.
  ConstantTensor withBatch(bool value = true) const;

private:
  std::string name;
  RankedTensorType type;
  ArrayRef<char> data;
  /// Keeps `data` alive; null where that is the model itself.
  std::shared_ptr<const void> owner;
  bool mayHoldBatch = false;
};

/// Decodes tensors of a model, also those whose data is in other files.
class TensorReader {
public:
  TensorReader(MLIRContext *context, std::string directory)
      : context(context), directory(std::move(directory)) {}

  /// Decodes `proto`, which must outlive the result. `emitError` is called on
  /// bad data.
  FailureOr<ConstantTensor> read(const ::onnx::TensorProto &proto,
                                 StringRef name,
                                 function_ref<InFlightDiagnostic()> emitError);

private:
  FailureOr<ConstantTensor>
  readExternal(const ::onnx::TensorProto &proto, StringRef name,
               RankedTensorType type, uint64_t numBytes,
               function_ref<InFlightDiagnostic()> emitError);

  MLIRContext *context;
  std::string directory;
  llvm::StringMap<std::shared_ptr<llvm::MemoryBuffer>> files;
};

} // namespace mlir::ptq::importer

#endif // PTQ_LIB_TARGET_ONNX_CONSTANTTENSOR_H
