// RUN: ptq-opt %s -split-input-file -ptq-vectorize-contractions=cpu=znver4 -canonicalize -remarks-filter='ptq.*' -verify-diagnostics | FileCheck %s
// RUN: ptq-opt %s -split-input-file -ptq-vectorize-contractions=cpu=x86-64-v3 -canonicalize | FileCheck %s --check-prefix=PAIRS
// RUN: ptq-opt %s -split-input-file -ptq-vectorize-contractions='cpu=cortex-a53 features=+dotprod' -canonicalize | FileCheck %s --check-prefix=SIGNED
// RUN: ptq-opt %s -split-input-file -ptq-vectorize-contractions='cpu=cortex-a53 features=+dotprod,+i8mm' -canonicalize | FileCheck %s --check-prefix=SQUARES

// Groups of four, unsigned by the flipped sign bit, with the correction in the
// accumulators.

// CHECK: memref.global "private" constant @sign_correction : memref<16xi32>
// CHECK: memref.global "private" constant @packed_weights : memref<64xi8>
// CHECK-LABEL: func.func @quads(
// CHECK: %[[CORRECTION:.*]] = vector.load {{.*}} : memref<16xi32>, vector<16xi32>
// CHECK: arith.addi %{{.*}}, %[[CORRECTION]] : vector<16xi32>
// CHECK: %[[B:.*]] = vector.load {{.*}} : memref<64xi8>, vector<64xi8>
// CHECK: vector.load {{.*}} vector<4xi8>
// CHECK: %[[A:.*]] = arith.xori {{.*}} : vector<64xi8>
// CHECK: ptq.dot %{{.*}}, %[[A]], %[[B]] unsigned_a : vector<16xi32>, vector<64xi8>, vector<64xi8>

// Without such a dot product: by way of pairs in 16 bits, since the weights are
// small.

// PAIRS-LABEL: func.func @quads(
// PAIRS-DAG: %[[ZERO:.*]] = arith.constant dense<0> : vector<16xi16>
// PAIRS-DAG: %[[ONE:.*]] = arith.constant dense<1> : vector<16xi16>
// PAIRS: %[[A:.*]] = arith.xori {{.*}} : vector<32xi8>
// PAIRS: %[[P:.*]] = ptq.dot %[[ZERO]], %[[A]], %{{.*}} unsigned_a : vector<16xi16>, vector<32xi8>, vector<32xi8>
// PAIRS: ptq.dot %{{.*}}, %[[P]], %[[ONE]] : vector<8xi32>, vector<16xi16>, vector<16xi16>

// SIGNED-LABEL: func.func @quads(
// SIGNED-NOT: arith.xori
// SIGNED: ptq.dot {{.*}} : vector<4xi32>, vector<16xi8>, vector<16xi8>

// One row has no squares.

// SQUARES-LABEL: func.func @quads(
// SQUARES-NOT: rows
// SQUARES: ptq.dot %{{[^,]*}}, %{{[^,]*}}, %{{[^,]*}} : vector<4xi32>, vector<16xi8>, vector<16xi8>
memref.global "private" constant @w : memref<4x16xi8> = dense_resource<w>
func.func @quads(%x: memref<1x4xi8>, %y: memref<1x16xi32>) {
  %w = memref.get_global @w : memref<4x16xi8>
  linalg.matmul ins(%x, %w : memref<1x4xi8>, memref<4x16xi8>)
                outs(%y : memref<1x16xi32>)
  return
}

{-#
  dialect_resources: {
    builtin: {
      w: "0x01000000000102030405060708090A0B0C0D0E0F000102030405060708090A0B0C0D0E0F000102030405060708090A0B0C0D0E0F000102030405060708090A0B0C0D0E0F"
    }
  }
#-}

// -----

// Three input channels and a window of three: the run is a row of the window,
// nine bytes, of which the last is read with the three before it, whose bits are
// shifted out. The two steps before it are no loop. Five output channels are a
// masked vector.

// CHECK: memref.global "private" constant @packed_weights : memref<576xi8>
// CHECK-LABEL: func.func @first_layer(
// CHECK: vector.maskedload {{.*}} vector<16xi32>
// CHECK: scf.for
// CHECK-NOT: scf.for
// CHECK-COUNT-3: ptq.dot {{.*}} vector<16xi32>
// CHECK: vector.load {{.*}} vector<4xi8>
// CHECK: arith.shrui %{{.*}}, %{{.*}} : vector<16xi32>
// CHECK: vector.maskedstore {{.*}} vector<16xi32>
memref.global "private" constant @filter : memref<3x3x3x5xi8> = dense<[
  [[[1,2,3,4,5],[1,2,3,4,5],[1,2,3,4,5]],[[1,2,3,4,5],[1,2,3,4,5],[1,2,3,4,5]],[[1,2,3,4,5],[1,2,3,4,5],[1,2,3,4,5]]],
  [[[1,2,3,4,5],[1,2,3,4,5],[1,2,3,4,5]],[[1,2,3,4,5],[1,2,3,4,5],[1,2,3,4,5]],[[1,2,3,4,5],[1,2,3,4,5],[1,2,3,4,5]]],
  [[[1,2,3,4,5],[1,2,3,4,5],[1,2,3,4,5]],[[1,2,3,4,5],[1,2,3,4,5],[1,2,3,4,5]],[[1,2,3,4,5],[1,2,3,4,5],[1,2,3,4,60]]]]>
func.func @first_layer(%x: memref<?x8x8x3xi8>, %y: memref<?x6x6x5xi32>) {
  %w = memref.get_global @filter : memref<3x3x3x5xi8>
  linalg.conv_2d_nhwc_hwcf
    ins(%x, %w : memref<?x8x8x3xi8>, memref<3x3x3x5xi8>) outs(%y : memref<?x6x6x5xi32>)
  return
}

// -----

// Three rows are two pairs, in the second of which the row stands alone. For four
// columns, of which one is missing, there are two accumulators each, of two rows
// and two columns.

// CHECK-LABEL: func.func @rows_in_pairs(
// SQUARES: memref.global "private" constant @packed_weights : memref<64xi8>
// SQUARES-LABEL: func.func @rows_in_pairs(
// SQUARES-SAME: %[[X:.*]]: memref<3x9xi8>
// SQUARES-DAG: %[[SHIFT:.*]] = arith.constant dense<56> : vector<2xi64>
// SQUARES: %[[S0:.*]] = vector.maskedload
// SQUARES: %[[S1:.*]] = vector.maskedload
// SQUARES: %[[S2:.*]] = vector.maskedload

// SQUARES: vector.insert_strided_slice %[[S0]], {{.*}} : vector<4xi32> into vector<8xi32>
// SQUARES: %[[ROWS:.*]] = vector.insert_strided_slice %[[S1]], {{.*}} : vector<4xi32> into vector<8xi32>
// SQUARES: %[[A0:.*]] = vector.shuffle %[[ROWS]], %[[ROWS]] [0, 1, 4, 5]
// SQUARES: %[[A1:.*]] = vector.shuffle %[[ROWS]], %[[ROWS]] [2, 3, 6, 7]
// SQUARES: vector.insert_strided_slice %[[S2]], {{.*}} : vector<4xi32> into vector<8xi32>

// SQUARES: %[[W:.*]] = vector.load {{.*}} : memref<64xi8>, vector<32xi8>
// SQUARES: %[[W0:.*]] = vector.extract_strided_slice %[[W]] {offsets = [0], sizes = [16], strides = [1]}
// SQUARES: %[[W1:.*]] = vector.extract_strided_slice %[[W]] {offsets = [16], sizes = [16], strides = [1]}
// SQUARES: %[[X0:.*]] = vector.load {{.*}} vector<8xi8>
// SQUARES: %[[X1:.*]] = vector.load {{.*}} vector<8xi8>
// SQUARES: vector.insert_strided_slice {{.*}} : vector<1xi64> into vector<2xi64>
// SQUARES: %[[PAIR:.*]] = vector.insert_strided_slice {{.*}} : vector<1xi64> into vector<2xi64>
// SQUARES: %[[X01:.*]] = vector.bitcast %{{.*}} : vector<2xi64> to vector<16xi8>
// SQUARES: %[[B0:.*]] = ptq.dot %[[A0]], %[[X01]], %[[W0]] rows 2
// SQUARES: %[[B1:.*]] = ptq.dot %[[A1]], %[[X01]], %[[W1]] rows 2
// SQUARES: vector.load {{.*}} vector<8xi8>
// SQUARES: %[[X2:.*]] = vector.broadcast %{{.*}} : vector<1xi64> to vector<2xi64>
// SQUARES: %[[X22:.*]] = vector.bitcast %[[X2]] : vector<2xi64> to vector<16xi8>
// SQUARES: ptq.dot %{{.*}}, %[[X22]], %[[W0]] rows 2
// SQUARES: ptq.dot %{{.*}}, %[[X22]], %[[W1]] rows 2

// The ninth byte of a row, read with the seven before it.

// SQUARES: arith.shrui %{{.*}}, %[[SHIFT]] : vector<2xi64>
// SQUARES: %[[C0:.*]] = ptq.dot %[[B0]], {{.*}} rows 2
// SQUARES: %[[C1:.*]] = ptq.dot %[[B1]], {{.*}} rows 2
// SQUARES: arith.shrui %{{.*}}, %[[SHIFT]] : vector<2xi64>
// SQUARES-COUNT-2: ptq.dot

// SQUARES: vector.insert_strided_slice %[[C0]], {{.*}} : vector<4xi32> into vector<8xi32>
// SQUARES: %[[BACK:.*]] = vector.insert_strided_slice %[[C1]], {{.*}} : vector<4xi32> into vector<8xi32>
// SQUARES: vector.shuffle %[[BACK]], %[[BACK]] [0, 1, 4, 5]
// SQUARES: vector.shuffle %[[BACK]], %[[BACK]] [2, 3, 6, 7]
// SQUARES-COUNT-3: vector.maskedstore

// Eight bytes of each column. The last ones of columns 0 and 1 are 9 and -9.
// SQUARES: packed_weights: "0x1000000001020304050607081112131415161718818283848586878800000000000000000900000000000000F70000000000000089000000000000000000000000000000"
memref.global "private" constant @w : memref<9x3xi8> = dense<[
  [1, 17, -127], [2, 18, -126], [3, 19, -125], [4, 20, -124], [5, 21, -123],
  [6, 22, -122], [7, 23, -121], [8, 24, -120], [9, -9, -119]]>
func.func @rows_in_pairs(%x: memref<3x9xi8>, %y: memref<3x3xi32>) {
  %w = memref.get_global @w : memref<9x3xi8>
  linalg.matmul ins(%x, %w : memref<3x9xi8>, memref<9x3xi8>)
                outs(%y : memref<3x3xi32>)
  return
}

// -----

// Runs of four bytes take one step either way.

// SQUARES-LABEL: func.func @short_runs(
// SQUARES-NOT: rows
// SQUARES: ptq.dot {{.*}} : vector<4xi32>, vector<16xi8>, vector<16xi8>
memref.global "private" constant @w : memref<4x4xi8> = dense<[
  [1, 2, 3, 4], [1, 2, 3, 4], [1, 2, 3, 4], [5, 6, 7, 127]]>
func.func @short_runs(%x: memref<8x4xi8>, %y: memref<8x4xi32>) {
  %w = memref.get_global @w : memref<4x4xi8>
  linalg.matmul ins(%x, %w : memref<8x4xi8>, memref<4x4xi8>)
                outs(%y : memref<8x4xi32>)
  return
}

// -----

// Weights of 4 bits stay packed: the halves of a vector share bytes. 1 and 3, 1
// and -8 are the first of them.

// CHECK: memref.global "private" constant @packed_weights : memref<32xi8>
// CHECK-LABEL: func.func @nibbles(
// CHECK: %[[BYTES:.*]] = vector.load {{.*}} : memref<32xi8>, vector<32xi8>
// CHECK: %[[UP:.*]] = arith.shli %[[BYTES]], %[[FOUR:.*]] : vector<32xi8>
// CHECK: %[[LOW:.*]] = arith.shrsi %[[UP]], %[[FOUR]] : vector<32xi8>
// CHECK: %[[HIGH:.*]] = arith.shrsi %[[BYTES]], %[[FOUR]] : vector<32xi8>
// CHECK: %[[B:.*]] = vector.shuffle %[[LOW]], %[[HIGH]] [0, 1, {{.*}}, 62, 63] : vector<32xi8>, vector<32xi8>
// CHECK: ptq.dot %{{.*}}, %{{.*}}, %[[B]] unsigned_a : vector<16xi32>, vector<64xi8>, vector<64xi8>
// CHECK: packed_weights: "0x10000000318131710202
memref.global "private" constant @w4 : memref<4x9xi8> = dense<[
  [1, 2, 1, 2, 1, 2, 1, 2, 3], [1, 2, 1, 2, 1, 2, 1, 2, -8],
  [1, 2, 1, 2, 1, 2, 1, 2, 3], [1, 2, 1, 2, 1, 2, 1, 2, 7]]>
func.func @nibbles(%x: memref<1x4xi8>, %y: memref<1x9xi32>) {
  %w = memref.get_global @w4 : memref<4x9xi8>
  linalg.matmul ins(%x, %w : memref<1x4xi8>, memref<4x9xi8>)
                outs(%y : memref<1x9xi32>)
  return
}

// -----

// A factor that changes from call to call is packed before the products: rows of
// the sum are interleaved, the last one with zeros, and what the flipped signs
// add is summed up on the way.

// CHECK-LABEL: func.func @packed_in_the_call(
// CHECK:         %[[PACKED:.*]] = memref.alloc() {alignment = 64 : i64} : memref<128xi8>
// CHECK:         %[[CORRECTION:.*]] = memref.alloc() {alignment = 64 : i64} : memref<16xi32>
// CHECK:         %[[EVEN:.*]] = vector.interleave %{{.*}}, %{{.*}} : vector<16xi8> -> vector<32xi8>
// CHECK:         %[[ODD:.*]] = vector.interleave %{{.*}}, %{{.*}} : vector<16xi8> -> vector<32xi8>
// CHECK:         vector.interleave %[[EVEN]], %[[ODD]] : vector<32xi8> -> vector<64xi8>
// CHECK:         vector.store {{.*}}, %[[PACKED]]
// CHECK:         ptq.dot {{.*}} unsigned_a
// CHECK:         arith.muli
// CHECK:         vector.store {{.*}}, %[[CORRECTION]]
// CHECK:         scf.parallel
// CHECK:           vector.load %[[CORRECTION]]
// CHECK:           vector.load %[[PACKED]]
// CHECK:           ptq.dot

// PAIRS-LABEL: func.func @packed_in_the_call(
// PAIRS:         vector.interleave %{{.*}}, %{{.*}} : vector<8xi8> -> vector<16xi8>
// PAIRS-NOT:     ptq.dot
// PAIRS:         scf.parallel
// PAIRS:           ptq.dot
func.func @packed_in_the_call(%x: memref<?x7xi8>, %w: memref<7x16xi8>, %y: memref<?x16xi32>) {
  linalg.matmul ins(%x, %w : memref<?x7xi8>, memref<7x16xi8>)
                outs(%y : memref<?x16xi32>)
  return
}

// -----

// It is packed along the loop that sums, not along another one that runs once.

// CHECK-LABEL: func.func @packed_for_one_position(
// CHECK-SAME:      %{{.*}}, %[[W:.*]]: memref<1x4x16xi8>
// CHECK:         %[[ROWS:.*]] = memref.reinterpret_cast %[[W]]
// CHECK:         vector.load %[[ROWS]][%c0]
// CHECK:         vector.load %[[ROWS]][%c16]
// CHECK:         vector.load %[[ROWS]][%c32]
// CHECK:         vector.load %[[ROWS]][%c48]
func.func @packed_for_one_position(%x: memref<1x6x4xi8>, %w: memref<1x4x16xi8>, %y: memref<1x6x16xi32>) {
  linalg.conv_1d_nwc_wcf ins(%x, %w : memref<1x6x4xi8>, memref<1x4x16xi8>) outs(%y : memref<1x6x16xi32>)
  return
}

// -----

// Batches have weights of their own; how many there are need not be known. Here
// the neighbours of a sum lie side by side already.

// SIGNED-LABEL: func.func @batches(
// SIGNED:         %[[SIZE:.*]] = affine.apply
// SIGNED:         %[[PACKED:.*]] = memref.alloc(%[[SIZE]]) {alignment = 64 : i64} : memref<?xi8>
// SIGNED:         scf.parallel
// SIGNED:           vector.load {{.*}} vector<4xi8>
// SIGNED:           vector.from_elements {{.*}} : vector<4xi32>
// SIGNED:           vector.store {{.*}}, %[[PACKED]]
// SIGNED:         scf.parallel
// SIGNED:           ptq.dot
func.func @batches(%x: memref<?x6x8xi8>, %w: memref<?x4x8xi8>, %y: memref<?x6x4xi32>) {
  linalg.batch_matmul
    indexing_maps = [affine_map<(b, m, n, k) -> (b, m, k)>,
                     affine_map<(b, m, n, k) -> (b, n, k)>,
                     affine_map<(b, m, n, k) -> (b, m, n)>]
    ins(%x, %w : memref<?x6x8xi8>, memref<?x4x8xi8>) outs(%y : memref<?x6x4xi32>)
  return
}

// -----

// The groups of a convolution are batches of constant weights.

// CHECK: memref.global "private" constant @packed_weights : memref<128xi8>
// CHECK-LABEL: func.func @groups(
// CHECK-NOT:   memref.alloc
// CHECK:       ptq.dot
memref.global "private" constant @groups_of_two : memref<2x2x1x1x4xi8> = dense<[
  [[[[1, 2, 3, 4]]], [[[5, 6, 7, 8]]]], [[[[9, 10, 11, 12]]], [[[13, 14, 15, 16]]]]]>
func.func @groups(%x: memref<1x4x4x2x4xi8>, %y: memref<1x4x4x2x2xi32>) {
  %w = memref.get_global @groups_of_two : memref<2x2x1x1x4xi8>
  linalg.conv_2d_nhwgc_gfhwc ins(%x, %w : memref<1x4x4x2x4xi8>, memref<2x2x1x1x4xi8>)
                             outs(%y : memref<1x4x4x2x2xi32>)
  return
}

// -----

// Packing is not worth it for few rows, and words are not packed.

// CHECK-LABEL: func.func @not_packed(
// CHECK: linalg.matmul
// CHECK: linalg.matmul
func.func @not_packed(%x: memref<3x8xi8>, %w: memref<8x16xi8>, %y: memref<3x16xi32>,
                      %a: memref<8x8xi16>, %b: memref<8x8xi16>, %c: memref<8x8xi32>) {
  // expected-remark @below {{a factor that changes from call to call has too few uses}}
  linalg.matmul ins(%x, %w : memref<3x8xi8>, memref<8x16xi8>) outs(%y : memref<3x16xi32>)
  // expected-remark @below {{both factors change from call to call and have 16 bits}}
  linalg.matmul ins(%a, %b : memref<8x8xi16>, memref<8x8xi16>) outs(%c : memref<8x8xi32>)
  return
}

// -----

// Floats are not bytes.

// CHECK-LABEL: func.func @others(
// CHECK: linalg.matmul
func.func @others(%a: memref<2x2xf32>, %b: memref<2x2xf32>) {
  linalg.matmul ins(%a, %a : memref<2x2xf32>, memref<2x2xf32>) outs(%b : memref<2x2xf32>)
  return
}

// -----

// 16-bit activations go with pairs of widened weights, two at a time.

// CHECK: memref.global "private" constant @packed_weights : memref<96xi8>
// CHECK-LABEL: func.func @wide(
// CHECK: vector.load {{.*}} vector<32xi8>
// CHECK: arith.extsi {{.*}} : vector<32xi8> to vector<32xi16>
// CHECK: %[[PAIR:.*]] = vector.load {{.*}} vector<2xi16>
// CHECK: vector.bitcast %[[PAIR]] : vector<2xi16> to vector<1xi32>
// CHECK: ptq.dot {{.*}} : vector<16xi32>, vector<32xi16>, vector<32xi16>
// CHECK: vector.load {{.*}} vector<2xi16>
// CHECK: arith.shrui {{.*}} : vector<16xi32>
// CHECK: ptq.dot
// PAIRS-LABEL: func.func @wide(
// PAIRS: ptq.dot {{.*}} : vector<8xi32>, vector<16xi16>, vector<16xi16>
// SIGNED-LABEL: func.func @wide(
// SIGNED-NOT: ptq.dot
// SIGNED: linalg.matmul
memref.global "private" constant @w : memref<5x16xi8> = dense_resource<w>
func.func @wide(%x: memref<1x5xi16>, %y: memref<1x16xi32>) {
  %w = memref.get_global @w : memref<5x16xi8>
  linalg.matmul ins(%x, %w : memref<1x5xi16>, memref<5x16xi8>)
                outs(%y : memref<1x16xi32>)
  return
}

{-#
  dialect_resources: {
    builtin: {
      w: "0x01000000000102030405060708090A0B0C0D0E0F000102030405060708090A0B0C0D0E0F000102030405060708090A0B0C0D0E0F000102030405060708090A0B0C0D0E0F000102030405060708090A0B0C0D0E0F"
    }
  }
#-}

// -----

// So do constants of 16 bits, which are packed as they are; activations of bytes are
// widened for them.

// CHECK: memref.global "private" constant @packed_weights : memref<32xi16> = dense_resource<packed_weights>
// CHECK-LABEL: func.func @wide_weights(
// CHECK: linalg.generic {{.*}} ins(%{{.*}} : memref<1x2xi8>) outs(%{{.*}} : memref<1x2xi16>)
// CHECK: vector.load {{.*}} : memref<32xi16>, vector<32xi16>
// CHECK-NOT: arith.extsi
// CHECK: ptq.dot {{.*}} : vector<16xi32>, vector<32xi16>, vector<32xi16>
// CHECK: packed_weights: "0x100000000000FF7F0100FE7F
// PAIRS-LABEL: func.func @wide_weights(
// PAIRS: ptq.dot {{.*}} : vector<8xi32>, vector<16xi16>, vector<16xi16>
// SIGNED-LABEL: func.func @wide_weights(
// SIGNED-NEXT: memref.get_global
// SIGNED-NEXT: linalg.matmul
// SQUARES-LABEL: func.func @wide_weights(
// SQUARES-NEXT: memref.get_global
// SQUARES-NEXT: linalg.matmul
memref.global "private" constant @wide : memref<2x16xi16> = dense<[
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  [32767, 32766, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -32768]]>
func.func @wide_weights(%x: memref<1x2xi8>, %y: memref<1x16xi32>) {
  %w = memref.get_global @wide : memref<2x16xi16>
  linalg.matmul ins(%x, %w : memref<1x2xi8>, memref<2x16xi16>)
                outs(%y : memref<1x16xi32>)
  return
}

// -----

// CHECK-LABEL: func.func @long_sums(
// CHECK-NOT: ptq.dot
memref.global "private" constant @w : memref<5x16xi8> = dense_resource<w>
func.func @long_sums(%x: memref<1x5xi16>, %y: memref<1x16xi64>) {
  %w = memref.get_global @w : memref<5x16xi8>
  // expected-remark @+1 {{the sums are wider than i32}}
  linalg.matmul ins(%x, %w : memref<1x5xi16>, memref<5x16xi8>)
                outs(%y : memref<1x16xi64>)
  return
}

{-#
  dialect_resources: {
    builtin: {
      w: "0x01000000000102030405060708090A0B0C0D0E0F000102030405060708090A0B0C0D0E0F000102030405060708090A0B0C0D0E0F000102030405060708090A0B0C0D0E0F000102030405060708090A0B0C0D0E0F"
    }
  }
#-}

// -----

// A bias before and codes behind the sums are computed on registers; there is no
// buffer of sums. The codes of four rows, which follow each other, fill a register.

memref.global "private" constant @w_fused : memref<8x16xi8> = dense<[[-9, -2, 5, -7, 0, 7, -5, 2, 9, -3, 4, -8, -1, 6, -6, 1], [8, -4, 3, -9, -2, 5, -7, 0, 7, -5, 2, 9, -3, 4, -8, -1], [6, -6, 1, 8, -4, 3, -9, -2, 5, -7, 0, 7, -5, 2, 9, -3], [4, -8, -1, 6, -6, 1, 8, -4, 3, -9, -2, 5, -7, 0, 7, -5], [2, 9, -3, 4, -8, -1, 6, -6, 1, 8, -4, 3, -9, -2, 5, -7], [0, 7, -5, 2, 9, -3, 4, -8, -1, 6, -6, 1, 8, -4, 3, -9], [-2, 5, -7, 0, 7, -5, 2, 9, -3, 4, -8, -1, 6, -6, 1, 8], [-4, 3, -9, -2, 5, -7, 0, 7, -5, 2, 9, -3, 4, -8, -1, 6]]>
memref.global "private" constant @bias : memref<16xi32> = dense<[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]>

// CHECK-LABEL: func.func @fused(
// CHECK-SAME: %{{.*}}: memref<4x8xi8>, %[[Y:.*]]: memref<4x16xi8>)
// CHECK-NOT: memref.alloc() {{.*}} xi32
// CHECK-NOT: linalg
// CHECK: ptq.dot
// CHECK: arith.shrsi %{{.*}} : vector<64xi32>
// CHECK: %[[R:.*]] = arith.trunci %{{.*}} : vector<64xi32> to vector<64xi8>
// CHECK: vector.store %[[R]], {{.*}} vector<64xi8>
func.func @fused(%x: memref<4x8xi8>, %y: memref<4x16xi8>) {
  %w = memref.get_global @w_fused : memref<8x16xi8>
  %b = memref.get_global @bias : memref<16xi32>
  %a = memref.alloc() : memref<4x16xi32>
  linalg.broadcast ins(%b : memref<16xi32>) outs(%a : memref<4x16xi32>) dimensions = [0]
  linalg.matmul ins(%x, %w : memref<4x8xi8>, memref<8x16xi8>) outs(%a : memref<4x16xi32>)
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%a : memref<4x16xi32>) outs(%y : memref<4x16xi8>) {
  ^bb0(%in: i32, %out: i8):
    %c4 = arith.constant 4 : i32
    %s = arith.shrsi %in, %c4 : i32
    %t = arith.trunci %s : i32 to i8
    linalg.yield %t : i8
  }
  return
}

// -----

// Sums that are read twice are stored, and so are those of a network that
// writes its codes where the activations are. All of them begin with the bias.

memref.global "private" constant @w_stored : memref<16x16xi8> = dense<[[-9, -2, 5, -7, 0, 7, -5, 2, 9, -3, 4, -8, -1, 6, -6, 1], [8, -4, 3, -9, -2, 5, -7, 0, 7, -5, 2, 9, -3, 4, -8, -1], [6, -6, 1, 8, -4, 3, -9, -2, 5, -7, 0, 7, -5, 2, 9, -3], [4, -8, -1, 6, -6, 1, 8, -4, 3, -9, -2, 5, -7, 0, 7, -5], [2, 9, -3, 4, -8, -1, 6, -6, 1, 8, -4, 3, -9, -2, 5, -7], [0, 7, -5, 2, 9, -3, 4, -8, -1, 6, -6, 1, 8, -4, 3, -9], [-2, 5, -7, 0, 7, -5, 2, 9, -3, 4, -8, -1, 6, -6, 1, 8], [-4, 3, -9, -2, 5, -7, 0, 7, -5, 2, 9, -3, 4, -8, -1, 6], [-6, 1, 8, -4, 3, -9, -2, 5, -7, 0, 7, -5, 2, 9, -3, 4], [-8, -1, 6, -6, 1, 8, -4, 3, -9, -2, 5, -7, 0, 7, -5, 2], [9, -3, 4, -8, -1, 6, -6, 1, 8, -4, 3, -9, -2, 5, -7, 0], [7, -5, 2, 9, -3, 4, -8, -1, 6, -6, 1, 8, -4, 3, -9, -2], [5, -7, 0, 7, -5, 2, 9, -3, 4, -8, -1, 6, -6, 1, 8, -4], [3, -9, -2, 5, -7, 0, 7, -5, 2, 9, -3, 4, -8, -1, 6, -6], [1, 8, -4, 3, -9, -2, 5, -7, 0, 7, -5, 2, 9, -3, 4, -8], [-1, 6, -6, 1, 8, -4, 3, -9, -2, 5, -7, 0, 7, -5, 2, 9]]>
memref.global "private" constant @bias_stored : memref<16xi32> = dense<[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]>

// CHECK-LABEL: func.func @read_twice(
// CHECK: memref.alloc() {{.*}}: memref<4x16xi32>
// CHECK-NOT: linalg.broadcast
// CHECK: ptq.dot
// CHECK: vector.store {{.*}} vector<16xi32>
// CHECK-COUNT-2: linalg.generic
// CHECK-LABEL: func.func @in_place(
// CHECK-NOT: linalg.broadcast
// CHECK: ptq.dot
// CHECK: vector.store {{.*}} vector<16xi32>
// CHECK: linalg.generic
func.func @read_twice(%x: memref<4x16xi8>, %y: memref<4x16xi8>, %z: memref<4x16xi32>) {
  %w = memref.get_global @w_stored : memref<16x16xi8>
  %b = memref.get_global @bias_stored : memref<16xi32>
  %a = memref.alloc() {alignment = 64 : i64} : memref<4x16xi32>
  linalg.broadcast ins(%b : memref<16xi32>) outs(%a : memref<4x16xi32>) dimensions = [0]
  linalg.matmul ins(%x, %w : memref<4x16xi8>, memref<16x16xi8>) outs(%a : memref<4x16xi32>)
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%a : memref<4x16xi32>) outs(%y : memref<4x16xi8>) {
  ^bb0(%in: i32, %out: i8):
    %t = arith.trunci %in : i32 to i8
    linalg.yield %t : i8
  }
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%a : memref<4x16xi32>) outs(%z : memref<4x16xi32>) {
  ^bb0(%in: i32, %out: i32):
    %t = arith.muli %in, %in : i32
    linalg.yield %t : i32
  }
  return
}
func.func @in_place(%x: memref<4x16xi8>) {
  %w = memref.get_global @w_stored : memref<16x16xi8>
  %b = memref.get_global @bias_stored : memref<16xi32>
  %a = memref.alloc() : memref<4x16xi32>
  linalg.broadcast ins(%b : memref<16xi32>) outs(%a : memref<4x16xi32>) dimensions = [0]
  linalg.matmul ins(%x, %w : memref<4x16xi8>, memref<16x16xi8>) outs(%a : memref<4x16xi32>)
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%a : memref<4x16xi32>) outs(%x : memref<4x16xi8>) {
  ^bb0(%in: i32, %out: i8):
    %t = arith.trunci %in : i32 to i8
    linalg.yield %t : i8
  }
  return
}

// -----

// Signs that are flipped in memory: as they are if the dot product reads them
// so, and otherwise no kernel.

// CHECK-LABEL: func.func @flipped(
// CHECK-NOT: arith.xori
// CHECK: ptq.dot {{.*}} unsigned_a : vector<16xi32>, vector<64xi8>, vector<64xi8>

// PAIRS-LABEL: func.func @flipped(
// PAIRS-NOT: ptq.dot
// PAIRS: linalg.generic

// SIGNED-LABEL: func.func @flipped(
// SIGNED-NOT: ptq.dot
// SIGNED: linalg.generic
memref.global "private" constant @w : memref<4x16xi8> = dense<[
  [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16],[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16],
  [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16],[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,65]]>
#a = affine_map<(m, n, k) -> (m, k)>
#b = affine_map<(m, n, k) -> (k, n)>
#c = affine_map<(m, n, k) -> (m, n)>
func.func @flipped(%x: memref<1x4xi8>, %y: memref<1x16xi32>) {
  %w = memref.get_global @w : memref<4x16xi8>
  %sign = arith.constant -128 : i8
  linalg.generic {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : memref<1x4xi8>, memref<4x16xi8>) outs(%y : memref<1x16xi32>) {
  ^bb0(%in: i8, %weight: i8, %out: i32):
    %code = arith.xori %in, %sign : i8
    %0 = arith.extsi %code : i8 to i32
    %1 = arith.extsi %weight : i8 to i32
    %2 = arith.muli %0, %1 : i32
    %3 = arith.addi %out, %2 : i32
    linalg.yield %3 : i32
  }
  return
}

// -----

// What accumulators begin with may be known in the call only, such as a measured
// zero point, if it is still the same where the kernel reads it.

#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i, 0)>
#column = affine_map<(i, j) -> (j)>

memref.global "private" constant @w_measured : memref<4x16xi8> = dense<[[-9, -2, 5, -7, 0, 7, -5, 2, 9, -3, 4, -8, -1, 6, -6, 1], [8, -4, 3, -9, -2, 5, -7, 0, 7, -5, 2, 9, -3, 4, -8, -1], [6, -6, 1, 8, -4, 3, -9, -2, 5, -7, 0, 7, -5, 2, 9, -3], [4, -8, -1, 6, -6, 1, 8, -4, 3, -9, -2, 5, -7, 0, 7, -5]]>
memref.global "private" constant @sums_measured : memref<16xi32> = dense<[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]>

// CHECK-LABEL: func.func @measured(
// CHECK-NOT: memref.alloc() {.*} xi32
// CHECK-NOT: linalg
// CHECK: arith.muli %{{.*}} : vector<16xi32>
// CHECK: ptq.dot
// CHECK: arith.sitofp %{{.*}} : vector<16xi32> to vector<16xf32>
// CHECK: vector.store
// CHECK-NOT: linalg
// CHECK-LABEL: func.func @written_in_between(
// CHECK: linalg.generic
// CHECK: linalg.fill
// CHECK: ptq.dot
// CHECK: linalg.generic
// CHECK-LABEL: func.func @other_in_between(
// CHECK: linalg.fill
// CHECK-NOT: linalg
// CHECK: ptq.dot
// CHECK-NOT: linalg
// CHECK-LABEL: func.func @results_over_zero_points(
// CHECK: arith.muli %{{.*}} : vector<16xi32>
// CHECK: ptq.dot
// CHECK: linalg.generic
func.func @measured(%x: memref<4x4xi8>, %z: memref<4x1xi32>, %y: memref<4x16xf32>) {
  %w = memref.get_global @w_measured : memref<4x16xi8>
  %b = memref.get_global @sums_measured : memref<16xi32>
  %a = memref.alloc() : memref<4x16xi32>
  linalg.generic {indexing_maps = [#row, #column, #id], iterator_types = ["parallel", "parallel"]}
      ins(%z, %b : memref<4x1xi32>, memref<16xi32>) outs(%a : memref<4x16xi32>) {
  ^bb0(%zero: i32, %sum: i32, %out: i32):
    %p = arith.muli %zero, %sum : i32
    linalg.yield %p : i32
  }
  linalg.matmul ins(%x, %w : memref<4x4xi8>, memref<4x16xi8>) outs(%a : memref<4x16xi32>)
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%a : memref<4x16xi32>) outs(%y : memref<4x16xf32>) {
  ^bb0(%in: i32, %out: f32):
    %t = arith.sitofp %in : i32 to f32
    linalg.yield %t : f32
  }
  return
}
func.func @written_in_between(%x: memref<4x4xi8>, %z: memref<4x1xi32>, %y: memref<4x16xf32>) {
  %w = memref.get_global @w_measured : memref<4x16xi8>
  %b = memref.get_global @sums_measured : memref<16xi32>
  %a = memref.alloc() : memref<4x16xi32>
  linalg.generic {indexing_maps = [#row, #column, #id], iterator_types = ["parallel", "parallel"]}
      ins(%z, %b : memref<4x1xi32>, memref<16xi32>) outs(%a : memref<4x16xi32>) {
  ^bb0(%zero: i32, %sum: i32, %out: i32):
    %p = arith.muli %zero, %sum : i32
    linalg.yield %p : i32
  }
  %zero = arith.constant 0 : i32
  linalg.fill ins(%zero : i32) outs(%z : memref<4x1xi32>)
  linalg.matmul ins(%x, %w : memref<4x4xi8>, memref<4x16xi8>) outs(%a : memref<4x16xi32>)
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%a : memref<4x16xi32>) outs(%y : memref<4x16xf32>) {
  ^bb0(%in: i32, %out: f32):
    %t = arith.sitofp %in : i32 to f32
    linalg.yield %t : f32
  }
  return
}
func.func @other_in_between(%x: memref<4x4xi8>, %z: memref<4x1xi32>, %o: memref<4x1xi32>, %y: memref<4x16xf32>) {
  %w = memref.get_global @w_measured : memref<4x16xi8>
  %b = memref.get_global @sums_measured : memref<16xi32>
  %a = memref.alloc() : memref<4x16xi32>
  linalg.generic {indexing_maps = [#row, #column, #id], iterator_types = ["parallel", "parallel"]}
      ins(%z, %b : memref<4x1xi32>, memref<16xi32>) outs(%a : memref<4x16xi32>) {
  ^bb0(%zero: i32, %sum: i32, %out: i32):
    %p = arith.muli %zero, %sum : i32
    linalg.yield %p : i32
  }
  %zero = arith.constant 0 : i32
  linalg.fill ins(%zero : i32) outs(%o : memref<4x1xi32>)
  linalg.matmul ins(%x, %w : memref<4x4xi8>, memref<4x16xi8>) outs(%a : memref<4x16xi32>)
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%a : memref<4x16xi32>) outs(%y : memref<4x16xf32>) {
  ^bb0(%in: i32, %out: f32):
    %t = arith.sitofp %in : i32 to f32
    linalg.yield %t : f32
  }
  return
}
func.func @results_over_zero_points(%x: memref<4x4xi8>, %memory: memref<1024xi8>) {
  %c0 = arith.constant 0 : index
  %z = memref.view %memory[%c0][] : memref<1024xi8> to memref<4x1xi32>
  %y = memref.view %memory[%c0][] : memref<1024xi8> to memref<4x16xf32>
  %w = memref.get_global @w_measured : memref<4x16xi8>
  %b = memref.get_global @sums_measured : memref<16xi32>
  %a = memref.alloc() : memref<4x16xi32>
  linalg.generic {indexing_maps = [#row, #column, #id], iterator_types = ["parallel", "parallel"]}
      ins(%z, %b : memref<4x1xi32>, memref<16xi32>) outs(%a : memref<4x16xi32>) {
  ^bb0(%zero: i32, %sum: i32, %out: i32):
    %p = arith.muli %zero, %sum : i32
    linalg.yield %p : i32
  }
  linalg.matmul ins(%x, %w : memref<4x4xi8>, memref<4x16xi8>) outs(%a : memref<4x16xi32>)
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%a : memref<4x16xi32>) outs(%y : memref<4x16xf32>) {
  ^bb0(%in: i32, %out: f32):
    %t = arith.sitofp %in : i32 to f32
    linalg.yield %t : f32
  }
  return
}

// -----

// The reduction that is packed along is not the one over a single channel.

// CHECK-LABEL: func.func @one_channel(
// CHECK: %[[W:.*]] = memref.reinterpret_cast %arg1
// CHECK: vector.load %[[W]][%c0]
// CHECK: vector.load %[[W]][%c16]
// CHECK: vector.interleave
func.func @one_channel(%x: memref<4x1x8xi8>, %w: memref<1x2x16xi8>, %y: memref<4x7x16xi32>) {
  linalg.generic {
      indexing_maps = [affine_map<(n, w, f, c, k) -> (n, c, w + k)>, affine_map<(n, w, f, c, k) -> (c, k, f)>, affine_map<(n, w, f, c, k) -> (n, w, f)>],
      iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]}
      ins(%x, %w : memref<4x1x8xi8>, memref<1x2x16xi8>) outs(%y : memref<4x7x16xi32>) {
  ^bb0(%a: i8, %b: i8, %sum: i32):
    %0 = arith.extsi %a : i8 to i32
    %1 = arith.extsi %b : i8 to i32
    %2 = arith.muli %0, %1 : i32
    %3 = arith.addi %sum, %2 : i32
    linalg.yield %3 : i32
  }
  return
}

// -----

// 2 * 255 * 64 fits 16 bits, twice 65 does not: words then.

// PAIRS-LABEL: func.func @largest_of_pairs(
// PAIRS: ptq.dot {{.*}} unsigned_a : vector<16xi16>, vector<32xi8>, vector<32xi8>
// PAIRS-LABEL: func.func @too_large_for_pairs(
// PAIRS-NOT: unsigned_a
// PAIRS: ptq.dot {{.*}} : vector<8xi32>, vector<16xi16>, vector<16xi16>
memref.global "private" constant @w64 : memref<4x8xi8> = dense<[
  [64,1,2,3,4,5,6,7],[-64,1,2,3,4,5,6,7],[0,1,2,3,4,5,6,7],[0,1,2,3,4,5,6,7]]>
memref.global "private" constant @w65 : memref<4x8xi8> = dense<[
  [0,1,2,3,4,5,6,7],[-65,1,2,3,4,5,6,7],[0,1,2,3,4,5,6,7],[0,1,2,3,4,5,6,7]]>
func.func @largest_of_pairs(%x: memref<2x4xi8>, %y: memref<2x8xi32>) {
  %w = memref.get_global @w64 : memref<4x8xi8>
  linalg.matmul ins(%x, %w : memref<2x4xi8>, memref<4x8xi8>) outs(%y : memref<2x8xi32>)
  return
}
func.func @too_large_for_pairs(%x: memref<2x4xi8>, %y: memref<2x8xi32>) {
  %w = memref.get_global @w65 : memref<4x8xi8>
  linalg.matmul ins(%x, %w : memref<2x4xi8>, memref<4x8xi8>) outs(%y : memref<2x8xi32>)
  return
}

// -----

// There is nothing to compute where a dimension is empty.

memref.global "private" constant @w_empty : memref<4x16xi8> = dense<[[-2, 9, 8, -5, 2, 6, 9, -7, -9, 6, -1, 8, -2, -3, 6, 8], [8, 6, 3, -5, -2, -5, 7, 3, -9, -7, -4, 9, -8, 0, -9, -1], [6, 3, 4, 3, 9, 5, -5, 2, -6, -8, -5, 6, -3, -1, 4, 0], [4, 7, 3, 9, 2, 8, 9, 4, 9, -2, 1, -9, -1, -4, 1, 8]]>

// CHECK-LABEL: func.func @empty(
// CHECK-NEXT: return
func.func @empty(%x: memref<0x4xi8>, %y: memref<0x16xi32>) {
  %w = memref.get_global @w_empty : memref<4x16xi8>
  linalg.matmul ins(%x, %w : memref<0x4xi8>, memref<4x16xi8>) outs(%y : memref<0x16xi32>)
  return
}

// -----

// A copy of wider activations would lose the distance of their rows.

memref.global "private" constant @w_part : memref<2x1x2x4xi8> = dense<[[[[100, 2, 3, 4], [5, 6, 7, 8]]], [[[-1, -2, -3, -4], [-5, -6, -7, -8]]]]>

// CHECK-LABEL: func.func @part_of_a_buffer(
// CHECK: ptq.dot
// PAIRS-LABEL: func.func @part_of_a_buffer(
// PAIRS-NOT: ptq.dot
// PAIRS: linalg.conv_2d_nhwc_hwcf
func.func @part_of_a_buffer(%x: memref<1x?x?x2xi8, strided<[4096, 64, 2, 1]>>, %y: memref<1x?x?x4xi32>) {
  %w = memref.get_global @w_part : memref<2x1x2x4xi8>
  linalg.conv_2d_nhwc_hwcf ins(%x, %w : memref<1x?x?x2xi8, strided<[4096, 64, 2, 1]>>, memref<2x1x2x4xi8>)
                           outs(%y : memref<1x?x?x4xi32>)
  return
}

// -----

// The rows of an image may be any distance apart: only what a dot product runs
// along must be known.

memref.global "private" constant @w_image : memref<2x2x4x8xi8> = dense_resource<w_image>

// CHECK-LABEL: func.func @dynamic_image(
// CHECK-NOT: linalg
// CHECK: scf.for %{{.*}} = %c0 to %c2 step %c1 iter_args
// CHECK: ptq.dot %{{.*}} unsigned_a : vector<16xi32>, vector<64xi8>, vector<64xi8>
// PAIRS-LABEL: func.func @dynamic_image(
// PAIRS-NOT: linalg.conv
// PAIRS: ptq.dot
// SIGNED-LABEL: func.func @dynamic_image(
// SIGNED-NOT: linalg
// SIGNED: ptq.dot
func.func @dynamic_image(%x: memref<1x?x?x4xi8>, %y: memref<1x?x?x8xi32>) {
  %w = memref.get_global @w_image : memref<2x2x4x8xi8>
  linalg.conv_2d_nhwc_hwcf {strides = dense<2> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>}
    ins(%x, %w : memref<1x?x?x4xi8>, memref<2x2x4x8xi8>) outs(%y : memref<1x?x?x8xi32>)
  return
}

{-#
  dialect_resources: { builtin: { w_image: "0x010000000102030405060708F1F2F3F4F5F6F7F80102030405060708F1F2F3F4F5F6F7F81112131415161718E1E2E3E4E5E6E7E81112131415161718E1E2E3E4E5E6E7E80102030405060708F1F2F3F4F5F6F7F80102030405060708F1F2F3F4F5F6F7F81112131415161718E1E2E3E4E5E6E7E81112131415161718E1E2E3E4E5E6E7E8" } }
#-}

// -----

// Many weights for seven rows: all of these are one tile, which is less wide, or
// weights would be waited for.

// CHECK-LABEL: func.func @seven_rows(
// CHECK: %{{.*}}:21 = scf.for
// CHECK-COUNT-21: ptq.dot
// CHECK-NOT: scf.for
func.func @seven_rows(%x: memref<7x1024xi8>, %w: memref<1024x96xi8>, %y: memref<7x96xi32>) {
  linalg.matmul ins(%x, %w : memref<7x1024xi8>, memref<1024x96xi8>)
                outs(%y : memref<7x96xi32>)
  return
}

// -----

// Few weights: two tiles of four vectors.

// CHECK-LABEL: func.func @seven_short_rows(
// CHECK: %{{.*}}:16 = scf.for
// CHECK: %{{.*}}:12 = scf.for
func.func @seven_short_rows(%x: memref<7x64xi8>, %w: memref<64x96xi8>, %y: memref<7x96xi32>) {
  linalg.matmul ins(%x, %w : memref<7x64xi8>, memref<64x96xi8>)
                outs(%y : memref<7x96xi32>)
  return
}

// -----

// More weights than activations, and than a cache holds: those of a tile's columns
// meet all positions before the next columns do.

// CHECK-LABEL: func.func @columns_outside(
// CHECK-DAG: %[[COLUMNS:.*]] = arith.constant 1024 : index
// CHECK-DAG: %[[WIDTH:.*]] = arith.constant 64 : index
// CHECK-DAG: %[[Y:.*]] = arith.constant 5 : index
// CHECK: scf.parallel {{.*}} to (%[[COLUMNS]], %[[Y]]) step (%[[WIDTH]],
// CHECK: ptq.dot
func.func @columns_outside(%x: memref<5x6x1024xi8>, %w: memref<1024x1024xi8>, %y: memref<5x6x1024xi32>) {
  linalg.generic {
      indexing_maps = [affine_map<(y, x, n, k) -> (y, x, k)>, affine_map<(y, x, n, k) -> (k, n)>,
                       affine_map<(y, x, n, k) -> (y, x, n)>],
      iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%x, %w : memref<5x6x1024xi8>, memref<1024x1024xi8>) outs(%y : memref<5x6x1024xi32>) {
  ^bb0(%a: i8, %b: i8, %sum: i32):
    %0 = arith.extsi %a : i8 to i32
    %1 = arith.extsi %b : i8 to i32
    %2 = arith.muli %0, %1 : i32
    %3 = arith.addi %sum, %2 : i32
    linalg.yield %3 : i32
  }
  return
}
