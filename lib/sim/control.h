#pragma once

#include "core/value.h"
#include "net/task.h"
#include "sim/local_door.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace oob::sim {

class Fleet;

/// The records that answer one control request: data first, then one of type "end" with `ok` and,
/// when that is false, `error`. `request` is a line of JSON:
///
///     {"verb":"list"}                                          every device that exists
///     {"verb":"get","device":ADDRESS,"key":KEY}                its state, or one entry of it
///     {"verb":"set","device":ADDRESS,"key":KEY,"value":VALUE}  one entry of the state
///     {"verb":"fault","device":ADDRESS|"all","faults":SPEC}    without `faults`: those in force
///     {"verb":"journal","device":ADDRESS|"all","since":N,"clear":BOOL}
///     {"verb":"disk","device":ADDRESS,"do":JOB,"drive":"cd"|"floppy","bytes":N,"digest":BOOL,
///      "read_12":BOOL,"block":N,"text":TEXT,"wait_ms":N}       what the host does with a drive
///      that
///                                                              is lent to it: "probe", "read",
///                                                              "write"
///     {"verb":"stop"}                                          the fleet ends
/// The fleet outlives the task.
net::Task<std::vector<Value>> answer_control(Fleet& fleet, std::string request);

/// Answers control requests on a unix socket, NDJSON both ways, to this user and to root alone.
class ControlServer {
 public:
    static constexpr std::size_t most_line_bytes = 64 * 1024;
    static constexpr std::size_t most_connections = 32;

    /// Listens at once; `fleet` must outlive it. Throws Failure: connect.listen.
    ControlServer(boost::asio::any_io_executor executor, Fleet& fleet, const std::string& path);

    /// Accepts until close(). The conversations run in `tasks`, which outlives this.
    net::Task<void> run(net::Group* tasks) {
        return door_.run(tasks,
                         [this](net::StreamPtr stream) { return converse(std::move(stream)); });
    }
    void close() { door_.close(); }

 private:
    net::Task<void> converse(net::StreamPtr stream);
    net::Task<bool> answer(net::Stream* stream, std::string line);

    Fleet& fleet_;
    LocalDoor door_;
};

}  // namespace oob::sim
