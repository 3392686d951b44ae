/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "client.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <zmq.h>

#include "instant.h"

struct client {
	void *context, *control, *stream;
	char *endpoint;
	int64_t id;                     /* of the last question: older answers are thrown away */
	bool lost;
	zmq_msg_t header, body;         /* of the record heard last */
};

/* ZeroMQ goes on connecting for ever; a person wants to know at once that nobody is there. */
static int probe(const char *endpoint, struct err *e)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	const char *path = endpoint + strlen("ipc://");
	int fd, bad;

	if (strncmp(endpoint, "ipc://", 6))
		return 0;
	if (strlen(path) >= sizeof to.sun_path)
		return err_set(e, ERR_CONFIG, "%s: a socket's path holds at most %zu bytes; use a "
			       "shorter state folder", path, sizeof to.sun_path - 1);
	memcpy(to.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bad = fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) < 0 ? errno : 0;
	if (fd >= 0)
		close(fd);
	if (bad == EACCES || bad == EPERM)
		return err_set(e, ERR_CLOSED, "%s: you may not talk to this etalond; ask for membership "
			       "of the group that owns the file", path);
	if (bad)
		return err_set(e, ERR_CLOSED, "no etalond answers at %s (%s); start it with `etalond "
			       "--config FILE --state FOLDER`, or name its state folder with --state",
			       path, strerror(bad));
	return 0;
}

int client_open(struct client **c, const char *endpoint, struct err *e)
{
	int linger = 200;

	*c = NULL;
	if (probe(endpoint, e) < 0)
		return -1;
	*c = mem_new(sizeof **c);
	(*c)->endpoint = mem_string(endpoint);
	(*c)->id = utc_now() & INT32_MAX;
	zmq_msg_init(&(*c)->header);
	zmq_msg_init(&(*c)->body);
	(*c)->context = zmq_ctx_new();
	(*c)->control = zmq_socket((*c)->context, ZMQ_DEALER);
	zmq_setsockopt((*c)->control, ZMQ_LINGER, &linger, sizeof linger);
	if (zmq_connect((*c)->control, endpoint) < 0) {
		err_set(e, ERR_CONFIG, "control endpoint '%s': %s", endpoint, zmq_strerror(errno));
		client_close(c);
		return -1;
	}
	return 0;
}

void client_close(struct client **c)
{
	if (!*c)
		return;
	zmq_msg_close(&(*c)->header);
	zmq_msg_close(&(*c)->body);
	if ((*c)->stream)
		zmq_close((*c)->stream);
	zmq_close((*c)->control);
	zmq_ctx_term((*c)->context);
	free((*c)->endpoint);
	free(*c);
	*c = NULL;
}

bool client_lost(const struct client *c)
{
	return !c || c->lost;
}

/* Questions and answers. */

static int send_question(struct client *c, const char *cmd, json_t *args, int timeout_ms,
			 struct err *e)
{
	json_t *q = json_pack("{s:I, s:s, s:o, s:I}", "id", (json_int_t)++c->id, "cmd", cmd,
			      "args", args ? args : json_object(),
			      "expires", (json_int_t)(utc_now() + timeout_ms * NS_PER_MS));
	char *text = q ? json_dumps(q, JSON_COMPACT) : NULL;
	int bad = 0;

	if (!text)
		bad = err_set(e, ERR_CONFIG, "an argument of %s is not UTF-8", cmd);
	else if (zmq_send(c->control, text, strlen(text), 0) < 0)
		bad = err_set(e, ERR_IO, "%s: %s", c->endpoint, zmq_strerror(errno));
	free(text);
	json_decref(q);
	return bad;
}

static int no_answer(struct client *c, const char *cmd, struct err *e)
{
	c->lost = true;
	return err_set(e, ERR_CLOSED, "etalond at %s does not answer '%s'; is it running and healthy?",
		       c->endpoint, cmd);
}

/* Waits until the control socket can be read: a signal only makes the wait go on. */
static int wait_answer(struct client *c, const char *cmd, instant by, struct err *e)
{
	zmq_pollitem_t item = { .socket = c->control, .events = ZMQ_POLLIN };
	int n;

	do {
		n = zmq_poll(&item, 1, instant_ms_left(by));
	} while (n < 0 && errno == EINTR);
	return n > 0 ? 0 : no_answer(c, cmd, e);
}

static bool more(void *socket)
{
	int flag = 0;
	size_t size = sizeof flag;

	zmq_getsockopt(socket, ZMQ_RCVMORE, &flag, &size);
	return flag;
}

static void skip_frames(void *socket)
{
	zmq_msg_t m;

	while (more(socket)) {
		zmq_msg_init(&m);
		zmq_msg_recv(&m, socket, 0);
		zmq_msg_close(&m);
	}
}

/* The first frame of the answer to the last question; frames that follow stay to be read. */
static json_t *read_answer(struct client *c, const char *cmd, instant by, struct err *e)
{
	for (;;) {
		json_t *answer;
		zmq_msg_t m;

		if (wait_answer(c, cmd, by, e) < 0)
			return NULL;
		zmq_msg_init(&m);
		zmq_msg_recv(&m, c->control, 0);
		answer = json_loadb(zmq_msg_data(&m), zmq_msg_size(&m), JSON_REJECT_DUPLICATES, NULL);
		zmq_msg_close(&m);
		if (answer && json_integer_value(json_object_get(answer, "id")) == c->id)
			return answer;
		skip_frames(c->control);
		json_decref(answer);
	}
}

static enum err_code code_named(const char *word)
{
	for (int code = 0; code < ERR_CODES; code++)
		if (word && !strcmp(word, err_word((enum err_code)code)))
			return (enum err_code)code;
	return ERR_PROTOCOL;
}

static json_t *ask(struct client *c, const char *cmd, json_t *args, int timeout_ms, struct err *e)
{
	json_t *answer, *result;
	const char *code = NULL, *text = NULL;

	c->lost = false;
	if (send_question(c, cmd, args, timeout_ms, e) < 0)
		return NULL;
	answer = read_answer(c, cmd, instant_after_ms(timeout_ms), e);
	if (!answer)
		return NULL;
	result = json_incref(json_object_get(answer, "result"));
	if (!json_is_true(json_object_get(answer, "ok")) || !result) {
		json_unpack(answer, "{s:{s:s, s:s}}", "error", "code", &code, "text", &text);
		err_set(e, code_named(code), "%s",
			text ? text : "etalond gave an answer without a result");
		json_decref(result);
		result = NULL;
	}
	json_decref(answer);
	return result;
}

json_t *client_ask(struct client *c, const char *cmd, json_t *args, int timeout_ms, struct err *e)
{
	json_t *result = ask(c, cmd, args, timeout_ms, e);

	skip_frames(c->control);
	return result;
}

/* Replay. */

/* Records travel as pairs of frames behind the answer. */
static int take_pairs(struct client *c, uint64_t *next,
		      int (*each)(void *who, const struct record *r, struct err *e), void *who,
		      struct err *e)
{
	int bad = 0;

	while (!bad && more(c->control)) {
		struct span header;
		struct record r;

		zmq_msg_recv(&c->header, c->control, 0);
		if (!more(c->control))
			return err_set(e, ERR_PROTOCOL, "a replay ends within a record");
		zmq_msg_recv(&c->body, c->control, 0);
		header = (struct span){ zmq_msg_data(&c->header), zmq_msg_size(&c->header) };
		bad = record_decode(&r, header, zmq_msg_data(&c->body), zmq_msg_size(&c->body), e);
		if (!bad && r.seq != *next)
			bad = err_set(e, ERR_PROTOCOL,
				      "replay of %s: record %" PRIu64 " came in place of %" PRIu64,
				      r.run, r.seq, *next);
		if (!bad) {
			*next = r.seq + 1;
			bad = each(who, &r, e);
		}
	}
	return bad;
}

int client_replay(struct client *c, const char *run, uint64_t from, uint64_t to, uint64_t *next,
		  int (*each)(void *who, const struct record *r, struct err *e), void *who,
		  struct err *e)
{
	bool again = true;
	int bad = 0;

	*next = from;
	while (again && !bad && *next < to) {
		uint64_t before = *next;
		json_t *args = json_pack("{s:s, s:I}", "run", run, "from", (json_int_t)*next);
		json_t *result;

		if (to != UINT64_MAX)
			json_object_set_new(args, "to", json_integer((json_int_t)to));
		result = ask(c, "replay", args, CLIENT_PATIENCE_MS, e);
		if (!result) {
			skip_frames(c->control);
			return -1;
		}
		again = json_is_integer(json_object_get(result, "next"));
		json_decref(result);
		bad = take_pairs(c, next, each, who, e);
		skip_frames(c->control);
		if (again && *next == before && !bad)
			bad = err_set(e, ERR_PROTOCOL,
				      "replay of %s does not get beyond record %" PRIu64, run,
				      before);
	}
	return bad;
}

/* Stream. */

/* Where we connect: a socket file before a port, and never to a wildcard. */
static char *stream_endpoint(json_t *status)
{
	json_t *list = json_object_get(status, "stream"), *item;
	const char *best = json_string_value(json_array_get(list, 0));
	char *star, *endpoint;
	size_t i;

	json_array_foreach(list, i, item)
		if (json_is_string(item) && !strncmp(json_string_value(item), "ipc:", 4))
			best = json_string_value(item);
	if (!best)
		return NULL;
	star = strstr(best, "://*:");
	if (!star)
		star = strstr(best, "://0.0.0.0:");
	if (!star)
		return mem_string(best);
	endpoint = mem_format("tcp://127.0.0.1%s", strrchr(best, ':'));
	return endpoint;
}

void *client_listen(struct client *c, const char *endpoint, const char *prefix, struct err *e)
{
	int unlimited = 0;

	c->stream = zmq_socket(c->context, ZMQ_SUB);
	zmq_setsockopt(c->stream, ZMQ_RCVHWM, &unlimited, sizeof unlimited);
	zmq_setsockopt(c->stream, ZMQ_SUBSCRIBE, prefix, strlen(prefix));
	if (zmq_connect(c->stream, endpoint) < 0) {
		err_set(e, ERR_CONFIG, "stream endpoint '%s': %s", endpoint, zmq_strerror(errno));
		zmq_close(c->stream);
		c->stream = NULL;
	}
	return c->stream;
}

void *client_subscribe(struct client *c, const char *prefix, struct err *e)
{
	json_t *status = client_ask(c, "status", NULL, CLIENT_PATIENCE_MS, e);
	char *endpoint = status ? stream_endpoint(status) : NULL;
	void *stream = endpoint ? client_listen(c, endpoint, prefix, e) : NULL;

	if (status && !endpoint)
		err_set(e, ERR_CONFIG, "etalond states no stream endpoint");
	json_decref(status);
	free(endpoint);
	return stream;
}

int client_heard(struct client *c, struct record *r, struct err *e)
{
	struct span header;
	zmq_msg_t topic;

	zmq_msg_init(&topic);
	if (zmq_msg_recv(&topic, c->stream, ZMQ_DONTWAIT) < 0) {
		zmq_msg_close(&topic);
		return 0;
	}
	zmq_msg_close(&topic);
	if (!more(c->stream))
		return err_set(e, ERR_PROTOCOL, "a message of the stream is only a topic");
	zmq_msg_recv(&c->header, c->stream, 0);
	if (!more(c->stream))
		return err_set(e, ERR_PROTOCOL, "a message of the stream has no body frame");
	zmq_msg_recv(&c->body, c->stream, 0);
	skip_frames(c->stream);
	header = (struct span){ zmq_msg_data(&c->header), zmq_msg_size(&c->header) };
	if (record_decode(r, header, zmq_msg_data(&c->body), zmq_msg_size(&c->body), e) < 0)
		return -1;
	return 1;
}
