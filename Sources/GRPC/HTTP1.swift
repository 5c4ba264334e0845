import HTTP2

/// Enough of HTTP/1.x to tell it from noise.
enum HTTP1 {
  private static let methods: [StaticString] = [
    "GET ", "POST ", "PUT ", "HEAD ", "DELETE ", "OPTIONS ", "PATCH ", "CONNECT ", "TRACE ",
  ]

  static func isRequest(_ input: UnsafeRawBufferPointer) -> Bool {
    methods.contains { method in
      UnsafeRawBufferPointer(rebasing: input.prefix(method.utf8CodeUnitCount)).equals(method)
    }
  }
}
