// Triggers an event with 200 bytes of JSON, and says how fast its results and acknowledgements came.
//
//   publisher rt WINDOW SECONDS PORT EVENT     TriggerEvent, so many in flight: a trip ends with the
//                                              function's result and the trigger's summary
//   publisher ack WINDOW SECONDS PORT EVENT    EmitEvents: durable acknowledgements alone
//   publisher rate RATE SECONDS PORT EVENT     TriggerEvent, so many a second, whatever comes back
//
// The arguments, the output and the marks in the file that PB_MARK names are those of the peers'
// publishers, so that one driver measures all of them. What comes in the first second counts for
// nothing.

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dispatch/events/v1/trigger_service.pb-c.h"
#include "grpc_client.h"

#define TRIGGER "/dispatch.events.v1.TriggerService/TriggerEvent"
#define EMIT "/dispatch.events.v1.TriggerService/EmitEvents"

enum { payload_bytes = 200, slots = 1 << 16, buckets = 60000000 / 10, rate_window = 500 };

static const uint64_t second_ns = 1000000000;

enum mode { round_trips, acknowledgements, rate };

// Latencies in steps of 10 microseconds.
struct histogram {
  uint32_t counts[buckets];
  uint64_t total;
};

static struct {
  enum mode mode;
  long parameter;
  double seconds;
  char *event;
} options;

static uint64_t begin, measured_from, measured_until, now;
static uint64_t next = 1, errors, results, acknowledged;
static long in_flight;
static uint64_t sent_at[slots];
static bool is_acknowledged[slots], has_output[slots];
static struct histogram trips, acknowledging;
static struct grpc_connection *connection;
static struct grpc_call *emits;

static uint64_t clock_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * second_ns + (uint64_t)time.tv_nsec;
}

static void count(struct histogram *histogram, uint64_t ns) {
  uint64_t bucket = ns / 10000;
  histogram->counts[bucket < buckets ? bucket : buckets - 1]++;
  histogram->total++;
}

static double percentile_ms(const struct histogram *histogram, double share) {
  uint64_t wanted = (uint64_t)(share * (double)histogram->total), passed = 0;
  for (size_t i = 0; i < buckets; i++) {
    passed += histogram->counts[i];
    if (passed > wanted) return (double)i / 100;
  }
  return 0;
}

static bool is_measured(void) { return now >= measured_from && now < measured_until; }

// Triggers

static void note_acknowledged(uint64_t number) {
  if (is_acknowledged[number % slots]) return;
  is_acknowledged[number % slots] = true;
  if (!is_measured()) return;
  acknowledged++;
  count(&acknowledging, now - sent_at[number % slots]);
}

static void note_done(uint64_t number) {
  in_flight--;
  if (!is_measured()) return;
  results++;
  count(&trips, now - sent_at[number % slots]);
}

static char *payload(uint64_t number) {
  static char text[payload_bytes + 1];
  int used = snprintf(text, sizeof text,
                      "{\"id\":\"%012llu\",\"type\":\"order.created\",\"source\":\"/shop/eu\","
                      "\"data\":\"",
                      (unsigned long long)number);
  memset(text + used, 'x', payload_bytes - 2 - (size_t)used);
  text[payload_bytes - 2] = '"';
  text[payload_bytes - 1] = '}';
  return text;
}

static bool is_payload(uint64_t number, const ProtobufCBinaryData *data) {
  return data->len == payload_bytes && memcmp(data->data, payload(number), payload_bytes) == 0;
}

static void on_update(struct grpc_call *call, const uint8_t *bytes, size_t length) {
  Dispatch__Events__V1__TriggerEventResponse *update =
      dispatch__events__v1__trigger_event_response__unpack(NULL, length, bytes);
  if (!update) {
    errors++;
    return;
  }
  switch (update->update_case) {
    case DISPATCH__EVENTS__V1__TRIGGER_EVENT_RESPONSE__UPDATE_ACCEPTED:
      note_acknowledged(call->tag);
      break;
    case DISPATCH__EVENTS__V1__TRIGGER_EVENT_RESPONSE__UPDATE_INVOCATION:
      if (update->invocation->state == DISPATCH__EVENTS__V1__INVOCATION__STATE__STATE_SUCCEEDED &&
          update->invocation->output &&
          is_payload(call->tag, &update->invocation->output->data)) {
        has_output[call->tag % slots] = true;
      }
      break;
    default:
      break;
  }
  dispatch__events__v1__trigger_event_response__free_unpacked(update, NULL);
}

static void on_trip_end(struct grpc_call *call) {
  if (call->status != 0 || !has_output[call->tag % slots]) {
    if (errors++ == 0) {
      fprintf(stderr, "publisher: a trip ended with status %d\n", call->status);
    }
  }
  note_done(call->tag);
}

static void trigger(uint64_t number) {
  Dispatch__Events__V1__TriggerEventRequest request =
      DISPATCH__EVENTS__V1__TRIGGER_EVENT_REQUEST__INIT;
  request.event = options.event;
  request.data.data = (uint8_t *)payload(number);
  request.data.len = payload_bytes;
  struct grpc_call *call = grpc_start(connection, TRIGGER);
  call->tag = number;
  call->on_message = on_update;
  call->on_end = on_trip_end;
  grpc_send(call, &request.base);
  grpc_end_requests(call);
}

// Acknowledgements alone

static void on_answer(struct grpc_call *call, const uint8_t *bytes, size_t length) {
  (void)call;
  Dispatch__Events__V1__EmitEventsResponse *answer =
      dispatch__events__v1__emit_events_response__unpack(NULL, length, bytes);
  if (!answer || answer->result_case != DISPATCH__EVENTS__V1__EMIT_EVENTS_RESPONSE__RESULT_ACCEPTED) {
    if (errors++ == 0) fprintf(stderr, "publisher: a message was refused\n");
  }
  if (!answer) return;
  note_acknowledged(answer->sequence);
  note_done(answer->sequence);
  dispatch__events__v1__emit_events_response__free_unpacked(answer, NULL);
}

static void on_emits_end(struct grpc_call *call) {
  fprintf(stderr, "publisher: EmitEvents ended with status %d\n", call->status);
  exit(1);
}

static void emit(uint64_t number) {
  Dispatch__Events__V1__EmitEventsRequest request = DISPATCH__EVENTS__V1__EMIT_EVENTS_REQUEST__INIT;
  Dispatch__Events__V1__EmitEventRequest event = DISPATCH__EVENTS__V1__EMIT_EVENT_REQUEST__INIT;
  event.event = options.event;
  event.data.data = (uint8_t *)payload(number);
  event.data.len = payload_bytes;
  request.sequence = number;
  request.emit = &event;
  grpc_send(emits, &request.base);
}

// The whole

static uint64_t due_at(uint64_t number) {
  return begin + (uint64_t)((double)(number - 1) * 1e9 / (double)options.parameter);
}

static void send_due(void) {
  long window = options.mode == rate ? rate_window : options.parameter;
  while (in_flight < window && now < measured_until &&
         (options.mode != rate || due_at(next) <= now)) {
    uint64_t number = next++;
    // At a fixed rate from when it was due, or a late sender would hide what it waited for.
    sent_at[number % slots] = options.mode == rate ? due_at(number) : now;
    is_acknowledged[number % slots] = has_output[number % slots] = false;
    in_flight++;
    if (options.mode == acknowledgements) {
      emit(number);
    } else {
      trigger(number);
    }
  }
}

static void mark(const char *what) {
  const char *path = getenv("PB_MARK");
  FILE *file = path ? fopen(path, "a") : NULL;
  if (!file) return;
  fprintf(file, "%s\n", what);
  fclose(file);
}

static void wait_for_answers(void) {
  struct pollfd readable = {connection->fd, POLLIN, 0};
  struct timespec patience = {0, 50000000};
  if (options.mode == rate) {
    uint64_t due = due_at(next), time = clock_ns();
    patience.tv_nsec = due > time ? (long)(due - time) : 0;
    if (patience.tv_nsec > 50000000) patience.tv_nsec = 50000000;
  }
  if (ppoll(&readable, 1, &patience, NULL) <= 0) {
    now = clock_ns();
    return;
  }
  now = clock_ns();
  if (!grpc_receive(connection)) {
    fprintf(stderr, "publisher: the connection was closed\n");
    exit(1);
  }
}

static void run(void) {
  bool is_marked = false;
  begin = now = clock_ns();
  measured_from = begin + second_ns;
  measured_until = measured_from + (uint64_t)(options.seconds * 1e9);
  while (now < measured_until) {
    if (!is_marked && now >= measured_from) {
      is_marked = true;
      mark("start");
    }
    send_due();
    if (!grpc_flush(connection)) exit(1);
    wait_for_answers();
  }
  mark("end");
}

static void report(void) {
  static const char *const names[] = {"rt", "ack", "rate"};
  printf(
      "{\"name\":\"event-gateway\",\"mode\":\"%s\",\"param\":%ld,\"secs\":%.2f,\"n\":%llu,"
      "\"rps\":%.1f,\"p50\":%.3f,\"p99\":%.3f,\"ack_n\":%llu,\"ack_rps\":%.1f,\"ack_p50\":%.3f,"
      "\"ack_p99\":%.3f,\"sent\":%llu,\"left\":%ld,\"err\":%llu}\n",
      names[options.mode], options.parameter, options.seconds, (unsigned long long)results,
      (double)results / options.seconds, percentile_ms(&trips, 0.5), percentile_ms(&trips, 0.99),
      (unsigned long long)acknowledged, (double)acknowledged / options.seconds,
      percentile_ms(&acknowledging, 0.5), percentile_ms(&acknowledging, 0.99),
      (unsigned long long)(next - 1), in_flight, (unsigned long long)errors);
}

int main(int argument_count, char **arguments) {
  if (argument_count != 6) {
    fprintf(stderr, "publisher: see the head of publisher.c\n");
    return 64;
  }
  options.mode = strcmp(arguments[1], "rt") == 0    ? round_trips
                 : strcmp(arguments[1], "ack") == 0 ? acknowledgements
                                                    : rate;
  options.parameter = atol(arguments[2]);
  options.seconds = atof(arguments[3]);
  options.event = arguments[5];
  connection = grpc_connect(atoi(arguments[4]));
  if (options.mode == acknowledgements) {
    emits = grpc_start(connection, EMIT);
    emits->on_message = on_answer;
    emits->on_end = on_emits_end;
  }
  run();
  report();
  return 0;
}
