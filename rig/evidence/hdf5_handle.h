// Owners and checked calls for the HDF5 C API. For the sources of evidence/ alone.
#pragma once

#include <hdf5.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "rig/core/error.h"

namespace rig {

// Closes an HDF5 object of any kind.
class Hdf5Handle {
 public:
  using Closer = herr_t (*)(hid_t);

  Hdf5Handle() = default;
  Hdf5Handle(hid_t id, Closer closer) : id_(id), closer_(closer) {}
  Hdf5Handle(Hdf5Handle&& other) noexcept
      : id_(std::exchange(other.id_, H5I_INVALID_HID)), closer_(other.closer_) {}
  Hdf5Handle& operator=(Hdf5Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(closer_, other.closer_);
    return *this;
  }
  Hdf5Handle(const Hdf5Handle&) = delete;
  Hdf5Handle& operator=(const Hdf5Handle&) = delete;
  ~Hdf5Handle() { close(); }

  hid_t get() const { return id_; }
  herr_t close() {  // reports what the destructor would swallow
    return id_ < 0 ? 0 : closer_(std::exchange(id_, H5I_INVALID_HID));
  }

 private:
  hid_t id_ = H5I_INVALID_HID;
  Closer closer_ = nullptr;
};

// Stops the library from printing its errors, which become RigErrors here, and from crashing at
// exit after one of them. To be called before anything else of it.
void prepare_hdf5();

// What the library says about its last failure: the innermost cause.
std::string hdf5_cause();

// Throws RigError "<what>: <cause>" for a negative result.
template <typename Result>
Result check_hdf5(Result result, const std::string& what) {
  if (result < 0) throw RigError(what + ": " + hdf5_cause());
  return result;
}

// Property lists with what every dataset of a capture has: chunks, shuffle, deflate 1, fletcher32,
// no dates.
Hdf5Handle chunked_properties(int rank, const hsize_t* chunk, const std::string& what);

// Throws RigError when a dataset claims more than the file can hold: `rows` of `row_bytes` each,
// packed at most `ratio` times. Rows that were never written would be read as zeros, without end.
void check_storage(hid_t dataset, hsize_t rows, std::size_t row_bytes, hsize_t ratio,
                   const std::string& what);
inline constexpr hsize_t kDeflateRatio = 1100;  // 1032, and some for chunks that are not full

template <typename T>
hid_t memory_type();
template <>
inline hid_t memory_type<std::int16_t>() {
  return H5T_NATIVE_INT16;
}
template <>
inline hid_t memory_type<std::uint8_t>() {
  return H5T_NATIVE_UINT8;
}
template <>
inline hid_t memory_type<std::int32_t>() {
  return H5T_NATIVE_INT32;
}
template <>
inline hid_t memory_type<std::uint32_t>() {
  return H5T_NATIVE_UINT32;
}
template <>
inline hid_t memory_type<std::int64_t>() {
  return H5T_NATIVE_INT64;
}
template <>
inline hid_t memory_type<std::uint64_t>() {
  return H5T_NATIVE_UINT64;
}
template <>
inline hid_t memory_type<double>() {
  return H5T_NATIVE_DOUBLE;
}

// Scalar attributes of a file or a dataset. `what` names the file in errors.
void write_attribute(hid_t object, const char* name, const std::string& value,
                     const std::string& what);
void read_attribute(hid_t object, const char* name, std::string& value, const std::string& what);

template <typename T>
void write_attribute(hid_t object, const char* name, const T& value, const std::string& what) {
  const Hdf5Handle space(check_hdf5(H5Screate(H5S_SCALAR), what), H5Sclose);
  const hid_t type = memory_type<T>();
  const Hdf5Handle attribute(
      check_hdf5(H5Acreate2(object, name, type, space.get(), H5P_DEFAULT, H5P_DEFAULT), what),
      H5Aclose);
  check_hdf5(H5Awrite(attribute.get(), type, &value), what);
}

template <typename T>
void read_attribute(hid_t object, const char* name, T& value, const std::string& what) {
  const std::string where = what + ": attribute " + name;
  const Hdf5Handle attribute(check_hdf5(H5Aopen(object, name, H5P_DEFAULT), where), H5Aclose);
  const Hdf5Handle space(check_hdf5(H5Aget_space(attribute.get()), where), H5Sclose);
  if (H5Sget_simple_extent_npoints(space.get()) != 1) throw RigError(where + ": not one value");
  check_hdf5(H5Aread(attribute.get(), memory_type<T>(), &value), where);
}

}  // namespace rig
