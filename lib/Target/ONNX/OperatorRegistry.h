//===- OperatorRegistry.h - The importers of operators ----------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// To add an operator, write its importer in the file of its kind under
// Operators/ and list it in that file's `populate` function. Where operator set
// versions differ in more than what an attribute's presence tells, list one
// importer for each range of versions.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_TARGET_ONNX_OPERATORREGISTRY_H
#define PTQ_LIB_TARGET_ONNX_OPERATORREGISTRY_H

#include "Node.h"
#include "llvm/ADT/StringMap.h"

namespace mlir::ptq::importer {

/// The operator set versions that the importer knows.
inline constexpr int64_t kMinOpset = 7, kMaxOpset = 28;

/// The domain of the standard operators, and that of the operators that ONNX
/// Runtime adds to them, which has one version.
inline constexpr StringLiteral kStandardDomain = "ai.onnx";
inline constexpr StringLiteral kRuntimeDomain = "com.microsoft";

/// `domain`, which is empty for the standard one.
inline StringRef getFullDomain(StringRef domain) {
  return domain.empty() ? StringRef(kStandardDomain) : domain;
}

/// A closed range.
struct Range {
  int64_t first, last;
  bool contains(int64_t value) const { return first <= value && value <= last; }
};
inline constexpr Range kAllOpsets{kMinOpset, kMaxOpset};
inline constexpr Range kRuntimeOpset{1, 1};

/// How an operator of some versions is imported.
struct OperatorImporter {
  Range opsets;
  /// How many inputs the operator may have.
  Range numInputs;
  LogicalResult (*import)(Node &node);
  /// Whether results hold nothing but elements of inputs, by their order at
  /// most.
  bool movesElements = false;
};

/// The importers by domain and operator.
class OperatorRegistry {
public:
  /// All operators.
  OperatorRegistry();

  void add(StringRef name, OperatorImporter importer,
           StringRef domain = kStandardDomain) {
    importers[domain][name].push_back(importer);
  }

  /// Imports `node` by its operator's importer.
  LogicalResult import(Node &node) const;

private:
  llvm::StringMap<llvm::StringMap<SmallVector<OperatorImporter, 1>>> importers;
};

void populateActivationImporters(OperatorRegistry &registry);
void populateArithmeticImporters(OperatorRegistry &registry);
void populateBlockQuantizationImporters(OperatorRegistry &registry);
void populateCastImporters(OperatorRegistry &registry);
void populateConstantImporters(OperatorRegistry &registry);
void populateConvolutionImporters(OperatorRegistry &registry);
void populateEinsumImporters(OperatorRegistry &registry);
void populateElementGatherImporters(OperatorRegistry &registry);
void populateGatherImporters(OperatorRegistry &registry);
void populateLayerNormalizationImporters(OperatorRegistry &registry);
void populateLogicImporters(OperatorRegistry &registry);
void populateMatMulImporters(OperatorRegistry &registry);
void populateNormalizationImporters(OperatorRegistry &registry);
void populatePaddingImporters(OperatorRegistry &registry);
void populatePoolingImporters(OperatorRegistry &registry);
void populateQuantizationImporters(OperatorRegistry &registry);
void populateQuantizedProductImporters(OperatorRegistry &registry);
void populateQuantizedRuntimeImporters(OperatorRegistry &registry);
void populateReductionImporters(OperatorRegistry &registry);
void populateRepetitionImporters(OperatorRegistry &registry);
void populateResizeImporters(OperatorRegistry &registry);
void populateShapeImporters(OperatorRegistry &registry);
void populateSlicingImporters(OperatorRegistry &registry);
void populateSpaceAndDepthImporters(OperatorRegistry &registry);
void populateTransposedConvolutionImporters(OperatorRegistry &registry);
void populateUnaryMathImporters(OperatorRegistry &registry);

} // namespace mlir::ptq::importer

#endif // PTQ_LIB_TARGET_ONNX_OPERATORREGISTRY_H
