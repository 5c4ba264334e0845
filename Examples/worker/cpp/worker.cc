// A worker on generated code and gRPC C++, with one function, `count-words`:
// worker ADDRESS [ORGANIZATION [NAME]]
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <sstream>
#include <string>
#include <thread>

#include "dispatch/events/v1/worker.grpc.pb.h"

using namespace dispatch::events::v1;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Stream = grpc::ClientReaderWriter<WorkerMessage, GatewayMessage>;

static const int concurrency = 8;

static Output countWords(
    const Trigger &trigger, InvocationError &error, std::function<void(const std::string &)> log) {
  google::protobuf::Struct payload, counts;
  auto parsed = google::protobuf::util::JsonStringToMessage(trigger.data(), &payload);
  auto text = payload.fields().find("text");
  if (!parsed.ok() || text == payload.fields().end() || !text->second.has_string_value()) {
    error.set_error_class(InvocationError::ERROR_CLASS_INPUT);
    error.set_code("NO_TEXT");
    error.set_message("there is no text to count the words of");
    error.set_final(true);
    return {};
  }
  std::istringstream words(text->second.string_value());
  for (std::string word; words >> word;) {
    std::transform(word.begin(), word.end(), word.begin(), ::tolower);
    auto &count = (*counts.mutable_fields())[word];
    count.set_number_value(count.number_value() + 1);
  }
  log(std::to_string(counts.fields_size()) + " different words");
  Output output;
  google::protobuf::util::MessageToJsonString(counts, output.mutable_data());
  output.set_data_type("application/json");
  return output;
}

class Worker {
 public:
  Worker(std::string address, std::string organization, std::string name)
      : address(address), organization(organization) {
    // Without this, channels to one address share connections, also those that fell silent.
    channelOptions.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    std::random_device random;
    auto &greeting = *hello.mutable_hello();
    greeting.set_worker(name);
    greeting.set_session(std::to_string(random()) + "-" + std::to_string(random()));
    greeting.add_function_ids("count-words");
  }

  // Works until drained; true if the gateway did not refuse the worker.
  bool run() {
    for (auto pause = 100ms; !waitOver(0ms);) {
      bool isWelcome = false;
      auto status = serve(isWelcome);
      if (!status.ok()) std::cerr << status.error_message() << std::endl;
      if (status.error_code() == grpc::INVALID_ARGUMENT || status.error_code() == grpc::ABORTED)
        return false;
      if (isWelcome) pause = 100ms;
      waitOver(pause);
      pause = std::min<std::chrono::milliseconds>(pause * 2, 10s);
    }
    return true;
  }

  void drain() {
    std::lock_guard lock(mutex);
    isDraining = true;
    sendDrain();
    changed.notify_all();
  }

 private:
  struct Job {
    bool isCancelled = false;
  };

  std::string address;
  std::string organization;
  grpc::ChannelArguments channelOptions;
  WorkerMessage hello;

  std::mutex mutex;
  std::condition_variable changed;
  Stream *stream = nullptr;  // from Welcome to its end
  std::map<uint64_t, Job> running;
  std::map<uint64_t, WorkerMessage> results;  // not acknowledged yet
  bool isDraining = false;
  Clock::time_point heard;
  Clock::duration patience;

  bool isOver() { return isDraining && running.empty() && results.empty(); }

  bool waitOver(std::chrono::milliseconds pause) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, pause, [&] { return isOver(); });
  }

  // With the mutex held. Nothing is lost while there is no stream: `welcomed` says it again.
  void send(const WorkerMessage &message) {
    if (stream) stream->Write(message);  // a failure is the stream's end, which `serve` sees
  }

  void sendStarted(uint64_t lease) {
    WorkerMessage message;
    message.mutable_started()->set_lease(lease);
    send(message);
  }

  void sendCredit(int count) {
    if (count <= 0 || isDraining) return;
    WorkerMessage message;
    message.mutable_credit()->set_count(count);
    send(message);
  }

  void sendDrain() {
    WorkerMessage message;
    message.mutable_drain();
    send(message);
  }

  // One stream, from Hello to its end, on a connection of its own: the last may have fallen silent.
  grpc::Status serve(bool &isWelcome) {
    grpc::ClientContext context;
    context.AddMetadata("x-dispatch-org", organization);
    heard = Clock::now();
    patience = 20s;
    auto stub = WorkerService::NewStub(grpc::CreateCustomChannel(
        address, grpc::InsecureChannelCredentials(), channelOptions));
    auto opened = stub->Connect(&context);
    opened->Write(hello);
    bool isEnded = false;
    std::thread watch([&] { watchSilence(context, isEnded); });
    for (GatewayMessage message; opened->Read(&message);) {
      std::lock_guard lock(mutex);
      heard = Clock::now();
      isWelcome = isWelcome || message.has_welcome();
      receive(*opened, message);
    }
    {
      std::lock_guard lock(mutex);
      stream = nullptr;
      isEnded = true;
      changed.notify_all();
    }
    watch.join();
    return opened->Finish();
  }

  // A gateway that is silent for two of its ping intervals is gone.
  void watchSilence(grpc::ClientContext &context, bool &isEnded) {
    std::unique_lock lock(mutex);
    while (!isEnded && Clock::now() < heard + patience) changed.wait_until(lock, heard + patience);
    if (!isEnded) context.TryCancel();
  }

  void receive(Stream &opened, const GatewayMessage &message) {
    switch (message.message_case()) {
      case GatewayMessage::kWelcome:
        stream = &opened;
        return welcomed(message.welcome());
      case GatewayMessage::kAssignment: return start(message.assignment());
      case GatewayMessage::kCancel:
        results.erase(message.cancel().lease());
        if (running.count(message.cancel().lease()))
          running[message.cancel().lease()].isCancelled = true;
        return changed.notify_all();
      case GatewayMessage::kResultAck:
        results.erase(message.result_ack().lease());
        return changed.notify_all();
      case GatewayMessage::kPing:
        if (!message.ping().answer()) {
          WorkerMessage answer;
          answer.mutable_ping()->set_number(message.ping().number());
          answer.mutable_ping()->set_answer(true);
          send(answer);
        }
        return;
      default: return;
    }
  }

  // Gives up what was lost, tells again what is done, and says how much room there is.
  void welcomed(const GatewayMessage::Welcome &welcome) {
    patience = 2 * std::chrono::milliseconds(
        welcome.ping_interval().seconds() * 1000 + welcome.ping_interval().nanos() / 1000000);
    changed.notify_all();
    int room = concurrency - running.size();
    for (auto &[lease, job] : running) job.isCancelled = true;
    for (auto lease : welcome.leases()) {
      if (running.count(lease)) {
        running[lease].isCancelled = false;
        sendStarted(lease);
      } else if (!results.count(lease)) {
        room--;  // its assignment comes again
      }
    }
    for (auto &[lease, result] : results) send(result);
    sendCredit(room);
    if (isDraining) sendDrain();
  }

  void start(const GatewayMessage::Assignment &assignment) {
    auto lease = assignment.lease();
    if (running.count(lease) || results.count(lease)) return;  // told again: our Started was lost
    running[lease] = Job();
    sendStarted(lease);
    std::thread([this, assignment] { work(assignment); }).detach();
  }

  void work(const GatewayMessage::Assignment &assignment) {
    auto lease = assignment.lease();
    InvocationError error;
    auto output = countWords(assignment.trigger(), error, [&](const std::string &line) {
      WorkerMessage message;
      message.mutable_progress()->set_lease(lease);
      message.mutable_progress()->add_logs()->set_text(line);
      std::lock_guard lock(mutex);
      send(message);
    });
    WorkerMessage message;
    auto &result = *message.mutable_result();
    result.set_lease(lease);
    if (error.code().empty()) {
      *result.mutable_output() = output;
    } else {
      *result.mutable_error() = error;
    }
    std::lock_guard lock(mutex);
    bool isWanted = !running[lease].isCancelled;
    running.erase(lease);
    if (isWanted) {
      results[lease] = message;
      send(message);
    }
    sendCredit(1);
    changed.notify_all();
  }
};

int main(int count, char **arguments) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  auto argument = [&](int index, const char *otherwise) {
    return index < count ? arguments[index] : otherwise;
  };
  Worker worker(argument(1, "127.0.0.1:7070"), argument(2, "default"), argument(3, "cpp"));
  std::thread([&] {
    int signal;
    sigwait(&signals, &signal);
    worker.drain();
  }).detach();
  return worker.run() ? 0 : 1;
}
