// Clock 1 MHz: a conversion takes 13 us, so both of a pulse end 46 us after its start.
#include "drivers/adc.h"

#include <avr/interrupt.h>
#include <avr/io.h>
#include <util/atomic.h>

#include "drivers/events.h"
#include "drivers/pulser.h"
#include "logic/safety.h"

namespace {

constexpr uint8_t kOn = _BV(ADEN) | _BV(ADPS2);

volatile AdcChannel converting = AdcChannel::kNone;
volatile PulseReading pulse;
volatile uint16_t battery;
SupplyMonitor supply;

void convert(AdcChannel channel) {
  converting = channel;
  ADMUX = static_cast<uint8_t>(_BV(REFS0) | static_cast<uint8_t>(channel));
  ADCSRA = kOn | _BV(ADSC) | _BV(ADIE);
}

}  // namespace

void adc_init() { ADCSRA = kOn; }

uint16_t adc_read(AdcChannel channel) {
  uint16_t value = 0;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    while (ADCSRA & _BV(ADSC)) {
    }
    ADMUX = static_cast<uint8_t>(_BV(REFS0) | static_cast<uint8_t>(channel));
    ADCSRA = kOn | _BV(ADSC) | _BV(ADIF);
    while (ADCSRA & _BV(ADSC)) {
    }
    value = ADC;
    ADCSRA = kOn | _BV(ADIF);
    converting = AdcChannel::kNone;
  }
  return value;
}

void adc_sample_pulse() { convert(AdcChannel::kCurrent); }

void adc_sample_battery() {
  if (converting == AdcChannel::kNone) convert(AdcChannel::kBattery);
}

PulseReading adc_pulse() {
  PulseReading reading{};
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    reading.current = pulse.current;
    reading.voltage = pulse.voltage;
  }
  return reading;
}

uint16_t adc_battery() {
  uint16_t counts = 0;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) { counts = battery; }
  return counts;
}

ISR(ADC_vect) {
  const uint16_t counts = ADC;
  switch (converting) {
    case AdcChannel::kCurrent:
      if (counts > pulser_trip_above()) {
        pulser_cut();
        events |= kEventOverCurrent;
      }
      pulse.current = counts;
      convert(AdcChannel::kVoltage);
      break;
    case AdcChannel::kVoltage:
      pulse.voltage = counts;
      converting = AdcChannel::kNone;
      break;
    case AdcChannel::kBattery:
      battery = counts;
      converting = AdcChannel::kNone;
      if (supply.failed(counts)) events |= kEventSupplyFailed;
      break;
    case AdcChannel::kNone: break;
  }
}
