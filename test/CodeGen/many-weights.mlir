// RUN: %python -c "print(open(r'%s').read().replace('WEIGHTS', '0x01000000' + 80000 * '10203040'))" \
// RUN:   | ptq-opt -ptq-vectorize-contractions=cpu=znver4 -canonicalize -mlir-elide-resource-strings-if-larger=100 | FileCheck %s

// 320000 bytes of weights: a block of columns is read once, for all rows of the
// image.

// CHECK-LABEL: func.func @small_image(
// CHECK: scf.parallel {{.*}} to (%c640, %c7) step (%c64, %c1)
// CHECK: ptq.dot
memref.global "private" constant @w : memref<1x1x500x640xi8> = dense_resource<w>
func.func @small_image(%x: memref<1x7x7x500xi8>, %y: memref<1x7x7x640xi32>) {
  %w = memref.get_global @w : memref<1x1x500x640xi8>
  linalg.conv_2d_nhwc_hwcf ins(%x, %w : memref<1x7x7x500xi8>, memref<1x1x500x640xi8>)
                           outs(%y : memref<1x7x7x640xi32>)
  return
}

// A row of this image has more codes than there are weights. How many images
// there are is not known: one after the other.

// CHECK-LABEL: func.func @large_images(
// CHECK: scf.parallel {{.*}} to (%{{.*}}, %c7, %c640) step (%c1, %c1, %c64)
// CHECK: ptq.dot
func.func @large_images(%x: memref<?x7x4000x500xi8>, %y: memref<?x7x4000x640xi32>) {
  %w = memref.get_global @w : memref<1x1x500x640xi8>
  linalg.conv_2d_nhwc_hwcf ins(%x, %w : memref<?x7x4000x500xi8>, memref<1x1x500x640xi8>)
                           outs(%y : memref<?x7x4000x640xi32>)
  return
}

// CHECK-LABEL: func.func @small_images(
// CHECK: scf.parallel {{.*}} to (%{{.*}}, %c640, %c7) step (%c1, %c64, %c1)
// CHECK: ptq.dot
func.func @small_images(%x: memref<?x7x7x500xi8>, %y: memref<?x7x7x640xi32>) {
  %w = memref.get_global @w : memref<1x1x500x640xi8>
  linalg.conv_2d_nhwc_hwcf ins(%x, %w : memref<?x7x7x500xi8>, memref<1x1x500x640xi8>)
                           outs(%y : memref<?x7x7x640xi32>)
  return
}

{-#
  dialect_resources: {
    builtin: {
      w: "WEIGHTS"
    }
  }
#-}
