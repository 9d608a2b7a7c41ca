//===- StructuredLoop.cpp - Any structured op, block by block -------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "StructuredLoop.h"
#include "ptq/Interpreter/EvaluationFrame.h"
#include <cstring>

using namespace mlir;
using namespace mlir::ptq;

namespace {
using Register = ElementwiseProgram::Register;

/// One operand while the loops run.
struct Stream {
  /// At the origin of the loops.
  char *base;
  size_t elementByteSize;
  /// Of the inner loop.
  int64_t stride;
  Register reg;
  /// What a stride of 0 has been repeated from last.
  const char *repeated = nullptr;

  char *at(int64_t offset) const {
    return base + offset * static_cast<int64_t>(elementByteSize);
  }
};

class StructuredLoop {
public:
  StructuredLoop(const ElementwiseProgram &program, const IterationSpace &space,
                 ElementwiseProgramState &state)
      : program(program), space(space), state(state) {}

  void addStream(TensorValue &tensor, char *data, unsigned index,
                 bool isOutput);
  LogicalResult run();

private:
  void chooseInnerLoop();
  void load(Stream &stream, const char *source, size_t count);
  void setIndices(const LoopCounter &outer, const LoopCounter &reduction,
                  int64_t begin, size_t count);
  LogicalResult runBlock(const LoopCounter &outer, int64_t begin, size_t count);
  void copyResult();
  LogicalResult runSteps(const LoopCounter &outer, LoopCounter &reduction,
                         int64_t begin, size_t count);
  void carry(size_t count);

  const ElementwiseProgram &program;
  const IterationSpace &space;
  ElementwiseProgramState &state;
  SmallVector<Stream, 4> inputs;
  SmallVector<Stream, 4> outputs;
  /// The loop that runs inside the kernels, if there is a parallel one.
  std::optional<unsigned> inner;
  SmallVector<unsigned, 6> outerLoops, reductionLoops;
};
} // namespace

void StructuredLoop::addStream(TensorValue &tensor, char *data, unsigned index,
                               bool isOutput) {
  Stream stream;
  stream.elementByteSize = tensor.getElementByteSize();
  stream.base = data + space.accesses[index].offset *
                           static_cast<int64_t>(stream.elementByteSize);
  stream.stride = 0;
  stream.reg = program.getArgument(index);
  (isOutput ? outputs : inputs).push_back(stream);
}

/// A parallel loop along which the first result is contiguous, unless it is
/// short and another one is longer. A loop that some result does not depend on
/// stays outside: its iterations overwrite each other in order.
void StructuredLoop::chooseInnerLoop() {
  constexpr int64_t kLongEnough = 16;
  auto isUsable = [&](unsigned loop) {
    if (space.isReduction[loop] || space.sizes[loop] < 2)
      return false;
    for (unsigned i = 0; i < outputs.size(); ++i)
      if (space.accesses[inputs.size() + i].strides[loop] == 0)
        return false;
    return true;
  };
  int64_t best = 0;
  for (unsigned loop = 0; loop < space.getNumLoops(); ++loop) {
    if (!isUsable(loop))
      continue;
    bool contiguous = space.accesses[inputs.size()].strides[loop] == 1;
    int64_t size = space.sizes[loop];
    int64_t score = contiguous && size >= kLongEnough
                        ? std::numeric_limits<int64_t>::max()
                        : size;
    if (score >= best) {
      best = score;
      inner = loop;
    }
  }
  for (unsigned loop = 0; loop < space.getNumLoops(); ++loop) {
    if (inner == loop)
      continue;
    (space.isReduction[loop] ? reductionLoops : outerLoops).push_back(loop);
  }
  for (auto [index, stream] : llvm::enumerate(inputs))
    stream.stride = inner ? space.accesses[index].strides[*inner] : 0;
  for (auto [index, stream] : llvm::enumerate(outputs))
    stream.stride =
        inner ? space.accesses[inputs.size() + index].strides[*inner] : 0;
}

/// Brings elements into the register of `stream`: by reference where they are
/// contiguous.
void StructuredLoop::load(Stream &stream, const char *source, size_t count) {
  if (stream.stride == 1) {
    state[stream.reg] = const_cast<char *>(source);
    return;
  }
  char *own = state.getStorage(stream.reg);
  state[stream.reg] = own;
  if (stream.stride == 0) {
    if (stream.repeated != source)
      fillElements(own, source, stream.elementByteSize,
                   count == 1 ? 1 : state.getCapacity());
    stream.repeated = count == 1 ? nullptr : source;
    return;
  }
  copyElements(own, 1, source, stream.stride, stream.elementByteSize, count);
}

void StructuredLoop::setIndices(const LoopCounter &outer,
                                const LoopCounter &reduction, int64_t begin,
                                size_t count) {
  for (auto [dim, reg] : program.getIndexRegisters()) {
    auto *values = reinterpret_cast<int64_t *>(state[reg]);
    auto loop = static_cast<unsigned>(dim);
    if (inner == loop) {
      for (size_t i = 0; i < count; ++i)
        values[i] = begin + static_cast<int64_t>(i);
      continue;
    }
    const auto &loops = space.isReduction[loop] ? reductionLoops : outerLoops;
    unsigned position = llvm::find(loops, loop) - loops.begin();
    int64_t index = space.isReduction[loop] ? reduction.getIndex(position)
                                            : outer.getIndex(position);
    std::fill_n(values, count, index);
  }
}

/// Makes the results of one step the output arguments of the next.
void StructuredLoop::carry(size_t count) {
  // A computed register may change places with the argument, unless another
  // output wants it as well.
  ArrayRef<Register> results = program.getResults();
  if (outputs.size() == 1 && program.isComputed(results.front())) {
    std::swap(state[results.front()], state[outputs.front().reg]);
    return;
  }
  SmallVector<SmallVector<char>, 2> values;
  for (auto [stream, result] : llvm::zip_equal(outputs, results)) {
    const char *data = state[result];
    values.emplace_back(data, data + stream.elementByteSize * count);
  }
  for (auto [stream, value] : llvm::zip_equal(outputs, values))
    std::memcpy(state[stream.reg], value.data(), value.size());
}

/// Runs the program for all iterations of the reductions. Afterwards the
/// results are in the result registers, or in the output arguments if there are
/// reductions.
LogicalResult StructuredLoop::runSteps(const LoopCounter &outer,
                                       LoopCounter &reduction, int64_t begin,
                                       size_t count) {
  do {
    for (auto [index, stream] : llvm::enumerate(inputs)) {
      if (!program.isArgumentUsed(index))
        continue;
      load(stream,
           stream.at(outer.getOffset(index) + reduction.getOffset(index) +
                     begin * stream.stride),
           count);
    }
    setIndices(outer, reduction, begin, count);
    if (failed(state.run(count)))
      return failure();
    if (!reductionLoops.empty())
      carry(count);
  } while (reduction.next());
  return success();
}

LogicalResult StructuredLoop::runBlock(const LoopCounter &outer, int64_t begin,
                                       size_t count) {
  auto address = [&](unsigned index) {
    const Stream &stream = outputs[index];
    return stream.at(outer.getOffset(inputs.size() + index) +
                     begin * stream.stride);
  };
  bool reduces = !reductionLoops.empty();
  for (auto [index, stream] : llvm::enumerate(outputs))
    if (reduces || program.isArgumentUsed(inputs.size() + index)) {
      char *own = state.getStorage(stream.reg);
      state[stream.reg] = own;
      copyElements(own, 1, address(index), stream.stride,
                   stream.elementByteSize, count);
    }
  // Without reductions a result that is computed once is computed in place.
  bool inPlace = !reduces && outputs.size() == 1 &&
                 outputs.front().stride == 1 &&
                 program.isComputed(program.getResults().front());
  if (inPlace)
    state[program.getResults().front()] = address(0);
  else if (outputs.size() == 1 &&
           program.isComputed(program.getResults().front()))
    // Exchanged with the argument by the block before.
    state[program.getResults().front()] =
        state.getStorage(program.getResults().front());
  LoopCounter reduction(space, reductionLoops);
  if (failed(runSteps(outer, reduction, begin, count)))
    return failure();
  if (inPlace)
    return success();
  for (auto [index, stream, result] :
       llvm::enumerate(outputs, program.getResults()))
    copyElements(address(index), stream.stride,
                 state[reduces ? stream.reg : result], 1,
                 stream.elementByteSize, count);
  return success();
}

/// Runs a body that yields one of its inputs: a transposition or a broadcast.
void StructuredLoop::copyResult() {
  const Stream &source = inputs[program.getResults().front()];
  const Stream &target = outputs.front();
  int64_t size = inner ? space.sizes[*inner] : 1;
  LoopCounter outer(space, outerLoops);
  do {
    copyElements(target.at(outer.getOffset(inputs.size())), target.stride,
                 source.at(outer.getOffset(source.reg)), source.stride,
                 source.elementByteSize, size);
  } while (outer.next());
}

LogicalResult StructuredLoop::run() {
  chooseInnerLoop();
  if (outputs.size() == 1 && reductionLoops.empty() &&
      program.getResults().front() < inputs.size()) {
    copyResult();
    return success();
  }
  int64_t size = inner ? space.sizes[*inner] : 1;
  auto capacity = static_cast<int64_t>(state.getCapacity());
  LoopCounter outer(space, outerLoops);
  do {
    for (int64_t begin = 0; begin < size; begin += capacity)
      if (failed(runBlock(outer, begin, std::min(capacity, size - begin))))
        return failure();
  } while (outer.next());
  return success();
}

/// Whether results do not depend on the iterations of reduction loops, as they
/// should. Otherwise each iteration writes what it computes.
static void demoteReductions(IterationSpace &space, unsigned numInputs) {
  for (unsigned loop = 0; loop < space.getNumLoops(); ++loop)
    for (const Access &access : llvm::drop_begin(space.accesses, numInputs))
      if (access.strides[loop] != 0)
        space.isReduction[loop] = false;
}

LogicalResult
mlir::ptq::runStructuredLoop(Operation *op, const EvaluationFrame &frame,
                             const ElementwiseProgram &program,
                             IterationSpace space, ArrayRef<TensorValue> inputs,
                             MutableArrayRef<TensorValue> outputs) {
  if (space.isEmpty())
    return success();
  demoteReductions(space, inputs.size());
  // Bodies that ask for the index of a loop need the loops as they are.
  if (program.getIndexRegisters().empty())
    space.simplify();

  size_t capacity = 1;
  for (int64_t size : space.sizes)
    capacity =
        std::max(capacity,
                 std::min(static_cast<size_t>(size),
                          static_cast<size_t>(ElementwiseProgram::kBlockSize)));
  FailureOr<ElementwiseProgramState> state =
      ElementwiseProgramState::create(program, frame, op, capacity);
  if (failed(state))
    return failure();
  StructuredLoop loop(program, space, *state);
  for (auto [index, input] : llvm::enumerate(inputs)) {
    TensorValue tensor = input;
    // Inputs are only read; the stream's type is shared with the outputs.
    loop.addStream(tensor, const_cast<char *>(input.getRawData().data()), index,
                   /*isOutput=*/false);
  }
  for (auto [index, output] : llvm::enumerate(outputs)) {
    if (failed(output.makeUnique()))
      return op->emitError("not enough memory for a result of type ")
             << output.getType();
    loop.addStream(output, output.getMutableRawData().data(),
                   inputs.size() + index, /*isOutput=*/true);
  }
  return loop.run();
}

LogicalResult mlir::ptq::runStructuredRegion(
    linalg::LinalgOp op, EvaluationFrame &frame, const IterationSpace &space,
    ArrayRef<TensorValue> inputs, MutableArrayRef<TensorValue> outputs) {
  if (space.isEmpty())
    return success();
  for (TensorValue &output : outputs)
    if (failed(output.makeUnique()))
      return op->emitError("not enough memory for a result of type ")
             << output.getType();
  auto loops = llvm::to_vector(llvm::seq<unsigned>(0, space.getNumLoops()));
  LoopCounter counter(space, loops);
  Region &body = op->getRegion(0);
  Type indexType = IndexType::get(op->getContext());
  auto offsetOf = [&](unsigned index, const TensorValue &tensor) {
    return (space.accesses[index].offset + counter.getOffset(index)) *
           static_cast<int64_t>(tensor.getElementByteSize());
  };
  // The element of `tensor` at the current iteration, as a scalar.
  auto readElement = [&](unsigned index, const TensorValue &tensor) {
    TensorValue scalar = TensorValue::allocateUninitialized(
        RankedTensorType::get({}, tensor.getElementType()));
    if (scalar)
      std::memcpy(scalar.getMutableRawData().data(),
                  tensor.getRawData().data() + offsetOf(index, tensor),
                  tensor.getElementByteSize());
    return scalar;
  };
  do {
    SmallVector<TensorValue> arguments;
    for (auto [index, tensor] : llvm::enumerate(inputs))
      arguments.push_back(readElement(index, tensor));
    for (auto [index, tensor] : llvm::enumerate(outputs))
      arguments.push_back(readElement(inputs.size() + index, tensor));
    body.walk([&](linalg::IndexOp index) {
      if (index->getParentOp() == op)
        frame.set(index, TensorValue::fromScalar<int64_t>(
                             indexType, counter.getIndex(index.getDim())));
    });
    FailureOr<SmallVector<TensorValue>> results =
        frame.evaluateRegion(body, arguments);
    if (failed(results))
      return failure();
    for (auto [index, tensor, result] : llvm::enumerate(outputs, *results))
      std::memcpy(tensor.getMutableRawData().data() +
                      offsetOf(inputs.size() + index, tensor),
                  result.getRawData().data(), tensor.getElementByteSize());
  } while (counter.next());
  return success();
}
