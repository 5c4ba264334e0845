import EventCore
import Testing

@testable import Messages

/// A type under test, its Swift type erased.
struct MessageType: Sendable, CustomTestStringConvertible {
  let shape: MessageShape
  /// Unpacks, and packs what came out, as the same sender.
  let repack: @Sendable ([UInt8], Sender) throws(GatewayError) -> [UInt8]

  init<M: WireMessage>(_: M.Type) {
    shape = MessageShape(M.coding.descriptor)
    repack = { (bytes, sender) throws(GatewayError) in
      try M(bytes, from: sender).packed(as: sender)
    }
  }

  var testDescription: String { shape.name }
}

extension WireMessage {
  init(_ bytes: [UInt8], from sender: Sender = .client) throws(GatewayError) {
    let result = bytes.withUnsafeBytes { buffer in
      Result { () throws(GatewayError) in try Self(unpacking: buffer, from: sender) }
    }
    self = try result.get()
  }
}

extension MessageType {
  static let all =
    definitions + schemas + triggers + workers + functions + cloudEvents + errors
    + infrastructure

  private static let definitions = [
    MessageType(Event.self), .init(CreateEventRequest.self), .init(GetEventRequest.self),
    .init(ListEventsRequest.self), .init(ListEventsResponse.self), .init(UpdateEventRequest.self),
    .init(DeleteEventRequest.self),
    .init(Function.self), .init(HTTPTarget.self), .init(HTTPTarget.Signing.self),
    .init(GRPCTarget.self), .init(ProcessTarget.self), .init(ProcessTarget.KeepAlive.self),
    .init(WorkerTarget.self),
    .init(FlowControl.self), .init(CircuitBreaker.self), .init(CircuitState.self),
    .init(CreateFunctionRequest.self), .init(GetFunctionRequest.self),
    .init(ListFunctionsRequest.self), .init(ListFunctionsResponse.self),
    .init(UpdateFunctionRequest.self), .init(DeleteFunctionRequest.self),
    .init(Subscription.self), .init(SubscriptionFilter.self), .init(PayloadTransform.self),
    .init(DeliveryPolicy.self), .init(CreateSubscriptionRequest.self),
    .init(GetSubscriptionRequest.self), .init(ListSubscriptionsRequest.self),
    .init(ListSubscriptionsResponse.self), .init(UpdateSubscriptionRequest.self),
    .init(DeleteSubscriptionRequest.self), .init(PauseSubscriptionRequest.self),
    .init(ResumeSubscriptionRequest.self),
    .init(SubscriptionGroup.self), .init(CreateSubscriptionGroupRequest.self),
    .init(GetSubscriptionGroupRequest.self), .init(ListSubscriptionGroupsRequest.self),
    .init(ListSubscriptionGroupsResponse.self), .init(UpdateSubscriptionGroupRequest.self),
    .init(DeleteSubscriptionGroupRequest.self),
  ]

  private static let schemas = [
    MessageType(PayloadSchema.self), .init(SchemaRevision.self), .init(PayloadViolation.self),
    .init(ValidateEventRequest.self), .init(ValidateEventResponse.self),
    .init(GetEventSchemaRequest.self), .init(ListEventSchemasRequest.self),
    .init(ListEventSchemasResponse.self),
    .init(ExplainTriggerRequest.self), .init(ExplainTriggerResponse.self),
    .init(SchemaExplanation.self), .init(SubscriptionExplanation.self),
    .init(GroupExplanation.self),
  ]

  private static let triggers = [
    MessageType(TriggerEventRequest.self), .init(TriggerEventResponse.self), .init(Accepted.self),
    .init(OutputChunk.self), .init(LogChunk.self), .init(Summary.self),
    .init(EmitEventRequest.self), .init(EmitEventResponse.self), .init(EmitEventsRequest.self),
    .init(EmitEventsResponse.self),
    .init(StoredTrigger.self), .init(GroupReport.self), .init(GetTriggerRequest.self),
    .init(ListTriggersRequest.self), .init(ListTriggersResponse.self), .init(TimeRange.self),
    .init(CancelTriggerRequest.self), .init(WatchTriggerRequest.self),
    .init(WatchInvocationsRequest.self), .init(WatchInvocationsResponse.self),
    .init(RedriveDeadLettersRequest.self), .init(RedriveDeadLettersResponse.self),
    .init(ReplayTriggersRequest.self), .init(ReplayTriggersResponse.self),
    .init(Invocation.self), .init(Attempt.self), .init(Output.self), .init(LogLine.self),
    .init(InvocationError.self), .init(GetInvocationRequest.self),
    .init(ListInvocationsRequest.self), .init(ListInvocationsResponse.self),
    .init(CancelInvocationRequest.self), .init(RetryInvocationRequest.self),
  ]

  private static let workers = [
    MessageType(WorkerMessage.self), .init(WorkerHello.self), .init(WorkerCredit.self),
    .init(WorkerLease.self), .init(WorkerProgress.self), .init(WorkerResult.self),
    .init(WorkerPing.self), .init(GatewayMessage.self), .init(WorkerWelcome.self),
    .init(WorkerAssignment.self), .init(WorkerCancel.self), .init(WorkerResultAck.self),
    .init(WorkerGoAway.self),
  ]

  private static let functions = [
    MessageType(InvokeRequest.self), .init(InvokeResponse.self), .init(InvokeFunctionRequest.self),
    .init(InvokeFunctionResponse.self), .init(FunctionStarted.self), .init(FunctionChunk.self),
    .init(FunctionResult.self),
  ]

  /// google.protobuf.Any, which a CloudEvent may hold, is tested as `ErrorDetail`.
  private static let cloudEvents = [
    MessageType(CloudEventBatch.self), .init(CloudEventMessage.self),
    .init(CloudEventAttribute.self), .init(CloudEventAttributeValue.self),
    .init(EmitCloudEventsResponse.self), .init(EmitCloudEventsResult.self),
  ]

  private static let errors = [
    MessageType(ErrorStatus.self), .init(ErrorDetail.self), .init(ErrorInfo.self),
    .init(BadRequest.self), .init(FieldViolation.self), .init(ResourceName.self),
    .init(RetryInfo.self), .init(QuotaFailure.self), .init(QuotaViolation.self),
    .init(PreconditionFailure.self), .init(PreconditionViolation.self),
  ]

  private static let infrastructure = [
    MessageType(Empty.self), .init(FieldMask.self),
    .init(HealthCheckRequest.self), .init(HealthCheckResponse.self),
    .init(ReflectionRequest.self), .init(ReflectionExtension.self),
    .init(ReflectionResponse.self), .init(ReflectionFiles.self), .init(ReflectionServices.self),
    .init(ReflectionServiceName.self), .init(ReflectionError.self),
  ]
}
