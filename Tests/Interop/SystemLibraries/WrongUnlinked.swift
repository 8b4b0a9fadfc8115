//: flags -I FOLDER/Unlinked
//: error undefined reference
import Unlinked

var user: uid_t = 0
var group: gid_t = 0
print(getpeereid(0, &user, &group))
