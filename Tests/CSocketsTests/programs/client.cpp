// An echo client as a C++ programmer writes one: a socket closes itself, and what goes wrong is an exception.
// Usage: client tcp HOST PORT | client udp HOST PORT | client unix PATH
#include <csockets.h>

#include <cstdio>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace {

// No wait is longer than this.
constexpr int64_t patience_seconds = 10;

// Passes on the value of a helper, or throws what its -errno means.
template <typename Result> Result must(const char *what, Result result) {
  if (result >= 0) return result;
  const int error = static_cast<int>(-result);
  const char *name = cs_errno_name(error);
  char text[128];
  cs_errno_text(error, text, sizeof text);
  throw std::runtime_error(std::string(what) + ": " + text + " (" + (name ? name : "?") + ")");
}

class Socket {
public:
  Socket(const cs_address &peer, int type) : Socket(must("socket", cs_socket(cs_address_family(&peer), type, 0))) {
    // One constructor is through, so that the destructor runs whatever fails here.
    must("SO_RCVTIMEO", cs_set_time(fd_, SOL_SOCKET, SO_RCVTIMEO, patience_seconds * 1000000));
    must("SO_SNDTIMEO", cs_set_time(fd_, SOL_SOCKET, SO_SNDTIMEO, patience_seconds * 1000000));
    must("connect", cs_connect(fd_, peer));
  }
  Socket(Socket &&other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Socket &operator=(Socket &&) = delete;
  ~Socket() {
    if (fd_ >= 0) (void)cs_close(fd_);
  }

  // Sends all of a text, or a datagram of it.
  void send(std::string_view text) {
    while (!text.empty()) {
      auto bytes = reinterpret_cast<const uint8_t *>(text.data());
      text.remove_prefix(static_cast<size_t>(must("send", cs_send(fd_, bytes, text.size(), 0))));
    }
  }

  // Receives what there is, at most so many bytes, into the end of a text; whether there was any.
  bool receive(std::string &text, size_t count) {
    const size_t before = text.size();
    text.resize(before + count);
    auto bytes = reinterpret_cast<uint8_t *>(text.data()) + before;
    const auto received = static_cast<size_t>(must("recv", cs_recv(fd_, bytes, count, 0)));
    text.resize(before + received);
    return received > 0;
  }

private:
  explicit Socket(int fd) : fd_(fd) {}
  int fd_;
};

// Connects to the first of a host's addresses where somebody is.
Socket dial(const std::string &host, const std::string &port, int type) {
  const struct cs_lookup found = cs_lookup(host.c_str(), port.c_str(), AF_UNSPEC, type, 0, 0);
  if (found.code != 0) throw std::runtime_error(host + ": " + cs_lookup_error_text(found.code));
  const std::unique_ptr<addrinfo, decltype(&cs_lookup_free)> results(found.first, cs_lookup_free);
  for (const addrinfo *result = results.get();; result = result->ai_next) {
    try {
      return Socket(cs_lookup_address(result), type);
    } catch (const std::runtime_error &) {
      if (!result->ai_next) throw;
    }
  }
}

Socket dial(std::string_view path) {
  return Socket(cs_address_unix(reinterpret_cast<const uint8_t *>(path.data()), path.size()), SOCK_STREAM);
}

// Sends texts of several sizes, and wants each of them back.
void talk(Socket socket) {
  for (const size_t size : {1, 4096, 60000}) {
    std::string text, echo;
    for (size_t i = 0; i < size; i++)
      text += static_cast<char>('a' + i % 26);
    socket.send(text);
    while (echo.size() < size && socket.receive(echo, size - echo.size())) {
    }
    if (echo != text) throw std::runtime_error("not what was sent: " + std::to_string(echo.size()) + " bytes");
  }
}

}  // namespace

int main(int count, char **arguments) try {
  const std::string_view transport = count > 1 ? arguments[1] : "";
  if (transport == "tcp" && count == 4) {
    talk(dial(arguments[2], arguments[3], SOCK_STREAM));
  } else if (transport == "udp" && count == 4) {
    talk(dial(arguments[2], arguments[3], SOCK_DGRAM));
  } else if (transport == "unix" && count == 3) {
    talk(dial(arguments[2]));
  } else {
    throw std::invalid_argument("usage: client tcp HOST PORT | client udp HOST PORT | client unix PATH");
  }
  return 0;
} catch (const std::exception &error) {
  std::fprintf(stderr, "client: %s\n", error.what());
  return 1;
}
