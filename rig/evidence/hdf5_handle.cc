#include "rig/evidence/hdf5_handle.h"

#include <cstdlib>
#include <string_view>
#include <system_error>

namespace rig {
namespace {

constexpr unsigned kDeflateLevel = 1;  // higher levels cost time and gain little on int16 noise

herr_t take_cause(unsigned depth, const H5E_error2_t* error, void* cause) {
  if (depth == 0 && error->desc != nullptr) *static_cast<std::string*>(cause) = error->desc;
  return 0;
}

// Fixed length, padded with zeros: strings of variable length live in a heap without checksum.
Hdf5Handle text_type(std::size_t length, const std::string& what) {
  Hdf5Handle type(check_hdf5(H5Tcopy(H5T_C_S1), what), H5Tclose);
  check_hdf5(H5Tset_size(type.get(), length), what);
  check_hdf5(H5Tset_strpad(type.get(), H5T_STR_NULLPAD), what);
  check_hdf5(H5Tset_cset(type.get(), H5T_CSET_UTF8), what);
  return type;
}

}  // namespace

void prepare_hdf5() {
  // A file that could not be written stays open inside the library, and version 1.10 crashes on it
  // when it cleans up at exit.
  static const herr_t once = H5dont_atexit();
  static_cast<void>(once);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

std::string hdf5_cause() {
  std::string cause = "HDF5 gives no reason";
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, take_cause, &cause);
  constexpr std::string_view kErrno = "errno = ";
  const std::size_t at = cause.find(kErrno);
  if (at == std::string::npos) return cause;
  // "file write failed: time = ..., errno = 28, ...": the system's words for it say as much.
  const int error = std::atoi(cause.c_str() + at + kErrno.size());
  return cause.substr(0, cause.find(':')) + ": " + std::generic_category().message(error);
}

Hdf5Handle chunked_properties(int rank, const hsize_t* chunk, const std::string& what) {
  Hdf5Handle properties(check_hdf5(H5Pcreate(H5P_DATASET_CREATE), what), H5Pclose);
  check_hdf5(H5Pset_chunk(properties.get(), rank, chunk), what);
  check_hdf5(H5Pset_shuffle(properties.get()), what);
  check_hdf5(H5Pset_deflate(properties.get(), kDeflateLevel), what);
  check_hdf5(H5Pset_fletcher32(properties.get()), what);
  check_hdf5(H5Pset_obj_track_times(properties.get(), false), what);
  return properties;
}

void check_storage(hid_t dataset, hsize_t rows, std::size_t row_bytes, hsize_t ratio,
                   const std::string& what) {
  const hsize_t stored = H5Dget_storage_size(dataset);
  if (rows / ratio <= stored / row_bytes) return;
  throw RigError(what + ": expected data of " + std::to_string(rows) + " rows, found " +
                 std::to_string(stored) + " bytes");
}

void write_attribute(hid_t object, const char* name, const std::string& value,
                     const std::string& what) {
  const Hdf5Handle space(check_hdf5(H5Screate(H5S_SCALAR), what), H5Sclose);
  const std::string text = value.empty() ? std::string(1, '\0') : value;  // no type has length 0
  const Hdf5Handle type = text_type(text.size(), what);
  const Hdf5Handle attribute(
      check_hdf5(H5Acreate2(object, name, type.get(), space.get(), H5P_DEFAULT, H5P_DEFAULT), what),
      H5Aclose);
  check_hdf5(H5Awrite(attribute.get(), type.get(), text.data()), what);
}

void read_attribute(hid_t object, const char* name, std::string& value, const std::string& what) {
  const std::string where = what + ": attribute " + name;
  const Hdf5Handle attribute(check_hdf5(H5Aopen(object, name, H5P_DEFAULT), where), H5Aclose);
  const Hdf5Handle stored(check_hdf5(H5Aget_type(attribute.get()), where), H5Tclose);
  if (H5Tget_class(stored.get()) != H5T_STRING || H5Tis_variable_str(stored.get()) != 0) {
    throw RigError(where + ": expected a string of fixed length");
  }
  value.assign(H5Tget_size(stored.get()), '\0');
  const Hdf5Handle type = text_type(value.size(), where);
  check_hdf5(H5Aread(attribute.get(), type.get(), value.data()), where);
  value.erase(value.find_last_not_of('\0') + 1);
}

}  // namespace rig
