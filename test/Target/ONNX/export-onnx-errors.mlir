// RUN: not ptq-translate --export-onnx --split-input-file %s 2>&1 | FileCheck %s

// CHECK: error: cannot be exported to ONNX: the slice drops dimensions
func.func @forward(%x: tensor<4x1xf32>) -> tensor<2xf32> {
  %0 = tensor.extract_slice %x[0, 0] [2, 1] [2, 1] : tensor<4x1xf32> to tensor<2xf32>
  return %0 : tensor<2xf32>
}

// -----

// A part of the batch, whose size nothing tells.
// CHECK: error: cannot be exported to ONNX: the slice has dynamic bounds
func.func @forward(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %n = tensor.dim %x, %c0 : tensor<?x4xf32>
  %half = arith.divui %n, %c2 : index
  %0 = tensor.extract_slice %x[0, 0] [%half, 4] [1, 1] : tensor<?x4xf32> to tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}

// -----

// A transposed table is no gather.
#all = affine_map<(d0, d1) -> (d0, d1)>
#rows = affine_map<(d0, d1) -> (d0)>
// CHECK: error: cannot be exported to ONNX: no operator for it
func.func @forward(%table: tensor<4x4xf32>, %indices: tensor<3xi64>) -> tensor<3x4xf32> {
  %e = tensor.empty() : tensor<3x4xf32>
  %0 = linalg.generic {indexing_maps = [#rows, #all], iterator_types = ["parallel", "parallel"]} ins(%indices : tensor<3xi64>) outs(%e : tensor<3x4xf32>) {
  ^bb0(%in: i64, %out: f32):
    %i = arith.index_cast %in : i64 to index
    %j = linalg.index 0 : index
    %1 = tensor.extract %table[%i, %j] : tensor<4x4xf32>
    linalg.yield %1 : f32
  } -> tensor<3x4xf32>
  return %0 : tensor<3x4xf32>
}

// -----

#map = affine_map<(d0) -> (d0)>
// CHECK: error: cannot be exported to ONNX: no operator for it
func.func @forward(%x: tensor<4xf32>) -> tensor<4xf32> {
  %e = tensor.empty() : tensor<4xf32>
  %0 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel"]} ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %1 = math.expm1 %in : f32
    linalg.yield %1 : f32
  } -> tensor<4xf32>
  return %0 : tensor<4xf32>
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
