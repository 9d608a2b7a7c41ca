//===- PackedWeights.cpp - Weights in the order of the kernels --------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PackedWeights.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/Support/Alignment.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::ptq;

static int64_t getNumIterations(ArrayRef<WeightWalk::Loop> loops) {
  int64_t product = 1;
  for (const WeightWalk::Loop &loop : loops)
    product *= loop.range;
  return product;
}

/// The offset of step `step` of a nest of loops.
static int64_t getOffset(ArrayRef<WeightWalk::Loop> loops, int64_t step) {
  int64_t offset = 0;
  for (const WeightWalk::Loop &loop : llvm::reverse(loops)) {
    offset += step % loop.range * loop.stride;
    step /= loop.range;
  }
  return offset;
}

int64_t WeightWalk::getNumBatches() const { return getNumIterations(batches); }

int64_t WeightWalk::getNumOuterSteps() const { return getNumIterations(outer); }

int64_t WeightWalk::getRunLength() const { return getNumIterations(run); }

FailureOr<ArrayRef<char>>
mlir::ptq::getConstantData(Value value, SymbolTableCollection &symbols) {
  auto reference = value.getDefiningOp<memref::GetGlobalOp>();
  if (!reference)
    return failure();
  auto global = symbols.lookupNearestSymbolFrom<memref::GlobalOp>(
      reference, reference.getNameAttr());
  MemRefType type = reference.getType();
  Type element = type.getElementType();
  if (!global || !global.getConstant() || !element.isIntOrFloat() ||
      element.getIntOrFloatBitWidth() % 8 != 0 || !type.hasStaticShape() ||
      !type.getLayout().isIdentity())
    return failure();
  size_t size = type.getNumElements() * (element.getIntOrFloatBitWidth() / 8);
  Attribute initial = global.getInitialValue().value_or(Attribute());
  if (auto resource = dyn_cast_or_null<DenseResourceElementsAttr>(initial)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    if (!blob || blob->getData().size() != size)
      return failure();
    return blob->getData();
  }
  auto dense = dyn_cast_or_null<DenseIntOrFPElementsAttr>(initial);
  if (!dense || dense.isSplat() || dense.getRawData().size() != size)
    return failure();
  return dense.getRawData();
}

template <typename T>
FailureOr<ArrayRef<T>>
mlir::ptq::getConstantIntegers(Value value, SymbolTableCollection &symbols) {
  if (!getElementTypeOrSelf(value.getType()).isInteger(8 * sizeof(T)))
    return failure();
  FailureOr<ArrayRef<char>> data = getConstantData(value, symbols);
  if (failed(data) || !llvm::isAddrAligned(llvm::Align::Of<T>(), data->data()))
    return failure();
  return ArrayRef<T>(reinterpret_cast<const T *>(data->data()),
                     data->size() / sizeof(T));
}

template FailureOr<ArrayRef<int8_t>>
mlir::ptq::getConstantIntegers<int8_t>(Value, SymbolTableCollection &);
template FailureOr<ArrayRef<int16_t>>
mlir::ptq::getConstantIntegers<int16_t>(Value, SymbolTableCollection &);
template FailureOr<ArrayRef<int32_t>>
mlir::ptq::getConstantIntegers<int32_t>(Value, SymbolTableCollection &);

FailureOr<SmallVector<float>>
mlir::ptq::getConstantFloats(Value value, SymbolTableCollection &symbols) {
  if (!getElementTypeOrSelf(value.getType()).isF32())
    return failure();
  if (FailureOr<ArrayRef<char>> data = getConstantData(value, symbols);
      succeeded(data)) {
    const auto *begin = reinterpret_cast<const float *>(data->data());
    return SmallVector<float>(begin, begin + data->size() / sizeof(float));
  }
  auto reference = value.getDefiningOp<memref::GetGlobalOp>();
  if (!reference || !reference.getType().hasStaticShape())
    return failure();
  auto global = symbols.lookupNearestSymbolFrom<memref::GlobalOp>(
      reference, reference.getNameAttr());
  if (!global || !global.getConstant())
    return failure();
  auto dense = dyn_cast_or_null<DenseFPElementsAttr>(
      global.getInitialValue().value_or(Attribute()));
  if (!dense || !dense.isSplat())
    return failure();
  return SmallVector<float>(reference.getType().getNumElements(),
                            dense.getSplatValue<float>());
}

int64_t mlir::ptq::getNumSteps(const WeightWalk &walk, int64_t factor,
                               ArrayRef<int64_t> shifts) {
  return llvm::divideCeil(walk.getRunLength() + *llvm::max_element(shifts),
                          factor);
}

template <typename T>
PackedWeights<T> mlir::ptq::packWeights(ArrayRef<T> weights,
                                        const WeightWalk &walk, int64_t factor,
                                        int64_t lanes,
                                        ArrayRef<int64_t> shifts) {
  int64_t blocks = llvm::divideCeil(walk.columns.range, lanes);
  int64_t outerSteps = walk.getNumOuterSteps();
  int64_t runLength = walk.getRunLength();
  int64_t numShifts = shifts.size();
  int64_t steps = getNumSteps(walk, factor, shifts);
  PackedWeights<T> packed;
  int64_t numPlaces = walk.getNumBatches() * blocks * lanes;
  packed.data.assign(numPlaces * outerSteps * numShifts * steps * factor, 0);
  packed.columnSums.assign(numPlaces, 0);
  auto packColumn = [&](int64_t batch, int64_t column) {
    int64_t place = batch * blocks * lanes + column;
    int64_t source =
        walk.columnOrder.empty() ? column : walk.columnOrder[column];
    int64_t origin =
        getOffset(walk.batches, batch) + source * walk.columns.stride;
    for (int64_t outer = 0; outer < outerSteps; ++outer) {
      for (int64_t element = 0; element < runLength; ++element) {
        T weight = weights[origin + getOffset(walk.outer, outer) +
                           getOffset(walk.run, element)];
        packed.columnSums[place] += weight;
        int64_t run = ((place / lanes) * outerSteps + outer) * numShifts;
        for (auto [index, shift] : llvm::enumerate(shifts)) {
          int64_t shifted = element + shift;
          int64_t step = (run + index) * steps + shifted / factor;
          packed.data[(step * lanes + place % lanes) * factor +
                      shifted % factor] = weight;
        }
      }
    }
  };
  for (int64_t batch = 0; batch < walk.getNumBatches(); ++batch)
    for (int64_t column = 0; column < walk.columns.range; ++column)
      packColumn(batch, column);
  return packed;
}

template PackedWeights<int8_t>
mlir::ptq::packWeights<int8_t>(ArrayRef<int8_t>, const WeightWalk &, int64_t,
                               int64_t, ArrayRef<int64_t>);
template PackedWeights<int16_t>
mlir::ptq::packWeights<int16_t>(ArrayRef<int16_t>, const WeightWalk &, int64_t,
                                int64_t, ArrayRef<int64_t>);

bool mlir::ptq::areNibbles(ArrayRef<int8_t> weights) {
  return llvm::all_of(
      weights, [](int8_t weight) { return weight >= -8 && weight <= 7; });
}

std::vector<int8_t> mlir::ptq::packNibbles(ArrayRef<int8_t> weights,
                                           int64_t size) {
  std::vector<int8_t> packed;
  packed.reserve(weights.size() / 2);
  for (; !weights.empty(); weights = weights.drop_front(size))
    for (int64_t i = 0; i < size / 2; ++i) {
      unsigned low = static_cast<uint8_t>(weights[i]) & 0xf;
      unsigned high = static_cast<uint8_t>(weights[size / 2 + i]) << 4;
      packed.push_back(static_cast<int8_t>(static_cast<uint8_t>(low | high)));
    }
  return packed;
}

Value mlir::ptq::createGlobalConstant(RewriterBase &rewriter, Operation *op,
                                      StringRef name, MemRefType type,
                                      ArrayRef<char> data,
                                      SymbolTableCollection &symbols) {
  auto initial = DenseResourceElementsAttr::get(
      RankedTensorType::get(type.getShape(), type.getElementType()), name,
      // Not more: bytecode records it, and pipes are read into memory of 16.
      HeapAsmResourceBlob::allocateAndCopyWithAlign(data, /*align=*/16));

  auto module = op->getParentOfType<ModuleOp>();
  memref::GlobalOp global;
  {
    OpBuilder::InsertionGuard guard(rewriter);
    rewriter.setInsertionPointToStart(module.getBody());
    global = memref::GlobalOp::create(
        rewriter, op->getLoc(), name, rewriter.getStringAttr("private"), type,
        initial, /*constant=*/true,
        /*alignment=*/rewriter.getI64IntegerAttr(64));
  }
  StringAttr symbol = symbols.getSymbolTable(module).insert(global);
  return memref::GetGlobalOp::create(rewriter, op->getLoc(), type,
                                     symbol.getValue());
}

template <typename T>
Value mlir::ptq::createGlobalConstant(RewriterBase &rewriter, Operation *op,
                                      StringRef name, ArrayRef<T> values,
                                      SymbolTableCollection &symbols) {
  auto type = MemRefType::get({static_cast<int64_t>(values.size())},
                              rewriter.getIntegerType(sizeof(T) * 8));
  auto data = ArrayRef<char>(reinterpret_cast<const char *>(values.data()),
                             values.size() * sizeof(T));
  return createGlobalConstant(rewriter, op, name, type, data, symbols);
}

template Value mlir::ptq::createGlobalConstant<int8_t>(RewriterBase &,
                                                       Operation *, StringRef,
                                                       ArrayRef<int8_t>,
                                                       SymbolTableCollection &);
template Value
mlir::ptq::createGlobalConstant<int16_t>(RewriterBase &, Operation *, StringRef,
                                         ArrayRef<int16_t>,
                                         SymbolTableCollection &);
template Value
mlir::ptq::createGlobalConstant<int32_t>(RewriterBase &, Operation *, StringRef,
                                         ArrayRef<int32_t>,
                                         SymbolTableCollection &);
