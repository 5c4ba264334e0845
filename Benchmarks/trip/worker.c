// A worker that answers every assignment with its payload, as the functions of the peers do.
//
//   worker PORT FUNCTION            one that works, 512 assignments at a time
//   worker PORT FUNCTION COUNT      that many, for a function that is never triggered: they wait; says
//                                   "ready" and lives until its input ends

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "dispatch/events/v1/worker.pb-c.h"
#include "grpc_client.h"

#define PATH "/dispatch.events.v1.WorkerService/Connect"

enum { credit_at_once = 512 };

static char *function;
static bool is_idle;
static int welcomed;
static int done;  // results since credit was given last

static void send_message(struct grpc_call *call, Dispatch__Events__V1__WorkerMessage *message) {
  grpc_send(call, &message->base);
}

static void give_credit(struct grpc_call *call, int count) {
  Dispatch__Events__V1__WorkerMessage message = DISPATCH__EVENTS__V1__WORKER_MESSAGE__INIT;
  Dispatch__Events__V1__WorkerMessage__Credit credit =
      DISPATCH__EVENTS__V1__WORKER_MESSAGE__CREDIT__INIT;
  credit.count = count;
  message.message_case = DISPATCH__EVENTS__V1__WORKER_MESSAGE__MESSAGE_CREDIT;
  message.credit = &credit;
  send_message(call, &message);
}

static void say_hello(struct grpc_call *call) {
  Dispatch__Events__V1__WorkerMessage message = DISPATCH__EVENTS__V1__WORKER_MESSAGE__INIT;
  Dispatch__Events__V1__WorkerMessage__Hello hello =
      DISPATCH__EVENTS__V1__WORKER_MESSAGE__HELLO__INIT;
  hello.worker = "benchmark";
  hello.n_function_ids = 1;
  hello.function_ids = &function;
  message.message_case = DISPATCH__EVENTS__V1__WORKER_MESSAGE__MESSAGE_HELLO;
  message.hello = &hello;
  send_message(call, &message);
}

static void answer(struct grpc_call *call,
                   const Dispatch__Events__V1__GatewayMessage__Assignment *assignment) {
  Dispatch__Events__V1__WorkerMessage message = DISPATCH__EVENTS__V1__WORKER_MESSAGE__INIT;
  Dispatch__Events__V1__WorkerMessage__Result result =
      DISPATCH__EVENTS__V1__WORKER_MESSAGE__RESULT__INIT;
  Dispatch__Events__V1__Output output = DISPATCH__EVENTS__V1__OUTPUT__INIT;
  output.data = assignment->trigger->data;
  result.lease = assignment->lease;
  result.output = &output;
  message.message_case = DISPATCH__EVENTS__V1__WORKER_MESSAGE__MESSAGE_RESULT;
  message.result = &result;
  send_message(call, &message);
  done++;
}

static void pong(struct grpc_call *call, uint64_t number) {
  Dispatch__Events__V1__WorkerMessage message = DISPATCH__EVENTS__V1__WORKER_MESSAGE__INIT;
  Dispatch__Events__V1__Ping ping = DISPATCH__EVENTS__V1__PING__INIT;
  ping.number = number;
  ping.answer = true;
  message.message_case = DISPATCH__EVENTS__V1__WORKER_MESSAGE__MESSAGE_PING;
  message.ping = &ping;
  send_message(call, &message);
}

static void on_message(struct grpc_call *call, const uint8_t *bytes, size_t length) {
  Dispatch__Events__V1__GatewayMessage *message =
      dispatch__events__v1__gateway_message__unpack(NULL, length, bytes);
  if (!message) {
    fprintf(stderr, "worker: a message that is none\n");
    exit(1);
  }
  switch (message->message_case) {
    case DISPATCH__EVENTS__V1__GATEWAY_MESSAGE__MESSAGE_WELCOME:
      welcomed++;
      give_credit(call, is_idle ? 1 : credit_at_once);
      break;
    case DISPATCH__EVENTS__V1__GATEWAY_MESSAGE__MESSAGE_ASSIGNMENT:
      answer(call, message->assignment);
      break;
    case DISPATCH__EVENTS__V1__GATEWAY_MESSAGE__MESSAGE_PING:
      if (!message->ping->answer) pong(call, message->ping->number);
      break;
    default:
      break;
  }
  dispatch__events__v1__gateway_message__free_unpacked(message, NULL);
}

static void on_end(struct grpc_call *call) {
  fprintf(stderr, "worker: the stream ended with status %d\n", call->status);
  exit(call->status == 0 ? 0 : 1);
}

static struct grpc_call *connect_worker(int port) {
  struct grpc_connection *connection = grpc_connect(port);
  struct grpc_call *call = grpc_start(connection, PATH);
  call->on_message = on_message;
  call->on_end = on_end;
  say_hello(call);
  if (!grpc_flush(connection)) exit(1);
  return call;
}

static int work(int port) {
  struct grpc_call *call = connect_worker(port);
  for (;;) {
    struct pollfd readable = {call->connection->fd, POLLIN, 0};
    poll(&readable, 1, -1);
    if (!grpc_receive(call->connection)) return 0;
    if (done > 0) give_credit(call, done);
    done = 0;
    if (!grpc_flush(call->connection)) return 0;
  }
}

static void raise_descriptor_limit(void) {
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// Each has a connection of its own, as workers on other machines would.
static int idle(int port, int count) {
  raise_descriptor_limit();
  struct pollfd *polled = calloc((size_t)count + 1, sizeof *polled);
  struct grpc_call **calls = calloc((size_t)count, sizeof(struct grpc_call *));
  polled[count] = (struct pollfd){0, POLLIN, 0};
  bool is_ready = false;
  for (int opened = 0;;) {
    // A listener's queue is no part of what is measured.
    while (opened < count && opened - welcomed < 64) {
      calls[opened] = connect_worker(port);
      polled[opened] = (struct pollfd){calls[opened]->connection->fd, POLLIN, 0};
      opened++;
    }
    if (!is_ready && welcomed == count) {
      is_ready = true;
      printf("ready\n");
      fflush(stdout);
    }
    for (int i = opened; i < count; i++) polled[i].fd = -1;
    if (poll(polled, (nfds_t)count + 1, -1) < 0) return 1;
    if (polled[count].revents) return 0;
    for (int i = 0; i < opened; i++) {
      if (!polled[i].revents) continue;
      if (!grpc_receive(calls[i]->connection) || !grpc_flush(calls[i]->connection)) return 1;
    }
  }
}

int main(int count, char **arguments) {
  if (count != 3 && count != 4) {
    fprintf(stderr, "worker: see the head of worker.c\n");
    return 64;
  }
  function = arguments[2];
  is_idle = count == 4;
  int port = atoi(arguments[1]);
  return is_idle ? idle(port, atoi(arguments[3])) : work(port);
}
