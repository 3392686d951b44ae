/* SPDX-License-Identifier: GPL-3.0-or-later
 * report.h - collecting findings, and carrying a report from one process to another. */
#ifndef REPORT_H
#define REPORT_H

#include "archive_verify.h"

void report_add(struct archive_report *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

void report_put(struct buf *b, const struct archive_report *r);          /* one JSON object */
int  report_get(struct archive_report *r, struct span text);             /* -1: it is not one */

#endif
