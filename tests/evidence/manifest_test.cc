#include "rig/evidence/manifest.h"

#include "rig/evidence/files.h"
#include "tests/evidence/drawn.h"

namespace rig {
namespace {

using testing::thrown;

class ManifestTest : public testing::InFolder {
 protected:
  ManifestTest() {
    std::filesystem::create_directory(folder_ / "captures");
    write_file(folder_ / "record.json", "{}");
    write_file(folder_ / "captures" / "0001-a.h5", "a");
    write_manifest(folder_);
  }
};

TEST_F(ManifestTest, ListsEveryFileButItselfSortedByPath) {
  EXPECT_EQ(read_file(folder_ / "manifest"),
            sha256_hex("a") + "  captures/0001-a.h5\n" + sha256_hex("{}") + "  record.json\n");
}

TEST_F(ManifestTest, IsCheckedByTheCommonTool) {
  const std::string check = "cd " + folder_.string() + " && sha256sum --strict --check manifest";
  EXPECT_EQ(testing::run_command(check).exit_code, 0);
  write_file(folder_ / "record.json", "{ }");
  EXPECT_NE(testing::run_command(check).exit_code, 0);
}

TEST_F(ManifestTest, FindsNothingWhenNothingChanged) {
  EXPECT_TRUE(check_manifest(folder_).empty());
}

TEST_F(ManifestTest, NamesWhatChangedIsMissingOrTooMuch) {
  write_file(folder_ / "record.json", "{ }");
  std::filesystem::remove(folder_ / "captures" / "0001-a.h5");
  write_file(folder_ / "captures" / "0002-b.h5", "b");
  EXPECT_EQ(check_manifest(folder_),
            (std::vector<std::string>{"extra: captures/0002-b.h5", "changed: record.json",
                                      "missing: captures/0001-a.h5"}));
}

TEST_F(ManifestTest, DoesNotTakeALinkForTheFile) {
  std::filesystem::rename(folder_ / "record.json", folder_.string() + ".elsewhere");
  std::filesystem::create_symlink(folder_.string() + ".elsewhere", folder_ / "record.json");
  EXPECT_EQ(check_manifest(folder_), std::vector<std::string>{"extra: record.json"});
  EXPECT_EQ(thrown<RigError>([&] { write_manifest(folder_); }),
            (folder_ / "record.json").string() + ": not a plain file of a run");
  std::filesystem::remove(folder_.string() + ".elsewhere");
}

TEST_F(ManifestTest, NamesTheLineThatIsNotOne) {
  for (const std::string line : {"", "abc  file", "  "}) {
    write_file(folder_ / "manifest", sha256_hex("") + "  a\n" + line + "\n");
    EXPECT_EQ(thrown<RigError>([&] { check_manifest(folder_); }),
              (folder_ / "manifest").string() + ":2: expected '<sha256>  <path>', each path once");
  }
  write_file(folder_ / "manifest", sha256_hex("") + "  a");
  EXPECT_NE(thrown<RigError>([&] { check_manifest(folder_); }), "") << "cut short";
}

}  // namespace
}  // namespace rig
