#pragma once

#include "core/secret.h"
#include "sim/fleet.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

struct ssl_st;
struct ssl_ctx_st;

namespace oob::sim::test {

inline constexpr const char* password = "P@ssw0rd!";

/// A fleet on free ports, served by a thread of its own for as long as this lives.
class Rig {
 public:
    /// 127.77.9.0/28, generation 15.0, no control socket, unless `change` says otherwise.
    explicit Rig(std::function<void(FleetOptions&)> change = {});
    ~Rig();

    const FleetPorts& ports() const { return ports_; }
    /// Runs on the fleet's loop and waits for it.
    void on_loop(std::function<void(Fleet&)> work);
    /// Lets a task run beside the fleet; it has to end before this does. On the loop only.
    void spawn(net::Task<void> task);
    void set_fault(std::string_view address, std::string_view spec);
    std::vector<JournalEntry> journal(std::string_view address);
    /// The device's last entry; waits a while for a first one.
    JournalEntry last_entry(std::string_view address);

 private:
    std::unique_ptr<Fleet> fleet_;
    FleetPorts ports_;
    boost::asio::any_io_executor executor_;
    std::atomic<bool> leaving_ =
        false;  // the loop runs until then, also when the fleet has stopped
    std::thread thread_;
};

/// A client that sees bytes: a blocking socket of the operating system, with OpenSSL above it when
/// wanted.
class RawClient {
 public:
    RawClient(std::string_view address, std::uint16_t port);
    /// Shakes hands; `ciphers` and `version` in OpenSSL's words. False when the handshake fails.
    bool secure(const char* ciphers = "ALL:@SECLEVEL=0", int version = 0);
    ~RawClient();
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;

    /// False when the peer has reset the connection.
    bool send(std::string_view bytes);
    /// What one read gives; empty at the end or after a reset, see was_reset().
    std::string read_some();
    /// Everything until the peer ends the connection.
    std::string read_to_end();
    /// One reply with a length or in chunks, as it stands on the wire.
    std::string read_reply();
    bool was_reset() const { return reset_; }
    /// PEM-free identity of the server's public key and the CN of its certificate.
    std::string server_key() const;
    std::string server_name() const;
    std::string cipher() const;

 private:
    int socket_;
    bool reset_ = false;
    std::string pending_;
    ssl_ctx_st* context_ = nullptr;
    ssl_st* ssl_ = nullptr;
};

/// The value of a header field; empty when the reply has none.
std::string field(std::string_view reply, std::string_view name);
int status(std::string_view reply);
std::string_view head(std::string_view reply);
/// Without chunk framing.
std::string body(std::string_view reply);

/// A Get of AMT_GeneralSettings.
std::string envelope();
/// A POST to /wsman; `fields` are whole header lines.
std::string post(std::string_view body, std::string_view fields = {});

/// Logs on as often as one asks, with one challenge and a count that grows.
struct Credentials {
    std::string challenge;  ///< the header's value
    std::uint32_t count = 0;
    std::string user = "admin";
    std::string secret = password;
    bool auth_int = false;

    /// The header line, CR LF included.
    std::string line(std::string_view body, std::string_view target = "/wsman",
                     std::string_view method = "POST");
};

/// Asks the device for a challenge on a connection of its own.
Credentials get_challenge(const Rig& rig, std::string_view address, bool tls = false);

}  // namespace oob::sim::test
