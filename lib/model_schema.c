/* SPDX-License-Identifier: GPL-3.0-or-later
 * model_schema.c - every key a model file may have; those of points are in model_point.c and
 * model_range.c, the error queue's in model_errors.c, those of Modbus in model_registers.c. */
#include "model_parts.h"

static const char *const manners[] = { "scpi", "text", "modbus", "manual", NULL };
static const char *const statuses[] = { "overload", "underload", "not_a_number", "unstable", NULL };

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
	  .help = "its answer, or with `set` the answer after power-on; to a question that "
		  "measures the whole answer, with {QUANTITY} for each value, {QUANTITY=} for what it is set to and {serial}" },
	{ .key = "start", .type = S_STRING, .offset = offsetof(struct answer, start),
	  .help = "where {} in `say` is the setting: what it is after power-on" },
	{ .key = "set", .type = S_STRING, .offset = offsetof(struct answer, set),
	  .help = "the command that changes the answer; {} stands for what the answer is then" },
	{ .key = "output", .type = S_BOOL, .offset = offsetof(struct answer, output), .fallback = "no",
	  .help = "it is the output's switch: sources reach the world while the answer is 1 or ON" },
	{ .key = "on", .type = S_STRING, .offset = offsetof(struct answer, on),
	  .help = "the part of a set command that switches the output on, such as OPER; the safe commands "
		  "switch it off" },
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
	  .release = pattern_free, .form = pattern_form,
	  .help = "what the answer, or the text in the registers, must match" },
	{ .key = "reply_lines", .type = S_INT, AT(identity.reply_lines), .low = 1, .high = 1000,
	  .help = "how many lines the answer has; without it one" },
	{ .key = "serial", .type = S_INT, AT(identity.serial), .low = 1, .high = 9,
	  .help = "the group of expect that is the serial number" },
	{ .key = "firmware", .type = S_INT, AT(identity.firmware), .low = 1, .high = 9,
	  .help = "the group of expect that is the firmware's version" },
	{ .key = "heard", .type = S_BOOL, AT(identity.heard), .fallback = "no",
	  .help = "expect is not the answer to a question, but one of the messages of a talker" },
	{ .key = "serial_ask", .type = S_STRING, AT(identity.serial_ask),
	  .help = "the question for the serial number, where the first answer does not hold it" },
	{ .key = "serial_reply", .type = S_CUSTOM, AT(identity.serial_reply), .custom = pattern_read,
	  .release = pattern_free, .form = pattern_form,
	  .help = "what its answer must match; the first group is the serial number" },
	{ .key = "firmware_ask", .type = S_STRING, AT(identity.firmware_ask),
	  .help = "likewise for the firmware's version" },
	{ .key = "firmware_reply", .type = S_CUSTOM, AT(identity.firmware_reply), .custom = pattern_read,
	  .release = pattern_free, .form = pattern_form,
	  .help = "what its answer must match; the first group is the version" },
	{ .key = "registers", .type = S_MAP, AT(identity.registers), .sub = &registers_schema,
	  .given = offsetof(struct model, identity.has_registers),
	  .help = "registers of a Modbus device that tell its model, a number or a text" },
	{ .key = "value", .type = S_NUMBER, AT(identity.value),
	  .help = "what those registers must hold, if it is a number" },
	{ .key = "serial_registers", .type = S_MAP, AT(modbus.serial), .sub = &registers_schema,
	  .given = offsetof(struct model, modbus.has_serial),
	  .help = "where a Modbus device keeps its serial number, a text or a number" },
	{ .key = "firmware_registers", .type = S_MAP, AT(modbus.firmware), .sub = &registers_schema,
	  .given = offsetof(struct model, modbus.has_firmware),
	  .help = "where it keeps its firmware's version" },
	{ 0 }
};

static const struct schema identity_schema = {
	.what = "identity", .rows = identity_rows, .check = model_check_identity,
};


static const struct schema_row simulate_rows[] = {
	{ .key = "identity", .type = S_STRING, AT(simulate.identity),
	  .help = "its answer to identity's question" },
	{ .key = "accepts", .type = S_STRING, AT(simulate.accepts),
	  .help = "its answer to a command it carries out" },
	{ .key = "refuses", .type = S_STRING, AT(simulate.refuses),
	  .help = "its answer to a command it does not carry out" },
	{ .key = "default_error", .type = S_NUMBER, AT(simulate.default_error), .fallback = "0",
	  .help = "relative error of its readings between a power-on and the last command of init" },
	{ .key = "answers", .type = S_LIST, AT(simulate.answers), .sub = &answer_schema,
	  .help = "answers to other questions" },
	{ .key = "warm", .type = S_BOOL, AT(simulate.warm), .fallback = "no",
	  .help = "it begins long switched on: a power-on shows only once it was switched off" },
	{ .key = "period", .type = S_DURATION, AT(simulate.period_ns), .low = 0.001, .high = 3600, .fallback = "100 ms",
	  .help = "between two messages of a talker" },
	{ .key = "says", .type = S_STRINGS, AT(simulate.says),
	  .help = "the messages of a talker in turn, {QUANTITY} for each value; without it one for each point" },
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
		  "by whom it was seen, such as 2026-11-24 by Anna: serial number 0815" },
	/* Before anything that holds registers. */
	{ .key = "modbus", .type = S_MAP, .sub = &modbus_schema, .help = "limits of a Modbus device" },
	{ .key = "manual", .type = S_MAP, AT(manual), .sub = &model_manual_schema,
	  .help = "what is asked of the person who reads it" },
	{ .key = "identity", .type = S_MAP, .sub = &identity_schema,
	  .help = "how it proves which model it is" },
	{ .key = "reply_end", .type = S_STRING, AT(reply_end), .fallback = "\n",
	  .help = "what ends its answers" },
	{ .key = "reply_pause", .type = S_DURATION, AT(reply_pause_ns), .low = 0.001, .high = 60,
	  .help = "where nothing ends them: an answer has ended when nothing has come for so long" },
	{ .key = "command_end", .type = S_STRING, AT(command_end), .fallback = "\n",
	  .help = "what ends what is sent to it" },
	{ .key = "answered", .type = S_CUSTOM, AT(answered), .custom = pattern_read, .release = pattern_free,
	  .form = pattern_form,
	  .help = "what it answers to every command that it carries out; any other answer is a refusal. "
		  "Without it commands have no answer" },
	{ .key = "talk_on", .type = S_STRINGS, AT(talk_on), .help = "commands that make a talker speak" },
	{ .key = "talk_off", .type = S_STRINGS, AT(talk_off),
	  .help = "commands that make a talker silent, so that it can be asked; without them its answers are told "
		  "from its messages by `heard`" },
	{ .key = "frame", .type = S_MAP, AT(frame), .sub = &frame_schema,
	  .given = offsetof(struct model, frame.given), .help = "what stands around each message" },
	{ .key = "acknowledge", .type = S_MAP, AT(acknowledge), .sub = &acknowledge_schema,
	  .given = offsetof(struct model, acknowledge.given),
	  .help = "what a command is answered with before anything else" },
	{ .key = "timeout", .type = S_DURATION, AT(timeout_ns), .low = 0.001, .high = 3600,
	  .fallback = "2 s", .help = "how long an answer may take" },
	{ .key = "latency", .type = S_DURATION, AT(latency_ns), .low = 0.001, .high = 3600,
	  .fallback = "1 s",
	  .help = "the longest it may ever take to answer: so long must it be silent after a failure" },
	{ .key = "pause", .type = S_DURATION, AT(pause_ns), .low = 0, .high = 60, .fallback = "0 s",
	  .help = "what it needs between two commands" },
	{ .key = "init", .type = S_LIST, AT(modbus.init), .sub = &write_schema, .when = model_is_modbus,
	  .help = "Modbus: registers that bring it into a known state when they are written" },
	{ .key = "state", .type = S_LIST, AT(modbus.state), .sub = &proof_schema, .when = model_is_modbus,
	  .help = "Modbus: registers that prove that state" },
	{ .key = "safe", .type = S_LIST, AT(modbus.safe), .sub = &write_schema, .when = model_is_modbus,
	  .help = "Modbus: registers that make it safe, written first of all" },
	{ .key = "safe_check", .type = S_LIST, AT(modbus.safe_check), .sub = &proof_schema, .when = model_is_modbus,
	  .help = "Modbus: registers that prove that it is safe" },
	{ .key = "init", .type = S_STRINGS, AT(init),
	  .help = "commands that bring it into a known state" },
	{ .key = "state", .type = S_LIST, AT(state), .sub = &expectation_schema,
	  .help = "questions that prove that state" },
	{ .key = "safe", .type = S_STRINGS, AT(safe),
	  .help = "commands that make it safe, sent first of all" },
	{ .key = "safe_check", .type = S_LIST, AT(safe_check), .sub = &expectation_schema,
	  .help = "questions that prove that it is safe" },
	{ .key = "errors", .type = S_MAP, .sub = &errors_schema, .help = "its error queue" },
	{ .key = "status_ask", .type = S_STRING, AT(status_ask),
	  .help = "the question for the status byte where the transport has no serial poll; of scpi *STB? without it" },
	{ .key = "power_on", .type = S_MAP, AT(modbus.power_on), .sub = &proof_schema, .when = model_is_modbus,
	  .given = offsetof(struct model, modbus.has_power_on),
	  .help = "Modbus: what registers hold after a power-on, until init changes it" },
	{ .key = "power_on", .type = S_MAP, .sub = &power_on_schema,
	  .help = "how it betrays that it was switched on, or reset, since it was last attached" },
	{ .key = "after_power_on", .type = S_MAP, .sub = &after_power_on_schema,
	  .help = "what must pass and be done before it is believed again" },
	{ .key = "self_calibration", .type = S_MAP, .sub = &self_calibration_schema,
	  .help = "when its self-calibration must be done again" },
	{ .key = "requires", .type = S_LIST, AT(requires), .sub = &requirement_schema,
	  .help = "numbers of its own that must lie in a range whenever it is attached" },
	{ .key = "commands", .type = S_DICT, AT(commands), .sub = &model_command_schema,
	  .help = "what else it can be told to do, by name, such as to zero or to calibrate itself" },
	{ .key = "sentinels", .type = S_LIST, AT(sentinels), .sub = &sentinel_schema,
	  .help = "numbers that mean something else" },
	{ .key = "line", .type = S_MAP, AT(line), .sub = &model_line_schema,
	  .help = "its serial line, unless the address says otherwise" },
	{ .key = "simulate", .type = S_MAP, .sub = &simulate_schema,
	  .help = "how etalon-sim plays it" },
	/* Last: its check looks at what is above. */
	{ .key = "points", .type = S_DICT, AT(points), .sub = &point_schema, .required = true,
	  .inputs = true,
	  .help = "the quantities it measures or sources, by name" },
	{ 0 }
};
#undef AT

const struct schema model_schema = {
	.what = "a model", .size = sizeof(struct model), .rows = model_rows, .check = model_check,
};
