//===- OperatorRegistry.cpp - The importers of operators ------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OperatorRegistry.h"

using namespace mlir;
using namespace mlir::ptq::importer;

OperatorRegistry::OperatorRegistry() {
  populateActivationImporters(*this);
  populateArithmeticImporters(*this);
  populateBlockQuantizationImporters(*this);
  populateCastImporters(*this);
  populateConstantImporters(*this);
  populateConvolutionImporters(*this);
  populateEinsumImporters(*this);
  populateElementGatherImporters(*this);
  populateGatherImporters(*this);
  populateLayerNormalizationImporters(*this);
  populateLogicImporters(*this);
  populateMatMulImporters(*this);
  populateNormalizationImporters(*this);
  populatePaddingImporters(*this);
  populatePoolingImporters(*this);
  populateQuantizationImporters(*this);
  populateQuantizedProductImporters(*this);
  populateQuantizedRuntimeImporters(*this);
  populateReductionImporters(*this);
  populateRepetitionImporters(*this);
  populateResizeImporters(*this);
  populateShapeImporters(*this);
  populateSlicingImporters(*this);
  populateSpaceAndDepthImporters(*this);
  populateTransposedConvolutionImporters(*this);
  populateUnaryMathImporters(*this);
}

LogicalResult OperatorRegistry::import(Node &node) const {
  auto domain = importers.find(node.getDomain());
  ArrayRef<OperatorImporter> candidates;
  if (domain != importers.end())
    if (auto it = domain->second.find(node.getOperator());
        it != domain->second.end())
      candidates = it->second;
  if (candidates.empty())
    return node.emitError() << "unsupported operator '" << node.getOperator()
                            << "' of domain '" << node.getDomain() << "'";
  if (node.getOpset() == 0)
    return node.emitError() << "the model names no version of the operator set "
                               "'"
                            << node.getDomain() << "'";
  for (const OperatorImporter &importer : candidates) {
    if (!importer.opsets.contains(node.getOpset()))
      continue;
    auto [fewest, most] = importer.numInputs;
    if (!importer.numInputs.contains(node.getNumInputs())) {
      InFlightDiagnostic diag = node.emitError();
      diag << "has " << node.getNumInputs() << " inputs, expected " << fewest;
      if (most != fewest)
        diag << " to " << most;
      return diag;
    }
    if (importer.movesElements)
      node.allowUnsigned();
    if (failed(importer.import(node)) || failed(node.verifyAllAttributesUsed()))
      return failure();
    return node.finishOutputs();
  }
  return node.emitError() << "unsupported operator '" << node.getOperator()
                          << "' of operator set " << node.getOpset();
}
