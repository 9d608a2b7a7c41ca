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

// -----

// Blocks of channels become pixels with the channels last, too, and so does
// what is cut off of them: only pixels and blocks change places.

// CHECK-LABEL: func.func @phases(
// CHECK: %[[SUMS:.*]] = linalg.conv_2d_nhwc_hwcf {{.*}} -> tensor<?x5x5x12xi32>
// CHECK: %[[BLOCKS:.*]] = tensor.expand_shape %[[SUMS]] {{\[\[}}0], [1], [2], [3, 4, 5]] {{.*}} into tensor<?x5x5x2x2x3xi32>
// CHECK: %[[ROWS:.*]] = linalg.transpose ins(%[[BLOCKS]] {{.*}} permutation = [0, 1, 3, 2, 4, 5]
// CHECK: %[[PIXELS:.*]] = tensor.collapse_shape %[[ROWS]] {{\[\[}}0], [1, 2], [3, 4], [5]] : tensor<?x5x2x5x2x3xi32> into tensor<?x10x10x3xi32>
// CHECK: %[[CUT:.*]] = tensor.extract_slice %[[PIXELS]][0, 1, 1, 0] [%{{.*}}, 8, 8, 3] [1, 1, 1, 1]
// CHECK: %[[POOLED:.*]] = linalg.pooling_nhwc_max {{.*}} ins(%[[CUT]],
// CHECK: linalg.transpose ins(%[[POOLED]]
func.func @phases(%x: tensor<?x4x6x6xi8>, %w: tensor<12x4x2x2xi8>, %batch: index)
    -> tensor<?x3x4x4xi32> {
  %zero = arith.constant 0 : i32
  %sums_empty = tensor.empty(%batch) : tensor<?x12x5x5xi32>
  %zeros = linalg.fill ins(%zero : i32) outs(%sums_empty : tensor<?x12x5x5xi32>)
      -> tensor<?x12x5x5xi32>
  %sums = linalg.conv_2d_nchw_fchw
      {dilations = dense<1> : tensor<2xi64>, strides = dense<1> : tensor<2xi64>}
      ins(%x, %w : tensor<?x4x6x6xi8>, tensor<12x4x2x2xi8>)
      outs(%zeros : tensor<?x12x5x5xi32>) -> tensor<?x12x5x5xi32>
  %blocks = tensor.expand_shape %sums [[0], [1, 2, 3], [4], [5]]
      output_shape [%batch, 2, 2, 3, 5, 5]
      : tensor<?x12x5x5xi32> into tensor<?x2x2x3x5x5xi32>
  %rows_empty = tensor.empty(%batch) : tensor<?x3x5x2x5x2xi32>
  %rows = linalg.transpose ins(%blocks : tensor<?x2x2x3x5x5xi32>)
      outs(%rows_empty : tensor<?x3x5x2x5x2xi32>) permutation = [0, 3, 4, 1, 5, 2]
  %pixels = tensor.collapse_shape %rows [[0], [1], [2, 3], [4, 5]]
      : tensor<?x3x5x2x5x2xi32> into tensor<?x3x10x10xi32>
  %cut = tensor.extract_slice %pixels[0, 0, 1, 1] [%batch, 3, 8, 8] [1, 1, 1, 1]
      : tensor<?x3x10x10xi32> to tensor<?x3x8x8xi32>
  %window = tensor.empty() : tensor<2x2xi32>
  %pooled_empty = tensor.empty(%batch) : tensor<?x3x4x4xi32>
  %init = linalg.fill ins(%zero : i32) outs(%pooled_empty : tensor<?x3x4x4xi32>)
      -> tensor<?x3x4x4xi32>
  %pooled = linalg.pooling_nchw_max
      {dilations = dense<1> : tensor<2xi64>, strides = dense<2> : tensor<2xi64>}
      ins(%cut, %window : tensor<?x3x8x8xi32>, tensor<2x2xi32>)
      outs(%init : tensor<?x3x4x4xi32>) -> tensor<?x3x4x4xi32>
  return %pooled : tensor<?x3x4x4xi32>
}

// -----

// Volumes are images with one dimension more.

// CHECK-LABEL: func.func @volumes(
// CHECK: linalg.transpose ins(%arg0 {{.*}} permutation = [0, 2, 3, 4, 1]
// CHECK: linalg.transpose ins(%arg1 {{.*}} permutation = [2, 3, 4, 1, 0]
// CHECK: %[[SUMS:.*]] = linalg.conv_3d_ndhwc_dhwcf
// CHECK-NOT: linalg.transpose
// CHECK: tensor.pad %[[SUMS]] low[0, 1, 0, 0, 0] high[0, 0, 0, 0, 0]
// CHECK: linalg.transpose ins(%arg2 {{.*}} permutation = [1, 2, 3, 0]
// CHECK: linalg.depthwise_conv_3d_ndhwc_dhwc
// CHECK: linalg.transpose ins(%{{.*}} permutation = [0, 4, 1, 2, 3]
func.func @volumes(%x: tensor<1x4x6x6x6xi32>, %w: tensor<8x4x2x2x2xi32>,
                   %k: tensor<8x2x2x2xi32>) -> tensor<1x8x5x4x4xi32> {
  %zero = arith.constant 0 : i32
  %dense_empty = tensor.empty() : tensor<1x8x5x5x5xi32>
  %dense_init = linalg.fill ins(%zero : i32)
      outs(%dense_empty : tensor<1x8x5x5x5xi32>) -> tensor<1x8x5x5x5xi32>
  %dense = linalg.conv_3d_ncdhw_fcdhw
      {dilations = dense<1> : tensor<3xi64>, strides = dense<1> : tensor<3xi64>}
      ins(%x, %w : tensor<1x4x6x6x6xi32>, tensor<8x4x2x2x2xi32>)
      outs(%dense_init : tensor<1x8x5x5x5xi32>) -> tensor<1x8x5x5x5xi32>
  %padded = tensor.pad %dense low[0, 0, 1, 0, 0] high[0, 0, 0, 0, 0] {
  ^bb0(%n: index, %c: index, %d: index, %h: index, %w1: index):
    tensor.yield %zero : i32
  } : tensor<1x8x5x5x5xi32> to tensor<1x8x6x5x5xi32>
  %empty = tensor.empty() : tensor<1x8x5x4x4xi32>
  %init = linalg.fill ins(%zero : i32) outs(%empty : tensor<1x8x5x4x4xi32>)
      -> tensor<1x8x5x4x4xi32>
  %y = linalg.depthwise_conv_3d_ncdhw_cdhw
      {dilations = dense<1> : tensor<3xi64>, strides = dense<1> : tensor<3xi64>}
      ins(%padded, %k : tensor<1x8x6x5x5xi32>, tensor<8x2x2x2xi32>)
      outs(%init : tensor<1x8x5x4x4xi32>) -> tensor<1x8x5x4x4xi32>
  return %y : tensor<1x8x5x4x4xi32>
}

// -----

// What is repeated is transposed before, if at all.

// CHECK-LABEL: func.func @repeated(
// CHECK: %[[SMALL:.*]] = linalg.transpose ins(%arg0 {{.*}} permutation = [0, 2, 3, 1]
// CHECK: %[[MORE:.*]] = linalg.broadcast ins(%[[SMALL]] : tensor<1x4x4x2xi32>) outs(%{{.*}} : tensor<1x4x2x4x2x2xi32>) dimensions = [2, 4]
// CHECK: %[[PIXELS:.*]] = tensor.collapse_shape %[[MORE]] {{.*}} into tensor<1x8x8x2xi32>
// CHECK: linalg.depthwise_conv_2d_nhwc_hwc {{.*}} ins(%[[PIXELS]],
func.func @repeated(%x: tensor<1x2x4x4xi32>, %w: tensor<2x3x3xi32>,
                    %b: tensor<1x2x6x6xi32>) -> tensor<1x2x6x6xi32> {
  %empty = tensor.empty() : tensor<1x2x4x2x4x2xi32>
  %more = linalg.broadcast ins(%x : tensor<1x2x4x4xi32>)
      outs(%empty : tensor<1x2x4x2x4x2xi32>) dimensions = [3, 5]
  %pixels = tensor.collapse_shape %more [[0], [1], [2, 3], [4, 5]]
      : tensor<1x2x4x2x4x2xi32> into tensor<1x2x8x8xi32>
  %y = linalg.depthwise_conv_2d_nchw_chw
      {dilations = dense<1> : tensor<2xi64>, strides = dense<1> : tensor<2xi64>}
      ins(%pixels, %w : tensor<1x2x8x8xi32>, tensor<2x3x3xi32>)
      outs(%b : tensor<1x2x6x6xi32>) -> tensor<1x2x6x6xi32>
  return %y : tensor<1x2x6x6xi32>
}

// -----

// Groups are dimensions beside those of their channels.

// CHECK-LABEL: func.func @groups(
// CHECK: %[[SPLIT:.*]] = tensor.expand_shape %arg0
// CHECK: %[[IMAGE:.*]] = linalg.transpose ins(%[[SPLIT]] {{.*}} permutation = [0, 3, 4, 1, 2]
// CHECK: %[[FILTER:.*]] = linalg.transpose ins(%arg1 {{.*}} permutation = [0, 1, 3, 4, 2]
// CHECK: %[[SUMS:.*]] = linalg.conv_2d_nhwgc_gfhwc {{.*}} ins(%[[IMAGE]], %[[FILTER]] :
// CHECK: %[[MERGED:.*]] = tensor.collapse_shape %[[SUMS]] {{\[\[}}0], [1], [2], [3, 4]] : tensor<1x4x4x2x3xi32> into tensor<1x4x4x6xi32>
// CHECK: linalg.transpose ins(%[[MERGED]] {{.*}} permutation = [0, 3, 1, 2]
func.func @groups(%x: tensor<1x8x6x6xi32>, %w: tensor<2x3x4x3x3xi32>) -> tensor<1x6x4x4xi32> {
  %zero = arith.constant 0 : i32
  %image = tensor.expand_shape %x [[0], [1, 2], [3], [4]] output_shape [1, 2, 4, 6, 6]
      : tensor<1x8x6x6xi32> into tensor<1x2x4x6x6xi32>
  %empty = tensor.empty() : tensor<1x2x3x4x4xi32>
  %init = linalg.fill ins(%zero : i32) outs(%empty : tensor<1x2x3x4x4xi32>) -> tensor<1x2x3x4x4xi32>
  %sums = linalg.conv_2d_ngchw_gfchw
      {dilations = dense<1> : tensor<2xi64>, strides = dense<1> : tensor<2xi64>}
      ins(%image, %w : tensor<1x2x4x6x6xi32>, tensor<2x3x4x3x3xi32>)
      outs(%init : tensor<1x2x3x4x4xi32>) -> tensor<1x2x3x4x4xi32>
  %y = tensor.collapse_shape %sums [[0], [1, 2], [3], [4]]
      : tensor<1x2x3x4x4xi32> into tensor<1x6x4x4xi32>
  return %y : tensor<1x6x4x4xi32>
}

// -----

// Groups of one channel: what has several outputs is repeated.

// CHECK-LABEL: func.func @multiplied(
// CHECK: %[[MORE:.*]] = linalg.broadcast ins(%{{.*}} : tensor<?x6x6x4xi32>) outs(%{{.*}} : tensor<?x6x6x4x3xi32>) dimensions = [4]
// CHECK: %[[IMAGE:.*]] = tensor.collapse_shape %[[MORE]] {{.*}} into tensor<?x6x6x12xi32>
// CHECK: %[[SUMS:.*]] = linalg.depthwise_conv_2d_nhwc_hwc {{.*}} ins(%[[IMAGE]], %{{.*}} : tensor<?x6x6x12xi32>, tensor<3x3x12xi32>)
// CHECK: linalg.transpose ins(%[[SUMS]] {{.*}} permutation = [0, 3, 1, 2]
func.func @multiplied(%x: tensor<?x4x1x6x6xi32>, %w: tensor<4x3x1x3x3xi32>, %init: tensor<?x4x3x4x4xi32>) -> tensor<?x12x4x4xi32> {
  %sums = linalg.conv_2d_ngchw_gfchw
      {dilations = dense<1> : tensor<2xi64>, strides = dense<1> : tensor<2xi64>}
      ins(%x, %w : tensor<?x4x1x6x6xi32>, tensor<4x3x1x3x3xi32>)
      outs(%init : tensor<?x4x3x4x4xi32>) -> tensor<?x4x3x4x4xi32>
  %y = tensor.collapse_shape %sums [[0], [1, 2], [3], [4]]
      : tensor<?x4x3x4x4xi32> into tensor<?x12x4x4xi32>
  return %y : tensor<?x12x4x4xi32>
}
