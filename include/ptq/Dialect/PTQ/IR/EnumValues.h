//===- EnumValues.h - Command-line values from ODS enums --------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_DIALECT_PTQ_IR_ENUMVALUES_H
#define PTQ_DIALECT_PTQ_IR_ENUMVALUES_H

#include "ptq/Dialect/PTQ/IR/PTQEnums.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <utility>

namespace mlir::ptq {

/// Further names of the cases of an ODS enum, for users who know them by those.
template <typename EnumT>
inline llvm::ArrayRef<std::pair<llvm::StringLiteral, EnumT>> getEnumAliases() {
  return {};
}

/// What TensorRT and its followers call entropy calibration minimizes the
/// Kullback-Leibler divergence.
template <>
inline llvm::ArrayRef<std::pair<llvm::StringLiteral, RangeEstimatorKind>>
getEnumAliases() {
  static constexpr std::pair<llvm::StringLiteral, RangeEstimatorKind>
      kAliases[] = {{"trt-entropy", RangeEstimatorKind::KL}};
  return kAliases;
}

/// A modifier of llvm::cl options that offers every case of an ODS enum under
/// the name that ODS gives it, so that names are written down once, and under
/// its aliases. The cases must be numbered 0, 1, 2...
template <typename EnumT>
struct EnumValues {
  template <typename OptionT>
  void apply(OptionT &option) const {
    for (uint32_t raw = 0;; ++raw) {
      auto value = static_cast<EnumT>(raw);
      llvm::StringRef name = stringifyEnum(value);
      if (name.empty())
        break;
      option.getParser().addLiteralOption(name, value, "");
    }
    for (auto [name, value] : getEnumAliases<EnumT>())
      option.getParser().addLiteralOption(name, value, "");
  }
};

} // namespace mlir::ptq

#endif // PTQ_DIALECT_PTQ_IR_ENUMVALUES_H
