internal import CEventProtos

/// grpc.reflection.v1.ServerReflectionRequest; v1alpha is the same on the wire.
package struct ReflectionRequest: WireMessage, Hashable {
  package var host = ""
  package var question: Question?

  package enum Question: Hashable, Sendable {
    case fileByName(String)
    case fileContainingSymbol(String)
    case fileContainingExtension(ReflectionExtension)
    case extensionNumbers(ofType: String)
    case services(String)
  }

  package init() {}

  package static let coding = MessageCoding<ReflectionRequest>(
    grpc__reflection__v1__server_reflection_request__init
  ) {
    $2.string(&$0.host, &$1.host)
    if $2.selects(
      &$1.message_request_case,
      GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_FILE_BY_FILENAME,
      $0.fileName != nil)
    {
      $2.string(&$0.fileName, &$1.file_by_filename)
    }
    if $2.selects(
      &$1.message_request_case,
      GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_FILE_CONTAINING_SYMBOL,
      $0.symbol != nil)
    {
      $2.string(&$0.symbol, &$1.file_containing_symbol)
    }
    if $2.selects(
      &$1.message_request_case,
      GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_FILE_CONTAINING_EXTENSION,
      $0.fileExtension != nil)
    {
      $2.message(&$0.fileExtension, &$1.file_containing_extension, "file_containing_extension")
    }
    if $2.selects(
      &$1.message_request_case,
      GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_ALL_EXTENSION_NUMBERS_OF_TYPE,
      $0.extendedType != nil)
    {
      $2.string(&$0.extendedType, &$1.all_extension_numbers_of_type)
    }
    if $2.selects(
      &$1.message_request_case,
      GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_LIST_SERVICES,
      $0.services != nil)
    {
      $2.string(&$0.services, &$1.list_services)
    }
  }
}

/// The oneof's alternatives one by one, as the mapper moves them.
extension ReflectionRequest {
  fileprivate var fileName: String? {
    get { if case .fileByName(let value) = question { value } else { nil } }
    set { if let newValue { question = .fileByName(newValue) } }
  }

  fileprivate var symbol: String? {
    get { if case .fileContainingSymbol(let value) = question { value } else { nil } }
    set { if let newValue { question = .fileContainingSymbol(newValue) } }
  }

  fileprivate var fileExtension: ReflectionExtension? {
    get { if case .fileContainingExtension(let value) = question { value } else { nil } }
    set { if let newValue { question = .fileContainingExtension(newValue) } }
  }

  fileprivate var extendedType: String? {
    get { if case .extensionNumbers(let value) = question { value } else { nil } }
    set { if let newValue { question = .extensionNumbers(ofType: newValue) } }
  }

  fileprivate var services: String? {
    get { if case .services(let value) = question { value } else { nil } }
    set { if let newValue { question = .services(newValue) } }
  }
}

package struct ReflectionExtension: WireMessage, Hashable {
  package var containingType = ""
  package var number: Int32 = 0

  package init() {}

  package static let coding = MessageCoding<ReflectionExtension>(
    grpc__reflection__v1__extension_request__init
  ) {
    $2.string(&$0.containingType, &$1.containing_type)
    $2.number(&$0.number, &$1.extension_number)
  }
}

/// grpc.reflection.v1.ServerReflectionResponse.
package struct ReflectionResponse: WireMessage {
  package var host = ""
  package var request: ReflectionRequest? = ReflectionRequest()
  package var files: ReflectionFiles?
  package var services: ReflectionServices?
  package var error: ReflectionError?

  package init() {}

  package static let coding = MessageCoding<ReflectionResponse>(
    grpc__reflection__v1__server_reflection_response__init
  ) {
    $2.string(&$0.host, &$1.valid_host)
    $2.message(&$0.request, &$1.original_request, "original_request")
    if $2.selects(
      &$1.message_response_case,
      GRPC__REFLECTION__V1__SERVER_REFLECTION_RESPONSE__MESSAGE_RESPONSE_FILE_DESCRIPTOR_RESPONSE,
      $0.files != nil)
    {
      $2.message(&$0.files, &$1.file_descriptor_response, "file_descriptor_response")
    }
    if $2.selects(
      &$1.message_response_case,
      GRPC__REFLECTION__V1__SERVER_REFLECTION_RESPONSE__MESSAGE_RESPONSE_LIST_SERVICES_RESPONSE,
      $0.services != nil)
    {
      $2.message(&$0.services, &$1.list_services_response, "list_services_response")
    }
    if $2.selects(
      &$1.message_response_case,
      GRPC__REFLECTION__V1__SERVER_REFLECTION_RESPONSE__MESSAGE_RESPONSE_ERROR_RESPONSE,
      $0.error != nil)
    {
      $2.message(&$0.error, &$1.error_response, "error_response")
    }
  }
}

/// Serialized google.protobuf.FileDescriptorProto messages.
package struct ReflectionFiles: WireMessage {
  package var descriptors: [[UInt8]] = []

  package init() {}

  package static let coding = MessageCoding<ReflectionFiles>(
    grpc__reflection__v1__file_descriptor_response__init
  ) {
    $2.byteStrings(&$0.descriptors, &$1.n_file_descriptor_proto, &$1.file_descriptor_proto)
  }
}

package struct ReflectionServices: WireMessage {
  package var services: [ReflectionServiceName] = []

  package init() {}

  package static let coding = MessageCoding<ReflectionServices>(
    grpc__reflection__v1__list_service_response__init
  ) {
    $2.list(&$0.services, &$1.n_service, &$1.service, "service")
  }
}

package struct ReflectionServiceName: WireMessage {
  package var name = ""

  package init() {}

  package init(_ name: String) {
    self.name = name
  }

  package static let coding = MessageCoding<ReflectionServiceName>(
    grpc__reflection__v1__service_response__init
  ) {
    $2.string(&$0.name, &$1.name)
  }
}

package struct ReflectionError: WireMessage {
  /// A gRPC status code.
  package var code: Int32 = 0
  package var message = ""

  package init() {}

  package static let coding = MessageCoding<ReflectionError>(
    grpc__reflection__v1__error_response__init
  ) {
    $2.number(&$0.code, &$1.error_code)
    $2.string(&$0.message, &$1.error_message)
  }
}
