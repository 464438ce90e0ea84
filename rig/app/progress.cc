#include "rig/app/progress.h"

#include "rig/evidence/text.h"

namespace rig {

void Progress::add(const std::string& id, Verdict verdict, const std::string& reason) {
  ++done_;
  if (verdict != Verdict::kPass) ++not_passed_;
  const std::string word(to_string(verdict));
  if (terminal_) {
    std::fputs("\r\x1b[K", out_);
    if (verdict != Verdict::kPass) {
      std::fprintf(out_, "%-12s %s\n             %s\n", word.c_str(), id.c_str(),
                   to_one_line(reason).c_str());
    }
    redraw();
    return;
  }
  std::fprintf(out_, "%zu/%zu %-12s %s%s%s\n", done_, total_, word.c_str(), id.c_str(),
               reason.empty() ? "" : ": ", to_one_line(reason).c_str());
  std::fflush(out_);
}

void Progress::redraw() {
  if (!terminal_) return;
  const double elapsed =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count();
  std::fprintf(out_, "\r\x1b[K%zu/%zu cases, %zu not passed", done_, total_, not_passed_);
  if (done_ > 0) {
    const double left = elapsed / static_cast<double>(done_) * static_cast<double>(total_ - done_);
    std::fprintf(out_, ", about %.0f s left", left);
  }
  std::fflush(out_);
}

void Progress::end() {
  if (terminal_) std::fputs("\r\x1b[K", out_);
  std::fflush(out_);
}

}  // namespace rig
