// RUN: ptq-opt %s -ptq-lower -o %t.mlir
// RUN: FileCheck %s < %t.mlir
// RUN: mlir-translate -mlir-to-llvmir %t.mlir | FileCheck %s --check-prefix=IR
// RUN: ptq-opt %s -ptq-lower=to=linalg | FileCheck %s --check-prefix=LINALG
// RUN: ptq-opt %s -ptq-lower=to=vector | FileCheck %s --check-prefix=VECTOR

// An unquantized module goes down as well, softmax included.

// CHECK: llvm.func @forward(
// CHECK-SAME: ptq.entry
// CHECK-SAME: cpu = "
// CHECK-SAME: features = "
// CHECK: llvm.func @_mlir_ciface_forward(
// CHECK-NOT: ptq.entry
// IR: define void @_mlir_ciface_forward(ptr %0, ptr %1)
// LINALG: func.func @forward(%{{.*}}: tensor<?x8xf32>) -> tensor<?x8xf32>
// LINALG-NOT: linalg.softmax
// LINALG: linalg.generic
// VECTOR: func.func @forward(%{{.*}}: memref<?x8xf32>, %{{.*}}: memref<?x8xf32>)
func.func @forward(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x8xf32>
  %a = math.absf %x : tensor<?x8xf32>
  %e = tensor.empty(%n) : tensor<?x8xf32>
  %y = linalg.softmax dimension(1) ins(%a : tensor<?x8xf32>)
       outs(%e : tensor<?x8xf32>) -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
