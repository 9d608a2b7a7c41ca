//===- Bufferize.cpp - Tensors become buffers -------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotAnalysis.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotModuleBufferize.h"
#include "mlir/Dialect/Bufferization/Transforms/Transforms.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Dominance.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/SubsetOpInterface.h"
#include "mlir/Support/DebugStringHelper.h"
#include "mlir/Transforms/CSE.h"
#include "ptq/CodeGen/Passes.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;
using namespace mlir::ptq;

namespace mlir::ptq {
#define GEN_PASS_DEF_BUFFERIZEPASS
#include "ptq/CodeGen/Passes.h.inc"
} // namespace mlir::ptq

namespace {

bufferization::OneShotBufferizationOptions getBufferizationOptions() {
  bufferization::OneShotBufferizationOptions options;
  options.bufferizeFunctionBoundaries = true;
  // A loop may hand a new buffer from one iteration to the next.
  options.allowReturnAllocsFromLoops = true;
  options.setFunctionBoundaryTypeConversion(
      bufferization::LayoutMapOption::IdentityLayoutMap);
  options.memCpyFn = [](OpBuilder &builder, Location loc, Value from,
                        Value to) -> LogicalResult {
    linalg::CopyOp::create(builder, loc, from, to);
    return success();
  };
  return options;
}

/// Whether all that is made of the result of `user` goes to `insertion`. Then
/// nothing else is computed in the memory that `insertion` writes to.
bool servesOnly(Operation *user, OpOperand *use,
                SubsetInsertionOpInterface insertion) {
  while (user != insertion) {
    Value next;
    if (auto op = dyn_cast<DestinationStyleOpInterface>(user);
        op && op.isDpsInit(use))
      next = op.getTiedOpResult(use);
    else if (isa<tensor::CastOp, tensor::CollapseShapeOp,
                 tensor::ExpandShapeOp>(user))
      next = user->getResult(0);
    if (!next || !next.hasOneUse())
      return false;
    use = &*next.use_begin();
    user = use->getOwner();
  }
  return use == &insertion.getSourceOperand();
}

/// Builds the tensor that takes the place of `empty` in `user`: a part of where
/// `insertion` puts what becomes of it; null if that is not safe. Tensors in
/// the memory that materialize_in_destination writes are no conflict to the
/// analysis.
Value buildDestination(RewriterBase &rewriter,
                       SubsetInsertionOpInterface insertion,
                       tensor::EmptyOp empty, Operation *user) {
  if (isa<bufferization::MaterializeInDestinationOp>(insertion)) {
    auto uses =
        llvm::make_filter_range(user->getOpOperands(), [&](OpOperand &operand) {
          return operand.get() == empty;
        });
    if (!llvm::hasSingleElement(uses) ||
        !servesOnly(user, &*uses.begin(), insertion))
      return {};
  }
  return bufferization::buildSubsetExtraction(rewriter, insertion, empty, user);
}

/// Lets results be computed where they are needed.
LogicalResult eliminateEmptyTensors(ModuleOp module) {
  IRRewriter rewriter(module.getContext());
  bufferization::OneShotBufferizationOptions options =
      getBufferizationOptions();
  bufferization::OneShotAnalysisState state(module, options);
  if (failed(bufferization::analyzeModuleOp(module, state)))
    return failure();
  return bufferization::eliminateEmptyTensors(rewriter, module, state,
                                              buildDestination);
}

/// Gives each op that writes into a filled tensor one of its own: filling is
/// cheaper than a copy, and kernels know what they start from.
void separateFills(ModuleOp module) {
  SmallVector<linalg::FillOp> shared;
  module.walk([&](linalg::FillOp op) {
    if (!op->use_empty() && !op->hasOneUse())
      shared.push_back(op);
  });
  for (linalg::FillOp op : shared)
    for (OpOperand &use :
         llvm::make_early_inc_range(llvm::drop_begin(op->getUses()))) {
      auto user = dyn_cast<DestinationStyleOpInterface>(use.getOwner());
      if (user && user.isDpsInit(&use))
        use.set(OpBuilder(user).clone(*op)->getResult(0));
    }
}

/// Gives each structured op that computes in an empty tensor one of its own,
/// just before it unless that would be in a loop which the tensor is not in.
/// Memory is shared by when it is used (`ptq-plan-memory`), not by what happens
/// to have the same shape: a kernel that is fused with its neighbours must be
/// alone in the buffers between them, and one whose output lies where its input
/// is has to be done with all of it before it writes anything.
void separateEmptyTensors(ModuleOp module) {
  module.walk([](linalg::LinalgOp op) {
    for (OpOperand &init : op.getDpsInitsMutable())
      if (auto empty = init.get().getDefiningOp<tensor::EmptyOp>();
          empty && !empty->hasOneUse()) {
        Operation *position =
            empty->getBlock() == op->getBlock() ? op : empty.getOperation();
        init.set(OpBuilder(position).clone(*empty)->getResult(0));
      }
  });
}

/// A name without the number that made it unique.
StringRef getStem(StringRef name) {
  auto [stem, number] = name.rsplit('_');
  return !number.empty() && llvm::all_of(number, llvm::isDigit) ? stem : name;
}

/// Puts the constants of `module` that bufferization has made, all but those in
/// `older`, in the order of their first use, and numbers them in this order.
/// Theirs differs from run to run, and with it the code.
void orderConstants(ModuleOp module, const llvm::DenseSet<Operation *> &older) {
  llvm::DenseMap<StringAttr, memref::GlobalOp> globals;
  llvm::DenseSet<StringAttr> taken;
  for (auto symbol : module.getOps<SymbolOpInterface>()) {
    auto global = dyn_cast<memref::GlobalOp>(symbol.getOperation());
    if (global && !older.contains(global))
      globals[global.getSymNameAttr()] = global;
    else
      taken.insert(symbol.getNameAttr());
  }

  llvm::SetVector<memref::GlobalOp> ordered;
  SmallVector<memref::GetGlobalOp> uses;
  module.walk([&](memref::GetGlobalOp use) {
    auto found = globals.find(use.getNameAttr().getAttr());
    if (found == globals.end())
      return;
    uses.push_back(use);
    ordered.insert(found->second);
  });

  llvm::DenseMap<StringAttr, StringAttr> renamed;
  llvm::StringMap<unsigned> numbers;
  Operation *last = nullptr;
  for (memref::GlobalOp global : ordered) {
    StringRef stem = getStem(global.getSymName());
    auto name = StringAttr::get(module.getContext(), stem);
    while (!taken.insert(name).second)
      name = StringAttr::get(module.getContext(),
                             stem + "_" + Twine(numbers[stem]++));
    renamed[global.getSymNameAttr()] = name;
    if (last)
      global->moveAfter(last);
    else
      global->moveBefore(module.getBody(), module.getBody()->begin());
    last = global;
  }
  for (memref::GlobalOp global : ordered)
    global.setSymNameAttr(renamed.at(global.getSymNameAttr()));
  for (memref::GetGlobalOp use : uses)
    use.setNameAttr(
        FlatSymbolRefAttr::get(renamed.at(use.getNameAttr().getAttr())));
}

struct BufferizePass : ptq::impl::BufferizePassBase<BufferizePass> {
  using Base::Base;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    if (failed(verifyNoNestedModules(module)))
      return signalPassFailure();
    separateFills(module);
    separateEmptyTensors(module);
    if (failed(eliminateEmptyTensors(module)))
      return signalPassFailure();
    llvm::DenseSet<Operation *> globals;
    for (auto global : module.getOps<memref::GlobalOp>())
      globals.insert(global);
    bufferization::BufferizationState state;
    if (failed(bufferization::runOneShotModuleBufferize(
            module, getBufferizationOptions(), state)))
      return signalPassFailure();
    orderConstants(module, globals);
    eraseSelfCopies(module);
    module.walk([&](linalg::CopyOp copy) {
      ++numCopies;
      remarkCopy(copy);
    });
  }

private:
  /// Bufferization leaves the functions of nested modules alone.
  static LogicalResult verifyNoNestedModules(ModuleOp module) {
    WalkResult result = module.walk([&](ModuleOp nested) -> WalkResult {
      if (nested == module)
        return WalkResult::advance();
      return nested.emitError(
          "is nested in another module; lower it by itself, "
          "or move its functions out");
    });
    return failure(result.wasInterrupted());
  }

  /// Erases the copies of parts of tensors that have been computed where they
  /// are inserted.
  static void eraseSelfCopies(ModuleOp module) {
    IRRewriter rewriter(module.getContext());
    DominanceInfo dominance(module);
    // Both sides are views of the same part.
    eliminateCommonSubExpressions(rewriter, dominance, module);
    module.walk([&](linalg::CopyOp copy) {
      if (copy.getInputs() == copy.getOutputs())
        rewriter.eraseOp(copy);
    });
  }

  /// Tells of a tensor that is copied as a whole: what computes it could not
  /// write to where it is needed.
  static void remarkCopy(linalg::CopyOp copy) {
    remark::missed(copy.getLoc(),
                   remark::RemarkOpts::name("Copy").category("ptq-bufferize"))
        << remark::reason("{0} is copied",
                          debugString(copy.getInputs().front().getType()));
  }
};

} // namespace
