//===- ReshapePlan.cpp - Reshapes as collapse and expand ------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ReshapePlan.h"
#include "mlir/IR/BuiltinTypeInterfaces.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <numeric>

using namespace mlir;
using namespace mlir::ptq::importer;

namespace {
/// A product of dimensions: `factor`, times an unknown size if `isDynamic`.
struct Extent {
  int64_t factor;
  bool isDynamic;

  bool operator!=(const Extent &other) const {
    return factor != other.factor || isDynamic != other.isDynamic;
  }
  /// Whether this product can still grow into `other` rather than the other
  /// way round.
  bool operator<(const Extent &other) const {
    return isDynamic != other.isDynamic ? other.isDynamic
                                        : factor < other.factor;
  }
  Extent operator*(const Extent &other) const {
    return {factor * other.factor, isDynamic || other.isDynamic};
  }
};

/// One of the two shapes, walked from its first dimension.
class Walk {
public:
  Walk(ArrayRef<int64_t> shape, int64_t dynamicFactor)
      : shape(shape), dynamicFactor(dynamicFactor) {}

  bool atEnd() const { return next == static_cast<int64_t>(shape.size()); }
  Extent takeInto(ReassociationIndices &group) {
    group.push_back(next);
    int64_t size = shape[next++];
    return ShapedType::isDynamic(size) ? Extent{dynamicFactor, true}
                                       : Extent{size, false};
  }

private:
  ArrayRef<int64_t> shape;
  int64_t dynamicFactor;
  int64_t next = 0;
};
} // namespace

/// The product of the static dimensions; 0 if it is out of range.
static int64_t getStaticProduct(ArrayRef<int64_t> shape) {
  int64_t product = 1;
  for (int64_t size : shape)
    if (!ShapedType::isDynamic(size) &&
        llvm::MulOverflow(product, size, product))
      return 0;
  return product;
}

std::optional<ReshapePlan>
mlir::ptq::importer::planReshape(ArrayRef<int64_t> source,
                                 ArrayRef<int64_t> target) {
  int64_t numDynamic = llvm::count_if(source, ShapedType::isDynamic);
  int64_t sourceProduct = getStaticProduct(source);
  int64_t targetProduct = getStaticProduct(target);
  if (numDynamic > 1 ||
      numDynamic != llvm::count_if(target, ShapedType::isDynamic) ||
      sourceProduct <= 0 || targetProduct <= 0 ||
      (numDynamic == 0 && sourceProduct != targetProduct))
    return std::nullopt;

  // With an unknown u, the dynamic sizes are u * targetProduct / divisor before
  // and u * sourceProduct / divisor after.
  int64_t divisor = std::gcd(sourceProduct, targetProduct), largest;
  if (llvm::MulOverflow(sourceProduct / divisor, targetProduct, largest))
    return std::nullopt;
  Walk before(source, targetProduct / divisor);
  Walk after(target, sourceProduct / divisor);
  ReshapePlan plan;
  while (!before.atEnd() && !after.atEnd()) {
    ReassociationIndices sourceGroup, targetGroup;
    Extent sourceExtent = before.takeInto(sourceGroup);
    Extent targetExtent = after.takeInto(targetGroup);
    while (sourceExtent != targetExtent) {
      bool takeSource = sourceExtent < targetExtent;
      if (takeSource ? before.atEnd() : after.atEnd())
        return std::nullopt;
      if (takeSource)
        sourceExtent = sourceExtent * before.takeInto(sourceGroup);
      else
        targetExtent = targetExtent * after.takeInto(targetGroup);
    }
    plan.groups.push_back(sourceExtent.isDynamic ? ShapedType::kDynamic
                                                 : sourceExtent.factor);
    plan.source.push_back(sourceGroup);
    plan.target.push_back(targetGroup);
  }
  // What is left is of size 1 and joins the last group. Without a group, all
  // dimensions are of size 1 and collapse into a scalar.
  ReassociationIndices rest;
  while (!before.atEnd())
    before.takeInto(plan.groups.empty() ? rest : plan.source.back());
  while (!after.atEnd())
    after.takeInto(plan.groups.empty() ? rest : plan.target.back());
  plan.collapses = plan.groups.size() != source.size();
  plan.expands = plan.groups.size() != target.size();
  return plan;
}
