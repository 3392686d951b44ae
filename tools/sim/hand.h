/* SPDX-License-Identifier: GPL-3.0-or-later
 * hand.h - plays the person at an instrument that has no interface: answers what etalond asks of
 * the role (docs/control.md, question.*) from the simulated world, in a thread of its own.
 *
 * A second person confirms.  Faults are slips of people: `late` (delay_ms), `silence` (leaves the
 * question to others), `garbage` (a slip of the finger), `comma` (1,5), `unit`, `overload`, `twice`,
 * `wrong-echo` (the answer to the question before), `identity` (another serial number), `refuse`
 * (it cannot be set), `reject` (the second person does not confirm).  What is refused is answered
 * again, rightly. */
#ifndef HAND_H
#define HAND_H

#include "device.h"

#define HAND_NAME   "etalon-sim"         /* who keys, and who confirms */
#define HAND_SECOND "etalon-sim, second person"

/* control: etalond's endpoint; it may come later, and come back. */
int  hand_start(struct device *d, const char *control, struct err *e);
bool hand_knows(enum fault_kind kind);   /* can a person make this mistake? */

#endif
