// RUN: ptq-opt %s -split-input-file --ptq-fix-sample-count=samples=1 | FileCheck %s
// RUN: ptq-opt %s -split-input-file --ptq-fix-sample-count=samples=3 --canonicalize | FileCheck %s --check-prefix=FOLDED
// RUN: ptq-opt %s -split-input-file --ptq-fix-sample-count | FileCheck %s --check-prefix=OPEN

// CHECK-LABEL: func @forward(
// CHECK-SAME: %[[X:.*]]: tensor<1x8xf32>) -> tensor<1x8xf32>
// CHECK-SAME: inputs = [{name = "arg0", sample_axis = 0 : i64, type = tensor<1x8xf32>}]
// CHECK-SAME: outputs = [{name = "result0", sample_axis = 0 : i64, type = tensor<1x8xf32>}]
// CHECK-NEXT: %[[C:.*]] = tensor.cast %[[X]] : tensor<1x8xf32> to tensor<?x8xf32>
// CHECK-NEXT: %[[Y:.*]] = math.absf %[[C]] : tensor<?x8xf32>
// CHECK-NEXT: %[[D:.*]] = tensor.cast %[[Y]] : tensor<?x8xf32> to tensor<1x8xf32>
// CHECK-NEXT: return %[[D]]
// OPEN-LABEL: func @forward(%arg0: tensor<?x8xf32>) -> tensor<?x8xf32> {
func.func @forward(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %y = math.absf %x : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// -----

// Samples along another axis, an input without samples; ops of quantization
// carry the size on, and what else the signature says stays.

// FOLDED-LABEL: func @second_axis(
// FOLDED-SAME: %[[X:.*]]: tensor<8x3xf32>, %{{.*}}: tensor<8xf32>) -> tensor<8x3xf32>
// FOLDED-SAME: cpu = "generic"
// FOLDED: %[[Q:.*]] = ptq.quantize %[[X]], %{{.*}} : tensor<8x3xf32>, f32 -> tensor<8x3xi8>
// FOLDED: %[[O:.*]] = ptq.dequantize %[[Q]], %{{.*}} : tensor<8x3xi8>, f32 -> tensor<8x3xf32>
// FOLDED: return %[[O]]
func.func @second_axis(%x: tensor<8x?xf32>, %w: tensor<8xf32>) -> tensor<8x?xf32> attributes {
  ptq.entry,
  ptq.signature = {version = 1 : i64, cpu = "generic",
                   inputs = [{name = "x", type = tensor<8x?xf32>, sample_axis = 1 : i64}, {name = "w", type = tensor<8xf32>}],
                   outputs = [{name = "y", type = tensor<8x?xf32>, sample_axis = 1 : i64}]}} {
  %s = arith.constant 0.5 : f32
  %q = ptq.quantize %x, %s : tensor<8x?xf32>, f32 -> tensor<8x?xi8>
  %y = ptq.dequantize %q, %s : tensor<8x?xi8>, f32 -> tensor<8x?xf32>
  return %y : tensor<8x?xf32>
}

// -----

// Requantize, lookup and observe.

// FOLDED-LABEL: func @others(
// FOLDED: ptq.requantize {{.*}} : tensor<3x4xi32>, f32 -> tensor<3x4xi8>
// FOLDED: ptq.lookup {{.*}} : tensor<3x4xi8>, tensor<256xf32> -> tensor<3x4xf32>
// FOLDED: ptq.observe {{.*}} : tensor<3x4xf32>
func.func @others(%a: tensor<?x4xi32>, %t: tensor<256xf32>) -> tensor<?x4xf32> {
  %m = arith.constant 0.5 : f32
  %q = ptq.requantize %a, %m : tensor<?x4xi32>, f32 -> tensor<?x4xi8>
  %l = ptq.lookup %q, %t : tensor<?x4xi8>, tensor<256xf32> -> tensor<?x4xf32>
  %o = ptq.observe %l name("l") encoding(<i8, symmetric>) : tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}
