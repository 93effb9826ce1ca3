#pragma once

#include "codec/http/parser.h"
#include "codec/wsman/message.h"
#include "session/device_script.h"
#include "session/wsman_client.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace oob::test {

/// A device whose answers follow from a rule of the test's, behind a login as AMT has it.
class AnsweringDevice {
 public:
    using Answer = std::variant<codec::wsman::DeviceReply, codec::wsman::Fault>;
    using Rule = std::function<Answer(const codec::wsman::Request& request)>;

    explicit AnsweringDevice(Rule rule) : rule_(std::move(rule)) {}

    /// For a client that the device outlives.
    session::HttpClient::Options options() {
        session::HttpClient::Options out;
        out.host = "pc1:16992";
        out.user = "admin";
        out.password = Secret(std::string("P@ssw0rd!"));
        out.connect = [this]() -> net::Task<net::StreamPtr> {
            co_return std::make_unique<Stream>(*this);
        };
        return out;
    }

    /// The requests that were logged in, in order.
    std::vector<codec::wsman::Request> heard;

 private:
    class Stream final : public net::Stream {
     public:
        explicit Stream(AnsweringDevice& device) : device_(device) {}

        net::Task<std::size_t> read_some(std::span<std::byte> buffer) override {
            const View next = as_view(says_).first(std::min(says_.size(), buffer.size()));
            std::ranges::copy(next, buffer.begin());
            says_.erase(0, next.size());
            co_return next.size();
        }
        net::Task<void> write(View bytes) override {
            take(request_.feed(bytes));
            if (!request_.done()) co_return;
            says_ += device_.answer(std::exchange(request_, codec::http::RequestParser()).take());
        }
        void close() override {}

     private:
        AnsweringDevice& device_;
        codec::http::RequestParser request_;
        std::string says_;
    };

    std::string answer(const codec::http::Request& http) {
        namespace wsman = codec::wsman;
        if (!http.fields.find("Authorization")) return challenge_response;
        heard.push_back(take(wsman::decode_request(http.body)));
        const wsman::Request& request = heard.back();
        Answer answer = rule_(request);
        if (const auto* fault = std::get_if<wsman::Fault>(&answer)) {
            std::string refused =
                ok_response(wsman::encode_fault(*fault, request.message_id, heard.size()));
            return refused.replace(refused.find("200 OK"), 6, "400 Bad Request");
        }
        auto& reply = std::get<wsman::DeviceReply>(answer);
        reply.operation = request.operation;
        reply.relates_to = request.message_id;
        reply.message_number = heard.size();
        reply.action = request.action;
        reply.resource_uri = request.resource_uri;
        return ok_response(wsman::encode_reply(reply));
    }

    Rule rule_;
};

}  // namespace oob::test
