#include "cpu/graph_recorder.h"

#include <algorithm>
#include <numeric>

namespace xllm::cpu {
namespace {

// Activations of a panel stay in L2 beside a chunk of weights and the outputs it gives.
constexpr int64_t kPanelBytes = 384 << 10;
constexpr int64_t kPanelRows = 8 * kPanelTokens;  // row panels are multiples of this
constexpr int64_t kChunkBytes = 128 << 10;

bool is_swiglu(const LinearGroup& group) { return group.swiglu != nullptr; }

}  // namespace

GraphRecorder::GraphRecorder(const CpuProgram& program)
    : program_(program), threads_(program.backend_.pool().threads()) {
  for (const PlanItem& item : program_.plan_) last_attention_ = std::max(last_attention_, item.attention);
}

std::unique_ptr<StepGraph> GraphRecorder::record(const GraphKey& key) {
  graph_ = std::make_unique<StepGraph>();
  graph_->key = key;
  graph_->calls.resize(threads_);
  hazards_ = {};
  quantised_[0] = quantised_[1] = -1;
  counters_ = 0;
  for (const PlanItem& item : key.few ? program_.few_plan_ : program_.plan_) {
    if (item.op != nullptr) {
      op(item);
    } else {
      group(item.group);
    }
  }
  graph_->counters = std::vector<Counter>(counters_);
  return std::move(graph_);
}

// A barrier goes before the call of every thread when its uses need one. An attention always has one: cancel is read there.
void GraphRecorder::begin(Call& call, const std::vector<Hazards::Use>& uses, bool cancel) {
  if (cancel || hazards_.conflict(uses)) {
    call.wait = cancel ? Wait::kCancel : Wait::kBarrier;
    hazards_.barrier();
    ++graph_->barriers;
  }
  for (const Hazards::Use& use : uses) {
    hazards_.note(use);
    if (use.written) invalidate(use.thing);
  }
}

void GraphRecorder::emit(Call call, const std::vector<Hazards::Use>& uses, bool cancel) {
  begin(call, uses, cancel);
  for (auto& calls : graph_->calls) calls.push_back(call);
}

void GraphRecorder::invalidate(int32_t buffer) {
  for (int32_t& holds : quantised_) {
    if (holds == buffer) holds = -1;
  }
}

int64_t GraphRecorder::rows_cap(int32_t buffer) const {
  return program_.memory_.buffers[buffer].token_rows ? graph_->key.tokens : graph_->key.outputs;
}

void GraphRecorder::op(const PlanItem& item) {
  const xllm_op& op = *item.op;
  if (rows_cap(op.out[0]) == 0) return;
  for (const Stage& stage : stages_of(program_.spec, op, item.attention)) {
    Call call;
    call.run = &CpuProgram::call_stage;
    call.stage = stage;
    Division d = stage.division;
    switch (stage.kind) {
      case StageKind::kEmbed: emit(call, {{op.out[0], d, true}}); break;
      case StageKind::kRope: emit(call, {{op.out[0], d, true}}); break;
      case StageKind::kStoreKv:
        if (item.stores_kv) emit(call, {{op.in[1], d, false}, {op.in[2], d, false}, {kv(op.i[0]), d, true}});
        break;
      case StageKind::kAttention:
        // With no wanted rows a step is done when the last layer's K and V are written.
        if (graph_->key.few && graph_->key.outputs == 0 && item.attention == last_attention_) break;
        emit(call, {{op.in[0], d, false}, {kv(op.i[0]), d, false}, {op.out[0], d, true}}, true);
        break;
      case StageKind::kSwiglu:
      case StageKind::kAdd: emit(call, {{op.in[0], d, false}, {op.in[1], d, false}, {op.out[0], d, true}}); break;
      default: emit(call, {{op.in[0], d, false}, {op.out[0], d, true}}); break;
    }
  }
}

// The area that a quantised result goes to: the one its own activations are not read from.
int GraphRecorder::result_area(const LinearGroup& group) const { return quantised_[0] == group.activations() ? 1 : 0; }

void GraphRecorder::group(const LinearGroup& group) {
  const ProgramMemory& memory = program_.memory_;
  int64_t rows = rows_cap(group.activations());
  if (rows == 0) return;
  bool needs_floats = group.floats && (group.gather != nullptr || group.norm != nullptr);
  bool ready = group.gather == nullptr && group.norm == nullptr &&
               (!group.ints || quantised_[0] == group.activations() || quantised_[1] == group.activations());
  bool own = !ready && rows <= ProgramMemory::kOwnRows;
  int area = quantised_[1] == group.activations() ? 1 : 0;
  if (!ready) prepare(group, own, area);

  const ProgramBuffer& in = memory.buffers[group.activations()];
  LinearArgs base{};
  base.x = in.row(0);
  base.x_stride = in.stride;
  if (own && needs_floats) base.x_stride = memory.own_stride;
  if (group.ints) base.acts = reinterpret_cast<const ActPanel*>(memory.quantised[area].data());

  GroupCall& call = graph_->groups.emplace_back();
  call.group = &group;
  call.token_rows = in.token_rows;
  call.width = program_.spec.buffers[group.activations()].width;
  if (group.quantised_result) {
    call.result = reinterpret_cast<ActPanel*>(memory.quantised[own ? 0 : result_area(group)].data());
  }
  units_stage(group, call, own, base);
}

// Gathers, norms and quantises the rows that the group starts from.
void GraphRecorder::prepare(const LinearGroup& group, bool own, int area) {
  const ProgramMemory& memory = program_.memory_;
  const ProgramBuffer& out = memory.buffers[group.activations()];
  bool moved = group.gather != nullptr || group.norm != nullptr;
  GroupCall& shape = graph_->groups.emplace_back();
  shape.group = &group;
  shape.token_rows = out.token_rows;
  shape.width = program_.spec.buffers[group.activations()].width;
  Call call;
  call.run = &CpuProgram::call_prepare;
  call.group = &shape;
  call.prepared.own = own;
  Division rows = rows_of(program_.spec, group.activations());
  Hazards::Use input = {group.input(), own || group.gather != nullptr ? Division::kOther : rows, false};
  if (own) {
    emit(call, {input});
    for (int32_t t = 0; t < threads_; ++t) {
      Prepared& to = graph_->calls[t].back().prepared;
      if (moved) to.floats = memory.threads[t].floats.floats(), to.float_stride = memory.own_stride;
      if (group.ints) to.acts = reinterpret_cast<ActPanel*>(memory.threads[t].acts.data());
    }
    return;
  }
  if (group.ints) call.prepared.acts = reinterpret_cast<ActPanel*>(memory.quantised[area].data());
  if (moved && group.floats) call.prepared.floats = out.row(0), call.prepared.float_stride = out.stride;
  if (moved && group.floats && group.ints) {
    emit(call, {input, {group.activations(), rows, true}, {quants(area), rows, true}});
  } else if (group.ints) {
    emit(call, {input, {quants(area), rows, true}});
  } else {
    emit(call, {input, {group.activations(), rows, true}});
  }
  if (moved && !group.floats) {
    for (int32_t t = 0; t < threads_; ++t) graph_->calls[t].back().prepared.floats = memory.threads[t].floats.floats();
  }
  if (group.ints) quantised_[area] = group.activations();
}

void GraphRecorder::units_stage(const LinearGroup& group, GroupCall& call, bool own, const LinearArgs& base) {
  std::vector<Unit> units = units_of(group);
  int64_t rows = rows_cap(group.activations());
  bool dynamic = !own && rows > kStaticRows;
  bool moved = group.gather != nullptr || group.norm != nullptr;

  Hazards::Use acts = {quants(quantised_[1] == group.activations() ? 1 : 0), Division::kOther, false};
  Hazards::Use floats = {group.activations(), Division::kOther, false};
  std::vector<Hazards::Use> uses;
  if (!own && group.ints) uses.push_back(acts);
  if (group.floats && !(own && moved)) uses.push_back(floats);
  for (const xllm_op* linear : group.linears) uses.push_back({linear->out[0], Division::kOther, true});
  if (group.attention != nullptr) uses.push_back({kv(group.attention->i[0]), Division::kOther, true});
  if (is_swiglu(group)) uses.push_back({group.swiglu->out[0], Division::kOther, true});
  int area = call.result == reinterpret_cast<ActPanel*>(program_.memory_.quantised[0].data()) ? 0 : 1;
  if (call.result != nullptr) uses.push_back({quants(area), Division::kOther, true});

  Call step;
  step.run = &CpuProgram::call_chunk;
  step.group = &call;
  begin(step, uses, false);
  if (call.result != nullptr) quantised_[area] = group.swiglu->out[0];

  if (dynamic) {
    int64_t bytes = std::accumulate(units.begin(), units.end(), int64_t{0}, [](int64_t n, const Unit& u) { return n + u.bytes; });
    int64_t parts = std::clamp<int64_t>(bytes / kChunkBytes, threads_, static_cast<int64_t>(units.size()));
    std::vector<size_t> borders = split(units, parts);
    for (size_t c = 0; c + 1 < borders.size(); ++c) {
      call.chunks.push_back(chunk_of(group, units, borders[c], borders[c + 1], base));
    }
    int64_t row_bytes = group.ints ? act_panels(kPanelRows, call.width) * static_cast<int64_t>(sizeof(ActPanel)) / kPanelRows
                                   : call.width * 4;
    call.panel = std::max<int64_t>(kPanelBytes / row_bytes / kPanelRows, 1) * kPanelRows;
    call.counter = counters_++;
    step.run = &CpuProgram::call_dynamic;
    for (auto& calls : graph_->calls) calls.push_back(step);
    return;
  }
  std::vector<size_t> borders = split(units, threads_);
  for (int32_t t = 0; t < threads_; ++t) {
    LinearArgs mine = base;
    const ThreadMemory& memory = program_.memory_.threads[t];
    if (own && group.ints) mine.acts = reinterpret_cast<const ActPanel*>(memory.acts.data());
    if (own && moved && group.floats) mine.x = memory.floats.floats();
    graph_->own_chunks.push_back(chunk_of(group, units, borders[t], borders[t + 1], mine));
    step.chunk = &graph_->own_chunks.back();
    graph_->calls[t].push_back(step);
  }
}

void GraphRecorder::add_heads(std::vector<Unit>& units, int32_t linear, int32_t heads, int32_t dim,
                              int64_t tile_bytes) const {
  int32_t step = kLanes / std::gcd(dim, kLanes);  // heads that end on a tile's border
  for (int32_t head = 0; head < heads; head += step) {
    int32_t end = std::min(head + step, heads);
    int64_t first = int64_t{head} * dim / kLanes, last = (int64_t{end} * dim + kLanes - 1) / kLanes;
    units.push_back({linear, first, last, head, end, (last - first) * tile_bytes});
  }
}

std::vector<GraphRecorder::Unit> GraphRecorder::units_of(const LinearGroup& group) const {
  std::vector<Unit> units;
  auto matrix = [&](int n) -> const PackedMatrix& { return program_.weight(group.linears[n]->weight[0]).matrix(); };
  if (group.attention != nullptr) {
    const xllm_op& a = *group.attention;
    add_heads(units, 0, a.i[1], a.i[3], matrix(0).tile_bytes);
    add_heads(units, 1, a.i[2], a.i[3], matrix(1).tile_bytes + matrix(2).tile_bytes);
    return units;
  }
  if (is_swiglu(group)) {
    int64_t step = group.quantised_result ? kBlock / kLanes : 1, bytes = matrix(0).tile_bytes + matrix(1).tile_bytes;
    for (int64_t t = 0; t < matrix(0).tiles; t += step) {
      int64_t end = std::min(t + step, matrix(0).tiles);
      units.push_back({0, t, end, 0, 0, (end - t) * bytes});
    }
    return units;
  }
  for (size_t n = 0; n < group.linears.size(); ++n) {
    const PackedMatrix& m = matrix(static_cast<int>(n));
    // Kernels take tiles in pairs.
    for (int64_t t = 0; t < m.tiles; t += 2) {
      int64_t end = std::min(t + 2, m.tiles);
      units.push_back({static_cast<int32_t>(n), t, end, 0, 0, (end - t) * m.tile_bytes});
    }
  }
  return units;
}

// Borders of `parts` runs of units of about the same number of bytes.
std::vector<size_t> GraphRecorder::split(const std::vector<Unit>& units, int64_t parts) const {
  int64_t total = 0, sum = 0;
  for (const Unit& unit : units) total += unit.bytes;
  std::vector<size_t> borders = {0};
  for (size_t u = 0; u < units.size(); ++u) {
    // The middle of a unit decides to which side of a border it belongs.
    int64_t middle = sum + units[u].bytes / 2;
    while (static_cast<int64_t>(borders.size()) < parts &&
           middle * parts >= total * static_cast<int64_t>(borders.size())) {
      borders.push_back(u);
    }
    sum += units[u].bytes;
  }
  borders.resize(parts + 1, units.size());
  return borders;
}

Chunk GraphRecorder::chunk_of(const LinearGroup& group, const std::vector<Unit>& units, size_t begin, size_t end,
                              const LinearArgs& base) const {
  Chunk chunk;
  if (begin == end) return chunk;
  if (is_swiglu(group)) {
    Unit all = units[begin];
    all.tile_end = units[end - 1].tile_end;
    extend(chunk, group, 0, all, base);
    extend(chunk, group, 1, all, base);
    chunk.column_begin = all.tile_begin * kLanes;
    chunk.column_end = all.tile_end * kLanes;
    return chunk;
  }
  for (size_t u = begin; u < end;) {
    Unit run = units[u];
    for (++u; u < end && units[u].linear == run.linear; ++u) {
      run.tile_end = units[u].tile_end;
      run.head_end = units[u].head_end;
    }
    extend(chunk, group, run.linear, run, base);
    if (group.attention == nullptr) continue;
    if (run.linear == 0) {
      chunk.q_begin = run.head_begin, chunk.q_end = run.head_end;
    } else {
      extend(chunk, group, 2, run, base);
      chunk.kv_begin = run.head_begin, chunk.kv_end = run.head_end;
    }
  }
  return chunk;
}

void GraphRecorder::extend(Chunk& chunk, const LinearGroup& group, int32_t linear, const Unit& unit,
                           const LinearArgs& base) const {
  const xllm_op& op = *group.linears[linear];
  const ProgramBuffer& out = program_.memory_.buffers[op.out[0]];
  LinearArgs args = base;
  args.weight = &program_.weight(op.weight[0]).matrix();
  if (!int_activations(program_.spec, op)) args.acts = nullptr;
  args.out = out.row(0);
  args.out_stride = out.stride;
  if (op.out[0] == program_.spec.logits && program_.direct_logits_) args.out = nullptr;
  args.bias = op.weight[1] >= 0 ? program_.weight(op.weight[1]).vector() : nullptr;
  args.add = (op.flags & XLLM_LINEAR_ADD) != 0;
  args.tile_begin = unit.tile_begin;
  args.tile_end = unit.tile_end;
  chunk.linears.push_back(args);
}

}  // namespace xllm::cpu
