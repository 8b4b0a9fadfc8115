#if Programs
  extension Measurement {
    /// The latencies by percentile as SVG: each step to the right is a tenth of the requests of the one before.
    var chart: String {
      let latencies = tally.latencies
      // As many steps as there are requests for, so that the last has at least one.
      var decades = 1
      var rarest = 10.0
      while decades < 7, rarest * 10 <= Double(latencies.count) {
        decades += 1
        rarest *= 10
      }
      let top = max(latencies.max, 0.001)
      let step = Self.niceStep(top / 5)
      let ceiling = (top / step).rounded(.up) * step
      let (left, right, above, below) = (80.0, 750.0, 60.0, 360.0)
      func x(_ decade: Double) -> Double { left + decade / Double(decades) * (right - left) }
      func y(_ microseconds: Double) -> Double { below - microseconds / ceiling * (below - above) }

      var svg = """
        <?xml version="1.0" encoding="UTF-8"?>
        <svg xmlns="http://www.w3.org/2000/svg" width="800" height="420" viewBox="0 0 800 420" font-family="sans-serif" font-size="12">
        <rect width="800" height="420" fill="white"/>
        <text x="80" y="26" font-size="15">Latency by percentile: \(escaped("\(settings.endpoint)"))</text>
        <text x="80" y="45" fill="#555">\(settings.connections) connections, \(settings.payload) bytes, \
        \(grouped(requestsPerSecond)) requests/s\(settings.rate == nil ? "" : ", from when a request was due")</text>

        """
      var tick = 0.0
      while tick <= ceiling * 1.001 {
        let height = decimal(y(tick), 1)
        svg += """
          <line x1="80" y1="\(height)" x2="750" y2="\(height)" stroke="#ddd"/>
          <text x="72" y="\(height)" dy="4" text-anchor="end">\(decimal(tick, step < 1 ? 3 : 0))</text>

          """
        tick += step
      }
      for decade in 0...decades {
        let place = decimal(x(Double(decade)), 1)
        svg += """
          <line x1="\(place)" y1="60" x2="\(place)" y2="360" stroke="#ddd"/>
          <text x="\(place)" y="378" text-anchor="middle">\(Self.percentileName(decade))</text>

          """
      }
      // Twenty points a decade, each of which leaves out so much less than the one before: 10 to the power of -1/20.
      let ratio = 0.891_250_938_133_745_6
      var rest = 1.0
      var points: [String] = []
      for point in 0...decades * 20 {
        let latency = latencies.percentile((1 - rest) * 100)
        points.append("\(decimal(x(Double(point) / 20), 1)),\(decimal(y(latency), 1))")
        rest *= ratio
      }
      return svg + """
        <polyline points="\(points.joined(separator: " "))" fill="none" stroke="#c33" stroke-width="2"/>
        <text x="415" y="404" text-anchor="middle">Percentile</text>
        <text x="20" y="210" text-anchor="middle" transform="rotate(-90 20 210)">Latency in µs</text>
        </svg>

        """
    }

    /// The round number that is next to a number above it.
    private static func niceStep(_ least: Double) -> Double {
      var step = 0.001
      while true {
        for factor in [1.0, 2, 5] where step * factor >= least { return step * factor }
        step *= 10
      }
    }

    /// 0 %, 90 %, 99 %, 99.9 % and so on.
    private static func percentileName(_ decade: Int) -> String {
      switch decade {
      case 0: "0 %"
      case 1: "90 %"
      case 2: "99 %"
      default: "99.\(String(repeating: "9", count: decade - 2)) %"
      }
    }
  }

  /// A text as XML writes it. What XML does not allow at all is left out.
  private func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\0"..<" ", "\u{fffe}", "\u{ffff}": escaped += "?"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
#endif
