#include "api/border.h"
#include "core/checked.h"

using namespace xllm;

namespace {

void check_kv(const xllm_kv_desc& desc) {
  XLLM_CHECK(desc.type == XLLM_TYPE_F32 || desc.type == XLLM_TYPE_F16 || desc.type == XLLM_TYPE_Q8_0,
             "KV type %d; it must be F32 (0), F16 (1) or Q8_0 (8)", desc.type);
  int32_t t = desc.block_tokens;
  XLLM_CHECK(t == 8 || t == 16 || t == 32 || t == 64 || t == 128, "block_tokens is %d; it must be 8, 16, 32, 64 or 128",
             t);
  XLLM_CHECK(desc.layers > 0 && desc.layers <= 65536, "layers is %d; it must be 1 to 65536", desc.layers);
  XLLM_CHECK(desc.kv_heads > 0 && desc.kv_heads <= 65536, "kv_heads is %d; it must be 1 to 65536", desc.kv_heads);
  XLLM_CHECK(desc.head_dim > 0 && desc.head_dim <= 1024, "head_dim is %d; it must be 1 to 1024", desc.head_dim);
  XLLM_CHECK(desc.blocks > 0, "blocks is %d; it must be positive", desc.blocks);
  XLLM_CHECK(desc.mode == XLLM_KV_PLAIN || desc.mode == XLLM_KV_VIRTUAL, "mode is %d; it must be PLAIN (0) or VIRTUAL (1)",
             desc.mode);
  if (desc.mode == XLLM_KV_VIRTUAL) {
    XLLM_CHECK(desc.ranges > 0 && desc.ranges <= 65536, "ranges is %d; it must be 1 to 65536", desc.ranges);
    XLLM_CHECK(desc.range_blocks > 0 && desc.range_blocks <= (1 << 24), "range_blocks is %d; it must be 1 to %d",
               desc.range_blocks, 1 << 24);
  }
  XLLM_CHECK((desc.flags & ~XLLM_KV_SHARED) == 0, "flags is %d; only XLLM_KV_SHARED (1) is known", desc.flags);
  bool shared = (desc.flags & XLLM_KV_SHARED) != 0;
  XLLM_CHECK(desc.guest_blocks >= 0 && desc.guest_blocks <= (1 << 24) && (shared || desc.guest_blocks == 0),
             "guest_blocks is %d; it must be 0 to %d, and 0 unless SHARED", desc.guest_blocks, 1 << 24);
  XLLM_CHECK(desc.extra_bytes >= 0 && desc.extra_bytes <= (int64_t{1} << 40) && (shared || desc.extra_bytes == 0),
             "extra_bytes is %lld; it must be 0 to 2^40, and 0 unless SHARED", static_cast<long long>(desc.extra_bytes));
}

void check_mapping(const xllm_kv_mapping& m, const xllm_kv_info& pool, int32_t blocks, int32_t at) {
  XLLM_CHECK(m.range >= 0 && m.range < pool.ranges, "mapping %d: range %d is not in [0, %d)", at, m.range, pool.ranges);
  XLLM_CHECK(m.count > 0 && m.index >= 0 && m.index <= pool.range_blocks - m.count,
             "mapping %d: %d places from %d on; a range has %d", at, m.count, m.index, pool.range_blocks);
  XLLM_CHECK(m.block == -1 || (m.block >= 0 && m.block <= blocks - m.count),
             "mapping %d: blocks %d to %lld; they must be in [0, %d), or -1", at, m.block,
             static_cast<long long>(m.block) + m.count - 1, blocks);
}

}  // namespace

extern "C" {

xllm_status xllm_kv_create(xllm_device* device, const xllm_kv_desc* desc, xllm_kv** out) {
  return guard([&] {
    XLLM_CHECK(out != nullptr, "out is NULL");
    *out = nullptr;
    XLLM_CHECK(device != nullptr, "device is NULL");
    xllm_kv_desc checked = read_sized(desc, "desc");
    check_kv(checked);
    auto kv = std::make_unique<xllm_kv>();
    kv->pool = device->backend->create_kv(checked);
    *out = kv.release();
  });
}

void xllm_kv_destroy(xllm_kv* kv) { delete kv; }

uint64_t xllm_kv_bytes(const xllm_kv* kv) { return kv == nullptr ? 0 : kv->pool->bytes(); }

xllm_status xllm_kv_describe(xllm_kv* kv, xllm_kv_info* out) {
  return guard([&] {
    XLLM_CHECK(kv != nullptr, "kv is NULL");
    xllm_kv_info info = read_sized(out, "out");
    uint32_t size = info.size;
    kv->pool->describe(info);
    std::memcpy(out, &info, size);
  });
}

xllm_status xllm_kv_map(xllm_kv* kv, const xllm_kv_mapping* mappings, int32_t count, int32_t flags) {
  return guard([&] {
    XLLM_CHECK(kv != nullptr, "kv is NULL");
    XLLM_CHECK(count >= 0 && (count == 0 || mappings != nullptr), "%d mappings at %p", count,
               static_cast<const void*>(mappings));
    XLLM_CHECK((flags & ~XLLM_KV_MAP_AHEAD) == 0, "flags is %d; only XLLM_KV_MAP_AHEAD (1) is known", flags);
    xllm_kv_info pool{};
    kv->pool->describe(pool);
    for (int32_t i = 0; i < count && pool.mode == XLLM_KV_VIRTUAL; ++i) {
      check_mapping(mappings[i], pool, kv->pool->desc.blocks, i);
    }
    kv->pool->map(mappings, count, (flags & XLLM_KV_MAP_AHEAD) != 0);
  });
}

xllm_status xllm_kv_attach(xllm_kv* kv, int32_t file, int32_t first, int32_t count) {
  return guard([&] {
    XLLM_CHECK(kv != nullptr, "kv is NULL");
    const xllm_kv_desc& desc = kv->pool->desc;
    int64_t end = int64_t{desc.blocks} + desc.guest_blocks;
    XLLM_CHECK(file >= -1, "file is %d; it must be a descriptor, or -1", file);
    XLLM_CHECK(count > 0 && first >= desc.blocks && int64_t{first} + count <= end,
               "guests %d to %lld; they must be in [%d, %lld)", first, static_cast<long long>(first) + count - 1, desc.blocks,
               static_cast<long long>(end));
    kv->pool->attach(file, first, count);
  });
}

xllm_status xllm_kv_copy_block(xllm_kv* kv, int32_t from, int32_t to) {
  return guard([&] {
    XLLM_CHECK(kv != nullptr, "kv is NULL");
    XLLM_CHECK(kv->pool->has_block(from) && kv->pool->has_block(to), "blocks %d to %d; they must be in [0, %d), or attached",
               from, to, kv->pool->desc.blocks);
    if (from != to) kv->pool->copy_block(from, to);
  });
}
}
