// REQUIRES: x86_64-host
// RUN: ptq-run %s --verify | FileCheck %s
// RUN: ptq-opt %s --ptq-lower='cpu=x86-64 summary=false' | ptq-translate --emit-assembly | FileCheck %s --check-prefix=CALLS

// An odd row of bf16 is reduced by halves, without functions for conversions.

// CHECK: equal to the bit
// CALLS-NOT: __truncsfbf2
func.func @forward(%x: tensor<1x7xbf16>) -> tensor<1xbf16> {
  %low = arith.constant 0xFF80 : bf16
  %e = tensor.empty() : tensor<1xbf16>
  %f = linalg.fill ins(%low : bf16) outs(%e : tensor<1xbf16>) -> tensor<1xbf16>
  %y = linalg.reduce { arith.maximumf } ins(%x : tensor<1x7xbf16>) outs(%f : tensor<1xbf16>) dimensions = [1]
  return %y : tensor<1xbf16>
}
