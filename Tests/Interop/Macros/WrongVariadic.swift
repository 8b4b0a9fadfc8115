//: error 'printf' is unavailable: Variadic function is unavailable
import Glibc

printf("%d of %.2f", 7, 3.5)
