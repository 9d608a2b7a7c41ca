// RUN: ptq-opt %s -split-input-file -ptq-widen-accumulators | FileCheck %s

// CHECK-LABEL: func.func @matmul(
// CHECK-SAME: %[[X:.*]]: tensor<4x16xf16>, %[[W:.*]]: tensor<16x8xf16>)
// CHECK: %[[F:.*]] = linalg.fill ins(%{{.*}} : f32) outs(%{{.*}} : tensor<4x8xf32>)
// CHECK: %[[S:.*]] = linalg.matmul ins(%[[X]], %[[W]] : tensor<4x16xf16>, tensor<16x8xf16>) outs(%[[F]] : tensor<4x8xf32>)
// CHECK: %[[Y:.*]] = arith.truncf %[[S]] : tensor<4x8xf32> to tensor<4x8xf16>
// CHECK: return %[[Y]]
func.func @matmul(%x: tensor<4x16xf16>, %w: tensor<16x8xf16>) -> tensor<4x8xf16> {
  %zero = arith.constant 0.0 : f16
  %e = tensor.empty() : tensor<4x8xf16>
  %f = linalg.fill ins(%zero : f16) outs(%e : tensor<4x8xf16>) -> tensor<4x8xf16>
  %y = linalg.matmul ins(%x, %w : tensor<4x16xf16>, tensor<16x8xf16>)
                     outs(%f : tensor<4x8xf16>) -> tensor<4x8xf16>
  return %y : tensor<4x8xf16>
}

// -----

// The sums may begin with anything.

// CHECK-LABEL: func.func @convolution(
// CHECK-SAME: %[[BIAS:[^:]*]]: tensor<1x?x4x2xbf16>)
// CHECK: %[[F:.*]] = arith.extf %[[BIAS]] : tensor<1x?x4x2xbf16> to tensor<1x?x4x2xf32>
// CHECK: linalg.conv_2d_nhwc_hwcf {{.*}} ins(%{{.*}} : tensor<1x?x6x3xbf16>, tensor<3x3x3x2xbf16>) outs(%[[F]] : tensor<1x?x4x2xf32>)
// CHECK: arith.truncf
func.func @convolution(%x: tensor<1x?x6x3xbf16>, %w: tensor<3x3x3x2xbf16>,
                       %bias: tensor<1x?x4x2xbf16>) -> tensor<1x?x4x2xbf16> {
  %y = linalg.conv_2d_nhwc_hwcf {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>}
      ins(%x, %w : tensor<1x?x6x3xbf16>, tensor<3x3x3x2xbf16>)
      outs(%bias : tensor<1x?x4x2xbf16>) -> tensor<1x?x4x2xbf16>
  return %y : tensor<1x?x4x2xbf16>
}

// -----

// Terms that are no products, of a tensor of unknown size.

// CHECK-LABEL: func.func @sum(
// CHECK: tensor.empty(%{{.*}}) : tensor<?xf32>
// CHECK: linalg.generic
// CHECK: ^bb0(%[[IN:.*]]: f16, %[[OUT:.*]]: f32):
// CHECK: %[[TERM:.*]] = math.absf %[[IN]] : f16
// CHECK: %[[WIDE:.*]] = arith.extf %[[TERM]] : f16 to f32
// CHECK: %[[SUM:.*]] = arith.addf %[[WIDE]], %[[OUT]] : f32
// CHECK: linalg.yield %[[SUM]] : f32
func.func @sum(%x: tensor<?x5xf16>, %n: index) -> tensor<?xf16> {
  %zero = arith.constant 0.0 : f16
  %e = tensor.empty(%n) : tensor<?xf16>
  %f = linalg.fill ins(%zero : f16) outs(%e : tensor<?xf16>) -> tensor<?xf16>
  %y = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>],
                       iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<?x5xf16>) outs(%f : tensor<?xf16>) {
  ^bb0(%in: f16, %out: f16):
    %a = math.absf %in : f16
    %s = arith.addf %a, %out : f16
    linalg.yield %s : f16
  } -> tensor<?xf16>
  return %y : tensor<?xf16>
}

// -----

// A maximum has nothing to round, f32 is wide, and what reads the sum in
// another way than adding to it needs it as it is.

// CHECK-LABEL: func.func @others(
// CHECK-NOT: arith.extf
// CHECK-NOT: arith.truncf
// CHECK: return
func.func @others(%x: tensor<4x5xf16>, %e: tensor<4xf16>, %y: tensor<4x5xf32>, %f: tensor<4xf32>)
    -> (tensor<4xf16>, tensor<4xf32>, tensor<4xf16>) {
  %a = linalg.reduce {arith.maximumf} ins(%x : tensor<4x5xf16>) outs(%e : tensor<4xf16>) dimensions = [1]
  %b = linalg.reduce {arith.addf} ins(%y : tensor<4x5xf32>) outs(%f : tensor<4xf32>) dimensions = [1]
  %c = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>],
                       iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<4x5xf16>) outs(%e : tensor<4xf16>) {
  ^bb0(%in: f16, %out: f16):
    %s = arith.addf %out, %out : f16
    linalg.yield %s : f16
  } -> tensor<4xf16>
  return %a, %b, %c : tensor<4xf16>, tensor<4xf32>, tensor<4xf16>
}

// -----

// CHECK-LABEL: func.func @reduce(
// CHECK: linalg.reduce
// CHECK: arith.truncf
func.func @reduce(%x: tensor<4x5xf16>, %e: tensor<4xf16>) -> tensor<4xf16> {
  %a = linalg.reduce {arith.addf} ins(%x : tensor<4x5xf16>) outs(%e : tensor<4xf16>) dimensions = [1]
  return %a : tensor<4xf16>
}
