//===- IntegerFolding.cpp - Arithmetic on constants of integers -----------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Exporters compute shapes by operators on constants and on the shapes of
// values. That is carried out here, with the batch as the one unknown.
//
//===----------------------------------------------------------------------===//

#include "IntegerFolding.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::ptq::importer;

bool mlir::ptq::importer::areConstantIntegers(const Node &node) {
  for (unsigned index = 0; index < node.getNumInputs(); ++index) {
    const ConstantTensor *constant = node.getConstantInput(index);
    if (!constant || !isa<IntegerType>(constant->getElementType()))
      return false;
  }
  return node.getNumInputs() > 0;
}

namespace {
/// The elements of an input, to be read as if broadcast.
struct BroadcastElements {
  SmallVector<int64_t> elements, strides;

  BroadcastElements(const ConstantTensor &constant, size_t rank)
      : elements(*constant.getIntegers()), strides(rank, 0) {
    ArrayRef<int64_t> shape = constant.getShape();
    size_t offset = rank - shape.size();
    for (auto [dim, stride] : llvm::enumerate(computeStrides(shape)))
      if (shape[dim] != 1)
        strides[offset + dim] = stride;
  }
  int64_t get(ArrayRef<int64_t> position) const {
    return elements[linearize(position, strides)];
  }
};
} // namespace

LogicalResult mlir::ptq::importer::foldIntegers(Node &node, IntegerFn function,
                                                Type elementType) {
  SmallVector<ArrayRef<int64_t>> shapes;
  for (unsigned index = 0; index < node.getNumInputs(); ++index)
    shapes.push_back(node.getConstantInput(index)->getShape());
  std::optional<SmallVector<int64_t>> shape = inferBroadcastShape(shapes);
  if (!shape)
    return node.emitError() << "the shapes of its constants do not fit";
  bool mayHoldBatch = false;
  SmallVector<BroadcastElements> inputs;
  for (unsigned index = 0; index < node.getNumInputs(); ++index) {
    const ConstantTensor *constant = node.getConstantInput(index);
    mayHoldBatch |= constant->holdsBatch();
    inputs.emplace_back(*constant, shape->size());
    if (!elementType && index + 1 == node.getNumInputs())
      elementType = constant->getElementType();
  }
  auto type = RankedTensorType::get(*shape, elementType);
  if (!ConstantTensor::mayFold(*shape))
    return node.emitError()
           << "computes a constant of impossible size, " << type;

  SmallVector<int64_t> strides = computeStrides(*shape), operands, results;
  for (int64_t index = 0; index < type.getNumElements(); ++index) {
    SmallVector<int64_t> position = delinearize(index, strides);
    operands.clear();
    for (const BroadcastElements &input : inputs)
      operands.push_back(input.get(position));
    std::optional<int64_t> result = function(operands);
    if (!result) {
      InFlightDiagnostic diag = node.emitError();
      diag << "a constant that it computes has no value";
      if (mayHoldBatch)
        diag << ", as the batch is symbolic; fix it with --batch";
      return diag;
    }
    results.push_back(*result);
  }
  mayHoldBatch &= elementType.isInteger(64);
  return node.setOutput(
      0, ConstantTensor::fromIntegers(node.getOutputName(0), type, results)
             .withBatch(mayHoldBatch));
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

static bool haveBatch(ArrayRef<int64_t> operands) {
  return llvm::is_contained(operands, ShapedType::kDynamic);
}

/// Integers wrap.
static int64_t wrap(uint64_t value) { return static_cast<int64_t>(value); }

std::optional<int64_t>
mlir::ptq::importer::addIntegers(ArrayRef<int64_t> operands) {
  int64_t lhs = operands[0], rhs = operands[1];
  if (lhs == 0 || rhs == 0)
    return lhs == 0 ? rhs : lhs;
  if (haveBatch(operands))
    return std::nullopt;
  return wrap(static_cast<uint64_t>(lhs) + static_cast<uint64_t>(rhs));
}

std::optional<int64_t>
mlir::ptq::importer::subtractIntegers(ArrayRef<int64_t> operands) {
  int64_t lhs = operands[0], rhs = operands[1];
  if (rhs == 0)
    return lhs;
  if (haveBatch(operands))
    return std::nullopt;
  return wrap(static_cast<uint64_t>(lhs) - static_cast<uint64_t>(rhs));
}

std::optional<int64_t>
mlir::ptq::importer::multiplyIntegers(ArrayRef<int64_t> operands) {
  int64_t lhs = operands[0], rhs = operands[1];
  if (lhs == 1 || rhs == 1)
    return lhs == 1 ? rhs : lhs;
  if (haveBatch(operands))
    return std::nullopt;
  return wrap(static_cast<uint64_t>(lhs) * static_cast<uint64_t>(rhs));
}

std::optional<int64_t>
mlir::ptq::importer::divideIntegers(ArrayRef<int64_t> operands) {
  int64_t lhs = operands[0], rhs = operands[1];
  if (rhs == 1)
    return lhs;
  if (rhs == 0 || haveBatch(operands))
    return std::nullopt;
  return lhs / rhs;
}

std::optional<int64_t>
mlir::ptq::importer::restOfIntegers(ArrayRef<int64_t> operands) {
  int64_t lhs = operands[0], rhs = operands[1];
  if (rhs == 1 || rhs == -1)
    return 0;
  if (rhs == 0 || haveBatch(operands))
    return std::nullopt;
  return lhs % rhs;
}

std::optional<int64_t>
mlir::ptq::importer::flooredRestOfIntegers(ArrayRef<int64_t> operands) {
  std::optional<int64_t> rest = restOfIntegers(operands);
  if (rest && *rest != 0 && (*rest < 0) != (operands[1] < 0))
    return *rest + operands[1];
  return rest;
}

std::optional<int64_t>
mlir::ptq::importer::minimizeIntegers(ArrayRef<int64_t> operands) {
  if (haveBatch(operands))
    return std::nullopt;
  return *llvm::min_element(operands);
}

std::optional<int64_t>
mlir::ptq::importer::maximizeIntegers(ArrayRef<int64_t> operands) {
  if (haveBatch(operands))
    return std::nullopt;
  return *llvm::max_element(operands);
}

/// A batch is at least 1.
std::optional<int64_t>
mlir::ptq::importer::equateIntegers(ArrayRef<int64_t> operands) {
  int64_t lhs = operands[0], rhs = operands[1];
  if (!haveBatch(operands))
    return lhs == rhs;
  int64_t other = ShapedType::isDynamic(lhs) ? rhs : lhs;
  if (ShapedType::isDynamic(other) || other > 0)
    return std::nullopt;
  return 0;
}
