#include "cli/credential.h"

#include "cli/password.h"
#include "cli/prompt.h"
#include "core/credential_reference.h"
#include "core/host.h"
#include "core/private_file.h"
#include "core/text.h"
#include "core/user_folders.h"
#include "net/command.h"
#include "net/deadline.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <vector>

namespace oob::cli {

namespace {

constexpr std::string_view command_prefix = "exec:";
constexpr std::string_view mark_of_utf8 = "\xef\xbb\xbf";
/// No password is longer; AMT itself takes 32.
constexpr std::size_t longest = 4096;
/// So long a pipe may take to tell a password.
constexpr std::chrono::seconds longest_wait{30};
/// A netrc file is not larger.
constexpr std::size_t largest_netrc = std::size_t{1024} * 1024;

std::unexpected<Error> no_password(std::string message, std::string hint) {
    return std::unexpected(
        Error(Class::config, "config.credential", std::move(message), std::move(hint)));
}

/// Reads a descriptor to its end, or until there are `most` bytes. The text never moves while it
/// grows, so no copy is left behind.
Result<std::string> read_text(int descriptor, std::string_view source, std::size_t most) {
    std::string text;
    char chunk[512];
    text.reserve(most + sizeof chunk);
    const auto end = net::Clock::now() + longest_wait;
    while (text.size() < most) {
        pollfd readable{descriptor, POLLIN, 0};
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(end - net::Clock::now());
        if (::poll(&readable, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0))) == 0)
            return no_password(join({"nothing comes out of ", source}),
                               "does anybody write to it?");
        const ssize_t count = ::read(descriptor, chunk, sizeof chunk);
        if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (count < 0)
            return no_password(join({"cannot read ", source, ": ", std::strerror(errno)}),
                               "is it open?");
        if (count == 0) break;
        text.append(chunk, static_cast<std::size_t>(count));
    }
    ::explicit_bzero(chunk, sizeof chunk);
    return text;
}

/// The password on the first line of what a descriptor gives.
Result<Secret> read_descriptor(int descriptor, std::string_view source) {
    auto text = read_text(descriptor, source, longest);
    if (!text) return std::unexpected(text.error());
    return password_in(*std::move(text), source);
}

/// A pipe that nobody writes to is empty, and does not keep us.
Result<std::string> read_secret(const std::filesystem::path& path, std::size_t most) {
    const auto file = open_to_read(path, "config.credential");
    if (!file) return std::unexpected(file.error());
    if (auto owned = require_private(file->get(), path, "config.credential"); !owned)
        return std::unexpected(owned.error());
    return read_text(file->get(), path.string(), most);
}

Result<Secret> from_file(std::string_view text_of_path) {
    const auto path = path_of(text_of_path);
    if (!path) return std::unexpected(path.error());
    auto text = read_secret(*path, longest);
    if (!text) return std::unexpected(text.error());
    return password_in(*std::move(text), path->string());
}

Result<Secret> from_descriptor(const std::string& number) {
    const auto descriptor = parse_unsigned(number);
    if (!descriptor || *descriptor > 1'000'000)
        return std::unexpected(
            Error(Class::usage, "usage.credential", "fd: wants a number", "fd:3 3< FILE"));
    return read_descriptor(static_cast<int>(*descriptor), "descriptor " + number);
}

Result<Secret> from_environment(const std::string& name) {
    char* value = std::getenv(name.c_str());
    if (!value || !*value) return no_password("the environment has no " + name, "export " + name);
    auto secret = password_in(value, "the variable " + name);
    ::explicit_bzero(value, std::strlen(value));
    ::unsetenv(name.c_str());  // children and core files need not have it
    return secret;
}

Result<Secret> from_netrc(std::string_view path, const std::string& user, const std::string& host) {
    const char* variable = std::getenv("NETRC");
    if (path.empty()) path = variable && *variable ? variable : "~/.netrc";
    const auto file = path_of(path);
    if (!file) return std::unexpected(file.error());
    auto text = read_secret(*file, largest_netrc);
    if (!text) return std::unexpected(text.error());
    auto found = password_from_netrc(*text, host, user);
    cleanse(*text);
    return found;
}

Result<Secret> from_systemd(const std::string& name) {
    const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
    if (!folder)
        return no_password("no CREDENTIALS_DIRECTORY in the environment",
                           "LoadCredential= in the unit sets it");
    if (name.find('/') != std::string::npos)
        return std::unexpected(Error(Class::usage, "usage.credential",
                                     "systemd: wants a name, not a path", "systemd:amt"));
    return from_file(std::string(folder) + "/" + name);
}

}  // namespace

Result<Secret> password_from_netrc(std::string_view text, std::string_view machine,
                                   std::string_view user) {
    if (text.starts_with(mark_of_utf8)) text.remove_prefix(mark_of_utf8.size());
    std::vector<std::string_view> words;
    for (const auto line : split(text, '\n')) {
        if (trim(line).starts_with('#')) continue;
        std::string_view rest = line;
        while (!(rest = trim(rest)).empty()) {
            const auto end = std::min(rest.find_first_of(" \t\r"), rest.size());
            words.push_back(rest.substr(0, end));
            rest = rest.substr(end);
        }
    }
    bool here = false;
    bool wrong_user = false;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string_view value = i + 1 < words.size() ? words[i + 1] : std::string_view();
        if (words[i] == "default") {
            here = true;
            wrong_user = false;
            continue;
        }
        if (words[i] == "machine") {
            here = host_key(value) == host_key(machine);
            wrong_user = false;
        } else if (words[i] == "login") {
            wrong_user = value != user;
        } else if (words[i] == "password" && here && !wrong_user) {
            return password_in(std::string(value), join({"the netrc entry for ", machine}));
        }
        ++i;
    }
    return no_password(join({"no netrc entry for ", user, " on ", machine}),
                       "machine HOST login USER password …");
}

Result<Secret> Credentials::ask(const std::string& user) {
    if (!may_ask_)
        return no_password("no password for " + user + ", and nobody to ask",
                           "give --credential, for instance file:PATH");
    auto secret = ask_on_terminal("Password for " + user + ": ", /*echo=*/false);
    if (!secret)
        return no_password("no terminal to ask on", "give --credential, for instance file:PATH");
    if (secret->reveal().empty())
        return no_password("the answer is empty", "type the password, or give --credential");
    return password_in(std::string(secret->reveal()), "the answer");
}

bool is_command(const std::string& reference) {
    return reference.starts_with(command_prefix) && reference.size() > command_prefix.size();
}

net::Task<Secret> Credentials::run(const std::string& reference, std::chrono::milliseconds limit) {
    const auto turn = co_await commands_[reference].take();
    if (const auto known = known_.find(reference); known != known_.end()) co_return known->second;
    // A vault may lock whoever asks again and again.
    if (const auto failed = failed_.find(reference); failed != failed_.end()) fail(failed->second);
    net::CommandOptions options;
    options.called = "the credential command";
    options.code = "config.credential";
    options.most_bytes = longest;
    options.may_ask = may_ask_;
    auto output = co_await net::attempt(net::within(
        limit, net::run_command(reference.substr(command_prefix.size()), std::move(options)),
        "credential"));
    auto secret =
        output ? password_in(std::string(output->reveal()), "the credential command's output")
               : std::unexpected(std::move(output).error());
    if (!secret) {
        if (secret.error().kind != Class::interrupted) failed_.emplace(reference, secret.error());
        fail(std::move(secret).error());
    }
    known_[reference] = *secret;
    co_return *std::move(secret);
}

Result<Secret> Credentials::find(const std::string& reference, const std::string& user,
                                 const std::string& host) {
    const auto colon = reference.find(':');
    const std::string kind = reference.substr(0, colon);
    const std::string rest =
        colon == std::string::npos ? std::string() : reference.substr(colon + 1);
    const std::string key = kind == "netrc" ? join({reference, "\n", host, "\n", user})
                            : kind == "ask" ? join({reference, "\n", user})
                                            : reference;
    if (const auto known = known_.find(key); known != known_.end()) return known->second;

    if (auto good = check_credential_reference(reference); !good)
        return std::unexpected(std::move(good).error());
    Result<Secret> secret = Secret();
    if (kind == "file") secret = from_file(rest);
    if (kind == "fd") secret = from_descriptor(rest);
    if (kind == "env") secret = from_environment(rest);
    if (kind == "netrc") secret = from_netrc(rest, user, host);
    if (kind == "systemd") secret = from_systemd(rest);
    if (kind == "ask") secret = ask(user);
    if (secret) known_[key] = *secret;
    return secret;
}

}  // namespace oob::cli
