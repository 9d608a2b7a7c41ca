//===- EqualizeChannels.cpp - Bring channels to like ranges ---------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Equalization/ActivationMagnitudes.h"
#include "Equalization/ChannelFactors.h"
#include "Equalization/ScaledConstants.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Remarks.h"
#include "ptq/Dialect/PTQ/Transforms/Passes.h"
#include "ptq/Dialect/PTQ/Transforms/TensorConstants.h"
#include "ptq/Dialect/PTQ/Utils/ElementwiseOps.h"
#include "llvm/ADT/SmallPtrSet.h"

namespace mlir::ptq {
#define GEN_PASS_DEF_EQUALIZECHANNELSPASS
#include "ptq/Dialect/PTQ/Transforms/Passes.h.inc"
} // namespace mlir::ptq

using namespace mlir;
using namespace mlir::ptq;

namespace {

/// A seam whose channels are being equalized.
struct EqualizedSeam {
  ChannelSeam channels;
  Equalization method;
  SmallVector<double> factors;
};

} // namespace

//===----------------------------------------------------------------------===//
// Pass
//===----------------------------------------------------------------------===//

namespace {

struct EqualizeChannelsPass
    : public ptq::impl::EqualizeChannelsPassBase<EqualizeChannelsPass> {
  using Base::Base;

  void runOnOperation() override {
    if (failed(verifyOptions()))
      return signalPassFailure();
    std::vector<EqualizedSeam> seams = findSeams();
    ScaledConstants constants;
    llvm::erase_if(seams, [&](const EqualizedSeam &seam) {
      return !canEqualize(seam, constants);
    });
    ScaledConstants balanced = constants;
    if (failed(smoothActivations(seams, balanced)))
      return signalPassFailure();
    balanceWeights(seams, balanced);
    rewrite(seams, constants);
  }

private:
  LogicalResult verifyOptions();
  std::vector<EqualizedSeam> findSeams();
  bool canEqualize(const EqualizedSeam &seam, ScaledConstants &constants);
  LogicalResult smoothActivations(MutableArrayRef<EqualizedSeam> seams,
                                  ScaledConstants &constants);
  static void balanceWeights(MutableArrayRef<EqualizedSeam> seams,
                             ScaledConstants &constants);
  void rewrite(MutableArrayRef<EqualizedSeam> seams,
               ScaledConstants &constants);
  void report(const EqualizedSeam &seam);
  void remarkLeft(Operation *consumer, const Twine &reason);
};

} // namespace

static Equalization getEqualization(Operation *op) {
  auto scheme = op->getAttrOfType<SchemeAttr>(kSchemeAttrName);
  return scheme ? scheme.getEqualization() : Equalization::None;
}

LogicalResult EqualizeChannelsPass::verifyOptions() {
  ModuleOp module = getOperation();
  if (!(smoothing >= 0 && smoothing <= 1))
    return module.emitError("smoothing must lie in [0, 1], got ") << smoothing;
  if (failed(verifySampleOptions(module, numSamples, threads)))
    return failure();
  return success();
}

/// Says why the channels that `consumer` reads stay as they are.
void EqualizeChannelsPass::remarkLeft(Operation *consumer,
                                      const Twine &reason) {
  ++numLeft;
  remark::missed(consumer->getLoc(), remark::RemarkOpts::name("NotEqualized")
                                         .category("ptq-equalize-channels"))
      << remark::reason("the channels that '{0}' reads stay as they are: {1}",
                        getEdgeName(consumer->getResult(0)), reason.str());
}

/// The seams that all of their consumers ask to equalize.
std::vector<EqualizedSeam> EqualizeChannelsPass::findSeams() {
  std::vector<EqualizedSeam> seams;
  llvm::SmallPtrSet<Operation *, 16> seen;
  getOperation().walk([&](QuantizableOpInterface op) {
    Equalization method = getEqualization(op);
    if (method == Equalization::None || seen.contains(op))
      return;
    // A product of two activations or a sum has nothing to equalize.
    if (failed(matchWeightedOp(op)))
      return;
    std::string problem;
    FailureOr<ChannelSeam> seam = findChannelSeam(op, problem);
    if (failed(seam))
      return remarkLeft(op, problem);
    bool doAgree = true;
    for (const SeamConsumer &consumer : seam->consumers) {
      seen.insert(consumer.weighted.op);
      doAgree &= getEqualization(consumer.weighted.op) == method;
    }
    if (!doAgree)
      return remarkLeft(op, "not all that read them ask for the same");
    // A single channel has no others to be equal to.
    if (seam->numChannels < 2)
      return;
    SmallVector<double> factors(seam->numChannels, 1.0);
    seams.push_back({std::move(*seam), method, std::move(factors)});
  });
  return seams;
}

bool EqualizeChannelsPass::canEqualize(const EqualizedSeam &seam,
                                       ScaledConstants &constants) {
  Operation *consumer = seam.channels.consumers.front().weighted.op;
  if (seam.method == Equalization::CrossLayer &&
      (seam.channels.source || seam.channels.producers.empty())) {
    Operation *source = seam.channels.source
                            ? seam.channels.source->value.getDefiningOp()
                            : nullptr;
    remarkLeft(consumer, source ? "they come from '" +
                                      source->getName().getStringRef() +
                                      "', through which no factor passes"
                                : Twine("no weights produce them"));
    return false;
  }
  if (succeeded(constants.read(seam.channels)))
    return true;
  remarkLeft(consumer, "a constant is not of f32");
  return false;
}

//===----------------------------------------------------------------------===//
// Factors
//===----------------------------------------------------------------------===//

/// Gives each seam that asks for it the factors of SmoothQuant.
LogicalResult
EqualizeChannelsPass::smoothActivations(MutableArrayRef<EqualizedSeam> seams,
                                        ScaledConstants &constants) {
  SmallVector<EqualizedSeam *> smoothed;
  for (EqualizedSeam &seam : seams)
    if (seam.method == Equalization::SmoothQuant)
      smoothed.push_back(&seam);
  SmallVector<const ChannelSeam *> channels =
      llvm::map_to_vector(smoothed, [](EqualizedSeam *seam) {
        return const_cast<const ChannelSeam *>(&seam->channels);
      });
  FailureOr<std::vector<SmallVector<double>>> activations = measureActivations(
      getOperation(), channels, {data, seed, numSamples, Shard(), threads});
  if (failed(activations))
    return failure();
  for (auto [seam, magnitudes] : llvm::zip_equal(smoothed, *activations)) {
    SmallVector<double> weights =
        constants.getConsumedMagnitudes(seam->channels);
    for (auto [factor, activation, weight] :
         llvm::zip_equal(seam->factors, magnitudes, weights))
      factor = getSmoothQuantFactor(activation, weight, smoothing);
    constants.apply(seam->channels, seam->factors);
  }
  return success();
}

/// Balances the weights of the seams that ask for it against each other. One
/// seam's factors change the ranges that its neighbours see.
void EqualizeChannelsPass::balanceWeights(MutableArrayRef<EqualizedSeam> seams,
                                          ScaledConstants &constants) {
  constexpr int kMaxRounds = 100;
  constexpr double kSettled = 1e-7;
  double largestChange = INFINITY;
  for (int round = 0; round < kMaxRounds && largestChange > kSettled; ++round) {
    largestChange = 0;
    for (EqualizedSeam &seam : seams) {
      if (seam.method != Equalization::CrossLayer)
        continue;
      auto factors = llvm::map_to_vector(
          llvm::zip_equal(constants.getProducedMagnitudes(seam.channels),
                          constants.getConsumedMagnitudes(seam.channels)),
          [](auto magnitudes) {
            return std::apply(getCrossLayerFactor, magnitudes);
          });
      for (auto [total, factor] : llvm::zip_equal(seam.factors, factors)) {
        total *= factor;
        largestChange = std::max(largestChange, std::abs(std::log(factor)));
      }
      constants.apply(seam.channels, factors);
    }
  }
}

//===----------------------------------------------------------------------===//
// Rewriting
//===----------------------------------------------------------------------===//

/// Divides `source` by the factors where it arises. They are rounded so that
/// what it is multiplied by is their exact reciprocal, nearly.
static void divideSource(ChannelValue source, MutableArrayRef<double> factors) {
  SmallVector<float> inverse;
  for (double &factor : factors) {
    inverse.push_back(static_cast<float>(1 / factor));
    factor = 1 / static_cast<double>(inverse.back());
  }
  auto type = cast<RankedTensorType>(source.value.getType());
  ImplicitLocOpBuilder builder(
      NameLoc::get(StringAttr::get(source.value.getContext(),
                                   getEdgeName(source.value) + "/equalized")),
      source.value.getContext());
  builder.setInsertionPointAfterValue(source.value);
  Value constant = createFloatConstant(
      builder, builder.getLoc(), static_cast<int64_t>(inverse.size()), inverse,
      getEdgeName(source.value) + "/factors");
  AffineMap map = AffineMap::get(
      type.getRank(), /*symbolCount=*/0,
      builder.getAffineDimExpr(static_cast<unsigned>(source.dim)));
  Value scaled = createElementwise(
      builder, type, {{source.value}, {constant, map}},
      [](ImplicitLocOpBuilder &body, ValueRange elements) -> Value {
        return arith::MulFOp::create(body, elements[0], elements[1]);
      });
  source.value.replaceUsesWithIf(scaled, [&](OpOperand &use) {
    return use.getOwner() != scaled.getDefiningOp() &&
           !isa<tensor::DimOp>(use.getOwner());
  });
}

/// Scales `constants`, which are those of the network, by the factors as they
/// are in the end.
void EqualizeChannelsPass::rewrite(MutableArrayRef<EqualizedSeam> seams,
                                   ScaledConstants &constants) {
  for (EqualizedSeam &seam : seams) {
    if (factors == EqualizationFactors::PowersOfTwo)
      llvm::transform(seam.factors, seam.factors.begin(), roundToPowerOfTwo);
    if (seam.channels.source)
      divideSource(*seam.channels.source, seam.factors);
    constants.apply(seam.channels, seam.factors);
    report(seam);
  }
  constants.write();
}

void EqualizeChannelsPass::report(const EqualizedSeam &seam) {
  ++numEqualized;
  auto [least, most] =
      std::minmax_element(seam.factors.begin(), seam.factors.end());
  for (const SeamConsumer &consumer : seam.channels.consumers) {
    linalg::LinalgOp op = consumer.weighted.op;
    remark::passed(
        op.getLoc(),
        remark::RemarkOpts::name("Equalized").category("ptq-equalize-channels"))
        << remark::reason(
               "the {0} channels that '{1}' reads are divided by factors from "
               "{2} to {3} ({4})",
               seam.channels.numChannels, getEdgeName(op->getResult(0)), *least,
               *most, stringifyEqualization(seam.method));
  }
}
