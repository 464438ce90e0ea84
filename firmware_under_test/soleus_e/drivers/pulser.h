// Makes the pulses. Every edge is made by the compare hardware of timer 1 at its tick; the
// interrupts only prepare the next edge.
//
//  gate 1  ___|~~~~~~~~|_______________________________________|~~~
//  gate 2  ________________|~~~~~~~~|______________________________
//             ^ sample              ^ done             ^ due
//
// "due" comes 3 ms before the next pulse. If the main loop does not arm it by then with a
// plan, the pulse is left out: a main loop that hangs makes no pulses.
#pragma once

#include <stdint.h>

#include "logic/pulse.h"

void pulser_init();

// Enables the output; the first pulse is due at once and begins after the converter has settled.
void pulser_start();

// Arms the pulse that is due. Returns false when it is too late or none is due.
bool pulser_arm(const PulsePlan& plan);

// Lets a running pulse finish and no other begin, then disables the output.
void pulser_stop();

bool pulser_idle();

// Ends everything inside a pulse. Interrupts must be off.
void pulser_cut();

// True within the part of a pulse in which the converter is needed, and just before it.
// Interrupts must be off.
bool pulser_needs_converter();

// Counts above which the current of this pulse is an over-current.
uint16_t pulser_trip_above();
