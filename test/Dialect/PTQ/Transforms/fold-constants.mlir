// RUN: ptq-opt %s -split-input-file --ptq-fold-constants | FileCheck %s
// RUN: ptq-opt %s -split-input-file --ptq-fold-constants=quantization=true \
// RUN:   | FileCheck %s --check-prefix=QUANT
// RUN: ptq-opt %s -split-input-file --ptq-fold-constants=max-growth=4 \
// RUN:   | FileCheck %s --check-prefix=GROWTH

// The example of the documentation.
// CHECK-LABEL: @transpose
// CHECK-NEXT: %[[T:.*]] = arith.constant dense<{{\[}}[1.{{.*}}, 4.{{.*}}], [2.{{.*}}, 5.{{.*}}], [3.{{.*}}, 6.{{.*}}]]> : tensor<3x2xf32>
// CHECK-NEXT: return %[[T]]
func.func @transpose() -> tensor<3x2xf32> {
  %w = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %e = tensor.empty() : tensor<3x2xf32>
  %t = linalg.transpose ins(%w : tensor<2x3xf32>) outs(%e : tensor<3x2xf32>)
       permutation = [1, 0]
  return %t : tensor<3x2xf32>
}

// -----

// A large result becomes a resource, named after the op.
// CHECK-LABEL: @resource
// CHECK-NEXT: %[[T:.*]] = arith.constant dense_resource<weights_t> : tensor<10x2xi8>
// CHECK-NEXT: return %[[T]]
// CHECK: weights_t: "0x{{[0-9A-F]+}}010B020C030D040E050F06100711081209130A14"
func.func @resource() -> tensor<10x2xi8> {
  %w = arith.constant dense_resource<w> : tensor<2x10xi8>
  %e = tensor.empty() : tensor<10x2xi8>
  %t = linalg.transpose ins(%w : tensor<2x10xi8>) outs(%e : tensor<10x2xi8>)
       permutation = [1, 0] loc("weights_t")
  return %t : tensor<10x2xi8>
}

{-#
  dialect_resources: {
    builtin: { w: "0x010000000102030405060708090A0B0C0D0E0F1011121314" }
  }
#-}

// -----

// Four times as large as the codes: only where it is allowed.
// CHECK-LABEL: @growth
// CHECK: arith.sitofp
// GROWTH-LABEL: @growth
// GROWTH-NEXT: arith.constant dense_resource<{{.*}}> : tensor<2x10xf32>
// GROWTH-NEXT: return
func.func @growth() -> tensor<2x10xf32> {
  %w = arith.constant dense_resource<w> : tensor<2x10xi8>
  %f = arith.sitofp %w : tensor<2x10xi8> to tensor<2x10xf32>
  return %f : tensor<2x10xf32>
}

{-#
  dialect_resources: {
    builtin: { w: "0x010000000102030405060708090A0B0C0D0E0F1011121314" }
  }
#-}

// -----

// Elements that are not whole bytes never become resources.
// CHECK-LABEL: @bits
// CHECK-NEXT: arith.constant dense<{{.*}}> : tensor<20xi1>
// CHECK-NEXT: return
func.func @bits() -> tensor<20xi1> {
  %w = arith.constant dense_resource<w> : tensor<20xi8>
  %m = arith.trunci %w : tensor<20xi8> to tensor<20xi1>
  return %m : tensor<20xi1>
}

{-#
  dialect_resources: {
    builtin: { w: "0x010000000102030405060708090A0B0C0D0E0F1011121314" }
  }
#-}

// -----

// A broadcast is larger than what it comes from and stays, with its operands.
// CHECK-LABEL: @broadcast
// CHECK: tensor.empty
// CHECK: linalg.fill
// CHECK-NOT: dense_resource
func.func @broadcast() -> tensor<64x64xf32> {
  %c = arith.constant 1.0 : f32
  %e = tensor.empty() : tensor<64x64xf32>
  %f = linalg.fill ins(%c : f32) outs(%e : tensor<64x64xf32>) -> tensor<64x64xf32>
  return %f : tensor<64x64xf32>
}

// -----

// Unless everything that uses it folds: no trace of 4096 elements.
// CHECK-LABEL: @consumed
// CHECK-NEXT: %[[C:.*]] = arith.constant 1.000000e+00 : f32
// CHECK-NEXT: return %[[C]]
func.func @consumed() -> f32 {
  %c = arith.constant 1.0 : f32
  %i = arith.constant 3 : index
  %e = tensor.empty() : tensor<64x64xf32>
  %f = linalg.fill ins(%c : f32) outs(%e : tensor<64x64xf32>) -> tensor<64x64xf32>
  %x = tensor.extract %f[%i, %i] : tensor<64x64xf32>
  return %x : f32
}

// -----

// Quantization stays unless asked for.
// CHECK-LABEL: @quantization
// CHECK: ptq.dequantize
// QUANT-LABEL: @quantization
// QUANT-NEXT: arith.constant dense<[5.000000e-01, -1.000000e+00]> : tensor<2xf32>
// QUANT-NEXT: return
func.func @quantization() -> tensor<2xf32> {
  %q = arith.constant dense<[1, -2]> : tensor<2xi8>
  %s = arith.constant 0.5 : f32
  %x = ptq.dequantize %q, %s : tensor<2xi8>, f32 -> tensor<2xf32>
  return %x : tensor<2xf32>
}

// -----

// What cannot be evaluated may never be reached.
// CHECK-LABEL: @division_by_zero
// CHECK: arith.divsi
func.func @division_by_zero() -> i32 {
  %a = arith.constant 1 : i32
  %z = arith.constant 0 : i32
  %d = arith.divsi %a, %z : i32
  return %d : i32
}

// -----

// Arguments are not constants, but what hangs on constants beside them folds.
// CHECK-LABEL: @arguments
// CHECK: %[[C:.*]] = arith.constant dense<3.000000e+00> : tensor<2xf32>
// CHECK: arith.addf %arg0, %[[C]]
func.func @arguments(%arg0: tensor<2xf32>) -> tensor<2xf32> {
  %a = arith.constant dense<1.0> : tensor<2xf32>
  %b = arith.constant dense<2.0> : tensor<2xf32>
  %s = arith.addf %a, %b : tensor<2xf32>
  %r = arith.addf %arg0, %s : tensor<2xf32>
  return %r : tensor<2xf32>
}

// -----

// The body of a loop folds, the loop itself, which may never end, does not.
// CHECK-LABEL: @loop
// CHECK: scf.while
// CHECK: scf.for
// CHECK-NOT: math.sqrt
func.func @loop() -> f32 {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %t = arith.constant true
  %four = arith.constant 4.0 : f32
  scf.while : () -> () {
    scf.condition(%t)
  } do {
    scf.yield
  }
  %r = scf.for %i = %zero to %one step %one iter_args(%x = %four) -> f32 {
    %s = math.sqrt %four : f32
    %y = arith.addf %x, %s : f32
    scf.yield %y : f32
  }
  return %r : f32
}

// -----

// Dynamic result types keep their users' types.
// CHECK-LABEL: @dynamic
// CHECK: %[[C:.*]] = arith.constant dense<{{\[}}3, 1]> : tensor<2xi32>
// CHECK: %[[D:.*]] = tensor.cast %[[C]] : tensor<2xi32> to tensor<?xi32>
// CHECK: return %[[D]]
func.func @dynamic() -> tensor<?xi32> {
  %w = arith.constant dense<[1, 3, 1, 7]> : tensor<4xi32>
  %two = arith.constant 2 : index
  %s = tensor.extract_slice %w[1] [%two] [1] : tensor<4xi32> to tensor<?xi32>
  return %s : tensor<?xi32>
}

// -----

// Places for results and initial values stay, however small.
// CHECK-LABEL: @initial_values
// CHECK: tensor.empty
// CHECK: linalg.fill
// CHECK: linalg.broadcast
// CHECK: linalg.map
func.func @initial_values(%arg0: tensor<2x2xf32>) -> (tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>) {
  %c = arith.constant 1.0 : f32
  %b = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %e = tensor.empty() : tensor<2x2xf32>
  %0 = linalg.fill ins(%c : f32) outs(%e : tensor<2x2xf32>) -> tensor<2x2xf32>
  %1 = linalg.broadcast ins(%b : tensor<2xf32>) outs(%e : tensor<2x2xf32>) dimensions = [0]
  %2 = linalg.map { math.absf } ins(%arg0 : tensor<2x2xf32>) outs(%e : tensor<2x2xf32>)
  return %0, %1, %2 : tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>
}

// -----

// Neither a loop inside of a branch, nor more work or memory than is reasonable.
// CHECK-LABEL: @unreasonable
// CHECK: scf.if
// CHECK: scf.while
// CHECK: linalg.reduce
// CHECK: tensor.extract
func.func @unreasonable() -> (i32, tensor<i32>, i8) {
  %t = arith.constant true
  %0 = scf.if %t -> i32 {
    %u = arith.constant true
    scf.while : () -> () {
      scf.condition(%u)
    } do {
      scf.yield
    }
    %c = arith.constant 1 : i32
    scf.yield %c : i32
  } else {
    %c = arith.constant 2 : i32
    scf.yield %c : i32
  }
  %init = arith.constant dense<0> : tensor<i32>
  %many = arith.constant dense<1> : tensor<65536x32768xi32>
  %sum = linalg.reduce { arith.addi } ins(%many : tensor<65536x32768xi32>) outs(%init : tensor<i32>) dimensions = [0, 1]
  %i = arith.constant 0 : index
  %huge = tensor.empty() : tensor<1099511627776xi8>
  %x = tensor.extract %huge[%i] : tensor<1099511627776xi8>
  return %0, %sum, %x : i32, tensor<i32>, i8
}
