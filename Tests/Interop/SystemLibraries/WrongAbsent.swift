//: flags -I FOLDER/Absent
//: error libabsent is missing: install it with 'apt-get install libabsent-dev'
import Absent
