// RUN: ptq-opt %s -split-input-file --ptq-import-quant | FileCheck %s

// The example of the pass description.
// CHECK-LABEL: func @example
// CHECK-SAME: (%[[X:.+]]: tensor<?x8xf32>) -> tensor<?x8xf32>
// CHECK-DAG: %[[S0:.+]] = arith.constant 5.000000e-01 : f32
// CHECK-DAG: %[[Z0:.+]] = arith.constant -3 : i8
// CHECK: %[[Q:.+]] = ptq.quantize %[[X]], %[[S0]], %[[Z0]] low -127 : tensor<?x8xf32>, f32, i8 -> tensor<?x8xi8>
// CHECK-DAG: %[[S1:.+]] = arith.constant 5.000000e-01 : f32
// CHECK-DAG: %[[Z1:.+]] = arith.constant -3 : i8
// CHECK: %[[Y:.+]] = ptq.dequantize %[[Q]], %[[S1]], %[[Z1]] : tensor<?x8xi8>, f32, i8 -> tensor<?x8xf32>
// CHECK: return %[[Y]]
func.func @example(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %q = quant.qcast %x : tensor<?x8xf32> to tensor<?x8x!quant.uniform<i8<-127:127>:f32, 5.000000e-01:-3>>
  %y = quant.dcast %q : tensor<?x8x!quant.uniform<i8<-127:127>:f32, 5.000000e-01:-3>> to tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// -----

// Without bounds and zero points there are none; scales are f32.
// CHECK-LABEL: func @per_tensor
// CHECK: %[[S:.+]] = arith.constant 1.000000e-01 : f32
// CHECK: ptq.quantize %{{.+}}, %[[S]] : tensor<4xf16>, f32 -> tensor<4xi16>
func.func @per_tensor(%x: tensor<4xf16>) -> tensor<4xi16> {
  %q = quant.qcast %x : tensor<4xf16> to tensor<4x!quant.uniform<i16:f16, 0.1>>
  %c = quant.scast %q : tensor<4x!quant.uniform<i16:f16, 0.1>> to tensor<4xi16>
  return %c : tensor<4xi16>
}

// -----

// CHECK-LABEL: func @per_axis
// CHECK: %[[S:.+]] = arith.constant dense<[5.000000e-01, 2.500000e-01]> : tensor<2xf32>
// CHECK: %[[Z:.+]] = arith.constant dense<[3, 0]> : tensor<2xi32>
// CHECK: ptq.dequantize %{{.+}}, %[[S]], %[[Z]] axis 1 : tensor<3x2xi32>, tensor<2xf32>, tensor<2xi32> -> tensor<3x2xf32>
func.func @per_axis(%c: tensor<3x2xi32>) -> tensor<3x2xf32> {
  %q = quant.scast %c : tensor<3x2xi32> to tensor<3x2x!quant.uniform<i32:f32:1, {0.5:3, 0.25}>>
  %y = quant.dcast %q : tensor<3x2x!quant.uniform<i32:f32:1, {0.5:3, 0.25}>> to tensor<3x2xf32>
  return %y : tensor<3x2xf32>
}

// -----

// CHECK-LABEL: func @sub_channel
// CHECK: %[[S:.+]] = arith.constant dense<{{\[}}[1.000000e+00, 2.000000e+00], [3.000000e+00, 4.000000e+00]]> : tensor<2x2xf32>
// CHECK: %[[Z:.+]] = arith.constant dense<{{\[}}[0, 1], [0, -2]]> : tensor<2x2xi8>
// CHECK: ptq.quantize %{{.+}}, %[[S]], %[[Z]] block [1, 2] high 100 : tensor<2x4xf32>, tensor<2x2xf32>, tensor<2x2xi8> -> tensor<2x4xi8>
func.func @sub_channel(%x: tensor<2x4xf32>) -> tensor<2x4xi8> {
  %q = quant.qcast %x : tensor<2x4xf32> to tensor<2x4x!quant.uniform<i8<-128:100>:f32:{0:1, 1:2}, {{1.0, 2.0:1}, {3.0, 4.0:-2}}>>
  %c = quant.scast %q : tensor<2x4x!quant.uniform<i8<-128:100>:f32:{0:1, 1:2}, {{1.0, 2.0:1}, {3.0, 4.0:-2}}>> to tensor<2x4xi8>
  return %c : tensor<2x4xi8>
}

// -----

// Blocks that are whole dimensions, or single elements of one, are what they are.
// CHECK-LABEL: func @simple_sub_channel
// CHECK: %[[S:.+]] = arith.constant 2.000000e+00 : f32
// CHECK: ptq.dequantize %{{.+}}, %[[S]] : tensor<2x4xi8>, f32
// CHECK: %[[T:.+]] = arith.constant dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>
// CHECK: ptq.dequantize %{{.+}}, %[[T]] axis 0 : tensor<2x4xi8>, tensor<2xf32>
func.func @simple_sub_channel(%c: tensor<2x4xi8>) -> (tensor<2x4xf32>, tensor<2x4xf32>) {
  %p = quant.scast %c : tensor<2x4xi8> to tensor<2x4x!quant.uniform<i8:f32:{}, {{2.0}}>>
  %x = quant.dcast %p : tensor<2x4x!quant.uniform<i8:f32:{}, {{2.0}}>> to tensor<2x4xf32>
  %q = quant.scast %c : tensor<2x4xi8> to tensor<2x4x!quant.uniform<i8:f32:{0:1}, {{1.0}, {2.0}}>>
  %y = quant.dcast %q : tensor<2x4x!quant.uniform<i8:f32:{0:1}, {{1.0}, {2.0}}>> to tensor<2x4xf32>
  return %x, %y : tensor<2x4xf32>, tensor<2x4xf32>
}

// -----

// Unsigned codes are 128 less, and so are zero points and bounds. Where the
// stored bits are not seen, nothing else is needed.
// CHECK-LABEL: func @unsigned_inside
// CHECK-SAME: (%[[X:.+]]: tensor<?xf32>)
// CHECK: %[[Z0:.+]] = arith.constant -8 : i8
// CHECK: %[[Q:.+]] = ptq.quantize %[[X]], %{{.+}}, %[[Z0]] low -127 high 122
// CHECK-NOT: linalg.generic
// CHECK: ptq.dequantize %[[Q]], %{{.+}}, %{{.+}} : tensor<?xi8>, f32, i8
func.func @unsigned_inside(%x: tensor<?xf32>) -> tensor<?xf32> {
  %q = quant.qcast %x : tensor<?xf32> to tensor<?x!quant.uniform<u8<1:250>:f32, 0.5:120>>
  %y = quant.dcast %q : tensor<?x!quant.uniform<u8<1:250>:f32, 0.5:120>> to tensor<?xf32>
  return %y : tensor<?xf32>
}

// -----

// Arguments and results keep their bits; the signature says how to read them.
// CHECK-LABEL: func @unsigned_boundary
// CHECK-SAME: (%[[X:.+]]: tensor<3xi8>) -> tensor<3xi8>
// CHECK-SAME: ptq.signature = {inputs = [{name = "arg0", type = tensor<3xi8>, unsigned}], outputs = [{name = "result0", type = tensor<3xi8>, unsigned}]
// CHECK: %[[C:.+]] = linalg.generic
// CHECK-SAME: ins(%[[X]] : tensor<3xi8>)
// CHECK: %[[SIGN:.+]] = arith.constant -128 : i8
// CHECK: arith.xori %{{.+}}, %[[SIGN]] : i8
// CHECK: %[[F:.+]] = ptq.dequantize %[[C]], %{{.+}}, %{{.+}} : tensor<3xi8>, f32, i8
// CHECK: %[[D:.+]] = ptq.quantize %[[F]]
// CHECK: %[[Y:.+]] = linalg.generic
// CHECK-SAME: ins(%[[D]] : tensor<3xi8>)
// CHECK: return %[[Y]]
!byte = !quant.uniform<u8:f32, 0.5:3>
func.func @unsigned_boundary(%x: tensor<3x!byte>) -> tensor<3x!byte> {
  %f = quant.dcast %x : tensor<3x!byte> to tensor<3xf32>
  %y = quant.qcast %f : tensor<3xf32> to tensor<3x!byte>
  return %y : tensor<3x!byte>
}

// -----

// Constants are read as they are stored; unsigned ones become codes at once.
// CHECK-LABEL: func @constants
// CHECK: %[[I:.+]] = arith.constant dense<[1, -2]> : tensor<2xi8>
// CHECK: ptq.dequantize %[[I]], %{{.+}} : tensor<2xi8>
// CHECK-NOT: dense<[0, 127, -1]>
// CHECK: %[[U:.+]] = arith.constant dense<[-128, -1, 127]> : tensor<3xi8>
// CHECK: ptq.dequantize %[[U]], %{{.+}}, %{{.+}} : tensor<3xi8>
// CHECK: %[[W:.+]] = arith.constant dense<[-32768, 32767]> : tensor<2xi16>
// CHECK: ptq.dequantize %[[W]], %{{.+}}, %{{.+}} : tensor<2xi16>
// Codes of four bits are packed, the first in the lowest bits.
// CHECK: %[[P:.+]] = arith.constant dense<[33, -4]> : tensor<2xi8>
// CHECK: %[[N:.+]] = ptq.unpack %[[P]] axis 0 : tensor<2xi8> -> tensor<4xi4>
// CHECK: ptq.dequantize %[[N]], %{{.+}} : tensor<4xi4>
// Unsigned 9, 10, 4, 7 are the signed 1, 2, -4, -1.
// CHECK: %[[V:.+]] = arith.constant dense<[33, -4]> : tensor<2xi8>
// CHECK: %[[M:.+]] = ptq.unpack %[[V]] axis 0 : tensor<2xi8> -> tensor<4xi4>
// CHECK: ptq.dequantize %[[M]], %{{.+}}, %{{.+}} : tensor<4xi4>
func.func @constants() -> (tensor<2xf32>, tensor<3xf32>, tensor<2xf32>, tensor<4xf32>, tensor<4xf32>) {
  %0 = arith.constant dense<[1, -2]> : tensor<2xi8>
  %1 = quant.scast %0 : tensor<2xi8> to tensor<2x!quant.uniform<i8:f32, 0.5>>
  %2 = quant.dcast %1 : tensor<2x!quant.uniform<i8:f32, 0.5>> to tensor<2xf32>
  %3 = arith.constant dense<[0, 127, 255]> : tensor<3xi8>
  %4 = quant.scast %3 : tensor<3xi8> to tensor<3x!quant.uniform<u8:f32, 0.5:1>>
  %5 = quant.dcast %4 : tensor<3x!quant.uniform<u8:f32, 0.5:1>> to tensor<3xf32>
  %6 = arith.constant dense<[0, 65535]> : tensor<2xi16>
  %7 = quant.scast %6 : tensor<2xi16> to tensor<2x!quant.uniform<u16:f32, 0.5:1>>
  %8 = quant.dcast %7 : tensor<2x!quant.uniform<u16:f32, 0.5:1>> to tensor<2xf32>
  %9 = arith.constant dense<[1, 2, -4, -1]> : tensor<4xi4>
  %10 = quant.scast %9 : tensor<4xi4> to tensor<4x!quant.uniform<i4:f32, 0.5>>
  %11 = quant.dcast %10 : tensor<4x!quant.uniform<i4:f32, 0.5>> to tensor<4xf32>
  %12 = arith.constant dense<[9, 10, 4, 7]> : tensor<4xi4>
  %13 = quant.scast %12 : tensor<4xi4> to tensor<4x!quant.uniform<u4:f32, 0.5:7>>
  %14 = quant.dcast %13 : tensor<4x!quant.uniform<u4:f32, 0.5:7>> to tensor<4xf32>
  return %2, %5, %8, %11, %14 : tensor<2xf32>, tensor<3xf32>, tensor<2xf32>, tensor<4xf32>, tensor<4xf32>
}

// -----

// Control flow, calls and data movement are on codes.
// CHECK: func private @declared(tensor<?xi8>) -> tensor<?xi8>
!code = !quant.uniform<i8:f32, 0.5>
func.func private @declared(tensor<?x!code>) -> tensor<?x!code>

// CHECK-LABEL: func @control_flow
// CHECK-SAME: (%[[A:.+]]: tensor<?xi8>, %[[P:.+]]: i1, %[[N:.+]]: index) -> tensor<?xi8>
func.func @control_flow(%a: tensor<?x!code>, %p: i1, %n: index) -> tensor<?x!code> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // CHECK: %[[I:.+]] = scf.if %[[P]] -> (tensor<?xi8>) {
  // CHECK: func.call @declared(%[[A]]) : (tensor<?xi8>) -> tensor<?xi8>
  %0 = scf.if %p -> (tensor<?x!code>) {
    %1 = func.call @declared(%a) : (tensor<?x!code>) -> tensor<?x!code>
    scf.yield %1 : tensor<?x!code>
  } else {
    scf.yield %a : tensor<?x!code>
  }
  // CHECK: %[[L:.+]] = scf.for {{.+}} iter_args(%[[C:.+]] = %[[I]]) -> (tensor<?xi8>)
  // CHECK: ptq.dequantize %[[C]]
  // CHECK: %[[Q:.+]] = ptq.quantize
  // CHECK: scf.yield %[[Q]] : tensor<?xi8>
  %2 = scf.for %i = %c0 to %n step %c1 iter_args(%c = %0) -> (tensor<?x!code>) {
    %f = quant.dcast %c : tensor<?x!code> to tensor<?xf32>
    %g = math.absf %f : tensor<?xf32>
    %q = quant.qcast %g : tensor<?xf32> to tensor<?x!code>
    scf.yield %q : tensor<?x!code>
  }
  // CHECK: scf.while (%{{.+}} = %[[L]]) : (tensor<?xi8>) -> tensor<?xi8>
  %3 = scf.while (%w = %2) : (tensor<?x!code>) -> tensor<?x!code> {
    scf.condition(%p) %w : tensor<?x!code>
  } do {
  ^bb0(%w: tensor<?x!code>):
    scf.yield %w : tensor<?x!code>
  }
  // CHECK: cf.cond_br %[[P]], ^bb1(%{{.+}} : tensor<?xi8>), ^bb2
  // CHECK: ^bb1(%[[B:.+]]: tensor<?xi8>):
  cf.cond_br %p, ^bb1(%3 : tensor<?x!code>), ^bb2
^bb1(%b: tensor<?x!code>):
  return %b : tensor<?x!code>
^bb2:
  return %a : tensor<?x!code>
}

// The last block is reached by no branch, and goes away.
// CHECK-LABEL: func @switch
// CHECK: cf.switch %{{.+}} : i32, [
// CHECK: default: ^bb1(%{{.+}} : tensor<?xi8>)
// CHECK: 3: ^bb1(%{{.+}} : tensor<?xi8>)
// CHECK: ^bb1(%[[B:.+]]: tensor<?xi8>):
// CHECK: ptq.dequantize %[[B]]
// CHECK-NOT: !quant
func.func @switch(%a: tensor<?x!code>, %b: tensor<?x!code>, %i: i32) -> tensor<?xf32> {
  cf.switch %i : i32, [default: ^bb1(%a : tensor<?x!code>), 3: ^bb1(%b : tensor<?x!code>)]
^bb1(%c: tensor<?x!code>):
  %0 = quant.dcast %c : tensor<?x!code> to tensor<?xf32>
  return %0 : tensor<?xf32>
^bb2(%d: tensor<?x!code>):
  %1 = quant.dcast %d : tensor<?x!code> to tensor<?xf32>
  return %1 : tensor<?xf32>
}

// CHECK-LABEL: func @movement
func.func @movement(%a: tensor<2x3x!code>, %n: index) -> (tensor<6x!code>, tensor<4x3x!code>, tensor<?x3x!code>, index) {
  %c0 = arith.constant 0 : index
  // CHECK: tensor.collapse_shape %{{.+}} {{\[}}[0, 1]] : tensor<2x3xi8> into tensor<6xi8>
  %0 = tensor.collapse_shape %a [[0, 1]] : tensor<2x3x!code> into tensor<6x!code>
  // CHECK: tensor.concat dim(0) %{{.+}}, %{{.+}} : (tensor<2x3xi8>, tensor<2x3xi8>) -> tensor<4x3xi8>
  %1 = tensor.concat dim(0) %a, %a : (tensor<2x3x!code>, tensor<2x3x!code>) -> tensor<4x3x!code>
  // CHECK: tensor.extract_slice %{{.+}}[0, 0] [%{{.+}}, 3] [1, 1] : tensor<4x3xi8> to tensor<?x3xi8>
  %2 = tensor.extract_slice %1[0, 0] [%n, 3] [1, 1] : tensor<4x3x!code> to tensor<?x3x!code>
  // CHECK: tensor.dim %{{.+}}, %{{.+}} : tensor<?x3xi8>
  %3 = tensor.dim %2, %c0 : tensor<?x3x!code>
  return %0, %1, %2, %3 : tensor<6x!code>, tensor<4x3x!code>, tensor<?x3x!code>, index
}
