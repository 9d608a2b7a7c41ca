// Elementary functions are vector code on every target: no call is left, neither
// in a softmax nor in what activation functions are made of.

// RUN: ptq-opt %s -ptq-lower=cpu=x86-64 | mlir-translate -mlir-to-llvmir | opt -O3 | llc -o - | FileCheck %s --check-prefixes=CHECK,SSE2
// RUN: ptq-opt %s -ptq-lower=cpu=x86-64-v3 | mlir-translate -mlir-to-llvmir | opt -O3 | llc -o - | FileCheck %s --check-prefixes=CHECK,AVX2
// RUN: ptq-opt %s -ptq-lower=cpu=x86-64-v4 | mlir-translate -mlir-to-llvmir | opt -O3 | llc -o - | FileCheck %s --check-prefixes=CHECK,AVX512
// RUN: ptq-opt %s -ptq-lower=cpu=cortex-a53 | mlir-translate -mlir-to-llvmir | opt -O3 | llc -o - | FileCheck %s --check-prefixes=CHECK,NEON

// Row maxima, exponentials, row sums, quotients.
// CHECK-LABEL: softmax:
// CHECK-NOT: {{expf|vfmadd|fmla}}
// SSE2: maxps
// SSE2: pslld $23, %xmm
// SSE2: addps
// SSE2: divps
// AVX2: vmaxps {{.*}}%ymm
// AVX2: vpslld $23, %ymm
// AVX2: vaddps {{.*}}%ymm
// AVX2: vdivps {{.*}}%ymm
// AVX512: vmaxps {{.*}}%zmm
// AVX512: vpslld $23, %zmm
// AVX512: vaddps {{.*}}%zmm
// AVX512: vdivps {{.*}}%zmm
// NEON: fmaxnm v{{.*}}.4s
// NEON: shl v{{.*}}.4s, {{.*}}, #23
// NEON: fadd v{{.*}}.4s
// NEON: fdiv v{{.*}}.4s
// CHECK-NOT: {{expf|vfmadd|fmla}}
func.func @softmax(%x: tensor<128x128xf32>) -> tensor<128x128xf32> {
  %e = tensor.empty() : tensor<128x128xf32>
  %y = linalg.softmax dimension(1) ins(%x : tensor<128x128xf32>)
       outs(%e : tensor<128x128xf32>) -> tensor<128x128xf32>
  return %y : tensor<128x128xf32>
}

// CHECK-LABEL: functions:
// CHECK-NOT: {{erff|expf|exp2f|expm1f|logf|log1pf|tanhf|vfmadd|fmla}}
// CHECK: .Lfunc_end
func.func @functions(%x: tensor<?x67xf32>) -> tensor<?x67xf32> {
  %0 = math.erf %x : tensor<?x67xf32>
  %1 = math.exp2 %0 : tensor<?x67xf32>
  %2 = math.expm1 %1 : tensor<?x67xf32>
  %3 = math.log %2 : tensor<?x67xf32>
  %4 = math.log1p %3 : tensor<?x67xf32>
  %5 = math.tanh %4 : tensor<?x67xf32>
  %6 = math.exp %5 : tensor<?x67xf32>
  return %6 : tensor<?x67xf32>
}
