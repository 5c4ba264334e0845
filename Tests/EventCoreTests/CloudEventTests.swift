import EventCore
import Testing

@Suite struct CloudEventTests {
  private func attributes(_ change: (inout Trigger) -> Void = { _ in }) -> [String] {
    var trigger = Trigger()
    trigger.event = "order.created"
    trigger.triggerID = UniqueID(high: 0, low: 1)
    change(&trigger)
    let request = AttemptRequest(
      function: Function(), trigger: trigger, subscriptionID: "s",
      invocationID: InvocationID(triggerID: trigger.triggerID, ordinal: 0), number: 2)
    return CloudEvent(request).attributes.map { "\($0.name)=\($0.value)" }
  }

  @Test func `an attempt's attributes come in order`() {
    #expect(
      attributes() == [
        "specversion=1.0", "id=00000000-0000-0000-0000-000000000001",
        "source=/organizations/default/events/order.created", "type=order.created",
        "time=1970-01-01T00:00:00Z", "datacontenttype=application/json",
        "dispatchsubscription=s", "dispatchattempt=2",
      ])
  }

  @Test func `what came as a CloudEvent goes on as it was`() {
    let attributes = attributes {
      ($0.cloudEventID, $0.source, $0.orderingKey) = ("A-1", "/shop", "k")
      $0.cloudEventTime = Timestamp(nanoseconds: -1)
      $0.metadata = ["subject": "s", "dataschema": "x:y", "ext1": "true"]
    }
    #expect(
      attributes == [
        "specversion=1.0", "id=A-1", "source=/shop", "type=order.created",
        "time=1969-12-31T23:59:59.999999999Z", "datacontenttype=application/json",
        "partitionkey=k", "dataschema=x:y", "ext1=true", "subject=s", "dispatchsubscription=s",
        "dispatchattempt=2",
      ])
  }

  @Test func `metadata is no attribute under a name that is taken or can't be one`() {
    let names = [
      "specversion", "id", "source", "type", "time", "datacontenttype", "data", "partitionkey",
      "metadata", "dispatchsubscription", "dispatchattempt", "Ext", "my-ext", "my_ext", "ö", "",
    ]
    #expect(names.filter(CloudEvent.isExtension) == [])
    let with = attributes {
      $0.metadata = Dictionary(uniqueKeysWithValues: names.map { ($0, "x") })
    }
    #expect(with == attributes())
  }
}
