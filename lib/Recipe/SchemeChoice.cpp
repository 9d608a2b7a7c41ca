//===- SchemeChoice.cpp - What somebody asks of a scheme ------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Recipe/SchemeChoice.h"

using namespace mlir;
using namespace mlir::ptq;

bool mlir::ptq::isInteger(ActivationStorage storage) {
  return storage == ActivationStorage::I4 || storage == ActivationStorage::I8 ||
         storage == ActivationStorage::I16;
}

unsigned mlir::ptq::getWidth(ActivationStorage storage) {
  switch (storage) {
  case ActivationStorage::I4:
    return 4;
  case ActivationStorage::Auto:
  case ActivationStorage::I8:
    return 8;
  case ActivationStorage::I16:
  case ActivationStorage::F16:
  case ActivationStorage::BF16:
    return 16;
  case ActivationStorage::F32:
    return 32;
  }
  return 0;
}

unsigned mlir::ptq::getWidth(WeightStorage storage) {
  switch (storage) {
  case WeightStorage::I2:
    return 2;
  case WeightStorage::I4:
    return 4;
  case WeightStorage::I8:
    return 8;
  }
  return 0;
}

/// Lays an optional setting over another.
template <typename T>
static void overrideSetting(std::optional<T> &setting,
                            const std::optional<T> &later) {
  if (later)
    setting = later;
}

void SchemeChoice::overrideWith(const SchemeChoice &later) {
  if (later.kind && *later.kind != getKind())
    activations = {};
  if (later.weights.block.value_or(0) > 0)
    weights.granularity.reset();
  if (later.weights.granularity == WeightGranularity::Tensor)
    weights.block.reset();
  if (later.weights.storage)
    weights.bits.reset();
  overrideSetting(kind, later.kind);
  overrideSetting(weights.storage, later.weights.storage);
  overrideSetting(weights.bits, later.weights.bits);
  overrideSetting(weights.granularity, later.weights.granularity);
  overrideSetting(weights.block, later.weights.block);
  overrideSetting(weights.symmetry, later.weights.symmetry);
  overrideSetting(activations.storage, later.activations.storage);
  overrideSetting(activations.granularity, later.activations.granularity);
  overrideSetting(activations.symmetry, later.activations.symmetry);
  overrideSetting(estimator, later.estimator);
  overrideSetting(rounding, later.rounding);
  overrideSetting(equalization, later.equalization);
}

ActivationStorage SchemeChoice::getActivationStorage() const {
  ActivationStorage storage =
      activations.storage.value_or(ActivationStorage::Auto);
  if (storage != ActivationStorage::Auto)
    return storage;
  return getKind() == SchemeKind::WeightOnly ? ActivationStorage::F32
                                             : ActivationStorage::I8;
}

Symmetry SchemeChoice::getActivationSymmetry() const {
  switch (activations.symmetry.value_or(ActivationSymmetry::Auto)) {
  case ActivationSymmetry::Symmetric:
    return Symmetry::Symmetric;
  case ActivationSymmetry::Asymmetric:
    return Symmetry::Asymmetric;
  case ActivationSymmetry::Auto:
    break;
  }
  return getActivationStorage() == ActivationStorage::I16 ||
                 activations.granularity == ActivationGranularity::Block
             ? Symmetry::Symmetric
             : Symmetry::Asymmetric;
}

std::string SchemeChoice::findContradiction() const {
  SchemeKind scheme = getKind();
  if (scheme == SchemeKind::Float)
    return "";
  int64_t block = weights.block.value_or(0);
  if (block < 0)
    return "the block size must not be negative, got " + std::to_string(block);
  if (block > 0 && weights.granularity == WeightGranularity::Tensor)
    return "weights in blocks cannot share one scale per tensor";
  WeightStorage weightStorage = weights.storage.value_or(WeightStorage::I8);
  int64_t width = getWidth(weightStorage);
  int64_t bits = weights.bits.value_or(0);
  if (bits != 0 && (bits < 2 || bits > width))
    return "codes of '" + stringifyWeightStorage(weightStorage).str() +
           "' have 2 to " + std::to_string(width) + " bits, got " +
           std::to_string(bits);

  auto quoteScheme = [&] {
    return "scheme '" + stringifySchemeKind(scheme).str() + "'";
  };
  ActivationStorage storage = getActivationStorage();
  std::string name = stringifyActivationStorage(storage).str();
  if (scheme == SchemeKind::WeightOnly) {
    if (isInteger(storage))
      return quoteScheme() + " leaves activations in float, and cannot make " +
             "them '" + name + "'";
    if (activations.symmetry.value_or(ActivationSymmetry::Auto) !=
        ActivationSymmetry::Auto)
      return quoteScheme() + " leaves activations in float, where they have " +
             "no symmetry";
  } else if (!isInteger(storage)) {
    return quoteScheme() + " quantizes activations, and cannot leave them '" +
           name + "'; 'weight-only' does";
  }
  ActivationGranularity granularity =
      activations.granularity.value_or(ActivationGranularity::Tensor);
  if (scheme != SchemeKind::Dynamic &&
      granularity != ActivationGranularity::Tensor)
    return quoteScheme() + " has no scale for each " +
           stringifyActivationGranularity(granularity).str() +
           "; 'dynamic' has";
  if (granularity == ActivationGranularity::Block && block == 0)
    return "activations in blocks need weights in blocks, whose size they have";
  return "";
}
