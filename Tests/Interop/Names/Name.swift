//: prints 5
import Names

let time = clock_time(seconds: 2).sum(clock_time(seconds: 3))
print(time.seconds)
