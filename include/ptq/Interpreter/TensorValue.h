//===- TensorValue.h - Tensors of the interpreter ---------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A tensor with its numbers: a static shape over a reference-counted blob.
//
// The blob is the one that `dense_resource` uses, so weights are borrowed from
// the IR and results become resources without a copy. Copying a TensorValue
// shares the blob; writing to a shared or borrowed one clones it first.
//
// Elements lie in row-major order, each in the smallest of 1, 2, 4 or 8 bytes
// that holds it:
//
// | element type     | in memory                                            |
// |------------------|------------------------------------------------------|
// | i1               | uint8_t, 0 or 1                                      |
// | i2 ... i64       | int8_t to int64_t, sign-extended; i4 codes lie one   |
// |                  | to a byte (packing is the business of ptq.unpack)    |
// | index            | int64_t                                              |
// | f16, bf16        | uint16_t, the bits                                   |
// | f32, f64         | float, double                                        |
//
// Scalars are tensors of rank 0, vectors are tensors of their shape.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_INTERPRETER_TENSORVALUE_H
#define PTQ_INTERPRETER_TENSORVALUE_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Diagnostics.h"
#include <memory>
#include <optional>

namespace mlir::ptq {

/// The bytes that one element of `type` takes in a TensorValue; nullopt if the
/// interpreter has no representation for it.
std::optional<unsigned> getElementByteSize(Type type);

/// The type of the TensorValue that holds a value of `type`: a tensor or vector
/// itself, a scalar as a tensor of rank 0. Null if there is no representation.
/// Dynamic dimensions stay dynamic.
RankedTensorType getTensorTypeOf(Type type);

/// A tensor of static shape and its elements. Null when default-constructed.
class TensorValue {
public:
  TensorValue() = default;

  /// A new tensor of `type`, whose shape must be static; the elements are zero.
  /// Null if the element type is not supported or the memory is not there.
  static TensorValue allocate(RankedTensorType type);

  /// As `allocate`, but the elements have any value. For results that are
  /// written entirely.
  static TensorValue allocateUninitialized(RankedTensorType type);

  /// The tensor or scalar that `attr` denotes. Dense attributes and resources
  /// are borrowed and must outlive the value (they live as long as the context,
  /// a resource as long as nobody replaces it). Reports through `emitError` a
  /// resource that is missing or of the wrong size, and what the interpreter
  /// cannot represent.
  static FailureOr<TensorValue>
  fromAttribute(TypedAttr attr, function_ref<InFlightDiagnostic()> emitError);

  /// A tensor of rank 0 that holds `value`. The type of the element is `type`,
  /// of which T must be the representation.
  template <typename T>
  static TensorValue fromScalar(Type type, T value) {
    TensorValue result =
        allocateUninitialized(RankedTensorType::get(/*shape=*/{}, type));
    if (result)
      result.getMutableData<T>()[0] = value;
    return result;
  }

  explicit operator bool() const { return static_cast<bool>(type); }

  RankedTensorType getType() const { return type; }
  Type getElementType() const { return type.getElementType(); }
  ArrayRef<int64_t> getShape() const { return type.getShape(); }
  int64_t getRank() const { return type.getRank(); }
  int64_t getNumElements() const { return type.getNumElements(); }
  unsigned getElementByteSize() const { return elementByteSize; }

  /// The elements. T must be as large as they are.
  template <typename T>
  ArrayRef<T> getData() const {
    assert(sizeof(T) == elementByteSize && "T is not what the tensor holds");
    ArrayRef<char> raw = getRawData();
    return ArrayRef<T>(reinterpret_cast<const T *>(raw.data()),
                       raw.size() / sizeof(T));
  }

  /// The elements for writing. Clones them first if anybody else sees them;
  /// empty if the memory for that is not there.
  template <typename T>
  MutableArrayRef<T> getMutableData() {
    assert(sizeof(T) == elementByteSize && "T is not what the tensor holds");
    MutableArrayRef<char> raw = getMutableRawData();
    return MutableArrayRef<T>(reinterpret_cast<T *>(raw.data()),
                              raw.size() / sizeof(T));
  }

  ArrayRef<char> getRawData() const;
  MutableArrayRef<char> getMutableRawData();

  /// Makes the elements writable: clones them if they are shared or borrowed.
  /// Fails if the memory for that is not there.
  LogicalResult makeUnique();

  /// Whether writing would not clone.
  bool isUnique() const;

  /// The same elements in another shape of as many elements and the same
  /// element size.
  TensorValue withType(RankedTensorType newType) const;

  /// This tensor as a constant of the IR: a resource called `name`, made unique
  /// by a suffix where the name is taken. The elements are shared, not copied.
  DenseResourceElementsAttr toResource(StringRef name) const;

  /// This tensor as a `dense<...>` attribute. For small tensors.
  DenseElementsAttr toDenseElements() const;

  /// This tensor of rank 0 as the attribute of an `arith.constant` of scalar
  /// type. Null for other ranks.
  TypedAttr toScalarAttr() const;

private:
  TensorValue(RankedTensorType type, std::shared_ptr<AsmResourceBlob> blob);

  RankedTensorType type;
  unsigned elementByteSize = 0;
  std::shared_ptr<AsmResourceBlob> blob;
};

} // namespace mlir::ptq

#endif // PTQ_INTERPRETER_TENSORVALUE_H
