// Stock mlir-opt runs ptq from the plugin: its dialect among other passes, and
// its pipelines. (mlir-opt makes flags of the passes that it was built with
// only; those of plugins are named in --pass-pipeline.)

// DEFINE: %{plugin} = %ptq_lib/libPTQPlugin.so
// DEFINE: %{opt} = mlir-opt --load-dialect-plugin=%{plugin} --load-pass-plugin=%{plugin}

// RUN: %{opt} %s --canonicalize | FileCheck %s
// RUN: %{opt} %s --pass-pipeline='builtin.module(ptq-lower{to=linalg})' \
// RUN:   | FileCheck %s --check-prefix=LINALG
// RUN: %{opt} %S/../Install/find-package.mlir \
// RUN:   --pass-pipeline='builtin.module(ptq-calibrate{data=random},ptq-lower)' \
// RUN:   | FileCheck %s --check-prefix=LLVM
// RUN: not %{opt} %s --pass-pipeline='builtin.module(ptq-lower{to=nowhere})' 2>&1 \
// RUN:   | FileCheck %s --check-prefix=ERROR

// ERROR: nowhere

// LLVM: llvm.mlir.global private constant @{{.*}}xi8>
// LLVM: llvm.func @forward

// CHECK-LABEL:  func.func @round_trip
// CHECK-SAME:     (%[[CODES:.*]]: tensor<4xi8>)
// CHECK-NEXT:     return %[[CODES]]
// LINALG-LABEL: func.func @round_trip
func.func @round_trip(%codes: tensor<4xi8>) -> tensor<4xi8> {
  %scale = arith.constant 0.5 : f32
  %0 = ptq.dequantize %codes, %scale : tensor<4xi8>, f32 -> tensor<4xf32>
  %1 = ptq.quantize %0, %scale : tensor<4xf32>, f32 -> tensor<4xi8>
  return %1 : tensor<4xi8>
}

// CHECK-LABEL:  func.func @quantize
// CHECK:          ptq.quantize
// LINALG-LABEL: func.func @quantize
// LINALG:         linalg.generic
// LINALG:           math.roundeven
// LINALG-NOT:   ptq.
func.func @quantize(%x: tensor<4xf32>) -> tensor<4xi8> {
  %scale = arith.constant 0.5 : f32
  %0 = ptq.quantize %x, %scale : tensor<4xf32>, f32 -> tensor<4xi8>
  return %0 : tensor<4xi8>
}
