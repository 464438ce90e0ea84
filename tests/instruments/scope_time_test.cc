// How long the scope driver's records last, when their waits end, and what it knows of their
// instant.
#include <gtest/gtest.h>

#include "rig/bench/alive.h"
#include "tests/instruments/scope_fixture.h"

namespace rig {
namespace {

using fake::Kept;
using fake::Way;
using std::chrono::milliseconds;

class ScopeTime : public fake::OnScope {};

TEST_P(ScopeTime, TakesNoRecordOfAMinuteForACaptureOfSeconds) {
  CaptureSetup setup = both();  // 6 Mpts would be 60 s at the very rate that is asked for
  setup.rate = {.samples = 100'000};
  setup.length = milliseconds(10'000);
  Kept kept;
  ASSERT_EQ(capture(setup, kept), "");
  EXPECT_EQ(info_.rate, (SampleRate{.samples = 250'000, .seconds = 1}));
  EXPECT_EQ(kept.codes[0].size(), 2'500'000u);
  EXPECT_LT(clock_.now() - info_.armed_at, milliseconds(32'000)) << "messages may be paced";
}

TEST_P(ScopeTime, RecordEndsSoMuchSoonerAsItBeganBeforeItsTrigger) {
  CaptureSetup setup = both();
  setup.rate = {.samples = 100'000};
  setup.length = milliseconds(10'000);  // of 24 s, of which up to 0.8 s lie before the trigger
  for (int place = 0; place < 5; ++place) {
    info_ = scope_->arm(setup);
    Kept kept;
    EXPECT_NO_THROW(EXPECT_FALSE(scope_->collect(clock_.now() + std::chrono::seconds(50), kept)));
  }
}

TEST_P(ScopeTime, WaitForARecordThatNobodyWantsAnyMoreIsGivenUp) {
  CaptureSetup setup = both();
  setup.length = milliseconds(2'000);
  info_ = scope_->arm(setup);
  const Picos caught = clock_.now() + milliseconds(700);
  {
    const WaitsWhile wanted([&] {
      if (clock_.now() >= caught) throw Interrupted("interrupted");
    });
    Kept kept;
    EXPECT_THROW(scope_->collect(clock_.now() + std::chrono::seconds(50), kept), Interrupted);
  }
  EXPECT_LE(clock_.now(), caught + milliseconds(50));
  Kept kept;
  EXPECT_EQ(capture(both(), kept), "") << "the next one finds the scope in order";
  EXPECT_EQ(kept.codes[0].size(), 40'000u);
}

TEST_P(ScopeTime, DownloadThatNobodyWantsAnyMoreIsGivenUpBetweenPages) {
  CaptureSetup setup = both();
  setup.length = milliseconds(2'000);  // 8 pages of each channel
  info_ = scope_->arm(setup);
  Kept kept;
  {
    const WaitsWhile wanted([&] {
      if (!kept.codes.empty()) throw Interrupted("interrupted");
    });
    EXPECT_THROW(scope_->collect(clock_.now() + std::chrono::seconds(50), kept), Interrupted);
  }
  EXPECT_LE(kept.codes[0].size(), 250'000u);
  Kept next;
  EXPECT_EQ(capture(both(), next), "") << "the next one finds the scope in order";
}

TEST_P(ScopeTime, RecordThatIsLongerThanTheCaptureEndsInTheSameCall) {
  CaptureSetup setup = both();
  setup.rate = {.samples = 200'000};
  setup.length = milliseconds(400);  // 200,000 points of a memory of 600,000: 1.2 s
  info_ = scope_->arm(setup);
  Kept kept;
  EXPECT_TRUE(scope_->collect(info_.armed_at + setup.length, kept)) << "a step may be due now";
  EXPECT_FALSE(scope_->collect(info_.armed_at + setup.length + milliseconds(1), kept));
  EXPECT_GT(clock_.now(), info_.armed_at + milliseconds(1150)) << "the scope takes it whole";
  EXPECT_EQ(kept.codes[0].size(), 200'000u);
  EXPECT_FALSE(scope_->collect(clock_.now() + milliseconds(50), kept));
  EXPECT_EQ(kept.codes[0].size(), 200'000u) << "and hands it over once";
}

TEST_P(ScopeTime, ForcedTriggerIsWhereTheDriverSaysWithinItsUncertaintyWhereverItComes) {
  for (const double takes : {0.0, 0.007, 0.0199}) {
    model_.force_takes = [takes] { return takes; };
    Kept kept;
    ASSERT_EQ(capture(both(), kept), "") << takes;
    const double half = std::sqrt(3.0) * info_.alignment_u;
    EXPECT_NEAR(half, 0.010, 1e-6);
    // The record's first sample is that of the trigger, and armed_at the middle of its band.
    const double trigger = to_seconds(info_.armed_at) - half + takes;
    EXPECT_NEAR(info_.channels[0].value_of(kept.codes[0].front()), 0.01 * fake::sine(1, trigger),
                0.01 * 0.021)
        << takes;
  }
}

TEST_P(ScopeTime, TriggerThatComesLaterThanItMayIsAnError) {
  model_.force_takes = [] { return 0.2; };
  Kept kept;
  EXPECT_EQ(capture(both(), kept), "it did not take the forced trigger: it still waits");
}

TEST_P(ScopeTime, RecordThatTheScopeItselfComplainsOfIsAnError) {
  Kept kept;
  info_ = scope_->arm(both());
  EXPECT_TRUE(model_.recording());
  model_.spoil("its samples are not at real time");
  try {
    scope_->collect(clock_.now() + std::chrono::seconds(1), kept);
    FAIL() << "a spoilt record was taken for a good one";
  } catch (const RigError& error) {
    EXPECT_TRUE(
        std::string(error.what())
            .ends_with(": the download; it reports -300,\"Device-specific error;its samples "
                       "are not at real time\""))
        << error.what();
  }
  EXPECT_FALSE(model_.recording());
  Kept next;
  EXPECT_EQ(capture(both(), next), "") << "the next record is another one";
}

INSTANTIATE_TEST_SUITE_P(Both, ScopeTime, testing::Values(Way::kUsb, Way::kTcp),
                         [](const auto& with) { return fake::in_words(with); });

}  // namespace
}  // namespace rig
