// RUN: ptq-opt %s -ptq-expand-arithmetic | FileCheck %s

// CHECK-LABEL: func.func @bf16
// CHECK-NOT: arith.extf
// CHECK-NOT: arith.truncf
// CHECK: arith.shli
// CHECK: arith.trunci
// CHECK: return
func.func @bf16(%x: vector<4xbf16>, %y: f32) -> (vector<4xf32>, bf16) {
  %a = arith.extf %x : vector<4xbf16> to vector<4xf32>
  %b = arith.truncf %y : f32 to bf16
  return %a, %b : vector<4xf32>, bf16
}

// What is computed in bf16 is computed in f32 and rounded after each op.
// CHECK-LABEL: func.func @arithmetic
// CHECK: %[[S:.*]] = arith.addf %{{.*}}, %{{.*}} : vector<4xf32>
// CHECK: %[[R:.*]] = arith.bitcast %{{.*}} : vector<4xi16> to vector<4xbf16>
// CHECK: arith.extui
// CHECK: math.sqrt %{{.*}} : vector<4xf32>
// CHECK: arith.sitofp %{{.*}} : vector<4xi32> to vector<4xf32>
// CHECK: arith.cmpf olt, %{{.*}}, %{{.*}} : vector<4xf32>
// CHECK: arith.select %{{.*}}, %{{.*}}, %{{.*}} : vector<4xi1>, vector<4xbf16>
func.func @arithmetic(%x: vector<4xbf16>, %y: vector<4xbf16>, %n: vector<4xi32>) -> vector<4xbf16> {
  %a = arith.addf %x, %y : vector<4xbf16>
  %b = math.sqrt %a : vector<4xbf16>
  %c = arith.sitofp %n : vector<4xi32> to vector<4xbf16>
  %d = arith.cmpf olt, %b, %c : vector<4xbf16>
  %e = arith.select %d, %b, %c : vector<4xi1>, vector<4xbf16>
  return %e : vector<4xbf16>
}

// CHECK-LABEL: func.func @division
// CHECK-NOT: ceildivsi
// CHECK: arith.divsi
func.func @division(%x: index, %y: index) -> index {
  %a = arith.ceildivsi %x, %y : index
  return %a : index
}

// -0 is less than 0, which no comparison says.
// CHECK-LABEL: func.func @extremes
// CHECK-NEXT: arith.maximumf
// CHECK-NEXT: arith.minimumf
// CHECK-NEXT: return
func.func @extremes(%x: vector<2x4xf32>, %y: vector<2x4xf32>) -> vector<2x4xf32> {
  %a = arith.maximumf %x, %y : vector<2x4xf32>
  %b = arith.minimumf %a, %y : vector<2x4xf32>
  return %b : vector<2x4xf32>
}
