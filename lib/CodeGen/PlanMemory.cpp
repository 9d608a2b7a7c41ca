//===- PlanMemory.cpp - One workspace for all buffers of a call -----------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A buffer lives from the first to the last op of the function's body that
// touches it. Buffers are placed by descending size, each at the lowest offset
// that is free of all those placed before that live at the same time (greedy by
// size, Pisarchyk and Lee 2020: within a few percent of the largest sum of
// buffers alive on networks of inference).
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/Transforms/BufferViewFlowAnalysis.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/LoopLikeInterface.h"
#include "mlir/Support/DebugStringHelper.h"
#include "ptq/CodeGen/Passes.h"
#include "ptq/CodeGen/TargetDescription.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Interpreter/TensorValue.h"
#include "llvm/Support/CheckedArithmetic.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::ptq;

namespace mlir::ptq {
#define GEN_PASS_DEF_PLANMEMORYPASS
#include "ptq/CodeGen/Passes.h.inc"
} // namespace mlir::ptq

/// No machine has more; sums of so many bytes do not overflow.
static constexpr int64_t kMaxBufferBytes = int64_t{1} << 48;

/// Of a buffer that the iterations of a loop have each; more are no threads.
static constexpr int64_t kMaxPlaces = 1024;

namespace {

/// A buffer that gets a place in the workspace.
struct PlannedBuffer {
  memref::AllocOp alloc;
  /// The size of a place, and of all places.
  int64_t placeBytes, numBytes;
  /// The numbers of the first and the last op of the body that touch it.
  int64_t first, last;
  int64_t offset = 0;

  bool livesWith(const PlannedBuffer &other) const {
    return first <= other.last && other.first <= last;
  }
  int64_t getEnd() const { return offset + numBytes; }
};

/// Finds the buffers of a function that can be planned, and when they live.
class BufferLifetimes {
public:
  explicit BufferLifetimes(func::FuncOp function)
      : body(function.getBody().front()), flow(function) {
    for (auto [number, op] : llvm::enumerate(body))
      numbers[&op] = number;
  }

  /// The buffer of `alloc`, or why it stays on the heap.
  FailureOr<PlannedBuffer> get(memref::AllocOp alloc, StringRef &why) const;

private:
  /// The number of the op of the body that holds `op`.
  int64_t getNumber(Operation *op) const {
    return numbers.lookup(body.findAncestorOpInBlock(*op));
  }

  Block &body;
  BufferViewFlowAnalysis flow;
  llvm::DenseMap<Operation *, int64_t> numbers;
};

} // namespace

/// The size of a buffer of `type`, rounded up so that the next one is aligned;
/// nothing if it is not known or too large.
static std::optional<int64_t> getPlannedBytes(MemRefType type) {
  std::optional<unsigned> elementBytes =
      getElementByteSize(type.getElementType());
  if (!type.hasStaticShape() || !type.getLayout().isIdentity() || !elementBytes)
    return std::nullopt;
  std::optional<int64_t> bytes = *elementBytes;
  for (int64_t size : type.getShape())
    if (bytes)
      bytes = llvm::checkedMul<int64_t>(*bytes, size);
  if (!bytes || *bytes > kMaxBufferBytes)
    return std::nullopt;
  return static_cast<int64_t>(llvm::alignTo(*bytes, kBufferAlignment));
}

/// The loop around `alloc` whose iterations may run at the same time, if any.
static Operation *getParallelLoop(Operation *op) {
  return op->getParentWithTrait<OpTrait::HasParallelRegion>();
}

/// How many buffers of `alloc` are in use at the same time; nothing if that is
/// not known or too many.
static std::optional<int64_t> getNumPlaces(memref::AllocOp alloc) {
  Operation *parent = getParallelLoop(alloc);
  if (!parent)
    return 1;
  auto loop = dyn_cast<scf::ForallOp>(parent);
  if (!loop || getParallelLoop(loop) || loop.getRank() != 1 ||
      !loop.isNormalized())
    return std::nullopt;
  std::optional<int64_t> number =
      getConstantIntValue(loop.getMixedUpperBound().front());
  if (!number || *number < 1 || *number > kMaxPlaces)
    return std::nullopt;
  return number;
}

FailureOr<PlannedBuffer> BufferLifetimes::get(memref::AllocOp alloc,
                                              StringRef &why) const {
  std::optional<int64_t> bytes = getPlannedBytes(alloc.getType());
  if (!bytes) {
    why = "its size is not known before the call, or is too large";
    return failure();
  }
  std::optional<int64_t> places = getNumPlaces(alloc);
  if (!places || *bytes * *places > kMaxBufferBytes) {
    why = "it is not known how many of it are in use at once, or these are too "
          "large";
    return failure();
  }
  PlannedBuffer buffer{alloc, *bytes, *bytes * *places, getNumber(alloc),
                       getNumber(alloc)};
  bool isUsed = false;
  for (Value alias : flow.resolve(alloc.getResult()))
    for (Operation *user : alias.getUsers()) {
      // The next iteration has a buffer of its own while this one still lives.
      if (user->hasTrait<OpTrait::IsTerminator>() &&
          !isa<func::ReturnOp>(user) &&
          isa<LoopLikeOpInterface>(user->getParentOp())) {
        why = "a loop hands it from one iteration to the next";
        return failure();
      }
      if (isa<func::ReturnOp, func::CallOp, memref::DeallocOp>(user)) {
        why = "another function or op takes care of it";
        return failure();
      }
      int64_t number = getNumber(user);
      buffer.first = isUsed ? std::min(buffer.first, number) : number;
      buffer.last = std::max(buffer.last, number);
      isUsed = true;
    }
  return buffer;
}

/// Gives every buffer its offset. Returns the size of the workspace.
static int64_t placeBuffers(MutableArrayRef<PlannedBuffer> buffers) {
  SmallVector<PlannedBuffer *> order = llvm::map_to_vector(
      buffers, [](PlannedBuffer &buffer) { return &buffer; });
  // Those of one size in the order of the program.
  llvm::sort(order, [](PlannedBuffer *a, PlannedBuffer *b) {
    return a->numBytes != b->numBytes ? a->numBytes > b->numBytes : a < b;
  });
  // Those with a place, by ascending offset.
  SmallVector<PlannedBuffer *> placed;
  int64_t numBytes = 0;
  for (PlannedBuffer *buffer : order) {
    buffer->offset = 0;
    for (PlannedBuffer *other : placed)
      if (other->livesWith(*buffer) && other->offset < buffer->getEnd())
        buffer->offset = std::max(buffer->offset, other->getEnd());
    auto position = llvm::upper_bound(placed, buffer,
                                      [](PlannedBuffer *a, PlannedBuffer *b) {
                                        return a->offset < b->offset;
                                      });
    placed.insert(position, buffer);
    numBytes = std::max(numBytes, buffer->getEnd());
  }
  return numBytes;
}

/// Tells of a buffer that a call still allocates.
static void remarkHeapBuffer(memref::AllocOp alloc, StringRef why) {
  remark::missed(
      alloc.getLoc(),
      remark::RemarkOpts::name("HeapBuffer").category("ptq-plan-memory"))
      << remark::reason("a call allocates a buffer of {0}: {1}",
                        debugString(alloc.getType()), why)
      << remark::suggest("fix the number of samples by samples=N");
}

namespace {

struct PlanMemoryPass : ptq::impl::PlanMemoryPassBase<PlanMemoryPass> {
  using Base::Base;

  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (function->hasAttr(kEntryAttrName) && !function.isExternal())
        planFunction(function);
  }

private:
  void planFunction(func::FuncOp function);
  void useWorkspace(func::FuncOp function, ArrayRef<PlannedBuffer> buffers,
                    int64_t numBytes);
};

} // namespace

void PlanMemoryPass::planFunction(func::FuncOp function) {
  auto signature = function->getAttrOfType<DictionaryAttr>(kSignatureAttrName);
  // Without a signature nobody could tell the caller what to bring, and with
  // several blocks the order of ops is not known.
  if (!signature || !function.getBody().hasOneBlock())
    return;
  BufferLifetimes lifetimes(function);
  SmallVector<PlannedBuffer> buffers;
  int64_t numLeft = 0;
  function.walk([&](memref::AllocOp alloc) {
    StringRef why;
    FailureOr<PlannedBuffer> buffer = lifetimes.get(alloc, why);
    if (succeeded(buffer)) {
      buffers.push_back(*buffer);
      return;
    }
    ++numLeft;
    remarkHeapBuffer(alloc, why);
  });
  // A caller that brings memory does so to have no allocation at all.
  if (numLeft > 0) {
    numHeapBuffers += numLeft + buffers.size();
    return;
  }
  if (buffers.empty())
    return;
  numPlannedBuffers += buffers.size();
  useWorkspace(function, buffers, placeBuffers(buffers));
}

/// Appends the workspace to the arguments of `function`, writes its size into
/// the signature, and puts views of it where the buffers were allocated.
void PlanMemoryPass::useWorkspace(func::FuncOp function,
                                  ArrayRef<PlannedBuffer> buffers,
                                  int64_t numBytes) {
  numWorkspaceBytes += numBytes;
  OpBuilder builder(function.getContext());
  auto type = MemRefType::get({numBytes}, builder.getI8Type());
  unsigned position = function.getNumArguments();
  DictionaryAttr noAttributes;
  if (failed(function.insertArgument(position, type, noAttributes,
                                     function.getLoc())))
    return;
  Value workspace = function.getArgument(position);
  for (const PlannedBuffer &buffer : buffers) {
    memref::AllocOp alloc = buffer.alloc;
    builder.setInsertionPoint(alloc);
    Value offset =
        arith::ConstantIndexOp::create(builder, alloc.getLoc(), buffer.offset);
    if (Operation *loop = getParallelLoop(alloc)) {
      Value number = cast<scf::ForallOp>(loop).getInductionVar(0);
      Value size = arith::ConstantIndexOp::create(builder, alloc.getLoc(),
                                                  buffer.placeBytes);
      Value place =
          arith::MulIOp::create(builder, alloc.getLoc(), number, size);
      offset = arith::AddIOp::create(builder, alloc.getLoc(), offset, place);
    }
    Value view = memref::ViewOp::create(builder, alloc.getLoc(),
                                        alloc.getType(), workspace, offset,
                                        /*sizes=*/ValueRange());
    alloc.replaceAllUsesWith(view);
    alloc.erase();
  }
  NamedAttrList completed(
      function->getAttrOfType<DictionaryAttr>(kSignatureAttrName));
  completed.set("workspace_bytes", builder.getI64IntegerAttr(numBytes));
  function->setAttr(kSignatureAttrName, completed.getDictionary(&getContext()));
}
