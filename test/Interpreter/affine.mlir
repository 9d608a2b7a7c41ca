// RUN: ptq-opt %s -split-input-file --ptq-run-calibration=data=random | FileCheck %s

// What is seen of an index is the range of the edge that it becomes: the
// smallest and the largest of the value.

// 256 * 3 + 7, -7 floordiv 2 and -7 mod 4, and the least and largest of
// 10, 12 and 8.
// CHECK: name("maps") {{.*}}min = [-4.000000e+00], max = [7.750000e+02],
// CHECK: name("bounds") {{.*}}min = [8.000000e+00], max = [1.200000e+01],
func.func @forward(%x: tensor<3x1xf32>) -> (tensor<3xf32>, tensor<2xf32>) {
  %c0 = arith.constant 0 : index
  %c7 = arith.constant 7 : index
  %n7 = arith.constant -7 : index
  %n = tensor.dim %x, %c0 : tensor<3x1xf32>
  %a = affine.apply affine_map<(d0)[s0] -> (d0 * 256 + s0)>(%n)[%c7]
  %b = affine.apply affine_map<(d0) -> (d0 floordiv 2)>(%n7)
  %c = affine.apply affine_map<(d0) -> (d0 mod 4)>(%n7)
  %min = affine.min affine_map<(d0)[s0] -> (s0 + 3, d0 * 4, 8)>(%n)[%c7]
  %max = affine.max affine_map<(d0)[s0] -> (s0 + 3, d0 * 4, 8)>(%n)[%c7]
  %i = tensor.from_elements %a, %b, %c : tensor<3xindex>
  %j = tensor.from_elements %min, %max : tensor<2xindex>
  %k = arith.index_cast %i : tensor<3xindex> to tensor<3xi32>
  %l = arith.index_cast %j : tensor<2xindex> to tensor<2xi32>
  %f = arith.sitofp %k : tensor<3xi32> to tensor<3xf32>
  %g = arith.sitofp %l : tensor<2xi32> to tensor<2xf32>
  %o = ptq.observe %f name("maps") encoding(<i8, asymmetric>) : tensor<3xf32>
  %p = ptq.observe %g name("bounds") encoding(<i8, asymmetric>) : tensor<2xf32>
  return %o, %p : tensor<3xf32>, tensor<2xf32>
}
