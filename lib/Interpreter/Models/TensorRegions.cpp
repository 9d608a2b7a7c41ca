//===- TensorRegions.cpp - Parts of tensors -------------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TensorRegions.h"
#include "../CopyRuns.h"
#include "../Elementwise/Program.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>

using namespace mlir;
using namespace mlir::ptq;

TensorRegion mlir::ptq::getWholeRegion(ArrayRef<int64_t> shape) {
  return {SmallVector<int64_t>(shape.size(), 0), SmallVector<int64_t>(shape),
          SmallVector<int64_t>(shape.size(), 1)};
}

LogicalResult mlir::ptq::verifyRegion(Operation *op, const TensorRegion &region,
                                      ArrayRef<int64_t> shape) {
  for (auto [dim, offset, size, stride, extent] :
       llvm::enumerate(region.offsets, region.sizes, region.strides, shape)) {
    if (offset < 0 || size < 0)
      return op->emitError("slice of dimension ")
             << dim << " has offset " << offset << " and size " << size;
    int64_t last;
    bool overflow =
        llvm::MulOverflow(std::max<int64_t>(size - 1, 0), stride, last) ||
        llvm::AddOverflow(last, offset, last);
    bool inside = size == 0 ? offset <= extent
                            : offset < extent && last >= 0 && last < extent;
    if (overflow || !inside)
      return op->emitError("slice of ")
             << size << " elements from " << offset << " by " << stride
             << " is out of bounds for dimension " << dim << " of size "
             << extent;
  }
  return success();
}

namespace {
/// Rows of a slice, in elements. Those of the contiguous side lie next to each
/// other.
struct RegionRows {
  /// Where the first row begins on either side.
  int64_t strided, dense;
  /// Between elements and between rows of the strided side.
  int64_t step, pitch;
  int64_t length;
  int64_t count;
};
} // namespace

/// Walks through a slice of a tensor of `shape`, calling `copyRows(rows)`.
template <typename CopyRows>
static void walkRegion(ArrayRef<int64_t> shape, const TensorRegion &region,
                       CopyRows copyRows) {
  size_t rank = shape.size();
  if (llvm::is_contained(region.sizes, 0))
    return;
  SmallVector<int64_t> steps(rank);
  int64_t start = 0;
  int64_t pitch = 1;
  for (size_t dim = rank; dim-- > 0;) {
    start += region.offsets[dim] * pitch;
    steps[dim] = region.strides[dim] * pitch;
    pitch *= shape[dim];
  }
  // Trailing dimensions that lie next to each other are one row.
  SmallVector<int64_t> sizes(region.sizes);
  while (sizes.size() > 1 &&
         steps[sizes.size() - 2] == steps.back() * sizes.back()) {
    int64_t size = sizes.pop_back_val();
    int64_t step = steps.pop_back_val();
    sizes.back() *= size;
    steps.back() = step;
  }
  RegionRows rows = {start, 0, 1, 0, 1, 1};
  if (!sizes.empty()) {
    rows.length = sizes.pop_back_val();
    rows.step = steps.pop_back_val();
  }
  if (!sizes.empty()) {
    rows.count = sizes.pop_back_val();
    rows.pitch = steps.pop_back_val();
  }
  SmallVector<int64_t> indices(sizes.size(), 0);
  auto advance = [&] {
    for (size_t dim = sizes.size(); dim-- > 0;) {
      rows.strided += steps[dim];
      if (++indices[dim] < sizes[dim])
        return true;
      rows.strided -= sizes[dim] * steps[dim];
      indices[dim] = 0;
    }
    return false;
  };
  do {
    copyRows(rows);
    rows.dense += rows.length * rows.count;
  } while (advance());
}

void mlir::ptq::copyFromRegion(const TensorValue &source,
                               const TensorRegion &region,
                               TensorValue &target) {
  int64_t size = source.getElementByteSize();
  const char *from = source.getRawData().data();
  char *to = target.getMutableRawData().data();
  walkRegion(source.getShape(), region, [&](const RegionRows &rows) {
    int64_t bytes = rows.length * size;
    if (rows.step == 1)
      return copyRuns(to + rows.dense * size, bytes, from + rows.strided * size,
                      rows.pitch * size, bytes, rows.count);
    for (int64_t i = 0; i < rows.count; ++i)
      copyElements(to + rows.dense * size + i * bytes, 1,
                   from + (rows.strided + i * rows.pitch) * size, rows.step,
                   size, rows.length);
  });
}

void mlir::ptq::copyToRegion(const TensorValue &source,
                             const TensorRegion &region, TensorValue &target) {
  int64_t size = source.getElementByteSize();
  const char *from = source.getRawData().data();
  char *to = target.getMutableRawData().data();
  walkRegion(target.getShape(), region, [&](const RegionRows &rows) {
    int64_t bytes = rows.length * size;
    if (rows.step == 1)
      return copyRuns(to + rows.strided * size, rows.pitch * size,
                      from + rows.dense * size, bytes, bytes, rows.count);
    for (int64_t i = 0; i < rows.count; ++i)
      copyElements(to + (rows.strided + i * rows.pitch) * size, rows.step,
                   from + rows.dense * size + i * bytes, 1, size, rows.length);
  });
}

LogicalResult mlir::ptq::insertRegion(Operation *op, const TensorValue &source,
                                      const TensorRegion &region,
                                      TensorValue &target) {
  int64_t count = 1;
  for (int64_t size : region.sizes)
    count *= size;
  if (count != source.getNumElements())
    return op->emitError("inserts ")
           << source.getType() << " into a slice of " << count << " elements";
  if (failed(target.makeUnique()))
    return op->emitError("not enough memory for ") << target.getType();
  copyToRegion(source, region, target);
  return success();
}

void mlir::ptq::fillTensor(TensorValue &target, const TensorValue &scalar) {
  fillElements(target.getMutableRawData().data(), scalar.getRawData().data(),
               scalar.getElementByteSize(), target.getNumElements());
}

FailureOr<int64_t> mlir::ptq::getElementOffset(Operation *op,
                                               const EvaluationFrame &frame,
                                               const TensorValue &tensor,
                                               ValueRange indices) {
  int64_t offset = 0;
  for (auto [dim, value, size] : llvm::enumerate(indices, tensor.getShape())) {
    int64_t index = frame.getInteger(value);
    if (index < 0 || index >= size)
      return op->emitError("index ")
             << index << " is out of bounds for dimension " << dim << " of "
             << tensor.getType();
    offset = offset * size + index;
  }
  return offset;
}

FailureOr<SmallVector<TensorValue>>
mlir::ptq::evaluateWithIndices(EvaluationFrame &frame, Region &region,
                               ArrayRef<int64_t> indices) {
  Type indexType = IndexType::get(region.getContext());
  SmallVector<TensorValue> arguments;
  for (int64_t index : indices)
    arguments.push_back(TensorValue::fromScalar<int64_t>(indexType, index));
  return frame.evaluateRegion(region, arguments);
}

LogicalResult mlir::ptq::fillByRegion(EvaluationFrame &frame, Region &region,
                                      TensorValue &target) {
  SmallVector<int64_t> indices(target.getRank(), 0);
  int64_t size = target.getElementByteSize();
  char *to = target.getMutableRawData().data();
  for (int64_t i = 0, count = target.getNumElements(); i < count; ++i) {
    FailureOr<SmallVector<TensorValue>> element =
        evaluateWithIndices(frame, region, indices);
    if (failed(element))
      return failure();
    std::memcpy(to + i * size, element->front().getRawData().data(), size);
    for (int64_t dim = target.getRank() - 1; dim >= 0; --dim) {
      if (++indices[dim] < target.getShape()[dim])
        break;
      indices[dim] = 0;
    }
  }
  return success();
}
