//===- BlockQuantization.cpp - Import of weights with a scale per block ---===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What ONNX Runtime's quantizers of weights write: products with, and rows of,
// constants of a few bits with a scale for each block.
//
//===----------------------------------------------------------------------===//

#include "../OperatorRegistry.h"
#include "ConstantCodes.h"
#include "Gather.h"
#include "Products.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::ptq::importer;

/// The constant at input `index`, of which `isType` must hold.
static FailureOr<ConstantTensor> readConstant(Node &node, unsigned index,
                                              function_ref<bool(Type)> isType,
                                              StringRef types) {
  const ConstantTensor *constant = node.getConstantInput(index);
  if (!constant || !isType(constant->getElementType()))
    return node.emitError()
           << "input " << index << " must be a constant of " << types;
  return *constant;
}

static FailureOr<ConstantTensor> readScales(Node &node, unsigned index) {
  return readConstant(node, index, isQuantizableFloat, "floats");
}

static FailureOr<ConstantTensor> readPacked(Node &node, unsigned index) {
  return readConstant(
      node, index, [](Type type) { return type.isUnsignedInteger(8); },
      "unsigned bytes");
}

/// Elements of `width` bits from rows of `rowBytes` bytes, of which the first
/// `rowSize` elements count. The first of a byte is in the low bits.
static ConstantTensor unpackRows(const ConstantTensor &packed, int64_t rowBytes,
                                 int64_t rowSize, unsigned width) {
  int64_t numRows = packed.getType().getNumElements() / rowBytes;
  int64_t perByte = 8 / width;
  auto elements = std::make_shared<std::vector<char>>();
  elements->reserve(numRows * rowSize);
  ArrayRef<char> bytes = packed.getRawData();
  for (int64_t row = 0; row < numRows; ++row)
    for (int64_t i = 0; i < rowSize; ++i) {
      auto byte = static_cast<uint8_t>(bytes[row * rowBytes + i / perByte]);
      elements->push_back(static_cast<char>((byte >> (i % perByte * width)) &
                                            ((1u << width) - 1)));
    }
  auto type = RankedTensorType::get(
      {numRows, rowSize}, IntegerType::get(packed.getType().getContext(), width,
                                           IntegerType::Unsigned));
  return ConstantTensor(packed.getName().str(), type, *elements, elements);
}

/// Reads an attribute that must be there, a number from `least` to `most`.
static LogicalResult readBoundedAttribute(Node &node, StringRef name,
                                          int64_t least, int64_t most,
                                          int64_t &value) {
  if (failed(node.readAttribute(name, value)))
    return failure();
  if (value < least || value > most)
    return node.emitError() << "attribute '" << name << "' must be from "
                            << least << " to " << most << ", got " << value;
  return success();
}

/// Bounds sizes, so that what is computed from them is exact.
static constexpr int64_t kLargest = int64_t(1) << 30;

static bool isSupportedWidth(int64_t bits) {
  return bits == 2 || bits == 4 || bits == 8;
}

//===----------------------------------------------------------------------===//
// MatMulNBits
//===----------------------------------------------------------------------===//

namespace {
/// How weights are packed: a row of blocks for each of N columns.
struct WeightShape {
  int64_t depth = 0, columns = 0, bits = 4, blockSize = 0;

  int64_t getNumBlocks() const { return llvm::divideCeil(depth, blockSize); }
};
} // namespace

static FailureOr<WeightShape> readWeightShape(Node &node) {
  WeightShape shape;
  // How exact the products must be at least; ours are exact.
  node.ignoreAttribute("accuracy_level");
  if (failed(readBoundedAttribute(node, "K", 1, kLargest, shape.depth)) ||
      failed(readBoundedAttribute(node, "N", 1, kLargest, shape.columns)) ||
      failed(readBoundedAttribute(node, "block_size", 1, kLargest,
                                  shape.blockSize)) ||
      failed(node.readAttribute("bits", shape.bits)))
    return failure();
  if (!isSupportedWidth(shape.bits) || shape.blockSize * shape.bits % 8 != 0)
    return node.emitError() << "blocks of " << shape.blockSize << " codes of "
                            << shape.bits << " bits are not supported";
  return shape;
}

/// Checks that input `index` has `rows` times `rowSize` elements.
static LogicalResult verifyCount(Node &node, unsigned index,
                                 const ConstantTensor &constant, int64_t rows,
                                 int64_t rowSize) {
  int64_t expected;
  if (llvm::MulOverflow(rows, rowSize, expected) ||
      constant.getType().getNumElements() != expected)
    return node.emitError()
           << "input " << index << " has "
           << constant.getType().getNumElements() << " elements, expected "
           << rows << " x " << rowSize;
  return success();
}

/// The weights, as a matrix of K rows.
static FailureOr<Value> readWeights(Node &node) {
  FailureOr<WeightShape> shape = readWeightShape(node);
  if (failed(shape))
    return failure();
  FailureOr<ConstantTensor> packed = readPacked(node, 1);
  FailureOr<ConstantTensor> scales = readScales(node, 2);
  if (failed(packed) || failed(scales))
    return failure();
  int64_t numBlocks = shape->getNumBlocks();
  int64_t rowBytes = numBlocks * (shape->blockSize * shape->bits / 8);
  if (failed(verifyCount(node, 1, *packed, shape->columns, rowBytes)) ||
      failed(verifyCount(node, 2, *scales, shape->columns, numBlocks)))
    return failure();
  std::optional<ConstantTensor> zeroPoints;
  if (node.hasInput(3)) {
    FailureOr<ConstantTensor> given = readPacked(node, 3);
    int64_t zeroBytes = llvm::divideCeil(numBlocks * shape->bits, 8);
    if (failed(given) ||
        failed(verifyCount(node, 3, *given, shape->columns, zeroBytes)))
      return failure();
    zeroPoints = unpackRows(*given, zeroBytes, numBlocks, shape->bits);
  } else {
    // The middle of the range.
    SmallVector<int64_t> middles(shape->columns * numBlocks,
                                 int64_t(1) << (shape->bits - 1));
    zeroPoints = ConstantTensor::fromIntegers(
        "zero_point",
        RankedTensorType::get({shape->columns, numBlocks},
                              IntegerType::get(node.getBuilder().getContext(),
                                               shape->bits,
                                               IntegerType::Unsigned)),
        middles);
  }

  Builder &builder = node.getBuilder();
  ConstantCodes constant(
      unpackRows(*packed, rowBytes, shape->depth, shape->bits)
          .transposed({1, 0}),
      {scales->reshaped({shape->columns, numBlocks}).transposed({1, 0}),
       zeroPoints->transposed({1, 0}), IntegerAttr(), DenseI64ArrayAttr()});
  if (numBlocks == 1) {
    constant.scales = constant.scales.reshaped(shape->columns);
    constant.zeroPoints = constant.zeroPoints->reshaped(shape->columns);
    constant.axis = builder.getI64IntegerAttr(1);
  } else {
    constant.blockSize = builder.getDenseI64ArrayAttr({shape->blockSize, 1});
  }
  return constant.createValues(node);
}

static LogicalResult importMatMulNBits(Node &node) {
  Value input;
  if (failed(node.readFloatInput(0, input)))
    return failure();
  if (node.hasInput(4))
    return node.emitError() << "weights in groups (g_idx) are not supported";
  FailureOr<Value> weights = readWeights(node);
  if (failed(weights))
    return failure();
  FailureOr<Value> product = createMatMul(node, input, *weights);
  if (succeeded(product) && node.hasInput(5)) {
    Value bias;
    if (failed(node.readFloatInput(5, bias)))
      return failure();
    product = node.apply("Add", 14, {*product, bias},
                         {"K", "N", "bits", "block_size", "accuracy_level"});
  }
  if (failed(product))
    return failure();
  return node.setOutput(0, *product);
}

//===----------------------------------------------------------------------===//
// GatherBlockQuantized
//===----------------------------------------------------------------------===//

static bool isTableCode(Type type) {
  return type.isInteger(4) || type.isUnsignedInteger(8);
}

/// Reads the table at input 0: codes of four bits, or bytes that hold one or
/// more of them.
static FailureOr<ConstantTensor> readTable(Node &node) {
  int64_t bits = 4;
  if (failed(node.readAttribute("bits", bits)))
    return failure();
  FailureOr<ConstantTensor> codes =
      readConstant(node, 0, isTableCode, "4-bit integers or unsigned bytes");
  if (failed(codes) || !codes->getElementType().isUnsignedInteger(8))
    return codes;
  if ((bits != 4 && bits != 8) || codes->getRank() == 0)
    return node.emitError() << "codes of " << bits << " bits in bytes are not "
                            << "supported";
  if (codes->getType().getNumElements() == 0)
    return codes;
  SmallVector<int64_t> shape(codes->getShape());
  int64_t rowBytes = shape.back();
  shape.back() *= 8 / bits;
  return unpackRows(*codes, rowBytes, shape.back(), bits).reshaped(shape);
}

/// Reads the zero points at input 3, if they are given, shaped like the scales;
/// they are packed like the codes.
static LogicalResult readTableZeroPoints(Node &node, ConstantCodes &table) {
  Type type = table.codes.getElementType();
  if (!node.hasInput(3))
    return success();
  FailureOr<ConstantTensor> given =
      readConstant(node, 3, isTableCode, "integers like the codes");
  if (failed(given))
    return failure();
  ArrayRef<int64_t> expected = table.scales.getShape();
  unsigned width = type.getIntOrFloatBitWidth();
  if (given->getElementType().isUnsignedInteger(8) && width < 8 &&
      given->getRank() == static_cast<int64_t>(expected.size()) &&
      given->getShape().back() ==
          llvm::divideCeilSigned(expected.back() * width, 8) &&
      given->getType().getNumElements() != 0) {
    SmallVector<int64_t> shape(given->getShape());
    int64_t rowBytes = shape.back();
    shape.back() = expected.back();
    *given =
        unpackRows(*given, rowBytes, expected.back(), width).reshaped(shape);
  }
  if (given->getElementType() != type || given->getShape() != expected)
    return node.emitError()
           << "zero points of type " << given->getType()
           << " do not fit scales of type " << table.scales.getType();
  table.zeroPoints = *given;
  return success();
}

/// Reads inputs 0, 2 and 3 and the dimension that blocks lie along.
static FailureOr<ConstantCodes> readBlockedTable(Node &node) {
  FailureOr<ConstantTensor> codes = readTable(node);
  FailureOr<ConstantTensor> scales = failure();
  if (succeeded(codes))
    scales = readScales(node, 2);
  if (failed(codes) || failed(scales))
    return failure();
  int64_t rank = codes->getRank(), axis = 1, blockSize = 128;
  if (failed(node.readAxis("quantize_axis", rank, axis)) ||
      failed(readBoundedAttribute(node, "block_size", 1, kLargest, blockSize)))
    return failure();
  if (!hasPlausibleSize(codes->getType()))
    return node.emitError()
           << "has a table of impossible size, " << codes->getType();
  SmallVector<int64_t> blocks(rank, 1), expected(codes->getShape());
  blocks[axis] = blockSize;
  expected[axis] = llvm::divideCeil(expected[axis], blockSize);
  if (scales->getShape() != ArrayRef(expected))
    return node.emitError() << "scales of type " << scales->getType()
                            << " do not fit codes of type " << codes->getType();
  ConstantCodes table(*codes, {*scales, std::nullopt, IntegerAttr(),
                               node.getBuilder().getDenseI64ArrayAttr(blocks)});
  if (failed(readTableZeroPoints(node, table)))
    return failure();
  return table;
}

/// Rows of a table of codes, as floats.
static LogicalResult importGatherBlockQuantized(Node &node) {
  FailureOr<ConstantCodes> table = readBlockedTable(node);
  if (failed(table))
    return failure();
  int64_t axis = 0;
  Value indices;
  if (failed(node.readAxis("gather_axis", table->codes.getRank(), axis)) ||
      failed(node.readInput(1, indices)))
    return failure();
  Type indexType = getElementType(indices);
  if (!indexType.isInteger(32) && !indexType.isInteger(64))
    return node.emitError() << "input 1 must be a tensor of i32 or i64, got "
                            << indices.getType();
  FailureOr<Value> values = table->createValues(node);
  if (failed(values))
    return failure();
  return node.setOutput(0, createGather(node.getBuilder(), *values, indices,
                                        axis, /*areInRange=*/false));
}

void mlir::ptq::importer::populateBlockQuantizationImporters(
    OperatorRegistry &registry) {
  registry.add("GatherBlockQuantized",
               {kRuntimeOpset, {3, 4}, importGatherBlockQuantized},
               kRuntimeDomain);
  registry.add("MatMulNBits", {kRuntimeOpset, {3, 6}, importMatMulNBits},
               kRuntimeDomain);
}
