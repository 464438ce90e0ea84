# What rig/evidence is made of, and the libraries that it alone knows.
find_package(PkgConfig REQUIRED)
find_package(fmt 9 REQUIRED GLOBAL)
find_package(nlohmann_json 3.11 REQUIRED GLOBAL)
pkg_check_modules(HDF5 REQUIRED IMPORTED_TARGET GLOBAL hdf5)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET GLOBAL libsodium)
pkg_check_modules(ZIP REQUIRED IMPORTED_TARGET GLOBAL libzip)

set(EVIDENCE_SOURCES
    byte_source.cc capture_reader.cc capture_writer.cc csv_file.cc csv_header.cc csv_lines.cc
    event_log.cc event_reader.cc export.cc export_csv.cc export_sr.cc export_vcd.cc files.cc
    hdf5_handle.cc hdf5_waveform.cc json.cc junit.cc manifest.cc own_csv_file.cc qualification.cc raw_file.cc
    run_folder.cc sr_file.cc sr_session.cc summary.cc text.cc time_steps.cc wav_file.cc
    waveform_file.cc waveform_parts.cc)
set(EVIDENCE_LIBRARIES fmt::fmt nlohmann_json::nlohmann_json PkgConfig::HDF5 PkgConfig::SODIUM
                       PkgConfig::ZIP)
