// RUN: split-file %s %t
// RUN: ptq-opt %t/network.mlir --ptq-assign-schemes="recipe=%t/recipe.json" 2>&1 | FileCheck %s
// RUN: ptq-opt %t/network.mlir --ptq-assign-schemes="recipe=%t/recipe.json" --ptq-insert-observers 2>/dev/null | FileCheck %s --check-prefix=OBSERVERS
// RUN: ptq-opt %t/network.mlir --ptq-assign-schemes="recipe=%t/no-effect.json" 2>&1 | FileCheck %s --check-prefix=EFFECT
// RUN: ptq-opt %t/network.mlir --ptq-calibrate="data=random recipe=%t/static.json" 2>/dev/null | FileCheck %s --check-prefix=PIPELINE

// What no rule has matched is told with its line.
// CHECK: recipe.json:6:3: warning: rule 5 (shape [null, 13]) of the recipe matches nothing
// CHECK: recipe.json:10:3: warning: rule 9 (name 'Block.*') of the recipe matches nothing
// CHECK-NOT: warning: rule {{[0-9]+}} (

// So is what says nothing of the operands it has matched.
// EFFECT: no-effect.json:2:3: warning: rule 1 (edge 'input') of the recipe is without effect: it says nothing of the operands that it matches
// EFFECT: no-effect.json:3:3: warning: rule 2 (edge 'w_last') of the recipe is without effect
// EFFECT: no-effect.json:4:3: warning: rule 3 (kind 'add') of the recipe is without effect
// EFFECT: no-effect.json:5:3: warning: rule 4 of the recipe is without effect
// EFFECT-NOT: warning

// Rules are laid over each other: the scheme of the first, the weights of the
// second. One operand is an edge with a rule of its own, whoever reads it.
// CHECK:      linalg.matmul
// CHECK-SAME:   ptq.scheme = #ptq.scheme<activations = <i8, asymmetric>,
// CHECK-SAME:   weights = <i4, symmetric, granularity = block, block_size = 32, narrow_range = true>,
// CHECK-SAME:   estimator = mse, rounding = adaround,
// CHECK-SAME:   operands = [#ptq.operand<0, encoding = <i16, symmetric, narrow_range = true>, estimator = kl>]>
// CHECK-SAME:   ins(%{{.*}} : tensor<4x64xf32>

// CHECK:      linalg.add
// CHECK-SAME:   ptq.scheme = #ptq.scheme<activations = <i8, asymmetric>,
// CHECK-SAME:   operands = [#ptq.operand<1, encoding = <i16, symmetric, narrow_range = true>, estimator = kl>]>

// Excluded by name and kind.
// CHECK:      linalg.matmul
// CHECK-NOT:    ptq.scheme
// CHECK-SAME:   ins(%{{.*}} : tensor<4x64xf32>

// An edge that stays in float, and another storage for one weight.
// CHECK:      linalg.matmul
// CHECK-SAME:   ptq.scheme = #ptq.scheme<activations = <i8, asymmetric>,
// CHECK-SAME:   operands = [#ptq.operand<0>, #ptq.operand<1, encoding = <i2, symmetric, granularity = axis, narrow_range = true>, estimator = mse>]>

// Chosen by shape; what was said of activations is no longer said.
// CHECK:      linalg.matmul
// CHECK-SAME:   ptq.scheme = #ptq.scheme<weights = <i8, symmetric, granularity = axis, narrow_range = true>, float_type = bf16, estimator = mse>

// What the IR says counts.
// CHECK:      linalg.matmul
// CHECK-SAME:   {ptq.scheme = #ptq.scheme<weights = <i2, symmetric>>}

// The rules end up on the observers of their edges.
// OBSERVERS-DAG: ptq.observe %{{.*}} name("input") encoding(<i16, symmetric, narrow_range = true>) estimator({{ ?}}kl) :
// OBSERVERS-DAG: ptq.observe %{{.*}} name("w_first") encoding(<i4, {{.*}}block_size = 32{{.*}}>) estimator({{ ?}}mse) rounding({{ ?}}adaround) :
// OBSERVERS-DAG: ptq.observe %{{.*}} name("w_last") encoding(<i2, {{.*}}>) estimator({{ ?}}mse) :
// OBSERVERS-NOT: ptq.observe %{{.*}} name("sum")

// PIPELINE: ptq.quantize %arg0, %{{.*}} low -32767 : tensor<4x64xf32>, f32 -> tensor<4x64xi16>
// PIPELINE: ptq.quantize %{{.*}} : tensor<4x64xf32>, f32, i8 -> tensor<4x64xi8>

//--- recipe.json
{"version": 1, "rules": [
  {"scheme": "static", "weights": {"storage": "i8", "per": "channel"}, "estimator": "mse"},
  {"name": "block3/.*", "weights": {"storage": "i4", "block": 32}, "rounding": "adaround"},
  {"kind": "matmul", "name": ".*attention.*", "scheme": "float"},
  {"shape": [null, 12], "scheme": "weight-only", "activations": {"storage": "bf16"}},
  {"shape": [null, 13], "scheme": "float"},
  {"edge": "input", "activations": {"storage": "i16"}, "estimator": "kl"},
  {"edge": "w_last", "weights": {"storage": "i2"}},
  {"kind": "matmul", "edge": "sum", "scheme": "float"},
  {"name": "Block.*", "scheme": "float"}
]}

//--- no-effect.json
{"version": 1, "rules": [
  {"edge": "input", "weights": {"storage": "i4"}, "rounding": "gptq"},
  {"edge": "w_last", "activations": {"storage": "i16"}},
  {"kind": "add", "weights": {"storage": "i4"}},
  {},
  {"edge": "w_last", "rounding": "gptq"},
  {"edge": "input", "activations": {"storage": "i16"}},
  {"kind": "add", "estimator": "mse"}
]}

//--- static.json
{"version": 1, "rules": [
  {"name": "logits", "scheme": "float"},
  {"edge": "input", "activations": {"storage": "i16"}},
  {"kind": "matmul", "name": "given", "scheme": "float"}
]}

//--- network.mlir
func.func @forward(%x: tensor<4x64xf32> loc("input")) -> (tensor<4x12xf32>, tensor<4x12xf32>) {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4x64xf32>
  %e12 = tensor.empty() : tensor<4x12xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<4x64xf32>) -> tensor<4x64xf32>
  %i12 = linalg.fill ins(%zero : f32) outs(%e12 : tensor<4x12xf32>) -> tensor<4x12xf32>
  %w0 = arith.constant dense<1.0> : tensor<64x64xf32> loc("w_first")
  %w1 = arith.constant dense<2.0> : tensor<64x64xf32> loc("w_attention")
  %w2 = arith.constant dense<3.0> : tensor<64x64xf32> loc("w_last")
  %w3 = arith.constant dense<4.0> : tensor<64x12xf32> loc("w_logits")
  %w4 = arith.constant dense<4.0> : tensor<64x12xf32> loc("w_given")
  %0 = linalg.matmul ins(%x, %w0 : tensor<4x64xf32>, tensor<64x64xf32>) outs(%i : tensor<4x64xf32>) -> tensor<4x64xf32> loc("block3/first")
  %1 = linalg.add ins(%0, %x : tensor<4x64xf32>, tensor<4x64xf32>) outs(%e : tensor<4x64xf32>) -> tensor<4x64xf32> loc("sum")
  %2 = linalg.matmul ins(%1, %w1 : tensor<4x64xf32>, tensor<64x64xf32>) outs(%i : tensor<4x64xf32>) -> tensor<4x64xf32> loc("block3/attention/q")
  %3 = linalg.matmul ins(%1, %w2 : tensor<4x64xf32>, tensor<64x64xf32>) outs(%i : tensor<4x64xf32>) -> tensor<4x64xf32> loc("last")
  %4 = linalg.matmul ins(%3, %w3 : tensor<4x64xf32>, tensor<64x12xf32>) outs(%i12 : tensor<4x12xf32>) -> tensor<4x12xf32> loc("logits")
  %5 = linalg.matmul {ptq.scheme = #ptq.scheme<weights = <i2, symmetric>>} ins(%2, %w4 : tensor<4x64xf32>, tensor<64x12xf32>) outs(%i12 : tensor<4x12xf32>) -> tensor<4x12xf32> loc("given")
  return %4, %5 : tensor<4x12xf32>, tensor<4x12xf32>
}
