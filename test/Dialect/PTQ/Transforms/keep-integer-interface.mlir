// RUN: ptq-opt %s -split-input-file --ptq-keep-integer-interface | FileCheck %s

// The quantize of the input and the dequantize of the output are the caller's.
// CHECK-LABEL: func.func @forward
// CHECK-SAME:    (%[[X:.*]]: tensor<?x8xi8>) -> tensor<?x4xi8>
// CHECK-SAME:    inputs = [{highest = 127 : i64, lowest = -128 : i64, name = "x", sample_axis = 0 : i64, scale = 5.000000e-01 : f32, type = tensor<?x8xi8>, zero_point = -3 : i64}]
// CHECK-SAME:    outputs = [{highest = 7 : i64, lowest = 0 : i64, name = "y", sample_axis = 0 : i64, scale = 2.000000e+00 : f32, type = tensor<?x4xi8>, zero_point = 0 : i64}]
// CHECK:         tensor.dim %[[X]]
// CHECK:         %[[D:.*]] = ptq.dequantize %[[X]]
// CHECK:         %[[M:.*]] = linalg.matmul ins(%[[D]]
// CHECK:         %[[Q:.*]] = ptq.quantize %[[M]]
// CHECK-NOT:     ptq.dequantize
// CHECK:         return %[[Q]] : tensor<?x4xi8>
func.func @forward(%x: tensor<?x8xf32>) -> tensor<?x4xf32> attributes {
    ptq.entry, ptq.signature = {version = 1,
      inputs = [{name = "x", type = tensor<?x8xf32>}],
      outputs = [{name = "y", type = tensor<?x4xf32>}]}} {
  %sx = arith.constant 0.5 : f32
  %zx = arith.constant -3 : i8
  %sy = arith.constant 2.0 : f32
  %w = arith.constant dense<1.0> : tensor<8x4xf32>
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x8xf32>
  %e = tensor.empty(%n) : tensor<?x4xf32>
  %0 = ptq.quantize %x, %sx, %zx : tensor<?x8xf32>, f32, i8 -> tensor<?x8xi8>
  %1 = ptq.dequantize %0, %sx, %zx : tensor<?x8xi8>, f32, i8 -> tensor<?x8xf32>
  %2 = linalg.matmul ins(%1, %w : tensor<?x8xf32>, tensor<8x4xf32>) outs(%e : tensor<?x4xf32>) -> tensor<?x4xf32>
  %3 = ptq.quantize %2, %sy low 0 high 7 : tensor<?x4xf32>, f32 -> tensor<?x4xi8>
  %4 = ptq.dequantize %3, %sy : tensor<?x4xi8>, f32 -> tensor<?x4xf32>
  return %4 : tensor<?x4xf32>
}

// -----

// Equal quantizes are one, integers stay what they are, an output may be given
// twice, once the codes of the input; what the function did not say of itself
// it does now.
// CHECK-LABEL: func.func @several
// CHECK-SAME:    (%[[X:.*]]: tensor<4xi16>, %[[I:.*]]: tensor<2xi64>, %[[P:.*]]: tensor<4xi8>) -> (tensor<4xi16>, tensor<4xi16>, tensor<2xi64>, tensor<4xi8>)
// CHECK-SAME:    ptq.entry
// CHECK-SAME:    {name = "arg1", type = tensor<2xi64>}
// CHECK-SAME:    scale = 5.000000e-01 : f32, type = tensor<4xi8>, zero_point = 0 : i64}]
// CHECK-SAME:    name = "result0"
// CHECK-NOT:     ptq
// CHECK:         return %[[X]], %[[X]], %[[I]], %[[P]]
func.func @several(%x: tensor<4xf32>, %i: tensor<2xi64>, %p: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<2xi64>, tensor<4xf32>) {
  %s = arith.constant 0.5 : f32
  %z = arith.constant dense<0> : tensor<i32>
  %0 = ptq.quantize %x, %s : tensor<4xf32>, f32 -> tensor<4xi16>
  %1 = ptq.quantize %x, %s : tensor<4xf32>, f32 -> tensor<4xi16>
  %2 = ptq.dequantize %0, %s : tensor<4xi16>, f32 -> tensor<4xf32>
  %3 = ptq.dequantize %1, %s : tensor<4xi16>, f32 -> tensor<4xf32>
  %4 = ptq.quantize %p, %s : tensor<4xf32>, f32 -> tensor<4xi8>
  %5 = ptq.dequantize %4, %s : tensor<4xi8>, f32 -> tensor<4xf32>
  return %2, %3, %i, %5 : tensor<4xf32>, tensor<4xf32>, tensor<2xi64>, tensor<4xf32>
}
