// RUN: ptq-opt %s -split-input-file -verify-diagnostics --ptq-keep-integer-interface --remarks-filter=ptq-keep-integer-interface

// Every reason for which an input stays float; integers need none.
func.func @inputs(
    // expected-remark @+1 {{input 'arg0' stays f32: 'math.exp' reads it in float}}
    %read: tensor<4xf32>,
    // expected-remark @+1 {{input 'arg1' stays f32: it is quantized in several ways, by different parameters}}
    %two: tensor<4xf32>,
    // expected-remark @+1 {{input 'arg2' stays f32: it is quantized with a scale for each channel or block}}
    %axis: tensor<4xf32>,
    // expected-remark @+1 {{input 'arg3' stays f32: it is quantized by parameters that are known at run time only}}
    %dynamic: tensor<4xf32>,
    // expected-remark @+1 {{input 'arg4' stays f32: codes are not i8 or i16}}
    %narrow: tensor<4xf32>,
    // expected-remark @+1 {{input 'arg5' stays f32: nothing quantizes it by constants}}
    %unused: tensor<4xf32>,
    %integer: tensor<4xi32>)
    -> (tensor<4xf32>, tensor<4xi8>, tensor<4xi8>, tensor<4xi8>, tensor<4xi8>, tensor<4xi8>, tensor<4xi4>) {
  %s = arith.constant 0.5 : f32
  %t = arith.constant 0.25 : f32
  %u = arith.constant dense<0.25> : tensor<4xf32>
  // expected-remark @+1 {{output 'result0' stays f32: 'math.exp' computes it in float}}
  %e = math.exp %read : tensor<4xf32>
  %0 = ptq.quantize %read, %s : tensor<4xf32>, f32 -> tensor<4xi8>
  %1 = ptq.quantize %two, %s : tensor<4xf32>, f32 -> tensor<4xi8>
  %2 = ptq.quantize %two, %t : tensor<4xf32>, f32 -> tensor<4xi8>
  %3 = ptq.quantize %axis, %u axis 0 : tensor<4xf32>, tensor<4xf32> -> tensor<4xi8>
  %sd = ptq.choose_parameters %dynamic encoding(<i8, symmetric, source = dynamic>) : tensor<4xf32> -> f32
  %4 = ptq.quantize %dynamic, %sd : tensor<4xf32>, f32 -> tensor<4xi8>
  %5 = ptq.quantize %narrow, %s : tensor<4xf32>, f32 -> tensor<4xi4>
  return %e, %0, %1, %2, %3, %4, %5 : tensor<4xf32>, tensor<4xi8>, tensor<4xi8>, tensor<4xi8>, tensor<4xi8>, tensor<4xi8>, tensor<4xi4>
}

// -----

// Scales that the caller passes are known at run time only.
// expected-remark @+1 {{input 'arg0' stays f32: it is quantized by parameters that are known at run time only}}
func.func @run_time(%x: tensor<4xf32>,
    // expected-remark @+1 {{input 'arg1' stays f32: 'tensor.extract' reads it in float}}
    %scales: tensor<1xf32>) -> tensor<4xf32> {
  %c0 = arith.constant 0 : index
  %s = tensor.extract %scales[%c0] : tensor<1xf32>
  %0 = ptq.quantize %x, %s : tensor<4xf32>, f32 -> tensor<4xi8>
  // expected-remark @+1 {{output 'result0' stays f32: it is dequantized by parameters that are known at run time only}}
  %1 = ptq.dequantize %0, %s : tensor<4xi8>, f32 -> tensor<4xf32>
  return %1 : tensor<4xf32>
}

// -----

// Every reason for which an output stays float.
// expected-remark @+1 {{input 'arg2' stays f32: 'func.return' reads it in float}}
func.func @outputs(%codes: tensor<4xi8>, %accumulators: tensor<4xi32>, %x: tensor<4xf32>)
    -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %s = arith.constant 0.5 : f32
  %u = arith.constant dense<0.25> : tensor<4xf32>
  // expected-remark @+1 {{output 'result0' stays f32: it is dequantized with a scale for each channel or block}}
  %0 = ptq.dequantize %codes, %u axis 0 : tensor<4xi8>, tensor<4xf32> -> tensor<4xf32>
  // expected-remark @+1 {{output 'result1' stays f32: codes are not i8 or i16}}
  %1 = ptq.dequantize %accumulators, %s : tensor<4xi32>, f32 -> tensor<4xf32>
  // expected-remark @+1 {{output 'result2' stays f32: it is an input}}
  return %0, %1, %x : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}

// -----

// expected-remark @+1 {{input 'arg0' stays f32: the function has several blocks}}
func.func @blocks(%x: tensor<4xf32>) -> tensor<4xi8> {
  %s = arith.constant 0.5 : f32
  cf.br ^bb1
^bb1:
  %0 = ptq.quantize %x, %s : tensor<4xf32>, f32 -> tensor<4xi8>
  return %0 : tensor<4xi8>
}

// -----

// expected-remark @+1 {{input 'arg0' stays f32: the function is called in the module}}
func.func @forward(%x: tensor<4xf32>) -> tensor<4xi8> {
  %s = arith.constant 0.5 : f32
  %0 = ptq.quantize %x, %s : tensor<4xf32>, f32 -> tensor<4xi8>
  return %0 : tensor<4xi8>
}
func.func @caller(%x: tensor<4xf32>) -> tensor<4xi8> {
  %0 = call @forward(%x) : (tensor<4xf32>) -> tensor<4xi8>
  return %0 : tensor<4xi8>
}

// -----

// expected-error @+1 {{there is no entry function: mark a function 'ptq.entry' or call it 'forward'}}
module {
}

// -----

// expected-error @+1 {{entry function 'forward' is not on the tensors that its 'ptq.signature' names}}
func.func @forward(%y: memref<4xf32>) attributes {ptq.entry, ptq.signature = {version = 1 : i64, inputs = [], outputs = [{name = "y", type = tensor<4xf32>}]}} {
  return
}
