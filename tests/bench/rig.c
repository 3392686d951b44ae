/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rig.h"

#include <stdlib.h>

#include "post.h"

void rig_open(struct rig *r, unsigned runs, unsigned n, const char *model, char *const *addresses, int core,
	      int others)
{
	*r = (struct rig){ .n = runs, .players = mem_array(runs, sizeof *r->players) };
	aid_pin(others);
	post_start();
	r->main = post_inbox("main");
	r->endpoint = mem_format("tcp://127.0.0.1:%d", server_free_port());
	must(stream_start(&r->stream, (const char *const *)&r->endpoint, 1, &aid_err) == 0, "stream");
	for (unsigned i = 0; i < runs; i++)
		player_open(&r->players[i], i + 1, model, addresses + i * n, n, core, others);
}

static void drain(void *inbox)
{
	zmq_msg_t m;

	while (post_receive(inbox, &m))
		zmq_msg_close(&m);
}

void rig_close(struct rig *r)
{
	for (unsigned i = 0; i < r->n; i++)
		player_close(&r->players[i]);
	stream_stop(&r->stream);
	drain(r->main);
	post_close(&r->main);
	post_stop();
	free(r->players);
	free(r->endpoint);
}
