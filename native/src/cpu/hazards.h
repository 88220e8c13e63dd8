#ifndef XLLM_CPU_HAZARDS_H_
#define XLLM_CPU_HAZARDS_H_

#include <map>
#include <vector>

#include "cpu/stage_plan.h"

namespace xllm::cpu {

// Finds where threads must wait: a stage that touches what another division of work wrote, or writes what it read, since
// the last barrier. Things (buffers, quantised copies, KV layers) are numbers that the caller gives.
class Hazards {
 public:
  struct Use {
    int thing;
    Division division;
    bool written;
  };

  // True when a use meets an earlier one of another division, one of the two writing.
  bool conflict(const std::vector<Use>& uses) const {
    for (const Use& use : uses) {
      if (conflicts(use)) return true;
    }
    return false;
  }
  void note(const Use& use) { uses_.insert({use.thing, use}); }
  void barrier() { uses_.clear(); }

 private:
  bool conflicts(const Use& use) const {
    auto [begin, end] = uses_.equal_range(use.thing);
    for (auto earlier = begin; earlier != end; ++earlier) {
      bool same_rows = earlier->second.division == use.division && use.division != Division::kOther;
      if ((use.written || earlier->second.written) && !same_rows) return true;
    }
    return false;
  }
  std::multimap<int, Use> uses_;  // since the last barrier
};

}  // namespace xllm::cpu

#endif  // XLLM_CPU_HAZARDS_H_
