#include "core/secret.h"

#include "core/value.h"

#include <doctest/doctest.h>

#include <concepts>
#include <ostream>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

using namespace oob;

namespace {

template <class T>
concept Printable = requires(std::ostream& out, const T& value) { out << value; };

// What a secret must not be able to do is decided by the compiler.
static_assert(!Printable<Secret>);
static_assert(!std::equality_comparable<Secret>);
static_assert(!std::is_convertible_v<Secret, std::string>);
static_assert(!std::is_convertible_v<Secret, std::string_view>);
static_assert(!std::is_convertible_v<Secret, Value>);
static_assert(!std::is_convertible_v<std::string, Secret>);
static_assert(!std::is_constructible_v<Secret, const std::string&>);

constexpr std::string_view long_password = "a password longer than any small-string buffer";

}  // namespace

TEST_CASE("a secret takes the text over and empties the caller's copy") {
    for (const std::string_view password : {std::string_view("short"), long_password}) {
        CAPTURE(password);
        std::string text(password);
        const Secret secret(std::move(text));
        CHECK(secret.reveal() == password);
        CHECK(text.empty());  // NOLINT(bugprone-use-after-move): emptied on purpose
    }
}

TEST_CASE("copies are independent and moves leave nothing behind") {
    for (const std::string_view password : {std::string_view("short"), long_password}) {
        CAPTURE(password);
        Secret first{std::string(password)};
        Secret copy = first;
        CHECK(copy.reveal() == password);
        CHECK(first.reveal() == password);

        const Secret moved = std::move(first);
        CHECK(moved.reveal() == password);
        CHECK(first.empty());  // NOLINT(bugprone-use-after-move): emptied on purpose

        Secret assigned{std::string("something else entirely, and longer than the first one was")};
        assigned = copy;
        CHECK(assigned.reveal() == password);
        assigned = std::move(copy);
        CHECK(assigned.reveal() == password);
        CHECK(copy.empty());  // NOLINT(bugprone-use-after-move): emptied on purpose
    }
}

TEST_CASE("assigning a secret to itself keeps it") {
    Secret secret{std::string(long_password)};
    Secret& same = secret;
    secret = same;
    CHECK(secret.reveal() == long_password);
    secret = std::move(same);
    CHECK(secret.reveal() == long_password);
}

TEST_CASE("cleansing overwrites every byte that the text had") {
    std::string text(long_password);
    const char* const memory = text.data();
    const std::size_t capacity = text.capacity();
    cleanse(text);
    CHECK(text.empty());
    REQUIRE(text.data() == memory);  // so the letters below are those that were overwritten
    REQUIRE(text.capacity() == capacity);
    CHECK(std::string_view(memory, capacity).find_first_not_of('\0') == std::string_view::npos);
}

TEST_CASE("an empty secret says so") {
    CHECK(Secret().empty());
    CHECK(Secret(std::string()).empty());
    CHECK_FALSE(Secret(std::string("x")).empty());
}
