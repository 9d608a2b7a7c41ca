// RUN: ptq-opt %s -split-input-file -ptq-lower="to=vector cpu=x86-64-v3" 2>/dev/null | FileCheck %s

// Weights are in the program once and as small as they were: four bits here, of
// which a product of codes reads two to a byte.
// CHECK-NOT:   memref.global {{.*}}8x16xi8
// CHECK:       memref.global "private" constant @packed_weights : memref<64xi8>
// CHECK-NOT:   memref.global {{.*}}8x16xi8
// CHECK-LABEL: func @codes
func.func @codes(%x: tensor<?x8xi8>, %init: tensor<?x16xi32>) -> tensor<?x16xi32> {
  %w = arith.constant dense_resource<w> : tensor<8x16xi8>
  %0 = linalg.matmul ins(%x, %w : tensor<?x8xi8>, tensor<8x16xi8>) outs(%init : tensor<?x16xi32>) -> tensor<?x16xi32>
  return %0 : tensor<?x16xi32>
}

{-#
  dialect_resources: {
    builtin: {
      w: "0x010000000001020304050607F8F9FAFBFCFDFEFF0001020304050607F8F9FAFBFCFDFEFF0001020304050607F8F9FAFBFCFDFEFF0001020304050607F8F9FAFBFCFDFEFF0001020304050607F8F9FAFBFCFDFEFF0001020304050607F8F9FAFBFCFDFEFF0001020304050607F8F9FAFBFCFDFEFF0001020304050607F8F9FAFBFCFDFEFF"
    }
  }
#-}

// -----

// Weight-only: no buffer of the call has the float weights. Where several rows
// have them in common, as many as a tile has columns are dequantized at a time,
// here all of 8 x 16; one row dequantizes them in its inner loop.
// CHECK-NOT:   xf32> = dense
// CHECK:       memref.global "private" constant @{{.*}} : memref<4x16xi8>
// CHECK:       memref.global "private" constant @{{.*}} : memref<2x16xf16>
// CHECK-LABEL: func @weight_only
// CHECK:         scf.if
// CHECK:           memref.view {{.*}} to memref<8x16xf32>
// CHECK:         } else {
// CHECK-NOT:       memref.{{alloc|view}}
// CHECK:           vector.load {{.*}} : memref<{{.*}}xi8{{.*}}>, vector<8xi8>
// CHECK:           arith.shrsi {{.*}} : vector<8xi32>
// CHECK:           arith.sitofp {{.*}} : vector<8xi32> to vector<8xf32>
// CHECK:           arith.extf {{.*}} : vector<8xf16> to vector<8xf32>
func.func @weight_only(%x: tensor<?x8xf32>, %init: tensor<?x16xf32>) -> tensor<?x16xf32> {
  %p = arith.constant dense_resource<p> : tensor<8x8xi8>
  %s = arith.constant dense_resource<s> : tensor<2x16xf16>
  %q = ptq.unpack %p axis 1 : tensor<8x8xi8> -> tensor<8x16xi4>
  %w = ptq.dequantize %q, %s block [5, 1] : tensor<8x16xi4>, tensor<2x16xf16> -> tensor<8x16xf32>
  %0 = linalg.matmul ins(%x, %w : tensor<?x8xf32>, tensor<8x16xf32>) outs(%init : tensor<?x16xf32>) -> tensor<?x16xf32>
  return %0 : tensor<?x16xf32>
}

{-#
  dialect_resources: {
    builtin: {
      p: "0x01000000000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F202122232425262728292A2B2C2D2E2F303132333435363738393A3B3C3D3E3F",
      s: "0x02000000003C003C003C003C003C003C003C003C003C003C003C003C003C003C003C003C0040004000400040004000400040004000400040004000400040004000400040"
    }
  }
#-}
