#include "sim/pages.h"

#include "core/text.h"

namespace oob::sim::pages {

namespace http = codec::http;

namespace {

std::string html(std::string_view heading, std::string_view text) {
    return join(
        {"<!DOCTYPE html>\n<html lang=\"en\"><head><title>Virtual management "
         "engine</title></head><body><h1>",
         heading, "</h1><p>", text, "</p></body></html>"});
}

std::string_view reason(int status) {
    switch (status) {
        case 200:
            return "OK";
        case 303:
            return "See Other";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 500:
            return "Internal Server Error";
        case 503:
            return "Service Unavailable";
        default:
            return "Error";
    }
}

http::Response response(int status, http::Fields fields, std::string body) {
    http::Response out;
    out.status = status;
    out.reason = reason(status);
    out.fields = std::move(fields);
    out.body = std::move(body);
    return out;
}

std::string text(std::string_view view) { return std::string(view); }

}  // namespace

http::Response unauthorized(std::string_view server, const http::Challenge& challenge) {
    return response(401,
                    {{"WWW-Authenticate", http::encode_challenge(challenge)},
                     {"Content-Type", "text/html"},
                     {"Server", text(server)},
                     {"Connection", "close"}},
                    html("Log on failed.",
                         "Incorrect user name or password, or user account temporarily locked."));
}

http::Response to_logon(std::string_view server) {
    return response(
        303, {{"Location", "/logon.htm"}, {"Content-Length", "0"}, {"Server", text(server)}}, {});
}

http::Response page(std::string_view server, std::string_view heading, std::string_view sentence) {
    return response(200, {{"Content-Type", "text/html"}, {"Server", text(server)}},
                    html(heading, sentence));
}

http::Response error(std::string_view server, int status) {
    http::Fields fields{{"Content-Type", "text/html"}, {"Server", text(server)}};
    if (status == 405) fields.add("Allow", "GET, POST");
    fields.add("Connection", "close");
    return response(status, std::move(fields), html(reason(status), "The request was not served."));
}

http::Response soap(std::string_view server, int status, std::string envelope,
                    std::chrono::system_clock::time_point now) {
    http::Fields fields{{"Date", http_date(now)},
                        {"Server", text(server)},
                        {"X-Frame-Options", "DENY"},
                        {"Content-Type", "application/soap+xml; charset=UTF-8"}};
    if (status != 200) fields.add("Connection", "close");
    return response(status, std::move(fields), std::move(envelope));
}

}  // namespace oob::sim::pages
