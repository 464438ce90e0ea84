#include "rig/evidence/run_folder.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sodium.h>

#include <system_error>

#include "rig/core/error.h"

namespace rig {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kSuffixes = 0x10000;  // four hex digits
constexpr int kTries = 100;                   // so many runs in one second are not meant

[[noreturn]] void cannot_create(const fs::path& path, const std::error_code& error) {
  throw InputError(path.string() + ": cannot create: " + error.message());
}

}  // namespace

RunFolder create_run_folder(const fs::path& runs, std::uint64_t free_needed,
                            std::chrono::system_clock::time_point now) {
  std::error_code error;
  fs::create_directories(runs, error);
  if (error) cannot_create(runs, error);
  require_free_space(runs, free_needed);

  const std::tm utc = fmt::gmtime(std::chrono::system_clock::to_time_t(now));
  for (int i = 0; i < kTries; ++i) {
    RunFolder run;
    run.id = fmt::format("{:%Y%m%dT%H%M%SZ}-{:04x}", utc, randombytes_uniform(kSuffixes));
    run.started_utc = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", utc);
    run.path = runs / run.id;
    const bool made = fs::create_directory(run.path, error);
    if (error) cannot_create(runs, error);
    if (!made) continue;
    fs::create_directory(run.path / "captures", error);
    if (error) cannot_create(run.path, error);
    return run;
  }
  throw InputError(runs.string() + ": cannot create: every name of this second is taken");
}

void require_free_space(const fs::path& folder, std::uint64_t bytes) {
  std::error_code error;
  const fs::space_info space = fs::space(folder, error);
  if (error) throw InputError(folder.string() + ": " + error.message());
  if (space.available >= bytes) return;
  constexpr std::uint64_t kMega = 1'000'000;
  throw InputError(fmt::format("{}: {} MB free, {} MB needed", folder.string(),
                               space.available / kMega, (bytes + kMega - 1) / kMega));
}

}  // namespace rig
