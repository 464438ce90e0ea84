// The table itself. The values of the bare library were measured on 1.6+dfsg-3; a difference means
// that the library has changed, and that the correction wants another look.
#include "tests/conformance/behaviours.h"

#include "tests/conformance/measures.h"

namespace conformance {
namespace {

constexpr std::uint64_t kMillisecond = 16'000;

Experiment run(const std::string& firmware, std::uint64_t milliseconds) {
  return {.firmware = std::string(CONFORMANCE_FIRMWARE_DIR) + "/" + firmware + ".elf",
          .cycles = milliseconds * kMillisecond};
}

Experiment with_uart(Experiment experiment, std::vector<Byte> bytes) {
  experiment.uart = std::move(bytes);
  return experiment;
}

Experiment with_pins(Experiment experiment, std::vector<Edge> pins) {
  experiment.pins = std::move(pins);
  return experiment;
}

std::vector<Byte> six_bytes() {
  std::vector<Byte> bytes;
  for (unsigned i = 0; i < 6; ++i) {
    bytes.push_back({5000 + i * kUartByteCycles, static_cast<std::uint8_t>('1' + i)});
  }
  return bytes;
}

using Table = std::vector<Behaviour>;

void add_cpu(Table& table) {
  table.insert(
      table.end(),
      {{"instruction-cycles", "cycles of 44 instruction forms", "Instruction Set Summary",
        run("instructions", 1), &instruction_cycles, "44 of 44", "44 of 44"},
       {"sleep-idiom", "sei; sleep with the event pending: 500 wake-ups",
        "Reset and Interrupt Handling", run("sleep_idiom", 100), &result0, "500", "hangs at 1"},
       {"sleep-disabled", "SLEEP without SE goes on", "SMCR", run("sleep_disabled", 1), &result0,
        "1", "hangs at 0"},
       {"power-down", "timer 1 overflows in 125 ms of power-down", "Power-down Mode",
        run("power_down", 200), &result0, "0", "31"},
       {"flag-before-enable", "flag up, then enabled: handler runs", "Reset and Interrupt Handling",
        run("late_enable", 1), &result0, "1", "0"},
       {"response-running", "match to first pin change of handler", "Interrupt Response Time",
        run("response_running", 1), &match_to_mark, "9", "3"},
       {"response-sleeping", "the same from idle sleep", "Interrupt Response Time",
        run("response_sleeping", 1), &match_to_mark, "13", "3"},
       {"after-sei-and-reti", "instructions run after SEI, and then RETI",
        "Reset and Interrupt Handling", run("after_sei", 1), &results_01, "1 2", "2 4"},
       {"priority", "four pending interrupts, 100 rounds; out of order", "Interrupt Vectors",
        run("pending_four", 20), &results_01234, "100 100 100 100 0", "100 100 100 100 0"},
       {"raised-in-handler", "flag raised in its own handler", "Reset and Interrupt Handling",
        run("raised_again", 1), &result0, "2", "2"},
       {"reset-causes", "MCUSR after power-on and watchdog reset", "MCUSR", run("reset_causes", 30),
        &result0, "9", "8"}});
}

void add_ports(Table& table) {
  table.insert(
      table.end(),
      {{"pin-timing", "cycles from OUT to SBI, and to OUT", "Instruction Set Summary",
        run("pin_timing", 1), &pin_distances, "2 1", "1 2"},
       {"pin-toggle", "SBI PINB,1 with PORTB = 7", "Toggling the Pin", run("single_bit_toggle", 1),
        &result0, "5", "0"},
       {"ddr-release", "DDR = 0 releases a high output", "Configuring the Pin",
        run("ddr_release", 1), &fall_of_pb1, "released", "stays high"},
       {"reset-release", "a reset releases a high output", "Resetting the AVR",
        run("watchdog_reset", 30), &reset_releases_pb1, "released", "no edge"},
       {"pin-interrupts", "INT0 rising, PCINT both edges", "External Interrupts",
        with_pins(run("pin_interrupts", 4), {{10'000, {'D', 2}, true},
                                             {11'000, {'D', 2}, false},
                                             {12'000, {'D', 4}, true},
                                             {13'000, {'D', 4}, false}}),
        &results_01, "1 2", "1 2"},
       {"level-interrupt", "INT0 low before enabled: repeats", "EICRA",
        with_pins(run("level_interrupt", 4), {{10'000, {'D', 2}, false}}), &result0, "10", "10"}});
}

void add_compare(Table& table) {
  table.insert(
      table.end(),
      {{"oc-false-edges", "rises of OC1A set to clear on match", "Compare Match Output Unit",
        run("oc_false_edges", 20), &rises_of_pb1, "0", "3"},
       {"oc-port-write", "OC1A high, another bit of PORTB written", "Alternate Port Functions",
        run("oc_port_write", 1), &falls_of_pb1, "falls 0, reads 1", "falls 1, reads 0"},
       {"oc-disconnect", "TCCR1A = 0 returns OC1A to PORTB", "Compare Match Output Unit",
        run("oc_disconnect", 1), &fall_after_mark, "after 2", "stays high"},
       {"force-compare", "FOC1A sets OC1A", "TCCR1C", run("force_compare", 1), &rises_of_pb1, "1",
        "0"},
       {"flag-clear", "TIFR1 = OCF1A: flags left, handler A and B", "TIFR1", run("flag_clear", 1),
        &results_012, "4 0 1", "0 0 0"},
       {"flag-clear-sbi", "SBI TIFR1,OCF1A: flags left", "Register Summary, note",
        run("single_bit_clear", 1), &result0, "4", "0"},
       {"prescaler", "first tick of clk/1024 after PSRSYNC", "Prescaler Reset", run("prescaler", 1),
        &mark_to_pb1, "1025", "1527"},
       {"input-capture", "distance of two captures", "Input Capture Unit",
        with_pins(run("input_capture", 3),
                  {{20'000, {'B', 0}, true}, {22'000, {'B', 0}, false}, {25'000, {'B', 0}, true}}),
        &capture_distance, "5000", "4999"},
       {"external-clock", "three edges at T1", "External Clock Source",
        with_pins(run("external_clock", 3), {{10'000, {'D', 5}, true},
                                             {11'000, {'D', 5}, false},
                                             {12'000, {'D', 5}, true},
                                             {13'000, {'D', 5}, false},
                                             {14'000, {'D', 5}, true}}),
        &result0, "3", "3"},
       {"temporary-register", "OCR1A after its high byte, and the low one",
        "Accessing 16-bit Registers", run("temporary_register", 1), &results_01, "0 4660",
        "4608 4660"},
       {"timer-unattended", "TCNT1 cycles beyond 1000000 (two LDS), TOV1", "Timer/Counter1",
        run("timer_unattended", 80), &results_01, "4 1", "4 1"},
       {"ctc-below", "CTC, OCR1A written below TCNT1: next match", "CTC Mode", run("ctc_below", 10),
        &marked_time, "4.0 ms", "0.0 ms"}});
}

void add_waveforms(Table& table) {
  table.insert(
      table.end(),
      {{"ctc-toggle", "mode 4, OCR1A = 999, toggle", "CTC Mode", run("waveform_4", 2),
        &waveform_of_pb1, "high 1000 of 2000", "high 1000 of 2000"},
       {"ctc-icr-toggle", "mode 12, ICR1 = 1999, toggle at 500", "CTC Mode", run("waveform_12", 2),
        &waveform_of_pb1, "high 2000 of 4000", "high 500 of 1002"},
       {"pwm-fast-8", "mode 5, OCR1A = 100", "Fast PWM Mode", run("waveform_5", 2),
        &waveform_of_pb1, "high 101 of 256", "high 102 of 256"},
       {"pwm-fast-icr", "mode 14, ICR1 = 1999, OCR1A = 500", "Fast PWM Mode", run("waveform_14", 2),
        &waveform_of_pb1, "high 501 of 2000", "high 502 of 2000"},
       {"pwm-fast-ocr", "mode 15, OCR1A = 1999, OCR1B = 1500", "Fast PWM Mode",
        run("waveform_15", 2), &waveform_of_pb2, "high 1501 of 2000", "high 1502 of 2000"},
       {"pwm-buffer", "mode 14, OCR1A 1500, then 500 in period 3", "Fast PWM Mode",
        run("pwm_buffer", 2), &high_times_of_pb1, "1501 1501 501 501", "1502 1502 1502 1502"},
       {"pwm-phase", "mode 1, OCR1A = 100", "Phase Correct PWM Mode", run("waveform_1", 2),
        &waveform_of_pb1, "high 200 of 510", "no waveform"},
       {"pwm-phase-icr", "mode 10, ICR1 = 1999, OCR1A = 500", "Phase Correct PWM Mode",
        run("waveform_10", 2), &waveform_of_pb1, "high 1000 of 3998", "no waveform"},
       {"pwm-phase-frequency", "mode 8, ICR1 = 1999, OCR1A = 500",
        "Phase and Frequency Correct PWM", run("waveform_8", 2), &waveform_of_pb1,
        "high 1000 of 3998", "high 502 of 2000"},
       {"pwm-timer0", "timer 0, mode 3, OCR0B = 100", "Fast PWM Mode", run("pwm_8bit_3", 1),
        &waveform_of_pd5, "high 101 of 256", "high 100 of 256"},
       {"pwm-timer0-ocr", "timer 0, mode 7, OCR0A = 199, OCR0B = 49", "Fast PWM Mode",
        run("pwm_8bit_7", 1), &waveform_of_pd5, "high 50 of 200", "high 50 of 200"}});
}

void add_serial(Table& table) {
  table.insert(
      table.end(),
      {{"spi-byte", "SPI byte at clk/4 and clk/16", "SPCR", run("spi_byte", 2), &spi_bytes,
        "32 128", "1601 1601"},
       {"spi-collision", "SPDR written during a byte", "SPSR", run("spi_collision", 2),
        &spi_collision, "WCOL, first byte", "no WCOL, other byte"},
       {"uart-first-byte", "UDR write to the end of the stop bit", "Data Transmission",
        run("uart_send_0", 5), &uart_first_byte, "1360", "0"},
       {"uart-spacing", "bytes at 115200 8N1, U2X", "Frame Formats", run("uart_send_0", 5),
        &uart_spacing, "1360", "1500"},
       {"uart-order", "the same, UBRR before U2X", "Frame Formats", run("uart_send_1", 5),
        &uart_spacing, "1360", "3000"},
       {"uart-buffer", "20 cycles after the first byte", "Transmitter Flags", run("uart_send_0", 5),
        &uart_buffered, "UDRE up", "UDRE down"},
       {"uart-receive", "stop bit to first pin change of handler", "Receive Complete Flag",
        with_uart(run("uart_receive", 3), {{20'000, 'x'}}), &uart_receive_time, "13", "141"},
       {"uart-overrun", "six bytes unread", "Receiver Error Flags",
        with_uart(run("uart_overrun", 10), six_bytes()), &uart_overrun, "3, DOR", "6, no DOR"}});
}

void add_analogue_and_slow(Table& table) {
  table.insert(table.end(),
               {{"adc-first", "first conversion", "Prescaling and Conversion Timing",
                 run("adc_first", 1), &first_conversion, "25 clocks", "25 clocks"},
                {"adc-free-running", "free running, clk/128", "Prescaling and Conversion Timing",
                 run("adc_free_running", 2), &cycles_between_marks, "1664", "1664"},
                {"adc-sample", "input 1 V, 4 V before ADCL is read",
                 "Prescaling and Conversion Timing", run("adc_sample", 10), &result0, "204", "818"},
                {"adc-channel", "1 V, other channel chosen meanwhile",
                 "Changing Channel or Reference", run("adc_channel", 2), &result0, "204", "613"},
                {"adc-scale", "half of the reference", "ADC Conversion Result", run("adc_scale", 1),
                 &result0, "512", "511"},
                {"adc-trigger", "ten matches B of timer 1", "Starting a Conversion",
                 run("adc_trigger", 10), &result0, "10", "0"},
                {"adc-noise-reduction", "sleep converts, timer 1 stands still",
                 "ADC Noise Canceler", run("adc_noise_reduction", 2), &results_01, "204 1", "0 0"},
                {"adc-flag", "ADIF after a conversion, and after |= ADIF", "ADCSRA",
                 run("adc_flag", 1), &results_01, "16 0", "16 16"},
                {"eeprom-write", "a byte", "EECR", run("eeprom_time", 20),
                 &milliseconds_between_marks, "3.4 ms", "0.0 ms"},
                {"watchdog-time", "wdt_enable(15 ms) to the reset", "Watchdog Timer",
                 run("watchdog_reset", 30), &mark_to_reset, "16.0 ms", "16.0 ms"},
                {"watchdog-prescaler", "after a longer time-out", "WDTCSR",
                 run("watchdog_prescaler", 3000), &mark_to_reset, "16.0 ms", "2048.0 ms"},
                {"watchdog-interrupt", "interrupts in 100 ms at 16 ms", "WDTCSR",
                 run("watchdog_interrupt", 200), &result0, "6", "1"}});
}

// Not modelled: the bench has to say so.
void add_unmodelled(Table& table) {
  const auto add = [&table](const char* id, const char* text, const char* section, int what) {
    table.push_back({id, text, section, run("unmodelled_" + std::to_string(what), 2),
                     &doubt_or_silence, "doubt", "silence"});
  };
  add("unmodelled-twi", "TWI enabled", "2-wire Serial Interface", 1);
  add("unmodelled-comparator", "analog comparator interrupt", "Analog Comparator", 2);
  add("unmodelled-asynchronous", "timer 2 on its crystal", "Asynchronous Operation", 3);
  add("unmodelled-clock", "CPU clock divided", "CLKPR", 4);
  add("unmodelled-spm", "self-programming", "Self-Programming", 5);
  add("unmodelled-channel", "reserved ADC channel", "ADMUX", 6);
}

}  // namespace

const std::vector<Behaviour>& behaviours() {
  static const Table table = [] {
    Table rows;
    add_cpu(rows);
    add_ports(rows);
    add_compare(rows);
    add_waveforms(rows);
    add_serial(rows);
    add_analogue_and_slow(rows);
    add_unmodelled(rows);
    return rows;
  }();
  return table;
}

Comparison compare(const Behaviour& behaviour) {
  Comparison result;
  result.bench = behaviour.measure(run_on_bench(behaviour.experiment));
  result.bare = behaviour.measure(run_on_bare_library(behaviour.experiment));
  result.bench_is_right = result.bench == behaviour.expected;
  result.bare_is_as_known = result.bare == behaviour.bare;
  return result;
}

}  // namespace conformance
