#if LibBSD
  internal import CLibBSD

  /// Sets what `ps(1)` shows of this process: its name and this text. Call it from one thread, after the arguments were
  /// read: it writes over them.
  public func setProcessTitle(_ title: String) {
    initialize
    // The string has a NUL for as long as the call lasts, and the callee copies it.
    unsafe title.withCString { unsafe cs_setproctitle($0) }
  }

  /// Makes room, once.
  private let initialize: Void = {
    // What main was given, which lives as long as the process.
    unsafe cs_setproctitle_init(CommandLine.argc, CommandLine.unsafeArgv)
  }()
#else
  /// Nothing without libbsd.
  public func setProcessTitle(_ title: String) {}
#endif
