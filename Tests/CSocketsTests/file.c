// The identity of files.
#include "check.h"

#include <sys/stat.h>

#include <fcntl.h>

void test_file(void) {
  EQUAL(cs_file_at("missing").result, -ENOENT);
  EQUAL(cs_remove_file("missing"), -ENOENT);

  int fd = open("plain", O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  CHECK(fd >= 0);
  struct stat status;
  EQUAL(fstat(fd, &status), 0);
  EQUAL(cs_close(fd), 0);
  struct cs_file_identity plain = cs_file_at("plain");
  EQUAL(plain.result, 0);
  EQUAL(plain.is_socket, 0);
  EQUAL(plain.device, status.st_dev);
  EQUAL(plain.inode, status.st_ino);

  int listener = cs_socket(AF_UNIX, SOCK_STREAM, 0);
  EQUAL(cs_bind(listener, cs_address_unix((const uint8_t *)"socket", 6)), 0);
  struct cs_file_identity made = cs_file_at("socket");
  EQUAL(made.result, 0);
  EQUAL(made.is_socket, 1);
  CHECK(made.inode != plain.inode);
  EQUAL(cs_close(listener), 0);

  // A second name is the same file; a symbolic link is a file of its own.
  EQUAL(link("socket", "second"), 0);
  EQUAL(cs_file_at("second").device, made.device);
  EQUAL(cs_file_at("second").inode, made.inode);
  EQUAL(symlink("socket", "link"), 0);
  EQUAL(cs_file_at("link").is_socket, 0);
  CHECK(cs_file_at("link").inode != made.inode);

  EQUAL(cs_remove_file("plain"), 0);
  EQUAL(cs_remove_file("socket"), 0);
  EQUAL(cs_remove_file("second"), 0);
  EQUAL(cs_remove_file("link"), 0);
  EQUAL(cs_file_at("socket").result, -ENOENT);
}
