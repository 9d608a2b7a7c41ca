// RUN: ptq-opt %s -split-input-file -ptq-flip-activation-signs=cpu=znver4 -ptq-fuse-elementwise-ops | FileCheck %s
// A dot product that reads signed bytes or pairs of i16 needs nothing.
// RUN: ptq-opt %s -split-input-file -ptq-flip-activation-signs='cpu=cortex-a53 features=+dotprod' | FileCheck %s --check-prefix=SIGNED
// RUN: ptq-opt %s -split-input-file -ptq-flip-activation-signs=cpu=x86-64-v3 | FileCheck %s --check-prefix=SIGNED
// SIGNED-NOT: arith.xori

// The example of the pass description: enough products for a loop of its own.

// CHECK-LABEL: func.func @matmul(
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<4x2xi8>
// CHECK-DAG: %[[SIGN:.+]] = arith.constant -128 : i8
// CHECK: %[[F:.+]] = linalg.generic {{.*}} ins(%[[X]] : tensor<4x2xi8>)
// CHECK: ^bb0(%[[IN:.+]]: i8, %{{.+}}: i8):
// CHECK: %[[XOR:.+]] = arith.xori %[[IN]], %[[SIGN]] : i8
// CHECK: linalg.yield %[[XOR]]
// CHECK: linalg.generic {{.*}} ins(%[[F]], %{{.+}} : tensor<4x2xi8>, tensor<2x256xi8>)
// CHECK: ^bb0(%[[A:.+]]: i8, %[[B:.+]]: i8, %[[OUT:.+]]: i32):
// CHECK: %[[BACK:.+]] = arith.xori %[[A]], %[[SIGN]] : i8
// CHECK: arith.extsi %[[BACK]] : i8 to i32
// CHECK: arith.extsi %[[B]] : i8 to i32
func.func @matmul(%x: tensor<4x2xi8>, %init: tensor<4x256xi32>) -> tensor<4x256xi32> {
  %w = arith.constant dense_resource<w> : tensor<2x256xi8>
  %y = linalg.matmul ins(%x, %w : tensor<4x2xi8>, tensor<2x256xi8>) outs(%init : tensor<4x256xi32>) -> tensor<4x256xi32>
  return %y : tensor<4x256xi32>
}

{-#
  dialect_resources: {
    builtin: {
      w: "0x010000000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100"
    }
  }
#-}

// -----

// A loop of its own for few products: the kernel flips the signs.

// CHECK-LABEL: func.func @few_products(
// CHECK-NOT: arith.xori
// CHECK: return
func.func @few_products(%x: tensor<4x8xi8>, %init: tensor<4x16xi32>) -> tensor<4x16xi32> {
  %w = arith.constant dense_resource<w> : tensor<8x16xi8>
  %y = linalg.matmul ins(%x, %w : tensor<4x8xi8>, tensor<8x16xi8>) outs(%init : tensor<4x16xi32>) -> tensor<4x16xi32>
  return %y : tensor<4x16xi32>
}

{-#
  dialect_resources: {
    builtin: {
      w: "0x010000000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100"
    }
  }
#-}

// -----

// The op that computes the codes flips their signs, in front of padding, whose
// constant is flipped, and of a reshape: 3 becomes -125.

// CHECK-LABEL: func.func @producer(
// CHECK-DAG: %[[PADDING:.+]] = arith.constant -125 : i8
// CHECK-DAG: %[[SIGN:.+]] = arith.constant -128 : i8
// CHECK: %[[CODES:.+]] = linalg.generic {{.*}} outs(%{{.+}} : tensor<1x4x16xi8>)
// CHECK: %[[CODE:.+]] = arith.trunci
// CHECK-NEXT: %[[XOR:.+]] = arith.xori %[[CODE]], %[[SIGN]] : i8
// CHECK-NEXT: linalg.yield %[[XOR]]
// CHECK: tensor.expand_shape %[[CODES]]
// CHECK: tensor.pad
// CHECK: tensor.yield %[[PADDING]]
// CHECK-NOT: tensor.pad
// CHECK: linalg.generic
// CHECK: arith.xori
#id = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
func.func @producer(%sums: tensor<1x4x16xi32>, %init: tensor<1x4x4x16xi32>) -> tensor<1x4x4x16xi32> {
  %w = arith.constant dense_resource<w> : tensor<3x3x16xi8>
  %padding = arith.constant 3 : i8
  %e = tensor.empty() : tensor<1x4x16xi8>
  %codes = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%sums : tensor<1x4x16xi32>) outs(%e : tensor<1x4x16xi8>) {
  ^bb0(%in: i32, %out: i8):
    %code = arith.trunci %in : i32 to i8
    linalg.yield %code : i8
  } -> tensor<1x4x16xi8>
  %image = tensor.expand_shape %codes [[0], [1, 2], [3]] output_shape [1, 2, 2, 16] : tensor<1x4x16xi8> into tensor<1x2x2x16xi8>
  %bordered = tensor.pad %image low[0, 2, 2, 0] high[0, 2, 2, 0] {
  ^bb0(%n: index, %h: index, %v: index, %c: index):
    tensor.yield %padding : i8
  } : tensor<1x2x2x16xi8> to tensor<1x6x6x16xi8>
  %y = linalg.depthwise_conv_2d_nhwc_hwc
      ins(%bordered, %w : tensor<1x6x6x16xi8>, tensor<3x3x16xi8>)
      outs(%init : tensor<1x4x4x16xi32>) -> tensor<1x4x4x16xi32>
  return %y : tensor<1x4x4x16xi32>
}

{-#
  dialect_resources: {
    builtin: {
      w: "0x01000000030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100"
    }
  }
#-}

// -----

// Codes that are needed as they are, too, are flipped where it pays only.

// CHECK-LABEL: func.func @shared(
// CHECK-NOT: arith.xori
// CHECK: return
#id = affine_map<(d0, d1) -> (d0, d1)>
func.func @shared(%sums: tensor<4x16xi32>, %init: tensor<4x16xi32>) -> (tensor<4x16xi32>, tensor<4x16xi8>) {
  %w = arith.constant dense_resource<w> : tensor<16x16xi8>
  %e = tensor.empty() : tensor<4x16xi8>
  %codes = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%sums : tensor<4x16xi32>) outs(%e : tensor<4x16xi8>) {
  ^bb0(%in: i32, %out: i8):
    %code = arith.trunci %in : i32 to i8
    linalg.yield %code : i8
  } -> tensor<4x16xi8>
  %y = linalg.matmul ins(%codes, %w : tensor<4x16xi8>, tensor<16x16xi8>) outs(%init : tensor<4x16xi32>) -> tensor<4x16xi32>
  return %y, %codes : tensor<4x16xi32>, tensor<4x16xi8>
}

{-#
  dialect_resources: {
    builtin: {
      w: "0x0100000003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100"
    }
  }
#-}

// -----

// Two products of the same codes: flipped once.

// CHECK-LABEL: func.func @siblings(
// CHECK: %[[CODES:.+]] = linalg.generic {{.*}} outs(%{{.+}} : tensor<4x16xi8>)
// CHECK: arith.trunci
// CHECK: arith.xori
// CHECK: linalg.generic {{.*}} ins(%[[CODES]],
// CHECK: linalg.generic {{.*}} ins(%[[CODES]],
#id = affine_map<(d0, d1) -> (d0, d1)>
func.func @siblings(%sums: tensor<4x16xi32>, %init: tensor<4x16xi32>) -> (tensor<4x16xi32>, tensor<4x16xi32>) {
  %w = arith.constant dense_resource<w> : tensor<16x16xi8>
  %v = arith.constant dense_resource<v> : tensor<16x16xi8>
  %e = tensor.empty() : tensor<4x16xi8>
  %codes = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%sums : tensor<4x16xi32>) outs(%e : tensor<4x16xi8>) {
  ^bb0(%in: i32, %out: i8):
    %code = arith.trunci %in : i32 to i8
    linalg.yield %code : i8
  } -> tensor<4x16xi8>
  %y = linalg.matmul ins(%codes, %w : tensor<4x16xi8>, tensor<16x16xi8>) outs(%init : tensor<4x16xi32>) -> tensor<4x16xi32>
  %z = linalg.matmul ins(%codes, %v : tensor<4x16xi8>, tensor<16x16xi8>) outs(%init : tensor<4x16xi32>) -> tensor<4x16xi32>
  return %y, %z : tensor<4x16xi32>, tensor<4x16xi32>
}

{-#
  dialect_resources: {
    builtin: {
      w: "0x0100000003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100",
      v: "0x0100000002010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003"
    }
  }
#-}

// -----

// Sums of blocks: their kernel reads the weights as unsigned.

// CHECK-LABEL: func.func @blocks(
// CHECK-NOT: arith.xori
// CHECK: return
#sums = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
#total = affine_map<(d0, d1, d2) -> (d1, d2)>
func.func @blocks(%x: tensor<2x4x1xi8>, %init: tensor<2x4x256xi32>, %y: tensor<4x256xi32>) -> tensor<4x256xi32> {
  %w = arith.constant dense_resource<w> : tensor<2x1x256xi8>
  %s = linalg.batch_matmul ins(%x, %w : tensor<2x4x1xi8>, tensor<2x1x256xi8>) outs(%init : tensor<2x4x256xi32>) -> tensor<2x4x256xi32>
  %t = linalg.generic {indexing_maps = [#sums, #total], iterator_types = ["reduction", "parallel", "parallel"]}
      ins(%s : tensor<2x4x256xi32>) outs(%y : tensor<4x256xi32>) {
  ^bb0(%in: i32, %out: i32):
    %sum = arith.addi %in, %out : i32
    linalg.yield %sum : i32
  } -> tensor<4x256xi32>
  return %t : tensor<4x256xi32>
}

{-#
  dialect_resources: {
    builtin: {
      w: "0x010000000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100030201000302010003020100"
    }
  }
#-}

// -----

// A sum of the same activations reads them flipped, and flips them back.

// CHECK-LABEL: func.func @sum(
// CHECK-DAG: %[[SIGN:.+]] = arith.constant -128 : i8
// CHECK: %[[F:.+]] = linalg.generic {{.*}} outs(%{{.+}} : tensor<4x2xi8>)
// CHECK: arith.xori
// CHECK: linalg.generic {{.*}} ins(%[[F]] : tensor<4x2xi8>) outs(%{{.+}} : tensor<4xi32>)
// CHECK-NEXT: ^bb0(%[[CODE:.+]]: i8, %{{.+}}: i32):
// CHECK-NEXT: %[[BACK:.+]] = arith.xori %[[CODE]], %[[SIGN]] : i8
// CHECK-NEXT: arith.extsi %[[BACK]] : i8 to i32
// CHECK: linalg.generic {{.*}} ins(%[[F]], %{{.+}} : tensor<4x2xi8>, tensor<2x256xi8>)
func.func @sum(%x: tensor<4x2xi8>, %start: tensor<4xi32>, %init: tensor<4x256xi32>) -> (tensor<4xi32>, tensor<4x256xi32>) {
  %w = arith.constant dense_resource<w> : tensor<2x256xi8>
  %sum = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0)>], iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<4x2xi8>) outs(%start : tensor<4xi32>) {
  ^bb0(%code: i8, %out: i32):
    %wide = arith.extsi %code : i8 to i32
    %next = arith.addi %out, %wide : i32
    linalg.yield %next : i32
  } -> tensor<4xi32>
  %y = linalg.matmul ins(%x, %w : tensor<4x2xi8>, tensor<2x256xi8>) outs(%init : tensor<4x256xi32>) -> tensor<4x256xi32>
  return %sum, %y : tensor<4xi32>, tensor<4x256xi32>
}

{-#
  dialect_resources: {
    builtin: {
      w: "0x010000000101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010102"
    }
  }
#-}
