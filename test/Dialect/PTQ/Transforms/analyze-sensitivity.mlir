// What quantizing each op costs, and recipes that meet a target. How good the
// found recipes are on real networks is the matter of test/Integration.

// REQUIRES: numpy
// RUN: rm -rf %t && mkdir %t && %python %S/Inputs/write_sensitivity_samples.py %t

// The first input of "dense2" is always 0, and its weights are large: the others
// get next to no codes. A recipe leaves the op in float.
// RUN: ptq-opt %s --ptq-analyze-sensitivity="data=%t/samples.npz target-sqnr=30 recipe-out=%t/recipe.json report=%t/report.json" \
// RUN:   --remarks-filter=ptq-analyze-sensitivity -o %t/same.mlir 2>&1 | FileCheck %s --check-prefix=REMARKS
// RUN: FileCheck %s --check-prefix=RECIPE --match-full-lines < %t/recipe.json
// RUN: FileCheck %s --check-prefix=REPORT < %t/report.json

// REMARKS: remark: {{.*}}Sensitivity | {{.*}}rank 1 of 3: matmul 'dense2': quantized alone [[#]].[[#]] dB, {{.*}}; all others [[#]].[[#]] dB, {{.*}}; in float 48 bytes and 16 multiply-accumulates more
// REMARKS: remark: {{.*}}Sensitivity | {{.*}}rank 2 of 3: matmul 'dense{{[13]}}'
// REMARKS: remark: {{.*}}Sensitivity | {{.*}}rank 3 of 3: matmul 'dense{{[13]}}'
// REMARKS: remark: {{.*}}LeftInFloat | {{.*}}'dense2' stays in float to meet the target
// REMARKS: remark: {{.*}}Recipe | {{.*}}1 of 3 ops in float, 48 bytes and 16 multiply-accumulates: [[#]].[[#]] dB, {{.*}}; all quantized [[#]].[[#]] dB

// RECIPE:      {
// RECIPE-NEXT:   "version": 1,
// RECIPE-NEXT:   "rules": [
// RECIPE-NEXT:     {
// RECIPE-NEXT:       "scheme": "static",
// RECIPE-NEXT:       "weights": {
// RECIPE-NEXT:         "storage": "i8",
// RECIPE-NEXT:         "per": "channel",
// RECIPE-NEXT:         "symmetry": "symmetric"
// RECIPE-NEXT:       },
// RECIPE-NEXT:       "activations": {
// RECIPE-NEXT:         "per": "tensor"
// RECIPE-NEXT:       },
// RECIPE-NEXT:       "estimator": "minmax",
// RECIPE-NEXT:       "rounding": "nearest",
// RECIPE-NEXT:       "equalization": "none"
// RECIPE-NEXT:     },
// RECIPE-NEXT:     {
// RECIPE-NEXT:       "name": "dense2",
// RECIPE-NEXT:       "scheme": "float"
// RECIPE-NEXT:     }
// RECIPE-NEXT:   ]
// RECIPE-NEXT: }

// REPORT:      "samples": 24,
// REPORT-NEXT: "quantized": {
// REPORT-NEXT:   "sqnr_db": [[#]].[[#]],
// REPORT-NEXT:   "agreement": {{[0-9.]+}}
// REPORT:      "ops": [
// REPORT:        "name": "dense2",
// REPORT-NEXT:   "kind": "matmul",
// REPORT-NEXT:   "alone": {
// REPORT:        "others": {
// REPORT:        "bytes": 48,
// REPORT-NEXT:   "macs": 16
// REPORT:      "target": {
// REPORT-NEXT:   "sqnr_db": 30
// REPORT:      "recipe": {
// REPORT-NEXT:   "float": [
// REPORT-NEXT:     "dense2"
// REPORT-NEXT:   ],
// REPORT-NEXT:   "sqnr_db": {{[34]}}[[#]].[[#]],

// The network stays as it is.
// RUN: ptq-opt %s -o %t/parsed.mlir
// RUN: cmp %t/same.mlir %t/parsed.mlir

// The recipe serves the calibration, and the outputs are as good as foretold.
// RUN: ptq-opt %s --ptq-calibrate="data=%t/samples.npz recipe=%t/recipe.json" --emit-bytecode -o %t/qdq.mlirbc 2>&1 | FileCheck %s --check-prefix=SUMMARY
// RUN: ptq-run %t/qdq.mlirbc --input %t/samples.npz --reference %s --engine=interpreter --json >> %t/report.json
// RUN: FileCheck %s --check-prefix=FORETOLD < %t/report.json
// SUMMARY: ptq: 2 ops quantized, 1 left in float
// FORETOLD: "recipe": {
// FORETOLD: "sqnr_db": [[DB:[0-9]+\.[0-9][0-9]]]
// FORETOLD: "sqnr_db":[[DB]]

// However many threads there are, the figures are the same bits.
// RUN: ptq-opt %s --ptq-analyze-sensitivity="data=%t/samples.npz report=%t/two.json labels=labels" -o /dev/null
// RUN: ptq-opt %s --ptq-analyze-sensitivity="data=%t/samples.npz report=%t/one.json labels=labels" --mlir-disable-threading -o /dev/null
// RUN: cmp %t/two.json %t/one.json
// RUN: FileCheck %s --check-prefix=LABELS < %t/one.json
// LABELS: "accuracy":
// LABELS-NOT: "target"

// A target that is met anyway leaves nothing in float. Rules of a recipe that is
// given stay, and what they leave in float is not for choice.
// RUN: echo '{"version": 1, "rules": [{"name": "dense3", "scheme": "float"}, {"edge": "x", "activations": {"storage": "i16"}}]}' > %t/given.json
// RUN: ptq-opt %s --ptq-analyze-sensitivity="data=%t/samples.npz target-sqnr=-100 target-agreement=0.01 recipe=%t/given.json recipe-out=%t/more.json" \
// RUN:   --remarks-filter=ptq-analyze-sensitivity -o /dev/null 2>&1 | FileCheck %s --check-prefix=MET
// RUN: FileCheck %s --check-prefix=GIVEN < %t/more.json
// MET: rank 1 of 2
// MET: rank 2 of 2
// MET-NOT: LeftInFloat
// MET: 0 of 2 ops in float, 0 bytes and 0 multiply-accumulates
// GIVEN: "scheme": "static",
// GIVEN: "name": "dense3",
// GIVEN: "edge": "x"
// GIVEN-NOT: "name"

// Smaller weights for the input that is 0: 10 dB take no op in float any more.
// RUN: ptq-opt %s --ptq-analyze-sensitivity="data=%t/samples.npz equalization=smoothquant smoothing=1 equalization-factors=powers-of-two target-sqnr=10 recipe-out=%t/smooth.json" \
// RUN:   --remarks-filter=ptq-analyze-sensitivity -o /dev/null 2>&1 | FileCheck %s --check-prefix=SMOOTH
// RUN: FileCheck %s --check-prefix=SMOOTH-RECIPE < %t/smooth.json
// SMOOTH: 0 of 3 ops in float
// SMOOTH-RECIPE: "equalization": "smoothquant"

// Weights alone, in four bits: 56 bytes less than in float for 16 of them. Products
// are made of floats either way.
// RUN: ptq-opt %s --ptq-analyze-sensitivity="data=%t/samples.npz scheme=weight-only weights=i4 block=4 activations=f16 target-sqnr=90 recipe-out=%t/weights.json" \
// RUN:   --remarks-filter=ptq-analyze-sensitivity -o /dev/null 2>&1 | FileCheck %s --check-prefix=WEIGHTS
// RUN: ptq-opt %s --ptq-calibrate="recipe=%t/weights.json" -o /dev/null 2>&1 | FileCheck %s --check-prefix=ALL-FLOAT
// WEIGHTS: in float 56 bytes
// WEIGHTS: 3 of 3 ops in float, 168 bytes and 0 multiply-accumulates: 999.0 dB
// ALL-FLOAT: ptq: 0 ops quantized, 3 left in float

func.func @forward(%x: tensor<?x4xf32> loc("x")) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %w1 = arith.constant dense<[[0.0, -0.4, 0.3, 0.8], [0.0, 0.7, -0.5, 0.1],
                              [0.0, 0.3, 0.8, -0.2], [0.0, -0.9, 0.4, 0.6]]> : tensor<4x4xf32>
  %w2 = arith.constant dense<[[90.0, -80.0, 70.0, 85.0], [0.22, 0.25, -0.10, 0.30],
                              [-0.17, 0.10, 0.30, -0.20], [0.25, -0.20, 0.15, 0.25]]> : tensor<4x4xf32>
  %w3 = arith.constant dense<[[0.7, -0.5, 0.6, 0.4], [0.7, 0.3, -0.6, 0.5],
                              [-0.4, 0.8, 0.5, -0.7], [0.6, -0.5, 0.7, 0.3]]> : tensor<4x4xf32>
  %n = tensor.dim %x, %c0 : tensor<?x4xf32>
  %e = tensor.empty(%n) : tensor<?x4xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<?x4xf32>) -> tensor<?x4xf32>
  %1 = linalg.matmul ins(%x, %w1 : tensor<?x4xf32>, tensor<4x4xf32>)
       outs(%i : tensor<?x4xf32>) -> tensor<?x4xf32> loc("dense1")
  %2 = linalg.matmul ins(%1, %w2 : tensor<?x4xf32>, tensor<4x4xf32>)
       outs(%i : tensor<?x4xf32>) -> tensor<?x4xf32> loc("dense2")
  %3 = linalg.matmul ins(%2, %w3 : tensor<?x4xf32>, tensor<4x4xf32>)
       outs(%i : tensor<?x4xf32>) -> tensor<?x4xf32> loc("dense3")
  return %3 : tensor<?x4xf32>
}
