//: prints 8000 echo 3 255
import Macros

print(PORT, NAME, BOTH, BYTE)
