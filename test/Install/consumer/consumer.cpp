// A compiler of ten lines: quantizes a network and lowers it to LLVM.
#include "mlir/IR/BuiltinOps.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "ptq/InitAllDialects.h"
#include "ptq/InitAllExtensions.h"
#include "ptq/Pipelines/Calibrate.h"
#include "ptq/Pipelines/Lower.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  mlir::ptq::registerAllDialects(registry);
  mlir::ptq::registerAllExtensions(registry);
  mlir::MLIRContext context(registry);
  auto module = mlir::parseSourceFile<mlir::ModuleOp>(argv[1], &context);
  mlir::PassManager pm(&context);
  mlir::ptq::CalibrateOptions calibrate;
  calibrate.data = argv[2];
  mlir::ptq::populateCalibratePipeline(pm, calibrate);
  mlir::ptq::populateLowerPipeline(pm, mlir::ptq::LowerOptions());
  if (!module || failed(pm.run(*module)))
    return 1;
  module->print(llvm::outs());
  return 0;
}
