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

/// The indices that `map` gives, as far as they are linear.
SmallVector<LoopNest::LinearForm, 4> LoopNest::getForms(AffineMap map,
                                                        bool &isLinear) const {
  SmallVector<LinearForm, 4> forms;
  isLinear = true;
  for (AffineExpr expr : map.getResults()) {
    LinearForm &form = forms.emplace_back();
    form.coefficients.assign(isReduction.size(), 0);
    isLinear &= succeeded(addScaled(form, expr, 1));
    if (auto dim = dyn_cast<AffineDimExpr>(expr))
      form.loop = dim.getPosition();
  }
  return forms;
}

/// Whether `map` has divisions, all of them by positive constants.
static bool hasPositiveDivisors(AffineMap map) {
  bool isPositive = map.getNumSymbols() == 0;
  bool divides = false;
  map.walkExprs([&](AffineExpr expr) {
    if (!llvm::is_contained({AffineExprKind::FloorDiv, AffineExprKind::CeilDiv,
                             AffineExprKind::Mod},
                            expr.getKind()))
      return;
    auto divisor =
        dyn_cast<AffineConstantExpr>(cast<AffineBinaryOpExpr>(expr).getRHS());
    isPositive &= divisor && divisor.getValue() > 0;
    divides = true;
  });
  return divides && isPositive;
}

/// The loops that `map` depends on.
static AffineMap getLoops(AffineMap map) {
  SmallVector<AffineExpr> loops;
  for (unsigned loop = 0; loop < map.getNumDims(); ++loop)
    if (map.isFunctionOfDim(loop))
      loops.push_back(getAffineDimExpr(loop, map.getContext()));
  return AffineMap::get(map.getNumDims(), 0, loops, map.getContext());
}

FailureOr<LoopNest> LoopNest::create(linalg::LinalgOp op) {
  LoopNest nest;
  for (utils::IteratorType type : op.getIteratorTypesArray())
    nest.isReduction.push_back(type == utils::IteratorType::reduction);
  for (OpOperand &operand : op->getOpOperands()) {
    AffineMap map = op.getMatchingIndexingMap(&operand);
    bool isLinear = false;
    SmallVector<LinearForm, 4> forms = nest.getForms(map, isLinear);
    if (!isLinear) {
      if (!op.isDpsInput(&operand) || !hasPositiveDivisors(map))
        return op->emitError("the interpreter runs linear indexing maps only, "
                             "got ")
               << AffineMapAttr::get(map);
      nest.dividedInputs.push_back({operand.getOperandNumber(), map});
      forms = nest.getForms(getLoops(map), isLinear);
    }
    nest.indices.push_back(std::move(forms));
  }
  return nest;
}

/// Finds the extent of every loop from the dimensions that it indexes alone.
LogicalResult LoopNest::inferSizes(Operation *op,
                                   ArrayRef<TensorValue> operands,
                                   MutableArrayRef<int64_t> sizes) const {
  llvm::fill(sizes, -1);
  for (auto [number, forms, operand] : llvm::enumerate(indices, operands)) {
    if (isDivided(number))
      continue;
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

/// Replaces `operand`, which is read at `map`, by its elements in the order of
/// the loops that the map depends on.
static LogicalResult gatherInLoopOrder(Operation *op, ArrayRef<int64_t> sizes,
                                       unsigned number, AffineMap map,
                                       TensorValue &operand) {
  SmallVector<int64_t> shape;
  SmallVector<unsigned> loops;
  for (auto [loop, size] : llvm::enumerate(sizes)) {
    if (!map.isFunctionOfDim(loop))
      continue;
    loops.push_back(loop);
    shape.push_back(size);
  }
  TensorValue gathered = TensorValue::allocateUninitialized(
      RankedTensorType::get(shape, operand.getElementType()));
  if (!gathered)
    return op->emitError("not enough memory");
  SmallVector<int64_t> position(sizes.size(), 0);
  size_t width = operand.getElementByteSize();
  const char *source = operand.getRawData().data();
  char *target = gathered.getMutableRawData().data();
  for (int64_t i = 0, e = gathered.getNumElements(); i < e; ++i) {
    int64_t offset = 0;
    for (auto [dim, index, size] :
         llvm::enumerate(map.compose(position), operand.getShape())) {
      if (index < 0 || index >= size)
        return op->emitError("index ")
               << index << " is out of bounds for dimension " << dim
               << " of operand " << number << ", which has the size " << size;
      offset = offset * size + index;
    }
    std::copy_n(source + offset * width, width, target + i * width);
    for (unsigned loop : llvm::reverse(loops)) {
      if (++position[loop] < sizes[loop])
        break;
      position[loop] = 0;
    }
  }
  operand = std::move(gathered);
  return success();
}

FailureOr<IterationSpace>
LoopNest::getSpace(Operation *op, MutableArrayRef<TensorValue> operands) const {
  IterationSpace space;
  space.sizes.resize(isReduction.size());
  space.isReduction = isReduction;
  if (failed(inferSizes(op, operands, space.sizes)))
    return failure();
  bool isEmpty = space.isEmpty();
  for (const DividedInput &input : dividedInputs)
    if (!isEmpty &&
        failed(gatherInLoopOrder(op, space.sizes, input.operand, input.map,
                                 operands[input.operand])))
      return failure();
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
