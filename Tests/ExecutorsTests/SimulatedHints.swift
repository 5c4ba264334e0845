import EventCore

/// What is on its way to a simulated lane, which takes it all at once.
struct SimulatedHints {
  var assignments: [Assignment] = []
  var ended: [InvocationID] = []
  var priority: Int32?
  var dueTime: Timestamp?
  var isWake = false

  var isEmpty: Bool { assignments.isEmpty && ended.isEmpty && dueTime == nil && !isWake }
}
