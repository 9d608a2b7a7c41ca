//===- BorderSums.cpp - What a border adds to sums ------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BorderSums.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::ptq;

/// What the dot product of `plan` reads in the border.
static int64_t getFactor(const DotPlan &plan) {
  int64_t code = plan.border->code;
  if (!plan.dot->unsignedA)
    return code;
  return static_cast<uint8_t>(plan.haveFlippedSigns ? code : code ^ INT8_MIN);
}

/// The sums of the packed weights in each place: for each number of rows of the
/// window, from none up to all, those of the first rows. Long sums wrap, like
/// the accumulators.
template <typename T>
static std::vector<uint32_t> sumFirstRows(const DotPlan &plan,
                                          const PackedWeights<T> &packed) {
  // The loop over rows is one of those around the runs.
  int64_t numRows = plan.border->numRows, innerSteps = 1;
  for (unsigned dim : llvm::reverse(plan.outerDims)) {
    if (dim == plan.border->windowDim)
      break;
    innerSteps *= plan.ranges[dim];
  }
  size_t numPlaces = packed.columnSums.size();
  int64_t outerSteps = plan.walk.getNumOuterSteps();
  int64_t steps = getNumSteps(plan.walk, plan.dot->factor);
  std::vector<uint32_t> sums((numRows + 1) * numPlaces, 0);
  const T *weight = packed.data.data();
  for (size_t block = 0; block < numPlaces; block += plan.dot->lanes)
    for (int64_t outer = 0; outer < outerSteps; ++outer) {
      int64_t row = outer / innerSteps % numRows;
      uint32_t *places = sums.data() + (row + 1) * numPlaces + block;
      for (int64_t step = 0; step < steps; ++step)
        for (int64_t lane = 0; lane < plan.dot->lanes; ++lane)
          for (int64_t i = 0; i < plan.dot->factor; ++i)
            places[lane] += *weight++;
    }
  for (size_t i = numPlaces; i < sums.size(); ++i)
    sums[i] += sums[i - numPlaces];
  return sums;
}

template <typename T>
BorderSums::BorderSums(RewriterBase &rewriter, const DotPlan &plan,
                       const PackedWeights<T> &packed,
                       SymbolTableCollection &symbols)
    : lanes(plan.dot->lanes) {
  if (!plan.border || getFactor(plan) == 0)
    return;
  numRows = plan.border->numRows;
  numPlaces = packed.columnSums.size();
  std::vector<uint32_t> sums = sumFirstRows(plan, packed);
  ArrayRef<uint32_t> all = ArrayRef(sums).take_back(numPlaces);
  std::vector<int32_t> first, others;
  for (auto [i, sum] : llvm::enumerate(sums)) {
    uint32_t factor = getFactor(plan);
    first.push_back(sum * factor);
    others.push_back((all[i % numPlaces] - sum) * factor);
  }
  llvm::append_range(first, others);
  table = createGlobalConstant<int32_t>(rewriter, plan.op, "border_sums", first,
                                        symbols);
}

template BorderSums::BorderSums(RewriterBase &, const DotPlan &,
                                const PackedWeights<int8_t> &,
                                SymbolTableCollection &);
template BorderSums::BorderSums(RewriterBase &, const DotPlan &,
                                const PackedWeights<int16_t> &,
                                SymbolTableCollection &);

Value BorderSums::load(OpBuilder &builder, Location loc, const LoopPart &inside,
                       Value place) const {
  auto type = VectorType::get({lanes}, builder.getI32Type());
  AffineExpr first = builder.getAffineDimExpr(0);
  AffineExpr size = builder.getAffineDimExpr(1);
  auto loadRow = [&](AffineExpr row) {
    Value address =
        applyExpr(builder, loc, row * numPlaces + builder.getAffineDimExpr(2),
                  {inside.first, inside.size, place});
    return vector::LoadOp::create(builder, loc, type, table, address);
  };
  return arith::AddIOp::create(builder, loc, loadRow(first),
                               loadRow(first + size + numRows + 1));
}
