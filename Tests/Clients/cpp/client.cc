// The scenario of Tests/Clients/test_clients.py on gRPC C++: client ADDRESS ORGANIZATION COMMAND
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <iostream>
#include <memory>
#include <string>
#include <thread>

#include "dispatch/events/v1/event_service.grpc.pb.h"
#include "dispatch/events/v1/function_service.grpc.pb.h"
#include "dispatch/events/v1/subscription_service.grpc.pb.h"
#include "dispatch/events/v1/trigger_service.grpc.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

using namespace dispatch::events::v1;

static std::string organization;

// A call of its own: its metadata, and its deadline.
struct Call : grpc::ClientContext {
  explicit Call(std::chrono::seconds timeout = std::chrono::seconds(60)) {
    AddMetadata("x-dispatch-org", organization);
    set_deadline(std::chrono::system_clock::now() + timeout);
  }
};

static void check(const grpc::Status &status) {
  if (status.ok()) return;
  std::cerr << status.error_code() << " " << status.error_message() << std::endl;
  exit(1);
}

// A status by the name that gRPC's documents have for it.
static std::string name(const grpc::Status &status) {
  switch (status.error_code()) {
    case grpc::StatusCode::CANCELLED: return "CANCELLED";
    case grpc::StatusCode::INVALID_ARGUMENT: return "INVALID_ARGUMENT";
    case grpc::StatusCode::DEADLINE_EXCEEDED: return "DEADLINE_EXCEEDED";
    default: return std::to_string(status.error_code());
  }
}

static std::string brief(const std::string &state) { return state.substr(strlen("STATE_")); }

static std::string line(const std::string &text) { return text.substr(0, text.find('\n')); }

static TriggerEventRequest order(int items) {
  TriggerEventRequest request;
  request.set_event("order.placed");
  std::string list = R"({"sku": "tea", "quantity": 2}, {"sku": "cup", "quantity": 1})";
  for (int more = 2; more < items; more++) list += R"(, {"sku": "tea", "quantity": 1})";
  request.set_data(R"({"order": 7, "items": [)" + list + "]}");
  return request;
}

// Thirty seconds of work for whoever waits for it.
static const int longOrder = 100;

static void define(std::shared_ptr<grpc::Channel> channel, const std::string &command) {
  CreateFunctionRequest function;
  function.mutable_function()->set_function_id("reserve-stock");
  function.mutable_function()->mutable_process()->set_command(command);
  Function madeFunction;
  Call first;
  check(FunctionService::NewStub(channel)->CreateFunction(&first, function, &madeFunction));

  CreateEventRequest event;
  event.mutable_event()->set_event("order.placed");
  (*event.mutable_event()->mutable_metadata())["team"] = "shop";
  Event made;
  Call second;
  check(EventService::NewStub(channel)->CreateEvent(&second, event, &made));
  std::cout << "event " << made.event() << " revision " << made.revision() << " team "
            << made.metadata().at("team") << std::endl;

  CreateSubscriptionRequest subscription;
  subscription.mutable_subscription()->set_subscription_id("stock");
  subscription.mutable_subscription()->set_event("order.placed");
  subscription.mutable_subscription()->set_function_id("reserve-stock");
  Subscription madeSubscription;
  Call third;
  auto subscriptions = SubscriptionService::NewStub(channel);
  check(subscriptions->CreateSubscription(&third, subscription, &madeSubscription));
  std::cout << "subscription " << madeSubscription.subscription_id() << " to "
            << madeSubscription.event() << std::endl;
}

static void stream(TriggerService::Stub &triggers) {
  Call call;
  auto updates = triggers.TriggerEvent(&call, order(2));
  for (TriggerEventResponse response; updates->Read(&response);) {
    if (response.has_accepted()) {
      std::cout << "accepted " << response.accepted().trigger().event() << std::endl;
    } else if (response.has_invocation()) {
      std::cout << "invocation " << response.invocation().subscription_id() << " "
                << brief(Invocation::State_Name(response.invocation().state())) << std::endl;
    } else if (response.has_output()) {
      std::cout << "output " << response.output().offset() << " "
                << line(response.output().data()) << std::endl;
    } else if (response.has_log()) {
      std::cout << "log " << response.log().line().text() << std::endl;
    } else if (response.has_summary()) {
      std::cout << "summary " << brief(Trigger::State_Name(response.summary().state())) << " "
                << response.summary().succeeded() << std::endl;
    }
  }
  check(updates->Finish());
}

static void refused(std::shared_ptr<grpc::Channel> channel) {
  CreateEventRequest request;
  request.mutable_event()->set_event("Not a name");
  Event made;
  Call call;
  auto status = EventService::NewStub(channel)->CreateEvent(&call, request, &made);
  std::cout << "refused " << name(status) << std::endl;
  google::rpc::Status details;
  details.ParseFromString(status.error_details());
  for (const auto &detail : details.details()) {
    google::rpc::ErrorInfo info;
    google::rpc::BadRequest bad;
    if (detail.UnpackTo(&info)) {
      std::cout << "reason " << info.reason() << " of " << info.domain() << std::endl;
    } else if (detail.UnpackTo(&bad)) {
      for (const auto &violation : bad.field_violations())
        std::cout << "field " << violation.field() << std::endl;
    }
  }
}

static void late(TriggerService::Stub &triggers) {
  Call call(std::chrono::seconds(1));
  auto updates = triggers.TriggerEvent(&call, order(longOrder));
  for (TriggerEventResponse response; updates->Read(&response);) {
  }
  std::cout << "late " << name(updates->Finish()) << std::endl;
}

static void cancelled(TriggerService::Stub &triggers) {
  GetTriggerRequest get;
  auto request = order(longOrder);
  request.set_cancel_on_disconnect(true);
  Call call;
  auto updates = triggers.TriggerEvent(&call, request);
  for (TriggerEventResponse response; updates->Read(&response);) {
    if (response.has_accepted()) get.set_trigger_id(response.accepted().trigger().trigger_id());
    if (response.has_output()) call.TryCancel();
  }
  std::cout << "cancelled " << name(updates->Finish()) << std::endl;
  Trigger trigger;
  while (trigger.state() != Trigger::STATE_CANCELLED) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    Call again;
    check(triggers.GetTrigger(&again, get, &trigger));
  }
  std::cout << "trigger " << brief(Trigger::State_Name(trigger.state())) << std::endl;
}

int main(int, char **arguments) {
  organization = arguments[2];
  auto channel = grpc::CreateChannel(arguments[1], grpc::InsecureChannelCredentials());
  auto triggers = TriggerService::NewStub(channel);
  define(channel, arguments[3]);
  stream(*triggers);
  refused(channel);
  late(*triggers);
  cancelled(*triggers);
}
