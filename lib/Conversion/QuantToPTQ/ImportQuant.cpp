//===- ImportQuant.cpp - From the upstream quant dialect ------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What cannot be imported is found and reported before anything is converted,
// op by op, so that messages are about the network and not about the
// conversion.
//
//===----------------------------------------------------------------------===//

#include "ImportableOps.h"
#include "SignFlip.h"
#include "UniformParameters.h"
#include "mlir/Dialect/ControlFlow/Transforms/StructuralTypeConversions.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Func/Transforms/FuncConversions.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "mlir/Dialect/SCF/Transforms/Patterns.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Transforms/DialectConversion.h"
#include "mlir/Transforms/RegionUtils.h"
#include "ptq/Conversion/Passes.h"
#include "ptq/Conversion/QuantToPTQ/QuantToPTQ.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/IR/Signature.h"

namespace mlir::ptq {
#define GEN_PASS_DEF_IMPORTQUANTPASS
#include "ptq/Conversion/Passes.h.inc"
} // namespace mlir::ptq

using namespace mlir;
using namespace mlir::ptq;

//===----------------------------------------------------------------------===//
// Types and patterns
//===----------------------------------------------------------------------===//

namespace {

/// An op that moves elements, on storage types.
struct ConvertMovement : ConversionPattern {
  ConvertMovement(const TypeConverter &converter, MLIRContext *context)
      : ConversionPattern(converter, MatchAnyOpTypeTag(), /*benefit=*/1,
                          context) {}

  LogicalResult
  matchAndRewrite(Operation *op, ArrayRef<Value> operands,
                  ConversionPatternRewriter &rewriter) const override {
    if (!movesElements(op))
      return rewriter.notifyMatchFailure(op, "does not just move elements");
    FailureOr<Operation *> converted =
        convertOpResultTypes(op, operands, *getTypeConverter(), rewriter);
    if (failed(converted))
      return rewriter.notifyMatchFailure(op, "its types cannot be converted");
    rewriter.replaceOp(op, *converted);
    return success();
  }
};

} // namespace

void mlir::ptq::populateQuantTypeConversion(TypeConverter &converter) {
  converter.addConversion([](Type type) -> std::optional<Type> {
    // Null is a type that cannot be converted.
    return mentionsQuantized(type) ? Type() : type;
  });
  converter.addConversion([](RankedTensorType type) -> std::optional<Type> {
    if (!isa<quant::QuantizedType>(type.getElementType()))
      return std::nullopt;
    IntegerType storage = getImportableStorage(type.getElementType());
    return storage ? type.clone(storage) : Type();
  });
}

void mlir::ptq::populateQuantToPTQPatterns(const TypeConverter &converter,
                                           RewritePatternSet &patterns,
                                           ConversionTarget &target) {
  populateQuantCastPatterns(converter, patterns);
  populateFunctionOpInterfaceTypeConversionPattern<func::FuncOp>(patterns,
                                                                 converter);
  populateCallOpTypeConversionPattern(patterns, converter);
  populateReturnOpTypeConversionPattern(patterns, converter);
  // The pattern for functions converts the arguments of the first block, those
  // for branches the arguments of the blocks that they reach.
  cf::populateCFStructuralTypeConversionsAndLegality(converter, patterns,
                                                     target);
  scf::populateSCFStructuralTypeConversionsAndLegality(converter, patterns,
                                                       target);
  patterns.add<ConvertMovement>(converter, patterns.getContext());
  target.addIllegalDialect<quant::QuantDialect>();
  target.addDynamicallyLegalOp<func::FuncOp>([&](func::FuncOp op) {
    return converter.isSignatureLegal(op.getFunctionType()) &&
           (op.isExternal() ||
            converter.isLegal(op.getBody().front().getArgumentTypes()));
  });
  target.markUnknownOpDynamicallyLegal(
      [&](Operation *op) { return converter.isLegal(op); });
}

//===----------------------------------------------------------------------===//
// Pass
//===----------------------------------------------------------------------===//

/// Whether `type` is a tensor of numbers that are stored as unsigned bytes.
static bool holdsUnsigned(Type type) {
  auto tensorType = dyn_cast<RankedTensorType>(type);
  auto element =
      tensorType ? dyn_cast<quant::QuantizedType>(tensorType.getElementType())
                 : quant::QuantizedType();
  return element && !element.isSigned();
}

namespace {

/// Which arguments and results of a function hold unsigned numbers.
struct UnsignedBoundary {
  func::FuncOp function;
  SmallVector<bool> arguments;
  SmallVector<bool> results;
};

struct ImportQuantPass : ptq::impl::ImportQuantPassBase<ImportQuantPass> {
  LogicalResult initialize(MLIRContext *context) override {
    converter = std::make_shared<TypeConverter>();
    populateQuantTypeConversion(*converter);
    target = std::make_shared<ConversionTarget>(*context);
    RewritePatternSet set(context);
    populateQuantToPTQPatterns(*converter, set, *target);
    patterns = std::move(set);
    return success();
  }

  void runOnOperation() override {
    LogicalResult verified = success();
    getOperation().walk([&](Operation *op) {
      if (failed(verifyImportable(op)))
        verified = failure();
    });
    if (failed(verified))
      return signalPassFailure();
    SmallVector<UnsignedBoundary> boundaries;
    getOperation().walk([&](Operation *op) {
      count(op);
      if (auto function = dyn_cast<func::FuncOp>(op))
        findUnsigned(function, boundaries);
    });
    // No branch would convert the arguments of a block that none reaches.
    IRRewriter rewriter(&getContext());
    getOperation().walk([&](func::FuncOp function) {
      (void)eraseUnreachableBlocks(rewriter, function->getRegions());
    });
    ConversionConfig config;
    config.foldingMode = DialectConversionFoldingMode::Never;
    if (failed(
            applyPartialConversion(getOperation(), *target, patterns, config)))
      return signalPassFailure();
    eraseUnusedStorage(getOperation());
    for (const UnsignedBoundary &boundary : boundaries)
      if (failed(sign(boundary)))
        return signalPassFailure();
  }

private:
  void count(Operation *op) {
    if (isa<quant::StorageCastOp>(op))
      ++numStorageCasts;
    Type quantized;
    if (auto cast = dyn_cast<quant::QuantizeCastOp>(op)) {
      ++numQuantized;
      quantized = cast.getResult().getType();
    } else if (auto cast = dyn_cast<quant::DequantizeCastOp>(op)) {
      ++numDequantized;
      quantized = cast.getInput().getType();
    } else {
      return;
    }
    numUnsigned += holdsUnsigned(quantized);
    FailureOr<UniformParameters> parameters =
        readUniformParameters(cast<RankedTensorType>(quantized), ignoreReason);
    if (failed(parameters) || parameters->numRounded == 0)
      return;
    numRoundedScales += parameters->numRounded;
    remark::analysis(
        op->getLoc(),
        remark::RemarkOpts::name("RoundedScales").category("ptq-import-quant"))
        << remark::reason("{0} of {1} scales were no f32 numbers and are "
                          "rounded",
                          parameters->numRounded, parameters->scales.size());
  }

  static void findUnsigned(func::FuncOp function,
                           SmallVectorImpl<UnsignedBoundary> &boundaries) {
    // What private functions take is nobody's business outside.
    if (!function.isPublic() || function->hasAttr(kSignatureAttrName))
      return;
    auto areTensors = [](TypeRange types) {
      return llvm::all_of(types, llvm::IsaPred<RankedTensorType>);
    };
    UnsignedBoundary boundary{
        function,
        llvm::map_to_vector(function.getArgumentTypes(), holdsUnsigned),
        llvm::map_to_vector(function.getResultTypes(), holdsUnsigned)};
    bool isUnsigned = llvm::is_contained(boundary.arguments, true) ||
                      llvm::is_contained(boundary.results, true);
    if (isUnsigned && areTensors(function.getArgumentTypes()) &&
        areTensors(function.getResultTypes()))
      boundaries.push_back(std::move(boundary));
  }

  /// Writes down in the signature which bytes are unsigned, which their types
  /// do not tell any more.
  static LogicalResult sign(const UnsignedBoundary &boundary) {
    func::FuncOp function = boundary.function;
    FailureOr<Signature> signature = getTensorSignature(function);
    if (failed(signature))
      return failure();
    for (auto [entry, isUnsigned] :
         llvm::zip_equal(signature->inputs, boundary.arguments))
      entry.isUnsigned = isUnsigned;
    for (auto [entry, isUnsigned] :
         llvm::zip_equal(signature->outputs, boundary.results))
      entry.isUnsigned = isUnsigned;
    function->setAttr(kSignatureAttrName,
                      signature->toAttribute(function.getContext()));
    return success();
  }

  // Passes are copied; these are not, and nobody changes them.
  std::shared_ptr<TypeConverter> converter;
  std::shared_ptr<ConversionTarget> target;
  FrozenRewritePatternSet patterns;
};

} // namespace
