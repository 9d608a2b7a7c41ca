//===- IntegerFolding.h - Arithmetic on constants of integers ---*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef PTQ_LIB_TARGET_ONNX_INTEGERFOLDING_H
#define PTQ_LIB_TARGET_ONNX_INTEGERFOLDING_H

#include "Node.h"

namespace mlir::ptq::importer {

/// Computes one element from one of each input; null where it has no value.
/// ShapedType::kDynamic stands for the batch.
using IntegerFn = function_ref<std::optional<int64_t>(ArrayRef<int64_t>)>;

/// Whether all inputs are constants of integers or booleans, so that the
/// operator belongs to the arithmetic on shapes.
bool areConstantIntegers(const Node &node);

/// Sets output 0 to `function` of the inputs, broadcast, which are constants of
/// integers. The element type is that of the last input unless given.
LogicalResult foldIntegers(Node &node, IntegerFn function,
                           Type elementType = Type());

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

// A symbolic batch stays as it is or has no value.
std::optional<int64_t> addIntegers(ArrayRef<int64_t> operands);
std::optional<int64_t> subtractIntegers(ArrayRef<int64_t> operands);
std::optional<int64_t> multiplyIntegers(ArrayRef<int64_t> operands);
/// Rounded to zero.
std::optional<int64_t> divideIntegers(ArrayRef<int64_t> operands);
/// What `divideIntegers` leaves, with the sign of the dividend.
std::optional<int64_t> restOfIntegers(ArrayRef<int64_t> operands);
/// What division rounded down leaves, with the sign of the divisor.
std::optional<int64_t> flooredRestOfIntegers(ArrayRef<int64_t> operands);
std::optional<int64_t> minimizeIntegers(ArrayRef<int64_t> operands);
std::optional<int64_t> maximizeIntegers(ArrayRef<int64_t> operands);
std::optional<int64_t> equateIntegers(ArrayRef<int64_t> operands);

} // namespace mlir::ptq::importer

#endif // PTQ_LIB_TARGET_ONNX_INTEGERFOLDING_H
