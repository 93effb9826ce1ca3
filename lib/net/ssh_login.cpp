#include "core/text.h"
#include "net/ssh_connection.h"

#include <libssh/libssh.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

namespace oob::net {

namespace {

constexpr int most_rounds = 8;     // of keyboard-interactive
constexpr int most_passwords = 3;  // as many as ssh asks for
constexpr int most_prompts = 16;

std::string key_fingerprint(ssh_session session) {
    ssh_key key = nullptr;
    if (ssh_get_server_publickey(session, &key) != SSH_OK) return "unknown";
    unsigned char* hash = nullptr;
    std::size_t size = 0;
    std::string out = "unknown";
    if (ssh_get_publickey_hash(key, SSH_PUBLICKEY_HASH_SHA256, &hash, &size) == SSH_OK) {
        char* text = ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, size);
        if (text) out = text;
        ssh_string_free_char(text);
        ssh_clean_pubkey_hash(&hash);
    }
    ssh_key_free(key);
    return out;
}

void verify_host(SshBastion::Connection& connection) {
    ssh_session session = connection.session();
    const ssh_known_hosts_e known = ssh_session_is_known_server(session);
    if (known == SSH_KNOWN_HOSTS_OK) return;
    const std::string& host = connection.place().host;
    const std::string fingerprint = key_fingerprint(session);
    if (known == SSH_KNOWN_HOSTS_CHANGED || known == SSH_KNOWN_HOSTS_OTHER)
        fail(Error(Class::connect, "connect.bastion_changed",
                   join({"the SSH key of ", host,
                         " is not the one in known_hosts: somebody may be "
                         "listening in"}),
                   join({"if its key was changed on purpose: ssh-keygen -R ", host}))
                 .with("fingerprint", fingerprint));
    if (known == SSH_KNOWN_HOSTS_ERROR)
        fail(Class::config, "config.known_hosts",
             "known_hosts cannot be read: " + connection.reason(), "mend ~/.ssh/known_hosts");
    fail(Error(Class::connect, "connect.bastion_unknown",
               join({"the SSH key of ", host, " is in no known_hosts: ", fingerprint}),
               join({"compare the key, then record it: ssh ", connection.place().text(), " true"}))
             .with("fingerprint", fingerprint));
}

}  // namespace

int ssh_answer_passphrase(const char* prompt, char* buffer, std::size_t size, int echo, int,
                          void* person) {
    const AskPerson& ask = *static_cast<const AskPerson*>(person);
    if (!ask) return -1;
    const auto answer = ask(join({prompt, ": "}), echo != 0);
    if (!answer || answer->reveal().size() >= size) return -1;
    std::memcpy(buffer, answer->reveal().data(), answer->reveal().size());
    buffer[answer->reveal().size()] = '\0';
    return 0;
}

namespace {

Task<int> by_keyboard(SshBastion::Connection& connection) {
    ssh_session session = connection.session();
    for (int round = 0; round < most_rounds; ++round) {
        const int outcome = co_await connection.finish(
            SSH_AUTH_AGAIN, [&] { return ssh_userauth_kbdint(session, nullptr, nullptr); });
        if (outcome != SSH_AUTH_INFO) co_return outcome;
        const int prompts = ssh_userauth_kbdint_getnprompts(session);
        for (int i = 0; i < prompts && i < most_prompts; ++i) {
            char echo = 0;
            const char* prompt =
                ssh_userauth_kbdint_getprompt(session, static_cast<unsigned>(i), &echo);
            const auto answer = connection.ask()(
                join({connection.place().host, ": ", prompt ? prompt : ""}), echo != 0);
            if (!answer) co_return SSH_AUTH_DENIED;
            ssh_userauth_kbdint_setanswer(session, static_cast<unsigned>(i),
                                          std::string(answer->reveal()).c_str());
        }
    }
    co_return SSH_AUTH_DENIED;
}

Task<int> by_password(SshBastion::Connection& connection) {
    int outcome = SSH_AUTH_DENIED;
    for (int i = 0; i < most_passwords && outcome == SSH_AUTH_DENIED; ++i) {
        const auto answer =
            connection.ask()(join({"Password for ", connection.place().text(), ": "}), false);
        if (!answer) co_return outcome;
        const std::string password(answer->reveal());
        outcome = co_await connection.finish(SSH_AUTH_AGAIN, [&] {
            return ssh_userauth_password(connection.session(), nullptr, password.c_str());
        });
    }
    co_return outcome;
}

}  // namespace

Task<void> ssh_login(SshBastion::Connection& connection) {
    verify_host(connection);
    ssh_session session = connection.session();
    const bool ask = static_cast<bool>(connection.ask());
    std::vector<std::string> tried;
    int outcome = co_await connection.finish(SSH_AUTH_AGAIN,
                                             [&] { return ssh_userauth_none(session, nullptr); });
    const int offered = ssh_userauth_list(session, nullptr);
    const auto open = [&](int method) {
        return outcome != SSH_AUTH_SUCCESS && outcome != SSH_AUTH_ERROR && (offered & method) != 0;
    };
    if (open(SSH_AUTH_METHOD_PUBLICKEY)) {
        tried.push_back("keys of the agent and of ~/.ssh");
        outcome = co_await connection.finish(
            SSH_AUTH_AGAIN, [&] { return ssh_userauth_publickey_auto(session, nullptr, nullptr); });
    }
    if (ask && open(SSH_AUTH_METHOD_INTERACTIVE)) {
        tried.push_back("keyboard-interactive");
        outcome = co_await by_keyboard(connection);
    }
    if (ask && open(SSH_AUTH_METHOD_PASSWORD)) {
        tried.push_back("password");
        outcome = co_await by_password(connection);
    }
    if (outcome == SSH_AUTH_SUCCESS) co_return;
    std::string list;
    for (const std::string& each : tried) list += (list.empty() ? "" : ", ") + each;
    fail(Class::auth, "auth.bastion",
         join({"the bastion ", connection.place().text(), " refused the login",
               list.empty() ? "" : " (tried: ", list, list.empty() ? "" : ")"}),
         ask ? "does 'ssh' log in there? is the key loaded into the agent (ssh-add -l)?"
             : "load a key into the agent (ssh-add), or run on a terminal to be asked");
}

}  // namespace oob::net
