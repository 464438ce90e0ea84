#include "rig/evidence/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include "tests/evidence/drawn.h"

namespace rig {
namespace {

using testing::thrown;
class FilesTest : public testing::InFolder {};

TEST_F(FilesTest, HashesLikeTheStandardSays) {  // FIPS 180-4, the example "abc"
  const std::string expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  EXPECT_EQ(sha256_hex("abc"), expected);
  write_file(folder_ / "abc", "abc");
  EXPECT_EQ(sha256_of_file(folder_ / "abc"), expected);
}

TEST_F(FilesTest, HashesAFileOfManyPiecesLikeTheWhole) {
  const std::string bytes(300'001, 'x');
  write_file(folder_ / "long", bytes);
  EXPECT_EQ(read_file(folder_ / "long"), bytes);
  EXPECT_EQ(sha256_of_file(folder_ / "long"), sha256_hex(bytes));
}

TEST_F(FilesTest, NamesTheMissingFile) {
  const auto file = folder_ / "none";
  EXPECT_EQ(thrown<RigError>([&] { read_file(file); }),
            file.string() + ": No such file or directory");
}

TEST_F(FilesTest, LeavesNothingBehindWhenNotClosed) {
  {
    FileWriter file(folder_ / "half");
    file.append("half");
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(FilesTest, LeavesASymbolicLinkAndWritesItsTarget) {
  write_file((folder_ / "target"), "before");
  std::filesystem::create_symlink((folder_ / "target"), (folder_ / "link"));
  write_file((folder_ / "link"), "after");
  EXPECT_TRUE(std::filesystem::is_symlink((folder_ / "link")));
  EXPECT_EQ(read_file((folder_ / "target")), "after");
}

TEST_F(FilesTest, WritesIntoAPipeAsItIs) {
  ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  const int reader = ::open((folder_ / "pipe").c_str(), O_RDONLY | O_NONBLOCK);
  ASSERT_GE(reader, 0);
  write_file((folder_ / "pipe"), "through");
  std::array<char, 16> got{};
  EXPECT_EQ(::read(reader, got.data(), got.size()), 7);
  ::close(reader);
  EXPECT_EQ(std::string(got.data()), "through");
  EXPECT_EQ(std::filesystem::status((folder_ / "pipe")).type(), std::filesystem::file_type::fifo);
}

}  // namespace
}  // namespace rig
