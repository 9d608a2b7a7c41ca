// The attributes of the dialect, alone and on ops.

// RUN: ptq-opt %s --allow-unregistered-dialect --verify-roundtrip | FileCheck %s

// Defaults are not printed, whether they were written or not.
// CHECK-LABEL: "test.encodings"
// CHECK-SAME: axis = #ptq.encoding<i8, symmetric, granularity = axis, axis = 3>
// CHECK-SAME: bits = #ptq.encoding<i8, symmetric, narrow_range = true, bits = 7>
// CHECK-SAME: block = #ptq.encoding<i4, symmetric, granularity = block, axis = 1, block_size = 32, narrow_range = true>
// CHECK-SAME: channels = #ptq.encoding<i8, symmetric, granularity = axis, narrow_range = true>
// CHECK-SAME: defaults = #ptq.encoding<i16, symmetric>
// CHECK-SAME: tensor = #ptq.encoding<i2, asymmetric>
// CHECK-SAME: token = #ptq.encoding<i8, asymmetric, granularity = token, source = dynamic>
"test.encodings"() {
  axis = #ptq.encoding<i8, symmetric, granularity = axis, axis = 3>,
  bits = #ptq.encoding<i8, symmetric, narrow_range = true, bits = 7>,
  block = #ptq.encoding<i4, symmetric, granularity = block, axis = 1,
                        block_size = 32, narrow_range = true>,
  channels = #ptq.encoding<i8, symmetric, granularity = axis, narrow_range = true>,
  defaults = #ptq.encoding<i16, symmetric, granularity = tensor,
                           narrow_range = false, source = static>,
  tensor = #ptq.encoding<i2, asymmetric>,
  token = #ptq.encoding<i8, asymmetric, granularity = token, source = dynamic>
} : () -> ()

// CHECK-LABEL: "test.ranges"
// CHECK-SAME: all = #ptq.range<min = [-1.000000e+00], max = [3.000000e+00], samples = 100, clipped = 2.500000e-01 : f64>
// CHECK-SAME: channels = #ptq.range<min = [0.000000e+00, -2.000000e+00], max = [0.000000e+00, -1.000000e+00]>
"test.ranges"() {
  all = #ptq.range<min = [-1.0], max = [3.0], estimator = minmax, samples = 100,
                   clipped = 0.25 : f64>,
  channels = #ptq.range<min = [0.0, -2.0], max = [0.0, -1.0]>
} : () -> ()

// CHECK-LABEL: "test.schemes"
// CHECK-SAME: ptq.scheme = #ptq.scheme<activations = <i8, asymmetric>, weights = <i8, symmetric, granularity = axis, narrow_range = true>>
"test.schemes"() {
  ptq.scheme = #ptq.scheme<activations = <i8, asymmetric>,
    weights = <i8, symmetric, granularity = axis, narrow_range = true>,
    estimator = minmax>
} : () -> ()

// A weight-only scheme, and one that quantizes the result too.
// CHECK-LABEL: "test.schemes"
// CHECK-SAME: ptq.scheme = #ptq.scheme<weights = <i4, symmetric, granularity = block, axis = 0, block_size = 16>, outputs = <i8, asymmetric>>
"test.schemes"() {
  ptq.scheme = #ptq.scheme<
    weights = <i4, symmetric, granularity = block, axis = 0, block_size = 16>,
    outputs = <i8, asymmetric>>
} : () -> ()

// Activations of half the width beside weights in blocks along what is summed.
// CHECK-LABEL: "test.schemes"
// CHECK-SAME: ptq.scheme = #ptq.scheme<weights = <i4, symmetric, granularity = block, block_size = 32>, float_type = f16, estimator = mse, rounding = adaround>
"test.schemes"() {
  ptq.scheme = #ptq.scheme<
    weights = <i4, symmetric, granularity = block, block_size = 32>,
    float_type = f16, estimator = mse, rounding = adaround>
} : () -> ()

// Single operands that are quantized in their own way, or not at all.
// CHECK-LABEL: "test.schemes"
// CHECK-SAME: ptq.scheme = #ptq.scheme<activations = <i8, asymmetric>, operands = [#ptq.operand<0, encoding = <i16, symmetric>, estimator = kl, rounding = gptq>, #ptq.operand<1>, #ptq.operand<2, float_type = bf16>]>
"test.schemes"() {
  ptq.scheme = #ptq.scheme<activations = <i8, asymmetric>, operands = [
    #ptq.operand<0, encoding = <i16, symmetric>, estimator = kl, rounding = gptq>,
    #ptq.operand<1, estimator = minmax>, #ptq.operand<2, float_type = bf16>]>
} : () -> ()

// CHECK: func.func @forward
// CHECK-SAME: ptq.entry
// CHECK-SAME: ptq.signature = {
// CHECK-SAME: inputs = [{name = "input", sample_axis = 0 : i64, type = tensor<?x8xf32>}]
func.func @forward(%x: tensor<?x8xf32>) -> (tensor<?x2xf32>, tensor<f32>) attributes {
  ptq.entry,
  ptq.signature = {
    version = 1 : i64,
    inputs = [{name = "input", type = tensor<?x8xf32>, sample_axis = 0 : i64}],
    outputs = [{name = "logits", type = tensor<?x2xf32>, unsigned},
               {name = "loss", type = tensor<f32>, unsigned = false}],
    workspace_bytes = 1024 : i64, cpu = "x86-64-v3", features = "+avx2"
  }
} {
  %0:2 = "test.op"(%x) : (tensor<?x8xf32>) -> (tensor<?x2xf32>, tensor<f32>)
  return %0#0, %0#1 : tensor<?x2xf32>, tensor<f32>
}

// A network without inputs or outputs is odd but legal.
// CHECK: func.func private @empty
func.func private @empty() attributes {
  ptq.signature = {version = 1 : i64, inputs = [], outputs = []}
}
