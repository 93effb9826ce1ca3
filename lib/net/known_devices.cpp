#include "net/known_devices.h"

#include "core/file.h"
#include "core/host.h"
#include "core/target.h"
#include "core/text.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <chrono>

namespace oob::net {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::milliseconds gathering{50};

constexpr const char* code = "config.known_devices";
constexpr std::string_view first_line =
    "# Keys of managed devices, as first seen: host:port, public key, time. Written by the oob "
    "tools.\n";

std::string key_of(const Endpoint& endpoint) {
    return to_string(Endpoint{host_key(endpoint.host), endpoint.port});
}

/// Of the first word of a line, which may have been written before hosts had keys.
std::string key_of(std::string_view place) {
    const auto parsed = parse_host_and_port(place);
    if (!parsed || !parsed->port) return lower(place);
    return to_string(Endpoint{parsed->host.key, *parsed->port});
}

}  // namespace

/// A line that is to be added.
struct KnownDevices::Wish {
    std::string place;                 ///< by host and port
    std::optional<std::string> alias;  ///< likewise: where another key would contradict it
    Line line;
    Result<void> outcome;
};

/// Devices that are written together.
struct KnownDevices::Batch {
    explicit Batch(const asio::any_io_executor& executor)
        : due(executor, gathering), written(executor, asio::steady_timer::time_point::max()) {}

    std::vector<Wish> wishes;
    asio::steady_timer due;
    asio::steady_timer written;  // never expires; cancelled once there is an outcome
    bool done = false;
};

Result<void> KnownDevices::load() {
    if (!path_) return std::unexpected(path_.error());
    lines_.clear();
    notes_.clear();
    loaded_ = is_missing(*path_);
    if (loaded_) return {};
    auto text = read_file(*path_, code);
    if (!text) return std::unexpected(text.error());
    std::size_t number = 0;
    for (const auto line : split(*text, '\n')) {
        ++number;
        if (line.starts_with('#') && !first_line.starts_with(line)) notes_.emplace_back(line);
        if (trim(line).empty() || line.starts_with('#')) continue;
        const auto words = split(line, ' ');
        const auto pin = words.size() == 3 ? parse_pin(words[1]) : Result<std::string>("");
        if (words.size() != 3 || !pin)
            return std::unexpected(Error(
                Class::config, code,
                join({"line ", std::to_string(number), " of ", path_->string(), " makes no sense"}),
                "a line is: host:port sha256:HEX time; mend or remove it"));
        auto& known = lines_[key_of(words[0])];
        if (std::ranges::find(known, *pin, &Line::fingerprint) == known.end())
            known.push_back({*pin, std::string(words[2])});
    }
    loaded_ = true;
    return {};
}

Error KnownDevices::changed(std::string_view place, std::string_view known,
                            std::string_view shown) const {
    return Error(Class::tls, "tls.changed",
                 join({"the key of ", place, " has changed from ", known, " to ", shown,
                       ": somebody may be listening in"}),
                 join({"if the device was reset or replaced on purpose, remove its line from ",
                       path_ ? path_->string() : "the known-devices file",
                       ", and record the new key with --tls-tofu"}))
        .with("fingerprint", shown)
        .with("known", known);
}

bool KnownDevices::is_new(const Endpoint& endpoint) const {
    return new_.contains(key_of(endpoint));
}

/// Puts one line among the others, unless another key is there.
Result<void> KnownDevices::grant(const Wish& wish) {
    for (const std::string* place : {&wish.place, wish.alias ? &*wish.alias : nullptr}) {
        const auto known = place ? lines_.find(*place) : lines_.end();
        if (known == lines_.end()) continue;
        for (const Line& line : known->second)
            if (line.fingerprint != wish.line.fingerprint)
                return std::unexpected(changed(*place, line.fingerprint, wish.line.fingerprint));
    }
    auto& known = lines_[wish.place];
    if (known.empty()) known.push_back(wish.line);
    return {};
}

std::string KnownDevices::text() const {
    std::string out(first_line);
    for (const std::string& note : notes_) out += note + "\n";
    for (const auto& [place, known] : lines_)
        for (const Line& line : known)
            out += join({place, " ", line.fingerprint, " ", line.first_seen, "\n"});
    return out;
}

/// Another program may have written meanwhile, so the file is read again under the lock.
Result<void> KnownDevices::add(std::vector<Wish>& wishes) {
    if (!path_) return std::unexpected(path_.error());
    std::error_code failed;
    if (path_->has_parent_path()) std::filesystem::create_directories(path_->parent_path(), failed);
    const auto lock = FileLock::take(path_->string() + ".lock", code);
    if (!lock) return std::unexpected(lock.error());
    if (auto result = load(); !result) return result;
    for (Wish& wish : wishes) wish.outcome = grant(wish);
    // Where the file is a link, what it leads to is replaced, and the link stays.
    const bool link = std::filesystem::is_symlink(*path_, failed);
    const std::filesystem::path file = link ? std::filesystem::canonical(*path_, failed) : *path_;
    if (auto written = replace_file(file, text(), code); !written) {
        loaded_ = false;  // what is in memory is not on disk
        return written;
    }
    for (const Wish& wish : wishes)
        if (wish.outcome) new_.insert(wish.place);
    return {};
}

Result<std::optional<std::string>> KnownDevices::find(const Endpoint& endpoint) {
    if (!loaded_)
        if (auto result = load(); !result) return std::unexpected(result.error());
    const auto found = lines_.find(key_of(endpoint));
    if (found == lines_.end()) return std::nullopt;
    if (found->second.size() > 1)
        return std::unexpected(Error(
            Class::config, code,
            join({"two lines of ", path_->string(), " give ", found->first, " different keys"}),
            "compare them with the device and remove the wrong one"));
    return found->second.front().fingerprint;
}

Task<void> KnownDevices::record(Endpoint endpoint, std::string fingerprint,
                                std::optional<std::string> address) {
    std::shared_ptr<Batch> batch = batch_.lock();
    if (!batch) {
        batch = std::make_shared<Batch>(co_await asio::this_coro::executor);
        batch_ = batch;
        batch->due.async_wait([this, batch](const boost::system::error_code&) {
            batch_.reset();
            if (const auto written = add(batch->wishes); !written)
                for (Wish& wish : batch->wishes) wish.outcome = written;
            batch->done = true;
            batch->written.cancel();
        });
    }
    const std::size_t mine = batch->wishes.size();
    Wish wish{key_of(endpoint), std::nullopt, {}, {}};
    if (address) wish.alias = key_of(Endpoint{*std::move(address), endpoint.port});
    wish.line = {std::move(fingerprint), rfc3339(std::chrono::system_clock::now())};
    batch->wishes.push_back(std::move(wish));
    boost::system::error_code woken;
    co_await batch->written.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    if (!batch->done) throw boost::system::system_error(woken);  // cancelled while it waited
    take(batch->wishes[mine].outcome);
}

}  // namespace oob::net
