#include "sim/data/embedded.h"

#include <array>

namespace oob::embedded {

std::string_view sim_base();
std::string_view sim_7_1();
std::string_view sim_9_1();
std::string_view sim_11_8();
std::string_view sim_12_0();
std::string_view sim_15_0();
std::string_view sim_16_1();
std::string_view sim_19_0();
std::string_view sim_classes_core();
std::string_view sim_classes_hardware();
std::string_view sim_classes_network();
std::string_view sim_classes_security();
std::string_view sim_classes_rest();

}  // namespace oob::embedded

namespace oob::sim::embedded {

namespace files = oob::embedded;

std::span<const Profile> profiles() {
    static const std::array<Profile, 8> all{{{"base", files::sim_base()},
                                             {"7.1", files::sim_7_1()},
                                             {"9.1", files::sim_9_1()},
                                             {"11.8", files::sim_11_8()},
                                             {"12.0", files::sim_12_0()},
                                             {"15.0", files::sim_15_0()},
                                             {"16.1", files::sim_16_1()},
                                             {"19.0", files::sim_19_0()}}};
    return all;
}

std::span<const Profile> classes() {
    static const std::array<Profile, 5> all{{{"classes-core", files::sim_classes_core()},
                                             {"classes-hardware", files::sim_classes_hardware()},
                                             {"classes-network", files::sim_classes_network()},
                                             {"classes-security", files::sim_classes_security()},
                                             {"classes-rest", files::sim_classes_rest()}}};
    return all;
}

}  // namespace oob::sim::embedded
