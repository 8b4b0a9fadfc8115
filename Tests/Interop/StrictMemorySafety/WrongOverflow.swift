//: flags -Xcc -fsanitize=undefined -Xcc -fsanitize-trap=undefined
//: traps
import Twice

print(twice(.max))
