// RUN: split-file %s %t
// RUN: not ptq-opt %t/network.mlir --ptq-assign-schemes="recipe=%t/absent.json" 2>&1 | FileCheck %s --check-prefix=ABSENT
// RUN: not ptq-opt %t/network.mlir --ptq-assign-schemes="recipe=%t" 2>&1 | FileCheck %s --check-prefix=FOLDER
// RUN: not ptq-opt %t/network.mlir --ptq-assign-schemes="recipe=%t/malformed.json" 2>&1 | FileCheck %s --check-prefix=MALFORMED
// RUN: not ptq-opt %t/network.mlir --ptq-assign-schemes="recipe=%t/fields.json" 2>&1 | FileCheck %s --check-prefix=FIELDS
// RUN: not ptq-opt %t/network.mlir --ptq-assign-schemes="recipe=%t/values.json" 2>&1 | FileCheck %s --check-prefix=VALUES
// RUN: not ptq-opt %t/network.mlir --ptq-assign-schemes="recipe=%t/against.json" 2>&1 | FileCheck %s --check-prefix=AGAINST
// RUN: not ptq-opt %t/network.mlir --ptq-assign-schemes="recipe=%t/edge.json" 2>&1 | FileCheck %s --check-prefix=EDGE
// RUN: not ptq-opt %t/network.mlir --ptq-calibrate="data=random recipe=%t/malformed.json" 2>&1 | FileCheck %s --check-prefix=MALFORMED

// ABSENT: network.mlir:1:1: error: cannot open input file '{{.*}}absent.json'
// FOLDER: error: cannot open input file

// MALFORMED: malformed.json:2:{{[0-9]+}}: error: not JSON: Expected , or }

// Two fields of one name make the text ambiguous: nothing else is looked at.
// FIELDS-NOT: shceme
// FIELDS: fields.json:6:20: error: field 'kind' is there already, in line 6

// All that is wrong is told.
// VALUES: values.json:2:4: error: unknown field 'shceme'; expected one of name, kind, shape, edge, scheme, weights, activations, estimator, rounding
// VALUES: values.json:4:27: error: unknown value 'i9'; expected one of i8, i4, i2
// VALUES: values.json:5:12: error: '[a' is no regular expression: brackets ([ ]) not balanced
// VALUES: values.json:6:12: error: expected a string
// VALUES: values.json:7:3: error: scheme 'weight-only' leaves activations in float, and cannot make them 'i8'

// The rules are sound, each by itself.
// AGAINST: against.json:3:3: error: rule 2 (kind 'matmul') does not go with what was said before: scheme 'static' quantizes activations, and cannot leave them 'f16'; 'weight-only' does
// AGAINST: network.mlir:4:8: note: at this op

// EDGE: edge.json:2:3: error: rule 1 (edge 'x') does not go with what was said before: scheme 'static' has no scale for each token; 'dynamic' has

//--- malformed.json
{"version": 1, "rules": [
  {"scheme": "static" "estimator": "mse"}
]}

//--- fields.json
{"version": 1, "rules": [
  {"shceme": "static"},
  {},
  {},
  {},
  {"kind": "conv", "kind": "matmul"}
]}

//--- values.json
{"version": 1, "rules": [
  {"shceme": "static"},
  {"scheme": "static",
   "weights": {"storage": "i9"}},
  {"name": "[a"},
  {"kind": 7},
  {"scheme": "weight-only", "activations": {"storage": "i8"}}
]}

//--- against.json
{"version": 1, "rules": [
  {"scheme": "static"},
  {"kind": "matmul", "activations": {"storage": "f16"}}
]}

//--- edge.json
{"version": 1, "rules": [
  {"edge": "x", "activations": {"per": "token"}}
]}

//--- network.mlir
module {
func.func @forward(%x: tensor<4x2xf32> loc("x"), %init: tensor<4x2xf32>) -> tensor<4x2xf32> {
  %w = arith.constant dense<1.0> : tensor<2x2xf32>
  %0 = linalg.matmul ins(%x, %w : tensor<4x2xf32>, tensor<2x2xf32>) outs(%init : tensor<4x2xf32>) -> tensor<4x2xf32>
  return %0 : tensor<4x2xf32>
}
}
