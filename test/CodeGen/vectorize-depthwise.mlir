// RUN: ptq-opt %s -split-input-file -ptq-vectorize-contractions=cpu=znver4 -canonicalize -cse -remarks-filter='ptq.*' -verify-diagnostics | FileCheck %s --check-prefixes=CHECK,QUADS
// RUN: ptq-opt %s -split-input-file -ptq-vectorize-contractions=cpu=x86-64-v3 -canonicalize -cse | FileCheck %s --check-prefixes=CHECK,PAIRS
// RUN: ptq-opt %s -split-input-file -ptq-vectorize-contractions=cpu=x86-64 -canonicalize -cse | FileCheck %s --check-prefixes=CHECK,NARROW
// RUN: ptq-opt %s -split-input-file -ptq-vectorize-contractions='cpu=cortex-a53 features=+dotprod' -canonicalize -cse | FileCheck %s --check-prefixes=CHECK,SIGNED
// RUN: ptq-opt %s -split-input-file -ptq-vectorize-contractions=cpu=cortex-a53 | FileCheck %s --check-prefix=NONE

// Two outputs share the pixels of four taps: (w0, w1, w2, 0) and (0, w0, w1, w2).
// Sixteen channels are a quarter of what is loaded at once: they are spread over
// the parts of the register, so that they come out in their order. Pairs take two
// products for a row of the window, and have the order of their parts.

// QUADS: memref.global "private" constant @sign_correction : memref<16xi32>
// QUADS: memref.global "private" constant @packed_weights : memref<384xi8>
// QUADS-LABEL: func.func @window_of_three(
// QUADS: scf.for %{{.*}} = %c0 to %c3 step %c1 iter_args
// QUADS: %[[PIXEL0:.*]] = vector.load {{.*}} vector<16xi8>
// QUADS: %[[SPREAD0:.*]] = vector.shuffle %[[PIXEL0]], %[[PIXEL0]] [0, 1, 2, 3, -1, {{.*}}, 4, 5, 6, 7, -1,
// QUADS: %[[CODES0:.*]] = arith.xori %[[SPREAD0]], %{{.*}} : vector<64xi8>
// QUADS: %[[CODES1:.*]] = arith.xori
// QUADS: %[[TAPS01:.*]] = vector.shuffle %[[CODES0]], %[[CODES1]] [0, 64, 1, 65, 2, 66, 3, 67, 4, 68, 5, 69, 6, 70, 7, 71, 16, 80,
// QUADS: %[[TAPS23:.*]] = vector.shuffle {{.*}} [0, 64, 1, 65,
// QUADS: %[[TAPS:.*]] = vector.shuffle %[[TAPS01]], %[[TAPS23]] [0, 1, 64, 65, 2, 3, 66, 67,
// QUADS: %[[FIRST:.*]] = vector.load {{.*}} : memref<384xi8>, vector<64xi8>
// QUADS: ptq.dot %{{.*}}, %[[TAPS]], %[[FIRST]] unsigned_a : vector<16xi32>, vector<64xi8>, vector<64xi8>
// QUADS: %[[SECOND:.*]] = vector.load {{.*}} : memref<384xi8>, vector<64xi8>
// QUADS: ptq.dot %{{.*}}, %[[TAPS]], %[[SECOND]] unsigned_a

// PAIRS: memref.global "private" constant @packed_weights : memref<384xi16>
// PAIRS-LABEL: func.func @window_of_three(
// PAIRS: scf.for %{{.*}} = %c0 to %c3 step %c1 iter_args
// PAIRS: arith.extsi {{.*}} : vector<16xi8> to vector<16xi16>
// PAIRS: arith.extsi {{.*}} : vector<16xi8> to vector<16xi16>
// PAIRS: vector.shuffle {{.*}} [0, 16, 1, 17, 2, 18, 3, 19, 8, 24, 9, 25, 10, 26, 11, 27] : vector<16xi16>
// PAIRS: vector.shuffle {{.*}} [4, 20, 5, 21, 6, 22, 7, 23, 12, 28, 13, 29, 14, 30, 15, 31] : vector<16xi16>
// PAIRS: ptq.dot {{.*}} : vector<8xi32>, vector<16xi16>, vector<16xi16>
// PAIRS: vector.shuffle {{.*}} [0, 1, 2, 3, 8, 9, 10, 11, 4, 5, 6, 7, 12, 13, 14, 15] : vector<16xi32>
// PAIRS: vector.store {{.*}} vector<16xi32>

// NARROW-LABEL: func.func @window_of_three(
// NARROW: arith.extsi {{.*}} : vector<8xi8> to vector<8xi16>
// NARROW: vector.shuffle {{.*}} [0, 8, 1, 9, 2, 10, 3, 11] : vector<8xi16>
// NARROW: ptq.dot {{.*}} : vector<4xi32>, vector<8xi16>, vector<8xi16>

// SIGNED-LABEL: func.func @window_of_three(
// SIGNED-NOT: arith.xori
// SIGNED: ptq.dot {{.*}} : vector<4xi32>, vector<16xi8>, vector<16xi8>

// NONE-LABEL: func.func @window_of_three(
// NONE: linalg.depthwise_conv_2d_nhwc_hwc
memref.global "private" constant @taps : memref<3x3x16xi8> = dense_resource<taps>
func.func @window_of_three(%x: memref<?x8x10x16xi8>, %y: memref<?x6x8x16xi32>) {
  %w = memref.get_global @taps : memref<3x3x16xi8>
  linalg.depthwise_conv_2d_nhwc_hwc
    ins(%x, %w : memref<?x8x10x16xi8>, memref<3x3x16xi8>) outs(%y : memref<?x6x8x16xi32>)
  return
}

{-#
  dialect_resources: {
    builtin: {
      taps: "0x01000000000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F202122232425262728292A2B2C2D2E2F303132333435363738393A3B3C3D3E3F404142434445464748494A4B4C4D4E4F505152535455565758595A5B5C5D5E5F606162636465666768696A6B6C6D6E6F707172737475767778797A7B7C7D7E000102030405060708090A0B0C0D0E0F10"
    }
  }
#-}

// -----

// Both dimensions of the window have two taps, which fill pairs and are shared in
// fours. Two channels are less than a vector; nothing behind them is read.

// QUADS: memref.global "private" constant @packed_weights : memref<384xi8>
// CHECK-LABEL: func.func @few_channels(
// CHECK: vector.maskedload
// CHECK: vector.load {{.*}} vector<2xi8>
// CHECK: ptq.dot
// CHECK: vector.maskedstore
memref.global "private" constant @taps : memref<2x2x2xi8> = dense<[[[1, 2], [3, 4]], [[5, 6], [7, 8]]]>
func.func @few_channels(%x: memref<?x4x4x2xi8>, %y: memref<?x3x3x2xi32>) {
  %w = memref.get_global @taps : memref<2x2x2xi8>
  linalg.depthwise_conv_2d_nhwc_hwc
    ins(%x, %w : memref<?x4x4x2xi8>, memref<2x2x2xi8>) outs(%y : memref<?x3x3x2xi32>)
  return
}

// -----

// The dot products run along the dimension of the window that fills them best: a
// column of four taps.

// CHECK-LABEL: func.func @column(
// CHECK: scf.for %{{.*}} = %c0 to %c3 step %c1 iter_args
// QUADS-COUNT-4: vector.load {{.*}} vector<8xi8>
// CHECK: ptq.dot
memref.global "private" constant @taps : memref<4x3x8xi8> = dense_resource<taps>
func.func @column(%x: memref<1x4x9x8xi8>, %y: memref<1x1x7x8xi32>) {
  %w = memref.get_global @taps : memref<4x3x8xi8>
  linalg.depthwise_conv_2d_nhwc_hwc
    ins(%x, %w : memref<1x4x9x8xi8>, memref<4x3x8xi8>) outs(%y : memref<1x1x7x8xi32>)
  return
}

{-#
  dialect_resources: {
    builtin: {
      taps: "0x01000000000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F202122232425262728292A2B2C2D2E2F303132333435363738393A3B3C3D3E3F404142434445464748494A4B4C4D4E4F505152535455565758595A5B5C5D5E5F"
    }
  }
#-}

// -----

// Weights of 16 bits are multiplied in pairs, also where bytes are in fours.

// QUADS: memref.global "private" constant @packed_weights : memref<{{.*}}xi16>
// CHECK-LABEL: func.func @wide(
// SIGNED: linalg.depthwise_conv_2d
// QUADS: ptq.dot %{{.*}} : vector<16xi32>, vector<32xi16>, vector<32xi16>
// PAIRS: ptq.dot %{{.*}} : vector<8xi32>, vector<16xi16>, vector<16xi16>
memref.global "private" constant @taps : memref<2x2x2xi16> = dense<[[[1, 2], [3, 255]], [[-255, 6], [7, 8]]]>
func.func @wide(%x: memref<?x4x4x2xi8>, %y: memref<?x3x3x2xi32>) {
  %w = memref.get_global @taps : memref<2x2x2xi16>
  linalg.depthwise_conv_2d_nhwc_hwc
    ins(%x, %w : memref<?x4x4x2xi8>, memref<2x2x2xi16>) outs(%y : memref<?x3x3x2xi32>)
  return
}

// -----

// What keeps a depthwise convolution from becoming a kernel.

// CHECK-LABEL: func.func @misses(
// CHECK-COUNT-3: linalg.depthwise_conv_2d
memref.global "private" constant @taps : memref<2x2x2xi8> = dense<[[[1, 2], [3, 4]], [[5, 6], [7, 8]]]>
memref.global "private" constant @multiplied : memref<1x2x2x2xi8> = dense<[[[[1, 2], [3, 4]], [[5, 6], [7, 8]]]]>
memref.global "private" constant @tap : memref<1x1x2xi8> = dense<[[[1, 2]]]>
func.func @misses(%x: memref<?x4x4x2xi8>, %channels_first: memref<?x2x4x4xi8>,
                  %y: memref<?x3x3x2xi32>, %z: memref<?x4x3x2x2xi32>,
                  %v: memref<?x2x3x3xi32>, %u: memref<?x4x4x2xi32>) {
  %taps = memref.get_global @taps : memref<2x2x2xi8>
  %multiplied = memref.get_global @multiplied : memref<1x2x2x2xi8>
  %tap = memref.get_global @tap : memref<1x1x2xi8>
  // expected-remark @below {{channels are not one contiguous dimension}}
  linalg.depthwise_conv_2d_nchw_chw
    ins(%channels_first, %taps : memref<?x2x4x4xi8>, memref<2x2x2xi8>) outs(%v : memref<?x2x3x3xi32>)
  // expected-remark @below {{channels are not one contiguous dimension}}
  linalg.depthwise_conv_2d_nhwc_hwcm
    ins(%x, %multiplied : memref<?x4x4x2xi8>, memref<1x2x2x2xi8>) outs(%z : memref<?x4x3x2x2xi32>)
  // expected-remark @below {{the window has no two taps at a static distance}}
  linalg.depthwise_conv_2d_nhwc_hwc
    ins(%x, %tap : memref<?x4x4x2xi8>, memref<1x1x2xi8>) outs(%u : memref<?x4x4x2xi32>)
  return
}

// -----

// Codes of two rows would fill a vector. But rows whose channels have the order of
// interleaving are stored one by one, each brought into order.

// PAIRS-LABEL: func.func @codes(
// PAIRS-COUNT-2: arith.trunci {{.*}} : vector<16xi32> to vector<16xi8>
// PAIRS: vector.store {{.*}} vector<16xi8>
memref.global "private" constant @w : memref<1x4x16xi8> = dense<[[
  [127,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16],[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16],
  [127,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16],[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16]]]>
func.func @codes(%x: memref<1x5x5x16xi8>, %y: memref<1x2x1x16xi8>) {
  %w = memref.get_global @w : memref<1x4x16xi8>
  %zero = arith.constant 0 : i32
  %a = memref.alloc() : memref<1x2x1x16xi32>
  linalg.fill ins(%zero : i32) outs(%a : memref<1x2x1x16xi32>)
  linalg.depthwise_conv_2d_nhwc_hwc {strides = dense<[3, 2]> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>}
    ins(%x, %w : memref<1x5x5x16xi8>, memref<1x4x16xi8>) outs(%a : memref<1x2x1x16xi32>)
  linalg.generic {indexing_maps = [affine_map<(n, h, w, c) -> (n, h, w, c)>, affine_map<(n, h, w, c) -> (n, h, w, c)>],
                  iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%a : memref<1x2x1x16xi32>) outs(%y : memref<1x2x1x16xi8>) {
  ^bb0(%in: i32, %out: i8):
    %c4 = arith.constant 4 : i32
    %s = arith.shrsi %in, %c4 : i32
    %t = arith.trunci %s : i32 to i8
    linalg.yield %t : i8
  }
  return
}
