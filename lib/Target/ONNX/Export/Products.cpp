//===- Products.cpp - Export of convolutions and matrix products ----------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GraphExporter.h"
#include "mlir/IR/Matchers.h"
#include "ptq/Dialect/PTQ/Models/EdgeTracing.h"
#include "ptq/Dialect/PTQ/Models/StructuredOpKind.h"

using namespace mlir;
using namespace mlir::ptq;
using namespace mlir::ptq::exporter;
using linalg::LinalgOp;

SmallVector<NodeAttribute>
mlir::ptq::exporter::getWindowAttributes(LinalgOp op) {
  SmallVector<NodeAttribute> attributes;
  auto add = [&](StringRef name, ArrayRef<int64_t> values) {
    if (!llvm::all_of(values, [](int64_t value) { return value == 1; }))
      attributes.push_back(NodeAttribute::list(name, values));
  };
  if (isa<linalg::GenericOp>(op.getOperation())) {
    FailureOr<linalg::ConvolutionDimensions> dims =
        linalg::inferConvolutionDims(op);
    if (succeeded(dims)) {
      add("strides", dims->strides);
      add("dilations", dims->dilations);
    }
    return attributes;
  }
  for (StringRef name : {"strides", "dilations"})
    if (auto values = op->getAttrOfType<DenseIntElementsAttr>(name))
      add(name, llvm::to_vector(values.getValues<int64_t>()));
  return attributes;
}

bool mlir::ptq::exporter::isGroupedConvolution(linalg::GenericOp op) {
  FailureOr<linalg::ConvolutionDimensions> dims =
      linalg::inferConvolutionDims(op);
  if (failed(dims) || classifyStructuredOp(op) != StructuredOpKind::Convolution)
    return false;
  MLIRContext *context = op.getContext();
  auto getMap = [&](std::initializer_list<ArrayRef<unsigned>> parts) {
    SmallVector<AffineExpr> results;
    for (ArrayRef<unsigned> part : parts)
      for (unsigned dim : part)
        results.push_back(getAffineDimExpr(dim, context));
    return AffineMap::get(op.getNumLoops(), 0, results, context);
  };
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  AffineMap channels = getMap({dims->batch, dims->depth, dims->inputChannel});
  return dims->batch.size() == 1 && dims->depth.size() == 1 &&
         dims->inputChannel.size() == 1 && dims->outputChannel.size() == 1 &&
         maps[0].getNumResults() == 3 + dims->outputImage.size() &&
         maps[0].getMajorSubMap(3) == channels &&
         maps[1] == getMap({dims->depth, dims->outputChannel,
                            dims->inputChannel, dims->filterLoop}) &&
         maps[2] == getMap({dims->batch, dims->depth, dims->outputChannel,
                            dims->outputImage});
}

/// Whether sums that start from `init` start from 0.
static bool isZero(Value init) {
  if (auto fill = init.getDefiningOp<linalg::FillOp>())
    init = fill.getInputs().front();
  return matchPattern(init, m_AnyZeroFloat());
}

namespace {
/// What sums start from: a tensor that broadcasts to the result.
struct Init {
  std::string tensor;
  /// The dimensions of the result that the tensor has, and its shape.
  SmallVector<int64_t> dims, shape;
};
} // namespace

static FailureOr<Init> readInit(GraphExporter &graph, LinalgOp op) {
  Value value = op.getDpsInits().front();
  auto type = cast<RankedTensorType>(value.getType());
  Init init;
  auto broadcast = value.getDefiningOp<linalg::BroadcastOp>();
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    if (!broadcast || !llvm::is_contained(broadcast.getDimensions(), dim))
      init.dims.push_back(dim);
  Value source = broadcast ? broadcast.getInput() : value;
  init.shape.assign(cast<RankedTensorType>(source.getType()).getShape());
  FailureOr<std::string> tensor = graph.getTensor(source, op);
  if (failed(tensor))
    return failure();
  init.tensor = *tensor;
  return init;
}

/// `filter` in the shape that ONNX wants it to have. Dequantized constants are
/// given that shape themselves, because runtimes look for weights there.
static FailureOr<std::string> reshapeFilter(GraphExporter &graph, LinalgOp op,
                                            Value filter,
                                            ArrayRef<int64_t> shape) {
  if (auto dequantize = filter.getDefiningOp<DequantizeOp>()) {
    FailureOr<ConstantElements> codes = readConstant(dequantize.getInput());
    if (succeeded(codes) && dequantize.getAxis().value_or(0) == 0 &&
        !dequantize.getBlockSize()) {
      codes->type = RankedTensorType::get(shape, codes->type.getElementType());
      std::string name = getEdgeName(filter);
      return addDequantize(graph, dequantize, graph.addConstant(*codes, name),
                           name + ".values");
    }
  }
  FailureOr<std::string> tensor = graph.getTensor(filter, op);
  if (failed(tensor))
    return failure();
  return graph.addNode("Reshape", {*tensor, graph.addIntegers(shape, "shape")},
                       {}, *tensor + ".filter");
}

static LogicalResult exportConvolution(GraphExporter &graph, LinalgOp op) {
  Value image = op.getDpsInputs()[0], filter = op.getDpsInputs()[1];
  auto filterType = cast<RankedTensorType>(filter.getType());
  if (!filterType.hasStaticShape())
    return emitUnsupported(op, "the filter has a dynamic shape");
  SmallVector<NodeAttribute> attributes = getWindowAttributes(op);
  // Zeros around the image are an attribute.
  if (auto pad = image.getDefiningOp<tensor::PadOp>()) {
    Value value = pad.getConstantPaddingValue();
    ArrayRef<int64_t> low = pad.getStaticLow(), high = pad.getStaticHigh();
    bool isZeros = value && matchPattern(value, m_AnyZeroFloat()) &&
                   low[0] == 0 && low[1] == 0 && high[0] == 0 && high[1] == 0 &&
                   !llvm::is_contained(low, ShapedType::kDynamic) &&
                   !llvm::is_contained(high, ShapedType::kDynamic);
    if (isZeros) {
      image = pad.getSource();
      SmallVector<int64_t> pads(low.drop_front(2));
      llvm::append_range(pads, high.drop_front(2));
      attributes.push_back(NodeAttribute::list("pads", pads));
    }
  }
  FailureOr<std::string> imageTensor = graph.getTensor(image, op);
  if (failed(imageTensor))
    return failure();
  FailureOr<std::string> filterTensor = failure();
  if (isa<linalg::DepthwiseConv2DNchwChwOp, linalg::DepthwiseConv3DNcdhwCdhwOp>(
          op)) {
    SmallVector<int64_t> shape(filterType.getShape());
    attributes.push_back(NodeAttribute::number("group", shape[0]));
    shape.insert(shape.begin() + 1, 1);
    filterTensor = reshapeFilter(graph, op, filter, shape);
  } else {
    filterTensor = graph.getTensor(filter, op);
  }
  if (failed(filterTensor))
    return failure();
  Value result = op->getResult(0);
  if (isZero(op.getDpsInits().front())) {
    graph.setNode(result, "Conv", {*imageTensor, *filterTensor}, attributes);
    return success();
  }
  FailureOr<Init> init = readInit(graph, op);
  if (failed(init))
    return failure();
  if (init->dims == ArrayRef<int64_t>{1}) {
    graph.setNode(result, "Conv", {*imageTensor, *filterTensor, init->tensor},
                  attributes);
    return success();
  }
  std::string sums = graph.addNode("Conv", {*imageTensor, *filterTensor},
                                   attributes, getEdgeName(result) + ".sums");
  graph.setNode(
      result, "Add",
      {sums,
       graph.addAligned(init->tensor, init->shape, init->dims,
                        cast<RankedTensorType>(result.getType()).getRank())});
  return success();
}

/// Channels that are split into groups, as those of the operands and of the
/// result: ONNX has them in one dimension.
static LogicalResult exportGroupedConvolution(GraphExporter &graph,
                                              LinalgOp op) {
  Value image = op.getDpsInputs()[0], filter = op.getDpsInputs()[1];
  Value result = op->getResult(0);
  auto resultType = cast<RankedTensorType>(result.getType());
  ArrayRef<int64_t> imageShape =
      cast<RankedTensorType>(image.getType()).getShape();
  ArrayRef<int64_t> filterShape =
      cast<RankedTensorType>(filter.getType()).getShape();
  if (llvm::is_contained(imageShape.drop_front(), ShapedType::kDynamic) ||
      llvm::is_contained(filterShape, ShapedType::kDynamic))
    return emitUnsupported(op, "the filter has a dynamic shape");
  int64_t groups = filterShape[0];
  FailureOr<std::string> imageTensor = graph.getTensor(image, op);
  if (failed(imageTensor))
    return failure();
  SmallVector<int64_t> joinedFilter(filterShape.drop_front());
  joinedFilter[0] *= groups;
  FailureOr<std::string> filterTensor =
      reshapeFilter(graph, op, filter, joinedFilter);
  if (failed(filterTensor))
    return failure();
  std::string name = getEdgeName(result);
  SmallVector<int64_t> joinedImage(imageShape.drop_front());
  joinedImage[0] = ShapedType::isDynamic(imageShape[0]) ? -1 : imageShape[0];
  joinedImage[1] *= groups;
  std::string joined = graph.addNode(
      "Reshape", {*imageTensor, graph.addIntegers(joinedImage, "shape")}, {},
      name + ".image");
  SmallVector<NodeAttribute> attributes = getWindowAttributes(op);
  attributes.push_back(NodeAttribute::number("group", groups));
  SmallVector<std::string> inputs = {joined, *filterTensor};
  bool hasInit = !isZero(op.getDpsInits().front());
  FailureOr<Init> init = failure();
  if (hasInit) {
    init = readInit(graph, op);
    if (failed(init))
      return failure();
    if (init->dims == ArrayRef<int64_t>{1, 2}) {
      inputs.push_back(graph.addNode(
          "Reshape",
          {init->tensor, graph.addIntegers({groups * filterShape[1]}, "shape")},
          {}, name + ".bias"));
      hasInit = false;
    }
  }
  std::string sums = graph.addNode("Conv", inputs, attributes, name + ".sums");
  FailureOr<std::string> shape = graph.addShape(resultType, op);
  if (failed(shape))
    return failure();
  if (!hasInit) {
    graph.setNode(result, "Reshape", {sums, *shape});
    return success();
  }
  std::string split =
      graph.addNode("Reshape", {sums, *shape}, {}, name + ".split");
  graph.setNode(result, "Add",
                {split, graph.addAligned(init->tensor, init->shape, init->dims,
                                         resultType.getRank())});
  return success();
}

static LogicalResult exportMatmul(GraphExporter &graph, LinalgOp op) {
  FailureOr<std::string> lhs = graph.getTensor(op.getDpsInputs()[0], op);
  FailureOr<std::string> rhs = graph.getTensor(op.getDpsInputs()[1], op);
  if (failed(lhs) || failed(rhs))
    return failure();
  auto isPlain = [&] {
    if (auto matmul = dyn_cast<linalg::MatmulOp>(op.getOperation()))
      return !matmul.hasUserDefinedMaps();
    return !cast<linalg::BatchMatmulOp>(op.getOperation()).hasUserDefinedMaps();
  };
  if (!isPlain())
    return emitUnsupported(op, "an operand is transposed or broadcast");
  Value result = op->getResult(0);
  if (isZero(op.getDpsInits().front())) {
    graph.setNode(result, "MatMul", {*lhs, *rhs});
    return success();
  }
  FailureOr<Init> init = readInit(graph, op);
  if (failed(init))
    return failure();
  int64_t rank = cast<RankedTensorType>(result.getType()).getRank();
  std::string aligned =
      graph.addAligned(init->tensor, init->shape, init->dims, rank);
  if (rank == 2) {
    graph.setNode(result, "Gemm", {*lhs, *rhs, aligned});
    return success();
  }
  std::string product = graph.addNode("MatMul", {*lhs, *rhs}, {},
                                      getEdgeName(result) + ".product");
  graph.setNode(result, "Add", {product, aligned});
  return success();
}

LogicalResult mlir::ptq::exporter::exportProduct(GraphExporter &graph,
                                                 LinalgOp op) {
  if (isa<linalg::MatmulOp, linalg::BatchMatmulOp>(op))
    return exportMatmul(graph, op);
  if (isa<linalg::Conv2DNgchwGfchwOp, linalg::GenericOp>(op))
    return exportGroupedConvolution(graph, op);
  return exportConvolution(graph, op);
}
