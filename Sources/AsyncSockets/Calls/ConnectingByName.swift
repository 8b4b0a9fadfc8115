public import Sockets

/// Connecting to a name, which may stand for several addresses.
extension Connection {
  /// A new connection to an endpoint. A name is looked up by a thread of its own; where it stands for several addresses,
  /// they are tried as RFC 8305 (Happy Eyeballs, version 2) says: the versions of IP in turns, a quarter of a second
  /// after one another or as soon as one has failed; the first that answers wins, and the others are closed.
  ///
  /// - Parameters:
  ///   - endpoint: Whom to connect to.
  ///   - local: The address to come from; nil lets the kernel choose.
  ///   - loop: The loop that watches it from then on.
  ///   - deadline: When to give up. A look-up that has begun by then goes on behind the caller's back, for nothing.
  /// - Throws: `ConnectError` with the look-up's error, or with what became of each address.
  public static func connected(
    to endpoint: Endpoint, from local: SocketAddress? = nil, on loop: EventLoop, until deadline: Deadline = .never
  ) async throws(ConnectError) -> Connection {
    let addresses = ConnectionRace.reachable(try await endpoint.resolved(on: loop, until: deadline), from: local)
    let attempts = await withTaskGroup(of: Outcome.self) { group in
      var race = ConnectionRace(addresses)
      var failures: [(index: Int, attempt: ConnectError.Attempt)] = []
      var begun = 0
      var isPausing = false
      while true {
        switch race.step(at: .current) {
        case .begin(let address):
          // What is begun after the deadline, or a cancellation, would only hear of it.
          guard begun == 0 || !deadline.hasPassed && !Task.isCancelled else {
            race.attemptFailed(at: .current)
            continue
          }
          let index = begun
          begun += 1
          group.addTask { await attempt(index, address, endpoint.socketType, local, loop, deadline) }
          continue
        case .wait(let moment) where moment != .never && !isPausing:
          isPausing = true
          group.addTask {
            try? await loop.sleep(until: moment)
            return .paused
          }
        case .wait:
          break
        case .giveUp:
          // A pause that is not needed any more.
          group.cancelAll()
          return Result<Connection, ConnectError>.failure(
            ConnectError(endpoint: endpoint, attempts: failures.sorted { $0.index < $1.index }.map(\.attempt)))
        }
        switch await group.next() {
        case .connected(let connection):
          // The others are closed with their tasks.
          group.cancelAll()
          return .success(connection)
        case .failed(let index, let attempt):
          failures.append((index, attempt))
          race.attemptFailed(at: .current)
        case .paused, nil:
          isPausing = false
        }
      }
    }
    return try attempts.get()
  }

  /// What became of one part of it.
  private enum Outcome: Sendable {
    case connected(Connection)
    case failed(Int, ConnectError.Attempt)
    case paused
  }

  private static func attempt(
    _ index: Int, _ address: SocketAddress, _ type: SocketType, _ local: SocketAddress?, _ loop: EventLoop,
    _ deadline: Deadline
  ) async -> Outcome {
    let start = Deadline.current
    do throws(SocketError) {
      return .connected(try await connected(to: address, type, from: local, on: loop, until: deadline))
    } catch {
      let duration = Deadline.current.duration(since: start)
      return .failed(index, ConnectError.Attempt(address: address, error: error, duration: duration))
    }
  }
}

extension Endpoint {
  /// The addresses that the endpoint stands for; a name is looked up without a loop's waiting for it.
  fileprivate func resolved(
    on loop: EventLoop, until deadline: Deadline
  ) async throws(ConnectError) -> [SocketAddress] {
    let outcome: Result<[SocketAddress], ResolveError>
    switch self {
    case .tcp(.name, _), .udp(.name, _):
      let lookUp = LookUp(self, on: loop)
      do throws(SocketError) {
        outcome = try await lookUp.result(until: deadline)
      } catch {
        throw ConnectError(endpoint: self, interruption: error)
      }
    default:
      outcome = Result { () throws(ResolveError) in try resolve() }
    }
    do throws(ResolveError) {
      return try outcome.get()
    } catch {
      throw ConnectError(endpoint: self, resolveError: error)
    }
  }
}
