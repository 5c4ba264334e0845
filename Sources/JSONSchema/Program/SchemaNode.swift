/// The place of a subschema in `Program.nodes`.
typealias NodeIndex = Int32

extension NodeIndex {
  /// Where there is no subschema.
  static let none: NodeIndex = -1
}

/// Neighbours in one of a program's arrays.
struct Span {
  var start: Int32 = 0
  var count: Int32 = 0

  var isEmpty: Bool { count == 0 }

  var indices: Range<Int> { Int(start)..<Int(start + count) }
}

/// Kinds of values, a bit for each case of `JSONValue.Kind`.
struct TypeSet: OptionSet {
  var rawValue: UInt8

  static let null = TypeSet(rawValue: 1)
  static let boolean = TypeSet(rawValue: 2)
  static let number = TypeSet(rawValue: 4)
  static let string = TypeSet(rawValue: 8)
  static let array = TypeSet(rawValue: 16)
  static let object = TypeSet(rawValue: 32)
  /// With `number`: only those without a fraction.
  static let integersOnly = TypeSet(rawValue: 64)

  static let any: TypeSet = [.null, .boolean, .number, .string, .array, .object]
}

/// A subschema, compiled: what concerns each kind of value lies apart, so that a check looks only
/// at what matters to the value at hand.
struct SchemaNode {
  enum Form: UInt8 {
    /// `true`, `{}`, and whatever only annotates.
    case anything
    /// `false`.
    case nothing
    /// Nothing but a reference.
    case reference
    case keywords
  }

  var form: Form = .keywords
  var types: TypeSet = .any
  /// Which schema resource it belongs to; for `$dynamicRef`.
  var resource: Int32 = 0
  /// Where the check goes on when all else is satisfied: a `$ref`, or a `$dynamicRef` that leads to
  /// one place only.
  var target: NodeIndex = .none
  /// The same for other dynamic references, of `Program.dynamicReferences`; -1 for none.
  var dynamicTarget: Int32 = -1
  /// Of `Program.bounds`.
  var number = Span()
  /// Of `Program.strings`, -1 for none.
  var string: Int32 = -1
  /// Of `Program.arrays`, -1 for none.
  var array: Int32 = -1
  /// Of `Program.objects`, -1 for none.
  var object: Int32 = -1
  /// Of `Program.instructions`: what concerns values of every kind.
  var general = Span()
  var unevaluatedItems: NodeIndex = .none
  var unevaluatedProperties: NodeIndex = .none

  var hasUnevaluated: Bool { unevaluatedItems != .none || unevaluatedProperties != .none }
}

/// A keyword for values of every kind.
struct Instruction {
  enum Operation: UInt8 {
    /// `enum` and `const`; `operand` is of `Program.enumerations`.
    case enumeration, constant
    /// `$ref`, and a `$dynamicRef` that leads to one place only; `operand` is a node. Of most nodes,
    /// the first reference is their `target` instead.
    case reference
    /// `operand` is of `Program.dynamicReferences`.
    case dynamicReference
    /// `list` is of `Program.lists`, as for the next two.
    case allOf, anyOf, oneOf
    /// `operand` is a node.
    case not
    /// `list` has three nodes: if, then, else; the last two may be none.
    case condition
  }

  var operation: Operation
  var operand: Int32 = -1
  var list = Span()
}

/// A keyword for numbers.
struct Bound {
  enum Relation: UInt8 {
    case atLeast, above, atMost, below, multipleOf
  }

  var relation: Relation
  var number: ExactNumber
}

/// What a schema says of strings.
struct StringPlan {
  /// In Unicode scalars.
  var lengthMin: Int32 = 0
  var lengthMax: Int32 = .max
  /// Of `Program.patterns`, -1 for none.
  var pattern: Int32 = -1
  var format: Format?
}

/// What a schema says of arrays.
struct ArrayPlan {
  var countMin: Int32 = 0
  var countMax: Int32 = .max
  var isUnique = false
  /// `prefixItems`, or the `items` of draft 7 that is a list; of `Program.lists`.
  var prefix = Span()
  /// For the elements after them.
  var rest: NodeIndex = .none
  var contains: NodeIndex = .none
  var containsMin: Int32 = 1
  var containsMax: Int32 = .max
  /// Whether what `contains` found counts as evaluated: not in draft 7.
  var containsEvaluates = true
}

/// What a schema says of objects.
struct ObjectPlan {
  /// Of `Program.properties`, a power of two or 0: `properties` and `required` by the hash of
  /// their names, with open addressing.
  var table = Span()
  var requiredCount: Int32 = 0
  /// Of `Program.patternProperties`.
  var patterns = Span()
  var additional: NodeIndex = .none
  var names: NodeIndex = .none
  var countMin: Int32 = 0
  var countMax: Int32 = .max
  /// Of `Program.dependencies`.
  var dependencies = Span()
}

/// A place of an `ObjectPlan.table`.
struct PropertySlot {
  var hash: UInt32 = 0
  /// Of the name, in `Program.names`; its length is negative where the place is free.
  var start: Int32 = 0
  var length: Int32 = -1
  var isRequired = false
  var schema: NodeIndex = .none
}

struct PatternProperty {
  /// Of `Program.patterns`.
  var pattern: Int32
  var schema: NodeIndex
}
