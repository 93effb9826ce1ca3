#pragma once

#include "cli/options.h"
#include "media/image.h"
#include "net/dialer.h"
#include "net/trust.h"
#include "net/turns.h"

#include <optional>
#include <string>

namespace oob::ider {

/// What the command line says of images.
struct ImageWords {
    std::string image;              ///< a path, a URL, or "-" for standard input
    std::optional<std::string> as;  ///< "cd" or "floppy", when the image does not tell
    std::optional<std::string> cd;
    std::optional<std::string> floppy;
    bool writable = false;
    bool in_place = false;
    bool empty_floppy = false;
};

/// The images of a run, opened once and lent to all of its devices.
class Images {
 public:
    struct Lent {
        media::ImagePtr cd;
        media::ImagePtr floppy;
    };

    /// Local files are opened at once. Throws Failure: usage.image, config.image,
    /// config.image_size.
    Images(ImageWords words, const cli::Options& options);

    /// The images for one more device; a floppy that may be written is a copy of its own. The
    /// images outlive the task. Throws Failure as the constructor, precondition.image for an image
    /// that another device is writing, and what the way to the image throws.
    net::Task<Lent> enter();
    /// A device is done; the last one closes what goes on behind the images.
    net::Task<void> leave();

    const ImageWords& words() const { return words_; }

 private:
    net::Task<media::ImagePtr> open(std::string word);
    net::Task<void> open_all();
    void place(media::ImagePtr image, const std::string& word, bool cd);

    ImageWords words_;
    net::Dial dial_;
    net::Trust trust_;
    net::Turns opening_;
    Lent lent_;
    bool open_ = false;
    std::size_t users_ = 0;
};

}  // namespace oob::ider
