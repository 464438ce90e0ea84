// Where the program finds its own parts: relative to the executable, so that a checkout can move.
#pragma once

#include <string>
#include <vector>

namespace rig {

std::string executable_folder();
std::vector<std::string> image_folders();  // where firmware images built with the rig lie
// Of the checkout that the program was built from: firmware_under_test/faults, scenarios. Throw
// InputError when it is not there.
std::string faults_folder();
std::string scenarios_folder();
std::string second_heart_file();  // the plant's parameters; throws InputError likewise
std::string reports_folder();     // throws InputError when it is not there

}  // namespace rig
