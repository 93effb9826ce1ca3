#include "fleet/permutation.h"

#include <doctest/doctest.h>

#include <vector>

using oob::fleet::Permutation;

TEST_CASE("every number comes exactly once, whatever the size") {
    for (const std::uint64_t size : {1, 2, 3, 4, 5, 16, 17, 255, 256, 1000, 65'536, 100'003}) {
        CAPTURE(size);
        const Permutation order(size, 42);
        std::vector<bool> seen(size);
        for (std::uint64_t i = 0; i < size; ++i) {
            const std::uint64_t number = order.at(i);
            REQUIRE(number < size);
            REQUIRE(!seen[number]);
            seen[number] = true;
        }
    }
}

TEST_CASE("the order depends on the seed and on nothing else") {
    const Permutation one(1000, 1);
    const Permutation again(1000, 1);
    const Permutation two(1000, 2);
    std::size_t same = 0;
    std::size_t in_place = 0;
    for (std::uint64_t i = 0; i < 1000; ++i) {
        CHECK(one.at(i) == again.at(i));
        same += one.at(i) == two.at(i) ? 1 : 0;
        in_place += one.at(i) == i ? 1 : 0;
    }
    CHECK(same < 20);
    CHECK(in_place < 20);
}

TEST_CASE("neighbours are spread, so that no network is asked all at once") {
    const Permutation order(65'536, 7);
    std::size_t near = 0;
    for (std::uint64_t i = 1; i < 65'536; ++i)
        near += order.at(i) / 256 == order.at(i - 1) / 256 ? 1 : 0;
    CHECK(near < 1000);
}
