// The bench file of the vibrator with a small firmware of the test's own in the loop: converter,
// platform, sensors, digitizer.
#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <numbers>

#include "fixtures/simulated/bench.h"
#include "rig/config/bench_file.h"
#include "rig/measure/sine.h"

namespace rig::testing {
namespace {

constexpr double kHertz = 737.0 / 65536 * 250e3 / 62;  // as the firmware counts
constexpr double kVolts = 200 * 5e-3;

class Collected final : public BlockSink {
 public:
  explicit Collected(const CaptureInfo& info) : info_(info) {
    for (std::size_t c = 0; c < info.channels.size(); ++c) tracks_.emplace_back(info, c);
  }
  void take(const Block& block) override {
    for (SineTrack& track : tracks_) {
      if (track.channel().unit != "logic") track.take(code_block(block));
    }
    for (const std::int16_t code : block.codes.back()) high_ += code;
    samples_ += block.size();
  }
  double mean(std::size_t channel, SineQuantity q) {
    tracks_[channel].finish();
    EXPECT_FALSE(tracks_[channel].windows().empty());
    const SineWindow& last = tracks_[channel].windows().back();
    EXPECT_EQ(last.bad_count, 0u) << in_words(last);
    return last.values[static_cast<std::size_t>(q)].mean;
  }
  double share_high() const { return static_cast<double>(high_) / static_cast<double>(samples_); }

 private:
  CaptureInfo info_;
  std::vector<SineTrack> tracks_;
  std::int64_t high_ = 0;
  std::uint64_t samples_ = 0;
};

class Shaker : public ::testing::Test {
 protected:
  Shaker() {
    settings_ = std::get<SimulatedBenchSettings>(load_bench(SOLEUS_M_BENCH, SHAKER_ELF, {}));
    bench_ = open_simulated_bench(settings_, 1);
    live(1);
  }
  void live(double seconds) {
    bench_.clock->wait_until(bench_.clock->now() + from_seconds(seconds));
  }
  void apply(const Disturbance& what) { bench_.surroundings->apply(what, {}); }
  Collected captured(double seconds) {
    CaptureSetup setup{.name = "plate",
                       .channels = {"acceleration", "acceleration_x", "coil_current", "sync"},
                       .rate = {5000, 1},
                       .length = from_seconds(seconds)};
    const CaptureInfo info = bench_.digitizer->arm(setup);
    Collected collected(info);
    while (bench_.digitizer->collect(bench_.clock->now() + from_seconds(1), collected)) {
    }
    return collected;
  }
  // Of the acceleration per volt, from the impedances (m/s2 peak).
  double expected(double foot) const {
    const VibratorSettings& s = *settings_.vibrator;
    const std::complex<double> jw(0, 2 * std::numbers::pi * kHertz);
    const auto spring = [&jw](double k, double c) { return k / jw + c; };
    auto platform = jw * s.platform.mass + spring(s.platform.stiffness, s.platform.damping);
    if (foot > 0) {
      const auto pad = spring(s.foot.stiffness, s.foot.damping);
      platform += pad * jw * foot / (pad + jw * foot);
    }
    const auto coil = s.coil.resistance + s.amplifier.resistance + jw * s.coil.inductance;
    return kVolts * std::abs(jw * s.coil.force / (coil * platform + s.coil.force * s.coil.force));
  }

  SimulatedBenchSettings settings_;
  Bench bench_;
};

TEST_F(Shaker, ShakesAsItsImpedancesSay) {
  Collected plate = captured(1.1);
  EXPECT_NEAR(plate.mean(0, SineQuantity::kFrequency), kHertz, 0.01);
  // The digitizer of the bench file shows 0.4 % too much.
  EXPECT_NEAR(plate.mean(0, SineQuantity::kPeak), 1.004 * expected(0), 3e-3 * expected(0));
  EXPECT_NEAR(plate.mean(1, SineQuantity::kPeak), 0.997 * 0.03 * expected(0), 5e-4);
  EXPECT_GT(plate.mean(2, SineQuantity::kPeak), 0.1);
  EXPECT_NEAR(plate.share_high(), 0.5, 0.02) << "sync, in the half of the sine that is positive";
}

TEST_F(Shaker, DrivesTwiceAsMuchUnderAFootThatItFeels) {
  apply(Load{DummyMass{15}});
  live(6);
  Collected plate = captured(1.1);
  const double doubled = 2 * expected(15);
  EXPECT_NEAR(plate.mean(0, SineQuantity::kPeak), 1.004 * doubled, 5e-3 * doubled);
  apply(Load{FootLifted{}});
  live(2);
  Collected free = captured(1.1);
  EXPECT_NEAR(free.mean(0, SineQuantity::kPeak), 1.004 * expected(0), 3e-3 * expected(0));
}

TEST_F(Shaker, StandsStillWhileClampedAndWhileItHasNoPower) {
  apply(Load{ClampedPlatform{}});
  live(0.5);
  Collected clamped = captured(1.1);
  EXPECT_GT(clamped.mean(2, SineQuantity::kPeak), kVolts / 4.25) << "no back-EMF";
  apply(Load{DummyMass{0}});
  apply(SupplyChange{SupplyLevel{Volts(1)}});
  live(1);
  CaptureSetup setup{.name = "off", .channels = {"acceleration"}, .rate = {5000, 1}};
  setup.length = from_seconds(1.1);
  const CaptureInfo info = bench_.digitizer->arm(setup);
  SineTrack track(info, 0);
  class Fed final : public BlockSink {
   public:
    explicit Fed(SineTrack& track) : track_(track) {}
    void take(const Block& block) override { track_.take(code_block(block)); }

   private:
    SineTrack& track_;
  } fed(track);
  while (bench_.digitizer->collect(bench_.clock->now() + from_seconds(1), fed)) {
  }
  track.finish();
  EXPECT_EQ(track.windows().back().bad, SineWindow::Bad::kOnlyNoise);
}

TEST_F(Shaker, DoesTheSameEveryTime) {
  const double once = captured(1.1).mean(0, SineQuantity::kPeak);
  bench_ = open_simulated_bench(settings_, 1);
  live(1);
  EXPECT_EQ(captured(1.1).mean(0, SineQuantity::kPeak), once);
}

TEST_F(Shaker, SaysWhatItsBenchCanDo) {
  EXPECT_EQ(bench_.facts.load.si(), 0);
  for (const char* can : {"load.mass", "load.clamped", "inject.rattle", "supply.dip",
                          "channel.acceleration_x", "button.stop"}) {
    EXPECT_TRUE(bench_.facts.capabilities.contains(can)) << can;
  }
  EXPECT_FALSE(bench_.facts.capabilities.contains("load.open"));
}

}  // namespace
}  // namespace rig::testing
