// What the attributes of the dialect refuse.

// RUN: ptq-opt %s --allow-unregistered-dialect --split-input-file --verify-diagnostics

// expected-error @+1 {{storage must be a signless integer, got 'ui8'}}
"test.op"() {a = #ptq.encoding<ui8, asymmetric>} : () -> ()

// -----

// expected-error @+1 {{codes of 'i4' have 2 to 4 bits, got 7}}
#bits = #ptq.encoding<i4, symmetric, bits = 7>

// -----

// expected-error @+1 {{codes of 'i8' have 2 to 8 bits, got 1}}
#bit = #ptq.encoding<i8, symmetric, bits = 1>

// -----

// expected-error @+1 {{storage must be i2, i4, i8 or i16, got 'i3'}}
"test.op"() {a = #ptq.encoding<i3, asymmetric>} : () -> ()

// -----

// expected-error @+1 {{storage must be i2, i4, i8 or i16, got 'i16777215'}}
"test.op"() {a = #ptq.encoding<i16777215, asymmetric>} : () -> ()

// -----

// expected-error @+2 {{invalid kind of type specified}}
// expected-error @+1 {{failed to parse PTQ_EncodingAttr parameter 'storage'}}
"test.op"() {a = #ptq.encoding<f32, asymmetric>} : () -> ()

// -----

// expected-error @+2 {{expected one of [symmetric, asymmetric] for where the code of the value 0 lies, got: lopsided}}
// expected-error @+1 {{failed to parse PTQ_EncodingAttr parameter 'symmetry'}}
"test.op"() {a = #ptq.encoding<i8, lopsided>} : () -> ()

// -----

// expected-error @+1 {{granularity 'tensor' has no axis}}
"test.op"() {a = #ptq.encoding<i8, symmetric, axis = 0>} : () -> ()

// -----

// expected-error @+1 {{axis must not be negative, got -1}}
"test.op"() {a = #ptq.encoding<i8, symmetric, granularity = axis, axis = -1>} : () -> ()

// -----

// expected-error @+1 {{granularity 'axis' has no block size}}
"test.op"() {a = #ptq.encoding<i8, symmetric, granularity = axis, axis = 0,
                               block_size = 32>} : () -> ()

// -----

// expected-error @+1 {{granularity 'block' needs a block size}}
"test.op"() {a = #ptq.encoding<i8, symmetric, granularity = block, axis = 0>} : () -> ()

// -----

// expected-error @+1 {{block size must be at least 1, got 0}}
"test.op"() {a = #ptq.encoding<i8, symmetric, granularity = block, axis = 0,
                               block_size = 0>} : () -> ()

// -----

// expected-error @+1 {{granularity 'token' needs dynamic parameters}}
"test.op"() {a = #ptq.encoding<i8, symmetric, granularity = token>} : () -> ()

// -----

// expected-error @+1 {{float type must be f16, bf16 or f32, got 'f64'}}
"test.op"() {a = #ptq.scheme<float_type = f64>} : () -> ()

// -----

// expected-error @+1 {{activations are quantized or 'f16', not both}}
"test.op"() {a = #ptq.scheme<activations = <i8, asymmetric>, float_type = f16>} : () -> ()

// -----

// expected-error @+1 {{activations are quantized or 'bf16', not both}}
"test.op"() {a = #ptq.operand<0, encoding = <i8, asymmetric>, float_type = bf16>} : () -> ()

// -----

// expected-error @+1 {{operands are #ptq.operand attributes, got 1 : i64}}
"test.op"() {a = #ptq.scheme<operands = [1]>} : () -> ()

// -----

// expected-error @+1 {{operand 1 is listed twice}}
"test.op"() {a = #ptq.scheme<operands = [#ptq.operand<1>, #ptq.operand<1, float_type = f16>]>} : () -> ()

// -----

// expected-error @+1 {{min and max need the same number of values, at least one; got 0 and 0}}
"test.op"() {a = #ptq.range<min = [], max = []>} : () -> ()

// -----

// expected-error @+1 {{min and max need the same number of values, at least one; got 1 and 2}}
"test.op"() {a = #ptq.range<min = [0.0], max = [0.0, 1.0]>} : () -> ()

// -----

// expected-error @+1 {{is not a finite interval}}
"test.op"() {a = #ptq.range<min = [1.0], max = [0.0]>} : () -> ()

// -----

// expected-error @+1 {{is not a finite interval}}
"test.op"() {a = #ptq.range<min = [0.0], max = [0x7FF0000000000000 : f64]>} : () -> ()

// -----

// expected-error @+1 {{is not a finite interval}}
"test.op"() {a = #ptq.range<min = [0x7FF8000000000000 : f64], max = [0.0]>} : () -> ()

// -----

// expected-error @+1 {{number of samples must not be negative, got -1}}
"test.op"() {a = #ptq.range<min = [0.0], max = [1.0], samples = -1>} : () -> ()

// -----

// expected-error @+1 {{clipped share must lie in [0, 1], got 1.500000e+00}}
"test.op"() {a = #ptq.range<min = [0.0], max = [1.0], clipped = 1.5 : f64>} : () -> ()

// -----

// expected-error @+1 {{clipped share must lie in [0, 1]}}
"test.op"() {a = #ptq.range<min = [0.0], max = [1.0], clipped = 0x7FF8000000000000 : f64>} : () -> ()

// -----

// expected-error @+1 {{'test.op' op 'ptq.scheme' must be a #ptq.scheme, got "int8"}}
"test.op"() {ptq.scheme = "int8"} : () -> ()

// -----

// expected-error @+1 {{'test.op' op unknown attribute 'ptq.entrie'}}
"test.op"() {ptq.entrie} : () -> ()

// -----

// expected-error @+1 {{'test.op' op 'ptq.entry' belongs on a function}}
"test.op"() {ptq.entry} : () -> ()

// -----

// expected-error @+1 {{'func.func' op 'ptq.entry' is a unit attribute}}
func.func private @f() attributes {ptq.entry = true}

// -----

// expected-error @+1 {{'builtin.module' op 'ptq.signature' belongs on a function}}
module attributes {ptq.signature = {version = 1 : i64, inputs = [], outputs = []}} {}

// -----

// expected-error @+1 {{'ptq.signature' must be a dictionary, got 1 : i64}}
func.func private @f() attributes {ptq.signature = 1 : i64}

// -----

// expected-error @+1 {{'ptq.signature' needs 'version = 1'}}
func.func private @f() attributes {ptq.signature = {inputs = [], outputs = []}}

// -----

// expected-error @+1 {{'ptq.signature' needs 'version = 1'}}
func.func private @f() attributes {ptq.signature = {version = 2 : i64, inputs = [], outputs = []}}

// -----

// expected-error @+1 {{'ptq.signature' needs 'version = 1'}}
func.func private @f() attributes {ptq.signature = {version = 1 : i128, inputs = [], outputs = []}}

// -----

// expected-error @+1 {{'ptq.signature' needs a list 'inputs'}}
func.func private @f() attributes {ptq.signature = {version = 1 : i64, inputs = "x", outputs = []}}

// -----

// expected-error @+1 {{'ptq.signature' needs a list 'outputs'}}
func.func private @f() attributes {ptq.signature = {version = 1 : i64, inputs = []}}

// -----

// expected-error @+1 {{'ptq.signature' inputs must be dictionaries, got "x"}}
func.func private @f() attributes {ptq.signature = {version = 1 : i64, inputs = ["x"], outputs = []}}

// -----

// expected-error @+1 {{'ptq.signature' inputs need a 'name' and a ranked tensor 'type', got {name = "x"}}}
func.func private @f() attributes {ptq.signature = {version = 1 : i64, outputs = [],
  inputs = [{name = "x"}]}}

// -----

// expected-error @+1 {{'ptq.signature' outputs need a 'name' and a ranked tensor 'type'}}
func.func private @f() attributes {ptq.signature = {version = 1 : i64, inputs = [],
  outputs = [{name = "x", type = tensor<*xf32>}]}}

// -----

// expected-error @+1 {{'ptq.signature' outputs need a 'name' and a ranked tensor 'type'}}
func.func private @f() attributes {ptq.signature = {version = 1 : i64, inputs = [],
  outputs = [{name = 1 : i64, type = tensor<f32>}]}}

// -----

// expected-error @+1 {{'ptq.signature' inputs have the name 'x' twice}}
func.func private @f() attributes {ptq.signature = {version = 1 : i64, outputs = [],
  inputs = [{name = "x", type = tensor<f32>}, {name = "x", type = tensor<f32>}]}}

// -----

// expected-error @+1 {{'ptq.signature' sample axis 0 : i64 is out of range for 'tensor<f32>'}}
func.func private @f() attributes {ptq.signature = {version = 1 : i64, outputs = [],
  inputs = [{name = "x", type = tensor<f32>, sample_axis = 0 : i64}]}}

// -----

// expected-error @+1 {{'ptq.signature' sample axis -1 : i64 is out of range}}
func.func private @f() attributes {ptq.signature = {version = 1 : i64, outputs = [],
  inputs = [{name = "x", type = tensor<1xf32>, sample_axis = -1 : i64}]}}

// -----

// expected-error @+1 {{'ptq.signature' sample axis false is out of range}}
func.func private @f() attributes {ptq.signature = {version = 1 : i64, outputs = [],
  inputs = [{name = "x", type = tensor<1xf32>, sample_axis = false}]}}

// -----

// expected-error @+1 {{'ptq.signature' flag 'unsigned' must be a unit or a bool}}
func.func private @f() attributes {ptq.signature = {version = 1 : i64, outputs = [],
  inputs = [{name = "x", type = tensor<1xui8>, unsigned = "yes"}]}}
