// RUN: ptq-opt %s -split-input-file -ptq-rewrite-to-integer -canonicalize | FileCheck %s
// Weights whose zero points leave no bytes, for many output channels.

// 127 + 128 = 255 is the byte 127 and a share of 128. The accumulator starts from
// -3 * (255 + 255), and from 128 for each step that the activations sum up to.
// CHECK-LABEL: func @one_share
// CHECK-SAME: %[[Q:[a-z0-9]+]]: tensor<?x2xi8>
// CHECK-DAG: %[[SHARE:.+]] = arith.constant -128 : i32
// CHECK-DAG: %[[START:.+]] = arith.constant -1530 : i32
// CHECK-DAG: %[[W:.+]] = arith.constant dense_resource<[[NAME:.+_weights"]]> : tensor<2x64xi8>
// CHECK: %[[SUMS:.+]] = linalg.generic {{.*}}iterator_types = ["parallel", "reduction"]} ins(%[[Q]] : tensor<?x2xi8>) outs(%{{.+}} : tensor<?xi32>)
// CHECK: arith.extsi
// CHECK-NEXT: arith.addi
// CHECK: %[[INIT:.+]] = linalg.generic {{.*}} ins(%[[SUMS]] : tensor<?xi32>) outs(%{{.+}} : tensor<?x64xi32>)
// CHECK-NEXT: ^bb0(%[[SUM:.+]]: i32, %{{.+}}: i32):
// CHECK-NEXT: %[[TERM:.+]] = arith.muli %[[SUM]], %[[SHARE]] : i32
// CHECK-NEXT: arith.subi %[[START]], %[[TERM]] : i32
// CHECK: linalg.matmul ins(%[[Q]], %[[W]] : tensor<?x2xi8>, tensor<2x64xi8>) outs(%[[INIT]] : tensor<?x64xi32>)
// CHECK: [[NAME]]: "0x{{........}}7F7F7F
func.func @one_share(%q: tensor<?x2xi8>, %n: index) -> tensor<?x64xf32> {
  %s = arith.constant 0.5 : f32
  %zx = arith.constant 3 : i8
  %w = arith.constant dense<127> : tensor<2x64xi8>
  %zw = arith.constant -128 : i8
  %zero = arith.constant 0.0 : f32
  %x = ptq.dequantize %q, %s, %zx : tensor<?x2xi8>, f32, i8 -> tensor<?x2xf32>
  %wf = ptq.dequantize %w, %s, %zw : tensor<2x64xi8>, f32, i8 -> tensor<2x64xf32>
  %e = tensor.empty(%n) : tensor<?x64xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<?x64xf32>) -> tensor<?x64xf32>
  %y = linalg.matmul ins(%x, %wf : tensor<?x2xf32>, tensor<2x64xf32>) outs(%i : tensor<?x64xf32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// -----

// Channels with weights of 0 to 255 and of -255 to 0 have shares of their own,
// 128 and -127. The activation's zero point is measured, and another such term.
// CHECK-LABEL: func @share_per_channel
// CHECK-SAME: %[[Q:[a-z0-9]+]]: tensor<?x2xi8>, %{{.+}}: tensor<?xf32>, %[[Z:[a-z0-9]+]]: tensor<?xi8>
// CHECK-DAG: %[[SHARES:.+]] = arith.constant dense_resource<[[SHARES_NAME:.+_shares"]]> : tensor<64xi32>
// CHECK-DAG: %[[W:.+]] = arith.constant dense_resource<[[W_NAME:.+_weights"]]> : tensor<2x64xi8>
// CHECK-DAG: %[[WEIGHT_SUMS:.+]] = arith.constant dense_resource<{{.+}}_sums"> : tensor<64xi32>
// CHECK: %[[SUMS:.+]] = linalg.generic {{.*}} ins(%[[Q]] : tensor<?x2xi8>) outs(%{{.+}} : tensor<?xi32>)
// CHECK: %[[INIT:.+]] = linalg.generic {{.*}} ins(%[[Z]], %[[WEIGHT_SUMS]], %[[SHARES]], %[[SUMS]] : tensor<?xi8>, tensor<64xi32>, tensor<64xi32>, tensor<?xi32>)
// CHECK: linalg.matmul ins(%[[Q]], %[[W]] : tensor<?x2xi8>, tensor<2x64xi8>) outs(%[[INIT]] : tensor<?x64xi32>)
// CHECK-DAG: [[SHARES_NAME]]: "0x{{........}}80FFFFFF7F00000080FFFFFF
// CHECK-DAG: [[W_NAME]]: "0x{{........}}7F7F7F{{.*}}808080
func.func @share_per_channel(%q: tensor<?x2xi8>, %sx: tensor<?xf32>, %zx: tensor<?xi8>, %n: index) -> tensor<?x64xf32> {
  %s = arith.constant dense<0.5> : tensor<64xf32>
  %w = arith.constant dense<"0x7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F80808080808080808080808080808080808080808080808080808080808080808080808080808080808080808080808080808080808080808080808080808080"> : tensor<2x64xi8>
  %zw = arith.constant dense<"0x807F807F807F807F807F807F807F807F807F807F807F807F807F807F807F807F807F807F807F807F807F807F807F807F807F807F807F807F807F807F807F807F"> : tensor<64xi8>
  %zero = arith.constant 0.0 : f32
  %x = ptq.dequantize %q, %sx, %zx axis 0 : tensor<?x2xi8>, tensor<?xf32>, tensor<?xi8> -> tensor<?x2xf32>
  %wf = ptq.dequantize %w, %s, %zw axis 1 : tensor<2x64xi8>, tensor<64xf32>, tensor<64xi8> -> tensor<2x64xf32>
  %e = tensor.empty(%n) : tensor<?x64xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<?x64xf32>) -> tensor<?x64xf32>
  %y = linalg.matmul ins(%x, %wf : tensor<?x2xf32>, tensor<2x64xf32>) outs(%i : tensor<?x64xf32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// -----

// The channels of each pixel are summed first, then windows of what this gives.
// CHECK-DAG: #[[$CHANNELS:.+]] = affine_map<(d0, d1, d2, d3) -> (d0, d2, d3)>
// CHECK-DAG: #[[$READ:.+]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d1 * 2 + d3, d2 + d4 * 2)>
// CHECK-DAG: #[[$WINDOW:.+]] = affine_map<(d0, d1, d2, d3, d4) -> (d3, d4)>
// CHECK-DAG: #[[$WRITTEN:.+]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2)>
// CHECK-LABEL: func @convolution
// CHECK-SAME: %[[Q:[a-z0-9]+]]: tensor<?x2x7x7xi8>
// CHECK: %[[PIXELS:.+]] = linalg.generic {indexing_maps = [#{{.+}}, #[[$CHANNELS]]], {{.*}} ins(%[[Q]] : tensor<?x2x7x7xi8>) outs(%{{.+}} : tensor<?x7x7xi32>)
// CHECK: %[[SHAPE:.+]] = tensor.empty() : tensor<3x2xi32>
// CHECK: %[[SUMS:.+]] = linalg.generic {indexing_maps = [#[[$READ]], #[[$WINDOW]], #[[$WRITTEN]]], {{.*}} ins(%[[PIXELS]], %[[SHAPE]] : tensor<?x7x7xi32>, tensor<3x2xi32>) outs(%{{.+}} : tensor<?x3x5xi32>)
// CHECK: %[[INIT:.+]] = linalg.generic {{.*}} ins(%[[SUMS]] : tensor<?x3x5xi32>) outs(%{{.+}} : tensor<?x64x3x5xi32>)
// CHECK: linalg.conv_2d_nchw_fchw {{.*}} ins(%[[Q]], %{{.+}} : tensor<?x2x7x7xi8>, tensor<64x2x3x2xi8>) outs(%[[INIT]] : tensor<?x64x3x5xi32>)
func.func @convolution(%q: tensor<?x2x7x7xi8>, %n: index) -> tensor<?x64x3x5xf32> {
  %s = arith.constant 0.5 : f32
  %w = arith.constant dense<127> : tensor<64x2x3x2xi8>
  %zw = arith.constant -1 : i8
  %zero = arith.constant 0.0 : f32
  %x = ptq.dequantize %q, %s : tensor<?x2x7x7xi8>, f32 -> tensor<?x2x7x7xf32>
  %wf = ptq.dequantize %w, %s, %zw : tensor<64x2x3x2xi8>, f32, i8 -> tensor<64x2x3x2xf32>
  %e = tensor.empty(%n) : tensor<?x64x3x5xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<?x64x3x5xf32>) -> tensor<?x64x3x5xf32>
  %y = linalg.conv_2d_nchw_fchw {strides = dense<[2, 1]> : tensor<2xi64>, dilations = dense<[1, 2]> : tensor<2xi64>}
      ins(%x, %wf : tensor<?x2x7x7xf32>, tensor<64x2x3x2xf32>) outs(%i : tensor<?x64x3x5xf32>) -> tensor<?x64x3x5xf32>
  return %y : tensor<?x64x3x5xf32>
}

// -----

// A window of one pixel picks sums.
// CHECK: #[[$PICKED:.+]] = affine_map<(d0, d1, d2, d3) -> (d0, d1 * 2, d2 * 2)>
// CHECK-LABEL: func @pixels
// CHECK: %[[SUMS:.+]] = linalg.generic {{.*}} outs(%{{.+}} : tensor<1x7x7xi32>)
// CHECK: linalg.generic {indexing_maps = [#[[$PICKED]], {{.*}} ins(%[[SUMS]] : tensor<1x7x7xi32>) outs(%{{.+}} : tensor<1x4x4x256xi32>)
func.func @pixels(%q: tensor<1x7x7x2xi8>) -> tensor<1x4x4x256xf32> {
  %s = arith.constant 0.5 : f32
  %w = arith.constant dense<127> : tensor<1x1x2x256xi8>
  %zw = arith.constant -1 : i8
  %zero = arith.constant 0.0 : f32
  %x = ptq.dequantize %q, %s : tensor<1x7x7x2xi8>, f32 -> tensor<1x7x7x2xf32>
  %wf = ptq.dequantize %w, %s, %zw : tensor<1x1x2x256xi8>, f32, i8 -> tensor<1x1x2x256xf32>
  %e = tensor.empty() : tensor<1x4x4x256xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<1x4x4x256xf32>) -> tensor<1x4x4x256xf32>
  %y = linalg.conv_2d_nhwc_hwcf {strides = dense<2> : tensor<2xi64>}
      ins(%x, %wf : tensor<1x7x7x2xf32>, tensor<1x1x2x256xf32>) outs(%i : tensor<1x4x4x256xf32>) -> tensor<1x4x4x256xf32>
  return %y : tensor<1x4x4x256xf32>
}

// -----

// Activations of 16 bits are multiplied with as wide weights anyway.
// CHECK-LABEL: func @wide_activations
// CHECK: linalg.matmul ins(%{{.+}}, %{{.+}} : tensor<4x2xi16>, tensor<2x64xi16>)
func.func @wide_activations(%q: tensor<4x2xi16>) -> tensor<4x64xf32> {
  %s = arith.constant 0.5 : f32
  %w = arith.constant dense<127> : tensor<2x64xi8>
  %zw = arith.constant -128 : i8
  %zero = arith.constant 0.0 : f32
  %x = ptq.dequantize %q, %s : tensor<4x2xi16>, f32 -> tensor<4x2xf32>
  %wf = ptq.dequantize %w, %s, %zw : tensor<2x64xi8>, f32, i8 -> tensor<2x64xf32>
  %e = tensor.empty() : tensor<4x64xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<4x64xf32>) -> tensor<4x64xf32>
  %y = linalg.matmul ins(%x, %wf : tensor<4x2xf32>, tensor<2x64xf32>) outs(%i : tensor<4x64xf32>) -> tensor<4x64xf32>
  return %y : tensor<4x64xf32>
}

// -----

// 40000 products of 255 and 128 fit an accumulator, but not those of 127, the share
// of 128 for each and the zero point's part, all on the way.
// CHECK-LABEL: func @too_many_products
// CHECK: linalg.matmul ins(%{{.+}}, %{{.+}} : tensor<4x40000xi8>, tensor<40000x64xi16>)
func.func @too_many_products(%q: tensor<4x40000xi8>) -> tensor<4x64xf32> {
  %s = arith.constant 0.5 : f32
  %w = arith.constant dense<127> : tensor<40000x64xi8>
  %zw = arith.constant -128 : i8
  %zero = arith.constant 0.0 : f32
  %x = ptq.dequantize %q, %s : tensor<4x40000xi8>, f32 -> tensor<4x40000xf32>
  %wf = ptq.dequantize %w, %s, %zw : tensor<40000x64xi8>, f32, i8 -> tensor<40000x64xf32>
  %e = tensor.empty() : tensor<4x64xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<4x64xf32>) -> tensor<4x64xf32>
  %y = linalg.matmul ins(%x, %wf : tensor<4x40000xf32>, tensor<40000x64xf32>) outs(%i : tensor<4x64xf32>) -> tensor<4x64xf32>
  return %y : tensor<4x64xf32>
}
