import CExtra

@main struct Wrong {
  static func main() {
    #if Extra
      print("with it:", extra())
    #else
      print("without it:", usual())
    #endif
  }
}
