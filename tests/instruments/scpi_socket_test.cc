#include "rig/instruments/scpi_socket.h"

#include <gtest/gtest.h>

#include <string>

#include "rig/core/error.h"
#include "tests/instruments/scpi_server.h"
#include "tests/instruments/talker.h"

namespace rig {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLong(2000);
constexpr milliseconds kShort(60);

class SocketTest : public testing::Test {
 protected:
  fake::Talker talker_;
  fake::ScpiServer server_{talker_};
  std::unique_ptr<ScpiLink> link_ =
      open_scpi_socket(read_socket_address(server_.address()), within(kLong));

  std::string ask(std::string_view query, milliseconds time = kLong) {
    try {
      return ask_text(*link_, query, within(time));
    } catch (const RigError& error) {
      const std::string words = error.what();
      EXPECT_TRUE(words.starts_with(link_->where())) << words;
      return words.substr(link_->where().size());
    }
  }
  void TearDown() override { link_.reset(); }
};

TEST_F(SocketTest, ReadsTextsAndBlocksWhateverThePieces) {
  const std::string block = "#210ab\ncd\r\nef\n";
  talker_.says["DATA?"] = block + "\n";
  talker_.says["EMPTY?"] = "#9000000000\n";
  talker_.says["CR?"] = "1.5\r\n";
  for (const bool dribbles : {false, true}) {
    server_.dribbles = dribbles;
    EXPECT_EQ(ask("*IDN?"), talker_.idn);
    EXPECT_EQ(ask("DATA?"), block);
    EXPECT_EQ(ask("EMPTY?"), "#9000000000");
    EXPECT_EQ(ask("CR?"), "1.5");
  }
}

TEST_F(SocketTest, AnAnswerThatComesTooLateIsNeverTakenForTheNext) {
  server_.swallow = 1;
  EXPECT_EQ(ask("*IDN?", kShort), "*IDN?: no answer in time; connection closed");
  EXPECT_EQ(ask("*IDN?"), talker_.idn) << "connected again";
}

TEST_F(SocketTest, ACutConnectionIsAnErrorAndIsMadeAgain) {
  talker_.says["DATA?"] = "#210abcdefghij\n";
  server_.cut_at = 5;
  EXPECT_EQ(ask("DATA?"), "DATA?: End of file; connection closed");
  EXPECT_EQ(ask("DATA?"), "#210abcdefghij");
}

TEST_F(SocketTest, MoreThanWasAskedForIsAnError) {
  server_.babbles = true;
  EXPECT_EQ(ask("*IDN?"), "*IDN?: more came than was asked for; connection closed");
  EXPECT_EQ(ask("*IDN?"), talker_.idn);
  talker_.says["DATA?"] = "#15helloX\n";
  EXPECT_EQ(ask("DATA?"),
            "DATA?: the block of 5 bytes is not followed by a line end; connection closed");
}

TEST(SocketAddress, IsAHostWithOrWithoutAPort) {
  EXPECT_EQ(read_socket_address("scope.lan").port, "5555");
  EXPECT_EQ(read_socket_address("192.168.1.5:5025").port, "5025");
  for (const char* text :
       {"", ":5555", "host:", "host:abc", "host:123456", "host:65536", "host:0"}) {
    EXPECT_THROW(read_socket_address(text), InputError) << text;
  }
}

TEST(SocketAddress, NobodyThereIsAnError) {
  try {
    open_scpi_socket({.host = "127.0.0.1", .port = "1"}, within(kLong));
    FAIL();
  } catch (const RigError& error) {
    EXPECT_STREQ(error.what(), "tcp 127.0.0.1:1: connect: Connection refused");
  }
}

}  // namespace
}  // namespace rig
