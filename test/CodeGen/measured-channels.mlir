// REQUIRES: x86_64-host
// RUN: ptq-run %s --verify --input random | FileCheck %s
// RUN: ptq-opt %s -ptq-lower='to=vector cpu=x86-64-v3 summary=false' | FileCheck %s --check-prefix=ORDER

// Each channel is measured by itself. A depthwise kernel has its channels in the
// order that interleaving gives them; their extrema are in memory in their own.

// CHECK: equal to the bit

// ORDER-LABEL: func.func @forward(
// ORDER:         ptq.dot
// ORDER:         %[[LOADED:.*]] = vector.load %[[MINIMA:.*]][{{.*}}] : memref<1x7x64xf32>, vector<16xf32>
// ORDER-NEXT:    %[[MINIMUM:.*]] = vector.shuffle %[[LOADED]], %[[LOADED]] [0, 1, 2, 3, 8, 9, 10, 11, 4, 5, 6, 7, 12, 13, 14, 15]
// ORDER:         arith.cmpf olt, {{.*}}, %[[MINIMUM]] : vector<16xf32>
// ORDER:         %[[KEPT:.*]] = vector.shuffle {{.*}} [0, 1, 2, 3, 8, 9, 10, 11, 4, 5, 6, 7, 12, 13, 14, 15]
// ORDER-NEXT:    vector.store %[[KEPT]], %[[MINIMA]]
func.func @forward(%x: tensor<1x7x9x64xf32>) -> tensor<1x7x7x64xi8> {
  %scale = arith.constant 0.02 : f32
  %point = arith.constant 3 : i8
  %q = ptq.quantize %x, %scale, %point : tensor<1x7x9x64xf32>, f32, i8 -> tensor<1x7x9x64xi8>
  %d = ptq.dequantize %q, %scale, %point : tensor<1x7x9x64xi8>, f32, i8 -> tensor<1x7x9x64xf32>
  %codes = arith.constant dense<"0x4420823CFDE6F1C26B30F90EC7DD01E4887534A20F0B0D04C36ED80E71E0FD77B07670EB940BD5335F973DAAD8619B91FFC911F57CCED458BBBF2CE03753C9BDFA0FF0169DC9575674066676CFB0B4EB8902C44269DA1CF6BA66D3F8B6D4B100A9EA0E755A5C2E8210242A08E7078F7F89385EB09423555182568B96E8A4FEF23A0C9FC5AFD7608437816BDD0A7309CB4A1252E4DA70E6720FCAA4DA1E98406C189C24279E9851D5814204136FEB5713C166B13269DD63FC35C797FF08A6CD90"> : tensor<1x3x64xi8>
  %w = ptq.dequantize %codes, %scale : tensor<1x3x64xi8>, f32 -> tensor<1x3x64xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x7x7x64xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<1x7x7x64xf32>) -> tensor<1x7x7x64xf32>
  %y = linalg.depthwise_conv_2d_nhwc_hwc
         ins(%d, %w : tensor<1x7x9x64xf32>, tensor<1x3x64xf32>)
         outs(%f : tensor<1x7x7x64xf32>) -> tensor<1x7x7x64xf32>
  %scales, %points = ptq.choose_parameters %y encoding(<i8, asymmetric, granularity = axis, axis = 3, source = dynamic>)
    : tensor<1x7x7x64xf32> -> tensor<64xf32>, tensor<64xi8>
  %r = ptq.quantize %y, %scales, %points axis 3 : tensor<1x7x7x64xf32>, tensor<64xf32>, tensor<64xi8> -> tensor<1x7x7x64xi8>
  return %r : tensor<1x7x7x64xi8>
}
