// RUN: ptq-opt %s -split-input-file -ptq-convert-to-channels-last -cse | FileCheck %s

// CHECK-LABEL: func.func @conv(
// CHECK-SAME: %[[X:.*]]: tensor<?x8x6x6xi8>, %[[W:.*]]: tensor<16x8x3x3xi8>, %[[B:.*]]: tensor<?x16x4x4xi32>)
func.func @conv(%x: tensor<?x8x6x6xi8>, %w: tensor<16x8x3x3xi8>,
                %b: tensor<?x16x4x4xi32>) -> tensor<?x16x4x4xi32> {
  // CHECK-DAG: %[[X1:.*]] = linalg.transpose ins(%[[X]] {{.*}} permutation = [0, 2, 3, 1]
  // CHECK-DAG: %[[W1:.*]] = linalg.transpose ins(%[[W]] {{.*}} permutation = [2, 3, 1, 0]
  // CHECK-DAG: %[[B1:.*]] = linalg.transpose ins(%[[B]] {{.*}} permutation = [0, 2, 3, 1]
  // CHECK: %[[Y1:.*]] = linalg.conv_2d_nhwc_hwcf {dilations = dense<2> : tensor<2xi64>, strides = dense<1> : tensor<2xi64>} ins(%[[X1]], %[[W1]] : {{.*}}) outs(%[[B1]]
  // CHECK: %[[Y:.*]] = linalg.transpose ins(%[[Y1]] {{.*}} permutation = [0, 3, 1, 2]
  // CHECK: return %[[Y]]
  %y = linalg.conv_2d_nchw_fchw
       {dilations = dense<2> : tensor<2xi64>, strides = dense<1> : tensor<2xi64>}
       ins(%x, %w : tensor<?x8x6x6xi8>, tensor<16x8x3x3xi8>)
       outs(%b : tensor<?x16x4x4xi32>) -> tensor<?x16x4x4xi32>
  return %y : tensor<?x16x4x4xi32>
}

// -----

// Padding with the zero point of a sample, and the start of an accumulator for
// each sample and channel: neither is transposed.

// CHECK-LABEL: func.func @samples(
// CHECK: linalg.transpose ins(%arg0
// CHECK-NOT: linalg.transpose
// CHECK: linalg.broadcast ins(%arg1 : tensor<?xi8>) outs(%{{.+}} : tensor<?x7x7x3xi8>) dimensions = [1, 2, 3]
// CHECK: tensor.insert_slice %{{.+}} into %{{.+}}[0, 1, 0, 0] [%{{.+}}, 6, 6, 3] [1, 1, 1, 1]
// CHECK: linalg.transpose ins(%arg2
// CHECK-NOT: linalg.transpose
// CHECK: linalg.generic {{.*}} ins(%arg1, %arg3 : tensor<?xi8>, tensor<2xi32>) outs(%{{.+}} : tensor<?x6x6x2xi32>)
// CHECK-NOT: linalg.transpose
// CHECK: linalg.conv_2d_nhwc_hwcf
func.func @samples(%q: tensor<?x3x6x6xi8>, %z: tensor<?xi8>, %w: tensor<2x3x2x2xi8>,
                   %sums: tensor<2xi32>, %n: index) -> tensor<?x2xi32> {
  %zero = arith.constant 0 : i32
  %e0 = tensor.empty(%n) : tensor<?x3x7x7xi8>
  %zeros = linalg.broadcast ins(%z : tensor<?xi8>) outs(%e0 : tensor<?x3x7x7xi8>) dimensions = [1, 2, 3]
  %p = tensor.insert_slice %q into %zeros[0, 0, 1, 0] [%n, 3, 6, 6] [1, 1, 1, 1] : tensor<?x3x6x6xi8> into tensor<?x3x7x7xi8>
  %e1 = tensor.empty(%n) : tensor<?x2x6x6xi32>
  %init = linalg.generic {
      indexing_maps = [affine_map<(a, b, c, d) -> (a)>, affine_map<(a, b, c, d) -> (b)>, affine_map<(a, b, c, d) -> (a, b, c, d)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%z, %sums : tensor<?xi8>, tensor<2xi32>) outs(%e1 : tensor<?x2x6x6xi32>) {
  ^bb0(%a: i8, %b: i32, %out: i32):
    %x = arith.extsi %a : i8 to i32
    %m = arith.muli %x, %b : i32
    linalg.yield %m : i32
  } -> tensor<?x2x6x6xi32>
  %y = linalg.conv_2d_nchw_fchw ins(%p, %w : tensor<?x3x7x7xi8>, tensor<2x3x2x2xi8>)
       outs(%init : tensor<?x2x6x6xi32>) -> tensor<?x2x6x6xi32>
  %e2 = tensor.empty(%n) : tensor<?x2xi32>
  %f2 = linalg.fill ins(%zero : i32) outs(%e2 : tensor<?x2xi32>) -> tensor<?x2xi32>
  %r = linalg.reduce { arith.addi } ins(%y : tensor<?x2x6x6xi32>)
       outs(%f2 : tensor<?x2xi32>) dimensions = [2, 3]
  return %r : tensor<?x2xi32>
}

// -----

// Between two convolutions no transpose is left: ReLU, padding, the initial
// fill and broadcast all change their order. One channel moves by a reshape, and
// a constant filter is laid out at compile time.

// CHECK-LABEL: func.func @network
// CHECK-NOT: linalg.transpose
// CHECK: tensor.expand_shape {{.*}} : tensor<?x6x6xf32> into tensor<?x6x6x1xf32>
// CHECK-NOT: linalg.transpose
// CHECK: linalg.broadcast {{.*}} dimensions = [0, 1, 2]
// CHECK-NOT: linalg.transpose
// CHECK: linalg.conv_2d_nhwc_hwcf
// CHECK-NOT: linalg.transpose
// CHECK: tensor.pad %{{.*}} low[0, 1, 2, 0] high[0, 3, 4, 0]
// CHECK-NOT: linalg.transpose
// CHECK: linalg.transpose ins(%arg1 : tensor<2x3x3xf32>)
// CHECK-NOT: linalg.transpose
// CHECK: linalg.depthwise_conv_2d_nhwc_hwc
// CHECK-NOT: linalg.transpose
// CHECK: linalg.pooling_nhwc_max
// CHECK-NOT: linalg.transpose
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "parallel", "reduction", "reduction"]
// CHECK-SAME: tensor<?x3x4x2xf32>
// CHECK-NOT: linalg.transpose
// CHECK: resource
// CHECK: filter{{.*}}: "0x040000000000803F0000A04000000040
#id = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
func.func @network(%x: tensor<?x1x6x6xf32>, %k: tensor<2x3x3xf32>,
                   %b: tensor<2xf32>) -> tensor<?x2xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %lowest = arith.constant 0xFF800000 : f32
  %n = tensor.dim %x, %c0 : tensor<?x1x6x6xf32>
  %w = arith.constant dense_resource<filter> : tensor<2x1x2x2xf32>
  %e0 = tensor.empty(%n) : tensor<?x2x5x5xf32>
  %bias = linalg.broadcast ins(%b : tensor<2xf32>) outs(%e0 : tensor<?x2x5x5xf32>) dimensions = [0, 2, 3]
  %y0 = linalg.conv_2d_nchw_fchw
        ins(%x, %w : tensor<?x1x6x6xf32>, tensor<2x1x2x2xf32>)
        outs(%bias : tensor<?x2x5x5xf32>) -> tensor<?x2x5x5xf32>
  %relu = linalg.generic {indexing_maps = [#id, #id],
      iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%y0 : tensor<?x2x5x5xf32>) outs(%e0 : tensor<?x2x5x5xf32>) {
  ^bb0(%in: f32, %out: f32):
    %m = arith.maximumf %in, %zero : f32
    linalg.yield %m : f32
  } -> tensor<?x2x5x5xf32>
  %pad = tensor.pad %relu low[0, 0, 1, 2] high[0, 0, 3, 4] {
  ^bb0(%i0: index, %i1: index, %i2: index, %i3: index):
    tensor.yield %zero : f32
  } : tensor<?x2x5x5xf32> to tensor<?x2x9x11xf32>
  %e1 = tensor.empty(%n) : tensor<?x2x7x9xf32>
  %f1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<?x2x7x9xf32>) -> tensor<?x2x7x9xf32>
  %y1 = linalg.depthwise_conv_2d_nchw_chw
        ins(%pad, %k : tensor<?x2x9x11xf32>, tensor<2x3x3xf32>)
        outs(%f1 : tensor<?x2x7x9xf32>) -> tensor<?x2x7x9xf32>
  %window = tensor.empty() : tensor<2x2xf32>
  %e2 = tensor.empty(%n) : tensor<?x2x3x4xf32>
  %f2 = linalg.fill ins(%lowest : f32) outs(%e2 : tensor<?x2x3x4xf32>) -> tensor<?x2x3x4xf32>
  %y2 = linalg.pooling_nchw_max {strides = dense<2> : tensor<2xi64>}
        ins(%y1, %window : tensor<?x2x7x9xf32>, tensor<2x2xf32>)
        outs(%f2 : tensor<?x2x3x4xf32>) -> tensor<?x2x3x4xf32>
  %e3 = tensor.empty(%n) : tensor<?x2xf32>
  %f3 = linalg.fill ins(%zero : f32) outs(%e3 : tensor<?x2xf32>) -> tensor<?x2xf32>
  %y3 = linalg.reduce { arith.addf } ins(%y2 : tensor<?x2x3x4xf32>)
        outs(%f3 : tensor<?x2xf32>) dimensions = [2, 3]
  return %y3 : tensor<?x2xf32>
}

{-#
  dialect_resources: {
    builtin: {
      filter: "0x040000000000803F0000004000004040000080400000A0400000C0400000E04000000041"
    }
  }
#-}
