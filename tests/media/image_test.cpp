#include "media/file_image.h"
#include "media/overlay.h"
#include "support/run.h"

#include <stdlib.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

using namespace oob;
using media::FileImage;
using media::ImagePtr;
using media::Overlay;

namespace {

/// A file that goes with the test.
class TemporaryFile {
 public:
    explicit TemporaryFile(std::size_t bytes) {
        const int file = ::mkstemp(path_.data());
        REQUIRE(file >= 0);
        ::close(file);
        std::ofstream out(path_, std::ios::binary);
        for (std::size_t i = 0; i < bytes; ++i) out.put(at(i));
    }
    ~TemporaryFile() { std::filesystem::remove(path_); }
    static char at(std::size_t i) { return static_cast<char>(i * 7 + (i >> 8)); }
    const std::string& path() const { return path_; }

 private:
    std::string path_ = "/tmp/oob-image-XXXXXX";
};

Result<std::string> read(const ImagePtr& image, std::uint64_t offset, std::size_t size) {
    Bytes out(size);
    const auto done = test::run(image->read(offset, out));
    if (!done) return std::unexpected(done.error());
    return std::string(as_text(out));
}

Result<void> write(const ImagePtr& image, std::uint64_t offset, std::string_view text) {
    return test::run(image->write(offset, as_view(text)));
}

std::string expected(std::size_t offset, std::size_t size) {
    std::string out;
    for (std::size_t i = 0; i < size; ++i) out += TemporaryFile::at(offset + i);
    return out;
}

Error refusal(const std::string& path, bool writable = false) {
    try {
        FileImage::open(path, writable);
    } catch (const Failure& failure) {
        return failure.error();
    }
    return Error(Class::internal, "none", "it was opened");
}

}  // namespace

TEST_CASE("a file is read as it is, and not written") {
    const TemporaryFile file(5'000);
    const ImagePtr image = FileImage::open(file.path(), false);
    CHECK(image->size() == 5'000);
    CHECK(read(image, 0, 5'000) == expected(0, 5'000));
    CHECK(read(image, 4'999, 1) == expected(4'999, 1));
    CHECK(write(image, 0, "x").error().code == "media.read_only");
}

TEST_CASE("a file that becomes shorter is an error, not the end of the process") {
    const TemporaryFile file(5'000);
    const ImagePtr image = FileImage::open(file.path(), false);
    std::filesystem::resize_file(file.path(), 1'000);
    CHECK(read(image, 0, 1'000) == expected(0, 1'000));
    CHECK(read(image, 500, 1'000).error().code == "media.read");
}

TEST_CASE("what is no image says why") {
    CHECK(refusal("/nonexistent/image.iso").code == "config.image");
    CHECK(refusal("/nonexistent/image.iso").message.contains("No such file"));
    CHECK(refusal("/tmp").message.contains("neither a file nor a block device"));
    CHECK(refusal("/dev/null").code == "config.image");
    const TemporaryFile empty(0);
    CHECK(refusal(empty.path()).message.contains("empty"));
}

TEST_CASE("an overlay takes writes and leaves the image below alone") {
    constexpr std::size_t size = 3 * Overlay::piece_bytes + 1'000;
    const TemporaryFile file(size);
    const ImagePtr below = FileImage::open(file.path(), false);
    const ImagePtr above = std::make_shared<Overlay>(below);
    CHECK(above->writable());
    CHECK(above->size() == size);
    std::string model = expected(0, size);
    CHECK(read(above, 0, size) == model);
    // At both ends, across a border of pieces, and twice at the same place.
    for (const std::size_t at : {std::size_t{0}, std::size_t{Overlay::piece_bytes - 2}, size - 4,
                                 std::size_t{Overlay::piece_bytes - 1}}) {
        CHECK(write(above, at, "OOB!"));
        model.replace(at, 4, "OOB!");
        CHECK(read(above, 0, size) == model);
    }
    CHECK(read(below, 0, size) == expected(0, size));
}

TEST_CASE("an image that may be written in place keeps what was written") {
    const TemporaryFile file(2'048);
    CHECK(write(FileImage::open(file.path(), true), 100, "hello"));
    CHECK(read(FileImage::open(file.path(), false), 100, 5) == "hello");
}
