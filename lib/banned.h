/* SPDX-License-Identifier: GPL-3.0-or-later
 * banned.h - functions that have cost others dearly do not compile here.  Every translation
 * unit sees this file through the compiler's -include, after the headers that declare them. */
#ifndef BANNED_H
#define BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf strtok strtok_r
#pragma GCC poison atoi atol atoll atof gmtime localtime ctime asctime gets

#endif
