/* SPDX-License-Identifier: GPL-3.0-or-later
 * digits.h - how many digits of a number a person should see. */
#ifndef DIGITS_H
#define DIGITS_H

#define DIGITS_TEXT 48

/* An uncertainty or standard deviation with two significant digits (JCGM 100:2008, 7.2.6); "-" for
 * NAN. */
char *digits_spread(double u, char text[DIGITS_TEXT]);

/* A value as far as its uncertainty u goes; where u says nothing (0 or NAN), ten significant
 * digits. */
char *digits_value(double v, double u, char text[DIGITS_TEXT]);

/* A nominal value as short as it reads back. */
char *digits_short(double v, char text[DIGITS_TEXT]);

/* Degrees of freedom: whole where they are, else cut (not rounded) to one decimal, as JCGM 100:2008,
 * G.4.1 errs on the safe side. */
char *digits_freedom(double v, char text[DIGITS_TEXT]);

#endif
