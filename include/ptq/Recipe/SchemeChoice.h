//===- SchemeChoice.h - What somebody asks of a scheme ----------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Options of a pass and rules of a recipe say the same things about a scheme,
// and say them in part. Later choices are laid over earlier ones; what nobody
// has chosen gets its default in the end.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_RECIPE_SCHEMECHOICE_H
#define PTQ_RECIPE_SCHEMECHOICE_H

#include "ptq/Dialect/PTQ/IR/PTQEnums.h"
#include <cstdint>
#include <optional>
#include <string>

namespace mlir::ptq {

/// What is asked of weights.
struct WeightChoice {
  std::optional<WeightStorage> storage;
  /// The bits of a code, which may be fewer than the storage has; 0 for all.
  std::optional<int64_t> bits;
  std::optional<WeightGranularity> granularity;
  /// The number of weights along the reduction that share a scale; 0 for all.
  std::optional<int64_t> block;
  std::optional<Symmetry> symmetry;

  /// Whether anything is asked.
  explicit operator bool() const {
    return storage || bits || granularity || block || symmetry;
  }
};

/// What is asked of activations.
struct ActivationChoice {
  std::optional<ActivationStorage> storage;
  std::optional<ActivationGranularity> granularity;
  std::optional<ActivationSymmetry> symmetry;

  /// Whether anything is asked.
  explicit operator bool() const { return storage || granularity || symmetry; }
};

/// What is asked of a scheme.
struct SchemeChoice {
  std::optional<SchemeKind> kind;
  WeightChoice weights;
  ActivationChoice activations;
  std::optional<RangeEstimatorKind> estimator;
  std::optional<Rounding> rounding;
  std::optional<Equalization> equalization;

  /// Lays `later` over this choice: what it says counts, the rest stays, unless
  /// it cannot go with what is new. Where `later` asks for another kind of
  /// scheme, what was said of activations goes, for it was said about the old
  /// kind; blocks and one scale per tensor replace each other; and the bits of
  /// codes are those of their storage again where that is new.
  void overrideWith(const SchemeChoice &later);

  SchemeKind getKind() const { return kind.value_or(SchemeKind::Static); }

  /// The storage of activations: i8 by default, and f32 for weight-only.
  ActivationStorage getActivationStorage() const;

  /// The symmetry of activations: asymmetric by default, and symmetric for i16,
  /// which has codes to spare and sums that a zero point would make too large,
  /// and for blocks, each of which would have a zero point to take off.
  Symmetry getActivationSymmetry() const;

  /// Says in words which two of the things asked for exclude each other; empty
  /// if none do.
  std::string findContradiction() const;
};

/// Whether `storage` is an integer type.
bool isInteger(ActivationStorage storage);

/// The number of bits that `storage` takes.
unsigned getWidth(ActivationStorage storage);
unsigned getWidth(WeightStorage storage);

} // namespace mlir::ptq

#endif // PTQ_RECIPE_SCHEMECHOICE_H
