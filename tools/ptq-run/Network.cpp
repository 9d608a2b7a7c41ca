//===- Network.cpp - A network from a file, and its results ---------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Network.h"
#include "Report.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Support/FileUtilities.h"
#include "ptq/Interpreter/ResourceData.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;
using namespace mlir::ptq;

FailureOr<OwningOpRef<ModuleOp>> mlir::ptq::readModule(MLIRContext &context,
                                                       StringRef path) {
  std::string error;
  std::unique_ptr<llvm::MemoryBuffer> file = openInputFile(path, &error);
  if (!file)
    return reportError(error);
  auto sources = std::make_shared<llvm::SourceMgr>();
  sources->AddNewSourceBuffer(std::move(file), SMLoc());
  OwningOpRef<ModuleOp> module =
      parseSourceFile<ModuleOp>(sources, ParserConfig(&context));
  if (!module || failed(verifyResourceData(*module)))
    return failure();
  return module;
}

FailureOr<SampleBatches> mlir::ptq::openBatches(const Engine &engine,
                                                const RunOptions &options) {
  int64_t batch = options.batch.value_or(1);
  FailureOr<SampleBatches> batches =
      SampleBatches::open(engine.getLoc(), engine.getSignature(), options.input,
                          options.samples, batch);
  if (succeeded(batches) && options.batch && batches->getBatchSize() != batch) {
    emitError(engine.getLoc(), "takes ")
        << batches->getBatchSize() << " samples in one call, not " << batch;
    return failure();
  }
  return batches;
}

FailureOr<Network> mlir::ptq::runNetwork(MLIRContext &context, StringRef path,
                                         const RunOptions &options) {
  FailureOr<OwningOpRef<ModuleOp>> module = readModule(context, path);
  if (failed(module))
    return failure();
  FailureOr<std::unique_ptr<Engine>> engine =
      Engine::create(options.engine, **module);
  if (failed(engine))
    return failure();
  FailureOr<SampleBatches> batches = openBatches(**engine, options);
  if (failed(batches))
    return failure();
  FailureOr<std::vector<NamedArray>> outputs = runSamples(**engine, *batches);
  if (failed(outputs))
    return failure();
  return Network{std::move(*module), std::move(*engine), std::move(*outputs),
                 batches->getNumSamples()};
}

void mlir::ptq::dequantize(
    const std::optional<InterfaceQuantization> &quantization,
    SampleResults &results) {
  if (!quantization)
    return;
  const QuantizationParameters &parameters = quantization->parameters;
  for (double &element : results.elements)
    element = dequantizeValue(static_cast<int64_t>(element), parameters.scale,
                              parameters.zeroPoint);
}

SampleResults Network::getResults(size_t index) const {
  const SignatureEntry &entry = engine->getSignature().outputs[index];
  NumpyArray array = outputs[index].second;
  // The result of a single call has no axis of samples.
  if (!entry.sampleAxis &&
      static_cast<int64_t>(array.shape.size()) == entry.type.getRank())
    array.shape.insert(array.shape.begin(), 1);
  SampleResults results =
      SampleResults::get(array, entry.sampleAxis.value_or(0));
  dequantize(entry.quantization, results);
  return results;
}
