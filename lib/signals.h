/* SPDX-License-Identifier: GPL-3.0-or-later
 * signals.h - signals read from a descriptor by the loop that waits for everything else too. */
#ifndef SIGNALS_H
#define SIGNALS_H

/* A descriptor that the signals of the list, which ends with 0, are read from (signalfd_siginfo), without
 * waiting.  To be called before the first thread starts: every one inherits that they are blocked.
 * -1 and errno. */
int signals_open(const int *list);

#endif
