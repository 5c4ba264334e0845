/// A value or a member's name, in the order of the text: an array is followed by its elements, an
/// object by a name and a value for each member.
@usableFromInline
struct JSONNode {
  /// Where it begins in the text; of a string, without its quotes.
  @usableFromInline var offset: UInt32
  /// In bytes; of an array or object, how many elements or members it has.
  @usableFromInline var length: UInt32
  /// How many nodes it takes with all it contains. Of a name: its hash. While an array or object is
  /// open: the node of the one around it.
  @usableFromInline var span: UInt32
  @usableFromInline var kind: JSONValue.Kind
  /// Of a number: it has neither a fraction nor an exponent.
  @usableFromInline var isIntegerLiteral = false
  @usableFromInline var isTrue = false
}
