//===- EmitObject.cpp - Machine code in a file ----------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Target/Object/EmitObject.h"
#include "CFunction.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/InitAllDialects.h"
#include "mlir/Target/LLVMIR/Dialect/All.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "mlir/Tools/mlir-translate/Translation.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Interpreter/ResourceData.h"
#include "ptq/MachineCode/TargetMachine.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/DiagnosticPrinter.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/Target/TargetMachine.h"

using namespace mlir;
using namespace mlir::ptq;

namespace {
/// Reports what LLVM says at the entry function.
class LLVMDiagnostics {
public:
  LLVMDiagnostics(llvm::LLVMContext &context, Location loc) : loc(loc) {
    context.setDiagnosticHandlerCallBack(handle, this);
  }

  bool hasErrors() const { return numErrors > 0; }

private:
  static void handle(const llvm::DiagnosticInfo *info, void *self) {
    auto &diagnostics = *static_cast<LLVMDiagnostics *>(self);
    std::string message;
    llvm::raw_string_ostream os(message);
    llvm::DiagnosticPrinterRawOStream printer(os);
    info->print(printer);
    if (info->getSeverity() == llvm::DS_Error) {
      ++diagnostics.numErrors;
      emitError(diagnostics.loc, "cannot be compiled: ") << message;
    } else if (info->getSeverity() == llvm::DS_Warning) {
      emitWarning(diagnostics.loc) << message;
    }
  }

  Location loc;
  unsigned numErrors = 0;
};
} // namespace

LogicalResult mlir::ptq::emitObject(ModuleOp original, raw_ostream &output,
                                    StringRef name,
                                    llvm::CodeGenFileType fileType) {
  // Resources are shared, so that a copy costs little.
  OwningOpRef<ModuleOp> module = original.clone();
  if (failed(verifyResourceData(*module)))
    return failure();
  FailureOr<EntryPoint> entry = EntryPoint::find(*module);
  if (failed(entry))
    return failure();
  FailureOr<CInterface> interface = CInterface::get(*entry, name);
  if (failed(interface))
    return failure();
  FailureOr<std::unique_ptr<llvm::TargetMachine>> machine =
      createTargetMachine(*entry);
  if (failed(machine) || failed(addCFunction(*module, *entry, *interface)))
    return failure();

  Location loc = entry->function.getLoc();
  llvm::LLVMContext context;
  LLVMDiagnostics diagnostics(context, loc);
  std::unique_ptr<llvm::Module> code =
      translateModuleToLLVMIR(*module, context, interface->name);
  if (!code)
    return failure();
  code->setTargetTriple((*machine)->getTargetTriple());
  code->setDataLayout((*machine)->createDataLayout());
  code->setPICLevel(llvm::PICLevel::BigPIC);
  if (llvm::Error error = makeOptimizer(**machine)(code.get()))
    return emitError(loc, "cannot be compiled: ")
           << llvm::toString(std::move(error));

  SmallVector<char> bytes;
  llvm::raw_svector_ostream stream(bytes);
  llvm::legacy::PassManager passes;
  if ((*machine)->addPassesToEmitFile(passes, stream, /*DwoOut=*/nullptr,
                                      fileType))
    return emitError(loc, "no such file can be written for '")
           << (*machine)->getTargetTriple().str() << "'";
  passes.run(*code);
  if (diagnostics.hasErrors())
    return failure();
  output.write(bytes.data(), bytes.size());
  return success();
}

void mlir::ptq::registerObjectDialects(DialectRegistry &registry) {
  // A module in another form is told so.
  registerAllDialects(registry);
  registry.insert<PTQDialect>();
  registerAllToLLVMIRTranslations(registry);
}

void mlir::ptq::registerObjectTranslations() {
  (void)getCNameOption();
  static TranslateFromMLIRRegistration object(
      "emit-object", "write a network in LLVM form as an object file",
      [](ModuleOp module, raw_ostream &output) {
        return emitObject(module, output, getCNameOption());
      },
      registerObjectDialects);
  static TranslateFromMLIRRegistration assembly(
      "emit-assembly", "write a network in LLVM form as assembly",
      [](ModuleOp module, raw_ostream &output) {
        return emitObject(module, output, getCNameOption(),
                          llvm::CodeGenFileType::AssemblyFile);
      },
      registerObjectDialects);
}
