//===- ParameterLayout.cpp - What shares a scale and zero point -----------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Quantization/ParameterLayout.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>

using namespace mlir;
using namespace mlir::ptq;

ParameterLayout::ParameterLayout(ArrayRef<int64_t> shape,
                                 ArrayRef<int64_t> blocks,
                                 ArrayRef<int64_t> parameterShape)
    : parameterShape(parameterShape) {
  if (llvm::any_of(shape, [](int64_t size) { return size < 0; })) {
    // Nothing can be visited.
    sizes.push_back(0);
    this->blocks.push_back(1);
    return;
  }
  auto isWhole = [](int64_t size, int64_t block) { return size <= block; };
  for (auto [size, block] : llvm::zip_equal(shape, blocks)) {
    bool joins =
        !sizes.empty() &&
        ((isWhole(size, block) && isWhole(sizes.back(), this->blocks.back())) ||
         (block == 1 && this->blocks.back() == 1));
    if (!joins) {
      sizes.push_back(size);
      this->blocks.push_back(block);
      continue;
    }
    bool wasWhole = isWhole(sizes.back(), this->blocks.back());
    sizes.back() *= size;
    if (isWhole(size, block) && wasWhole)
      this->blocks.back() = std::max<int64_t>(sizes.back(), 1);
  }
  if (sizes.empty()) {
    sizes.push_back(1);
    this->blocks.push_back(1);
  }
}

ParameterLayout ParameterLayout::perTensor(ArrayRef<int64_t> shape) {
  SmallVector<int64_t> blocks(shape);
  for (int64_t &block : blocks)
    block = std::max<int64_t>(block, 1);
  return ParameterLayout(shape, blocks, {});
}

ParameterLayout ParameterLayout::alongAxis(ArrayRef<int64_t> shape,
                                           int64_t axis) {
  SmallVector<int64_t> blocks(shape);
  blocks[axis] = 1;
  for (int64_t &block : blocks)
    block = std::max<int64_t>(block, 1);
  return ParameterLayout(shape, blocks, shape[axis]);
}

ParameterLayout ParameterLayout::inBlocks(ArrayRef<int64_t> shape,
                                          ArrayRef<int64_t> blocks) {
  SmallVector<int64_t> parameterShape;
  for (auto [size, block] : llvm::zip_equal(shape, blocks))
    parameterShape.push_back(
        size < 0 ? size : static_cast<int64_t>(llvm::divideCeil(size, block)));
  return ParameterLayout(shape, blocks, parameterShape);
}

int64_t ParameterLayout::getNumParameters() const {
  int64_t count = 1;
  for (int64_t size : parameterShape)
    count *= size;
  return count;
}

void ParameterLayout::forEachRun(
    function_ref<void(const ElementRun &)> visit) const {
  if (llvm::is_contained(sizes, 0))
    return;
  int64_t rowSize = sizes.back();
  int64_t rowBlock = blocks.back();
  int64_t rowParameters = llvm::divideCeil(rowSize, rowBlock);
  ArrayRef<int64_t> outer = ArrayRef<int64_t>(sizes).drop_back();
  SmallVector<int64_t> index(outer.size(), 0);
  int64_t begin = 0;
  while (true) {
    int64_t parameter = 0;
    for (auto [dim, position] : llvm::enumerate(index))
      parameter = parameter * llvm::divideCeil(sizes[dim], blocks[dim]) +
                  position / blocks[dim];
    parameter *= rowParameters;
    if (rowBlock == 1) {
      visit({begin, rowSize, parameter, /*stride=*/1});
    } else {
      for (int64_t at = 0; at < rowSize; at += rowBlock)
        visit({begin + at, std::min(rowBlock, rowSize - at), parameter++,
               /*stride=*/0});
    }
    begin += rowSize;
    int64_t dim = static_cast<int64_t>(outer.size()) - 1;
    for (; dim >= 0; --dim) {
      if (++index[dim] < outer[dim])
        break;
      index[dim] = 0;
    }
    if (dim < 0)
      return;
  }
}
