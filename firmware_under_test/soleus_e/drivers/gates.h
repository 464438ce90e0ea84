// Which compare channel of timer 1 opens which gate. Phase 1 is gate A, on PB1.
#pragma once

#include <avr/io.h>

#define GATE1_VECT TIMER1_COMPA_vect
#define GATE1_OCR OCR1A
#define GATE1_FLAG _BV(OCF1A)
#define GATE1_INTERRUPT _BV(OCIE1A)
#define GATE1_PIN _BV(PB1)
#define GATE1_SET_ON_MATCH (_BV(COM1A1) | _BV(COM1A0))
#define GATE1_CLEAR_ON_MATCH _BV(COM1A1)

#define GATE2_VECT TIMER1_COMPB_vect
#define GATE2_OCR OCR1B
#define GATE2_FLAG _BV(OCF1B)
#define GATE2_INTERRUPT _BV(OCIE1B)
#define GATE2_PIN _BV(PB2)
#define GATE2_SET_ON_MATCH (_BV(COM1B1) | _BV(COM1B0))
#define GATE2_CLEAR_ON_MATCH _BV(COM1B1)
