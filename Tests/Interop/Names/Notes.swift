//: flags -I FOLDER/Noted
//: with legacy.c
//: prints nobody
import Legacy

// What it returns is a constant of the library.
print(unsafe find("port").map { unsafe String(cString: $0) } ?? "nobody")
