// The dialect survives bytecode, resources and locations included.

// RUN: ptq-opt %s --emit-bytecode | ptq-opt --mlir-print-debuginfo | FileCheck %s

// CHECK-LABEL: func.func @network
// CHECK-SAME:    ptq.entry
// CHECK-SAME:    ptq.signature = {inputs = [{name = "x", sample_axis = 0 : i64, type = tensor<?x2xf32>}], outputs = [], version = 1 : i64}
func.func @network(%x: tensor<?x2xf32>) attributes {
    ptq.entry, ptq.signature = {version = 1 : i64, outputs = [], inputs =
      [{name = "x", type = tensor<?x2xf32>, sample_axis = 0 : i64}]}} {
  // CHECK: arith.constant dense_resource<codes> : tensor<2x2xi8>
  %codes = arith.constant dense_resource<codes> : tensor<2x2xi8>
  // CHECK: arith.constant dense_resource<scales> : tensor<2xf32>
  %scales = arith.constant dense_resource<scales> : tensor<2xf32>
  // CHECK: ptq.dequantize %{{.*}} axis 1 : {{.*}} loc(#[[LOC:.*]])
  %0 = ptq.dequantize %codes, %scales axis 1
       : tensor<2x2xi8>, tensor<2xf32> -> tensor<2x2xf32> loc("fc_w")
  // CHECK: ptq.observe %{{.*}} name("x") encoding(<i8, asymmetric>)
  // CHECK-SAME: range(<min = [-1.000000e+00], max = [1.000000e+00], samples = 3>)
  %1 = ptq.observe %x name("x") encoding(<i8, asymmetric>)
       range(<min = [-1.0], max = [1.0], samples = 3>) : tensor<?x2xf32>
  return
}
// CHECK-DAG: #[[LOC]] = loc("fc_w")
// CHECK-DAG: codes: "0x0100000001FF7F80"
// CHECK-DAG: scales: "0x040000000000003F0000803E"

{-#
  dialect_resources: {
    builtin: {
      codes: "0x0100000001FF7F80",
      scales: "0x040000000000003F0000803E"
    }
  }
#-}
