import CExtra

@main struct Right {
  static func main() {
    #if Extra
      print("with it:", always_declared())
    #else
      print("without it:", usual())
    #endif
  }
}
