// What the firmwares of the conformance suite share: results in RAM, marks on port C, an end.
// Each of them shows one behaviour of the ATmega328P at 16 MHz and nothing else.
#ifndef BEHAVIOUR_H
#define BEHAVIOUR_H

#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>
#include <util/delay.h>

// Above what the firmwares use; RAM is undefined at power-on, so write before counting.
#define RESULT ((volatile uint16_t*)0x700)
#define FINISHED 0x600D

#define PASS_CYCLES(n) __builtin_avr_delay_cycles(n)

// Marks PC0 with the same kind of instruction as the access that follows.
#define MARK_OUT(value) \
  asm volatile("out %0, %1" : : "I"(_SFR_IO_ADDR(PORTC)), "r"((uint8_t)(value)))
#define MARK_STS(value) \
  asm volatile("sts %0, %1" : : "i"(_SFR_MEM_ADDR(PORTC)), "r"((uint8_t)(value)))

// The first instruction of a handler, without prologue: PC0 goes up. It never returns.
#define MARKING_ISR(vector)          \
  ISR(vector, ISR_NAKED) {           \
    asm volatile(                    \
        "sbi %0, 0\n\t"              \
        "1: rjmp 1b"                 \
        :                            \
        : "I"(_SFR_IO_ADDR(PORTC))); \
  }

static inline void begin(void) {
  DDRC = 0x3F;
  for (uint8_t i = 0; i < 16; i++) RESULT[i] = 0;
}

static inline void finish(void) {
  RESULT[15] = FINISHED;
  cli();
  set_sleep_mode(SLEEP_MODE_IDLE);
  sleep_enable();
  sleep_cpu();
  for (;;) {
  }
}

#endif
