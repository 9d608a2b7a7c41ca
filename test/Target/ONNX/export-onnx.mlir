// REQUIRES: onnx
// RUN: ptq-translate --export-onnx %s | %python %S/Inputs/print_onnx.py | FileCheck %s

// CHECK: opset 21
// CHECK: port %x[FLOAT, Nx1x4x4]
// CHECK: port %y[FLOAT, Nx3]

// Codes of four bits; the zero point of the type of the codes.
// CHECK-DAG: constant [[W:.*]] INT4 [8, 3] [-8, 7, -1, 0, 1, 2, 3, -4]
// CHECK-DAG: constant [[WS:.*]] FLOAT [2, 3] [0.5, 0.5, 0.5, 0.5, 0.5, 0.5]
// CHECK-DAG: constant [[WZ:.*]] INT4 [2, 3] [0, 0, 0, 0, 0, 0]
// CHECK-DAG: constant [[XZ:.*]] INT8 [] [3]
// A narrow range is a clip before: -127 and 127 steps of 0.25 from 3.
// CHECK-DAG: constant [[LOW:.*]] FLOAT [] [-32.5]
// CHECK-DAG: constant [[HIGH:.*]] FLOAT [] [31.0]

// CHECK: Clip x [[LOW]] [[HIGH]] -> [[CLIP:.*]]
// CHECK: QuantizeLinear [[CLIP]] [[XS:.*]] [[XZ]] -> [[Q:.*]]
// CHECK: DequantizeLinear [[Q]] {{.*}} -> [[X:.*]]
// CHECK: Reshape [[X]]
// CHECK: Reshape {{.*}} -> [[ALIGNED:.*]]
// CHECK: Add [[ALIGNED]] [[ALIGNED]] -> [[TWICE:.*]]
// CHECK: DequantizeLinear {{.*}} -> [[BIAS:.*]]

// The pads are an attribute of the convolution, and the filter has its shape.
// CHECK: DequantizeLinear {{.*}} -> [[FILTER:.*]] axis=0
// CHECK: Conv [[TWICE]] [[FILTER]] [[BIAS]] -> [[CONV:.*]] strides=[2, 1] pads=[1, 0, 0, 1] group=2{{$}}
// CHECK: Relu [[CONV]] -> [[RELU:.*]]
// CHECK: ReduceSum [[RELU]]
// CHECK: AveragePool [[RELU]] -> [[AVERAGE:.*]] kernel_shape=[2, 2]
// CHECK: Mul [[AVERAGE]]
// CHECK: Reshape
// CHECK: Pad
// CHECK: DequantizeLinear [[W]] [[WS]] [[WZ]] -> [[WEIGHTS:.*]] axis=0 block_size=4
// CHECK: MatMul {{.*}} [[WEIGHTS]] -> [[PRODUCT:.*]]
// CHECK: Sub [[PRODUCT]]
// CHECK: Softmax {{.*}} -> y axis=1

#map4 = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#map2 = affine_map<(d0, d1) -> (d0, d1)>
#rows = affine_map<(d0, d1) -> (d0)>
func.func @forward(%x: tensor<?x1x4x4xf32>) -> tensor<?x3xf32> attributes {ptq.entry, ptq.signature = {version = 1, inputs = [{name = "x", type = tensor<?x1x4x4xf32>, sample_axis = 0}], outputs = [{name = "y", type = tensor<?x3xf32>, sample_axis = 0}]}} {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?x1x4x4xf32>
  %xs = arith.constant 0.25 : f32
  %xz = arith.constant 3 : i8
  %q = ptq.quantize %x, %xs, %xz low -127 : tensor<?x1x4x4xf32>, f32, i8 -> tensor<?x1x4x4xi8>
  %d = ptq.dequantize %q, %xs, %xz : tensor<?x1x4x4xi8>, f32, i8 -> tensor<?x1x4x4xf32>
  %image = tensor.empty(%n) : tensor<?x2x4x4xf32>
  %collapsed = tensor.collapse_shape %d [[0, 1], [2], [3]] : tensor<?x1x4x4xf32> into tensor<?x4x4xf32>
  %twice = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d2, d3)>, #map4], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%collapsed : tensor<?x4x4xf32>) outs(%image : tensor<?x2x4x4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.addf %in, %in : f32
    linalg.yield %0 : f32
  } -> tensor<?x2x4x4xf32>
  %padded = tensor.pad %twice low[0, 0, 1, 0] high[0, 0, 0, 1] {
  ^bb0(%a: index, %b: index, %c: index, %e: index):
    tensor.yield %zero : f32
  } : tensor<?x2x4x4xf32> to tensor<?x2x5x5xf32>
  %k = arith.constant dense<1> : tensor<2x3x2xi8>
  %ks = arith.constant dense<[0.5, 0.25]> : tensor<2xf32>
  %filter = ptq.dequantize %k, %ks axis 0 : tensor<2x3x2xi8>, tensor<2xf32> -> tensor<2x3x2xf32>
  %b = arith.constant dense<[10, -20]> : tensor<2xi32>
  %bs = arith.constant 0.125 : f32
  %bias = ptq.dequantize %b, %bs : tensor<2xi32>, f32 -> tensor<2xf32>
  %sums = tensor.empty(%n) : tensor<?x2x2x4xf32>
  %init = linalg.broadcast ins(%bias : tensor<2xf32>) outs(%sums : tensor<?x2x2x4xf32>) dimensions = [0, 2, 3]
  %conv = linalg.depthwise_conv_2d_nchw_chw {strides = dense<[2, 1]> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%padded, %filter : tensor<?x2x5x5xf32>, tensor<2x3x2xf32>) outs(%init : tensor<?x2x2x4xf32>) -> tensor<?x2x2x4xf32>
  %relu = linalg.generic {indexing_maps = [#map4, #map4], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%conv : tensor<?x2x2x4xf32>) outs(%sums : tensor<?x2x2x4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.maximumf %in, %zero : f32
    linalg.yield %0 : f32
  } -> tensor<?x2x2x4xf32>
  %empty = tensor.empty(%n) : tensor<?xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<?xf32>) -> tensor<?xf32>
  %total = linalg.reduce ins(%relu : tensor<?x2x2x4xf32>) outs(%zeros : tensor<?xf32>) dimensions = [1, 2, 3]
    (%in: f32, %acc: f32) {
      %0 = arith.addf %in, %acc : f32
      linalg.yield %0 : f32
    }
  %window = tensor.empty() : tensor<2x2xf32>
  %pool = tensor.empty(%n) : tensor<?x2x1x3xf32>
  %start = linalg.fill ins(%zero : f32) outs(%pool : tensor<?x2x1x3xf32>) -> tensor<?x2x1x3xf32>
  %pooled = linalg.pooling_nchw_sum {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%relu, %window : tensor<?x2x2x4xf32>, tensor<2x2xf32>) outs(%start : tensor<?x2x1x3xf32>) -> tensor<?x2x1x3xf32>
  %flat = tensor.collapse_shape %pooled [[0], [1, 2, 3]] : tensor<?x2x1x3xf32> into tensor<?x6xf32>
  %eight = tensor.empty(%n) : tensor<?x8xf32>
  %wide = tensor.pad %flat low[0, 0] high[0, 2] {
  ^bb0(%i: index, %j: index):
    tensor.yield %zero : f32
  } : tensor<?x6xf32> to tensor<?x8xf32>
  %bytes = arith.constant dense<[120, 15, 33, -61, 16, 50, 84, 118, -104, -70, -36, -2]> : tensor<12xi8>
  %codes = ptq.unpack %bytes axis 0 : tensor<12xi8> -> tensor<24xi4>
  %w = tensor.expand_shape %codes [[0, 1]] output_shape [8, 3] : tensor<24xi4> into tensor<8x3xi4>
  %ws = arith.constant dense<0.5> : tensor<2x3xf16>
  %weights = ptq.dequantize %w, %ws block [4, 1] : tensor<8x3xi4>, tensor<2x3xf16> -> tensor<8x3xf32>
  %rows = tensor.empty(%n) : tensor<?x3xf32>
  %none = linalg.fill ins(%zero : f32) outs(%rows : tensor<?x3xf32>) -> tensor<?x3xf32>
  %product = linalg.matmul ins(%wide, %weights : tensor<?x8xf32>, tensor<8x3xf32>) outs(%none : tensor<?x3xf32>) -> tensor<?x3xf32>
  %logits = linalg.generic {indexing_maps = [#map2, #rows, #map2], iterator_types = ["parallel", "parallel"]} ins(%product, %total : tensor<?x3xf32>, tensor<?xf32>) outs(%rows : tensor<?x3xf32>) {
  ^bb0(%in: f32, %sum: f32, %out: f32):
    %0 = arith.subf %in, %sum : f32
    linalg.yield %0 : f32
  } -> tensor<?x3xf32>
  %y = linalg.softmax dimension(1) ins(%logits : tensor<?x3xf32>) outs(%rows : tensor<?x3xf32>) -> tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}
