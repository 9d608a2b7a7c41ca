// RUN: not ptq-translate --export-onnx --split-input-file %s 2>&1 | FileCheck %s

// CHECK: error: cannot be exported to ONNX: no operator for it
func.func @forward(%x: tensor<4xf32>) -> tensor<2xf32> {
  %0 = tensor.extract_slice %x[0] [2] [2] : tensor<4xf32> to tensor<2xf32>
  return %0 : tensor<2xf32>
}

// -----

// CHECK: error: cannot be exported to ONNX: the scale is measured at run time
func.func @forward(%x: tensor<4xf32>) -> tensor<4xi8> {
  %s = ptq.choose_parameters %x encoding(<i8, symmetric, source = dynamic>) : tensor<4xf32> -> f32
  %0 = ptq.quantize %x, %s : tensor<4xf32>, f32 -> tensor<4xi8>
  return %0 : tensor<4xi8>
}

// -----

// CHECK: error: cannot be exported to ONNX: ONNX has no codes of 2 bits
func.func @forward(%x: tensor<4xf32>) -> tensor<4xf32> {
  %s = arith.constant 0.5 : f32
  %0 = ptq.quantize %x, %s : tensor<4xf32>, f32 -> tensor<4xi2>
  %1 = ptq.dequantize %0, %s : tensor<4xi2>, f32 -> tensor<4xf32>
  return %1 : tensor<4xf32>
}

// -----

// CHECK: error: cannot be exported to ONNX: blocks extend over several dimensions
func.func @forward(%x: tensor<4x4xf32>) -> tensor<4x4xi8> {
  %s = arith.constant dense<0.5> : tensor<2x2xf32>
  %0 = ptq.quantize %x, %s block [2, 2] : tensor<4x4xf32>, tensor<2x2xf32> -> tensor<4x4xi8>
  return %0 : tensor<4x4xi8>
}

// -----

#map = affine_map<(d0) -> (d0)>
// CHECK: error: cannot be exported to ONNX: no operator for it
func.func @forward(%x: tensor<4xf32>) -> tensor<4xf32> {
  %e = tensor.empty() : tensor<4xf32>
  %0 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel"]} ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %1 = math.cbrt %in : f32
    linalg.yield %1 : f32
  } -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

// CHECK: error: cannot be exported to ONNX: it starts from other numbers than ONNX does
func.func @forward(%x: tensor<1x1x4x4xf32>) -> tensor<1x1x3x3xf32> {
  %one = arith.constant dense<1.0> : tensor<1x1x3x3xf32>
  %window = tensor.empty() : tensor<2x2xf32>
  %0 = linalg.pooling_nchw_max {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%x, %window : tensor<1x1x4x4xf32>, tensor<2x2xf32>) outs(%one : tensor<1x1x3x3xf32>) -> tensor<1x1x3x3xf32>
  return %0 : tensor<1x1x3x3xf32>
}

// -----

// CHECK: error: cannot be exported to ONNX: it has control flow
func.func @forward(%x: tensor<4xf32>) -> tensor<4xf32> {
  cf.br ^next
^next:
  return %x : tensor<4xf32>
}

// -----

// CHECK: error: cannot be exported to ONNX: no operator for it
func.func @forward(%x: tensor<4x2xf32>) -> tensor<4xf32> {
  %zeros = arith.constant dense<0.0> : tensor<4xf32>
  %0 = linalg.reduce ins(%x : tensor<4x2xf32>) outs(%zeros : tensor<4xf32>) dimensions = [1]
    (%in: f32, %acc: f32) {
      %1 = arith.addf %in, %in : f32
      linalg.yield %1 : f32
    }
  return %0 : tensor<4xf32>
}
