// The converter: current and voltage in every pulse, the battery in between.
#pragma once

#include <stdint.h>

#include "logic/pulse.h"

void adc_init();

enum class AdcChannel : uint8_t { kCurrent, kVoltage, kBattery, kNone = 0xFF };

// One conversion, waited for. Only while the output is disabled.
uint16_t adc_read(AdcChannel channel);

// Starts current, then voltage. Call within a pulse, from an interrupt.
void adc_sample_pulse();

// Starts the battery unless a conversion runs. Interrupts must be off.
void adc_sample_battery();

PulseReading adc_pulse();
uint16_t adc_battery();
