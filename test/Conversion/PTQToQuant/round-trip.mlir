// RUN: ptq-opt %s -split-input-file --ptq-export-quant --ptq-import-quant | FileCheck %s
// The same through text.
// RUN: ptq-opt %s -split-input-file --ptq-export-quant | ptq-opt -split-input-file --ptq-import-quant | FileCheck %s

// All bits of the scale return.
// CHECK-LABEL: func @per_tensor
// CHECK: %[[S:.+]] = arith.constant 0.00392156886 : f32
// CHECK: %[[Z:.+]] = arith.constant -128 : i8
// CHECK: %[[Q:.+]] = ptq.quantize %{{.+}}, %[[S]], %[[Z]] low -100 high 100 : tensor<?x8xf32>, f32, i8 -> tensor<?x8xi8>
// CHECK: %[[E:.+]] = tensor.expand_shape %[[Q]] {{.+}} : tensor<?x8xi8> into tensor<?x2x4xi8>
// CHECK: %[[T:.+]] = arith.constant 0.00392156886 : f32
// CHECK: %[[Y:.+]] = arith.constant -128 : i8
// CHECK: ptq.dequantize %[[E]], %[[T]], %[[Y]] : tensor<?x2x4xi8>, f32, i8 -> tensor<?x2x4xf32>
func.func @per_tensor(%x: tensor<?x8xf32>, %n: index) -> tensor<?x2x4xf32> {
  %s = arith.constant 0.00392156886 : f32
  %z = arith.constant -128 : i8
  %q = ptq.quantize %x, %s, %z low -100 high 100 : tensor<?x8xf32>, f32, i8 -> tensor<?x8xi8>
  %e = tensor.expand_shape %q [[0], [1, 2]] output_shape [%n, 2, 4] : tensor<?x8xi8> into tensor<?x2x4xi8>
  %y = ptq.dequantize %e, %s, %z : tensor<?x2x4xi8>, f32, i8 -> tensor<?x2x4xf32>
  return %y : tensor<?x2x4xf32>
}

// -----

// Codes at the boundary of the function.
// CHECK-LABEL: func @per_axis
// CHECK-SAME: (%[[C:.+]]: tensor<?x2xi8>, %{{.+}}: tensor<?x2xf32>) -> (tensor<?x2xf32>, tensor<?x2xi16>)
// CHECK: %[[S:.+]] = arith.constant dense<[0.00392156886, 1.17549435E-38]> : tensor<2xf32>
// CHECK: ptq.dequantize %[[C]], %[[S]] axis 1 : tensor<?x2xi8>, tensor<2xf32> -> tensor<?x2xf32>
// CHECK: %[[T:.+]] = arith.constant dense<[0.00392156886, 3.40282347E+38]> : tensor<2xf32>
// CHECK: %[[Z:.+]] = arith.constant dense<[32767, -32768]> : tensor<2xi32>
// CHECK: ptq.quantize %{{.+}}, %[[T]], %[[Z]] axis 1 : tensor<?x2xf32>, tensor<2xf32>, tensor<2xi32> -> tensor<?x2xi16>
func.func @per_axis(%c: tensor<?x2xi8>, %x: tensor<?x2xf32>) -> (tensor<?x2xf32>, tensor<?x2xi16>) {
  %s = arith.constant dense<[0.00392156886, 1.17549435E-38]> : tensor<2xf32>
  %y = ptq.dequantize %c, %s axis 1 : tensor<?x2xi8>, tensor<2xf32> -> tensor<?x2xf32>
  %t = arith.constant dense<[0.00392156886, 3.40282347E+38]> : tensor<2xf32>
  %z = arith.constant dense<[32767, -32768]> : tensor<2xi32>
  %q = ptq.quantize %x, %t, %z axis 1 : tensor<?x2xf32>, tensor<2xf32>, tensor<2xi32> -> tensor<?x2xi16>
  return %y, %q : tensor<?x2xf32>, tensor<?x2xi16>
}

// -----

// CHECK-LABEL: func @blocks
// CHECK: %[[P:.+]] = arith.constant dense<{{\[}}[33, -4], [18, 52]]> : tensor<2x2xi8>
// CHECK: %[[W:.+]] = ptq.unpack %[[P]] axis 1 : tensor<2x2xi8> -> tensor<2x4xi4>
// CHECK: %[[S:.+]] = arith.constant dense<{{\[}}[0.00392156886, 2.500000e-01], [1.000000e-01, 2.000000e-01]]> : tensor<2x2xf32>
// CHECK: %[[Z:.+]] = arith.constant dense<{{\[}}[0, -8], [7, 1]]> : tensor<2x2xi8>
// CHECK: ptq.dequantize %[[W]], %[[S]], %[[Z]] block [1, 2] : tensor<2x4xi4>, tensor<2x2xf32>, tensor<2x2xi8> -> tensor<2x4xf32>
func.func @blocks() -> tensor<2x4xf32> {
  %p = arith.constant dense<[[33, -4], [18, 52]]> : tensor<2x2xi8>
  %w = ptq.unpack %p axis 1 : tensor<2x2xi8> -> tensor<2x4xi4>
  %s = arith.constant dense<[[0.00392156886, 0.25], [0.1, 0.2]]> : tensor<2x2xf32>
  %z = arith.constant dense<[[0, -8], [7, 1]]> : tensor<2x2xi8>
  %y = ptq.dequantize %w, %s, %z block [1, 2] : tensor<2x4xi4>, tensor<2x2xf32>, tensor<2x2xi8> -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// -----

// Only constants of f16 come back in f32, whose numbers are the same.
// CHECK-LABEL: func @half_scale
// CHECK: %[[S:.+]] = arith.constant 0.0999755859 : f32
// CHECK: ptq.dequantize %{{.+}}, %[[S]] : tensor<2xi8>, f32 -> tensor<2xf16>
func.func @half_scale(%c: tensor<2xi8>) -> tensor<2xf16> {
  %s = arith.constant 0.1 : f16
  %z = arith.constant 0 : i8
  %y = ptq.dequantize %c, %s, %z : tensor<2xi8>, f16, i8 -> tensor<2xf16>
  return %y : tensor<2xf16>
}
