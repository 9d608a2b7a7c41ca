//===- IntegerRewriting.h - Parts of ptq-rewrite-to-integer -----*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each kind of op has a match function, which says why an op stays in float,
// and a pattern that rewrites what the function has matched. The pass asks the
// match functions again for its remarks.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_DIALECT_PTQ_TRANSFORMS_INTEGER_INTEGERREWRITING_H
#define PTQ_LIB_DIALECT_PTQ_TRANSFORMS_INTEGER_INTEGERREWRITING_H

#include "mlir/Dialect/Linalg/IR/LinalgInterfaces.h"
#include "mlir/IR/PatternMatch.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/Models/StructuredOpKind.h"
#include "ptq/Dialect/PTQ/Transforms/RunTimeParameters.h"
#include "ptq/Dialect/PTQ/Transforms/StaticParameters.h"
#include "ptq/Dialect/PTQ/Utils/ElementwiseOps.h"
#include "ptq/Interpreter/TensorValue.h"
#include "ptq/Quantization/CodeSums.h"
#include "ptq/Support/MatchExplanation.h"

namespace mlir::ptq {

//===----------------------------------------------------------------------===//
// Accumulators
//===----------------------------------------------------------------------===//

/// The type of an accumulator of products with activations `codes` whose
/// magnitude is at most `bound`. Null if it would have to be wider than i32,
/// although the activations are bytes: float is the better arithmetic then.
IntegerType getAccumulatorType(Value codes, int64_t bound);

/// Tells, to those who ask for remarks, that accumulators of `op` have type
/// `type` and a magnitude of at most `bound`.
void remarkAccumulatorBound(linalg::LinalgOp op, IntegerType type,
                            int64_t bound);

/// The value of one step of an accumulator:
/// `inputScale * weightScales[channel] / divisor`.
struct AccumulatorScale {
  float inputScale = 1.0f;
  /// One scale, or one for each channel in row-major order of `channelDims`.
  SmallVector<float> weightScales = {1.0f};
  /// The neighbouring dimensions of the accumulator that index the channels;
  /// none for a single scale.
  SmallVector<int64_t> channelDims = {};
  double divisor = 1.0;

  /// The scales of the accumulator itself.
  SmallVector<float> getStepScales() const;
  /// The factors to codes of scale `outputScale`.
  SmallVector<float> getMultipliers(float outputScale) const;
};

/// Whether every use of the float value `result` can be served from an
/// accumulator of `scale`: all factors are normal numbers.
LogicalResult checkUsers(Value result, const AccumulatorScale &scale,
                         ExplainFn explain);

/// Replaces the uses of the float value `result` by what is computed from
/// `accumulator`: a requantize for each quantize with constant parameters, and
/// one dequantize for all others. `accumulator` is an i32 or i64 tensor of the
/// same shape; the insertion point must be after it and before every use.
void replaceUsers(PatternRewriter &rewriter, Value result, Value accumulator,
                  const AccumulatorScale &scale);

/// Puts `accumulator` in the place of the sums of `op`, for all users of its
/// result, and erases the op. With `addsInit` its float init is added first.
void replaceByAccumulator(PatternRewriter &rewriter, linalg::LinalgOp op,
                          Value accumulator, const AccumulatorScale &scale,
                          bool addsInit);

/// Whether a sum that starts from `init` starts from zero.
bool isZeroFilled(Value init);

/// Adds the float init of `op` to `sums`, which start from 0 and have the shape
/// of its result. Built at the insertion point.
Value createSumWithInit(ImplicitLocOpBuilder &builder, linalg::LinalgOp op,
                        Value sums);

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

/// Constant codes of a weight, laid out as the op reads them.
struct ConstantWeights {
  /// In i8, or in i16 if they need it: zero points have been taken off.
  TensorValue codes;
  DequantizeOp dequantize;
  /// Whether the codes are those of `dequantize`: there are no zero points.
  bool areStored = true;
  /// The dimension of the op's operand, or the dimensions, that the scales run
  /// along; none for one scale.
  SmallVector<int64_t> scaleDims;
  SmallVector<float> scales;
  /// What the weights are more than their codes: one number for all, or one for
  /// each output channel; none if nothing. See `takeOffShares`.
  SmallVector<int64_t> shares;

  /// The sums of the codes over all dimensions but `keptDims`, as by
  /// `sumCodes`.
  SmallVector<CodeSum> sum(ArrayRef<int64_t> keptDims) const;
};

/// The weights that `operand` reads, if they are codes of up to 8 bits with
/// constant scales and zero points.
FailureOr<ConstantWeights> matchConstantWeights(OpOperand &operand,
                                                ExplainFn explain);

/// Constant codes of a weight of which blocks along one dimension have scales
/// of their own, laid out as the op reads them.
struct BlockWeights {
  TensorValue codes;
  /// In f32: one for each weight, or once they are split, for each block.
  TensorValue scales;
  /// In i32, shaped like the scales; null if all are 0.
  TensorValue zeroPoints;
  /// No scale and no zero point changes within this many weights along the
  /// dimension.
  int64_t blockSize = 0;
};

/// The weights that `operand` reads, if they are codes of up to 8 bits with
/// constant scales and zero points, in blocks along dimension `dim` of any
/// size.
FailureOr<BlockWeights> matchBlockWeights(OpOperand &operand, int64_t dim,
                                          ExplainFn explain);

/// Splits dimension `dim` of the codes into blocks of `blockSize`, of which the
/// last is filled up with zeros, and keeps one scale and zero point for each
/// block.
BlockWeights splitIntoBlocks(const BlockWeights &weights, int64_t dim,
                             int64_t blockSize);

/// The codes of `weights`, those of `op`, as an operand: what the network holds
/// already if it is laid out so, and otherwise a new constant.
Value createCodeConstant(ImplicitLocOpBuilder &builder, linalg::LinalgOp op,
                         const ConstantWeights &weights);

/// The codes of the bias that `init` holds, one for each index of `dims` of the
/// result (`count` in all), if its scale is that of the accumulator. A failure
/// means that the bias has to be added in float.
FailureOr<SmallVector<int32_t>> readBiasCodes(OpOperand &init,
                                              ArrayRef<int64_t> dims,
                                              int64_t count,
                                              const AccumulatorScale &scale);

//===----------------------------------------------------------------------===//
// Sums of products
//===----------------------------------------------------------------------===//

/// The input of the sum of products `op` that is a weight; null if both are
/// activations.
OpOperand *getWeight(linalg::LinalgOp op);

/// Whether the sum of products `op` has two activations, none of them constant.
bool isActivationProduct(linalg::LinalgOp op);

/// Whether a factor of the sum of products `op` has scales for parts of a
/// dimension.
bool hasBlockScales(linalg::LinalgOp op);

/// Whether the scale or zero point of a factor of the sum of products `op` is
/// no constant of the whole tensor.
bool hasRunTimeParameters(linalg::LinalgOp op);

/// A dimension of a weight, and where the same loop is in the result.
struct KeptDim {
  int64_t resultDim;
  int64_t weightDim;
};

/// The dimensions of `weight` that are not summed over, by ascending dimension
/// of the result.
FailureOr<SmallVector<KeptDim>>
getKeptDims(linalg::LinalgOp op, OpOperand &weight, ExplainFn explain);

/// Whether the sums of `input` over the dimensions that the op sums over are
/// what a zero point of the other input is multiplied with.
bool isSummedByLoops(linalg::LinalgOp op, OpOperand &input);

/// What holds the sums of products of two activations with zero points.
struct ProductAccumulator {
  IntegerType type;
  /// The number of products in a sum.
  int64_t depth;
};

/// The accumulator of `op`, a sum of products of the codes `lhs` and `rhs`, as
/// by `getAccumulatorType`; failure, after `explain` has the reason, if there
/// is none.
FailureOr<ProductAccumulator> matchProductAccumulator(linalg::LinalgOp op,
                                                      Value lhs, Value rhs,
                                                      ExplainFn explain);

/// The sums of the codes of input `number` of `op` over what the op sums over,
/// in `type`, and how they are found from the dimensions of the result, which
/// are loops of the op.
ElementwiseOperand createCodeSums(ImplicitLocOpBuilder &builder,
                                  linalg::LinalgOp op, unsigned number,
                                  Value codes, IntegerType type);

/// Where `weights` of the sum of products `op` need i16, because their zero
/// points have been taken off, but their products with `activations` are better
/// ones of bytes: takes a share off the weights of each output channel, so that
/// bytes hold what remains. A share times the sum of the activations makes up
/// for it,
///
///   sum a w  =  sum a (w - share)  +  share * sum a
///
/// Channels are the indices of `kept`, in its order. Returns the largest
/// magnitude of what the accumulator then holds on the way, beside a bias of up
/// to `largestBias`; 0 if nothing has been taken off.
int64_t takeOffShares(ConstantWeights &weights, linalg::LinalgOp op,
                      unsigned weightNumber, Value activations,
                      ArrayRef<KeptDim> kept, int64_t largestBias);

/// The shares of `weights`, negated, and the sums of `activations` that these
/// are multiplied with, in `type` and as found from the dimensions of the
/// result: two operands, or none without shares.
SmallVector<ElementwiseOperand, 2>
createShares(ImplicitLocOpBuilder &builder, linalg::LinalgOp op,
             const ConstantWeights &weights, unsigned weightNumber,
             Value activations, ArrayRef<KeptDim> kept, IntegerType type);

/// Builds the sum of products `op` on codes, in the type of `init`, from which
/// it starts.
Value createCodeProduct(OpBuilder &builder, linalg::LinalgOp op, Value lhs,
                        Value rhs, Value init);

//===----------------------------------------------------------------------===//
// Kinds of ops
//===----------------------------------------------------------------------===//

/// Rewrites structured ops in float by what `match` finds in them; where it
/// finds nothing, its reason is that of the pattern.
template <typename MatchT,
          FailureOr<MatchT> (*match)(linalg::LinalgOp, ExplainFn)>
class FloatOpPattern
    : public OpInterfaceRewritePattern<QuantizableOpInterface> {
public:
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(QuantizableOpInterface op,
                                PatternRewriter &rewriter) const final {
    auto structured = dyn_cast<linalg::LinalgOp>(op.getOperation());
    if (!structured || op.getQuantizableKind().empty())
      return rewriter.notifyMatchFailure(op, "no structured op in float");
    FailureOr<MatchT> matched = match(structured, explainTo(rewriter, op));
    if (failed(matched))
      return failure();
    rewrite(*matched, rewriter);
    return success();
  }

private:
  virtual void rewrite(MatchT &matched, PatternRewriter &rewriter) const = 0;
};

/// Contractions and convolutions of an activation with constant weights.
struct IntegerProduct {
  linalg::LinalgOp op;
  /// The inputs on codes, in the op's order; null for the weights.
  SmallVector<Value, 2> inputs;
  ConstantWeights weights;
  unsigned weightNumber = 0;
  AccumulatorScale scale;
  IntegerType accumulatorType;
  /// The largest magnitude that an accumulator can have.
  int64_t bound = 0;
  /// The dimensions of the result that also index the weights, and the initial
  /// value of the accumulator, row-major over them.
  SmallVector<KeptDim> keptDims;
  SmallVector<int64_t> init;
  /// Whether the op's own init is added afterwards, in float.
  bool addsInit = false;
};
FailureOr<IntegerProduct> matchIntegerProduct(linalg::LinalgOp op,
                                              ExplainFn explain);
void populateIntegerProductPatterns(RewritePatternSet &patterns);

/// Contractions of two activations.
struct IntegerActivationProduct {
  linalg::LinalgOp op;
  SmallVector<QuantizedValue, 2> inputs;
  /// The number of products in a sum.
  int64_t depth = 0;
  IntegerType accumulatorType;
  AccumulatorScale scale;
};
FailureOr<IntegerActivationProduct>
matchIntegerActivationProduct(linalg::LinalgOp op, ExplainFn explain);
void populateIntegerActivationProductPatterns(RewritePatternSet &patterns);

/// Contractions and convolutions where the parameters of an activation are
/// measured at run time.
struct IntegerDynamicProduct {
  linalg::LinalgOp op;
  /// The factors, with maps that lead from the dimensions of the result. Codes
  /// and scale of weights are null: they are made from `weights`.
  SmallVector<RunTimeQuantizedValue, 2> inputs;
  /// The number of products in a sum; 0 where no zero points are multiplied.
  int64_t depth = 0;
  IntegerType accumulatorType;
  std::optional<unsigned> weightNumber;
  ConstantWeights weights;
  /// Dimensions of the result that also index the weights, and the sums of
  /// these for each index of them.
  SmallVector<KeptDim> keptDims;
  SmallVector<CodeSum> weightSums;
};
FailureOr<IntegerDynamicProduct> matchIntegerDynamicProduct(linalg::LinalgOp op,
                                                            ExplainFn explain);
void populateIntegerDynamicProductPatterns(RewritePatternSet &patterns);

/// Contractions and convolutions with weights where scales change along the
/// sum.
struct IntegerBlockProduct {
  linalg::LinalgOp op;
  /// The loop that is summed over in blocks, its dimension in both inputs, and
  /// its size.
  unsigned sumLoop = 0;
  SmallVector<int64_t, 2> sumDims;
  int64_t depth = 0;
  /// The other loops that are summed over, such as those of a window: each
  /// position of them has blocks of its own.
  SmallVector<unsigned> outerSumLoops;
  unsigned weightNumber = 0;
  QuantizedBlocks activation;
  /// Split into the blocks of the product.
  BlockWeights weights;
  /// The sums of the weights of each block, less their zero points: one for
  /// each index of their dimensions but the elements of a block.
  SmallVector<CodeSum> weightSums;
  /// The largest magnitude that the sum of a block can have.
  int64_t bound = 0;
};
FailureOr<IntegerBlockProduct> matchIntegerBlockProduct(linalg::LinalgOp op,
                                                        ExplainFn explain);
/// Builds the integer form of `product` at the insertion point: a value of the
/// type of the op's result.
Value createBlockProduct(ImplicitLocOpBuilder &builder,
                         const IntegerBlockProduct &product);
void populateIntegerBlockProductPatterns(RewritePatternSet &patterns);

/// Sums over windows or whole dimensions, and the division that makes them
/// averages.
struct IntegerAverage {
  linalg::LinalgOp op;
  QuantizedValue input;
  IntegerType accumulatorType;
  /// The largest magnitude that an accumulator can have.
  int64_t bound = 0;
  /// The initial value of the accumulator: takes the zero points off again.
  int64_t init = 0;
  AccumulatorScale scale;
  /// Divisions of the sum by a constant.
  struct Division {
    linalg::LinalgOp op;
    double divisor;
  };
  SmallVector<Division> divisions;
};
FailureOr<IntegerAverage> matchIntegerAverage(linalg::LinalgOp op,
                                              ExplainFn explain);
void populateIntegerAveragePatterns(RewritePatternSet &patterns);

/// Sums and products of two tensors, element by element.
struct IntegerElementwise {
  linalg::LinalgOp op;
  QuantizedValue lhs;
  QuantizedValue rhs;
  bool isProduct = false;
  /// The quantizes of the result.
  SmallVector<QuantizeOp> users;
};
FailureOr<IntegerElementwise> matchIntegerElementwise(linalg::LinalgOp op,
                                                      ExplainFn explain);
/// With fixed-point requantization the arithmetic between codes is integer.
void populateIntegerElementwisePatterns(RewritePatternSet &patterns,
                                        Requantization requantization);

/// A function of one tensor of bytes, element by element, whose result is
/// quantized to bytes.
struct IntegerLookup {
  QuantizeOp quantize;
  QuantizedValue source = {};
  /// The ops between codes, operands first.
  SmallVector<Operation *> ops;
};
FailureOr<IntegerLookup> matchIntegerLookup(QuantizeOp quantize,
                                            ExplainFn explain);
/// With fixed-point requantization a mere change of scale is a table as well.
void populateIntegerLookupPatterns(RewritePatternSet &patterns,
                                   Requantization requantization);

/// Codes that become codes of another scale with nothing in between.
struct IntegerScaleChange {
  QuantizeOp quantize;
  DequantizeOp dequantize;
  int32_t zeroPoint = 0;
  int32_t outputZeroPoint = 0;
  /// One, or one for each index along the axis of the dequantize.
  SmallVector<float> multipliers;
};
FailureOr<IntegerScaleChange> matchIntegerScaleChange(QuantizeOp quantize,
                                                      ExplainFn explain);
void populateIntegerScaleChangePatterns(RewritePatternSet &patterns);

} // namespace mlir::ptq

#endif // PTQ_LIB_DIALECT_PTQ_TRANSFORMS_INTEGER_INTEGERREWRITING_H
