// Stock mlir-opt runs ptq from the plugin.

// RUN: mlir-opt --load-dialect-plugin=%ptq_lib/libPTQPlugin.so \
// RUN:   --load-pass-plugin=%ptq_lib/libPTQPlugin.so %s --canonicalize \
// RUN:   | FileCheck %s

// CHECK-LABEL: func.func @round_trip
// CHECK-SAME:    (%[[CODES:.*]]: tensor<4xi8>)
// CHECK-NEXT:    return %[[CODES]]
func.func @round_trip(%codes: tensor<4xi8>) -> tensor<4xi8> {
  %scale = arith.constant 0.5 : f32
  %0 = ptq.dequantize %codes, %scale : tensor<4xi8>, f32 -> tensor<4xf32>
  %1 = ptq.quantize %0, %scale : tensor<4xf32>, f32 -> tensor<4xi8>
  return %1 : tensor<4xi8>
}
