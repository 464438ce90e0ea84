#include <fmt/format.h>

#include "rig/evidence/export.h"
#include "tests/evidence/replayed.h"

namespace rig {
namespace {

using testing::block_of;
using testing::drawn_codes;
using testing::kMega;
using testing::refusal;
using testing::Replayed;
using testing::replayed;
using testing::two_channels;
using testing::WaveformTest;
using Values = std::vector<double>;
using namespace std::string_literals;

class CsvFileTest : public WaveformTest {
 protected:
  Replayed read(const std::string& text) const { return replayed({.path = file("x.csv", text)}); }
  std::string refused(const std::string& text) const {
    return refusal({.path = file("x.csv", text)});
  }
  Values values(const std::string& text) const { return read(text).codes.at(0); }
};

Values as_floats(std::initializer_list<double> values) {
  Values out;
  for (const double value : values) out.push_back(static_cast<double>(static_cast<float>(value)));
  return out;
}

SampleRate hertz(std::uint64_t samples) { return {.samples = samples, .seconds = 1}; }

TEST_F(CsvFileTest, TakesOurOwnExportBackBitByBit) {
  const std::vector<std::vector<std::int16_t>> codes{drawn_codes(30'000, 1),
                                                     drawn_codes(30'000, 2)};
  CaptureInfo info = two_channels();
  info.rate = {.samples = 10'000'000, .seconds = 3};
  info.channels[1].scale = 1.0 / 3;
  info.channels[1].name = "a: b + c";
  CaptureWriter writer(folder_, "captures/0001-x.h5", info);
  writer.take(block_of(5, codes));
  writer.take(block_of(40'005, codes, 3));
  writer.take(block_of(80'005, codes, 3, true));
  writer.close();
  export_capture(CaptureReader(folder_ / "captures/0001-x.h5"), folder_ / "x.csv");

  for (const std::string name : {"x.csv", "captures/0001-x.h5"}) {
    const Replayed got = replayed({.path = path(name)});
    EXPECT_EQ(got.type, CodeType::kI16);
    EXPECT_EQ(got.info.rate, info.rate);
    EXPECT_EQ(got.info.rate_u, info.rate_u);
    EXPECT_EQ(got.info.armed_at, info.armed_at);
    EXPECT_EQ(got.info.alignment_u, info.alignment_u);
    EXPECT_EQ(got.info.name, "trip");
    EXPECT_TRUE(got.info.integrity_proven);
    EXPECT_EQ(got.pieces,
              (std::vector<Replayed::Piece>{
                  {5, 0, false, 30'000}, {40'005, 3, false, 30'000}, {80'005, 3, true, 30'000}}));
    for (std::size_t c = 0; c < 2; ++c) {
      EXPECT_EQ(got.info.channels[c].name, info.channels[c].name);
      EXPECT_EQ(got.info.channels[c].unit, info.channels[c].unit);
      EXPECT_EQ(got.info.channels[c].scale, info.channels[c].scale);
      EXPECT_EQ(got.info.channels[c].offset, info.channels[c].offset);
      EXPECT_EQ(got.info.channels[c].gain_u, info.channels[c].gain_u);
      EXPECT_EQ(got.info.channels[c].offset_u, info.channels[c].offset_u);
      EXPECT_EQ(got.info.channels[c].bandwidth_hz, info.channels[c].bandwidth_hz);
      EXPECT_EQ(got.info.channels[c].clip_low, -2048);
      EXPECT_EQ(got.info.channels[c].clip_high, 2047);
      ASSERT_EQ(got.codes[c].size(), 90'000u);
      for (std::size_t i = 0; i < 90'000; ++i) ASSERT_EQ(got.codes[c][i], codes[c][i % 30'000]);
    }
  }
}

TEST_F(CsvFileTest, ReadsRigol) {
  const Replayed got = read(
      "X,CH1,CH2,Start,Increment,\r\nSequence,Volt,Volt,-6.000000e-04,1.000000e-06,\r\n"
      "0,-1.60e-01,2.0e+00,,\r\n1,4.00e-02,1.0e+00,,\r\n2,0,3,,\r\n");
  EXPECT_EQ(got.codes, (std::vector<Values>{as_floats({-0.16, 0.04, 0}), {2, 1, 3}}));
  EXPECT_EQ(got.info.rate, hertz(1'000'000));
  EXPECT_EQ(got.info.armed_at, std::chrono::microseconds(-600));
  EXPECT_EQ(got.info.channels[0].name, "CH1");
  EXPECT_EQ(got.info.channels[1].unit, "V");
  EXPECT_EQ(refused("X,CH1,Start,Increment,\nSequence,Volt,0,1e-06,\n0,1,,\n1,1,,\n3,1,,\n"),
            "x.csv:5:1: expected row number 2, found '3'");
}

TEST_F(CsvFileTest, ReadsSiglent) {
  const std::string head =
      "Record Length,Analog:7000\nSample Interval,Analog:1.000000e-09\nVertical Units,CH1:V\n"
      "Vertical Scale,CH1:0.50\nHorizontal Units,s\nModel Number,SDS1204X-E\nSource,CH1,CH2\n"
      "Second,Volt,Volt\n";
  const Replayed got =
      read(head + "-0.00700000000,0.02,1\n-0.00699999900,0.04,2\n-0.00699999800,-1.5e-3,3\n");
  EXPECT_EQ(got.codes, (std::vector<Values>{as_floats({0.02, 0.04, -1.5e-3}), {1, 2, 3}}));
  EXPECT_EQ(got.info.rate, hertz(1'000'000'000));
  EXPECT_EQ(got.info.armed_at, std::chrono::milliseconds(-7));
  EXPECT_EQ(got.info.channels[1].name, "CH2");
  const Replayed older = read(
      "Record Length,Analog:3;Digital:0;\nSample Interval,Analog:2e-06;\nSource,CH1;\n"
      "Second,Volt;\n0,1\n2e-06,2\n4e-06,3\n");
  EXPECT_EQ(older.codes, (std::vector<Values>{{1, 2, 3}}));
  EXPECT_EQ(older.info.rate, hertz(500'000));
}

TEST_F(CsvFileTest, ReadsTektronixOldAndNew) {
  const Replayed old = read(
      "Record Length,2.500000e+03,,  -0.005000000000,   0.00000,\n"
      "Sample Interval,4.000000e-06,,  -0.004996000000,   0.02000,\n"
      "Trigger Point,1.250000000000e+03,,  -0.004992000000,   0.04000,\n"
      "Source,CH2,,  -0.004988000000,   0.06000,\nVertical Units,A,,  -0.004984000000,   0.08000,\n"
      ",,,  -0.004980000000,   0.10000,\n");
  EXPECT_EQ(old.codes, (std::vector<Values>{as_floats({0, 0.02, 0.04, 0.06, 0.08, 0.1})}));
  EXPECT_EQ(old.info.rate, hertz(250'000));
  EXPECT_EQ(old.info.armed_at, std::chrono::milliseconds(-5));
  EXPECT_EQ(old.info.channels[0].name, "CH2");
  EXPECT_EQ(old.info.channels[0].unit, "A");
  EXPECT_EQ(
      read("\"Record Length\",3,\"Points\",-1e-3,1\n\"Sample Interval\",1e-3,s,0,2\n").info.rate,
      hertz(1000));

  const Replayed newer = read(
      "Model,MSO44\nFirmware Version,1.0\nWaveform Type,ANALOG\nHorizontal Scale,4e-05\n"
      "Sample Interval,3.2e-10\nRecord Length,3\nVertical Units,V\n,\n,\nLabel,\nTIME,CH1\n"
      "-2.000000e-04,0.5\n-1.9999968e-04,1\n-1.9999936e-04,1.5\n");
  EXPECT_EQ(newer.codes, (std::vector<Values>{{0.5, 1, 1.5}}));
  EXPECT_EQ(newer.info.rate, hertz(3'125'000'000));
}

TEST_F(CsvFileTest, ReadsAnyonesWithUnitsSeparatorsAndDecimalCommas) {
  EXPECT_EQ(values("0,1\n0.001,2\n"), (Values{1, 2}));
  EXPECT_EQ(values("time\tv\n0\t1\n1\t2\n"), (Values{1, 2}));
  EXPECT_EQ(values("\xEF\xBB\xBFZeit;Spannung\r\n0,00;1,5\r\n0,01;-2,5\r\n"), (Values{1.5, -2.5}));
  EXPECT_EQ(values("\"Time\",\"A, B\"\n0, +1 \n\n1 ,\"2\""), (Values{1, 2}));
  const Replayed pico = read("Time,Channel A,Channel B\n(ms),(mV),(A)\n\n-1.0,250,1\n-0.5,500,2\n");
  EXPECT_EQ(pico.info.rate, hertz(2000));
  EXPECT_EQ(pico.info.channels[0].name, "Channel A");
  EXPECT_EQ(pico.info.channels[0].unit, "V");
  EXPECT_EQ(pico.info.channels[0].value_of(pico.codes[0][0]), 0.25);
  EXPECT_EQ(pico.info.channels[1].unit, "A");
  const Replayed named = read("t_us,current_mA,voltage_V,note\n0,1,2,3\n4,1,2,3\n");
  EXPECT_EQ(named.info.rate, hertz(250'000));
  EXPECT_EQ(named.info.channels[0].name, "current");
  EXPECT_EQ(named.info.channels[0].scale, 1e-3);
  EXPECT_EQ(named.info.channels[2].name, "note");
  const Replayed bare = read("s,V,A\n0,1,2\n1,1,2\n");
  EXPECT_EQ(bare.info.channels[0].name, "voltage");
  EXPECT_EQ(bare.info.channels[1].name, "current");
}

TEST_F(CsvFileTest, ReadsAccelerationsInMetresPerSecondSquaredAndInMultiplesOfGravity) {
  const std::vector<std::pair<std::string, double>> units = {
      {"acceleration [m/s2]", 1}, {"z (m/s^2)", 1},       {"z [m/s\xC2\xB2]", 1},
      {"z_g", 9.80665},           {"z [mg]", 9.80665e-3}, {"gn", 9.80665}};
  for (const auto& [head, scale] : units) {
    const Replayed got = read("time [s]," + head + "\n0,2\n0.001,-4\n");
    EXPECT_EQ(got.info.channels[0].unit, "m/s2") << head;
    EXPECT_NEAR(got.info.channels[0].value_of(got.codes[0][0]), 2 * scale, 1e-6 * scale) << head;
    EXPECT_NEAR(got.info.channels[0].value_of(got.codes[0][1]), -4 * scale, 1e-6 * scale) << head;
  }
}

TEST_F(CsvFileTest, NeedsNoTimesWhenTheRateIsGiven) {
  const auto at_mega = [&](const std::string& text) {
    return replayed({.path = file("x.csv", text), .rate = kMega});
  };
  EXPECT_EQ(at_mega("1\n2\n3\n").codes, (std::vector<Values>{{1, 2, 3}}));
  EXPECT_EQ(at_mega("# mine\nCH1,CH2\n1,2\n3,4\n").codes, (std::vector<Values>{{1, 3}, {2, 4}}));
  EXPECT_EQ(at_mega("time,CH2\n0,2\n9,4\n").codes, (std::vector<Values>{{2, 4}}));
  EXPECT_EQ(at_mega("time,CH2\n0,2\n9,4\n7,4\n").info.rate, kMega) << "the user wins";
  EXPECT_EQ(refused("1\n2\n"), "x.csv: rate: expected a sample rate, which the file does not say");
  EXPECT_EQ(read("; CSV by sigrok\n; Samplerate: 2 MHz\nlogic\n1\n0\n").info.rate,
            hertz(2'000'000));
}

TEST_F(CsvFileTest, FindsTheRateBehindRoundedTimes) {
  const auto rate = [&](double step, const char* format, int rows = 3000, double start = -0.01) {
    std::string text = "t,v\n";
    for (int i = 0; i < rows; ++i) {
      text += fmt::format(fmt::runtime(format), start + i * step) + ",1\n";
    }
    const Replayed got = read(text);
    EXPECT_EQ(got.codes[0].size(), static_cast<std::size_t>(rows));
    return got.info.rate;
  };
  EXPECT_EQ(rate(1 / 3e6, "{:.9f}"), hertz(3'000'000));
  EXPECT_EQ(rate(1e-6, "{:.6f}"), hertz(1'000'000));
  EXPECT_EQ(rate(1e-6, "{:.6e}"), hertz(1'000'000));
  EXPECT_EQ(rate(1e-5, "{:.4g}"), hertz(100'000));
  EXPECT_EQ(rate(7e-3, "{}"), (SampleRate{.samples = 1000, .seconds = 7}));
  EXPECT_EQ(rate(1 / 44100.0, "{:.8f}", 100'000), hertz(44100));
  EXPECT_EQ(rate(1e-6, "{}", 3000, 1.7e9), hertz(1'000'000)) << "dates, a quarter step coarse";
}

TEST_F(CsvFileTest, RefusesStepsThatDiffer) {
  EXPECT_EQ(refused("t,v\n0,1\n1e-6,1\n3e-6,1\n4e-6,1\n5e-6,1\n"),
            "x.csv:3:1: expected a time step of 1.25e-06 s, found 1e-06 s");
  std::string text = "t,v\n";
  for (int i = 0; i < 5000; ++i) text += fmt::format("{:.7f},1\n", (i < 4000 ? i : i + 1) * 1e-6);
  EXPECT_EQ(refused(text), "x.csv:4002:1: expected a time step of 1e-06 s, found 2e-06 s");
  EXPECT_EQ(refused("t,v\n1,1\n1,1\n"),
            "x.csv:3:1: expected times that rise by 0.1 ps to 1e6 s a row, found 1 s after 1 s");
  EXPECT_EQ(refused("t,v\n2,1\n1,1\n"),
            "x.csv:3:1: expected times that rise by 0.1 ps to 1e6 s a row, found 1 s after 2 s");
  EXPECT_EQ(refused("t,v\n2,1\n"),
            "x.csv:2:1: expected at least two rows, to tell the sample rate, found one");
  text = "t,v\n";
  for (int i = 0; i < 5000; ++i) text += fmt::format("{:.5g},1\n", 1 + i * 1e-6);
  EXPECT_NE(refused(text), "") << "decimals that hide the steps";
}

TEST_F(CsvFileTest, RefusesSampleIntervalsThatAreNone) {
  EXPECT_EQ(refused("Sample Interval,-1e-9\nTIME,CH1\n0,1\n1,1\n"),
            "x.csv:1:17: expected a sample interval of 0.1 ps to 1e6 s, found '-1e-9'");
  EXPECT_EQ(refused("Record Length,2,,0,1\nSample Interval,0,,1,2\n"),
            "x.csv:2:17: expected a sample interval of 0.1 ps to 1e6 s, found '0'");
  EXPECT_EQ(refused("X,CH1,Start,Increment,\nSequence,Volt,0,0,\n0,1,,\n1,1,,\n"),
            "x.csv:3:1: expected above this row a sample interval of 0.1 ps to 1e6 s, found '0'");
}

TEST_F(CsvFileTest, RefusesCellsThatAreNoNumbers) {
  EXPECT_EQ(refused("t,v\n0,1\n1,x\n"), "x.csv:3:3: expected a number, found 'x'");
  EXPECT_EQ(refused("t,v\n0,1\n1,nan\n"), "x.csv:3:3: expected a finite number, found 'nan'");
  EXPECT_EQ(refused("t,v\n0,1\n1, -inf\n"), "x.csv:3:4: expected a finite number, found '-inf'");
  EXPECT_EQ(refused("t,v\n0,1\nnan,1\n"), "x.csv:3:1: expected a finite number, found 'nan'");
  EXPECT_EQ(refused("t,v\n0,1\n1,\n"), "x.csv:3:3: expected a number, found nothing");
  EXPECT_EQ(refused("t,v\n0,1\n1\n"), "x.csv:3:2: expected a number, found the end of the line");
  EXPECT_EQ(refused("t,v\n0,1\n1,1,1\n"), "x.csv:3:5: expected the end of the line, found '1'");
  EXPECT_EQ(refused("t,v\n0,1\n1,1e39\n"),
            "x.csv:3:3: expected a number below 3.4e38, found '1e39'");
  EXPECT_EQ(refused("t,v\n0,1\n1,0x10\n"), "x.csv:3:3: expected a number, found '0x10'");
  EXPECT_EQ(refused("t,v\n0,1\n1,\x1B[2J\n"), "x.csv:3:3: expected a number, found '\\x1b[2J'");
  EXPECT_EQ(refused("t,v\n0,1\n1," + std::string(100, 'y') + "\n"),
            "x.csv:3:3: expected a number, found '" + std::string(40, 'y') + "...'");
}

TEST_F(CsvFileTest, RefusesFilesWithoutRows) {
  EXPECT_EQ(refused(""), "x.csv: byte 0: expected samples, found the end of the file");
  EXPECT_EQ(refused("t,v\n"),
            "x.csv:1:1: expected a row of numbers, found none up to the end of the file");
  EXPECT_EQ(refused("t,v\nhello\n"),
            "x.csv:2:1: expected a row of numbers, found none up to the end of the file");
  std::string prose;
  for (int i = 0; i < 2000; ++i) prose += "no numbers here\n";
  EXPECT_EQ(refused(prose), "x.csv:1000:1: expected a row of numbers, found none in 1000 lines");
  EXPECT_EQ(refused("t,a,b,c,d,e\n0,1,2,3,4,5\n1,1,2,3,4,5\n"),
            "x.csv:2:1: expected 1 to 4 channels, found 5");
  EXPECT_EQ(refused("0," + std::string(3'000'000, '1')),
            "x.csv:1:1: expected a line of at most 1 MiB, found a longer one");
}

TEST_F(CsvFileTest, RefusesOurOwnExportWhenDamaged) {
  const std::string head =
      "# capture: trip\n# rate: 5000000 samples in 1 s, relative standard uncertainty 2.5e-05\n"
      "# armed_at_s: -1.500000000000, standard uncertainty 1e-07 s\n# integrity_proven: false\n"
      "# voltage: -0.25 + 0.125 * code, unit V, clipped at -2048 and 2047\n"
      "t_s,segment,sample,voltage_V,voltage_code,clipped,lost_before\n";
  const Replayed got = read(head + "1.5,0,1,-0.125,1,0,0\n1.5,0,2,-0.5,-2,0,1\n");
  EXPECT_EQ(got.codes[0], (Values{1, -2}));
  EXPECT_EQ(got.pieces.size(), 2u);
  EXPECT_EQ(got.info.armed_at, std::chrono::milliseconds(-1500));
  EXPECT_FALSE(got.info.integrity_proven);
  EXPECT_EQ(refused(head + "1.5,0,1,-0.125,40000,0,0\n"),
            "x.csv:7:16: expected a whole number from -32768 to 32767, found '40000'");
  EXPECT_EQ(refused(head + "1.5,0,-1,-0.125,4,0,0\n"),
            "x.csv:7:7: expected a whole number from 0 to 9007199254740992, found '-1'");
  EXPECT_EQ(refused(head + "1.5,0,1,0,4,0,0\n1.5,0,1,0,4,0,0\n"),
            "x.csv:8:7: expected a sample after 1, found '1'");
  EXPECT_EQ(refused(head + "1.5,0,1,-0.1\n"), "x.csv:7:1: expected 7 cells, found 4");
  EXPECT_EQ(refused(head),
            "x.csv:6:1: expected a row of numbers, found none up to the end of the file");
  std::string other = head;
  other.replace(other.find("0.125"), 5, "0");
  EXPECT_EQ(refused(other),
            "x.csv:5:1: expected a line as 'rig export' writes it, found "
            "'# voltage: -0.25 + 0 * code, unit V, cli...'");
  other = head;
  other.replace(other.find("5000000"), 7, "0");
  EXPECT_EQ(refused(other),
            "x.csv:2:1: expected a line as 'rig export' writes it, found "
            "'# rate: 0 samples in 1 s, relative stand...'");
}

}  // namespace
}  // namespace rig
