/* SPDX-License-Identifier: GPL-3.0-or-later
 * hislip.c - instruments on the LAN as IVI-6.1 (HiSLIP, revisions 1.0 and 2.0) has it, in synchronous mode:
 * messages that have a number and an end, a lock, device clear, the status byte and service requests over
 * a second connection (hislip_session.h).
 *
 * Each message of ours has a number, and an answer carries the number of the last one that the instrument had
 * heard (3.1.1).  A part of an answer without a number (0xffffffff) is kept back until a message with one says
 * whose it is.  What has another number than our last question answers an earlier one and is dropped;
 * what comes when nothing was asked is reported. */
#include "hislip_session.h"
#include "host.h"
#include "link.h"
#include "transport.h"

#define WITHOUT_NUMBER UINT32_MAX
#define LISTEN_EVERY   256               /* messages of ours */
#define RQS            0x40              /* of the status byte: service is requested */

static int hislip_open(void **state, const char *place, const struct line *line, int cancel, instant by, struct err *e)
{
	struct hislip *h = mem_new(sizeof *h);

	(void)line;
	if (hislip_session_open(h, place, cancel, by, e) < 0) {
		free(h);
		return -1;
	}
	*state = h;
	return 0;
}

static void hislip_close(void *state)
{
	hislip_session_close(state);
	free(state);
}

/* A message the instrument may answer. */
static int say(struct hislip *h, enum hislip_type type, const void *data, size_t n, int cancel, instant by, struct err *e)
{
	if (hislip_channel_send(&h->sync, type, h->delivered, h->number + 2, data, n, cancel, by, e) < 0)
		return -1;
	hislip_session_forget(h);
	h->number += 2;
	h->expecting = true;
	if (h->number / 2 % LISTEN_EVERY == 0)
		hislip_session_listen(h);
	return 0;
}

static ssize_t hislip_write(void *state, const void *data, size_t n, int cancel, instant by, struct err *e)
{
	struct hislip *h = state;
	size_t part = n < h->most ? n : h->most;

	if (say(h, part == n ? HISLIP_DATA_END : HISLIP_DATA, data, part, cancel, by, e) < 0)
		return -1;
	return (ssize_t)part;
}

static int hislip_trigger(void *state, int cancel, instant by, struct err *e)
{
	return say(state, HISLIP_TRIGGER, "", 0, cancel, by, e);
}

/* An answer to an earlier question; what came without a number belonged to it. */
static void drop(struct hislip *h)
{
	h->dropped += h->held.len + h->sync.left;
	buf_clear(&h->held);
}

/* Whose is the message that begins?  -1: it is no part of any answer. */
static int sort(struct hislip *h, int cancel, instant by, struct err *e)
{
	const struct hislip_head *head = &h->sync.head;

	if (hislip_channel_judge(&h->sync, cancel, by, e) < 0)
		return -1;
	if (head->type == HISLIP_INTERRUPTED)
		return err_set(e, ERR_PROTOCOL, "it was asked again before its answer had been read (Interrupted)");
	if (head->type != HISLIP_DATA && head->type != HISLIP_DATA_END)
		return hislip_channel_refuse(&h->sync, "a message came that is no answer", e);
	if (head->parameter == h->number)
		h->whose = HISLIP_OURS;
	else if (h->expecting && head->parameter == WITHOUT_NUMBER && head->type == HISLIP_DATA)
		h->whose = HISLIP_HELD;
	else
		drop(h);
	return h->expecting || h->whose == HISLIP_OURS ? 0
		: err_set(e, ERR_PROTOCOL, "it said something that nobody had asked for");
}

/* A part without a number, behind those before it. */
static int hold(struct hislip *h, int cancel, instant by, struct err *e)
{
	if (h->held.len + h->sync.left > LINK_REPLY_MAX)
		return hislip_channel_refuse(&h->sync, "its answer is longer than any may be", e);
	return hislip_channel_take_all(&h->sync, &h->held, cancel, by, e);
}

/* Until there is a part of our answer in hand. */
static int find_ours(struct hislip *h, int cancel, instant by, struct err *e)
{
	bool more = false;

	while (h->whose != HISLIP_OURS) {
		if (h->whose == HISLIP_HELD && hold(h, cancel, by, e) < 0)
			return -1;
		h->whose = HISLIP_OTHERS;
		if (more && instant_passed(by))
			return err_set(e, ERR_TIMEOUT, "timed out");
		if (hislip_channel_next(&h->sync, cancel, by, e) < 0 || sort(h, cancel, by, e) < 0)
			return -1;
		more = true;
	}
	h->unfinished = true;
	return 0;
}

static size_t hand_out(struct hislip *h, void *data, size_t max)
{
	size_t rest = h->held.len - h->handed, n = rest < max ? rest : max;

	memcpy(data, h->held.data + h->handed, n);
	h->handed += n;
	if (h->handed == h->held.len) {
		buf_clear(&h->held);
		h->handed = 0;
	}
	return n;
}

/* Nothing of the message in hand is left. */
static void message_read(struct hislip *h, bool *end)
{
	h->whose = HISLIP_OTHERS;
	*end = h->sync.head.type == HISLIP_DATA_END;
	if (*end) {
		h->expecting = h->unfinished = false;
		h->delivered = true;
	}
}

static ssize_t hislip_read(void *state, void *data, size_t max, bool *end, int cancel, instant by, struct err *e)
{
	struct hislip *h = state;
	ssize_t n = 0;

	*end = false;
	for (bool more = false; n == 0 && !*end; more = true) {
		if (more && instant_passed(by))
			return err_set(e, ERR_TIMEOUT, "timed out");
		if (find_ours(h, cancel, by, e) < 0)
			return -1;
		if (h->held.len)
			n = (ssize_t)hand_out(h, data, max);
		else if (h->sync.left)
			n = hislip_channel_take(&h->sync, data, max, cancel, by, e);
		if (!h->held.len && !h->sync.left)
			message_read(h, end);
	}
	return n;
}

/* The rest of an answer whose end has not come counts: it must be read before a question. */
static size_t hislip_waiting(void *state)
{
	const struct hislip *h = state;

	return h->unfinished + hislip_channel_waiting(&h->sync);
}

static int hislip_fd(void *state)
{
	(void)state;
	return -1;
}

static int hislip_wire(void *state)
{
	const struct hislip *h = state;

	return h->sync.fd;
}

/* A clear ends what the instrument is doing and empties its buffers; the second one takes what it has said in
 * the meantime all the same, under numbers that would be given out again. */
static ssize_t hislip_clear(void *state, int64_t silence_ns, int cancel, instant by, struct err *e)
{
	struct hislip *h = state;
	ssize_t dropped;

	if (hislip_session_clear(h, cancel, by, e) < 0 || host_pause(silence_ns, cancel, by, e) < 0 ||
	    hislip_session_clear(h, cancel, by, e) < 0)
		return -1;
	dropped = (ssize_t)h->dropped;
	h->dropped = 0;
	return dropped;
}

static int hislip_status(void *state, uint8_t *status, int cancel, instant by, struct err *e)
{
	return hislip_session_status(state, status, cancel, by, e);
}

/* The byte that came with the request may be older than the command in hand. */
static int hislip_wait_srq(void *state, uint8_t *status, int cancel, instant by, struct err *e)
{
	if (hislip_session_wait_srq(state, cancel, by, e) < 0 ||
	    hislip_session_status(state, status, cancel, by, e) < 0)
		return -1;
	*status |= RQS;
	return 0;
}

const struct transport transport_hislip = {
	.scheme = "hislip", .ends = true, .open = hislip_open, .write = hislip_write, .read = hislip_read, .waiting = hislip_waiting,
	.close = hislip_close, .fd = hislip_fd, .wire = hislip_wire, .clear = hislip_clear,
	.status = hislip_status, .wait_srq = hislip_wait_srq, .trigger = hislip_trigger,
};
