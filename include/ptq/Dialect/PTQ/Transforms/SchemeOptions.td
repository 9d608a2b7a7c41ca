//===- SchemeOptions.td - What a scheme is -----------------*- tablegen -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For the passes that choose schemes.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_DIALECT_PTQ_TRANSFORMS_SCHEMEOPTIONS_TD
#define PTQ_DIALECT_PTQ_TRANSFORMS_SCHEMEOPTIONS_TD

include "mlir/Pass/PassBase.td"

defvar schemeOptions = [
  Option<"scheme", "scheme", "::mlir::ptq::SchemeKind",
         "::mlir::ptq::SchemeKind::Static",
         "what is quantized: weights alone, or activations too, and when",
         "::mlir::ptq::EnumValues<::mlir::ptq::SchemeKind>()">,
  Option<"weights", "weights", "::mlir::ptq::WeightStorage",
         "::mlir::ptq::WeightStorage::I8", "what holds a weight",
         "::mlir::ptq::EnumValues<::mlir::ptq::WeightStorage>()">,
  Option<"weightsBits", "weights-bits", "int64_t", "0",
         "how many bits the codes of weights have; 0 for all of the storage">,
  Option<"weightsPer", "weights-per", "::mlir::ptq::WeightGranularity",
         "::mlir::ptq::WeightGranularity::Channel",
         "which weights share one scale",
         "::mlir::ptq::EnumValues<::mlir::ptq::WeightGranularity>()">,
  Option<"block", "block", "int64_t", "0",
         "how many weights along the reduction share one scale; 0 for all">,
  Option<"weightsSymmetry", "weights-symmetry", "::mlir::ptq::Symmetry",
         "::mlir::ptq::Symmetry::Symmetric",
         "where 0 lies among the codes of weights",
         "::mlir::ptq::EnumValues<::mlir::ptq::Symmetry>()">,
  Option<"activations", "activations", "::mlir::ptq::ActivationStorage",
         "::mlir::ptq::ActivationStorage::Auto",
         "what holds an activation; auto is i8, or f32 for weight-only",
         "::mlir::ptq::EnumValues<::mlir::ptq::ActivationStorage>()">,
  Option<"activationsPer", "activations-per",
         "::mlir::ptq::ActivationGranularity",
         "::mlir::ptq::ActivationGranularity::Tensor",
         "which activations share one scale; blocks have the size of those of "
         "the weights",
         "::mlir::ptq::EnumValues<::mlir::ptq::ActivationGranularity>()">,
  Option<"activationsSymmetry", "activations-symmetry",
         "::mlir::ptq::ActivationSymmetry",
         "::mlir::ptq::ActivationSymmetry::Auto",
         "where 0 lies among the codes of activations; auto is asymmetric, or "
         "symmetric for i16 and for blocks",
         "::mlir::ptq::EnumValues<::mlir::ptq::ActivationSymmetry>()">,
  Option<"method", "method", "::mlir::ptq::RangeEstimatorKind",
         "::mlir::ptq::RangeEstimatorKind::MinMax",
         "how ranges are chosen from statistics",
         "::mlir::ptq::EnumValues<::mlir::ptq::RangeEstimatorKind>()">,
  Option<"rounding", "rounding", "::mlir::ptq::Rounding",
         "::mlir::ptq::Rounding::Nearest", "how weights are rounded",
         "::mlir::ptq::EnumValues<::mlir::ptq::Rounding>()">,
  Option<"equalization", "equalization", "::mlir::ptq::Equalization",
         "::mlir::ptq::Equalization::None",
         "how the channels that an op reads are brought to like ranges",
         "::mlir::ptq::EnumValues<::mlir::ptq::Equalization>()">,
  Option<"recipe", "recipe", "std::string", "",
         "a JSON file of rules that choose schemes op by op">
];

#endif // PTQ_DIALECT_PTQ_TRANSFORMS_SCHEMEOPTIONS_TD
