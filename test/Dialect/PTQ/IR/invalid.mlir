// What the ops of the dialect refuse.

// RUN: ptq-opt %s --split-input-file --verify-diagnostics

//===----------------------------------------------------------------------===//
// observe
//===----------------------------------------------------------------------===//

func.func @no_name(%x: tensor<4xf32>) {
  // expected-error @+1 {{'ptq.observe' op needs a name for the edge}}
  %0 = ptq.observe %x name("") encoding(<i8, asymmetric>) : tensor<4xf32>
  return
}

// -----

func.func @integers(%x: tensor<4xi8>) {
  // expected-error @+1 {{operand #0 must be ranked tensor of f32, f16 or bf16 values}}
  %0 = ptq.observe %x name("x") encoding(<i8, asymmetric>) : tensor<4xi8>
  return
}

// -----

func.func @unranked(%x: tensor<*xf32>) {
  // expected-error @+1 {{invalid kind of type specified}}
  %0 = ptq.observe %x name("x") encoding(<i8, asymmetric>) : tensor<*xf32>
  return
}

// -----

func.func @axis(%x: tensor<f32>) {
  // expected-error @+1 {{axis 0 is out of range for 'tensor<f32>'}}
  %0 = ptq.observe %x name("x")
       encoding(<i8, symmetric, granularity = axis, axis = 0>) : tensor<f32>
  return
}

// -----

func.func @no_axis(%x: tensor<4xf32>) {
  // expected-error @+1 {{encoding of granularity 'axis' needs an axis}}
  %0 = ptq.observe %x name("x") encoding(<i8, symmetric, granularity = axis>) : tensor<4xf32>
  return
}

// -----

func.func @no_block_axis(%x: tensor<4xf32>) {
  // expected-error @+1 {{encoding of granularity 'block' needs an axis}}
  %0 = ptq.observe %x name("x")
       encoding(<i8, symmetric, granularity = block, block_size = 2>) : tensor<4xf32>
  return
}

// -----

func.func @ranges(%x: tensor<4xf32>) {
  // expected-error @+1 {{has 3 ranges for the 4 channels along axis 0}}
  %0 = ptq.observe %x name("x") encoding(<i8, symmetric, granularity = axis, axis = 0>)
       range(<min = [0.0, 0.0, 0.0], max = [1.0, 1.0, 1.0]>) : tensor<4xf32>
  return
}

// -----

func.func @ranges(%x: tensor<4xf32>) {
  // expected-error @+1 {{has 2 ranges for a per-tensor encoding}}
  %0 = ptq.observe %x name("x") encoding(<i8, symmetric>)
       range(<min = [0.0, 0.0], max = [1.0, 1.0]>) : tensor<4xf32>
  return
}

// -----

//===----------------------------------------------------------------------===//
// choose_parameters
//===----------------------------------------------------------------------===//

func.func @static(%x: tensor<4xf32>) {
  // expected-error @+1 {{'ptq.choose_parameters' op needs an encoding with 'source = dynamic'}}
  %s = ptq.choose_parameters %x encoding(<i8, symmetric>) : tensor<4xf32> -> f32
  return
}

// -----

func.func @no_axis(%x: tensor<4xf32>) {
  // expected-error @+1 {{encoding of granularity 'axis' needs an axis}}
  %s = ptq.choose_parameters %x
       encoding(<i8, symmetric, granularity = axis, source = dynamic>)
       : tensor<4xf32> -> tensor<4xf32>
  return
}

// -----

func.func @axis_out_of_range(%x: tensor<4xf32>) {
  // expected-error @+1 {{axis 1 is out of range for 'tensor<4xf32>'}}
  %s = ptq.choose_parameters %x
       encoding(<i8, symmetric, granularity = axis, axis = 1, source = dynamic>)
       : tensor<4xf32> -> tensor<4xf32>
  return
}

// -----

func.func @along_axis(%x: tensor<4x8xf32>) {
  // expected-error @+1 {{parameters along axis 0 of 'tensor<4x8xf32>' have the rank 1 and its size, got 'tensor<8xf32>'}}
  %s = ptq.choose_parameters %x
       encoding(<i8, symmetric, granularity = axis, axis = 0, source = dynamic>)
       : tensor<4x8xf32> -> tensor<8xf32>
  return
}

// -----

func.func @per_block(%x: tensor<4x8xf32>) {
  // expected-error @+1 {{parameters of blocks of 'tensor<4x8xf32>' have its shape with a size of 2 along axis 1, got 'tensor<4x4xf32>'}}
  %s = ptq.choose_parameters %x
       encoding(<i8, symmetric, granularity = block, axis = 1, block_size = 4, source = dynamic>)
       : tensor<4x8xf32> -> tensor<4x4xf32>
  return
}

// -----

func.func @blocks_without_axis(%x: tensor<4x8xf32>) {
  // expected-error @+1 {{encoding of granularity 'block' needs an axis}}
  %s = ptq.choose_parameters %x
       encoding(<i8, symmetric, granularity = block, block_size = 4, source = dynamic>)
       : tensor<4x8xf32> -> tensor<4x2xf32>
  return
}

// -----

func.func @blocks_of_unknown_number(%x: tensor<4x?xf32>) {
  // expected-error @+1 {{blocks need a static size along axis 1, got 'tensor<4x?xf32>'}}
  %s = ptq.choose_parameters %x
       encoding(<i8, symmetric, granularity = block, axis = 1, block_size = 4, source = dynamic>)
       : tensor<4x?xf32> -> tensor<4x?xf32>
  return
}

// -----

func.func @symmetric(%x: tensor<4xf32>) {
  // expected-error @+1 {{a symmetric encoding has no zero point}}
  %s, %z = ptq.choose_parameters %x encoding(<i8, symmetric, source = dynamic>)
           : tensor<4xf32> -> f32, i8
  return
}

// -----

func.func @asymmetric(%x: tensor<4xf32>) {
  // expected-error @+1 {{an asymmetric encoding needs a zero point}}
  %s = ptq.choose_parameters %x encoding(<i8, asymmetric, source = dynamic>)
       : tensor<4xf32> -> f32
  return
}

// -----

func.func @per_tensor(%x: tensor<4xf32>) {
  // expected-error @+1 {{per-tensor parameters are scalars, got 'tensor<1xf32>'}}
  %s = ptq.choose_parameters %x encoding(<i8, symmetric, source = dynamic>)
       : tensor<4xf32> -> tensor<1xf32>
  return
}

// -----

func.func @no_tokens(%x: tensor<f32>) {
  // expected-error @+1 {{a tensor of rank 0 has no tokens}}
  %s = ptq.choose_parameters %x
       encoding(<i8, symmetric, granularity = token, source = dynamic>)
       : tensor<f32> -> tensor<f32>
  return
}

// -----

func.func @tokens(%x: tensor<4x8xf32>) {
  // expected-error @+1 {{per-token parameters of 'tensor<4x8xf32>' have its shape with a last dimension of 1, got 'tensor<4xf32>'}}
  %s = ptq.choose_parameters %x
       encoding(<i8, symmetric, granularity = token, source = dynamic>)
       : tensor<4x8xf32> -> tensor<4xf32>
  return
}

// -----

func.func @token_zero_point(%x: tensor<4x8xf32>) {
  // expected-error @+1 {{have its shape with a last dimension of 1, got 'i8'}}
  %s, %z = ptq.choose_parameters %x
           encoding(<i8, asymmetric, granularity = token, source = dynamic>)
           : tensor<4x8xf32> -> tensor<4x1xf32>, i8
  return
}

// -----

//===----------------------------------------------------------------------===//
// Shapes of scales and zero points
//===----------------------------------------------------------------------===//

func.func @shape(%x: tensor<4xf32>, %s: f32) {
  // expected-error @+1 {{'ptq.quantize' op input 'tensor<4xf32>' and result 'tensor<5xi8>' differ in shape}}
  %0 = ptq.quantize %x, %s : tensor<4xf32>, f32 -> tensor<5xi8>
  return
}

// -----

func.func @shape(%q: tensor<4xi8>, %s: f32) {
  // expected-error @+1 {{'ptq.dequantize' op input 'tensor<4xi8>' and result 'tensor<4x1xf32>' differ in shape}}
  %0 = ptq.dequantize %q, %s : tensor<4xi8>, f32 -> tensor<4x1xf32>
  return
}

// -----

func.func @storage(%x: tensor<4xf32>, %s: f32) {
  // expected-error @+1 {{result #0 must be ranked tensor of signless storage integer of 2 to 64 bits values}}
  %0 = ptq.quantize %x, %s : tensor<4xf32>, f32 -> tensor<4xi1>
  return
}

// -----

func.func @axis_too_large(%x: tensor<4xf32>, %s: tensor<4xf32>) {
  // expected-error @+1 {{axis 9223372036854775807 is out of range for 'tensor<4xf32>'}}
  %0 = ptq.quantize %x, %s axis 9223372036854775807 : tensor<4xf32>, tensor<4xf32> -> tensor<4xi8>
  return
}

// -----

func.func @axis_negative(%x: tensor<4xf32>, %s: tensor<4xf32>) {
  // expected-error @+1 {{axis -1 is out of range for 'tensor<4xf32>'}}
  %0 = ptq.quantize %x, %s axis -1 : tensor<4xf32>, tensor<4xf32> -> tensor<4xi8>
  return
}

// -----

func.func @axis_and_block(%q: tensor<4xi8>, %s: tensor<4xf32>) {
  // expected-error @+1 {{takes either an axis or a block size, not both}}
  %0 = ptq.dequantize %q, %s axis 0 block [1] : tensor<4xi8>, tensor<4xf32> -> tensor<4xf32>
  return
}

// -----

func.func @neither_axis_nor_block(%q: tensor<4xi8>, %s: tensor<4xf32>) {
  // expected-error @+1 {{a tensor of scales needs an axis or a block size}}
  %0 = ptq.dequantize %q, %s : tensor<4xi8>, tensor<4xf32> -> tensor<4xf32>
  return
}

// -----

func.func @scalar_along_axis(%q: tensor<4xi8>, %s: f32) {
  // expected-error @+1 {{with an axis the scale must be a tensor of rank 1}}
  %0 = ptq.dequantize %q, %s axis 0 : tensor<4xi8>, f32 -> tensor<4xf32>
  return
}

// -----

func.func @wrong_rank(%q: tensor<4x4xi8>, %s: tensor<4x1xf32>) {
  // expected-error @+1 {{with an axis the scale must be a tensor of rank 1}}
  %0 = ptq.dequantize %q, %s axis 0 : tensor<4x4xi8>, tensor<4x1xf32> -> tensor<4x4xf32>
  return
}

// -----

func.func @wrong_size(%q: tensor<4x8xi8>, %s: tensor<4xf32>) {
  // expected-error @+1 {{dimension 1 of 'tensor<4x8xi8>' does not fit the scale 'tensor<4xf32>'}}
  %0 = ptq.dequantize %q, %s axis 1 : tensor<4x8xi8>, tensor<4xf32> -> tensor<4x8xf32>
  return
}

// -----

func.func @block_rank(%q: tensor<4x8xi8>, %s: tensor<4x2xf32>) {
  // expected-error @+1 {{needs a block size for each of the 2 dimensions, got 1}}
  %0 = ptq.dequantize %q, %s block [4] : tensor<4x8xi8>, tensor<4x2xf32> -> tensor<4x8xf32>
  return
}

// -----

func.func @block_size(%q: tensor<4x8xi8>, %s: tensor<4x2xf32>) {
  // expected-error @+1 {{block size must be at least 1, got 0}}
  %0 = ptq.dequantize %q, %s block [1, 0] : tensor<4x8xi8>, tensor<4x2xf32> -> tensor<4x8xf32>
  return
}

// -----

func.func @block_scalar(%q: tensor<4x8xi8>, %s: f32) {
  // expected-error @+1 {{a block-wise scale needs the rank of 'tensor<4x8xi8>'}}
  %0 = ptq.dequantize %q, %s block [1, 4] : tensor<4x8xi8>, f32 -> tensor<4x8xf32>
  return
}

// -----

func.func @block_count(%q: tensor<4x9xi8>, %s: tensor<4x2xf32>) {
  // expected-error @+1 {{dimension 1 of 'tensor<4x9xi8>' has 3 blocks of 4, but the scale has 2}}
  %0 = ptq.dequantize %q, %s block [1, 4] : tensor<4x9xi8>, tensor<4x2xf32> -> tensor<4x9xf32>
  return
}

// -----

func.func @block_huge(%q: tensor<4x9xi8>, %s: tensor<4x2xf32>) {
  // expected-error @+1 {{dimension 1 of 'tensor<4x9xi8>' has 1 blocks of 9223372036854775807, but the scale has 2}}
  %0 = ptq.dequantize %q, %s block [1, 9223372036854775807]
       : tensor<4x9xi8>, tensor<4x2xf32> -> tensor<4x9xf32>
  return
}

// -----

func.func @zero_point_shape(%x: tensor<4xf32>, %s: f32, %z: tensor<4xi8>) {
  // expected-error @+1 {{zero point 'tensor<4xi8>' is not shaped like the scale 'f32'}}
  %0 = ptq.quantize %x, %s, %z : tensor<4xf32>, f32, tensor<4xi8> -> tensor<4xi8>
  return
}

// -----

func.func @zero_point_shape(%x: tensor<4xf32>, %s: tensor<4xf32>, %z: tensor<3xi8>) {
  // expected-error @+1 {{zero point 'tensor<3xi8>' is not shaped like the scale 'tensor<4xf32>'}}
  %0 = ptq.quantize %x, %s, %z axis 0 : tensor<4xf32>, tensor<4xf32>, tensor<3xi8> -> tensor<4xi8>
  return
}

// -----

//===----------------------------------------------------------------------===//
// Values of constant scales and zero points
//===----------------------------------------------------------------------===//

func.func @infinite_scale(%x: tensor<4xf32>) {
  %s = arith.constant 0x7F800000 : f32
  // expected-error @+1 {{scale must be finite, got}}
  %0 = ptq.quantize %x, %s : tensor<4xf32>, f32 -> tensor<4xi8>
  return
}

// -----

func.func @nan_scale(%q: tensor<4xi8>) {
  %s = arith.constant 0x7FC00000 : f32
  // expected-error @+1 {{scale must be finite, got}}
  %0 = ptq.dequantize %q, %s : tensor<4xi8>, f32 -> tensor<4xf32>
  return
}

// -----

func.func @zero_scale(%x: tensor<4xf32>) {
  %s = arith.constant 0.0 : f16
  // expected-error @+1 {{scale must be positive, got 0}}
  %0 = ptq.quantize %x, %s : tensor<4xf32>, f16 -> tensor<4xi8>
  return
}

// -----

func.func @negative_scale(%x: tensor<2xf32>) {
  %s = arith.constant dense<[1.0, -2.0]> : tensor<2xf32>
  // expected-error @+1 {{scale must be positive, got -2}}
  %0 = ptq.quantize %x, %s axis 0 : tensor<2xf32>, tensor<2xf32> -> tensor<2xi8>
  return
}

// -----

func.func @negative_splat_scale(%x: tensor<2xf32>) {
  %s = arith.constant dense<-2.0> : tensor<2xbf16>
  // expected-error @+1 {{scale must be positive, got -2}}
  %0 = ptq.quantize %x, %s axis 0 : tensor<2xf32>, tensor<2xbf16> -> tensor<2xi8>
  return
}

// -----

func.func @subnormal_scale(%x: tensor<4xf32>) {
  %s = arith.constant 1.0e-40 : f32
  // expected-error @+1 {{scale must be a normal f32 number, got}}
  %0 = ptq.quantize %x, %s : tensor<4xf32>, f32 -> tensor<4xi8>
  return
}

// -----

func.func @resource_scale(%x: tensor<2xf32>) {
  %s = arith.constant dense_resource<scales> : tensor<2xf32>
  // expected-error @+1 {{scale must be finite, got}}
  %0 = ptq.quantize %x, %s axis 0 : tensor<2xf32>, tensor<2xf32> -> tensor<2xi8>
  return
}

{-# dialect_resources: { builtin: { scales: "0x040000000000803F0000807F" } } #-}

// -----

func.func @zero_point_range(%x: tensor<4xf32>, %s: f32) {
  %z = arith.constant 8 : i8
  // expected-error @+1 {{zero point 8 is outside the range of 'i4'}}
  %0 = ptq.quantize %x, %s, %z : tensor<4xf32>, f32, i8 -> tensor<4xi4>
  return
}

// -----

func.func @zero_point_range(%q: tensor<2xi8>, %s: tensor<2xf32>) {
  %z = arith.constant dense<[-128, -129]> : tensor<2xi32>
  // expected-error @+1 {{zero point -129 is outside the range of 'i8'}}
  %0 = ptq.dequantize %q, %s, %z axis 0 : tensor<2xi8>, tensor<2xf32>, tensor<2xi32> -> tensor<2xf32>
  return
}

// -----

func.func @zero_point_splat(%q: tensor<2xi8>, %s: tensor<2xf32>) {
  %z = arith.constant dense<200> : tensor<2xi32>
  // expected-error @+1 {{zero point 200 is outside the range of 'i8'}}
  %0 = ptq.dequantize %q, %s, %z axis 0 : tensor<2xi8>, tensor<2xf32>, tensor<2xi32> -> tensor<2xf32>
  return
}

// -----

func.func @zero_point_resource(%q: tensor<2xi4>, %s: tensor<2xf32>) {
  %z = arith.constant dense_resource<zeros> : tensor<2xi8>
  // expected-error @+1 {{zero point 127 is outside the range of 'i4'}}
  %0 = ptq.dequantize %q, %s, %z axis 0 : tensor<2xi4>, tensor<2xf32>, tensor<2xi8> -> tensor<2xf32>
  return
}

{-# dialect_resources: { builtin: { zeros: "0x01000000007F" } } #-}

// -----

func.func @bounds(%x: tensor<4xf32>, %s: f32) {
  // expected-error @+1 {{bounds [-128, 128] do not fit 'i8'}}
  %0 = ptq.quantize %x, %s high 128 : tensor<4xf32>, f32 -> tensor<4xi8>
  return
}

// -----

func.func @bounds_order(%x: tensor<4xf32>, %s: f32) {
  // expected-error @+1 {{bounds [1, 0] do not fit 'i8'}}
  %0 = ptq.quantize %x, %s low 1 high 0 : tensor<4xf32>, f32 -> tensor<4xi8>
  return
}

// -----

//===----------------------------------------------------------------------===//
// requantize
//===----------------------------------------------------------------------===//

func.func @requantize_shape(%acc: tensor<4xi32>, %m: f32) {
  // expected-error @+1 {{'ptq.requantize' op input 'tensor<4xi32>' and result 'tensor<3xi8>' differ in shape}}
  %0 = ptq.requantize %acc, %m : tensor<4xi32>, f32 -> tensor<3xi8>
  return
}

// -----

func.func @requantize_input(%acc: tensor<4xi8>, %m: f32) {
  // expected-error @+1 {{operand #0 must be ranked tensor of i32 or i64 accumulator values}}
  %0 = ptq.requantize %acc, %m : tensor<4xi8>, f32 -> tensor<4xi8>
  return
}

// -----

func.func @requantize_axis(%acc: tensor<4xi32>, %m: tensor<4xf32>) {
  // expected-error @+1 {{axis 1 is out of range for 'tensor<4xi32>'}}
  %0 = ptq.requantize %acc, %m axis 1 : tensor<4xi32>, tensor<4xf32> -> tensor<4xi8>
  return
}

// -----

func.func @requantize_multipliers(%acc: tensor<4xi32>, %m: tensor<3xf32>) {
  // expected-error @+1 {{dimension 0 of 'tensor<4xi32>' does not fit the scale 'tensor<3xf32>'}}
  %0 = ptq.requantize %acc, %m axis 0 : tensor<4xi32>, tensor<3xf32> -> tensor<4xi8>
  return
}

// -----

func.func @requantize_multiplier(%acc: tensor<4xi32>) {
  %m = arith.constant -1.0 : f32
  // expected-error @+1 {{multiplier must be finite and not negative, got -1}}
  %0 = ptq.requantize %acc, %m : tensor<4xi32>, f32 -> tensor<4xi8>
  return
}

// -----

func.func @requantize_multiplier(%acc: tensor<2xi32>) {
  %m = arith.constant dense<[0.0, 0x7FC00000]> : tensor<2xf32>
  // expected-error @+1 {{multiplier must be finite and not negative, got}}
  %0 = ptq.requantize %acc, %m axis 0 : tensor<2xi32>, tensor<2xf32> -> tensor<2xi8>
  return
}

// -----

func.func @requantize_without_shift(%acc: tensor<4xi32>, %m: i32) {
  // expected-error @+1 {{an integer multiplier needs a shift}}
  %0 = ptq.requantize %acc, %m : tensor<4xi32>, i32 -> tensor<4xi8>
  return
}

// -----

func.func @requantize_float_shift(%acc: tensor<4xi32>, %m: f32, %k: i32) {
  // expected-error @+1 {{a float multiplier has no shift}}
  %0 = ptq.requantize %acc, %m shift %k : tensor<4xi32>, f32 shift i32 -> tensor<4xi8>
  return
}

// -----

func.func @requantize_shift_type(%acc: tensor<4xi32>, %m: tensor<4xi32>, %k: i32) {
  // expected-error @+1 {{multiplier and shift differ in type}}
  %0 = ptq.requantize %acc, %m shift %k axis 0 : tensor<4xi32>, tensor<4xi32> shift i32 -> tensor<4xi8>
  return
}

// -----

func.func @requantize_shift_range(%acc: tensor<4xi32>, %m: i32) {
  %k = arith.constant 63 : i32
  // expected-error @+1 {{shift must be from 1 to 62, got 63}}
  %0 = ptq.requantize %acc, %m shift %k : tensor<4xi32>, i32 shift i32 -> tensor<4xi8>
  return
}

// -----

func.func @requantize_negative_mantissa(%acc: tensor<4xi32>, %k: i32) {
  %m = arith.constant -1 : i32
  // expected-error @+1 {{multiplier must not be negative, got -1}}
  %0 = ptq.requantize %acc, %m shift %k : tensor<4xi32>, i32 shift i32 -> tensor<4xi8>
  return
}

// -----

func.func @requantize_zero_point(%acc: tensor<4xi32>, %m: f32) {
  %z = arith.constant 128 : i32
  // expected-error @+1 {{zero point 128 is outside the range of 'i8'}}
  %0 = ptq.requantize %acc, %m, %z : tensor<4xi32>, f32, i32 -> tensor<4xi8>
  return
}

// -----

func.func @requantize_bounds(%acc: tensor<4xi32>, %m: f32) {
  // expected-error @+1 {{bounds [-129, 127] do not fit 'i8'}}
  %0 = ptq.requantize %acc, %m low -129 : tensor<4xi32>, f32 -> tensor<4xi8>
  return
}

// -----

//===----------------------------------------------------------------------===//
// unpack
//===----------------------------------------------------------------------===//

func.func @unpack_axis(%p: tensor<i8>) {
  // expected-error @+1 {{axis 0 is out of range for 'tensor<i8>'}}
  %0 = ptq.unpack %p axis 0 : tensor<i8> -> tensor<i4>
  return
}

// -----

func.func @unpack_rank(%p: tensor<4xi8>) {
  // expected-error @+1 {{input and result differ in rank}}
  %0 = ptq.unpack %p axis 0 : tensor<4xi8> -> tensor<4x2xi4>
  return
}

// -----

func.func @unpack_other(%p: tensor<4x4xi8>) {
  // expected-error @+1 {{dimension 0 changes from 4 to 5}}
  %0 = ptq.unpack %p axis 1 : tensor<4x4xi8> -> tensor<5x8xi4>
  return
}

// -----

func.func @unpack_dynamic(%p: tensor<?xi8>) {
  // expected-error @+1 {{the unpacked dimension must be static}}
  %0 = ptq.unpack %p axis 0 : tensor<?xi8> -> tensor<?xi4>
  return
}

// -----

func.func @unpack_count(%p: tensor<4xi8>) {
  // expected-error @+1 {{dimension 0 of 9 codes needs 5 bytes, got 4}}
  %0 = ptq.unpack %p axis 0 : tensor<4xi8> -> tensor<9xi4>
  return
}

// -----

//===----------------------------------------------------------------------===//
// lookup
//===----------------------------------------------------------------------===//

func.func @lookup_table(%q: tensor<4xi8>, %t: tensor<255xi8>) {
  // expected-error @+1 {{table must have 256 entries, got 'tensor<255xi8>'}}
  %0 = ptq.lookup %q, %t : tensor<4xi8>, tensor<255xi8> -> tensor<4xi8>
  return
}

// -----

func.func @lookup_table(%q: tensor<4xi8>, %t: tensor<?xi8>) {
  // expected-error @+1 {{table must have 256 entries, got 'tensor<?xi8>'}}
  %0 = ptq.lookup %q, %t : tensor<4xi8>, tensor<?xi8> -> tensor<4xi8>
  return
}

// -----

func.func @lookup_type(%q: tensor<4xi8>, %t: tensor<256xf32>) {
  // expected-error @+1 {{table 'tensor<256xf32>' and result 'tensor<4xi8>' differ in element type}}
  %0 = ptq.lookup %q, %t : tensor<4xi8>, tensor<256xf32> -> tensor<4xi8>
  return
}

// -----

func.func @lookup_shape(%q: tensor<4xi8>, %t: tensor<256xi8>) {
  // expected-error @+1 {{input 'tensor<4xi8>' and result 'tensor<5xi8>' differ in shape}}
  %0 = ptq.lookup %q, %t : tensor<4xi8>, tensor<256xi8> -> tensor<5xi8>
  return
}

// -----

//===----------------------------------------------------------------------===//
// dot
//===----------------------------------------------------------------------===//

func.func @dot_scalable(%acc: vector<[4]xi32>, %a: vector<[16]xi8>) {
  // expected-error @+1 {{'ptq.dot' op takes vectors of fixed length}}
  %0 = ptq.dot %acc, %a, %a : vector<[4]xi32>, vector<[16]xi8>, vector<[16]xi8>
  return
}

// -----

func.func @dot_types(%acc: vector<4xi32>, %a: vector<16xi8>, %b: vector<8xi8>) {
  // expected-error @+1 {{a 'vector<16xi8>' and b 'vector<8xi8>' differ in type}}
  %0 = ptq.dot %acc, %a, %b : vector<4xi32>, vector<16xi8>, vector<8xi8>
  return
}

// -----

func.func @dot_types(%acc: vector<4xi32>, %a: vector<16xi8>, %b: vector<16xi16>) {
  // expected-error @+1 {{a 'vector<16xi8>' and b 'vector<16xi16>' differ in type}}
  %0 = ptq.dot %acc, %a, %b : vector<4xi32>, vector<16xi8>, vector<16xi16>
  return
}

// -----

func.func @dot_lanes(%acc: vector<4xi32>, %a: vector<8xi8>) {
  // expected-error @+1 {{sums 4 products of 'i8' for each of the 4 lanes, got 8 products}}
  %0 = ptq.dot %acc, %a, %a : vector<4xi32>, vector<8xi8>, vector<8xi8>
  return
}

// -----

func.func @dot_lanes(%acc: vector<4xi32>, %a: vector<16xi16>) {
  // expected-error @+1 {{sums 2 products of 'i16' for each of the 4 lanes, got 16 products}}
  %0 = ptq.dot %acc, %a, %a : vector<4xi32>, vector<16xi16>, vector<16xi16>
  return
}

// -----

func.func @dot_rows(%acc: vector<6xi32>, %a: vector<24xi8>) {
  // expected-error @+1 {{has squares of 2 rows and columns, of which 6 lanes are no multiple}}
  %0 = ptq.dot %acc, %a, %a rows 2 : vector<6xi32>, vector<24xi8>, vector<24xi8>
  return
}

// -----

// The square of these rows is 0 in 64 bits.
func.func @dot_rows(%acc: vector<4xi32>, %a: vector<16xi8>) {
  // expected-error @+1 {{has squares of 4294967296 rows and columns, of which 4 lanes are no multiple}}
  %0 = ptq.dot %acc, %a, %a rows 4294967296 : vector<4xi32>, vector<16xi8>, vector<16xi8>
  return
}

// -----

func.func @dot_rows(%acc: vector<4xi32>, %a: vector<16xi8>) {
  // expected-error @+1 {{attribute 'rows' failed to satisfy constraint: 64-bit signless integer attribute whose value is positive}}
  %0 = ptq.dot %acc, %a, %a rows 0 : vector<4xi32>, vector<16xi8>, vector<16xi8>
  return
}

// -----

//===----------------------------------------------------------------------===//
// lookup_byte
//===----------------------------------------------------------------------===//

func.func @lookup_byte_entries(%q: vector<4xi8>) {
  // expected-error @+1 {{'ptq.lookup_byte' op table must have 256 entries, got 255}}
  %0 = ptq.lookup_byte %q, dense<0> : tensor<255xi8> : vector<4xi8>
  return
}

// -----

func.func @lookup_byte_scalable(%q: vector<[4]xi8>) {
  // expected-error @+1 {{'ptq.lookup_byte' op takes vectors of fixed length}}
  %0 = ptq.lookup_byte %q, dense<0> : tensor<256xi8> : vector<[4]xi8>
  return
}

// -----

func.func @lookup_byte_type(%q: vector<4xi16>) {
  // expected-error @+1 {{operand #0 must be 8-bit signless integer}}
  %0 = "ptq.lookup_byte"(%q) {table = dense<0> : tensor<256xi8>} : (vector<4xi16>) -> vector<4xi16>
  return
}

// -----

func.func @unpack_count_of_four(%p: tensor<4xi8>) {
  // expected-error @+1 {{dimension 0 of 17 codes needs 5 bytes, got 4}}
  %0 = ptq.unpack %p axis 0 : tensor<4xi8> -> tensor<17xi2>
  return
}

// -----

func.func @unpack_bytes(%p: tensor<4xi8>) {
  // expected-error @+1 {{must be ranked tensor of}}
  %0 = ptq.unpack %p axis 0 : tensor<4xi8> -> tensor<4xi8>
  return
}

// -----

// The last block along the axis is short.
func.func @observe_blocks(%x: tensor<3x5xf32>) {
  // expected-error @+1 {{has 1 ranges for the 9 blocks of 'tensor<3x5xf32>'}}
  %0 = ptq.observe %x name("x") encoding(<i8, symmetric, granularity = block, axis = 1, block_size = 2>) range(<min = [0.0], max = [1.0]>) : tensor<3x5xf32>
  return
}

// -----

// Half-precision scales in a resource: 1.0 and infinity.
func.func @scale_resource_f16(%q: tensor<2xi8>) {
  %s = arith.constant dense_resource<halves> : tensor<2xf16>
  // expected-error @+1 {{scale must be finite, got}}
  %0 = ptq.dequantize %q, %s axis 0 : tensor<2xi8>, tensor<2xf16> -> tensor<2xf32>
  return
}

{-#
  dialect_resources: {
    builtin: {
      halves: "0x02000000003C007C"
    }
  }
#-}

// -----

// Whoever reads what an observer sees widens it to f32 without asking.
func.func @observe_f64(%x: tensor<4xf64>) -> tensor<4xf64> {
  // expected-error @+1 {{operand #0 must be ranked tensor of f32, f16 or bf16 values, but got 'tensor<4xf64>'}}
  %0 = ptq.observe %x name("x") encoding(<i8, asymmetric>) : tensor<4xf64>
  return %0 : tensor<4xf64>
}
