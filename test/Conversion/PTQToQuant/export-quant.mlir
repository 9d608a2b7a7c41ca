// RUN: ptq-opt %s -split-input-file --ptq-export-quant | FileCheck %s
// What comes out is imported again.
// RUN: ptq-opt %s -split-input-file --ptq-export-quant | ptq-opt -split-input-file --ptq-import-quant -o %t

// The example of the pass description.
// CHECK-LABEL: func @example
// CHECK-SAME: (%[[X:.+]]: tensor<?x8xf32>)
// CHECK-NEXT: %[[Q:.+]] = quant.qcast %[[X]] : tensor<?x8xf32> to tensor<?x8x!quant.uniform<i8<-127:127>:f32, 5.000000e-01:-3>>
// CHECK-NEXT: %[[Y:.+]] = quant.dcast %[[Q]] : tensor<?x8x!quant.uniform<i8<-127:127>:f32, 5.000000e-01:-3>> to tensor<?x8xf32>
// CHECK-NEXT: return %[[Y]]
func.func @example(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %s = arith.constant 5.000000e-01 : f32
  %z = arith.constant -3 : i8
  %q = ptq.quantize %x, %s, %z low -127 : tensor<?x8xf32>, f32, i8 -> tensor<?x8xi8>
  %y = ptq.dequantize %q, %s, %z : tensor<?x8xi8>, f32, i8 -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// -----

// All digits of f32 are printed; expressed types are those of the numbers.
// CHECK-LABEL: func @scales
// CHECK: quant.qcast %{{.+}} : tensor<4xf32> to tensor<4x!quant.uniform<i16:f32, 0.10000000149011612>>
// CHECK: quant.qcast %{{.+}} : tensor<4xf16> to tensor<4x!quant.uniform<i8:f16, 0.0999755859375>>
// CHECK: quant.qcast %{{.+}} : tensor<4xbf16> to tensor<4x!quant.uniform<i8:bf16, 0.10000000149011612>>
func.func @scales(%x: tensor<4xf32>, %y: tensor<4xf16>, %z: tensor<4xbf16>) -> (tensor<4xi16>, tensor<4xi8>, tensor<4xi8>) {
  %s = arith.constant 0.1 : f32
  %t = arith.constant 0.1 : f16
  %0 = ptq.quantize %x, %s : tensor<4xf32>, f32 -> tensor<4xi16>
  %1 = ptq.quantize %y, %t : tensor<4xf16>, f16 -> tensor<4xi8>
  %2 = ptq.quantize %z, %s : tensor<4xbf16>, f32 -> tensor<4xi8>
  return %0, %1, %2 : tensor<4xi16>, tensor<4xi8>, tensor<4xi8>
}

// -----

// Codes that other ops read or make stay integers.
// CHECK-LABEL: func @movement
// CHECK: %[[Q:.+]] = quant.qcast %{{.+}} : tensor<2x3xf32> to tensor<2x3x!quant.uniform<i8:f32, 5.000000e-01>>
// CHECK: %[[I:.+]] = quant.scast %[[Q]] : tensor<2x3x!quant.uniform<i8:f32, 5.000000e-01>> to tensor<2x3xi8>
// CHECK: %[[C:.+]] = tensor.collapse_shape %[[I]] {{.+}} : tensor<2x3xi8> into tensor<6xi8>
// CHECK: %[[T:.+]] = quant.scast %[[C]] : tensor<6xi8> to tensor<6x!quant.uniform<i8:f32, 5.000000e-01>>
// CHECK: quant.dcast %[[T]]
func.func @movement(%x: tensor<2x3xf32>) -> tensor<6xf32> {
  %s = arith.constant 0.5 : f32
  %q = ptq.quantize %x, %s : tensor<2x3xf32>, f32 -> tensor<2x3xi8>
  %c = tensor.collapse_shape %q [[0, 1]] : tensor<2x3xi8> into tensor<6xi8>
  %y = ptq.dequantize %c, %s : tensor<6xi8>, f32 -> tensor<6xf32>
  return %y : tensor<6xf32>
}

// -----

// CHECK-LABEL: func @axis
// CHECK: %[[W:.+]] = arith.constant dense<{{.+}}> : tensor<2x3xi8>
// CHECK: %[[Q:.+]] = quant.scast %[[W]] : tensor<2x3xi8> to tensor<2x3x!quant.uniform<i8:f32:0, {5.000000e-01:4,2.500000e-01}>>
// CHECK: quant.dcast %[[Q]]
func.func @axis() -> tensor<2x3xf32> {
  %w = arith.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi8>
  %s = arith.constant dense_resource<scales> : tensor<2xf32>
  %z = arith.constant dense<[4, 0]> : tensor<2xi32>
  %y = ptq.dequantize %w, %s, %z axis 0 : tensor<2x3xi8>, tensor<2xf32>, tensor<2xi32> -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

{-#
  dialect_resources: {
    builtin: {
      scales: "0x040000000000003F0000803E"
    }
  }
#-}

// -----

// Packed constants are unpacked. Dimensions of one block are not mentioned.
// CHECK-LABEL: func @blocks
// CHECK: %[[W:.+]] = arith.constant dense<{{\[}}[1, 2, -4, -1]]> : tensor<1x4xi4>
// CHECK: %[[Q:.+]] = quant.scast %[[W]] : tensor<1x4xi4> to tensor<1x4x!quant.uniform<i4:f32:{1:2}, {{[{][{]}}5.000000e-01, 2.500000e-01:1}}>>
// CHECK: quant.dcast %[[Q]]
// CHECK-NOT: ptq.unpack
func.func @blocks() -> tensor<1x4xf32> {
  %p = arith.constant dense<[[33, -4]]> : tensor<1x2xi8>
  %w = ptq.unpack %p axis 1 : tensor<1x2xi8> -> tensor<1x4xi4>
  %s = arith.constant dense<[[0.5, 0.25]]> : tensor<1x2xf16>
  %z = arith.constant dense<[[0, 1]]> : tensor<1x2xi8>
  %y = ptq.dequantize %w, %s, %z block [8, 2] : tensor<1x4xi4>, tensor<1x2xf16>, tensor<1x2xi8> -> tensor<1x4xf32>
  return %y : tensor<1x4xf32>
}
