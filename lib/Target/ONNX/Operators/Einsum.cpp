//===- Einsum.cpp - Import of Einstein sums -------------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Operands are multiplied from the left, two at a time, as batches of matrix
// products: labels that both operands have and that are still wanted are the
// batch, those that nothing wants any more the depth.
//
//===----------------------------------------------------------------------===//

#include "../BatchMultiple.h"
#include "../OperatorRegistry.h"
#include "Elementwise.h"
#include "Products.h"
#include "Reduction.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace mlir::ptq::importer;

//===----------------------------------------------------------------------===//
// The equation
//===----------------------------------------------------------------------===//

/// A letter for each dimension of a tensor, none twice.
using Labels = std::string;

static bool has(StringRef labels, char label) { return labels.contains(label); }

namespace {
/// What the equation says.
struct Equation {
  SmallVector<Labels> operands;
  Labels result;
};

/// A tensor whose dimensions have names.
struct Labelled {
  Value value;
  Labels labels;

  int64_t getSize(char label) const {
    return getShape(value)[labels.find(label)];
  }
};
} // namespace

/// Without an arrow, the labels that occur once are those of the result, in
/// alphabetical order.
static Labels getImpliedResult(ArrayRef<Labels> operands) {
  std::string all = llvm::join(operands, "");
  Labels result;
  for (char label : all)
    if (StringRef(all).count(label) == 1)
      result.push_back(label);
  llvm::sort(result);
  return result;
}

static LogicalResult verifyLabels(Node &node, StringRef labels) {
  for (char label : labels) {
    if (label == '.')
      return node.emitError() << "an ellipsis is not supported";
    if (!llvm::isAlpha(label))
      return node.emitError() << "expected letters in the equation, got '"
                              << StringRef(&label, 1) << "'";
    if (labels.count(label) > 1)
      return node.emitError()
             << "a diagonal, '" << labels << "', is not supported";
  }
  return success();
}

static FailureOr<Equation> readEquation(Node &node) {
  std::string text;
  if (failed(node.readAttribute("equation", text)))
    return failure();
  text.erase(std::remove(text.begin(), text.end(), ' '), text.end());
  auto [left, right] = StringRef(text).split("->");
  Equation equation;
  for (StringRef labels : llvm::split(left, ','))
    equation.operands.push_back(labels.str());
  equation.result = StringRef(text).contains("->")
                        ? right.str()
                        : getImpliedResult(equation.operands);
  for (StringRef labels : equation.operands)
    if (failed(verifyLabels(node, labels)))
      return failure();
  if (failed(verifyLabels(node, equation.result)))
    return failure();
  if (equation.operands.size() != node.getNumInputs())
    return LogicalResult(node.emitError() << "has " << node.getNumInputs()
                                          << " inputs, the equation "
                                          << equation.operands.size());
  for (char label : equation.result)
    if (llvm::none_of(equation.operands,
                      [&](StringRef labels) { return has(labels, label); }))
      return LogicalResult(node.emitError()
                           << "no operand has the label '"
                           << StringRef(&label, 1) << "' of the result");
  return equation;
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

/// `tensor` with its dimensions in the order of `labels`, which are the same.
static Value inOrder(TensorBuilder &builder, const Labelled &tensor,
                     StringRef labels) {
  SmallVector<int64_t> permutation;
  for (char label : labels)
    permutation.push_back(tensor.labels.find(label));
  if (llvm::is_sorted(permutation))
    return tensor.value;
  return builder.createTranspose(tensor.value, permutation);
}

/// `tensor` summed over the labels that are not `wanted`.
static LogicalResult sumUnwanted(Node &node, StringRef wanted,
                                 Labelled &tensor) {
  SmallVector<int64_t> dimensions;
  Labels kept;
  for (auto [dim, label] : llvm::enumerate(tensor.labels)) {
    if (has(wanted, label))
      kept.push_back(label);
    else
      dimensions.push_back(dim);
  }
  if (dimensions.empty())
    return success();
  if (failed(verifyReducible(node, tensor.value, dimensions)))
    return failure();
  tensor.value = createSum(node.getBuilder(), tensor.value, dimensions);
  tensor.labels = kept;
  return success();
}

/// Checks that each label has one size.
static LogicalResult verifySizes(Node &node, ArrayRef<Labelled> operands) {
  SmallVector<Value> values;
  llvm::SmallDenseMap<char, int64_t> sizes;
  for (const Labelled &operand : operands) {
    values.push_back(operand.value);
    if (operand.labels.size() != getShape(operand.value).size())
      return node.emitError() << "'" << operand.labels << "' does not fit "
                              << operand.value.getType();
    for (char label : operand.labels) {
      int64_t size = operand.getSize(label);
      if (sizes.try_emplace(label, size).first->second != size)
        return node.emitError()
               << "the sizes of '" << StringRef(&label, 1) << "' differ";
    }
    if (getElementType(operand.value) != getElementType(values.front()))
      return node.emitError() << "inputs must have one element type";
  }
  if (!haveSameBatch(values))
    return node.emitError() << "the symbolic dimensions of its inputs differ";
  return success();
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

namespace {
/// What the labels of two operands are in their product.
struct ProductLabels {
  Labels batch, rows, columns, depth;

  ProductLabels(StringRef lhs, StringRef rhs, StringRef wanted) {
    for (char label : lhs) {
      if (!has(rhs, label))
        rows.push_back(label);
      else if (has(wanted, label))
        batch.push_back(label);
      else
        depth.push_back(label);
    }
    for (char label : rhs)
      if (!has(lhs, label))
        columns.push_back(label);
  }
};
} // namespace

/// The sizes of `labels` of `tensor`.
static SmallVector<int64_t> getSizes(const Labelled &tensor, StringRef labels) {
  SmallVector<int64_t> sizes;
  for (char label : labels)
    sizes.push_back(tensor.getSize(label));
  return sizes;
}

/// `tensor` as matrices: one dimension for each of `groups` of labels.
static Value asMatrices(TensorBuilder &builder, const Labelled &tensor,
                        ArrayRef<StringRef> groups) {
  SmallVector<int64_t> shape;
  for (StringRef group : groups) {
    int64_t size = 1;
    for (int64_t part : getSizes(tensor, group))
      size = ShapedType::isDynamic(part) || ShapedType::isDynamic(size)
                 ? ShapedType::kDynamic
                 : size * part;
    shape.push_back(size);
  }
  return builder.createReshape(inOrder(builder, tensor, llvm::join(groups, "")),
                               shape);
}

/// The product of two operands over the labels that neither `wanted` nor one of
/// them alone has.
static FailureOr<Labelled> multiply(Node &node, const Labelled &lhs,
                                    const Labelled &rhs, StringRef wanted) {
  TensorBuilder &builder = node.getBuilder();
  ProductLabels labels(lhs.labels, rhs.labels, wanted);
  for (char label : labels.depth)
    if (ShapedType::isDynamic(lhs.getSize(label)))
      return LogicalResult(node.emitError()
                           << "cannot sum over the symbolic batch; fix it with "
                              "--batch");
  Labelled result;
  result.labels = labels.batch + labels.rows + labels.columns;
  SmallVector<int64_t> shape = getSizes(lhs, labels.batch + labels.rows);
  llvm::append_range(shape, getSizes(rhs, labels.columns));
  if (llvm::count_if(shape, ShapedType::isDynamic) > 1)
    return LogicalResult(node.emitError()
                         << "has a result with two symbolic dimensions");
  if (labels.depth.empty()) {
    // Nothing is summed: the operands broadcast.
    SmallVector<int64_t> lhsShape = getSizes(lhs, labels.batch + labels.rows);
    lhsShape.append(labels.columns.size(), 1);
    SmallVector<int64_t> rhsShape = getSizes(rhs, labels.batch);
    rhsShape.append(labels.rows.size(), 1);
    llvm::append_range(rhsShape, getSizes(rhs, labels.columns));
    result.value = builder.createElementwise(
        {builder.createReshape(
             inOrder(builder, lhs, labels.batch + labels.rows), lhsShape),
         builder.createReshape(
             inOrder(builder, rhs, labels.batch + labels.columns), rhsShape)},
        createScalarOp<arith::MulFOp>);
    return result;
  }
  SmallVector<StringRef> lhsGroups = {labels.rows, labels.depth};
  SmallVector<StringRef> rhsGroups = {labels.depth, labels.columns};
  if (!labels.batch.empty())
    for (SmallVector<StringRef> *groups : {&lhsGroups, &rhsGroups})
      groups->insert(groups->begin(), labels.batch);
  FailureOr<Value> product =
      createMatMul(node, asMatrices(builder, lhs, lhsGroups),
                   asMatrices(builder, rhs, rhsGroups));
  if (failed(product))
    return failure();
  result.value = builder.createReshape(*product, shape);
  return result;
}

static LogicalResult importEinsum(Node &node) {
  FailureOr<Equation> equation = readEquation(node);
  if (failed(equation))
    return failure();
  SmallVector<Labelled> operands(node.getNumInputs());
  for (auto [index, operand] : llvm::enumerate(operands)) {
    operand.labels = equation->operands[index];
    if (failed(node.readFloatInput(index, operand.value)))
      return failure();
  }
  if (failed(verifySizes(node, operands)))
    return failure();

  Labelled result = operands.front();
  for (size_t next = 1; next <= operands.size(); ++next) {
    // What the result and the operands that are left ask for.
    auto rest = ArrayRef(equation->operands).drop_front(next);
    std::string wanted = equation->result + llvm::join(rest, "");
    if (failed(sumUnwanted(node, wanted, result)))
      return failure();
    if (next == operands.size())
      break;
    Labelled &operand = operands[next];
    auto later = rest.drop_front();
    std::string wantedLater = equation->result + llvm::join(later, "");
    if (failed(sumUnwanted(node, wantedLater + result.labels, operand)))
      return failure();
    FailureOr<Labelled> product = multiply(node, result, operand, wantedLater);
    if (failed(product))
      return failure();
    result = *product;
  }
  return node.setOutput(0,
                        inOrder(node.getBuilder(), result, equation->result));
}

void mlir::ptq::importer::populateEinsumImporters(OperatorRegistry &registry) {
  constexpr Range kAny{1, std::numeric_limits<int64_t>::max()};
  registry.add("Einsum", {{12, kMaxOpset}, kAny, importEinsum});
}
