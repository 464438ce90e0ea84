#include "rig/evidence/run_folder.h"

#include <unistd.h>

#include <limits>
#include <set>

#include "rig/evidence/files.h"
#include "tests/evidence/drawn.h"

namespace rig {
namespace {

using testing::thrown;
using namespace std::chrono_literals;

const auto morning = std::chrono::system_clock::time_point(1795418100s);  // 2026-11-23 07:15 UTC

class RunFolderTest : public testing::InFolder {};

TEST_F(RunFolderTest, IsNamedAfterTheTimeAndHasRoomForCaptures) {
  const RunFolder run = create_run_folder(folder_ / "deep" / "runs", 0, morning);
  EXPECT_EQ(run.id.substr(0, 17), "20261123T071500Z-");
  EXPECT_EQ(run.id.find_first_not_of("0123456789abcdef", 17), std::string::npos) << run.id;
  EXPECT_EQ(run.id.size(), 21u);
  EXPECT_EQ(run.started_utc, "2026-11-23T07:15:00Z");
  EXPECT_EQ(run.path, folder_ / "deep" / "runs" / run.id);
  EXPECT_TRUE(std::filesystem::is_directory(run.path / "captures"));
}

TEST_F(RunFolderTest, IsNeverShared) {
  std::set<std::string> ids;
  for (int i = 0; i < 500; ++i) ids.insert(create_run_folder(folder_, 0, morning).id);
  EXPECT_EQ(ids.size(), 500u);
}

TEST_F(RunFolderTest, SaysInOneLineWhyItCannotBe) {
  write_file(folder_ / "runs", "a file in the way");
  const auto runs = folder_ / "runs" / "here";
  EXPECT_EQ(thrown<InputError>([&] { create_run_folder(runs, 0); }),
            runs.string() + ": cannot create: Not a directory");
}

TEST_F(RunFolderTest, SaysThatItMayNot) {
  constexpr uid_t kNobody = 65534;
  const uid_t self = ::geteuid();
  std::filesystem::create_directory(folder_ / "runs");
  std::filesystem::permissions(folder_ / "runs", std::filesystem::perms::owner_read |
                                                     std::filesystem::perms::owner_exec |
                                                     std::filesystem::perms::others_read |
                                                     std::filesystem::perms::others_exec);
  std::filesystem::permissions(folder_, std::filesystem::perms::all);
  const bool root = self == 0;  // may write anywhere
  ASSERT_TRUE(!root || ::seteuid(kNobody) == 0);
  const std::string error = thrown<InputError>([&] { create_run_folder(folder_ / "runs", 0); });
  ASSERT_TRUE(!root || ::seteuid(self) == 0);
  EXPECT_EQ(error, (folder_ / "runs").string() + ": cannot create: Permission denied");
}

TEST_F(RunFolderTest, WantsRoomForTheEvidence) {
  const std::string error = thrown<InputError>(
      [&] { create_run_folder(folder_, std::numeric_limits<std::uint64_t>::max() - 999'999); });
  EXPECT_TRUE(error.ends_with(" MB free, 18446744073709 MB needed")) << error;
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

}  // namespace
}  // namespace rig
