// RUN: not ptq-opt %s -ptq-lower-dot=cpu=nosuchcpu 2>&1 | FileCheck %s --check-prefix=CPU
// RUN: not ptq-opt %s -ptq-lower='cpu=znver4 features=+nosuchfeature' 2>&1 | FileCheck %s --check-prefix=FEATURE
// RUN: not ptq-opt %s -ptq-lower='cpu=znver4 features=avx2' 2>&1 | FileCheck %s --check-prefix=SIGN
// RUN: not ptq-opt %s -ptq-attach-target 2>&1 | FileCheck %s --check-prefix=LEFT
// RUN: not ptq-opt %s -ptq-lower=to=nowhere 2>&1 | FileCheck %s --check-prefix=STAGE

// CPU: error: unknown processor 'nosuchcpu': expected 'host' or a name that LLVM knows for x86-64 or AArch64
// FEATURE: error: unknown feature '+nosuchfeature' of processor 'znver4'
// SIGN: error: unknown feature 'avx2' of processor 'znver4': expected a comma-separated list of +name and -name
// STAGE: Cannot find option named 'nowhere'
// LEFT: error: 'func.return' op has no lowering to LLVM
func.func @forward(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}
