// REQUIRES: numpy
// RUN: rm -rf %t && split-file %s %t
// RUN: %python %S/Inputs/write_rounding_samples.py %t

// Weights of 0.45 and 0.4 steps whose inputs are always alike: one goes up, and the
// third, whose input is another, stays. Codes are what fold-parameters makes of
// the constants that are left.
// RUN: ptq-opt %t/pair.mlir --ptq-assign-schemes="scheme=weight-only rounding=gptq" --ptq-insert-observers --ptq-run-calibration \
// RUN:   --ptq-optimize-rounding="data=%t/pair.npz search-scales=false correct-bias=false" | FileCheck %t/pair.mlir
// RUN: ptq-opt %t/pair.mlir --ptq-assign-schemes="scheme=weight-only rounding=gptq" --ptq-insert-observers --ptq-run-calibration \
// RUN:   --ptq-optimize-rounding="data=%t/pair.npz search-scales=false correct-bias=false" --ptq-fold-parameters -canonicalize | FileCheck %t/pair.mlir --check-prefix=CODES
// RUN: ptq-opt %t/pair.mlir --ptq-assign-schemes="scheme=weight-only rounding=descent" --ptq-insert-observers --ptq-run-calibration \
// RUN:   --ptq-optimize-rounding="data=%t/pair.npz search-scales=false correct-bias=false" --ptq-fold-parameters -canonicalize | FileCheck %t/pair.mlir --check-prefix=CODES
// RUN: ptq-opt %t/pair.mlir --ptq-assign-schemes="scheme=weight-only rounding=adaround" --ptq-insert-observers --ptq-run-calibration \
// RUN:   --ptq-optimize-rounding="data=%t/pair.npz search-scales=false correct-bias=false" --ptq-fold-parameters -canonicalize | FileCheck %t/pair.mlir --check-prefix=CODES
// What adaround has before its first step is the nearest code; descent goes on from there.
// RUN: ptq-opt %t/pair.mlir --ptq-assign-schemes="scheme=weight-only rounding=adaround" --ptq-insert-observers --ptq-run-calibration \
// RUN:   --ptq-optimize-rounding="data=%t/pair.npz search-scales=false correct-bias=false iterations=0" --ptq-fold-parameters -canonicalize | FileCheck %t/pair.mlir --check-prefix=CODES
// RUN: ptq-opt %t/pair.mlir --ptq-assign-schemes="scheme=weight-only rounding=adaround" --ptq-insert-observers --ptq-run-calibration \
// RUN:   --ptq-optimize-rounding="data=%t/pair.npz search-scales=false correct-bias=false iterations=0 sweeps=0" --ptq-fold-parameters -canonicalize | FileCheck %t/pair.mlir --check-prefix=NEAREST
// RUN: ptq-opt %t/pair.mlir --ptq-assign-schemes="scheme=weight-only rounding=nearest" --ptq-insert-observers --ptq-run-calibration \
// RUN:   --ptq-optimize-rounding --ptq-fold-parameters -canonicalize | FileCheck %t/pair.mlir --check-prefix=NEAREST

// Neither threads nor the number of threads change a bit; adaround draws rows.
// RUN: ptq-opt %t/image.mlir --ptq-calibrate="data=%t/image.npz scheme=weight-only weights=i4 rounding=adaround iterations=500 threads=1" -o %t/one.mlir
// RUN: ptq-opt %t/image.mlir --ptq-calibrate="data=%t/image.npz scheme=weight-only weights=i4 rounding=adaround iterations=500" -o %t/many.mlir
// RUN: diff %t/one.mlir %t/many.mlir

// Convolutions, depthwise ones among them, are rounded by the patches they read.
// RUN: ptq-opt %t/image.mlir --ptq-calibrate="data=%t/image.npz scheme=weight-only weights=i4 rounding=descent" --remarks-filter=ptq-optimize.* -o /dev/null 2>&1 \
// RUN:   | FileCheck %t/image.mlir --check-prefix=REMARKS
// With static activations the layers read what quantization leaves of them.
// RUN: ptq-opt %t/image.mlir --ptq-calibrate="data=%t/image.npz weights=i4 rounding=gptq method=mse" --remarks-filter=ptq-optimize.* -o /dev/null 2>&1 \
// RUN:   | FileCheck %t/image.mlir --check-prefix=REMARKS

// RUN: ptq-opt %t/ones.mlir --ptq-optimize-rounding="data=%t/ones.npz search-scales=false" -canonicalize | FileCheck %t/ones.mlir

// The bias can be corrected where weights are rounded to nearest, too.
// RUN: sed s/rounding.descent.// %t/ones.mlir | ptq-opt --ptq-optimize-rounding="data=%t/ones.npz correct-nearest" -canonicalize | FileCheck %t/ones.mlir

// What cannot be optimized keeps its rounding, and says why.
// RUN: ptq-opt %t/left.mlir --ptq-optimize-rounding=data=random --remarks-filter=ptq-optimize.* 2>&1 | FileCheck %t/left.mlir

//--- pair.mlir
// CHECK:         %[[W:.*]] = arith.constant dense<{{\[\[}}{{0.000000e\+00|1.000000e\+00}}], [{{0.000000e\+00|1.000000e\+00}}], [1.270000e+02]]>
// CHECK:         ptq.observe %[[W]] name("w") encoding(<i8, symmetric, granularity = axis, axis = 1, narrow_range = true>) range(<min = [0.40000000596046448], max = [1.270000e+02]>)

// CODES:         arith.constant dense<{{\[\[(0\], \[1|1\], \[0)\]}}, [127]]> : tensor<3x1xi8>

// NEAREST:       arith.constant dense<{{\[\[}}0], [0], [127]]> : tensor<3x1xi8>
func.func @forward(%x: tensor<?x3xf32> loc("x")) -> tensor<?x1xf32> {
  %w = arith.constant dense<[[0.45], [0.4], [127.0]]> : tensor<3x1xf32> loc("w")
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x3xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty(%n) : tensor<?x1xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<?x1xf32>) -> tensor<?x1xf32>
  %0 = linalg.matmul ins(%x, %w : tensor<?x3xf32>, tensor<3x1xf32>) outs(%f : tensor<?x1xf32>) -> tensor<?x1xf32>
  return %0 : tensor<?x1xf32>
}

//--- image.mlir
// REMARKS:       'conv_w' rounded by {{.*}}: error {{.*}}, to nearest {{.*}} of the weights moved, {{[0-9]}} biases corrected
// REMARKS:       'depthwise_w' rounded by
#identity = affine_map<(n, c, h, w) -> (n, c, h, w)>
func.func @forward(%x: tensor<?x2x4x6xf32> loc("x")) -> tensor<?x2x3x3xf32> {
  %w0 = arith.constant dense<[[[[0.3, 0.4, 0.9]], [[-0.2, 0.37, 0.1]]],
                              [[[0.55, -0.44, 0.9]], [[0.26, 0.31, -0.1]]]]> : tensor<2x2x1x3xf32> loc("conv_w")
  %w1 = arith.constant dense<[[[0.3, 0.4], [0.9, -0.2]], [[0.37, 0.1], [0.55, -0.44]]]> : tensor<2x2x2xf32> loc("depthwise_w")
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x2x4x6xf32>
  %zero = arith.constant 0.0 : f32
  %e0 = tensor.empty(%n) : tensor<?x2x4x4xf32>
  %f0 = linalg.fill ins(%zero : f32) outs(%e0 : tensor<?x2x4x4xf32>) -> tensor<?x2x4x4xf32>
  %0 = linalg.conv_2d_nchw_fchw {dilations = dense<1> : tensor<2xi64>, strides = dense<1> : tensor<2xi64>}
    ins(%x, %w0 : tensor<?x2x4x6xf32>, tensor<2x2x1x3xf32>) outs(%f0 : tensor<?x2x4x4xf32>) -> tensor<?x2x4x4xf32>
  %1 = linalg.generic {indexing_maps = [#identity, #identity], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
    ins(%0 : tensor<?x2x4x4xf32>) outs(%e0 : tensor<?x2x4x4xf32>) {
  ^bb0(%a: f32, %b: f32):
    %m = arith.maximumf %a, %zero : f32
    linalg.yield %m : f32
  } -> tensor<?x2x4x4xf32>
  %e1 = tensor.empty(%n) : tensor<?x2x3x3xf32>
  %f1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<?x2x3x3xf32>) -> tensor<?x2x3x3xf32>
  %2 = linalg.depthwise_conv_2d_nchw_chw {dilations = dense<1> : tensor<2xi64>, strides = dense<1> : tensor<2xi64>}
    ins(%1, %w1 : tensor<?x2x4x4xf32>, tensor<2x2x2xf32>) outs(%f1 : tensor<?x2x3x3xf32>) -> tensor<?x2x3x3xf32>
  return %2 : tensor<?x2x3x3xf32>
}

//--- ones.mlir
// The weight 1.4 becomes 1, and 0.4 of an input of 1 on average goes to the
// bias of 2.
// CHECK-DAG:     arith.constant dense<1.000000e+00> : tensor<1x1xf32>
// CHECK-DAG:     %[[B:.*]] = arith.constant dense<{{2\.[34][0-9]+}}{{.*}}> : tensor<1xf32>
// CHECK:         %[[I:.*]] = linalg.broadcast ins(%[[B]] : tensor<1xf32>)
// CHECK:         linalg.matmul {{.*}} outs(%[[I]] :
func.func @forward(%x: tensor<?x1xf32> loc("x")) -> tensor<?x1xf32> {
  %w = arith.constant dense<1.4> : tensor<1x1xf32>
  %wo = ptq.observe %w name("w") encoding(<i8, symmetric, granularity = axis, axis = 1, narrow_range = true>) rounding(descent) range(<min = [0.0], max = [127.0]>) : tensor<1x1xf32>
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x1xf32>
  %two = arith.constant 2.0 : f32
  %e = tensor.empty(%n) : tensor<?x1xf32>
  %f = linalg.fill ins(%two : f32) outs(%e : tensor<?x1xf32>) -> tensor<?x1xf32>
  %0 = linalg.matmul ins(%x, %wo : tensor<?x1xf32>, tensor<1x1xf32>) outs(%f : tensor<?x1xf32>) -> tensor<?x1xf32>
  return %0 : tensor<?x1xf32>
}

//--- left.mlir
// CHECK-DAG: the rounding of 'shared' cannot be optimized: several ops read it
// CHECK-DAG: the rounding of 'unread' cannot be optimized: no sum of products reads it
// CHECK-DAG: the rounding of 'nested' cannot be optimized: the op that reads it is not in the body of the entry function
// CHECK-DAG: the rounding of 'infinite' cannot be optimized: some of its weights are not finite
// CHECK:     name("shared") {{.*}} rounding({{ ?}}gptq)
func.func private @callee(%x: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %w = arith.constant dense<0.4> : tensor<2x2xf32>
  %wo = ptq.observe %w name("nested") encoding(<i8, symmetric, narrow_range = true>) rounding(gptq) range(<min = [0.0], max = [127.0]>) : tensor<2x2xf32>
  %e = tensor.empty() : tensor<2x2xf32>
  %0 = linalg.matmul ins(%x, %wo : tensor<2x2xf32>, tensor<2x2xf32>) outs(%e : tensor<2x2xf32>) -> tensor<2x2xf32>
  return %0 : tensor<2x2xf32>
}
func.func @forward(%x: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %w = arith.constant dense<0.4> : tensor<2x2xf32>
  %v = arith.constant dense<0x7F800000> : tensor<2x2xf32>
  %wo = ptq.observe %w name("shared") encoding(<i8, symmetric, narrow_range = true>) rounding(gptq) range(<min = [0.0], max = [127.0]>) : tensor<2x2xf32>
  %w1 = ptq.observe %w name("unread") encoding(<i4, symmetric, narrow_range = true>) rounding(gptq) range(<min = [0.0], max = [127.0]>) : tensor<2x2xf32>
  %w2 = ptq.observe %v name("infinite") encoding(<i4, symmetric, narrow_range = true>) rounding(gptq) range(<min = [0.0], max = [127.0]>) : tensor<2x2xf32>
  %zero = arith.constant dense<0.0> : tensor<2x2xf32>
  %0 = linalg.matmul ins(%x, %wo : tensor<2x2xf32>, tensor<2x2xf32>) outs(%zero : tensor<2x2xf32>) -> tensor<2x2xf32>
  %1 = linalg.matmul ins(%0, %wo : tensor<2x2xf32>, tensor<2x2xf32>) outs(%zero : tensor<2x2xf32>) -> tensor<2x2xf32>
  %2 = linalg.matmul ins(%1, %w2 : tensor<2x2xf32>, tensor<2x2xf32>) outs(%zero : tensor<2x2xf32>) -> tensor<2x2xf32>
  return %2 : tensor<2x2xf32>
}
