# What rig/evidence is made of, and the libraries that it alone knows.
find_package(PkgConfig REQUIRED)
find_package(fmt 9 REQUIRED GLOBAL)
find_package(nlohmann_json 3.11 REQUIRED GLOBAL)
pkg_check_modules(HDF5 REQUIRED IMPORTED_TARGET GLOBAL hdf5)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET GLOBAL libsodium)
pkg_check_modules(ZIP REQUIRED IMPORTED_TARGET GLOBAL libzip)

set(EVIDENCE_SOURCES
    capture_reader.cc capture_writer.cc event_log.cc event_reader.cc export.cc export_csv.cc
    export_sr.cc export_vcd.cc files.cc hdf5_handle.cc json.cc junit.cc manifest.cc run_folder.cc
    summary.cc text.cc)
set(EVIDENCE_LIBRARIES fmt::fmt nlohmann_json::nlohmann_json PkgConfig::HDF5 PkgConfig::SODIUM
                       PkgConfig::ZIP)
