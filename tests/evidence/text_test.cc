#include "rig/evidence/text.h"

#include <gtest/gtest.h>

#include <random>

namespace rig {
namespace {

TEST(ToUtf8, LeavesUtf8AsItIs) {
  const std::string text = "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80 \x01 \\ \\y";
  EXPECT_EQ(to_utf8(text), text);
}

TEST(ToUtf8, EscapesWhatIsNot) {
  EXPECT_EQ(to_utf8("a\xff\xfe"), "a\\xff\\xfe");
  EXPECT_EQ(to_utf8("\xc0\xaf"), "\\xc0\\xaf") << "overlong";
  EXPECT_EQ(to_utf8("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "a surrogate";
  EXPECT_EQ(to_utf8("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80") << "above U+10FFFF";
  EXPECT_EQ(to_utf8("\xe2\x82"), "\\xe2\\x82") << "cut short";
}

TEST(ToUtf8, EscapesWhatLooksLikeAnEscape) { EXPECT_EQ(to_utf8("\\x41"), "\\x5cx41"); }

TEST(FromUtf8, BringsAnyBytesBack) {
  std::mt19937_64 random(1);
  constexpr std::string_view kAlphabet("\\x41f\xff\xc3\xa4\x00", 9);
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes;
    for (auto n = random() % 12; n > 0; --n) bytes += kAlphabet[random() % kAlphabet.size()];
    ASSERT_EQ(from_utf8(to_utf8(bytes)), bytes);
  }
}

TEST(ToXml, HasNoCharacterThatXmlForbids) {
  EXPECT_EQ(to_xml(std::string("\0\x08\x1b", 3)), "\\x00\\x08\\x1b");
  EXPECT_EQ(to_xml("\xef\xbf\xbe"), "\\xef\\xbf\\xbe") << "U+FFFE";
  EXPECT_EQ(to_xml("<a b=\"c\">&\n"), "&lt;a b=&quot;c&quot;&gt;&amp;&#10;");
}

TEST(ToOneLine, CannotSteerATerminal) {
  EXPECT_EQ(to_one_line("\x1b[2J\r\n\x7f"), "\\x1b[2J\\x0d\\x0a\\x7f");
  EXPECT_EQ(to_one_line("\xc2\x9b"), "\\xc2\\x9b") << "C1: a control sequence of one character";
}

}  // namespace
}  // namespace rig
