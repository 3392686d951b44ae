/* SPDX-License-Identifier: GPL-3.0-or-later
 * model_point.c - the keys of one point of a model file: a quantity it measures or sources. */
#include <math.h>

#include "model_parts.h"

static const char *const nodes[] = {                   /* enum world_node */
	"voltage", "voltage_ac", "current", "current_ac", "resistance", "ratio", "frequency",
	"time_interval", "temperature", "humidity",
	"pressure", "gauge_pressure", "mass", "length", "force", "torque", "flow", "dew_point", NULL
};

#define AT(field) .offset = offsetof(struct simulated_point, field)
static const struct schema_row simulated_point_rows[] = {
	{ .key = "node", .type = S_ENUM, AT(node), .words = nodes, .required = true,
	  .help = "the part of the simulated world it sources or senses" },
	{ .key = "gain_error", .type = S_NUMBER, AT(gain_error), .fallback = "0",
	  .help = "relative error of its gain: 20e-6 reads 10.0002 for 10" },
	{ .key = "offset", .type = S_NUMBER, AT(offset), .fallback = "0",
	  .help = "its error at zero, in the unit of the point" },
	{ .key = "drift_per_hour", .type = S_NUMBER, AT(drift_per_hour), .fallback = "0",
	  .help = "how its offset moves, in the unit of the point" },
	{ .key = "noise", .type = S_NUMBER, AT(noise), .low = 0, .high = INFINITY, .fallback = "0",
	  .help = "standard deviation of a reading, in the unit of the point" },
	{ .key = "resolution", .type = S_NUMBER, AT(resolution), .low = 0, .high = INFINITY,
	  .fallback = "0",
	  .help = "least step of the indication, in the unit of the point; 0 for none" },
	{ .key = "delay", .type = S_DURATION, AT(delay_ns), .fallback = "0 s",
	  .help = "between the question and its answer" },
	{ .key = "settling", .type = S_DURATION, AT(settling_ns), .fallback = "0 s",
	  .help = "time constant of a source" },
	{ .key = "format", .type = S_CUSTOM, AT(format), .custom = format_read, .release = text_free,
	  .form = format_form, .help = "its answer; without it the shortest number, and the suffix" },
	{ .key = "unstable", .type = S_CUSTOM, AT(unstable), .custom = format_read, .release = text_free,
	  .form = format_form, .help = "its answer while the value is not stable" },
	{ .key = "overload", .type = S_STRING, AT(overload), .help = "its answer when it is overloaded" },
	{ .key = "samples", .type = S_INT, AT(samples), .low = 0, .high = 16777216, .fallback = "1000",
	  .help = "of a block: how many numbers it gives, each one step of the resolution above the one before" },
	{ .key = "pieces", .type = S_INT, AT(pieces), .low = 0, .high = 1000, .fallback = "1",
	  .help = "of a block: how many blocks they come in; 0 for one of indefinite length" },
	{ .key = "readback", .type = S_CUSTOM, AT(readback), .custom = format_read, .release = text_free,
	  .form = format_form, .help = "its answer to the read-back; without it as `format`" },
	{ 0 }
};
#undef AT

static const struct schema simulated_point_schema = {
	.what = "a simulated point", .size = sizeof(struct simulated_point),
	.rows = simulated_point_rows,
};

#define AT(field) .offset = offsetof(struct point, field)
static const struct schema_row point_rows[] = {
	{ .key = "unit", .type = S_STRING, AT(unit),
	  .help = "the unit the instrument speaks in, if it is not the quantity's" },
	{ .key = "low", .type = S_VALUE, AT(low), .help = "lower end of its range" },
	{ .key = "high", .type = S_VALUE, AT(high), .help = "upper end of its range" },
	{ .key = "overrange", .type = S_NUMBER, AT(overrange), .low = 0, .high = 1, .fallback = "0.01",
	  .help = "how far beyond low or high readings still count, as a part of high less low: the noise about zero, a "
		  "full scale that reads a little high. A reading beyond that is marked out_of_range" },
	{ .key = "resolution", .type = S_NUMBER, AT(resolution), .low = 0, .high = INFINITY,
	  .fallback = "0",
	  .help = "least step of its indication, in its unit; 0 where it is not known" },
	{ .key = "ranges", .type = S_LIST, AT(ranges), .sub = &range_schema,
	  .help = "its ranges, the finest first: a value set takes the first that holds it" },
	{ .key = "ask", .type = S_STRING, AT(ask),
	  .help = "the question that gives one reading. Points with the same question that are measured "
		  "together are asked once, and each cuts out its part; {inputs} stands for the inputs "
		  "(behind the @ of the names) of those measured together, with commas between them, "
		  "and the answer has a field for each in that order" },
	{ .key = "heard", .type = S_CUSTOM, AT(heard.match), .custom = pattern_read, .release = pattern_free,
	  .form = pattern_form,
	  .help = "for an instrument that speaks unasked: the whole message that holds the reading; its first group "
		  "is the number" },
	{ .key = "every", .type = S_DURATION, AT(heard.every_ns), .low = 0.001, .high = 3600,
	  .help = "how often it speaks at least: longer silence is a lost link" },
	{ .key = "newest", .type = S_BOOL, AT(heard.newest), .fallback = "no",
	  .help = "each reading is the next message that begins after it was wanted; without it readings that "
		  "follow each other are messages that follow each other" },
	{ .key = "heard_delay", .type = S_DURATION, AT(heard.delay_ns), .low = 0, .high = 3600,
	  .given = offsetof(struct point, heard.has_delay),
	  .help = "from the centre of the measurement to the first byte of its message" },
	{ .key = "reply", .type = S_CUSTOM, AT(reply), .custom = pattern_read, .release = pattern_free,
	  .form = pattern_form,
	  .help = "the whole answer; its first group is the number. Without it the whole "
	  "answer is the number" },
	{ .key = "field", .type = S_INT, AT(field), .low = 1, .high = 1000,
	  .help = "which of the fields between commas is the number, from 1" },
	{ .key = "reply_lines", .type = S_INT, AT(reply_lines), .low = 1, .high = 1000,
	  .help = "how many lines the answer has, each with reply_end behind it; without it one" },
	{ .key = "reply_line", .type = S_INT, AT(reply_line), .low = 1, .high = 1000,
	  .help = "which line of an answer of several is meant, from 1: everything else said of the answer is said of "
		  "that line; the others have to be plain ASCII" },
	{ .key = "unstable", .type = S_CUSTOM, AT(unstable), .custom = pattern_read,
	  .release = pattern_free,
	  .form = pattern_form, .help = "an answer that matches is marked unstable and has no value" },
	{ .key = "suffix", .type = S_STRING, AT(suffix),
	  .help = "the unit that must follow the number in the answer" },
	{ .key = "columns", .type = S_MAP, AT(columns), .sub = &columns_schema,
	  .help = "where in the answer the number stands, if always in the same place" },
	{ .key = "unit_columns", .type = S_MAP, AT(unit_columns), .sub = &columns_schema,
	  .help = "where in the answer the unit stands, if not behind the number" },
	{ .key = "units", .type = S_CUSTOM, AT(units), .custom = unit_words_read, .release = unit_words_free,
	  .form = unit_words_form,
	  .help = "the units it may speak in, each converted; any other is refused" },
	{ .key = "status_marks", .type = S_LIST, AT(status_marks), .sub = &mark_schema,
	  .help = "answers that mean something else than a number, in order" },
	{ .key = "block", .type = S_MAP, AT(block), .sub = &block_schema, .given = offsetof(struct point, block.given),
	  .help = "the answer is an array: IEEE 488.2 blocks, one or several, and nothing else" },
	{ .key = "timeout", .type = S_DURATION, AT(timeout_ns), .low = 0.001, .high = 3600,
	  .help = "of this question, where it is not the model's" },
	{ .key = "aperture", .type = S_DURATION, AT(aperture_ns), .low = 0, .high = 3600,
	  .help = "integration time of a reading" },
	{ .key = "aperture_delay", .type = S_DURATION, AT(aperture_delay_ns), .low = 0, .high = 3600,
	  .help = "from the question to the start of integration" },
	{ .key = "arm", .type = S_STRINGS, AT(arm),
	  .help = "commands that prepare a triggered measurement; sent before its instant" },
	/* Of Modbus devices. */
	{ .key = "readback", .type = S_CUSTOM, AT(modbus.readback), .custom = modbus_read_readback,
	  .when = model_is_modbus, .form = "the registers to read back, or no",
	  .help = "Modbus: the registers that show what was set, if not the target; no where nothing does" },
	{ .key = "done", .type = S_MAP, AT(modbus.done), .sub = &poll_schema, .when = model_is_modbus,
	  .given = offsetof(struct point, modbus.has_done),
	  .help = "Modbus: read after a set until it is done" },
	{ .key = "function", .type = S_INT, AT(modbus.function), .low = 5, .high = 22,
	  .help = "the function code that writes the target: 5, 6, 15, 16, or 22 for a field of bits; without it 5, 6 or 16, the first that can" },
	{ .key = "trigger", .type = S_MAP, AT(modbus.trigger), .sub = &write_schema, .when = model_is_modbus,
	  .given = offsetof(struct point, modbus.has_trigger),
	  .help = "Modbus: what is written to begin a measurement" },
	{ .key = "ready", .type = S_MAP, AT(modbus.ready), .sub = &poll_schema, .when = model_is_modbus,
	  .given = offsetof(struct point, modbus.has_ready),
	  .help = "Modbus: read until the reading is there, before it is read" },
	{ .key = "status", .type = S_LIST, AT(modbus.status), .sub = &register_status_schema,
	  .help = "registers beside the reading that say what it is worth; the first that applies" },
	{ .key = "trigger", .type = S_STRING, AT(trigger),
	  .help = "the command that begins the measurement, or bus for a group execute trigger (*TRG where the "
		  "transport has none). Ports that measure together trigger at the same instant" },
	{ .key = "ready", .type = S_CUSTOM, AT(ready), .custom = model_wait_read, .release = model_wait_release,
	  .form = model_wait_form, .sub = &model_wait_schema, .help = "what shows that the reading can be asked for" },
	{ .key = "set", .type = S_STRING, AT(set),
	  .help = "the command that sets it; {} stands for the value" },
	{ .key = "readback", .type = S_STRING, AT(readback),
	  .help = "the question that gives the value set" },
	{ .key = "readback_reply", .type = S_CUSTOM, AT(readback_reply), .custom = pattern_read,
	  .release = pattern_free, .form = pattern_form,
	  .help = "the whole of that answer; its first group is the number. Without it the whole answer is" },
	{ .key = "readback_field", .type = S_INT, AT(readback_field), .low = 1, .high = 1000,
	  .help = "which of its fields between commas is the number, from 1" },
	{ .key = "tolerance", .type = S_VALUE, AT(tolerance),
	  .help = "how far the value read back may be from the value set, beside half a step of its range" },
	{ .key = "done", .type = S_CUSTOM, AT(done), .custom = model_wait_read, .release = model_wait_release,
	  .form = model_wait_form, .sub = &model_wait_schema, .help = "what shows that a set is done" },
	{ .key = "safe", .type = S_VALUE, AT(safe),
	  .help = "what it is set to where the bench is to be safe" },
	{ .key = "output", .type = S_STRING, AT(output),
	  .help = "the output it drives, by any name: of the points that name the same one only the one set last "
		  "stands, as at a calibrator that gives a voltage or a current" },
	{ .key = "registers", .type = S_MAP, AT(registers), .sub = &registers_schema,
	  .given = offsetof(struct point, has_registers),
	  .help = "where a Modbus device keeps the reading" },
	{ .key = "target", .type = S_MAP, AT(target), .sub = &registers_schema,
	  .given = offsetof(struct point, has_target),
	  .help = "where a Modbus device takes the value set" },
	{ .key = "manual", .type = S_MAP, AT(manual), .sub = &point_manual_schema,
	  .help = "how a person reads or sets it" },
	{ .key = "simulate", .type = S_MAP, AT(simulate), .sub = &simulated_point_schema,
	  .given = offsetof(struct point, simulated), .help = "how etalon-sim plays it" },
	{ 0 }
};
#undef AT

const struct schema point_schema = {
	.what = "a point", .size = sizeof(struct point), .rows = point_rows,
	.place = offsetof(struct point, place), .check = model_check_point,
};
