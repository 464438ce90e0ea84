// The USBTMC reader and its ladder against a model that departs from the standard in every way that
// instruments are known to. Through the unmodified libusb, over the emulated usbfs.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "fixtures/devices/usbtmc_device.h"
#include "rig/core/error.h"
#include "rig/instruments/usbtmc.h"
#include "tests/instruments/talker.h"
#include "tests/instruments/usb_bus.h"

namespace rig {
namespace {

using devices::FaultyUsb;
using devices::UsbtmcDevice;
using devices::UsbtmcTraits;
using fake::Talker;
using fake::UsbBus;
using fake::UsbPort;
using std::chrono::milliseconds;
using Cure = devices::UsbtmcTrouble::Cure;

constexpr milliseconds kLong(2000);
constexpr milliseconds kShort(60);

std::string block_of(std::size_t size) {
  std::string digits = std::to_string(size);
  digits.insert(0, 9 - digits.size(), '0');
  std::string block = "#9" + digits;
  for (std::size_t k = 0; k < size; ++k) block += static_cast<char>(k * 7 + (k >> 8));
  return block;
}

std::string line_of(std::size_t size) {
  std::string line(size, 'x');
  line.push_back('\n');
  return line;
}

// A table with one instrument on it.
class Table {
 public:
  explicit Table(const UsbtmcTraits& traits = {})
      : id_{.vendor = traits.identity.vendor, .product = traits.identity.product},
        usbtmc(traits, talker),
        port_(bus_.plug(faulty, "1-1", "usbtmc")) {}

  usb::Selector id_;
  Talker talker;
  UsbtmcDevice usbtmc;
  FaultyUsb faulty{usbtmc};
  UsbBus bus_;
  UsbPort& port_;
  usb::Context context;

  std::unique_ptr<ScpiLink> open() { return open_usbtmc(context, id_, within(kLong)); }

  // The answer, or the words of the error without the place.
  static std::string ask(ScpiLink& link, std::string_view query, milliseconds time = kLong) {
    try {
      return ask_text(link, query, within(time));
    } catch (const RigError& error) {
      const std::string words = error.what();
      const std::string where = link.where();
      return words.starts_with(where) ? words.substr(where.size()) : words;
    }
  }
};

std::string error_at_open(Table& table) {
  try {
    table.open();
  } catch (const RigError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Usbtmc, AsksAndReadsOnAStandardInstrument) {
  Table table;
  table.talker.says[":CHAN1:SCAL?"] = "1.0e-1\n";
  const auto link = table.open();
  EXPECT_EQ(Table::ask(*link, "*IDN?"), table.talker.idn);
  EXPECT_EQ(Table::ask(*link, ":CHAN1:SCAL?"), "1.0e-1");
  link->write(":RUN", within(kLong));
  EXPECT_EQ(table.talker.heard.back(), ":RUN");
  EXPECT_EQ(link->where(), "usb 1AB1:04CE:DS1ZA000000001 (1-1): ");
}

// 12 bytes of header, 11 of the block's, the data, a line end: one packet exactly, one byte less,
// one more, whole multiples, and more than one request holds.
TEST(Usbtmc, ReadsEveryLengthAroundThePacketWhateverTheEndingLooksLike) {
  for (const std::uint16_t packet : {std::uint16_t{64}, std::uint16_t{512}}) {
    for (const bool ends : {true, false}) {
      Table table({.packet = packet, .ends_full_packet = ends});
      const auto link = table.open();
      std::vector<std::size_t> sizes{0, 1, 2, 3, 4};
      for (std::size_t k = 1; k <= 3; ++k) {
        for (std::size_t d = 0; d < 10; ++d) sizes.push_back(k * packet - 28 + d);
      }
      for (const std::size_t size : sizes) {
        const std::string block = block_of(size);
        table.talker.says["DATA?"] = block + "\n";
        ASSERT_EQ(Table::ask(*link, "DATA?"), block) << packet << " " << ends << " " << size;
        ASSERT_EQ(Table::ask(*link, "*IDN?"), table.talker.idn) << "nothing may be left behind";
      }
    }
  }
}

TEST(Usbtmc, AnIdentityOfExactlyOnePacketDoesNotHang) {
  Table table({.packet = 64, .ends_full_packet = false});
  table.talker.idn = "RIGOL TECHNOLOGIES,DS1102Z-E,DS1ZE00000001,00.06.00";  // 51, + LF + 12 = 64
  const auto link = table.open();
  EXPECT_EQ(Table::ask(*link, "*IDN?"), table.talker.idn);
}

TEST(Usbtmc, ADownloadLongerThanOneRequestArrivesWhole) {
  Table table;
  const std::string block = block_of(3'000'000);
  table.talker.says["DATA?"] = block + "\n";
  const auto link = table.open();
  EXPECT_EQ(Table::ask(*link, "DATA?"), block);
}

TEST(Usbtmc, AMessageInSeveralTransfersIsPutTogether) {
  Table table({.largest = 1000});
  const std::string block = block_of(4321);
  table.talker.says["DATA?"] = block + "\n";
  table.talker.says["LIST?"] = line_of(2500);
  const auto link = table.open();
  EXPECT_EQ(Table::ask(*link, "DATA?"), block);
  EXPECT_EQ(Table::ask(*link, "LIST?"), std::string(2500, 'x'));
  EXPECT_EQ(Table::ask(*link, "*IDN?"), table.talker.idn);
}

TEST(Usbtmc, ABlocksLengthCountsMoreThanAnEndMarkedTooEarlyOrNever) {
  for (const bool always : {true, false}) {
    Table table({.largest = 500, .always_end = always});
    table.talker.idn = "RIGOL TECHNOLOGIES,DS1104Z,S,00.04.04";
    const auto link = table.open();
    const std::string block = block_of(5000);
    table.talker.says["DATA?"] = block + "\n";
    EXPECT_EQ(Table::ask(*link, "DATA?"), block);
    EXPECT_EQ(Table::ask(*link, "*IDN?"), table.talker.idn);
  }
  UsbtmcTraits never{.never_end = true};
  never.identity.vendor = 0x1334;  // Advantest
  Table table(never);
  const std::string block = block_of(40);
  table.talker.says["DATA?"] = block + "\n";
  const auto link = table.open();
  EXPECT_EQ(Table::ask(*link, "DATA?"), block);
  EXPECT_EQ(Table::ask(*link, "*IDN?"), table.talker.idn);
}

TEST(Usbtmc, EmptyTransfersBeforeTheAnswerArePassedOver) {
  {
    Table table({.empty_before = 2});
    const auto link = table.open();
    EXPECT_EQ(Table::ask(*link, "*IDN?"), table.talker.idn);
  }
  Table endless({.empty_before = 1000});
  EXPECT_EQ(error_at_open(endless),
            "usb 1AB1:04CE:DS1ZA000000001 (1-1): *IDN?: it sent one empty transfer after another; "
            "recovered by abort and clear");
}

TEST(Usbtmc, BytesBehindTheTransferAreNotTakenForTheNextAnswer) {
  UsbtmcTraits traits{.packet = 64, .stray = 10};
  traits.identity.product = 0x0588;  // DS1000E
  Table table(traits);
  const auto link = table.open();
  for (std::size_t size = 30; size < 60; ++size) {
    const std::string block = block_of(size);
    table.talker.says["DATA?"] = block + "\n";
    ASSERT_EQ(Table::ask(*link, "DATA?"), block) << size;
    ASSERT_EQ(Table::ask(*link, "*IDN?"), table.talker.idn) << size;
  }
}

TEST(Usbtmc, OldRigolFirmwareGivesItsBlockToOneRequest) {
  Table table({.packet = 64, .largest = 500, .restarts = true, .one_header = true});
  table.talker.idn = "RIGOL TECHNOLOGIES,DS1104Z,S,00.04.02.SP4";
  const auto link = table.open();
  for (const std::size_t size : {std::size_t{1}, std::size_t{40}, std::size_t{41}, std::size_t{499},
                                 std::size_t{12345}, std::size_t{250000}}) {
    const std::string block = block_of(size);
    table.talker.says["DATA?"] = block + "\n";
    ASSERT_EQ(Table::ask(*link, "DATA?"), block) << size;
    ASSERT_EQ(Table::ask(*link, "*IDN?"), table.talker.idn) << size;
  }
}

TEST(Usbtmc, AsksSiglentForNoMoreThanItAnswers) {
  UsbtmcTraits traits{.most_asked = 48};
  traits.identity.vendor = 0xF4EC;
  Table table(traits);
  table.talker.idn = "Siglent Technologies,SDS1104X-E,S,8.2.6.1.37R9";
  const std::string block = block_of(1000);
  table.talker.says["DATA?"] = block + "\n";
  const auto link = table.open();
  EXPECT_EQ(Table::ask(*link, "DATA?"), block);
  EXPECT_EQ(table.port_.calls().at("RESET"), 1) << "this family wants one right after claiming";
}

TEST(Usbtmc, ARequestAnsweredByteForByteEndsAtTheDeadlineOfTheMessage) {
  Table table({.largest = 1});
  table.talker.says["LIST?"] = line_of(100'000);
  const auto link = table.open();
  const auto before = std::chrono::steady_clock::now();
  const std::string words = Table::ask(*link, "LIST?", kShort);
  EXPECT_LT(std::chrono::steady_clock::now() - before, milliseconds(700));
  EXPECT_TRUE(words.ends_with("in time; recovered by abort and clear")) << words;
  EXPECT_EQ(Table::ask(*link, "*IDN?"), table.talker.idn);
}

TEST(Usbtmc, WrongHeadersAreErrorsAndTheNextQueryIsGoodAgain) {
  Table table;
  const auto link = table.open();
  table.usbtmc.trouble.stale_tags = 1;
  const std::string stale = Table::ask(*link, "*IDN?");
  EXPECT_TRUE(stale.starts_with("*IDN?: expected the answer with tag ")) << stale;
  EXPECT_TRUE(stale.ends_with(": a stale reply; recovered by abort and clear")) << stale;
  EXPECT_EQ(Table::ask(*link, "*IDN?"), table.talker.idn);
  table.usbtmc.trouble.wrong_inverse = true;
  EXPECT_TRUE(Table::ask(*link, "*IDN?").starts_with("*IDN?: expected the inverse of tag "));
  EXPECT_EQ(Table::ask(*link, "*IDN?"), table.talker.idn);
  table.usbtmc.trouble.wrong_id = true;
  EXPECT_TRUE(
      Table::ask(*link, "*IDN?").starts_with("*IDN?: expected a response header, found 7f "));
  EXPECT_EQ(Table::ask(*link, "*IDN?"), table.talker.idn);
}

TEST(Usbtmc, LyingSizesAreFoundOut) {
  Table table;
  const auto link = table.open();
  table.usbtmc.trouble.size_lie = 5;
  EXPECT_EQ(Table::ask(*link, "*IDN?"),
            "*IDN?: the transfer ended after 56 of 60 bytes; recovered by abort and clear");
  EXPECT_EQ(Table::ask(*link, "*IDN?"), table.talker.idn);
  table.usbtmc.trouble.size_lie = 0x7FFFFFFF;
  EXPECT_EQ(Table::ask(*link, "*IDN?"),
            "*IDN?: it announces 2147483702 bytes, asked for at most 1048576; recovered by abort "
            "and clear");
  EXPECT_EQ(Table::ask(*link, "*IDN?"), table.talker.idn);
  const std::string block = block_of(1000);
  table.talker.says["DATA?"] = block + "\n";
  table.usbtmc.trouble.size_lie = 300;  // but the block says how long it is
  EXPECT_EQ(Table::ask(*link, "DATA?"), block);
}

TEST(Usbtmc, SilenceIsRecoveredFromByTheFirstRungThatHolds) {
  struct Rung {
    Cure cure;
    const char* words;
  };
  for (const Rung& rung :
       {Rung{Cure::kAbort, "recovered by abort and clear"},
        Rung{Cure::kClear, "recovered by clear"}, Rung{Cure::kReset, "recovered by reset"}}) {
    Table table;
    const auto link = table.open();
    table.usbtmc.trouble = {.silent = true, .cure = rung.cure, .pending = 1};
    EXPECT_EQ(Table::ask(*link, "*IDN?", kShort),
              std::string("*IDN?: no answer in time; ") + rung.words);
    EXPECT_EQ(Table::ask(*link, "*IDN?"), table.talker.idn) << rung.words;
  }
}

TEST(Usbtmc, AnInstrumentThatNothingBringsBackWantsItsPowerSwitched) {
  Table table;
  const auto link = table.open();
  table.usbtmc.trouble = {.silent = true, .cure = Cure::kNothing};
  EXPECT_EQ(Table::ask(*link, "*IDN?", kShort),
            "*IDN?: no answer in time; not recovered (usb 1AB1:04CE:DS1ZA000000001 (1-1): clear: "
            "refused after the reset): switch its power off and on");
}

TEST(Usbtmc, ATimeoutAlwaysLeadsToAnAbortBeforeTheNextMessage) {
  Table table;
  const auto link = table.open();
  EXPECT_EQ(Table::ask(*link, "UNKNOWN?", kShort),
            "UNKNOWN?: no answer in time; recovered by abort and clear");
  const auto& asked = table.usbtmc.class_requests();
  EXPECT_EQ(std::ranges::count(asked, std::uint8_t{3}), 1);
  EXPECT_EQ(Table::ask(*link, "*IDN?"), table.talker.idn);
}

TEST(Usbtmc, StallsInAnyTransferAreRecoveredFrom) {
  for (std::uint64_t k = 0; k < 3; ++k) {  // the message, the request, the answer
    Table table;
    const auto link = table.open();
    table.faulty.fail_at(k, FaultyUsb::Fault::kStall);
    const std::string words = Table::ask(*link, "*IDN?");
    EXPECT_TRUE(words.starts_with("*IDN?: it stalled on the ")) << words;
    EXPECT_NE(words.find("recovered by "), std::string::npos) << words;
    EXPECT_EQ(Table::ask(*link, "*IDN?"), table.talker.idn) << words;
  }
}

TEST(Usbtmc, EveryFaultInEveryTransferIsAnErrorOrAnAnswerNeverAWrongOne) {
  using Fault = FaultyUsb::Fault;
  const std::string block = block_of(1500);
  for (const auto fault :
       {Fault::kStall, Fault::kShort, Fault::kBabble, Fault::kUnplug, Fault::kErrorThenGone}) {
    for (std::uint64_t k = 0; k < 4; ++k) {  // message, request, first packet, the rest
      Table table;
      table.talker.says["DATA?"] = block + "\n";
      const auto link = table.open();
      table.faulty.fail_at(k, fault);
      const auto before = std::chrono::steady_clock::now();
      const std::string answer = Table::ask(*link, "DATA?", milliseconds(300));
      EXPECT_TRUE(answer == block || answer.starts_with("DATA?: ") ||
                  answer.ends_with(": unplugged"))
          << int(fault) << " " << k << ": " << answer;
      if (fault == Fault::kUnplug || fault == Fault::kErrorThenGone) {
        EXPECT_LT(std::chrono::steady_clock::now() - before, milliseconds(500));
        EXPECT_TRUE(answer == block || answer.ends_with(": unplugged")) << answer;
        continue;
      }
      EXPECT_EQ(Table::ask(*link, "*IDN?"), table.talker.idn) << int(fault) << " " << k;
    }
  }
}

TEST(Usbtmc, CanBeOpenedAgainAfterItWasUnplugged) {
  Table table;
  {
    const auto link = table.open();
    table.port_.pull();
    EXPECT_TRUE(Table::ask(*link, "*IDN?").ends_with(": unplugged"));
    EXPECT_TRUE(Table::ask(*link, "*IDN?").ends_with(": unplugged"));
  }
  table.port_.replug();
  const auto link = table.open();
  EXPECT_EQ(Table::ask(*link, "*IDN?"), table.talker.idn);
}

TEST(Usbtmc, AsksForRemoteAndGivesItBackOnlyWhereThatIsKnownToWork) {
  const auto remote_requests = [](std::uint16_t product, bool capabilities) {
    UsbtmcTraits traits{.capabilities = capabilities};
    traits.identity.product = product;
    Table table(traits);
    table.open().reset();
    std::vector<int> asked;
    for (const int request : table.usbtmc.class_requests()) {
      if (request >= 160) asked.push_back(request);
    }
    return asked;
  };
  EXPECT_EQ(remote_requests(0x04CE, true), (std::vector<int>{160, 161}));
  EXPECT_EQ(remote_requests(0x04CE, false), std::vector<int>{}) << "a stall means: can nothing";
  EXPECT_EQ(remote_requests(0x0515, true), std::vector<int>{}) << "MSO5000";
}

TEST(Usbtmc, AcceptsPlainUsbtmcAndRefusesWhatIsNone) {
  Table plain({.protocol = 0});
  EXPECT_EQ(error_at_open(plain), "no error");
  Table other({.protocol = 2});
  EXPECT_EQ(error_at_open(other),
            "usb 1AB1:04CE:DS1ZA000000001 (1-1): open: it does not speak USBTMC");
}

TEST(Usbtmc, TheFirstQueryOfATektronixMayBeLost) {
  UsbtmcTraits traits;
  traits.identity.vendor = 0x0699;
  Table table(traits);
  table.talker.deaf_to = 1;
  const auto link = open_usbtmc(table.context, table.id_, within(milliseconds(150)));
  EXPECT_EQ(link->take_notes(),
            (std::vector<std::string>{"usb 0699:04CE:DS1ZA000000001 (1-1): *IDN?: no answer in "
                                      "time; recovered by abort and clear"}));
}

TEST(Usbtmc, KnownFaultsOfAnInstrumentStandInTheRecord) {
  UsbtmcTraits traits;
  traits.identity.product = 0x044D;
  Table table(traits);
  const auto link = table.open();
  const auto notes = link->take_notes();
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_NE(notes[0].find("use its LAN port for deep records"), std::string::npos);
}

TEST(Usbtmc, TagsAreNeverZeroAndNeverRepeatedInARow) {
  Table table;
  const auto link = table.open();
  for (int k = 0; k < 200; ++k) ASSERT_EQ(Table::ask(*link, "*IDN?"), table.talker.idn);
  const auto& tags = table.usbtmc.tags();
  EXPECT_EQ(std::ranges::count(tags, 0), 0);
  for (std::size_t k = 1; k < tags.size(); ++k) {
    ASSERT_EQ(tags[k], tags[k - 1] == 255 ? 1 : tags[k - 1] + 1);
  }
}

}  // namespace
}  // namespace rig
