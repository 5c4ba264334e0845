internal import CEventProtos
internal import CProtobufC
package import EventCore

/// google.rpc.Status, what `grpc-status-details-bin` carries.
package struct ErrorStatus: WireMessage {
  package var code: Int32 = 0
  package var message = ""
  package var details: [ErrorDetail] = []

  package init() {}

  package static let coding = MessageCoding<ErrorStatus>(google__rpc__status__init) {
    $2.number(&$0.code, &$1.code)
    $2.string(&$0.message, &$1.message)
    $2.list(&$0.details, &$1.n_details, &$1.details, "details")
  }
}

/// google.protobuf.Any with one of the messages of google/rpc/error_details.proto.
package struct ErrorDetail: WireMessage {
  package var typeURL = ""
  package var value: [UInt8] = []

  package init() {}

  /// - Parameter type: the message's name in google.rpc.
  package init(_ type: String, _ message: some WireMessage) {
    typeURL = "type.googleapis.com/google.rpc.\(type)"
    value = message.packed()
  }

  /// The message, if it is of this type and well formed.
  package func unpacked<M: WireMessage>(_ type: String, as: M.Type) -> M? {
    guard typeURL == "type.googleapis.com/google.rpc.\(type)" else { return nil }
    return value.withUnsafeBytes { try? M(unpacking: $0, from: .server) }
  }

  package static let coding = MessageCoding<ErrorDetail>(google__protobuf__any__init) {
    $2.string(&$0.typeURL, &$1.type_url)
    $2.bytes(&$0.value, &$1.value)
  }
}

/// google.rpc.ErrorInfo.
package struct ErrorInfo: WireMessage {
  package var reason = ""
  package var domain = "dispatch.events"

  package init() {}

  package static let coding = MessageCoding<ErrorInfo>(google__rpc__error_info__init) {
    $2.string(&$0.reason, &$1.reason)
    $2.string(&$0.domain, &$1.domain)
  }
}

/// google.rpc.BadRequest.
package struct BadRequest: WireMessage {
  package var violations: [FieldViolation] = []

  package init() {}

  package static let coding = MessageCoding<BadRequest>(google__rpc__bad_request__init) {
    $2.list(&$0.violations, &$1.n_field_violations, &$1.field_violations, "field_violations")
  }
}

extension FieldViolation: WireMessage {
  package init() {
    self.init(field: "", problem: "")
  }

  package static let coding = MessageCoding<FieldViolation>(
    google__rpc__bad_request__field_violation__init
  ) {
    $2.string(&$0.field, &$1.field)
    $2.string(&$0.problem, &$1.description)
  }
}

extension ResourceName: WireMessage {
  package init() {
    self.init(type: "", name: "")
  }

  package static let coding = MessageCoding<ResourceName>(google__rpc__resource_info__init) {
    $2.string(&$0.type, &$1.resource_type)
    $2.string(&$0.name, &$1.resource_name)
  }
}

/// google.rpc.RetryInfo.
package struct RetryInfo: WireMessage {
  package var delay: Duration?

  package init() {}

  package static let coding = MessageCoding<RetryInfo>(google__rpc__retry_info__init) {
    $2.duration(&$0.delay, &$1.retry_delay, "retry_delay")
  }
}

/// google.rpc.QuotaFailure.
package struct QuotaFailure: WireMessage {
  package var violations: [QuotaViolation] = []

  package init() {}

  package static let coding = MessageCoding<QuotaFailure>(google__rpc__quota_failure__init) {
    $2.list(&$0.violations, &$1.n_violations, &$1.violations, "violations")
  }
}

package struct QuotaViolation: WireMessage {
  package var subject = ""
  package var description = ""

  package init() {}

  package static let coding = MessageCoding<QuotaViolation>(
    google__rpc__quota_failure__violation__init
  ) {
    $2.string(&$0.subject, &$1.subject)
    $2.string(&$0.description, &$1.description)
  }
}

/// google.rpc.PreconditionFailure.
package struct PreconditionFailure: WireMessage {
  package var violations: [PreconditionViolation] = []

  package init() {}

  package static let coding = MessageCoding<PreconditionFailure>(
    google__rpc__precondition_failure__init
  ) {
    $2.list(&$0.violations, &$1.n_violations, &$1.violations, "violations")
  }
}

package struct PreconditionViolation: WireMessage {
  package var type = ""
  package var subject = ""
  package var description = ""

  package init() {}

  package static let coding = MessageCoding<PreconditionViolation>(
    google__rpc__precondition_failure__violation__init
  ) {
    $2.string(&$0.type, &$1.type)
    $2.string(&$0.subject, &$1.subject)
    $2.string(&$0.description, &$1.description)
  }
}
