// RUN: ptq-opt %s -allow-unregistered-dialect -split-input-file -verify-diagnostics --ptq-import-quant --remarks-filter=ptq-import-quant

// No error, but good to know.
func.func @rounded(%x: tensor<2xf32>) -> tensor<2xi8> {
  // expected-remark @+1 {{1 of 2 scales were no f32 numbers and are rounded}}
  %q = quant.qcast %x : tensor<2xf32> to tensor<2x!quant.uniform<i8:f32:0, {0.5, 0.1}>>
  %c = quant.scast %q : tensor<2x!quant.uniform<i8:f32:0, {0.5, 0.1}>> to tensor<2xi8>
  return %c : tensor<2xi8>
}

// -----

func.func @expressed(%x: tensor<2xf64>) {
  // expected-error @+1 {{'tensor<2x!quant.uniform<i8:f64, 5.000000e-01>>' cannot be imported: quantized numbers are f32, f16 or bf16, not f64}}
  %q = quant.qcast %x : tensor<2xf64> to tensor<2x!quant.uniform<i8:f64, 0.5>>
  return
}

// -----

func.func @storage(%x: tensor<2xf32>) {
  // expected-error @+1 {{cannot be imported: codes have 2, 4, 8, 16 or 32 bits, not those of i6}}
  %q = quant.qcast %x : tensor<2xf32> to tensor<2x!quant.uniform<i6:f32, 0.5>>
  return
}

// -----

func.func @tiny_scale(%x: tensor<2xf32>) {
  // expected-error @+1 {{cannot be imported: scale 1.000000e-41 is not a positive normal f32 number}}
  %q = quant.qcast %x : tensor<2xf32> to tensor<2x!quant.uniform<i8:f32, 1.0e-41>>
  return
}

// -----

func.func @zero_point(%x: tensor<2xf32>) {
  // expected-error @+1 {{cannot be imported: zero point -129 is outside the range of the storage type}}
  %q = quant.qcast %x : tensor<2xf32> to tensor<2x!quant.uniform<i8:f32, 1.0:-129>>
  // expected-error @+1 {{cannot be imported: zero point 256 is outside the range of the storage type}}
  %p = quant.qcast %x : tensor<2xf32> to tensor<2x!quant.uniform<u8:f32, 1.0:256>>
  return
}

// -----

// Upstream verifies casts, but not the types of functions.
// expected-error @+1 {{cannot be imported: there are 2 scales for the 3 elements along axis 0}}
func.func @count(%x: tensor<3x!quant.uniform<i8:f32:0, {1.0, 2.0}>>) {
  return
}

// -----

// expected-error @+1 {{cannot be imported: axis 1 is not one of the tensor's}}
func.func private @axis(tensor<3x!quant.uniform<i8:f32:1, {1.0, 2.0}>>)

// -----

// expected-error @+1 {{cannot be imported: there are 2 scales for the 3 elements along axis 0 in blocks of 2}}
func.func private @short_block(tensor<3x!quant.uniform<i8:f32:{0:2}, {1.0, 2.0}>>)

// -----

// expected-error @+1 {{cannot be imported: axis 2 is not one of the tensor's}}
func.func private @block_axis(tensor<3x!quant.uniform<i8:f32:{2:2}, {1.0, 2.0}>>)

// -----

// expected-error @+1 {{cannot be imported: axis 0 has two block sizes}}
func.func private @two_blocks(tensor<4x!quant.uniform<i8:f32:{0:2, 0:2}, {1.0, 2.0}>>)

// -----

// expected-error @+1 {{cannot be imported: the scales do not have the rank of the tensor}}
func.func private @block_rank(tensor<4x!quant.uniform<i8:f32:{0:2}, {{1.0, 2.0}}>>)

// -----

// expected-error @+1 {{cannot be imported: dimension 0 is dynamic and has no block size}}
func.func private @dynamic_block(tensor<?x4x!quant.uniform<i8:f32:{1:2}, {{1.0, 2.0}}>>)

// -----

// expected-error @+1 {{'tensor<4x!quant.any<i8:f32>>' cannot be imported: only !quant.uniform says how codes are read}}
func.func private @any(tensor<4x!quant.any<i8:f32>>)

// -----

// expected-error @+1 {{cannot be imported: only !quant.uniform says how codes are read}}
func.func private @calibrated() -> tensor<4x!quant.calibrated<f32<-1.0:1.0>>>

// -----

func.func @scalar(%x: f32) {
  // expected-error @+1 {{'!quant.uniform<i8:f32, 5.000000e-01>' cannot be imported: only ranked tensors are quantized}}
  %q = quant.qcast %x : f32 to !quant.uniform<i8:f32, 0.5>
  %d = quant.dcast %q : !quant.uniform<i8:f32, 0.5> to f32
  return
}

// -----

func.func @unranked(%x: tensor<*xf32>) {
  // expected-error @+1 {{cannot be imported: only ranked tensors are quantized}}
  %q = quant.qcast %x : tensor<*xf32> to tensor<*x!quant.uniform<i8:f32, 0.5>>
  %d = quant.dcast %q : tensor<*x!quant.uniform<i8:f32, 0.5>> to tensor<*xf32>
  return
}

// -----

// expected-error @+1 {{'tuple<tensor<2x!quant.uniform<i8:f32, 5.000000e-01>>>' cannot be imported: only ranked tensors are quantized}}
func.func @tuple(%x: tuple<tensor<2x!quant.uniform<i8:f32, 0.5>>>) {
  return
}

// -----

func.func @other_ops(%x: tensor<2x!quant.uniform<i8:f32, 0.5>>) -> tensor<2x!quant.uniform<i8:f32, 0.5>> {
  // expected-error @+1 {{'tosa.abs' op has quantized types, which are imported only in casts, functions, control flow and ops that move elements}}
  %0 = tosa.abs %x : (tensor<2x!quant.uniform<i8:f32, 0.5>>) -> tensor<2x!quant.uniform<i8:f32, 0.5>>
  // expected-error @+1 {{'test.make' op has quantized types}}
  %1 = "test.make"() : () -> !quant.uniform<i8:f32, 0.5>
  return %0 : tensor<2x!quant.uniform<i8:f32, 0.5>>
}

// -----

func.func @region() {
  // expected-error @+1 {{'test.region' op has quantized types}}
  "test.region"() ({
  ^bb0(%a: tensor<2x!quant.uniform<i8:f32, 0.5>>):
    "test.end"() : () -> ()
  }) : () -> ()
  return
}

// -----

func.func @function_value() {
  // expected-error @+1 {{'func.constant' op has quantized types}}
  %f = func.constant @callee : (tensor<2x!quant.uniform<i8:f32, 0.5>>) -> ()
  return
}
func.func private @callee(tensor<2x!quant.uniform<i8:f32, 0.5>>)
