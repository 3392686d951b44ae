/* SPDX-License-Identifier: GPL-3.0-or-later
 * model_schema.c - every key a model file may have. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model_parts.h"

static const char *const manners[] = { "scpi", "text", "modbus", NULL };
static const char *const tables[] = { "holding", "input", "coil", "discrete", NULL };
static const char *const types[] = { "int16", "uint16", "int32", "uint32", "float32",
				    "float64", "bit", NULL };
static const char *const orders[] = { "ABCD", "CDAB", "BADC", "DCBA", NULL };
static const char *const parities[] = { "none", "even", "odd", NULL };
static const char *const flows[] = { "none", "rts-cts", "xon-xoff", NULL };
static const char *const nodes[] = { "voltage", "temperature", "humidity", "dew_point", NULL };
static const char *const statuses[] = { "overload", "underload", "not_a_number", "unstable", NULL };

#define AT(field) .offset = offsetof(struct registers, field)
static const struct schema_row registers_rows[] = {
	{ .key = "table", .type = S_ENUM, AT(table), .words = tables, .fallback = "holding",
	  .help = "which of the four tables of the device" },
	{ .key = "address", .type = S_INT, AT(address), .low = 0, .high = 65535, .required = true,
	  .help = "the first register, as it goes over the line, from 0 (not 40001)" },
	{ .key = "type", .type = S_ENUM, AT(type), .words = types, .required = true,
	  .help = "what the registers hold; bit for coils and discrete inputs" },
	{ .key = "order", .type = S_ENUM, AT(order), .words = orders, .fallback = "ABCD",
	  .help = "order of the bytes over the line, A the most significant: CDAB has its words swapped, "
		  "BADC its bytes, DCBA both" },
	{ .key = "scale", .type = S_NUMBER, AT(scale), .fallback = "1",
	  .help = "the value is scale times the number in the registers, plus offset" },
	{ .key = "offset", .type = S_NUMBER, AT(offset), .fallback = "0",
	  .help = "added after scaling, in the unit of the point" },
	{ 0 }
};
#undef AT

static const struct schema registers_schema = {
	.what = "a register", .size = sizeof(struct registers), .rows = registers_rows,
	.check = model_check_registers,
};

static const char format_form[] = "a text with one number in printf's form, such as %+.8E";

/* What a file says is handed to printf by the simulator: it must take one double and nothing else. */
static bool is_format(const char *text)
{
	const char *p = strchr(text, '%');

	if (!p || strchr(p + 1, '%'))
		return false;
	p += 1 + strspn(p + 1, "+");
	p += strspn(p, "0123456789") < 3 ? strspn(p, "0123456789") : 0;
	if (*p == '.')
		p += 1 + (strspn(p + 1, "0123456789") < 3 ? strspn(p + 1, "0123456789") : 0);
	return *p && strchr("eEfgG", *p);
}

static void read_format(struct schema_context *c, const struct yaml *node, void *field)
{
	const char *text = schema_scalar(c, node, format_form);

	if (text && !is_format(text))
		schema_problem(c, node, "format: expected %s, found '%s'", format_form, text);
	else if (text)
		*(char **)field = mem_string(text);
}

static void free_text(void *field)
{
	char **text = field;

	free(*text);
	*text = NULL;
}

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
	{ .key = "format", .type = S_CUSTOM, AT(format), .custom = read_format, .release = free_text,
	  .form = format_form, .help = "its answer; without it the shortest number, and the suffix" },
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
	{ .key = "resolution", .type = S_NUMBER, AT(resolution), .low = 0, .high = INFINITY,
	  .fallback = "0",
	  .help = "least step of its indication, in its unit; 0 where it is not known" },
	{ .key = "ask", .type = S_STRING, AT(ask), .help = "the question that gives one reading" },
	{ .key = "reply", .type = S_CUSTOM, AT(reply), .custom = pattern_read, .release = pattern_free,
	  .form = pattern_form,
	  .help = "the whole answer; its first group is the number. Without it the whole "
	  "answer is the number" },
	{ .key = "field", .type = S_INT, AT(field), .low = 1, .high = 1000,
	  .help = "which of the fields between commas is the number, from 1" },
	{ .key = "unstable", .type = S_CUSTOM, AT(unstable), .custom = pattern_read,
	  .release = pattern_free,
	  .form = pattern_form, .help = "an answer that matches is marked unstable and has no value" },
	{ .key = "suffix", .type = S_STRING, AT(suffix),
	  .help = "the unit that must follow the number in the answer" },
	{ .key = "timeout", .type = S_DURATION, AT(timeout_ns), .low = 0.001, .high = 3600,
	  .help = "of this question, where it is not the model's" },
	{ .key = "aperture", .type = S_DURATION, AT(aperture_ns), .low = 0, .high = 3600,
	  .help = "integration time of a reading" },
	{ .key = "aperture_delay", .type = S_DURATION, AT(aperture_delay_ns), .low = 0, .high = 3600,
	  .help = "from the question to the start of integration" },
	{ .key = "set", .type = S_STRING, AT(set),
	  .help = "the command that sets it; {} stands for the value" },
	{ .key = "readback", .type = S_STRING, AT(readback),
	  .help = "the question that gives the value set" },
	{ .key = "tolerance", .type = S_VALUE, AT(tolerance),
	  .help = "how far the value read back may be from the value set" },
	{ .key = "done", .type = S_STRING, AT(done),
	  .help = "asked after a set; the answer 1 means done, such as *OPC?" },
	{ .key = "safe", .type = S_VALUE, AT(safe),
	  .help = "what it is set to where the bench is to be safe" },
	{ .key = "registers", .type = S_MAP, AT(registers), .sub = &registers_schema,
	  .given = offsetof(struct point, has_registers),
	  .help = "where a Modbus device keeps the reading" },
	{ .key = "target", .type = S_MAP, AT(target), .sub = &registers_schema,
	  .given = offsetof(struct point, has_target),
	  .help = "where a Modbus device takes the value set" },
	{ .key = "simulate", .type = S_MAP, AT(simulate), .sub = &simulated_point_schema,
	  .given = offsetof(struct point, simulated), .help = "how etalon-sim plays it" },
	{ 0 }
};
#undef AT

static const struct schema point_schema = {
	.what = "a point", .size = sizeof(struct point), .rows = point_rows,
	.place = offsetof(struct point, place), .check = model_check_point,
};

static const struct schema_row expectation_rows[] = {
	{ .key = "ask", .type = S_STRING, .offset = offsetof(struct expectation, ask), .required = true,
	  .help = "the question" },
	{ .key = "expect", .type = S_CUSTOM, .offset = offsetof(struct expectation, expect),
	  .required = true, .custom = pattern_read, .release = pattern_free, .form = pattern_form,
	  .help = "what the answer must match" },
	{ 0 }
};

static const struct schema expectation_schema = {
	.what = "a question with its expected answer", .size = sizeof(struct expectation),
	.rows = expectation_rows, .place = offsetof(struct expectation, place),
};

static const struct schema_row sentinel_rows[] = {
	{ .key = "value", .type = S_NUMBER, .offset = offsetof(struct sentinel, value),
	  .required = true, .help = "the number the instrument says" },
	{ .key = "status", .type = S_ENUM, .offset = offsetof(struct sentinel, status),
	  .words = statuses,
	  .low = READING_OVERLOAD, .required = true, .help = "what it means by it" },
	{ 0 }
};

static const struct schema sentinel_schema = {
	.what = "a sentinel", .size = sizeof(struct sentinel), .rows = sentinel_rows,
};

static const struct schema_row answer_rows[] = {
	{ .key = "ask", .type = S_STRING, .offset = offsetof(struct answer, ask), .required = true,
	  .help = "the question" },
	{ .key = "say", .type = S_STRING, .offset = offsetof(struct answer, say), .required = true,
	  .help = "its answer, or with `set` the answer after power-on" },
	{ .key = "set", .type = S_STRING, .offset = offsetof(struct answer, set),
	  .help = "the command that changes the answer; {} stands for what the answer is then" },
	{ .key = "output", .type = S_BOOL, .offset = offsetof(struct answer, output), .fallback = "no",
	  .help = "it is the output's switch: sources reach the world while the answer is 1 or ON" },
	{ 0 }
};

static const struct schema answer_schema = {
	.what = "a simulated answer", .size = sizeof(struct answer), .rows = answer_rows,
	.check = model_check_answer,
};

/* The mappings below fill parts of struct model itself: their rows stand at offset 0 of it. */
#define AT(field) .offset = offsetof(struct model, field)
static const struct schema_row identity_rows[] = {
	{ .key = "ask", .type = S_STRING, AT(identity.ask), .help = "the question, such as *IDN?" },
	{ .key = "expect", .type = S_CUSTOM, AT(identity.expect), .custom = pattern_read,
	  .release = pattern_free, .form = pattern_form, .help = "what the answer must match" },
	{ .key = "serial", .type = S_INT, AT(identity.serial), .low = 1, .high = 9,
	  .help = "the group of expect that is the serial number" },
	{ .key = "firmware", .type = S_INT, AT(identity.firmware), .low = 1, .high = 9,
	  .help = "the group of expect that is the firmware's version" },
	{ .key = "registers", .type = S_MAP, AT(identity.registers), .sub = &registers_schema,
	  .given = offsetof(struct model, identity.has_registers),
	  .help = "a register of a Modbus device that tells its model" },
	{ .key = "value", .type = S_NUMBER, AT(identity.value),
	  .help = "what that register must hold" },
	{ 0 }
};

static const struct schema identity_schema = {
	.what = "identity", .rows = identity_rows, .check = model_check_identity,
};

static const struct schema_row errors_rows[] = {
	{ .key = "ask", .type = S_STRING, AT(errors.ask), .help = "the question, such as SYST:ERR?" },
	{ .key = "ok", .type = S_CUSTOM, AT(errors.ok), .custom = pattern_read, .release = pattern_free,
	  .form = pattern_form, .help = "the answer that means no error" },
	{ .key = "drain", .type = S_INT, AT(errors.drain), .low = 1, .high = 1000, .fallback = "20",
	  .help = "how many answers to read at most until that one comes" },
	{ 0 }
};

static const struct schema errors_schema = {
	.what = "the error queue", .rows = errors_rows, .check = model_check_errors,
};

static const struct schema_row line_rows[] = {
	{ .key = "baud", .type = S_INT, AT(line.baud), .low = 50, .high = 4000000, .fallback = "9600",
	  .help = "bits per second" },
	{ .key = "bits", .type = S_INT, AT(line.bits), .low = 5, .high = 8, .fallback = "8",
	  .help = "data bits" },
	{ .key = "stop", .type = S_INT, AT(line.stop), .low = 1, .high = 2, .fallback = "1",
	  .help = "stop bits" },
	{ .key = "parity", .type = S_ENUM, AT(line.parity), .words = parities, .fallback = "none",
	  .help = "parity bit" },
	{ .key = "flow", .type = S_ENUM, AT(line.flow), .words = flows, .fallback = "none",
	  .help = "flow control" },
	{ 0 }
};

static const struct schema line_schema = { .what = "a serial line", .rows = line_rows };

static const struct schema_row modbus_rows[] = {
	{ .key = "span", .type = S_INT, AT(modbus.span), .low = 1, .high = 125, .fallback = "125",
	  .help = "most registers the device gives in one request" },
	{ .key = "gap", .type = S_INT, AT(modbus.gap), .low = 0, .high = 124, .fallback = "0",
	  .help = "how many registers that nobody asked for may be read over" },
	{ 0 }
};

static const struct schema modbus_schema = { .what = "modbus", .rows = modbus_rows };

static const struct schema_row simulate_rows[] = {
	{ .key = "identity", .type = S_STRING, AT(simulate.identity),
	  .help = "its answer to identity's question" },
	{ .key = "answers", .type = S_LIST, AT(simulate.answers), .sub = &answer_schema,
	  .help = "answers to other questions" },
	{ 0 }
};

static const struct schema simulate_schema = { .what = "simulate", .rows = simulate_rows };

static const struct schema_row model_rows[] = {
	{ .key = "model", .type = S_NAME, AT(name), .required = true,
	  .help = "the name by which benches call it; the file is NAME.yaml" },
	{ .key = "title", .type = S_TEXTS, AT(title), .required = true,
	  .help = "what it is, for people" },
	{ .key = "manufacturer", .type = S_STRING, AT(manufacturer), .required = true,
	  .help = "who makes it" },
	{ .key = "number", .type = S_STRING, AT(number), .required = true,
	  .help = "the maker's model number" },
	{ .key = "driver", .type = S_ENUM, AT(manner), .words = manners, .required = true,
	  .help = "the manner of talking" },
	{ .key = "seen", .type = S_STRING, AT(seen), .required = true,
	  .help = "manual: written from the manual, not yet seen on an instrument; else when and "
		  "by whom it was seen" },
	/* Before anything that holds registers. */
	{ .key = "modbus", .type = S_MAP, .sub = &modbus_schema, .help = "limits of a Modbus device" },
	{ .key = "identity", .type = S_MAP, .sub = &identity_schema,
	  .help = "how it proves which model it is" },
	{ .key = "reply_end", .type = S_STRING, AT(reply_end), .fallback = "\n",
	  .help = "what ends its answers" },
	{ .key = "command_end", .type = S_STRING, AT(command_end), .fallback = "\n",
	  .help = "what ends what is sent to it" },
	{ .key = "timeout", .type = S_DURATION, AT(timeout_ns), .low = 0.001, .high = 3600,
	  .fallback = "2 s", .help = "how long an answer may take" },
	{ .key = "latency", .type = S_DURATION, AT(latency_ns), .low = 0.001, .high = 3600,
	  .fallback = "1 s",
	  .help = "the longest it may ever take to answer: so long must it be silent after a failure" },
	{ .key = "pause", .type = S_DURATION, AT(pause_ns), .low = 0, .high = 60, .fallback = "0 s",
	  .help = "what it needs between two commands" },
	{ .key = "init", .type = S_STRINGS, AT(init),
	  .help = "commands that bring it into a known state" },
	{ .key = "state", .type = S_LIST, AT(state), .sub = &expectation_schema,
	  .help = "questions that prove that state" },
	{ .key = "safe", .type = S_STRINGS, AT(safe),
	  .help = "commands that make it safe, sent first of all" },
	{ .key = "safe_check", .type = S_LIST, AT(safe_check), .sub = &expectation_schema,
	  .help = "questions that prove that it is safe" },
	{ .key = "errors", .type = S_MAP, .sub = &errors_schema, .help = "its error queue" },
	{ .key = "sentinels", .type = S_LIST, AT(sentinels), .sub = &sentinel_schema,
	  .help = "numbers that mean something else" },
	{ .key = "line", .type = S_MAP, .sub = &line_schema,
	  .help = "its serial line, unless the address says otherwise" },
	{ .key = "simulate", .type = S_MAP, .sub = &simulate_schema,
	  .help = "how etalon-sim plays it" },
	/* Last: its check looks at what is above. */
	{ .key = "points", .type = S_DICT, AT(points), .sub = &point_schema, .required = true,
	  .help = "the quantities it measures or sources, by name" },
	{ 0 }
};
#undef AT

const struct schema model_schema = {
	.what = "a model", .size = sizeof(struct model), .rows = model_rows, .check = model_check,
};
