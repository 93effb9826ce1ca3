#include "net/lookup.h"

#include "core/text.h"
#include "net/deadline.h"
#include "net/limits.h"

#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>

#include <boost/asio/execution_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

namespace oob::net {

namespace asio = boost::asio;

namespace {

struct Question {
    std::string name;
    Family family = Family::any;

    friend auto operator<=>(const Question&, const Question&) = default;
};

std::optional<asio::ip::address> address_of(const addrinfo& entry) {
    if (entry.ai_family == AF_INET) {
        sockaddr_in name{};
        std::memcpy(&name, entry.ai_addr, sizeof name);
        return asio::ip::address_v4(ntohl(name.sin_addr.s_addr));
    }
    if (entry.ai_family == AF_INET6) {
        sockaddr_in6 name{};
        std::memcpy(&name, entry.ai_addr, sizeof name);
        asio::ip::address_v6::bytes_type bytes;
        std::memcpy(bytes.data(), &name.sin6_addr, bytes.size());
        return asio::ip::address_v6(bytes, name.sin6_scope_id);
    }
    return std::nullopt;
}

LookupAnswer ask_system(const std::string& name, Family family) {
    addrinfo wanted{};
    wanted.ai_family = family == Family::ipv4   ? AF_INET
                       : family == Family::ipv6 ? AF_INET6
                                                : AF_UNSPEC;
    wanted.ai_socktype = SOCK_STREAM;
    wanted.ai_protocol = IPPROTO_TCP;
    addrinfo* first = nullptr;
    LookupAnswer out;
    errno = 0;
    out.status = ::getaddrinfo(name.c_str(), nullptr, &wanted, &first);
    out.error_number = out.status == 0 ? 0 : errno;
    for (const addrinfo* each = first; each != nullptr; each = each->ai_next)
        if (const auto address = address_of(*each);
            address && out.addresses.size() < most_addresses)
            out.addresses.push_back(*address);
    if (first != nullptr) ::freeaddrinfo(first);
    return out;
}

/// A thread that is stuck holds a descriptor or two, also after its device has been given up: most
/// are left to connections.
std::size_t fitting_threads(std::size_t descriptors) {
    constexpr std::size_t share = 4;
    return std::clamp<std::size_t>(descriptors / share, 1, most_lookup_threads);
}

/// Signals are for the loop's thread: none is delivered to a thread that is started meanwhile.
class SignalsBlocked {
 public:
    SignalsBlocked() {
        sigset_t all;
        sigfillset(&all);
        ::pthread_sigmask(SIG_BLOCK, &all, &before_);
    }
    ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    SignalsBlocked(const SignalsBlocked&) = delete;
    SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
    sigset_t before_{};
};

class Pool;

/// What the threads and the loop share. It outlives the loop with the last thread that is stuck in
/// a look-up.
struct Shared {
    explicit Shared(Lookup function) : lookup(std::move(function)) {}

    const Lookup lookup;
    std::mutex mutex;  // for all that follows
    std::deque<Question> questions;
    std::size_t threads = 0;
    Pool* pool = nullptr;        // null once the loop is gone
    asio::any_io_executor loop;  // empty then
};

/// One task that waits for an answer; it lives in the task's frame.
struct Waiter {
    explicit Waiter(const asio::any_io_executor& executor)
        : timer(executor, asio::steady_timer::time_point::max()) {}

    asio::steady_timer timer;  // never expires; cancelled when the answer is there
    std::optional<LookupAnswer> answer{};
};

/// The look-ups of one loop. Everything but `shared_` belongs to the loop's thread.
class Pool final : public asio::execution_context::service {
 public:
    /// By which Asio tells kinds of services apart.
    inline static asio::execution_context::id id;

    explicit Pool(asio::execution_context& context)
        : Pool(context, ask_system, fitting_threads(descriptor_limit())) {}
    Pool(asio::execution_context& context, Lookup lookup, std::size_t most_threads)
        : service(context),
          shared_(std::make_shared<Shared>(std::move(lookup))),
          most_threads_(most_threads) {
        shared_->pool = this;
    }

    /// Throws Failure: config.threads.
    void enter(const Question& question, Waiter& waiter) {
        const auto [place, is_new] = waiting_.try_emplace(question);
        if (is_new) {
            try {
                ask(question, waiter.timer.get_executor());
            } catch (...) {
                waiting_.erase(place);
                throw;
            }
        }
        place->second.push_back(&waiter);
    }

    /// A question that nobody waits for any more is taken back when no thread has it yet.
    void leave(const Question& question, Waiter& waiter) {
        const auto place = waiting_.find(question);
        if (place == waiting_.end()) return;
        place->second.remove(&waiter);
        if (!place->second.empty()) return;
        const std::lock_guard lock(shared_->mutex);
        if (std::erase(shared_->questions, question) > 0) waiting_.erase(place);
    }

    void deliver(const Question& question, const LookupAnswer& answer) {
        const auto place = waiting_.find(question);
        if (place == waiting_.end()) return;
        for (Waiter* waiter : place->second) {
            waiter->answer = answer;
            waiter->timer.cancel();
        }
        waiting_.erase(place);
    }

 private:
    /// From here on no thread touches the loop.
    void shutdown() override {
        const std::lock_guard lock(shared_->mutex);
        shared_->pool = nullptr;
        shared_->loop = {};
        shared_->questions.clear();
    }

    void ask(const Question& question, const asio::any_io_executor& executor) {
        const std::lock_guard lock(shared_->mutex);
        shared_->loop = executor;
        shared_->questions.push_back(question);
        if (shared_->threads == most_threads_) return;
        try {
            const SignalsBlocked blocked;
            // Nobody waits for a thread that may be stuck for minutes, not even the end of the
            // process.
            std::thread(serve, shared_).detach();
            ++shared_->threads;
        } catch (const std::system_error& error) {
            if (shared_->threads > 0) return;  // the others take it
            shared_->questions.pop_back();
            fail(Class::config, "config.threads",
                 join({"no thread can be started for looking names up: ", error.what()}),
                 "raise the limit of processes (ulimit -u), or lower --fanout");
        }
    }

    /// What a thread does: it answers questions until there are none.
    static void serve(std::shared_ptr<Shared> shared) {
        std::unique_lock lock(shared->mutex);
        while (!shared->questions.empty()) {
            const Question question = std::move(shared->questions.front());
            shared->questions.pop_front();
            lock.unlock();
            LookupAnswer answer = call(shared->lookup, question);
            lock.lock();
            if (Pool* const pool = shared->pool)
                asio::post(shared->loop, [pool, question, answer = std::move(answer)] {
                    pool->deliver(question, answer);
                });
        }
        --shared->threads;
    }

    static LookupAnswer call(const Lookup& lookup, const Question& question) {
        try {
            return lookup(question.name, question.family);
        } catch (const std::bad_alloc&) {
            return {.status = EAI_MEMORY};
        }
    }

    std::shared_ptr<Shared> shared_;  // with the threads
    const std::size_t most_threads_;
    std::map<Question, std::list<Waiter*>> waiting_;
};

/// A waiter that is known to the pool for as long as it lives.
class Place {
 public:
    Place(Pool& pool, Question question, Waiter& waiter)
        : pool_(pool), question_(std::move(question)), waiter_(waiter) {
        pool_.enter(question_, waiter_);
    }
    ~Place() { pool_.leave(question_, waiter_); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

 private:
    Pool& pool_;
    const Question question_;
    Waiter& waiter_;
};

/// A name that never has an address and that nobody is to be asked for (RFC 6761, section 6.4).
bool is_invalid(std::string_view name) {
    if (name.ends_with('.')) name.remove_suffix(1);
    constexpr std::string_view never = "invalid";
    const std::size_t begin = name.rfind('.') + 1;  // zero where there is no dot
    return equal_ignoring_case(name.substr(begin), never);
}

[[noreturn]] void fail_to_look_up(const std::string& name, const LookupAnswer& answer) {
    const boost::system::error_code cause(answer.error_number, boost::system::system_category());
    fail_if_short(cause);
    if (answer.status == EAI_MEMORY) fail_if_short({ENOMEM, boost::system::system_category()});
    const bool passing = answer.status == EAI_AGAIN;
    Error error(Class::resolve, "resolve.failed", "no address for " + name,
                passing ? "is the name server well? the address in the inventory needs no look-up"
                        : "check the spelling, or give the address in the inventory");
    if (answer.status == EAI_SYSTEM)
        error.message += ": " + cause.message();
    else if (answer.status != 0)
        error.message += join({": ", ::gai_strerror(answer.status)});
    error.retryable = passing;
    fail(std::move(error));
}

}  // namespace

Task<std::vector<asio::ip::address>> look_up(std::string name, Family family) {
    if (is_invalid(name)) fail_to_look_up(name, {.status = EAI_NONAME});
    const auto executor = co_await asio::this_coro::executor;
    Waiter waiter(executor);
    const Place place(asio::use_service<Pool>(executor.context()), {name, family}, waiter);
    boost::system::error_code woken;
    co_await waiter.timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    if (!waiter.answer) fail(cut_off("interrupted.lookup", name));
    if (waiter.answer->addresses.empty()) fail_to_look_up(name, *waiter.answer);
    co_return std::move(waiter.answer->addresses);
}

void replace_lookup(const asio::any_io_executor& executor, Lookup lookup,
                    std::size_t most_threads) {
    asio::make_service<Pool>(executor.context(), std::move(lookup), most_threads);
}

}  // namespace oob::net
