// The scope driver against a DS1000Z model, over USBTMC (libusb, emulated usbfs) and over TCP. Time
// is the test's own, so nothing waits for a record.
#include "rig/instruments/scpi_scope.h"

#include <functional>
#include <optional>

#include "rig/instruments/scope_dialect.h"
#include "rig/instruments/scpi_socket.h"
#include "tests/instruments/scope_fixture.h"

namespace rig {
namespace {

using devices::Ds1000z;
using devices::Ds1000zFaults;
using fake::Kept;
using fake::kLong;
using fake::ManualClock;
using fake::sine;
using fake::Way;
using std::chrono::milliseconds;

class ScopeTest : public fake::OnScope {};

TEST_P(ScopeTest, CapturesWhatIsOnItsInputsInTheChannelsUnits) {
  Kept kept;
  ASSERT_EQ(capture(both(), kept), "");
  ASSERT_EQ(kept.codes.size(), 2u);
  ASSERT_EQ(kept.codes[0].size(), 40'000u);
  EXPECT_EQ(info_.rate, (SampleRate{.samples = 1'000'000, .seconds = 1}));
  for (std::size_t k = 0; k < kept.codes[0].size(); ++k) {
    const double t = to_seconds(info_.armed_at) + static_cast<double>(k) * 1e-6;
    // Half a code, and what the sine moves within the trigger's uncertainty of 10 ms either side:
    // here the force takes no time, so it lies exactly half the latency before armed_at.
    const double at = t - 0.010;
    ASSERT_NEAR(info_.channels[0].value_of(kept.codes[0][k]), 0.01 * sine(1, at), 0.01 * 0.021);
    ASSERT_NEAR(info_.channels[1].value_of(kept.codes[1][k]), sine(2, at), 0.41);
  }
}

TEST_P(ScopeTest, ReadsItsSettingsBackIntoTheCapturesInfo) {
  Kept kept;
  ASSERT_EQ(capture(both(), kept), "");
  const Channel& current = info_.channels[0];
  EXPECT_EQ(current.name, "current");
  EXPECT_EQ(current.unit, "A");
  EXPECT_EQ(current.bits, 8);
  EXPECT_EQ(current.clip_low, 0);
  EXPECT_EQ(current.clip_high, 255);
  EXPECT_DOUBLE_EQ(current.scale, 0.01 * 1.0 / 25) << "3.5 V need 1 V per division";
  EXPECT_DOUBLE_EQ(current.offset, -127 * 0.01 / 25);
  EXPECT_DOUBLE_EQ(info_.channels[1].scale, 20.0 / 25);
  EXPECT_NEAR(info_.rate_u, 25e-6 / std::sqrt(3.0), 1e-9);
  EXPECT_NEAR(info_.alignment_u, 0.020 / std::sqrt(12.0), 1e-9);
  EXPECT_TRUE(info_.integrity_proven);
}

TEST_P(ScopeTest, PagesBeginAndEndWhereTheyMust) {
  for (const std::int64_t points : {249'999, 250'000, 250'001, 500'000, 1}) {
    model_.faults = {};
    CaptureSetup setup{.name = "one", .channels = {"current"}, .rate = {.samples = 1'000'000}};
    setup.length = std::chrono::microseconds(points);
    Kept kept;
    ASSERT_EQ(capture(setup, kept), "");
    const double rate = info_.rate.hertz() / 1e6;  // of the one that was asked for
    EXPECT_EQ(kept.codes[0].size(), static_cast<std::size_t>(static_cast<double>(points) * rate));
  }
}

TEST_P(ScopeTest, ArmsTriggersAndDeliversOnlyAtTheEnd) {
  info_ = scope_->arm(both());
  EXPECT_EQ(model_.forced, 1);
  Kept kept;
  EXPECT_TRUE(scope_->collect(info_.armed_at + milliseconds(5), kept));
  EXPECT_TRUE(kept.codes.empty());
  const Picos before = clock_.now();
  EXPECT_FALSE(scope_->collect(before + std::chrono::seconds(9), kept));
  EXPECT_LT(clock_.now(), before + std::chrono::seconds(9)) << "not longer than the record lasts";
  EXPECT_EQ(kept.codes[0].size(), 40'000u);
}

TEST_P(ScopeTest, WaitsForDataAndPreamblesThatComeTooEarly) {
  model_.faults = {.empty_blocks = 3, .zero_increments = 3};
  Kept kept;
  EXPECT_EQ(capture(both(), kept), "");
  EXPECT_EQ(kept.codes[0].size(), 40'000u);
}

TEST_P(ScopeTest, DataThatNeverComeAreAnError) {
  EXPECT_EQ(error_with({.empty_blocks = 100}),
            ":WAV:DATA?: expected a block of 40000 bytes, found 0");
  model_.faults = {};
  EXPECT_EQ(error_with({.zero_increments = 100}),
            ":WAV:PRE?: xincrement: expected a number above zero, found '0.000000e+00'");
  model_.faults = {};
  EXPECT_EQ(error_with({.points_missing = 10}),
            ":WAV:DATA?: expected a block of 40000 bytes, found 39990");
  model_.faults = {};
  EXPECT_EQ(error_with({.garbage = true}),
            ":WAV:DATA?: expected a block of 40000 bytes, found none");
}

TEST_P(ScopeTest, AnOlderRecordIsNeverTaken) {
  EXPECT_EQ(error_with({.shows_old_record = true}),
            "the record of 0.6 s is complete before its time: it is an older one");
  model_.faults = {};
  EXPECT_EQ(error_with({.ignores_single = true}),
            "it did not arm: expected the state WAIT, found STOP");
}

TEST_P(ScopeTest, ARecordThatSomebodyEndedIsNeverTaken) {
  CaptureSetup setup = both();
  setup.length = std::chrono::seconds(2);
  info_ = scope_->arm(setup);
  Kept kept;
  EXPECT_TRUE(scope_->collect(clock_.now() + milliseconds(600), kept));
  model_.take(":STOP");
  EXPECT_THROW(
      {
        while (scope_->collect(clock_.now() + milliseconds(50), kept)) {
        }
      },
      RigError);
  EXPECT_TRUE(kept.codes.empty());
}

TEST_P(ScopeTest, ARecordThatWasNotSeenBeingTakenProvesNothing) {
  Kept kept;
  ASSERT_EQ(capture(both(), kept), "");
  EXPECT_TRUE(info_.integrity_proven);
  clock_.tick = milliseconds(601);
  kept.codes.clear();
  ASSERT_EQ(capture(both(), kept), "");
  EXPECT_FALSE(info_.integrity_proven);
}

TEST_P(ScopeTest, ATriggerThatIsNotTakenIsAnError) {
  EXPECT_EQ(error_with({.ignores_force = true}),
            "it did not take the forced trigger: it still waits");
}

TEST_P(ScopeTest, ARecordOfOtherSettingsIsNeverTaken) {
  EXPECT_EQ(error_with({.knob_turned = true}),
            "channel 'current': the record is of another acquisition: the volts per code was 0.04, "
            "is 0.08");
  model_.faults = {};
  EXPECT_EQ(error_with({.started_in_download = true}),
            ":WAV:DATA?: expected a block of 40000 bytes, found 0");
}

TEST_P(ScopeTest, SettingsThatTheScopeDidNotTakeAreAnError) {
  EXPECT_EQ(error_with({.rounds_scale = true}), ":CHAN1:SCAL 1: the scope made 2.5 of it");
  model_.faults = {};
  EXPECT_EQ(error_with({.halves_rate = true}),
            "expected 600000 points at 1000000 Hz, the scope set up 600000 points at 500000 Hz");
}

TEST_P(ScopeTest, RecordsASegmentedCaptureWhole) {
  CaptureSetup setup = both();
  setup.trigger = Trigger{.channel = "current", .level = 0.01};
  setup.pre_trigger = std::chrono::microseconds(10);
  setup.segment_length = std::chrono::microseconds(100);
  Kept kept;
  ASSERT_EQ(capture(setup, kept), "");
  EXPECT_EQ(info_.segment_length, Picos(0));
  EXPECT_EQ(kept.codes[0].size(), 40'000u);
}

TEST_P(ScopeTest, BlocksWhatItCannotDo) {
  const auto reason = [&](const std::function<void(CaptureSetup&)>& change) -> std::string {
    CaptureSetup setup = both();
    change(setup);
    try {
      scope_->arm(setup);
    } catch (const Blocked& blocked) {
      return blocked.what();
    }
    return "not blocked";
  };
  EXPECT_EQ(reason([](CaptureSetup& s) { s.channels = {"vibration"}; }),
            "the digitizer has no channel 'vibration'");
  EXPECT_EQ(reason([](CaptureSetup& s) { s.rate.samples = 2'000'000'000; }),
            "the Rigol DS1000Z cannot record 0.04 s of 2 channels at 2000000000 Hz");
  EXPECT_EQ(reason([](CaptureSetup& s) { s.length = std::chrono::seconds(100); }),
            "the Rigol DS1000Z cannot record 100 s of 2 channels at 1000000 Hz");
  EXPECT_EQ(reason([](CaptureSetup& s) { s.ranges["current"] = 1; }),
            "channel 'current' reaches 0.4 A, the capture needs 1");
}

TEST_P(ScopeTest, TakesTheRangeOfTheBenchFileWhereTheCaptureAsksForNone) {
  const ScopeChannel fits{.name = "current",
                          .unit = "A",
                          .input = 1,
                          .probe = 1,
                          .units_per_volt = 0.01,
                          .range = 0.15};
  ScopeChannel widest = fits;
  widest.range = 0;
  ScopeChannel beyond = fits;
  beyond.range = 2;
  for (const auto& [channel, code] :
       {std::pair(fits, 2e-3), std::pair(widest, 4e-3), std::pair(beyond, 4e-3)}) {
    scope_.reset();
    context_.reset();
    bus_.reset();
    scope_ = make_scope(open_link(), clock_, {.channels = {channel}});
    CaptureSetup setup = both();
    setup.channels = {"current"};
    setup.ranges.clear();
    EXPECT_NEAR(scope_->arm(setup).channels[0].scale, code, 1e-9) << channel.range;
    EXPECT_NEAR(widest_range_of(channel).scale, code, 1e-9) << "as validate foresees it";
    setup.ranges["current"] = 0.035;
    EXPECT_NEAR(scope_->arm(setup).channels[0].scale, 4e-4, 1e-9) << "the capture knows better";
  }
}

INSTANTIATE_TEST_SUITE_P(Both, ScopeTest, testing::Values(Way::kUsb, Way::kTcp),
                         [](const auto& with) { return fake::in_words(with); });

TEST(ScopeDialect, IsChosenByTheAnswerToIdn) {
  const auto name = [](std::string_view identity) {
    const ScopeDialect* dialect = dialect_of(identity);
    return dialect == nullptr ? std::string_view("none") : dialect->name;
  };
  EXPECT_EQ(name("RIGOL TECHNOLOGIES,DS1104Z,DS1ZA1,00.04.04"), "Rigol DS1000Z");
  EXPECT_EQ(name("RIGOL TECHNOLOGIES,MSO1104Z,DS1ZD1,00.04.05"), "Rigol DS1000Z");
  EXPECT_EQ(name("RIGOL TECHNOLOGIES,MSO5074,MS5A1,00.01.03"), "Rigol MSO5000");
  EXPECT_EQ(name("RIGOL TECHNOLOGIES,DHO804,DHO8A1,00.01.02"), "Rigol DHO800/900/1000");
  EXPECT_EQ(name("Siglent Technologies,SDS1104X-E,SDSMM1,8.2.6.1.37R9"), "Siglent SDS1000X-E");
  EXPECT_EQ(name("Siglent Technologies,SDS2104X Plus,SDS2P1,1.3.9R10"), "Siglent E11");
  EXPECT_EQ(name("Siglent Technologies,SDS1104X HD,SDS1H1,1.1"), "Siglent E11, HD");
  EXPECT_EQ(name("Siglent Technologies,SDS804X HD,SDS8H1,1.1"), "Siglent E11, HD");
  EXPECT_EQ(name("KEYSIGHT TECHNOLOGIES,DSOX1102G,CN1,1"), "Keysight InfiniiVision");
  EXPECT_EQ(name("AGILENT TECHNOLOGIES,DSO-X 2024A,MY1,02.41"), "Keysight InfiniiVision");
  EXPECT_EQ(name("TEKTRONIX,MDO3014,C01,CF:91.1CT FV:v1.22"), "Tektronix MDO, MSO, DPO");
}

TEST(ScopeDialect, IsNotThatOfRelativesThatSpeakOtherwise) {
  for (const char* identity :
       {"", ",", "Rigol Technologies,DS1102E,DS1EB1,00.02.04", "RIGOL TECHNOLOGIES,DS2072A,DS2A1,1",
        "AGILENT TECHNOLOGIES,DSO1012A,CN1,1", "KEYSIGHT TECHNOLOGIES,DSOS104A,MY1,1",
        "TEKTRONIX,TDS 2014B,C01,CF:91.1CT", "TEKTRONIX,TBS 1052B-EDU,C01,CF:91.1CT",
        "RIGOL TECHNOLOGIES,DS4014,DS4A1,1", "Siglent Technologies,SDS6204A,SDS6A1,1.6",
        "Siglent Technologies,SDG1032X,SDG1,1"}) {
    EXPECT_EQ(dialect_of(identity), nullptr) << identity;
  }
}

TEST(ScopeDialect, ThatIsNotKnownIsAnErrorThatSaysWhatWasFoundAndWhichAreKnown) {
  for (const char* identity :
       {"Siglent Technologies,SDS6204A,SDS6A1,1.6", "RIGOL TECHNOLOGIES,DS2072A,DS2A1,1",
        "RIGOL TECHNOLOGIES,DS4014,DS4A1,1", "TEKTRONIX,TDS 2014B,C01,CF:91.1CT",
        "TEKTRONIX,TBS 1052B-EDU,C01,CF:91.1CT", "a multimeter"}) {
    ManualClock clock;
    Ds1000z model([] { return 0.0; }, sine, {.identity = identity});
    const fake::ScpiServer server(model);
    try {
      make_scope(open_scpi_socket(read_socket_address(server.address()), within(kLong)), clock, {});
      FAIL() << identity;
    } catch (const RigError& error) {
      EXPECT_EQ(error.what(),
                "tcp " + server.address() +
                    ": expected an oscilloscope that this rig knows (Rigol DS1000Z; Rigol MSO5000; "
                    "Rigol DHO800/900/1000; Siglent E11, HD; Siglent SDS1000X-E; Siglent E11; "
                    "Keysight InfiniiVision; Tektronix MDO, MSO, DPO), found '" +
                    identity + "'");
    }
  }
}

TEST(ScopeDialect, SaysWhichOfItsWordsNobodyConfirmed) {
  const auto words = [](std::string_view identity) {
    return dialect_in_words(*dialect_of(identity));
  };
  EXPECT_EQ(words("RIGOL TECHNOLOGIES,DS1104Z,DS1ZA1,00.04.04"), "Rigol DS1000Z");
  const std::string tektronix = words("TEKTRONIX,MDO3014,C01,CF:91.1CT FV:v1.22");
  EXPECT_TRUE(tektronix.starts_with("Tektronix MDO, MSO, DPO; unconfirmed: ")) << tektronix;
  EXPECT_NE(tektronix.find("CH1:PROBE:GAIN"), std::string::npos);
}

}  // namespace
}  // namespace rig
