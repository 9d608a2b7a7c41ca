//===- IterationSpace.cpp - Loops and addresses of structured ops ---------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "IterationSpace.h"
#include "mlir/IR/AffineExpr.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::ptq;

//===----------------------------------------------------------------------===//
// LoopNest
//===----------------------------------------------------------------------===//

/// Adds `factor * expr` to `form`. Fails if it is not linear or overflows.
LogicalResult LoopNest::addScaled(LinearForm &form, AffineExpr expr,
                                  int64_t factor) {
  auto accumulate = [&](int64_t &target, int64_t value) {
    int64_t product;
    if (llvm::MulOverflow(value, factor, product) ||
        llvm::AddOverflow(target, product, target))
      return failure();
    return success();
  };
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return accumulate(form.constant, constant.getValue());
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return accumulate(form.coefficients[dim.getPosition()], 1);
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return failure();
  if (expr.getKind() == AffineExprKind::Add) {
    if (failed(addScaled(form, binary.getLHS(), factor)))
      return failure();
    return addScaled(form, binary.getRHS(), factor);
  }
  if (expr.getKind() != AffineExprKind::Mul)
    return failure();
  AffineExpr variable = binary.getLHS();
  auto scale = dyn_cast<AffineConstantExpr>(binary.getRHS());
  if (!scale) {
    scale = dyn_cast<AffineConstantExpr>(binary.getLHS());
    variable = binary.getRHS();
  }
  int64_t product;
  if (!scale || llvm::MulOverflow(scale.getValue(), factor, product))
    return failure();
  return addScaled(form, variable, product);
}

FailureOr<LoopNest> LoopNest::create(linalg::LinalgOp op) {
  LoopNest nest;
  for (utils::IteratorType type : op.getIteratorTypesArray())
    nest.isReduction.push_back(type == utils::IteratorType::reduction);
  for (AffineMap map : op.getIndexingMapsArray()) {
    SmallVector<LinearForm, 4> &forms = nest.indices.emplace_back();
    for (AffineExpr expr : map.getResults()) {
      LinearForm &form = forms.emplace_back();
      form.coefficients.assign(nest.isReduction.size(), 0);
      if (failed(addScaled(form, expr, 1)))
        return op->emitError("the interpreter runs linear indexing maps only, "
                             "got ")
               << AffineMapAttr::get(map);
      if (auto dim = dyn_cast<AffineDimExpr>(expr))
        form.loop = dim.getPosition();
    }
  }
  return nest;
}

/// Finds the extent of every loop from the dimensions that it indexes alone.
LogicalResult LoopNest::inferSizes(Operation *op,
                                   ArrayRef<TensorValue> operands,
                                   MutableArrayRef<int64_t> sizes) const {
  llvm::fill(sizes, -1);
  for (auto [forms, operand] : llvm::zip_equal(indices, operands)) {
    for (auto [form, size] : llvm::zip_equal(forms, operand.getShape())) {
      if (!form.loop)
        continue;
      int64_t &known = sizes[*form.loop];
      if (known >= 0 && known != size)
        return op->emitError("loop ")
               << *form.loop << " has " << known
               << " iterations by one operand and " << size << " by another";
      known = size;
    }
  }
  for (auto [loop, size] : llvm::enumerate(sizes))
    if (size < 0)
      return op->emitError("the number of iterations of loop ")
             << loop << " does not follow from the operands";
  return success();
}

/// Checks that `form` stays within [0, size) for all iterations.
LogicalResult LoopNest::checkBounds(Operation *op, const LinearForm &form,
                                    ArrayRef<int64_t> sizes, int64_t size,
                                    unsigned operand, unsigned dim) {
  int64_t smallest = form.constant;
  int64_t largest = form.constant;
  for (auto [coefficient, count] : llvm::zip_equal(form.coefficients, sizes)) {
    int64_t reach;
    int64_t &end = coefficient < 0 ? smallest : largest;
    if (llvm::MulOverflow(coefficient, count - 1, reach) ||
        llvm::AddOverflow(end, reach, end))
      return op->emitError("indices of operand ") << operand << " overflow";
  }
  if (smallest < 0 || largest >= size)
    return op->emitError("indices from ")
           << smallest << " to " << largest
           << " are out of bounds for dimension " << dim << " of operand "
           << operand << ", which has the size " << size;
  return success();
}

FailureOr<IterationSpace>
LoopNest::getSpace(Operation *op, ArrayRef<TensorValue> operands) const {
  IterationSpace space;
  space.sizes.resize(isReduction.size());
  space.isReduction = isReduction;
  if (failed(inferSizes(op, operands, space.sizes)))
    return failure();
  bool isEmpty = space.isEmpty();
  for (auto [index, forms, operand] : llvm::enumerate(indices, operands)) {
    Access &access = space.accesses.emplace_back();
    access.strides.assign(space.sizes.size(), 0);
    if (isEmpty)
      continue;
    int64_t stride = 1;
    ArrayRef<int64_t> shape = operand.getShape();
    for (int64_t dim = shape.size() - 1; dim >= 0; --dim) {
      const LinearForm &form = forms[dim];
      if (failed(checkBounds(op, form, space.sizes, shape[dim], index, dim)))
        return failure();
      access.offset += form.constant * stride;
      for (auto [loop, coefficient] : llvm::enumerate(form.coefficients))
        if (space.sizes[loop] > 1)
          access.strides[loop] += coefficient * stride;
      stride *= shape[dim];
    }
  }
  return space;
}

//===----------------------------------------------------------------------===//
// IterationSpace
//===----------------------------------------------------------------------===//

void IterationSpace::simplify() {
  auto erase = [&](unsigned loop) {
    sizes.erase(sizes.begin() + loop);
    isReduction.erase(isReduction.begin() + loop);
    for (Access &access : accesses)
      access.strides.erase(access.strides.begin() + loop);
  };
  for (unsigned loop = sizes.size(); loop-- > 0;)
    if (sizes[loop] == 1)
      erase(loop);
  for (unsigned loop = sizes.size(); loop-- > 1;) {
    unsigned outer = loop - 1;
    bool mergeable =
        isReduction[outer] == isReduction[loop] &&
        llvm::all_of(accesses, [&](const Access &access) {
          return access.strides[outer] == access.strides[loop] * sizes[loop];
        });
    if (!mergeable)
      continue;
    sizes[outer] *= sizes[loop];
    for (Access &access : accesses)
      access.strides[outer] = access.strides[loop];
    erase(loop);
  }
}

//===----------------------------------------------------------------------===//
// LoopCounter
//===----------------------------------------------------------------------===//

LoopCounter::LoopCounter(const IterationSpace &space, ArrayRef<unsigned> loops)
    : space(space), loops(loops), indices(loops.size(), 0),
      offsets(space.accesses.size(), 0) {}

bool LoopCounter::next() {
  for (unsigned position = loops.size(); position-- > 0;) {
    unsigned loop = loops[position];
    if (++indices[position] < space.sizes[loop]) {
      for (auto [offset, access] : llvm::zip_equal(offsets, space.accesses))
        offset += access.strides[loop];
      return true;
    }
    for (auto [offset, access] : llvm::zip_equal(offsets, space.accesses))
      offset -= (indices[position] - 1) * access.strides[loop];
    indices[position] = 0;
  }
  return false;
}
