internal import CEventProtos
package import EventCore

package struct CreateFunctionRequest: WireMessage {
  package var function = Function()
  package var requestID = ""
  package var validateOnly = false

  package init() {}

  package static let coding = MessageCoding<CreateFunctionRequest>(
    dispatch__events__v1__create_function_request__init
  ) {
    $2.message(&$0.function, &$1.function, "function")
    $2.string(&$0.requestID, &$1.request_id)
    $2.bool(&$0.validateOnly, &$1.validate_only)
  }
}

package struct GetFunctionRequest: WireMessage {
  package var functionID = ""

  package init() {}

  package static let coding = MessageCoding<GetFunctionRequest>(
    dispatch__events__v1__get_function_request__init
  ) {
    $2.string(&$0.functionID, &$1.function_id)
  }
}

package struct ListFunctionsRequest: WireMessage {
  package var page = PageRequest()

  package init() {}

  package static let coding = MessageCoding<ListFunctionsRequest>(
    dispatch__events__v1__list_functions_request__init
  ) {
    $2.page(&$0.page, &$1.page_size, &$1.page_token)
  }
}

package struct ListFunctionsResponse: WireMessage {
  package var functions = [Function]()
  package var nextPageToken = ""

  package init() {}

  package static let coding = MessageCoding<ListFunctionsResponse>(
    dispatch__events__v1__list_functions_response__init
  ) {
    $2.list(&$0.functions, &$1.n_functions, &$1.functions, "functions")
    $2.string(&$0.nextPageToken, &$1.next_page_token)
  }
}

package struct UpdateFunctionRequest: WireMessage {
  package var function = Function()
  package var updateMask: FieldMask?
  package var validateOnly = false

  package init() {}

  package static let coding = MessageCoding<UpdateFunctionRequest>(
    dispatch__events__v1__update_function_request__init
  ) {
    $2.message(&$0.function, &$1.function, "function")
    $2.message(&$0.updateMask, &$1.update_mask, "update_mask")
    $2.bool(&$0.validateOnly, &$1.validate_only)
  }
}

package struct DeleteFunctionRequest: WireMessage {
  package var functionID = ""
  package var etag = ""
  package var force = false

  package init() {}

  package static let coding = MessageCoding<DeleteFunctionRequest>(
    dispatch__events__v1__delete_function_request__init
  ) {
    $2.string(&$0.functionID, &$1.function_id)
    $2.string(&$0.etag, &$1.etag)
    $2.bool(&$0.force, &$1.force)
  }
}
