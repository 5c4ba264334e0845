// The scenario of Tests/Clients/test_clients.py on grpc-java: Client ADDRESS ORGANIZATION COMMAND

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import dev.dispatch.events.v1.*;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.MetadataUtils;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;

public class Client {
  static final String ORDER =
      "{\"order\": 7, \"items\": [{\"sku\": \"tea\", \"quantity\": 2}"
          + ", {\"sku\": \"cup\", \"quantity\": 1}%s]}";
  // Thirty seconds of work for whoever waits for it.
  static final String LONG_ORDER =
      String.format(ORDER, ", {\"sku\": \"tea\", \"quantity\": 1}".repeat(98));

  final ManagedChannel channel;
  final Metadata metadata = new Metadata();
  final TriggerServiceGrpc.TriggerServiceBlockingStub triggers;

  public static void main(String[] arguments) throws Exception {
    new Client(arguments[0], arguments[1]).run(arguments[2]);
  }

  Client(String address, String organization) {
    channel = ManagedChannelBuilder.forTarget(address).usePlaintext().build();
    metadata.put(
        Metadata.Key.of("x-dispatch-org", Metadata.ASCII_STRING_MARSHALLER), organization);
    triggers = with(TriggerServiceGrpc.newBlockingStub(channel));
  }

  <S extends io.grpc.stub.AbstractStub<S>> S with(S stub) {
    return stub.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata));
  }

  void run(String command) throws Exception {
    define(command);
    stream();
    refused();
    late();
    cancelled();
    channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
  }

  void define(String command) {
    with(FunctionServiceGrpc.newBlockingStub(channel)).createFunction(
        CreateFunctionRequest.newBuilder().setFunction(
            Function.newBuilder().setFunctionId("reserve-stock")
                .setProcess(ProcessTarget.newBuilder().setCommand(command))).build());
    Event event = with(EventServiceGrpc.newBlockingStub(channel)).createEvent(
        CreateEventRequest.newBuilder().setEvent(
            Event.newBuilder().setEvent("order.placed").putMetadata("team", "shop")).build());
    System.out.printf("event %s revision %d team %s%n",
        event.getEvent(), event.getRevision(), event.getMetadataOrThrow("team"));
    Subscription subscription =
        with(SubscriptionServiceGrpc.newBlockingStub(channel)).createSubscription(
            CreateSubscriptionRequest.newBuilder().setSubscription(
                Subscription.newBuilder().setSubscriptionId("stock").setEvent("order.placed")
                    .setFunctionId("reserve-stock")).build());
    System.out.printf("subscription %s to %s%n",
        subscription.getSubscriptionId(), subscription.getEvent());
  }

  static TriggerEventRequest.Builder request(String order) {
    return TriggerEventRequest.newBuilder()
        .setEvent("order.placed").setData(ByteString.copyFromUtf8(order));
  }

  void stream() {
    Iterator<TriggerEventResponse> updates =
        triggers.triggerEvent(request(String.format(ORDER, "")).build());
    while (updates.hasNext()) {
      TriggerEventResponse update = updates.next();
      switch (update.getUpdateCase()) {
        case ACCEPTED ->
            System.out.println("accepted " + update.getAccepted().getTrigger().getEvent());
        case INVOCATION ->
            System.out.println("invocation " + update.getInvocation().getSubscriptionId() + " "
                + brief(update.getInvocation().getState()));
        case OUTPUT ->
            System.out.println("output " + update.getOutput().getOffset() + " "
                + update.getOutput().getData().toStringUtf8().strip());
        case LOG -> System.out.println("log " + update.getLog().getLine().getText());
        case SUMMARY ->
            System.out.println("summary " + brief(update.getSummary().getState()) + " "
                + update.getSummary().getSucceeded());
        default -> { }
      }
    }
  }

  void refused() throws Exception {
    try {
      with(EventServiceGrpc.newBlockingStub(channel)).createEvent(
          CreateEventRequest.newBuilder()
              .setEvent(Event.newBuilder().setEvent("Not a name")).build());
    } catch (StatusRuntimeException error) {
      System.out.println("refused " + error.getStatus().getCode());
      for (Any detail : StatusProto.fromThrowable(error).getDetailsList()) {
        if (detail.is(ErrorInfo.class)) {
          ErrorInfo info = detail.unpack(ErrorInfo.class);
          System.out.println("reason " + info.getReason() + " of " + info.getDomain());
        } else if (detail.is(BadRequest.class)) {
          detail.unpack(BadRequest.class).getFieldViolationsList()
              .forEach(violation -> System.out.println("field " + violation.getField()));
        }
      }
    }
  }

  void late() {
    try {
      triggers.withDeadlineAfter(1, TimeUnit.SECONDS)
          .triggerEvent(request(LONG_ORDER).build()).forEachRemaining(update -> { });
    } catch (StatusRuntimeException error) {
      System.out.println("late " + error.getStatus().getCode());
    }
  }

  void cancelled() throws Exception {
    Context.CancellableContext call = Context.current().withCancellation();
    String[] id = {""};
    call.run(() -> {
      try {
        triggers.triggerEvent(request(LONG_ORDER).setCancelOnDisconnect(true).build())
            .forEachRemaining(update -> {
              if (update.hasAccepted()) id[0] = update.getAccepted().getTrigger().getTriggerId();
              if (update.hasOutput()) call.cancel(null);
            });
      } catch (StatusRuntimeException error) {
        System.out.println("cancelled " + error.getStatus().getCode());
      }
    });
    GetTriggerRequest get = GetTriggerRequest.newBuilder().setTriggerId(id[0]).build();
    while (triggers.getTrigger(get).getState() != Trigger.State.STATE_CANCELLED) Thread.sleep(20);
    System.out.println("trigger CANCELLED");
  }

  static String brief(Enum<?> state) {
    return state.name().substring("STATE_".length());
  }
}
