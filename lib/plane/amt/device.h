#pragma once

#include "plane/amt/alarm.h"
#include "plane/amt/boot.h"
#include "plane/amt/console.h"
#include "plane/amt/media.h"
#include "plane/amt/power.h"
#include "plane/amt/redirection.h"
#include "plane/device.h"
#include "plane/registry.h"
#include "session/wsman_client.h"

namespace oob::plane::amt {

/// A machine with Intel AMT. Connects when it is first asked something.
class Device final : public plane::Device {
 public:
    explicit Device(Access access);

    net::Task<void> identify() override;
    Power* power() override { return &power_; }
    Boot* boot() override { return &boot_; }
    Alarms* alarms() override { return &alarms_; }
    Console* console() override { return &console_; }
    Media* media() override { return &media_; }
    session::WsmanClient& wsman() { return client_; }

 private:
    /// Connects, secures when the target says so, and notes what TLS brought to light. Redirection
    /// shows the key that the management port shows, so it is known under that one.
    net::Task<session::Peer> connect(std::uint16_t port);
    net::Task<session::Peer> connect_redirection();
    session::HttpClient::Options client_options();
    void note_trust(const net::Trusted& trusted);
    /// "Intel(R) Active Management Technology 15.0.23.1706" to "15.0.23.1706".
    void note_firmware(std::string_view server);

    Access access_;
    net::Endpoint endpoint_;  // as the user named it, with the management port
    session::Door changes_;
    session::WsmanClient client_;
    PowerSwitch power_;
    BootControl boot_;
    AlarmClock alarms_;
    RedirectionDoor door_;
    SerialConsole console_;
    DiskRedirection media_;
};

}  // namespace oob::plane::amt
