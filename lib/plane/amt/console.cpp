#include "plane/amt/console.h"

#include "plane/amt/redirection.h"
#include "session/sol_session.h"

#include <utility>

namespace oob::plane::amt {

using net::Task;

namespace {

class SolLink final : public ConsoleLink {
 public:
    explicit SolLink(session::RedirectionSession session) : session_(std::move(session)) {}

    Task<void> start() { return session_.start(); }
    Task<std::optional<View>> read() override { return session_.read(); }
    Task<void> type(View bytes) override { return session_.type(bytes); }
    Task<void> write_loop() override { return session_.write_loop(); }
    void finish() override { session_.finish(); }
    std::optional<bool> host_on() const override { return session_.host_on(); }

 private:
    session::SolSession session_;
};

}  // namespace

Task<std::unique_ptr<ConsoleLink>> SerialConsole::open(ConsoleWish wish,
                                                       std::vector<std::string>& changed) {
    Clearing clearing{RedirectedKind::sol, wish.enable, wish.close_sessions, wish.consent_code};
    co_await clear_the_way(client_, power_, clearing, changed);
    auto link = std::make_unique<SolLink>(
        co_await open_redirection(door_, codec::redirection::Protocol::sol));
    co_await link->start();
    co_return link;
}

Task<Value> SerialConsole::status() { return redirection_status(client_, RedirectedKind::sol); }

}  // namespace oob::plane::amt
