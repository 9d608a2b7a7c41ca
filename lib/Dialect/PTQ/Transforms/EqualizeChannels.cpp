//===- EqualizeChannels.cpp - Bring channels to like ranges ---------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibration/StatisticsCollector.h"
#include "Equalization/ChannelFactors.h"
#include "Equalization/ChannelSeam.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Remarks.h"
#include "ptq/Dialect/PTQ/Transforms/Passes.h"
#include "ptq/Dialect/PTQ/Transforms/TensorConstants.h"
#include "ptq/Dialect/PTQ/Utils/ElementwiseOps.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SmallPtrSet.h"

namespace mlir::ptq {
#define GEN_PASS_DEF_EQUALIZECHANNELSPASS
#include "ptq/Dialect/PTQ/Transforms/Passes.h.inc"
} // namespace mlir::ptq

using namespace mlir;
using namespace mlir::ptq;

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

namespace {

/// The constants of a network as they are scaled. Products of factors are kept
/// in f64 and rounded once, when the constants are written back.
class ScaledConstants {
public:
  /// Reads a constant; failure if it is not one of f32.
  LogicalResult add(Value constant) {
    if (tensors.contains(constant))
      return success();
    FailureOr<SmallVector<float>> values = readFloatConstant(constant);
    if (failed(values))
      return failure();
    tensors[constant].assign(values->begin(), values->end());
    return success();
  }

  /// Reads the bias of an op.
  LogicalResult add(const WeightedOp &op) {
    FailureOr<SmallVector<float>> bias = op.readBias();
    if (failed(bias) || failed(add(op.weightPath.root)))
      return failure();
    biases[op.op].assign(bias->begin(), bias->end());
    return success();
  }

  SmallVector<double> getMagnitudes(ChannelConstant channels) const {
    return getChannelMagnitudes(tensors.find(channels.constant)->second,
                                getInner(channels), getSize(channels));
  }

  void scale(ChannelConstant channels, ArrayRef<double> factors) {
    scaleChannels(tensors[channels.constant], getInner(channels), factors);
  }

  void scaleBias(const WeightedOp &op, ArrayRef<double> factors) {
    scaleChannels(biases[op.op], /*inner=*/1, factors);
  }

  /// Puts a scaled constant in the place of `constant`, which is erased.
  void write(Value constant) {
    OpBuilder builder(constant.getContext());
    builder.setInsertionPointAfterValue(constant);
    SmallVector<float> values(llvm::map_range(
        tensors[constant], [](double x) { return static_cast<float>(x); }));
    auto type = cast<RankedTensorType>(constant.getType());
    Value scaled =
        createFloatConstant(builder, constant.getLoc(), type.getShape(), values,
                            getEdgeName(constant));
    constant.replaceAllUsesWith(scaled);
    constant.getDefiningOp()->erase();
  }

  /// Gives `op` its scaled bias.
  void writeBias(const WeightedOp &op) {
    ArrayRef<double> bias = biases[op.op];
    if (llvm::all_of(bias, [](double x) { return x == 0; }))
      return;
    OpBuilder builder(op.op);
    SmallVector<float> values(
        llvm::map_range(bias, [](double x) { return static_cast<float>(x); }));
    linalg::LinalgOp linalgOp = op.op;
    Value constant = createFloatConstant(
        builder, linalgOp.getLoc(), static_cast<int64_t>(values.size()), values,
        getEdgeName(linalgOp->getResult(0)) + "_bias");
    linalgOp.getDpsInitOperand(0)->set(op.createBiasInit(builder, constant));
  }

private:
  static ArrayRef<int64_t> getShape(ChannelConstant channels) {
    return cast<RankedTensorType>(channels.constant.getType()).getShape();
  }
  static int64_t getSize(ChannelConstant channels) {
    return getShape(channels)[channels.dim];
  }
  static int64_t getInner(ChannelConstant channels) {
    return ShapedType::getNumElements(
        getShape(channels).drop_front(channels.dim + 1));
  }

  llvm::MapVector<Value, std::vector<double>> tensors;
  llvm::MapVector<Operation *, std::vector<double>> biases;
};

/// A seam whose channels are being equalized.
struct EqualizedSeam {
  ChannelSeam channels;
  Equalization method;
  SmallVector<double> factors;
};

} // namespace

/// The weights of an op that produces the channels of a seam.
static ChannelConstant getProducedWeights(const WeightedOp &op) {
  return {op.weightPath.root, op.weightDims.front()};
}

/// Raises `magnitudes` to those of one more constant.
static void joinMagnitudes(MutableArrayRef<double> magnitudes,
                           ArrayRef<double> others) {
  for (auto [magnitude, other] : llvm::zip_equal(magnitudes, others))
    magnitude = std::max(magnitude, other);
}

static SmallVector<double>
getProducedMagnitudes(const ChannelSeam &seam,
                      const ScaledConstants &constants) {
  SmallVector<double> magnitudes(seam.numChannels);
  for (const WeightedOp &producer : seam.producers)
    joinMagnitudes(magnitudes,
                   constants.getMagnitudes(getProducedWeights(producer)));
  return magnitudes;
}

static SmallVector<double>
getConsumedMagnitudes(const ChannelSeam &seam,
                      const ScaledConstants &constants) {
  SmallVector<double> magnitudes(seam.numChannels);
  for (const SeamConsumer &consumer : seam.consumers)
    joinMagnitudes(magnitudes, constants.getMagnitudes(consumer.weights));
  return magnitudes;
}

/// Divides what produces the channels of a seam by `factors`, and multiplies
/// what consumes them.
static void applyFactors(const ChannelSeam &seam, ArrayRef<double> factors,
                         ScaledConstants &constants) {
  auto inverse = llvm::map_to_vector(factors, [](double x) { return 1 / x; });
  for (const WeightedOp &producer : seam.producers) {
    constants.scale(getProducedWeights(producer), inverse);
    constants.scaleBias(producer, inverse);
  }
  for (ChannelConstant constant : seam.constants)
    constants.scale(constant, inverse);
  for (const SeamConsumer &consumer : seam.consumers)
    constants.scale(consumer.weights, factors);
}

/// Reads the constants of a seam.
static LogicalResult readConstants(const ChannelSeam &seam,
                                   ScaledConstants &constants) {
  for (const WeightedOp &producer : seam.producers)
    if (failed(constants.add(producer)))
      return failure();
  for (ChannelConstant constant : seam.constants)
    if (failed(constants.add(constant.constant)))
      return failure();
  for (const SeamConsumer &consumer : seam.consumers)
    if (failed(constants.add(consumer.weights.constant)))
      return failure();
  return success();
}

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
    if (failed(smoothActivations(seams, constants)))
      return signalPassFailure();
    balanceWeights(seams, constants);
    rewrite(seams);
  }

private:
  LogicalResult verifyOptions();
  std::vector<EqualizedSeam> findSeams();
  bool canEqualize(const EqualizedSeam &seam, ScaledConstants &constants);
  LogicalResult smoothActivations(MutableArrayRef<EqualizedSeam> seams,
                                  ScaledConstants &constants);
  static void balanceWeights(MutableArrayRef<EqualizedSeam> seams,
                             ScaledConstants &constants);
  void rewrite(MutableArrayRef<EqualizedSeam> seams);
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
  if (numSamples < 0)
    return module.emitError("the number of samples must not be negative");
  if (threads < 0)
    return module.emitError("the number of threads must not be negative");
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
  if (succeeded(readConstants(seam.channels, constants)))
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
  // Observers stand at the consumers while the samples are run.
  OpBuilder builder(&getContext());
  auto encoding =
      EncodingAttr::get(&getContext(), builder.getI8Type(), Symmetry::Symmetric,
                        Granularity::Axis,
                        /*axis=*/0, /*blockSize=*/std::nullopt,
                        /*narrowRange=*/true, ParameterSource::Static);
  SmallVector<ObserveOp> observers;
  DenseMap<Value, ObserveOp> observerOf;
  for (EqualizedSeam &seam : seams) {
    if (seam.method != Equalization::SmoothQuant)
      continue;
    for (const SeamConsumer &consumer : seam.channels.consumers) {
      ChannelValue activation = consumer.activation;
      ObserveOp &observer = observerOf[activation.value];
      if (observer)
        continue;
      builder.setInsertionPointAfterValue(activation.value);
      observer = ObserveOp::create(
          builder, activation.value.getLoc(), activation.value.getType(),
          activation.value, getEdgeName(activation.value),
          encoding.withAxis(activation.dim), RangeEstimatorKind::MinMax,
          Rounding::Nearest, /*range=*/RangeAttr());
      observers.push_back(observer);
    }
  }
  if (observers.empty())
    return success();

  StatisticsCollector collector(observers, StatisticsCollector::Options());
  FailureOr<SampleRunner> runner = SampleRunner::open(
      getOperation(), {data, seed, numSamples, Shard(), threads});
  LogicalResult run = failure();
  if (succeeded(runner)) {
    ArrayRef<int64_t> calls = runner->getCalls();
    std::vector<StatisticsCollector> collectors(
        runner->getNumThreads(calls.size()), collector);
    SmallVector<CallListener *> listeners = llvm::map_to_vector(
        collectors,
        [](StatisticsCollector &part) -> CallListener * { return &part; });
    run = runner->run("measuring channels", calls, listeners);
    for (const StatisticsCollector &part : collectors)
      collector.merge(part);
  }
  for (EqualizedSeam &seam : seams) {
    if (failed(run) || seam.method != Equalization::SmoothQuant)
      continue;
    SmallVector<double> activations(seam.channels.numChannels);
    for (const SeamConsumer &consumer : seam.channels.consumers) {
      const TensorStatistics &statistics =
          collector.getStatistics(observerOf[consumer.activation.value]);
      joinMagnitudes(
          activations,
          llvm::map_to_vector(statistics.getChannels(),
                              [](const ChannelStatistics &channel) -> double {
                                return channel.getNumFinite() == 0
                                           ? 0
                                           : std::max(std::abs(channel.min),
                                                      std::abs(channel.max));
                              }));
    }
    SmallVector<double> weights =
        getConsumedMagnitudes(seam.channels, constants);
    for (auto [factor, activation, weight] :
         llvm::zip_equal(seam.factors, activations, weights))
      factor = getSmoothQuantFactor(activation, weight, smoothing);
    applyFactors(seam.channels, seam.factors, constants);
  }
  for (ObserveOp observer : observers)
    observer.erase();
  return run;
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
          llvm::zip_equal(getProducedMagnitudes(seam.channels, constants),
                          getConsumedMagnitudes(seam.channels, constants)),
          [](auto magnitudes) {
            return std::apply(getCrossLayerFactor, magnitudes);
          });
      for (auto [total, factor] : llvm::zip_equal(seam.factors, factors)) {
        total *= factor;
        largestChange = std::max(largestChange, std::abs(std::log(factor)));
      }
      applyFactors(seam.channels, factors, constants);
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

/// Writes the constants anew, scaled by the factors as they are in the end.
void EqualizeChannelsPass::rewrite(MutableArrayRef<EqualizedSeam> seams) {
  ScaledConstants constants;
  llvm::SetVector<Value> tensors;
  SmallVector<const WeightedOp *> biased;
  for (EqualizedSeam &seam : seams) {
    if (factors == EqualizationFactors::PowersOfTwo)
      llvm::transform(seam.factors, seam.factors.begin(), roundToPowerOfTwo);
    if (seam.channels.source)
      divideSource(*seam.channels.source, seam.factors);
    LogicalResult read = readConstants(seam.channels, constants);
    (void)read; // They have been read before.
    for (const WeightedOp &producer : seam.channels.producers) {
      tensors.insert(producer.weightPath.root);
      biased.push_back(&producer);
    }
    for (ChannelConstant constant : seam.channels.constants)
      tensors.insert(constant.constant);
    for (const SeamConsumer &consumer : seam.channels.consumers)
      tensors.insert(consumer.weights.constant);
  }
  for (EqualizedSeam &seam : seams) {
    applyFactors(seam.channels, seam.factors, constants);
    ++numEqualized;
    auto [least, most] =
        std::minmax_element(seam.factors.begin(), seam.factors.end());
    for (const SeamConsumer &consumer : seam.channels.consumers)
      remark::passed(consumer.weighted.op->getLoc(),
                     remark::RemarkOpts::name("Equalized")
                         .category("ptq-equalize-channels"))
          << remark::reason(
                 "the {0} channels that '{1}' reads are divided by factors "
                 "from {2} to {3} ({4})",
                 seam.channels.numChannels,
                 getEdgeName(
                     linalg::LinalgOp(consumer.weighted.op)->getResult(0)),
                 *least, *most, stringifyEqualization(seam.method));
  }
  for (const WeightedOp *op : biased)
    constants.writeBias(*op);
  for (Value tensor : tensors)
    constants.write(tensor);
}
